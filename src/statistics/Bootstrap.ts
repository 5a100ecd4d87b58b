/**
 * Confidence intervals for any statistic, from samples of the sample.
 *
 * @since 0.1.0
 */
import { bootstrapInterval, noBootstrap, settingsOf } from "./internal/bootstrapInterval.ts"
import { requireFinite, requireSameLength } from "./internal/checks.ts"
import { type ColumnStatistic, resampleClusteredMean, resampleMean, resampleRows } from "./internal/resampling.ts"
import type { Interval, LevelOptions } from "./Interval.ts"
import { mean } from "./Moments.ts"
import type { Clusters, Values } from "./Values.ts"

/**
 * How a bootstrap interval is read off the statistics of the samples; `bootstrap` has the formulas.
 *
 * @category options
 * @since 0.1.0
 */
export type BootstrapMethod = "percentile" | "BCa"

/**
 * What all bootstraps have in common.
 *
 * @category options
 * @since 0.1.0
 */
export interface BootstrapSettings extends LevelOptions {
  /** Default: `"percentile"`. */
  readonly method?: BootstrapMethod | undefined
  /** How many samples are drawn. Default: 10,000. */
  readonly resamples?: number | undefined
  /** The same seed gives the same interval, everywhere. 7 and "7" are the same seed. Default: 0. */
  readonly seed?: number | string | undefined
  /** Names the group of each value; whole groups are drawn then, because values within a group are alike. */
  readonly clusters?: Clusters | undefined
}

/**
 * Options of `bootstrap`.
 *
 * @category options
 * @since 0.1.0
 */
export interface BootstrapOptions extends BootstrapSettings {
  /**
   * What is computed from each sample. The array is used again for the next one, so it is not to be kept. Default: the
   * mean, which is much faster than a function that computes it.
   */
  readonly statistic?: ((sample: Float64Array) => number | undefined) | undefined
}

/**
 * Options of `pairedBootstrap`.
 *
 * @category options
 * @since 0.1.0
 */
export interface PairedBootstrapOptions extends BootstrapSettings {
  /**
   * What is computed from each sample of pairs. The arrays are used again for the next one, so they are not to be kept.
   * Default: the mean of the differences `first - second`.
   */
  readonly statistic?: ((first: Float64Array, second: Float64Array) => number | undefined) | undefined
}

/**
 * A bootstrap interval and how it came about.
 *
 * @category models
 * @since 0.1.0
 */
export type BootstrapInterval = Interval & {
  readonly method: BootstrapMethod
  /** The standard deviation of the statistic over the samples; `undefined` if it is defined in fewer than two. */
  readonly standardError: number | undefined
  readonly resamples: number
  /** How many samples left the statistic undefined. They are not part of the interval. */
  readonly undefinedResamples: number
  readonly seed: number | string
}

/**
 * The bootstrap interval of a statistic, in the unit of the statistic: samples as large as the data are drawn from the
 * data with replacement, and the interval is read off the statistics of all these samples.
 *
 * - `"percentile"`, the default: the type 7 quantiles at `a = (1 - level) / 2` and `1 - a`. B. Efron, "Bootstrap
 *   Methods: Another Look at the Jackknife" (1979).
 * - `"BCa"`, corrected for bias and skewness: the quantiles at `F(b + (b + z) / (1 - c (b + z)))` with the normal
 *   distribution function `F`, `z = F^-1(a)` and `F^-1(1 - a)`, the bias `b = F^-1(share of samples below the
 *   estimate)`, ties counting half, and the acceleration `c = sum(d^3) / (6 sum(d^2)^(3/2))` from the jackknife, where
 *   `d` is how much the statistic changes without one value (with more than 1,000, one of 1,000 parts of the values).
 *   B. Efron, "Better Bootstrap Confidence Intervals" (1987).
 *
 * With `clusters`, whole groups are drawn (and left out by the jackknife). C. A. Field and A. H. Welsh, "Bootstrapping
 * clustered data" (2007).
 *
 * Undefined for no values; BCa also for one value or one group, and where all samples lie on one side of the estimate.
 * One value or one group, and equal values, give a percentile interval without width, which is not certainty.
 *
 * **Example** (The median latency)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const latencies = [120, 80, 95, 300, 110, 2500, 130, 90, 105, 100]
 * const interval = Statistics.bootstrap(latencies, {
 *   statistic: (sample) => Statistics.percentile(sample, 0.5),
 *   seed: "latencies"
 * })
 * console.log(interval.lower, interval.estimate, interval.upper) // => 95 107.5 210
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const bootstrap = (values: Values, options?: BootstrapOptions): BootstrapInterval => {
  requireFinite("values", values)
  const statistic = options?.statistic
  return run(
    [Float64Array.from(values)],
    statistic === undefined ? undefined : ([sample]) => sample === undefined ? undefined : statistic(sample),
    options
  )
}

/**
 * The bootstrap interval of a statistic of pairs: the first and the second value of a pair are drawn together. Without
 * a `statistic`, it is the mean of `first - second`: by how much one system is better than another on the same
 * examples. See `bootstrap`.
 *
 * **Example** (Two systems on the same ten questions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.pairedBootstrap(
 *   [1, 1, 0, 1, 0, 1, 1, 0, 1, 1],
 *   [1, 0, 0, 1, 0, 0, 1, 1, 0, 1]
 * )
 * console.log(interval.lower, interval.estimate, interval.upper) // => -0.2 0.2 0.6
 * ```
 *
 * **Example** (How sure is an AUROC?)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const truth = [1, 1, 0, 1, 0, 0, 1, 0]
 * const scores = [0.9, 0.8, 0.7, 0.6, 0.55, 0.4, 0.4, 0.1]
 * const interval = Statistics.pairedBootstrap(truth, scores, { statistic: Statistics.auroc })
 * console.log(interval.estimate, interval.undefinedResamples > 0) // => 0.78125 true
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const pairedBootstrap = (first: Values, second: Values, options?: PairedBootstrapOptions): BootstrapInterval => {
  requireSameLength("first", first, "second", second)
  requireFinite("first", first)
  requireFinite("second", second)
  const statistic = options?.statistic
  if (statistic === undefined) {
    return run([Float64Array.from(first, (x, i) => x - second[i]!)], undefined, options)
  }
  return run(
    [Float64Array.from(first), Float64Array.from(second)],
    ([a, b]) => a === undefined || b === undefined ? undefined : statistic(a, b),
    options
  )
}

/** Without a statistic, the mean of the one column. */
const run = (
  columns: readonly [Float64Array, ...ReadonlyArray<Float64Array>],
  statistic: ColumnStatistic | undefined,
  options: BootstrapSettings | undefined
): BootstrapInterval => {
  const settings = settingsOf(options)
  const clusters = options?.clusters
  const values = columns[0]
  if (clusters !== undefined) requireSameLength("values", values, "clusters", clusters)
  if (values.length === 0) return noBootstrap(settings, "there are no values")
  const estimate = statistic === undefined ? mean(values) : statistic(columns)
  if (estimate === undefined || !Number.isFinite(estimate)) {
    return noBootstrap(settings, "the statistic of the values is undefined")
  }
  const resampler = statistic !== undefined
    ? resampleRows(columns, statistic, clusters, settings.seed)
    : clusters !== undefined
    ? resampleClusteredMean(values, clusters, settings.seed)
    : resampleMean(values, estimate, settings.seed)
  return bootstrapInterval(estimate, resampler, settings)
}
