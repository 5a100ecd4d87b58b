/** An experiment from its parts, whether or not it came to its end. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import * as Summary from "../../Summary.ts"
import { summarizeRows } from "../summary/summarize.ts"

/** The experiment; without a footer it was interrupted, and its numbers are those of the rows. */
export const assemble = Effect.fnUntraced(function*(
  header: Experiment.Header,
  rows: ReadonlyArray<Row.Row>,
  footer: Experiment.Footer | undefined
): Effect.fn.Return<Experiment.Experiment> {
  const sorted = rows.toSorted((a, b) => a.index - b.index)
  return { ...header, ...(footer ?? (yield* footerOf(header, sorted))), rows: sorted }
})

const isSummaryOptions = Schema.is(Summary.Options)

const footerOf = Effect.fnUntraced(function*(
  header: Experiment.Header,
  rows: ReadonlyArray<Row.Row>
): Effect.fn.Return<Experiment.Footer> {
  let endTime = header.startTime
  for (const { evaluations, run } of rows) {
    endTime = Math.max(endTime, run.endTime)
    for (const evaluation of evaluations) endTime = Math.max(endTime, evaluation.endTime)
  }
  const options = header.options["summaries"]
  return {
    status: "interrupted",
    endTime,
    ...(yield* summarizeRows(header, rows, isSummaryOptions(options) ? options : {})),
    leftOut: { count: 0, messages: [] },
    summaryResults: [],
    tracingFailures: [],
    concurrencyChanges: []
  }
})
