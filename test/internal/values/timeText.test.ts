import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeTimeText } from "../../../src/internal/values/timeText.ts"

/** Times of our days in the steps in which a clock that counts from 1970 tells them apart, and in decimals. */
const Millis = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 1.7e12 * 4096, maximum: 1.8e12 * 4096 })),
  Schema.Int.check(Schema.isBetween({ minimum: 1.7e15, maximum: 1.8e15 }))
])
const toMillis = (steps: number) => steps / (steps > 1e16 / 2 ? 4096 : 1000)

describe("the text of a time", () => {
  it.prop("is read as the same number, and no longer than JavaScript's own", [Schema.Array(Millis)], ([steps]) => {
    const timeText = makeTimeText()
    for (const millis of steps.map(toMillis)) {
      const text = timeText(millis)
      assert.strictEqual(Number(text), millis)
      assert.strictEqual(text.length, String(millis).length)
    }
  }, { arbitrary: { runs: 500 } })

  it("is JavaScript's own for whatever else is a number", () => {
    const timeText = makeTimeText()
    const all = [0, -0, 0.1, -1.5, 12.25, 2 ** 40 - 0.001, 2 ** 41, 1e21, Number.NaN, Number.POSITIVE_INFINITY]
    assert.deepStrictEqual(all.map(timeText), all.map(String))
  })

  it("keeps zeros between the point and the rest", () => {
    const timeText = makeTimeText()
    const all = [1.7e12, 1.7e12 + 0.5, 1.7e12 + 0.25, 1.7e12 + 0.001, 1.7e12 + 2 / 4096, 1.7e12 - 1 / 4096]
    assert.deepStrictEqual(all.map(timeText), all.map(String))
  })
})
