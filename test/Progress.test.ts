import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Sink, Stdio, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Evaluation, Evaluator, Progress } from "../src/index.ts"
import { barOf, formatMillis, liveLines, progressLine } from "../src/internal/values/progressText.ts"
import { advance, numbers, untraced } from "./support/run.ts"

/** What is written to standard error, and whether that is a terminal. */
const stderr = (isTerminal: boolean) => {
  const written: Array<string> = []
  return {
    text: () => written.join(""),
    layer: Stdio.layerTest({
      stderrIsTerminal: Effect.succeed(isTerminal),
      stderr: () => Sink.forEach((chunk: string | Uint8Array) => Effect.sync(() => void written.push(String(chunk))))
    })
  }
}

const evaluation = Evaluation.make("slow", {
  data: numbers(10),
  target: (n) => n === 7 ? Effect.fail("no") : Effect.as(Effect.sleep("2 seconds"), n)
})

const options = {
  name: "slow",
  concurrency: 2,
  evaluators: [Evaluator.make("n", ({ outputs }: Evaluator.EvaluatorArgs<unknown, number>) => outputs)]
} as const

describe("progress", () => {
  it.effect("is silent by default", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(true)
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, options)).pipe(Effect.provide(layer)))
      yield* advance(60_000)
      yield* Fiber.join(fiber)
      assert.strictEqual(text(), "")
    }))

  it.effect("is a line every few seconds where there is no terminal, and one at the end", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(false)
      const fiber = yield* untraced(Evaluation.run(evaluation, options)).pipe(
        Effect.provide(Layer.provide(Progress.layerTerminal(), layer)),
        Effect.forkChild
      )
      yield* advance(60_000)
      yield* Fiber.join(fiber)
      const lines = text().trimEnd().split("\n")
      assert.isAtLeast(lines.length, 2)
      assert.match(lines[0] ?? "", /^slow: 4 of 10 rows \(40 %\), .* a second, .* left \| n 1\.5$/)
      assert.match(lines.at(-1) ?? "", /^slow: 10 of 10 rows \(100 %\), completed after \d+ s, 1 failed \| n 4\.22$/)
    }))

  it.effect("is a display that redraws itself on a terminal", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(true)
      const fiber = yield* untraced(Evaluation.run(evaluation, options)).pipe(
        Effect.provide(Layer.provide(Progress.layerTerminal({ width: 100 }), layer)),
        Effect.forkChild
      )
      yield* advance(60_000)
      yield* Fiber.join(fiber)
      assert.include(text(), "\u001b[1A\r\u001b[J")
      assert.match(text(), /slow {2}[█▏▎▍▌▋▊▉░]+ 4 of 10 rows/)
      assert.match(text(), /completed after/)
    }))

  it.effect("names what has been in flight longest", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(false)
      const hanging = Evaluation.make("t", { data: numbers(3), target: (n) => n === 1 ? Effect.never : n })
      const fiber = yield* untraced(Evaluation.run(hanging, { timeout: "30 seconds" })).pipe(
        Effect.provide(Layer.provide(Progress.layerLines({ every: "15 seconds" }), layer)),
        Effect.forkChild
      )
      yield* advance(60_000)
      yield* Fiber.join(fiber)
      assert.match(text(), /longest: n1 \(target, 15 s\)/)
    }))

  it.effect("tells how an interrupted run ended", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(false)
      const fiber = yield* untraced(Evaluation.run(evaluation, options)).pipe(
        Effect.provide(Layer.provide(Progress.layerLines(), layer)),
        Effect.forkChild
      )
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.interrupt(fiber)
      assert.match(text(), /2 of 10 rows \(20 %\), interrupted after 3 s/)
    }))

  it.effect("is a stream of events for apps", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.gen(function*() {
        const { stream } = yield* Progress.Events
        const collecting = yield* stream.pipe(
          Stream.takeUntil((event) => event._tag === "Ended"),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        yield* untraced(Evaluation.run(evaluation, options))
        return yield* Fiber.join(collecting)
      }).pipe(Effect.provide(Progress.layerEvents({ every: "4 seconds" })), Effect.forkChild)
      yield* advance(60_000)
      const events = yield* Fiber.join(fiber)
      assert.strictEqual(events[0]?._tag, "Started")
      assert.strictEqual(events.at(-1)?._tag, "Ended")
      assert.isTrue(events.slice(1, -1).every(({ _tag }) => _tag === "Progressed"))
      assert.isAtLeast(events.length, 3)
      const last = events.at(-1)
      assert.strictEqual(last?._tag === "Ended" ? last.snapshot.done : undefined, 10)
      assert.strictEqual(last?._tag === "Ended" ? last.snapshot.status : undefined, "completed")
    }))

  it.effect("can be shown in several ways at once, and failing to show it is nothing", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const reporter = (name: string): Progress.Reporter => ({
        start: (header) => Effect.sync(() => void seen.push(`${name} ${header.name}`))
      })
      yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(1), target: (n) => n }), { name: "x" })).pipe(
        Effect.provideService(Progress.Progress, Progress.all(reporter("a"), reporter("b")))
      )
      assert.deepStrictEqual(seen, ["a x", "b x"])
    }))

  it.effect("can be shown by several layers at once, the events and a reporter of one's own among them", () =>
    Effect.gen(function*() {
      const { layer, text } = stderr(true)
      const seen: Array<string> = []
      const own: Progress.Reporter = { start: ({ name }) => Effect.sync(() => void seen.push(name)) }
      const fiber = yield* Effect.gen(function*() {
        const { stream } = yield* Progress.Events
        const collecting = yield* stream.pipe(
          Stream.takeUntil((event) => event._tag === "Ended"),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        yield* untraced(Evaluation.run(evaluation, options))
        return yield* Fiber.join(collecting)
      }).pipe(
        Effect.provide(
          Progress.layerAll(
            Progress.layerTerminal({ width: 100 }),
            Progress.layerEvents({ every: "4 seconds" }),
            Layer.succeed(Progress.Progress, own)
          ).pipe(Layer.provide(layer))
        ),
        Effect.forkChild
      )
      yield* advance(60_000)
      const events = yield* Fiber.join(fiber)
      assert.strictEqual(events.at(-1)?._tag, "Ended")
      assert.match(text(), /slow {2}[█▏▎▍▌▋▊▉░]+ 4 of 10 rows/)
      assert.match(text(), /completed after/)
      assert.deepStrictEqual(seen, ["slow"])
    }))
})

describe("progress in words", () => {
  const snapshot: Progress.Snapshot = {
    status: "running",
    done: 412,
    total: 1319,
    failed: 3,
    reused: 0,
    elapsedMillis: 20_000,
    means: [{ key: "correct", mean: 0.7123, count: 409 }],
    inFlight: []
  }

  it("has what one wants to know", () => {
    assert.strictEqual(progressLine(snapshot, 24.31), "412 of 1,319 rows (31 %), 24.3 a second, 37 s left, 3 failed")
    assert.strictEqual(progressLine({ ...snapshot, total: undefined, failed: 0 }, 1234.5), "412 rows, 1,235 a second")
    assert.strictEqual(progressLine({ ...snapshot, done: 0 }, undefined), "0 of 1,319 rows (0 %), 3 failed")
  })

  it("fits into the terminal", () => {
    for (const width of [20, 40, 80, 200]) {
      for (const line of liveLines("a rather long name of an experiment", snapshot, 24.3, width)) {
        assert.isAtMost(line.length, width)
      }
    }
  })

  it("draws bars to an eighth of a column", () => {
    assert.strictEqual(barOf(0, 4), "░░░░")
    assert.strictEqual(barOf(1, 4), "████")
    assert.strictEqual(barOf(0.5, 4), "██░░")
    assert.strictEqual(barOf(1 / 32, 4), "▏░░░")
    assert.strictEqual(barOf(2, 4), "████")
  })

  it("says durations as people do", () => {
    assert.deepStrictEqual([0, 850, 12_400, 200_000, 7_500_000].map(formatMillis), [
      "0 ms",
      "850 ms",
      "12 s",
      "3 min 20 s",
      "2 h 5 min"
    ])
  })
})
