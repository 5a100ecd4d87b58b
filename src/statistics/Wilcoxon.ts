/**
 * The test that weighs pairs by the rank of their difference.
 *
 * @since 0.1.0
 */
import { forEachValue } from "./internal/order.ts"
import { differencesOf, undecided } from "./internal/pairs.ts"
import { normalTwoSidedPValue } from "./Normal.ts"
import type { TestResult } from "./TestResult.ts"
import type { Values } from "./Values.ts"

/**
 * Options of `wilcoxonSignedRank`.
 *
 * @category options
 * @since 0.1.0
 */
export interface WilcoxonOptions {
  /**
   * `"exact"` enumerates all signs, `"normal"` approximates. Default: `"exact"` for at most 50 pairs that differ. For
   * more than 1,000 pairs that differ, `"exact"` throws a `RangeError`.
   */
  readonly method?: "exact" | "normal" | undefined
  /**
   * What becomes of pairs without a difference. `"drop"` leaves them out before ranks are given (F. Wilcoxon), `"rank"`
   * after (J. W. Pratt, "Remarks on Zeros and Ties in the Wilcoxon Signed Rank Procedures", 1959). Default: `"drop"`.
   */
  readonly zeros?: "drop" | "rank" | undefined
  /** Whether `"normal"` moves the statistic by one half towards its mean. Default: `true`. */
  readonly continuityCorrection?: boolean | undefined
}

/**
 * The outcome of a Wilcoxon signed-rank test.
 *
 * @category models
 * @since 0.1.0
 */
export type WilcoxonResult = TestResult & {
  readonly method: "exact" | "normal"
  /** The sum of the ranks of the pairs where the first value is larger; also the `statistic`. */
  readonly positiveRanks: number
  readonly negativeRanks: number
  /** How many pairs differ. */
  readonly different: number
}

/**
 * Wilcoxon's signed-rank test on pairs: the differences are ranked by size, equal sizes sharing their average rank; if
 * neither system is better, each rank has either sign with the same probability. The statistic is the sum `W` of the
 * ranks of the positive differences `first - second`.
 *
 * - `"exact"`: `min(1, 2 min(P(W <= w), P(W >= w)))` over all `2^n` signs of the ranks at hand, so it is exact also with
 *   equal sizes.
 * - `"normal"`: `z = (|w - m| - 1/2) / s` with `m = sum(r) / 2` and `s^2 = sum(r^2) / 4` over the ranks `r`, which is the
 *   usual formula with its correction for ties.
 *
 * Where no pair differs, the exact p-value is 1 and the normal one undefined. Undefined for no pairs. Takes O(n log n).
 * Source: F. Wilcoxon, "Individual Comparisons by Ranking Methods" (1945).
 *
 * **Example** (Ten examples, one of them without a difference)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const first = [125, 115, 130, 140, 140, 115, 140, 125, 140, 135]
 * const second = [110, 122, 125, 120, 140, 124, 123, 137, 135, 145]
 * const test = Statistics.wilcoxonSignedRank(first, second)
 * console.log(test.positiveRanks, test.negativeRanks, test.pValue?.toFixed(4)) // => 27 18 0.6328
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const wilcoxonSignedRank = (first: Values, second: Values, options?: WilcoxonOptions): WilcoxonResult => {
  const differences = differencesOf(first, second)
  const ranked = rank(differences, options?.zeros === "rank")
  const { different, negativeRanks, positiveRanks } = ranked
  const method = options?.method ?? (different <= 50 ? "exact" : "normal")
  if (method === "exact" && different > 1000) {
    throw new RangeError(`${different} pairs differ: the exact method takes at most 1,000, take "normal"`)
  }
  const result = differences.length === 0
    ? undecided("there are no pairs")
    : method === "exact"
    ? exact(ranked)
    : normal(ranked, options?.continuityCorrection === false ? 0 : 0.5)
  return { ...result, method, positiveRanks, negativeRanks, different }
}

/** Ranks of one size of difference. */
interface Tie {
  readonly rank: number
  readonly count: number
}

interface Ranked {
  readonly ties: ReadonlyArray<Tie>
  readonly positiveRanks: number
  readonly negativeRanks: number
  readonly different: number
}

const rank = (differences: Float64Array, countZeros: boolean): Ranked => {
  const positive = differences.filter((difference) => difference > 0).sort()
  const negative = differences.filter((difference) => difference < 0).map((difference) => -difference).sort()
  const different = positive.length + negative.length
  const ties: Array<Tie> = []
  let before = countZeros ? differences.length - different : 0
  let positiveRanks = 0
  let negativeRanks = 0
  forEachValue(positive, negative, (_, inPositive, inNegative) => {
    const count = inPositive + inNegative
    const average = before + (count + 1) / 2
    // Halves of whole numbers add up without rounding.
    positiveRanks += average * inPositive
    negativeRanks += average * inNegative
    ties.push({ rank: average, count })
    before += count
  })
  return { ties, positiveRanks, negativeRanks, different }
}

const exact = ({ negativeRanks, positiveRanks, ties }: Ranked): TestResult => {
  // Twice the ranks are whole numbers. `shares[s]` is the probability that the positive ones add up to `s`.
  const total = 2 * (positiveRanks + negativeRanks)
  const shares = new Float64Array(total + 1)
  shares[0] = 1
  let reached = 0
  for (const { count, rank } of ties) {
    for (let i = 0; i < count; i++) {
      reached += 2 * rank
      for (let sum = reached; sum >= 0; sum--) {
        shares[sum] = (shares[sum]! + (sum >= 2 * rank ? shares[sum - 2 * rank]! : 0)) / 2
      }
    }
  }
  // The distribution is symmetric, so one tail will do.
  let tail = 0
  for (let sum = 0; sum <= 2 * Math.min(positiveRanks, negativeRanks); sum++) tail += shares[sum]!
  return { statistic: positiveRanks, pValue: Math.min(1, 2 * tail) }
}

const normal = ({ negativeRanks, positiveRanks, ties }: Ranked, correction: number): TestResult => {
  let squares = 0
  for (const { count, rank } of ties) squares += count * rank * rank
  if (squares === 0) return undecided("no pair differs")
  const distance = Math.abs(positiveRanks - negativeRanks) / 2
  const z = Math.max(0, distance - correction) / Math.sqrt(squares / 4)
  return { statistic: positiveRanks, pValue: normalTwoSidedPValue(z) }
}
