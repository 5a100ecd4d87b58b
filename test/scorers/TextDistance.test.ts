import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Text } from "../../src/scorers/index.ts"
import { close, judge, scoreOf } from "./scoring.ts"

const few = Schema.Array(Schema.Literals(["a", "b", "c", "é", "👍🏽", "e\u0301"]))

/** The definition, the slow way. */
const naiveDistance = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  a.forEach((x, i) => {
    const next = [i + 1]
    b.forEach((y, j) => next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (x === y ? 0 : 1))))
    row = next
  })
  return row[b.length]!
}

const naiveJaro = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  if (a.length === 0 && b.length === 0) return 1
  const window = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const free = b.map(() => true)
  const inA = a.filter((x, i) => {
    const j = b.findIndex((y, j) => free[j] === true && x === y && Math.abs(i - j) <= window)
    if (j >= 0) free[j] = false
    return j >= 0
  })
  const inB = b.filter((_, j) => free[j] === false)
  const m = inA.length
  const t = inA.filter((x, i) => x !== inB[i]).length / 2
  return m === 0 ? 0 : (m / a.length + m / b.length + (m - t) / m) / 3
}

const nfc = (graphemes: ReadonlyArray<string>) => graphemes.map((each) => each.normalize("NFC"))

describe("levenshtein", () => {
  it.prop(
    "is the least number of edits of graphemes",
    [few, few],
    ([a, b]) => Text.levenshteinOf(a.join(""), b.join("")).distance === naiveDistance(nfc(a), nfc(b)),
    { arbitrary: { runs: 500 } }
  )

  const many = Schema.Array(Schema.Literals(["a", "b", "c", "dd", "eeeeeeeee", "long words and more of them"]))

  it.prop(
    "is the same by units as by graphemes, and by definition, whatever the lengths",
    [many, many, few],
    ([x, y, z]) => {
      // Repeated, so that there are several bands of rows, and ways that stray far from the diagonal.
      const a = [...x, ...x, ...y, ...x, ...x].join(" ")
      const b = [...y, ...x, ...y, ...z.filter((each) => each < "d")].join(" ")
      const expected = naiveDistance([...a], [...b])
      assert.strictEqual(Text.levenshteinOf(a, b).distance, expected)
      // A grapheme of several units, on both sides, makes lists of graphemes of them.
      assert.strictEqual(Text.levenshteinOf(`👍🏽${a}`, `👍🏽${b}`).distance, expected)
      assert.strictEqual(Text.levenshteinOf(b, a).distance, expected)
    },
    { arbitrary: { runs: 100 } }
  )

  it("finds ways that stray far from the diagonal, and keeps nothing from one call to the next", () => {
    const block = (letter: string, length: number) => letter.repeat(length)
    for (const length of [31, 32, 33, 64, 65, 100, 200, 500]) {
      // What one begins with, the other ends with: the best way is far off the diagonal for most of it.
      const a = block("a", length) + "xyz".repeat(100)
      const b = "xyz".repeat(100) + block("b", length)
      assert.strictEqual(Text.levenshteinOf(a, b).distance, naiveDistance([...a], [...b]), String(length))
      assert.strictEqual(Text.levenshteinOf("ab", "ba").distance, 2)
      assert.strictEqual(Text.levenshteinOf(block("a", length), block("b", 2 * length)).distance, 2 * length)
    }
    // Longer than what space is kept for.
    const long = "0123456789".repeat(500)
    assert.strictEqual(Text.levenshteinOf(long + "ab", "x" + long).distance, 3)
  })

  it("is right on texts longer than a machine word", () => {
    const a = "The quick brown fox jumps over the lazy dog, and the dog sleeps on.".repeat(3)
    const b = a.replaceAll("dog", "cat").slice(5)
    assert.strictEqual(Text.levenshteinOf(a, b).distance, naiveDistance([...a], [...b]))
    assert.strictEqual(Text.levenshteinOf(`é${a}`, `é${b}`).distance, naiveDistance([...a], [...b]))
    assert.strictEqual(Text.levenshteinOf(`👍🏽${a}`, `👎🏽${b}`).distance, naiveDistance([...a], [...b]) + 1)
  })

  it.effect("scores similarity, or whether it is near enough", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Text.levenshtein(), "kitten", "sitting"), {
        score: 1 - 3 / 7,
        comment: "1 - 3/7: 3 edits"
      })
      assert.deepStrictEqual(yield* judge(Text.levenshtein(), "", ""), { score: 1, comment: "both are empty" })
      assert.strictEqual(yield* scoreOf(Text.levenshtein(), "", "abc"), 0)
      assert.strictEqual(yield* scoreOf(Text.levenshtein({ ignoreCase: true }), "ABC", "abc"), 1)
      assert.strictEqual(yield* scoreOf(Text.levenshtein({ within: 2 }), "kitten", "sitting"), false)
      assert.strictEqual(yield* scoreOf(Text.levenshtein({ within: 3 }), "kitten", "sitting"), true)
    }))
})

describe("jaroWinkler", () => {
  it("gives the values of Winkler's papers", () => {
    for (
      const [a, b, similarity] of [
        ["MARTHA", "MARHTA", 0.961],
        ["DWAYNE", "DUANE", 0.84],
        ["DIXON", "DICKSONX", 0.813],
        ["JONES", "JOHNSON", 0.832],
        ["ABROMS", "ABRAMS", 0.922],
        ["ITMAN", "SMITH", 0.467]
      ] as const
    ) assert.strictEqual(Number(Text.jaroWinklerOf(a, b).similarity.toFixed(3)), similarity, a)
  })

  it.prop("finds the matches that the definition finds", [few, few], ([a, b]) => {
    close(Text.jaroWinklerOf(a.join(""), b.join("")).jaro, naiveJaro(nfc(a), nfc(b)))
  }, { arbitrary: { runs: 500 } })

  it("adds the common start only above the threshold", () => {
    const low = Text.jaroWinklerOf("aab", "aacdefg")
    assert.isAtMost(low.jaro, 0.7)
    assert.strictEqual(low.similarity, low.jaro)
    const boosted = Text.jaroWinklerOf("aab", "aacdefg", { boostAbove: 0 })
    close(boosted.similarity, low.jaro + 2 * 0.1 * (1 - low.jaro))
    close(Text.jaroWinklerOf("MARTHA", "MARHTA", { prefixWeight: 0 }).similarity, 17 / 18)
    assert.strictEqual(Text.jaroWinklerOf("abcdefgh", "abcdefgh").prefix, 4)
    assert.throws(() => Text.jaroWinklerOf("a", "a", { prefixWeight: 0.5 }), RangeError)
  })

  it.effect("shows the arithmetic", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        (yield* judge(Text.jaroWinkler(), "MARTHA", "MARHTA")).comment,
        "6 matches, 1 transposition, Jaro 0.9444, common start 3"
      )
      assert.strictEqual(yield* scoreOf(Text.jaroWinkler(), "", "a"), 0)
      assert.strictEqual(yield* scoreOf(Text.jaroWinkler(), "", ""), 1)
    }))
})
