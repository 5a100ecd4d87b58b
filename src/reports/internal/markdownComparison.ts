/** The parts of a Markdown report that are about differences. */
import type * as Comparison from "../../Comparison.ts"
import { countOf, formatCount, formatDifference, formatMean, formatPercentage } from "../../internal/values/numbers.ts"
import * as Row from "../../Row.ts"
import { scoreText } from "../view.ts"
import { failuresOf } from "./failures.ts"
import { intervalCell, labelOf, listed, type MarkdownView } from "./markdownExperiment.ts"
import { code, details, table } from "./markdownText.ts"

const signs = { better: "🟢 better", worse: "🔴 worse", inconclusive: "inconclusive", undecided: "undecided" }

/** Every key with its difference and whether that could be chance. */
export const differencePart = (comparison: Comparison.Comparison): string => {
  const { baseline, keys, latency, matched, options, warnings } = comparison
  const numbers = Object.entries(keys).map(([name, { numbers }]) => ({ name, numbers }))
  const both = `Against ${code(baseline.name, 120)}: ${countOf(matched.length, "example")} in both${
    options.failures === "exclude" ? "" : `, failures count as ${options.failures.countAs}`
  }`
  return [
    both,
    table(
      [
        { title: "key" },
        { title: "before", align: "right" },
        { title: "after", align: "right" },
        { title: "difference", align: "right" },
        { title: `${formatPercentage(options.level)} interval`, align: "right" },
        { title: "p", align: "right" },
        { title: "verdict" },
        { title: "better / worse / same", align: "right" }
      ],
      [...numbers, ...(latency.difference.estimate === undefined ? [] : [{ name: "latency (ms)", numbers: latency }])]
        .map(({ name, numbers }) => rowOf(name, numbers))
    ),
    ...warnings.map((warning) => `> ⚠️ ${code(warning, 300)}`)
  ].join("\n\n")
}

const rowOf = (name: string, numbers: Comparison.KeyNumbers): ReadonlyArray<string> => {
  const { adjustedPValue, baseline, candidate, difference, improved, regressed, unchanged, verdict } = numbers
  return [
    code(name, 80),
    baseline === undefined ? "–" : formatMean(baseline),
    candidate === undefined ? "–" : formatMean(candidate),
    difference.estimate === undefined ? "–" : `**${formatDifference(difference.estimate)}**`,
    intervalCell(difference, formatDifference),
    adjustedPValue === undefined ? "–" : adjustedPValue < 0.0005 ? "< 0.001" : adjustedPValue.toFixed(3),
    signs[verdict],
    [improved, regressed, unchanged].map(formatCount).join(" / ")
  ]
}

/** The examples that got worse and better, and those that fail anew. */
export const changeParts = (
  { keys, newlyFailing, newlyPassing }: Comparison.Comparison,
  view: MarkdownView
): ReadonlyArray<string> => [
  ...list(view, "Newly failing", newlyFailing, failingLine(view)),
  ...Object.entries(keys).flatMap(([key, { improved, lost, regressed }]) => [
    ...list(view, `Worse in ${code(key, 80)}`, regressed, changeLine(view)),
    ...list(view, `Lost in ${code(key, 80)}`, lost, failingLine(view)),
    ...list(view, `Better in ${code(key, 80)}`, improved, changeLine(view))
  ]),
  ...list(view, "No longer failing", newlyPassing, failingLine(view))
]

const list = <A>(view: MarkdownView, title: string, items: ReadonlyArray<A>, line: (item: A) => string) =>
  items.length === 0 ? [] : [details(`${title} (${formatCount(items.length)})`, listed(items, view.limit, line))]

const changeLine = (view: MarkdownView) => (change: Comparison.Change): string =>
  `- ${scoreText(change.baselineScore)} to **${scoreText(change.candidateScore)}** ${pairLabel(view, change)}`

const failingLine = (view: MarkdownView) => (pair: Comparison.Pair): string => {
  const [failure] = failuresOf(pair.candidate.filter(Row.isFailure))
  return `- ${pairLabel(view, pair)}${
    failure === undefined ? "" : ` ${code(`${failure.of}: ${failure.message}`, 200)}`
  }`
}

const pairLabel = (view: MarkdownView, { candidate: [row] }: Comparison.Pair): string =>
  row === undefined ? "" : labelOf(view, row)
