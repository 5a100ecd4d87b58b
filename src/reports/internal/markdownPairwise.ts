/** The parts of a Markdown report that are about experiments judged against one another. */
import { formatCount, formatMean } from "../../internal/values/numbers.ts"
import type * as PairwiseEvaluation from "../../PairwiseEvaluation.ts"
import { intervalCell, labelOf, listed, type MarkdownView } from "./markdownExperiment.ts"
import { code, details, table } from "./markdownText.ts"
import { notJudged, positionText, presentationText, pWords, verdictOf } from "./pairwiseTexts.ts"

const signs = { better: "🟢 better", worse: "🔴 worse", "could be chance": "could be chance", undecided: "undecided" }

/** Who won how often. */
export const winsPart = (judged: PairwiseEvaluation.Judged): string => {
  const rows = Object.entries(judged.keys).flatMap(([key, summary]) =>
    summary.pairs.map((pair) => [
      code(key, 80),
      code(pair.candidate, 60),
      code(pair.baseline, 60),
      pair.winRate === undefined ? "–" : `**${formatMean(pair.winRate)}**`,
      intervalCell(pair.interval),
      pair.adjustedPValue === undefined ? "–" : pWords(pair.adjustedPValue),
      signs[verdictOf(pair)],
      [pair.wins, pair.losses, pair.ties].map(formatCount).join(" / "),
      formatCount(notJudged(summary, pair.judged))
    ])
  )
  return [
    presentationText(judged, (name) => code(name, 80)),
    rows.length === 0 ? "" : table(
      [
        { title: "key" },
        { title: "candidate" },
        { title: "against" },
        { title: "win rate", align: "right" },
        { title: "interval", align: "right" },
        { title: "p", align: "right" },
        { title: "verdict" },
        { title: "won / lost / ties", align: "right" },
        { title: "not judged", align: "right" }
      ],
      rows
    )
  ].filter((part) => part !== "").join("\n\n")
}

/** The experiments by strength, where there are more than two. */
export const standingsPart = ({ experiments, keys }: PairwiseEvaluation.Judged): string => {
  const rows = Object.entries(keys).flatMap(([key, { standings }]) =>
    standings.map(({ experiment, losses, rating, ties, winRate, wins }, i) => [
      code(key, 80),
      `${i + 1}. ${code(experiment, 60)}`,
      rating === undefined ? "–" : formatCount(Math.round(rating.value)),
      intervalCell(rating, (bound) => formatCount(Math.round(bound))),
      winRate === undefined ? "–" : formatMean(winRate),
      [wins, losses, ties].map(formatCount).join(" / ")
    ])
  )
  return experiments.length < 3 || rows.length === 0 ? "" : `**Standings**\n\n${
    table(
      [
        { title: "key" },
        { title: "experiment" },
        { title: "rating", align: "right" },
        { title: "interval", align: "right" },
        { title: "win rate", align: "right" },
        { title: "won / lost / ties", align: "right" }
      ],
      rows
    )
  }`
}

/** How much the place decided. */
export const positionPart = ({ keys }: PairwiseEvaluation.Judged): string =>
  Object.entries(keys).flatMap(([key, { positionBias }]) => {
    const text = positionBias === undefined ? undefined : positionText(positionBias)
    return text === undefined ? [] : [`- ${code(key, 80)}: ${text}${(positionBias?.pValue ?? 1) < 0.05 ? " ⚠️" : ""}`]
  }).join("\n")

/** For each key, the examples that the first experiment won, with why. */
export const lostPart = (judged: PairwiseEvaluation.Judged, view: MarkdownView): string =>
  judged.experiments.length !== 2 ? "" : Object.keys(judged.keys).flatMap((key) => {
    const [baseline] = judged.experiments
    const lines = judged.recorded.rows.flatMap((row) => {
      const won = row.evaluations.flatMap(({ outcome }) => outcome._tag === "Scored" ? outcome.results : [])
        .find((result) => result.key === key && result.value === baseline?.name)
      return won === undefined
        ? []
        : [`- ${labelOf(view, row)}${won.comment === undefined ? "" : `: ${code(won.comment, 200)}`}`]
    })
    return lines.length === 0 ? [] : [
      details(
        `${code(key, 80)}: ${formatCount(lines.length)} won by ${code(baseline?.name ?? "", 60)}`,
        listed(lines, view.limit, (line) => line)
      )
    ]
  }).join("\n\n")
