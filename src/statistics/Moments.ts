/**
 * Means, variances and standard errors of values that are independent of one another.
 *
 * @since 0.1.0
 */
import { requireCount, requireProbability } from "./internal/checks.ts"
import { spread } from "./internal/spread.ts"
import type { Values } from "./Values.ts"

/**
 * The arithmetic mean, in the unit of the values: `sum / n`, the sum compensated (see `CompensatedSum`).
 *
 * `undefined` for no values.
 *
 * **Example** (A pass rate)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.mean([1, 0, 1, 1])) // => 0.75
 * console.log(Statistics.mean([])) // => undefined
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const mean = (values: Values): number | undefined => {
  const { count, largest, mean, scale, smallest } = spread("values", values)
  // A mean lies among the values, which the rounding of a sum and a quotient need not respect.
  return count === 0 ? undefined : Math.min(largest, Math.max(smallest, mean / scale))
}

/**
 * The sample variance, in the squared unit of the values: `sum((x - mean)^2) / (n - 1)`.
 *
 * `undefined` for fewer than two values. Exactly 0 for equal values. Infinite beyond 1.8e308. Source: Chan, Golub and LeVeque, "Algorithms for
 * computing the sample variance" (1983), the corrected two-pass algorithm, which keeps its digits where values are large
 * and differ little.
 *
 * **Example** (Large values that differ little)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])) // => 30
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const variance = (values: Values): number | undefined => {
  const { count, scale, squares } = spread("values", values)
  return count < 2 ? undefined : squares / (count - 1) / scale / scale
}

/**
 * The sample standard deviation, in the unit of the values: the square root of `variance`, divisor `n - 1`.
 *
 * `undefined` for fewer than two values. Exactly 0 for equal values.
 *
 * **Example** (Five scores)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.standardDeviation([0.1, 0.2, 0.3, 0.4, 0.5])?.toFixed(4)) // => 0.1581
 * console.log(Statistics.standardDeviation([0.7])) // => undefined
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const standardDeviation = (values: Values): number | undefined => {
  const { count, scale, squares } = spread("values", values)
  return count < 2 ? undefined : Math.sqrt(squares / (count - 1)) / scale
}

/**
 * The standard deviation of values that are the whole population, in their unit:
 * `sqrt(sum((x - mean)^2) / n)`.
 *
 * `undefined` for no values. For a sample it is too small; take `standardDeviation`.
 *
 * **Example** (A whole population)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.populationStandardDeviation([2, 4, 4, 4, 5, 5, 7, 9])) // => 2
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const populationStandardDeviation = (values: Values): number | undefined => {
  const { count, scale, squares } = spread("values", values)
  return count === 0 ? undefined : Math.sqrt(squares / count) / scale
}

/**
 * The standard error of the mean of independent values, in their unit: `standardDeviation / sqrt(n)`.
 *
 * `undefined` for fewer than two values, 0 for equal values. Where values come in groups (several questions about one
 * text, several samples of one question), it is too small; take `clusteredStandardError`.
 *
 * **Example** (Ten answers, right or wrong)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.standardError([1, 0, 1, 1, 0, 1, 0, 1, 1, 1])?.toFixed(4)) // => 0.1528
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const standardError = (values: Values): number | undefined => {
  const { count, scale, squares } = spread("values", values)
  return count < 2 ? undefined : Math.sqrt(squares / (count - 1) / count) / scale
}

/**
 * The standard error of a share of successes, as a share: `sqrt(p (1 - p) / n)`.
 *
 * It is 0 for a share of 0 or 1, which says nothing about how sure one can be; take an interval such as `wilson` there.
 * `undefined` for no trials. Source: E. Miller, "Adding Error Bars to Evals" (2024), section 2.
 *
 * **Example** (56 % of 1,319 answers)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.bernoulliStandardError(742 / 1319, 1319)?.toFixed(4)) // => 0.0137
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const bernoulliStandardError = (share: number, trials: number): number | undefined => {
  requireProbability("share", share)
  requireCount("trials", trials)
  return trials === 0 ? undefined : Math.sqrt(share * (1 - share) / trials)
}
