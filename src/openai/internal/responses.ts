/** Responses: OpenAI's newer API, which some of its models are only to be had by. */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import {
  answerSchema,
  type Api,
  fileInput,
  functionTools,
  joined,
  readAs,
  schemaInstruction,
  type Settings,
  type Step,
  toolResultText
} from "./api.ts"
import { complaintOf, reasonOf } from "./errors.ts"

const optional = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Count = optional(Schema.Finite)

const Text = Schema.Struct({
  type: Schema.String,
  text: optional(Schema.String),
  refusal: optional(Schema.String)
})

const Item = Schema.Struct({
  type: Schema.String,
  id: optional(Schema.String),
  content: optional(Schema.Array(Text)),
  summary: optional(Schema.Array(Text)),
  call_id: optional(Schema.String),
  name: optional(Schema.String),
  arguments: optional(Schema.String)
})

const Whole = Schema.Struct({
  id: optional(Schema.String),
  model: optional(Schema.String),
  created_at: Count,
  status: optional(Schema.String),
  error: optional(Schema.Unknown),
  incomplete_details: optional(Schema.Struct({ reason: optional(Schema.String) })),
  output: Schema.Array(Item),
  usage: optional(Schema.Struct({
    input_tokens: Count,
    output_tokens: Count,
    input_tokens_details: optional(Schema.Struct({ cached_tokens: Count })),
    output_tokens_details: optional(Schema.Struct({ reasoning_tokens: Count }))
  }))
})

const Event = Schema.Struct({
  type: Schema.String,
  delta: optional(Schema.Unknown),
  item_id: optional(Schema.String),
  item: optional(Schema.Unknown),
  code: optional(Schema.String),
  message: optional(Schema.String),
  response: optional(Schema.Unknown)
})

const readWhole = readAs(Whole, "a response")

const readItem = readAs(Item, "an item of a response")

const readEvent = readAs(Event, "an event of a response")

/** Responses. */
export const responses: Api = {
  path: "/responses",
  body: Effect.fnUntraced(function*(options, settings) {
    const tools = yield* functionTools(options.tools)
    const format = yield* textFormat(options.responseFormat, settings)
    const input = yield* Effect.forEach(options.prompt.content, itemsOf)
    return {
      // What an evaluation asks is nothing to keep at the provider, which is what happens otherwise.
      store: false,
      ...settings.config,
      model: settings.model,
      input: [...format.items, ...input.flat()],
      ...format.fields,
      ...(tools.length === 0 ? {} : {
        tools: tools.map((tool) => ({ type: "function", ...tool })),
        tool_choice: toolChoice(options.toolChoice)
      })
    }
  }),
  streaming: { stream: true },
  whole: (json) => Effect.flatMap(readWhole(json), wholeStep),
  event: (json) => Effect.flatMap(readEvent(json), eventStep)
}

const wholeStep = (answer: typeof Whole.Type): Effect.Effect<Step, AiError.AiErrorReason> => {
  if (answer.status === "failed") return Effect.fail(failure(answer.error))
  const contents = answer.output.flatMap((item) => item.type === "message" ? item.content ?? [] : [])
  const summaries = answer.output.flatMap((item) => item.type === "reasoning" ? item.summary ?? [] : [])
  return Effect.succeed({
    ...ending(answer),
    text: joined(contents.map(({ text }) => text)),
    refusal: joined(contents.map(({ refusal }) => refusal)),
    reasoning: joined(summaries.map(({ text }) => text)),
    toolCalls: answer.output.flatMap((item) => item.type === "function_call" ? [callStep(item)] : [])
  })
}

const failure = (error: unknown): AiError.AiErrorReason =>
  reasonOf(complaintOf({ error }), { url: "/responses", hasKey: true })

const callStep = (item: typeof Item.Type) => ({
  key: item.id ?? item.call_id ?? "",
  id: item.call_id ?? undefined,
  name: item.name ?? undefined,
  arguments: item.arguments ?? undefined
})

/** All that is known of an answer besides its content. */
const ending = (answer: typeof Whole.Type): Step => ({
  id: answer.id ?? undefined,
  model: answer.model ?? undefined,
  created: answer.created_at ?? undefined,
  finish: finishOf(answer),
  usage: answer.usage === undefined || answer.usage === null ? undefined : {
    input: answer.usage.input_tokens ?? undefined,
    cached: answer.usage.input_tokens_details?.cached_tokens ?? undefined,
    output: answer.usage.output_tokens ?? undefined,
    reasoning: answer.usage.output_tokens_details?.reasoning_tokens ?? undefined
  }
})

const finishOf = (answer: typeof Whole.Type): Response.FinishReason => {
  switch (answer.incomplete_details?.reason) {
    case "max_output_tokens":
      return "length"
    case "content_filter":
      return "content-filter"
  }
  if (answer.status === "incomplete") return "other"
  return answer.output.some(({ type }) => type === "function_call") ? "tool-calls" : "stop"
}

const eventStep = (event: typeof Event.Type): Effect.Effect<Step, AiError.AiErrorReason> => {
  const delta = typeof event.delta === "string" ? event.delta : ""
  switch (event.type) {
    case "response.output_text.delta":
      return Effect.succeed({ text: delta })
    case "response.refusal.delta":
      return Effect.succeed({ refusal: delta })
    case "response.reasoning_summary_text.delta":
      return Effect.succeed({ reasoning: delta })
    case "response.output_item.added":
      return Effect.map(
        readItem(event.item),
        (item) => item.type === "function_call" ? { toolCalls: [callStep(item)] } : {}
      )
    case "response.function_call_arguments.delta":
      return Effect.succeed({ toolCalls: [{ key: event.item_id ?? "", arguments: delta }] })
    case "response.completed":
    case "response.incomplete":
      return Effect.map(readWhole(event.response), ending)
    case "error":
      return Effect.fail(failure(event))
    case "response.failed":
      return Effect.fail(failure(Predicate.hasProperty(event.response, "error") ? event.response.error : undefined))
    default:
      // There are dozens, and new ones come; what they say is in the others as well.
      return Effect.succeed({})
  }
}

const textFormat = Effect.fnUntraced(function*(
  format: LanguageModel.ProviderOptions["responseFormat"],
  settings: Settings
) {
  if (format.type === "text") return { fields: {}, items: [] }
  const schema = yield* answerSchema(format)
  // The same field has settings that are the user's.
  const text = Predicate.isObject(settings.config["text"]) ? settings.config["text"] : {}
  if (settings.structuredOutput === "json_object") {
    return {
      fields: { text: { ...text, format: { type: "json_object" } } },
      items: [{ role: "system", content: schemaInstruction(schema) }]
    }
  }
  return {
    fields: { text: { ...text, format: { type: "json_schema", name: format.objectName, strict: true, schema } } },
    items: []
  }
})

const toolChoice = (choice: LanguageModel.ProviderOptions["toolChoice"]): unknown => {
  if (typeof choice === "string") return choice
  return "tool" in choice ? { type: "function", name: choice.tool } : choice.mode ?? "auto"
}

const itemsOf = (message: Prompt.Message): Effect.Effect<ReadonlyArray<object>, AiError.AiErrorReason> => {
  switch (message.role) {
    case "system":
      return Effect.succeed([{ role: "system", content: message.content }])
    case "user":
      return Effect.map(Effect.forEach(message.content, userPart), (content) => [{ role: "user", content }])
    case "assistant":
      return Effect.succeed(message.content.flatMap((part): ReadonlyArray<object> => {
        switch (part.type) {
          case "text":
            return [{ role: "assistant", content: [{ type: "output_text", text: part.text }] }]
          case "tool-call":
            return [{
              type: "function_call",
              call_id: part.id,
              name: part.name,
              arguments: JSON.stringify(part.params)
            }]
          default:
            return []
        }
      }))
    case "tool":
      return Effect.succeed(message.content.flatMap((part) =>
        part.type === "tool-result"
          ? [{ type: "function_call_output", call_id: part.id, output: toolResultText(part) }]
          : []
      ))
  }
}

const userPart = (part: Prompt.UserMessagePart): Effect.Effect<object, AiError.AiErrorReason> => {
  if (part.type === "text") return Effect.succeed({ type: "input_text", text: part.text })
  return Effect.flatMap(fileInput(part), (file): Effect.Effect<object, AiError.AiErrorReason> => {
    switch (file.kind) {
      case "image":
        return Effect.succeed({ type: "input_image", image_url: file.url })
      case "audio":
        return Effect.fail(
          new AiError.InvalidUserInputError({
            description: "the Responses API takes no audio; use { api: \"chat-completions\" }"
          })
        )
      case "document":
        return Effect.succeed({ type: "input_file", filename: file.name, file_data: file.dataUrl })
    }
  })
}
