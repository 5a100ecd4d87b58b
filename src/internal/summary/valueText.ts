/** Values as the texts that stand for them where they are counted. */
import { canonicalJson } from "../values/canonicalJson.ts"
import { toJson } from "../values/json.ts"

/** A text as it is, anything else as canonical JSON: values that are the same have the same text. */
export const valueText = (value: unknown): string => {
  if (typeof value === "string") return value
  try {
    return canonicalJson(value)
  } catch {
    // Data that refers to itself, or throws when it is read, has no canonical text.
    return JSON.stringify(toJson(value))
  }
}
