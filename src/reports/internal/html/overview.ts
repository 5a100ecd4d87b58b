/** What an experiment says, as a page: figures, scores, groups, times, failures, and where it comes from. */
import type * as Experiment from "../../../Experiment.ts"
import { toJson } from "../../../internal/values/json.ts"
import {
  countOf,
  formatCount,
  formatDuration,
  formatMean,
  formatPercentage,
  formatScore
} from "../../../internal/values/numbers.ts"
import type * as PairwiseEvaluation from "../../../PairwiseEvaluation.ts"
import type * as Row from "../../../Row.ts"
import * as Run from "../../../Run.ts"
import { inputText } from "../../view.ts"
import { leafText } from "../cells.ts"
import { usageOf } from "../facts.ts"
import { byReason, failuresOf } from "../failures.ts"
import { worstRows } from "../worst.ts"
import { durationTick, growingColumns, histogram } from "./charts.ts"
import { linkTo } from "./links.ts"
import { html, type Markup, type Part } from "./markup.ts"
import { pairwiseParts } from "./pairwise.ts"
import { groupSections, repetitionSection, scoreSection } from "./scores.ts"
import { section } from "./section.ts"

/** Which experiment of the page, and how rows are named. */
export interface OverviewOptions {
  readonly place: number
  readonly label: ((row: Row.Row) => string) | undefined
  readonly lowerIsBetter: ReadonlySet<string>
  readonly isRunning: boolean
  /** What it is, if experiments were judged against one another in it. */
  readonly judged?: PairwiseEvaluation.Judged | undefined
}

export const overview = (experiment: Experiment.Experiment, options: OverviewOptions): Markup =>
  html`<article class="overview">
${masthead(experiment, options.isRunning)}
${options.judged === undefined ? undefined : pairwiseParts(options.judged, options.place)}
${scoreSection(experiment, options.place)}
${wholeSection(experiment)}
${failureSection(experiment, options)}
${groupSections(experiment)}
${repetitionSection(experiment)}
${timeSection(experiment, options)}
${worstSection(experiment, options)}
${originSection(experiment)}
</article>`

const masthead = (experiment: Experiment.Experiment, isRunning: boolean): Markup => {
  const {
    dataset,
    description,
    endTime,
    error,
    failedRows,
    leftOut,
    name,
    repetitions,
    rowCount,
    startTime,
    status,
    tags,
    target
  } = experiment
  const usage = usageOf(experiment)
  const figures: ReadonlyArray<readonly [label: string, value: Part, note?: Part]> = [
    ["rows", formatCount(rowCount), repetitions === 1 ? undefined : `${repetitions} repetitions each`],
    [
      "with failures",
      html`<span class="${failedRows === 0 ? "tone-good" : "tone-bad"}">${formatCount(failedRows)}</span>`,
      failedRows === 0 || rowCount === 0 ? undefined : formatPercentage(Number((failedRows / rowCount).toPrecision(2)))
    ],
    ["took", formatDuration(endTime - startTime), medianOf(experiment)],
    ...(usage === undefined ? [] : [
      [
        "tokens",
        formatCount(usage.inputTokens + usage.outputTokens),
        `${formatCount(usage.outputTokens)} of them out`
      ] as const
    ]),
    ...(usage?.cost === undefined ? [] : [["cost", formatMean(usage.cost), "in the currency of the prices"] as const])
  ]
  return html`<header class="masthead">
<p class="kicker">${experiment.evaluation}</p>
<h2>${name}</h2>
${description === undefined ? undefined : html`<p class="lede">${description}</p>`}
<p class="facts"><span>dataset ${[dataset.name, ...dataset.steps].join(" | ")}${
    dataset.version === undefined ? undefined : html` <small>${dataset.version}</small>`
  }</span><span>target ${target.name}${
    target.version === undefined ? "" : ` ${target.version}`
  }</span><span>${html`<time datetime="${isoTime(startTime)}">${readableTime(startTime)}</time>`}</span>${
    tags.map((tag) => html`<span class="tag">${tag}</span>`)
  }</p>
${
    status === "completed" ?
      undefined :
      isRunning
      ? html`<p class="notice tone-warn">This experiment is running; these are the rows that were there when the page was made. <a href="?">Load again</a></p>`
      : html`<p class="notice tone-bad">This experiment ${
        status === "failed" ? "failed" : "was interrupted"
      }; it has the rows that were done.${error === undefined ? "" : ` ${error}`}</p>`
  }${
    leftOut.count === 0 ?
      undefined :
      html`<details class="notice tone-warn"><summary>${
        countOf(leftOut.count, "row")
      } of the dataset left out</summary><ul>${
        leftOut.messages.map((message) => html`<li>${message}</li>`)
      }</ul></details>`
  }${
    experiment.tracingFailures.map(({ client, message, rows }) =>
      html`<p class="notice tone-warn">${client} did not write ${countOf(rows, "row")}: ${message}</p>`
    )
  }
<dl class="figures">${
    figures.map(([label, value, note]) =>
      html`<div><dt>${label}</dt><dd>${value}${
        note === undefined ? undefined : html`<small>${note}</small>`
      }</dd></div>`
    )
  }</dl>
</header>`
}

const medianOf = ({ latencies }: Experiment.Overview): string | undefined =>
  latencies.target === undefined ? undefined : `median row ${formatDuration(latencies.target.percentiles.p50)}`

const isoTime = (millis: number): string => new Date(millis).toISOString()

/** The time of day is that of Greenwich, so that the report is the same for all. */
export const readableTime = (millis: number): string => `${isoTime(millis).slice(0, 16).replace("T", " ")} UTC`

const wholeSection = ({ summaryResults }: Experiment.Overview): Markup | undefined =>
  summaryResults.length === 0 ? undefined : section(
    "Of the whole",
    html`<dl class="whole">${
      summaryResults.map(({ error, evaluator, results, skipped }) =>
        error !== undefined
          ? html`<div><dt>${evaluator}</dt><dd class="tone-bad">${error}</dd></div>`
          : skipped !== undefined
          ? html`<div><dt>${evaluator}</dt><dd class="quiet">skipped: ${skipped}</dd></div>`
          : results.map(({ comment, key, score, value }) =>
            html`<div><dt>${key}</dt><dd>${
              typeof score === "number"
                ? formatScore(score)
                : score === undefined
                ? inputText(toJson(value))
                : String(score)
            }${comment === undefined ? undefined : html`<small>${comment}</small>`}</dd></div>`
          )
      )
    }</dl>`
  )

const shownReasons = 20

const failureSection = ({ rows }: Experiment.Experiment, { place }: OverviewOptions): Markup | undefined => {
  const reasons = byReason(failuresOf(rows))
  if (reasons.length === 0) return undefined
  return section(
    "Failures",
    html`<ol class="reasons">${
      reasons.slice(0, shownReasons).map(({ failures, message, of }) =>
        html`<li><span class="times">${
          formatCount(failures.length)
        }×</span><span class="of">${of}</span><span class="reason">${
          message.length > 200 ? `${message.slice(0, 200)}…` : message
        }</span><span class="such">${
          failures.slice(0, 3).map(({ row }) => rowLink(row, rows.indexOf(row), place))
        }</span></li>`
      )
    }</ol>${
      reasons.length > shownReasons
        ? html`<p class="quiet">and ${countOf(reasons.length - shownReasons, "reason")} more</p>`
        : undefined
    }<p><a class="more" href="${linkTo("rows", { e: place, outcome: "failed" })}">All rows with failures</a></p>`
  )
}

const rowLink = ({ example, run }: Row.Row, at: number, place: number): Markup =>
  html`<a href="${linkTo("rows", { e: place, row: at })}">${
    example.id.length > 40 ? `${example.id.slice(0, 39)}…` : example.id
  }${run.repetition === 0 ? "" : ` #${run.repetition + 1}`}</a>`

const timeSection = ({ latencies, rows }: Experiment.Experiment, { place }: OverviewOptions): Markup | undefined => {
  const { evaluators, target } = latencies
  if (target === undefined) return undefined
  const millis = rows.flatMap(({ run }) => run.attempts.length === 0 ? [] : [Run.latency(run)])
  const { p50, p95, p99 } = target.percentiles
  const chart = histogram(growingColumns(millis), {
    width: 680,
    height: 150,
    title: "Rows by how long the target took",
    format: durationTick,
    logarithmic: true,
    marks: [
      { value: p50, text: `median ${durationTick(p50)}`, before: true },
      { value: p95, text: `95 % below ${durationTick(p95)}` }
    ],
    link: ({ from, least, to }) =>
      linkTo("rows", { e: place, key: "latency", from: least ?? from, to, sort: "-latency" })
  })
  const lines = [["target", target] as const, ...Object.entries(evaluators)]
  return section(
    "Time",
    html`${chart}<div class="scroll"><table class="plain"><thead><tr><th scope="col">of</th><th scope="col">runs</th><th scope="col">median</th><th scope="col">95 %</th><th scope="col">99 %</th><th scope="col">longest</th></tr></thead><tbody>${
      lines.map(([name, latency]) =>
        html`<tr><th scope="row">${name}</th><td>${formatCount(latency.count)}</td><td>${
          formatDuration(latency.percentiles.p50)
        }</td><td>${formatDuration(latency.percentiles.p95)}</td><td>${
          formatDuration(latency.percentiles.p99)
        }</td><td>${formatDuration(latency.max)}</td></tr>`
      )
    }</tbody></table></div>`,
    p99 > 5 * p50 ? "The scale grows by factors." : undefined
  )
}

const worstSection = (
  experiment: Experiment.Experiment,
  { label, lowerIsBetter, place }: OverviewOptions
): Markup | undefined => {
  for (const key of Object.keys(experiment.summaries)) {
    const worst = worstRows(experiment, key, lowerIsBetter, 8)
    if (worst.length === 0) continue
    return section(
      lowerIsBetter.has(key) ? "Highest rows" : "Lowest rows",
      html`<ol class="worst">${
        worst.map(({ row, score }) => {
          const text = leafText(label === undefined ? row.example.inputs : label(row), 160)
          return html`<li><span class="times">${formatScore(score)}</span><span>${
            rowLink(row, experiment.rows.indexOf(row), place)
          } <span class="quiet">${text}</span></span></li>`
        })
      }</ol><p><a class="more" href="${
        linkTo("rows", { e: place, sort: `${lowerIsBetter.has(key) ? "-" : ""}score:${key}` })
      }">All rows by ${key}</a></p>`,
      html`by ${key}`
    )
  }
  return undefined
}

/** What one needs to know to repeat it. */
const originSection = (experiment: Experiment.Overview): Markup => {
  const { dataset, evaluators, id, metadata, options, provenance, resumes, reused, target } = experiment
  const data = (title: string, value: unknown): Markup | undefined => {
    const json = toJson(value)
    return typeof json === "object" && json !== null && Object.keys(json).length === 0
      ? undefined
      : html`<details><summary>${title}</summary><pre>${JSON.stringify(json, null, 2).slice(0, 20_000)}</pre></details>`
  }
  return section(
    "Origin",
    html`<dl class="origin"><div><dt>experiment</dt><dd><code>${id}</code></dd></div><div><dt>dataset</dt><dd>${
      [dataset.name, ...dataset.steps].join(" | ")
    }${
      dataset.version === undefined ? "" : `, version ${dataset.version}`
    }</dd></div><div><dt>target</dt><dd>${target.name} <code>${target.fingerprint.slice(0, 12)}</code></dd></div>${
      resumes === undefined ?
        undefined :
        html`<div><dt>resumes</dt><dd>${resumes.join(", ")}${
          reused === undefined ? "" : ` (${countOf(reused.runs, "run")} reused)`
        }</dd></div>`
    }</dl>${data("Evaluators", evaluators)}${data("Target", target)}${data("Options", options)}${
      data("Provenance", provenance)
    }${data("Metadata", metadata)}${data("How concurrency moved", experiment.concurrencyChanges)}`
  )
}
