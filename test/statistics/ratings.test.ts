import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, closeAll, randomNumbers, total } from "./support.ts"

const named = (wins: ReadonlyArray<ReadonlyArray<number>>): Statistics.WinTable => ({
  players: wins.map((_, i) => "abcdefghij"[i]!),
  wins
})

const ratingsOf = (
  wins: ReadonlyArray<ReadonlyArray<number>>,
  options?: Statistics.BradleyTerryOptions
): Array<number> => {
  const { ratings, reason } = Statistics.bradleyTerry(named(wins), options)
  return ratings === undefined ? assert.fail(reason) : ratings.map(({ rating }) => rating)
}

const Matches = Schema.Array(Schema.Struct({
  first: Schema.Literals(["a", "b", "c", "d"]),
  second: Schema.Literals(["a", "b", "c", "d"]),
  score: Schema.Literals([0, 0.5, 1])
}))

describe("Elo", () => {
  it("expects what Wikipedia's example says (Elo rating system)", () => {
    const opponents = [1609, 1477, 1388, 1586, 1720]
    const expected = [0.506, 0.686, 0.785, 0.539, 0.351]
    closeAll(opponents.map((rating) => Statistics.eloExpectedScore(1613, rating)), expected, 5e-4)
    close(Statistics.eloExpectedScore(1400, 1000), 10 / 11)
  })

  it("moves ratings by hand", () => {
    // Even: half of 32 points. Then 1016 against 1000 can expect 0.5230.
    const ratings = Statistics.eloRatings([["a", "b", 1], ["a", "c", 0]])
    close(ratings.get("b"), 984)
    close(ratings.get("a"), 1016 - 32 * Statistics.eloExpectedScore(1016, 1000))
    assert.deepStrictEqual(Array.from(ratings.keys()), ["a", "b", "c"])
    const other = Statistics.eloRatings([["a", "b", 0.5]], { maximumChange: 10, initialRating: 1500 })
    assert.deepStrictEqual(Array.from(other), [["a", 1500], ["b", 1500]])
    assert.strictEqual(Statistics.eloRatings([]).size, 0)
  })

  it.prop("keeps the mean, and gives the mirror image for mirrored scores", { matches: Matches }, ({ matches }) => {
    const played = matches.filter(({ first, second }) => first !== second)
    const ratings = Statistics.eloRatings(played.map(({ first, score, second }) => [first, second, score]))
    close(total(ratings.values()), 1000 * ratings.size)
    const mirrored = Statistics.eloRatings(played.map(({ first, score, second }) => [second, first, 1 - score]))
    for (const [player, rating] of ratings) close(mirrored.get(player), rating)
  })
})

describe("win table", () => {
  it("counts matches", () => {
    assert.deepStrictEqual(Statistics.winTable([["a", "b", 1], ["c", "a", 0], ["b", "a", 0.5], ["a", "b", 1]]), {
      players: ["a", "b", "c"],
      wins: [[0, 2.5, 1], [0.5, 0, 0], [0, 0, 0]]
    })
    assert.deepStrictEqual(Statistics.winTable([]), { players: [], wins: [] })
    assert.throws(() => Statistics.winTable([["a", "a", 1]]), RangeError, /against itself/)
    assert.throws(() => Statistics.winTable([["a", "b", 2]]), RangeError, /score of a match is 2/)
  })
})

describe("Bradley-Terry", () => {
  it("of two players has a closed form", () => {
    // Log odds ln(w / l); their variance is 1/w + 1/l, of which each player has a quarter.
    const { ratings } = Statistics.bradleyTerry(named([[0, 30], [10, 0]]))
    const [a, b] = ratings!
    close(a!.rating, Math.log(3) / 2)
    close(b!.rating, -Math.log(3) / 2)
    close(a!.standardError, Math.sqrt(1 / 30 + 1 / 10) / 2)
    close(a!.upper, a!.rating + 1.959963984540054 * a!.standardError)
    close(a!.lower, a!.rating - 1.959963984540054 * a!.standardError)
    assert.strictEqual(a!.player, "a")
  })

  it("of the American League, as A. Agresti gives it (Categorical Data Analysis, chapter 10)", () => {
    // Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore, 1987; his logits are against Baltimore.
    const wins = [
      [0, 7, 9, 7, 7, 9, 11],
      [6, 0, 7, 5, 11, 9, 9],
      [4, 6, 0, 7, 7, 8, 12],
      [6, 8, 6, 0, 6, 7, 10],
      [6, 2, 6, 7, 0, 7, 12],
      [4, 4, 5, 6, 6, 0, 6],
      [2, 4, 1, 3, 1, 7, 0]
    ]
    const ratings = ratingsOf(wins)
    closeAll(ratings.map((rating) => rating - ratings[6]!), [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0], 5e-3)
    close(total(ratings), 0)
    closeAll(
      ratingsOf(wins, Statistics.eloScale),
      ratings.map((rating) => 1000 + 400 * rating / Math.LN10),
      1e-12
    )
  })

  it.prop(
    "expects each player to win as often as it did",
    {
      wins: Schema.Array(
        Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0.5, maximum: 50 }))).check(
          Schema.isMinLength(4),
          Schema.isMaxLength(4)
        )
      ).check(Schema.isMinLength(4), Schema.isMaxLength(4))
    },
    ({ wins }) => {
      const table = wins.map((row, i) => row.map((count, j) => i === j ? 0 : count))
      const ratings = ratingsOf(table)
      for (let i = 0; i < 4; i++) {
        let expected = 0
        for (let j = 0; j < 4; j++) {
          if (i !== j) expected += (table[i]![j]! + table[j]![i]!) / (1 + Math.exp(ratings[j]! - ratings[i]!))
        }
        close(expected, total(table[i]!), 1e-8)
      }
    }
  )

  it("says whom it cannot rate", () => {
    const reasonOf = (wins: ReadonlyArray<ReadonlyArray<number>>) => Statistics.bradleyTerry(named(wins)).reason
    assert.strictEqual(reasonOf([]), "ratings need at least two players")
    assert.strictEqual(reasonOf([[0]]), "ratings need at least two players")
    assert.strictEqual(reasonOf([[0, 3], [0, 0]]), `none of "b" ever won against any of "a"`)
    assert.strictEqual(reasonOf([[0, 0], [3, 0]]), `none of "a" ever won against any of "b"`)
    // a and b against each other, c and d against each other, and nothing in between.
    assert.strictEqual(
      reasonOf([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
      `none of "a", "b" ever won against any of "c", "d"`
    )
    // In a circle, everybody has won against everybody else, one way or another.
    assert.strictEqual(reasonOf([[0, 1, 0], [0, 0, 1], [1, 0, 0]]), undefined)
    const ten = Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (_, j) => i < j ? 1 : 0))
    assert.match(reasonOf(ten)!, /and 4 more/)
  })

  it("finds the strengths that matches were made with, as surely as it says", () => {
    const strengths = [1, 0.2, -0.3, -0.9]
    const next = randomNumbers(10)
    let inside = 0
    for (let round = 0; round < 200; round++) {
      const wins = strengths.map(() => strengths.map(() => 0))
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < i; j++) {
          for (let match = 0; match < 40; match++) {
            const won = next() < 1 / (1 + Math.exp(strengths[j]! - strengths[i]!))
            wins[won ? i : j]![won ? j : i]! += 1
          }
        }
      }
      for (const [i, { lower, upper }] of Statistics.bradleyTerry(named(wins)).ratings!.entries()) {
        if (lower <= strengths[i]! && strengths[i]! <= upper) inside++
      }
    }
    close(inside / 800, 0.95, 0.025)
  })

  it("of very uneven players", () => {
    const [strong, weak] = ratingsOf([[0, 1e6], [1, 0]])
    close(strong! - weak!, Math.log(1e6), 1e-9)
  })
})
