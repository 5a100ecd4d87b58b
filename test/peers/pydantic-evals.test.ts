/**
 * The defects that were found in pydantic_evals, and the rules of Inspect AI for errors, the right way round.
 *
 * Where this engine means to do something else:
 *
 * | There | Here | Because |
 * |---|---|---|
 * | one slot covers a task and its evaluators | each has places of its own | a judge's limit is not the target's |
 * | a retried sample goes to the back of the queue | it is tried again in its place | the row keeps its budget of time |
 * | a threshold of errors ends the run as it is reached | as it is passed | so many may fail, and no more |
 * | an error is scored when asked (`score_on_error`) | by evaluators that ask for failed runs | it is theirs to say what that is worth |
 *
 * Synchronous evaluators run one after the other there and here: JavaScript has one thread. What waits for something (a
 * Promise, an Effect) runs beside the others.
 *
 * Elsewhere: precision-recall curves in `statistics/thresholds.test.ts`, span queries and their bounds of 0 in
 * `scorers/Runs.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Dataset, Evaluation, Evaluator, type Experiment, TracingClient } from "../../src/index.ts"
import { settle } from "../support/clock.ts"
import { makeMeter } from "../support/meter.ts"
import { advance, counts, kinds, numbers, untraced } from "../support/run.ts"

const durationOf = ({ endTime, startTime }: { readonly startTime: number; readonly endTime: number }) =>
  endTime - startTime

describe("a case that crashes in the new run", () => {
  const run = (target: (n: number) => Effect.Effect<number, string>) =>
    untraced(Evaluation.run(Evaluation.make("t", { data: numbers(3), target }), {
      evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)]
    }))

  it.effect("is a row with its error, and each side says over how many its rate is", () =>
    Effect.gen(function*() {
      const before = yield* run((n) => Effect.succeed(n))
      const after = yield* run((n) => n === 1 ? Effect.die("crash") : Effect.succeed(n))
      // Both pass whatever they judged; only the counts tell them apart.
      assert.strictEqual(before.summaries["correct"]?.score?.mean, 1)
      assert.strictEqual(after.summaries["correct"]?.score?.mean, 1)
      assert.deepStrictEqual(counts(before, "correct"), { scored: 3 })
      assert.deepStrictEqual(counts(after, "correct"), { scored: 2, skipped: 1 })
      assert.deepStrictEqual(
        after.rows.map(({ example, run }) => [example.id, run.outcome._tag]),
        before.rows.map(({ example }) => [example.id, example.id === "n1" ? "Failed" : "Succeeded"])
      )
      assert.strictEqual(after.rows[1]?.run.error, "crash")
      assert.deepStrictEqual(kinds(after.rows[1]), ["Skipped"])
      assert.strictEqual(after.failedRows, 1)
      assert.strictEqual(after.rowCount, 3)
    }))

  it.effect("is counted by evaluators that ask for it, so that a rate may be over all", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(3),
          target: (n) => n === 1 ? Effect.fail("crash") : Effect.succeed(n)
        }),
        {
          evaluators: [
            Evaluator.makeForAllRuns("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)
          ]
        }
      ))
      assert.deepStrictEqual(counts(experiment, "correct"), { scored: 3 })
      assert.approximately(experiment.summaries["correct"]?.score?.mean ?? 0, 2 / 3, 1e-15)
    }))
})

describe("cancelling after five of ten cases", () => {
  const evaluation = Evaluation.make("t", {
    data: numbers(10),
    target: (n) => n < 5 ? Effect.succeed(n) : Effect.never
  })
  const evaluators = [
    Evaluator.make(
      "correct",
      ({ outputs, referenceOutputs }: Evaluator.EvaluatorArgs<unknown, number, number>) => outputs === referenceOutputs
    )
  ]

  it.effect("leaves an experiment of five rows that says that it was interrupted", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        evaluators,
        onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
      })))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(ended?.status, "interrupted")
      assert.deepStrictEqual(ended?.rows.map(({ run }) => run.outputs), [0, 1, 2, 3, 4])
      assert.strictEqual(ended?.rowCount, 5)
      assert.deepStrictEqual(counts(ended ?? { summaries: {} }, "correct"), { scored: 5 })
      assert.strictEqual(ended?.summaries["correct"]?.score?.mean, 1)
      assert.deepStrictEqual(ended?.runs, { succeeded: 5, failed: 0, timedOut: 0, cancelled: 0 })
    }))

  it.effect("leaves it where experiments are written, too", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(Evaluation.run(evaluation, { evaluators }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      const [recorded] = yield* (yield* TracingClient.Memory).experiments
      assert.strictEqual(recorded?.footer?.status, "interrupted")
      assert.strictEqual(recorded?.footer?.rowCount, 5)
      assert.sameMembers(recorded?.rows.map(({ index }) => index) ?? [], [0, 1, 2, 3, 4])
    }).pipe(Effect.provide(TracingClient.layerMemory)))

  it.effect("gives a consumer of the stream what was done, one row at a time", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const fiber = yield* Effect.forkChild(untraced(
        Stream.runForEach(Evaluation.stream(evaluation, { evaluators }), ({ index }) =>
          Effect.sync(() => seen.push(index)))
      ))
      yield* advance(1000)
      yield* Fiber.interrupt(fiber)
      assert.sameMembers(seen, [0, 1, 2, 3, 4])
    }))
})

describe("a teardown that throws", () => {
  /** Uses something that cannot be given back for one case. */
  const using = (n: number, broken: number) =>
    Effect.acquireUseRelease(
      Effect.succeed(n),
      (n) => Effect.succeed(n * 2),
      () => n === broken ? Effect.die(new RangeError(`teardown of ${n}`)) : Effect.void
    )

  it.effect("of one case is recorded on that case", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(4), target: (n) => using(n, 2) }),
        { evaluators: [Evaluator.make("k", () => 1)] }
      ))
      assert.strictEqual(experiment.status, "completed")
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [0, 2, undefined, 6])
      assert.strictEqual(experiment.rows[2]?.run.error, "RangeError: teardown of 2")
      assert.deepStrictEqual(counts(experiment, "k"), { scored: 3, skipped: 1 })
    }))

  it.effect("of an evaluator is recorded on that evaluator", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(4), target: (n) => n }),
        {
          evaluators: [
            Evaluator.make("breaks", ({ inputs }) => using(inputs, 2)),
            Evaluator.make("fine", () => Effect.succeed(1))
          ]
        }
      ))
      assert.deepStrictEqual(experiment.rows.map(kinds), [
        ["Scored", "Scored"],
        ["Scored", "Scored"],
        ["Failed", "Scored"],
        ["Scored", "Scored"]
      ])
    }))

  it.effect("after a timeout leaves the other cases alone", () =>
    Effect.gen(function*() {
      const experiment = yield* settle(untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(3),
          target: (n) =>
            n === 1
              ? Effect.ensuring(Effect.never, Effect.die(new RangeError("teardown")))
              : Effect.as(Effect.sleep("2 seconds"), n)
        }),
        { timeout: "5 seconds" }
      )))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [0, undefined, 2])
      assert.match(experiment.rows[1]?.run.error ?? "", /RangeError: teardown/)
    }))
})

describe("retries that are exhausted", () => {
  const retry = Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 3 }))

  it.effect("leave the original cause and every attempt, for a target", () =>
    Effect.gen(function*() {
      const error = new RangeError("out of range")
      const experiment = yield* settle(untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(1),
          target: (_, { attempt }) => attempt < 4 ? Effect.fail(`attempt ${attempt}`) : Effect.fail(error)
        }),
        { retry }
      )))
      const run = experiment.rows[0]?.run
      assert.strictEqual(run?.error, "RangeError: out of range")
      assert.strictEqual(
        run?.outcome._tag === "Failed" && run.outcome.cause.reasons.find(Cause.isFailReason)?.error,
        error
      )
      assert.deepStrictEqual(run?.attempts.map(({ error }) => error), [
        "attempt 1",
        "attempt 2",
        "attempt 3",
        "RangeError: out of range"
      ])
      const start = run?.startTime ?? 0
      assert.deepStrictEqual(run?.attempts.map(({ startTime }) => startTime - start), [0, 1000, 3000, 7000])
    }))

  it.effect("leave the original cause and every attempt, for an evaluator", () =>
    Effect.gen(function*() {
      let calls = 0
      const experiment = yield* settle(untraced(Evaluation.run(
        Evaluation.make("t", { data: numbers(1), target: (n) => n }),
        {
          evaluators: [
            Evaluator.make("judge", async (): Promise<number> => {
              throw new RangeError(`call ${++calls}`)
            }, { retry }),
            Evaluator.make("fine", () => 1)
          ]
        }
      )))
      const [judge, fine] = experiment.rows[0]?.evaluations ?? []
      assert.strictEqual(judge?.outcome._tag === "Failed" && judge.outcome.message, "RangeError: call 4")
      assert.deepStrictEqual(
        judge?.attempts.map(({ error }) => error),
        [1, 2, 3, 4].map((call) => `RangeError: call ${call}`)
      )
      assert.strictEqual(fine?.attempts.length, 1)
    }))

  it.effect("leave the last timeout, after the failures before it", () =>
    Effect.gen(function*() {
      const experiment = yield* settle(untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(1),
          target: (_, { attempt }) => attempt === 1 ? Effect.fail("refused") : Effect.never
        }),
        { retry: Schedule.recurs(1), timeout: "2 seconds" }
      )))
      const run = experiment.rows[0]?.run
      assert.strictEqual(run?.outcome._tag, "TimedOut")
      assert.deepStrictEqual(run?.attempts.map(({ error }) => error), [
        "refused",
        "took longer than 2s and was interrupted"
      ])
    }))
})

describe("evaluators that take fifty milliseconds, on twenty cases", () => {
  const evaluation = Evaluation.make("t", { data: numbers(20), target: (n) => n })

  it.effect("run beside each other if they wait", () =>
    Effect.gen(function*() {
      const experiment = yield* settle(
        untraced(Evaluation.run(evaluation, {
          evaluatorConcurrency: 20,
          evaluators: [Evaluator.make("waits", () => Effect.as(Effect.sleep(50), 1))]
        })),
        { step: 10 }
      )
      assert.strictEqual(durationOf(experiment), 50)
    }))

  it.effect("run one after the other if they compute, in the order in which they stand", () =>
    Effect.gen(function*() {
      const meter = { active: 0, max: 0 }
      const calls: Array<string> = []
      const computing = (name: string) =>
        Evaluator.make(name, ({ inputs }: Evaluator.EvaluatorArgs<number>) => {
          meter.max = Math.max(meter.max, ++meter.active)
          calls.push(`${name}${inputs}`)
          meter.active--
          return true
        })
      const experiment = yield* untraced(Evaluation.run(evaluation, { evaluators: [computing("a"), computing("b")] }))
      assert.strictEqual(meter.max, 1)
      assert.strictEqual(calls.length, 40)
      for (let n = 0; n < 20; n++) assert.isBelow(calls.indexOf(`a${n}`), calls.indexOf(`b${n}`))
      assert.deepStrictEqual(counts(experiment, "b"), { scored: 20 })
    }))
})

describe("tasks and evaluators", () => {
  it.effect("have places of their own: eight cases, four at once, take three tenths of a second", () =>
    Effect.gen(function*() {
      const targets = makeMeter()
      const experiment = yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", { data: numbers(8), target: () => targets.inside(Effect.sleep(100)) }),
          {
            concurrency: 4,
            evaluators: [Evaluator.make("k", () => Effect.as(Effect.sleep(100), 1))]
          }
        )),
        { step: 50 }
      )
      assert.strictEqual(durationOf(experiment), 300)
      assert.strictEqual(targets.max, 4)
    }))
})

describe("fifty thousand trivial cases", () => {
  const count = 50_000

  /** Counts how far the source is ahead of what is done. */
  const source = () => {
    const state = { pulled: 0, done: 0, furthest: 0 }
    const examples = function*() {
      for (let n = 0; n < count; n++) {
        state.pulled++
        state.furthest = Math.max(state.furthest, state.pulled - state.done)
        yield { id: String(n), inputs: n, referenceOutputs: n }
      }
    }
    return { state, data: Dataset.fromIterable("many", { [Symbol.iterator]: examples }) }
  }

  it.effect("finish, and no more of them are held than are at work", () =>
    Effect.gen(function*() {
      const { data, state } = source()
      let ended: Experiment.Experiment | undefined
      yield* untraced(
        Evaluation.stream(Evaluation.make("t", { data, target: (n) => n }), {
          concurrency: 32,
          evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)],
          onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
        }).pipe(Stream.runForEach(() => Effect.sync(() => state.done++)))
      )
      assert.strictEqual(state.done, count)
      assert.strictEqual(ended?.rowCount, count)
      assert.strictEqual(ended?.rows.length, 0)
      assert.deepStrictEqual(counts(ended ?? { summaries: {} }, "correct"), { scored: count })
      assert.isAtMost(state.furthest, 1000, "whatever the number of cases")
    }))

  it.effect("finish in one call that keeps their numbers and not their rows", () =>
    Effect.gen(function*() {
      const { data } = source()
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n }), {
        keepRows: false,
        evaluators: [Evaluator.make("value", ({ outputs }) => outputs)]
      }))
      assert.strictEqual(experiment.rows.length, 0)
      assert.strictEqual(experiment.rowCount, count)
      assert.strictEqual(experiment.summaries["value"]?.score?.mean, (count - 1) / 2)
      assert.strictEqual(experiment.summaries["value"]?.score?.count, count)
    }))
})

describe("Inspect AI's rules for errors", () => {
  const failing = (failures: number, of: number) =>
    Evaluation.make("t", {
      data: numbers(of),
      target: (n) => n < failures ? Effect.fail("no") : Effect.succeed(n)
    })
  const passes = (failures: number, of: number, maxFailures: Evaluation.Settings["maxFailures"]) =>
    untraced(Evaluation.run(failing(failures, of), { concurrency: 1, maxFailures })).pipe(
      Effect.as(true),
      Effect.catchTag("TooManyFailures", () => Effect.succeed(false))
    )

  it.effect("let so many fail, and no more", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* passes(10, 100, { share: 0.1 }))
      assert.isFalse(yield* passes(11, 100, { share: 0.1 }))
      assert.isTrue(yield* passes(5, 20, 5))
      assert.isFalse(yield* passes(6, 20, 5))
      assert.isTrue(yield* passes(0, 20, 0))
      assert.isTrue(yield* passes(0, 20, { share: 0 }))
      assert.isFalse(yield* passes(1, 20, { share: 0 }))
      assert.isTrue(yield* passes(20, 20, undefined))
    }))

  it.effect("run everything and judge at the end, when asked", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const onEnd = (experiment: Experiment.Experiment) => Effect.sync(() => void (ended = experiment))
      yield* Effect.flip(untraced(
        Evaluation.run(failing(5, 20), { concurrency: 1, maxFailures: { count: 1, stop: "end" }, onEnd })
      ))
      assert.strictEqual(ended?.rowCount, 20)
      assert.strictEqual(ended?.status, "failed")
      yield* Effect.flip(untraced(Evaluation.run(failing(5, 20), { concurrency: 1, maxFailures: 1, onEnd })))
      assert.strictEqual(ended?.rowCount, 2)
      assert.strictEqual(ended?.status, "failed")
    }))

  it.effect("keep the errors of the attempts before the one that succeeded", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", {
          data: numbers(1),
          target: (_, { attempt }) => attempt < 3 ? Effect.fail(`attempt ${attempt}`) : Effect.succeed("at last")
        }),
        { retry: Schedule.recurs(5) }
      ))
      assert.strictEqual(experiment.rows[0]?.run.outputs, "at last")
      assert.deepStrictEqual(experiment.rows[0]?.run.attempts.map(({ error }) => error), [
        "attempt 1",
        "attempt 2",
        undefined
      ])
    }))
})
