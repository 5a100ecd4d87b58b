import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Layer, Ref, Schedule, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  Dataset,
  Evaluation,
  Evaluator,
  Experiment,
  Row,
  SummaryEvaluator,
  Target,
  type TracingClient
} from "../src/index.ts"
import { counts, kinds, numbers, untraced } from "./support/run.ts"

const double = Evaluation.make("double", { data: numbers(5), target: (n) => n * 2 })

describe("the result of a run", () => {
  it.effect("has the rows in input order, with everything about them", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        name: "my experiment",
        description: "for the test",
        tags: ["a"],
        metadata: { branch: "main" },
        evaluators: [function even({ outputs }) {
          return outputs % 2 === 0
        }]
      }))
      assert.deepStrictEqual(experiment.rows.map((row) => row.index), [0, 1, 2, 3, 4])
      assert.deepStrictEqual(experiment.rows.map((row) => row.run.outputs), [0, 2, 4, 6, 8])
      assert.strictEqual(experiment.name, "my experiment")
      assert.strictEqual(experiment.evaluation, "double")
      assert.strictEqual(experiment.description, "for the test")
      assert.deepStrictEqual(experiment.tags, ["a"])
      assert.deepStrictEqual(experiment.metadata, { branch: "main" })
      assert.deepStrictEqual(experiment.dataset, { name: "numbers", steps: [], size: 5 })
      assert.strictEqual(experiment.status, "completed")
      assert.strictEqual(experiment.rowCount, 5)
      assert.deepStrictEqual(experiment.runs, { succeeded: 5, failed: 0, timedOut: 0, cancelled: 0 })
      const { interval, ...score } = experiment.summaries["even"]?.score ?? {}
      assert.deepStrictEqual(score, {
        count: 5,
        countedFailures: 0,
        type: "boolean",
        mean: 1,
        min: 1,
        max: 1,
        standardDeviation: 0,
        standardError: 0
      })
      // Wilson's interval of 5 out of 5: n / (n + z^2).
      assert.isDefined(interval)
      assert.strictEqual(interval.method, "wilson")
      assert.closeTo(interval.lower ?? 0, 5 / (5 + 1.959964 ** 2), 1e-6)
      assert.strictEqual(interval.upper, 1)
      const [row] = experiment.rows
      assert.isDefined(row)
      assert.strictEqual(row.run.exampleId, "n0")
      assert.strictEqual(row.run.name, "double")
      assert.strictEqual(row.run.attempts.length, 1)
      assert.isAtLeast(row.run.endTime, row.run.startTime)
      assert.match(row.run.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.strictEqual(new Set(experiment.rows.map(({ run }) => run.id)).size, 5)
      assert.deepStrictEqual(Row.results(row), [{ key: "even", score: true }])
    }))

  it.effect("is the same for a value, a promise and an effect", () =>
    Effect.gen(function*() {
      const data = numbers(3)
      const outputs = (experiment: Experiment.Experiment) => experiment.rows.map(({ run }) => run.outputs)
      const value = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n + 1 })))
      const promise = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: async (n) => n + 1 })))
      const effect = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data, target: (n) => Effect.succeed(n + 1) }))
      )
      assert.deepStrictEqual(outputs(value), [1, 2, 3])
      assert.deepStrictEqual(outputs(promise), [1, 2, 3])
      assert.deepStrictEqual(outputs(effect), [1, 2, 3])
    }))

  it.effect("is complete for a dataset without examples", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("empty", { data: numbers(0), target: (n) => n }),
        {
          evaluators: [Evaluator.make("k", () => true)],
          summaryEvaluators: [SummaryEvaluator.make("rows", ({ rows }) => rows.length)]
        }
      ))
      assert.strictEqual(experiment.status, "completed")
      assert.strictEqual(experiment.rowCount, 0)
      assert.isUndefined(experiment.summaries["k"]?.score)
      assert.deepStrictEqual(experiment.summaryResults[0]?.results, [{ key: "rows", score: 0 }])
    }))

  it.effect("survives JSON", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(4),
          target: (n) => {
            if (n === 1) return Effect.fail(new Error("one"))
            if (n === 2) return Effect.die(new TypeError("two"))
            return Effect.succeed({ n, at: new Date(n) }).pipe(Effect.withSpan("child", { attributes: { n } }))
          }
        }),
        {
          evaluators: [
            Evaluator.make("score", ({ outputs }) => ({ score: outputs.n / 3, comment: "c", metadata: { a: [1] } })),
            Evaluator.make("label", () => "good"),
            Evaluator.make("broken", () => Effect.fail("no"))
          ]
        }
      ))
      const codec = Schema.fromJsonString(
        Experiment.schema({ outputs: Schema.Struct({ n: Schema.Number, at: Schema.Date }) })
      )
      const again = Schema.decodeSync(codec)(Schema.encodeSync(codec)(experiment))
      const { rows, ...overview } = again
      const { rows: originalRows, ...original } = experiment
      assert.deepStrictEqual(overview, original)
      for (const [index, row] of rows.entries()) {
        const originalRow = originalRows[index]
        assert.deepStrictEqual(Row.results(row), Row.results(originalRow ?? row))
        assert.deepStrictEqual(kinds(row), kinds(originalRow))
        assert.strictEqual(row.run.error, originalRow?.run.error)
        assert.deepStrictEqual(row.run.outputs, originalRow?.run.outputs)
        assert.deepStrictEqual(row.run.childRuns, originalRow?.run.childRuns)
        assert.strictEqual(row.example.contentHash, originalRow?.example.contentHash)
      }
      const second = rows[1]?.run.outcome
      assert.isTrue(second?._tag === "Failed" && Cause.hasFails(second.cause))
    }))
})

describe("what goes wrong in a row", () => {
  const outcomes = Effect.fnUntraced(
    function*<E>(target: (n: number) => Effect.Effect<number, E> | Promise<number> | number) {
      const data = numbers(3)
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target }), {
        evaluators: [Evaluator.make("k", () => true)]
      }))
      assert.strictEqual(experiment.status, "completed")
      return experiment
    }
  )

  it.effect("is an outcome of the row when the target fails, throws, rejects, dies or interrupts itself", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<
        readonly [string, (n: number) => Effect.Effect<number, string> | Promise<number> | number, RegExp]
      > = [
        ["Failed", (n) => n === 1 ? Effect.fail("sorry") : Effect.succeed(n), /^sorry$/],
        ["Failed", (n) => n === 1 ? Effect.die(new RangeError("dead")) : Effect.succeed(n), /^RangeError: dead$/],
        ["Failed", (n) => {
          if (n === 1) throw new TypeError("thrown")
          return n
        }, /^TypeError: thrown$/],
        ["Failed", async (n) => {
          if (n === 1) throw new Error("rejected")
          return n
        }, /^Error: rejected$/],
        ["Cancelled", (n) => n === 1 ? Effect.interrupt : Effect.succeed(n), /interrupted/]
      ]
      for (const [tag, target, message] of cases) {
        const experiment = yield* outcomes(target)
        const [first, second, third] = experiment.rows
        assert.strictEqual(first?.run.outcome._tag, "Succeeded")
        assert.strictEqual(second?.run.outcome._tag, tag)
        assert.match(second?.run.error ?? "", message)
        assert.strictEqual(third?.run.outcome._tag, "Succeeded")
        assert.deepStrictEqual(kinds(second), ["Skipped"])
        assert.deepStrictEqual(counts(experiment, "k"), { scored: 2, skipped: 1 })
      }
    }))

  it.effect("keeps the cause of a failure, typed for failures and whole for defects", () =>
    Effect.gen(function*() {
      const experiment = yield* outcomes((n) => n === 1 ? Effect.fail({ _tag: "Odd", n }) : Effect.succeed(n))
      const outcome = experiment.rows[1]?.run.outcome
      assert.isTrue(outcome?._tag === "Failed")
      assert.deepStrictEqual(
        outcome?._tag === "Failed" ? outcome.cause.reasons.filter(Cause.isFailReason).map(({ error }) => error) : [],
        [{ _tag: "Odd", n: 1 }]
      )
    }))

  it.effect("is an outcome of one evaluator and leaves the others alone", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [
          Evaluator.make("throws", () => {
            throw new Error("no")
          }),
          Evaluator.make("rejects", () => Promise.reject(new Error("no"))),
          Evaluator.make("fails", () => Effect.fail("no")),
          Evaluator.make("dies", () => Effect.die("no")),
          Evaluator.make("interrupts", () => Effect.interrupt),
          // @ts-expect-error -- what JavaScript lets pass
          Evaluator.make("wrong", () => new Date()),
          Evaluator.make("skips", () => Evaluator.skip("no reason")),
          Evaluator.make("fine", () => 1),
          Evaluator.make("fine effect", () => Effect.succeed(1)),
          Evaluator.make("fine promise", () => Promise.resolve(1))
        ]
      }))
      for (const row of experiment.rows) {
        assert.deepStrictEqual(kinds(row), [
          "Failed",
          "Failed",
          "Failed",
          "Failed",
          "Cancelled",
          "Failed",
          "Skipped",
          "Scored",
          "Scored",
          "Scored"
        ])
      }
      assert.deepStrictEqual(counts(experiment, "wrong"), { failed: 5 })
      assert.deepStrictEqual(counts(experiment, "interrupts"), { cancelled: 5 })
      assert.deepStrictEqual(counts(experiment, "skips"), { skipped: 5 })
      assert.deepStrictEqual(counts(experiment, "fine promise"), { scored: 5 })
      assert.strictEqual(experiment.failedRows, 5)
    }))

  it.effect("can be judged by evaluators that ask for failed runs", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(4),
        target: (n) => n % 2 === 0 ? Effect.succeed(n) : Effect.fail("odd")
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [
          Evaluator.makeForAllRuns("survived", ({ outputs, run }) => {
            assert.strictEqual(outputs === undefined, run.error !== undefined)
            return run.error === undefined
          })
        ]
      }))
      assert.strictEqual(experiment.summaries["survived"]?.score?.mean, 0.5)
      assert.deepStrictEqual(counts(experiment, "survived"), { scored: 4 })
    }))

  it.effect("names an anonymous evaluator that does not return its key", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(double, { evaluators: [() => true, () => ({ key: "k", score: 1 })] })
      )
      assert.deepStrictEqual(kinds(experiment.rows[0]), ["Failed", "Scored"])
      const outcome = experiment.rows[0]?.evaluations[0]?.outcome
      assert.match(outcome?._tag === "Failed" ? outcome.message : "", /anonymous function must return its key/)
      assert.deepStrictEqual(counts(experiment, "k"), { scored: 5 })
      assert.deepStrictEqual(counts(experiment, "evaluator 1 (anonymous)"), { failed: 5 })
    }))
})

describe("evaluators", () => {
  it.effect("may be written in any of LangSmith's styles", () =>
    Effect.gen(function*() {
      class Judge {
        readonly limit = 4
        evaluateRun(run: { readonly outputs: number }) {
          return { score: run.outputs > this.limit }
        }
      }
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [
          function named({ outputs }) {
            return outputs
          },
          (run, example) => ({ key: "positional", score: run.outputs === example.inputs * 2 && run.id.length > 0 }),
          { evaluateRun: (run, example) => ({ key: "object", score: run.outputs - example.referenceOutputs }) },
          new Judge(),
          // Written for LangSmith, in JavaScript: an example's outputs are the reference.
          (run: { readonly outputs: number }, example: object) => ({
            key: "reference",
            score: run.outputs - Reflect.get(example, "outputs")
          })
        ]
      }))
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "reference")), [0, 1, 2, 3, 4])
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "named")), [0, 2, 4, 6, 8])
      assert.strictEqual(experiment.summaries["positional"]?.score?.mean, 1)
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "object")), [0, 1, 2, 3, 4])
      assert.strictEqual(experiment.summaries["Judge"]?.score?.mean, 0.4)
    }))

  it.effect("may be services, chosen by Layers", () =>
    Effect.gen(function*() {
      class Size extends Evaluator.Service<Size>()("test/Size", { outputs: Schema.Number, key: "size" }) {}
      const run = Evaluation.run(double, { evaluators: [Size] })
      const half = yield* untraced(run).pipe(
        Effect.provide(Layer.succeed(Size, { evaluate: ({ outputs }) => outputs / 2, version: "half" }))
      )
      const whole = yield* untraced(run).pipe(
        Effect.provide(Layer.succeed(Size, { evaluate: ({ outputs }) => Effect.succeed(outputs), version: "whole" }))
      )
      assert.strictEqual(half.summaries["size"]?.score?.mean, 2)
      assert.strictEqual(whole.summaries["size"]?.score?.mean, 4)
      assert.strictEqual(half.evaluators[0]?.version, "half")
      assert.notStrictEqual(half.evaluators[0]?.fingerprint, whole.evaluators[0]?.fingerprint)
    }))

  it.effect("are refused when two have one name, before anything runs", () =>
    Effect.gen(function*() {
      let calls = 0
      const evaluation = Evaluation.make("t", { data: numbers(1), target: () => ++calls })
      const error = yield* Effect.flip(untraced(Evaluation.run(evaluation, {
        evaluators: [Evaluator.make("k", () => 1), Evaluator.make("k", () => 2)]
      })))
      assert.strictEqual(error._tag, "InvalidOptions")
      assert.match(error.message, /two members named k/)
      assert.strictEqual(calls, 0)
    }))

  it.effect("that share a key by chance are kept apart", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [
          Evaluator.make("a", () => ({ key: "k", score: 1 })),
          Evaluator.make("b", () => ({ key: "k", score: 0 }))
        ]
      }))
      assert.strictEqual(experiment.summaries["k"]?.score?.mean, 1)
      assert.strictEqual(experiment.summaries["b.k"]?.score?.mean, 0)
    }))

  it.effect("count a key that they did not give on some rows as skipped there", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [
          Evaluator.make("two", ({ outputs }) =>
            outputs > 4
              ? [{ key: "size", score: outputs }, { key: "large", score: true }]
              : [{ key: "size", score: outputs }])
        ]
      }))
      assert.deepStrictEqual(counts(experiment, "size"), { scored: 5 })
      assert.deepStrictEqual(counts(experiment, "large"), { scored: 2, skipped: 3 })
    }))

  it.effect("with declared keys have them counted when they fail", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [Evaluator.make("two", () => Effect.fail("no"), { keys: ["a", "b"] })]
      }))
      assert.deepStrictEqual(counts(experiment, "a"), { failed: 5 })
      assert.deepStrictEqual(counts(experiment, "b"), { failed: 5 })
    }))

  it.effect("judge only the runs that `when` chooses", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [
          Evaluator.make("big", ({ outputs }) => outputs, { when: ({ outputs }) => outputs > 4 }),
          Evaluator.make("bad", () => 1, {
            when: () => {
              throw new Error("when broke")
            }
          })
        ]
      }))
      assert.deepStrictEqual(counts(experiment, "big"), { scored: 2, skipped: 3 })
      assert.deepStrictEqual(counts(experiment, "bad"), { failed: 5 })
    }))

  it.effect("get the default feedback config where a result has none", () =>
    Effect.gen(function*() {
      const feedbackConfig = { type: "continuous", min: 0, max: 10 } as const
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [Evaluator.make("k", ({ outputs }) => outputs, { feedbackConfig })]
      }))
      assert.deepStrictEqual(Row.result(experiment.rows[0] ?? { evaluations: [] }, "k")?.feedbackConfig, feedbackConfig)
    }))

  it.effect("run in parallel within a row", () =>
    Effect.gen(function*() {
      const arrived = yield* Ref.make(0)
      const all = yield* Deferred.make<void>()
      const meet = Effect.gen(function*() {
        if ((yield* Ref.updateAndGet(arrived, (n) => n + 1)) === 3) yield* Deferred.succeed(all, void 0)
        yield* Deferred.await(all)
        return 1
      })
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(1), target: (n) => n }),
        {
          evaluators: [
            Evaluator.make("a", () => meet),
            Evaluator.make("b", () => meet),
            Evaluator.make("c", () => meet)
          ]
        }
      ))
      assert.deepStrictEqual(kinds(experiment.rows[0]), ["Scored", "Scored", "Scored"])
    }))
})

describe("isolation", () => {
  it.effect("keeps a target that changes its inputs from the other repetitions and from the evaluators", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("lists", [{ inputs: { list: [3, 1, 2] } }])
      const evaluation = Evaluation.make("sort", {
        data,
        target: (inputs) => {
          const before = [...inputs.list]
          inputs.list.sort()
          inputs.list.push(99)
          return { before, list: inputs.list }
        }
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        repetitions: 3,
        evaluators: [Evaluator.make("inputs", ({ inputs }) => inputs.list.join())]
      }))
      for (const row of experiment.rows) {
        assert.deepStrictEqual(row.run.outputs?.before, [3, 1, 2])
        assert.deepStrictEqual(row.run.inputs.list, [3, 1, 2])
        assert.strictEqual(Row.result(row, "inputs")?.value, "3,1,2")
      }
    }))

  it.effect("gives each attempt its own inputs", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const evaluation = Evaluation.make("t", {
        data: Dataset.fromIterable("lists", [{ inputs: { list: [1] } }]),
        target: (inputs) =>
          Effect.suspend(() => {
            seen.push(inputs.list.length)
            inputs.list.push(1)
            return seen.length < 3 ? Effect.fail("again") : Effect.succeed(1)
          })
      })
      yield* untraced(Evaluation.run(evaluation, { retry: Schedule.recurs(5) }))
      assert.deepStrictEqual(seen, [1, 1, 1])
    }))

  it.effect("keeps what a target changes later out of the row, and an evaluator's changes from the others", () =>
    Effect.gen(function*() {
      const shared = { list: [2, 1] }
      const evaluation = Evaluation.make("t", { data: numbers(2), target: () => shared })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [
          Evaluator.make("vandal", ({ outputs }) => outputs.list.sort().length),
          Evaluator.make("reader", ({ outputs }) => outputs.list.join())
        ]
      }))
      shared.list.push(3)
      assert.deepStrictEqual(experiment.rows.map((row) => Row.result(row, "reader")?.value), ["2,1", "2,1"])
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [{ list: [2, 1] }, { list: [2, 1] }])
      // It is told, instead of spoiling what the others see.
      assert.deepStrictEqual(counts(experiment, "vandal"), { failed: 2 })
      assert.isFalse(Object.isFrozen(shared.list), "what the user returned is not touched")
    }))

  it.effect("changes nothing that an evaluator returns", () =>
    Effect.gen(function*() {
      const constant = Object.freeze({ key: "k", score: 1, metadata: { a: 1 } })
      const experiment = yield* untraced(Evaluation.run(double, { evaluators: [() => constant] }))
      assert.deepStrictEqual(constant, { key: "k", score: 1, metadata: { a: 1 } })
      assert.deepStrictEqual(counts(experiment, "k"), { scored: 5 })
    }))
})

describe("repetitions", () => {
  it.effect("run every example so often, one after the other in the result", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, { repetitions: 3 }))
      assert.strictEqual(experiment.rowCount, 15)
      assert.deepStrictEqual(experiment.rows.slice(0, 4).map(({ run }) => [run.exampleId, run.repetition]), [
        ["n0", 0],
        ["n0", 1],
        ["n0", 2],
        ["n1", 0]
      ])
      const groups = Experiment.byExample(experiment)
      assert.strictEqual(groups.length, 5)
      assert.deepStrictEqual(groups.map(({ example, rows }) => [example.id, rows.length]), [
        ["n0", 3],
        ["n1", 3],
        ["n2", 3],
        ["n3", 3],
        ["n4", 3]
      ])
    }))
})

describe("order", () => {
  const delays = [5, 1, 3, 2, 4]
  const evaluation = Evaluation.make("t", {
    data: numbers(5),
    target: (n) => Effect.as(Effect.sleep(`${delays[n] ?? 0} seconds`), n)
  })

  it.effect("is that of completion, or of the input when asked", () =>
    Effect.gen(function*() {
      const collect = (order: "completion" | "input") =>
        untraced(Evaluation.stream(evaluation, { order }).pipe(Stream.map((row) => row.index), Stream.runCollect))
      const byCompletion = yield* Effect.forkChild(collect("completion"))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.join(byCompletion), [1, 3, 2, 4, 0])
      const byInput = yield* Effect.forkChild(collect("input"))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Fiber.join(byInput), [0, 1, 2, 3, 4])
    }))

  it.effect("scores a row as soon as its run ends, while others still run", () =>
    Effect.gen(function*() {
      const scored: Array<number> = []
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        order: "input",
        evaluators: [Evaluator.make("k", ({ inputs }) => scored.push(inputs))]
      })))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(scored, [1, 3, 2])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
    }))
})

describe("concurrency", () => {
  /** Counts how many are inside at once. */
  const meter = () => {
    let active = 0
    const seen = { max: 0 }
    const inside = (duration: string) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          active++
          seen.max = Math.max(seen.max, active)
        }),
        () => Effect.sleep(duration as "1 second"),
        () => Effect.sync(() => active--)
      )
    return { seen, inside }
  }

  it.effect("bounds targets and evaluators separately", () =>
    Effect.gen(function*() {
      const targets = meter()
      const evaluators = meter()
      const evaluation = Evaluation.make("t", { data: numbers(40), target: () => targets.inside("1 second") })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        concurrency: 4,
        evaluatorConcurrency: 6,
        evaluators: [
          Evaluator.make("a", () => Effect.as(evaluators.inside("1 second"), 1)),
          Evaluator.make("b", () => Effect.as(evaluators.inside("1 second"), 1))
        ]
      })))
      yield* TestClock.adjust("60 seconds")
      const experiment = yield* Fiber.join(fiber)
      assert.strictEqual(targets.seen.max, 4)
      assert.strictEqual(evaluators.seen.max, 6)
      assert.strictEqual(experiment.rowCount, 40)
      assert.deepStrictEqual(counts(experiment, "b"), { scored: 40 })
    }))

  it.effect("bounds one evaluator by its own limit", () =>
    Effect.gen(function*() {
      const narrow = meter()
      const wide = meter()
      const evaluation = Evaluation.make("t", { data: numbers(20), target: (n) => n })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        evaluators: [
          Evaluator.make("narrow", () => Effect.as(narrow.inside("1 second"), 1), { concurrency: 2 }),
          Evaluator.make("wide", () => Effect.as(wide.inside("1 second"), 1))
        ]
      })))
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(narrow.seen.max, 2)
      assert.isAbove(wide.seen.max, 2)
    }))

  it.effect("pulls the source no further ahead than a window", () =>
    Effect.gen(function*() {
      let pulled = 0
      let finished = 0
      let furthest = 0
      const source = function*() {
        for (let n = 0; n < 10_000; n++) {
          pulled++
          furthest = Math.max(furthest, pulled - finished)
          yield { id: String(n), inputs: n }
        }
      }
      const evaluation = Evaluation.make("t", {
        data: Dataset.fromIterable("numbers", source()),
        target: (n) => n
      })
      yield* untraced(
        Evaluation.stream(evaluation, { concurrency: 4, evaluatorConcurrency: 4 }).pipe(
          Stream.runForEach(() => Effect.sync(() => finished++))
        )
      )
      assert.strictEqual(finished, 10_000)
      assert.isAtMost(furthest, 100)
    }))

  it.effect("goes no further than the consumer of the stream", () =>
    Effect.gen(function*() {
      let calls = 0
      const evaluation = Evaluation.make("t", { data: numbers(10_000), target: () => ++calls })
      const rows = yield* untraced(
        Evaluation.stream(evaluation, { concurrency: 4, evaluatorConcurrency: 4 }).pipe(
          Stream.take(10),
          Stream.runCollect
        )
      )
      assert.strictEqual(rows.length, 10)
      assert.isAtMost(calls, 100)
    }))
})

describe("time limits", () => {
  it.effect("interrupt a target that hangs, run its finalizers, and go on", () =>
    Effect.gen(function*() {
      const finalized: Array<number> = []
      const evaluation = Evaluation.make("t", {
        data: numbers(3),
        target: (n) =>
          n === 1
            ? Effect.onInterrupt(Effect.never, () => Effect.delay(Effect.sync(() => finalized.push(n)), "1 second"))
            : Effect.succeed(n)
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { timeout: "10 seconds" })))
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(fiber.pollUnsafe(), "waits for the finalizer")
      yield* TestClock.adjust("1 second")
      const experiment = yield* Fiber.join(fiber)
      const outcome = experiment.rows[1]?.run.outcome
      assert.deepStrictEqual(outcome, {
        _tag: "TimedOut",
        afterMillis: 10_000,
        message: "took longer than 10s and was interrupted"
      })
      assert.deepStrictEqual(finalized, [1])
      assert.strictEqual(experiment.runs.timedOut, 1)
    }))

  it.effect("are on by default", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", { data: numbers(1), target: () => Effect.never })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation)))
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual((yield* Fiber.join(fiber)).rows[0]?.run.outcome._tag, "TimedOut")
    }))

  it.effect("abort the signal that a promise function was given", () =>
    Effect.gen(function*() {
      let aborted = false
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (_, { signal }) =>
          new Promise<number>(() => {
            signal.addEventListener("abort", () => {
              aborted = true
            })
          })
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { timeout: "1 second" })))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).rows[0]?.run.outcome._tag, "TimedOut")
      assert.isTrue(aborted)
    }))

  it.effect("hold for each evaluator", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(double, {
        evaluatorLimits: { timeout: "20 seconds" },
        evaluators: [
          Evaluator.make("hangs", () => Effect.never, { timeout: "10 seconds" }),
          Evaluator.make("slow", () => Effect.as(Effect.sleep("15 seconds"), 1)),
          Evaluator.make("slower", () => Effect.as(Effect.sleep("25 seconds"), 1))
        ]
      })))
      yield* TestClock.adjust("2 minutes")
      const experiment = yield* Fiber.join(fiber)
      for (const row of experiment.rows) assert.deepStrictEqual(kinds(row), ["TimedOut", "Scored", "TimedOut"])
      assert.deepStrictEqual(counts(experiment, "hangs"), { timedOut: 5 })
    }))

  it.effect("bound all attempts of a row together", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () => Effect.andThen(Effect.sleep("4 seconds"), Effect.fail("again"))
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        rowTimeout: "10 seconds",
        retry: Schedule.spaced("1 second")
      })))
      yield* TestClock.adjust("1 minute")
      const run = (yield* Fiber.join(fiber)).rows[0]?.run
      // 0 to 4, 5 to 9; the third would begin at 10.
      assert.strictEqual(run?.attempts.length, 2)
      assert.strictEqual(run?.outcome._tag, "Failed")
    }))

  it.effect("cut the last attempt short where the row's time ends", () =>
    Effect.gen(function*() {
      let calls = 0
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () => ++calls === 1 ? Effect.fail("again") : Effect.never
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        rowTimeout: "10 seconds",
        timeout: "8 seconds",
        retry: Schedule.spaced("4 seconds")
      })))
      yield* TestClock.adjust("10 seconds")
      const run = (yield* Fiber.join(fiber)).rows[0]?.run
      assert.strictEqual(run?.outcome._tag, "TimedOut")
      assert.strictEqual((run?.endTime ?? 0) - (run?.startTime ?? 0), 10_000)
    }))
})

describe("retries", () => {
  it.effect("follow the schedule and record every attempt", () =>
    Effect.gen(function*() {
      let calls = 0
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (_, { attempt }) =>
          Effect.suspend(() => {
            calls++
            return attempt < 3 ? Effect.fail(`attempt ${attempt}`) : Effect.succeed(attempt)
          })
      })
      const fiber = yield* Effect.forkChild(
        untraced(Evaluation.run(evaluation, { retry: Schedule.exponential("1 second") }))
      )
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(calls, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(calls, 2)
      yield* TestClock.adjust("2 seconds")
      const run = (yield* Fiber.join(fiber)).rows[0]?.run
      assert.strictEqual(run?.outputs, 3)
      assert.deepStrictEqual(run?.attempts.map(({ error }) => error), ["attempt 1", "attempt 2", undefined])
      assert.strictEqual((run?.endTime ?? 0) - (run?.startTime ?? 0), 3000)
    }))

  it.effect("end with the original cause and the history of attempts", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () => Effect.fail(new RangeError("out of range"))
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, { retry: Schedule.recurs(2) }))
      const run = experiment.rows[0]?.run
      assert.strictEqual(run?.attempts.length, 3)
      assert.strictEqual(run?.error, "RangeError: out of range")
    }))

  it.effect("are for failures and timeouts, not for defects, unless `while` says otherwise", () =>
    Effect.gen(function*() {
      const attemptsOf = Effect.fnUntraced(function*(
        target: () => Effect.Effect<number, unknown>,
        retry: { readonly schedule: Schedule.Schedule<unknown>; readonly while?: (error: unknown) => boolean }
      ) {
        const evaluation = Evaluation.make("t", { data: numbers(1), target })
        const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { retry, timeout: "1 second" })))
        yield* TestClock.adjust("1 minute")
        return (yield* Fiber.join(fiber)).rows[0]?.run.attempts.length
      })
      const schedule = Schedule.recurs(2)
      assert.strictEqual(yield* attemptsOf(() => Effect.fail("x"), { schedule }), 3)
      assert.strictEqual(yield* attemptsOf(() => Effect.never, { schedule }), 3)
      assert.strictEqual(yield* attemptsOf(() => Effect.die("x"), { schedule }), 1)
      assert.strictEqual(yield* attemptsOf(() => Effect.interrupt, { schedule }), 1)
      assert.strictEqual(yield* attemptsOf(() => Effect.fail({ isRetryable: false }), { schedule }), 1)
      assert.strictEqual(yield* attemptsOf(() => Effect.fail("x"), { schedule, while: (error) => error !== "x" }), 1)
      assert.strictEqual(yield* attemptsOf(() => Effect.die("x"), { schedule, while: () => true }), 3)
    }))

  it.effect("wait as long as the server asks", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (_, { attempt }) =>
          attempt === 1 ? Effect.fail({ status: 429, headers: { "retry-after": "7" } }) : Effect.succeed(attempt)
      })
      const fiber = yield* Effect.forkChild(
        untraced(Evaluation.run(evaluation, { retry: Schedule.spaced("1 second") }))
      )
      yield* TestClock.adjust("6999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).rows[0]?.run.outputs, 2)
    }))

  it.effect("work for evaluators, wrong results included", () =>
    Effect.gen(function*() {
      let calls = 0
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(1), target: (n) => n }),
        {
          evaluators: [
            Evaluator.make("effect", () =>
              Effect.suspend(() => ++calls < 3 ? Effect.fail("again") : Effect.succeed(calls)), {
              retry: Schedule.recurs(5)
            }),
            Evaluator.make("sync", () =>
              ++calls < 6 ? { score: Number.NaN } : { score: calls }, {
              retry: Schedule.recurs(5)
            })
          ]
        }
      ))
      assert.deepStrictEqual(kinds(experiment.rows[0]), ["Scored", "Scored"])
      assert.isAbove(experiment.rows[0]?.evaluations[1]?.attempts.length ?? 0, 1)
    }))
})

describe("rate limits", () => {
  const startsOf = Effect.fnUntraced(function*(
    run: (start: Effect.Effect<void>) => Effect.Effect<unknown, unknown, TracingClient.TracingClient>
  ) {
    const starts: Array<number> = []
    const clock = yield* Effect.clockWith(Effect.succeed)
    // The rate limiter is loaded on demand, which takes real time.
    yield* Effect.promise(() => import("effect/persistence/RateLimiter"))
    const fiber = yield* Effect.forkChild(
      untraced(run(Effect.sync(() => starts.push(clock.currentTimeMillisUnsafe()))))
    )
    yield* TestClock.withLive(Effect.sleep("50 millis"))
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(fiber)
    return starts
  })

  it.effect("space the starts of targets", () =>
    Effect.gen(function*() {
      const starts = yield* startsOf((start) =>
        Evaluation.run(Evaluation.make("t", { data: numbers(10), target: () => start }), {
          rateLimit: { limit: 2, window: "1 second", algorithm: "fixed-window" }
        })
      )
      assert.deepStrictEqual(starts.map((time) => Math.floor(time / 1000)), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    }))

  it.effect("hold for one evaluator and leave the others alone", () =>
    Effect.gen(function*() {
      let free = 0
      const starts = yield* startsOf((start) =>
        Evaluation.run(Evaluation.make("t", { data: numbers(4), target: (n) => n }), {
          evaluators: [
            Evaluator.make("limited", () => Effect.as(start, 1), {
              rateLimit: { limit: 1, window: "1 second", algorithm: "fixed-window" }
            }),
            Evaluator.make("free", () => ++free)
          ]
        })
      )
      assert.deepStrictEqual(starts.map((time) => Math.floor(time / 1000)), [0, 1, 2, 3])
      assert.strictEqual(free, 4)
    }))

  it.effect("with one key count together, retries included", () =>
    Effect.gen(function*() {
      const rateLimit = { limit: 1, window: "1 second", key: "provider", algorithm: "fixed-window" } as const
      const starts = yield* startsOf((start) =>
        Evaluation.run(
          Evaluation.make("t", {
            data: numbers(2),
            target: (_, { attempt }) => Effect.andThen(start, attempt === 1 ? Effect.fail("again") : Effect.succeed(1))
          }),
          {
            rateLimit,
            retry: Schedule.recurs(1),
            evaluators: [Evaluator.make("k", () => Effect.as(start, 1), { rateLimit })]
          }
        )
      )
      assert.deepStrictEqual(starts.map((time) => Math.floor(time / 1000)), [0, 1, 2, 3, 4, 5])
    }))
})

describe("failure thresholds", () => {
  const failing = (share: (n: number) => boolean) =>
    Evaluation.make("t", {
      data: numbers(100),
      target: (n) => share(n) ? Effect.fail(`row ${n}`) : Effect.succeed(n)
    })

  it.effect("stop early once more rows have failed than may", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const error = yield* Effect.flip(untraced(Evaluation.run(failing(() => true), {
        concurrency: 1,
        evaluatorConcurrency: 1,
        maxFailures: 3,
        onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
      })))
      assert.isTrue(error._tag === "TooManyFailures")
      assert.match(error.message, /4 of 4 rows failed .* at most 3 may/)
      assert.strictEqual(ended?.status, "failed")
      assert.strictEqual(ended?.rows.length, 4)
      assert.match(ended?.error ?? "", /TooManyFailures/)
    }))

  it.effect("allow exactly so many", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(failing((n) => n < 3), { maxFailures: 3 }))
      assert.strictEqual(experiment.status, "completed")
      assert.strictEqual(experiment.failedRows, 3)
      yield* Effect.flip(untraced(Evaluation.run(failing((n) => n < 4), { maxFailures: 3 })))
      yield* Effect.flip(untraced(Evaluation.run(failing((n) => n === 0), { maxFailures: 0 })))
      yield* untraced(Evaluation.run(failing(() => false), { maxFailures: 0 }))
    }))

  it.effect("judge a share early where the size is known, and at the end when asked", () =>
    Effect.gen(function*() {
      let rows = 0
      const options = {
        concurrency: 1,
        evaluatorConcurrency: 1,
        onEnd: (e: Experiment.Experiment) => Effect.sync(() => void (rows = e.rowCount))
      }
      yield* Effect.flip(untraced(Evaluation.run(failing((n) => n < 50), { ...options, maxFailures: { share: 0.1 } })))
      assert.strictEqual(rows, 11)
      yield* Effect.flip(
        untraced(Evaluation.run(failing((n) => n < 50), { ...options, maxFailures: { share: 0.1, stop: "end" } }))
      )
      assert.strictEqual(rows, 100)
      yield* untraced(Evaluation.run(failing((n) => n < 10), { maxFailures: { share: 0.1 } }))
    }))

  it.effect("say which limit was passed, in whole rows", () =>
    Effect.gen(function*() {
      const messageOf = (maxFailures: Evaluation.Settings["maxFailures"]) =>
        Effect.map(
          Effect.flip(untraced(
            Evaluation.run(Evaluation.make("t", { data: numbers(10), target: () => Effect.fail("no") }), {
              name: "x",
              concurrency: 1,
              maxFailures
            })
          )),
          ({ message }) => message.split(". ")[0]
        )
      assert.strictEqual(yield* messageOf({ count: 3, share: 0.5 }), "4 of 4 rows failed in x; at most 3 may")
      assert.strictEqual(
        yield* messageOf({ count: 6, share: 0.5 }),
        "6 of 6 rows failed in x; at most 5 (50 % of 10) may"
      )
      assert.strictEqual(yield* messageOf({ share: 0.25 }), "3 of 3 rows failed in x; at most 2 (25 % of 10) may")
      assert.strictEqual(
        yield* messageOf({ share: 0.07, stop: "end" }),
        "10 of 10 rows failed in x; at most 0 (7 % of 10) may"
      )
    }))

  it.effect("allow a share to the row, whatever its binary fraction", () =>
    Effect.gen(function*() {
      // 0.29 * 100 is 28.999999999999996.
      yield* untraced(Evaluation.run(failing((n) => n < 29), { maxFailures: { share: 0.29 } }))
      const error = yield* Effect.flip(
        untraced(Evaluation.run(failing((n) => n < 30), { maxFailures: { share: 0.29 } }))
      )
      assert.match(error.message, /at most 29 \(29 % of 100\) may/)
    }))

  it.effect("count evaluators that fail, but not what is skipped", () =>
    Effect.gen(function*() {
      const skipping = yield* untraced(
        Evaluation.run(double, { maxFailures: 0, evaluators: [Evaluator.make("k", () => Evaluator.skip("no"))] })
      )
      assert.strictEqual(skipping.failedRows, 0)
      const error = yield* Effect.flip(
        untraced(Evaluation.run(double, { maxFailures: 0, evaluators: [Evaluator.make("k", () => Effect.fail("no"))] }))
      )
      assert.strictEqual(error._tag, "TooManyFailures")
    }))
})

describe("options", () => {
  it.effect("that make no sense are refused with all that is wrong", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(untraced(Evaluation.run(double, { concurrency: 0, repetitions: 1.5 })))
      assert.strictEqual(error._tag, "InvalidOptions")
      assert.match(error.message, /concurrency: .*got 0/)
      assert.match(error.message, /repetitions: .*got 1.5/)
      const timeout = yield* Effect.flip(untraced(Evaluation.run(double, { timeout: "-1 seconds" })))
      assert.match(timeout.message, /timeout: expected a positive duration/)
      const evaluator = yield* Effect.flip(
        untraced(Evaluation.run(double, { evaluators: [Evaluator.make("k", () => 1, { concurrency: 0 })] }))
      )
      assert.match(evaluator.message, /evaluators\.k\.concurrency/)
      // @ts-expect-error -- what JavaScript lets pass
      const member = yield* Effect.flip(untraced(Evaluation.run(double, { evaluators: [5] })))
      assert.match(member.message, /evaluators\[0\]: expected a function, .* got 5/)
      const aligned = (runs: { readonly length: number }, examples: { readonly length: number }) =>
        runs.length === examples.length
      // @ts-expect-error -- what JavaScript lets pass
      const positional = yield* Effect.flip(untraced(Evaluation.run(double, { summaryEvaluators: [aligned] })))
      assert.match(positional.message, /SummaryEvaluator\.fromPositional around .* got the function aligned/)
    }))

  it.effect("are all looked at, so that one message names all that is wrong", () =>
    Effect.gen(function*() {
      const wrong = {
        repetitions: 0,
        timeout: "-1 seconds",
        evaluatorLimits: { rowTimeout: 0 },
        evaluators: [5, Evaluator.make("k", () => 1, { concurrency: 0 }), Evaluator.make("k", () => 2)],
        summaryEvaluators: [{}]
      }
      // @ts-expect-error -- what JavaScript lets pass
      const error = yield* Effect.flip(untraced(Evaluation.run(double, wrong)))
      assert.strictEqual(
        error.message,
        "The evaluation double cannot run with these options. " +
          "repetitions: expected a value greater than or equal to 1, got 0; " +
          "evaluators[0]: expected a function, what Evaluator.make or Evaluator.Service gives, or an object with " +
          "evaluateRun, got 5; " +
          "evaluators: two members named k; give one of them another name; " +
          "summaryEvaluators[0]: expected a function of one argument, what the module SummaryEvaluator gives, or " +
          "SummaryEvaluator.fromPositional around a function of runs and examples, got an empty object; " +
          "timeout: expected a positive duration such as \"30 seconds\", got \"-1 seconds\"; " +
          "and 2 more."
      )
    }))

  it.effect("name each mistake once", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(untraced(Evaluation.run(double, { concurrency: 0 })))
      assert.strictEqual(
        error.message,
        "The evaluation double cannot run with these options. " +
          "concurrency: expected a value greater than or equal to 1, got 0."
      )
    }))

  it.effect("can be read from a configuration by their schema", () =>
    Effect.gen(function*() {
      const settings = yield* Schema.decodeUnknownEffect(Evaluation.Settings)({
        concurrency: 2,
        maxFailures: { share: 0.5 }
      })
      const experiment = yield* untraced(Evaluation.run(double, settings))
      assert.strictEqual(experiment.options["concurrency"], 2)
    }))
})

describe("the end of a run", () => {
  it.effect("is a failure of the dataset, and the rows before it are kept", () =>
    Effect.gen(function*() {
      class Broken extends Schema.TaggedError<Broken>()("Broken", {}) {}
      let ended: Experiment.Experiment | undefined
      const data = Dataset.fromStream(
        "s",
        Stream.concat(Stream.make({ inputs: 1 }, { inputs: 2 }), Stream.fail(new Broken()))
      )
      const evaluation = Evaluation.make("t", { data, target: (n) => Effect.as(Effect.sleep("1 second"), n) })
      const fiber = yield* Effect.forkChild(
        untraced(Evaluation.run(evaluation, {
          onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
        })).pipe(Effect.flip)
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Broken")
      assert.strictEqual(ended?.status, "failed")
      assert.deepStrictEqual(ended?.rows.map(({ run }) => run.outputs), [1, 2])
    }))

  it.effect("is an interruption, which interrupts what is in flight and keeps what is done", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const interrupted: Array<number> = []
      const evaluation = Evaluation.make("t", {
        data: numbers(10),
        target: (n) =>
          n < 3 ? Effect.succeed(n) : Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(n)))
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        concurrency: 4,
        onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
      })))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(ended?.status, "interrupted")
      assert.deepStrictEqual(ended?.rows.map(({ index }) => index), [0, 1, 2])
      assert.deepStrictEqual(interrupted, [3, 4, 5, 6])
    }))

  it.effect("keeps outputs that were paid for when it comes while evaluators run", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const evaluation = Evaluation.make("t", { data: numbers(2), target: (n) => n })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        evaluators: [Evaluator.make("quick", () => 1), Evaluator.make("slow", () => Effect.never)],
        onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
      })))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(ended?.rows.map(kinds), [["Scored", "Cancelled"], ["Scored", "Cancelled"]])
      assert.deepStrictEqual(ended?.rows.map(({ run }) => run.outputs), [0, 1])
      assert.deepStrictEqual(ended === undefined ? {} : counts(ended, "slow"), { cancelled: 2 })
    }))

  it.effect("is an interruption when a parent's time is up, or when the consumer has enough", () =>
    Effect.gen(function*() {
      const statuses: Array<string> = []
      const onEnd = (experiment: Experiment.Experiment) => Effect.sync(() => void statuses.push(experiment.status))
      const hanging = Evaluation.make("t", { data: numbers(10), target: () => Effect.never })
      const fiber = yield* Effect.forkChild(
        untraced(Evaluation.run(hanging, { onEnd })).pipe(Effect.timeoutOption("1 second"))
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      yield* untraced(Evaluation.stream(double, { onEnd }).pipe(Stream.take(1), Stream.runDrain))
      yield* untraced(Evaluation.stream(double, { onEnd }).pipe(Stream.runDrain))
      assert.deepStrictEqual(statuses, ["interrupted", "interrupted", "completed"])
    }))

  it.effect("counts rows of the source that were left out", () =>
    Effect.gen(function*() {
      const data = Dataset.fromRecords(
        "r",
        Stream.make<ReadonlyArray<unknown>>({ inputs: 1 }, { inputs: "two" }, { inputs: 3 }),
        {
          inputs: Schema.Number,
          onInvalid: "skip"
        }
      )
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n })))
      assert.strictEqual(experiment.rowCount, 2)
      assert.strictEqual(experiment.leftOut.count, 1)
      assert.match(experiment.leftOut.messages[0] ?? "", /inputs: expected number, got "two"/)
    }))
})

describe("summary evaluators", () => {
  it.effect("come in array, fold and positional form, and see rows in input order", () =>
    Effect.gen(function*() {
      const order: Array<number> = []
      const experiment = yield* untraced(Evaluation.run(double, {
        evaluators: [Evaluator.make("k", ({ outputs }) => outputs)],
        summaryEvaluators: [
          function total({ rows }) {
            order.push(...rows.map(({ index }) => index))
            return rows.reduce((sum, row) => sum + (Row.score(row, "k") ?? 0), 0)
          },
          SummaryEvaluator.make("aligned", ({ examples, inputs, outputs, referenceOutputs, runs }) =>
            Effect.succeed(
              inputs.every((input, i) =>
                examples[i]?.inputs === input && outputs[i] === input * 2 && referenceOutputs[i] === input &&
                runs[i]?.outputs === outputs[i]
              )
            )),
          SummaryEvaluator.fromPositional("positional", (runs, examples) => runs.length === examples.length),
          SummaryEvaluator.fold("folded", {
            initial: () => 0,
            step: (sum, { run }) => sum + (run.outputs ?? 0),
            result: (sum) => ({ score: sum })
          }),
          SummaryEvaluator.make("many", () => [{ key: "a", score: 1 }, { key: "b", value: "x" }])
        ]
      }))
      assert.deepStrictEqual(order, [0, 1, 2, 3, 4])
      assert.deepStrictEqual(experiment.summaryResults, [
        { evaluator: "total", results: [{ key: "total", score: 20 }] },
        { evaluator: "aligned", results: [{ key: "aligned", score: true }] },
        { evaluator: "positional", results: [{ key: "positional", score: true }] },
        { evaluator: "folded", results: [{ key: "folded", score: 20 }] },
        { evaluator: "many", results: [{ key: "a", score: 1 }, { key: "b", value: "x" }] }
      ])
    }))

  it.effect("that fail are outcomes of their own", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(double, {
        summaryEvaluators: [
          SummaryEvaluator.make("throws", () => {
            throw new Error("no")
          }),
          SummaryEvaluator.make("fails", () => Effect.fail("no")),
          SummaryEvaluator.fold("step", {
            initial: () => 0,
            step: () => {
              throw new Error("step")
            },
            result: (n: number) => n
          }),
          // @ts-expect-error -- what JavaScript lets pass
          SummaryEvaluator.make("wrong", () => undefined),
          SummaryEvaluator.make("skips", () => Evaluator.skip("why")),
          SummaryEvaluator.make("fine", () => 1)
        ]
      }))
      assert.deepStrictEqual(
        experiment.summaryResults.map((
          { error, evaluator, results, skipped }
        ) => [evaluator, results.length, error !== undefined, skipped]),
        [
          ["throws", 0, true, undefined],
          ["fails", 0, true, undefined],
          ["step", 0, true, undefined],
          ["wrong", 0, true, undefined],
          ["skips", 0, false, "why"],
          ["fine", 1, false, undefined]
        ]
      )
    }))
})

describe("targets", () => {
  it.effect("may be services, chosen by Layers, with inputs and outputs held against schemas", () =>
    Effect.gen(function*() {
      class Doubler extends Target.Service<Doubler>()("test/Doubler", { inputs: Schema.Number, outputs: Schema.Int }) {}
      const evaluation = Evaluation.make("t", { data: numbers(3), target: Doubler })
      const whole = yield* untraced(Evaluation.run(evaluation)).pipe(
        Effect.provide(Layer.succeed(Doubler, { run: (n) => Effect.succeed(n * 2), version: "1" }))
      )
      const half = yield* untraced(Evaluation.run(evaluation)).pipe(
        Effect.provide(Layer.succeed(Doubler, { run: (n) => Effect.succeed(n / 2), version: "2" }))
      )
      assert.deepStrictEqual(whole.rows.map(({ run }) => run.outputs), [0, 2, 4])
      assert.deepStrictEqual(half.rows.map(({ run }) => run.outcome._tag), ["Succeeded", "Failed", "Succeeded"])
      assert.match(
        half.rows[1]?.run.error ?? "",
        /SchemaMismatch: The outputs of the target Doubler do not fit its schema: outputs: .*got 0.5/
      )
      assert.notStrictEqual(whole.target.fingerprint, half.target.fingerprint)
      assert.strictEqual(whole.target.name, "Doubler")
    }))

  it.effect("have a fingerprint of name, version and config, or of their text where there is no version", () =>
    Effect.gen(function*() {
      const fingerprint = (target: Target.Target<never, unknown>) =>
        Effect.map(target.describe, (description) => description.fingerprint)
      const f = (n: number) => n
      const g = (n: number) => n + 1
      const one = yield* fingerprint(Target.make("t", f, { version: "1", config: { a: 1, b: 2 } }))
      assert.strictEqual(one, yield* fingerprint(Target.make("t", g, { version: "1", config: { b: 2, a: 1 } })))
      assert.notStrictEqual(one, yield* fingerprint(Target.make("t", f, { version: "2", config: { a: 1, b: 2 } })))
      assert.notStrictEqual(one, yield* fingerprint(Target.make("t", f, { version: "1", config: { a: 2, b: 2 } })))
      assert.notStrictEqual(one, yield* fingerprint(Target.make("u", f, { version: "1", config: { a: 1, b: 2 } })))
      assert.notStrictEqual(yield* fingerprint(Target.make("t", f)), yield* fingerprint(Target.make("t", g)))
      assert.strictEqual(
        yield* fingerprint(Target.make("t", f)),
        yield* fingerprint(Target.make("t", (n: number) => n))
      )
    }))

  it.effect("may be outputs that were made elsewhere, joined by example id", () =>
    Effect.gen(function*() {
      const target = Target.fromOutputs("recorded", [["n0", 0], ["n1", 7]])
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(3), target }), {
        evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)]
      }))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outcome._tag), ["Succeeded", "Succeeded", "Failed"])
      assert.match(experiment.rows[2]?.run.error ?? "", /Nothing is recorded for the example n2/)
      assert.strictEqual(experiment.summaries["correct"]?.score?.mean, 0.5)
      assert.deepStrictEqual(counts(experiment, "correct"), { scored: 2, skipped: 1 })
    }))

  it.effect("that are recorded are not run: they take no time, wait for nothing, and are not tried again", () =>
    Effect.gen(function*() {
      const options = {
        retry: Schedule.spaced("1 second"),
        rateLimit: { limit: 1, window: "1 minute" },
        evaluators: [Evaluator.make("n", ({ outputs }: Evaluator.EvaluatorArgs<unknown, number>) => outputs)]
      } as const
      const outputs = Evaluation.make("t", {
        data: numbers(3),
        target: Target.fromOutputs("recorded", { n0: 0, n1: 1 })
      })
      const experiment = yield* untraced(Evaluation.run(outputs, options))
      assert.deepStrictEqual(experiment.runs, { succeeded: 2, failed: 1, timedOut: 0, cancelled: 0 })
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.attempts), [[], [], []])
      assert.isUndefined(experiment.latencies.target)
      assert.strictEqual(experiment.latencies.evaluators["n"]?.count, 2)

      const live = yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(2), target: (n) => n })))
      const runs = Evaluation.make("t", {
        data: numbers(3),
        target: Target.fromRuns("recorded", live.rows.map(({ run }) => run))
      })
      const again = yield* untraced(Evaluation.run(runs, options))
      assert.deepStrictEqual(again.rows.map(({ run }) => run.attempts.length), [1, 1, 0])
      assert.match(again.rows[2]?.run.error ?? "", /Nothing is recorded for the example n2/)
      // What was run has the time that it took then.
      assert.strictEqual(again.latencies.target?.count, 2)
    }))

  it.effect("say which repetition of an example is not recorded", () =>
    Effect.gen(function*() {
      const live = yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(1), target: (n) => n })))
      const recorded = Target.fromRuns("recorded", live.rows.map(({ run }) => run))
      const { rows: [first, second] } = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(1), target: recorded }), { repetitions: 2 })
      )
      assert.strictEqual(first?.run.outputs, 0)
      assert.match(second?.run.error ?? "", /recorded for repetition 2 of the example n0 in recorded. Ask for no more/)
    }))

  it.effect("that are recorded can be called as any other", () =>
    Effect.gen(function*() {
      const target = Target.fromOutputs("recorded", { n0: 5 })
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", {
          data: numbers(2),
          target: (inputs, context) => target.run(inputs, context)
        }))
      )
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [5, undefined])
      assert.match(experiment.rows[1]?.run.error ?? "", /RecordedOutputMissing/)
    }))

  it.effect("may be runs that exist, judged as they are", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(3),
        target: (n) => n === 1 ? Effect.fail("one") : Effect.succeed(n).pipe(Effect.withSpan("child"))
      })
      const first = yield* untraced(Evaluation.run(evaluation, { repetitions: 2 }))
      let calls = 0
      const again = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(4), target: Target.fromRuns("t", first.rows.map(({ run }) => run)) }),
        { repetitions: 2, evaluators: [Evaluator.make("children", ({ run }) => (calls++, run.childRuns.length))] }
      ))
      assert.deepStrictEqual(again.rows.slice(0, 6).map(({ run }) => run), first.rows.map(({ run }) => run))
      assert.deepStrictEqual(again.rows.slice(6).map(({ run }) => run.outcome._tag), ["Failed", "Failed"])
      assert.strictEqual(calls, 4)
      assert.strictEqual(again.summaries["children"]?.score?.mean, 1)
    }))
})

describe("several runs in one process", () => {
  it.effect("do not know of each other", () =>
    Effect.gen(function*() {
      class Factor extends Context.Service<Factor, number>()("test/Factor") {}
      const evaluation = Evaluation.make("t", {
        data: numbers(50),
        target: (n) => Effect.map(Effect.yieldNow.pipe(Effect.andThen(Factor)), (factor) => n * factor)
      })
      const experiments = yield* Effect.forEach([1, 2, 3], (factor) =>
        untraced(Evaluation.run(evaluation, {
          evaluators: [Evaluator.make("k", ({ outputs }) => outputs)]
        })).pipe(
          Effect.provideService(Factor, factor)
        ), { concurrency: "unbounded" })
      assert.deepStrictEqual(
        experiments.map(({ summaries }) => summaries["k"]?.score?.mean),
        [24.5, 49, 73.5]
      )
      assert.strictEqual(new Set(experiments.map(({ id }) => id)).size, 3)
    }))
})

describe("a run that is used wrong", () => {
  it.effect("gives what the exit says, for code that wants to know", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(untraced(Evaluation.run(double, { concurrency: -1 })))
      assert.isTrue(Exit.isFailure(exit))
    }))
})
