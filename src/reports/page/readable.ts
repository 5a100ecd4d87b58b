/** Data as people read it. */

/** Texts as they are, objects as indented lines; not JSON, in which long texts cannot be read. */
export const readable = (value: unknown): string => {
  if (typeof value === "string") return value
  if (typeof value !== "object" || value === null) return String(value)
  if (Array.isArray(value)) {
    return value.length === 0
      ? "[]"
      : value.map((member) => `- ${indented(readable(member))}`).join("\n")
  }
  const entries = Object.entries(value)
  if (entries.length === 0) return "{}"
  return entries.map(([key, member]) => {
    const text = readable(member)
    const isBlock = text.includes("\n") ||
      (typeof member === "object" && member !== null && text !== "[]" && text !== "{}")
    return isBlock ? `${key}:\n  ${indented(text)}` : `${key}: ${text}`
  }).join("\n")
}

/** An object with one field reads as that field. */
export const unwrapped = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value
  const values: ReadonlyArray<unknown> = Object.values(value)
  return values.length === 1 && typeof values[0] === "string" ? values[0] : value
}

const indented = (text: string): string => text.replace(/\n/g, "\n  ")
