/** Data as JSON sees it, and how texts stand for it. */
import * as Result from "effect/Result"
import { parse } from "../JsonText.ts"
import type { Extraction } from "../JsonText.ts"

/** An object without a class: what has one is compared by its canonical text. */
export type JsonObject = { readonly [key: string]: unknown }

export const isJsonObject = (value: unknown): value is JsonObject => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** How texts are read before they are compared: as JSON, or as they are. */
export type TextReading = Extraction | "keep"

/** A text stands for the object or the list that is in it; any other text, and any other value, is itself. */
export const readJsonText = (value: unknown, reading: TextReading): unknown => {
  if (reading === "keep" || typeof value !== "string") return value
  const parsed = parse(value, { extraction: reading })
  if (Result.isFailure(parsed)) return value
  const found = parsed.success.value
  return typeof found === "object" && found !== null ? found : value
}

/** The keys of members that are there; `undefined` is not, as in JSON. */
export const presentKeys = (value: JsonObject): ReadonlyArray<string> =>
  Object.keys(value).filter((key) => value[key] !== undefined)

/** Whether a key is one of them. */
export const isPresent = (value: JsonObject, key: string): boolean =>
  value[key] !== undefined && Object.hasOwn(value, key)
