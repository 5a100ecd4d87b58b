import type { UndefinedTestResult } from "../TestResult.ts"
import type { Values } from "../Values.ts"
import { requireFinite, requireSameLength } from "./checks.ts"

/** `first - second`, pair by pair. */
export const differencesOf = (first: Values, second: Values): Float64Array<ArrayBuffer> => {
  requireSameLength("first", first, "second", second)
  requireFinite("first", first)
  requireFinite("second", second)
  return Float64Array.from(first, (x, i) => x - second[i]!)
}

/** What takes the place of a test that the data do not decide. */
export const undecided = (reason: string): UndefinedTestResult => ({ statistic: undefined, pValue: undefined, reason })
