import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, Step, Steps } from "./support.ts"

const Table = Schema.Array(Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(3))).check(
  Schema.isMinLength(3),
  Schema.isMaxLength(3)
)

describe("Cohen's kappa", () => {
  it("of the examples on Wikipedia (Cohen's kappa)", () => {
    close(Statistics.cohenKappa([[20, 5], [10, 15]]), 0.4)
    close(Statistics.cohenKappa([[45, 15], [25, 15]]), 0.1304, 5e-5)
    close(Statistics.cohenKappa([[25, 35], [5, 35]]), 0.2593, 5e-5)
  })

  it("at its ends", () => {
    assert.strictEqual(Statistics.cohenKappa([[10, 0], [0, 10]]), 1)
    assert.strictEqual(Statistics.cohenKappa([[0, 5], [5, 0]]), -1)
    close(Statistics.cohenKappa([[4, 4], [4, 4]]), 0)
    for (const weights of ["none", "linear", "quadratic"] as const) {
      assert.isUndefined(Statistics.cohenKappa([], { weights }))
      assert.isUndefined(Statistics.cohenKappa([[0, 0], [0, 0]], { weights }))
      assert.isUndefined(Statistics.cohenKappa([[7, 0], [0, 0]], { weights }))
    }
  })

  it.prop("is its definition, with every kind of weights", { table: Table }, ({ table }) => {
    const n = table.flat().reduce((sum, count) => sum + count, 0)
    const row = (i: number) => table[i]!.reduce((sum, count) => sum + count, 0)
    const column = (j: number) => table.reduce((sum, counts) => sum + counts[j]!, 0)
    const disagreement = {
      none: (d: number) => Math.sign(d),
      linear: (d: number) => d,
      quadratic: (d: number) => d * d
    }
    for (const weights of ["none", "linear", "quadratic"] as const) {
      let observed = 0
      let expected = 0
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          const weight = disagreement[weights](Math.abs(i - j))
          observed += weight * table[i]![j]! / n
          expected += weight * row(i) * column(j) / n / n
        }
      }
      const kappa = Statistics.cohenKappa(table, { weights })
      if (n === 0 || expected === 0) assert.isUndefined(kappa)
      else close(kappa, 1 - observed / expected, 1e-12)
      const transposed = table.map((_, i) => table.map((counts) => counts[i]!))
      const turned = Statistics.cohenKappa(transposed, { weights })
      if (kappa === undefined) assert.isUndefined(turned)
      else close(turned, kappa, 1e-12)
    }
  })

  it("of ratings is that of their table", () => {
    const first = ["a", "b", "b", "c", "a", "c"]
    const second = ["a", "b", "c", "c", "b", "a"]
    const table = [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    assert.strictEqual(Statistics.cohenKappaOfRatings(first, second), Statistics.cohenKappa(table))
    assert.strictEqual(
      Statistics.cohenKappaOfRatings(first, second, { weights: "linear", labels: ["c", "b", "a"] }),
      Statistics.cohenKappa(table, { weights: "linear" })
    )
    // With weights, the order of the classes matters: by hand, 1 - 4 * 4 / 26 and 1 - 4 * 1 / 20.
    const [judge, people] = [["c", "c", "b", "a"], ["a", "c", "b", "a"]]
    close(Statistics.cohenKappaOfRatings(judge, people, { weights: "quadratic" }), 5 / 13)
    close(Statistics.cohenKappaOfRatings(judge, people, { weights: "quadratic", labels: ["c", "a", "b"] }), 0.8)
    assert.isUndefined(Statistics.cohenKappaOfRatings<string>([], []))
  })
})

describe("Fleiss' kappa", () => {
  it("of the example on Wikipedia (Fleiss' kappa), 0.210", () => {
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7]
    ]
    close(Statistics.fleissKappa(counts), 0.21, 5e-4)
  })

  it("by hand", () => {
    // Three pairs of raters per item: agreement 1, 1/3, 1; shares 5/9 and 4/9.
    close(Statistics.fleissKappa([[3, 0], [2, 1], [0, 3]]), (7 / 9 - 41 / 81) / (1 - 41 / 81))
  })

  it("is undefined where chance cannot disagree, and needs the same number of ratings", () => {
    assert.isUndefined(Statistics.fleissKappa([]))
    assert.isUndefined(Statistics.fleissKappa([[1, 0], [0, 1]]))
    assert.isUndefined(Statistics.fleissKappa([[4, 0], [4, 0]]))
    assert.throws(() => Statistics.fleissKappa([[2, 0], [1, 0]]), RangeError, /krippendorffAlpha/)
  })
})

describe("Krippendorff's alpha", () => {
  // K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), example C: published to three digits.
  const published = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
    [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null]
  ]

  it("of Krippendorff's example", () => {
    close(Statistics.krippendorffAlpha(published), 0.743, 5e-4)
    close(Statistics.krippendorffAlpha(published, { scale: "ordinal" }), 0.815, 5e-4)
    close(Statistics.krippendorffAlpha(published, { scale: "interval" }), 0.849, 5e-4)
    close(Statistics.krippendorffAlpha(published, { scale: "ratio" }), 0.797, 5e-4)
  })

  it("at its ends", () => {
    for (const scale of ["nominal", "ordinal", "interval", "ratio"] as const) {
      const alphaOf = (ratings: ReadonlyArray<ReadonlyArray<number | null>>) =>
        Statistics.krippendorffAlpha(ratings, { scale })
      assert.strictEqual(alphaOf([[1, 2, 3], [1, 2, 3]]), 1)
      assert.strictEqual(alphaOf([[0, 2], [0, 2]]), 1)
      // Two raters who always differ, both items alike: Do = De (n - 1) / ... = worse than chance.
      assert.isBelow(alphaOf([[1, 2], [2, 1]])!, 0)
      for (const ratings of [[], [[]], [[1, 2]], [[1, null], [null, 2]], [[5, 5], [5, 5]], [[0, 0], [0, 0]]]) {
        assert.isUndefined(alphaOf(ratings))
      }
    }
  })

  it("takes texts in an order", () => {
    const named = published.map((row) => row.map((rating) => rating === null ? undefined : "abcde"[rating - 1]))
    const order = ["a", "b", "c", "d", "e"]
    assert.strictEqual(
      Statistics.krippendorffAlpha(named, { scale: "ordinal", order }),
      Statistics.krippendorffAlpha(published, { scale: "ordinal" })
    )
    assert.throws(() => Statistics.krippendorffAlpha(named, { scale: "ordinal" }), RangeError, /is not a number/)
    assert.throws(
      () => Statistics.krippendorffAlpha(named, { scale: "ordinal", order: ["a"] }),
      RangeError,
      /not in the order/
    )
    assert.throws(() => Statistics.krippendorffAlpha([[-1], [1]], { scale: "ratio" }), RangeError, /ratio scale/)
  })

  it("of very large and very small numbers", () => {
    for (const factor of [1e200, 1e-200]) {
      const scaled = published.map((row) => row.map((rating) => rating === null ? null : rating * factor))
      close(
        Statistics.krippendorffAlpha(scaled, { scale: "interval" }),
        Statistics.krippendorffAlpha(published, { scale: "interval" })!,
        1e-12
      )
    }
  })

  const Ratings = Schema.Array(Schema.Array(Schema.NullOr(Step)).check(Schema.isMinLength(5), Schema.isMaxLength(5)))

  it.prop("is its definition as sums over pairs", { ratings: Ratings }, ({ ratings }) => {
    const items = [0, 1, 2, 3, 4]
      .map((i) => ratings.flatMap((row) => row[i] === null ? [] : [row[i]!]))
      .filter((item) => item.length > 1)
    const all = items.flat()
    const n = all.length
    const count = (value: number) => all.filter((one) => one === value).length
    const distances = {
      nominal: (a: number, b: number) => a === b ? 0 : 1,
      interval: (a: number, b: number) => (a - b) ** 2,
      ratio: (a: number, b: number) => a === b ? 0 : ((a - b) / (a + b)) ** 2,
      // Krippendorff's own formula for ordinal data.
      ordinal: (a: number, b: number) => {
        let between = 0
        for (let step = Math.min(a, b); step <= Math.max(a, b); step++) between += count(step)
        return (between - (count(a) + count(b)) / 2) ** 2
      }
    }
    for (const scale of ["nominal", "ordinal", "interval", "ratio"] as const) {
      const pairs = (values: ReadonlyArray<number>) =>
        values.flatMap((a) => values.map((b) => distances[scale](a, b))).reduce((sum, d) => sum + d, 0)
      const observed = items.reduce((sum, item) => sum + pairs(item) / (item.length - 1), 0) / n
      const expected = pairs(all) / (n * (n - 1))
      const alpha = Statistics.krippendorffAlpha(ratings, { scale })
      if (n === 0 || expected === 0) assert.isUndefined(alpha)
      else close(alpha, 1 - observed / expected, 1e-10)
    }
  })
})

describe("majority vote", () => {
  it("needs the most votes, not half of them", () => {
    assert.deepStrictEqual(Statistics.majorityVote(["18", "20", "18", "26", "18", "20"]), {
      winner: "18",
      leaders: ["18"],
      votes: 3,
      answers: 6
    })
  })

  it("without a winner", () => {
    assert.deepStrictEqual(Statistics.majorityVote([2, 1, 1, 2, 3]), {
      winner: undefined,
      leaders: [2, 1],
      votes: 2,
      answers: 5
    })
    assert.deepStrictEqual(Statistics.majorityVote([]), { winner: undefined, leaders: [], votes: 0, answers: 0 })
  })

  it.prop("does not depend on the order", { answers: Steps }, ({ answers }) => {
    const forth = Statistics.majorityVote(answers)
    const back = Statistics.majorityVote(new Set([answers.toReversed()]).values().flatMap((list) => list))
    assert.deepStrictEqual([forth.winner, forth.votes, forth.answers], [back.winner, back.votes, back.answers])
    assert.sameMembers([...forth.leaders], [...back.leaders])
    for (const answer of answers) {
      assert.isAtMost(answers.filter((other) => other === answer).length, forth.votes)
    }
  })
})
