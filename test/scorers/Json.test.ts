import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { Json } from "../../src/scorers/index.ts"
import { outcomeOf, rowOf } from "./structureSupport.ts"

const parsed = (text: string, extraction: Json.Extraction) => Result.getOrUndefined(Json.parse(text, { extraction }))

const Data = Schema.Json

describe("parse", () => {
  it("takes whole texts, strictly", () => {
    assert.deepStrictEqual(parsed(" {\"a\": 1}\n", "strict"), { value: { a: 1 }, from: "whole", repaired: false })
    assert.deepStrictEqual(parsed("42", "strict")?.value, 42)
    for (const text of ["", "NaN", "{a: 1}", "{\"a\": 1,}", "x {\"a\": 1}", "```json\n1\n```"]) {
      assert.isUndefined(parsed(text, "strict"), text)
    }
  })

  it("extracts the first fenced block that is JSON, and else the longest object or list", () => {
    assert.deepStrictEqual(parsed("So:\n```ts\nlet a\n```\n```json\n[1, 2]\n```\n{\"b\": 1}", "extract"), {
      value: [1, 2],
      from: "fence",
      repaired: false
    })
    assert.deepStrictEqual(parsed("see [1] and {\"x\": {\"y\": \"}\"}} there", "extract")?.value, { x: { y: "}" } })
    assert.deepStrictEqual(parsed("a {\"x\": 1} b {\"y\": 2} c", "extract")?.value, { x: 1 })
    assert.deepStrictEqual(parsed("[ not closed {\"a\": \"b\"}", "extract")?.value, { a: "b" })
    assert.deepStrictEqual(parsed("it is 5\" long [\nso {\"a\": 1}", "extract")?.value, { a: 1 })
    assert.deepStrictEqual(parsed("inline ```x``` then ```\n{\"a\": 1}\n```", "extract")?.from, "fence")
    for (const text of ["no JSON", "{a: 1}", "[1, 2", "}{", "```"]) assert.isUndefined(parsed(text, "extract"), text)
  })

  it("repairs what looks like an object or a list, and nothing else", () => {
    assert.deepStrictEqual(parsed("Here: {name: 'Ada', tags: ['a', 'b',],} ok", "repair"), {
      value: { name: "Ada", tags: ["a", "b"] },
      from: "text",
      repaired: true
    })
    assert.deepStrictEqual(parsed("```json\n{\"a\": 1, // one\n}\n```", "repair")?.value, { a: 1 })
    assert.deepStrictEqual(parsed("{\"a\": [1, 2", "repair")?.value, { a: [1, 2] })
    assert.isUndefined(parsed("No JSON here at all", "repair"))
    assert.isUndefined(parsed("{" + "a: 1, ".repeat(20_000), "repair"))
  })

  it("gets through a megabyte of brackets, quotes and fences", () => {
    const many = 1_000_000
    const texts = [
      "[".repeat(many),
      "{\"a\":".repeat(many / 5),
      "[".repeat(many / 2) + "x" + "]".repeat(many / 2),
      "{}x".repeat(many / 3) + "]",
      "\"".repeat(many),
      "[\"\\".repeat(many / 3),
      "```".repeat(many / 3),
      "```\n".repeat(many / 4),
      "``` ``` ".repeat(many / 8) + "\n"
    ]
    for (const text of texts) {
      const repaired = Json.parse(text, { extraction: "repair" })
      // Only the one with pairs of brackets holds JSON.
      assert.strictEqual(Result.isSuccess(repaired), text.startsWith("{}x"), text.slice(0, 10))
    }
  })

  it.effect("is a scorer", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.parses(), "{\"a\": 1}"), "true: JSON: an object with key a")
      assert.match(yield* outcomeOf(Json.parses(), "{a: 1}"), /^false: no JSON: Expected property name/)
      assert.strictEqual(
        yield* outcomeOf(Json.parses({ accept: "list" }), "{}"),
        "false: JSON, but not a list: an empty object"
      )
      assert.strictEqual(
        yield* outcomeOf(Json.parses({ extraction: "repair" }), "{a: 1}"),
        "true: JSON: an object with key a, after repair"
      )
      assert.match(
        yield* outcomeOf(Json.parses(), { a: 1 }),
        /^Failed: UnusableValue: json: outputs is an object .* not a text/
      )
      assert.match(
        yield* outcomeOf(Json.parses({ actual: () => undefined }), ""),
        /^Failed: .*what the option actual selects is missing/
      )
    }))
})

describe("diff", () => {
  it("says what is missing, extra and changed, and where", () => {
    assert.deepStrictEqual(
      Json.diff({ a: 1, b: [1, { c: 2 }], e: null }, { a: "1", b: [1, { c: 3 }, 4], d: true, e: null }),
      [
        { path: ["a"], kind: "changed", expected: "1", actual: 1 },
        { path: ["b", 1, "c"], kind: "changed", expected: 3, actual: 2 },
        { path: ["b", 2], kind: "missing", expected: 4, actual: undefined },
        { path: ["d"], kind: "missing", expected: true, actual: undefined }
      ]
    )
    assert.deepStrictEqual(Json.diff({ a: 1, x: undefined }, { a: 1 }), [])
    assert.deepStrictEqual(Json.diff([1, 2], [1]).map(({ kind, path }) => [kind, path]), [["extra", [1]]])
    assert.deepStrictEqual(Json.diff(null, {}).length, 1)
    assert.deepStrictEqual(Json.diff([], {}).length, 1)
    assert.isTrue(Json.isEqual({ d: new Date(0), n: NaN }, { d: new Date(0), n: NaN }))
    assert.isFalse(Json.isEqual(new Date(0), new Date(1)))
    assert.isFalse(Json.isEqual({ toString: 1 }, {}))
  })

  it("leaves the order of lists aside where asked, but not how often members come", () => {
    assert.isFalse(Json.isEqual(["a", "b"], ["b", "a"]))
    assert.isTrue(Json.isEqual({ t: [[2, 1], { x: 1 }] }, { t: [{ x: 1 }, [1, 2]] }, { anyOrder: true }))
    assert.isFalse(Json.isEqual({ t: [[2, 1]] }, { t: [[1, 2]] }, { anyOrder: ["t"] }))
    assert.isTrue(Json.isEqual({ t: [{ u: [2, 1] }] }, { t: [{ u: [1, 2] }] }, { anyOrder: ["t[*].u"] }))
    assert.isFalse(Json.isEqual([1, 1, 2], [1, 2, 2], { anyOrder: true }))
    // One on each side is looked into.
    assert.deepStrictEqual(
      Json.diff([{ id: 2, n: 1 }, { id: 1 }], [{ id: 1 }, { id: 2, n: 3 }], { anyOrder: true }).map(({ path }) => path),
      [[0, "n"]]
    )
    assert.isTrue(Json.isEqual([{ id: 1, a: 1 }, { id: 2, a: 2 }], [{ id: 8, a: 2 }, { id: 9, a: 1 }], {
      anyOrder: true,
      ignore: ["*.id"]
    }))
  })

  it("leaves paths aside", () => {
    const options = { ignore: ["id", "items.*.at"] }
    assert.deepStrictEqual(Json.diff({ id: 1, items: [{ at: 1 }] }, { items: [{ at: 2 }] }, options), [])
    assert.strictEqual(Json.diff({ items: [{ at: 1, b: 1 }] }, { items: [{ at: 2 }] }, options).length, 1)
    assert.throws(() => Json.isEqual(1, 1, { ignore: [""] }), /has no steps/)
  })

  // Few keys and values, so that pairs are often the same, or nearly.
  const Few = Schema.Union([Schema.Literals([0, 1]), Schema.Null, Schema.Undefined])
  const Member = Schema.optionalKey(Schema.Union([Few, Schema.Array(Few)]))
  const Near = Schema.Union([Few, Schema.Struct({ a: Member, toString: Member }), Schema.Array(Few)])

  it.prop("is quick to say what the comparison with paths says", [Near, Near], ([a, b]) => {
    assert.strictEqual(Json.isEqual(a, b), Json.diff(a, b).length === 0)
    assert.strictEqual(Json.isEqual({ x: [a] }, { x: [b] }), Json.diff({ x: [a] }, { x: [b] }).length === 0)
    assert.strictEqual(Json.isEqual(a, b), Json.isEqual(a, b, {}))
  }, { arbitrary: { runs: 500 } })

  it("has a depth at which it gives up, as the comparison with paths has", () => {
    const cycle = (): object => {
      const value: { self?: unknown } = {}
      value.self = value
      return value
    }
    assert.throws(() => Json.isEqual(cycle(), cycle()), /refers to itself/)
    assert.throws(() => Json.diff(cycle(), cycle()), /refers to itself/)
  })

  it.prop("agrees with JSON on equality, and shuffled lists are equal in any order", [Data, Data], ([a, b]) => {
    assert.isTrue(Json.isEqual(a, structuredClone(a)))
    assert.strictEqual(Json.isEqual(a, b), Json.diff(a, b).length === 0)
    assert.strictEqual(Json.isEqual(a, b), Json.isEqual(b, a))
    assert.isTrue(Json.isEqual([a, b, 1], [1, b, a], { anyOrder: true }))
  })

  it.effect("is a scorer that reads JSON in texts", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.equals(), "{\"b\":1,\"a\":2}", { a: 2, b: 1 }), "true: no differences")
      assert.strictEqual(
        yield* outcomeOf(Json.equals({ text: "keep" }), "{}", {}),
        "false: 1 difference: expected an empty object, got \"{}\""
      )
      assert.strictEqual(
        yield* outcomeOf(Json.equals({ expected: { a: 1 } }), "Well: {\"a\": 2}"),
        "false: 1 difference: expected an object with key a, got \"Well: {\\\"a\\\": 2}\""
      )
      assert.strictEqual(
        yield* outcomeOf(Json.equals({ expected: { a: 1 }, text: "extract" }), "Well: {\"a\": 2}"),
        "false: 1 difference: a: expected 1, got 2"
      )
      assert.match(
        yield* outcomeOf(Json.equals(), 1),
        /^Failed: UnusableValue: json_equals: referenceOutputs is missing/
      )
      const many = Array.from({ length: 9 }, (_, i) => i)
      assert.match(
        yield* outcomeOf(Json.equals(), many, many.map((n) => n + 1)),
        /^false: 9 differences: .*; and 4 more$/
      )
    }))

  it.effect("refuses data that is nested without end", () =>
    Effect.gen(function*() {
      const deep = "[".repeat(100_000) + "]".repeat(100_000)
      assert.match(
        yield* outcomeOf(Json.equals(), deep, deep.replace("[]", "[1]")),
        /^Failed: UnusableValue: json_equals: .*nested more than 1000/
      )
      assert.match(yield* outcomeOf(Json.similar(), deep, deep), /^Failed: UnusableValue: json_similarity: .*nested/)
    }))
})

describe("matches", () => {
  it("weighs fields, by key and by path", () => {
    const { fields, score } = Json.matchOf(
      { name: "ada", address: { city: "London", zip: 1 }, note: "x" },
      { name: "Ada", address: { city: "London", zip: 2 }, age: 36 },
      { fields: { name: { compare: Json.anyCase, weight: 3 }, "address.city": Json.exact } }
    )
    assert.deepStrictEqual(fields, [
      { field: "name", weight: 3, score: 1 },
      { field: "address.city", weight: 1, score: 1 },
      { field: "age", weight: 1, score: 0 },
      { field: "note", weight: 1, score: 0 }
    ])
    assert.strictEqual(score, 4 / 6)
    const options = { fields: { name: Json.anyCase }, others: "ignore" } as const
    assert.strictEqual(Json.matchOf({ name: "ada" }, { name: "ADA", b: 1 }, options).score, 1)
    assert.strictEqual(Json.matchOf({ a: 1, b: 2 }, { a: 1 }, { extras: "ignore" }).score, 1)
    assert.strictEqual(Json.matchOf({ a: 1, b: 2 }, { a: 1, b: 3 }, { aggregate: "all" }).score, 0)
    assert.strictEqual(Json.matchOf({ a: 1, b: 2 }, { a: 1, b: 3 }, { exclude: ["b"] }).score, 1)
    assert.isUndefined(Json.matchOf({}, {}).score)
    assert.isUndefined(Json.matchOf({ a: 1 }, { a: 1 }, { fields: { a: { weight: 0 } } }).score)
  })

  it("pairs lists in the best way, or as asked", () => {
    const made = [{ a: 1 }, { a: 1, b: 2 }]
    assert.strictEqual(Json.matchOf(made, made.toReversed()).score, 1)
    assert.strictEqual(Json.matchOf(made, made.toReversed(), { list: "ordered" }).score, 0.5)
    assert.strictEqual(Json.matchOf([{ a: 1 }, { a: 2 }], [{ a: 1 }]).score, 0.5)
    assert.strictEqual(Json.matchOf([{ a: 1 }, { a: 2 }], [{ a: 1 }], { list: "superset" }).score, 1)
    assert.strictEqual(Json.matchOf([{ a: 1 }], [{ a: 1 }, { a: 2 }], { list: "subset" }).score, 1)
    assert.strictEqual(Json.matchOf([{ a: 1 }], [{ a: 1 }, { a: 2 }], { list: "superset" }).score, 0.5)
    assert.strictEqual(Json.matchOf([{ a: 1 }], [{ a: 1 }, { a: 2 }], { listAggregate: "all" }).score, 0)
    assert.isUndefined(Json.matchOf([], []).score)
    assert.throws(() => Json.matchOf(Array.from({ length: 2001 }, () => ({})), []), /too many to be paired/)
  })

  it("refuses options and comparers that make no sense", () => {
    assert.throws(() => Json.matches({ fields: { a: { weight: -1 } } }), /the weight of a is -1/)
    assert.throws(() => Json.matches({ fields: { "a.*": Json.exact } }), /has a "\*"/)
    assert.throws(
      () => Json.matchOf({ a: 1 }, { a: 1 }, { fields: { a: () => 2 } }),
      /the comparer of the field a gave 2/
    )
    assert.throws(() => Json.within({ absolute: -1 }), /at least 0/)
  })

  it.effect("is a scorer, with a result for each field if asked", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* outcomeOf(Json.matches(), { a: 1, b: 2 }, { a: 1, b: 3 }),
        "0.5: 1 of 2 fields match (0.5 of 1); not: b 0"
      )
      assert.strictEqual(
        yield* outcomeOf(Json.matches(), {}, {}),
        "Skipped: there are no fields to compare: both sides are empty"
      )
      assert.strictEqual(yield* outcomeOf(Json.matches(), "no", { a: 1 }), "0: expected an object, got \"no\"")
      assert.strictEqual(
        yield* outcomeOf(Json.matches(), {}, [{ a: 1 }]),
        "0: expected a list of objects, got an empty object"
      )
      assert.match(
        yield* outcomeOf(Json.matches(), {}, 5),
        /^Failed: UnusableValue: json_match: referenceOutputs is 5, not an object/
      )
      const { evaluations } = yield* rowOf({ a: 1 }, { a: 1, b: 2 }, [Json.matches({ key: "m", each: true })])
      const outcome = evaluations[0]!.outcome
      assert.deepStrictEqual(
        outcome._tag === "Scored" ? outcome.results.map(({ key, score }) => [key, score]) : outcome,
        [["m", 0.5], ["m.a", 1], ["m.b", 0]]
      )
    }))
})

describe("fingerprints", () => {
  it.effect("change with whatever the score depends on", () =>
    Effect.gen(function*() {
      const scorers = [
        Json.matches(),
        Json.matches({ fields: { a: Json.within({ absolute: 1 }) } }),
        Json.matches({ fields: { a: Json.within({ absolute: 2 }) } }),
        Json.matches({ fields: { a: { compare: Json.within({ absolute: 2 }), weight: 2 } } }),
        Json.matches({ expected: { a: 1 } }),
        Json.matches({ actual: ({ inputs }) => inputs }),
        Json.conforms(Schema.String),
        Json.conforms(Schema.Finite),
        Json.conformsToJsonSchema({ type: "string" }),
        Json.conformsToJsonSchema({ type: "number" })
      ]
      const prints = yield* Effect.forEach(scorers, (scorer) => Effect.map(scorer.describe, (d) => d.fingerprint))
      assert.strictEqual(new Set(prints).size, scorers.length)
      const again = yield* Json.matches({ fields: { a: Json.within({ absolute: 1 }) } }).describe
      assert.strictEqual(again.fingerprint, prints[1])
    }))
})

describe("similarity and coverage", () => {
  it("follows the formula", () => {
    assert.strictEqual(Json.similarityOf({ a: [1, 2, 3] }, { a: [1, 2] }), 2 / 3)
    assert.strictEqual(Json.similarityOf({ a: [1, 2, 3] }, { a: [1, 2] }, { extras: "ignore" }), 1)
    assert.strictEqual(Json.similarityOf(["b", "a"], ["a", "b"]), 0)
    assert.strictEqual(Json.similarityOf(["b", "a"], ["a", "b"], { lists: "best" }), 1)
    assert.strictEqual(
      Json.similarityOf({ n: 99, t: "x" }, { n: 100, t: "y" }, {
        numbers: Json.within({ absolute: 1 }),
        texts: () => 0.5
      }),
      0.75
    )
    for (
      const [a, b, score] of [[{}, {}, 1], [[], [], 1], [[], {}, 0], [null, undefined, 1], [null, 0, 0], [
        true,
        false,
        0
      ], [1, "1", 0]]
    ) {
      assert.strictEqual(Json.similarityOf(a, b), score, JSON.stringify([a, b]))
    }
  })

  it.prop("is 1 for the same data, symmetrical, and never beyond 0 and 1", [Data, Data], ([a, b]) => {
    assert.strictEqual(Json.similarityOf(a, a), 1)
    const score = Json.similarityOf(a, b)
    assert.isTrue(score >= 0 && score <= 1)
    assert.closeTo(Json.similarityOf(b, a), score, 1e-12)
  })

  it("covers paths", () => {
    const data = { a: { b: null, c: undefined }, "x.y": 1, l: [{ z: 1 }] }
    assert.deepStrictEqual(Json.fieldPaths(data), [["a"], ["a", "b"], ["x.y"], ["l"], ["l", "0", "z"]])
    assert.strictEqual(Json.coverageOf(data, Json.fieldPaths(data)).score, 1)
    assert.deepStrictEqual(Json.coverageOf(data, ["a.b", "a.c", "l[0].z", "toString"]), {
      score: 0.5,
      present: ["a.b", "l.0.z"],
      missing: ["a.c", "toString"]
    })
    assert.isUndefined(Json.coverageOf(data, []).score)
  })

  it.effect("are scorers", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.similar(), { a: 1, b: 2 }, { a: 1 }), "0.5: 1 difference: b: 2 is extra")
      assert.strictEqual(
        yield* outcomeOf(Json.covers(), "{\"a\":{\"b\":1}}", { a: { b: 1, c: 2 }, d: 3 }),
        "0.5: 2 of 4 fields are there (0.5); missing: a.c, d"
      )
      assert.strictEqual(yield* outcomeOf(Json.covers(), {}, {}), "Skipped: there are no fields to be covered")
      assert.match(
        yield* outcomeOf(Json.covers(), {}, 5),
        /^Failed: UnusableValue: json_coverage: referenceOutputs is 5/
      )
    }))
})
