import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dataset from "../src/Dataset.ts"
import * as Evaluation from "../src/Evaluation.ts"
import * as Evaluator from "../src/Evaluator.ts"
import * as Gate from "../src/Gate.ts"

class Greeter extends Context.Service<Greeter, { readonly greet: (name: string) => string }>()("test/Greeter") {}
class Judge extends Context.Service<Judge, { readonly judge: (text: string) => boolean }>()("test/Judge") {}

const evaluation = Evaluation.make("greetings", {
  data: Dataset.fromIterable("names", [{ inputs: "Ada", referenceOutputs: "Hello Ada" }]),
  target: (name) => Greeter.useSync(({ greet }) => greet(name))
})
const greeter = Layer.succeed(Greeter, { greet: (name) => `Hello ${name}` })
const judge = Layer.succeed(Judge, { judge: (text) => text.length > 0 })

describe("Evaluation.entry", () => {
  it("is what it was made of", () => {
    const gate = Gate.mean("correct", { atLeast: 1 })
    const evaluators = [Evaluator.make("correct", () => true)] as const
    const entry = Evaluation.entry(evaluation, { evaluators, layer: greeter, gate, concurrency: 3 })
    assert.isTrue(Evaluation.isEntry(entry))
    assert.isFalse(Evaluation.isEntry(evaluation))
    assert.strictEqual(entry.name, "greetings")
    assert.strictEqual(entry.gate, gate)
    assert.deepStrictEqual(entry.options, { evaluators, concurrency: 3 })
    assert.strictEqual<unknown>(Effect.runSync(entry.evaluation as Effect.Effect<unknown>), evaluation)
  })

  it("takes an effect that makes the evaluation", () => {
    const entry = Evaluation.entry(Effect.succeed(evaluation), { layer: greeter })
    assert.isUndefined(entry.name)
    assert.strictEqual<unknown>(Effect.runSync(entry.evaluation as Effect.Effect<unknown>), evaluation)
  })

  it("infers what evaluators are given, and asks for layers of what is needed", () => {
    Evaluation.entry(evaluation, {
      evaluators: [
        Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs),
        ({ outputs }) => outputs.length,
        Evaluator.make("judged", ({ outputs }) => Judge.useSync(({ judge }) => judge(outputs)))
      ],
      layer: Layer.merge(greeter, judge)
    })
    // Files are read by whoever runs it.
    Evaluation.entry(Evaluation.make("file", { data: Dataset.fromJsonl("a.jsonl"), target: (inputs) => inputs }), {})
    // @ts-expect-error -- the greeter is missing
    Evaluation.entry(evaluation, { evaluators: [({ outputs }) => outputs.length] })
    const judged = Evaluator.make(
      "judged",
      ({ outputs }: { readonly outputs: string }) => Judge.useSync(({ judge }) => judge(outputs))
    )
    // @ts-expect-error -- the judge of an evaluator is missing
    Evaluation.entry(evaluation, { evaluators: [judged], layer: greeter })
    // @ts-expect-error -- what makes the evaluation needs the judge
    Evaluation.entry(Effect.as(Judge, evaluation), { layer: greeter })
    // A layer may need what whoever runs it has, and nothing else.
    // @ts-expect-error
    // @effect-diagnostics-next-line missingLayerContext:off
    Evaluation.entry(evaluation, { layer: Layer.effect(Greeter, Effect.as(Judge, { greet: () => "" })) })
    // @ts-expect-error -- outputs are texts
    Evaluation.entry(evaluation, { evaluators: [({ outputs }) => outputs.nothing], layer: greeter })
    // @ts-expect-error -- what is resumed is not for the entry to say
    assert.throws(() => Evaluation.entry(evaluation, { layer: greeter, resume: { experiments: [] } }), "option resume")
  })

  it("says in JavaScript what it takes", () => {
    const entry = Evaluation.entry as (...args: ReadonlyArray<unknown>) => Evaluation.Entry
    for (const wrong of [{ evaluation, options: {} }, "names", undefined]) {
      assert.throws(() => entry(wrong), TypeError, "Evaluation.entry takes an evaluation, as Evaluation.make gives it")
    }
    assert.deepStrictEqual(entry(evaluation).options, {})
  })
})
