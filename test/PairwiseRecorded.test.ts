/** Pairwise experiments read back from what was recorded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  Dataset,
  Evaluation,
  type Experiment,
  ExperimentSource,
  PairwiseEvaluation,
  PairwiseEvaluator,
  Target,
  TracingClient
} from "../src/index.ts"
import { ExperimentStore } from "../src/sql/index.ts"

const data = Dataset.fromIterable("words", ["a", "bb", "ccc", "dddd", "ee"].map((inputs) => ({ inputs })))

const judged = (order: "random" | "both" | "given", failedRuns: "skip" | "lose" = "skip") =>
  PairwiseEvaluation.runTargets("words", {
    data,
    targets: [
      Target.make("plain", (word: string) => word),
      Target.make("shouted", (word: string) => word === "bb" ? Effect.fail("too loud") : Effect.succeed(`${word}!`)),
      Target.make("doubled", (word: string) => word + word)
    ],
    options: { repetitions: 2 }
  }, {
    order,
    failedRuns,
    seed: "s",
    name: "three",
    evaluators: [
      PairwiseEvaluator.make("longer", ({ outputs }) => ({
        scores: outputs.map((output) => output.length),
        comment: "counted",
        metadata: { lengths: outputs.length }
      })),
      // What comes first wins: only the place decides.
      PairwiseEvaluator.make("first", ({ runs }) => ({
        scores: runs.map((_, i) => 10 - i),
        comment: Object.fromEntries(runs.map(({ id }, i) => [id, `place ${i}`]))
      })),
      PairwiseEvaluator.make("broken", ({ inputs }) => inputs === "ccc" ? Effect.fail("no idea") : 0)
    ]
  })

/** What does not depend on how runs came about. */
const comparable = ({ experiments, keys, matched, presentation, rows, unmatched }: PairwiseEvaluation.Judged) => ({
  experiments: experiments.map(({ id, name }) => ({ id, name })),
  keys,
  matched,
  presentation,
  unmatched,
  rows: rows.map(({ example, judgements, repetition, runs }) => ({
    example: example.id,
    repetition,
    runs: runs.map(({ id, outputs }) => ({ id, outputs })),
    judgements: judgements.map(({ evaluator, order, outcome, results, reversed }) => ({
      evaluator,
      order,
      outcome: outcome._tag,
      results,
      reversed
    }))
  }))
})

const store = ExperimentStore.layerTracingClient.pipe(Layer.provide(ExperimentStore.layerMemory))

describe("a pairwise experiment that is read back", () => {
  for (const order of ["random", "both", "given"] as const) {
    it.live(`from a store is what it was (${order})`, () =>
      Effect.gen(function*() {
        const before = yield* judged(order, "lose")
        const stored = yield* ExperimentSource.read("three")
        assert.isTrue(PairwiseEvaluation.isPairwise(stored))
        const after = yield* PairwiseEvaluation.fromExperiment(stored)
        assert.deepStrictEqual(comparable(after), comparable(before))
        assert.isAbove(after.keys["longer"]!.pairs[0]!.byFailure + after.keys["longer"]!.pairs[2]!.byFailure, 0)
        assert.isAbove(
          after.rows.filter(({ judgements }) => judgements.some(({ order }) => order.length === 2)).length,
          0
        )
      }).pipe(Effect.provide(store)))
  }

  it.effect("counts what is in no other, and tells namesakes apart", () =>
    Effect.gen(function*() {
      const run = (words: ReadonlyArray<string>) =>
        Evaluation.run(
          Evaluation.make("words", {
            data: Dataset.fromIterable("words", words.map((inputs) => ({ inputs }))),
            target: (word) => word
          }),
          { name: "same" }
        )
      const pair = yield* PairwiseEvaluation.run([yield* run(["a", "b", "c"]), yield* run(["a", "b"])], {
        evaluators: [function tie() {
          return "tie"
        }]
      })
      const again = yield* PairwiseEvaluation.fromExperiment(pair.recorded)
      assert.deepStrictEqual(again.experiments.map(({ name }) => name), ["same", "same (2)"])
      assert.deepStrictEqual(again.unmatched, [1, 0])
      assert.deepStrictEqual(comparable(again), comparable(pair))
    }).pipe(Effect.provide(TracingClient.layerNone)))

  it.effect("is no other experiment, and has its rows", () =>
    Effect.gen(function*() {
      const plain: Experiment.Experiment = yield* Evaluation.run(
        Evaluation.make("words", { data, target: (word) => word })
      )
      assert.isFalse(PairwiseEvaluation.isPairwise(plain))
      assert.match((yield* Effect.flip(PairwiseEvaluation.fromExperiment(plain))).message, /is no pairwise experiment/)
      const { recorded } = yield* judged("given")
      const error = yield* Effect.flip(PairwiseEvaluation.fromExperiment({ ...recorded, rows: [] }))
      assert.match(error.message, /they were not kept/)
    }).pipe(Effect.provide(TracingClient.layerNone)))
})
