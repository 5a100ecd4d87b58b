/**
 * How good a ranked list is: search results, retrieved passages, recommendations.
 *
 * @since 0.1.0
 */
import { isTrueAt, requireAtMost, requireCount, requireFinite } from "./internal/checks.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Values } from "./Values.ts"

/**
 * Options of the discounted cumulative gains.
 *
 * @category options
 * @since 0.1.0
 */
export interface GainOptions {
  /** Only the first so many results count. Default: all. */
  readonly limit?: number | undefined
  /** What a result of relevance `r` is worth: `r` (`"linear"`) or `2^r - 1` (`"exponential"`). Default: `"linear"`. */
  readonly gain?: "linear" | "exponential" | undefined
}

/**
 * The discounted cumulative gain (DCG) of a ranked list: `sum over positions i = 1, 2, ... of gain_i / log2(i + 1)`, in
 * the unit of the gains. `relevances` are those of the results, best ranked first. 0 for an empty list. Gains beyond
 * 1.8e308 (exponential ones of a relevance above 1,023) throw a `RangeError`.
 *
 * Sources: K. Järvelin and J. Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques" (2002); the exponential
 * gain: C. Burges et al., "Learning to Rank using Gradient Descent" (2005).
 *
 * **Example** (Six results)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.discountedCumulativeGain([3, 2, 3, 0, 1, 2]).toFixed(3)) // => 6.861
 * ```
 *
 * @category retrieval
 * @since 0.1.0
 */
export const discountedCumulativeGain = (relevances: Values, options?: GainOptions): number => {
  requireFinite("relevances", relevances)
  const limit = options?.limit ?? relevances.length
  requireCount("limit", limit)
  const exponential = options?.gain === "exponential"
  const total = new CompensatedSum()
  for (let i = 0; i < Math.min(limit, relevances.length); i++) {
    const relevance = relevances[i]!
    const gain = exponential ? 2 ** relevance - 1 : relevance
    total.add(gain / Math.log2(i + 2))
    if (!Number.isFinite(total.value)) {
      throw new RangeError(`relevances[${i}] is ${relevance}, and its gain is not a finite number`)
    }
  }
  return total.value
}

/**
 * The normalised discounted cumulative gain (NDCG): the gain of the list over that of the best order, 1 at best.
 *
 * `relevances` are those of the results, best ranked first. The best order is that of these results; where relevant ones
 * were not found at all, give the relevances of everything there is as `ideal`; as many of them count as the list has
 * places, or as `limit` says. `undefined` where the best order gains
 * nothing: nothing is relevant. Source: K. Järvelin and J. Kekäläinen, "Cumulated Gain-Based Evaluation of IR
 * Techniques" (2002).
 *
 * **Example** (Six results)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.normalizedDiscountedCumulativeGain([3, 2, 3, 0, 1, 2])?.toFixed(3)) // => 0.961
 * console.log(Statistics.normalizedDiscountedCumulativeGain([0, 0])) // => undefined
 * ```
 *
 * @category retrieval
 * @since 0.1.0
 */
export const normalizedDiscountedCumulativeGain = (
  relevances: Values,
  options?: GainOptions & {
    /** The relevances of all that could have been found, in any order. Default: those of the results. */
    readonly ideal?: Values | undefined
  }
): number | undefined => {
  const gained = discountedCumulativeGain(relevances, options)
  const ideal = Float64Array.from(options?.ideal ?? relevances).sort().toReversed()
  const best = discountedCumulativeGain(ideal, {
    ...options,
    limit: options?.limit ?? relevances.length
  })
  return best > 0 ? gained / best : undefined
}

/**
 * The reciprocal rank: 1 over the position of the first relevant result, and 0 if none is. Its mean over queries is the
 * mean reciprocal rank (MRR). `relevant` has 1 or `true` for a relevant result, 0 or `false` for any other. Source: E. M.
 * Voorhees, "The TREC-8 Question Answering Track Report" (1999).
 *
 * **Example** (The third result is the first relevant one)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.reciprocalRank([0, 0, 1, 1]).toFixed(3)) // => 0.333
 * ```
 *
 * @category retrieval
 * @since 0.1.0
 */
export const reciprocalRank = (relevant: ArrayLike<boolean | number>): number => {
  for (let i = 0; i < relevant.length; i++) {
    if (isTrueAt("relevant", relevant, i)) return 1 / (i + 1)
  }
  return 0
}

/**
 * The average precision of a ranked list: the precision at each relevant result, summed up and divided by how many
 * relevant results there are to be found. 1 at best. Its mean over queries is the mean average precision (MAP).
 *
 * `relevant` has 1 or `true` for a relevant result, 0 or `false` for any other, best ranked first. `totalRelevant` counts
 * those that were not found, too. `undefined` if there is nothing to be found. Source: E. M. Voorhees and D. K. Harman,
 * "TREC: Experiment and Evaluation in Information Retrieval" (2005). For scores see `averagePrecision`.
 *
 * **Example** (Two of four relevant documents, first and third)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.rankedAveragePrecision([1, 0, 1, 0], { totalRelevant: 4 })?.toFixed(4)) // => 0.4167
 * console.log(Statistics.rankedAveragePrecision([1, 0, 1, 0])?.toFixed(4)) // => 0.8333
 * ```
 *
 * @category retrieval
 * @since 0.1.0
 */
export const rankedAveragePrecision = (
  relevant: ArrayLike<boolean | number>,
  options?: {
    /** How many relevant results there are to be found. Default: those that were found. */
    readonly totalRelevant?: number | undefined
  }
): number | undefined => {
  let found = 0
  const precisions = new CompensatedSum()
  for (let i = 0; i < relevant.length; i++) {
    if (!isTrueAt("relevant", relevant, i)) continue
    found++
    precisions.add(found / (i + 1))
  }
  const total = options?.totalRelevant ?? found
  requireCount("totalRelevant", total)
  requireAtMost("the number of relevant results", found, "totalRelevant", total)
  return total === 0 ? undefined : precisions.value / total
}
