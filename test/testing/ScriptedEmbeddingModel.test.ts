import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AiError, EmbeddingModel, Model } from "effect/ai"
import { Dataset, Evaluation } from "../../src/index.ts"
import { ScriptedEmbeddingModel } from "../../src/testing/index.ts"
import { untraced } from "../support/run.ts"

const embedMany = (...texts: ReadonlyArray<string>) =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embedMany(texts))

const dot = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)

describe("a scripted embedding model", () => {
  it.effect("gives the vectors that it was told", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make((text, call) => [text.length, call.index])
      const program = Effect.gen(function*() {
        const first = yield* embedMany("a", "bb")
        assert.deepStrictEqual(first.embeddings.map(({ vector }) => vector), [[1, 0], [2, 0]])
        assert.strictEqual(first.usage.inputTokens, 2)
        const { embed } = yield* EmbeddingModel.EmbeddingModel
        assert.deepStrictEqual((yield* embed("ccc")).vector, [3, 1])
      })
      yield* Effect.provide(program, model.layer)
      assert.deepStrictEqual(yield* model.calls, [{ index: 0, inputs: ["a", "bb"] }, { index: 1, inputs: ["ccc"] }])
    }))

  it.effect("fails on cue, and the failed request is among its calls", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make((text, _, seen) =>
        text === "bad" && seen < 2 ? new AiError.RateLimitError({}) : [1]
      )
      const program = Effect.gen(function*() {
        assert.strictEqual((yield* embedMany("good")).embeddings.length, 1)
        const error = yield* Effect.flip(embedMany("good", "bad"))
        assert.strictEqual(error.reason._tag, "RateLimitError")
        const retried = yield* Effect.retry(embedMany("bad"), { times: 1 })
        assert.strictEqual(retried.embeddings.length, 1)
      })
      yield* Effect.provide(program, model.layer)
      assert.strictEqual((yield* model.calls).length, 4)
    }))

  it.effect("counts for run trees and cost under its name", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("texts", [{ inputs: "three words here" }])
      const target = (text: string) => Effect.map(embedMany(text), ({ embeddings }) => embeddings.length)
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("texts", { data, target }), {
          prices: { tiny: { inputTokens: 2, outputTokens: 0 } }
        })
      ).pipe(Effect.provide(ScriptedEmbeddingModel.layer(undefined, { name: "tiny" })))
      assert.deepStrictEqual(experiment.rows[0]?.run.usage, { inputTokens: 3, outputTokens: 0, cost: 0.000006 })
      assert.strictEqual(experiment.rows[0]?.run.childRuns[0]?.runType, "embedding")
      const named = yield* ScriptedEmbeddingModel.make(undefined, { name: "tiny" })
      assert.strictEqual(yield* Effect.provide(Model.ModelName, named.layer), "tiny")
    }))
})

describe("vectors by words", () => {
  it.prop("have as many numbers as asked for, and length 1", [Schema.Array(Schema.String)], ([words]) => {
    const text = words.join(" ")
    const vector = ScriptedEmbeddingModel.byWords(text, 64)
    assert.strictEqual(vector.length, 64)
    assert.closeTo(dot(vector, vector), 1, 1e-9)
  })

  it("are the same for the same words, and apart for others", () => {
    const { byWords } = ScriptedEmbeddingModel
    assert.deepStrictEqual(byWords("The cat, the dog."), byWords("THE dog the CAT"))
    assert.strictEqual(dot(byWords("cat dog"), byWords("quarterly revenue")), 0)
    assert.closeTo(dot(byWords("the cat sat"), byWords("the cat slept")), 2 / 3, 1e-9)
    assert.closeTo(dot(byWords("猫 犬"), byWords("猫 鳥")), 1 / 2, 1e-9)
    assert.notDeepEqual(byWords("?"), byWords("!"))
  })
})
