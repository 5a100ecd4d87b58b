/** What a run did, span by span on one line of time. */
import { formatCount, formatDuration, formatMean } from "../../internal/values/numbers.ts"
import type { RowData, SpanData, TraceData, UsageData } from "../internal/html/pageData.ts"
import { type Child, h } from "./dom.ts"
import { readable } from "./readable.ts"

interface Line {
  readonly name: string
  readonly kind: string
  readonly depth: number
  readonly start: number
  readonly end: number | null
  readonly error?: string | undefined
  readonly usage?: UsageData | undefined
  readonly more?: string | undefined
}

/** Lines for the target's attempts and spans, and below them those of the evaluators. */
export const waterfall = (row: RowData): HTMLElement => {
  const lines = [
    ...linesOf("target", "run", row.trace, row.error),
    ...row.evaluations.flatMap(({ evaluator, outcome, reason, trace }) =>
      linesOf(evaluator, "evaluator", trace, outcome === "Scored" || outcome === "Skipped" ? undefined : reason)
    )
  ]
  const begin = lines.reduce((begin, { start }) => Math.min(begin, start), 0)
  const end = lines.reduce((end, line) => Math.max(end, line.end ?? line.start), begin + 0.001)
  return h("ol", { class: "falls" }, lines.map((line) => lineView(line, begin, end)))
}

const linesOf = (name: string, kind: string, trace: TraceData, error: string | undefined): ReadonlyArray<Line> => {
  if (trace.attempts.length === 0 && trace.spans.length === 0) return []
  return [
    { name, kind, depth: 0, start: trace.start, end: trace.end, error, usage: trace.usage },
    ...(trace.attempts.length < 2 ? [] : trace.attempts.map(({ end, error, start }, i): Line => ({
      name: `attempt ${i + 1}`,
      kind,
      depth: 1,
      start,
      end,
      error
    }))),
    ...trace.spans.map(spanLine)
  ]
}

const spanLine = ({ attributes, depth, end, error, events, name, start, type, usage }: SpanData): Line => ({
  name,
  kind: type,
  depth: depth + 1,
  start,
  end,
  error,
  usage,
  more: [
    ...(attributes === undefined ? [] : [readable(attributes)]),
    ...(events ?? []).map(({ at, attributes, name }) =>
      `at ${formatDuration(Math.max(0, at))}: ${name}${
        attributes === undefined ? "" : `\n  ${readable(attributes).replace(/\n/g, "\n  ")}`
      }`
    )
  ].join("\n\n")
})

const lineView = (
  { depth, end, error, kind, more, name, start, usage }: Line,
  from: number,
  to: number
): HTMLElement => {
  const bar = h("i", { class: error === undefined ? kind : "error" })
  const share = (time: number): string => `${((time - from) / (to - from) * 100).toFixed(3)}%`
  bar.style.left = share(start)
  bar.style.width = share((end ?? to) - start + from)
  const label: Child = [
    name,
    kind === "chain" || kind === "run" ? undefined : h("span", { class: "quiet" }, ` ${kind}`)
  ]
  const labelBox = h("div", { class: "label" }, label)
  labelBox.style.paddingLeft = `${0.9 + Math.min(depth, 12) * 0.8}rem`
  const line = [
    labelBox,
    h("div", { class: "lane" }, bar),
    h(
      "div",
      { class: "took" },
      end === null ? "not ended" : formatDuration(Math.max(0, end - start)),
      usage === undefined ? undefined : ` · ${formatCount(usage.inputTokens + usage.outputTokens)} tok`
    )
  ]
  return (more === undefined || more === "") && error === undefined && usage === undefined
    ? h("li", {}, h("div", { class: "fall" }, line))
    : h(
      "li",
      {},
      h(
        "details",
        {},
        h("summary", { class: "fall" }, line),
        usage === undefined ? undefined : h("p", { class: "quiet" }, usageText(usage)),
        error === undefined ? undefined : h("p", { class: "bad-text" }, error),
        more === undefined || more === "" ? undefined : h("pre", { tabindex: 0 }, more)
      )
    )
}

export const usageText = ({ cost, inputTokens, outputTokens }: UsageData): string =>
  `${formatCount(inputTokens)} tokens in, ${formatCount(outputTokens)} out${
    cost === undefined ? "" : `, cost ${formatMean(cost)}`
  }`
