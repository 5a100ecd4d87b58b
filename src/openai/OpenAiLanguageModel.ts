/**
 * Effect's `LanguageModel` on any server that speaks OpenAI's protocol.
 *
 * Its names are those of Effect's own provider package, which can take its place once there is one for Effect 4.1.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import { toCodecOpenAI } from "effect/ai/OpenAiStructuredOutput"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { withIdentity } from "../internal/values/modelIdentity.ts"
import { Answer, deltas, lastParts, wholeParts } from "./internal/answer.ts"
import type { Api, Settings } from "./internal/api.ts"
import { chatCompletions } from "./internal/chatCompletions.ts"
import { networkError } from "./internal/errors.ts"
import { responses } from "./internal/responses.ts"
import { annotateAnswer, annotateRequest } from "./internal/telemetry.ts"
import { OpenAiClient } from "./OpenAiClient.ts"

/**
 * Fields of the request, sent as they stand. The usual ones are named here; servers have others.
 *
 * @category options
 * @since 0.1.0
 */
export interface Config {
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly seed?: number | undefined
  /** The most tokens of an answer, those of its reasoning included. With the Responses API: `max_output_tokens`. */
  readonly max_completion_tokens?: number | undefined
  readonly max_output_tokens?: number | undefined
  readonly stop?: string | ReadonlyArray<string> | undefined
  readonly reasoning_effort?: string | undefined
  readonly [field: string]: Schema.Json | undefined
}

/**
 * Which model, and how it is asked.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** As the server calls it, such as `gpt-4.1-mini`. */
  readonly model: string
  readonly config?: Config | undefined
  /**
   * The API to ask by. Every compatible server has chat completions; some of OpenAI's models are only to be had by
   * responses. Default: `chat-completions`.
   */
  readonly api?: "chat-completions" | "responses" | undefined
  /**
   * How an object is asked for: by its schema, to which the server holds the model, or, for servers that know no
   * schemas, as any JSON object, with the schema in a message. What comes back is decoded by the schema either way.
   * Default: `json_schema`.
   */
  readonly structuredOutput?: "json_schema" | "json_object" | undefined
}

const apis: { readonly [Name in NonNullable<Options["api"]>]: Api } = {
  "chat-completions": chatCompletions,
  responses
}

/**
 * The service itself, for those who build layers of their own.
 *
 * What goes wrong is an `AiError` with one of these reasons:
 *
 * - `RateLimitError` (429) and `InternalProviderError` (5xx, 408, 409), with the time to wait where the server says so;
 * - `NetworkError`: no connection, no answer in time, an answer that broke off;
 * - `QuotaExhaustedError`, `AuthenticationError`, `InvalidRequestError`: trying again is of no use;
 * - `ContentPolicyError`: the model refused, or a content filter stopped it;
 * - `InvalidResponseError`: the server answered with something else than the protocol has;
 * - `InvalidOutputError`, `StructuredOutputError`, `ToolParameterValidationError`: the model answered with something
 *   else than it was asked for;
 * - `UnsupportedSchemaError`, `InvalidUserInputError`, `ToolConfigurationError`: it cannot be asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options) {
  const client = yield* OpenAiClient
  const api = apis[options.api ?? "chat-completions"]
  const settings: Settings = {
    model: options.model,
    config: options.config ?? {},
    structuredOutput: options.structuredOutput ?? "json_schema"
  }

  const bodyOf = (providerOptions: LanguageModel.ProviderOptions, method: string) => {
    annotateRequest(providerOptions.span, settings, providerOptions.responseFormat.type)
    return Effect.mapError(api.body(providerOptions, settings), makeError(method))
  }

  const service = yield* LanguageModel.make({
    codecTransformer: toCodecOpenAI,

    generateText: Effect.fnUntraced(function*(providerOptions) {
      const body = yield* bodyOf(providerOptions, "generateText")
      const json = yield* client.post(api.path, body)
      const answer = new Answer()
      return yield* api.whole(json).pipe(
        Effect.flatMap((step) => {
          answer.add(step)
          annotateAnswer(providerOptions.span, answer)
          return wholeParts(answer, providerOptions)
        }),
        Effect.mapError(makeError("generateText"))
      )
    }),

    streamText: (providerOptions) =>
      Stream.unwrap(Effect.map(bodyOf(providerOptions, "streamText"), (body) => {
        const answer = new Answer()
        const fail = makeError("streamText")
        const end = Effect.suspend(() => {
          annotateAnswer(providerOptions.span, answer)
          return answer.finish === undefined
            ? Effect.fail(brokenOff(client.apiUrl + api.path))
            : lastParts(answer, providerOptions)
        })
        return client.stream(api.path, { ...body, ...api.streaming }).pipe(
          Stream.mapEffect((json) => Effect.mapError(api.event(json), fail)),
          Stream.map((step) => deltas(answer, step)),
          Stream.concat(Stream.fromEffect(Effect.mapError(end, fail))),
          Stream.flattenIterable
        )
      }))
  })
  return withIdentity(service, {
    provider: client.apiUrl,
    model: options.model,
    settings: { api: options.api, config: settings.config, structuredOutput: settings.structuredOutput }
  })
})

const makeError = (method: string) => (reason: AiError.AiErrorReason) =>
  AiError.make({ module: "OpenAiLanguageModel", method, reason })

const brokenOff = (url: string) =>
  networkError("TransportError", url, "the stream ended before the answer did: no event said why the model stopped")

/**
 * The model as a layer.
 *
 * **Example** (A model for a judge, and what it needs)
 *
 * ```ts
 * import { Layer, Redacted } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { OpenAiClient, OpenAiLanguageModel } from "effect-evals/openai"
 *
 * const judge = OpenAiLanguageModel.layer({ model: "gpt-4.1-mini", config: { temperature: 0, seed: 1 } }).pipe(
 *   // Without the options: OPENAI_API_KEY and OPENAI_BASE_URL.
 *   Layer.provide(OpenAiClient.layer({ apiKey: Redacted.make("sk-..."), timeout: "1 minute" })),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * console.log(Layer.isLayer(judge)) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<LanguageModel.LanguageModel, never, OpenAiClient> =>
  Layer.effect(LanguageModel.LanguageModel, make(options))

/**
 * The model as a layer that also says its name (`Model.ProviderName`, `Model.ModelName` of `effect/ai`).
 *
 * **Example** (A name and settings)
 *
 * ```ts
 * import { OpenAiLanguageModel } from "effect-evals/openai"
 *
 * const small = OpenAiLanguageModel.model("gpt-4.1-mini", { temperature: 0 })
 * console.log(small.provider) // => openai
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const model = (
  model: string,
  config?: Config
): Model.Model<"openai", LanguageModel.LanguageModel, OpenAiClient> =>
  Model.make("openai", model, layer({ model, config }))
