/**
 * Are predicted probabilities to be believed?
 *
 * `truth` has 1 or `true` where the event came, 0 or `false` where it did not; `probabilities` lie between 0 and 1.
 *
 * @since 0.1.0
 */
import {
  isTrueAt,
  requireNonNegative,
  requirePositiveCount,
  requireProbabilities,
  requireSameLength
} from "./internal/checks.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Values } from "./Values.ts"

const requirePredictions = (truth: ArrayLike<boolean | number>, probabilities: Values): void => {
  requireSameLength("truth", truth, "probabilities", probabilities)
  requireProbabilities("probabilities", probabilities)
}

/** The mean of what `loss` makes of the probability of what came; `undefined` for nothing. */
const meanLoss = (
  truth: ArrayLike<boolean | number>,
  probabilities: Values,
  loss: (probability: number, came: boolean) => number
): number | undefined => {
  requirePredictions(truth, probabilities)
  const total = new CompensatedSum()
  for (let i = 0; i < truth.length; i++) total.add(loss(probabilities[i]!, isTrueAt("truth", truth, i)))
  return truth.length === 0 ? undefined : total.value / truth.length
}

/**
 * The Brier score: the mean squared difference between probability and outcome (1 or 0), between 0 and 1. Lower is
 * better; always saying 0.5 gives 0.25. `undefined` for no predictions. Source: G. W. Brier, "Verification of Forecasts
 * Expressed in Terms of Probability" (1950), for one of two events.
 *
 * **Example** (Three predictions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.brierScore([1, 0, 1], [0.9, 0.2, 0.6])?.toFixed(3)) // => 0.070
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const brierScore = (truth: ArrayLike<boolean | number>, probabilities: Values): number | undefined =>
  meanLoss(truth, probabilities, (probability, came) => (came ? 1 - probability : probability) ** 2)

/**
 * The log loss (cross-entropy): the mean of `-ln` of the probability given to what came, in nats. Lower is better;
 * always saying 0.5 gives 0.693.
 *
 * It is infinite where something came that was given the probability 0: such a prediction is infinitely wrong. `clip`
 * keeps probabilities this far from 0 and 1, as other tools do unasked (scikit-learn by 2.2e-16). `undefined` for no
 * predictions. Source: I. J. Good, "Rational Decisions" (1952).
 *
 * **Example** (Three predictions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.logLoss([1, 0, 1], [0.9, 0.2, 0.6])?.toFixed(4)) // => 0.2798
 * console.log(Statistics.logLoss([1], [0]), Statistics.logLoss([1], [0], { clip: 1e-15 })?.toFixed(1)) // => Infinity 34.5
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const logLoss = (
  truth: ArrayLike<boolean | number>,
  probabilities: Values,
  options?: {
    /** Default: 0. */
    readonly clip?: number | undefined
  }
): number | undefined => {
  const clip = options?.clip ?? 0
  requireNonNegative("clip", clip)
  return meanLoss(truth, probabilities, (probability, came) => {
    const clipped = Math.min(1 - clip, Math.max(clip, probability))
    return came ? -Math.log(clipped) : -Math.log1p(-clipped)
  })
}

/**
 * Predictions of about the same probability.
 *
 * @category models
 * @since 0.1.0
 */
export interface CalibrationBin {
  /** Probabilities above this (in the first bin, also this) ... */
  readonly lower: number
  /** ... and up to this. */
  readonly upper: number
  /** How many predictions there are. */
  readonly count: number
  /** The mean probability; `undefined` for no predictions. */
  readonly meanProbability: number | undefined
  /** How often the event came, as a share; `undefined` for no predictions. */
  readonly frequency: number | undefined
}

/**
 * Options of the functions that sort predictions into bins.
 *
 * @category options
 * @since 0.1.0
 */
export interface CalibrationOptions {
  /** How many bins of the same width. Default: 10. */
  readonly bins?: number | undefined
}

/**
 * The predictions sorted into bins of the same width, `(lower, upper]`: what a reliability diagram shows. With
 * calibrated predictions, mean probability and frequency of a bin are alike. Source: A. H. Murphy and R. L. Winkler,
 * "Reliability of Subjective Probability Forecasts of Precipitation and Temperature" (1977).
 *
 * **Example** (Two bins)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const bins = Statistics.calibrationBins([0, 1, 1, 1], [0.25, 0.5, 0.75, 1], { bins: 2 })
 * console.log(bins.map((bin) => bin.meanProbability)) // => [ 0.375, 0.875 ]
 * console.log(bins.map((bin) => bin.frequency)) // => [ 0.5, 1 ]
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const calibrationBins = (
  truth: ArrayLike<boolean | number>,
  probabilities: Values,
  options?: CalibrationOptions
): Array<CalibrationBin> => {
  const bins = options?.bins ?? 10
  requirePositiveCount("bins", bins)
  requirePredictions(truth, probabilities)
  const sums = Array.from({ length: bins }, () => ({ probability: new CompensatedSum(), count: 0, came: 0 }))
  for (let i = 0; i < truth.length; i++) {
    const bin = sums[binOf(probabilities[i]!, bins)]!
    bin.probability.add(probabilities[i]!)
    bin.count++
    if (isTrueAt("truth", truth, i)) bin.came++
  }
  return sums.map(({ came, count, probability }, i) => ({
    lower: i / bins,
    upper: (i + 1) / bins,
    count,
    meanProbability: count === 0 ? undefined : probability.value / count,
    frequency: count === 0 ? undefined : came / count
  }))
}

/**
 * The expected calibration error, between 0 and 1: by how much mean probability and frequency differ in a bin, averaged
 * over the bins by their counts. Lower is better. It depends on the number of bins, so compare like with like.
 *
 * `sum over bins of (count / n) |frequency - meanProbability|`, bins of the same width, `(lower, upper]`. `undefined` for
 * no predictions. Source: M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using
 * Bayesian Binning" (2015).
 *
 * **Example** (Eight predictions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const truth = [1, 1, 0, 1, 0, 0, 1, 0]
 * const probabilities = [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.4, 0.1]
 * console.log(Statistics.expectedCalibrationError(truth, probabilities)?.toFixed(5)) // => 0.18125
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const expectedCalibrationError = (
  truth: ArrayLike<boolean | number>,
  probabilities: Values,
  options?: CalibrationOptions
): number | undefined => {
  const total = new CompensatedSum()
  for (const { count, frequency, meanProbability } of calibrationBins(truth, probabilities, options)) {
    if (frequency === undefined || meanProbability === undefined) continue
    total.add(count * Math.abs(frequency - meanProbability))
  }
  return truth.length === 0 ? undefined : total.value / truth.length
}

/** The product may be rounded to the other side of an edge, so the edges themselves decide. */
const binOf = (probability: number, bins: number): number => {
  const bin = Math.max(0, Math.ceil(probability * bins) - 1)
  if (bin > 0 && probability <= bin / bins) return bin - 1
  return bin < bins - 1 && probability > (bin + 1) / bins ? bin + 1 : bin
}
