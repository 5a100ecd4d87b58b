/** Adds up the steps of an answer, and makes of them the parts that `effect/ai` knows. */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"
import { unsafeSecureJsonParse } from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import { type Step, type ToolCallStep, toolParameters, type Usage } from "./api.ts"

/** An answer in the making. */
export class Answer {
  id: string | undefined
  model: string | undefined
  created: number | undefined
  finish: Response.FinishReason | undefined
  usage: Usage | undefined
  text = ""
  reasoning = ""
  refusal = ""
  readonly calls = new Map<string, { id: string | undefined; name: string; arguments: string }>()

  /** Adds a step. */
  add(step: Step): void {
    this.id ??= step.id
    this.model ??= step.model
    this.created ??= step.created
    this.finish = step.finish ?? this.finish
    this.usage = step.usage ?? this.usage
    this.text += step.text ?? ""
    this.reasoning += step.reasoning ?? ""
    this.refusal += step.refusal ?? ""
    for (const call of step.toolCalls ?? []) this.addCall(call)
  }

  private addCall(step: ToolCallStep): void {
    const call = this.calls.get(step.key)
    if (call === undefined) {
      this.calls.set(step.key, { id: step.id, name: step.name ?? "", arguments: step.arguments ?? "" })
    } else {
      call.id ??= step.id
      if (call.name === "") call.name = step.name ?? ""
      call.arguments += step.arguments ?? ""
    }
  }
}

/** What a step of a stream adds that can be shown at once. */
export const deltas = (answer: Answer, step: Step): ReadonlyArray<Response.StreamPartEncoded> => {
  const parts: Array<Response.StreamPartEncoded> = []
  if (step.reasoning !== undefined && step.reasoning !== "") {
    if (answer.reasoning === "") parts.push({ type: "reasoning-start", id: "reasoning" })
    parts.push({ type: "reasoning-delta", id: "reasoning", delta: step.reasoning })
  }
  if (step.text !== undefined && step.text !== "") {
    if (answer.text === "") parts.push({ type: "text-start", id: "text" })
    parts.push({ type: "text-delta", id: "text", delta: step.text })
  }
  answer.add(step)
  return parts
}

/** The parts of an answer that came whole. */
export const wholeParts = Effect.fnUntraced(function*(
  answer: Answer,
  options: LanguageModel.ProviderOptions
): Effect.fn.Return<Array<Response.PartEncoded>, AiError.AiErrorReason> {
  const calls = yield* ending(answer, options)
  return [
    metadataPart(answer),
    ...(answer.reasoning === "" ? [] : [{ type: "reasoning", text: answer.reasoning } as const]),
    ...(answer.text === "" ? [] : [{ type: "text", text: answer.text } as const]),
    ...calls,
    finishPart(answer)
  ]
})

/** The parts that end a stream. */
export const lastParts = Effect.fnUntraced(function*(
  answer: Answer,
  options: LanguageModel.ProviderOptions
): Effect.fn.Return<ReadonlyArray<Response.StreamPartEncoded>, AiError.AiErrorReason> {
  const calls = yield* ending(answer, options)
  return [
    ...(answer.reasoning === "" ? [] : [{ type: "reasoning-end", id: "reasoning" } as const]),
    ...(answer.text === "" ? [] : [{ type: "text-end", id: "text" } as const]),
    ...calls,
    metadataPart(answer),
    // In one piece with the calls, so that no handler begins before it is known whether the answer is complete.
    finishPart(answer)
  ]
})

/** The calls of an answer, unless there is something wrong with all of it. */
const ending = Effect.fnUntraced(function*(
  answer: Answer,
  options: LanguageModel.ProviderOptions
): Effect.fn.Return<ReadonlyArray<Response.ToolCallPartEncoded>, AiError.AiErrorReason> {
  if (answer.refusal !== "") {
    return yield* new AiError.ContentPolicyError({ description: `the model refused to answer: ${answer.refusal}` })
  }
  if (answer.finish === "content-filter") {
    return yield* new AiError.ContentPolicyError({
      description: `the server's content filter stopped the answer${after(answer.text)}`
    })
  }
  if (answer.finish === "length" && options.responseFormat.type === "json") {
    return yield* new AiError.StructuredOutputError({
      description: "the answer was cut off at the most tokens it may have, so its JSON is incomplete. Allow more " +
        "(max_completion_tokens, or max_output_tokens with the Responses API), or ask for less",
      responseText: answer.text
    })
  }
  return yield* Effect.forEach(
    Array.from(answer.calls.values()),
    Effect.fnUntraced(function*(call, position) {
      if (!options.tools.some(({ name }) => name === call.name)) return yield* unknownTool(call.name, options.tools)
      const parsed = yield* Effect.try({
        // A tool without parameters is called with nothing at all by some servers.
        try: () => call.arguments.trim() === "" ? {} : unsafeSecureJsonParse(call.arguments),
        catch: () =>
          new AiError.ToolParameterValidationError({
            toolName: call.name,
            description: (answer.finish === "length" ? "cut off at the most tokens the answer may have" : "not JSON") +
              after(call.arguments)
          })
      })
      return {
        type: "tool-call",
        id: call.id ?? `call_${position}`,
        name: call.name,
        params: yield* toolParameters(options.tools, call.name, parsed)
      } as const
    })
  )
})

const unknownTool = (name: string, tools: LanguageModel.ProviderOptions["tools"]): AiError.InvalidOutputError =>
  new AiError.InvalidOutputError({
    description: `the model called the tool ${JSON.stringify(name)}, which it was not given; ${
      tools.length === 0 ? "it has no tools" : `it has ${tools.map((tool) => tool.name).join(", ")}`
    }`
  })

const after = (text: string): string => text === "" ? "" : `, after ${JSON.stringify(text.slice(-100))}`

const metadataPart = (answer: Answer): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  ...(answer.id === undefined ? {} : { id: answer.id }),
  ...(answer.model === undefined ? {} : { modelId: answer.model }),
  ...(answer.created === undefined ? {} : { timestamp: new Date(answer.created * 1000).toISOString() })
})

const finishPart = (answer: Answer): Response.FinishPartEncoded => {
  const { cached, input, output, reasoning } = answer.usage ?? {}
  return {
    type: "finish",
    reason: answer.finish ?? "unknown",
    usage: {
      inputTokens: { total: input, cacheRead: cached, uncached: difference(input, cached), cacheWrite: undefined },
      outputTokens: { total: output, reasoning, text: difference(output, reasoning) }
    },
    response: undefined
  }
}

const difference = (all: number | undefined, some: number | undefined): number | undefined =>
  all === undefined || some === undefined ? undefined : Math.max(0, all - some)
