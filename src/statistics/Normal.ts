/**
 * The standard normal distribution. The numbers come from `@stdlib`'s complementary error function and its inverse,
 * which keep their digits far out in the tails.
 *
 * @since 0.1.0
 */
import erfc from "@stdlib/math-base-special-erfc"
import erfcinv from "@stdlib/math-base-special-erfcinv"
import { requireOrdered, requireProbability } from "./internal/checks.ts"

/**
 * The number that a standard normal variable stays below with this probability: `-sqrt(2) erfc^-1(2 p)`.
 *
 * `-Infinity` for 0 and `Infinity` for 1.
 *
 * **Example** (The 1.96 of 95 % intervals)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.normalQuantile(0.975).toFixed(6)) // => 1.959964
 * ```
 *
 * @category distributions
 * @since 0.1.0
 */
export const normalQuantile = (probability: number): number => {
  requireProbability("probability", probability)
  // Adding 0 makes the median 0 and not -0.
  return -Math.SQRT2 * erfcinv(2 * probability) + 0
}

/**
 * The probability that a standard normal variable is at most `z`: `erfc(-z / sqrt(2)) / 2`.
 *
 * **Example** (One standard deviation above the mean)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.normalCumulative(1).toFixed(4)) // => 0.8413
 * ```
 *
 * @category distributions
 * @since 0.1.0
 */
export const normalCumulative = (z: number): number => {
  requireOrdered("arguments", [z])
  return erfc(-z / Math.SQRT2) / 2
}

/**
 * The two-sided p-value of a standard normal statistic: `erfc(|z| / sqrt(2))`, exact also where it is tiny.
 *
 * **Example** (Five sigma)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.normalTwoSidedPValue(5).toExponential(3)) // => 5.733e-7
 * ```
 *
 * @category distributions
 * @since 0.1.0
 */
export const normalTwoSidedPValue = (z: number): number => {
  requireOrdered("arguments", [z])
  return erfc(Math.abs(z) / Math.SQRT2)
}
