/** Chat completions: the API that every compatible server has. */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  answerSchema,
  type Api,
  fileInput,
  functionTools,
  readAs,
  schemaInstruction,
  type Settings,
  type Step,
  toolResultText
} from "./api.ts"

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Count = optional(Schema.Finite)

const Usage = Schema.Struct({
  prompt_tokens: Count,
  completion_tokens: Count,
  prompt_tokens_details: optional(Schema.Struct({ cached_tokens: Count })),
  completion_tokens_details: optional(Schema.Struct({ reasoning_tokens: Count }))
})

/** A message, or what a stream adds to one. */
const Message = Schema.Struct({
  content: optional(Schema.String),
  refusal: optional(Schema.String),
  // DeepSeek's and vLLM's name for it, and OpenRouter's and Ollama's.
  reasoning_content: optional(Schema.String),
  reasoning: optional(Schema.String),
  tool_calls: optional(Schema.Array(Schema.Struct({
    index: Count,
    id: optional(Schema.String),
    function: optional(Schema.Struct({ name: optional(Schema.String), arguments: optional(Schema.String) }))
  })))
})

const Choice = Schema.Struct({ finish_reason: optional(Schema.String) })

const common = { id: optional(Schema.String), model: optional(Schema.String), created: Count, usage: optional(Usage) }

const Whole = Schema.Struct({
  ...common,
  choices: Schema.Array(Schema.Struct({ ...Choice.fields, message: Message }))
})

const Chunk = Schema.Struct({
  ...common,
  choices: optional(Schema.Array(Schema.Struct({ ...Choice.fields, delta: optional(Message) })))
})

const readWhole = readAs(Whole, "a chat completion")

const readChunk = readAs(Chunk, "a piece of a chat completion")

/** Chat completions. */
export const chatCompletions: Api = {
  path: "/chat/completions",
  body: Effect.fnUntraced(function*(options, settings) {
    const tools = yield* functionTools(options.tools)
    const format = yield* responseFormat(options.responseFormat, settings)
    const messages = yield* Effect.forEach(options.prompt.content, messagesOf)
    return {
      ...settings.config,
      model: settings.model,
      messages: [...format.messages, ...messages.flat()],
      ...format.fields,
      ...(tools.length === 0 ? {} : {
        tools: tools.map((tool) => ({ type: "function", function: tool })),
        tool_choice: toolChoice(options.toolChoice)
      })
    }
  }),
  streaming: { stream: true, stream_options: { include_usage: true } },
  whole: (json) =>
    Effect.flatMap(readWhole(json), (answer) => {
      const [choice] = answer.choices
      if (choice !== undefined) return Effect.succeed(stepOf(answer, choice.message, choice.finish_reason ?? "stop"))
      return Effect.fail(
        new AiError.InvalidOutputError({
          description: "the server answered with no choices, so the model said nothing"
        })
      )
    }),
  event: (json) =>
    Effect.map(readChunk(json), (chunk) => {
      const [choice] = chunk.choices ?? []
      return stepOf(chunk, choice?.delta ?? {}, choice?.finish_reason)
    })
}

const stepOf = (
  answer: Pick<typeof Chunk.Type, keyof typeof common>,
  message: typeof Message.Type,
  finish: string | null | undefined
): Step => {
  const { completion_tokens, completion_tokens_details, prompt_tokens, prompt_tokens_details } = answer.usage ?? {}
  return {
    id: answer.id ?? undefined,
    model: answer.model ?? undefined,
    created: answer.created ?? undefined,
    text: message.content ?? undefined,
    reasoning: message.reasoning_content ?? message.reasoning ?? undefined,
    refusal: message.refusal ?? undefined,
    toolCalls: message.tool_calls?.map((call, position) => ({
      key: String(call.index ?? position),
      id: call.id ?? undefined,
      name: call.function?.name ?? undefined,
      arguments: call.function?.arguments ?? undefined
    })),
    finish: finish === null || finish === undefined ? undefined : finishReasons[finish] ?? "other",
    usage: answer.usage === undefined || answer.usage === null ? undefined : {
      input: prompt_tokens ?? undefined,
      cached: prompt_tokens_details?.cached_tokens ?? undefined,
      output: completion_tokens ?? undefined,
      reasoning: completion_tokens_details?.reasoning_tokens ?? undefined
    }
  }
}

const finishReasons: { readonly [reason: string]: Response.FinishReason } = {
  stop: "stop",
  length: "length",
  content_filter: "content-filter",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  error: "error"
}

const responseFormat = Effect.fnUntraced(function*(
  format: LanguageModel.ProviderOptions["responseFormat"],
  settings: Settings
) {
  if (format.type === "text") return { fields: {}, messages: [] }
  const schema = yield* answerSchema(format)
  if (settings.structuredOutput === "json_object") {
    return {
      fields: { response_format: { type: "json_object" } },
      messages: [{ role: "system", content: schemaInstruction(schema) }]
    }
  }
  return {
    fields: {
      response_format: { type: "json_schema", json_schema: { name: format.objectName, strict: true, schema } }
    },
    messages: []
  }
})

const toolChoice = (choice: LanguageModel.ProviderOptions["toolChoice"]): unknown => {
  if (typeof choice === "string") return choice
  // Which tools there are to choose from has been decided before.
  return "tool" in choice ? { type: "function", function: { name: choice.tool } } : choice.mode ?? "auto"
}

const messagesOf = (
  message: Prompt.Message
): Effect.Effect<ReadonlyArray<object>, AiError.AiErrorReason> => {
  switch (message.role) {
    case "system":
      return Effect.succeed([{ role: "system", content: message.content }])
    case "user":
      return Effect.map(Effect.forEach(message.content, userPart), (content) => [{ role: "user", content }])
    case "assistant": {
      const texts = message.content.flatMap((part) => part.type === "text" ? [part.text] : [])
      const calls = message.content.flatMap((part) =>
        part.type === "tool-call"
          ? [{ id: part.id, type: "function", function: { name: part.name, arguments: JSON.stringify(part.params) } }]
          : []
      )
      if (texts.length === 0 && calls.length === 0) return Effect.succeed([])
      return Effect.succeed([{
        role: "assistant",
        content: texts.length === 0 ? null : texts.join(""),
        ...(calls.length === 0 ? {} : { tool_calls: calls })
      }])
    }
    case "tool":
      return Effect.succeed(message.content.flatMap((part) =>
        part.type === "tool-result"
          ? [{ role: "tool", tool_call_id: part.id, content: toolResultText(part) }]
          : []
      ))
  }
}

const userPart = (part: Prompt.UserMessagePart): Effect.Effect<object, AiError.AiErrorReason> => {
  if (part.type === "text") return Effect.succeed({ type: "text", text: part.text })
  return Effect.map(fileInput(part), (file) => {
    switch (file.kind) {
      case "image":
        return { type: "image_url", image_url: { url: file.url } }
      case "audio":
        return { type: "input_audio", input_audio: { data: file.base64, format: file.format } }
      case "document":
        return { type: "file", file: { filename: file.name, file_data: file.dataUrl } }
    }
  })
}
