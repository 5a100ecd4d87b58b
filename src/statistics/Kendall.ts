/**
 * How often two orders agree.
 *
 * @since 0.1.0
 */
import { requireOrdered, requireSameLength } from "./internal/checks.ts"
import { firstIndexes } from "./internal/order.ts"
import type { Values } from "./Values.ts"

/**
 * Kendall's tau-b: over all pairs of points, how much more often `x` and `y` go the same way than opposite ways,
 * corrected for ties: `(C - D) / sqrt((P - Tx) (P - Ty))` with `C` concordant and `D` discordant of `P` pairs, `Tx` of
 * them tied in `x` and `Ty` tied in `y`. 1 if the orders are the same, -1 if they are opposite.
 *
 * `undefined` for fewer than two points, and where all `x` or all `y` are equal. Takes O(n log n), by counting the
 * exchanges of a merge sort: W. R. Knight, "A Computer Method for Calculating Kendall's Tau with Ungrouped Data" (1966).
 * Source: M. G. Kendall, "The treatment of ties in ranking problems" (1945).
 *
 * **Example** (Seven points)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.kendallTauB([1, 2, 2, 3, 4, 4, 5], [10, 20, 30, 30, 20, 50, 60])?.toFixed(4)) // => 0.6842
 * ```
 *
 * @category correlation
 * @since 0.1.0
 */
export const kendallTauB = (x: Values, y: Values): number | undefined => {
  requireSameLength("x", x, "y", y)
  requireOrdered("x", x)
  requireOrdered("y", y)
  const count = x.length
  const xOrder = orderOf(x)
  const yOrder = orderOf(y)
  // One number per point that sorts by `x` and then by `y`: exact up to 94 million points.
  const points = xOrder.map((order, i) => order * count + yOrder[i]!).sort()
  const pairs = pairsOf(count)
  const tiedInX = tiedPairs(xOrder.sort())
  const tiedInBoth = tiedPairs(points)
  const discordant = exchanges(points.map((point) => point % count))
  const tiedInY = tiedPairs(yOrder.sort())
  if (tiedInX === pairs || tiedInY === pairs) return undefined
  const concordant = pairs - tiedInX - tiedInY + tiedInBoth - discordant
  const tau = (concordant - discordant) / Math.sqrt((pairs - tiedInX) * (pairs - tiedInY))
  return Math.min(1, Math.max(-1, tau))
}

/** Whole numbers below the count in place of the values, in the same order. */
const orderOf = (values: Values): Float64Array =>
  Float64Array.from(firstIndexes(values, Float64Array.from(values).sort()))

const pairsOf = (count: number): number => count * (count - 1) / 2

const tiedPairs = (sorted: Float64Array): number => {
  let pairs = 0
  let begin = 0
  for (let i = 1; i <= sorted.length; i++) {
    if (i < sorted.length && sorted[i] === sorted[begin]) continue
    pairs += pairsOf(i - begin)
    begin = i
  }
  return pairs
}

/** How many pairs are in descending order, counted by a merge sort. */
const exchanges = (values: Float64Array): number => {
  let from: Float64Array = values
  let to: Float64Array = new Float64Array(values.length)
  let count = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let begin = 0; begin < values.length; begin += 2 * width) {
      const middle = Math.min(begin + width, values.length)
      const end = Math.min(begin + 2 * width, values.length)
      let left = begin
      let right = middle
      for (let at = begin; at < end; at++) {
        if (right === end || (left < middle && from[left]! <= from[right]!)) {
          to[at] = from[left++]!
        } else {
          to[at] = from[right++]!
          count += middle - left
        }
      }
    }
    const sorted = to
    to = from
    from = sorted
  }
  return count
}
