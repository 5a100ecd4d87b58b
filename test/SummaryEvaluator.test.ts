import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Evaluation from "../src/Evaluation.ts"
import * as SummaryEvaluator from "../src/SummaryEvaluator.ts"
import { advance, numbers, untraced } from "./support/run.ts"

const evaluation = Evaluation.make("double", { data: numbers(3), target: (n) => n * 2 })

const summedUp = (...summaryEvaluators: ReadonlyArray<SummaryEvaluator.Input<number, number, unknown, unknown>>) =>
  untraced(Evaluation.run(evaluation, { summaryEvaluators }))

describe("the limits of a summary evaluator", () => {
  it.effect("end an attempt that takes too long, and the experiment goes on", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const asked = yield* Deferred.make<void>()
      const running = yield* Effect.forkChild(summedUp(
        SummaryEvaluator.make(
          "slow",
          () =>
            Effect.andThen(
              Deferred.succeed(asked, undefined),
              Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++))
            ),
          { timeout: "10 seconds" }
        ),
        SummaryEvaluator.make("rows", ({ rows }) => rows.length)
      ))
      yield* Deferred.await(asked)
      yield* advance(10_000)
      const { status, summaryResults } = yield* Fiber.join(running)
      assert.strictEqual(status, "completed")
      assert.strictEqual(interrupted, 1)
      assert.strictEqual(summaryResults[0]?.error, "took longer than 10s and was interrupted")
      assert.deepStrictEqual(summaryResults[1]?.results, [{ key: "rows", score: 3 }])
    }))

  it.effect("try again by a schedule, of all its forms", () =>
    Effect.gen(function*() {
      const twice = { retry: Schedule.recurs(1) }
      const failing = () => {
        let calls = 0
        return () => ++calls % 2 === 1 ? Effect.fail("busy") : Effect.succeed(calls)
      }
      const { summaryResults } = yield* summedUp(
        SummaryEvaluator.make("made", failing(), twice),
        SummaryEvaluator.fromPositional("positional", failing(), twice),
        SummaryEvaluator.fold("folded", { initial: () => 0, step: (n) => n + 1, result: failing(), ...twice }),
        SummaryEvaluator.make("once", failing())
      )
      assert.deepStrictEqual(summaryResults.map(({ error, results }) => error ?? results[0]?.score), [2, 2, 2, "busy"])
    }))

  it.effect("end all attempts together", () =>
    Effect.gen(function*() {
      let calls = 0
      const asked = yield* Deferred.make<void>()
      const running = yield* Effect.forkChild(summedUp(SummaryEvaluator.make("busy", () => {
        calls++
        return Effect.andThen(Deferred.succeed(asked, undefined), Effect.fail("busy"))
      }, { retry: Schedule.spaced("20 seconds"), totalTimeout: "1 minute" })))
      yield* Deferred.await(asked)
      yield* advance(600_000)
      const { summaryResults } = yield* Fiber.join(running)
      assert.strictEqual(summaryResults[0]?.error, "busy")
      assert.isAbove(calls, 1)
      assert.isAtMost(calls, 4)
    }))

  it.effect("are checked before anything runs", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        summedUp(SummaryEvaluator.make("slow", () => 1, { timeout: "-1 seconds", totalTimeout: 0 }))
      )
      assert.include(error.message, "summaryEvaluators.slow.timeout: expected a positive duration")
      assert.include(error.message, "summaryEvaluators.slow.totalTimeout: expected a positive duration")
    }))
})

describe("what a summary evaluator is known by", () => {
  const fold = (step: (n: number) => number, options: SummaryEvaluator.Options = {}) =>
    SummaryEvaluator.fold("folded", { initial: () => 0, step, result: (n) => n, ...options })

  it.effect("is recorded with the experiment", () =>
    Effect.gen(function*() {
      const { summaryEvaluators } = yield* summedUp(
        SummaryEvaluator.make("verdict", () => 1, { version: "2", config: { model: "judge-1" } }),
        function rows({ rows }) {
          return rows.length
        }
      )
      assert.deepStrictEqual(
        summaryEvaluators?.map(({ config, name, version }) => ({ config, name, version })),
        [
          { name: "verdict", version: "2", config: { model: "judge-1" } },
          { name: "rows", version: undefined, config: undefined }
        ]
      )
      assert.isFalse("summaryEvaluators" in (yield* summedUp()))
    }))

  it("changes with the version, with the configuration and, without a version, with the text of its functions", () => {
    const fingerprint = (evaluator: SummaryEvaluator.SummaryEvaluator) => evaluator.description.fingerprint
    assert.strictEqual(fingerprint(fold((n) => n + 1)), fingerprint(fold((n) => n + 1)))
    assert.notStrictEqual(fingerprint(fold((n) => n + 1)), fingerprint(fold((n) => n + 2)))
    assert.strictEqual(
      fingerprint(fold((n) => n + 1, { version: "1" })),
      fingerprint(fold((n) => n + 2, { version: "1" }))
    )
    assert.notStrictEqual(
      fingerprint(fold((n) => n, { version: "1" })),
      fingerprint(fold((n) => n, { version: "1", config: { model: "judge-1" } }))
    )
  })

  it.effect("says how its scores are to be read, where a result does not", () =>
    Effect.gen(function*() {
      const feedbackConfig = { type: "continuous", min: 0, max: 1 } as const
      const { summaryResults } = yield* summedUp(SummaryEvaluator.make("share", () => 0.5, { feedbackConfig }))
      assert.deepStrictEqual(summaryResults[0]?.results, [{ key: "share", score: 0.5, feedbackConfig }])
    }))
})
