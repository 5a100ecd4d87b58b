/**
 * Percentiles of values that fit into memory. For those that do not, see `QuantileSketch`.
 *
 * @since 0.1.0
 */
import { requireFinite, requireProbability } from "./internal/checks.ts"
import { quantileOfSorted } from "./internal/quantile.ts"
import type { Values } from "./Values.ts"

/**
 * The value that a share `probability` of the values stays below, in their unit. 0.5 is the median, 0.95 the 95th
 * percentile.
 *
 * Between two values it interpolates (type 7: the default of R and NumPy and Excel's `PERCENTILE.INC`): with the values
 * sorted and counted from 0, it is the one at position `(n - 1) * probability`. Source: R. J. Hyndman and Y. Fan, "Sample
 * Quantiles in Statistical Packages" (1996).
 *
 * `undefined` for no values. The values may come in any order. Takes O(n log n).
 *
 * **Example** (Latencies in milliseconds)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const latencies = [120, 80, 95, 300, 110, 2500, 130, 90, 105, 100]
 * console.log(Statistics.percentile(latencies, 0.5)) // => 107.5
 * console.log(Statistics.percentile(latencies, 0.99)?.toFixed(0)) // => 2302
 * ```
 *
 * @category percentiles
 * @since 0.1.0
 */
export const percentile = (values: Values, probability: number): number | undefined => {
  requireFinite("values", values)
  requireProbability("probability", probability)
  return quantileOfSorted(new Float64Array(values).sort(), probability)
}

/**
 * Several percentiles for the price of one sort, in the order of the probabilities. See `percentile`.
 *
 * **Example** (The quartiles)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.percentiles([1, 2, 3, 4, 5], [0.25, 0.5, 0.75])) // => [ 2, 3, 4 ]
 * ```
 *
 * @category percentiles
 * @since 0.1.0
 */
export const percentiles = (values: Values, probabilities: Values): Array<number | undefined> => {
  requireFinite("values", values)
  const sorted = new Float64Array(values).sort()
  return Array.from(probabilities, (probability, i) => {
    requireProbability(`probabilities[${i}]`, probability)
    return quantileOfSorted(sorted, probability)
  })
}
