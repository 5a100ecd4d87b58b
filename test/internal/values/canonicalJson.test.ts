import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { canonicalJson, CyclicValue } from "../../../src/internal/values/canonicalJson.ts"

/** The same value with the keys of every object the other way round. */
const reversed = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, member]) => [key, reversed(member)]))
}

const Small = Schema.Union([Schema.Literals([0, 1, "", "0", "a", true, "null", "[]", "{}"]), Schema.Null])

/** Few values and few keys, so that two of them are often equal, or nearly. */
const Similar = Schema.Union([
  Small,
  Schema.Array(Small),
  Schema.Struct({ a: Schema.optionalKey(Small), b: Schema.optionalKey(Small), $date: Schema.optionalKey(Small) }),
  Schema.Struct({ a: Schema.Array(Small), b: Schema.optionalKey(Small) })
])

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

describe("canonicalJson", () => {
  it.prop("does not depend on the order of keys", [Schema.Json], ([value]) => {
    assert.strictEqual(canonicalJson(reversed(value)), canonicalJson(value))
  })

  it.prop("says everything about a JSON value: it can be read back", [Schema.Json], ([value]) => {
    assert.deepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
  })

  it.prop("gives two JSON values one text only if they are equal", [Similar, Similar], ([a, b]) => {
    const equal = Schema.toEquivalence(Schema.Json)(a, b)
    assert.strictEqual(canonicalJson(a) === canonicalJson(b), equal)
  }, { arbitrary: { runs: 2000 } })

  it("sorts keys at every depth", () => {
    assert.strictEqual(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }), `{"a":null,"b":[{"c":2,"d":1}]}`)
  })

  it("gives every kind of value its own text", () => {
    const values: ReadonlyArray<unknown> = [
      null,
      0,
      1,
      "1",
      1n,
      2n,
      true,
      "true",
      Number.NaN,
      "NaN",
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      [],
      {},
      "",
      new Date(0),
      new Date(1),
      new Date(Number.NaN),
      "1970-01-01T00:00:00.000Z",
      new Uint8Array([1]),
      new Uint8Array([2]),
      new Float32Array([1]),
      new Float32Array([2]),
      new Float64Array([1]),
      new Uint16Array([1]),
      new Int16Array([1]),
      new Uint8Array([1]).buffer,
      new Uint8Array([2]).buffer,
      new DataView(new Uint8Array([1]).buffer),
      new Map(),
      new Map([["a", 1]]),
      new Map([["a", 2]]),
      { a: 1 },
      new Set(),
      new Set([1]),
      [1],
      /a/,
      /a/i,
      /b/,
      "/a/"
    ]
    const texts = values.map(canonicalJson)
    for (const [i, text] of texts.entries()) {
      assert.strictEqual(texts.indexOf(text), i, `the values ${texts.indexOf(text)} and ${i} are both ${text}`)
    }
  })

  it("cannot be imitated: no JSON looks like a date, a map or bytes", () => {
    for (const value of [new Date(0), 5n, new Map([["a", 1]]), new Set([1]), new Uint8Array([1]), Number.NaN, /a/]) {
      assert.throws(() => JSON.parse(canonicalJson(value)), SyntaxError)
    }
    assert.notStrictEqual(canonicalJson({ $date: "1970-01-01T00:00:00.000Z" }), canonicalJson(new Date(0)))
  })

  it("gives one text to maps and sets whose members are in another order", () => {
    assert.strictEqual(
      canonicalJson(new Map<unknown, unknown>([["a", 1], [{ k: 1, l: 2 }, 2]])),
      canonicalJson(new Map<unknown, unknown>([[{ l: 2, k: 1 }, 2], ["a", 1]]))
    )
    assert.strictEqual(canonicalJson(new Set([1, "b", 3])), canonicalJson(new Set([3, 1, "b"])))
  })

  it("leaves out what JSON leaves out", () => {
    assert.strictEqual(canonicalJson({ a: undefined, b: () => 1, c: Symbol("c"), d: 1 }), `{"d":1}`)
    assert.strictEqual(canonicalJson([undefined, () => 1]), "[null,null]")
    assert.strictEqual(canonicalJson(undefined), "null")
  })

  it("does not tell 0 from -0, or a Buffer from other bytes", () => {
    assert.strictEqual(canonicalJson(-0), canonicalJson(0))
    assert.strictEqual(canonicalJson(Buffer.from([1, 2])), canonicalJson(new Uint8Array([1, 2])))
  })

  it("looks at the bytes in view, not at the buffer around them", () => {
    const around = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
    assert.strictEqual(
      canonicalJson(new Uint16Array(around.buffer, 2, 1)),
      canonicalJson(new Uint16Array(around.slice(2, 4).buffer))
    )
  })

  it("asks objects how they want to be written", () => {
    assert.strictEqual(canonicalJson(new URL("https://example.com/a")), `"https://example.com/a"`)
    assert.notStrictEqual(canonicalJson(Option.some(1)), canonicalJson(Option.some(2)))
    class Money {
      readonly amount: number
      constructor(amount: number) {
        this.amount = amount
      }
    }
    assert.strictEqual(canonicalJson(new Money(5)), `{"amount":5}`)
  })

  it("keeps `__proto__`, a key like others", () => {
    assert.strictEqual(canonicalJson(JSON.parse(`{"b":1,"__proto__":2}`)), `{"__proto__":2,"b":1}`)
  })

  it("writes data that is nested deep", () => {
    assert.strictEqual(canonicalJson(nested(900)), JSON.stringify(nested(900)))
  })

  it("throws CyclicValue for what refers to itself in whatever way", () => {
    const object: Record<string, unknown> = {}
    object["self"] = object
    const array: Array<unknown> = []
    array.push([array])
    const map = new Map<string, unknown>()
    map.set("map", map)
    const set = new Set<unknown>()
    set.add(set)
    const own = { toJSON: (): unknown => own }
    const both: Record<string, unknown> = {}
    both["x"] = both["y"] = { up: both, again: [both, both] }
    for (const value of [object, array, map, set, own, both]) {
      assert.throws(() => canonicalJson(value), CyclicValue, "refers to itself")
    }
  })

  it("throws CyclicValue for what is too deep to follow, and says so", () => {
    assert.throws(() => canonicalJson(nested(1100)), CyclicValue, "nested more than 1000 levels deep")
  })
})
