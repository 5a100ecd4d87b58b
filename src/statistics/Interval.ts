/**
 * Confidence intervals as results.
 *
 * @since 0.1.0
 */
import { requireLevel, requireNonNegative, requireOrdered } from "./internal/checks.ts"
import { undefinedInterval } from "./internal/undefinedInterval.ts"
import { studentTQuantile } from "./StudentT.ts"

/**
 * How sure an interval is to hold the true value.
 *
 * @category options
 * @since 0.1.0
 */
export interface LevelOptions {
  /** Between 0 and 1. Default: 0.95. */
  readonly level?: number | undefined
}

/**
 * An interval that the data determine, in the unit of the estimate.
 *
 * @category models
 * @since 0.1.0
 */
export interface DefinedInterval {
  readonly estimate: number
  readonly lower: number
  readonly upper: number
  /** How sure the interval is to hold the true value, such as 0.95. */
  readonly level: number
  readonly reason?: undefined
}

/**
 * An interval that the data do not determine, and why. There may be an estimate all the same.
 *
 * @category models
 * @since 0.1.0
 */
export interface UndefinedInterval {
  readonly estimate: number | undefined
  readonly lower: undefined
  readonly upper: undefined
  readonly level: number
  /** Why there is no interval. */
  readonly reason: string
}

/**
 * An estimate with the interval around it. Where `lower` is there, everything is; where it is not, `reason` says why.
 *
 * @category models
 * @since 0.1.0
 */
export type Interval = DefinedInterval | UndefinedInterval

/**
 * Options of `estimateInterval`.
 *
 * @category options
 * @since 0.1.0
 */
export interface EstimateIntervalOptions extends LevelOptions {
  /** Of Student's t distribution. Default: infinitely many, which is the normal distribution. */
  readonly degreesOfFreedom?: number | undefined
}

/**
 * The interval around an estimate whose standard error is known: `estimate -+ q * standardError`, where `q` is the
 * `(1 + level) / 2` quantile of the normal distribution or, given degrees of freedom, of Student's t.
 *
 * Without an estimate or a standard error (as functions return them for too few values), or with no degrees of freedom
 * left, the interval is undefined and says so.
 *
 * **Example** (Around a mean of clustered values)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const scores = [1, 1, 0, 0, 1, 1, 1, 0]
 * const texts = ["a", "a", "b", "b", "c", "c", "d", "d"]
 * const interval = Statistics.estimateInterval(
 *   Statistics.mean(scores),
 *   Statistics.clusteredStandardError(scores, texts),
 *   { degreesOfFreedom: 4 - 1 }
 * )
 * console.log(interval.lower?.toFixed(3), interval.upper?.toFixed(3)) // => -0.137 1.387
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const estimateInterval = (
  estimate: number | undefined,
  standardError: number | undefined,
  options?: EstimateIntervalOptions
): Interval => {
  const level = options?.level ?? 0.95
  const degreesOfFreedom = options?.degreesOfFreedom ?? Infinity
  requireLevel(level)
  if (estimate === undefined) return undefinedInterval(level, "there is no estimate")
  requireOrdered("estimate", [estimate])
  if (standardError === undefined) return undefinedInterval(level, "the standard error is undefined", estimate)
  requireNonNegative("standardError", standardError)
  if (!(degreesOfFreedom > 0)) return undefinedInterval(level, "no degrees of freedom are left", estimate)
  const margin = studentTQuantile((1 + level) / 2, degreesOfFreedom) * standardError
  return { estimate, lower: estimate - margin, upper: estimate + margin, level }
}
