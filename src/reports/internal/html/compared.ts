/** What changed from the first experiment to the others, as a page. */
import type * as Comparison from "../../../Comparison.ts"
import {
  countOf,
  formatCount,
  formatDifference,
  formatMean,
  formatPercentage
} from "../../../internal/values/numbers.ts"
import { pointInterval, strip } from "./charts.ts"
import { linkTo } from "./links.ts"
import { html, type Markup } from "./markup.ts"
import { section } from "./section.ts"

/** One part for each comparison. `place` is the index of the candidate among the experiments. */
export const compared = (
  comparisons: ReadonlyArray<{ readonly comparison: Comparison.Comparison; readonly place: number }>,
  rankings: Comparison.Comparisons["rankings"]
): Markup => {
  const [first] = comparisons
  const baseline = first?.comparison.baseline.name ?? ""
  return html`<article class="overview">
<header class="masthead"><p class="kicker">Comparison</p><h2>${
    comparisons.length === 1
      ? html`${baseline} <span class="to">→</span> ${first?.comparison.candidate.name}`
      : html`Against ${baseline}`
  }</h2></header>
${comparisons.length < 2 ? undefined : rankingPart(rankings)}
${comparisons.map(({ comparison, place }) => comparisonPart(comparison, place, comparisons.length > 1))}
</article>`
}

/** The experiments by key, the best one first. */
const rankingPart = (rankings: Comparison.Comparisons["rankings"]): Markup | undefined => {
  const keys = Object.entries(rankings).filter(([, ranked]) => ranked.length > 0)
  return keys.length === 0 ? undefined : section(
    "Ranking",
    html`<div class="scroll"><table class="plain ranking"><thead><tr><th scope="col">key</th><th scope="col">experiment</th><th scope="col">mean</th><th scope="col">behind the best</th><th scope="col">interval</th><th scope="col">p</th></tr></thead><tbody>${
      keys.flatMap(([key, ranked]) =>
        ranked.map(({ behindBest, experiment, mean, rank }, i) => {
          const { estimate, lower, upper } = behindBest?.difference ?? {}
          const p = behindBest?.adjustedPValue
          return html`<tr><th scope="row">${i === 0 ? key : ""}</th><td>${rank}. ${experiment.name}</td><td>${
            formatMean(mean)
          }</td><td>${estimate === undefined ? "" : formatDifference(estimate)}</td><td>${
            lower === undefined || upper === undefined ? "" : `${formatDifference(lower)} – ${formatDifference(upper)}`
          }</td><td>${p === undefined ? "" : p < 0.0005 ? "< 0.001" : p.toFixed(3)}</td></tr>`
        })
      )
    }</tbody></table></div>`,
    "Over the examples for which all have a score."
  )
}

const comparisonPart = (comparison: Comparison.Comparison, place: number, named: boolean): Markup => {
  const {
    changed,
    keys,
    latency,
    matched,
    newlyFailing,
    newlyPassing,
    onlyBaseline,
    onlyCandidate,
    options,
    warnings
  } = comparison
  const shown = [
    ...Object.entries(keys).map(([name, { numbers }]) => ({ name, numbers })),
    ...(latency.difference.estimate === undefined
      ? []
      : [{ name: "latency (ms)", numbers: latency }])
  ]
  const facts = [
    `${countOf(matched.length, "example")} in both`,
    ...(onlyBaseline.length === 0 ? [] : [`${formatCount(onlyBaseline.length)} only before`]),
    ...(onlyCandidate.length === 0 ? [] : [`${formatCount(onlyCandidate.length)} only after`]),
    ...(changed.length === 0 ? [] : [`${formatCount(changed.length)} changed, not compared`]),
    options.failures === "exclude" ? "failures left out" : `failures count as ${options.failures.countAs}`
  ]
  return section(
    named ? comparison.candidate.name : "Differences",
    html`${warnings.map((warning) => html`<p class="notice tone-warn">${warning}</p>`)}<ul class="scores differences">${
      shown.map(({ name, numbers }) => differenceItem(name, numbers, place))
    }</ul>${
      newlyFailing.length + newlyPassing.length === 0 ?
        undefined :
        html`<p>${
          newlyFailing.length === 0 ?
            undefined :
            html`<a class="more tone-bad" href="${linkTo("compare", { c: place, change: "newly-failing" })}">${
              countOf(newlyFailing.length, "example")
            } newly failing</a> `
        }${
          newlyPassing.length === 0 ?
            undefined :
            html`<a class="more" href="${linkTo("compare", { c: place, change: "newly-passing" })}">${
              countOf(newlyPassing.length, "example")
            } no longer failing</a>`
        }</p>`
    }`,
    html`${facts.join(", ")}. Paired, example by example; intervals of ${
      formatPercentage(options.level)
    }, p adjusted (${options.adjustment}).`
  )
}

const verdicts = {
  better: { tone: "good", text: "better" },
  worse: { tone: "bad", text: "worse" },
  inconclusive: { tone: "plain", text: "could be chance" },
  undecided: { tone: "plain", text: "undecided" }
} as const

const differenceItem = (name: string, numbers: Comparison.KeyNumbers, place: number): Markup => {
  const { adjustedPValue, baseline, candidate, difference, improved, regressed, unchanged } = numbers
  const verdict = verdicts[numbers.verdict]
  const { estimate, lower, upper } = difference
  const reach = Math.max(Math.abs(estimate ?? 0), Math.abs(lower ?? 0), Math.abs(upper ?? 0)) * 1.1 || 1
  const link = (change: string) => linkTo("compare", { c: place, key: numbers.key, change })
  const isKey = name === numbers.key
  return html`<li class="score"><div class="name"><h4>${name}</h4><p class="verdict tone-${verdict.tone}">${verdict.text}</p></div><div class="number">${
    estimate === undefined
      ? html`<span class="mean quiet">–</span><span class="interval quiet">${difference.reason}</span>`
      : html`<span class="mean tone-${verdict.tone}">${formatDifference(estimate)}</span><span class="interval">${
        lower === undefined || upper === undefined
          ? "no interval"
          : `${formatDifference(lower)} – ${formatDifference(upper)}`
      }</span>`
  }</div><div class="chart">${
    estimate === undefined
      ? undefined
      : pointInterval({ value: estimate, lower, upper }, {
        domain: [-reach, reach],
        width: 300,
        tone: verdict.tone,
        mark: 0,
        height: 22
      })
  }<p class="quiet under"><span>${
    baseline === undefined || candidate === undefined ? "" : `${formatMean(baseline)} → ${formatMean(candidate)}`
  }</span><span>${
    adjustedPValue === undefined ? "" : `p ${adjustedPValue < 0.0005 ? "< 0.001" : adjustedPValue.toFixed(3)}`
  }</span></p></div><div class="outcomes">${
    strip([
      { name: "better", count: improved, tone: "good", ...(isKey ? { link: link("better") } : {}) },
      { name: "same", count: unchanged, tone: "skipped", ...(isKey ? { link: link("same") } : {}) },
      { name: "worse", count: regressed, tone: "bad", ...(isKey ? { link: link("worse") } : {}) }
    ], { width: 180, height: 6, title: "Examples" })
  }<p class="quiet">${formatCount(improved)} better, ${formatCount(regressed)} worse, ${
    formatCount(unchanged)
  } same</p></div></li>`
}
