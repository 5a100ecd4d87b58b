import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import packageJson from "../../../package.json" with { type: "json" }
import { make } from "../../../src/internal/engine/timer.ts"
import { version } from "../../../src/internal/values/version.ts"

describe("a timer", () => {
  it.effect.prop("calls each deadline at its time unless it was dropped", {
    deadlines: Schema.Array(Schema.Struct({
      at: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 })),
      drop: Schema.Boolean
    }))
  }, ({ deadlines }) =>
    Effect.gen(function*() {
      const timer = yield* make
      const start = timer.now()
      const fired: Array<readonly [number, number]> = []
      const entries = deadlines.map(({ at }, index) =>
        timer.deadline(start, at, () => fired.push([index, timer.now() - start]))
      )
      for (const [index, { drop }] of deadlines.entries()) if (drop) entries[index]?.drop()
      yield* TestClock.adjust(250)
      const kept = deadlines.flatMap(({ at, drop }, index) => drop ? [] : [[index, at] as const])
      assert.deepStrictEqual(fired.map(([index]) => index).sort((a, b) => a - b), kept.map(([index]) => index))
      for (const [index, at] of kept) {
        const time = fired.find(([other]) => other === index)?.[1] ?? Number.NaN
        assert.isAtLeast(time, at)
        assert.isAtMost(time, at + 2)
      }
    }), { arbitrary: { runs: 60 } })

  it.effect("ends with its scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const timer = yield* Scope.provide(make, scope)
      let fired = false
      timer.deadline(timer.now(), 1000, () => {
        fired = true
      })
      yield* Scope.close(scope, yield* Effect.exit(Effect.void))
      yield* TestClock.adjust("1 minute")
      assert.isFalse(fired)
    }))

  it.effect("never calls a deadline that is infinitely far away", () =>
    Effect.gen(function*() {
      const timer = yield* make
      timer.deadline(timer.now(), Number.POSITIVE_INFINITY, () => assert.fail("called")).drop()
      yield* TestClock.adjust("100 days")
    }))
})

describe("the version", () => {
  it("is that of the package", () => {
    assert.strictEqual(version, packageJson.version)
  })
})
