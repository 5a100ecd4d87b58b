/** The scores of an experiment by key, by group, and over repetitions. */
import type * as Experiment from "../../../Experiment.ts"
import { formatCount, formatMean, formatPercentage, formatScore } from "../../../internal/values/numbers.ts"
import type * as Summary from "../../../Summary.ts"
import { type Column, columnsOf } from "../cells.ts"
import { type Column as Bar, columnsOf as barsOf, histogram, labelBars, pointInterval, strip } from "./charts.ts"
import { linkTo } from "./links.ts"
import { html, type Markup } from "./markup.ts"
import { section } from "./section.ts"

const outcomeKinds = [
  { kind: "scored", tone: "scored", name: "scored", outcome: "Scored" },
  { kind: "skipped", tone: "skipped", name: "skipped", outcome: "Skipped" },
  { kind: "failed", tone: "bad", name: "failed", outcome: "Failed" },
  { kind: "timedOut", tone: "late", name: "timed out", outcome: "TimedOut" },
  { kind: "cancelled", tone: "cancelled", name: "cancelled", outcome: "Cancelled" }
] as const

/** Every key with its number, its interval, how its scores spread, and how many rows have none. */
export const scoreSection = (experiment: Experiment.Experiment, place: number): Markup | undefined => {
  const columns = columnsOf(experiment)
  if (columns.length === 0) return undefined
  const [level] = columns.flatMap(({ summary }) => summary.score?.interval.level ?? [])
  return section(
    "Scores",
    html`<ul class="scores">${columns.map((column) => scoreItem(experiment, column, place))}</ul>`,
    level === undefined ? undefined : `Means with intervals of ${formatPercentage(level)}.`
  )
}

const scoreItem = ({ rows }: Experiment.Experiment, { name, read, summary }: Column, place: number): Markup => {
  const { failures, outcomes, score } = summary
  const evaluator = summary.evaluator === summary.key ? undefined : summary.evaluator
  const scores = rows.flatMap((row) => {
    const cell = read(row)
    return cell.kind === "Scored" && cell.result.score !== undefined ? [Number(cell.result.score)] : []
  })
  const total = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
  return html`<li class="score"><div class="name"><h4>${name}</h4>${
    evaluator === undefined ? undefined : html`<p class="quiet">${evaluator}</p>`
  }</div><div class="number">${
    score === undefined
      ? html`<span class="mean quiet">${summary.values.length === 0 ? "no scores" : "labels"}</span>`
      : html`<span class="mean">${formatMean(score.mean)}</span>${intervalLine(score)}`
  }</div><div class="chart">${chartOf(summary, name, scores, place)}</div><div class="outcomes">${
    outcomes.scored === total ? undefined : strip(
      outcomeKinds.map(({ kind, name: words, outcome, tone }) => ({
        name: words,
        count: outcomes[kind],
        tone,
        link: linkTo("rows", { e: place, key: name, cell: outcome })
      })),
      { width: 180, height: 6, title: "Rows" }
    )
  }<p class="quiet">${
    outcomeKinds.filter(({ kind }) => outcomes[kind] > 0).map(({ kind, name, tone }, i) =>
      html`${i === 0 ? "" : ", "}<span class="${tone === "bad" || tone === "late" ? "tone-bad" : ""}">${
        formatCount(outcomes[kind])
      } ${name}</span>`
    )
  }${
    failures.rows === 0 || failures.policy === "exclude"
      ? ""
      : `; ${formatCount(failures.rows)} without a score count as ${failures.policy.countAs}`
  }</p></div></li>`
}

const intervalLine = ({ interval }: Summary.ScoreStatistics): Markup =>
  interval.lower === undefined || interval.upper === undefined
    ? html`<span class="interval quiet"${html` title="${interval.reason ?? ""}"`}>no interval</span>`
    : html`<span class="interval">${formatMean(interval.lower)} – ${formatMean(interval.upper)}</span>`

const chartWidth = 300

const chartOf = (
  { score, values }: Summary.Summary,
  name: string,
  scores: ReadonlyArray<number>,
  place: number
): Markup | undefined => {
  if (score !== undefined && isShare(score)) {
    const passed = scores.filter((score) => score === 1).length
    return html`${
      pointInterval({ value: score.mean, lower: score.interval.lower, upper: score.interval.upper }, {
        domain: [0, 1],
        width: chartWidth
      })
    }${
      scores.length === 0 ? undefined : html`${
        strip([
          { name: "pass", count: passed, tone: "good", link: linkTo("rows", { e: place, key: name, from: 1, to: 1 }) },
          {
            name: "do not",
            count: scores.length - passed,
            tone: "miss",
            link: linkTo("rows", { e: place, key: name, from: 0, to: 0 })
          }
        ], { width: chartWidth, height: 10, title: name })
      }<p class="quiet under"><span>${formatCount(passed)} pass</span><span>${
        formatCount(scores.length - passed)
      } do not</span></p>`
    }`
  }
  if (score === undefined) {
    return values.length === 0 ? undefined : labelBars(
      values.slice(0, 6).map(({ count, value }) => ({
        value,
        count,
        link: linkTo("rows", { e: place, key: name, label: value.slice(0, 79) })
      })),
      { title: name, width: chartWidth }
    )
  }
  const bars = barsOf(scores)
  return scores.length === 0 ? spread(score) : histogram(bars, {
    width: chartWidth,
    height: 76,
    title: `Rows by ${name}`,
    format: tickOf(bars),
    marks: [{ value: score.mean, text: "" }],
    link: ({ from, to }) =>
      linkTo("rows", { e: place, key: name, from, to, ...(to === bars.at(-1)?.to ? { with: 1 } : {}) })
  })
}

const tickOf = (bars: ReadonlyArray<Bar>) => (value: number): string => {
  const step = (bars[0]?.to ?? 1) - (bars[0]?.from ?? 0)
  return step >= 1 ? formatScore(Number(value.toFixed(2))) : String(Number(value.toPrecision(3)))
}

const isShare = ({ max, min, percentiles }: Summary.ScoreStatistics): boolean =>
  percentiles === undefined && min >= 0 && max <= 1

/** Without rows, the percentiles say how the scores spread. */
const spread = ({ max, mean, min, percentiles }: Summary.ScoreStatistics): Markup | undefined =>
  percentiles === undefined ?
    undefined :
    html`${
      pointInterval({ value: mean, lower: percentiles.p25, upper: percentiles.p75 }, {
        domain: [min, max],
        width: chartWidth
      })
    }<p class="quiet under"><span>${formatScore(min)}</span><span>half of them ${formatScore(percentiles.p25)} to ${
      formatScore(percentiles.p75)
    }</span><span>${formatScore(max)}</span></p>`

/** The means of groups, on one scale for each key. */
export const groupSections = ({ groups, summaries }: Experiment.Overview): ReadonlyArray<Markup> => {
  const keys = Object.keys(summaries).filter((key) => summaries[key]?.score !== undefined)
  return [...Map.groupBy(groups, ({ by }) => by)].map(([by, members]) =>
    section(
      by === "split" ? "By split" : `By ${by.replace(/^metadata\./, "")}`,
      html`<div class="scroll"><table class="plain groups"><thead><tr><th scope="col">group</th><th scope="col">rows</th>${
        keys.map((key) => html`<th scope="col" colspan="2">${key}</th>`)
      }</tr></thead><tbody>${
        members.slice(0, shownGroups).map((group) =>
          html`<tr><th scope="row">${group.value}</th><td>${formatCount(group.rowCount)}</td>${
            keys.map((key) => {
              const score = group.summaries[key]?.score
              return score === undefined
                ? html`<td class="quiet">–</td><td></td>`
                : html`<td>${formatMean(score.mean)}</td><td class="dot">${
                  pointInterval({ value: score.mean, lower: score.interval.lower, upper: score.interval.upper }, {
                    domain: domainOf(members, key),
                    width: 120
                  })
                }</td>`
            })
          }</tr>`
        )
      }</tbody></table></div>${
        members.length > shownGroups
          ? html`<p class="quiet">and ${formatCount(members.length - shownGroups)} more groups</p>`
          : undefined
      }`
    )
  )
}

const shownGroups = 40

const domainOf = (members: ReadonlyArray<Summary.Group>, key: string): readonly [number, number] => {
  const bounds = members.flatMap(({ summaries }) => {
    const score = summaries[key]?.score
    return score === undefined
      ? []
      : [score.mean, score.interval.lower ?? score.mean, score.interval.upper ?? score.mean]
  })
  const low = bounds.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = bounds.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  return low >= 0 && high <= 1 ? [0, 1] : low === high ? [low - 1, high + 1] : [low, high]
}

/** The scores after the repetitions of each example became one. */
export const repetitionSection = ({ repetitions, summaries }: Experiment.Overview): Markup | undefined => {
  const repeated = Object.entries(summaries).filter(([, { reductions }]) =>
    reductions.some(({ score }) => score !== undefined)
  )
  const reducers = [...new Set(repeated.flatMap(([, { reductions }]) => reductions.map(({ reducer }) => reducer)))]
  return reducers.length === 0 ? undefined : section(
    "Repetitions",
    html`<div class="scroll"><table class="plain"><thead><tr><th scope="col">key</th>${
      reducers.map((reducer) => html`<th scope="col">${reducer}</th>`)
    }</tr></thead><tbody>${
      repeated.map(([key, { reductions }]) =>
        html`<tr><th scope="row">${key}</th>${
          reducers.map((reducer) => {
            const score = reductions.find((reduction) => reduction.reducer === reducer)?.score
            return score === undefined
              ? html`<td class="quiet">–</td>`
              : html`<td${html` title="${boundsText(score)}"`}>${formatMean(score.mean)}</td>`
          })
        }</tr>`
      )
    }</tbody></table></div>`,
    `Each example was run ${repetitions} times; here its scores are one.`
  )
}

const boundsText = ({ interval }: Summary.ScoreStatistics): string =>
  interval.lower === undefined || interval.upper === undefined
    ? interval.reason ?? ""
    : `${formatMean(interval.lower)} to ${formatMean(interval.upper)}`
