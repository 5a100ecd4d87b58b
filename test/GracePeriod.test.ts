import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { Evaluation, type Experiment } from "../src/index.ts"
import { kinds, numbers, untraced } from "./support/run.ts"

/** Holds on until it is let go, whoever interrupts it. */
const held = (gate: Deferred.Deferred<void>) => Effect.uninterruptible(Deferred.await(gate))

describe("code that does not stop", () => {
  it.effect("is left behind after the grace period, and the run goes on", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      let calls = 0
      const evaluation = Evaluation.make("stuck", {
        data: numbers(4),
        target: (n) => {
          calls++
          return n === 1 ? Effect.as(held(gate), n) : Effect.succeed(n)
        }
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        timeout: "10 seconds",
        concurrency: 1,
        retry: Schedule.recurs(3)
      })))
      yield* TestClock.adjust("39 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const { rows, runs } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(runs, { succeeded: 3, failed: 0, timedOut: 1, cancelled: 0 })
      // The attempt that may be at work still is not joined by a second one.
      assert.strictEqual(calls, 4)
      assert.deepInclude(rows[1]?.run.outcome, { _tag: "TimedOut", afterMillis: 10_000 })
      assert.strictEqual(
        rows[1]?.run.error,
        "took longer than 10s, was interrupted, and had not stopped 30s later (gracePeriod): it cannot be interrupted " +
          "or has long finalizers. The run went on without it; it may be at work still"
      )
      assert.strictEqual(rows[1]?.run.attempts[0]?.error, rows[1]?.run.error)
      yield* Deferred.succeed(gate, undefined)
    }))

  it.effect("is left behind by evaluators, each by its own grace period", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("stuck", { data: numbers(2), target: (n) => n }),
        {
          evaluatorLimits: { timeout: "1 second", gracePeriod: "2 seconds" },
          evaluators: [
            function stuck() {
              return Effect.as(held(gate), 1)
            },
            function fine() {
              return 1
            }
          ]
        }
      )))
      yield* TestClock.adjust("3 seconds")
      for (const row of (yield* Fiber.join(fiber)).rows) assert.deepStrictEqual(kinds(row), ["TimedOut", "Scored"])
      yield* Deferred.succeed(gate, undefined)
    }))

  it.effect("that stops within the grace period has run its finalizers", () =>
    Effect.gen(function*() {
      let closed = false
      const evaluation = Evaluation.make("slow to stop", {
        data: numbers(1),
        target: () =>
          Effect.never.pipe(
            Effect.onInterrupt(() => Effect.andThen(Effect.sleep("20 seconds"), Effect.sync(() => closed = true)))
          )
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { timeout: "10 seconds" })))
      yield* TestClock.adjust("29 seconds")
      assert.isFalse(closed)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).rows[0]?.run.error, "took longer than 10s and was interrupted")
      assert.isTrue(closed)
    }))

  it.effect("holds up the end of an interrupted run no longer than the grace period", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const ended: Array<Experiment.Experiment> = []
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("stuck", {
          data: numbers(3),
          target: (n) => n === 2 ? Effect.as(held(gate), n) : Effect.succeed(n)
        }),
        { gracePeriod: "5 seconds", onEnd: (experiment) => Effect.sync(() => ended.push(experiment)) }
      )))
      yield* TestClock.adjust("1 second")
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(ended, [])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interruption)
      assert.deepInclude(ended[0], { status: "interrupted", rowCount: 2 })
      yield* Deferred.succeed(gate, undefined)
    }))

  it.effect("is waited for when the grace period is infinite", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("stuck", { data: numbers(1), target: (n) => Effect.as(held(gate), n) }),
        { timeout: "10 seconds", gracePeriod: "Infinity" }
      )))
      yield* TestClock.adjust("1 day")
      assert.isUndefined(fiber.pollUnsafe())
      yield* Deferred.succeed(gate, undefined)
      // It was interrupted where it could be again: after the part that it could not be interrupted in.
      assert.strictEqual((yield* Fiber.join(fiber)).rows[0]?.run.error, "took longer than 10s and was interrupted")
    }))
})

describe("a target that gives a promise", () => {
  const evaluationOf = (target: (n: number) => PromiseLike<number>) =>
    Evaluation.make("promises", { data: numbers(2), target })

  it.effect("times out, is told by its signal, and what it says later is not heard", () =>
    Effect.gen(function*() {
      const late: Array<(value: number) => void> = []
      let aborted = 0
      const evaluation = Evaluation.make("promises", {
        data: numbers(2),
        target: (_, { signal }) => {
          signal.addEventListener("abort", () => aborted++)
          return new Promise<number>((resolve) => late.push(resolve))
        }
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { timeout: "1 second" })))
      yield* TestClock.adjust("1 second")
      const { rows } = yield* Fiber.join(fiber)
      for (const resolve of late) resolve(1)
      yield* Effect.yieldNow
      assert.strictEqual(aborted, 2)
      for (const { run } of rows) assert.strictEqual(run.error, "took longer than 1s and was interrupted")
    }))

  it.effect("is tried again, and fails with what it was rejected with", () =>
    Effect.gen(function*() {
      let calls = 0
      const { rows } = yield* untraced(Evaluation.run(
        evaluationOf((n) => ++calls % 2 === 1 ? Promise.reject(new Error(`no ${n}`)) : Promise.resolve(n)),
        { retry: Schedule.recurs(1), concurrency: 1 }
      ))
      assert.deepStrictEqual(rows.map(({ run }) => [run.outputs, run.attempts.length]), [[0, 2], [1, 2]])
      assert.strictEqual(rows[1]?.run.attempts[0]?.error, "Error: no 1")
    }))

  it.effect("may only look like one, and settle at once, twice, or throw", () =>
    Effect.gen(function*() {
      const odd = (n: number): PromiseLike<number> => ({
        // oxlint-disable-next-line unicorn/no-thenable
        then(
          fulfilled: ((value: number) => unknown) | null | undefined,
          rejected: ((e: unknown) => unknown) | null | undefined
        ) {
          if (n === 0) {
            fulfilled?.(10)
            fulfilled?.(11)
            rejected?.(new Error("too late"))
            throw new Error("much too late")
          }
          throw new Error("no promise at all")
        }
      } as PromiseLike<number>)
      const { rows } = yield* untraced(Evaluation.run(evaluationOf(odd)))
      assert.strictEqual(rows[0]?.run.outputs, 10)
      assert.strictEqual(rows[1]?.run.error, "Error: no promise at all")
    }))
})
