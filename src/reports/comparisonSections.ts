/** The parts of a report that are about differences. */
import type * as Comparison from "../Comparison.ts"
import { countOf, formatCount, formatDifference, formatMean, formatPercentage } from "../internal/values/numbers.ts"
import * as Row from "../Row.ts"
import { differenceText } from "./experimentSections.ts"
import type { Style } from "./style.ts"
import { type Cell, renderTable } from "./table.ts"
import { oneLine } from "./text.ts"
import { intervalText, listing, pText, scoreText, type View } from "./view.ts"

/** How the examples belong together, pair by pair unless all pairs are alike. */
export const matchingSection = (
  { style }: View,
  comparisons: ReadonlyArray<Comparison.Comparison>
): string | undefined => {
  const pairs = comparisons.map((comparison) => ({
    title: `${oneLine(comparison.baseline.name)} to ${oneLine(comparison.candidate.name)}`,
    facts: matchingFacts(comparison),
    warnings: comparison.warnings
  }))
  const [first] = pairs
  if (first === undefined) return undefined
  const alike = pairs.length > 1 && pairs.every(({ facts }) => facts === first.facts)
  return [
    ...(alike ? [`${style.bold("Each pair")}  ${first.facts}`] : []),
    ...pairs.flatMap(({ facts, title, warnings }) => [
      ...(alike ? [] : [`${style.bold(title)}  ${facts}`]),
      ...warnings.map((warning) => style.warn(oneLine(warning)))
    ])
  ].join("\n")
}

const matchingFacts = (
  { baseline, candidate, changed, matched, onlyBaseline, onlyCandidate, options }: Comparison.Comparison
): string =>
  [
    `${countOf(matched.length, "example")} in both`,
    ...(onlyBaseline.length === 0 ? [] : [`${formatCount(onlyBaseline.length)} only in ${oneLine(baseline.name)}`]),
    ...(onlyCandidate.length === 0 ? [] : [`${formatCount(onlyCandidate.length)} only in ${oneLine(candidate.name)}`]),
    ...(changed.length === 0 ? [] : [`${formatCount(changed.length)} changed, not compared`]),
    options.failures === "exclude" ? "failures left out" : `failures count as ${options.failures.countAs}`
  ].join(", ")

/** Every key with its difference and whether that could be chance. */
export const differenceTable = (
  { style, width }: View,
  comparisons: ReadonlyArray<Comparison.Comparison>
): string | undefined => {
  const keys = [...new Set(comparisons.flatMap(({ keys }) => Object.keys(keys)))]
  const [level] = comparisons.map(({ options }) => options.level)
  if (keys.length === 0 || level === undefined) return undefined
  const several = comparisons.length > 1
  const lossy = comparisons.some(({ keys }) =>
    Object.values(keys).some(({ numbers }) => numbers.examples.onlyBaseline > 0)
  )
  return renderTable(
    [
      { title: "key" },
      ...(several ? [{ title: "from" }, { title: "to" }] : []),
      { title: "difference", align: "right" as const },
      { title: `${formatPercentage(level)} interval`, align: "right" as const },
      { title: "p", align: "right" as const },
      { title: "verdict" },
      { title: "better", align: "right" as const },
      { title: "worse", align: "right" as const },
      { title: "same", align: "right" as const, spare: 1 },
      ...(lossy ? [{ title: "lost", align: "right" as const }] : [])
    ],
    keys.flatMap((key) =>
      comparisons.map(({ baseline, candidate, keys }, index): ReadonlyArray<Cell> => {
        const numbers = keys[key]?.numbers
        return [
          ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: comparisons.length }]),
          ...(several ? [oneLine(baseline.name, 30), oneLine(candidate.name, 30)] : []),
          differenceText(style, numbers?.difference.estimate),
          intervalText(style, numbers?.difference, formatDifference),
          numbers === undefined ? style.dim("–") : pText(style, numbers.adjustedPValue),
          numbers === undefined ? style.dim("–") : verdictText(style, numbers),
          formatCount(numbers?.improved ?? 0),
          formatCount(numbers?.regressed ?? 0),
          formatCount(numbers?.unchanged ?? 0),
          ...(lossy ? [countText(style, numbers?.examples.onlyBaseline ?? 0)] : [])
        ]
      })
    ),
    width
  )
}

const countText = (style: Style, count: number): string => count === 0 ? "0" : style.bad(formatCount(count))

const verdictText = (style: Style, { verdict }: Comparison.KeyNumbers): string =>
  verdict === "better" ? style.good(verdict) : verdict === "worse" ? style.bad(verdict) : style.dim(verdict)

/** What the table's words rest on, and what it could not have seen. */
export const methodSection = (
  { style }: View,
  comparisons: ReadonlyArray<Comparison.Comparison>
): string | undefined => {
  const all = comparisons.flatMap(({ keys }) => Object.values(keys).map(({ numbers }) => numbers))
  const tests = [...new Set(all.map(({ test }) => test.name))].flatMap((name) => testNames[name] ?? [])
  if (tests.length === 0) return undefined
  const adjustment = comparisons[0]?.options.adjustment ?? "none"
  const [only] = comparisons
  const open = comparisons.length > 1 || only === undefined ?
    [] :
    Object.values(only.keys).flatMap(({ numbers }) =>
      numbers.verdict === "inconclusive" && numbers.minimumDetectableEffect !== undefined
        ? [`${oneLine(numbers.key)}: ${detectable(numbers, numbers.minimumDetectableEffect, only.options.power)}`]
        : []
    )
  return [
    `p: ${tests.join(", ")}${
      adjustment === "none" || all.length < 2 ? "" : `, adjusted for ${all.length} after ${adjustmentNames[adjustment]}`
    }`,
    ...open
  ].map((line) => style.dim(line)).join("\n")
}

const detectable = ({ kind }: Comparison.KeyNumbers, effect: number, power: number): string =>
  kind === "share" && effect > 1
    ? "there are too few examples to find any difference"
    : `so many examples find a difference of ${formatMean(effect)} with a probability of ${formatPercentage(power)}`

const testNames: { readonly [K in Comparison.KeyNumbers["test"]["name"]]?: string } = {
  "mcnemar-mid-p": "McNemar's mid-p test",
  "paired-t": "paired t test",
  "paired-permutation": "paired permutation test"
}

const adjustmentNames: { readonly [K in Comparison.Adjustment]: string } = {
  "holm": "Holm",
  "benjamini-hochberg": "Benjamini and Hochberg",
  "benjamini-yekutieli": "Benjamini and Yekutieli",
  "none": ""
}

/** The examples that got better and worse under a key, and those that lost their score. */
export const changesSection = (view: View, comparison: Comparison.Comparison): string | undefined => {
  const key = view.key ?? Object.keys(comparison.keys)[0]
  const compared = key === undefined ? undefined : comparison.keys[key]
  if (key === undefined || compared === undefined) return undefined
  const { improved, lost, regressed } = compared
  const about = `${oneLine(key)}, ${oneLine(comparison.baseline.name)} to ${oneLine(comparison.candidate.name)}`
  const { style } = view
  const lines = (changes: typeof improved, color: (text: string) => string) =>
    changes.map((change) =>
      color(`${scoreText(change.baselineScore)} to ${scoreText(change.candidateScore)}`) + `  ${pairText(view, change)}`
    )
  const parts = [
    listing(view, `Better (${formatCount(improved.length)})`, about, lines(improved, style.good)),
    listing(view, `Worse (${formatCount(regressed.length)})`, about, lines(regressed, style.bad)),
    listing(view, `Lost (${formatCount(lost.length)})`, about, lost.map((pair) => failingText(view, pair)))
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? style.dim(`No example changed in ${oneLine(key)}.`) : parts.join("\n\n")
}

const pairText = (view: View, { baseline: [old], candidate: [row] }: Comparison.Pair): string => {
  if (row === undefined || old === undefined) return ""
  return view.label(row) + (view.output === undefined
    ? ""
    : `\n${view.style.dim(`      ${view.output(old)}  to  ${view.output(row)}`)}`)
}

/** What fails that did not, and what does no more. */
export const failingSection = (view: View, comparison: Comparison.Comparison): string | undefined => {
  const { failingInBoth, newlyFailing, newlyPassing } = comparison
  const lines = (pairs: ReadonlyArray<Comparison.Pair>) => pairs.map((pair) => failingText(view, pair))
  const parts = [
    listing(view, `Newly failing (${formatCount(newlyFailing.length)})`, "", lines(newlyFailing)),
    listing(view, `No longer failing (${formatCount(newlyPassing.length)})`, "", lines(newlyPassing)),
    failingInBoth.length === 0 ? undefined : view.style.dim(
      `${countOf(failingInBoth.length, "example")} ${failingInBoth.length === 1 ? "fails" : "fail"} in both.`
    )
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join("\n\n")
}

/** The example and, where one of its rows fails in the candidate, why. */
const failingText = (view: View, { candidate }: Comparison.Pair): string => {
  const failing = candidate.find(Row.isFailure)
  const row = failing ?? candidate[0]
  return row === undefined
    ? ""
    : `${view.label(row)}${failing === undefined ? "" : `  ${view.style.bad(oneLine(failureOf(failing), 100))}`}`
}

const failureOf = (row: Row.Row): string =>
  row.run.error ??
    row.evaluations.flatMap(({ evaluator, outcome }) =>
      outcome._tag === "Failed" || outcome._tag === "TimedOut" ? [`${evaluator}: ${outcome.message}`] : []
    )[0] ?? ""

/** The experiments by key, best first. */
export const rankingTable = ({ style, width }: View, { rankings }: Comparison.Comparisons): string | undefined => {
  const keys = Object.entries(rankings).filter(([, ranked]) => ranked.length > 0)
  return keys.length === 0 ?
    undefined :
    `${style.bold("Ranking")}${style.dim("  over the examples for which all have a score")}\n${
      renderTable(
        [
          { title: "key" },
          { title: "", align: "right" },
          { title: "experiment" },
          { title: "mean", align: "right" },
          { title: "behind the best", align: "right" },
          { title: "interval", align: "right" },
          { title: "p", align: "right" },
          { title: "examples", align: "right" }
        ],
        keys.flatMap(([key, ranked]) =>
          ranked.map(({ behindBest, examples, experiment, mean, rank }, index): ReadonlyArray<Cell> => [
            ...(index > 0 ? [] : [{ content: style.bold(oneLine(key)), rowSpan: ranked.length }]),
            String(rank),
            oneLine(experiment.name, 30),
            formatMean(mean),
            behindBest === undefined ? "" : differenceText(style, behindBest.difference.estimate),
            behindBest === undefined ? "" : intervalText(style, behindBest.difference, formatDifference),
            behindBest === undefined ? "" : pText(style, behindBest.adjustedPValue),
            formatCount(examples)
          ])
        ),
        width
      )
    }`
}
