/**
 * Ranks of values.
 *
 * @since 0.1.0
 */
import { requireOrdered } from "./internal/checks.ts"
import { firstIndexes } from "./internal/order.ts"
import type { Values } from "./Values.ts"

/**
 * The ranks of the values, from 1 for the smallest; equal values share the average of the ranks that they take up. In
 * the order of the values. Infinite values have ranks, too. Takes O(n log n). Source: M. G. Kendall, "The treatment of
 * ties in ranking problems" (1945).
 *
 * **Example** (Two values on one rank)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Array.from(Statistics.averageRanks([30, 10, 20, 20]))) // => [ 4, 1, 2.5, 2.5 ]
 * ```
 *
 * @category correlation
 * @since 0.1.0
 */
export const averageRanks = (values: Values): Float64Array => {
  requireOrdered("values", values)
  const sorted = Float64Array.from(values).sort()
  const first = firstIndexes(values, sorted)
  // For each index at which equal values begin: the average of their ranks.
  const ranks = new Float64Array(sorted.length)
  let begin = 0
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[begin]) continue
    ranks[begin] = (begin + 1 + i) / 2
    begin = i
  }
  return Float64Array.from(first, (index) => ranks[index]!)
}
