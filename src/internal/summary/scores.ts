/** The scores of an experiment's rows by the names of its summaries. */
import type { EvaluationResult } from "../../EvaluationResult.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Summary from "../../Summary.ts"

/** What a row has under a key: a score, a failure, or nothing to compare. */
export type Scored = number | "failed" | undefined

type SummaryOf = Pick<Summary.Summary, "key" | "evaluator">

const outcomeOf = (row: Row.Row, { evaluator }: SummaryOf): Outcome.Outcome | undefined =>
  row.evaluations.find((evaluation) => evaluation.evaluator === evaluator)?.outcome

/** Reads the results that a summary is over. */
export const resultReader = (summary: SummaryOf) => (row: Row.Row): EvaluationResult | undefined => {
  const outcome = outcomeOf(row, summary)
  return outcome?._tag === "Scored" ? outcome.results.find(({ key }) => key === summary.key) : undefined
}

/** Reads the scores that a summary is over. */
export const scoreReader = (summary: SummaryOf) => (row: Row.Row): Scored => {
  const outcome = outcomeOf(row, summary)
  if (outcome === undefined) return undefined
  if (outcome._tag !== "Scored") return isFailure(outcome, row) ? "failed" : undefined
  const score = outcome.results.find(({ key }) => key === summary.key)?.score
  return score === undefined ? undefined : Number(score)
}

/** Whether there is no score because something failed: the evaluator, or the target before it. */
export const isFailure = (outcome: Outcome.Outcome, row: Pick<Row.Row, "run">): boolean =>
  outcome._tag === "Failed" || outcome._tag === "TimedOut" ||
  (outcome._tag === "Skipped" && row.run.outcome._tag !== "Succeeded")

/** The mean of the scores of an example's rows, failures counted as told; `undefined` where there is none. */
export const meanScore = (
  rows: ReadonlyArray<Row.Row>,
  read: (row: Row.Row) => Scored,
  countAs: number | undefined
): number | undefined => {
  let sum = 0
  let count = 0
  for (const row of rows) {
    const scored = read(row)
    const score = scored === "failed" ? countAs : scored
    if (score === undefined) continue
    sum += score
    count++
  }
  return count === 0 ? undefined : sum / count
}
