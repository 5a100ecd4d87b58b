/**
 * Means and variances of a stream, in constant memory.
 *
 * @since 0.1.0
 */
import { requireFiniteNumber } from "./internal/checks.ts"
import { CompensatedSum } from "./Sums.ts"

/**
 * Takes values one by one and gives, at any time, their count, mean, variance and range. Parts merge into the whole.
 *
 * The mean comes from a compensated sum. The sum of the squared deviations is updated by
 * `S' = S + (x - m) (x - m')` with the running mean `m' = m + (x - m) / n`; two parts merge by
 * `S = S1 + S2 + (m2 - m1)^2 n1 n2 / (n1 + n2)`. Sources: B. P. Welford, "Note on a Method for Calculating Corrected Sums
 * of Squares and Products" (1962); T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm
 * for Computing Sample Variances" (1979).
 *
 * What is not defined (the mean of nothing, the variance of one value) is `undefined`. Squares of differences above
 * 1e154 overflow; `variance` of an array has no such limit.
 *
 * **Example** (Two halves of a stream)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const first = new Statistics.RunningMoments()
 * const second = new Statistics.RunningMoments()
 * for (const x of [2, 4, 4, 4]) first.add(x)
 * for (const x of [5, 5, 7, 9]) second.add(x)
 * first.merge(second)
 * console.log(first.count, first.mean, first.standardDeviation?.toFixed(4)) // => 8 5 2.1381
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export class RunningMoments {
  readonly #sum = new CompensatedSum()
  #count = 0
  /** What the recurrence needs; less exact than the sum. */
  #mean = 0
  #squares = 0
  #smallest = Infinity
  #largest = -Infinity

  /** Adds a value. One that is not finite throws a `RangeError`. */
  add(value: number): void {
    requireFiniteNumber("value", value)
    const deviation = value - this.#mean
    this.#sum.add(value)
    this.#count++
    // The distance of numbers at both ends of what there is overflows, their mean does not.
    this.#mean += Number.isFinite(deviation)
      ? deviation / this.#count
      : value / this.#count - this.#mean / this.#count
    this.#squares += deviation * (value - this.#mean)
    if (value < this.#smallest) this.#smallest = value
    if (value > this.#largest) this.#largest = value
  }

  /** Adds what another one has seen, which stays as it is. */
  merge(other: RunningMoments): void {
    const count = this.#count + other.#count
    if (count === 0) return
    const distance = other.#mean - this.#mean
    this.#sum.add(other.#sum.value)
    this.#squares += other.#squares + distance * distance * this.#count * other.#count / count
    this.#mean += distance * (other.#count / count)
    this.#count = count
    this.#smallest = Math.min(this.#smallest, other.#smallest)
    this.#largest = Math.max(this.#largest, other.#largest)
  }

  /** How many values were added. */
  get count(): number {
    return this.#count
  }

  /** The mean, in the unit of the values. */
  get mean(): number | undefined {
    if (this.#count === 0) return undefined
    const mean = this.#sum.value / this.#count
    // A sum may overflow where the mean does not, and its rounding may leave the range of the values.
    return Math.min(this.#largest, Math.max(this.#smallest, Number.isFinite(mean) ? mean : this.#mean))
  }

  /** The sample variance (divisor `n - 1`), in the squared unit of the values. */
  get variance(): number | undefined {
    return this.#count < 2 ? undefined : this.#squares / (this.#count - 1)
  }

  /** The sample standard deviation (divisor `n - 1`), in the unit of the values. */
  get standardDeviation(): number | undefined {
    return this.#count < 2 ? undefined : Math.sqrt(this.#squares / (this.#count - 1))
  }

  /** The standard error of the mean of independent values, in their unit. */
  get standardError(): number | undefined {
    return this.#count < 2 ? undefined : Math.sqrt(this.#squares / (this.#count - 1) / this.#count)
  }

  /** The smallest value. */
  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#smallest
  }

  /** The largest value. */
  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#largest
  }
}
