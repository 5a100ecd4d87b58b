/**
 * An `EmbeddingModel` that gives the vectors it was told, or vectors by words, for tests and examples.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Model from "effect/ai/Model"
import { addGenAIAnnotations } from "effect/ai/Telemetry"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { withIdentity } from "../internal/values/modelIdentity.ts"

/**
 * One request to the model, which may be for several texts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  /** How many requests came before. */
  readonly index: number
  readonly inputs: ReadonlyArray<string>
}

/**
 * What the model says of a text: its vector, or an error, which is that of the whole request. `seen` says how many
 * requests before had the same text.
 *
 * @category models
 * @since 0.1.0
 */
export type Script = (input: string, call: Call, seen: number) => ReadonlyArray<number> | AiError.AiErrorReason

/**
 * A model with a record of what it was asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScriptedEmbeddingModel {
  readonly layer: Model.Model<"scripted", EmbeddingModel.EmbeddingModel, never>
  /** All requests so far, in their order; those that failed included. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>>
}

/**
 * How the model presents itself.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The model's name in spans and prices. Default: `scripted`. */
  readonly name?: string | undefined
}

/**
 * A model that gives the vectors of the script; without one, those of `byWords`. Usage is a token for each word.
 *
 * **Example** (Texts that share words are similar)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EmbeddingModel } from "effect/ai"
 * import { ScriptedEmbeddingModel } from "effect-evals/testing"
 *
 * const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
 *
 * const program = Effect.gen(function*() {
 *   const model = yield* ScriptedEmbeddingModel.make()
 *   const embed = Effect.flatMap(
 *     EmbeddingModel.EmbeddingModel,
 *     ({ embedMany }) => embedMany(["the cat sat", "The cat slept.", "quarterly revenue"])
 *   )
 *   const { embeddings: [sat, slept, revenue] } = yield* Effect.provide(embed, model.layer)
 *   if (sat === undefined || slept === undefined || revenue === undefined) return
 *   console.log(dot(sat.vector, slept.vector).toFixed(2), dot(sat.vector, revenue.vector)) // => 0.67 0
 *   console.log((yield* model.calls).length) // => 1
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  script: Script = (input) => byWords(input),
  options: Options = {}
): Effect.Effect<ScriptedEmbeddingModel> =>
  Effect.sync(() => {
    const { name = "scripted" } = options
    const calls: Array<Call> = []
    const seen = new Map<string, number>()

    const embedMany = Effect.fnUntraced(function*({ inputs }: EmbeddingModel.ProviderOptions) {
      const call: Call = { index: calls.length, inputs }
      calls.push(call)
      const said = inputs.map((input) => script(input, call, seen.get(input) ?? 0))
      for (const input of new Set(inputs)) seen.set(input, (seen.get(input) ?? 0) + 1)
      const inputTokens = inputs.reduce((sum, input) => sum + (input.match(/\S+/g)?.length ?? 0), 0)
      const span = Option.getOrUndefined(yield* Effect.option(Effect.currentSpan))
      if (span !== undefined) {
        addGenAIAnnotations(span, {
          provider: { name: "scripted" },
          operation: { name: "embeddings" },
          request: { model: name }
        })
      }
      const results: Array<Array<number>> = []
      for (const vector of said) {
        if (AiError.isAiErrorReason(vector)) {
          return yield* AiError.make({ module: "ScriptedEmbeddingModel", method: "embedMany", reason: vector })
        }
        results.push([...vector])
      }
      if (span !== undefined) addGenAIAnnotations(span, { response: { model: name }, usage: { inputTokens } })
      return { results, usage: { inputTokens } }
    })

    return {
      layer: Model.make(
        "scripted",
        name,
        Layer.effect(
          EmbeddingModel.EmbeddingModel,
          Effect.map(
            EmbeddingModel.make({ embedMany }),
            (service) => withIdentity(service, { provider: "scripted", model: name, settings: undefined })
          )
        )
      ),
      calls: Effect.sync(() => [...calls])
    }
  })

/**
 * The same as a layer, for those who need not know what was asked.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  script?: Script,
  options?: Options
): Layer.Layer<EmbeddingModel.EmbeddingModel | Model.ProviderName | Model.ModelName> =>
  Layer.unwrap(Effect.map(make(script, options), ({ layer }) => layer))

/**
 * A vector of length 1 for a text, by the words in it: each word, in lower case, counts at the place that its FNV-1a hash
 * points to. The product of two such vectors is between 0, for texts without a word in common, and 1, for texts of the
 * same words; words that happen to share a place are taken for the same.
 *
 * It knows nothing of meaning: a stand-in where an evaluation needs vectors, not a model.
 *
 * @category scripts
 * @since 0.1.0
 */
export const byWords = (text: string, dimensions = 1024): ReadonlyArray<number> => {
  const vector = new Array<number>(dimensions).fill(0)
  // A text without words has a place of its own, so that no vector is without a direction.
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const place = hash(word) % dimensions
    vector[place] = (vector[place] ?? 0) + 1
  }
  const length = Math.sqrt(vector.reduce((sum, count) => sum + count * count, 0))
  return vector.map((count) => count / length)
}

/** FNV-1a in 32 bits, over UTF-16 units. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
