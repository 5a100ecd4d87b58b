/**
 * By how much one system is better than another on the same examples.
 *
 * @since 0.1.0
 */
import { clusteredStandardError } from "./ClusteredErrors.ts"
import { requireAtMost, requireCount, requireLevel } from "./internal/checks.ts"
import { groupBy } from "./internal/groups.ts"
import { differencesOf } from "./internal/pairs.ts"
import { undefinedInterval } from "./internal/undefinedInterval.ts"
import { type DefinedInterval, estimateInterval, type LevelOptions, type UndefinedInterval } from "./Interval.ts"
import { mean, standardError } from "./Moments.ts"
import { studentTTwoSidedPValue } from "./StudentT.ts"
import type { Clusters, Values } from "./Values.ts"

/**
 * Options of `pairedDifference`.
 *
 * @category options
 * @since 0.1.0
 */
export interface PairedDifferenceOptions extends LevelOptions {
  /** Names the group of each pair, where pairs are not independent of one another. */
  readonly clusters?: Clusters | undefined
  /**
   * What the statistic is compared with: Student's t with `n - 1` degrees of freedom (with clusters, one less than there
   * are clusters), or the normal distribution, which is a little too sure for few pairs. Default: `"studentT"`.
   */
  readonly distribution?: "studentT" | "normal" | undefined
}

/**
 * The difference between two systems on the same examples.
 *
 * @category models
 * @since 0.1.0
 */
export type PairedDifference =
  & {
    /** How many pairs there are. */
    readonly pairs: number
  }
  & (
    | (DefinedInterval & {
      readonly standardError: number
      /** `estimate / standardError`. */
      readonly statistic: number
      /** Two-sided. */
      readonly pValue: number
      readonly degreesOfFreedom: number
    })
    | (Omit<DefinedInterval, "reason"> & {
      readonly standardError: number
      readonly statistic: undefined
      readonly pValue: undefined
      readonly degreesOfFreedom: number
      /** Why there is no p-value. */
      readonly reason: string
    })
    | (UndefinedInterval & {
      readonly standardError: undefined
      readonly statistic: undefined
      readonly pValue: undefined
      readonly degreesOfFreedom: undefined
    })
  )

/**
 * The mean of `first - second` over pairs (two systems on the same example), in the unit of the values, with its
 * standard error, interval and two-sided p-value.
 *
 * The standard error is that of the differences, `standardError(first - second)`, which is smaller than for unpaired
 * values as far as the systems find the same examples hard. With `clusters` it is the clustered one (CR1). Source:
 * E. Miller, "Adding Error Bars to Evals" (2024), section 4.
 *
 * Fewer than two pairs, or than two clusters, have no standard error, hence no interval and no p-value. Where all
 * differences are 0, the statistic is 0 and the p-value 1: nothing speaks for a difference. Where all are the same other
 * number (or the clusters' even out), the standard error is 0 and there is no p-value; `signTest` still works there.
 *
 * **Example** (Two systems on the same ten questions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const difference = Statistics.pairedDifference(
 *   [1, 1, 0, 1, 0, 1, 1, 0, 1, 1],
 *   [1, 0, 0, 1, 0, 0, 1, 1, 0, 1]
 * )
 * console.log(difference.estimate, difference.standardError?.toFixed(3)) // => 0.2 0.200
 * console.log(difference.lower?.toFixed(3), difference.upper?.toFixed(3)) // => -0.252 0.652
 * console.log(difference.pValue?.toFixed(3)) // => 0.343
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const pairedDifference = (
  first: Values,
  second: Values,
  options?: PairedDifferenceOptions
): PairedDifference => {
  const level = options?.level ?? 0.95
  requireLevel(level)
  const differences = differencesOf(first, second)
  const pairs = differences.length
  const estimate = mean(differences)
  const clusters = options?.clusters
  const error = clusters === undefined
    ? standardError(differences)
    : clusteredStandardError(differences, clusters)
  if (estimate === undefined || error === undefined) {
    const counted = clusters === undefined ? "pairs" : "clusters"
    return {
      pairs,
      ...undefinedInterval(level, `a standard error needs at least two ${counted}`, estimate),
      standardError: undefined,
      statistic: undefined,
      pValue: undefined,
      degreesOfFreedom: undefined
    }
  }
  const independent = clusters === undefined ? pairs : groupBy(clusters).count
  const degreesOfFreedom = options?.distribution === "normal" ? Infinity : independent - 1
  const margin = estimateInterval(0, error, { level, degreesOfFreedom }).upper ?? 0
  const common = {
    pairs,
    estimate,
    lower: estimate - margin,
    upper: estimate + margin,
    level,
    standardError: error,
    degreesOfFreedom
  }
  if (error === 0 && estimate !== 0) {
    const reason = "the differences do not vary, so there is nothing to compare their mean with"
    return { ...common, statistic: undefined, pValue: undefined, reason }
  }
  const statistic = error === 0 ? 0 : estimate / error
  return { ...common, statistic, pValue: studentTTwoSidedPValue(statistic, degreesOfFreedom) }
}

/**
 * The standard error of the mean of `first - second` over pairs, in the unit of the values: that of the differences,
 * which equals `sqrt(SE1^2 + SE2^2 - 2 SE1 SE2 r)` with the correlation `r`. `undefined` for fewer than two pairs.
 * Source: E. Miller, "Adding Error Bars to Evals" (2024), section 4.
 *
 * **Example** (Six questions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const first = [0.71, 0.62, 0.55, 0.9, 0.43, 0.8]
 * const second = [0.65, 0.6, 0.58, 0.7, 0.4, 0.75]
 * console.log(Statistics.pairedStandardError(first, second)?.toFixed(4)) // => 0.0317
 * console.log(Statistics.unpairedStandardError(first, second)?.toFixed(4)) // => 0.0857
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const pairedStandardError = (first: Values, second: Values): number | undefined =>
  standardError(differencesOf(first, second))

/**
 * The standard error of the difference of the means of two independent samples, in the unit of the values:
 * `sqrt(SE1^2 + SE2^2)`. For two systems on the same examples it is too large; take `pairedStandardError`. `undefined`
 * if either has fewer than two values.
 *
 * **Example** (Two groups of users)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.unpairedStandardError([1, 0, 1, 1], [0, 0, 1])?.toFixed(3)) // => 0.417
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const unpairedStandardError = (first: Values, second: Values): number | undefined => {
  const firstError = standardError(first)
  const secondError = standardError(second)
  return firstError === undefined || secondError === undefined ? undefined : Math.hypot(firstError, secondError)
}

/**
 * The standard error of the difference of two success rates on the same examples, as a share, from how many of the
 * `pairs` only one of the two got right: `sqrt((b + c - (b - c)^2 / n) / (n - 1) / n)`. It is `pairedStandardError` of
 * the zeros and ones. `undefined` for fewer than two pairs.
 *
 * **Example** (209 questions only one system got right, 152 only the other, of 1,319)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const error = Statistics.pairedStandardErrorFromCounts({ onlyFirst: 209, onlySecond: 152, pairs: 1319 })
 * console.log(error?.toFixed(4)) // => 0.0144
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const pairedStandardErrorFromCounts = (counts: {
  readonly onlyFirst: number
  readonly onlySecond: number
  readonly pairs: number
}): number | undefined => {
  const { onlyFirst, onlySecond, pairs } = counts
  requireCount("onlyFirst", onlyFirst)
  requireCount("onlySecond", onlySecond)
  requireCount("pairs", pairs)
  requireAtMost("onlyFirst + onlySecond", onlyFirst + onlySecond, "pairs", pairs)
  if (pairs < 2) return undefined
  const squares = onlyFirst + onlySecond - (onlyFirst - onlySecond) ** 2 / pairs
  return Math.sqrt(Math.max(0, squares) / (pairs - 1) / pairs)
}
