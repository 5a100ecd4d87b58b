/** What spans are told, by OpenTelemetry's GenAI conventions: run trees, token usage and cost are read from it. */
import { addGenAIAnnotations } from "effect/ai/Telemetry"
import type * as Tracer from "effect/Tracer"
import type { Answer } from "./answer.ts"
import type { Settings } from "./api.ts"

const numberOf = (value: unknown): number | undefined => typeof value === "number" ? value : undefined

/** Before the request, so that a call which fails says what it was. */
export const annotateRequest = (span: Tracer.Span, { config, model }: Settings, output: "json" | "text"): void => {
  const { stop } = config
  addGenAIAnnotations(span, {
    provider: { name: "openai" },
    operation: { name: "chat" },
    output: { type: output },
    request: {
      model,
      temperature: numberOf(config["temperature"]),
      topP: numberOf(config["top_p"]),
      frequencyPenalty: numberOf(config["frequency_penalty"]),
      presencePenalty: numberOf(config["presence_penalty"]),
      seed: numberOf(config["seed"]),
      maxTokens: numberOf(config["max_completion_tokens"] ?? config["max_output_tokens"] ?? config["max_tokens"]),
      stopSequences: typeof stop === "string" ? [stop] : Array.isArray(stop) ? stop.map(String) : undefined
    }
  })
}

/** As soon as there is an answer, whatever becomes of it: tokens are paid for in answers that are refused, too. */
export const annotateAnswer = (span: Tracer.Span, answer: Answer): void => {
  addGenAIAnnotations(span, {
    response: {
      id: answer.id,
      model: answer.model,
      finishReasons: answer.finish === undefined ? undefined : [answer.finish]
    },
    usage: { inputTokens: answer.usage?.input, outputTokens: answer.usage?.output }
  })
}
