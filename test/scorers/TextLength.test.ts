import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Text } from "../../src/scorers/index.ts"
import { judge, scoreOf } from "./scoring.ts"

describe("length", () => {
  it("counts what readers take for a character", () => {
    assert.strictEqual(Text.lengthOf(""), 0)
    assert.strictEqual(Text.lengthOf("e\u0301"), 1)
    assert.strictEqual(Text.lengthOf("👩‍👩‍👧👍🏽🇫🇷"), 3)
    assert.strictEqual(Text.lengthOf("a\r\nb"), 3)
    assert.strictEqual(Text.lengthOf("กำ"), 1)
    assert.strictEqual(Text.lengthOf("Grüße\u00ad"), 6)
  })

  it.prop(
    "counts as Intl.Segmenter does, short cut or not",
    [Schema.String],
    ([text]) => Text.lengthOf(text) === Array.from(new Intl.Segmenter("en").segment(text)).length
  )

  it("counts words, bytes and lines", () => {
    assert.strictEqual(Text.lengthOf("one, two - three", "words"), 3)
    assert.strictEqual(Text.lengthOf("   ", "words"), 0)
    assert.isAbove(Text.lengthOf("私は学生です", "words"), 1)
    assert.strictEqual(Text.lengthOf("aé€👍", "bytes"), 1 + 2 + 3 + 4)
    assert.strictEqual(Text.lengthOf("a\nb\n", "lines"), 2)
    assert.strictEqual(Text.lengthOf("", "lines"), 1)
  })

  it.effect("holds both bounds", () =>
    Effect.gen(function*() {
      const scorer = Text.length({ min: 3, max: 5 })
      for (const [text, score] of [["ab", false], ["abc", true], ["abcde", true], ["abcdef", false]] as const) {
        assert.strictEqual(yield* scoreOf(scorer, text, 0), score, text)
      }
      assert.deepStrictEqual(yield* judge(scorer, "ab", 0), { score: false, comment: "2 graphemes, fewer than 3" })
      assert.deepStrictEqual(yield* judge(Text.length({ max: 1, unit: "words" }), "one two", 0), {
        score: false,
        comment: "2 words, more than 1"
      })
      assert.include((yield* judge(scorer, 5, 0)).failed, "length: outputs is 5, not a text")
      assert.throws(() => Text.length({ min: 3, max: 2 }), RangeError)
    }))
})
