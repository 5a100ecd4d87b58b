/** What chance could have made of the same numbers: all of it, or a sample. */
import { seeded } from "./generator.ts"
import { lowerBound, upperBound } from "./order.ts"

export interface Arrangements {
  readonly arrangements: number
  /** How many of them have a sum of a magnitude of at least the limit. */
  readonly hits: number
}

/**
 * All signs of the numbers. Half of the numbers give a sorted list of sums, in which each sum of the other half finds
 * its hits, so that 2^n arrangements take about 2^(n/2) n steps.
 */
export const allSignSums = (numbers: Float64Array, limit: number): Arrangements => {
  const middle = numbers.length >>> 1
  const sorted = signSums(numbers.subarray(0, middle)).sort()
  let hits = 0
  for (const sum of signSums(numbers.subarray(middle))) {
    const above = lowerBound(sorted, limit - sum)
    const below = upperBound(sorted, -limit - sum)
    // Where the limit is 0 or less, the two ranges overlap: every arrangement is a hit.
    hits += limit <= 0 ? sorted.length : sorted.length - above + below
  }
  return { arrangements: 2 ** numbers.length, hits }
}

const signSums = (numbers: Float64Array): Float64Array<ArrayBuffer> => {
  let sums = Float64Array.of(0)
  for (const number of numbers) {
    const next = new Float64Array(sums.length * 2)
    for (let i = 0; i < sums.length; i++) {
      next[2 * i] = sums[i]! - number
      next[2 * i + 1] = sums[i]! + number
    }
    sums = next
  }
  return sums
}

/** A sample of the signs of the numbers. */
export const drawnSigns = (
  numbers: Float64Array,
  limit: number,
  resamples: number,
  seed: number | string
): Arrangements => {
  const generator = seeded(seed)
  const words = new Uint32Array(Math.ceil(numbers.length / 32))
  let hits = 0
  for (let i = 0; i < resamples; i++) {
    generator.draw(words, 2 ** 32)
    let sum = 0
    let lost = 0
    for (let j = 0; j < numbers.length; j++) {
      const x = (words[j >>> 5]! >>> (j & 31)) & 1 ? numbers[j]! : -numbers[j]!
      const next = sum + x
      lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum
      sum = next
    }
    if (Math.abs(sum + lost) >= limit) hits++
  }
  return { arrangements: resamples, hits }
}

/** All ways to take `size` of the numbers. */
export const everyGrouping = (numbers: Float64Array, size: number, limit: number): Arrangements => {
  let arrangements = 0
  let hits = 0
  const take = (from: number, left: number, sum: number): void => {
    if (left === 0) {
      arrangements++
      if (Math.abs(sum) >= limit) hits++
      return
    }
    for (let i = from; i <= numbers.length - left; i++) take(i + 1, left - 1, sum + numbers[i]!)
  }
  take(0, size, 0)
  return { arrangements, hits }
}

/** A sample of the ways to take `size` of the numbers. */
export const drawnGroupings = (
  numbers: Float64Array,
  size: number,
  limit: number,
  resamples: number,
  seed: number | string
): Arrangements => {
  const generator = seeded(seed)
  const shuffled = numbers.slice()
  const one = new Uint32Array(1)
  let hits = 0
  for (let i = 0; i < resamples; i++) {
    let sum = 0
    let lost = 0
    // The first `size` steps of a shuffle (R. Durstenfeld, 1964).
    for (let j = 0; j < size; j++) {
      generator.draw(one, shuffled.length - j)
      const k = j + one[0]!
      const x = shuffled[k]!
      shuffled[k] = shuffled[j]!
      shuffled[j] = x
      const next = sum + x
      lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum
      sum = next
    }
    if (Math.abs(sum + lost) >= limit) hits++
  }
  return { arrangements: resamples, hits }
}
