/**
 * Copies of plain data, so that user code on one side of the engine cannot change what the other side sees.
 *
 * Plain objects, arrays, dates, maps, sets, bytes and instances of `Schema.Class` (whose fields are all there is to them)
 * are copied; anything else with a prototype of its own (an error, an `Option`, a client) is passed on as it is, because
 * copying it could break it.
 */
import * as Schema from "effect/Schema"

/** How deep a value may nest before cycles are looked for; data this deep is rare, and the check is not free. */
const cycleCheckDepth = 64

/** A private, mutable copy. */
export const mutableCopy = <A>(value: A): A => copyOf(value, false) as A

/**
 * A private copy that nobody can change: objects and arrays are frozen. `ifDeep` is called with a value that may refer to
 * itself, before it is copied; what it throws goes to the caller.
 */
export const snapshot = <A>(value: A, ifDeep?: (value: A) => void): A => copyOf(value, true, ifDeep) as A

/** What was copied, and its copy: a value that refers to itself becomes a copy that does. */
type Seen = Map<object, unknown>

const perhapsCyclic = new Error("the value is nested so deep that it may refer to itself")

/** Without a look-out for cycles first; whoever follows one gets deep before getting anywhere else, and starts again. */
const copyOf = <A>(value: A, freeze: boolean, ifDeep?: (value: A) => void): unknown => {
  try {
    return copy(value, freeze, 0, undefined)
  } catch (error) {
    if (error !== perhapsCyclic) throw error
    ifDeep?.(value)
    return copy(value, freeze, 0, new Map())
  }
}

const copy = (value: unknown, freeze: boolean, depth: number, seen: Seen | undefined): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (seen === undefined) {
    if (depth >= cycleCheckDepth) throw perhapsCyclic
  } else {
    const known = seen.get(value)
    if (known !== undefined) return known
  }
  if (Array.isArray(value)) return copyArray(value, freeze, depth, seen)
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    return copyRecord(value as Record<string, unknown>, prototype, freeze, depth, seen)
  }
  return isSchemaClass(value)
    ? copyRecord(value as Record<string, unknown>, prototype, freeze, depth, seen)
    : copyBuiltIn(value, prototype, freeze, depth, seen)
}

/** Errors have a message and a stack besides their fields. */
const isSchemaClass = (value: object): boolean => Schema.isSchema(value.constructor) && !(value instanceof Error)

const copyArray = (value: ReadonlyArray<unknown>, freeze: boolean, depth: number, seen: Seen | undefined) => {
  const out: Array<unknown> = new Array(value.length)
  seen?.set(value, out)
  for (let i = 0; i < value.length; i++) out[i] = copy(value[i], freeze, depth + 1, seen)
  return freeze ? Object.freeze(out) : out
}

const copyRecord = (
  value: Record<string, unknown>,
  prototype: object | null,
  freeze: boolean,
  depth: number,
  seen: Seen | undefined
) => {
  const out: Record<string, unknown> = prototype === Object.prototype ? {} : Object.create(prototype)
  seen?.set(value, out)
  // Without a list of the keys, which would be garbage the size of the copy.
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue
    const copied = copy(value[key], freeze, depth + 1, seen)
    // `JSON.parse` makes `__proto__` an own property; assigning it would change the prototype instead.
    if (key === "__proto__") {
      Object.defineProperty(out, key, { value: copied, enumerable: true, configurable: true, writable: true })
    } else out[key] = copied
  }
  return freeze ? Object.freeze(out) : out
}

const copyBuiltIn = (
  value: object,
  prototype: object,
  freeze: boolean,
  depth: number,
  seen: Seen | undefined
): unknown => {
  if (value instanceof Date && prototype === Date.prototype) return new Date(value)
  if (ArrayBuffer.isView(value)) return copyView(value)
  if (value instanceof ArrayBuffer) return value.slice()
  if (value instanceof Map && prototype === Map.prototype) {
    const out = new Map()
    seen?.set(value, out)
    for (const [k, v] of value) out.set(copy(k, freeze, depth + 1, seen), copy(v, freeze, depth + 1, seen))
    return out
  }
  if (value instanceof Set && prototype === Set.prototype) {
    const out = new Set()
    seen?.set(value, out)
    for (const v of value) out.add(copy(v, freeze, depth + 1, seen))
    return out
  }
  return value
}

/** The bytes in view only, which may be few of a large buffer, and in the same class: a `Buffer` stays one. */
const copyView = (view: ArrayBufferView): ArrayBufferView =>
  view instanceof DataView
    ? new DataView(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength))
    : Uint8Array.prototype.slice.call(view as Uint8Array)
