/** Suites of evaluations that pass, as this run of Vitest sees them; what fails, and how, is in `Suite.test.ts`. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { Dataset, Evaluation, Evaluator, Gate, Journal, TracingClient } from "effect-evals"
import { describeEvaluation } from "effect-evals/vitest"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "effect-evals-suite-"))
writeFileSync(
  join(folder, "words.jsonl"),
  `{"id":"a","inputs":"ab"}\n{"id":"b","inputs":"abc"}\n{"id":"c","inputs":"ab"}\n`
)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a dataset in a file, and a run that resumes another", () => {
  let calls = 0
  const lengths = Evaluation.make("lengths", {
    data: Dataset.fromJsonl<string>(join(folder, "words.jsonl")),
    target: (text) => {
      calls++
      return text.length
    }
  })
  const layer = TracingClient.layerJournal({ directory: join(folder, "journals") }).pipe(
    Layer.provideMerge(NodeServices.layer)
  )
  const evaluators = [
    Evaluator.make("short", ({ outputs }: Evaluator.EvaluatorArgs<unknown, number>) => outputs < 3)
  ] as const
  const previous = Journal.named(join(folder, "journals"), "lengths", { outputs: Schema.Number })

  describeEvaluation(lengths, { name: "lengths", evaluators, gates: {}, layer })

  describe("again", () => {
    describeEvaluation(lengths, {
      name: "lengths",
      evaluators,
      gates: { "is no worse": Gate.notWorse("short", { margin: 0.5 }) },
      inconclusive: "pass",
      resume: Effect.map(previous, (experiments) => ({ experiments })),
      baseline: Effect.map(previous, ([first]) => {
        if (first === undefined) throw new Error("no journal")
        return first
      }),
      layer
    })
  })

  it("did nothing twice", () => {
    assert.strictEqual(calls, 3)
  })
})

describe("titles", () => {
  const seen: Array<string> = []
  describe("are unique", () => {
    describeEvaluation(
      Evaluation.make("names", {
        data: Dataset.fromIterable("words", ["a", "b", "a"].map((inputs, i) => ({ id: `w${i}`, inputs }))),
        target: (text) => text
      }),
      { check: ({ example }) => void seen.push(example.id) }
    )
  })
  it("and each example is checked once", () => {
    assert.deepStrictEqual(seen.sort(), ["w0", "w1", "w2"])
  })
})

class Suffix extends Context.Service<Suffix, string>()("test/Suffix") {}

describe("types", () => {
  it("are inferred from dataset and target, and say what is missing", () => {
    const evaluation = Evaluation.make("typed", {
      data: Dataset.fromIterable("words", [{ inputs: { text: "a" }, referenceOutputs: { length: 1 } }]),
      target: ({ text }) => Effect.map(Suffix, (suffix) => ({ length: (text + suffix).length }))
    })
    const layer = Layer.succeed(Suffix, "")
    // Never called: a suite is made when tests are collected.
    const suites = () => {
      describeEvaluation(evaluation, {
        evaluators: [
          Evaluator.make("same", ({ outputs, referenceOutputs }) => outputs.length === referenceOutputs.length),
          function longer({ inputs, outputs }) {
            return outputs.length > inputs.text.length
          }
        ],
        check: ({ example, run }) => {
          run.outputs.length satisfies number
          example.inputs.text satisfies string
          // @ts-expect-error there is no such output
          void run.outputs.size
        },
        title: ({ inputs }) => inputs.text,
        layer
      })
      describeEvaluation(evaluation, { layer: Layer.merge(layer, TracingClient.layerNone) })
      // @ts-expect-error the layer is missing
      describeEvaluation(evaluation, { evaluators: [] })
      // @ts-expect-error the layer gives something else
      describeEvaluation(evaluation, { layer: TracingClient.layerNone })
      // @ts-expect-error a limit is missing
      describeEvaluation(evaluation, { rows: { same: {} }, layer })
      const wrong = Evaluator.make("wrong", ({ outputs }: Evaluator.EvaluatorArgs<unknown, string>) => outputs === "")
      // @ts-expect-error the evaluator is for other outputs
      describeEvaluation(evaluation, { evaluators: [wrong], layer })
      describeEvaluation.only(evaluation, { layer })
    }
    assert.isFunction(suites)
  })
})
