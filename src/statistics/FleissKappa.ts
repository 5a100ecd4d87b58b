/**
 * Agreement beyond chance where every item has the same number of ratings.
 *
 * @since 0.1.0
 */
import { requireCount, requireSameLength } from "./internal/checks.ts"
import type { Values } from "./Values.ts"

/**
 * Fleiss' kappa: `counts[i][j]` is how many raters put item `i` into class `j`. The raters need not be the same from
 * item to item. 1 is perfect agreement, 0 what chance would give, below 0 less than that.
 *
 * `(P - Pe) / (1 - Pe)`, with `P` the share of pairs of raters that agree, averaged over the items, and `Pe` the sum of
 * the squared shares of the classes.
 *
 * `undefined` for no items, for fewer than two ratings per item, and where everything is in one class. Items with
 * different numbers of ratings throw a `RangeError`; take `krippendorffAlpha` for those. Source: J. L. Fleiss, "Measuring
 * Nominal Scale Agreement among Many Raters" (1971).
 *
 * **Example** (Three items, four raters, two classes)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.fleissKappa([[4, 0], [1, 3], [0, 4]])?.toFixed(3)) // => 0.657
 * ```
 *
 * @category agreement
 * @since 0.1.0
 */
export const fleissKappa = (counts: ReadonlyArray<Values>): number | undefined => {
  const [first] = counts
  if (first === undefined) return undefined
  const classes = new Float64Array(first.length)
  const ratings = ratingsOf(counts, 0)
  let agreeing = 0
  for (let i = 0; i < counts.length; i++) {
    const item = counts[i]!
    requireSameLength("counts[0]", first, `counts[${i}]`, item)
    const ratingsHere = ratingsOf(counts, i)
    if (ratingsHere !== ratings) {
      throw new RangeError(
        `counts[${i}] has ${ratingsHere} ratings and counts[0] has ${ratings}: take krippendorffAlpha where numbers differ`
      )
    }
    for (let j = 0; j < item.length; j++) {
      classes[j]! += item[j]!
      agreeing += item[j]! * (item[j]! - 1)
    }
  }
  if (ratings < 2) return undefined
  const total = ratings * counts.length
  if (classes.some((count) => count === total)) return undefined
  const observed = agreeing / (total * (ratings - 1))
  let expected = 0
  for (const count of classes) expected += (count / total) ** 2
  return (observed - expected) / (1 - expected)
}

const ratingsOf = (counts: ReadonlyArray<Values>, i: number): number => {
  let ratings = 0
  const item = counts[i]!
  for (let j = 0; j < item.length; j++) {
    requireCount(`counts[${i}][${j}]`, item[j]!)
    ratings += item[j]!
  }
  return ratings
}
