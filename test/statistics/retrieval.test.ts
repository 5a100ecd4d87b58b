import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close } from "./support.ts"

describe("retrieval", () => {
  it("of the example on Wikipedia (Discounted cumulative gain)", () => {
    const relevances = [3, 2, 3, 0, 1, 2]
    close(Statistics.discountedCumulativeGain(relevances), 6.861, 5e-4)
    close(Statistics.normalizedDiscountedCumulativeGain(relevances), 0.961, 5e-4)
    // With two more documents of relevance 3 and 2 that were not found, its ideal gain is 8.740.
    const ideal = [...relevances, 3, 2]
    close(Statistics.normalizedDiscountedCumulativeGain(relevances, { ideal }), 6.861 / 8.74, 5e-4)
  })

  it("with a limit and the exponential gain", () => {
    const options = { gain: "exponential", limit: 3 } as const
    close(Statistics.discountedCumulativeGain([3, 2, 3, 0, 1, 2], options), 7 + 3 / Math.log2(3) + 7 / 2)
    close(
      Statistics.normalizedDiscountedCumulativeGain([3, 2, 3, 0, 1, 2], options),
      (7 + 3 / Math.log2(3) + 7 / 2) / (7 + 7 / Math.log2(3) + 3 / 2)
    )
    assert.strictEqual(Statistics.discountedCumulativeGain([1, 1], { limit: 0 }), 0)
  })

  it("of nothing relevant", () => {
    assert.strictEqual(Statistics.discountedCumulativeGain([]), 0)
    assert.isUndefined(Statistics.normalizedDiscountedCumulativeGain([]))
    assert.isUndefined(Statistics.normalizedDiscountedCumulativeGain([0, 0]))
    assert.strictEqual(Statistics.normalizedDiscountedCumulativeGain([0, 0], { ideal: [1] }), 0)
    assert.strictEqual(Statistics.reciprocalRank([]), 0)
    assert.strictEqual(Statistics.reciprocalRank([0, false]), 0)
    assert.isUndefined(Statistics.rankedAveragePrecision([]))
    assert.isUndefined(Statistics.rankedAveragePrecision([0, 0]))
    assert.strictEqual(Statistics.rankedAveragePrecision([0, 0], { totalRelevant: 3 }), 0)
  })

  it("by position", () => {
    assert.strictEqual(Statistics.reciprocalRank([0, false, true, 1]), 1 / 3)
    close(Statistics.rankedAveragePrecision([1, 0, 1, 0, 1]), (1 + 2 / 3 + 3 / 5) / 3)
    close(Statistics.rankedAveragePrecision([1, 0, 1, 0], { totalRelevant: 4 }), (1 + 2 / 3) / 4)
    assert.throws(() => Statistics.rankedAveragePrecision([1, 1], { totalRelevant: 1 }), RangeError, /more than/)
  })

  it.prop("of a list without ties is the average precision of falling scores", {
    relevant: Schema.Array(Schema.Boolean)
  }, (
    { relevant }
  ) => {
    const scores = relevant.map((_, i) => -i)
    const ranked = Statistics.rankedAveragePrecision(relevant)
    if (ranked === undefined) assert.isUndefined(Statistics.averagePrecision(relevant, scores))
    else close(ranked, Statistics.averagePrecision(relevant, scores)!, 1e-12)
    const best = Statistics.normalizedDiscountedCumulativeGain(relevant.map(Number).sort((a, b) => b - a))
    if (relevant.includes(true)) assert.strictEqual(best, 1)
  })
})
