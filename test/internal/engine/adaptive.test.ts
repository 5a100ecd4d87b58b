import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { AiError } from "effect/ai"
import { TestClock } from "effect/testing"
import { Evaluation, type Execution } from "../../../src/index.ts"
import { makeController } from "../../../src/internal/engine/adaptive.ts"
import { Places } from "../../../src/internal/engine/places.ts"
import { rateLimitSignal } from "../../../src/internal/engine/rateLimits.ts"
import { advance, numbers, untraced } from "../../support/run.ts"

/** A controller with a clock that the test moves, and a places whose places are all in use. */
const setup = (max: number, options: Execution.AdaptiveConcurrency = {}) => {
  let time = 0
  const places = new Places(max)
  const controller = makeController(places, options, () => time)
  return {
    places,
    controller,
    pass: (millis: number) => {
      time += millis
    },
    /** So many successes with every place in use. */
    succeed(count: number) {
      while (places.tryEnter()) { /* fills it */ }
      for (let i = 0; i < count; i++) {
        controller.onSuccess()
        while (places.tryEnter()) { /* keeps it full */ }
      }
    }
  }
}

describe("adaptive concurrency", () => {
  it("doubles after every clean round until the first rate-limit error", () => {
    const { controller, places, succeed } = setup(100, { initial: 4 })
    succeed(4)
    assert.strictEqual(places.limit, 8)
    succeed(8)
    assert.strictEqual(places.limit, 16)
    controller.onError({ kind: "limited" })
    assert.strictEqual(places.limit, 12)
  })

  it("grows slowly after the first cut, and never beyond the most there can be", () => {
    const { controller, places, pass, succeed } = setup(50, { initial: 40, cooldownMillis: 1000 })
    controller.onError({ kind: "limited" })
    assert.strictEqual(places.limit, 32)
    pass(1000)
    // The round in which the error came is not clean.
    succeed(32)
    assert.strictEqual(places.limit, 32)
    succeed(32)
    assert.strictEqual(places.limit, 34)
    succeed(2000)
    assert.strictEqual(places.limit, 50)
  })

  it("cuts once per cooldown, which a Retry-After prolongs", () => {
    const { controller, places, pass, succeed } = setup(100, { initial: 100, cooldownMillis: 1000 })
    controller.onError({ kind: "limited", retryAfterMillis: 5000 })
    controller.onError({ kind: "limited" })
    assert.strictEqual(places.limit, 80)
    pass(4999)
    succeed(400)
    assert.strictEqual(places.limit, 80, "no growth while it cools down")
    controller.onError({ kind: "limited" })
    assert.strictEqual(places.limit, 80)
    pass(5000)
    controller.onError({ kind: "limited" })
    assert.strictEqual(places.limit, 64)
  })

  it("does not grow while the places are not needed, nor in a round with a server error", () => {
    const idle = setup(100, { initial: 10 })
    for (let i = 0; i < 100; i++) idle.controller.onSuccess()
    assert.strictEqual(idle.places.limit, 10)
    const busy = setup(100, { initial: 10 })
    busy.controller.onError({ kind: "busy" })
    busy.succeed(10)
    assert.strictEqual(busy.places.limit, 10)
    busy.succeed(10)
    assert.strictEqual(busy.places.limit, 20)
  })

  it("never goes below its least", () => {
    const { controller, places, pass } = setup(10, { initial: 2, min: 2 })
    for (let i = 0; i < 10; i++) {
      controller.onError({ kind: "limited" })
      pass(60_000)
    }
    assert.strictEqual(places.limit, 2)
  })

  it.effect("finds what a server bears, and the experiment shows how", () =>
    Effect.gen(function*() {
      let active = 0
      let refused = 0
      const evaluation = Evaluation.make("t", {
        data: numbers(600),
        target: () =>
          Effect.suspend(() => {
            if (active >= 20) {
              refused++
              return Effect.fail({ status: 429 })
            }
            active++
            return Effect.ensuring(Effect.sleep("100 millis"), Effect.sync(() => active--))
          })
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
        concurrency: 64,
        adaptiveConcurrency: { initial: 4, cooldownMillis: 500 }
      })))
      yield* advance(60_000)
      const experiment = yield* Fiber.join(fiber)
      const limits = experiment.concurrencyChanges.map(({ limit }) => limit)
      assert.deepStrictEqual(limits.slice(0, 3), [8, 16, 32])
      assert.isTrue(experiment.concurrencyChanges.some(({ of, why }) => of === "t" && why === "rate limited"))
      assert.isBelow(refused, 150, "it does not run into the wall again and again")
      assert.isAbove(experiment.runs.succeeded, 450)
    }))
})

describe("the rate-limit signal", () => {
  const aiError = (reason: AiError.AiErrorReason) => AiError.make({ module: "Test", method: "generateText", reason })
  const answered = (status: number, headers: Record<string, string>) => ({ response: { status, headers } })

  it("is read from the errors of common clients", () => {
    const cases: ReadonlyArray<readonly [unknown, ReturnType<typeof rateLimitSignal>]> = [
      [{ status: 429 }, { kind: "limited", retryAfterMillis: undefined }],
      [{ statusCode: 429, headers: { "Retry-After": "2" } }, { kind: "limited", retryAfterMillis: 2000 }],
      [{ status: 429, headers: new Headers({ "retry-after-ms": "1500" }) }, {
        kind: "limited",
        retryAfterMillis: 1500
      }],
      [{ response: { status: 429, headers: { "retry-after": "0.5" } } }, { kind: "limited", retryAfterMillis: 500 }],
      [{ _tag: "AiError", reason: { _tag: "RateLimitError" } }, { kind: "limited", retryAfterMillis: undefined }],
      [{ cause: { status: 429 } }, { kind: "limited", retryAfterMillis: undefined }],
      [{ status: 503 }, { kind: "busy", retryAfterMillis: undefined }],
      [{ status: 503, headers: { "retry-after": "3" } }, { kind: "busy", retryAfterMillis: 3000 }],
      [aiError(new AiError.RateLimitError({ retryAfter: Duration.seconds(2) })), {
        kind: "limited",
        retryAfterMillis: 2000
      }],
      [
        aiError(
          new AiError.InternalProviderError({ description: "busy", http: answered(503, { "retry-after": "3" }) })
        ),
        {
          kind: "busy",
          retryAfterMillis: 3000
        }
      ],
      [aiError(new AiError.InternalProviderError({ description: "broken" })), {
        kind: "busy",
        retryAfterMillis: undefined
      }],
      [aiError(new AiError.QuotaExhaustedError({ http: answered(429, {}) })), undefined],
      [aiError(new AiError.InvalidRequestError({ http: answered(400, {}) })), undefined],
      [{ status: 400 }, undefined],
      [{ status: 429, headers: { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" } }, {
        kind: "limited",
        retryAfterMillis: 5000
      }],
      [{ status: 429, headers: { "retry-after": "Wed, 21 Oct 2015 07:27:00 GMT" } }, {
        kind: "limited",
        retryAfterMillis: 0
      }],
      [{ status: 429, headers: { "retry-after": "soon" } }, { kind: "limited", retryAfterMillis: undefined }],
      [{ status: 429, headers: { "retry-after": "-3" } }, { kind: "limited", retryAfterMillis: undefined }],
      [{ status: 429, headers: { "retry-after": 1.5 } }, { kind: "limited", retryAfterMillis: 1500 }],
      [{ status: 429, headers: { "retry-after": ["2"] } }, { kind: "limited", retryAfterMillis: 2000 }],
      [{ status: 429, headers: { "RETRY-AFTER": "2" } }, { kind: "limited", retryAfterMillis: 2000 }],
      [{ status: 429, headers: { "Retry-After-Ms": "250" } }, { kind: "limited", retryAfterMillis: 250 }],
      [new Error("no"), undefined],
      ["429", undefined],
      [null, undefined],
      [undefined, undefined]
    ]
    const now = Date.parse("2015-10-21T07:27:55Z")
    for (const [error, signal] of cases) assert.deepStrictEqual(rateLimitSignal(error, now), signal)
  })
})

describe("a places", () => {
  it.effect("lets in who came first, and forgets who stopped waiting", () =>
    Effect.gen(function*() {
      const places = new Places(1)
      const entered: Array<string> = []
      const enter = (name: string) => Effect.andThen(places.enter, Effect.sync(() => entered.push(name)))
      yield* enter("a")
      const b = yield* Effect.forkChild(enter("b"))
      yield* Effect.forkChild(enter("c"))
      yield* TestClock.adjust(1)
      assert.isFalse(places.tryEnter())
      yield* Fiber.interrupt(b)
      places.leave()
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(entered, ["a", "c"])
      places.resize(2)
      assert.isTrue(places.tryEnter())
      assert.isFalse(places.tryEnter())
    }))
})
