/** Any value as JSON: what JSON cannot say is written as the codecs of `Schema` write it, and nothing throws. */
import * as Encoding from "effect/encoding/Base64"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

const maxDepth = 500

/** How deep a value may nest before cycles are looked for; data this deep is rare, and the check is not free. */
const cycleCheckDepth = 20

/**
 * Dates become ISO texts, big integers and `NaN` texts, maps lists of entries, sets and typed arrays lists, bytes Base64;
 * functions and `undefined` are left out of objects and are `null` elsewhere. In data that refers to itself, an object
 * that comes again is the text `[Circular]`. What cannot be read, because a getter throws, is the text `[Unreadable]`.
 */
export const toJson = (value: unknown): Json => {
  try {
    return convert(value, 0, { above: [] })
  } catch {
    // Nothing but a cycle is thrown. Each object is written once, or densely linked data would never end.
    return convert(value, 0, { seen: new Set() })
  }
}

/**
 * The text of `toJson(value)`. What JSON says as it is, which is nearly everything, is written without a copy of it being
 * made first.
 */
export const jsonText = (value: unknown): string => JSON.stringify(isPlain(value) ? value : toJson(value))

/** Whether `JSON.stringify` writes a value as `toJson` has it. */
const isPlain = (value: unknown): boolean => {
  try {
    return isPlainMember(value, 0)
  } catch {
    return false
  }
}

const isPlainMember = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true
    case "number":
      return Number.isFinite(value)
    case "object":
      return value === null || (depth < cycleCheckDepth && isPlainObject(value, depth + 1))
    default:
      return false
  }
}

const isPlainObject = (value: object, depth: number): boolean => {
  if ("toJSON" in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false
    for (let i = 0; i < value.length; i++) if (!isPlainMember(value[i], depth)) return false
    return true
  }
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined && !isPlainMember(member, depth)) return false
  }
  return true
}

/** What is known on the way: the objects above, from some depth on, or all objects so far. */
type Trail =
  | { readonly above: Array<object>; readonly seen?: undefined }
  | { readonly above?: undefined; readonly seen: Set<object> }

const cycle = new Error("the value refers to itself")

const convert = (value: unknown, depth: number, trail: Trail): Json => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value
    case "number":
      return Number.isFinite(value) ? value : String(value)
    case "bigint":
      return String(value)
    case "object":
      return value === null ? null : convertObject(value, depth, trail)
    default:
      return null
  }
}

const convertObject = (value: object, depth: number, trail: Trail): Json => {
  if (depth > maxDepth) return "[Nested too deep]"
  if (trail.seen !== undefined) {
    if (trail.seen.has(value)) return "[Circular]"
    trail.seen.add(value)
  } else if (depth >= cycleCheckDepth) {
    if (trail.above.includes(value)) throw cycle
    trail.above.push(value)
  }
  const json = convertMembers(value, (member) => convert(member, depth + 1, trail))
  if (depth >= cycleCheckDepth) trail.above?.pop()
  return json
}

const convertMembers = (value: object, inner: (member: unknown) => Json): Json => {
  try {
    if (Array.isArray(value)) return convertArray(value, inner)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
    if (value instanceof Uint8Array) return Encoding.encode(value)
    if (value instanceof Map) return Array.from(value, ([key, member]) => [inner(key), inner(member)])
    if (value instanceof Set || isNumbers(value)) return Array.from<unknown, Json>(value, inner)
    if ("toJSON" in value && typeof value.toJSON === "function") return inner(value.toJSON())
    if (value instanceof Error) return { name: String(value.name), message: String(value.message) }
    return convertRecord(value as Record<string, unknown>, inner)
  } catch (error) {
    if (error === cycle) throw error
    return "[Unreadable]"
  }
}

/** In a loop: `map` would make another array of the same class, and leave the holes of a sparse one. */
const convertArray = (value: ReadonlyArray<unknown>, inner: (member: unknown) => Json): Array<Json> => {
  const out: Array<Json> = []
  for (let i = 0; i < value.length; i++) out.push(inner(value[i]))
  return out
}

const isNumbers = (value: object): value is Iterable<number | bigint> & object =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

const convertRecord = (value: Record<string, unknown>, inner: (member: unknown) => Json): Json => {
  const out: Record<string, Json> = {}
  for (const key of Object.keys(value)) {
    const member = value[key]
    if (member === undefined || typeof member === "function" || typeof member === "symbol") continue
    const json = inner(member)
    if (key === "__proto__") {
      Object.defineProperty(out, key, { value: json, enumerable: true, configurable: true, writable: true })
    } else out[key] = json
  }
  return out
}
