import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EmbeddingModel, Model } from "effect/ai"
import { OpenAiEmbeddingModel } from "../../src/openai/index.ts"
import { clientOf, type Play, type Stub, stubServer } from "./stubServer.ts"

const modelOf = (stub: Stub, options: Partial<OpenAiEmbeddingModel.Options> = {}) =>
  Layer.provide(OpenAiEmbeddingModel.layer({ model: "vectors", ...options }), clientOf(stub))

/** Vectors that say which text they belong to: its number of letters. */
const answer = (inputs: ReadonlyArray<string>, order: (count: number) => ReadonlyArray<number>): Play => ({
  body: {
    object: "list",
    model: "vectors-2026",
    data: order(inputs.length).map((index) => ({
      object: "embedding",
      index,
      embedding: [inputs[index]?.length, 0.5]
    })),
    usage: { prompt_tokens: inputs.length * 10, total_tokens: inputs.length * 10 }
  }
})

const backwards = (count: number) => Array.from({ length: count }, (_, i) => count - 1 - i)

const embedMany = (texts: ReadonlyArray<string>) =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embedMany(texts))

describe("embeddings", () => {
  it.effect("come in the order of the texts, in whatever order the server answers", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(({ body }) => answer(body.input, backwards))
      const { embeddings, usage } = yield* Effect.provide(
        embedMany(["a", "bb", "ccc"]),
        modelOf(stub, { dimensions: 2 })
      )
      assert.deepStrictEqual(embeddings.map(({ vector }) => vector), [[1, 0.5], [2, 0.5], [3, 0.5]])
      assert.strictEqual(usage.inputTokens, 30)
      assert.strictEqual(stub.asked[0]?.path, "/v1/embeddings")
      assert.deepStrictEqual(stub.asked[0]?.body, { model: "vectors", input: ["a", "bb", "ccc"], dimensions: 2 })
    }))

  it.effect("are asked for in batches", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(({ body }) => answer(body.input, backwards))
      const texts = Array.from({ length: 7 }, (_, i) => "x".repeat(i + 1))
      const { embeddings, usage } = yield* Effect.provide(embedMany(texts), modelOf(stub, { batchSize: 3 }))
      assert.deepStrictEqual(embeddings.map(({ vector }) => vector[0]), [1, 2, 3, 4, 5, 6, 7])
      assert.deepStrictEqual(stub.asked.map(({ body }) => body.input.length), [3, 3, 1])
      assert.strictEqual(usage.inputTokens, 70)
    }))

  it.effect("share a request if they are wanted at the same time", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(({ body }) => answer(body.input, backwards))
      const program = Effect.flatMap(EmbeddingModel.EmbeddingModel, ({ embed }) =>
        Effect.forEach(["a", "bb", "ccc"], embed, { concurrency: "unbounded" }))
      const vectors = yield* Effect.provide(program, modelOf(stub))
      assert.deepStrictEqual(
        vectors.map(({ vector }) =>
          vector[0]
        ),
        [1, 2, 3]
      )
      assert.strictEqual(stub.asked.length, 1)
    }))

  it.effect("that do not belong to the texts are an error", () =>
    Effect.gen(function*() {
      const vector = (index: number, ...embedding: ReadonlyArray<unknown>) => ({ index, embedding })
      const cases: ReadonlyArray<readonly [unknown, string]> = [
        [{ data: [vector(0, 1)] }, "2 texts with 1 vectors"],
        [{ data: [vector(0, 1), vector(0, 1)] }, "of which 1 belong"],
        [{ data: [vector(0, 1), vector(2, 1)] }, "of which 1 belong"],
        [{ data: [vector(0, 1), vector(1, 1), vector(2, 1)] }, "with 3 vectors"],
        [{ data: [vector(0, 1), vector(1, 1, 2)] }, "different lengths: 1, 2"],
        [{ data: [vector(0), vector(1)] }, "not a list of embeddings"],
        [{ data: [vector(0, null), vector(1, 1)] }, "not a list of embeddings"],
        [{ vectors: [] }, "not a list of embeddings"]
      ]
      for (const [body, why] of cases) {
        const stub = yield* stubServer([{ body }])
        const error = yield* Effect.flip(Effect.provide(embedMany(["a", "b"]), modelOf(stub)))
        assert.strictEqual(error.reason._tag, "InvalidResponseError")
        assert.include(error.message, why)
      }
    }))

  it.effect("may come without their places", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ body: { data: [{ embedding: [1] }, { embedding: [2] }] } }])
      const { embeddings, usage } = yield* Effect.provide(embedMany(["a", "b"]), modelOf(stub))
      assert.deepStrictEqual(embeddings.map(({ vector }) => vector), [[1], [2]])
      assert.isUndefined(usage.inputTokens)
    }))

  it.effect("come from a model that says its name and the length of its vectors", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([])
      const said = Effect.all([Model.ModelName, EmbeddingModel.Dimensions])
      const model = Layer.provide(OpenAiEmbeddingModel.model("vectors", { dimensions: 512 }), clientOf(stub))
      assert.deepStrictEqual(yield* Effect.provide(said, model), ["vectors", 512])
    }))
})
