/**
 * Student's t distribution, from `@stdlib`.
 *
 * @since 0.1.0
 */
import cumulative from "@stdlib/stats-base-dists-t-cdf"
import quantile from "@stdlib/stats-base-dists-t-quantile"
import { requireOrdered, requireProbability } from "./internal/checks.ts"
import { normalQuantile, normalTwoSidedPValue } from "./Normal.ts"

const requireDegrees = (degreesOfFreedom: number): void => {
  if (!(degreesOfFreedom > 0)) {
    throw new RangeError(`degreesOfFreedom is ${degreesOfFreedom}: it has to be above 0`)
  }
}

/**
 * The number that a variable with Student's t distribution stays below with this probability. The degrees of freedom
 * need not be whole; with infinitely many it is the normal distribution.
 *
 * `-Infinity` for 0 and `Infinity` for 1.
 *
 * **Example** (Eight values, so seven degrees of freedom)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.studentTQuantile(0.975, 7).toFixed(6)) // => 2.364624
 * ```
 *
 * @category distributions
 * @since 0.1.0
 */
export const studentTQuantile = (probability: number, degreesOfFreedom: number): number => {
  requireProbability("probability", probability)
  requireDegrees(degreesOfFreedom)
  // Adding 0 makes the median 0 and not -0.
  return degreesOfFreedom === Infinity ? normalQuantile(probability) : quantile(probability, degreesOfFreedom) + 0
}

/**
 * The two-sided p-value of a statistic with Student's t distribution: the probability of one at least as far from 0.
 *
 * **Example** (t = 2 with ten degrees of freedom)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.studentTTwoSidedPValue(2, 10).toFixed(4)) // => 0.0734
 * ```
 *
 * @category distributions
 * @since 0.1.0
 */
export const studentTTwoSidedPValue = (t: number, degreesOfFreedom: number): number => {
  requireOrdered("arguments", [t])
  requireDegrees(degreesOfFreedom)
  if (degreesOfFreedom === Infinity) return normalTwoSidedPValue(t)
  // Near 0, `@stdlib` has half of the digits for the Cauchy distribution, which has a closed form.
  if (degreesOfFreedom === 1) return 2 * Math.atan2(1, Math.abs(t)) / Math.PI
  return Math.abs(t) === Infinity ? 0 : 2 * cumulative(-Math.abs(t), degreesOfFreedom)
}
