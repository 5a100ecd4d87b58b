/** An experiment from its parts, whether or not it came to its end. */
import type * as Experiment from "../Experiment.ts"
import type * as Row from "../Row.ts"
import { Tally } from "./tally.ts"

/** The experiment; without a footer it was interrupted, and its numbers are those of the rows. */
export const assemble = (
  header: Experiment.Header,
  rows: ReadonlyArray<Row.Row>,
  footer: Experiment.Footer | undefined
): Experiment.Experiment => {
  const sorted = rows.toSorted((a, b) => a.index - b.index)
  return { ...header, ...(footer ?? footerOf(header, sorted)), rows: sorted }
}

const footerOf = (header: Experiment.Header, rows: ReadonlyArray<Row.Row>): Experiment.Footer => {
  const tally = new Tally(header.evaluators.map(({ name }) => ({ name, feedbackKeys: [] })))
  let endTime = header.startTime
  for (const row of rows) {
    tally.add(row)
    endTime = Math.max(endTime, row.run.endTime, ...row.evaluations.map((evaluation) => evaluation.endTime))
  }
  return {
    status: "interrupted",
    endTime,
    ...tally.counts(),
    leftOut: { count: 0, messages: [] },
    summaries: tally.summaries(),
    summaryResults: [],
    tracingFailures: [],
    concurrencyChanges: []
  }
}
