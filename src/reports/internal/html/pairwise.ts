/** Experiments judged against one another, as parts of a page: who won how often, the standings, what the place decided. */
import { formatCount, formatMean, formatPercentage } from "../../../internal/values/numbers.ts"
import type * as PairwiseEvaluation from "../../../PairwiseEvaluation.ts"
import { notJudged, positionText, presentationText, pWords, verdictOf } from "../pairwiseTexts.ts"
import { pointInterval, strip } from "./charts.ts"
import { linkTo } from "./links.ts"
import { html, type Markup } from "./markup.ts"
import { section } from "./section.ts"

/** `place` is the index of the experiment on the page. */
export const pairwiseParts = (judged: PairwiseEvaluation.Judged, place: number): ReadonlyArray<Markup | undefined> => [
  winSection(judged, place),
  standingSection(judged),
  positionSection(judged)
]

const tones = { better: "good", worse: "bad", "could be chance": "plain", undecided: "plain" } as const

const winSection = (judged: PairwiseEvaluation.Judged, place: number): Markup | undefined => {
  const pairs = Object.entries(judged.keys).flatMap(([key, summary]) =>
    summary.pairs.map((pair) => ({ key, summary, pair }))
  )
  if (pairs.length === 0) return undefined
  const [level] = pairs.flatMap(({ pair }) => pair.interval?.level ?? [])
  return section(
    "Wins",
    html`<ul class="scores differences">${
      pairs.map(({ key, pair, summary }) => winItem(key, summary, pair, place))
    }</ul>`,
    html`${presentationText(judged, (name) => name)}. Win rates, ties as one half${
      level === undefined ? "" : `, with intervals of ${formatPercentage(level)}`
    }; p of the sign test, adjusted (holm).`
  )
}

const winItem = (
  key: string,
  summary: PairwiseEvaluation.PairwiseSummary,
  pair: PairwiseEvaluation.PairSummary,
  place: number
): Markup => {
  const { adjustedPValue, baseline, byFailure, candidate, interval, judged, losses, ties, winRate, wins } = pair
  const verdict = verdictOf(pair)
  const tone = tones[verdict]
  // Rows are found by the name of their winner, which says it all where there are two.
  const link = (label: string) =>
    summary.pairs.length === 1
      ? { link: linkTo("rows", { e: place, key, label: label.slice(0, 79) }) }
      : {}
  const without = notJudged(summary, judged)
  return html`<li class="score"><div class="name"><h4>${key}</h4><p class="quiet">${candidate} against ${baseline}</p><p class="verdict tone-${tone}">${verdict}</p></div><div class="number">${
    winRate === undefined
      ? html`<span class="mean quiet">–</span><span class="interval quiet">nothing judged</span>`
      : html`<span class="mean tone-${tone}">${formatMean(winRate)}</span><span class="interval">${
        interval?.lower === undefined || interval.upper === undefined
          ? "no interval"
          : `${formatMean(interval.lower)} – ${formatMean(interval.upper)}`
      }</span>`
  }</div><div class="chart">${
    winRate === undefined
      ? undefined
      : pointInterval({ value: winRate, lower: interval?.lower, upper: interval?.upper }, {
        domain: [0, 1],
        width: 300,
        tone,
        mark: 0.5,
        height: 22
      })
  }<p class="quiet under"><span>${candidate} wins →</span><span>${
    adjustedPValue === undefined ? "" : `p ${pWords(adjustedPValue)}`
  }</span></p></div><div class="outcomes">${
    strip([
      { name: `won by ${candidate}`, count: wins, tone: "good", ...link(candidate) },
      { name: "ties", count: ties, tone: "skipped", ...link("tie") },
      { name: `won by ${baseline}`, count: losses, tone: "bad", ...link(baseline) }
    ], { width: 180, height: 6, title: "Rows" })
  }<p class="quiet">${formatCount(wins)} won, ${formatCount(losses)} lost, ${formatCount(ties)} ties${
    byFailure === 0 ? "" : `; ${formatCount(byFailure)} of them because a run failed`
  }${without === 0 ? "" : `; ${formatCount(without)} not judged`}</p></div></li>`
}

/** The experiments by strength, where there are more than two. */
const standingSection = ({ experiments, keys }: PairwiseEvaluation.Judged): Markup | undefined => {
  const summaries = Object.entries(keys)
  if (experiments.length < 3 || summaries.length === 0) return undefined
  return section(
    "Standings",
    html`<div class="scroll"><table class="plain ranking"><thead><tr><th scope="col">key</th><th scope="col">experiment</th><th scope="col">rating</th><th scope="col">interval</th><th scope="col">win rate</th><th scope="col">won</th><th scope="col">lost</th><th scope="col">ties</th></tr></thead><tbody>${
      summaries.flatMap(([key, { standings }]) =>
        standings.map(({ experiment, losses, rating, ties, winRate, wins }, i) =>
          html`<tr><th scope="row">${i === 0 ? key : ""}</th><td>${i + 1}. ${experiment}</td><td>${
            rating === undefined ? "–" : formatCount(Math.round(rating.value))
          }</td><td>${
            rating === undefined
              ? "–"
              : `${formatCount(Math.round(rating.lower))} – ${formatCount(Math.round(rating.upper))}`
          }</td><td>${winRate === undefined ? "–" : formatMean(winRate)}</td><td>${formatCount(wins)}</td><td>${
            formatCount(losses)
          }</td><td>${formatCount(ties)}</td></tr>`
        )
      )
    }</tbody></table></div>${
      summaries.map(([key, { ratingReason }]) =>
        ratingReason === undefined ? undefined : html`<p class="quiet">${key} has no ratings: ${ratingReason}</p>`
      )
    }`,
    "Ratings after Bradley and Terry, on the scale of Elo."
  )
}

/** How much the place decided. */
const positionSection = ({ keys }: PairwiseEvaluation.Judged): Markup | undefined => {
  const lines = Object.entries(keys).flatMap(([key, { positionBias }]) => {
    const text = positionBias === undefined ? undefined : positionText(positionBias)
    return text === undefined
      ? []
      : [html`<p class="${(positionBias?.pValue ?? 1) < 0.05 ? "tone-warn" : ""}">${key}: ${text}</p>`]
  })
  return lines.length === 0 ? undefined : section("Position", lines)
}
