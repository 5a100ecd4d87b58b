/** What rows add up to, as an experiment says it. */
import * as Effect from "effect/Effect"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type * as Summary from "../../Summary.ts"
import { Tally } from "./tally.ts"

/** The part of an experiment's footer that comes from its rows. */
export type Summed = Pick<
  Experiment.Footer,
  "rowCount" | "failedRows" | "runs" | "summaries" | "groups" | "latencies" | "usage"
>

/** Sums up; there are no more rows after that. */
export const summarize = (tally: Tally): Effect.Effect<Summed> =>
  // Distribution functions take longer to load than the rest of the engine, and a run needs them only at its end.
  Effect.map(Effect.promise(() => import("./estimates.ts")), ({ groupsOf, summariesOf }) => {
    tally.whole.end()
    for (const groups of tally.groups.values()) for (const group of groups.values()) group.end()
    const target = { latency: tally.target.latency, usage: tally.target.usage }
    const evaluators = Array.from(tally.evaluators, ([name, { latency, usage }]) => ({ name, latency, usage }))
    return {
      ...tally.counts(),
      summaries: summariesOf(tally.whole, tally),
      groups: groupsOf(tally),
      latencies: {
        ...(target.latency === undefined ? {} : { target: target.latency }),
        evaluators: Object.fromEntries(
          evaluators.flatMap(({ latency, name }) => latency === undefined ? [] : [[name, latency]])
        )
      },
      usage: {
        ...(target.usage === undefined ? {} : { target: target.usage }),
        evaluators: Object.fromEntries(
          evaluators.flatMap(({ name, usage }) => usage === undefined ? [] : [[name, usage]])
        )
      }
    }
  })

/** Sums up rows that are all there. */
export const summarizeRows = (
  { evaluators, repetitions }: Pick<Experiment.Header, "evaluators" | "repetitions">,
  rows: Iterable<Row.Row>,
  options: Summary.Options
): Effect.Effect<Summed> =>
  Effect.suspend(() => {
    const tally = new Tally(evaluators, repetitions, options)
    for (const row of rows) tally.add(row)
    return summarize(tally)
  })
