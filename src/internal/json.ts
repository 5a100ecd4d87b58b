/** Any value as JSON: what JSON cannot say is written as the codecs of `Schema` write it, and nothing throws. */
import * as Encoding from "effect/encoding/Base64"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

const maxDepth = 500

/**
 * Dates become ISO texts, big integers and `NaN` texts, maps lists of entries, sets lists, bytes Base64; functions and
 * `undefined` are left out of objects and are `null` elsewhere; a value inside itself is the text `[Circular]`.
 */
export const toJson = (value: unknown): Json => convert(value, 0, undefined)

const convert = (value: unknown, depth: number, above: ReadonlyArray<object> | undefined): Json => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value
    case "number":
      return Number.isFinite(value) ? value : String(value)
    case "bigint":
      return String(value)
    case "object":
      return value === null ? null : convertObject(value, depth, above)
    default:
      return null
  }
}

const convertObject = (value: object, depth: number, above: ReadonlyArray<object> | undefined): Json => {
  if (depth > maxDepth || above?.includes(value)) return "[Circular]"
  // Looking for cycles costs; data that is nested this deep is rare, so the look-out begins here.
  const path = depth < 20 ? undefined : [...above ?? [], value]
  const inner = (member: unknown) => convert(member, depth + 1, path)
  if (Array.isArray(value)) return value.map(inner)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
  if (value instanceof Uint8Array) return Encoding.encode(value)
  if (value instanceof Map) return Array.from(value, ([key, member]) => [inner(key), inner(member)])
  if (value instanceof Set) return Array.from(value, inner)
  if ("toJSON" in value && typeof value.toJSON === "function") return inner(fromToJson(value.toJSON.bind(value)))
  if (value instanceof Error) return { name: value.name, message: value.message }
  return convertRecord(value as Record<string, unknown>, inner)
}

const fromToJson = (toJSON: () => unknown): unknown => {
  try {
    return toJSON()
  } catch {
    return "[toJSON failed]"
  }
}

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
