/** Where two texts differ, in a line. */
import { describe, quotePart, wholeEnd } from "../../internal/values/describe.ts"

/** Texts up to this length are shown whole. */
const short = 80
/** How much of longer ones is shown, and how much of that stands before the first difference. */
const shown = 48
const before = 16

/** Such as `"a" is not "b"`; of long texts, what is about the first difference. */
export const describeDifference = (actual: string, expected: string): string => {
  if (actual.length <= short && expected.length <= short) return `${describe(actual)} is not ${describe(expected)}`
  const end = Math.min(actual.length, expected.length)
  let at = 0
  while (at < end && actual.charCodeAt(at) === expected.charCodeAt(at)) at++
  const start = at <= shown - before ? 0 : wholeEnd(actual, at - before)
  return `${partFrom(actual, start)} is not ${partFrom(expected, start)}`
}

const partFrom = (text: string, start: number): string => {
  const end = start + shown
  return quotePart(text, start, end >= text.length ? text.length : wholeEnd(text, end))
}
