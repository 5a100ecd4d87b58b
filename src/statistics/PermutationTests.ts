/**
 * Tests that ask what else chance could have made of the same numbers.
 *
 * @since 0.1.0
 */
import { allSignSums, type Arrangements, drawnGroupings, drawnSigns, everyGrouping } from "./internal/arrangements.ts"
import { requirePositiveCount, requireSameLength } from "./internal/checks.ts"
import { groupBy, groupSums } from "./internal/groups.ts"
import { differencesOf, undecided } from "./internal/pairs.ts"
import { spread } from "./internal/spread.ts"
import { sum } from "./Sums.ts"
import type { TestResult } from "./TestResult.ts"
import type { Clusters, Values } from "./Values.ts"

/**
 * Options of the permutation tests.
 *
 * @category options
 * @since 0.1.0
 */
export interface PermutationOptions {
  /** How many arrangements are drawn where there are too many to go through all. Default: 10,000. */
  readonly resamples?: number | undefined
  /** The same seed draws the same arrangements, everywhere. Default: 0. */
  readonly seed?: number | string | undefined
}

/**
 * Options of `pairedPermutationTest`.
 *
 * @category options
 * @since 0.1.0
 */
export interface PairedPermutationOptions extends PermutationOptions {
  /** Names the group of each pair; whole groups change sides then, because pairs within a group are alike. */
  readonly clusters?: Clusters | undefined
}

/**
 * The outcome of a permutation test.
 *
 * @category models
 * @since 0.1.0
 */
export type PermutationResult = TestResult & {
  /** `"exact"` if all arrangements were looked at, `"drawn"` if a sample of them was. */
  readonly method: "exact" | "drawn"
  /** How many arrangements were looked at. */
  readonly arrangements: number
}

/**
 * The permutation test on pairs: if it makes no difference which system an answer is from, the two values of a pair may
 * change places, that is, each difference may have either sign. The statistic is the mean of `first - second`; the
 * p-value is the share of arrangements whose mean is at least as far from 0.
 *
 * With up to 36 pairs (or clusters) that differ, all arrangements are counted. With more, `resamples` are drawn, and the
 * p-value is `(1 + hits) / (1 + resamples)`, which is never 0: B. Phipson and G. K. Smyth, "Permutation P-values Should
 * Never Be Zero" (2010).
 *
 * Where no pair differs, the p-value is 1. Undefined for no pairs. Source: R. A. Fisher, "The Design of Experiments"
 * (1935), chapter 3.
 *
 * **Example** (Six examples)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const test = Statistics.pairedPermutationTest([7, 5, 8, 6, 9, 7], [5, 4, 6, 6, 7, 8])
 * console.log(test.method, test.arrangements, test.pValue) // => exact 32 0.1875
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const pairedPermutationTest = (
  first: Values,
  second: Values,
  options?: PairedPermutationOptions
): PermutationResult => {
  const differences = differencesOf(first, second)
  const resamples = resamplesOf(options)
  const clusters = options?.clusters
  if (clusters !== undefined) requireSameLength("first", first, "clusters", clusters)
  if (differences.length === 0) return { ...undecided("there are no pairs"), method: "exact", arrangements: 0 }
  const units = clusters === undefined ? differences : groupSums(groupBy(clusters), (i) => differences[i]!)
  // A sign makes no difference to 0.
  const movable = units.filter((difference) => difference !== 0)
  const total = sum(movable)
  const magnitude = sum(movable.map(Math.abs))
  return decide(total / differences.length, Math.abs(total), magnitude * movable.length, {
    exact: movable.length <= mostSigns ? (limit) => allSignSums(movable, limit) : undefined,
    drawn: (limit) => drawnSigns(movable, limit, resamples, options?.seed ?? 0)
  })
}

/**
 * The permutation test on two independent samples: if it makes no difference which sample a value is from, any of the
 * values could form the first one. The statistic is `mean(first) - mean(second)`; the p-value is the share of
 * arrangements whose difference is at least as far from 0.
 *
 * Up to a million arrangements are all gone through. With more, `resamples` are drawn, and the p-value is
 * `(1 + hits) / (1 + resamples)`: B. Phipson and G. K. Smyth, "Permutation P-values Should Never Be Zero" (2010).
 *
 * For two systems on the same examples take `pairedPermutationTest`. Undefined if a sample is empty. Source: E. J. G.
 * Pitman, "Significance Tests Which May be Applied to Samples from any Populations" (1937).
 *
 * **Example** (Three against four values)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const test = Statistics.permutationTest([12, 11, 13], [8, 9, 7, 10])
 * console.log(test.statistic, test.arrangements, test.pValue?.toFixed(4)) // => 3.5 35 0.0571
 * ```
 *
 * @category tests
 * @since 0.1.0
 */
export const permutationTest = (first: Values, second: Values, options?: PermutationOptions): PermutationResult => {
  const firstSpread = spread("first", first)
  const secondSpread = spread("second", second)
  const resamples = resamplesOf(options)
  if (first.length === 0 || second.length === 0) {
    return { ...undecided("a sample is empty"), method: "exact", arrangements: 0 }
  }
  const difference = firstSpread.mean / firstSpread.scale - secondSpread.mean / secondSpread.scale
  // Around their mean, the values of one sample add up to what the difference of the means comes to, but for a factor.
  const all = Float64Array.from([...Array.from(first), ...Array.from(second)])
  const centred = centredAt0(centredAt0(all))
  const total = sum(centred.subarray(0, first.length))
  const magnitude = sum(centred.map(Math.abs))
  // The centred values of the other sample add up to the same, but for the sign.
  const size = Math.min(first.length, second.length)
  return decide(difference, Math.abs(total), magnitude * all.length, {
    exact: choose(all.length, size) <= mostGroupings ? (limit) => everyGrouping(centred, size, limit) : undefined,
    drawn: (limit) => drawnGroupings(centred, size, limit, resamples, options?.seed ?? 0)
  })
}

/** The rounding of the mean stays in every value; a second time, it is that of a mean next to 0. */
const centredAt0 = (values: Float64Array): Float64Array => {
  const centre = sum(values) / values.length
  return values.map((x) => x - centre)
}

const mostSigns = 36
const mostGroupings = 1e6

const resamplesOf = (options: PermutationOptions | undefined): number => {
  const resamples = options?.resamples ?? 10_000
  requirePositiveCount("resamples", resamples)
  return resamples
}

/** Counts the arrangements that are as far out as the observed one, which rounding must not leave out. */
const decide = (statistic: number, observed: number, magnitude: number, count: {
  readonly exact: ((limit: number) => Arrangements) | undefined
  readonly drawn: (limit: number) => Arrangements
}): PermutationResult => {
  const limit = observed - 4 * Number.EPSILON * magnitude
  if (count.exact !== undefined) {
    const { arrangements, hits } = count.exact(limit)
    return { statistic, pValue: hits / arrangements, method: "exact", arrangements }
  }
  const { arrangements, hits } = count.drawn(limit)
  return { statistic, pValue: (1 + hits) / (1 + arrangements), method: "drawn", arrangements }
}

/** Exact up to `mostGroupings`; above that, some number above it. */
const choose = (from: number, count: number): number => {
  let ways = 1
  for (let i = 1; i <= count && ways <= mostGroupings; i++) ways = ways * (from - i + 1) / i
  return Math.round(ways)
}
