import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { AiError, LanguageModel } from "effect/ai"
import { TestClock } from "effect/testing"
import { Row } from "../../src/index.ts"
import { Judge, ModelLimits } from "../../src/judge/index.ts"
import { judged, scripted, yes } from "./judging.ts"

class Strict extends Judge.Role<Strict>()("test/Strict") {}
class Kind extends Judge.Role<Kind>()("test/Kind") {}

/** A model whose answers take a second, and the most that it was asked at once. */
const slow = Effect.gen(function*() {
  const busy = { now: 0, most: 0 }
  const answer = Effect.acquireUseRelease(
    Effect.sync(() => {
      busy.most = Math.max(busy.most, ++busy.now)
    }),
    () => Effect.as(Effect.sleep("1 second"), yes),
    () => Effect.sync(() => void busy.now--)
  )
  return { busy, model: yield* scripted(() => answer) }
})

describe("the limits of a provider", () => {
  it.effect("are those of all judges that use it, and count calls", () =>
    Effect.gen(function*() {
      const { busy, model } = yield* slow
      const provider = ModelLimits.layer({ concurrency: 3 })
      const layer = Layer.merge(
        Judge.layerRole(Strict, ModelLimits.limited(model.layer)),
        Judge.layerRole(Kind, ModelLimits.limited(model.layer))
      ).pipe(Layer.provide(provider))
      const fiber = yield* Effect.forkChild(
        judged<Strict | Kind>(["a", "b"], [
          Judge.make("strict", { criteria: "c", models: [Strict], samples: 2 }),
          Judge.make("kind", { criteria: "c", models: [Kind], samples: 4 })
        ], { evaluatorConcurrency: 16 }).pipe(Effect.provide(layer))
      )
      yield* TestClock.adjust("10 seconds")
      const experiment = yield* Fiber.join(fiber)
      assert.strictEqual(busy.most, 3)
      assert.strictEqual((yield* model.calls).length, 12)
      assert.isTrue(experiment.rows.every((row) => Row.score(row, "kind") === 1))
    }))

  it.effect("may be so many calls in so much time", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const fiber = yield* Effect.forkChild(
        judged([..."abcdef"], [Judge.make("judge", { criteria: "c" })], { evaluatorConcurrency: 16 }).pipe(
          Effect.provide(
            ModelLimits.limited(model.layer).pipe(
              Layer.provide(
                ModelLimits.layer({ rateLimit: { limit: 2, window: "1 minute", algorithm: "fixed-window" } })
              )
            )
          )
        )
      )
      const calls = Effect.map(model.calls, ({ length }) => length)
      // The limiter is loaded when it is needed, which takes real time.
      while ((yield* calls) < 2) yield* Effect.yieldNow
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* calls, 2)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* calls, 4)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.strictEqual(yield* calls, 6)
    }))

  it.effect("follow what the provider says", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ index }) => index < 1 ? new AiError.RateLimitError({}) : yes)
      const limits = Layer.build(ModelLimits.layer({ concurrency: 10, adaptiveConcurrency: { initial: 10 } }))
      const context = yield* limits
      const usage = Effect.flatMap(ModelLimits.ModelLimits, ({ usage }) => usage).pipe(Effect.provide(context))
      const judge = judged(["a"], [Judge.make("judge", { criteria: "c" })]).pipe(
        Effect.provide(Layer.provide(ModelLimits.limited(model.layer), Layer.succeedContext(context)))
      )
      assert.strictEqual((yield* usage).limit, 10)
      yield* judge
      assert.deepInclude(yield* usage, { limit: 8, active: 0, waiting: 0 })
    }))

  it.effect("hold for texts and streams, and give the place back when a call is interrupted", () =>
    Effect.gen(function*() {
      const { model } = yield* slow
      const context = yield* Layer.build(ModelLimits.layer({ concurrency: 1 }))
      const usage = Effect.flatMap(ModelLimits.ModelLimits, ({ usage }) => usage).pipe(Effect.provide(context))
      const layer = Layer.provide(ModelLimits.limited(model.layer), Layer.succeedContext(context))
      const text = LanguageModel.generateText({ prompt: "x" }).pipe(Effect.provide(layer))
      const stream = LanguageModel.streamText({ prompt: "x" }).pipe(Stream.runCollect, Effect.provide(layer))
      const first = yield* Effect.forkChild(text)
      yield* TestClock.adjust("500 millis")
      const second = yield* Effect.forkChild(stream)
      yield* TestClock.adjust("100 millis")
      assert.deepInclude(yield* usage, { active: 1, waiting: 1 })
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("100 millis")
      assert.deepInclude(yield* usage, { active: 1, waiting: 0 })
      yield* TestClock.adjust("2 seconds")
      assert.isAbove((yield* Fiber.join(second)).length, 0)
      assert.deepInclude(yield* usage, { active: 0, waiting: 0 })
    }))

  it("that make no sense are refused", () => {
    assert.throws(() => ModelLimits.layer({ concurrency: 0 }), RangeError, "concurrency is 0")
  })
})
