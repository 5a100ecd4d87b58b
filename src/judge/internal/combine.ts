/** One result from the judgements of one or several models. */
import type * as EvaluationResult from "../../EvaluationResult.ts"
import { Skip } from "../../EvaluationResult.ts"
import { majorityVote } from "../../statistics/MajorityVote.ts"
import { mean, standardDeviation } from "../../statistics/Moments.ts"
import type { Output } from "../JudgeOutput.ts"
import type { Answers } from "./ask.ts"
import { boundsOf, type Judgement, numberOf, resultOf, type Verdict } from "./verdict.ts"

export type Combining = "majority" | "mean"

/** What several say, as one verdict or one number. */
export type Combined =
  | { readonly _tag: "Verdict"; readonly verdict: Verdict; readonly comment: string }
  | { readonly _tag: "Mean"; readonly mean: number; readonly comment: string }
  | { readonly _tag: "Undecided"; readonly reason: string }

/** The one there is, or the majority's, or the mean. Who cannot tell has no vote. */
export const combine = (judgements: ReadonlyArray<Judgement>, output: Output, by: Combining): Combined => {
  const decided = judgements.flatMap(({ reasoning, verdict }) => verdict === null ? [] : [{ reasoning, verdict }])
  const [first] = decided
  if (first === undefined) {
    return { _tag: "Undecided", reason: `the judge cannot tell: ${judgements[0]?.reasoning ?? ""}` }
  }
  if (judgements.length === 1) return { _tag: "Verdict", verdict: first.verdict, comment: first.reasoning }
  const verdicts = decided.map(({ verdict }) => verdict)
  if (by === "mean") {
    const numbers = verdicts.map((verdict) => numberOf(verdict, output))
    return {
      _tag: "Mean",
      mean: mean(numbers) ?? Number.NaN,
      comment: `the mean of ${verdicts.join(", ")}; the first: ${first.reasoning}`
    }
  }
  const { votes, winner } = majorityVote(verdicts)
  if (winner === undefined) return { _tag: "Undecided", reason: disagreement(verdicts) }
  const reasoning = decided.find(({ verdict }) => verdict === winner)?.reasoning ?? ""
  return {
    _tag: "Verdict",
    verdict: winner,
    comment: `${votes} of ${judgements.length} say ${String(winner)}; the first: ${reasoning}`
  }
}

const disagree = "the judges do not agree: "

/** Whoever sums up how far judges agree has to know of ties, too, of which nothing but the reason is kept. */
const disagreement = (verdicts: ReadonlyArray<Verdict>): string =>
  disagree + verdicts.map((verdict) => JSON.stringify(verdict)).join(", ")

/** The verdicts of a tie, from the reason; `undefined` if it says something else. */
export const verdictsOfReason = (reason: string): ReadonlyArray<Verdict> | undefined =>
  // Nothing else begins so.
  reason.startsWith(disagree) ? JSON.parse(`[${reason.slice(disagree.length)}]`) as ReadonlyArray<Verdict> : undefined

/** How a judge with this output combines, unless it is told. */
export const usualCombining = (output: Output): Combining => output._tag === "Number" ? "mean" : "majority"

export const judgementResult = (
  { answers, cache }: Answers<Judgement>,
  output: Output,
  by: Combining
): EvaluationResult.ReturnedResult | Skip => {
  const judgements = answers.map(({ answer }) => answer)
  const combined = combine(judgements, output, by)
  if (combined._tag === "Undecided") return new Skip(combined.reason)
  const metadata = {
    ...(judgements.length > 1 ? aboutAll(answers, output) : {}),
    ...(cache === undefined ? {} : { cache })
  }
  return {
    ...(combined._tag === "Verdict" ? resultOf(combined.verdict, output) : {
      score: combined.mean,
      feedbackConfig: { type: "continuous", ...boundsOf(output) }
    }),
    comment: combined.comment,
    ...(Object.keys(metadata).length === 0 ? {} : { metadata })
  }
}

/** Who said what, and how far they agree. */
const aboutAll = (answers: Answers<Judgement>["answers"], output: Output) => {
  const verdicts = answers.flatMap(({ answer: { verdict } }) => verdict === null ? [] : [verdict])
  const spread = standardDeviation(verdicts.map((verdict) => numberOf(verdict, output)))
  return {
    judgements: answers.map(({ answer: { reasoning, verdict }, model }) => ({ model, reasoning, verdict })),
    abstained: answers.length - verdicts.length,
    agreement: agreementOf(verdicts),
    ...(output._tag === "Number" && spread !== undefined ? { standardDeviation: spread } : {})
  }
}

/** The share of the pairs of verdicts that are the same; `null` for fewer than two. */
const agreementOf = (verdicts: ReadonlyArray<Verdict>): number | null => {
  if (verdicts.length < 2) return null
  const counts = new Map<Verdict, number>()
  for (const verdict of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  let same = 0
  for (const count of counts.values()) same += count * (count - 1)
  return same / (verdicts.length * (verdicts.length - 1))
}
