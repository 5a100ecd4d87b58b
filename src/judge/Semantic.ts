/**
 * Meaning by vectors: evaluators that ask an `EmbeddingModel`. Texts of rows that are judged at the same time share
 * requests.
 *
 * How high a similarity has to be, depends on the model: 0.8 is much for some, and what unrelated texts have for others. Try
 * pairs of your own first.
 *
 * @since 0.1.0
 */
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as EvaluationResult from "../EvaluationResult.ts"
import { Skip } from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import type * as Execution from "../Execution.ts"
import { limitNames } from "../internal/engine/optionNames.ts"
import { assign } from "../internal/values/assignment.ts"
import { describe } from "../internal/values/describe.ts"
import { withIdentity } from "../internal/values/modelIdentity.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import { askAll, formOf, type Model } from "./internal/ask.ts"
import { makeEmbedder } from "./internal/embed.ts"
import { instructions, messages, promptVersion } from "./internal/prompt.ts"
import { evaluatorOptions, selected, textOf, textsOf } from "./internal/semanticInputs.ts"

/**
 * What is compared, and how.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<in Inputs, in Outputs, in ReferenceOutputs, in Metadata> extends Execution.Options {
  /** The key of the results. Default: the name of the evaluator. */
  readonly key?: string | undefined
  /** What is judged. Default: `outputs`. */
  readonly actual?:
    | ((args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => unknown)
    | undefined
  /** What it is held against. Default: `referenceOutputs`. */
  readonly expected?:
    | ((args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => unknown)
    | undefined
  /** Change it when another model embeds: its scores are others. */
  readonly version?: string | undefined
}

// -----------------------------------------------------------------------------
// measures
// -----------------------------------------------------------------------------

/**
 * The cosine of the angle between two vectors, from -1 to 1; `undefined` where one of them is 0 in all places. Vectors of
 * different lengths throw a `RangeError`.
 *
 * **Example** (Half way)
 *
 * ```ts
 * import { Semantic } from "effect-evals/judge"
 *
 * console.log(Semantic.cosine([1, 0], [1, 1])?.toFixed(4), Semantic.cosine([1, 0], [0, 0])) // => 0.7071 undefined
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const cosine = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number | undefined => {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers cannot be compared`)
  let product = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    const y = b[i]!
    product += x * y
    squaresA += x * x
    squaresB += y * y
  }
  const length = Math.sqrt(squaresA) * Math.sqrt(squaresB)
  // Rounding may carry it past 1.
  return length === 0 ? undefined : Math.max(-1, Math.min(1, product / length))
}

// -----------------------------------------------------------------------------
// evaluators
// -----------------------------------------------------------------------------

/**
 * How similar the output is to the reference: the cosine of their vectors, under the key `semantic_similarity`. With `from`,
 * which similarity counts as 0: `max(0, (cosine - from) / (1 - from))`. (autoevals' `EmbeddingSimilarity` has 0.7 there, and
 * no less than 0; here the cosine is not changed unless asked.)
 *
 * **Example** (The same words in another order)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Semantic } from "effect-evals/judge"
 * import { ScriptedEmbeddingModel } from "effect-evals/testing"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("capitals", {
 *       data: Dataset.fromIterable("capitals", [{ inputs: "France?", referenceOutputs: "the capital is Paris" }]),
 *       target: () => "Paris is the capital"
 *     }),
 *     { evaluators: [Semantic.similarity()] }
 *   ).pipe(Effect.provide([ScriptedEmbeddingModel.layer(), TracingClient.layerNone]))
 * )
 * console.log(experiment.summaries["semantic_similarity"]?.score?.mean.toFixed(2)) // => 1.00
 * ```
 *
 * @category evaluators
 * @since 0.1.0
 */
export const similarity = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options: Options<I, O, Ref, M> & {
    /** The similarity that counts as 0. Default: the cosine counts as it is. */
    readonly from?: number | undefined
  } = {}
): Evaluator.Evaluator<I, O, Ref, M, EmbeddingModel.EmbeddingModel> => {
  refuseOthers("similarity", options, "from")
  const { key = "semantic_similarity", from } = options
  if (from !== undefined && !(from >= -1 && from < 1)) {
    throw new RangeError(`${key}: the option from is ${from}, not a number from -1 to below 1`)
  }
  const vectorsOf = makeEmbedder(key)
  return Evaluator.make(
    key,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) =>
      Effect.gen(function*() {
        const actual = yield* textOf(key, "actual", selected(options, "actual", args))
        const expected = yield* textOf(key, "expected", selected(options, "expected", args))
        const vectors = yield* vectorsOf([actual, expected])
        if (vectors instanceof Skip) return vectors
        const [a, b] = vectors
        const found = cosine(a ?? [], b ?? [])
        if (found === undefined) return new Skip("a vector is 0 in all places, so it has no direction")
        return {
          score: from === undefined ? found : Math.max(0, (found - from) / (1 - from)),
          comment: `cosine ${rounded(found)}${from === undefined ? "" : `, of which ${from} counts as 0`}`,
          feedbackConfig: { type: "continuous" as const, min: from === undefined ? -1 : 0, max: 1 }
        }
      }),
    evaluatorOptions(options, { from })
  )
}

/**
 * How far a list of texts holds what was expected, under the key `semantic_list`: texts are paired one to one so that
 * their similarities (those below 0 count as 0) add up to the most, and the sum is divided by the number of expected ones,
 * or with `extras: "count"` by that of the longer list. With a `threshold`, a pair that reaches it counts 1, and any other
 * 0. No expected texts: `Skipped`.
 *
 * It is autoevals' `ListContains` with vectors for the similarity (`extras: "count"` is what it does unless told
 * `allowExtraEntities`). FutureAGI's `semantic_list_contains` asks whether one text is like any or all of a list: give the
 * text as a list of one, or the list as what is judged.
 *
 * **Example** (Both are there, and something else)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Semantic } from "effect-evals/judge"
 * import { ScriptedEmbeddingModel } from "effect-evals/testing"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("symptoms", {
 *       data: Dataset.fromIterable("notes", [{ inputs: "...", referenceOutputs: ["high fever", "dry cough"] }]),
 *       target: () => ["a dry cough", "back pain", "fever, high"]
 *     }),
 *     { evaluators: [Semantic.list({ threshold: 0.7 }), Semantic.list({ key: "exact list", threshold: 0.7, extras: "count" })] }
 *   ).pipe(Effect.provide([ScriptedEmbeddingModel.layer(), TracingClient.layerNone]))
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(`${Number(score).toFixed(2)}: ${comment}`)
 * // => 1.00: 2 of 2 expected texts are there, 1 further; missing: none
 * // => 0.67: 2 of 2 expected texts are there, 1 further; missing: none
 * ```
 *
 * @category evaluators
 * @since 0.1.0
 */
export const list = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options: Options<I, O, Ref, M> & {
    /** How similar two texts have to be, to count as the same. Default: their similarity counts as it is. */
    readonly threshold?: number | undefined
    /** What texts do that were not expected: nothing, or they count as missing ones do. Default: `"ignore"`. */
    readonly extras?: "ignore" | "count" | undefined
  } = {}
): Evaluator.Evaluator<I, O, Ref, M, EmbeddingModel.EmbeddingModel> => {
  refuseOthers("list", options, "threshold", "extras")
  const { extras = "ignore", key = "semantic_list", threshold } = options
  const vectorsOf = makeEmbedder(key)
  return Evaluator.make(
    key,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) =>
      Effect.gen(function*() {
        const actual = yield* textsOf(key, "actual", selected(options, "actual", args))
        const expected = yield* textsOf(key, "expected", selected(options, "expected", args))
        if (expected.length === 0) return new Skip("nothing was expected")
        const vectors = yield* vectorsOf([...expected, ...actual])
        if (vectors instanceof Skip) return vectors
        return listResult(expected, actual.length, vectors, threshold, extras)
      }),
    evaluatorOptions(options, { threshold, extras })
  )
}

const listResult = (
  expected: ReadonlyArray<string>,
  actual: number,
  vectors: ReadonlyArray<ReadonlyArray<number>>,
  threshold: number | undefined,
  extras: "ignore" | "count"
): EvaluationResult.ReturnedResult => {
  const worth = (i: number, j: number): number => {
    const similarity = Math.max(0, cosine(vectors[i] ?? [], vectors[expected.length + j] ?? []) ?? 0)
    return threshold === undefined ? similarity : similarity >= threshold ? 1 : 0
  }
  const partners = assign(expected.length, actual, worth)
  const worths = partners.map((partner, i) => partner === -1 ? 0 : worth(i, partner))
  const sum = worths.reduce((sum, worth) => sum + worth, 0)
  const missing = expected.filter((_, i) => worths[i] === 0).map((text) => describe(text))
  const found = expected.length - missing.length
  return {
    score: sum / (extras === "count" ? Math.max(expected.length, actual) : expected.length),
    comment:
      `${threshold === undefined ? `similarities ${rounded(sum)} in sum; ` : ""}${found} of ${expected.length} ` +
      `expected texts are there, ${Math.max(0, actual - found)} further; missing: ${
        missing.slice(0, 5).join(", ") || "none"
      }${missing.length > 5 ? ` and ${missing.length - 5} more` : ""}`,
    feedbackConfig: { type: "continuous", min: 0, max: 1 }
  }
}

/**
 * How far the output answers what was asked, without knowing the answer (RAGAS, Es and others, 2023): a model writes
 * questions that the output would answer, and the score is the mean cosine of their vectors with that of the input, under the
 * key `answer_relevance`. An output that evades the question (it does not know, it cannot say) scores 0. It says nothing
 * about whether the answer is right. `Judge.template("answerRelevance")` asks a model for a grade instead.
 *
 * **Example** (It answers something else)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Semantic } from "effect-evals/judge"
 * import { ScriptedEmbeddingModel, ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const model = ScriptedLanguageModel.layer(({ text }) => ({
 *   json: text.includes("Paris")
 *     ? { questions: ["What is the capital of France?"], evasive: false }
 *     : { questions: ["What can you not say?"], evasive: true }
 * }))
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("capitals", {
 *       data: Dataset.fromIterable("capitals", [{ inputs: "What is the capital of France?" }, { inputs: "And of Italy?" }]),
 *       target: (question) => question.includes("France") ? "It is Paris." : "I cannot say."
 *     }),
 *     { evaluators: [Semantic.answerRelevance({ questions: 1 })] }
 *   ).pipe(Effect.provide([model, ScriptedEmbeddingModel.layer(), TracingClient.layerNone]))
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(`${score}: ${comment}`)
 * // => 1: cosines 1 with "What is the capital of France?"
 * // => 0: the output evades the question
 * ```
 *
 * @category evaluators
 * @since 0.1.0
 */
export const answerRelevance = <
  I = unknown,
  O = unknown,
  Ref = unknown,
  Metadata = unknown,
  M extends Model = typeof LanguageModel.LanguageModel
>(
  options: Omit<Options<I, O, Ref, Metadata>, "expected"> & {
    /** The question. Default: `inputs`. */
    readonly question?: ((args: Evaluator.EvaluatorArgs<I, O, Ref, Metadata>) => unknown) | undefined
    /** How many questions are written. Default 3. */
    readonly questions?: number | undefined
    /** Who writes them: the app's `LanguageModel` by default, or a role. */
    readonly model?: M | undefined
  } = {}
): Evaluator.Evaluator<I, O, Ref, Metadata, M["Identifier"] | EmbeddingModel.EmbeddingModel> => {
  refuseOthers("answerRelevance", options, "question", "questions", "model")
  const { key = "answer_relevance", questions = 3 } = options
  if (!Number.isInteger(questions) || questions < 1) {
    throw new RangeError(`${key}: the option questions is ${questions}, not a count from 1`)
  }
  const model: Model<M["Identifier"]> = options.model ?? LanguageModel.LanguageModel
  const form = formOf(Schema.Struct({
    questions: Schema.Array(Schema.String).check(Schema.isMinLength(questions), Schema.isMaxLength(questions)),
    evasive: Schema.Boolean
  }))
  const system = questionsPrompt(questions)
  const vectorsOf = makeEmbedder(key)
  return Evaluator.make(
    key,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, Metadata>) =>
      Effect.gen(function*() {
        const output = yield* textOf(key, "actual", selected(options, "actual", args))
        const question = yield* textOf(key, "question", (options.question ?? (({ inputs }) => inputs))(args))
        const asked = yield* askAll(
          {
            judge: key,
            prompt: messages(system, [], { output }),
            form,
            version: options.version,
            repetition: args.run.repetition
          },
          [model],
          1
        )
        if (asked instanceof Skip) return asked
        const written = asked.answers.flatMap(({ answer }) => answer.questions)
        const metadata = {
          questions: written,
          evasive: asked.answers.some(({ answer }) => answer.evasive),
          ...(asked.cache === undefined ? {} : { cache: asked.cache })
        }
        if (metadata.evasive) return { score: 0, comment: "the output evades the question", metadata }
        const vectors = yield* vectorsOf([question, ...written])
        if (vectors instanceof Skip) return vectors
        const [own = [], ...others] = vectors
        const cosines = others.map((other) => cosine(own, other) ?? 0)
        return {
          score: cosines.reduce((sum, each) => sum + each, 0) / cosines.length,
          comment: `cosines ${cosines.map(rounded).join(", ")} with ${
            written.map((text) => describe(text)).join(", ")
          }`,
          metadata
        }
      }),
    evaluatorOptions(options, { questions, model: model.key, question: String(options.question), promptVersion })
  )
}

const questionsPrompt = (questions: number): string =>
  instructions(
    `Write ${
      questions === 1 ? "the question" : `${questions} different questions`
    } that the output would be a good answer to, each as somebody would ask it who does not know the output. The output is evasive if it does not answer anything: it says that it does not know, cannot say, or will not, or speaks in generalities only.`,
    "The questions, and whether the output is evasive, take the place of the verdict; no reasoning is wanted."
  )

/**
 * Says which model a layer gives, so that a `Budget` of money finds its price. The models of `effect-evals/openai` and
 * `effect-evals/testing` say it themselves; those of other providers do not.
 *
 * **Example** (A model of another provider, and its price)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { EmbeddingModel } from "effect/ai"
 * import { Budget, Semantic } from "effect-evals/judge"
 *
 * const model = Semantic.identified(
 *   // Stands for the layer of a provider.
 *   Layer.effect(EmbeddingModel.EmbeddingModel, Effect.never),
 *   { provider: "voyage", model: "voyage-3" }
 * )
 * const budget = Budget.layer({ cost: 2, prices: { "voyage-3": { inputTokens: 0.06, outputTokens: 0 } } })
 * console.log(Layer.isLayer(model), Layer.isLayer(budget)) // => true true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const identified = <E, R>(
  model: Layer.Layer<EmbeddingModel.EmbeddingModel, E, R>,
  identity: {
    /** Who runs it. */
    readonly provider: string
    readonly model: string
  }
): Layer.Layer<EmbeddingModel.EmbeddingModel, E, R> =>
  Layer.effect(
    EmbeddingModel.EmbeddingModel,
    Effect.map(
      EmbeddingModel.EmbeddingModel,
      (service) => withIdentity(service, { ...identity, settings: undefined })
    )
  ).pipe(Layer.provide(model))

// -----------------------------------------------------------------------------
// internals
// -----------------------------------------------------------------------------

const rounded = (value: number): string => String(Number(value.toFixed(4)))

/** Throws where there are options that nobody reads. */
const refuseOthers = (of: string, options: object, ...own: ReadonlyArray<string>): void =>
  refuseUnknown(`Semantic.${of}`, options, [...limitNames, "key", "actual", "expected", "version", ...own])
