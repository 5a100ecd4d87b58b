import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Fiber, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { guard, mapPool, type Options } from "../../../src/internal/engine/pool.ts"

/** The pool at work with effects. */
const mapEffects = <A, E, R, B, E2, R2>(
  self: Stream.Stream<A, E, R>,
  f: (element: A, index: number, leave: () => void) => Effect.Effect<B, E2, R2>,
  options: Options
): Stream.Stream<B, E | E2, R | R2> =>
  Stream.unwrap(Effect.map(Effect.context<R2>(), (context) =>
    mapPool<A, E, R, B, E2>(self, (element, index, task) => {
      const fiber = Effect.runForkWith(context)(Effect.suspend(() => f(element, index, () => task.leave())))
      task.current = { interrupt: () => Fiber.interrupt(fiber) }
      fiber.addObserver((exit) => Exit.isSuccess(exit) ? task.done(exit.value) : task.fail(exit.cause))
    }, options)))

const bounds = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

describe("mapPool", () => {
  it.effect.prop("gives every element once, in order if asked, with no more at work than there are workers", {
    delays: Schema.Array(bounds(0, 5)),
    workers: bounds(1, 8),
    extra: bounds(0, 12),
    chunk: bounds(1, 10),
    ordered: Schema.Boolean
  }, ({ chunk, delays, extra, ordered, workers }) =>
    Effect.gen(function*() {
      let active = 0
      let max = 0
      let started = 0
      let taken = 0
      let furthest = 0
      const fiber = yield* Stream.fromIterable(delays, { chunkSize: chunk }).pipe(
        (source) =>
          mapEffects(source, (delay, index) =>
            Effect.gen(function*() {
              max = Math.max(max, ++active)
              furthest = Math.max(furthest, ++started - taken)
              if (delay === 1) yield* Effect.yieldNow
              if (delay > 1) yield* Effect.sleep(delay)
              active--
              return index
            }), { places: workers, workers, ordered, window: workers + extra }),
        Stream.runForEachArray((batch) =>
          Effect.sync(() => {
            taken += batch.length
            seen.push(...batch)
          })
        ),
        Effect.forkChild
      )
      const seen: Array<number> = []
      for (let i = 0; i < 10 && fiber.pollUnsafe() === undefined; i++) yield* TestClock.adjust(delays.length * 5 + 1)
      yield* Fiber.join(fiber)
      const all = delays.map((_, index) => index)
      assert.deepStrictEqual(ordered ? seen : seen.toSorted((a, b) => a - b), all)
      assert.isAtMost(max, workers)
      // A batch that is being handed over has left the window and has not been counted by the consumer.
      assert.isAtMost(furthest, 2 * (workers + extra))
    }), { arbitrary: { runs: 150 } })

  it.effect("lets the next element begin when one leaves its place, up to the number of workers", () =>
    Effect.gen(function*() {
      const began: Array<number> = []
      const fiber = yield* mapEffects(Stream.range(0, 9), (n, _index, leave) =>
        Effect.gen(function*() {
          began.push(n)
          yield* Effect.sleep("1 second")
          leave()
          yield* Effect.sleep("1 minute")
        }), { places: 2, workers: 5, ordered: false, window: 20 }).pipe(Stream.runDrain, Effect.forkChild)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(began, [0, 1])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(began, [0, 1, 2, 3])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(began, [0, 1, 2, 3, 4])
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      assert.strictEqual(began.length, 10)
    }))

  it.effect("ends the others when one fails, and passes the failure on", () =>
    Effect.gen(function*() {
      const interrupted: Array<number> = []
      const exit = yield* mapEffects(Stream.range(0, 9), (n) =>
        n === 3
          ? Effect.fail("three")
          : Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(n))), {
        places: 4,
        workers: 4,
        ordered: false,
        window: 8
      }).pipe(Stream.runDrain, Effect.exit)
      assert.deepStrictEqual(exit, Exit.fail("three"))
      assert.deepStrictEqual(interrupted, [0, 1, 2])
    }))

  it.effect("finishes and emits what was begun when the source fails", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const fiber = yield* mapEffects(
        Stream.concat(Stream.make(1, 2, 3), Stream.fail("source")),
        (n) => Effect.as(Effect.sleep("1 second"), n),
        { places: 8, workers: 8, ordered: false, window: 8 }
      ).pipe(
        Stream.runForEach((n) => Effect.sync(() => seen.push(n))),
        Effect.exit,
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(fiber), Exit.fail("source"))
      assert.deepStrictEqual(seen, [1, 2, 3])
    }))

  it.effect("passes defects on, of the source and of the function", () =>
    Effect.gen(function*() {
      const options = { places: 2, workers: 2, ordered: true, window: 4 }
      const thrown = yield* Effect.exit(Stream.runDrain(mapEffects(Stream.range(0, 5), (): Effect.Effect<void> => {
        throw new Error("thrown")
      }, options)))
      assert.isTrue(Exit.isFailure(thrown) && Cause.hasDies(thrown.cause))
      const died = yield* Effect.exit(
        Stream.runDrain(mapEffects(Stream.die("source"), (n: number) => Effect.succeed(n), options))
      )
      assert.isTrue(Exit.isFailure(died) && Cause.hasDies(died.cause))
    }))

  it.effect("fails, and does not hang, when beginning the work throws, at once or in a call that comes later", () =>
    Effect.gen(function*() {
      const options = { places: 2, workers: 2, ordered: false, window: 8 }
      const broken = new Error("a fault of the engine")
      for (const throwing of ["begin", "later"] as const) {
        const exit = yield* Effect.exit(Stream.runDrain(
          mapPool<number, never, never, number, never>(Stream.range(0, 9), (element, _index, task) => {
            if (element !== 3) return task.done(element)
            if (throwing === "begin") throw broken
            queueMicrotask(() =>
              guard(task, () => {
                throw broken
              })
            )
          }, options)
        ))
        assert.deepStrictEqual(exit, Exit.die(broken))
      }
    }))

  it.effect("interrupts what is in flight when the consumer has enough or is interrupted", () =>
    Effect.gen(function*() {
      let interrupted = 0
      const stream = mapEffects(
        Stream.range(0, 99),
        (n) => n < 3 ? Effect.succeed(n) : Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted++)),
        { places: 4, workers: 4, ordered: true, window: 8 }
      )
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(stream, 2)), [0, 1])
      assert.isAtLeast(interrupted, 1)
      interrupted = 0
      const fiber = yield* Effect.forkChild(Stream.runDrain(stream))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(interrupted, 4)
    }))

  it.effect("gives the function the services of the stream", () =>
    Effect.gen(function*() {
      class Offset extends Context.Service<Offset, number>()("test/Offset") {}
      const rows = yield* mapEffects(Stream.range(0, 2), (n) => Effect.map(Offset, (offset) => n + offset), {
        places: 2,
        workers: 2,
        ordered: true,
        window: 4
      }).pipe(Stream.runCollect, Effect.provideService(Offset, 10))
      assert.deepStrictEqual(rows, [10, 11, 12])
    }))

  it.live("lets timers and signals in however fast the elements are", () =>
    Effect.gen(function*() {
      let turns = 0
      const timer = setInterval(() => turns++, 1)
      yield* Stream.runDrain(mapEffects(Stream.range(0, 200_000), (n) => Effect.promise(() => Promise.resolve(n)), {
        places: 16,
        workers: 16,
        ordered: false,
        window: 64
      }))
      clearInterval(timer)
      assert.isAbove(turns, 10)
    }))
})
