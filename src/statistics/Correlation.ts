/**
 * How much two columns of numbers go together.
 *
 * @since 0.1.0
 */
import { requireSameLength } from "./internal/checks.ts"
import { spread } from "./internal/spread.ts"
import { averageRanks } from "./Ranks.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Values } from "./Values.ts"

/**
 * Pearson's correlation coefficient: 1 if the points lie on a rising line, -1 on a falling one, 0 without a linear
 * connection. `sum((x - mx) (y - my)) / sqrt(sum((x - mx)^2) sum((y - my)^2))`.
 *
 * `undefined` for fewer than two points, and where all `x` or all `y` are equal. Source: K. Pearson, "Note on Regression
 * and Inheritance in the Case of Two Parents" (1895).
 *
 * **Example** (Seven points)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const x = [1, 2, 2, 3, 4, 4, 5]
 * const y = [10, 20, 30, 30, 20, 50, 60]
 * console.log(Statistics.pearson(x, y)?.toFixed(4)) // => 0.7977
 * console.log(Statistics.pearson([1, 1, 1], [1, 2, 3])) // => undefined
 * ```
 *
 * @category correlation
 * @since 0.1.0
 */
export const pearson = (x: Values, y: Values): number | undefined => {
  requireSameLength("x", x, "y", y)
  const ofX = spread("x", x)
  const ofY = spread("y", y)
  if (!(ofX.squares > 0 && ofY.squares > 0)) return undefined
  // With sums of squares near 1, products neither overflow nor vanish. A power of two changes no digit.
  const unitX = 2 ** -Math.round(Math.log2(ofX.squares) / 2)
  const unitY = 2 ** -Math.round(Math.log2(ofY.squares) / 2)
  const products = new CompensatedSum()
  for (let i = 0; i < x.length; i++) {
    products.add((x[i]! * ofX.scale - ofX.mean) * unitX * ((y[i]! * ofY.scale - ofY.mean) * unitY))
  }
  const squares = ofX.squares * unitX ** 2 * (ofY.squares * unitY ** 2)
  return Math.min(1, Math.max(-1, products.value / Math.sqrt(squares)))
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing their average rank. 1 if `y` always rises
 * with `x`, -1 if it always falls.
 *
 * `undefined` for fewer than two points, and where all `x` or all `y` are equal. Takes O(n log n). Source: C. Spearman,
 * "The Proof and Measurement of Association between Two Things" (1904).
 *
 * **Example** (Seven points)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.spearman([1, 2, 2, 3, 4, 4, 5], [10, 20, 30, 30, 20, 50, 60])?.toFixed(4)) // => 0.7500
 * ```
 *
 * @category correlation
 * @since 0.1.0
 */
export const spearman = (x: Values, y: Values): number | undefined => {
  requireSameLength("x", x, "y", y)
  return pearson(averageRanks(x), averageRanks(y))
}
