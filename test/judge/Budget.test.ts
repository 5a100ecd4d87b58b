import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { AiError } from "effect/ai"
import { Dataset, Evaluation, Row } from "../../src/index.ts"
import { Budget, Judge, JudgeCache } from "../../src/judge/index.ts"
import { untraced } from "../support/run.ts"
import { inShort, judged, scripted, yes } from "./judging.ts"

const polite = (options: { readonly samples?: number; readonly key?: string } = {}) =>
  Judge.make(options.key ?? "polite", { criteria: "The output is polite.", samples: options.samples })

const spent = Effect.flatMap(Budget.Budget, ({ spent }) => spent)

/** A layer that keeps what is logged. */
const recording = () => {
  const logged: Array<string> = []
  const layer = Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))])
  return { logged, layer }
}

describe("a budget", () => {
  it.effect("of calls is kept to the call, and the rest is skipped with the reason, once said", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const { layer, logged } = recording()
      const { experiment, total } = yield* Effect.gen(function*() {
        const experiment = yield* judged(["a", "b", "c", "d"], [polite()], { evaluatorConcurrency: 16 })
        return { experiment, total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ calls: 2 }), layer]))
      const outcomes = inShort(experiment).toSorted()
      assert.deepStrictEqual(outcomes, [
        "Skipped: budget: 2 of 2 calls of all judges are used up",
        "Skipped: budget: 2 of 2 calls of all judges are used up",
        "true",
        "true"
      ])
      assert.strictEqual((yield* model.calls).length, 2)
      assert.deepInclude(total.all, { calls: 2, refused: 2 })
      assert.strictEqual(logged.filter((line) => line.startsWith("The budget of judges: 2 of 2 calls")).length, 1)
      // What was not judged is no zero.
      assert.strictEqual(experiment.summaries["polite"]?.score?.mean, 1)
      assert.strictEqual(experiment.summaries["polite"]?.outcomes.skipped, 2)
    }))

  it.effect("does not pay for half a judgement", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const experiment = yield* judged(["a", "b"], [polite({ samples: 3 })]).pipe(
        Effect.provide([model.layer, Budget.layer({ calls: 5 })])
      )
      assert.deepStrictEqual(inShort(experiment), ["true", "Skipped: budget: 3 of 5 calls of all judges are used up"])
      assert.strictEqual((yield* model.calls).length, 3)
    }))

  it.effect("of tokens goes by what calls took so far", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => ({ ...yes, usage: { inputTokens: 90, outputTokens: 10 } }))
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged([..."abcd"], [polite()]), total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ tokens: 250 })]))
      assert.deepStrictEqual(inShort(experiment).map((text) => text.slice(0, 31)), [
        "true",
        "true",
        "Skipped: budget: 200 of 250 tok",
        "Skipped: budget: 200 of 250 tok"
      ])
      assert.strictEqual(total.all.tokens, 200)
    }))

  it.effect("of money goes by the price table, and of each key by its own limits", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => ({ ...yes, usage: { inputTokens: 1000, outputTokens: 100 } }), "large")
      const { experiment, total } = yield* Effect.gen(function*() {
        const experiment = yield* judged([..."abc"], [polite(), polite({ key: "kind" })])
        return { experiment, total: yield* spent }
      }).pipe(Effect.provide([
        model.layer,
        Budget.layer({
          cost: 1,
          perKey: { polite: { cost: 0.007 } },
          prices: { large: { inputTokens: 2, outputTokens: 10 } }
        })
      ]))
      // 1,000 x 2 / 1e6 + 100 x 10 / 1e6 = 0.003 a call.
      assert.deepStrictEqual(inShort(experiment), [
        "true",
        "true",
        "Skipped: budget: 0.006 of 0.007 in money of the judge polite are used up"
      ])
      assert.strictEqual(experiment.summaries["kind"]?.outcomes.scored, 3)
      assert.approximately(total.all.cost ?? 0, 0.015, 1e-12)
      assert.approximately(total.perKey["kind"]?.cost ?? 0, 0.009, 1e-12)
    }))

  it.effect("that cannot be held stops at once, and says what is missing", () =>
    Effect.gen(function*() {
      const model = yield* scripted(undefined, "unpriced")
      const experiment = yield* judged(["a", "b"], [polite()]).pipe(
        Effect.provide([model.layer, Budget.layer({ cost: 1, prices: { other: { inputTokens: 1, outputTokens: 1 } } })])
      )
      assert.deepStrictEqual(inShort(experiment), [
        "true",
        "Failed: JudgeError: The judge polite asks no more: the budget is of money, but knows no price of unpriced; add it to prices."
      ])
      assert.throws(() => Budget.layer({ calls: -1 }), RangeError, "calls: -1")
      assert.throws(() => Budget.layer({ perKey: { polite: { tokens: Number.NaN } } }), RangeError, "of polite")
    }))

  it.effect("counts questions that had to be asked again, and what unreadable answers took", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ seen, text }) =>
        text.includes("could not be read") ?
          { ...yes, usage: { inputTokens: 5, outputTokens: 5 } }
          : { text: `${seen}?`, usage: { inputTokens: 5, outputTokens: 5 } }
      )
      const { experiment, total } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["a", "b"], [polite()]), total: yield* spent }
      }).pipe(Effect.provide([model.layer, Budget.layer({ calls: 3 })]))
      assert.deepStrictEqual(inShort(experiment), ["true", "Skipped: budget: 3 of 3 calls of all judges are used up"])
      assert.deepInclude(total.all, { calls: 3, tokens: 30 })
    }))

  it.effect("has free again what was not used, because the row failed", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ index }) => index === 0 ? new AiError.RateLimitError({}) : yes)
      const experiment = yield* judged(["a", "b"], [polite({ samples: 2 })]).pipe(
        Effect.provide([model.layer, Budget.layer({ calls: 4 })])
      )
      assert.match(inShort(experiment)[0] ?? "", /^Failed: AiError/)
      assert.strictEqual(inShort(experiment)[1], "true")
    }))

  it.effect("lets the cache answer when nothing may be asked any more", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const program = Effect.gen(function*() {
        const first = yield* judged(["a", "b"], [polite()]).pipe(Effect.provide(Budget.layer({ calls: 2 })))
        const second = yield* judged(["a", "c", "b"], [polite()]).pipe(Effect.provide(Budget.layer({ calls: 0 })))
        return [inShort(first), inShort(second)]
      })
      const [first, second] = yield* Effect.provide(program, Layer.merge(model.layer, JudgeCache.layerMemory()))
      assert.deepStrictEqual(first, ["true", "true"])
      assert.deepStrictEqual(second, ["true", "Skipped: budget: 0 of 0 calls of all judges are used up", "true"])
    }))

  it.effect("is made up for by a run that resumes", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      let targets = 0
      const evaluation = Evaluation.make("texts", {
        data: Dataset.fromIterable("texts", [..."abc"].map((inputs) => ({ inputs }))),
        target: (text: string) => {
          targets++
          return text
        }
      })
      const evaluators = [polite()]
      const first = yield* untraced(Evaluation.run(evaluation, { evaluators })).pipe(
        Effect.provide([model.layer, Budget.layer({ calls: 1 })])
      )
      const second = yield* untraced(Evaluation.run(evaluation, { evaluators, resume: { experiments: [first] } })).pipe(
        Effect.provide(model.layer)
      )
      assert.strictEqual(first.summaries["polite"]?.outcomes.scored, 1)
      assert.deepStrictEqual(second.rows.map((row) => Row.score(row, "polite")), [1, 1, 1])
      assert.strictEqual((yield* model.calls).length, 3)
      assert.strictEqual(targets, 3)
    }))
})
