/** What JavaScript lets through: options that are misspelt, or stand in the wrong place. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Comparison from "../src/Comparison.ts"
import * as Dataset from "../src/Dataset.ts"
import * as Evaluation from "../src/Evaluation.ts"
import * as Evaluator from "../src/Evaluator.ts"
import * as Gate from "../src/Gate.ts"
import { optionNames, refuseUnknown, unknownOptions } from "../src/internal/values/options.ts"
import * as PairwiseEvaluation from "../src/PairwiseEvaluation.ts"
import * as PairwiseEvaluator from "../src/PairwiseEvaluator.ts"
import * as SummaryEvaluator from "../src/SummaryEvaluator.ts"
import * as Target from "../src/Target.ts"
import { numbers, untraced } from "./support/run.ts"

// What a program without types gives.
const js = (options: object): any => options // oxlint-disable-line typescript/no-explicit-any

const evaluation = Evaluation.make("double", { data: numbers(2), target: (n) => n * 2 })

const messageOf = (options: object) =>
  Effect.map(Effect.flip(untraced(Evaluation.run(evaluation, js(options)))), ({ message }) => message)

describe("the options of a run", () => {
  it.effect("are refused where one is misspelt, all in one message, and nothing runs", () =>
    Effect.gen(function*() {
      let calls = 0
      const counting = Evaluation.make("counting", { data: numbers(2), target: () => calls++ })
      const error = yield* Effect.flip(
        untraced(Evaluation.run(counting, js({ concurency: 4, repetition: 3, timeout: "1 second" })))
      )
      assert.strictEqual(error._tag, "InvalidOptions")
      assert.strictEqual(
        error.message,
        "The evaluation counting cannot run with these options. concurency: no such option (did you mean concurrency?); " +
          "repetition: no such option (did you mean repetitions?)."
      )
      assert.strictEqual(calls, 0)
    }))

  it.effect("know what other libraries call them", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({ maxConcurrency: 4, numRepetitions: 2, experimentPrefix: "a", scorers: [] })
      assert.include(message, "maxConcurrency: no such option (did you mean concurrency?)")
      assert.include(message, "numRepetitions: no such option (did you mean repetitions?)")
      assert.include(message, "experimentPrefix: no such option (did you mean name?)")
      assert.include(message, "scorers: no such option (did you mean evaluators?)")
    }))

  it.effect("are looked into", () =>
    Effect.gen(function*() {
      const message = yield* messageOf({
        rateLimit: { limit: 5, window: "1 second", algoritm: "fixed-window" },
        evaluatorLimits: { timout: "1 second", retry: { scedule: 1 } },
        maxFailures: { counts: 3 },
        summaries: { levels: 0.9 },
        resume: { experiments: [], fail: "rerun" }
      })
      assert.include(message, "rateLimit.algoritm: no such option (did you mean algorithm?)")
      assert.include(message, "evaluatorLimits.timout: no such option (did you mean timeout?)")
      assert.include(message, "evaluatorLimits.retry.scedule: no such option (did you mean schedule?)")
      assert.include(message, "maxFailures.counts: no such option (did you mean count?)")
      assert.include(message, "summaries.levels: no such option (did you mean level?)")
    }))

  it.effect("may have others that are undefined", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation, js({ extra: undefined, repetitions: 3 })))
      assert.strictEqual(experiment.repetitions, 3)
    }))

  it.effect("are refused wherever an evaluation is run", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation))
      const options = js({ evaluators: [], concurency: 4 })
      const errors = yield* Effect.all([
        Effect.flip(untraced(Stream.runDrain(Evaluation.stream(evaluation, options)))),
        Effect.flip(untraced(Evaluation.rescore(experiment, options))),
        Effect.flip(untraced(PairwiseEvaluation.run([experiment, experiment], {
          ...options,
          evaluators: [() => 0]
        }))).pipe(Effect.map((error) => ({ message: error._tag === "PairwiseError" ? "concurency" : error.message })))
      ])
      for (const { message } of errors) assert.include(message, "concurency")
    }))
})

describe("the options of what is made", () => {
  const judge = () => true
  const refused: ReadonlyArray<readonly [string, () => unknown, string]> = [
    [
      "an entry",
      () => Evaluation.entry(evaluation, js({ options: { concurrency: 4 }, evaluators: [] })),
      `Evaluation.entry("double") does not know the option options.`
    ],
    [
      "an entry of an effect",
      () => Evaluation.entry(Effect.succeed(evaluation), js({ layers: [] })),
      "Evaluation.entry(...) does not know the option layers (did you mean layer?)."
    ],
    [
      "an evaluation",
      () => Evaluation.make("x", js({ dataset: numbers(1), task: judge })),
      `Evaluation.make("x") does not know the option dataset (did you mean data?), nor the option task (did you mean target?).`
    ],
    [
      "a target",
      () => Target.make("x", judge, js({ input: Schema.String })),
      `Target.make("x") does not know the option input (did you mean inputs?).`
    ],
    [
      "recorded outputs",
      () => Target.fromOutputs("x", {}, js({ outputs: {} })),
      "The recorded target x does not know the option outputs (there are version, config)."
    ],
    [
      "an evaluator",
      () => Evaluator.make("correct", judge, js({ timeoutMs: 100 })),
      `Evaluator.make("correct") does not know the option timeoutMs (did you mean timeout?).`
    ],
    [
      "an evaluator of all runs",
      () => Evaluator.makeForAllRuns("correct", judge, js({ retries: 3 })),
      `Evaluator.makeForAllRuns("correct") does not know the option retries (did you mean retry?).`
    ],
    [
      "an evaluator service",
      () => Evaluator.Service()("a/Tone", js({ output: Schema.String })),
      `Evaluator.Service("a/Tone") does not know the option output (did you mean outputs?).`
    ],
    [
      "a summary evaluator",
      () => SummaryEvaluator.make("all", judge, js({ rowTimeout: "1 second" })),
      `SummaryEvaluator.make("all") does not know the option rowTimeout (did you mean timeout?).`
    ],
    [
      "a fold",
      () => SummaryEvaluator.fold("all", js({ inital: () => 0, initial: () => 0, step: judge, result: judge })),
      `SummaryEvaluator.fold("all") does not know the option inital (did you mean initial?).`
    ],
    [
      "a pairwise evaluator",
      () => PairwiseEvaluator.make("better", () => 0, js({ when: judge })),
      `PairwiseEvaluator.make("better") does not know the option when`
    ],
    [
      "a dataset in memory",
      () => Dataset.fromIterable("a", [], js({ verion: "1" })),
      `Dataset.fromIterable("a") does not know the option verion (did you mean version?).`
    ],
    [
      "a stream",
      () => Dataset.fromStream("a", Stream.empty, js({ length: 3 })),
      `Dataset.fromStream("a") does not know the option length (there are version, size).`
    ],
    [
      "a file",
      () => Dataset.fromJsonl("a.jsonl", js({ oninvalid: "skip" })),
      `Dataset.fromJsonl("a.jsonl") does not know the option oninvalid (did you mean onInvalid?).`
    ],
    [
      "columns",
      () => Dataset.fromCsv("a.csv", js({ fields: { input: ["q"] } })),
      `Dataset.fromCsv("a.csv"), in fields, does not know the option input (did you mean inputs?).`
    ],
    ["a sample", () => Dataset.sample(numbers(3), 2, js({ sed: 1 })), "did you mean seed?"],
    ["a shuffle without a seed", () => Dataset.shuffle(numbers(3), js({})), "needs { seed: a number or a text }"],
    ["a gate", () => Gate.mean("correct", js({ atleast: 0.9 })), "Gate.mean does not know the option atleast"],
    ["a gate that has defaults", () => Gate.newlyFailing(js({ atmost: 3 })), "did you mean atMost?"]
  ]
  for (const [what, make, message] of refused) {
    it(`are refused by ${what}`, () => {
      try {
        make()
      } catch (error) {
        assert.instanceOf(error, TypeError)
        return assert.include(error.message, message)
      }
      assert.fail("nothing was refused")
    })
  }

  it.effect("are refused by a comparison", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation))
      const error = yield* Effect.flip(Comparison.make(experiment, experiment, js({ lowerisbetter: ["a"] })))
      assert.include(error.message, "lowerisbetter: no such option (did you mean lowerIsBetter?)")
    }))
})

describe("names of options", () => {
  it("are all there are, which the compiler sees", () => {
    interface Two {
      readonly first: string
      readonly second?: number | undefined
    }
    assert.deepStrictEqual(optionNames<Two>({ first: true, second: true }), ["first", "second"])
    // @ts-expect-error -- one is missing
    optionNames<Two>({ first: true })
    // @ts-expect-error -- one is too many
    optionNames<Two>({ first: true, second: true, third: true })
  })

  it("are listed where none is near, unless they are too many", () => {
    assert.deepStrictEqual(unknownOptions({ zzz: 1 }, ["version"], "a."), [
      { path: "a.zzz", expected: "no such option (there are version)" }
    ])
    const many = Array.from({ length: 20 }, (_, n) => `option${String.fromCharCode(97 + n).repeat(5)}`)
    assert.deepStrictEqual(unknownOptions({ zzz: 1 }, many), [{ path: "zzz", expected: "no such option" }])
  })

  it("are asked of plain objects only", () => {
    for (const options of [undefined, null, 5, "text", [1], new Date(), () => 1]) {
      assert.deepStrictEqual(unknownOptions(options, []), [])
      refuseUnknown("a", options, [])
    }
    assert.throws(
      () => refuseUnknown("a", Object.assign(Object.create(null), { b: 1 }), []),
      "the option b (there are none)"
    )
  })
})
