/**
 * Matchers for `expect`: how similar a text is, and what an evaluator, a judge among them, makes of a value.
 *
 * @since 0.1.0
 */
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Dataset from "../Dataset.ts"
import * as Evaluation from "../Evaluation.ts"
import type * as Evaluator from "../Evaluator.ts"
import type * as Gate from "../Gate.ts"
import { describe, shorten } from "../internal/values/describe.ts"
import { formatScore } from "../internal/values/numbers.ts"
import * as Row from "../Row.ts"
import { levenshteinOf } from "../scorers/TextDistance.ts"
import * as Target from "../Target.ts"
import { layerNone, type TracingClient } from "../TracingClient.ts"

/**
 * How `toScore` judges.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScoreOptions<out Inputs, out ReferenceOutputs, out Metadata> {
  /** What the value was made from, for evaluators that look at it. */
  readonly inputs?: Inputs | undefined
  /** What it should be, for evaluators that compare. */
  readonly referenceOutputs?: ReferenceOutputs | undefined
  readonly metadata?: Metadata | undefined
  /** Which of its results is meant, where an evaluator gives several. Default: the first. */
  readonly key?: string | undefined
}

/**
 * The layer that an evaluator needs, such as a language model; none if it needs nothing.
 *
 * @category options
 * @since 0.1.0
 */
export type ScoreServices<R> = [R] extends [never] ? { readonly layer?: undefined }
  : { readonly layer: Layer.Layer<R, unknown> }

/**
 * An evaluator gave no score for a value.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoScore extends Schema.TaggedError<NoScore>()("NoScore", {
  evaluator: Schema.String,
  message: Schema.String
}) {}

interface Matched {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

/**
 * The matchers. `expect.extend(matchers)` in a setup file or a test file makes them known to `expect`; their types are
 * there when this module is imported.
 *
 * - `expect(text).toBeSimilarTo(reference, { atLeast: 0.8 })`: the Levenshtein similarity (`1 - distance / longer`, in
 *   graphemes) is between 0 and 1.
 * - `await expect(text).toBeSemanticallySimilarTo(reference, { atLeast: 0.8, layer })`: the cosine of their embeddings, by
 *   the `EmbeddingModel` of the layer, is between -1 and 1.
 * - `await expect(value).toScore(evaluator, { atLeast: 0.7, inputs, referenceOutputs, layer })`: runs the evaluator on the
 *   value, as the outputs of a run, with its own time limit and retries. An evaluator that fails or has nothing to score
 *   fails the test, under `not` as well: that a judge did not answer says nothing about the value.
 *
 * **Example** (A matcher at work)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 * import { matchers } from "effect-evals/vitest"
 * import { expect } from "vitest"
 *
 * expect.extend(matchers)
 *
 * expect("Kitten").toBeSimilarTo("kitten", { atLeast: 0.8 })
 * await expect("The capital is Paris.").toScore(Text.containsAll({ expected: ["Paris"] }), { atLeast: 1 })
 * ```
 *
 * @category matchers
 * @since 0.1.0
 */
export const matchers = {
  toBeSimilarTo(received: unknown, reference: string, options: { readonly atLeast: number }): Matched {
    if (typeof received !== "string") {
      throw new TypeError(`toBeSimilarTo compares texts; this is ${describe(received)}.`)
    }
    const { distance, longer, similarity } = levenshteinOf(received, reference)
    const pass = similarity >= options.atLeast
    return {
      pass,
      message: () =>
        `expected ${describe(received)} ${pass ? "not " : ""}to have a similarity of at least ${options.atLeast} to ` +
        `${describe(reference)}; it is ${formatScore(similarity)} (distance ${distance} of ${longer})`,
      actual: received,
      expected: reference
    }
  },

  async toBeSemanticallySimilarTo(
    received: unknown,
    reference: string,
    options: { readonly atLeast: number; readonly layer: Layer.Layer<EmbeddingModel.EmbeddingModel, unknown> }
  ): Promise<Matched> {
    if (typeof received !== "string") {
      throw new TypeError(`toBeSemanticallySimilarTo compares texts; this is ${describe(received)}.`)
    }
    const embed = EmbeddingModel.EmbeddingModel.use(({ embedMany }) => embedMany([received, reference]))
    const { embeddings: [a, b] } = await Effect.runPromise(Effect.provide(embed, options.layer))
    const similarity = a === undefined || b === undefined ? Number.NaN : cosine(a.vector, b.vector)
    if (Number.isNaN(similarity)) {
      throw new Error("The embeddings have no cosine: one of them has no direction, or they differ in length.")
    }
    const pass = similarity >= options.atLeast
    return {
      pass,
      message: () =>
        `expected ${describe(received)} ${pass ? "not " : ""}to have a cosine of at least ${options.atLeast} to ` +
        `${describe(reference)}; it is ${formatScore(similarity)}`,
      actual: received,
      expected: reference
    }
  },

  async toScore(
    received: unknown,
    evaluator: Evaluator.Input<unknown, unknown, unknown, unknown>,
    options: Gate.Limit & ScoreOptions<unknown, unknown, unknown> & { readonly layer?: Layer.Layer<unknown, unknown> }
  ): Promise<Matched> {
    const { atLeast, atMost } = options
    const result = await Effect.runPromise(
      scored(received, evaluator, options).pipe(
        Effect.provide(Layer.merge(options.layer ?? Layer.empty, layerNone))
      )
    )
    const score = Number(result.score)
    const pass = !(atLeast !== undefined && !(score >= atLeast)) && !(atMost !== undefined && !(score <= atMost))
    const limit = [
      ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
      ...(atMost === undefined ? [] : [`at most ${atMost}`])
    ].join(" and ")
    return {
      pass,
      message: () =>
        `expected ${describe(received)} ${pass ? "not " : ""}to score ${limit} under ${result.key}; ` +
        `it scores ${typeof result.score === "boolean" ? String(result.score) : formatScore(score)}` +
        `${result.comment ? ` (${shorten(result.comment, 500)})` : ""}`
    }
  }
}

/** `NaN` where it is not defined. */
const cosine = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const dot = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? Number.NaN), 0)
  return a.length === b.length ? dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) : Number.NaN
}

const scored = Effect.fnUntraced(function*(
  received: unknown,
  evaluator: Evaluator.Input<unknown, unknown, unknown, unknown>,
  options: ScoreOptions<unknown, unknown, unknown>
): Effect.fn.Return<{ key: string; score: number | boolean; comment?: string | undefined }, unknown, TracingClient> {
  const { inputs, key, metadata, referenceOutputs } = options
  const data = Dataset.fromIterable("expect", [{ id: "received", inputs, referenceOutputs, metadata }])
  const target = Target.fromOutputs("received", { received })
  const { rows } = yield* Evaluation.run(Evaluation.make("expect", { data, target }), { evaluators: [evaluator] })
  const [row] = rows
  const evaluation = row?.evaluations[0]
  if (row === undefined || evaluation === undefined) return yield* Effect.die(new Error("there is no row"))
  const { evaluator: name, outcome } = evaluation
  if (outcome._tag !== "Scored") {
    const why = outcome._tag === "Skipped" ? outcome.reason : outcome.message
    return yield* new NoScore({ evaluator: name, message: `The evaluator ${name} gave no score: ${why}` })
  }
  const result = key === undefined ? outcome.results[0] : Row.result(row, key)
  if (result === undefined) {
    const keys = outcome.results.map((result) => result.key).join(", ")
    const message = `The evaluator ${name} gave no result with the key ${key}, only ${keys}`
    return yield* new NoScore({ evaluator: name, message })
  }
  if (result.score === undefined) {
    const message = `The evaluator ${name} gave no score for ${result.key}, only a label`
    return yield* new NoScore({ evaluator: name, message })
  }
  return { key: result.key, score: result.score, comment: result.comment }
})

declare module "vitest" {
  interface Matchers<R, T> {
    /** The Levenshtein similarity of two texts, between 0 and 1. */
    toBeSimilarTo: (reference: string, options: { readonly atLeast: number }) => R
    /** The cosine of the embeddings of two texts, between -1 and 1. */
    toBeSemanticallySimilarTo: (
      reference: string,
      options: { readonly atLeast: number; readonly layer: Layer.Layer<EmbeddingModel.EmbeddingModel, unknown> }
    ) => Promise<void>
    /** What an evaluator makes of the value. */
    toScore: <Inputs, ReferenceOutputs, Metadata, Services = never>(
      evaluator: Evaluator.Evaluator<Inputs, T, ReferenceOutputs, Metadata, Services>,
      options: Gate.Limit & ScoreOptions<Inputs, ReferenceOutputs, Metadata> & ScoreServices<Services>
    ) => Promise<void>
  }
}
