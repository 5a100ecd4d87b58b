import type { Values } from "../Values.ts"

/**
 * For each value the index of the first one equal to it in the sorted values. Searching is faster than sorting indexes,
 * which needs a call per comparison.
 */
export const firstIndexes = (values: Values, sorted: Float64Array): Uint32Array =>
  Uint32Array.from(values, (value) => lowerBound(sorted, value))

/** How many of the sorted values are smaller. */
export const lowerBound = (sorted: Float64Array, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** How many of the sorted values are smaller or equal. */
export const upperBound = (sorted: Float64Array, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Goes through two sorted arrays in one pass, in ascending order of their values, and says how often each value occurs
 * in the one and in the other.
 */
export const forEachValue = (
  first: Float64Array,
  second: Float64Array,
  visit: (value: number, inFirst: number, inSecond: number) => void
): void => {
  let i = 0
  let j = 0
  while (i < first.length || j < second.length) {
    const value = j === second.length || (i < first.length && first[i]! <= second[j]!) ? first[i]! : second[j]!
    const fromFirst = i
    const fromSecond = j
    while (i < first.length && first[i] === value) i++
    while (j < second.length && second[j] === value) j++
    visit(value, i - fromFirst, j - fromSecond)
  }
}
