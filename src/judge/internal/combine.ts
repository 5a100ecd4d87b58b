/** One result from the judgements of one or several models. */
import type * as EvaluationResult from "../../EvaluationResult.ts"
import { Skip } from "../../EvaluationResult.ts"
import { majorityVote } from "../../statistics/MajorityVote.ts"
import { mean } from "../../statistics/Moments.ts"
import type { Output } from "../Judge.ts"

/** What a model said; the verdict is `null` if it cannot tell. */
export interface Judgement {
  readonly reasoning: string
  readonly verdict: boolean | number | string | null
}

export const combine = (
  judgements: ReadonlyArray<Judgement>,
  output: Output
): EvaluationResult.ReturnedResult | Skip => {
  const decided = judgements.flatMap(({ reasoning, verdict }) => verdict === null ? [] : [{ reasoning, verdict }])
  const [first] = decided
  if (first === undefined) return new Skip(`the judge cannot tell: ${judgements[0]?.reasoning ?? ""}`)
  if (judgements.length === 1) return { ...scoreOf(first.verdict, output), comment: first.reasoning }
  const verdicts = decided.map(({ verdict }) => verdict)
  const about = {
    metadata: {
      judgements: judgements.map(({ reasoning, verdict }) => ({ reasoning, verdict })),
      abstained: judgements.length - decided.length
    }
  }
  if (output._tag === "Number") {
    const score = mean(verdicts.map(Number))
    return {
      ...scoreOf(score ?? Number.NaN, output),
      comment: `the mean of ${verdicts.join(", ")}; the first: ${first.reasoning}`,
      ...about
    }
  }
  const { votes, winner } = majorityVote(verdicts)
  if (winner === undefined) return new Skip(`the judges do not agree: ${verdicts.join(", ")}`)
  const reasoning = decided.find(({ verdict }) => verdict === winner)?.reasoning ?? ""
  return {
    ...scoreOf(winner, output),
    comment: `${votes} of ${judgements.length} say ${winner}; the first: ${reasoning}`,
    ...about
  }
}

const scoreOf = (verdict: boolean | number | string, output: Output): EvaluationResult.ReturnedResult => {
  switch (output._tag) {
    case "Boolean":
      return { score: verdict === true }
    case "Number":
      return { score: Number(verdict), feedbackConfig: { type: "continuous", min: output.min, max: output.max } }
    case "Choices": {
      const name = String(verdict)
      return {
        score: output.choices[name] ?? null,
        value: name,
        feedbackConfig: {
          type: "categorical",
          categories: Object.entries(output.choices).map(([label, value]) => ({ label, value }))
        }
      }
    }
  }
}
