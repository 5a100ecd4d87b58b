/** What a row says under a key, as reports show it. */
import type { EvaluationResult } from "../../EvaluationResult.ts"
import type * as Experiment from "../../Experiment.ts"
import { resultReader } from "../../internal/summary/scores.ts"
import { shorten } from "../../internal/values/describe.ts"
import { toJson } from "../../internal/values/json.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Summary from "../../Summary.ts"

/** A result, or why there is none. */
export type Cell =
  | { readonly kind: "Scored"; readonly result: EvaluationResult }
  | { readonly kind: Exclude<Outcome.Kind, "Scored">; readonly reason: string }

/** A key of an experiment, with how its cell of a row is read. */
export interface Column {
  /** As it is written in the summaries: with the name of the evaluator, where two give the same key. */
  readonly name: string
  readonly summary: Summary.Summary
  readonly read: (row: Row.Row) => Cell
}

/** The keys of an experiment, in their order. */
export const columnsOf = ({ summaries }: Pick<Experiment.Overview, "summaries">): ReadonlyArray<Column> =>
  Object.entries(summaries).map(([name, summary]) => ({ name, summary, read: cellReader(summary) }))

const cellReader = (summary: Summary.Summary): (row: Row.Row) => Cell => {
  const read = resultReader(summary)
  return (row) => {
    const result = read(row)
    if (result !== undefined) return { kind: "Scored", result }
    const outcome = row.evaluations.find(({ evaluator }) => evaluator === summary.evaluator)?.outcome
    if (outcome === undefined) return { kind: "Skipped", reason: "the evaluator was not run" }
    switch (outcome._tag) {
      case "Scored":
        return { kind: "Skipped", reason: `${summary.evaluator} gave other keys, but not ${summary.key}` }
      case "Skipped":
        return { kind: "Skipped", reason: outcome.reason }
      default:
        return { kind: outcome._tag, reason: outcome.message }
    }
  }
}

/** What is said in data, in a line without names of fields: `How do I pay? · 2015 · free`. */
export const leafText = (value: unknown, limit: number): string => {
  const parts: Array<string> = []
  let length = 0
  const collect = (value: unknown): void => {
    if (length > limit || value === null || value === undefined) return
    if (typeof value === "object") { for (const member of Object.values(value)) collect(member) }
    else {
      const text = String(value).slice(0, limit)
      parts.push(text)
      length += text.length
    }
  }
  collect(typeof value === "string" ? value : toJson(value))
  return shorten(parts.join(" · ").replace(/\s+/g, " "), limit)
}

/** What something that could be any data reads as: a text as it is, other data as JSON. */
export const dataText = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(toJson(value))
