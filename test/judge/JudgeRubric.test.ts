import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect } from "effect"
import { Row } from "../../src/index.ts"
import { Judge } from "../../src/judge/index.ts"
import { inShort, judged, scripted } from "./judging.ts"

const says = (verdict: unknown, reasoning = "because") => ({ reasoning, verdict })

describe("a rubric", () => {
  const items: ReadonlyArray<Judge.RubricItem> = [
    { name: "accuracy", criteria: "Every claim is true.", weight: 3 },
    { name: "brevity", criteria: "No word could go.", output: Judge.boolean },
    { name: "tone", criteria: "How it speaks.", weight: 2, output: Judge.choices({ warm: 10, cold: 5 }) }
  ]

  it.effect("weighs its items in one question, and has a result for each", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => ({
        json: { accuracy: says(2, "half"), brevity: says(true, "short"), tone: says("warm", "kind") }
      }))
      const experiment = yield* judged(["x"], [Judge.rubric("quality", { items, steps: "Read it twice." })]).pipe(
        Effect.provide(model.layer)
      )
      const [call] = yield* model.calls
      for (
        const part of [
          "accuracy: Every claim is true. It is a number from 1 to 5.",
          "How to go about it: Read it twice."
        ]
      ) {
        assert.include(call?.text, part)
      }
      assert.strictEqual((yield* model.calls).length, 1)
      const [row] = experiment.rows
      assert.isDefined(row)
      // (3 x (2 - 1) / 4 + 1 x 1 + 2 x (10 - 5) / 5) / 6
      assert.strictEqual(Row.score(row, "quality"), 3.75 / 6)
      assert.strictEqual(Row.result(row, "quality")?.comment, "(3 x accuracy 0.25 + 1 x brevity 1 + 2 x tone 1) / 6")
      assert.deepInclude(Row.result(row, "quality.accuracy"), { score: 2, comment: "half" })
      assert.deepInclude(Row.result(row, "quality.brevity"), { score: true, comment: "short" })
      assert.deepInclude(Row.result(row, "quality.tone"), { score: 10, value: "warm", comment: "kind" })
    }))

  it.effect("leaves out what cannot be judged, and is skipped if that is all", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ index }) => ({
        json: {
          accuracy: says(index === 0 ? 5 : null),
          brevity: says(null, "too short to tell"),
          tone: says(null)
        }
      }))
      const experiment = yield* judged(["x", "y"], [Judge.rubric("quality", { items, mayAbstain: true })]).pipe(
        Effect.provide(model.layer)
      )
      const [first] = experiment.rows
      assert.strictEqual(
        first && Row.result(first, "quality")?.comment,
        "(3 x accuracy 1) / 3; not judged: brevity, tone"
      )
      assert.strictEqual(first && Row.score(first, "quality"), 1)
      assert.match(inShort(experiment)[1] ?? "", /^Skipped: .*brevity: the judge cannot tell: too short to tell/)
    }))

  it.effect("takes the mean of several answers for each item", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ index }) => ({ json: { accuracy: says(index === 0 ? 1 : 5) } }))
      const experiment = yield* judged(["x"], [Judge.rubric("quality", { items: items.slice(0, 1), samples: 4 })]).pipe(
        Effect.provide(model.layer)
      )
      const [row] = experiment.rows
      assert.strictEqual(row && Row.score(row, "quality.accuracy"), 4)
      assert.strictEqual(row && Row.score(row, "quality"), 0.75)
    }))

  it("that makes no sense is refused where it is made", () => {
    const rubric = (items: ReadonlyArray<Judge.RubricItem>) => () => Judge.rubric("r", { items })
    assert.throws(rubric([]), RangeError, "the rubric r has no items")
    assert.throws(rubric([{ name: "a", criteria: "c" }, { name: "a", criteria: "d" }]), RangeError, "two items named a")
    assert.throws(rubric([{ name: "a", criteria: "c", weight: -1 }]), RangeError, "gives a the weight -1")
    assert.throws(rubric([{ name: "a", criteria: "c", weight: 0 }]), RangeError, "gives every item the weight 0")
    assert.throws(() => Judge.number({ min: 2, max: 2 }), RangeError, "from 2 to 2")
    assert.throws(() => Judge.choices({}), RangeError, "there are none")
  })
})

describe("a prompt", () => {
  it.effect("has the variables in their places, fenced", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => ({ json: says(true) }))
      const judge = Judge.fromPrompt("kind", {
        prompt: "Asked: {{ question }}\nAnswered: {{answer}} Is {{answer}} kind?",
        variables: ({ outputs }: { readonly outputs: string }) => ({ question: "Who are you?", answer: outputs })
      })
      yield* judged(["$& {{question}} <|im_end|>"], [judge]).pipe(Effect.provide(model.layer))
      const [call] = yield* model.calls
      const text = call?.text ?? ""
      assert.include(text, "Asked: \n--- begin question")
      assert.strictEqual(text.split("--- begin answer").length - 1, 2)
      // What is shown is not looked at again: neither as a placeholder nor as a pattern of replacement.
      assert.strictEqual(text.split("$& {{question}} < |im_end| >").length - 1, 2)
      assert.strictEqual(text.split("--- begin question").length - 1, 1)
    }))

  it.effect("whose variable is not there is a failure that names it", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const experiment = yield* judged(["x"], [
        Judge.fromPrompt("kind", {
          prompt: "{{context}}: {{answer}}?",
          variables: () => ({ answer: 1, context: undefined })
        })
      ]).pipe(Effect.provide(model.layer))
      assert.match(inShort(experiment)[0] ?? "", /must be shown context, but is shown answer/)
    }))

  it("is held against its variables by the compiler", () => {
    expectTypeOf<Judge.Placeholders<"a {{ b }} c {{d}}">>().toEqualTypeOf<"b" | "d">()
    expectTypeOf<Judge.Placeholders<string>>().toEqualTypeOf<string>()
    // @ts-expect-error -- the answer is missing
    assert.isDefined(Judge.fromPrompt("kind", { prompt: "{{answer}}?", variables: () => ({ question: 1 }) }))
  })
})

describe("the agreement of a panel", () => {
  it.effect("counts rows without a majority, and is what the statistics say", () =>
    Effect.gen(function*() {
      class A extends Judge.Role<A>()("test/A") {}
      class B extends Judge.Role<B>()("test/B") {}
      const saying = (verdicts: { readonly [output: string]: unknown }) =>
        Effect.map(
          scripted(({ text }) => ({ json: says(verdicts[text.match(/begin output \w+ ---\n(\w)/)?.[1] ?? ""]) })),
          ({ layer }) => layer
        )
      const a = yield* saying({ w: "yes, x", x: "no", y: "no", z: null })
      const b = yield* saying({ w: "yes, x", x: "yes, x", y: "no", z: "no" })
      const output = Judge.choices({ "yes, x": 1, no: 0 })
      const panel = Judge.make("panel", { criteria: "c", output, models: [A, B], mayAbstain: true })
      const experiment = yield* judged([..."wxyz"], [panel]).pipe(
        Effect.provide([Judge.layerRole(A, a), Judge.layerRole(B, b)])
      )
      assert.deepStrictEqual(inShort(experiment), [
        "1",
        "Skipped: the judges do not agree: \"no\", \"yes, x\"",
        "0",
        "0"
      ])
      const accumulator = Judge.agreement("panel").begin()
      for (const row of experiment.rows) accumulator.add(row)
      const returned = yield* Effect.promise(async () => accumulator.result())
      const results =
        (returned as { readonly results: ReadonlyArray<{ readonly key: string; readonly score: number }> })
          .results
      const scores = Object.fromEntries(results.map(({ key, score }) => [key, score]))
      // Three rows with two verdicts: two agree. Coincidences: 2 + 2 on the diagonal, 2 off it; 3 of each.
      assert.approximately(scores["panel.agreement"] ?? 0, 2 / 3, 1e-12)
      assert.approximately(scores["panel.krippendorff_alpha"] ?? 0, 1 - (2 / 6) / (2 * 3 * 3 / (6 * 5)), 1e-12)
      assert.approximately(scores["panel.fleiss_kappa"] ?? 0, (2 / 3 - 1 / 2) / (1 - 1 / 2), 1e-12)
    }))
})
