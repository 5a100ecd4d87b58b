import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Schema, Stream } from "effect"
import {
  Dataset,
  Evaluation,
  Evaluator,
  type Example,
  Experiment,
  Journal,
  type Summary,
  TracingClient
} from "../src/index.ts"
import * as Statistics from "../src/statistics/index.ts"
import { numbers, untraced } from "./support/run.ts"

/** The scores of a list, one row each, as `score`. */
const scored = (scores: ReadonlyArray<number | boolean>, summaries: Summary.Options = {}) =>
  untraced(Evaluation.run(
    Evaluation.make("scored", {
      data: Dataset.fromIterable("scores", scores.map((inputs) => ({ inputs }))).pipe(indexed),
      target: (x) => x
    }),
    { evaluators: [Evaluator.make("score", ({ outputs }) => outputs)], summaries }
  ))

/** Gives each example an id, so that the same content may come twice. */
const indexed = <I>(self: Dataset.Dataset<I>): Dataset.Dataset<I> => {
  let index = 0
  return Dataset.map(self, (example): Example.Input<I> => ({ ...example, id: String(index++) }))
}

/** Scores by example and repetition: `null` fails. */
const repeated = (scores: ReadonlyArray<ReadonlyArray<number | boolean | null>>, summaries: Summary.Options = {}) =>
  untraced(Evaluation.run(
    Evaluation.make("repeated", {
      data: numbers(scores.length),
      target: (n, { repetition }) => {
        const score = scores[n]?.[repetition] ?? null
        return score === null ? Effect.fail("no score") : Effect.succeed(score)
      }
    }),
    {
      repetitions: Math.max(...scores.map(({ length }) => length)),
      evaluators: [Evaluator.make("score", ({ outputs }) => outputs)],
      summaries
    }
  ))

const summaryOf = (experiment: Pick<Experiment.Experiment, "summaries">, key = "score"): Summary.Summary => {
  const summary = experiment.summaries[key]
  assert.isDefined(summary)
  return summary
}

const scoreOf = (experiment: Pick<Experiment.Experiment, "summaries">, key = "score"): Summary.ScoreStatistics => {
  const { score } = summaryOf(experiment, key)
  assert.isDefined(score)
  return score
}

describe("the interval around a mean", () => {
  it.effect("is Wilson's for shares, be they booleans or ones and zeros", () =>
    Effect.gen(function*() {
      const expected = Statistics.wilson(8, 10)
      for (const [yes, no] of [[true, false], [1, 0]] as const) {
        const { interval, percentiles } = scoreOf(yield* scored([yes, yes, yes, yes, yes, yes, yes, yes, no, no]))
        assert.deepStrictEqual(interval, {
          method: "wilson",
          level: 0.95,
          lower: expected.lower,
          upper: expected.upper
        })
        assert.isUndefined(percentiles)
      }
    }))

  it.effect("is that of Student's t for other numbers", () =>
    Effect.gen(function*() {
      const scores = [0.2, 0.9, 0.4, 0.4, 1]
      const { interval, standardError } = scoreOf(yield* scored(scores, { level: 0.9 }))
      const expected = Statistics.studentTInterval(scores, { level: 0.9 })
      assert.closeTo(standardError ?? NaN, Statistics.standardError(scores) ?? NaN, 1e-15)
      assert.strictEqual(interval.method, "student-t")
      assert.closeTo(interval.lower ?? NaN, expected.lower ?? NaN, 1e-12)
      assert.closeTo(interval.upper ?? NaN, expected.upper ?? NaN, 1e-12)
    }))

  it.effect("says why there is none", () =>
    Effect.gen(function*() {
      const { interval, standardDeviation, standardError } = scoreOf(yield* scored([0.5]))
      assert.deepStrictEqual(interval, {
        method: "student-t",
        level: 0.95,
        reason: "the standard error is undefined"
      })
      assert.isUndefined(standardDeviation)
      assert.isUndefined(standardError)
      const single = scoreOf(yield* repeated([[true, false, true]])).interval
      assert.deepStrictEqual(single, {
        method: "clustered-wilson",
        level: 0.95,
        reason: "an interval needs at least two examples"
      })
    }))

  it.effect("takes the repetitions of an example for what they are", () =>
    Effect.gen(function*() {
      const scores = [[0.1, 0.2, 0.1], [0.9, 0.8, 1], [0.5, 0.4, 0.6], [0.7, 0.9, 0.8]]
      const experiment = yield* repeated(scores)
      const { interval, standardError } = scoreOf(experiment)
      const expected = Statistics.clusteredStandardError(scores.flat(), scores.flatMap((row, i) => row.map(() => i)))
      assert.isDefined(expected)
      assert.closeTo(standardError ?? NaN, expected, 1e-12)
      assert.strictEqual(interval.method, "clustered-student-t")
      const mean = Statistics.mean(scores.flat()) ?? NaN
      assert.closeTo(interval.lower ?? NaN, mean - Statistics.studentTQuantile(0.975, 3) * expected, 1e-12)
      // As if the rows were independent, it would be far too narrow.
      assert.isAbove(expected, 1.5 * (Statistics.standardError(scores.flat()) ?? NaN))
    }))

  it.effect("of repeated shares counts what is independent", () =>
    Effect.gen(function*() {
      // Repetitions that always agree are worth no more than one: 20 of 25.
      const agreeing = Array.from({ length: 25 }, (_, i) => Array.from({ length: 4 }, () => i < 20))
      const { interval } = scoreOf(yield* repeated(agreeing))
      assert.strictEqual(interval.method, "clustered-wilson")
      const error = Statistics.clusteredStandardError(
        agreeing.flat().map(Number),
        agreeing.flatMap((row, i) => row.map(() => i))
      ) ?? NaN
      const caution = (Statistics.studentTQuantile(0.975, 99) / Statistics.studentTQuantile(0.975, 24)) ** 2
      const expected = Statistics.wilsonFromShare(0.8, 0.8 * 0.2 / error ** 2 * caution)
      assert.closeTo(interval.lower ?? NaN, expected.lower ?? NaN, 1e-12)
      assert.closeTo(interval.upper ?? NaN, expected.upper ?? NaN, 1e-12)
      const plain = Statistics.wilson(20, 25)
      assert.closeTo(interval.lower ?? NaN, plain.lower ?? NaN, 0.02)
      // All of them: there is no error to see, and each example counts once.
      const all = scoreOf(yield* repeated(Array.from({ length: 25 }, () => [true, true, true, true]))).interval
      assert.isAbove(all.lower ?? NaN, 0.8)
      assert.isBelow(all.lower ?? NaN, Statistics.wilson(25, 25).lower ?? NaN)
      assert.strictEqual(all.upper, 1)
    }))
})

describe("percentiles", () => {
  it.effect("are exact for a thousand scores and within their bound for more", () =>
    Effect.gen(function*() {
      for (const count of [1000, 5000]) {
        const scores = Array.from({ length: count }, (_, i) => ((i * 7919) % count) / count + 0.001)
        const { percentiles } = scoreOf(yield* scored(scores))
        assert.isDefined(percentiles)
        assert.strictEqual(percentiles.relativeError, count === 1000 ? 0 : 0.005)
        for (const [name, share] of [["p5", 0.05], ["p50", 0.5], ["p99", 0.99]] as const) {
          const exact = Statistics.percentile(scores, share) ?? NaN
          assert.isAtMost(Math.abs(percentiles[name] - exact), percentiles.relativeError * exact + 1e-15)
        }
      }
    }))
})

describe("failures", () => {
  const scores = [[1], [1], [null], [0]]

  it.effect("are left out and counted, or count as a score", () =>
    Effect.gen(function*() {
      const excluded = yield* repeated(scores)
      assert.strictEqual(scoreOf(excluded).mean, 2 / 3)
      assert.deepStrictEqual(summaryOf(excluded).failures, { rows: 1, policy: "exclude" })
      const counted = yield* repeated(scores, { failures: { countAs: 0 } })
      assert.strictEqual(scoreOf(counted).mean, 0.5)
      assert.strictEqual(scoreOf(counted).count, 4)
      assert.strictEqual(scoreOf(counted).countedFailures, 1)
      assert.deepStrictEqual(summaryOf(counted).failures, { rows: 1, policy: { countAs: 0 } })
      assert.deepStrictEqual(summaryOf(counted).outcomes, summaryOf(excluded).outcomes)
      assert.deepStrictEqual(counted.options["summaries"], { failures: { countAs: 0 } })
    }))

  it.effect("count under keys that only show up after them, too", () =>
    Effect.gen(function*() {
      for (const repetitions of [1, 3]) {
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("late", {
            data: numbers(10),
            target: (n, { repetition }) =>
              n < 4 || (n === 4 && repetition > 0) ? Effect.fail("early") : Effect.succeed(n)
          }),
          {
            concurrency: 1,
            repetitions,
            evaluators: [() => [{ key: "a", score: 1 }, { key: "b", score: 0.5 }]],
            summaries: { failures: { countAs: 0 }, reducers: ["mean"] }
          }
        ))
        const good = repetitions === 1 ? 6 : 16
        const rows = 10 * repetitions
        assert.strictEqual(scoreOf(experiment, "a").count, rows)
        assert.closeTo(scoreOf(experiment, "a").mean, good / rows, 1e-12)
        assert.closeTo(scoreOf(experiment, "b").mean, good / rows / 2, 1e-12)
        if (repetitions === 1) continue
        const reduced = summaryOf(experiment, "a").reductions[0]?.score
        assert.strictEqual(reduced?.count, 10)
        assert.closeTo(reduced?.mean ?? NaN, good / rows, 1e-12)
        const expected = Statistics.standardError([0, 0, 0, 0, 1 / 3, 1, 1, 1, 1, 1]) ?? NaN
        assert.closeTo(scoreOf(experiment, "a").standardError ?? NaN, expected, 1e-12)
      }
    }))

  it.effect("count even where nothing was ever scored", () =>
    Effect.gen(function*() {
      const experiment = yield* repeated([[null], [null]], { failures: { countAs: 0 } })
      assert.strictEqual(scoreOf(experiment).mean, 0)
      assert.strictEqual(scoreOf(experiment).count, 2)
      assert.isUndefined(summaryOf(yield* repeated([[null], [null]])).score)
    }))

  it.effect("are what failed: not what an evaluator chose to skip", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(4), target: (n) => n }), {
        evaluators: [
          Evaluator.make("k", ({ outputs }) => {
            if (outputs === 0) return Evaluator.skip("zero")
            return outputs === 1 ? Effect.fail("one") : Effect.succeed(1)
          })
        ],
        summaries: { failures: { countAs: 0 } }
      }))
      assert.strictEqual(scoreOf(experiment, "k").count, 3)
      assert.strictEqual(scoreOf(experiment, "k").mean, 2 / 3)
      assert.strictEqual(summaryOf(experiment, "k").failures.rows, 1)
    }))
})

describe("groups", () => {
  const data = Dataset.fromIterable("grouped", [
    { inputs: 1, metadata: { topic: "a", tags: ["x", "y"] }, split: ["test", "hard"] },
    { inputs: 0, metadata: { topic: "a", tags: ["y", "y"] }, split: "test" },
    { inputs: 1, metadata: { topic: 7, tags: [] } },
    { inputs: 0, metadata: { topic: undefined, tags: ["x"] }, split: [] }
  ]).pipe(indexed2)

  /** The same, with ids. */
  function indexed2<M>(self: Dataset.Dataset<number, undefined, M>) {
    let index = 0
    return Dataset.map(self, (example) => ({ ...example, split: example.splits, id: String(index++) }))
  }

  it.effect("have summaries of their own, by split and by metadata", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("g", { data, target: (n) => n }), {
        evaluators: [Evaluator.make("score", ({ outputs }) => outputs === 1)],
        summaries: { groupBy: ["split", "metadata.topic", "metadata.tags"] }
      }))
      assert.deepStrictEqual(
        experiment.groups.map(({ by, rowCount, summaries, value }) => [
          by,
          value,
          rowCount,
          summaries["score"]?.score?.mean
        ]),
        [
          ["split", "test", 2, 0.5],
          ["split", "hard", 1, 1],
          ["split", "(none)", 2, 0.5],
          ["metadata.topic", "a", 2, 0.5],
          ["metadata.topic", "7", 1, 1],
          ["metadata.topic", "(none)", 1, 0],
          ["metadata.tags", "x", 2, 0.5],
          ["metadata.tags", "y", 2, 0.5],
          ["metadata.tags", "(none)", 1, 1]
        ]
      )
    }))

  it.effect("are a thousand at most by each; the rest is together", () =>
    Effect.gen(function*() {
      const many = Dataset.fromIterable(
        "many",
        Array.from({ length: 1500 }, (_, n) => ({ inputs: n, metadata: { n } }))
      )
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("g", { data: many, target: (n) => n }), {
        evaluators: [Evaluator.make("score", () => 1)],
        summaries: { groupBy: ["metadata.n"] }
      }))
      assert.strictEqual(experiment.groups.length, 1001)
      assert.deepStrictEqual(experiment.groups.at(-1)?.value, "(other)")
      assert.deepStrictEqual(experiment.groups.at(-1)?.rowCount, 500)
    }))

  it.effect("can be made afterwards", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("g", { data, target: (n) => n }), {
        evaluators: [Evaluator.make("score", ({ outputs }) => outputs === 1)]
      }))
      assert.deepStrictEqual(experiment.groups, [])
      const grouped = yield* Experiment.summarize(experiment, { groupBy: ["split"] })
      assert.deepStrictEqual(grouped.groups.map(({ value }) => value), ["test", "hard", "(none)"])
      assert.deepStrictEqual(grouped.summaries, experiment.summaries)
    }))
})

describe("summing up again", () => {
  const evaluation = Evaluation.make("again", { data: numbers(4), target: (n) => n })
  const evaluators = [Evaluator.make("score", ({ outputs }: Evaluator.EvaluatorArgs<unknown, number>) => outputs)]

  it.effect("records the options that the numbers are by now", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(evaluation, { evaluators, concurrency: 2, summaries: { level: 0.9, passingScore: 2 } })
      )
      assert.deepStrictEqual(experiment.options["summaries"], { level: 0.9, passingScore: 2 })
      const again = yield* Experiment.summarize(experiment, { level: 0.8 })
      // What is not given is the default, not what the run had.
      assert.deepStrictEqual(again.options, { ...experiment.options, summaries: { level: 0.8 } })
      const plain = yield* Experiment.summarize(experiment, {})
      assert.deepStrictEqual(plain.options["summaries"], {})
    }))

  it.effect("needs the rows, and says so where they were not kept", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation, { name: "large", evaluators, keepRows: false }))
      assert.strictEqual(experiment.rowCount, 4)
      const error = yield* Effect.flip(Experiment.summarize(experiment, {}))
      assert.instanceOf(error, Experiment.RowsNotKept)
      assert.strictEqual(error.experiment, "large")
      assert.strictEqual(
        error.message,
        "The experiment large has 4 rows, but they were not kept, so there is nothing to sum up. " +
          "Run it with keepRows: true, or read it back from its journal."
      )
      const empty = yield* untraced(
        Evaluation.run(Evaluation.make("empty", { data: numbers(0), target: (n) => n }), { keepRows: false })
      )
      assert.strictEqual((yield* Experiment.summarize(empty, {})).rowCount, 0)
    }))
})

describe("repetitions", () => {
  const reductionsOf = (experiment: Experiment.Experiment) =>
    Object.fromEntries(
      summaryOf(experiment).reductions.map(({ reducer, score, undecided }) => [
        reducer,
        [score?.mean === undefined ? undefined : Number(score.mean.toFixed(6)), score?.count ?? 0, undecided]
      ])
    )

  it.effect("are reduced in all the usual ways", () =>
    Effect.gen(function*() {
      const experiment = yield* repeated([[true, true, false], [false, false, false], [true, true, true]])
      assert.deepStrictEqual(reductionsOf(experiment), {
        "mean": [0.555556, 3, 0],
        "median": [0.666667, 3, 0],
        "mode": [0.666667, 3, 0],
        "max": [0.666667, 3, 0],
        "at-least-2": [0.666667, 3, 0],
        "pass@1": [0.555556, 3, 0],
        "pass@3": [0.666667, 3, 0],
        "pass^3": [0.333333, 3, 0]
      })
      const [, , mode] = summaryOf(experiment).reductions
      assert.strictEqual(mode?.score?.interval.method, "wilson")
    }))

  it.effect("of labels are what most of them say", () =>
    Effect.gen(function*() {
      const labels = [["a", "b", "a"], ["b", "b", "b"], ["a", "b", "c"], ["a", "a", "a"]]
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("t", {
            data: Dataset.fromIterable("d", labels.map((_, n) => ({ inputs: n }))),
            target: (n, { repetition }) => labels[n]?.[repetition] ?? ""
          }),
          { repetitions: 3, evaluators: [Evaluator.make("label", ({ outputs }) => outputs)] }
        )
      )
      assert.deepStrictEqual(experiment.summaries["label"]?.reductions, [
        { reducer: "mode", values: [{ value: "a", count: 2 }, { value: "b", count: 1 }], undecided: 1 }
      ])
    }))

  it.effect("say which examples they could not decide", () =>
    Effect.gen(function*() {
      const experiment = yield* repeated([[1, 0, null, null], [0.2, 0.2, 0.9, null], [null, null, null, null]], {
        reducers: ["mode", "at-least-3", "pass@2", "pass^4", "max"],
        passingScore: 0.5
      })
      assert.deepStrictEqual(reductionsOf(experiment), {
        "mode": [0.2, 1, 1],
        "at-least-3": [0, 1, 1],
        "pass@2": [0.833333, 2, 0],
        "pass^4": [undefined, 0, 2],
        "max": [0.95, 2, 0]
      })
      const counted = yield* repeated([[1, 0, null, null], [null, null, null, null]], {
        reducers: ["pass^4", "pass@1"],
        failures: { countAs: 0 }
      })
      assert.deepStrictEqual(reductionsOf(counted), { "pass^4": [0, 2, 0], "pass@1": [0.125, 2, 0] })
    }))

  it.effect("of examples that did not come to their end count as they are", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("r", { data: numbers(10), target: (n) => n })
      const ended: Array<Experiment.Experiment> = []
      yield* untraced(
        Evaluation.stream(evaluation, {
          repetitions: 4,
          concurrency: 1,
          evaluators: [Evaluator.make("score", () => true)],
          summaries: { reducers: ["mean", "pass@2"] },
          onEnd: (experiment) => Effect.sync(() => void ended.push(experiment))
        }).pipe(Stream.take(6), Stream.runDrain)
      )
      const [experiment] = ended
      assert.isDefined(experiment)
      const examples = Math.ceil(experiment.rowCount / 4)
      assert.strictEqual(summaryOf(experiment).reductions[0]?.score?.count, examples)
    }))

  it.effect.prop("are what one works out from the rows, in whatever order they come", {
    scores: Schema.Array(
      Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: -2, maximum: 2 }))).check(
        Schema.isMinLength(3),
        Schema.isMaxLength(3)
      )
    ).check(Schema.isMinLength(2)),
    order: Schema.Array(Schema.Int)
  }, ({ order, scores }) =>
    Effect.gen(function*() {
      const experiment = yield* repeated(scores)
      const shuffled = {
        ...experiment,
        rows: experiment.rows.toSorted((a, b) => (order[a.index] ?? 0) - (order[b.index] ?? 0))
      }
      const again = yield* Experiment.summarize(shuffled, {})
      for (const { score } of [summaryOf(experiment), summaryOf(again)]) {
        assert.isDefined(score)
        const flat = scores.flat()
        const expected = Statistics.clusteredStandardError(flat, scores.flatMap((row, i) => row.map(() => i)))
        assert.closeTo(score.mean, Statistics.mean(flat) ?? NaN, 1e-9)
        assert.closeTo(score.standardError ?? NaN, expected ?? NaN, 1e-7)
      }
      const medians = scores.map((row) => Statistics.percentile(row, 0.5) ?? NaN)
      const median = summaryOf(again).reductions.find(({ reducer }) => reducer === "median")?.score
      assert.closeTo(median?.mean ?? NaN, Statistics.mean(medians) ?? NaN, 1e-9)
    }))
})

describe("latencies and tokens", () => {
  const spanning = (name: string, attributes: Record<string, unknown>) =>
    Effect.void.pipe(Effect.withSpan(name, { attributes }))

  it.live("are summed up for the target and each evaluator", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(3),
          target: (n) =>
            Effect.as(
              spanning("LanguageModel.generateText", {
                "gen_ai.response.model": n === 2 ? "unknown" : "small",
                "gen_ai.usage.input_tokens": 1000,
                "gen_ai.usage.output_tokens": 10
              }),
              n
            )
        }),
        {
          prices: { small: { inputTokens: 2, outputTokens: 100 } },
          evaluators: [
            Evaluator.make("judge", () =>
              Effect.as(
                spanning("judging", {
                  "gen_ai.usage.input_tokens": 5,
                  "gen_ai.usage.output_tokens": 1,
                  "gen_ai.usage.cost": 0.25
                }),
                true
              )),
            Evaluator.make("plain", () => true)
          ]
        }
      ))
      assert.strictEqual(experiment.latencies.target?.count, 3)
      assert.deepStrictEqual(Object.keys(experiment.latencies.evaluators), ["judge", "plain"])
      assert.isAtLeast(experiment.latencies.target?.percentiles.p95 ?? -1, 0)
      assert.strictEqual(experiment.rows[0]?.run.usage?.cost, 0.003)
      assert.isUndefined(experiment.rows[2]?.run.usage?.cost)
      // The cost of one run is not known, so that of all is not either.
      assert.deepStrictEqual(experiment.usage.target, { runs: 3, inputTokens: 3000, outputTokens: 30 })
      assert.deepStrictEqual(experiment.usage.evaluators, {
        judge: { runs: 3, inputTokens: 15, outputTokens: 3, cost: 0.75 }
      })
    }))

  it.effect("of evaluators that were not asked are not there", () =>
    Effect.gen(function*() {
      const experiment = yield* repeated([[null], [null]])
      assert.deepStrictEqual(experiment.latencies.evaluators, {})
      assert.strictEqual(experiment.latencies.target?.count, 2)
      assert.isUndefined(experiment.usage.target)
    }))
})

describe("the options", () => {
  it.effect("are checked before anything runs", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", { data: numbers(1), target: (n) => n })
      // What a configuration file may say.
      const options: Summary.Options = JSON.parse(
        `{ "level": 95, "failures": { "countAs": "zero" }, "groupBy": ["topic"], "reducers": ["pass@0"] }`
      )
      const exit = yield* Effect.exit(untraced(Evaluation.run(evaluation, { summaries: options })))
      assert.isTrue(Exit.isFailure(exit))
      const { message } = yield* Effect.flip(untraced(Evaluation.run(evaluation, { summaries: options })))
      for (const path of ["summaries.level", "summaries.failures", "summaries.groupBy", "summaries.reducers"]) {
        assert.include(message, path)
      }
    }))

  it.effect("of an interrupted experiment are kept for reading its journal", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const directory = yield* fileSystem.makeTempDirectoryScoped()
      yield* Evaluation.run(Evaluation.make("t", { data: numbers(4), target: (n) => n === 3 ? Effect.fail("3") : n }), {
        evaluators: [Evaluator.make("score", () => true, { keys: ["score"] })],
        summaries: { failures: { countAs: 0 }, groupBy: ["split"] }
      }).pipe(Effect.provide(TracingClient.layerJournal({ directory })))
      const [name = ""] = yield* fileSystem.readDirectory(directory)
      const file = `${directory}/${name}`
      const lines = (yield* fileSystem.readFileString(file)).split("\n")
      // As a crash leaves it: without its last event.
      yield* fileSystem.writeFileString(file, lines.slice(0, -2).join("\n") + "\n")
      const experiment = yield* Journal.read(file)
      assert.strictEqual(experiment.status, "interrupted")
      assert.strictEqual(scoreOf(experiment).mean, 0.75)
      assert.deepStrictEqual(experiment.groups.map(({ value }) => value), ["(none)"])
      assert.deepStrictEqual(experiment.evaluators[0]?.feedbackKeys, ["score"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
