import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { AiError } from "effect/ai"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { Calibration, Judge } from "../../src/judge/index.ts"
import { untraced } from "../support/run.ts"
import { inShort, judged, scripted, yes } from "./judging.ts"

const polite = Judge.make("polite", { criteria: "It is polite." })

describe("a judge that cannot judge is refused before anything is run:", () => {
  const refused = (make: () => unknown, message: string) => assert.throws(make, RangeError, message)

  it("a prompt that shows nothing, with what was meant if it can be told", () => {
    // The compiler sees no variables in it either, so only the check can.
    const variables = ({ inputs }: Evaluator.EvaluatorArgs) => ({ question: inputs })
    refused(
      () => Judge.fromPrompt("tone", { prompt: "A customer wrote: {question}. Glad?", variables }),
      "the judge tone: the prompt has no variable, so it would show the model nothing; write {{question}} in place of {question}"
    )
    refused(() => Judge.fromPrompt("tone", { prompt: "Glad?", variables }), "write {{output}} where it shall stand")
    refused(() => Judge.fromPrompt("tone", { prompt: " ", variables }), "the option prompt is empty")
  })

  it("no criteria, no models, no samples", () => {
    refused(() => Judge.make("j", { criteria: "\n" }), "the judge j: the option criteria is empty")
    refused(() => Judge.make("j", { criteria: "c", models: [] }), "the judge j asks nobody")
    refused(() => Judge.make("j", { criteria: "c", samples: 0 }), "the option samples is 0, not a count from 1")
    refused(() => Judge.make("j", { criteria: "c", samples: 1.5 }), "samples is 1.5")
    refused(() => Judge.rubric("r", { items: [{ name: "a", criteria: "" }] }), "the option criteria of a is empty")
    refused(() => Judge.rubric("r", { items: [{ name: "a", criteria: "c" }], samples: -1 }), "samples is -1")
    refused(() => Judge.pairwise("p", { criteria: "" }), "the judge p: the option criteria is empty")
  })

  it("a template that there is not", () => {
    // @ts-expect-error - not a name
    refused(() => Judge.template("groundednes"), "there is no judge \"groundednes\"; did you mean groundedness?")
    // @ts-expect-error - not a name
    refused(() => Judge.template("grounded"), "did you mean groundedness?")
    // @ts-expect-error - not a name
    refused(() => Judge.template("vibes"), "there is no judge \"vibes\"; Judge.templates has all")
  })

  it("examples that it could not follow", () => {
    const example = { variables: { output: "x" }, reasoning: "r" }
    refused(
      () => Judge.make("j", { criteria: "c", examples: [{ ...example, verdict: true }, { ...example, verdict: 3 }] }),
      "the judge j: example 2 gives 3, which is no verdict"
    )
    refused(
      () => Judge.make("j", { criteria: "c", needs: ["context"], examples: [{ ...example, verdict: true }] }),
      "example 1 has no variable context"
    )
  })
})

describe("what a judge says when something is wrong", () => {
  it.effect("of an output that is not there", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: Dataset.fromIterable("d", [{ inputs: "q" }]), target: () => undefined }),
        { evaluators: [polite] }
      )).pipe(Effect.provide(model.layer))
      assert.match(
        inShort(experiment)[0] ?? "",
        /^Failed: JudgeError: The judge polite must be shown output, but is shown input/
      )
      assert.deepStrictEqual(yield* model.calls, [])
    }))

  it.effect("of answers that are none: what the model said", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => `Lovely, 10/10! ${"very ".repeat(100)}`)
      const [said = ""] = inShort(yield* judged(["x"], [polite]).pipe(Effect.provide(model.layer)))
      assert.match(
        said,
        /Expected a valid JSON string\. The judge polite was asked twice, and answered "Lovely, 10\/10! very /
      )
      assert.isBelow(said.length, 500)
      assert.strictEqual((yield* model.calls).length, 2)
    }))

  it.effect("of a panel: which model failed", () =>
    Effect.gen(function*() {
      class A extends Judge.Role<A>()("app/A") {}
      class B extends Judge.Role<B>()("app/B") {}
      const good = yield* scripted()
      const busy = yield* scripted(() => new AiError.RateLimitError({}))
      const panel = Judge.make("polite", { criteria: "It is polite.", models: [A, B] })
      const experiment = yield* judged(["x"], [panel]).pipe(
        Effect.provide(Layer.merge(Judge.layerRole(A, good.layer), Judge.layerRole(B, busy.layer)))
      )
      assert.strictEqual(
        inShort(experiment)[0],
        "Failed: AiError: app/B: ScriptedLanguageModel.generateObject: Rate limit exceeded"
      )
    }))
})

it.effect("an answer in a fenced block is an answer, and needs no second question", () =>
  Effect.gen(function*() {
    const fenced = (json: unknown) => `Here it is:\n\`\`\`json\n${JSON.stringify(json)}\n\`\`\`\nI hope it helps.`
    const model = yield* scripted(({ text }) =>
      text.includes("could not be read") ? yes : fenced(text.includes("odd") ? { verdict: "odd" } : yes.json)
    )
    const experiment = yield* judged(["fine", "odd"], [polite]).pipe(Effect.provide(model.layer))
    assert.deepStrictEqual(inShort(experiment), ["true", "true"])
    // What is in the block is held to the schema as well.
    assert.strictEqual((yield* model.calls).length, 3)
  }))

describe("a calibration says", () => {
  const calibrated = (options: { readonly key: string; readonly label: () => boolean | string }) =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: Dataset.fromIterable("d", [{ inputs: 1 }, { inputs: 2 }]), target: (n) => n }),
        { evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)] }
      ))
      return yield* Effect.flip(Calibration.make(experiment, options))
    })

  it.effect("which keys there are", () =>
    Effect.gen(function*() {
      const { message } = yield* calibrated({ key: "evn", label: () => true })
      assert.include(message, "none of the 2 rows with a label has a verdict; they have results of even.")
    }))

  it.effect("that labels are of another kind than verdicts", () =>
    Effect.gen(function*() {
      const { message } = yield* calibrated({ key: "even", label: () => "yes" })
      assert.include(message, "it gives verdicts such as false, and labels are such as \"yes\".")
    }))
})
