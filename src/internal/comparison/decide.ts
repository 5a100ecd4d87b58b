/**
 * What paired scores say about the difference between two experiments. Distribution functions take a while to load:
 * import this when there is something to compare, not before.
 */
import type { KeyNumbers } from "../../Comparison.ts"
import { estimateInterval, type Interval } from "../../statistics/Interval.ts"
import { mcnemarMidP, pairedCounts } from "../../statistics/McNemar.ts"
import { mean, standardDeviation } from "../../statistics/Moments.ts"
import { benjaminiHochberg, benjaminiYekutieli, holm } from "../../statistics/MultipleComparisons.ts"
import { pairedDifference } from "../../statistics/PairedDifference.ts"
import { pairedPermutationTest } from "../../statistics/PermutationTests.ts"
import { minimumDetectableEffect } from "../../statistics/Power.ts"
import type { Adjustment } from "./comparisonOptions.ts"

/** Scores of the same examples in two experiments. */
export interface PairedScores {
  readonly baseline: Float64Array
  readonly candidate: Float64Array
  /** What each pair belongs to, where pairs are not independent of one another. */
  readonly clusters: ReadonlyArray<string> | undefined
}

export interface DecideOptions {
  readonly level: number
  readonly power: number
  readonly seed: number | string
}

/** The part of a comparison that the scores alone determine. */
export type Decision = Pick<
  KeyNumbers,
  "baseline" | "candidate" | "difference" | "test" | "effectSize" | "minimumDetectableEffect"
>

/** From so many independent differences on, their mean is close enough to normal for a t test. */
const enoughForT = 30

/** The difference, candidate less baseline, and whether it could be chance. */
export const decide = (
  { baseline, candidate, clusters }: PairedScores,
  isShare: boolean,
  { level, power, seed }: DecideOptions
): Decision => {
  const paired = pairedDifference(candidate, baseline, { level, clusters })
  const differences = candidate.map((score, i) => score - (baseline[i] ?? 0))
  const deviation = standardDeviation(differences)
  const means = { baseline: mean(baseline), candidate: mean(candidate) }
  return {
    ...(means.baseline === undefined ? {} : { baseline: means.baseline }),
    ...(means.candidate === undefined ? {} : { candidate: means.candidate }),
    difference: {
      level,
      ...(paired.estimate === undefined ? {} : { estimate: paired.estimate }),
      ...(paired.standardError === undefined ? {} : { standardError: paired.standardError }),
      ...(paired.lower === undefined
        ? { reason: paired.reason }
        : {
          degreesOfFreedom: paired.degreesOfFreedom,
          lower: possible(paired.lower, isShare),
          upper: possible(paired.upper, isShare)
        })
    },
    test: testOf(baseline, candidate, clusters, isShare, paired, seed),
    effectSize: isShare && clusters === undefined
      ? oddsRatio(baseline, candidate)
      : standardized(paired.estimate, deviation),
    // Differences that do not vary say nothing about how others would.
    ...(deviation === undefined || paired.standardError === undefined || paired.standardError === 0 ? {} : {
      // The variance that independent pairs would have had, so that clusters count for what they are worth.
      minimumDetectableEffect: minimumDetectableEffect(baseline.length, {
        differenceVariance: paired.standardError ** 2 * baseline.length,
        significance: 1 - level,
        power
      })
    })
  }
}

/** Shares differ by no more than 1, whatever Student's t makes of few of them. */
const possible = (bound: number | undefined, isShare: boolean): number | undefined =>
  bound === undefined || !isShare ? bound : Math.max(-1, Math.min(1, bound))

const testOf = (
  baseline: Float64Array,
  candidate: Float64Array,
  clusters: ReadonlyArray<string> | undefined,
  isShare: boolean,
  paired: ReturnType<typeof pairedDifference>,
  seed: number | string
): KeyNumbers["test"] => {
  if (isShare && clusters === undefined) {
    return { name: "mcnemar-mid-p", ...testResult(mcnemarMidP(pairedCounts(candidate, baseline))) }
  }
  const independent = clusters === undefined ? baseline.length : new Set(clusters).size
  if (independent >= enoughForT && paired.pValue !== undefined) {
    return { name: "paired-t", statistic: paired.statistic, pValue: paired.pValue }
  }
  return { name: "paired-permutation", ...testResult(pairedPermutationTest(candidate, baseline, { clusters, seed })) }
}

const testResult = (result: {
  readonly statistic: number | undefined
  readonly pValue: number | undefined
  readonly reason?: string | undefined
}) =>
  result.statistic === undefined || result.pValue === undefined
    ? { reason: result.reason ?? "the data do not decide" }
    : { statistic: result.statistic, pValue: result.pValue }

/** How often only the candidate was right for each time that only the baseline was. */
const oddsRatio = (baseline: Float64Array, candidate: Float64Array): KeyNumbers["effectSize"] => {
  const { onlyFirst, onlySecond } = pairedCounts(candidate, baseline)
  return onlySecond === 0
    ? { name: "matched-odds-ratio", reason: "there is no example that only the baseline got right" }
    : { name: "matched-odds-ratio", value: onlyFirst / onlySecond }
}

/** Cohen's d for pairs: the mean difference in standard deviations of the differences. */
const standardized = (estimate: number | undefined, deviation: number | undefined): KeyNumbers["effectSize"] => {
  const name = "cohens-dz"
  if (estimate === undefined || deviation === undefined) return { name, reason: "fewer than two pairs do not vary" }
  if (deviation > 0) return { name, value: estimate / deviation }
  return estimate === 0 ? { name, value: 0 } : { name, reason: "the differences do not vary" }
}

/** The interval around a difference at another level. */
export const differenceAt = (
  { degreesOfFreedom, estimate, standardError }: KeyNumbers["difference"],
  level: number
): Interval => estimateInterval(estimate, standardError, { level, degreesOfFreedom })

/** The mean of scores of which there are some. */
export const meanOf = (scores: Float64Array): number => mean(scores) ?? Number.NaN

/** P-values of several comparisons at once; what has none stays without. */
export const adjust = (
  pValues: ReadonlyArray<number | undefined>,
  method: Adjustment
): ReadonlyArray<number | undefined> => {
  const defined = pValues.filter((pValue) => pValue !== undefined)
  const adjusted = adjustments[method](defined)
  let next = 0
  return pValues.map((pValue) => pValue === undefined ? undefined : adjusted[next++])
}

const adjustments: { readonly [K in Adjustment]: (pValues: ReadonlyArray<number>) => ReadonlyArray<number> } = {
  "holm": holm,
  "benjamini-hochberg": benjaminiHochberg,
  "benjamini-yekutieli": benjaminiYekutieli,
  "none": (pValues) => pValues
}
