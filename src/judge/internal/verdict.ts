/** Verdicts: how they are asked for, what they look like, and what they score. */
import * as Schema from "effect/Schema"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import type { Output } from "../JudgeOutput.ts"
import type { AnswerSchema } from "./ask.ts"

export type Verdict = boolean | number | string

/** What a model said; the verdict is `null` if it cannot tell. */
export interface Judgement {
  readonly reasoning: string
  readonly verdict: Verdict | null
}

export const verdictText = (output: Output, mayAbstain: boolean): string => {
  const verdict = output._tag === "Boolean"
    ? "It is true if the criteria are met, else false."
    : output._tag === "Number"
    ? `It is a number from ${output.min} to ${output.max}.`
    : `It is one of: ${Object.keys(output.choices).join(", ")}.`
  return mayAbstain ? `${verdict} If the data does not allow a verdict, it is null.` : verdict
}

export const judgementSchema = (output: Output, mayAbstain: boolean): AnswerSchema<Judgement> => {
  const verdict: Schema.Codec<Verdict> = output._tag === "Boolean"
    ? Schema.Boolean
    : output._tag === "Number"
    ? Schema.Finite.check(Schema.isBetween({ minimum: output.min, maximum: output.max }))
    : Schema.Literals(Object.keys(output.choices))
  return Schema.Struct({
    reasoning: Schema.String,
    verdict: mayAbstain ? Schema.NullOr(verdict) : verdict
  })
}

/** The verdict as a result: its score, and how that is to be read. */
export const resultOf = (verdict: Verdict, output: Output): EvaluationResult.ReturnedResult => {
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

/** The verdict as a number. */
export const numberOf = (verdict: Verdict, output: Output): number =>
  output._tag === "Choices" ? output.choices[String(verdict)] ?? Number.NaN : Number(verdict)

/** The lowest and the highest number that there can be. */
export const boundsOf = (output: Output): { readonly min: number; readonly max: number } => {
  switch (output._tag) {
    case "Boolean":
      return { min: 0, max: 1 }
    case "Number":
      return { min: output.min, max: output.max }
    case "Choices": {
      const scores = Object.values(output.choices)
      return { min: Math.min(...scores), max: Math.max(...scores) }
    }
  }
}
