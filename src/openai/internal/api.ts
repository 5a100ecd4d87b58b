/** What the two ways of asking OpenAI have in common. */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import { toCodecOpenAI } from "effect/ai/OpenAiStructuredOutput"
import type * as Prompt from "effect/ai/Prompt"
import { toolModelOutputToText } from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import * as Tool from "effect/ai/Tool"
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import type * as JsonSchema from "effect/JsonSchema"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/** One way of asking: where, what is sent, and how what comes back is read. */
export interface Api {
  readonly path: string
  readonly body: (
    options: LanguageModel.ProviderOptions,
    settings: Settings
  ) => Effect.Effect<object, AiError.AiErrorReason>
  /** What a request for a stream says besides. */
  readonly streaming: object
  /** Reads an answer that came whole. */
  readonly whole: (json: unknown) => Effect.Effect<Step, AiError.AiErrorReason>
  /** Reads one event of a stream. */
  readonly event: (json: unknown) => Effect.Effect<Step, AiError.AiErrorReason>
}

/** What a layer was told about its requests. */
export interface Settings {
  readonly model: string
  readonly config: { readonly [field: string]: unknown }
  readonly structuredOutput: "json_schema" | "json_object"
}

/** Some or all of an answer; the steps of a stream add up to what would have come whole. */
export interface Step {
  readonly id?: string | undefined
  readonly model?: string | undefined
  /** In seconds since 1970. */
  readonly created?: number | undefined
  readonly text?: string | undefined
  readonly reasoning?: string | undefined
  readonly refusal?: string | undefined
  readonly toolCalls?: ReadonlyArray<ToolCallStep> | undefined
  /** Why the model stopped; only the last step knows. */
  readonly finish?: Response.FinishReason | undefined
  readonly usage?: Usage | undefined
}

export interface ToolCallStep {
  /** What the steps of one call have in common. */
  readonly key: string
  readonly id?: string | undefined
  readonly name?: string | undefined
  /** JSON, or the next piece of it. */
  readonly arguments?: string | undefined
}

export interface Usage {
  readonly input: number | undefined
  readonly cached: number | undefined
  readonly output: number | undefined
  readonly reasoning: number | undefined
}

/** Reads by a schema; what does not fit it is no server of this kind. */
export const readAs = <T>(schema: Schema.ConstraintDecoder<T>, what: string) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (json: unknown): Effect.Effect<T, AiError.InvalidResponseError> =>
    Effect.mapError(decode(json), (error) =>
      new AiError.InvalidResponseError({
        description: `what the server answered is not ${what}: ${error.message.replaceAll(/\s+/g, " ")}`
      }))
}

/** The JSON Schema of a structured answer in the part of JSON Schema that OpenAI takes. */
export const answerSchema = (
  format: LanguageModel.ProviderOptions["responseFormat"] & { readonly type: "json" }
): Effect.Effect<JsonSchema.JsonSchema, AiError.UnsupportedSchemaError> =>
  Effect.try({
    try: () => toCodecOpenAI(format.schema).jsonSchema,
    catch: (error) =>
      new AiError.UnsupportedSchemaError({
        description: `${messageOf(error)}. Put it into a struct, such as Schema.Struct({ answer: ... })`
      })
  })

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** A tool as OpenAI describes functions. */
export interface FunctionTool {
  readonly name: string
  readonly description: string | undefined
  readonly parameters: JsonSchema.JsonSchema
  readonly strict: boolean
}

/** The tools that a model may call. */
export const functionTools = (
  tools: LanguageModel.ProviderOptions["tools"]
): Effect.Effect<ReadonlyArray<FunctionTool>, AiError.AiErrorReason> =>
  Effect.forEach(tools, (tool): Effect.Effect<FunctionTool, AiError.AiErrorReason> => {
    if (Tool.isProviderDefined(tool)) {
      return Effect.fail(
        new AiError.ToolConfigurationError({
          toolName: tool.name,
          description: "it is a tool that a provider runs itself; here only tools with a handler of yours can be used"
        })
      )
    }
    return Effect.try({
      try: (): FunctionTool => ({
        name: tool.name,
        description: Tool.getDescription(tool),
        parameters: Tool.getJsonSchema(tool, isStrict(tool) ? { transformer: toCodecOpenAI } : {}),
        strict: isStrict(tool)
      }),
      catch: (error) =>
        new AiError.UnsupportedSchemaError({
          description: `the parameters of the tool ${JSON.stringify(tool.name)} cannot be asked for in strict mode ` +
            `(${messageOf(error)}). Change them, or annotate the tool with Tool.Strict, false`
        })
    })
  })

/** Whether the server holds the model to the schema. A JSON Schema by hand may not be of the kind that it can hold it to. */
const isStrict = (tool: Tool.Any): boolean =>
  Tool.getStrictMode(tool) ?? !(Tool.isDynamic(tool) && tool.jsonSchema !== undefined)

/**
 * Gives the parameters of a call the shape that the tool's own schema encodes to; strict mode has made optional fields
 * `null`, and tuples and records something else. What does not fit is left as it is, for the toolkit to complain of.
 */
export const toolParameters = (
  tools: LanguageModel.ProviderOptions["tools"],
  name: string,
  parameters: unknown
): Effect.Effect<unknown> => {
  const tool = tools.find((tool) => tool.name === name)
  if (tool === undefined || !isStrict(tool) || !Schema.isSchema(tool.parametersSchema)) {
    return Effect.succeed(parameters)
  }
  // What services it may need stands in the types of those who call the model with this tool, not here.
  const schema = tool.parametersSchema as Schema.Codec<unknown, unknown>
  return Effect.try(() => toCodecOpenAI(schema).codec).pipe(
    Effect.flatMap((codec) => Schema.decodeUnknownEffect(codec)(parameters)),
    Effect.flatMap((decoded) => Schema.encodeUnknownEffect(schema)(decoded)),
    Effect.orElseSucceed(() => parameters)
  )
}

/** What a tool gave, as text. */
export const toolResultText = (part: Prompt.ToolResultPart): string =>
  part.modelOutput === undefined
    ? typeof part.result === "string" ? part.result : JSON.stringify(part.result) ?? "null"
    : toolModelOutputToText(part.modelOutput)

/** What can stand beside text in a question, in words of no API. */
export type FileInput =
  | { readonly kind: "image"; readonly url: string }
  | { readonly kind: "audio"; readonly format: "mp3" | "wav"; readonly base64: string }
  | { readonly kind: "document"; readonly name: string; readonly dataUrl: string }

const audioFormats: Record<string, "mp3" | "wav"> = {
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
  "audio/wav": "wav",
  "audio/x-wav": "wav"
}

/** Reads a file of a question. */
export const fileInput = (part: Prompt.FilePart): Effect.Effect<FileInput, AiError.InvalidUserInputError> => {
  const { data, mediaType } = part
  const fail = (why: string) => Effect.fail(new AiError.InvalidUserInputError({ description: why }))
  if (mediaType.startsWith("image/")) {
    // "image/*" is no type that the data could have.
    const type = mediaType === "image/*" ? "image/jpeg" : mediaType
    return Effect.succeed({ kind: "image", url: data instanceof URL ? data.href : dataUrl(type, data) })
  }
  if (data instanceof URL) {
    return fail(`a file of type ${mediaType} can only be sent as data, not by its address ${data.href}`)
  }
  const format = audioFormats[mediaType]
  if (format !== undefined) return Effect.succeed({ kind: "audio", format, base64: base64Of(data) })
  if (mediaType === "application/pdf") {
    return Effect.succeed({
      kind: "document",
      name: part.fileName ?? "document.pdf",
      dataUrl: dataUrl(mediaType, data)
    })
  }
  return fail(`files of type ${mediaType} cannot be sent; images, PDF, MP3 and WAV can`)
}

const base64Of = (data: string | Uint8Array): string =>
  typeof data === "string" ? data.replace(/^data:[^,]*;base64,/, "") : Base64.encode(data)

const dataUrl = (mediaType: string, data: string | Uint8Array): string =>
  typeof data === "string" && /^(data|https?):/.test(data) ? data : `data:${mediaType};base64,${base64Of(data)}`

/** A message for servers that know JSON, but no schemas. */
export const schemaInstruction = (schema: JsonSchema.JsonSchema): string =>
  `Answer with one JSON object and nothing else. It must follow this JSON Schema: ${JSON.stringify(schema)}`

/** Joins texts, or is nothing if there are none. */
export const joined = (texts: ReadonlyArray<string | null | undefined>): string | undefined => {
  const present = texts.filter(Predicate.isNotNullish)
  return present.length === 0 ? undefined : present.join("")
}
