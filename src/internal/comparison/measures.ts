/** What an example scores in each of several experiments, under one key. */
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import * as Run from "../../Run.ts"
import { majorityVote } from "../../statistics/MajorityVote.ts"
import { meanScore, resultReader, scoreReader } from "../summary/scores.ts"
import { valueText } from "../summary/valueText.ts"
import type { Resolved } from "./comparisonOptions.ts"

type Rows = ReadonlyArray<Row.Row>

/** One function for each experiment, in their order. */
export interface Measures {
  readonly lowerIsBetter: boolean
  /** The score of an example, the mean of its rows'. */
  readonly score: ReadonlyArray<(rows: Rows) => number | undefined>
  /** The label of an example, the one that most of its rows have; absent for keys with scores. */
  readonly label?: readonly [(rows: Rows) => string | undefined, (rows: Rows) => string | undefined] | undefined
}

/** How a key is measured. */
export const measuresOf = (
  key: string,
  experiments: ReadonlyArray<Experiment.Overview>,
  { failures, lowerIsBetter }: Resolved
): Measures => {
  const countAs = failures === "exclude" ? undefined : failures.countAs
  const summaries = experiments.map((experiment) => experiment.summaries[key])
  const hasScores = summaries.some((summary) => summary?.score !== undefined)
  const [first, second] = summaries.map((summary) => {
    if (summary === undefined) return unscored
    const read = resultReader(summary)
    return (rows: Rows) => {
      const labels = rows.flatMap((row) => {
        const value = read(row)?.value
        return value === undefined ? [] : [valueText(value)]
      })
      return majorityVote(labels).winner
    }
  })
  return {
    lowerIsBetter: lowerIsBetter.has(key),
    score: summaries.map((summary) => {
      if (summary === undefined) return unscored
      const read = scoreReader(summary)
      return (rows: Rows) => meanScore(rows, read, countAs)
    }),
    ...(hasScores || first === undefined || second === undefined ? {} : { label: [first, second] as const })
  }
}

/** Where an experiment does not have the key. */
export const unscored = (): undefined => undefined

/** How long the target took, where it succeeded: a failure may be quick. */
const meanLatency = (rows: Rows): number | undefined => {
  let sum = 0
  let count = 0
  for (const { run } of rows) {
    if (run.outcome._tag !== "Succeeded" || run.attempts.length === 0) continue
    sum += Run.latency(run)
    count++
  }
  return count === 0 ? undefined : sum / count
}

export const latencyMeasures: Measures = { lowerIsBetter: true, score: [meanLatency, meanLatency] }
