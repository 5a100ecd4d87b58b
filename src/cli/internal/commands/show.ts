/** `effect-evals show`: an experiment as a whole, its rows, or one row with everything. */
import * as Effect from "effect/Effect"
import type * as Experiment from "../../../Experiment.ts"
import { toJson } from "../../../internal/values/json.ts"
import { formatCount, formatDuration, formatScore } from "../../../internal/values/numbers.ts"
import * as Outcome from "../../../Outcome.ts"
import { makeStyle, type Style } from "../../../reports/style.ts"
import { renderTable } from "../../../reports/table.ts"
import * as Terminal from "../../../reports/Terminal.ts"
import { oneLine } from "../../../reports/text.ts"
import * as Row from "../../../Row.ts"
import type * as Run from "../../../Run.ts"
import { type Call, type CommandEffect, isSaid, numberOf, textOf } from "../command.ts"
import { rowLine } from "../evaluating.ts"
import { usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { endedLine } from "../judging.ts"
import { findExperiment, readExperiment } from "../references.ts"
import { judgedOf } from "../reporting.ts"
import type { Screen } from "../screen.ts"

export const show = ({ project, said, screen }: Call): CommandEffect =>
  Effect.gen(function*() {
    const reference = yield* findExperiment(textOf(said, "experiment") ?? "latest", project)
    const experiment = yield* readExperiment(reference, project)
    const wanted = textOf(said, "row")
    const limit = numberOf(said, "limit")
    if (wanted !== undefined) {
      const rows = rowsNamed(experiment, wanted)
      if (rows.length === 0) {
        return yield* usage(
          `${experiment.name} has no row ${wanted}. Its rows have the numbers 0 to ${
            experiment.rowCount - 1
          }, and the ids ` +
            `of their examples, such as ${experiment.rows[0]?.example.id ?? "none"}.`
        )
      }
      for (const row of rows) screen.machine({ event: "row", experiment: experiment.id, ...wholeRow(row) })
      screen.human(rows.map((row) => rowText(row, makeStyle(screen.color))).join("\n"))
      return ExitCode.done
    }
    if (isSaid(said, "rows")) {
      const rows = isSaid(said, "failed") ? experiment.rows.filter((row) => Row.isFailure(row)) : experiment.rows
      for (const row of rows) screen.machine({ event: "row", experiment: experiment.id, ...rowLine(row) })
      if (!screen.json) screen.human(rowsTable(experiment, rows, limit ?? rows.length, screen))
      return ExitCode.done
    }
    screen.machine(endedLine(experiment))
    const { color, width } = screen
    const lowerIsBetter = project.config.comparison?.lowerIsBetter
    const judged = yield* judgedOf(experiment)
    if (!screen.json) {
      screen.human(
        judged === undefined
          ? Terminal.report(experiment, { color, width, limit, lowerIsBetter })
          : Terminal.pairwise(judged, { color, width, limit })
      )
    }
    return ExitCode.done
  })

/** By number, or by the id of the example: then all its repetitions. */
const rowsNamed = ({ rows }: Experiment.Experiment, wanted: string): ReadonlyArray<Row.Row> => {
  const ofExample = rows.filter(({ example }) => example.id === wanted)
  return ofExample.length > 0 ? ofExample : rows.filter(({ index }) => String(index) === wanted)
}

const wholeRow = ({ evaluations, example, index, run }: Row.Row) => ({
  row: index,
  example: toJson({ ...example, contentHash: example.contentHash }),
  run: toJson(run),
  evaluations: toJson(evaluations)
})

const rowsTable = (
  experiment: Experiment.Experiment,
  rows: ReadonlyArray<Row.Row>,
  limit: number,
  { color, width }: Screen
): string => {
  const style = makeStyle(color)
  const keys = Object.keys(experiment.summaries)
  const repeated = experiment.repetitions > 1
  const table = renderTable(
    [
      { title: style.dim("row"), align: "right" },
      { title: style.dim("example") },
      ...(repeated ? [{ title: style.dim("repetition"), align: "right" as const }] : []),
      ...keys.map((key) => ({ title: style.dim(oneLine(key, 20)), align: "right" as const })),
      { title: style.dim("took"), align: "right", spare: 2 },
      { title: style.dim("what failed"), spare: 1 }
    ],
    rows.slice(0, limit).map((row) => [
      String(row.index),
      oneLine(row.example.id, 24),
      ...(repeated ? [String(row.run.repetition + 1)] : []),
      ...keys.map((key) => scoreText(Row.result(row, key), style)),
      formatDuration(row.run.endTime - row.run.startTime),
      oneLine(failureText(row), 60)
    ]),
    width
  )
  const more = rows.length - limit
  return more > 0 ? `${table}\n${style.dim(`and ${formatCount(more)} more`)}` : table
}

const scoreText = (result: ReturnType<typeof Row.result>, style: Style): string =>
  result === undefined
    ? style.dim("–")
    : typeof result.score === "boolean"
    ? result.score ? style.good("true") : style.bad("false")
    : result.score === undefined
    ? oneLine(textOfValue(result.value), 24)
    : formatScore(result.score)

const failureText = ({ evaluations, run }: Row.Row): string =>
  [
    ...(run.outcome._tag === "Succeeded" ? [] : [`target: ${run.error ?? run.outcome._tag}`]),
    ...evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [`${evaluator}: ${outcome.message}`] : []
    )
  ].join("; ")

const textOfValue = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(toJson(value), undefined, 2) ?? "undefined"

/** Texts from outside may move the cursor and change colours: such characters are replaced, line breaks stay. */
const safe = (text: string): string =>
  text.split("\n").map((line) => oneLine(line.replaceAll(" ", "\u00A0"))).join("\n")

const rowText = (row: Row.Row, style: Style): string => {
  const { evaluations, example, index, run } = row
  const part = (title: string, text: string) =>
    `${style.bold(title)}\n${safe(text).replaceAll("\u00A0", " ").replace(/^/gm, "  ")}`
  const times = run.attempts.length > 1 ? `, ${run.attempts.length} attempts` : ""
  return [
    `${style.bold(`row ${index}`)}  ${oneLine(example.id)}${
      run.repetition > 0 ? `, repetition ${run.repetition + 1}` : ""
    }` +
    style.dim(`  ${formatDuration(run.endTime - run.startTime)}${times}`),
    part("inputs", textOfValue(example.inputs)),
    ...(example.referenceOutputs === undefined
      ? []
      : [part("reference outputs", textOfValue(example.referenceOutputs))]),
    run.outcome._tag === "Succeeded"
      ? part("outputs", textOfValue(run.outputs))
      : part(style.bad(run.outcome._tag), run.error ?? ""),
    ...evaluations.map((evaluation) => part(evaluation.evaluator, outcomeText(evaluation, style))),
    ...(run.childRuns.length === 0 ? [] : [part("spans", run.childRuns.map((child) => spanText(child, "")).join("\n"))])
  ].join("\n") + "\n"
}

const outcomeText = ({ outcome }: Run.EvaluatorRun, style: Style): string => {
  switch (outcome._tag) {
    case "Scored":
      return outcome.results.map((result) =>
        `${result.key}: ${scoreText(result, style)}${result.comment === undefined ? "" : `  ${result.comment}`}`
      ).join("\n")
    case "Skipped":
      return `skipped: ${outcome.reason}`
    default:
      return `${outcome._tag}: ${outcome.message}`
  }
}

const spanText = (child: Run.ChildRun, indentation: string): string =>
  [
    `${indentation}${child.name}  ${formatDuration((child.endTime ?? child.startTime) - child.startTime)}${
      child.error === undefined ? "" : `  ${child.error}`
    }`,
    ...child.childRuns.map((grandchild) => spanText(grandchild, `${indentation}  `))
  ].join("\n")
