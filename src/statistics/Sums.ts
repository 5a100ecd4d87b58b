/**
 * Sums that do not lose small numbers next to large ones.
 *
 * @since 0.1.0
 */
import { requireFinite } from "./internal/checks.ts"
import type { Values } from "./Values.ts"

/**
 * A running sum that keeps what rounding would lose.
 *
 * The error is about one rounding of the result, however many terms there are: `s = a + x` is followed by adding up
 * `(a - s) + x` (or `(x - s) + a` where `x` is the larger), which is exactly what `s` lost. Source: A. Neumaier,
 * "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
 *
 * The sum of nothing is 0. A sum beyond 1.8e308 is infinite.
 *
 * **Example** (A million small numbers next to a large one)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const total = new Statistics.CompensatedSum()
 * for (const x of [1, 1e100, 1, -1e100]) total.add(x)
 * console.log(total.value, 1 + 1e100 + 1 - 1e100) // => 2 0
 * ```
 *
 * @category sums
 * @since 0.1.0
 */
export class CompensatedSum {
  #sum = 0
  #lost = 0

  /** Adds a number. */
  add(x: number): void {
    const sum = this.#sum + x
    this.#lost += Math.abs(this.#sum) >= Math.abs(x) ? this.#sum - sum + x : x - sum + this.#sum
    this.#sum = sum
  }

  /** The sum so far. */
  get value(): number {
    const value = this.#sum + this.#lost
    // After an overflow the lost part is infinite, too, and of the other sign.
    return Number.isNaN(value) ? this.#sum : value
  }
}

/**
 * The sum of the values, rounded about once (see `CompensatedSum`). The sum of nothing is 0.
 *
 * **Example** (Tenths)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.sum([0.1, 0.2, 0.3, 0.4]), 0.1 + 0.2 + 0.3) // => 1 0.6000000000000001
 * ```
 *
 * @category sums
 * @since 0.1.0
 */
export const sum = (values: Values): number => {
  requireFinite("values", values)
  const total = scaledSum(values, 1)
  // Partial sums can overflow where the sum does not; a power of two changes no digit.
  return Number.isFinite(total) ? total : scaledSum(values, 2 ** -64) * 2 ** 64
}

const scaledSum = (values: Values, scale: number): number => {
  const total = new CompensatedSum()
  for (let i = 0; i < values.length; i++) total.add(values[i]! * scale)
  return total.value
}
