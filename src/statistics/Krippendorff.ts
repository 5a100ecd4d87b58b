/**
 * Agreement of any number of raters, with missing ratings, on any scale.
 *
 * @since 0.1.0
 */
import { requireFinite, requireLabels, requireNonNegative, requireSameLength } from "./internal/checks.ts"
import { lowerBound, upperBound } from "./internal/order.ts"
import { spread } from "./internal/spread.ts"
import { CompensatedSum } from "./Sums.ts"
import type { Label } from "./Values.ts"

/**
 * What ratings are: names (`"nominal"`), steps in an order (`"ordinal"`), numbers whose differences count
 * (`"interval"`), or numbers of 0 and more whose ratios count (`"ratio"`).
 *
 * @category options
 * @since 0.1.0
 */
export type Scale = "nominal" | "ordinal" | "interval" | "ratio"

/**
 * Options of `krippendorffAlpha`.
 *
 * @category options
 * @since 0.1.0
 */
export interface KrippendorffOptions {
  /** Default: `"nominal"`. */
  readonly scale?: Scale | undefined
  /** The steps of an `"ordinal"` scale, lowest first. Not needed where the ratings are numbers. */
  readonly order?: ReadonlyArray<Label> | undefined
}

/**
 * Krippendorff's alpha: `1 - Do / De`, the observed disagreement over that expected by chance. 1 is perfect agreement, 0
 * what chance would give, below 0 less than that. `ratings[r][i]` is what rater `r` said of item `i`, `null` or
 * `undefined` where nothing was said.
 *
 * With the `m` ratings of an item paired with one another, and `n` ratings in items that have at least two,
 * `Do = (1 / n) sum over items of sum over pairs of d / (m - 1)` and `De = (1 / (n (n - 1))) sum over all pairs of d`,
 * each pair in both orders. `d` is 0 for equal ratings and else
 * - nominal: 1,
 * - ordinal: the square of how far apart the average ranks of the two are among all `n` ratings,
 * - interval: `(a - b)^2`,
 * - ratio: `((a - b) / (a + b))^2`.
 *
 * Items with fewer than two ratings are left out. `undefined` where there are none left, or where all ratings are the
 * same: chance would not disagree either, so nothing can be said. (Some tools give 1 there.)
 *
 * Takes O(n log n); on the ratio scale it takes the square of the number of different ratings. Source: K. Krippendorff,
 * "Computing Krippendorff's Alpha-Reliability" (2011).
 *
 * **Example** (Three judges, two ratings missing)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const alpha = Statistics.krippendorffAlpha([
 *   ["p", "f", "p", "p", null],
 *   ["p", "p", "f", "p", "f"],
 *   [null, "f", "f", "p", "f"]
 * ])
 * console.log(alpha?.toFixed(3)) // => 0.429
 * ```
 *
 * @category agreement
 * @since 0.1.0
 */
export const krippendorffAlpha = (
  ratings: ReadonlyArray<ReadonlyArray<Label | null | undefined>>,
  options?: KrippendorffOptions
): number | undefined => {
  const scale = options?.scale ?? "nominal"
  const items = itemsOf(ratings)
  const disagreement = scale === "nominal"
    ? nominal(items)
    : scale === "ordinal"
    ? interval(ranked(items, options?.order))
    : scale === "interval"
    ? interval(items.map(numbersOf))
    : ratio(items.map(numbersOf))
  const { expected, observed } = disagreement
  if (expected === 0) return undefined
  let count = 0
  for (const item of items) count += item.length
  return 1 - (count - 1) * observed / expected
}

/** The sums that alpha divides: over the pairs within items, each item's divided by one less than it has ratings; over all. */
interface Disagreement {
  readonly observed: number
  readonly expected: number
}

/** The ratings of each item that has at least two. */
const itemsOf = (
  ratings: ReadonlyArray<ReadonlyArray<Label | null | undefined>>
): ReadonlyArray<ReadonlyArray<Label>> => {
  const [first] = ratings
  if (first === undefined) return []
  const items: Array<Array<Label>> = Array.from(first, () => [])
  for (let rater = 0; rater < ratings.length; rater++) {
    const given = ratings[rater]!
    requireSameLength("ratings[0]", first, `ratings[${rater}]`, given)
    requireLabels(`ratings[${rater}]`, given)
    for (let i = 0; i < given.length; i++) {
      const rating = given[i]
      if (rating !== null && rating !== undefined) items[i]!.push(rating)
    }
  }
  return items.filter((item) => item.length > 1)
}

const numbersOf = (item: ReadonlyArray<Label>): Float64Array =>
  Float64Array.from(item, (rating) => {
    if (typeof rating === "number") return rating
    throw new RangeError(`the rating ${JSON.stringify(rating)} is not a number, as this scale needs`)
  })

/** Of `n` ratings with counts `n_c`, `n^2 - sum(n_c^2)` pairs differ. */
const nominal = (items: ReadonlyArray<ReadonlyArray<Label>>): Disagreement => {
  const observed = new CompensatedSum()
  const all = new Map<Label, number>()
  let total = 0
  for (const item of items) {
    const here = new Map<Label, number>()
    for (const rating of item) {
      here.set(rating, (here.get(rating) ?? 0) + 1)
      all.set(rating, (all.get(rating) ?? 0) + 1)
    }
    observed.add(differingPairs(here, item.length) / (item.length - 1))
    total += item.length
  }
  return { observed: observed.value, expected: differingPairs(all, total) }
}

const differingPairs = (counts: ReadonlyMap<Label, number>, total: number): number => {
  let equal = 0
  for (const count of counts.values()) equal += count * count
  return total * total - equal
}

/** The squared differences of all pairs of `n` numbers add up to `2 n` times those from their mean. */
const interval = (items: ReadonlyArray<Float64Array>): Disagreement => {
  const whole = spread("ratings", flat(items))
  const observed = new CompensatedSum()
  for (const item of items) {
    const { scale, squares } = spread("ratings", item.map((rating) => rating * whole.scale))
    observed.add(2 * item.length * squares / scale / scale / (item.length - 1))
  }
  return { observed: observed.value, expected: 2 * whole.count * whole.squares }
}

const ratio = (items: ReadonlyArray<Float64Array>): Disagreement => {
  const all = flat(items)
  for (const rating of all) requireNonNegative("a rating on the ratio scale", rating)
  const observed = new CompensatedSum()
  for (const item of items) observed.add(ratioPairs(item) / (item.length - 1))
  return { observed: observed.value, expected: ratioPairs(all) }
}

const ratioPairs = (ratings: Float64Array): number => {
  const counts = new Map<number, number>()
  for (const rating of ratings) counts.set(rating, (counts.get(rating) ?? 0) + 1)
  const different = Array.from(counts)
  const sum = new CompensatedSum()
  for (let i = 0; i < different.length; i++) {
    const [a, times] = different[i]!
    for (let j = 0; j < i; j++) {
      const [b, otherTimes] = different[j]!
      sum.add(2 * times * otherTimes * ((a - b) / (a + b)) ** 2)
    }
  }
  return sum.value
}

/** The average rank of each rating among all of them: on these, the ordinal difference is that of an interval scale. */
const ranked = (
  items: ReadonlyArray<ReadonlyArray<Label>>,
  order: ReadonlyArray<Label> | undefined
): ReadonlyArray<Float64Array> => {
  const steps = order === undefined ? items.map(numbersOf) : items.map((item) =>
    Float64Array.from(item, (rating) => {
      const step = order.indexOf(rating)
      if (step >= 0) return step
      throw new RangeError(`the rating ${JSON.stringify(rating)} is not in the order`)
    })
  )
  const sorted = flat(steps).sort()
  requireFinite("ratings", sorted)
  return steps.map((item) => item.map((step) => (lowerBound(sorted, step) + upperBound(sorted, step) + 1) / 2))
}

const flat = (items: ReadonlyArray<Float64Array>): Float64Array<ArrayBuffer> => {
  let length = 0
  for (const item of items) length += item.length
  const all = new Float64Array(length)
  let at = 0
  for (const item of items) {
    all.set(item, at)
    at += item.length
  }
  return all
}
