/** The parts of a report that are about runs judged against one another. */
import { countOf, formatCount, formatMean, formatPercentage } from "../internal/values/numbers.ts"
import { barOf } from "../internal/values/progressText.ts"
import type * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import { type Cell, renderTable } from "./table.ts"
import { oneLine } from "./text.ts"
import { intervalText, listing, pText, reasonList, type View } from "./view.ts"

/** How the examples belong together, and how runs were presented. */
export const presentationSection = (
  _view: View,
  { experiments, matched, presentation, unmatched }: PairwiseEvaluation.PairwiseExperiment
): string => {
  const others = experiments.flatMap(({ name }, i) => {
    const count = unmatched[i] ?? 0
    return count === 0 ? [] : [`${formatCount(count)} more in ${oneLine(name)}`]
  })
  const order = {
    random: `in an order drawn for each row (seed ${presentation.seed})`,
    both: `in an order drawn for each row (seed ${presentation.seed}), and in its reverse`,
    given: "in the order of the experiments"
  }[presentation.order]
  return `${[`${countOf(matched, "example")} in all`, ...others].join(", ")}; judged ${order}; runs that failed ${
    presentation.failedRuns === "skip" ? "are not judged" : "lose"
  }`
}

/** Who won how often. */
export const winTable = (
  { style, width }: View,
  { keys }: PairwiseEvaluation.PairwiseExperiment
): string | undefined => {
  const summaries = Object.entries(keys)
  if (summaries.length === 0) return undefined
  return renderTable(
    [
      { title: "key" },
      { title: "candidate" },
      { title: "against" },
      { title: "wins", align: "right" },
      { title: "losses", align: "right" },
      { title: "ties", align: "right" },
      { title: "win rate", align: "right" },
      { title: "interval", align: "right" },
      { title: "", spare: 1 },
      { title: "p", align: "right" },
      { title: "not judged", align: "right" }
    ],
    summaries.flatMap(([key, { outcomes, pairs }]) =>
      pairs.map((pair, index): ReadonlyArray<Cell> => {
        const { cancelled, failed, scored, skipped, timedOut } = outcomes
        return [
          ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: pairs.length }]),
          oneLine(pair.candidate, 30),
          oneLine(pair.baseline, 30),
          formatCount(pair.wins),
          formatCount(pair.losses),
          formatCount(pair.ties),
          pair.winRate === undefined ? style.dim("–") : formatMean(pair.winRate),
          intervalText(style, pair.interval),
          pair.winRate === undefined ? "" : barOf(pair.winRate, 12),
          pText(style, pair.adjustedPValue),
          formatCount(scored + skipped + failed + timedOut + cancelled - pair.judged)
        ]
      })
    ),
    width
  )
}

/** The experiments by strength, where there are more than two. */
export const standingTable = (
  { style, width }: View,
  { experiments, keys }: PairwiseEvaluation.PairwiseExperiment
): string | undefined => {
  const summaries = Object.entries(keys)
  if (experiments.length < 3 || summaries.length === 0) return undefined
  const reasons = summaries.flatMap(([key, { ratingReason }]) =>
    ratingReason === undefined ? [] : [style.dim(`${oneLine(key)} has no ratings: ${oneLine(ratingReason)}`)]
  )
  return [
    `${style.bold("Standings")}${style.dim("  ratings after Bradley and Terry, on the scale of Elo")}`,
    renderTable(
      [
        { title: "key" },
        { title: "experiment" },
        { title: "rating", align: "right" },
        { title: "interval", align: "right" },
        { title: "win rate", align: "right" },
        { title: "wins", align: "right" },
        { title: "losses", align: "right" },
        { title: "ties", align: "right" }
      ],
      summaries.flatMap(([key, { standings }]) =>
        standings.map(({ experiment, losses, rating, ties, winRate, wins }, index): ReadonlyArray<Cell> => [
          ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: standings.length }]),
          oneLine(experiment, 30),
          rating === undefined ? style.dim("–") : formatCount(Math.round(rating.value)),
          intervalText(style, rating, (bound) => formatCount(Math.round(bound))),
          winRate === undefined ? style.dim("–") : formatMean(winRate),
          formatCount(wins),
          formatCount(losses),
          formatCount(ties)
        ])
      ),
      width
    ),
    ...reasons
  ].join("\n")
}

/** How much the place decided. */
export const positionSection = (
  view: View,
  { keys }: PairwiseEvaluation.PairwiseExperiment
): string | undefined =>
  listing(
    view,
    "Position",
    "",
    Object.entries(keys).flatMap(([key, { positionBias }]) => {
      if (positionBias?.earlierShare === undefined) return []
      const { consistent, earlierShare, firstBothTimes, judgedTwice, lastBothTimes, pValue } = positionBias
      const twice = judgedTwice === undefined || judgedTwice === 0 || consistent === undefined
        ? ""
        : `; of ${formatCount(judgedTwice)} judged twice ${formatCount(consistent)} came out the same, ${
          formatCount(firstBothTimes ?? 0)
        } went to the first both times, ${formatCount(lastBothTimes ?? 0)} to the last`
      const text = `${oneLine(key)}  the run presented earlier won ${
        formatPercentage(earlierShare)
      } of the decided${twice}${pValue === undefined ? "" : ` (p ${pText(view.style, pValue)})`}`
      return [pValue !== undefined && pValue < 0.05 ? view.style.warn(text) : text]
    })
  )

/** Why judgements failed. */
export const judgementFailures = (
  view: View,
  { rows }: PairwiseEvaluation.PairwiseExperiment
): string | undefined => {
  const failures = rows.flatMap(({ example, judgements }) =>
    judgements.flatMap(({ evaluator, outcome }) =>
      outcome._tag === "Failed" || outcome._tag === "TimedOut"
        ? [{ exampleId: example.id, reason: `${evaluator}: ${outcome.message}` }]
        : []
    )
  )
  return listing(
    view,
    `Judgements that failed (${formatCount(failures.length)})`,
    "",
    reasonList(view, failures)
  )
}
