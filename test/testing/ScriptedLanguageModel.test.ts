import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref, Schema, Stream } from "effect"
import { AiError, LanguageModel, Model, Prompt, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { ScriptedLanguageModel } from "../../src/testing/index.ts"
import { counts, untraced } from "../support/run.ts"

const ask = (prompt: Prompt.RawInput) => Effect.map(LanguageModel.generateText({ prompt }), ({ text }) => text)

const Verdict = Schema.Struct({ score: Schema.Finite })

describe("a scripted model", () => {
  it.effect("answers in order, and fails when there are no more answers", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedLanguageModel.make(["one", { text: "two" }])
      const program = Effect.gen(function*() {
        assert.strictEqual(yield* ask("a"), "one")
        assert.strictEqual(yield* ask("b"), "two")
        const error = yield* Effect.flip(ask("What is three?"))
        assert.include(error.message, "the script has 2 answers, and this is call 3")
        assert.include(error.message, "What is three?")
        assert.isFalse(error.isRetryable)
      })
      yield* Effect.provide(program, model.layer)
      assert.strictEqual((yield* model.calls).length, 3)
    }))

  it.effect("answers by the first rule that fits, and fails where none does", () =>
    Effect.gen(function*() {
      const script = ScriptedLanguageModel.rules([
        [/^capital of (france|italy)/gi, ({ text }) => text.endsWith("France") ? "Paris" : "Rome"],
        ["capital", "I do not know"],
        [({ method }) => method === "generateObject", { json: { score: 1 } }]
      ])
      const program = Effect.gen(function*() {
        // Twice, since a global expression goes on where it stopped.
        for (const _ of [1, 2]) assert.strictEqual(yield* ask("Capital of France"), "Paris")
        assert.strictEqual(yield* ask("capital of Italy"), "Rome")
        assert.strictEqual(yield* ask("The capital of Atlantis"), "I do not know")
        const { value } = yield* LanguageModel.generateObject({ prompt: "Good?", schema: Verdict })
        assert.deepStrictEqual(value, { score: 1 })
        assert.include((yield* Effect.flip(ask("Good?"))).message, "no rule of the script fits \"Good?\"")
      })
      yield* Effect.provide(program, ScriptedLanguageModel.layer(script))
    }))

  it.effect("fails on cue, by reasons, by effects and by how often it was asked", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedLanguageModel.make((call) => {
        if (call.text === "fail") return Effect.fail(error)
        if (call.text === "die") throw new Error("a mistake in the script")
        return call.seen === 0 ? new AiError.RateLimitError({}) : `${call.text} ${call.index}`
      })
      const error = AiError.make({ module: "Mine", method: "ask", reason: new AiError.InvalidRequestError({}) })
      const program = Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(ask("a"))).reason._tag, "RateLimitError")
        assert.strictEqual((yield* Effect.flip(ask("b"))).reason._tag, "RateLimitError")
        assert.strictEqual(yield* ask("b"), "b 2")
        assert.strictEqual(yield* ask("a"), "a 3")
        assert.strictEqual(yield* Effect.flip(ask("fail")), error)
        assert.strictEqual((yield* Effect.exit(ask("die")))._tag, "Failure")
      })
      yield* Effect.provide(program, model.layer)
      assert.deepStrictEqual((yield* model.calls).map(({ index, seen, text }) => [index, seen, text]), [
        [0, 0, "a"],
        [1, 0, "b"],
        [2, 1, "b"],
        [3, 1, "a"],
        [4, 0, "fail"],
        [5, 0, "die"]
      ])
    }))

  it.effect("takes its time, or never answers", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedLanguageModel.make([Effect.delay(Effect.succeed("late"), "1 minute"), Effect.never])
      const first = yield* Effect.forkChild(Effect.provide(ask("?"), model.layer))
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(first.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(first), "late")
      const second = yield* Effect.forkChild(Effect.provide(Effect.timeoutOption(ask("?"), "1 hour"), model.layer))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(second))._tag, "None")
    }))

  it.effect("says objects, and what is wrong with them is for the schema to say", () =>
    Effect.gen(function*() {
      const judged = LanguageModel.generateObject({ prompt: "?", schema: Verdict })
      const model = yield* ScriptedLanguageModel.make([{ json: { score: "high" } }, "not JSON", {
        json: { score: 0.5 }
      }])
      const program = Effect.gen(function*() {
        for (const _ of [1, 2]) {
          assert.strictEqual((yield* Effect.flip(judged)).reason._tag, "StructuredOutputError")
        }
        assert.deepStrictEqual((yield* judged).value, { score: 0.5 })
      })
      yield* Effect.provide(program, model.layer)
      assert.deepStrictEqual((yield* model.calls).map(({ method, seen }) => [method, seen]), [
        ["generateObject", 0],
        ["generateObject", 1],
        ["generateObject", 2]
      ])
    }))

  it.effect("calls tools, and is shown their results", () =>
    Effect.gen(function*() {
      const Add = Tool.make("add", {
        parameters: Schema.Struct({ a: Schema.Finite, b: Schema.Finite }),
        success: Schema.Finite
      })
      const toolkit = Toolkit.make(Add)
      const model = yield* ScriptedLanguageModel.make([
        { toolCalls: [{ name: "add", params: { a: 1, b: 2 } }, { name: "add", params: { a: 3, b: 4 }, id: "mine" }] },
        "Three and seven."
      ])
      const program = Effect.gen(function*() {
        const first = yield* LanguageModel.generateText({ prompt: "Add.", toolkit })
        assert.strictEqual(first.finishReason, "tool-calls")
        assert.deepStrictEqual(first.toolResults.map(({ id, result }) => [id, result]), [["call_0_0", 3], ["mine", 7]])
        const history = Prompt.concat(Prompt.make("Add."), Prompt.fromResponseParts(first.content))
        return (yield* LanguageModel.generateText({ prompt: history, toolkit })).text
      })
      const handlers = toolkit.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })
      assert.strictEqual(yield* Effect.provide(program, [model.layer, handlers]), "Three and seven.")
      const [first, second] = yield* model.calls
      assert.deepStrictEqual(first?.tools, ["add"])
      assert.deepStrictEqual(second?.text.split("\n"), [
        "Add.",
        "add {\"a\":1,\"b\":2}",
        "add {\"a\":3,\"b\":4}",
        "3",
        "7"
      ])
    }))

  it.effect("streams word by word what it would say at once", () =>
    Effect.gen(function*() {
      const pieces = yield* Ref.make<ReadonlyArray<string>>([])
      yield* LanguageModel.streamText({ prompt: "?" }).pipe(
        Stream.runForEach((part) =>
          "delta" in part ? Ref.update(pieces, (all) => [...all, `${part.type} ${part.delta}`]) : Effect.void
        ),
        Effect.provide(ScriptedLanguageModel.layer([{ reasoning: "Hm.", text: "To be,  or not" }]))
      )
      assert.deepStrictEqual(yield* Ref.get(pieces), [
        "reasoning-delta Hm.",
        "text-delta To ",
        "text-delta be,  ",
        "text-delta or ",
        "text-delta not"
      ])
      const error = yield* LanguageModel.streamText({ prompt: "?" }).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(ScriptedLanguageModel.layer([new AiError.ContentPolicyError({ description: "no" })]))
      )
      assert.strictEqual(error.reason._tag, "ContentPolicyError")
    }))

  it.effect("counts a token for each word, unless it is told, under its name", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedLanguageModel.make(
        ({ text }) => text.includes("one") ? "a b c" : { text: "a", usage: { inputTokens: 1000, outputTokens: 2000 } },
        { name: "tiny" }
      )
      const data = Dataset.fromIterable("words", [{ inputs: "word one" }, { inputs: "word two" }])
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("words", { data, target: ask }), {
          prices: { tiny: { inputTokens: 1, outputTokens: 10 } }
        })
      ).pipe(Effect.provide(model.layer))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.usage), [
        { inputTokens: 2, outputTokens: 3, cost: 0.000032 },
        { inputTokens: 1000, outputTokens: 2000, cost: 0.021 }
      ])
      assert.strictEqual(yield* Effect.provide(Model.ModelName, model.layer), "tiny")
    }))

  it.effect("makes a judge's failures outcomes of their rows, whatever order the rows come in", () =>
    Effect.gen(function*() {
      const judge = Evaluator.make(
        "judge",
        ({ outputs }) =>
          LanguageModel.generateObject({ prompt: `Score ${outputs}`, schema: Verdict }).pipe(
            Effect.retry({ times: 1, while: (error) => error.isRetryable }),
            Effect.map(({ value }) => value.score)
          )
      )
      const model = yield* ScriptedLanguageModel.make((call) =>
        call.text === "Score 3"
          ? new AiError.ContentPolicyError({ description: "I do not judge threes" })
          : call.seen === 0
          ? { json: { score: "?" } }
          : { json: { score: 1 } }
      )
      const data = Dataset.fromIterable("numbers", Array.from({ length: 20 }, (_, inputs) => ({ inputs })))
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("numbers", { data, target: (n) => n }), { evaluators: [judge], concurrency: 8 })
      ).pipe(Effect.provide(model.layer))
      assert.deepStrictEqual(counts(experiment, "judge"), { scored: 19, failed: 1 })
      assert.strictEqual((yield* model.calls).length, 39)
    }))
})
