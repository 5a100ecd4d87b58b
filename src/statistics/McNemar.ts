/**
 * Is one system right more often than another on the same examples? Tests for answers that are right or wrong.
 *
 * @since 0.1.0
 */
import { isTrueAt, requireCount, requireSameLength } from "./internal/checks.ts"
import { atMost, twoSided } from "./internal/fairCoin.ts"
import { undecided } from "./internal/pairs.ts"
import { normalTwoSidedPValue } from "./Normal.ts"
import type { TestResult } from "./TestResult.ts"

/**
 * How often which of two systems was right on the same example.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairedCounts {
  readonly both: number
  readonly onlyFirst: number
  readonly onlySecond: number
  readonly neither: number
}

/**
 * What McNemar's tests look at: the examples that only one of two systems got right.
 *
 * @category models
 * @since 0.1.0
 */
export type DiscordantCounts = Pick<PairedCounts, "onlyFirst" | "onlySecond">

/**
 * Counts how often which of two systems was right on the same example. 1 is right, as `true` is; 0 is wrong.
 *
 * **Example** (Five questions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const counts = Statistics.pairedCounts([true, true, true, false, false], [true, false, false, true, false])
 * console.log(counts) // => { both: 1, onlyFirst: 2, onlySecond: 1, neither: 1 }
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const pairedCounts = (
  first: ArrayLike<boolean | number>,
  second: ArrayLike<boolean | number>
): PairedCounts => {
  requireSameLength("first", first, "second", second)
  const counts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
  for (let i = 0; i < first.length; i++) {
    const one = isTrueAt("first", first, i)
    const other = isTrueAt("second", second, i)
    counts[one ? other ? "both" : "onlyFirst" : other ? "onlySecond" : "neither"]++
  }
  return counts
}

const requireCounts = (counts: DiscordantCounts): void => {
  requireCount("onlyFirst", counts.onlyFirst)
  requireCount("onlySecond", counts.onlySecond)
}

/**
 * McNemar's exact test: if the systems are equally good, the examples that only one got right are tosses of a fair coin.
 * The p-value is `2 P(X <= min(b, c))` with `X` binomial of `b + c` tosses, at most 1; the statistic is `onlyFirst`.
 *
 * It never promises too much; `mcnemarMidP` promises less too little. Without such an example the p-value is 1: nothing
 * speaks for a difference. Source: Q. McNemar, "Note on the sampling error of the difference between correlated
 * proportions or percentages" (1947).
 *
 * **Example** (Ten to two)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.mcnemarExact({ onlyFirst: 10, onlySecond: 2 }).pValue?.toFixed(4)) // => 0.0386
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const mcnemarExact = (counts: DiscordantCounts): TestResult => {
  requireCounts(counts)
  return { statistic: counts.onlyFirst, pValue: twoSided(counts.onlyFirst, counts.onlySecond) }
}

/**
 * McNemar's mid-p test: the exact p-value less the probability of what was observed, and
 * `1 - P(X = b) / 2` where `b = c`. The statistic is `onlyFirst`.
 *
 * Its error rate stays close to the nominal one, where that of the exact test is far below. Without an example that only
 * one got right the p-value is 1: nothing speaks for a difference. Source: M. W. Fagerland, S. Lydersen and P. Laake,
 * "The McNemar test for binary matched-pairs data: mid-p and asymptotic are better than exact conditional" (2013).
 *
 * **Example** (Ten to two)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.mcnemarMidP({ onlyFirst: 10, onlySecond: 2 }).pValue?.toFixed(4)) // => 0.0225
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const mcnemarMidP = (counts: DiscordantCounts): TestResult => {
  requireCounts(counts)
  const { onlyFirst, onlySecond } = counts
  const fewer = Math.min(onlyFirst, onlySecond)
  const tosses = onlyFirst + onlySecond
  const smallerTail = atMost(fewer, tosses)
  return {
    statistic: onlyFirst,
    // The probability of exactly half heads is what the two tails have in common: 2 P(X <= b) - 1.
    pValue: tosses === 0 ? 1 : onlyFirst === onlySecond ? 1.5 - smallerTail : smallerTail + atMost(fewer - 1, tosses)
  }
}

/**
 * McNemar's chi-square test, with one degree of freedom: `(b - c)^2 / (b + c)`, or
 * `max(0, |b - c| - 1)^2 / (b + c)` with the continuity correction of A. L. Edwards (1948), which comes closer to the
 * exact test. Good for 25 and more examples that only one got right.
 *
 * Undefined if there is no such example. Source: Q. McNemar, "Note on the sampling error of the difference between
 * correlated proportions or percentages" (1947).
 *
 * **Example** (Ten to two)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const { statistic, pValue } = Statistics.mcnemarChiSquare({ onlyFirst: 10, onlySecond: 2 })
 * console.log(statistic?.toFixed(3), pValue?.toFixed(4)) // => 5.333 0.0209
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const mcnemarChiSquare = (
  counts: DiscordantCounts,
  options?: {
    /** Default: `false`. */
    readonly continuityCorrection?: boolean | undefined
  }
): TestResult => {
  requireCounts(counts)
  const { onlyFirst, onlySecond } = counts
  const tosses = onlyFirst + onlySecond
  if (tosses === 0) return undecided("there is no example that only one got right")
  const correction = options?.continuityCorrection === true ? 1 : 0
  const statistic = Math.max(0, Math.abs(onlyFirst - onlySecond) - correction) ** 2 / tosses
  // A chi-square variable with one degree of freedom is the square of a standard normal one.
  return { statistic, pValue: normalTwoSidedPValue(Math.sqrt(statistic)) }
}
