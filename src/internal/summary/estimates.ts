/**
 * Summaries from what rows add up to. This is where distribution functions are needed, which take a while to load: import
 * it when there is something to sum up, not before (`summarize.ts` does).
 */
import { undefinedInterval } from "../../statistics/internal/undefinedInterval.ts"
import { estimateInterval, type Interval } from "../../statistics/Interval.ts"
import { studentTQuantile } from "../../statistics/StudentT.ts"
import { wilsonFromShare } from "../../statistics/Wilson.ts"
import type * as Summary from "../../Summary.ts"
import type { ClusterSums } from "./clusterSums.ts"
import type { RepeatedLabels } from "./repeatedLabels.ts"
import type { ScoreNumbers } from "./scoreNumbers.ts"
import type { EvaluatorTally, GroupTally, KeyTally, Tally } from "./tally.ts"

/** The summaries of all rows by key. */
export const summariesOf = ({ evaluators }: GroupTally, { level, policy }: Tally): Summary.Summaries => {
  const summaries = new Map<string, Summary.Summary>()
  for (const evaluator of evaluators.values()) {
    const keys: ReadonlyMap<string, KeyTally> = evaluator.keys.size > 0
      ? evaluator.keys
      : new Map([[evaluator.name, evaluator.newKey()]])
    for (const [key, tally] of keys) {
      let name = key
      while (summaries.has(name)) name = `${evaluator.name}.${name}`
      summaries.set(name, summaryOf(key, evaluator, tally, level, policy))
    }
  }
  return Object.fromEntries(summaries)
}

const summaryOf = (
  key: string,
  evaluator: EvaluatorTally,
  tally: KeyTally,
  level: number,
  policy: Summary.FailurePolicy
): Summary.Summary => {
  const { counts } = evaluator
  const { numbers, repeated } = tally
  const score = scoreStatistics(numbers, repeated?.clusters, level)
  const examples = repeated?.clusters.clusters ?? 0
  return {
    key,
    evaluator: evaluator.name,
    outcomes: {
      ...counts,
      scored: tally.scored,
      // A row that the evaluator scored without giving this key has nothing to score under it.
      skipped: counts.skipped + counts.scored - tally.scored
    },
    failures: { rows: evaluator.failures, policy },
    ...(score === undefined ? {} : { score }),
    values: tally.values,
    otherValues: tally.otherValues,
    reductions: examples === 0 ?
      labelReductions(tally.labels) :
      (repeated?.reductions ?? []).map(({ numbers, reducer }) => {
        const score = scoreStatistics(numbers, undefined, level)
        return { reducer, ...(score === undefined ? {} : { score }), undecided: examples - numbers.count }
      })
  }
}

/** The groups, in the order in which they came. */
export const groupsOf = (tally: Tally): Array<Summary.Group> =>
  Array.from(tally.groups).flatMap(([by, groups]) =>
    Array.from(groups, ([value, group]) => ({
      by,
      value,
      rowCount: group.rowCount,
      summaries: summariesOf(group, tally)
    }))
  )

/** What most repetitions say, where there are labels and no scores. */
const labelReductions = (labels: RepeatedLabels | undefined): Summary.Summary["reductions"] => {
  if (labels === undefined || labels.counts.size + labels.undecided === 0) return []
  const values = Array.from(labels.counts, ([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
  return [{ reducer: "mode", values, undecided: labels.undecided }]
}

const scoreStatistics = (
  numbers: ScoreNumbers,
  clusters: ClusterSums | undefined,
  level: number
): Summary.ScoreStatistics | undefined => {
  const { moments } = numbers
  const { count, max, mean, min, standardDeviation } = moments
  if (mean === undefined || min === undefined || max === undefined) return undefined
  const standardError = clusters === undefined ? moments.standardError : clusters.standardError
  const percentiles = numbers.quantiles?.percentiles
  const statistics = {
    count,
    countedFailures: numbers.countedFailures,
    type: numbers.type,
    mean,
    min,
    max,
    ...(isFinite(standardDeviation) ? { standardDeviation } : {}),
    ...(isFinite(standardError) ? { standardError } : {}),
    ...(clusters === undefined ? {} : { clusters: clusters.clusters })
  }
  return {
    ...statistics,
    interval: intervalOf(statistics, numbers.isShare, level),
    ...(percentiles === undefined ? {} : { percentiles })
  }
}

/** Squares of the largest numbers there are overflow, and JSON has no infinity. */
const isFinite = (x: number | undefined): x is number => Number.isFinite(x)

/** The interval around a mean, by what the scores are. */
export const intervalOf = (
  { clusters, count, mean, standardError }: Omit<Summary.ScoreStatistics, "interval" | "percentiles">,
  isShare: boolean,
  level: number
): Summary.Interval => {
  if (clusters === undefined) {
    return isShare
      ? toSummary("wilson", wilsonFromShare(mean, count, { level }))
      : toSummary("student-t", estimateInterval(mean, standardError, { level, degreesOfFreedom: count - 1 }))
  }
  const degreesOfFreedom = clusters - 1
  return isShare
    ? toSummary("clustered-wilson", clusteredWilson(mean, standardError, count, degreesOfFreedom, level))
    : toSummary("clustered-student-t", estimateInterval(mean, standardError, { level, degreesOfFreedom }))
}

/**
 * Wilson's interval for as many independent rows as would have the clustered standard error, `p (1 - p) / SE^2`, times the
 * square of the ratio of the t quantiles for the rows and for the clusters. Where the standard error is 0, because the
 * clusters are all alike, each counts as one row.
 */
const clusteredWilson = (
  share: number,
  standardError: number | undefined,
  count: number,
  degreesOfFreedom: number,
  level: number
): Interval => {
  if (standardError === undefined) {
    return undefinedInterval(level, "an interval needs at least two examples", share)
  }
  const clusters = degreesOfFreedom + 1
  const independent = standardError === 0 ? clusters : Math.min(count, share * (1 - share) / standardError ** 2)
  const probability = (1 + level) / 2
  const caution = (studentTQuantile(probability, count - 1) / studentTQuantile(probability, degreesOfFreedom)) ** 2
  return wilsonFromShare(share, independent * caution, { level })
}

const toSummary = (
  method: Summary.Interval["method"],
  { level, lower, reason, upper }: Interval
): Summary.Interval => ({
  method,
  level,
  ...(isFinite(lower) && isFinite(upper) ? { lower, upper } : { reason: reason ?? "the numbers are too large" })
})
