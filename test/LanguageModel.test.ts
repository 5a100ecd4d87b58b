import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { AiError, LanguageModel, type Response, Telemetry } from "effect/ai"
import { Dataset, Evaluation, Evaluator, Run } from "../src/index.ts"
import { untraced } from "./support/run.ts"

const usage = { input: 120, output: 8 }

const finish: Response.PartEncoded = {
  type: "finish",
  reason: "stop",
  response: undefined,
  usage: {
    inputTokens: { uncached: undefined, total: usage.input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: usage.output, text: undefined, reasoning: undefined }
  }
}

/** A provider as Effect's are written: it answers, and annotates the span that it is given. */
const model = (answer: (prompt: string) => Effect.Effect<string, AiError.AiError>) =>
  Layer.effect(
    LanguageModel.LanguageModel,
    LanguageModel.make({
      generateText: (options) => {
        Telemetry.addGenAIAnnotations(options.span, {
          provider: { name: "test" },
          operation: { name: "chat" },
          request: { model: "small" },
          response: { model: "small-2026" },
          usage: { inputTokens: usage.input, outputTokens: usage.output }
        })
        return Effect.map(answer(JSON.stringify(options.prompt.content)), (text) => [{ type: "text", text }, finish])
      },
      streamText: () => Stream.die("not used")
    })
  )

const Verdict = Schema.Struct({ correct: Schema.Boolean })

const evaluation = Evaluation.make("capitals", {
  data: Dataset.fromIterable("capitals", [{ inputs: "France" }, { inputs: "Atlantis" }]),
  target: (country) =>
    Effect.map(LanguageModel.generateText({ prompt: `The capital of ${country}?` }), ({ text }) => text)
})

const judge = Evaluator.make("judge", ({ outputs }) =>
  Effect.map(
    LanguageModel.generateObject({ prompt: `Is ${outputs} right?`, schema: Verdict }),
    ({ value }) => value.correct
  ))

it.effect("targets and judges that call Effect's LanguageModel need it, show its calls as runs, and count its tokens", () =>
  Effect.gen(function*() {
    const answers = model((prompt) =>
      Effect.succeed(
        prompt.includes("right?")
          ? JSON.stringify({ correct: prompt.includes("Paris") })
          : prompt.includes("France")
          ? "Paris"
          : "none"
      )
    )
    const experiment = yield* untraced(
      Evaluation.run(evaluation, {
        evaluators: [judge],
        prices: { "small-2026": { inputTokens: 10, outputTokens: 100 } }
      })
    ).pipe(Effect.provide(answers))
    assert.strictEqual(experiment.summaries["judge"]?.score?.mean, 0.5)
    const [row] = experiment.rows
    const [call] = row?.run.childRuns ?? []
    assert.strictEqual(call?.name, "LanguageModel.generateText")
    assert.strictEqual(call?.runType, "llm")
    assert.strictEqual(call?.attributes["gen_ai.request.model"], "small")
    // 120 tokens at 10 and 8 at 100, per million.
    assert.deepStrictEqual(row?.run.usage, { inputTokens: 120, outputTokens: 8, cost: 0.002 })
    assert.deepStrictEqual(
      Array.from(Run.descendants(row?.evaluations[0] ?? { childRuns: [] }), ({ name }) => name),
      ["LanguageModel.generateObject"]
    )
    assert.deepStrictEqual(experiment.usage.target, { runs: 2, inputTokens: 240, outputTokens: 16, cost: 0.004 })
    assert.deepStrictEqual(experiment.usage.evaluators["judge"]?.inputTokens, 240)
  }))

it.effect("an answer without the shape that was asked for, and a provider's error, are outcomes of their rows", () =>
  Effect.gen(function*() {
    const answers = model((prompt) =>
      prompt.includes("Atlantis")
        ? Effect.fail(AiError.make({
          module: "Test",
          method: "generateText",
          reason: new AiError.RateLimitError({})
        }))
        : Effect.succeed("Paris")
    )
    const experiment = yield* untraced(Evaluation.run(evaluation, { evaluators: [judge] })).pipe(
      Effect.provide(answers)
    )
    const [france, atlantis] = experiment.rows
    assert.strictEqual(france?.run.outputs, "Paris")
    assert.strictEqual(france?.evaluations[0]?.outcome._tag, "Failed")
    assert.strictEqual(atlantis?.run.outcome._tag, "Failed")
    assert.match(atlantis?.run.error ?? "", /[Rr]ate ?limit/)
    assert.strictEqual(experiment.failedRows, 2)
  }))
