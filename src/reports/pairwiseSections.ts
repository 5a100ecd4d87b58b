/** The parts of a report that are about runs judged against one another. */
import { formatCount, formatMean } from "../internal/values/numbers.ts"
import { barOf } from "../internal/values/progressText.ts"
import type * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import { notJudged, positionText, presentationText } from "./internal/pairwiseTexts.ts"
import { type Cell, renderTable } from "./table.ts"
import { oneLine } from "./text.ts"
import { intervalText, listing, pText, reasonList, type View } from "./view.ts"

/** How the examples belong together, and how runs were presented. */
export const presentationSection = (
  judged: PairwiseEvaluation.Judged
): string => presentationText(judged, oneLine)

/** Who won how often. */
export const winTable = (
  { style, width }: View,
  { keys }: PairwiseEvaluation.Judged
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
    summaries.flatMap(([key, summary]) =>
      summary.pairs.map((pair, index): ReadonlyArray<Cell> => {
        return [
          ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: summary.pairs.length }]),
          oneLine(pair.candidate, 30),
          oneLine(pair.baseline, 30),
          formatCount(pair.wins),
          formatCount(pair.losses),
          formatCount(pair.ties),
          pair.winRate === undefined ? style.dim("–") : formatMean(pair.winRate),
          intervalText(style, pair.interval),
          pair.winRate === undefined ? "" : barOf(pair.winRate, 12),
          pText(style, pair.adjustedPValue),
          formatCount(notJudged(summary, pair.judged))
        ]
      })
    ),
    width
  )
}

/** The experiments by strength, where there are more than two. */
export const standingTable = (
  { style, width }: View,
  { experiments, keys }: PairwiseEvaluation.Judged
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
  { keys }: PairwiseEvaluation.Judged
): string | undefined =>
  listing(
    view,
    "Position",
    "",
    Object.entries(keys).flatMap(([key, { positionBias }]) => {
      const words = positionBias === undefined ? undefined : positionText(positionBias)
      if (words === undefined) return []
      const text = `${oneLine(key)}  ${words}`
      const pValue = positionBias?.pValue
      return [pValue !== undefined && pValue < 0.05 ? view.style.warn(text) : text]
    })
  )

/** Why judgements failed. */
export const judgementFailures = (
  view: View,
  { rows }: PairwiseEvaluation.Judged
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
