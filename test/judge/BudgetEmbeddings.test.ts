import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AiError, EmbeddingModel } from "effect/ai"
import { Budget, Semantic } from "../../src/judge/index.ts"
import { ScriptedEmbeddingModel } from "../../src/testing/index.ts"
import { inShort, judged, scripted } from "./judging.ts"

const similar = (key = "similar") =>
  Semantic.similarity<unknown, string>({ key, expected: ({ inputs }) => `${inputs}!` })

const spent = Effect.flatMap(Budget.Budget, ({ spent }) => spent)

/** A model of a provider that neither says its name nor what it took, unless it is told to. */
const silent = (usage: { readonly inputTokens: number | undefined }) =>
  Layer.effect(
    EmbeddingModel.EmbeddingModel,
    EmbeddingModel.make({ embedMany: ({ inputs }) => Effect.succeed({ results: inputs.map(() => [1, 0]), usage }) })
  )

describe("a budget, of vectors", () => {
  it.effect("counts each request, and skips what is left", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make()
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["a", "b c", "d"], [similar()]), total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ calls: 2 })]))
      assert.deepStrictEqual(inShort(experiment).map((text) => text.slice(0, 40)), [
        "1",
        "1",
        "Skipped: budget: 2 of 2 calls of all jud"
      ])
      assert.strictEqual((yield* model.calls).length, 2)
      // A token for each word, of the output and of the reference.
      assert.deepInclude(total.all, { calls: 2, tokens: 6, refused: 1 })
      assert.deepInclude(total.perKey["similar"], { calls: 2, tokens: 6 })
    }))

  it.effect("counts a request that many rows share once, and keys apart", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make()
      const outputs = Array.from({ length: 64 }, (_, i) => `output ${i}`)
      const { experiment, total } = yield* Effect.gen(function*() {
        const experiment = yield* judged(outputs, [similar(), similar("other")], { evaluatorConcurrency: 16 })
        return { experiment, total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ perKey: { other: { calls: 1 } } })]))
      const calls = yield* model.calls
      assert.strictEqual(experiment.summaries["similar"]?.outcomes.scored, 64)
      const scoredOther = experiment.summaries["other"]?.outcomes.scored ?? 0
      assert.isAbove(scoredOther, 1)
      assert.isBelow(scoredOther, 64)
      assert.strictEqual(experiment.summaries["other"]?.outcomes.skipped, 64 - scoredOther)
      assert.strictEqual(total.all.calls, calls.length)
      assert.strictEqual(total.perKey["other"]?.calls, 1)
      assert.strictEqual(total.perKey["similar"]?.tokens, 64 * 4)
      assert.strictEqual(total.all.tokens, (64 + scoredOther) * 4)
      // The run tree has them, too.
      assert.strictEqual(experiment.usage.evaluators["similar"]?.inputTokens, total.perKey["similar"]?.tokens)
      assert.strictEqual(experiment.usage.evaluators["other"]?.inputTokens, total.perKey["other"]?.tokens)
    }))

  it.effect("of money goes by the price of the model", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make(undefined, { name: "small-embedding" })
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["a b c d", "e f g h", "i j k l"], [similar()]), total: yield* spent }
      }).pipe(Effect.provide([
        model.layer,
        Budget.layer({ cost: 0.0035, prices: { "small-embedding": { inputTokens: 200, outputTokens: 0 } } })
      ]))
      // 8 tokens x 200 / 1e6 = 0.0016 a row.
      assert.strictEqual(experiment.summaries["similar"]?.outcomes.scored, 2)
      assert.strictEqual(
        inShort(experiment)[2],
        "Skipped: budget: 0.0032 of 0.0035 in money of all judges are used up"
      )
      assert.approximately(total.all.cost ?? 0, 0.0032, 1e-12)
    }))

  it.effect("that cannot be held says why: no tokens, no name, no price", () =>
    Effect.gen(function*() {
      const failure = (model: Layer.Layer<EmbeddingModel.EmbeddingModel>, options: Budget.Options) =>
        Effect.map(judged(["a", "b"], [similar()]), (experiment) => inShort(experiment)[1]).pipe(
          Effect.provide([model, Budget.layer(options)])
        )
      assert.strictEqual(
        yield* failure(silent({ inputTokens: undefined }), { tokens: 100 }),
        "Failed: JudgeError: The judge similar asks no more: the answers of a model that does not say its name do not " +
          "say how many tokens they took, so a budget of tokens or money cannot be held; give it calls."
      )
      assert.strictEqual(
        yield* failure(silent({ inputTokens: 3 }), { cost: 1, prices: {} }),
        "Failed: JudgeError: The judge similar asks no more: the budget is of money, but knows no price of a model that " +
          "does not say its name; give it one with Judge.identified or Semantic.identified, and add it to prices."
      )
      const named = Semantic.identified(silent({ inputTokens: 3 }), { provider: "p", model: "vectors-1" })
      assert.include(
        yield* failure(named, { cost: 1, prices: {} }),
        "knows no price of vectors-1; add it to prices."
      )
      const prices = { "vectors-1": { inputTokens: 1, outputTokens: 0 } }
      assert.strictEqual(yield* failure(named, { cost: 1, prices }), "1")
    }))

  it.effect("counts a request that failed, and has free again what it was set aside", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedEmbeddingModel.make((text) => text === "a" ? new AiError.RateLimitError({}) : [1, 0])
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["a", "b"], [similar()]), total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ calls: 2 })]))
      assert.match(inShort(experiment)[0] ?? "", /^Failed: AiError/)
      assert.strictEqual(inShort(experiment)[1], "1")
      assert.deepInclude(total.all, { calls: 2, tokens: 2 })
    }))

  it.effect("counts both of what answer relevance asks", () =>
    Effect.gen(function*() {
      const embeddings = yield* ScriptedEmbeddingModel.make()
      const model = yield* scripted(() => ({
        json: { questions: ["one", "two"], evasive: false },
        usage: { inputTokens: 10, outputTokens: 5 }
      }))
      const relevance = Semantic.answerRelevance<unknown, string, unknown, unknown>({ questions: 2 })
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["one"], [relevance]), total: yield* spent }
      }).pipe(Effect.provide([embeddings.layer, model.layer, Budget.layer({})]))
      assert.strictEqual(inShort(experiment)[0], "0.5")
      assert.deepInclude(total.all, { calls: 2, tokens: 18 })
    }))
})
