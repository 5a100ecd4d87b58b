/**
 * Agreement of two raters beyond chance.
 *
 * @since 0.1.0
 */
import { confusionMatrix, type ConfusionMatrixOptions } from "./ConfusionMatrix.ts"
import { requireAtMost, requireNonNegative, requireSameLength } from "./internal/checks.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Label, Values } from "./Values.ts"

/**
 * Options of the Cohen's kappas.
 *
 * @category options
 * @since 0.1.0
 */
export interface CohenKappaOptions {
  /**
   * How much a disagreement weighs: all the same (`"none"`), by how many classes lie between (`"linear"`), or by the
   * square of that (`"quadratic"`). With weights, the classes have to be in order. Default: `"none"`.
   */
  readonly weights?: "none" | "linear" | "quadratic" | undefined
}

/**
 * Cohen's kappa of a square table: `table[i][j]` is how many items the first rater put into class `i` and the second
 * into class `j`. 1 is perfect agreement, 0 what chance would give, below 0 less than that.
 *
 * `1 - sum(v o) / sum(v e)` with the observed shares `o`, those expected from the raters' totals `e = row * column`, and
 * the weights of disagreement `v`: without weights 1 off the diagonal, else `|i - j|` or `(i - j)^2`. Without weights it
 * is the familiar `(po - pe) / (1 - pe)`.
 *
 * `undefined` for an empty table, and where chance leaves no disagreement to compare with: both raters put everything
 * into one and the same class. Sources: J. Cohen, "A Coefficient of Agreement for Nominal Scales" (1960); "Weighted
 * kappa" (1968).
 *
 * **Example** (Fifty items)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.cohenKappa([[20, 5], [10, 15]])?.toFixed(3)) // => 0.400
 * console.log(Statistics.cohenKappa([[10, 0], [0, 0]])) // => undefined
 * ```
 *
 * @category agreement
 * @since 0.1.0
 */
export const cohenKappa = (table: ReadonlyArray<Values>, options?: CohenKappaOptions): number | undefined => {
  const size = table.length
  const rows = new Float64Array(size)
  const columns = new Float64Array(size)
  const observed = new CompensatedSum()
  const expected = new CompensatedSum()
  const weight = weights[options?.weights ?? "none"]
  let total = 0
  for (let i = 0; i < size; i++) {
    requireSameLength("table", table, `table[${i}]`, table[i]!)
    for (let j = 0; j < size; j++) {
      const count = table[i]![j]!
      requireNonNegative(`table[${i}][${j}]`, count)
      rows[i]! += count
      columns[j]! += count
      total += count
      observed.add(weight(Math.abs(i - j)) * count)
    }
  }
  requireAtMost("the total of the table", total, "what can be squared", 1e150)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) expected.add(weight(Math.abs(i - j)) * rows[i]! * columns[j]!)
  }
  return expected.value === 0 ? undefined : 1 - observed.value * total / expected.value
}

const weights = {
  none: (distance: number) => distance === 0 ? 0 : 1,
  linear: (distance: number) => distance,
  quadratic: (distance: number) => distance * distance
}

/**
 * Cohen's kappa of the ratings that two raters gave to the same items. See `cohenKappa`.
 *
 * With weights, the order of the classes matters: numbers are in order by themselves, for texts give `labels`.
 *
 * **Example** (A judge against people)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const judge = ["good", "fair", "poor", "good", "fair", "good"]
 * const people = ["good", "fair", "fair", "good", "poor", "good"]
 * const labels = ["poor", "fair", "good"]
 * console.log(Statistics.cohenKappaOfRatings(judge, people)?.toFixed(3)) // => 0.455
 * console.log(Statistics.cohenKappaOfRatings(judge, people, { labels, weights: "linear" })?.toFixed(3)) // => 0.571
 * ```
 *
 * @category agreement
 * @since 0.1.0
 */
export const cohenKappaOfRatings = <A extends Label>(
  first: ReadonlyArray<A>,
  second: ReadonlyArray<A>,
  options?: CohenKappaOptions & ConfusionMatrixOptions<A>
): number | undefined => {
  requireSameLength("first", first, "second", second)
  return cohenKappa(confusionMatrix(first, second, options).counts, options)
}
