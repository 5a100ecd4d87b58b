/** What the type checker infers for scorers in lists. These tests are held by `tsc`. */
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect } from "effect"
import { Dataset, Evaluation, type Evaluator, type SummaryEvaluator, TracingClient } from "../../src/index.ts"
import { Dates, Json, Labels, Numbers, Retrieval, Scorer, Text, Trajectory } from "../../src/scorers/index.ts"

const answers = Evaluation.make("answers", {
  data: Dataset.fromIterable("questions", [{
    inputs: { question: "Where?" },
    referenceOutputs: { answer: "Paris", ids: ["a"] },
    metadata: { topic: "geography" }
  }]),
  target: () => Effect.succeed({ answer: "Paris", ids: ["a", "b"] })
})

describe("scorers", () => {
  it("are evaluators of anything without options", () => {
    expectTypeOf(Text.exactMatch()).toEqualTypeOf<Evaluator.Evaluator<unknown, unknown, unknown, unknown>>()
    expectTypeOf(Text.corpusBleu()).toEqualTypeOf<
      SummaryEvaluator.SummaryEvaluator<unknown, unknown, unknown, unknown>
    >()
  })

  it.effect("fit every list, and infer the arguments of their selectors", () =>
    Effect.gen(function*() {
      const program = Evaluation.run(answers, {
        evaluators: [
          Text.exactMatch(),
          Text.exactMatch({
            key: "answer",
            actual: ({ outputs }) => {
              expectTypeOf(outputs).toEqualTypeOf<{ answer: string; ids: Array<string> }>()
              return outputs.answer
            },
            expected: ({ metadata, referenceOutputs }) => {
              expectTypeOf(referenceOutputs).toEqualTypeOf<{ answer: string; ids: Array<string> }>()
              expectTypeOf(metadata).toEqualTypeOf<{ topic: string }>()
              return referenceOutputs.answer
            },
            when: ({ inputs }) => inputs.question !== ""
          }),
          Text.containsAny({ actual: ({ outputs }) => outputs.answer, expected: ["Paris", "Rome"] }),
          Text.matches({ actual: ({ outputs }) => outputs.answer, expected: /^P/ }),
          Text.rouge({
            actual: ({ outputs }) => outputs.answer,
            expected: ({ referenceOutputs }) => referenceOutputs.answer
          }),
          Text.length({ actual: ({ outputs }) => outputs.answer, max: 10 }),
          Numbers.equal({ actual: ({ outputs }) => outputs.ids.length, expected: 2 }),
          Dates.equal({ actual: () => "2024-01-01", expected: new Date("2024-01-01") }),
          Labels.match({ actual: ({ outputs }) => outputs.answer, expected: "Paris" }),
          Retrieval.hit({
            actual: ({ outputs }) => outputs.ids,
            expected: ({ referenceOutputs }) => referenceOutputs.ids
          }),
          Retrieval.contextPrecision({ actual: ({ outputs }) => outputs.ids.map((id) => id === "a") })
        ],
        summaryEvaluators: [
          Text.corpusBleu({
            actual: ({ outputs }) => {
              expectTypeOf(outputs).toEqualTypeOf<{ answer: string; ids: Array<string> }>()
              return outputs.answer
            },
            expected: ({ referenceOutputs }) => referenceOutputs.answer
          }),
          Labels.classification({
            actual: ({ outputs }) => outputs.answer,
            expected: ({ referenceOutputs }) => referenceOutputs.answer
          })
        ]
      })
      type Requirements = typeof program extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
      expectTypeOf<Requirements>().toEqualTypeOf<TracingClient.TracingClient>()
      const { rows, summaryResults } = yield* Effect.provide(program, TracingClient.layerNone)
      assert.deepStrictEqual(
        rows[0]?.evaluations.map((
          { evaluator, outcome }
        ) => [evaluator, outcome._tag === "Scored" && outcome.results[0].score]),
        [
          ["exactMatch", false],
          ["answer", true],
          ["containsAny", true],
          ["matches", true],
          ["rougeL", 1],
          ["length", true],
          ["numbersEqual", true],
          ["datesEqual", true],
          ["label", true],
          ["hit", true],
          ["contextPrecision", 1]
        ]
      )
      assert.deepStrictEqual(summaryResults.map(({ error, results }) => [error, results[0]?.key]), [
        [undefined, "corpusBleu"],
        [undefined, "classification.confusionMatrix"]
      ])
    }))

  it("refuse selectors that do not fit", () => {
    // @ts-expect-error -- outputs have no such field
    const refused = Evaluation.run(answers, { evaluators: [Text.exactMatch({ actual: (a) => a.outputs.wrong })] })
    assert.isTrue(Effect.isEffect(refused))
  })

  it.effect("are identified by what they depend on", () =>
    Effect.gen(function*() {
      const fingerprint = (evaluator: Evaluator.Evaluator<unknown, unknown, unknown, unknown>) =>
        Effect.map(evaluator.describe, ({ fingerprint }) => fingerprint)
      const plain = yield* fingerprint(Text.exactMatch())
      assert.strictEqual(yield* fingerprint(Text.exactMatch({})), plain)
      for (
        const other of [
          Text.exactMatch({ ignoreCase: true }),
          Text.exactMatch({ expected: "a" }),
          Text.exactMatch({ actual: ({ inputs }) => inputs }),
          Text.exactMatch({ key: "other" })
        ]
      ) assert.notStrictEqual(yield* fingerprint(other), plain)
      assert.notStrictEqual(
        yield* fingerprint(Text.matches({ expected: /a/ })),
        yield* fingerprint(Text.matches({ expected: /b/ }))
      )
    }))

  it("read what stands in the options once, where they are made", () => {
    assert.throws(() => Text.exactMatch({ ignoreCase: true, expected: 5 }), RangeError, "expected is 5, not a text")
    assert.throws(() => Json.matches({ expected: 5 }), RangeError, "json_match: the option expected")
    assert.throws(() => Trajectory.matches({ expected: 5 }), RangeError, "trajectory: the option expected")
  })

  it("have an error that says who complains", () => {
    const error = new Scorer.UnusableValue({
      scorer: "length",
      part: "actual",
      message: "length: outputs is 5, not a text."
    })
    expectTypeOf(error.part).toEqualTypeOf<"actual" | "expected">()
    assert.strictEqual(error._tag, "UnusableValue")
  })
})
