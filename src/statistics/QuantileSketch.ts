/**
 * Percentiles of a stream, in memory that does not grow with it.
 *
 * @since 0.1.0
 */
import { BucketStore } from "./internal/bucketStore.ts"
import { requireFiniteNumber, requirePositiveCount, requireProbability } from "./internal/checks.ts"
import { interpolate, position } from "./internal/quantile.ts"

/**
 * Options of `QuantileSketch`.
 *
 * @category options
 * @since 0.1.0
 */
export interface QuantileSketchOptions {
  /** How far a percentile may be off, as a share of itself, between 0 and 1. Default: 0.01. */
  readonly relativeError?: number | undefined
  /** How many counters there may be for positive numbers, and as many again for negative ones. Default: 2,048. */
  readonly buckets?: number | undefined
}

/**
 * Counts numbers in buckets of growing width, and gives percentiles that are off by no more than a share of
 * themselves. Sketches of parts of a stream merge into the sketch of the whole, whatever the order.
 *
 * A positive number `x` goes into bucket `ceil(log(x) / log(g))`, `g = (1 + e) / (1 - e)` with the relative error `e`,
 * and is given back as `2 g^i / (g + 1)`; negative numbers likewise, 0 has a counter of its own. Source: C. Masson,
 * J. E. Rim and H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees" (2019).
 *
 * **The bound.** Let `a` and `b` be the values on either side of the exact percentile (as `percentile` has it). What the
 * sketch gives is off by at most `relativeError * max(|a|, |b|)`; where `a` and `b` have the same sign, by at most
 * `relativeError` of the exact percentile itself. The smallest and the largest value are exact.
 *
 * **Memory.** At most `buckets` counters of 8 bytes for each sign. 2,048 of them at 1 % span numbers from 1 to 6e17.
 * Beyond that the numbers next to 0 share a bucket: the bound then holds for percentiles of a magnitude above
 * `reliableAbove`. Numbers below 2.3e-308 count as 0.
 *
 * **Example** (Two halves of a stream)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const first = new Statistics.QuantileSketch({ relativeError: 0.01 })
 * const second = new Statistics.QuantileSketch({ relativeError: 0.01 })
 * for (let i = 1; i <= 1000; i++) (i % 2 === 0 ? first : second).add(i)
 * first.merge(second)
 * const median = first.quantile(0.5) ?? 0
 * console.log(first.count, Math.abs(median - 500.5) <= 0.01 * 500.5) // => 1000 true
 * ```
 *
 * @category percentiles
 * @since 0.1.0
 */
export class QuantileSketch {
  readonly relativeError: number
  readonly buckets: number
  readonly #logGrowth: number
  /** What brings the middle of a bucket (seen from the relative error) down from its upper end. */
  readonly #logMiddle: number
  readonly #positive: BucketStore
  readonly #negative: BucketStore
  #zeros = 0
  #smallest = Infinity
  #largest = -Infinity

  constructor(options?: QuantileSketchOptions) {
    this.relativeError = options?.relativeError ?? 0.01
    this.buckets = options?.buckets ?? 2048
    if (!(this.relativeError > 0 && this.relativeError < 1)) {
      throw new RangeError(`relativeError is ${this.relativeError}: it has to lie between 0 and 1, such as 0.01`)
    }
    requirePositiveCount("buckets", this.buckets)
    this.#logGrowth = Math.log1p(this.relativeError) - Math.log1p(-this.relativeError)
    this.#logMiddle = Math.log1p(-this.relativeError)
    this.#positive = new BucketStore(this.buckets)
    this.#negative = new BucketStore(this.buckets)
  }

  /** How many values were added. */
  get count(): number {
    return this.#positive.total + this.#zeros + this.#negative.total
  }

  /** The smallest value, exactly; `undefined` for no values. */
  get min(): number | undefined {
    return this.count === 0 ? undefined : this.#smallest
  }

  /** The largest value, exactly; `undefined` for no values. */
  get max(): number | undefined {
    return this.count === 0 ? undefined : this.#largest
  }

  /** The bound on the error holds for percentiles of a magnitude above this. Mostly 0: it holds for all. */
  get reliableAbove(): number {
    const bucket = Math.max(this.#positive.sharedUpTo, this.#negative.sharedUpTo)
    return bucket === -Infinity ? 0 : Math.exp(bucket * this.#logGrowth)
  }

  /**
   * Adds a value, or so many of the same at once. A value that is not finite and a count that is not a whole number above
   * 0 throw a `RangeError`.
   */
  add(value: number, count: number = 1): void {
    requireFiniteNumber("value", value)
    requirePositiveCount("count", count)
    if (value > smallestNormal) this.#positive.add(this.#bucketOf(value), count)
    else if (value < -smallestNormal) this.#negative.add(this.#bucketOf(-value), count)
    else this.#zeros += count
    if (value < this.#smallest) this.#smallest = value
    if (value > this.#largest) this.#largest = value
  }

  /** Adds what another sketch has seen, which must have the same options and stays as it is. */
  merge(other: QuantileSketch): void {
    if (other.relativeError !== this.relativeError || other.buckets !== this.buckets) {
      throw new RangeError("only sketches with the same relativeError and buckets can be merged")
    }
    this.#positive.merge(other.#positive)
    this.#negative.merge(other.#negative)
    this.#zeros += other.#zeros
    this.#smallest = Math.min(this.#smallest, other.#smallest)
    this.#largest = Math.max(this.#largest, other.#largest)
  }

  /**
   * The value that a share `probability` of the values stays below, in their unit, as `percentile` has it but for the
   * error; `undefined` for no values.
   */
  quantile(probability: number): number | undefined {
    requireProbability("probability", probability)
    const count = this.count
    if (count === 0) return undefined
    const { fraction, index } = position(count, probability)
    const from = this.#valueAt(index)
    return fraction === 0 ? from : interpolate(from, this.#valueAt(index + 1), fraction)
  }

  #bucketOf(magnitude: number): number {
    return Math.ceil(Math.log(magnitude) / this.#logGrowth)
  }

  #magnitudeOf(bucket: number): number {
    // 2 g^i / (g + 1) = g^i (1 - e)
    return Math.exp(bucket * this.#logGrowth + this.#logMiddle)
  }

  /** The value at an index of all values sorted, but for the error. */
  #valueAt(index: number): number {
    if (index === 0) return this.#smallest
    if (index === this.count - 1) return this.#largest
    const negatives = this.#negative.total
    const value = index < negatives
      ? -this.#magnitudeOf(this.#negative.bucketAt(negatives - 1 - index))
      : index < negatives + this.#zeros
      ? 0
      : this.#magnitudeOf(this.#positive.bucketAt(index - negatives - this.#zeros))
    return Math.min(this.#largest, Math.max(this.#smallest, value))
  }
}

const smallestNormal = 2 ** -1022
