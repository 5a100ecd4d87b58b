/**
 * The rows of an experiment as a table for spreadsheets.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as CsvEncoding from "effect/encoding/Csv"
import * as Stream from "effect/Stream"
import type * as Experiment from "../Experiment.ts"
import type * as Row from "../Row.ts"
import * as Run from "../Run.ts"
import type * as Summary from "../Summary.ts"
import { columnsOf, dataText } from "./internal/cells.ts"

/**
 * How the table is written.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** What stands between two cells: one character. Default `","`. */
  readonly delimiter?: string | undefined
  /**
   * Whether texts that a spreadsheet would take for a formula get an apostrophe in front, which spreadsheets do not show.
   * What a model said is not to be run on the computer of whoever opens the file. Default `true`; only turn it off for
   * programs that read the file and know no formulas.
   */
  readonly guardFormulas?: boolean | undefined
}

/**
 * The table as a text: a header, and a line for each row in input order. The columns are `index`, `exampleId`,
 * `repetition`, `splits`, `inputs`, `referenceOutputs`, `outputs`, `outcome`, `error`, `latencyMillis`, `attempts`,
 * `inputTokens`, `outputTokens`, `cost`, and for each key `<key>` (its score; without one its value), `<key>.outcome` and
 * `<key>.reason` (the comment of the result, or why there is none). Data that is not a text is written as JSON.
 *
 * **Example** (A table)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { Csv } from "effect-evals/reports"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("sums", [{ id: "a", inputs: "=1+1", referenceOutputs: 2 }])
 *   const correct = Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)
 *   const experiment = yield* Evaluation.run(Evaluation.make("sums", { data, target: () => 3 }), { evaluators: [correct] })
 *   return yield* Csv.report(experiment)
 * })
 * const table = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(table.split("\r\n")[1]?.startsWith("0,a,0,,'=1+1,2,3,Succeeded,")) // => true
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment, options: Options = {}): Effect.Effect<string> =>
  Stream.mkString(rows(Stream.fromIterable(experiment.rows), experiment, options))

/**
 * The table as a stream of texts, from a stream of rows such as a store gives: nothing but a few rows is held in memory.
 * The summaries say which keys there are.
 *
 * @category reports
 * @since 0.1.0
 */
export const rows = <E, R>(
  rows: Stream.Stream<Row.Row, E, R>,
  experiment: { readonly summaries: Summary.Summaries },
  options: Options = {}
): Stream.Stream<string, E, R> => {
  const columns = columnsOf(experiment)
  const guard = options.guardFormulas === false ? (text: string) => text : guardFormula
  const header = [...rowColumns, ...columns.flatMap(({ name }) => [name, `${name}.outcome`, `${name}.reason`])]
  const cells = (row: Row.Row): ReadonlyArray<string> => [
    ...cellsOf(row),
    ...columns.flatMap(({ read }) => {
      const cell = read(row)
      if (cell.kind !== "Scored") return ["", cell.kind, cell.reason]
      const { comment, score, value } = cell.result
      return [dataText(score ?? value), cell.kind, comment ?? ""]
    })
  ]
  return Stream.concat(Stream.make(header), Stream.map(rows, cells)).pipe(
    Stream.map((record) => record.map(guard)),
    Stream.pipeThroughChannel(
      CsvEncoding.encodeString(options.delimiter === undefined ? {} : { delimiter: options.delimiter })
    )
  )
}

const rowColumns = [
  "index",
  "exampleId",
  "repetition",
  "splits",
  "inputs",
  "referenceOutputs",
  "outputs",
  "outcome",
  "error",
  "latencyMillis",
  "attempts",
  "inputTokens",
  "outputTokens",
  "cost"
]

const cellsOf = ({ example, index, run }: Row.Row): ReadonlyArray<string> => [
  String(index),
  example.id,
  String(run.repetition),
  example.splits.join(" "),
  dataText(example.inputs),
  dataText(example.referenceOutputs),
  dataText(run.outputs),
  run.outcome._tag,
  run.error ?? "",
  // Nothing was run where outputs were recorded.
  run.attempts.length === 0 ? "" : String(Number(Run.latency(run).toFixed(3))),
  String(run.attempts.length),
  dataText(run.usage?.inputTokens),
  dataText(run.usage?.outputTokens),
  dataText(run.usage?.cost)
]

/**
 * Spreadsheets run what begins with one of these, some of them also after white space; the wide forms are taken for the
 * narrow ones in East Asian versions. Numbers are no formulas.
 */
const formula = /^[\s\u200B]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/u
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const guardFormula = (text: string): string => formula.test(text) && !plainNumber.test(text) ? `'${text}` : text
