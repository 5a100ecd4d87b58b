/**
 * Effect's `EmbeddingModel` on any server that speaks OpenAI's protocol.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Model from "effect/ai/Model"
import { addGenAIAnnotations } from "effect/ai/Telemetry"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { withIdentity } from "../internal/values/modelIdentity.ts"
import { readAs } from "./internal/api.ts"
import { OpenAiClient } from "./OpenAiClient.ts"

/**
 * Which model, and how it is asked.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** As the server calls it, such as `text-embedding-3-small`. */
  readonly model: string
  /** How many numbers a vector shall have, for models that can choose. */
  readonly dimensions?: number | undefined
  /**
   * How many texts go into one request, at most; more are sent in several, one after the other. OpenAI takes up to
   * 2,048 of them and 300,000 tokens in all; servers of one's own often take fewer. Default: 256.
   */
  readonly batchSize?: number | undefined
}

const Embeddings = Schema.Struct({
  model: Schema.optional(Schema.NullOr(Schema.String)),
  data: Schema.Array(Schema.Struct({
    index: Schema.optional(Schema.NullOr(Schema.Int)),
    embedding: Schema.mutable(Schema.NonEmptyArray(Schema.Finite))
  })),
  usage: Schema.optional(Schema.NullOr(Schema.Struct({ prompt_tokens: Schema.optional(Schema.NullOr(Schema.Finite)) })))
})

const readEmbeddings = readAs(Embeddings, "a list of embeddings")

/**
 * The service itself, for those who build layers of their own.
 *
 * Texts that are embedded at the same time, by different rows of an evaluation, share requests. The tokens of such a
 * request stand in the run tree of the row that came first; the sum over all rows is right.
 *
 * Errors are as for `OpenAiLanguageModel`. An answer that lacks a vector, has one twice, or has vectors of different
 * lengths is an `InvalidResponseError`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: Options) {
  const client = yield* OpenAiClient
  const { batchSize = 256, dimensions, model } = options

  const request = Effect.fnUntraced(function*(inputs: ReadonlyArray<string>) {
    const json = yield* client.post("/embeddings", {
      model,
      input: inputs,
      ...(dimensions === undefined ? {} : { dimensions })
    })
    return yield* readEmbeddings(json).pipe(
      Effect.flatMap((answer) =>
        Effect.map(inOrder(answer.data, inputs.length), (vectors) => ({
          vectors,
          model: answer.model ?? undefined,
          tokens: answer.usage?.prompt_tokens ?? undefined
        }))
      ),
      Effect.mapError((reason) => AiError.make({ module: "OpenAiEmbeddingModel", method: "embedMany", reason }))
    )
  })

  const service = yield* EmbeddingModel.make({
    embedMany: Effect.fnUntraced(function*({ inputs }) {
      const span = Option.getOrUndefined(yield* Effect.option(Effect.currentSpan))
      if (span !== undefined) {
        addGenAIAnnotations(span, {
          provider: { name: "openai" },
          operation: { name: "embeddings" },
          request: { model }
        })
      }
      const results: Array<Array<number>> = []
      let tokens: number | undefined
      for (const batch of Arr.chunksOf(inputs, Math.max(1, Math.floor(batchSize)))) {
        const answer = yield* request(batch)
        results.push(...answer.vectors)
        if (answer.tokens !== undefined) tokens = (tokens ?? 0) + answer.tokens
        // After each batch, so that what was paid for counts even if a later one fails.
        if (span !== undefined) {
          addGenAIAnnotations(span, { response: { model: answer.model }, usage: { inputTokens: tokens } })
        }
      }
      return { results, usage: { inputTokens: tokens } }
    })
  })
  return withIdentity(service, { provider: client.apiUrl, model, settings: { dimensions } })
})

/** The vectors in the order of their texts; servers may answer in any. */
const inOrder = (
  data: (typeof Embeddings.Type)["data"],
  count: number
): Effect.Effect<ReadonlyArray<Array<number>>, AiError.InvalidResponseError> => {
  const vectors = new Map(data.map(({ embedding, index }, position) => [index ?? position, embedding]))
  const ordered = Array.from({ length: count }, (_, index) => vectors.get(index))
  const complete = ordered.filter((vector) => vector !== undefined)
  if (data.length !== count || complete.length !== count) {
    return invalid(
      `the server answered ${count} texts with ${data.length} vectors, of which ${complete.length} belong to one`
    )
  }
  const lengths = new Set(complete.map(({ length }) => length))
  if (lengths.size > 1) {
    return invalid(`the server answered with vectors of different lengths: ${Array.from(lengths).join(", ")}`)
  }
  return Effect.succeed(complete)
}

const invalid = (description: string) => Effect.fail(new AiError.InvalidResponseError({ description }))

/**
 * The model as a layer.
 *
 * **Example** (Shorter vectors)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { OpenAiClient, OpenAiEmbeddingModel } from "effect-evals/openai"
 *
 * const embeddings = OpenAiEmbeddingModel.layer({ model: "text-embedding-3-small", dimensions: 512 }).pipe(
 *   Layer.provide(OpenAiClient.layer()),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * console.log(Layer.isLayer(embeddings)) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<EmbeddingModel.EmbeddingModel, never, OpenAiClient> =>
  Layer.effect(EmbeddingModel.EmbeddingModel, make(options))

/**
 * The model as a layer that also says its name and how long its vectors are (`Model.ProviderName`, `Model.ModelName`,
 * `EmbeddingModel.Dimensions` of `effect/ai`).
 *
 * @category layers
 * @since 0.1.0
 */
export const model = (
  model: string,
  options: Omit<Options, "model" | "dimensions"> & { readonly dimensions: number }
): Model.Model<"openai", EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions, OpenAiClient> =>
  Model.make(
    "openai",
    model,
    Layer.merge(layer({ ...options, model }), Layer.succeed(EmbeddingModel.Dimensions, options.dimensions))
  )
