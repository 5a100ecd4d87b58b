/** What reports of all kinds say in words about experiments that were judged against one another. */
import { countOf, formatCount, formatPercentage } from "../../internal/values/numbers.ts"
import type * as PairwiseEvaluation from "../../PairwiseEvaluation.ts"

/** How the examples belong together, and how runs were presented. Names are shown as the report does. */
export const presentationText = (
  { experiments, matched, presentation, unmatched }: PairwiseEvaluation.Judged,
  shown: (name: string) => string
): string => {
  const others = experiments.flatMap(({ name }, i) => {
    const count = unmatched[i] ?? 0
    return count === 0 ? [] : [`${formatCount(count)} more in ${shown(name)}`]
  })
  const order = {
    random: `in an order drawn for each row (seed ${shown(String(presentation.seed))})`,
    both: `in an order drawn for each row (seed ${shown(String(presentation.seed))}), and in its reverse`,
    given: "in the order of the experiments"
  }[presentation.order]
  return `${[`${countOf(matched, "example")} in all`, ...others].join(", ")}; judged ${order}; runs that failed ${
    presentation.failedRuns === "skip" ? "are not judged" : "lose"
  }`
}

/** A p-value, as small as it makes sense to say. */
export const pWords = (pValue: number): string => pValue < 0.0005 ? "< 0.001" : pValue.toFixed(3)

/** How much the place in which a run was shown has decided; nothing where that is not known. */
export const positionText = (
  { consistent, earlierShare, firstBothTimes, judgedTwice, lastBothTimes, pValue }: PairwiseEvaluation.PositionBias
): string | undefined => {
  if (earlierShare === undefined) return undefined
  const twice = judgedTwice === undefined || judgedTwice === 0 || consistent === undefined
    ? ""
    : `; of ${formatCount(judgedTwice)} judged twice ${formatCount(consistent)} came out the same, ${
      formatCount(firstBothTimes ?? 0)
    } went to the first both times, ${formatCount(lastBothTimes ?? 0)} to the last`
  return `the run presented earlier won ${formatPercentage(earlierShare)} of the decided${twice}${
    pValue === undefined ? "" : ` (p ${pWords(pValue)})`
  }`
}

/** Whether one is better than the other, as far as that is no chance. */
export const verdictOf = (
  { adjustedPValue, interval, winRate }: PairwiseEvaluation.PairSummary
): "better" | "worse" | "could be chance" | "undecided" => {
  if (adjustedPValue === undefined || winRate === undefined) return "undecided"
  if (adjustedPValue >= 1 - (interval?.level ?? 0.95)) return "could be chance"
  return winRate > 0.5 ? "better" : "worse"
}

/** How many rows have no judgement of a pair. */
export const notJudged = ({ outcomes }: PairwiseEvaluation.PairwiseSummary, judged: number): number =>
  Object.values(outcomes).reduce((sum, count) => sum + count, 0) - judged
