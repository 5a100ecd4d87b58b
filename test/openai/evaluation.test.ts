/** Models and evaluations together: run trees, tokens, cost, retries and limits. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule, Schema } from "effect"
import { EmbeddingModel, LanguageModel } from "effect/ai"
import { TestClock } from "effect/testing"
import { Dataset, Evaluation, Evaluator, Run } from "../../src/index.ts"
import { OpenAiEmbeddingModel, OpenAiLanguageModel } from "../../src/openai/index.ts"
import { counts, numbers, untraced } from "../support/run.ts"
import { completion, failure } from "./bodies.ts"
import { clientOf, type Play, type Stub, stubServer } from "./stubServer.ts"

const modelOf = (stub: Stub) =>
  Layer.provide(OpenAiLanguageModel.layer({ model: "small", config: { temperature: 0 } }), clientOf(stub))

const capital = Effect.fn("capital")(function*(country: string) {
  const { text } = yield* LanguageModel.generateText({ prompt: `The capital of ${country}?` })
  return text
})

const judge = Evaluator.make("correct", ({ outputs, referenceOutputs }) =>
  LanguageModel.generateObject({
    prompt: `Is ${outputs} the same as ${referenceOutputs}?`,
    schema: Schema.Struct({ same: Schema.Boolean })
  }).pipe(Effect.map(({ value }) => value.same)))

/** Runs to the end while the test clock moves, but no faster than the network of this machine. */
const run = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      yield* TestClock.adjust("250 millis")
    }
    return yield* Fiber.join(fiber)
  })

describe("an evaluation with models", () => {
  it.effect("has their calls in its run trees, with tokens and cost", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(({ body }) => {
        const text: string = body.messages[0].content[0].text
        return { body: completion({ content: text.startsWith("Is") ? "{\"same\":true}" : "Paris" }) }
      })
      const data = Dataset.fromIterable("capitals", [{ inputs: "France", referenceOutputs: "Paris" }])
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("capitals", { data, target: capital }), {
          evaluators: [judge],
          prices: { "small-2026": { inputTokens: 10, outputTokens: 100 } }
        })
      ).pipe(Effect.provide(modelOf(stub)))
      assert.strictEqual(experiment.summaries["correct"]?.score?.mean, 1)
      const [row] = experiment.rows
      const names = Array.from(Run.descendants(row?.run ?? { childRuns: [] }), ({ name, runType }) => [name, runType])
      assert.deepStrictEqual(names, [
        ["capital", "chain"],
        ["LanguageModel.generateText", "llm"],
        ["POST", "chain"]
      ])
      const call = row?.run.childRuns[0]?.childRuns[0]
      const { attributes = {} } = call ?? {}
      const annotated = Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith("gen_ai.")))
      assert.deepStrictEqual(annotated, {
        "gen_ai.provider.name": "openai",
        "gen_ai.operation.name": "chat",
        "gen_ai.output.type": "text",
        "gen_ai.request.model": "small",
        "gen_ai.request.temperature": 0,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "small-2026",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 8
      })
      // 120 tokens at 10 and 8 at 100, per million.
      assert.deepStrictEqual(row?.run.usage, { inputTokens: 120, outputTokens: 8, cost: 0.002 })
      assert.deepStrictEqual(experiment.usage.evaluators["correct"], {
        runs: 1,
        inputTokens: 120,
        outputTokens: 8,
        cost: 0.002
      })
    }))

  it.effect("counts the tokens of answers that were refused", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ body: completion({ refusal: "No." }) }])
      const data = Dataset.fromIterable("capitals", [{ inputs: "France" }])
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("capitals", { data, target: capital }))).pipe(
        Effect.provide(modelOf(stub))
      )
      assert.include(experiment.rows[0]?.run.error, "the model refused to answer: No.")
      assert.deepStrictEqual(experiment.usage.target, { runs: 1, inputTokens: 120, outputTokens: 8 })
    }))

  it.effect("tries again when the server says, and only what another try can mend", () =>
    Effect.gen(function*() {
      const fine: Play = { body: completion({ content: "Paris" }) }
      const cases: ReadonlyArray<readonly [Play, number, number]> = [
        [{ status: 429, headers: { "retry-after": "2" }, body: failure("Slow down") }, 2, 2000],
        [{ status: 429, headers: { "retry-after-ms": "3500" }, body: failure("Slow down") }, 2, 3500],
        [{ status: 503, headers: { "retry-after": "4" }, body: "" }, 2, 4000],
        [{ chunks: ["{"], then: "break" }, 2, 0],
        [{ status: 400, body: failure("No") }, 1, 0],
        [{ status: 429, body: failure("No money", { code: "insufficient_quota" }) }, 1, 0]
      ]
      const data = Dataset.fromIterable("capitals", [{ inputs: "France" }])
      for (const [play, tries, delay] of cases) {
        const stub = yield* stubServer([play, fine])
        const experiment = yield* run(
          untraced(
            Evaluation.run(Evaluation.make("capitals", { data, target: capital }), { retry: Schedule.recurs(3) })
          )
            .pipe(Effect.provide(modelOf(stub)))
        )
        assert.strictEqual(stub.asked.length, tries, JSON.stringify(play))
        const [first, second] = experiment.rows[0]?.run.attempts ?? []
        assert.strictEqual(experiment.rows[0]?.run.outputs, tries === 2 ? "Paris" : undefined)
        if (first === undefined || second === undefined) continue
        assert.isAtLeast(second.startTime - first.endTime, delay, JSON.stringify(play))
      }
    }))

  it.effect("asks less at once when the server says that it is too much", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer((_, index) =>
        index === 6
          ? { status: 429, headers: { "retry-after-ms": "500" }, body: failure("Slow down") }
          : { body: completion({ content: "Paris" }) }
      )
      const experiment = yield* run(
        untraced(
          Evaluation.run(Evaluation.make("capitals", { data: numbers(30), target: (n) => capital(String(n)) }), {
            concurrency: 10,
            adaptiveConcurrency: { initial: 10 },
            retry: Schedule.recurs(1)
          })
        ).pipe(Effect.provide(modelOf(stub)))
      )
      assert.strictEqual(experiment.runs.succeeded, 30)
      assert.strictEqual(stub.asked.length, 31)
      assert.deepStrictEqual(experiment.concurrencyChanges.slice(0, 1).map(({ limit, why }) => [limit, why]), [
        [8, "rate limited"]
      ])
    }))

  it.effect("adds up the tokens of embeddings, which rows may ask for together", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(({ body }) => ({
        body: {
          model: "vectors-2026",
          data: body.input.map((text: string, index: number) => ({ index, embedding: [text.length] })),
          usage: { prompt_tokens: body.input.length * 10 }
        }
      }))
      const length = Evaluator.make("length", ({ inputs }) =>
        Effect.flatMap(EmbeddingModel.EmbeddingModel, ({ embed }) =>
          Effect.map(embed("x".repeat(Number(inputs) + 1)), ({ vector }) =>
            vector[0] ?? 0)))
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("numbers", {
            data: numbers(20),
            target: (n) =>
              n
          }),
          {
            evaluators: [length],
            concurrency: 10,
            prices: { "vectors-2026": { inputTokens: 1, outputTokens: 0 } }
          }
        )
      ).pipe(
        Effect.provide(Layer.provide(OpenAiEmbeddingModel.layer({ model: "vectors" }), clientOf(stub)))
      )
      assert.deepStrictEqual(counts(experiment, "length"), { scored: 20 })
      assert.strictEqual(experiment.summaries["length"]?.score?.mean, 10.5)
      assert.isBelow(stub.asked.length, 20)
      const { usage } = experiment
      assert.strictEqual(usage.evaluators["length"]?.inputTokens, 200)
      assert.strictEqual(usage.evaluators["length"]?.cost, 0.0002)
      const [first] = experiment.rows[0]?.evaluations ?? []
      assert.deepStrictEqual(first?.childRuns.map(({ name, runType }) => [name, runType]), [
        ["EmbeddingModel.embed", "embedding"]
      ])
    }))
})
