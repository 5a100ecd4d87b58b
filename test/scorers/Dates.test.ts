import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import { Dates } from "../../src/scorers/index.ts"
import { judge, scoreOf } from "./scoring.ts"

const isos = (text: string, options?: Dates.DateOptions) =>
  Dates.datesIn(text, options).map(({ millis }) => new Date(millis).toISOString().replace("T00:00:00.000Z", ""))

describe("datesIn", () => {
  it("reads what people write", () => {
    for (
      const [text, expected] of [
        ["2024-03-05, 2024/3/5 and 2024.03.05.", ["2024-03-05", "2024-03-05", "2024-03-05"]],
        ["2024-03-05T10:30:00Z", ["2024-03-05T10:30:00.000Z"]],
        ["2024-03-05 10:30", ["2024-03-05T10:30:00.000Z"]],
        ["2024-03-05T10:30:00.1234567+02:00", ["2024-03-05T08:30:00.123Z"]],
        ["2024-03-05T01:00-0530", ["2024-03-05T06:30:00.000Z"]],
        ["March 5, 2024", ["2024-03-05"]],
        ["5 Mar 2024; 5th of march 2024; 5-Mar-2024", ["2024-03-05", "2024-03-05", "2024-03-05"]],
        ["Sept. 1st, 2023 at 9:30 pm", ["2023-09-01T21:30:00.000Z"]],
        ["12 May 2024 12:05 a.m.", ["2024-05-12T00:05:00.000Z"]],
        ["0001-01-01 9999-12-31", ["0001-01-01", "9999-12-31"]],
        ["13/4/2024 4/13/2024 5.5.2024", ["2024-04-13", "2024-04-13", "2024-05-05"]],
        ["3/4/2024", []],
        ["2024-02-30 2023-02-29 2024-02-29 31/04/2024 2024-13-01", ["2024-02-29"]],
        ["2024-03-05T25:00", []],
        ["2024-03-05 13:00 pm", []],
        ["id-2024-03-05 2024-03-05-1 2024-03-051 v2024-03-05 2024-03-05x", []],
        ["May 2024, maybe 5 2024, marching 3, 2024", []]
      ] as const
    ) assert.deepStrictEqual(isos(text), [...expected], text)
  })

  it("reads dates of three numbers in the order that it is told", () => {
    assert.deepStrictEqual(isos("3/4/2024", { order: "day-month-year" }), ["2024-04-03"])
    assert.deepStrictEqual(isos("3/4/2024", { order: "month-day-year" }), ["2024-03-04"])
    assert.deepStrictEqual(isos("13/4/2024", { order: "month-day-year" }), [])
    assert.deepStrictEqual(isos("2024-03-05 10:00 2024-03-05T10:00Z", { offsetMinutes: 60 }), [
      "2024-03-05T09:00:00.000Z",
      "2024-03-05T10:00:00.000Z"
    ])
  })

  it.prop(
    "reads back what ISO 8601 writes",
    [Schema.Int.check(Schema.isBetween({ minimum: -62_135_596_800_000, maximum: 253_402_300_799_999 }))],
    ([millis]) => Dates.datesIn(`on ${new Date(millis).toISOString()}!`)[0]?.millis === millis,
    { arbitrary: { runs: 300 } }
  )

  it("reads long texts that are made to be hard", () => {
    for (const piece of ["2024-", "1/", "may ", "5 may ", "12.", "2024-03-05a", "2024-03-05T"]) {
      assert.deepStrictEqual(isos(piece.repeat(40_000)), [], piece)
    }
  })
})

describe("equal", () => {
  it.effect("compares dates, values and texts within the tolerance", () =>
    Effect.gen(function*() {
      const reference = "2024-03-05"
      assert.strictEqual(yield* scoreOf(Dates.equal(), "on March 5, 2024", reference), true)
      assert.deepStrictEqual(yield* judge(Dates.equal({ tolerance: "1 hour" }), "6 March 2024", reference), {
        score: false,
        comment: "2024-03-06 and 2024-03-05 are 1d apart, at most 1h will do"
      })
      assert.strictEqual(yield* scoreOf(Dates.equal({ tolerance: "1 day" }), "6 March 2024", reference), true)
      assert.strictEqual(yield* scoreOf(Dates.equal(), new Date("2024-03-05T00:00:00Z"), reference), true)
      assert.strictEqual(yield* scoreOf(Dates.equal(), DateTime.makeUnsafe("2024-03-05T00:00:00Z"), reference), true)
      assert.strictEqual(
        yield* scoreOf(Dates.equal({ position: "last" }), "from 2024-01-01 to 2024-03-05", reference),
        true
      )
    }))

  it.effect("fails where there is no date, or more than one", () =>
    Effect.gen(function*() {
      assert.include(
        (yield* judge(Dates.equal(), "soon", "2024-03-05")).failed,
        "datesEqual: outputs is \"soon\", not a date"
      )
      assert.include(
        (yield* judge(Dates.equal(), "2024-01-01 or 2024-01-02", "2024-03-05")).failed,
        "not a date, or a text with just one"
      )
      assert.include((yield* judge(Dates.equal(), new Date(Number.NaN), "2024-03-05")).failed, "outputs is a Date")
    }))
})
