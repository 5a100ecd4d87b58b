import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Text } from "../../src/scorers/index.ts"
import { judge, scoreOf } from "./scoring.ts"

describe("normalize", () => {
  it("takes one step for each option", () => {
    assert.strictEqual(Text.normalize("e\u0301ﬁ", { unicode: "NFC" }), "\u00e9ﬁ")
    assert.strictEqual(Text.normalize("ﬁ①Ａ", { unicode: "NFKC" }), "fi1A")
    assert.strictEqual(Text.normalize("STRASSE straße", { ignoreCase: true }), "strasse strasse")
    assert.strictEqual(Text.normalize("ΟΔΟΣ οδος", { ignoreCase: true }), "οδοσ οδοσ")
    assert.strictEqual(Text.normalize("Don’t «stop» – $5!", { ignorePunctuation: true }), "Dont stop 5")
    assert.strictEqual(Text.normalize("An apple, the aunt à la a", { ignoreArticles: true }), "apple, aunt à la")
    assert.strictEqual(Text.normalize(" a \n b ", { whitespace: "trim" }), "a \n b")
    assert.strictEqual(Text.normalize(" a \n\u00a0b ", { whitespace: "collapse" }), "a b")
    assert.strictEqual(Text.normalize(" a \n b ", { whitespace: "remove" }), "ab")
    assert.strictEqual(Text.normalize(" The é ", {}), " The é ")
  })

  it("knows which characters NFC can change, alone and together", () => {
    for (let unit = 0; unit < 0x400; unit++) {
      for (const text of [String.fromCharCode(unit), `e${String.fromCharCode(unit)}a`]) {
        assert.strictEqual(Text.normalize(text, { unicode: "NFC" }), text.normalize("NFC"))
      }
    }
  })

  it.prop(
    "gives NFC of any text",
    [Schema.String],
    ([text]) => Text.normalize(text, { unicode: "NFC" }) === text.normalize("NFC")
  )

  it.prop("changes nothing a second time", [Schema.String], ([text]) => {
    const options = {
      unicode: "NFKC",
      ignoreCase: true,
      ignorePunctuation: true,
      whitespace: "collapse"
    } as const
    const once = Text.normalize(text, options)
    return Text.normalize(once, options) === once
  })
})

describe("exactMatch", () => {
  it("compares texts to the letter, and data by what is in it", () => {
    assert.isTrue(Text.isExactMatch("a", "a"))
    assert.isFalse(Text.isExactMatch("a ", "a"))
    assert.isFalse(Text.isExactMatch("\u00e9", "e\u0301"))
    assert.isTrue(Text.isExactMatch("\u00e9", "e\u0301", { unicode: "NFC" }))
    assert.isTrue(Text.isExactMatch({ a: { y: 1, x: 2 } }, { a: { x: 2, y: 1 } }))
    assert.isFalse(Text.isExactMatch([1, 2], [2, 1]))
    assert.isTrue(Text.isExactMatch(Number.NaN, Number.NaN))
    assert.isFalse(Text.isExactMatch(1, "1"))
    assert.isFalse(Text.isExactMatch({ a: undefined }, {}))
    assert.isTrue(Text.isExactMatch(null, null))
  })

  it.effect("scores and says what differs", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Text.exactMatch(), { a: 1 }, { a: 1 }), { score: true, comment: "the same" })
      assert.deepStrictEqual(yield* judge(Text.exactMatch(), "Paris", "paris"), {
        score: false,
        comment: "\"Paris\" is not \"paris\""
      })
      assert.deepStrictEqual(
        yield* judge(Text.exactMatch({ ignoreCase: true, ignorePunctuation: true }), "Paris.", "paris"),
        { score: true, comment: "the same, ignoring case and punctuation" }
      )
    }))

  it.effect("shows of long texts where they differ", () =>
    Effect.gen(function*() {
      const start = "The quick brown fox jumps over the lazy dog. ".repeat(3)
      const commentOf = (actual: string, expected: string) =>
        Effect.map(judge(Text.exactMatch(), actual, expected), ({ comment }) => comment)
      assert.strictEqual(
        yield* commentOf(`${start}It slept.`, `${start}It slept well.`),
        `"…zy dog. It slept." is not "…zy dog. It slept well."`
      )
      assert.strictEqual(
        yield* commentOf(`${start}Fin`, start),
        `"…r the lazy dog. Fin" is not "…r the lazy dog. "`
      )
      assert.strictEqual(
        yield* commentOf(`The slow fox. ${start}`, start),
        `"The slow fox. The quick brown fox jumps over the…" is not "The quick brown fox jumps over the lazy dog. The…"`
      )
      // No character is cut in two.
      assert.strictEqual(
        yield* commentOf("👍".repeat(60), "👍".repeat(59)),
        `"…${"👍".repeat(9)}" is not "…${"👍".repeat(8)}"`
      )
    }))

  it.effect("fails for what is missing, and for data where texts are to be normalized", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Text.exactMatch(), "a", undefined), {
        failed:
          "UnusableValue: exactMatch: referenceOutputs is missing. Say with the option expected where to find it, " +
          "such as expected: ({ referenceOutputs }) => referenceOutputs.answer."
      })
      assert.include(
        (yield* judge(Text.exactMatch({ key: "city", ignoreCase: true }), { city: "Paris" }, "paris")).failed,
        "city: outputs is an object with key city, not a text."
      )
    }))

  it.effect("takes values from functions and constants", () =>
    Effect.gen(function*() {
      const scorer = Text.exactMatch({
        actual: ({ outputs }: { readonly outputs: { readonly n: number } }) => outputs.n,
        expected: 3
      })
      assert.strictEqual(yield* scoreOf(scorer, { n: 3 }, undefined), true)
      assert.strictEqual(yield* scoreOf(scorer, { n: 4 }, undefined), false)
    }))
})

describe("contains", () => {
  it.effect("looks for all, any or none", () =>
    Effect.gen(function*() {
      const reference = ["apple", "Pear"]
      assert.deepStrictEqual(yield* judge(Text.containsAll(), "apple and pear", reference), {
        score: false,
        comment: "found 1 of 2, missing \"Pear\""
      })
      assert.strictEqual(yield* scoreOf(Text.containsAll({ ignoreCase: true }), "apple and pear", reference), true)
      assert.strictEqual(yield* scoreOf(Text.containsAny(), "apple and pear", reference), true)
      assert.strictEqual(yield* scoreOf(Text.containsAny(), "plum", reference), false)
      assert.strictEqual(yield* scoreOf(Text.containsNone(), "plum", reference), true)
      assert.deepStrictEqual(yield* judge(Text.containsNone(), "apple pie", reference), {
        score: false,
        comment: "found 1 of 2: \"apple\""
      })
    }))

  it.effect("scores shares where asked", () =>
    Effect.gen(function*() {
      const options = { score: "share", expected: ["a", "b", "c", "d"] } as const
      assert.strictEqual(yield* scoreOf(Text.containsAll(options), "ab c", 0), 0.75)
      assert.strictEqual(yield* scoreOf(Text.containsNone(options), "ab c", 0), 0.25)
    }))

  it.effect("finds letters however they are written, and has nothing to say about an empty list", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* scoreOf(Text.containsAll(), "Cafe\u0301 noir", "Caf\u00e9"), true)
      assert.strictEqual(yield* scoreOf(Text.containsAll(), "hello", ""), true)
      assert.deepStrictEqual(yield* judge(Text.containsAll<unknown, string, ReadonlyArray<string>>(), "hello", []), {
        skipped: "there are no texts to look for"
      })
      assert.include(
        (yield* judge(Text.containsAll(), "hello", 5)).failed,
        "referenceOutputs is 5, not a text or a list"
      )
    }))
})

describe("startsWith, endsWith, oneOf", () => {
  it.effect("take one text or several", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* scoreOf(Text.startsWith(), "Hello world", "Hello"), true)
      assert.strictEqual(yield* scoreOf(Text.startsWith(), "Hello world", "world"), false)
      assert.strictEqual(yield* scoreOf(Text.startsWith({ ignoreCase: true }), "Hello", ["by", "hell"]), true)
      assert.strictEqual(yield* scoreOf(Text.endsWith(), "Hello world", ["Hello", "world"]), true)
      assert.deepStrictEqual(yield* judge(Text.oneOf({ expected: ["yes", "no"] }), "maybe", 0), {
        score: false,
        comment: "\"maybe\" is none of \"yes\", \"no\""
      })
      assert.strictEqual(
        yield* scoreOf(Text.oneOf({ expected: ["yes", "no"], ignoreCase: true, whitespace: "trim" }), " YES ", 0),
        true
      )
      assert.include((yield* judge(Text.oneOf(), "yes", [])).failed, "with at least one")
    }))

  it("refuse a constant that nothing can be", () => {
    assert.throws(() => Text.oneOf({ expected: [] }), RangeError, "oneOf: the option expected is an empty array")
    assert.throws(() => Text.startsWith({ expected: 5 }), RangeError, "startsWith: the option expected is 5")
  })
})
