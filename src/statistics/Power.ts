/**
 * How many examples a comparison needs, and what it can find.
 *
 * @since 0.1.0
 */
import { requireLevel, requireNonNegative, requirePositive, requirePositiveCount } from "./internal/checks.ts"
import { normalQuantile } from "./Normal.ts"

/**
 * What is known of a comparison of two systems on the same examples before it is run. Variances are in the squared unit
 * of the scores.
 *
 * @category options
 * @since 0.1.0
 */
export interface ComparisonPlan {
  /** The variance, over examples, of the difference of the two systems' expected scores. */
  readonly differenceVariance: number
  /** The mean variance of the first system's scores on one example, between samples. Default: 0. */
  readonly firstSampleVariance?: number | undefined
  /** The mean variance of the second system's scores on one example, between samples. Default: 0. */
  readonly secondSampleVariance?: number | undefined
  /** How many samples of the first system are averaged per example. Default: 1. */
  readonly firstSamples?: number | undefined
  /** How many samples of the second system are averaged per example. Default: 1. */
  readonly secondSamples?: number | undefined
  /** How probable a false alarm may be, two-sided. Default: 0.05. */
  readonly significance?: number | undefined
  /** How probable it shall be to find the effect. Default: 0.8. */
  readonly power?: number | undefined
}

/**
 * How many examples a comparison of two systems on the same examples needs to find an effect of this size:
 * `n = (z(a/2) + z(b))^2 (w^2 + s1^2/K1 + s2^2/K2) / effect^2`, where `a` is the significance, `b = 1 - power`, `z(x)`
 * the normal quantile of `1 - x`, `w^2` the variance of the difference, `s^2` the variances between samples and `K` the
 * numbers of samples. `exact` is `n`, `examples` the next whole number.
 *
 * `effect` is a difference of mean scores, in their unit, of either sign; `undefined` for 0, which no number finds.
 * Source: E. Miller, "Adding Error Bars to Evals" (2024), section 5.
 *
 * **Example** (Three points, one sample each, deterministic systems)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.requiredExamples(0.03, { differenceVariance: 1 / 9 })?.examples) // => 969
 * ```
 *
 * @category power
 * @since 0.1.0
 */
export const requiredExamples = (effect: number, plan: ComparisonPlan): {
  readonly exact: number
  readonly examples: number
} | undefined => {
  requireNonNegative("the magnitude of effect", Math.abs(effect))
  const { quantiles, variance } = planned(plan)
  if (effect === 0) return undefined
  // Squared at the end, because a squared effect may be too small to be a number.
  const exact = (quantiles * Math.sqrt(variance) / effect) ** 2
  // One example more because of the last digit would be a surprise.
  return { exact, examples: Math.ceil(exact * (1 - 1e-12)) }
}

/**
 * The smallest effect that a comparison of two systems on so many examples finds with the planned power, as a difference
 * of mean scores in their unit: `(z(a/2) + z(b)) sqrt((w^2 + s1^2/K1 + s2^2/K2) / n)`. The inverse of
 * `requiredExamples`, which explains the letters. Source: E. Miller, "Adding Error Bars to Evals" (2024), section 5.
 *
 * **Example** (198 examples, one sample each)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const effect = Statistics.minimumDetectableEffect(198, {
 *   differenceVariance: 1 / 9,
 *   firstSampleVariance: 1 / 6,
 *   secondSampleVariance: 1 / 6
 * })
 * console.log(effect.toFixed(4)) // => 0.1327
 * ```
 *
 * @category power
 * @since 0.1.0
 */
export const minimumDetectableEffect = (examples: number, plan: ComparisonPlan): number => {
  requirePositive("examples", examples)
  const { quantiles, variance } = planned(plan)
  return quantiles * Math.sqrt(variance / examples)
}

const planned = (plan: ComparisonPlan): { readonly quantiles: number; readonly variance: number } => {
  const {
    differenceVariance,
    firstSampleVariance = 0,
    firstSamples = 1,
    power = 0.8,
    secondSampleVariance = 0,
    secondSamples = 1,
    significance = 0.05
  } = plan
  requireNonNegative("differenceVariance", differenceVariance)
  requireNonNegative("firstSampleVariance", firstSampleVariance)
  requireNonNegative("secondSampleVariance", secondSampleVariance)
  requirePositiveCount("firstSamples", firstSamples)
  requirePositiveCount("secondSamples", secondSamples)
  requireLevel(significance, "significance")
  requireLevel(power, "power")
  return {
    quantiles: normalQuantile(power) - normalQuantile(significance / 2),
    variance: differenceVariance + firstSampleVariance / firstSamples + secondSampleVariance / secondSamples
  }
}
