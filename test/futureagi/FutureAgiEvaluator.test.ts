import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schedule } from "effect"
import { FetchHttpClient } from "effect/http"
import { FutureAgi, FutureAgiEvaluator } from "../../src/futureagi/index.ts"
import { Dataset, Evaluation } from "../../src/index.ts"
import { counts, untraced } from "../support/run.ts"
import { apiKey, passFail, secretKey, settle, type Stub, stubServer, type StubTemplate } from "./stubServer.ts"

const layerOf = (stub: Stub, options: Partial<FutureAgi.Options> = {}) =>
  FutureAgi.layer({
    apiKey: Redacted.make(apiKey),
    secretKey: Redacted.make(secretKey),
    baseUrl: stub.url,
    ...options
  }).pipe(Layer.provide(FetchHttpClient.layer))

const tone: StubTemplate = {
  name: "tone",
  requiredKeys: ["output"],
  output: "choices",
  judge: ({ output }) => ({ score: 0.25, choice: `${output}!` })
}

const evaluation = Evaluation.make("towers", {
  data: Dataset.fromIterable(
    "towers",
    ["Paris", "Pisa"].map((inputs) => ({ inputs, referenceOutputs: "It is in Paris." }))
  ),
  target: (city) => city
})

const grounded = (options: { readonly mode?: "sync" | "async"; readonly retry?: Schedule.Schedule<unknown> } = {}) =>
  FutureAgiEvaluator.make("groundedness", {
    inputs: ({ outputs, referenceOutputs }: { readonly outputs: string; readonly referenceOutputs: string }) => ({
      output: outputs,
      context: referenceOutputs
    }),
    model: "turing_flash",
    ...options
  })

const result = (output: unknown, outputType?: string): FutureAgi.Result => ({
  evalId: "e1",
  template: "any",
  output,
  outputType,
  reason: "because",
  runtimeMillis: undefined,
  model: "turing_small",
  errorLocalizer: undefined
})

describe("FutureAgiEvaluator", () => {
  for (const mode of ["sync", "async"] as const) {
    it.effect(`judges runs, ${mode}`, () =>
      Effect.gen(function*() {
        const stub = yield* stubServer({ templates: [passFail, tone], states: () => ["pending"] })
        const experiment = yield* settle(
          Evaluation.run(evaluation, {
            evaluators: [
              grounded({ mode }),
              FutureAgiEvaluator.make("tone", {
                inputs: ({ outputs }) => ({ output: outputs }),
                mode,
                key: "style"
              })
            ],
            concurrency: 2
          }).pipe(untraced, Effect.provide(layerOf(stub)))
        )
        assert.deepStrictEqual(counts(experiment, "groundedness"), { scored: 2 })
        assert.strictEqual(experiment.summaries["groundedness"]?.score?.mean, 0.5)
        assert.strictEqual(experiment.summaries["style"]?.score?.mean, 0.25)
        const outcome = experiment.rows[0]?.evaluations[1]?.outcome
        const [first] = outcome?._tag === "Scored" ? outcome.results : []
        assert.deepInclude(first, { key: "style", score: 0.25, value: "Paris!", comment: "because" })
        assert.include(JSON.stringify(first?.evaluatorInfo), "\"provider\":\"futureagi\",\"template\":\"tone\"")
        assert.strictEqual(stub.begun(), 4)
        assert.deepStrictEqual(
          new Set(stub.asked.filter(({ method }) => method === "POST").map(({ body }) => body.is_async)),
          new Set([mode === "async"])
        )
      }))
  }

  it.effect("a template that fails, or lacks an input, is never a zero", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ fails: () => "out of order" })
      const experiment = yield* settle(
        Evaluation.run(evaluation, {
          evaluators: [
            grounded({ mode: "async" }),
            FutureAgiEvaluator.make("groundedness", {
              key: "incomplete",
              inputs: ({ outputs }) => ({ output: outputs }),
              model: "turing_flash"
            })
          ]
        }).pipe(untraced, Effect.provide(layerOf(stub)))
      )
      assert.deepStrictEqual(counts(experiment, "groundedness"), { failed: 2 })
      assert.deepStrictEqual(counts(experiment, "incomplete"), { failed: 2 })
      const messages = experiment.rows[0]?.evaluations.map(({ outcome }) =>
        outcome._tag === "Failed" ? outcome.message : ""
      )
      assert.include(messages?.[0], "out of order")
      assert.include(messages?.[1], "context missing or undefined")
      assert.isUndefined(experiment.summaries["groundedness"]?.score)
    }))

  it.effect("retries of the run do what is safe: a limit is waited for, a lost answer is not paid for twice", () =>
    Effect.gen(function*() {
      let seen = 0
      const stub = yield* stubServer({
        faults: ({ method }) => {
          if (method !== "POST") return undefined
          seen++
          return seen === 1 ? { status: 429, body: {} } : seen === 2 ? "hangUp" : undefined
        }
      })
      const experiment = yield* settle(
        Evaluation.run(evaluation, {
          evaluators: [grounded({ retry: Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 5 })) })],
          concurrency: 1
        }).pipe(untraced, Effect.provide(layerOf(stub, { retry: Schedule.recurs(0) })))
      )
      assert.deepStrictEqual(counts(experiment, "groundedness"), { scored: 1, failed: 1 })
      const attempts = experiment.rows.map(({ evaluations: [evaluation] }) => evaluation?.attempts.length)
      assert.deepStrictEqual(new Set(attempts), new Set([1, 2]))
      assert.strictEqual(stub.begun(), 1)
    }))

  it("reads every kind of output", () => {
    const read = (output: unknown, outputType?: string) => {
      const { score, value } = FutureAgiEvaluator.toResult(result(output, outputType))
      return [score, value]
    }
    assert.deepStrictEqual(read("Passed", "Pass/Fail"), [true, undefined])
    assert.deepStrictEqual(read("Failed"), [false, undefined])
    assert.deepStrictEqual(read("yes", "Pass/Fail"), [true, undefined])
    assert.deepStrictEqual(read("yes", "choices"), [undefined, "yes"])
    assert.deepStrictEqual(read(true), [true, undefined])
    assert.deepStrictEqual(read(0.4), [0.4, undefined])
    assert.deepStrictEqual(read({ score: 0.5, choices: ["a", "b"] }, "choices"), [0.5, ["a", "b"]])
    assert.deepStrictEqual(read(["good"], "choices"), [undefined, "good"])
    assert.deepStrictEqual(read([4], "choices"), [4, undefined])
    assert.deepStrictEqual(read(["love", "joy"], "choices"), [undefined, ["love", "joy"]])
    assert.deepStrictEqual(FutureAgiEvaluator.toResult(result("x")).comment, "because")
  })

  it.effect("is another evaluator when it sends something else", () =>
    Effect.gen(function*() {
      const fingerprint = (output: string, model?: string) =>
        Effect.map(
          FutureAgiEvaluator.make("tone", {
            inputs: output === "a" ? () => ({ output: "a" }) : () => ({ output: "b" }),
            model
          }).describe,
          ({ fingerprint }) => fingerprint
        )
      const layer = FutureAgi.layerTest(() => ({ output: 1 }))
      const all = yield* Effect.all([
        fingerprint("a"),
        fingerprint("b"),
        fingerprint("a", "turing_large"),
        fingerprint("a")
      ]).pipe(
        Effect.provide(layer)
      )
      assert.strictEqual(new Set(all).size, 3)
      assert.strictEqual(all[0], all[3])
    }))
})
