/** The parts of a Markdown report that are about an experiment as it is. */
import type * as Experiment from "../../Experiment.ts"
import { formatCount, formatMean, formatPercentage, formatScore } from "../../internal/values/numbers.ts"
import type * as Row from "../../Row.ts"
import type * as Summary from "../../Summary.ts"
import { inputText } from "../view.ts"
import { leafText } from "./cells.ts"
import { byReason, failuresOf } from "./failures.ts"
import { code, codeBlock, details, table } from "./markdownText.ts"
import { worstRows } from "./worst.ts"

export interface MarkdownView {
  readonly limit: number
  readonly label: ((row: Row.Row) => string) | undefined
  readonly lowerIsBetter: ReadonlySet<string>
}

const dash = "–"

/** Such as `q7` `What is an effect?`. */
export const labelOf = ({ label }: MarkdownView, row: Row.Row): string => {
  const text = label === undefined ? leafText(row.example.inputs, 200) : label(row)
  return text === row.example.id ? code(row.example.id, 60) : `${code(row.example.id, 24)} ${code(text, 100)}`
}

/** A number and its interval. */
export const intervalCell = (
  interval: { readonly lower?: number | undefined; readonly upper?: number | undefined } | undefined,
  format: (bound: number) => string = formatMean
): string =>
  interval?.lower === undefined || interval.upper === undefined
    ? dash
    : `${format(interval.lower)} to ${format(interval.upper)}`

/** Every key with its numbers. */
export const keysPart = ({ summaries }: Pick<Experiment.Overview, "summaries">): string =>
  summaryTable("key", Object.entries(summaries).map(([name, summary]) => ({ name, summary })))

const outcomeTitles = [
  ["scored", "scored"],
  ["skipped", "skipped"],
  ["failed", "failed"],
  ["timedOut", "timed out"],
  ["cancelled", "cancelled"]
] as const

const summaryTable = (
  title: string,
  members: ReadonlyArray<{ readonly name: string; readonly summary: Summary.Summary | undefined }>
): string => {
  if (members.length === 0) return ""
  const outcomes = outcomeTitles.filter(([kind]) =>
    kind === "scored" || members.some(({ summary }) => (summary?.outcomes[kind] ?? 0) > 0)
  )
  const hasValues = members.some(({ summary }) => valuesOf(summary) !== "")
  const [level] = members.flatMap(({ summary }) => summary?.score?.interval.level ?? [])
  return table(
    [
      { title },
      { title: "mean", align: "right" },
      { title: level === undefined ? "interval" : `${formatPercentage(level)} interval`, align: "right" },
      ...outcomes.map(([, title]) => ({ title, align: "right" as const })),
      ...(hasValues ? [{ title: "values" }] : [])
    ],
    members.map(({ name, summary }) => [
      code(name, 80),
      summary?.score === undefined ? dash : `**${formatMean(summary.score.mean)}**`,
      intervalCell(summary?.score?.interval),
      ...outcomes.map(([kind]) => formatCount(summary?.outcomes[kind] ?? 0)),
      ...(hasValues ? [valuesOf(summary)] : [])
    ])
  )
}

/** The most frequent labels; booleans show in the mean. */
const valuesOf = (summary: Summary.Summary | undefined): string =>
  summary === undefined || summary.score?.type === "boolean"
    ? ""
    : summary.values.slice(0, 3).map(({ count, value }) => `${code(value, 24)} ${formatCount(count)}`).join(", ")

/** Why rows failed: each reason once. */
export const failuresPart = ({ rows }: Experiment.Experiment, view: MarkdownView): string | undefined => {
  const failures = failuresOf(rows)
  const reasons = byReason(failures)
  if (reasons.length === 0) return undefined
  return details(
    `Failures (${formatCount(failures.length)})`,
    listed(
      reasons,
      view.limit,
      ({ failures, message, of }) =>
        `- **${formatCount(failures.length)}×** ${code(of, 60)}: ${code(message, 300)}, such as ${
          code(failures[0]?.row.example.id ?? "", 40)
        }`
    )
  )
}

/** The lines, and how many there would be more. */
export const listed = <A>(items: ReadonlyArray<A>, limit: number, line: (item: A) => string): string =>
  [
    ...items.slice(0, limit).map(line),
    ...(items.length > limit ? [`- and ${formatCount(items.length - limit)} more`] : [])
  ]
    .join("\n")

/** The keys by group. */
export const groupsPart = ({ groups, summaries }: Experiment.Overview): string | undefined =>
  groups.length === 0 ? undefined : details(
    "Groups",
    Object.keys(summaries).flatMap((key) =>
      [...Map.groupBy(groups, ({ by }) => by)].map(([by, members]) =>
        `**${code(key, 80)} by ${code(by, 80)}**\n\n${
          summaryTable("group", members.map(({ summaries, value }) => ({ name: value, summary: summaries[key] })))
        }`
      )
    ).join("\n\n")
  )

/** The scores after the repetitions of each example became one. */
export const repetitionsPart = ({ summaries }: Experiment.Overview): string | undefined => {
  const repeated = Object.entries(summaries).filter(([, { reductions }]) => reductions.length > 0)
  const reducers = [...new Set(repeated.flatMap(([, { reductions }]) => reductions.map(({ reducer }) => reducer)))]
  return reducers.length === 0 ? undefined : details(
    "Repetitions of an example as one",
    table(
      [{ title: "key" }, ...reducers.map((title) => ({ title, align: "right" as const }))],
      repeated.map(([key, { reductions }]) => [
        code(key, 80),
        ...reducers.map((reducer) => {
          const mean = reductions.find((reduction) => reduction.reducer === reducer)?.score?.mean
          return mean === undefined ? dash : formatMean(mean)
        })
      ])
    )
  )
}

/** What summary evaluators said. */
export const wholePart = ({ summaryResults }: Experiment.Overview): string | undefined => {
  const rows = summaryResults.flatMap(({ error, evaluator, results, skipped }) =>
    error !== undefined || skipped !== undefined
      ? [[code(evaluator, 80), dash, code(error ?? `skipped: ${skipped}`, 200)]]
      : results.map(({ comment, key, score, value }) => [
        code(key, 80),
        typeof score === "number"
          ? formatScore(score)
          : code(score === undefined ? inputText(value) : String(score), 80),
        comment === undefined ? "" : code(comment, 200)
      ])
  )
  return rows.length === 0
    ? undefined
    : `**Of the whole**\n\n${table([{ title: "key" }, { title: "score", align: "right" }, { title: "comment" }], rows)}`
}

/** The rows with the worst scores under the first key that has some, with what they gave. */
export const worstPart = (experiment: Experiment.Experiment, view: MarkdownView): string | undefined => {
  for (const key of Object.keys(experiment.summaries)) {
    const worst = worstRows(experiment, key, view.lowerIsBetter, view.limit)
    if (worst.length === 0) continue
    return details(
      `Lowest rows by ${code(key, 80)}`.replace("Lowest", view.lowerIsBetter.has(key) ? "Highest" : "Lowest"),
      worst.map(({ row, score }) =>
        [
          `**${formatScore(score)}** ${labelOf(view, row)}`,
          codeBlock(inputText(row.run.outputs), 500),
          ...(row.example.referenceOutputs === undefined
            ? []
            : ["reference:", codeBlock(inputText(row.example.referenceOutputs), 500)])
        ].join("\n\n")
      ).join("\n\n")
    )
  }
  return undefined
}
