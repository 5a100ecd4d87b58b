/**
 * Confidence intervals of means.
 *
 * @since 0.1.0
 */
import { requireLevel } from "./internal/checks.ts"
import { undefinedInterval } from "./internal/undefinedInterval.ts"
import { estimateInterval, type Interval, type LevelOptions } from "./Interval.ts"
import { mean, standardError } from "./Moments.ts"
import type { Values } from "./Values.ts"

const defaultLevel = 0.95

/** Why the values give no interval, if they do not. */
const tooFew = (count: number): string | undefined =>
  count === 0 ? "there are no values" : count === 1 ? "one value has no standard error" : undefined

/**
 * Student's t interval of the mean of independent values, in their unit: `mean -+ t * standardError`, with `n - 1`
 * degrees of freedom. Source: Student, "The Probable Error of a Mean" (1908).
 *
 * Undefined for fewer than two values. For equal values both ends are that value. For shares of
 * successes take `wilson`, for values in groups `estimateInterval` with `clusteredStandardError`.
 *
 * **Example** (Eight scores)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.studentTInterval([2, 4, 4, 4, 5, 5, 7, 9])
 * console.log(interval.lower?.toFixed(3), interval.estimate, interval.upper?.toFixed(3)) // => 3.213 5 6.787
 * console.log(Statistics.studentTInterval([2]).reason) // => one value has no standard error
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const studentTInterval = (values: Values, options?: LevelOptions): Interval =>
  interval(values, options?.level ?? defaultLevel, values.length - 1)

/**
 * The normal interval of the mean of independent values, in their unit: `mean -+ z * standardError`. Too narrow for
 * fewer than some 30 values; take `studentTInterval` there. Source: E. Miller, "Adding Error Bars to Evals" (2024).
 *
 * Undefined for fewer than two values.
 *
 * **Example** (Eight scores)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.normalInterval([2, 4, 4, 4, 5, 5, 7, 9])
 * console.log(interval.lower?.toFixed(3), interval.upper?.toFixed(3)) // => 3.518 6.482
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const normalInterval = (values: Values, options?: LevelOptions): Interval =>
  interval(values, options?.level ?? defaultLevel, Infinity)

const interval = (values: Values, level: number, degreesOfFreedom: number): Interval => {
  requireLevel(level)
  const estimate = mean(values)
  const reason = tooFew(values.length)
  return reason === undefined
    ? estimateInterval(estimate, standardError(values), { level, degreesOfFreedom })
    : undefinedInterval(level, reason, estimate)
}
