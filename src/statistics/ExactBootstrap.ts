/**
 * The bootstrap of a handful of values without chance: all samples that there are.
 *
 * @since 0.1.0
 */
import { requireAtMost, requireProbability } from "./internal/checks.ts"
import { interpolate, position } from "./internal/quantile.ts"
import { spread } from "./internal/spread.ts"
import { populationStandardDeviation } from "./Moments.ts"
import type { Values } from "./Values.ts"

const mostValues = 12

/**
 * The quantiles of the means of all `n^n` samples that can be drawn with replacement from `n` values: what `bootstrap`
 * comes to with ever more samples, in the unit of the values. Type 7, in the order of the probabilities.
 *
 * `undefined` for no values. More than 12 values throw a `RangeError`. Source: N. I. Fisher and P. Hall, "Bootstrap
 * algorithms for small samples" (1991).
 *
 * **Example** (The 95 % interval of four values)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.exactBootstrapQuantiles([1, 2, 4, 8], [0.025, 0.975])) // => [ 1.5, 6.5 ]
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const exactBootstrapQuantiles = (values: Values, probabilities: Values): Array<number> | undefined => {
  requireAtMost("the number of values", values.length, "what can be enumerated", mostValues)
  const { scale } = spread("values", values)
  const means = allMeans(Float64Array.from(values, (x) => x * scale))
  const total = values.length ** values.length
  return values.length === 0 ? undefined : Array.from(probabilities, (probability, i) => {
    requireProbability(`probabilities[${i}]`, probability)
    const { fraction, index } = position(total, probability)
    return interpolate(meanAt(means, index), meanAt(means, Math.min(index + 1, total - 1)), fraction) / scale
  })
}

/**
 * What the bootstrap standard error of the mean comes to with ever more samples, in the unit of the values:
 * `populationStandardDeviation / sqrt(n)`. `undefined` for no values. Source: B. Efron and R. J. Tibshirani, "An
 * Introduction to the Bootstrap" (1993), chapter 5.
 *
 * **Example** (Four values)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.exactBootstrapStandardError([1, 2, 4, 8])?.toFixed(4)) // => 1.3405
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const exactBootstrapStandardError = (values: Values): number | undefined => {
  const deviation = populationStandardDeviation(values)
  return deviation === undefined ? undefined : deviation / Math.sqrt(values.length)
}

interface WeightedMean {
  readonly mean: number
  /** How many of the samples have it. */
  readonly samples: number
}

/** Samples that differ only in their order have the same mean, so they are counted, not enumerated. */
const allMeans = (values: Values): Array<WeightedMean> => {
  const size = values.length
  const means: Array<WeightedMean> = []
  const draw = (value: number, left: number, sum: number, arrangements: number): void => {
    if (value === size - 1) {
      means.push({ mean: (sum + left * values[value]!) / size, samples: arrangements })
      return
    }
    for (let times = 0; times <= left; times++) {
      draw(value + 1, left - times, sum + times * values[value]!, arrangements * choose(left, times))
    }
  }
  if (size > 0) draw(0, size, 0, 1)
  return means.sort((a, b) => a.mean - b.mean)
}

const choose = (from: number, count: number): number => {
  let ways = 1
  for (let i = 1; i <= count; i++) ways = ways * (from - count + i) / i
  return ways
}

const meanAt = (means: ReadonlyArray<WeightedMean>, index: number): number => {
  let at = 0
  let before = means[at]!.samples
  while (before <= index) before += means[++at]!.samples
  return means[at]!.mean
}
