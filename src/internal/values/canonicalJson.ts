/**
 * One text for equal data: object keys are sorted, and what JSON cannot say (dates, big integers, bytes, maps, sets,
 * regular expressions, `NaN`) is written with a tag. The tag has no quotes, so no JSON can look like it.
 */
import * as Encoding from "effect/encoding/Base64"

const maxDepth = 1000

/** Thrown for data that refers to itself; the caller says where it came from. */
export class CyclicValue extends Error {
  constructor() {
    super(`the value refers to itself, or is nested more than ${maxDepth} levels deep, so it cannot be compared`)
    this.name = "CyclicValue"
  }
}

/** The canonical text of a value. Properties that are `undefined` or functions are left out, as JSON does. */
export const canonicalJson = (value: unknown): string => write(value, 0)

const write = (value: unknown, depth: number): string => {
  if (depth > maxDepth) throw new CyclicValue()
  switch (typeof value) {
    case "string":
      return JSON.stringify(value)
    case "number":
      return Number.isFinite(value) ? String(value) : tagged("number", String(value))
    case "boolean":
      return value ? "true" : "false"
    case "bigint":
      return tagged("bigint", String(value))
    case "object":
      return value === null ? "null" : writeObject(value, depth)
    default:
      return "null"
  }
}

const tagged = (tag: string, text: string): string => `{$${tag}:${JSON.stringify(text)}}`

const list = (values: Iterable<unknown>, depth: number): string => {
  let out = "["
  let separator = ""
  for (const value of values) {
    out += separator + write(value, depth + 1)
    separator = ","
  }
  return out + "]"
}

const writeObject = (value: object, depth: number): string => {
  if (Array.isArray(value)) return list(value, depth)
  const plain = Object.getPrototypeOf(value) === Object.prototype && !("toJSON" in value)
  // Nearly everything is, and need not be asked what else it could be.
  if (plain) return writeRecord(value as Record<string, unknown>, depth)
  if (value instanceof Date) return tagged("date", Number.isNaN(value.getTime()) ? "invalid" : value.toISOString())
  if (value instanceof Uint8Array) return tagged("bytes", Encoding.encode(value))
  if (ArrayBuffer.isView(value)) return tagged(value.constructor.name, Encoding.encode(bytesIn(value)))
  if (value instanceof ArrayBuffer) return tagged("buffer", Encoding.encode(new Uint8Array(value)))
  if (value instanceof Map) return `{$map:${sorted(Array.from(value, (entry) => list(entry, depth)))}}`
  if (value instanceof Set) return `{$set:${sorted(Array.from(value, (member) => write(member, depth + 1)))}}`
  if (value instanceof RegExp) return tagged("regexp", String(value))
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), depth + 1)
  return writeRecord(value as Record<string, unknown>, depth)
}

const bytesIn = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

const sorted = (texts: Array<string>): string => `[${texts.sort().join(",")}]`

const writeRecord = (record: Record<string, unknown>, depth: number): string => {
  let out = "{"
  let separator = ""
  for (const key of sortedKeys(record)) {
    const value = record[key]
    if (value === undefined || typeof value === "function" || typeof value === "symbol") continue
    out += separator + JSON.stringify(key) + ":" + write(value, depth + 1)
    separator = ","
  }
  return out + "}"
}

const sortedKeys = (record: object): ReadonlyArray<string> => {
  const keys = Object.keys(record)
  let last = ""
  for (const key of keys) {
    if (key < last) return keys.sort()
    last = key
  }
  return keys
}
