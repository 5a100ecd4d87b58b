import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Numbers } from "../../src/scorers/index.ts"
import { close, judge, scoreOf } from "./scoring.ts"

const values = (text: string, options?: Numbers.NumberOptions) =>
  Numbers.numbersIn(text, options).map(({ value }) => value)

describe("numbersIn", () => {
  it("reads what people write", () => {
    for (
      const [text, expected] of [
        ["The answer is 42.", [42]],
        ["costs 1,234.5", [1234.5]],
        ["1'234 and 1_000 and 1\u202f234", [1234, 1000, 1234]],
        ["12,34,567 rupees", [1_234_567]],
        ["1,2,3", [1, 2, 3]],
        ["1,234,56", [1, 234, 56]],
        ["-5, (−3), +7, 5 - 3, 5-10", [-5, -3, 7, 5, 3, 5, 10]],
        ["$5, -$5, $-5, €1,000.50", [5, -5, -5, 1000.5]],
        [".5 and -.5 and 5.", [0.5, -0.5, 5]],
        ["1.5e3 2E-3 1.5 × 10^3 3×10⁻² 4 \\times 10^{5}", [1500, 0.002, 1500, 0.03, 400_000]],
        ["45%, 12.5 %, 5 percent, 5‰", [0.45, 0.125, 0.05, 0.005]],
        ["3/4, 1 1/2, ½, 1½, \\frac{3}{4}, -\\dfrac{1}{2}", [0.75, 1.5, 0.5, 1.5, 0.75, -0.5]],
        ["5/0", [5, 0]],
        ["2 million, 3-billion, 4 hundred", [2e6, 3e9, 400]],
        ["1{,}234 and 1,\\!234", [1234, 1234]],
        ["٣٤ ３７ ०", [34, 37, 0]],
        ["5kg, 3D", [5, 3]],
        ["B2B covid-19 GPT-4 x_1", []],
        ["2024-05-01 10:30 1.2.3 192.168.0.1 3/4/2024", []],
        ["1e999 and 7", [7]],
        ["-0", [0]],
        ["twelve", []]
      ] as const
    ) assert.deepStrictEqual(values(text), [...expected], text)
  })

  it("reads decimal commas, points of a percentage and units where told", () => {
    assert.deepStrictEqual(values("1.234.567,89", { decimal: "," }), [1_234_567.89])
    assert.deepStrictEqual(values("45,5 %", { decimal: ",", percent: "points" }), [45.5])
    const units = { km: 1000, k: 7, m: 1 }
    assert.deepStrictEqual(
      Numbers.numbersIn("5 km, 300m, 2 mm, 4", { units }).map(({ unit, value }) => [value, unit]),
      [[5000, "km"], [300, "m"], [2, undefined], [4, undefined]]
    )
    assert.throws(() => Numbers.numbersIn("1", { units: { km: Number.NaN } }), RangeError)
  })

  it("says where it found them", () => {
    assert.deepStrictEqual(Numbers.numbersIn("From −12.5 % to $3."), [
      { value: -0.125, text: "−12.5 %", index: 5 },
      { value: 3, text: "$3", index: 16 }
    ])
  })

  it.prop("reads back what is written", [Schema.Finite], ([value]) => {
    const [read] = values(`It is ${value} now`)
    assert.strictEqual(read, value === 0 ? 0 : value)
  }, { arbitrary: { runs: 500 } })

  it.prop("finds in any text what is there", [Schema.String], ([text]) => {
    for (const found of Numbers.numbersIn(text)) {
      assert.strictEqual(text.slice(found.index, found.index + found.text.length), found.text)
      assert.isTrue(Number.isFinite(found.value))
    }
  })

  it("reads long texts that are made to be hard", () => {
    for (const piece of [",234", "1.", "1/", "12:34", "a1", "1 ", "\\frac{", "1'234,", "12,", "\\boxed{", "answer "]) {
      const text = piece.repeat(40_000)
      assert.isAtMost(Numbers.numbersIn(text).length, 80_000)
      Numbers.answerIn(text)
    }
  })
})

describe("answerIn", () => {
  it("prefers what is marked", () => {
    for (
      const [text, expected] of [
        ["She has 3 + 4 = 7 apples.\n#### 7 apples in 2 bags", 7],
        ["#### 1,000", 1000],
        ["#### 5\nwrong, so\n#### 6", 6],
        ["So $x = \\boxed{\\frac{3}{4}}$, since 4 > 3.", 0.75],
        ["\\boxed{1} no: \\boxed{x = 2}, not 3", 2],
        ["**Answer:** 12 (not 13)", 12],
        ["The answer is 12. Not 13.", 12],
        ["3 and 4 make 7.", 7],
        ["nothing", undefined],
        ["#### none, though 5 was close", 5],
        ["####", undefined]
      ] as const
    ) assert.strictEqual(Numbers.answerIn(text)?.value, expected, text)
    assert.strictEqual(Numbers.answerIn("7 or 8", { position: "marked" }), undefined)
    assert.strictEqual(Numbers.answerIn("7 or 8", { position: "only" }), undefined)
    assert.strictEqual(Numbers.answerIn("just 8", { position: "only" })?.value, 8)
    assert.strictEqual(Numbers.answerIn("7 or 8", { position: "first" })?.value, 7)
    assert.deepStrictEqual(Numbers.answerIn("is it\n#### 7"), { value: 7, text: "7", index: 11 })
  })

  it("finds the box with its braces", () => {
    assert.strictEqual(Numbers.boxedIn("\\boxed{\\text{a} \\} b}"), "\\text{a} \\} b")
    assert.strictEqual(Numbers.boxedIn("\\boxed{1"), undefined)
    assert.strictEqual(Numbers.boxedIn("\\fbox{2}"), "2")
  })
})

describe("equal", () => {
  it("allows the larger of the tolerances", () => {
    assert.isTrue(Numbers.isEqual(0.1 + 0.2, 0.3))
    assert.isFalse(Numbers.isEqual(0.30001, 0.3))
    assert.isTrue(Numbers.isEqual(101, 100, { relative: 0.01 }))
    assert.isFalse(Numbers.isEqual(101.5, 100, { relative: 0.01, absolute: 1 }))
    assert.isTrue(Numbers.isEqual(101.5, 100, { relative: 0.01, absolute: 2 }))
    assert.isFalse(Numbers.isEqual(1e-12, 0))
    assert.isFalse(Numbers.isEqual(1 + 1e-12, 1, { absolute: 0 }))
    assert.throws(() => Numbers.isEqual(Number.NaN, 1), RangeError)
    assert.throws(() => Numbers.equal({ absolute: -1 }), RangeError, "absolute is -1")
  })

  it.effect("reads both sides and shows the arithmetic", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Numbers.equal({ absolute: 1 }), "about 42.5 km", 42), {
        score: true,
        comment: "|42.5 - 42| = 0.5, at most 1 will do"
      })
      assert.deepStrictEqual(yield* judge(Numbers.equal(), "It is 45 %", 0.5), {
        score: false,
        comment: "|0.45 (\"45 %\") - 0.5| = 0.05, at most 5e-10 will do"
      })
      assert.strictEqual(yield* scoreOf(Numbers.equal(), "It is 45 %", "0.45"), true)
      assert.strictEqual(yield* scoreOf(Numbers.equal({ units: { km: 1000, m: 1 } }), "5 km", "5000 m"), true)
      assert.strictEqual(yield* scoreOf(Numbers.equal(), 12n, 12), true)
      assert.include(
        (yield* judge(Numbers.equal(), "none", 5)).failed,
        "numbersEqual: outputs is \"none\", not a finite number, or a text with one."
      )
      assert.include((yield* judge(Numbers.equal(), Number.NaN, 5)).failed, "outputs is NaN")
      assert.include((yield* judge(Numbers.equal({ position: "only" }), "5 or 6", 5)).failed, "a text with just one")
    }))
})

describe("closeness", () => {
  it("depends on the scale", () => {
    assert.strictEqual(Numbers.closenessOf(100, 95), 0.95)
    close(Numbers.closenessOf(105, 100, "sum"), 1 - 5 / 205)
    close(Numbers.closenessOf(45, 42, "expected"), 1 - 3 / 42)
    assert.strictEqual(Numbers.closenessOf(-5, 5), 0)
    assert.strictEqual(Numbers.closenessOf(0, 0, "expected"), 1)
    assert.strictEqual(Numbers.closenessOf(1, 0, "expected"), undefined)
    assert.strictEqual(Numbers.closenessOf(1.7e308, -1.7e308, "sum"), 0)
    assert.throws(() => Numbers.closenessOf(Infinity, 1), RangeError)
  })

  it.effect("scores, and skips what is undefined", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Numbers.closeness(), "100", 95), {
        score: 0.95,
        comment: "|100 - 95| = 5, as a share of the larger number"
      })
      assert.deepStrictEqual(yield* judge(Numbers.closeness({ scale: "expected" }), 1, 0), {
        skipped: "a difference of 1 is no share of an expected 0"
      })
    }))
})
