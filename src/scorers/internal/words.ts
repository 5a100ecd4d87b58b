/** Words and numbers in the comments of scorers. */
import { quote } from "../../internal/values/describe.ts"

/** Such as `1 call`, `3,000 calls`. */
export const counted = (count: number, one: string, many: string = `${one}s`): string =>
  // Formatting by locale takes microseconds, and is of use from a thousand on.
  `${Math.abs(count) < 1000 ? String(count) : count.toLocaleString("en-US")} ${count === 1 ? one : many}`

/** At most four digits after the point, without zeros at the end. */
export const rounded = (value: number): string =>
  // Whole numbers, which most are, need no rounding; larger ones would lose what they have before the point.
  String(
    Number.isInteger(value)
      ? value
      : Math.abs(value) < 1e6
      ? Math.round(value * 1e4) / 1e4
      : Number(value.toFixed(4))
  )

/** The first few, and how many more there are; `none` if there are none. */
export const listOf = (items: ReadonlyArray<string>, limit = 5): string =>
  items.length === 0
    ? "none"
    : items.slice(0, limit).join(", ") + (items.length > limit ? ` and ${items.length - limit} more` : "")

/** The same of texts, in quotes and cut to what fits into a line. */
export const quoted = (texts: ReadonlyArray<string>, limit = 5): string => {
  const shown = texts.slice(0, limit).map((text) => quote(text, longest)).join(", ")
  return texts.length > limit ? `${shown} and ${texts.length - limit} more` : shown
}

const longest = 60
