import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Result, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { FutureAgi, FutureAgiBatch } from "../../src/futureagi/index.ts"
import { apiKey, secretKey, settle, type Stub, stubServer } from "./stubServer.ts"

const layerOf = (stub: Stub) =>
  FutureAgi.layer({ apiKey: Redacted.make(apiKey), secretKey: Redacted.make(secretKey), baseUrl: stub.url }).pipe(
    Layer.provide(FetchHttpClient.layer)
  )

const requests = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    template: "groundedness",
    inputs: n % 10 === 3 ? { output: `${n}` } : { output: `${n}`, context: n % 2 === 0 ? `it is ${n}` : "nothing" },
    model: "turing_small",
    /** What the requests of a user may have besides. */
    ticket: `t${n}`
  }))

const output = (item: FutureAgiBatch.Item<unknown, FutureAgi.Result>) =>
  Result.isSuccess(item.outcome) ? item.outcome.success.output : item.outcome.failure.reason._tag

describe("evaluateAll", () => {
  it.live("gives each its outcome, at most so many at once, and says how far it is", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      const items = yield* Stream.runCollect(FutureAgiBatch.evaluateAll(requests(50), { concurrency: 4 })).pipe(
        Effect.provide(layerOf(stub))
      )
      assert.isAtMost(stub.peak(), 4)
      assert.isAbove(stub.peak(), 1)
      assert.lengthOf(items, 50)
      assert.deepStrictEqual(items.map(({ progress }) => progress.done), Array.from({ length: 50 }, (_, n) => n + 1))
      assert.deepStrictEqual(items.at(-1)?.progress, { done: 50, failed: 5, total: 50 })
      const sorted = items.toSorted((a, b) => a.index - b.index)
      assert.deepStrictEqual(sorted.map(({ source }) => source.ticket), requests(50).map(({ ticket }) => ticket))
      assert.deepStrictEqual(
        sorted.map(output),
        Array.from({ length: 50 }, (_, n) => n % 10 === 3 ? "InvalidInputError" : n % 2 === 0 ? "Passed" : "Failed")
      )
      assert.strictEqual(stub.begun(), 45)
    }))

  it.live("reads a stream no further than it can use, and passes its errors on", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      let pulled = 0
      const source = Stream.fromIterable(requests(100), { chunkSize: 1 }).pipe(
        Stream.tap(() => Effect.sync(() => void pulled++))
      )
      const [first] = yield* Stream.runCollect(Stream.take(FutureAgiBatch.evaluateAll(source, { concurrency: 2 }), 1))
        .pipe(
          Effect.provide(layerOf(stub))
        )
      assert.isUndefined(first?.progress.total)
      assert.isBelow(pulled, 10)
      const error = yield* Stream.runDrain(FutureAgiBatch.evaluateAll(Stream.fail("the file is gone"))).pipe(
        Effect.provide(layerOf(stub)),
        Effect.flip
      )
      assert.strictEqual(error, "the file is gone")
    }))
})

describe("submitAll and awaitAll", () => {
  it.effect("the slow ones hold up nobody, and each is submitted once", () =>
    Effect.gen(function*() {
      const slow = (id: string) => Number(id.slice(-6)) <= 5
      const stub = yield* stubServer({
        states: (id) => Array.from({ length: slow(id) ? 30 : 1 }, () => "processing"),
        fails: ({ output }) => output === "44" ? "out of order" : undefined
      })
      yield* settle(
        Effect.gen(function*() {
          const submitted = yield* Stream.runCollect(FutureAgiBatch.submitAll(requests(50), { concurrency: 4 }))
          const ids = submitted.flatMap(({ outcome }) => Result.isSuccess(outcome) ? [outcome.success] : [])
          assert.lengthOf(ids, 45)
          const items = yield* Stream.runCollect(FutureAgiBatch.awaitAll(ids, { concurrency: 3, timeout: "1 hour" }))
          assert.deepStrictEqual(items.at(-1)?.progress, { done: 45, failed: 1, total: 45 })
          // The five slow ones come last, though they were submitted first and there are places for three.
          assert.isTrue(items.slice(-5).every(({ source }) => slow(source)))
          const failed = items.filter(({ outcome }) => Result.isFailure(outcome))
          assert.deepStrictEqual(failed.map(output), ["EvaluationFailedError"])
        }).pipe(Effect.provide(layerOf(stub)))
      )
      assert.isAtMost(stub.peak(), 4)
      assert.strictEqual(stub.begun(), 45)
    }))

  it.effect("submitAndAwaitAll does both at once", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ states: () => ["pending", "processing"] })
      const items = yield* settle(
        Stream.runCollect(FutureAgiBatch.submitAndAwaitAll(requests(20), { concurrency: 3, maxPending: 5 })).pipe(
          Effect.provide(layerOf(stub))
        )
      )
      assert.deepStrictEqual(items.at(-1)?.progress, { done: 20, failed: 2, total: 20 })
      assert.isAtMost(stub.peak(), 3)
      assert.strictEqual(stub.begun(), 18)
    }))

  it.live("stops asking when it is interrupted", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ states: () => Array.from({ length: 1_000_000 }, () => "processing") })
      yield* Effect.gen(function*() {
        const id = yield* FutureAgi.submit({
          ...requests(1)[0],
          template: "groundedness",
          inputs: { output: "", context: "" }
        })
        const fiber = yield* Effect.forkChild(
          Stream.runDrain(FutureAgiBatch.awaitAll([id, id, id], { interval: "1 millis", maxInterval: "1 millis" }))
        )
        while (stub.asked.length < 10) yield* Effect.sleep("1 millis")
        yield* Fiber.interrupt(fiber)
        // Requests of our own, one after the other, and nothing in between.
        yield* FutureAgi.getResult(id)
        const asked = stub.asked.length
        yield* Effect.forEach(Array.from({ length: 20 }), () => FutureAgi.getResult(id))
        assert.strictEqual(stub.asked.length, asked + 20)
      }).pipe(Effect.provide(layerOf(stub)))
    }))
})
