import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import {
  describe as describeValue,
  formatPath,
  quote,
  shorten,
  valueAt
} from "../../../src/internal/values/describe.ts"

class Answer {
  readonly text = "yes"
}
const anonymous = new ([
  class {
    readonly text = "no"
  }
][0] ?? Answer)()

describe("describe", () => {
  it.each<readonly [unknown, string]>([
    ["good", `"good"`],
    [`say "hi"\n`, `"say \\"hi\\"\\n"`],
    ["", `""`],
    [5, "5"],
    [Number.NaN, "NaN"],
    [12n, "12n"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [function named() {}, "the function named"],
    [(() => () => 1)(), "a function"],
    [[], "an empty array"],
    [[1, 2, 3], "an array of 3"],
    [{}, "an empty object"],
    [{ a: 1 }, "an object with key a"],
    [{ a: 1, b: 2 }, "an object with keys a, b"],
    [{ "": 1, "a\nb": 2, "c, d": 3 }, `an object with keys "", "a\\nb", "c, d"`],
    [Object.assign(Object.create(null), { a: 1 }), "an object with key a"],
    [new Date(0), "a Date"],
    [new Error("no"), "an Error"],
    [new Answer(), "an Answer"],
    [new Map(), "a Map"],
    [anonymous, "an object with key text"],
    [Object.create(Object.create(null)), "an empty object"],
    [Object.create({}), "an empty object"],
    [Object.create({ constructor: "no function" }), "an empty object"]
  ])("of value %# is short and plain", (value, text) => {
    assert.strictEqual(describeValue(value), text)
  })

  it.prop("is at most a line long, whatever the value", [Schema.Json], ([value]) => {
    const text = describeValue(value)
    assert.notInclude(text, "\n")
    // Every character of a text may need an escape of six.
    assert.isAtMost(text.length, 6 * 80 + 2)
  })

  const units = Schema.Array(Schema.Literals([0, 10, 0x22, 0x5c, 0x61, 0x7f, 0x2028, 0xd83d, 0xde00, 0xdfff, 0xffff]))

  it.prop("writes a text as JSON does, be it of whole characters or not", [units, Schema.Literals([1, 2, 5, 80])], ([
    codes,
    limit
  ]) => {
    const text = String.fromCharCode(...codes)
    assert.strictEqual(quote(text, limit), JSON.stringify(shorten(text, limit)))
    assert.strictEqual(describeValue(text), JSON.stringify(shorten(text)))
  })

  it("does not run long for large values", () => {
    assert.isAtMost(describeValue("x".repeat(10_000)).length, 82)
    assert.isAtMost(describeValue(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, i]))).length, 82)
  })

  it("takes values of Effect's own types", () => {
    assert.strictEqual(typeof describeValue(Option.some(1)), "string")
  })
})

describe("shorten", () => {
  it("leaves what fits, and marks what is cut", () => {
    assert.strictEqual(shorten("abc", 3), "abc")
    assert.strictEqual(shorten("abcd", 3), "ab…")
  })

  it("does not cut a character in two", () => {
    assert.strictEqual(shorten("a😀b", 3), "a…")
    assert.strictEqual(shorten("a😀b", 4), "a😀b")
    assert.isTrue(shorten("😀".repeat(100)).isWellFormed())
  })
})

describe("formatPath", () => {
  it.each<readonly [ReadonlyArray<PropertyKey>, string]>([
    [[], ""],
    [["a"], "a"],
    [["results", 0, "score"], "results[0].score"],
    [[0, 1], "[0][1]"],
    [["a", Symbol("s")], "a.Symbol(s)"]
  ])("of %j", (path, text) => {
    assert.strictEqual(formatPath(path), text)
  })
})

describe("valueAt", () => {
  it("is what the path leads to", () => {
    const value = { results: [{ score: 5 }] }
    assert.strictEqual(valueAt(value, ["results", 0, "score"]), 5)
    assert.strictEqual(valueAt(value, []), value)
  })

  it("is undefined where the path leads nowhere", () => {
    assert.isUndefined(valueAt({ a: 1 }, ["a", "b", "c"]))
    assert.isUndefined(valueAt(null, ["a"]))
  })
})
