import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Text } from "../../src/scorers/index.ts"
import { judge, scoreOf } from "./scoring.ts"

describe("matches", () => {
  it("finds what JavaScript finds", () => {
    for (
      const [pattern, text] of [
        [/\d{3}-\d{4}/, "Call me at 555-1234"],
        [/^\d{3}$/, "1234"],
        [/hello/i, "Say HELLO"],
        [/^b/m, "a\nb"],
        [/a.c/s, "a\nc"],
        [/\p{Lu}\p{Ll}+/u, "das Öl"],
        [/(?<year>\d{4})/, "in 2024"],
        [/\u0041/, "A"],
        [/[^/]+\/b/, "a/b"],
        [/x{2,3}?|y*/, "zzxxx"]
      ] as const
    ) {
      const found = pattern.exec(text)
      assert.deepStrictEqual(
        Text.firstMatch(text, pattern),
        found === null ? undefined : { index: found.index, match: found[0] },
        String(pattern)
      )
    }
  })

  it("takes no longer for patterns that make other engines hang", () => {
    // With backtracking each of these takes longer than anyone lives.
    assert.isUndefined(Text.firstMatch(`${"a".repeat(50_000)}!`, "^(a+)+$"))
    assert.isUndefined(Text.firstMatch("x".repeat(50_000), "(x+x+)+y"))
    assert.isUndefined(Text.firstMatch(`${"a".repeat(2000)}b`, "^(.*a){12}$"))
  })

  it("matches the whole text where asked", () => {
    assert.isUndefined(Text.firstMatch("abc", "b", { whole: true }))
    assert.deepStrictEqual(Text.firstMatch("abc", "a|abc", { whole: true }), { index: 0, match: "abc" })
  })

  it("says which patterns it cannot run, when the scorer is made", () => {
    for (const pattern of ["(?=a)b", "(a)\\1", "("]) {
      assert.throws(() => Text.matches({ expected: pattern }), RangeError, "cannot be run in linear time")
    }
  })

  it.effect("takes patterns from the options and from references", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Text.matches({ expected: /\d+/ }), "room 101", 0), {
        score: true,
        comment: "\"101\" at 5 matches \\d+"
      })
      assert.strictEqual(yield* scoreOf(Text.matches(), "room 101", "^\\d+$"), false)
      assert.strictEqual(yield* scoreOf(Text.matches({ ignoreCase: true }), "ROOM", "room"), true)
      assert.include(
        (yield* judge(Text.matches(), "a", "(?=a)")).failed,
        "matches: referenceOutputs is \"(?=a)\", not a pattern"
      )
    }))
})
