/**
 * Several samples per example: what they are worth.
 *
 * `scores` holds one list of scores per example, one score per sample. Examples may have different numbers of samples.
 *
 * @since 0.1.0
 */
import { requireFinite, requireNonNegative, requirePositiveCount } from "./internal/checks.ts"
import { mean, standardError, variance } from "./Moments.ts"
import type { Values } from "./Values.ts"

/**
 * Where the variance of scores comes from, in the squared unit of the scores.
 *
 * @category models
 * @since 0.1.0
 */
export interface VarianceComponents {
  /** The mean over examples of the variance between the samples of one example. */
  readonly withinExamples: number
  /** The variance over examples of the mean over samples. It contains some of the variance within examples. */
  readonly ofMeans: number
  /** An unbiased estimate of the variance over examples of the expected score. It may come out below 0. */
  readonly betweenExamples: number
}

/**
 * Splits the variance of scores into that between examples and that between samples of one example (all with divisor
 * `n - 1`): `betweenExamples = ofMeans - mean(s_i^2 / K_i)` with the variance `s_i^2` of the `K_i` samples of example
 * `i`.
 *
 * `undefined` for fewer than two examples, if an example has fewer than two samples, or if a variance is beyond 1.8e308.
 * Source: E. Miller, "Adding Error
 * Bars to Evals" (2024), section 3, the law of total variance.
 *
 * **Example** (Six questions, four samples each)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const components = Statistics.varianceComponents([
 *   [1, 1, 0, 1],
 *   [0, 0, 0, 1],
 *   [1, 1, 1, 1],
 *   [0, 1, 0, 0],
 *   [1, 0, 1, 1],
 *   [0, 0, 0, 0]
 * ])
 * console.log(components?.withinExamples.toFixed(3), components?.betweenExamples.toFixed(3)) // => 0.167 0.108
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const varianceComponents = (scores: ReadonlyArray<Values>): VarianceComponents | undefined => {
  const variances: Array<number> = []
  const errors: Array<number> = []
  const means: Array<number> = []
  for (const samples of scores) {
    const within = variance(samples)
    if (within === undefined || within === Infinity) return undefined
    variances.push(within)
    errors.push(within / samples.length)
    means.push(meanOf(samples))
  }
  const ofMeans = variance(means)
  return ofMeans === undefined || ofMeans === Infinity
    ? undefined
    : { withinExamples: meanOf(variances), ofMeans, betweenExamples: ofMeans - meanOf(errors) }
}

/** The mean of what is known not to be empty. */
const meanOf = (values: Values): number => mean(values) ?? 0

/**
 * The standard error of the mean score over examples, each the mean of its samples, in the unit of the scores: the
 * standard error of these means. (That of all scores, as if they were independent, is too small.)
 *
 * `undefined` for fewer than two examples, or if an example has no sample. Source: E. Miller, "Adding Error Bars to
 * Evals" (2024), section 3.
 *
 * **Example** (Six questions, four samples each)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const scores = [[1, 1, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]]
 * console.log(Statistics.resampledStandardError(scores)?.toFixed(4)) // => 0.1581
 * console.log(Statistics.standardError(scores.flat())?.toFixed(4)) // => 0.1043
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const resampledStandardError = (scores: ReadonlyArray<Values>): number | undefined => {
  const means: Array<number> = []
  for (const samples of scores) {
    const average = mean(samples)
    if (average === undefined) return undefined
    means.push(average)
  }
  return standardError(means)
}

/**
 * How much smaller the variance of the mean score becomes with `samples` per example in place of one, as a share of it:
 * `(between + within / K) / (between + within)`. 1 is no gain, and it never falls below `between / (between + within)`.
 *
 * Both variances are in the squared unit of the scores, as `varianceComponents` gives them. `undefined` if both are 0,
 * or if the estimate of the first came out below 0. Source: E. Miller, "Adding Error Bars to Evals" (2024), section 3.
 *
 * **Example** (Success probabilities spread evenly between 0 and 1)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const variances = { betweenExamples: 1 / 12, withinExamples: 1 / 6 }
 * console.log(Statistics.resamplingVarianceRatio(variances, 4)?.toFixed(3)) // => 0.500
 * console.log(Statistics.resamplingVarianceRatio(variances, 1000)?.toFixed(3)) // => 0.334
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const resamplingVarianceRatio = (
  variances: Pick<VarianceComponents, "betweenExamples" | "withinExamples">,
  samples: number
): number | undefined => {
  const { betweenExamples, withinExamples } = variances
  requireFinite("betweenExamples", [betweenExamples])
  requireNonNegative("withinExamples", withinExamples)
  requirePositiveCount("samples", samples)
  const larger = Math.max(betweenExamples, withinExamples)
  if (betweenExamples < 0 || larger === 0) return undefined
  // As shares of the larger one, their sum cannot overflow.
  const between = betweenExamples / larger
  const within = withinExamples / larger
  return (between + within / samples) / (between + within)
}
