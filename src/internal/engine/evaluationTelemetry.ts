/**
 * What an evaluator found, for the tracer of the app, by OpenTelemetry's GenAI conventions: each result is an event
 * `gen_ai.evaluation.result` of the evaluator's span, and the only one stands in its attributes as well.
 */
import * as Cause from "effect/Cause"
import type * as Tracer from "effect/Tracer"
import type { EvaluationResult } from "../../EvaluationResult.ts"
import type * as Outcome from "../../Outcome.ts"
import { errorOf } from "../values/causes.ts"
import { toJson } from "../values/json.ts"

type Attributes = Record<string, string | number>

/** Tells the span of an evaluator, which has not ended yet, how the evaluator came out. */
export const tellOutcome = (span: Tracer.Span, evaluator: string, outcome: Outcome.Outcome, time: bigint): void => {
  span.attribute("effect_evals.outcome", outcome._tag)
  switch (outcome._tag) {
    case "Scored": {
      const results = outcome.results.map(attributesOf)
      for (const attributes of results) span.event("gen_ai.evaluation.result", time, attributes)
      if (results.length === 1) tell(span, results[0] ?? {})
      break
    }
    case "Skipped":
      tell(span, { "gen_ai.evaluation.name": evaluator, "gen_ai.evaluation.explanation": outcome.reason })
      break
    default: {
      const attributes = { "gen_ai.evaluation.name": evaluator, "error.type": errorType(outcome) }
      span.event("gen_ai.evaluation.result", time, attributes)
      tell(span, attributes)
    }
  }
}

const tell = (span: Tracer.Span, attributes: Attributes): void => {
  for (const [name, value] of Object.entries(attributes)) span.attribute(name, value)
}

const attributesOf = ({ comment, key, score, value }: EvaluationResult): Attributes => {
  const label = typeof value === "string" ? value : typeof score === "boolean" ? String(score) : undefined
  return {
    "gen_ai.evaluation.name": key,
    ...(score === undefined ? {} : { "gen_ai.evaluation.score.value": Number(score) }),
    ...(label === undefined ? {} : { "gen_ai.evaluation.score.label": label }),
    ...(comment === undefined ? {} : { "gen_ai.evaluation.explanation": comment }),
    // The conventions have no place for data.
    ...(value === undefined || typeof value === "string" ? {} : { "effect_evals.value": JSON.stringify(toJson(value)) })
  }
}

const errorType = (outcome: Exclude<Outcome.Outcome, Outcome.Scored | Outcome.Skipped>): string => {
  if (outcome._tag === "TimedOut") return "timeout"
  if (outcome._tag === "Cancelled" || Cause.hasInterruptsOnly(outcome.cause)) return "cancelled"
  const error = errorOf(outcome.cause)
  if (typeof error !== "object" || error === null) return "_OTHER"
  const name = "_tag" in error ? error._tag : "name" in error ? error.name : undefined
  return typeof name === "string" ? name : "_OTHER"
}
