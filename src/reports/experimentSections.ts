/** The parts of a report that are about experiments as they are. */
import type * as Experiment from "../Experiment.ts"
import { scoreReader } from "../internal/summary/scores.ts"
import {
  countOf,
  formatCount,
  formatDifference,
  formatDuration,
  formatMean,
  formatPercentage,
  formatScore
} from "../internal/values/numbers.ts"
import { barOf } from "../internal/values/progressText.ts"
import * as Outcome from "../Outcome.ts"
import type * as Row from "../Row.ts"
import * as Run from "../Run.ts"
import type * as Summary from "../Summary.ts"
import { worstRows } from "./internal/worst.ts"
import type { Style } from "./style.ts"
import { type Cell, type Column, renderTable, withColumns } from "./table.ts"
import { oneLine } from "./text.ts"
import { inputText, intervalText, listing, reasonList, type View } from "./view.ts"

/** What it was, how long it took, and how it ended. */
export const headline = ({ style }: View, experiment: Experiment.Overview): string => {
  const { dataset, endTime, failedRows, leftOut, repetitions, rowCount, startTime, status, target } = experiment
  const facts = [
    `${countOf(rowCount, "row")} of ${[dataset.name, ...dataset.steps].map((text) => oneLine(text)).join(" | ")}` +
    (repetitions === 1 ? "" : `, ${repetitions} repetitions`),
    // A pairwise evaluation is named after what it judges.
    ...(target.name === experiment.name
      ? []
      : [`target ${oneLine(target.name)}${target.version === undefined ? "" : ` ${oneLine(target.version)}`}`]),
    formatDuration(endTime - startTime),
    ...(experiment.reused === undefined ? [] : [
      `${countOf(experiment.reused.runs, "run")} and ${countOf(experiment.reused.evaluations, "evaluation")} reused`
    ]),
    ...usageFacts(experiment),
    failedRows === 0 ? style.good("no failures") : style.bad(`${formatCount(failedRows)} with failures`),
    ...(leftOut.count === 0 ? [] : [style.warn(`${formatCount(leftOut.count)} left out`)]),
    ...(status === "completed"
      ? []
      : [
        style.bold(style.bad(`${status}${experiment.error === undefined ? "" : `: ${oneLine(experiment.error, 160)}`}`))
      ])
  ]
  return `${style.bold(oneLine(experiment.name))}  ${facts.join(", ")}`
}

const usageFacts = ({ usage }: Experiment.Overview): ReadonlyArray<string> => {
  const totals = [...(usage.target === undefined ? [] : [usage.target]), ...Object.values(usage.evaluators)]
  if (totals.length === 0) return []
  const sum = (of: (total: Summary.UsageTotal) => number) => totals.reduce((sum, total) => sum + of(total), 0)
  const isPriced = totals.every(({ cost }) => cost !== undefined)
  return [
    `${formatCount(sum(({ inputTokens }) => inputTokens))} tokens in and ${
      formatCount(sum(({ outputTokens }) => outputTokens))
    } out${isPriced ? ` for ${formatMean(sum(({ cost }) => cost ?? 0))}` : ""}`
  ]
}

/** How failures count: a number without that is half a number. */
export const policySection = ({ style }: View, experiments: ReadonlyArray<Experiment.Overview>): string | undefined => {
  const notes = experiments.flatMap((experiment) => {
    const summaries = Object.values(experiment.summaries)
    const most = Math.max(0, ...summaries.map(({ failures }) => failures.rows))
    const policy = summaries[0]?.failures.policy
    if (most === 0 || policy === undefined) return []
    const where = experiments.length > 1 ? `${oneLine(experiment.name)}: ` : ""
    return [
      `${where}${most === 1 ? "a row" : `up to ${countOf(most, "row")}`} without a score because something failed ${
        policy === "exclude"
          ? `${most === 1 ? "is" : "are"} left out of the numbers`
          : `${most === 1 ? "counts" : "count"} as ${policy.countAs}`
      }`
    ]
  })
  return notes.length === 0 ? undefined : notes.map((note) => style.warn(note)).join("\n")
}

/** Every key with, below each other, what the experiments say about it. */
export const keyTable = (
  view: View,
  experiments: ReadonlyArray<Experiment.Overview & { readonly rows?: ReadonlyArray<Row.Row> }>
): string | undefined =>
  summaryTable(
    view,
    "experiment",
    experiments.map(({ name, rows = [], summaries }) => ({ name, summaries, spread: scoresOf(rows, summaries) }))
  )

const scoresOf =
  (rows: ReadonlyArray<Row.Row>, summaries: Summary.Summaries) => (key: string): ReadonlyArray<number> => {
    const summary = summaries[key]
    if (summary === undefined) return []
    const read = scoreReader(summary)
    return rows.flatMap((row) => {
      const score = read(row)
      return typeof score === "number" ? [score] : []
    })
  }

/** The same for the groups of an experiment, each kind of group for itself. */
export const groupSection = (view: View, { groups }: Experiment.Overview): string | undefined => {
  const kinds = [...Map.groupBy(groups, ({ by }) => by)]
  return kinds.length === 0 ?
    undefined :
    kinds.map(([by, members]) =>
      `${view.style.bold(`By ${oneLine(by)}`)}\n${
        summaryTable(
          view,
          "group",
          members.map(({ summaries, value }) => ({ name: value, summaries }))
        ) ?? ""
      }`
    ).join("\n\n")
}

interface Member {
  readonly name: string
  readonly summaries: Summary.Summaries
  /** The scores under a key, where the rows are there. */
  readonly spread?: ((key: string) => ReadonlyArray<number>) | undefined
}

const summaryTable = (
  { style, width }: View,
  title: string,
  members: ReadonlyArray<Member>
): string | undefined => {
  const keys = [...new Set(members.flatMap(({ summaries }) => Object.keys(summaries)))]
  if (keys.length === 0) return undefined
  const several = members.length > 1
  const rows = keys.flatMap((key) =>
    members.map(({ name, spread, summaries }, index): ReadonlyArray<Cell> => {
      const summary = summaries[key]
      const score = summary?.score
      return [
        ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: members.length }]),
        ...(several ? [oneLine(name, 30)] : []),
        score === undefined ? style.dim("–") : formatMean(score.mean),
        score === undefined ? style.dim("–") : intervalText(style, score.interval),
        chartText(score, spread?.(key)),
        score?.percentiles === undefined ? "" : formatScore(score.percentiles.p50),
        score === undefined || score.percentiles === undefined
          ? ""
          : `${formatScore(score.min)} to ${formatScore(score.max)}`,
        ...countCells(style, summary),
        valuesText(summary)
      ]
    })
  )
  const [level] = members.flatMap(({ summaries }) =>
    Object.values(summaries).flatMap(({ score }) => score === undefined ? [] : [score.interval.level])
  )
  const columns = [
    { title: "key" },
    ...(several ? [{ title }] : []),
    { title: "mean", align: "right" as const },
    { title: level === undefined ? "interval" : `${formatPercentage(level)} interval`, align: "right" as const },
    { title: "", spare: 2 },
    { title: "median", align: "right" as const, spare: 3 },
    { title: "range", align: "right" as const, spare: 4 },
    { title: "scored", align: "right" as const },
    { title: "skipped", align: "right" as const },
    { title: "failed", align: "right" as const },
    { title: "timed out", align: "right" as const },
    { title: "cancelled", align: "right" as const },
    { title: "values", spare: 1 }
  ]
  return renderTable(...withoutEmptyColumns(columns, rows), width)
}

const optionalTitles = new Set(["skipped", "failed", "timed out", "cancelled", "values", "", "median", "range"])

/** Leaves out columns that say nothing in any row. */
const withoutEmptyColumns = <C extends Column>(
  columns: ReadonlyArray<C>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>
): [Array<C>, Array<Array<Cell>>] =>
  withColumns(columns, rows, ({ title }, index) =>
    !optionalTitles.has(title) || rows.some((row) => {
      const cell = row[row.length - columns.length + index]
      return cell !== undefined && cell !== "" && cell !== "0"
    }))

const countCells = (style: Style, summary: Summary.Summary | undefined): ReadonlyArray<string> => {
  const { cancelled, failed, scored, skipped, timedOut } = summary?.outcomes ??
    { scored: 0, skipped: 0, failed: 0, timedOut: 0, cancelled: 0 }
  const alarming = (count: number) => count === 0 ? "0" : style.bad(formatCount(count))
  return [formatCount(scored), formatCount(skipped), alarming(failed), alarming(timedOut), alarming(cancelled)]
}

const barWidth = 12

/** A bar for scores that are shares; for others how they spread from the least to the greatest. */
const chartText = (score: Summary.ScoreStatistics | undefined, scores: ReadonlyArray<number> = []): string => {
  if (score === undefined) return ""
  if (score.percentiles !== undefined && scores.length > 2 && score.min < score.max) return sparkOf(scores, score)
  return score.min < 0 || score.max > 1 ? "" : barOf(score.mean, barWidth)
}

const sparks = "▁▂▃▄▅▆▇█"

const sparkOf = (scores: ReadonlyArray<number>, { max, min }: Summary.ScoreStatistics): string => {
  const counts = new Array<number>(barWidth).fill(0)
  for (const score of scores) {
    const place = Math.min(barWidth - 1, Math.max(0, Math.floor((score - min) / (max - min) * barWidth)))
    counts[place] = (counts[place] ?? 0) + 1
  }
  const most = Math.max(...counts)
  // What is there at all is to be seen.
  return counts.map((count) => count === 0 ? " " : sparks[Math.ceil(count / most * sparks.length) - 1]).join("")
}

/** The most frequent labels; booleans show in the mean. */
const valuesText = (summary: Summary.Summary | undefined): string =>
  summary === undefined || summary.score?.type === "boolean"
    ? ""
    : summary.values.slice(0, 3).map(({ count, value }) => `${oneLine(value, 16)} ${formatCount(count)}`).join(", ")

/** The scores after the repetitions of each example became one. */
export const repetitionSection = (
  { style, width }: View,
  experiments: ReadonlyArray<Experiment.Overview>
): string | undefined => {
  const members = experiments.flatMap(({ name, summaries }) =>
    Object.entries(summaries).flatMap(([key, { reductions }]) =>
      reductions.length === 0 ? [] : [{ key, name, reductions }]
    )
  )
  const reducers = [...new Set(members.flatMap(({ reductions }) => reductions.map(({ reducer }) => reducer)))]
  if (reducers.length === 0) return undefined
  const several = experiments.length > 1
  const table = renderTable(
    [
      { title: "key" },
      ...(several ? [{ title: "experiment" }] : []),
      ...reducers.map((title) => ({ title, align: "right" as const }))
    ],
    members.map(({ key, name, reductions }) => [
      oneLine(key),
      ...(several ? [oneLine(name, 30)] : []),
      ...reducers.map((reducer) => {
        const found = reductions.find((reduction) => reduction.reducer === reducer)
        if (found?.score !== undefined) return formatMean(found.score.mean)
        return found?.values === undefined
          ? style.dim("–")
          : found.values.slice(0, 3).map(({ count, value }) => `${oneLine(value, 16)} ${formatCount(count)}`).join(", ")
      })
    ]),
    width
  )
  return `${style.bold("Repetitions of an example as one")}\n${table}`
}

/** What summary evaluators said. */
export const summarySection = (
  { style }: View,
  experiments: ReadonlyArray<Experiment.Overview>
): string | undefined => {
  const lines = experiments.flatMap((experiment) =>
    experiment.summaryResults.flatMap(({ error, evaluator, results, skipped }) => {
      const where = experiments.length > 1 ? `${oneLine(experiment.name)}  ` : ""
      if (error !== undefined) return [`  ${where}${oneLine(evaluator)}  ${style.bad(oneLine(error, 160))}`]
      if (skipped !== undefined) {
        return [`  ${where}${oneLine(evaluator)}  ${style.dim(`skipped: ${oneLine(skipped, 160)}`)}`]
      }
      return results.map(({ comment, key, score, value }) => {
        const shown = typeof score === "number" ? formatScore(score) : String(score ?? oneLine(inputText(value), 60))
        return `  ${where}${oneLine(key)}  ${shown}${
          comment === undefined ? "" : `  ${style.dim(oneLine(comment, 100))}`
        }`
      })
    })
  )
  return lines.length === 0 ? undefined : [style.bold("Of the whole"), ...lines].join("\n")
}

/** Rows of the source that are no examples. */
export const leftOutSection = (view: View, { leftOut }: Experiment.Overview): string | undefined =>
  listing(
    view,
    `Left out of the dataset (${formatCount(leftOut.count)})`,
    "",
    leftOut.messages.map((message) => view.style.warn(oneLine(message)))
  )

/** Why rows failed: each reason once, with how often and where. */
export const failureSection = (view: View, name: string, rows: ReadonlyArray<Row.Row>): string | undefined => {
  const failures = rows.flatMap(({ evaluations, example, run }) => [
    ...(run.error === undefined ? [] : [{ exampleId: example.id, reason: `target: ${run.error}` }]),
    ...evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [{ exampleId: example.id, reason: `${evaluator}: ${outcome.message}` }] : []
    )
  ])
  return listing(view, `Failures in ${oneLine(name)} (${formatCount(failures.length)})`, "", reasonList(view, failures))
}

/** The rows with the worst scores, where there are better ones. */
export const worstSection = (view: View, experiment: Experiment.Experiment): string | undefined => {
  const keys = view.key === undefined ? Object.keys(experiment.summaries) : [view.key]
  for (const key of keys) {
    const worst = worstRows(experiment, key, view.lowerIsBetter, view.limit)
    if (worst.length === 0) continue
    return listing(
      view,
      `${view.lowerIsBetter.has(key) ? "Highest" : "Lowest"} in ${oneLine(experiment.name)}`,
      `by ${oneLine(key)}`,
      worst.map(({ row, score }) =>
        `${formatScore(score).padStart(9)}  ${view.label(row)}${
          view.output === undefined ? "" : view.style.dim(`  ${view.output(row)}`)
        }`
      )
    )
  }
  return undefined
}

const slowestCount = 3

/** How long the target took, and on which examples longest. */
export const slowestSection = (
  view: View,
  { latencies, name }: Experiment.Overview,
  rows: ReadonlyArray<Row.Row>
): string | undefined => {
  const { target } = latencies
  if (rows.length === 0 || target === undefined) return undefined
  const { p50, p95 } = target.percentiles
  return listing(
    view,
    `Slowest in ${oneLine(name)}`,
    `median ${formatDuration(p50)}, 95 % below ${formatDuration(p95)}`,
    rows.toSorted((a, b) => Run.latency(b.run) - Run.latency(a.run)).slice(0, slowestCount).map((row) =>
      `${formatDuration(Run.latency(row.run)).padStart(9)}  ${view.label(row)}`
    )
  )
}

/** What tracing clients did not write. */
export const tracingSection = (view: View, { name, tracingFailures }: Experiment.Overview): string | undefined =>
  listing(
    view,
    `Not written (${oneLine(name)})`,
    "",
    tracingFailures.map(({ client, message, rows }) =>
      `${oneLine(client)}: ${countOf(rows, "row")}  ${view.style.bad(oneLine(message, 160))}`
    )
  )

/** A difference with its sign, or a dash. */
export const differenceText = (style: Style, difference: number | undefined): string =>
  difference === undefined ? style.dim("–") : difference === 0 ? "±0" : formatDifference(difference)
