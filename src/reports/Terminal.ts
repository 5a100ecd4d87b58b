/**
 * Reports for the terminal: what an experiment says, and what changed from one to the next. They are texts; where they
 * are printed is up to you.
 *
 * @since 0.1.0
 */
import type * as Experiment from "../Experiment.ts"
import { shorten } from "../internal/describe.ts"
import { formatCount, formatDifference, formatDuration, formatMean, formatScore } from "../internal/numbers.ts"
import { barOf } from "../internal/progressText.ts"
import * as Outcome from "../Outcome.ts"
import * as Row from "../Row.ts"
import * as Run from "../Run.ts"
import type * as Summary from "../Summary.ts"
import { makeStyle, type Style } from "./style.ts"
import { type Cell, renderTable } from "./table.ts"

/**
 * How a report looks.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Whether to use colours. Default `false`. */
  readonly color?: boolean | undefined
  /** How many rows the lists show: better, worse, failures, slowest. Default 10. */
  readonly limit?: number | undefined
  /** How an example is shown in a list. Default: its inputs in a line. */
  readonly label?: ((row: Row.Row) => string) | undefined
  /** How the outputs of a run are shown where two are held against each other. Default: not at all. */
  readonly output?: ((row: Row.Row) => string) | undefined
  /** The key by which rows are called better or worse. Default: the first one. */
  readonly key?: string | undefined
}

interface View {
  readonly style: Style
  readonly limit: number
  readonly label: (row: Row.Row) => string
  readonly output: ((row: Row.Row) => string) | undefined
}

const viewOf = (options: Options): View => ({
  style: makeStyle(options.color ?? false),
  limit: options.limit ?? 10,
  label: options.label ?? ((row) => inputText(row.example.inputs)),
  output: options.output
})

/** The inputs in a line; where they are an object with one field, that field. */
const inputText = (inputs: unknown): string => {
  if (typeof inputs === "string") return inputs
  if (typeof inputs === "object" && inputs !== null) {
    const values: ReadonlyArray<unknown> = Object.values(inputs)
    if (values.length === 1) return inputText(values[0])
  }
  return JSON.stringify(inputs)
}

const sections = (parts: ReadonlyArray<string | undefined>): string =>
  parts.filter((part) => part !== undefined && part !== "").join("\n\n") + "\n"

/**
 * One experiment: its keys with their counts and numbers, what failed and why, and what was slow.
 *
 * **Example** (A report)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { Terminal } from "effect-evals/reports"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("doubling", {
 *       data: Dataset.fromIterable("numbers", [{ inputs: 1, referenceOutputs: 2 }, { inputs: 2, referenceOutputs: 5 }]),
 *       target: (n) => n * 2
 *     }),
 *     { evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)] }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(Terminal.report(experiment).includes("correct")) // => true
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment, options: Options = {}): string => {
  const view = viewOf(options)
  return sections([
    headline(view, experiment),
    keyTable(view, [experiment]),
    summarySection(view, [experiment]),
    leftOutSection(view, experiment),
    failureSection(view, experiment),
    slowestSection(view, experiment),
    tracingSection(view, experiment)
  ])
}

/**
 * Two or more experiments beside each other, the first one as the baseline: their keys, the rows that got better and
 * worse in the last one, and what failed where.
 *
 * @category reports
 * @since 0.1.0
 */
export const compare = (
  experiments: readonly [Experiment.Experiment, Experiment.Experiment, ...ReadonlyArray<Experiment.Experiment>],
  options: Options = {}
): string => {
  const view = viewOf(options)
  const [baseline] = experiments
  const candidate = experiments.at(-1) ?? baseline
  const key = options.key ?? Object.keys(baseline.summaries)[0]
  return sections([
    experiments.map((experiment) => headline(view, experiment)).join("\n"),
    keyTable(view, experiments),
    summarySection(view, experiments),
    key === undefined ? undefined : changesSection(view, key, baseline, candidate),
    leftOutSection(view, candidate),
    ...experiments.map((experiment) => failureSection(view, experiment)),
    ...experiments.map((experiment) => slowestSection(view, experiment)),
    ...experiments.map((experiment) => tracingSection(view, experiment))
  ])
}

// -----------------------------------------------------------------------------
// sections
// -----------------------------------------------------------------------------

const headline = ({ style }: View, experiment: Experiment.Experiment): string => {
  const { dataset, endTime, failedRows, leftOut, repetitions, rowCount, startTime, status, target } = experiment
  const facts = [
    `${formatCount(rowCount)} ${rowCount === 1 ? "row" : "rows"} of ${[dataset.name, ...dataset.steps].join(" | ")}` +
    (repetitions === 1 ? "" : `, ${repetitions} repetitions`),
    `target ${target.name}${target.version === undefined ? "" : ` ${target.version}`}`,
    formatDuration(endTime - startTime),
    failedRows === 0 ? style.good("no failures") : style.bad(`${formatCount(failedRows)} with failures`),
    ...(leftOut.count === 0 ? [] : [style.warn(`${formatCount(leftOut.count)} left out`)]),
    ...(status === "completed"
      ? []
      : [style.bad(`${status}${experiment.error === undefined ? "" : `: ${experiment.error}`}`)])
  ]
  return `${style.bold(experiment.name)}  ${facts.join(", ")}`
}

/** Every key with, below each other, what the experiments say about it. */
const keyTable = (view: View, experiments: ReadonlyArray<Experiment.Experiment>): string | undefined => {
  const { style } = view
  const keys = [...new Set(experiments.flatMap(({ summaries }) => Object.keys(summaries)))]
  if (keys.length === 0) return undefined
  const several = experiments.length > 1
  const rows = keys.flatMap((key) => {
    const baseline = experiments[0]?.summaries[key]?.score?.mean
    return experiments.map((experiment, index): ReadonlyArray<Cell> => {
      const summary = experiment.summaries[key]
      const score = summary?.score
      const first: ReadonlyArray<Cell> = index > 0 ? [] : [{ content: style.bold(key), rowSpan: experiments.length }]
      return [
        ...first,
        ...(several ? [experiment.name] : []),
        score === undefined ? style.dim("–") : formatMean(score.mean),
        ...(several ? [index === 0 ? "" : changeText(style, baseline, score?.mean)] : []),
        shareBar(score),
        score?.standardDeviation === undefined ? style.dim("–") : formatMean(score.standardDeviation),
        score === undefined ? style.dim("–") : `${formatScore(score.min)} to ${formatScore(score.max)}`,
        ...countCells(style, summary),
        valuesText(summary)
      ]
    })
  })
  const columns = [
    { title: "key" },
    ...(several ? [{ title: "experiment" }] : []),
    { title: "mean", align: "right" as const },
    ...(several ? [{ title: "change", align: "right" as const }] : []),
    { title: "" },
    { title: "sd", align: "right" as const },
    { title: "range", align: "right" as const },
    { title: "scored", align: "right" as const },
    { title: "skipped", align: "right" as const },
    { title: "failed", align: "right" as const },
    { title: "timed out", align: "right" as const },
    { title: "cancelled", align: "right" as const },
    { title: "values" }
  ]
  return renderTable(...withoutEmptyColumns(columns, rows))
}

const optionalTitles = new Set(["skipped", "failed", "timed out", "cancelled", "values", ""])

/** Leaves out columns that say nothing in any row. */
const withoutEmptyColumns = <C extends { readonly title: string }>(
  columns: ReadonlyArray<C>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>
): [Array<C>, Array<Array<Cell>>] => {
  const shown = columns.map(({ title }, index) =>
    !optionalTitles.has(title) || rows.some((row) => {
      const cell = row[row.length - columns.length + index]
      return cell !== undefined && cell !== "" && cell !== "0"
    })
  )
  return [
    columns.filter((_, index) => shown[index]),
    // A row whose first cell is spanned from above has one cell less.
    rows.map((row) => row.filter((_, index) => shown[index + columns.length - row.length]))
  ]
}

const countCells = (style: Style, summary: Summary.Summary | undefined): ReadonlyArray<string> => {
  const { cancelled, failed, scored, skipped, timedOut } = summary?.outcomes ??
    { scored: 0, skipped: 0, failed: 0, timedOut: 0, cancelled: 0 }
  const alarming = (count: number) => count === 0 ? "0" : style.bad(formatCount(count))
  return [formatCount(scored), formatCount(skipped), alarming(failed), alarming(timedOut), alarming(cancelled)]
}

const barWidth = 12

/** A bar for scores that are shares. */
const shareBar = (score: Summary.ScoreStatistics | undefined): string =>
  score === undefined || score.min < 0 || score.max > 1 ? "" : barOf(score.mean, barWidth)

const changeText = (style: Style, from: number | undefined, to: number | undefined): string => {
  if (from === undefined || to === undefined) return style.dim("–")
  return from === to ? "±0" : formatDifference(to - from)
}

/** The most frequent labels; booleans show in the mean. */
const valuesText = (summary: Summary.Summary | undefined): string =>
  summary === undefined || summary.score?.type === "boolean"
    ? ""
    : summary.values.slice(0, 3).map(({ count, value }) => `${shorten(value, 16)} ${formatCount(count)}`).join(", ")

const summarySection = ({ style }: View, experiments: ReadonlyArray<Experiment.Experiment>): string | undefined => {
  const lines = experiments.flatMap((experiment) =>
    experiment.summaryResults.flatMap(({ error, evaluator, results, skipped }) => {
      const where = experiments.length > 1 ? `${experiment.name}  ` : ""
      if (error !== undefined) return [`  ${where}${evaluator}  ${style.bad(error)}`]
      if (skipped !== undefined) return [`  ${where}${evaluator}  ${style.dim(`skipped: ${skipped}`)}`]
      return results.map(({ comment, key, score, value }) => {
        const shown = typeof score === "number" ? formatScore(score) : score ?? inputText(value)
        return `  ${where}${key}  ${String(shown)}${comment === undefined ? "" : `  ${style.dim(comment)}`}`
      })
    })
  )
  return lines.length === 0 ? undefined : [style.bold("Of the whole"), ...lines].join("\n")
}

/** The rows that have another score than in the baseline. Rows that failed on one side are among them. */
const changesSection = (
  view: View,
  key: string,
  baseline: Experiment.Experiment,
  candidate: Experiment.Experiment
): string | undefined => {
  const { style } = view
  const rowKey = (row: Row.Row) => `${row.run.repetition}/${row.example.id}`
  const before = new Map(baseline.rows.map((row) => [rowKey(row), row]))
  const changes = candidate.rows.flatMap((row) => {
    const old = before.get(rowKey(row))
    if (old === undefined) return []
    const [from, to] = [Row.score(old, key), Row.score(row, key)]
    return from === to
      ? []
      : [{ old, row, from, to, by: (to ?? Number.NEGATIVE_INFINITY) - (from ?? Number.NEGATIVE_INFINITY) }]
  })
  const list = (title: string, rows: typeof changes, color: (text: string) => string) =>
    rows.length === 0 ? [] : [
      style.bold(`${title} (${formatCount(rows.length)})`) +
      style.dim(`  ${key}, ${baseline.name} to ${candidate.name}`),
      ...rows.slice(0, view.limit).map(({ from, old, row, to }) =>
        `  ${color(`${scoreText(from)} to ${scoreText(to)}`)}  ${row.example.id}  ${shorten(view.label(row), 70)}` +
        (view.output === undefined
          ? ""
          : `\n${style.dim(`      ${shorten(view.output(old), 50)}  to  ${shorten(view.output(row), 50)}`)}`)
      ),
      ...more(view, rows.length)
    ]
  const better = changes.filter(({ by }) => by > 0).sort((a, b) => b.by - a.by)
  const worse = changes.filter(({ by }) => by < 0).sort((a, b) => a.by - b.by)
  const parts = [list("Better", better, style.good), list("Worse", worse, style.bad)].filter((lines) =>
    lines.length > 0
  )
  return parts.length === 0
    ? style.dim(`No row changed in ${key}.`)
    : parts.map((lines) => lines.join("\n")).join("\n\n")
}

const scoreText = (score: number | undefined): string => score === undefined ? "no score" : formatScore(score)

const more = ({ limit, style }: View, count: number): ReadonlyArray<string> =>
  count > limit ? [style.dim(`  and ${formatCount(count - limit)} more`)] : []

const leftOutSection = ({ limit, style }: View, { leftOut }: Experiment.Experiment): string | undefined =>
  leftOut.count === 0 ? undefined : [
    style.bold(`Left out of the dataset (${formatCount(leftOut.count)})`),
    ...leftOut.messages.slice(0, limit).map((message) => `  ${style.warn(message)}`)
  ].join("\n")

/** Why rows failed: each reason once, with how often and where. */
const failureSection = (view: View, experiment: Experiment.Experiment): string | undefined => {
  const { style } = view
  const failures = experiment.rows.flatMap((row) => [
    ...(row.run.error === undefined ? [] : [{ row, reason: `target: ${row.run.error}` }]),
    ...row.evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [{ row, reason: `${evaluator}: ${outcome.message}` }] : []
    )
  ])
  if (failures.length === 0) return undefined
  const byReason = [...Map.groupBy(failures, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length)
  return [
    style.bold(`Failures in ${experiment.name} (${formatCount(failures.length)})`),
    ...byReason.slice(0, view.limit).map(([reason, group]) =>
      `  ${style.bad(shorten(reason, 160))}  ${formatCount(group.length)}×, such as ${group[0]?.row.example.id ?? ""}`
    ),
    ...more(view, byReason.length)
  ].join("\n")
}

const slowestCount = 3

const slowestSection = (view: View, experiment: Experiment.Experiment): string | undefined => {
  const { style } = view
  if (experiment.rows.length === 0) return undefined
  const latencies = experiment.rows.map(({ run }) => Run.latency(run)).sort((a, b) => a - b)
  const median = latencies[Math.floor(latencies.length / 2)] ?? 0
  const slowest = experiment.rows.toSorted((a, b) => Run.latency(b.run) - Run.latency(a.run))
  return [
    style.bold(`Slowest in ${experiment.name}`) + style.dim(`  median ${formatDuration(median)}`),
    ...slowest.slice(0, slowestCount).map((row) =>
      `  ${formatDuration(Run.latency(row.run)).padStart(9)}  ${row.example.id}  ${shorten(view.label(row), 70)}`
    )
  ].join("\n")
}

const tracingSection = ({ style }: View, experiment: Experiment.Experiment): string | undefined =>
  experiment.tracingFailures.length === 0 ? undefined : [
    style.bold(`Not written (${experiment.name})`),
    ...experiment.tracingFailures.map(({ client, message, rows }) =>
      `  ${client}: ${formatCount(rows)} rows  ${style.bad(message)}`
    )
  ].join("\n")
