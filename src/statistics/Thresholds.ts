/**
 * How well scores tell two classes apart, over all thresholds.
 *
 * `truth` has 1 or `true` for the positive class, 0 or `false` for the other; `scores` are higher the more positive an
 * item looks, on any scale; infinite ones are fine. All functions take O(n log n), and a second or less for a million
 * items.
 *
 * @since 0.1.0
 */
import { scoresByClass, type SortedScores } from "./internal/binary.ts"
import { forEachValue } from "./internal/order.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Values } from "./Values.ts"

/**
 * The area under the receiver operating characteristic: the probability that a positive item has a higher score than a
 * negative one, equal scores counting half. 1 is perfect, 0.5 chance.
 *
 * `(sum of [s > t] + [s = t] / 2) / (P N)` over the `P` positive scores `s` and the `N` negative ones `t`. `undefined` if
 * there is no item of one of the classes. Source: J. A. Hanley and B. J. McNeil, "The Meaning and Use of the Area under a
 * Receiver Operating Characteristic (ROC) Curve" (1982).
 *
 * **Example** (Eight items)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const truth = [1, 1, 0, 1, 0, 0, 1, 0]
 * const scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.4, 0.1]
 * console.log(Statistics.auroc(truth, scores)) // => 0.78125
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const auroc = (truth: ArrayLike<boolean | number>, scores: Values): number | undefined => {
  const { negatives, positives } = scoresByClass(truth, scores)
  if (positives.length === 0 || negatives.length === 0) return undefined
  let negativesBelow = 0
  // Halves of whole numbers add up without rounding.
  let wins = 0
  forEachValue(positives, negatives, (_, inPositives, inNegatives) => {
    wins += inPositives * (negativesBelow + inNegatives / 2)
    negativesBelow += inNegatives
  })
  return wins / positives.length / negatives.length
}

/**
 * The average precision: the precision at each threshold, weighted by how much the recall grows there,
 * `sum((R_k - R_(k-1)) P_k)` from the highest threshold down, one threshold per different score. There is no
 * interpolation, so it is not too optimistic as the trapezoidal area is. Chance gives the share of positive items.
 *
 * `undefined` if there is no positive item. Source: M. Zhu, "Recall, Precision and Average Precision" (2004). For ranked
 * lists without scores see `rankedAveragePrecision`.
 *
 * **Example** (Four items)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])?.toFixed(4)) // => 0.8333
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const averagePrecision = (truth: ArrayLike<boolean | number>, scores: Values): number | undefined => {
  const sorted = scoresByClass(truth, scores)
  if (sorted.positives.length === 0) return undefined
  const total = new CompensatedSum()
  forEachThreshold(sorted, (_, truePositives, falsePositives, newPositives) => {
    if (newPositives > 0) total.add(newPositives * truePositives / (truePositives + falsePositives))
  })
  return total.value / sorted.positives.length
}

/**
 * A point of a receiver operating characteristic: what becomes of the items if those with at least this score are taken
 * for positive.
 *
 * @category models
 * @since 0.1.0
 */
export interface RocPoint {
  readonly threshold: number
  /** The share of the negative items taken for positive. */
  readonly falsePositiveRate: number
  /** The share of the positive items taken for positive. */
  readonly truePositiveRate: number
}

/**
 * The receiver operating characteristic: one point per different score, from the highest down, after one with an
 * infinite threshold where nothing is taken for positive.
 *
 * `undefined` if there is no item of one of the classes. Source: T. Fawcett, "An introduction to ROC analysis" (2006).
 *
 * **Example** (Four items)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const curve = Statistics.rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) ?? []
 * console.log(curve.map((point) => point.falsePositiveRate)) // => [ 0, 0, 0.5, 0.5, 1 ]
 * console.log(curve.map((point) => point.truePositiveRate)) // => [ 0, 0.5, 0.5, 1, 1 ]
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const rocCurve = (truth: ArrayLike<boolean | number>, scores: Values): Array<RocPoint> | undefined => {
  const sorted = scoresByClass(truth, scores)
  const { negatives, positives } = sorted
  if (positives.length === 0 || negatives.length === 0) return undefined
  const points: Array<RocPoint> = [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }]
  forEachThreshold(sorted, (threshold, truePositives, falsePositives) => {
    points.push({
      threshold,
      falsePositiveRate: falsePositives / negatives.length,
      truePositiveRate: truePositives / positives.length
    })
  })
  return points
}

/**
 * A point of a precision-recall curve: what becomes of the items if those with at least this score are taken for
 * positive.
 *
 * @category models
 * @since 0.1.0
 */
export interface PrecisionRecallPoint {
  readonly threshold: number
  /** Of what is taken for positive, the share that is. */
  readonly precision: number
  /** The share of the positive items taken for positive. */
  readonly recall: number
}

/**
 * The precision-recall curve: one point per different score, from the highest down. (There is none for an infinite
 * threshold: where nothing is taken for positive, there is no precision.)
 *
 * `undefined` if there is no positive item. Source: J. Davis and M. Goadrich, "The Relationship Between Precision-Recall
 * and ROC Curves" (2006).
 *
 * **Example** (Four items)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const curve = Statistics.precisionRecallCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) ?? []
 * console.log(curve[0]) // => { threshold: 0.8, precision: 1, recall: 0.5 }
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const precisionRecallCurve = (
  truth: ArrayLike<boolean | number>,
  scores: Values
): Array<PrecisionRecallPoint> | undefined => {
  const sorted = scoresByClass(truth, scores)
  const { positives } = sorted
  if (positives.length === 0) return undefined
  const points: Array<PrecisionRecallPoint> = []
  forEachThreshold(sorted, (threshold, truePositives, falsePositives) => {
    points.push({
      threshold,
      precision: truePositives / (truePositives + falsePositives),
      recall: truePositives / positives.length
    })
  })
  return points
}

/** Every different score as a threshold, from the highest down, with what is taken for positive there. */
const forEachThreshold = (
  { negatives, positives }: SortedScores,
  visit: (threshold: number, truePositives: number, falsePositives: number, newPositives: number) => void
): void => {
  let truePositives = 0
  let falsePositives = 0
  // Descending order is ascending order of the negated scores.
  forEachValue(negated(positives), negated(negatives), (score, newPositives, newNegatives) => {
    truePositives += newPositives
    falsePositives += newNegatives
    visit(-score, truePositives, falsePositives, newPositives)
  })
}

const negated = (ascending: Float64Array): Float64Array => ascending.map((score) => -score).toReversed()
