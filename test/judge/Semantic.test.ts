import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AiError } from "effect/ai"
import { Dataset, Evaluation, type Evaluator, Row } from "../../src/index.ts"
import { Semantic } from "../../src/judge/index.ts"
import { ScriptedEmbeddingModel, ScriptedLanguageModel } from "../../src/testing/index.ts"
import { untraced } from "../support/run.ts"
import { inShort } from "./judging.ts"

const evaluated = <O, Ref, R>(
  rows: ReadonlyArray<readonly [outputs: O, referenceOutputs: Ref]>,
  evaluator: Evaluator.Evaluator<unknown, O, Ref, unknown, R>
) =>
  untraced(
    Evaluation.run(
      Evaluation.make("rows", {
        data: Dataset.fromIterable(
          "rows",
          rows.map(([, referenceOutputs], i) => ({ id: `r${i}`, inputs: i, referenceOutputs }))
        ),
        // Each row has its outputs.
        target: (i: number) => Effect.succeed(rows[i]?.[0] as O)
      }),
      { evaluators: [evaluator] }
    )
  )

/** Vectors that are written down. */
const vectors = (table: { readonly [text: string]: ReadonlyArray<number> }) =>
  ScriptedEmbeddingModel.make((text) =>
    table[text] ?? new AiError.UnknownError({ description: `no vector for ${text}` })
  )

const plane = { east: [1, 0], north: [0, 2], "north-east": [1, 1], west: [-3, 0], nowhere: [0, 0] }

describe("similarity", () => {
  it.effect("is the cosine, unless it is told what counts as 0", () =>
    Effect.gen(function*() {
      const model = yield* vectors(plane)
      const score = (a: string, b: string, from?: number) =>
        Effect.map(evaluated([[a, b]], Semantic.similarity({ from })), (experiment) => inShort(experiment)[0]).pipe(
          Effect.provide(model.layer)
        )
      assert.strictEqual(yield* score("east", "north"), "0")
      assert.strictEqual(yield* score("east", "west"), "-1")
      assert.strictEqual(yield* score("north", "north"), "1")
      assert.approximately(Number(yield* score("east", "north-east")), Math.SQRT1_2, 1e-12)
      assert.approximately(Number(yield* score("east", "north-east", 0.5)), 2 * Math.SQRT1_2 - 1, 1e-12)
      assert.strictEqual(yield* score("east", "north", 0.7), "0")
      assert.match((yield* score("east", "nowhere")) ?? "", /^Skipped: a vector is 0/)
      assert.match((yield* score("east", "up")) ?? "", /^Failed: AiError/)
      assert.throws(() => Semantic.similarity({ from: 1 }), RangeError)
    }))

  it.effect("asks for the texts of many rows at once", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make()
      const rows = Array.from({ length: 64 }, (_, i) => [`output ${i}`, `reference ${i}`] as const)
      const experiment = yield* evaluated(rows, Semantic.similarity()).pipe(Effect.provide(model.layer))
      assert.strictEqual(experiment.summaries["semantic_similarity"]?.outcomes.scored, 64)
      const calls = yield* model.calls
      assert.strictEqual(calls.reduce((sum, { inputs }) => sum + inputs.length, 0), 128)
      // 16 rows at a time, with two texts each.
      assert.isAtMost(calls.length, 8)
    }))

  it.effect("says what it cannot compare", () =>
    Effect.gen(function*() {
      const model = yield* vectors(plane)
      const experiment = yield* evaluated([[5, "east"]], Semantic.similarity<unknown, number, string>()).pipe(
        Effect.provide(model.layer)
      )
      assert.strictEqual(
        inShort(experiment)[0],
        "Failed: JudgeError: semantic_similarity: the actual is 5, not a text. Say with the option actual where to find it."
      )
    }))

  it.prop("of vectors lies between -1 and 1, whichever comes first", {
    a: Schema.Array(Schema.Finite).check(Schema.isMinLength(3), Schema.isMaxLength(3)),
    b: Schema.Array(Schema.Finite).check(Schema.isMinLength(3), Schema.isMaxLength(3))
  }, ({ a, b }) => {
    const scaled = (vector: ReadonlyArray<number>) => vector.map((x) => Math.tanh(x))
    const found = Semantic.cosine(scaled(a), scaled(b))
    return found === undefined
      ? scaled(a).every((x) => x * x === 0) || scaled(b).every((x) => x * x === 0)
      : found >= -1 && found <= 1 && Math.abs(found - (Semantic.cosine(scaled(b), scaled(a)) ?? 9)) < 1e-12
  })
})

describe("a list", () => {
  it.effect("is paired so that most is found, however the texts stand", () =>
    Effect.gen(function*() {
      const model = yield* vectors(plane)
      const score = (
        actual: ReadonlyArray<string>,
        expected: ReadonlyArray<string>,
        options: Parameters<typeof Semantic.list>[0] = {}
      ) =>
        Effect.map(
          evaluated([[actual, expected]], Semantic.list({ threshold: options.threshold, extras: options.extras })),
          (experiment) => inShort(experiment)[0]
        ).pipe(Effect.provide(model.layer))
      // Taking the nearest first would pair north-east with east, and leave north with nothing.
      assert.strictEqual(yield* score(["north-east", "east"], ["east", "north"], { threshold: 0.7 }), "1")
      assert.strictEqual(yield* score(["east"], ["east", "north"], { threshold: 0.7 }), "0.5")
      assert.strictEqual(yield* score(["east", "west", "north"], ["north"], { threshold: 0.7 }), "1")
      assert.approximately(
        Number(yield* score(["east", "west", "north"], ["north"], { extras: "count" })),
        1 / 3,
        1e-12
      )
      assert.approximately(Number(yield* score(["north-east"], ["north"])), Math.SQRT1_2, 1e-12)
      assert.strictEqual(yield* score(["west"], ["east"]), "0")
      assert.strictEqual(yield* score([], ["east"]), "0")
      assert.strictEqual(yield* score(["east"], []), "Skipped: nothing was expected")
    }))
})

describe("answer relevance", () => {
  it.effect("is the mean over the questions that were written", () =>
    Effect.gen(function*() {
      const embeddings = yield* vectors({ ...plane, q: [1, 0] })
      const model = yield* ScriptedLanguageModel.make(({ text }) => ({
        json: { questions: ["east", "north"], evasive: text.includes("I cannot say.") }
      }))
      const experiment = yield* evaluated(
        [["It is there.", "-"], ["I cannot say.", "-"]],
        Semantic.answerRelevance<unknown, string, string, unknown>({ question: () => "q", questions: 2 })
      ).pipe(Effect.provide([embeddings.layer, model.layer]))
      assert.deepStrictEqual(inShort(experiment), ["0.5", "0"])
      assert.deepStrictEqual(
        experiment.rows.map((row) => Row.result(row, "answer_relevance")?.metadata),
        [{ questions: ["east", "north"], evasive: false }, { questions: ["east", "north"], evasive: true }]
      )
      assert.strictEqual((yield* model.calls).length, 2)
    }))

  it.effect("asks again for questions that are too few", () =>
    Effect.gen(function*() {
      const embeddings = yield* ScriptedEmbeddingModel.make()
      const model = yield* ScriptedLanguageModel.make(({ index }) => ({
        json: { questions: index === 0 ? ["one"] : ["one", "two", "three"], evasive: false }
      }))
      const experiment = yield* evaluated(
        [["It is there.", "-"]],
        Semantic.answerRelevance<unknown, string, string, unknown>({ question: () => "one" })
      ).pipe(Effect.provide([embeddings.layer, model.layer]))
      assert.approximately(Number(inShort(experiment)[0]), 1 / 3, 1e-12)
      assert.strictEqual((yield* model.calls).length, 2)
      assert.throws(() => Semantic.answerRelevance({ questions: 0 }), RangeError)
    }))
})
