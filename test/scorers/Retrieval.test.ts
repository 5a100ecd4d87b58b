import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Retrieval } from "../../src/scorers/index.ts"
import { close, judge, scoreOf } from "./scoring.ts"

const ranking = Retrieval.rankingOf(["a", "x", "b", "y", "c"], ["a", "b", "c", "d"])

describe("rankings", () => {
  it("know ids by their text, and count an id once", () => {
    assert.deepStrictEqual(Retrieval.rankingOf([7, "7", 8], { 7: 2, 8: 0, 9: 1 }), {
      grades: [2, 0, 0],
      ideal: [2, 1],
      complete: true
    })
    assert.deepStrictEqual(Retrieval.rankingOf(["a"], new Map([["a", 3]])).grades, [3])
    assert.deepStrictEqual(Retrieval.rankingOf(["a", "b"], { a: 1, b: 2 }, { relevantFrom: 2 }), {
      grades: [0, 2],
      ideal: [2],
      complete: true
    })
    assert.deepStrictEqual(Retrieval.rankingOfGrades([true, 0, 0.5], { all: [1, 0.5, 3] }), {
      grades: [1, 0, 0.5],
      ideal: [1, 0.5, 3],
      complete: true
    })
    assert.throws(() => Retrieval.rankingOfGrades([-1]), RangeError, "a grade is -1")
  })
})

describe("measures", () => {
  it("are those of the definitions", () => {
    assert.strictEqual(Retrieval.isHit(ranking, { k: 1 }), true)
    close(Retrieval.precisionOf(ranking, { k: 3 }), 2 / 3)
    close(Retrieval.recallOf(ranking, { k: 3 }), 2 / 4)
    close(Retrieval.f1Of(ranking, { k: 3 }), 4 / 7)
    close(Retrieval.averagePrecisionOf(ranking), (1 + 2 / 3 + 3 / 5) / 4)
    close(Retrieval.averagePrecisionOf(ranking, { k: 3 }), (1 + 2 / 3) / 3)
    assert.strictEqual(Retrieval.reciprocalRankOf(Retrieval.rankingOf(["x", "y", "a"], ["a"])), 1 / 3)
    assert.strictEqual(Retrieval.reciprocalRankOf(Retrieval.rankingOf(["x", "y", "a"], ["a"]), { k: 2 }), 0)
  })

  it("divide precision of a short list by k, or by what there is", () => {
    close(Retrieval.precisionOf(ranking, { k: 10 }), 3 / 10)
    close(Retrieval.precisionOf(ranking, { k: 10, shortLists: "retrieved" }), 3 / 5)
    close(Retrieval.precisionOf(ranking), 3 / 5)
    assert.throws(() => Retrieval.precisionOf(ranking, { k: 0 }), RangeError)
  })

  it("have both gains, against everything that is relevant", () => {
    const graded = Retrieval.rankingOfGrades([3, 2, 3, 0, 1, 2])
    // Järvelin and Kekäläinen's cumulated gains with the discount log2(rank + 1).
    close(Number(Retrieval.ndcgOf(graded)?.toFixed(3)), 0.961)
    close(
      Retrieval.ndcgOf(Retrieval.rankingOfGrades([1, 3, 2]), { gain: "exponential" }),
      (1 + 7 / Math.log2(3) + 3 / 2) / (7 + 3 / Math.log2(3) + 1 / 2)
    )
    // The list has two of three places filled, so the third relevant document is missed.
    const short = Retrieval.rankingOf(["a", "b"], ["a", "b", "c"])
    close(Retrieval.ndcgOf(short), (1 + 1 / Math.log2(3)) / (1 + 1 / Math.log2(3) + 1 / 2))
    assert.strictEqual(Retrieval.ndcgOf(short, { k: 2 }), 1)
  })

  it("are undefined where nothing is relevant", () => {
    const empty = Retrieval.rankingOf(["a"], [])
    for (const measure of [Retrieval.isHit, Retrieval.recallOf, Retrieval.f1Of, Retrieval.reciprocalRankOf]) {
      assert.isUndefined(measure(empty))
    }
    assert.isUndefined(Retrieval.averagePrecisionOf(empty))
    assert.isUndefined(Retrieval.ndcgOf(empty))
    assert.strictEqual(Retrieval.precisionOf(empty), 0)
    assert.isUndefined(Retrieval.precisionOf(Retrieval.rankingOf([], ["a"])))
    // Of the results alone it is only known that none of them is.
    assert.strictEqual(Retrieval.reciprocalRankOf(Retrieval.rankingOfGrades([0])), 0)
    assert.strictEqual(Retrieval.isHit(Retrieval.rankingOfGrades([0])), false)
    assert.isUndefined(Retrieval.recallOf(Retrieval.rankingOfGrades([0])))
  })

  const id = Schema.Literals(["a", "b", "c", "d", "e"])
  const k = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))

  it.prop(
    "lie between 0 and 1, also with repeated ids",
    [Schema.Array(id), Schema.Array(id), k],
    ([found, wanted, k]) => {
      const ranking = Retrieval.rankingOf(found, wanted)
      for (
        const measure of [
          Retrieval.precisionOf,
          Retrieval.recallOf,
          Retrieval.f1Of,
          Retrieval.averagePrecisionOf,
          Retrieval.reciprocalRankOf,
          Retrieval.ndcgOf
        ]
      ) {
        for (const options of [{}, { k }]) {
          const value = measure(ranking, options) ?? 0
          assert.isTrue(value >= 0 && value <= 1 + 1e-12, `${value}`)
        }
      }
    }
  )
})

describe("the scorers", () => {
  it.effect("compare ids with ids, or with grades", () =>
    Effect.gen(function*() {
      const found = ["a", "x", "b"]
      assert.deepStrictEqual(yield* judge(Retrieval.precision({ k: 2 }), found, ["a", "b"]), {
        score: 0.5,
        comment: "1/2: relevant at rank 1; 2 relevant in all"
      })
      assert.deepStrictEqual(yield* judge(Retrieval.recall(), found, ["a", "b", "c"]), {
        score: 2 / 3,
        comment: "2/3: relevant at ranks 1, 3; 3 relevant in all"
      })
      assert.strictEqual(
        (yield* judge(Retrieval.f1(), found, ["a", "b"])).comment?.slice(0, 26),
        "precision 2/3, recall 2/2:"
      )
      assert.strictEqual(yield* scoreOf(Retrieval.hit(), found, ["z"]), false)
      assert.strictEqual(yield* scoreOf(Retrieval.reciprocalRank(), found, ["b"]), 1 / 3)
      close(yield* scoreOf(Retrieval.averagePrecision(), found, ["a", "b"]), (1 + 2 / 3) / 2)
      close(
        yield* scoreOf(Retrieval.ndcg({ gain: "exponential" }), found, { a: 1, b: 2 }),
        (1 + 3 / 2) / (3 + 1 / Math.log2(3))
      )
      assert.strictEqual(Retrieval.ndcg({ k: 5 }).feedbackKey, "ndcg@5")
      assert.throws(() => Retrieval.hit({ k: 1.5 }), RangeError)
    }))

  it.effect("take grades by themselves", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* scoreOf(Retrieval.reciprocalRank({ by: "grades", relevantFrom: 0.5 }), [0.2, 0.8], 0),
        0.5
      )
      assert.strictEqual(
        yield* scoreOf(Retrieval.recall({ by: "grades", expected: [1, 1, 1, 1] }), [true, false], 0),
        0.25
      )
      assert.deepStrictEqual(yield* judge(Retrieval.recall({ by: "grades" }), [0, 0], 0), {
        skipped: "no result is relevant"
      })
    }))

  it.effect("skip what is undefined and fail for what is no list", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* judge(Retrieval.recall<unknown, Array<string>, Array<string>>(), ["a"], []),
        { skipped: "nothing is relevant" }
      )
      assert.deepStrictEqual(
        yield* judge(Retrieval.precision<unknown, Array<string>, Array<string>>(), [], ["a"]),
        { skipped: "nothing was retrieved" }
      )
      assert.include((yield* judge(Retrieval.hit(), "a", ["a"])).failed, "hit: outputs is \"a\", not a list of ids")
      assert.include((yield* judge(Retrieval.hit(), ["a"], { a: -1 })).failed, "from id to relevance")
    }))
})

describe("contexts", () => {
  it.effect("are judged by their labels", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Retrieval.contextPrecision(), [0, 1, 1], 0), {
        score: (1 / 2 + 2 / 3) / 2,
        comment: "0.5833 is the mean of 1/2, 2/3: 2 of 3 contexts relevant"
      })
      assert.deepStrictEqual(yield* judge(Retrieval.contextPrecision(), [false, false], 0), {
        score: 0,
        comment: "none of 2 contexts is relevant"
      })
      assert.deepStrictEqual(yield* judge(Retrieval.contextPrecision<unknown, Array<boolean>>(), [], 0), {
        skipped: "there are no contexts"
      })
      assert.deepStrictEqual(yield* judge(Retrieval.contextRecall(), [true, false, true], 0), {
        score: 2 / 3,
        comment: "2/3 statements supported"
      })
      assert.deepStrictEqual(yield* judge(Retrieval.contextRecall<unknown, Array<boolean>>(), [], 0), {
        skipped: "the reference has no statements"
      })
      assert.include((yield* judge(Retrieval.contextRecall(), [0.5], 0)).failed, "a list of booleans")
    }))
})
