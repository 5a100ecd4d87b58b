/**
 * The test that asks only who was better how often.
 *
 * @since 0.1.0
 */
import { twoSided } from "./internal/fairCoin.ts"
import { differencesOf, undecided } from "./internal/pairs.ts"
import type { TestResult } from "./TestResult.ts"
import type { Values } from "./Values.ts"

/**
 * The outcome of a sign test.
 *
 * @category models
 * @since 0.1.0
 */
export type SignTestResult = TestResult & {
  /** Pairs where the first value is larger. */
  readonly firstLarger: number
  readonly secondLarger: number
  readonly equal: number
}

/**
 * The exact sign test on pairs: if neither system is better, the first is ahead on half of the examples where they
 * differ. The p-value is `2 P(X <= min(w, l))` with `X` binomial, at most 1; the statistic is `firstLarger`.
 *
 * How large differences are does not matter. Equal pairs are left out; where all are equal, the p-value is 1: nothing
 * speaks for a difference. Undefined for no pairs. Source: W. J. Dixon and A. M. Mood, "The Statistical Sign Test"
 * (1946).
 *
 * **Example** (Better on seven examples, worse on one)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const test = Statistics.signTest([5, 6, 7, 5, 8, 6, 7, 4, 5], [4, 5, 5, 4, 6, 5, 6, 5, 5])
 * console.log(test.firstLarger, test.secondLarger, test.equal, test.pValue) // => 7 1 1 0.0703125
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const signTest = (first: Values, second: Values): SignTestResult => {
  let firstLarger = 0
  let secondLarger = 0
  const differences = differencesOf(first, second)
  for (const difference of differences) {
    if (difference > 0) firstLarger++
    else if (difference < 0) secondLarger++
  }
  const equal = differences.length - firstLarger - secondLarger
  return {
    ...differences.length === 0
      ? undecided("there are no pairs")
      : { statistic: firstLarger, pValue: twoSided(firstLarger, secondLarger) },
    firstLarger,
    secondLarger,
    equal
  }
}
