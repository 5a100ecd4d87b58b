/** The page of all experiments: by what was evaluated on what, over time. */
import type * as Effect from "effect/Effect"
import { countOf, formatCount, formatDifference, formatMean } from "../../internal/values/numbers.ts"
import { trend } from "../../reports/internal/html/charts.ts"
import { blockElement, document, topBar } from "../../reports/internal/html/document.ts"
import { html, Markup } from "../../reports/internal/html/markup.ts"
import { readableTime } from "../../reports/internal/html/overview.ts"
import { section } from "../../reports/internal/html/section.ts"
import type * as Api from "../Api.ts"
import { script } from "./listScript.ts"

export interface ListOptions {
  /** Newest first. */
  readonly entries: ReadonlyArray<Api.Listed>
  /** Whether there are more in the store. */
  readonly isCut: boolean
  readonly token: string
  /** The group that is shown whole. */
  readonly group: string | undefined
}

const shownInGroup = 12
const shownCharts = 6
const pointsInChart = 60

export const listPage = ({ entries, group, isCut, token }: ListOptions): Effect.Effect<string> => {
  const groups = [...Map.groupBy(entries, groupOf)].filter(([name]) => group === undefined || name === group)
  const running = entries.filter(({ status }) => status === "running")
  return document({
    title: "Experiments",
    script,
    connect: "'self'",
    formAction: "'self'",
    body: [
      topBar("Experiments", [
        html`<a href="./"${group === undefined ? new Markup(` aria-current="page"`) : undefined}>All</a>`,
        html`<a href="docs">HTTP interface</a>`
      ]),
      html`<main id="main" tabindex="-1" data-token="${token}"><form method="get" action="compare" class="overview">
<header class="masthead"><p class="kicker">effect-evals</p><h2>${group ?? "Experiments"}</h2><p class="facts"><span>${
        countOf(entries.length, "experiment")
      }${isCut ? ", the newest ones" : ""}</span>${
        running.length === 0 ? undefined : html`<span>${formatCount(running.length)} running</span>`
      }</p></header>
${
        entries.length === 0
          ? html`<p class="empty">There is no experiment yet. One that is recorded in this store shows up here while it runs.</p>`
          : undefined
      }${groups.map(([name, members]) => groupPart(name, members, group === undefined))}
<div class="compare-bar" hidden><span role="status"></span> <button type="submit">Compare</button></div></form></main>`,
      // The program asks for what changed since then.
      new Markup(blockElement({ id: "running", text: running.map(({ id }) => encodeURIComponent(id)).join(" ") }))
    ]
  })
}

const groupOf = ({ dataset, evaluation }: Api.Listed): string =>
  evaluation === dataset ? evaluation : `${evaluation} on ${dataset}`

const groupPart = (name: string, members: ReadonlyArray<Api.Listed>, isFolded: boolean): Markup => {
  const shown = isFolded ? members.slice(0, shownInGroup) : members
  const keys = [...new Set(members.flatMap(({ scores }) => scores.map(({ key }) => key)))]
  const ended = members.filter(({ status }) => status === "completed").slice(0, pointsInChart).toReversed()
  const charts = keys.flatMap((key) => {
    const points = ended.flatMap((entry) => {
      const score = entry.scores.find((score) => score.key === key)
      return score === undefined
        ? []
        : [{
          time: entry.startTime,
          value: score.mean,
          lower: score.lower,
          upper: score.upper,
          name: entry.name,
          link: linkTo(entry)
        }]
    })
    const chart = points.length < 2 ? undefined : trend(points, { width: 290, height: 110, title: key })
    return chart === undefined ? [] : [html`<figure><figcaption>${key}</figcaption>${chart}</figure>`]
  })
  return section(
    name,
    html`${charts.length === 0 ? undefined : html`<div class="trends">${charts.slice(0, shownCharts)}</div>`}${
      charts.length > shownCharts
        ? html`<details><summary>${formatCount(charts.length - shownCharts)} more keys</summary><div class="trends">${
          charts.slice(shownCharts)
        }</div></details>`
        : undefined
    }<div class="scroll"><table class="plain runs"><thead><tr><th scope="col">experiment</th><th scope="col">started</th><th scope="col">rows</th><th scope="col">failures</th>${
      keys.slice(0, shownKeys).map((key) => html`<th scope="col">${key}</th>`)
    }</tr></thead><tbody>${
      shown.map((entry, i) => entryRow(entry, keys.slice(0, shownKeys), members.slice(i + 1).find(isDone)))
    }</tbody></table></div>${
      members.length > shown.length
        ? html`<p><a class="more" href="?group=${encodeURIComponent(name)}">All ${formatCount(members.length)}</a></p>`
        : undefined
    }`,
    countOf(members.length, "experiment")
  )
}

const shownKeys = 8

const isDone = ({ status }: Api.Listed): boolean => status === "completed"

const linkTo = ({ id }: Api.Listed): string => `experiments/${encodeURIComponent(id)}`

/** An experiment, with how its means differ from those of the one before. */
const entryRow = (entry: Api.Listed, keys: ReadonlyArray<string>, before: Api.Listed | undefined): Markup => {
  const { done, failedRows, id, name, scores, startTime, status, total } = entry
  return html`<tr data-id="${id}" data-status="${status}"><th scope="row"><label><input type="checkbox" name="id" value="${id}"><span class="visually-hidden">Compare</span></label> <a href="${
    linkTo(entry)
  }">${name}</a>${
    status === "completed" ? undefined : html` <small class="status">${status}</small>`
  }</th><td><time datetime="${new Date(startTime).toISOString()}">${
    readableTime(startTime).replace(" UTC", "")
  }</time></td><td class="rows">${rowsText(done, total, status)}</td><td class="failures${
    failedRows === 0 ? "" : " tone-bad"
  }">${formatCount(failedRows)}</td>${
    keys.map((key) => {
      const mean = scores.find((score) => score.key === key)?.mean
      const last = before?.scores.find((score) => score.key === key)?.mean
      return html`<td data-key="${key}">${mean === undefined ? html`<span class="quiet">–</span>` : formatMean(mean)}${
        mean === undefined || last === undefined || mean === last || status !== "completed"
          ? undefined
          : html` <small>${formatDifference(mean - last)}</small>`
      }</td>`
    })
  }</tr>`
}

const rowsText = (done: number, total: number | undefined, status: Api.Listed["status"]): Markup =>
  status === "running" && total !== undefined
    ? html`<progress max="${total}" value="${done}" aria-label="Rows done"></progress> <span>${formatCount(done)} of ${
      formatCount(total)
    }</span>`
    : html`<span>${formatCount(done)}</span>`
