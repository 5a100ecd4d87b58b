/** One row with everything it has. */
import { countOf, formatDuration, formatScore } from "../../internal/values/numbers.ts"
import type { EvaluationData, ExperimentData, ResultData, RowData } from "../internal/html/pageData.ts"
import { dataView, type Piece } from "./dataView.ts"
import { type Child, h } from "./dom.ts"
import { readable } from "./readable.ts"
import { usageText, waterfall } from "./waterfall.ts"

export interface Buttons {
  readonly previous: (() => void) | undefined
  readonly next: (() => void) | undefined
  readonly close: () => void
}

/** The frame of a detail pane. */
export const pane = (
  title: string,
  facts: ReadonlyArray<Child>,
  buttons: Buttons,
  content: ReadonlyArray<Child>
): HTMLElement =>
  h(
    "section",
    { class: "detail", "aria-label": "Row", tabindex: -1 },
    h(
      "header",
      {},
      h("h2", {}, title),
      h(
        "div",
        { class: "buttons" },
        iconButton("↑", "Previous row", buttons.previous),
        iconButton("↓", "Next row", buttons.next),
        iconButton("✕", "Close", buttons.close)
      )
    ),
    h("p", { class: "facts" }, facts.map((fact) => fact === undefined ? undefined : h("span", {}, fact))),
    content
  )

const iconButton = (icon: string, label: string, onclick: (() => void) | undefined): HTMLElement =>
  h("button", {
    type: "button",
    class: "plain",
    "aria-label": label,
    title: label,
    disabled: onclick === undefined,
    onclick
  }, icon)

export const piece = (row: RowData, part: "inputs" | "outputs" | "reference" | "metadata", title: string): Piece => ({
  title,
  value: row[part],
  cut: row.cut[part]
})

const outcomes = { Succeeded: "succeeded", Failed: "failed", TimedOut: "timed out", Cancelled: "cancelled" }

export const rowDetail = (
  experiment: ExperimentData,
  place: number,
  row: RowData,
  buttons: Buttons,
  extra: ReadonlyArray<Child> = []
): HTMLElement => {
  const outcome = experiment.outcome[place] ?? "Succeeded"
  const { trace } = row
  const outputs = piece(row, "outputs", "Outputs")
  const reference = piece(row, "reference", "Reference")
  const hasBoth = row.outputs !== undefined && row.reference !== undefined
  return pane(
    `${experiment.exampleId[place] ?? ""}${
      experiment.repetitions > 1 ? ` #${(experiment.repetition[place] ?? 0) + 1}` : ""
    }`,
    [
      h("span", { class: outcome === "Succeeded" ? "" : "bad-text" }, outcomes[outcome]),
      trace.attempts.length === 0 ? "recorded outputs" : formatDuration(trace.end - trace.start),
      trace.attempts.length > 1 ? countOf(trace.attempts.length, "attempt") : undefined,
      trace.usage === undefined ? undefined : usageText(trace.usage),
      row.splits.length === 0 ? undefined : `split ${row.splits.join(", ")}`
    ],
    buttons,
    [
      row.error === undefined ? undefined : errorView(row.error, row.cause),
      dataView("Inputs", [piece(row, "inputs", "Inputs")]),
      row.outputs === undefined && row.reference === undefined ? undefined : dataView(
        hasBoth ? "Outputs and reference" : row.outputs === undefined ? "Reference" : "Outputs",
        [...(row.outputs === undefined ? [] : [outputs]), ...(row.reference === undefined ? [] : [reference])],
        hasBoth ? { from: reference, to: outputs, name: "difference" } : undefined
      ),
      resultsView(row),
      trace.attempts.length > 1 ? attemptsView(row) : undefined,
      trace.spans.length > 0 || row.evaluations.some(({ trace }) => trace.spans.length > 0) || trace.attempts.length > 0
        ? [h("h3", {}, "Time"), waterfall(row)]
        : undefined,
      row.metadata === undefined ? undefined : dataView("Metadata", [piece(row, "metadata", "Metadata")]),
      row.attachments.length === 0 ? undefined : [
        h("h3", {}, "Attachments"),
        h(
          "ul",
          {},
          row.attachments.map(({ mimeType, name, source }) => h("li", {}, `${name} (${mimeType}) from ${source}`))
        )
      ],
      ...extra
    ]
  )
}

const errorView = (error: string, cause: string | undefined): Child => [
  h("h3", {}, "Why there are no outputs"),
  h("p", { class: "bad-text" }, error),
  cause === undefined || cause === "" || cause === error
    ? undefined
    : h("details", {}, h("summary", {}, "Cause"), h("pre", { tabindex: 0 }, cause))
]

const attemptsView = ({ trace }: RowData): Child => [
  h("h3", {}, "Attempts"),
  h(
    "ol",
    {},
    trace.attempts.map(({ end, error, start }, i) =>
      h(
        "li",
        {},
        `${i + 1}: ${formatDuration(end - start)} `,
        error === undefined ? "succeeded" : h("span", { class: "bad-text" }, error)
      )
    )
  )
]

const resultsView = ({ cut, evaluations }: RowData): Child => {
  if (evaluations.length === 0) return undefined
  const without = evaluations.filter(({ outcome }) => outcome !== "Scored")
  const alike = Map.groupBy(without, ({ outcome, reason }) => `${outcome} ${reason ?? ""}`)
  return [
    h("h3", {}, "Results"),
    h(
      "table",
      { class: "results", "aria-label": "Results" },
      h("colgroup", {}, h("col", { class: "name-col" }), h("col", { class: "value-col" }), h("col")),
      h(
        "tbody",
        {},
        evaluations.map((evaluation) => evaluation.outcome === "Scored" ? scoredRows(evaluation, cut) : undefined),
        Array.from(alike.values(), unscoredRow)
      )
    )
  ]
}

/** Evaluators that have no result for the same reason, such as a target that failed, are one line. */
const unscoredRow = (evaluations: ReadonlyArray<EvaluationData>): Child => {
  const [first] = evaluations
  if (first === undefined) return undefined
  const { cause, outcome, reason, trace } = first
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, evaluations.map(({ evaluator }) => evaluator).join(", ")),
    h(
      "td",
      { class: outcome === "Skipped" ? "quiet" : "bad-text" },
      outcome === "TimedOut" ? "timed out" : outcome.toLowerCase()
    ),
    h(
      "td",
      { class: "why" },
      reason,
      cause === undefined || cause === "" || cause === reason
        ? undefined
        : h("details", {}, h("summary", {}, "Cause"), h("pre", { tabindex: 0 }, cause)),
      attemptsNote(trace.attempts)
    )
  )
}

const scoredRows = ({ evaluator, results, trace }: EvaluationData, cut: RowData["cut"]): Child =>
  results.map((result) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, result.key, result.key === evaluator ? undefined : h("small", {}, ` ${evaluator}`)),
      h("td", { class: "value" }, resultText(result)),
      h(
        "td",
        { class: "why" },
        result.comment,
        typeof result.value === "object" && result.value !== null
          ? h("pre", { tabindex: 0 }, readable(result.value))
          : undefined,
        cut[`${evaluator} ${result.key}`] === undefined
          ? undefined
          : h("p", { class: "bad-text" }, "The value is cut."),
        result.more === undefined
          ? undefined
          : h("details", {}, h("summary", {}, "More"), h("pre", { tabindex: 0 }, readable(result.more))),
        attemptsNote(trace.attempts)
      )
    )
  )

const attemptsNote = (attempts: EvaluationData["trace"]["attempts"]): Child =>
  attempts.length < 2 ? undefined : h(
    "details",
    {},
    h("summary", {}, countOf(attempts.length, "attempt")),
    h(
      "ol",
      {},
      attempts.map(({ end, error, start }) => h("li", {}, `${formatDuration(end - start)} ${error ?? "succeeded"}`))
    )
  )

/** A score, and a label beside it; data has a place of its own. */
export const resultText = ({ score, value }: Pick<ResultData, "score" | "value">): string => {
  const label = typeof value === "object" && value !== null ? undefined : value
  const shown = score === undefined ? undefined : typeof score === "boolean" ? String(score) : formatScore(score)
  return [...(shown === undefined ? [] : [shown]), ...(label === undefined ? [] : [String(label)])].join(" · ") || "–"
}
