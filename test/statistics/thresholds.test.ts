import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, Share, Step } from "./support.ts"

const Scored = Schema.Array(Schema.Tuple([Schema.Boolean, Step]))

describe("thresholds", () => {
  const unzip = (items: ReadonlyArray<readonly [boolean, number]>) =>
    [items.map(([truth]) => truth), items.map(([, score]) => score)] as const

  it.prop("AUROC is the share of pairs in the right order, ties counting half", { items: Scored }, ({ items }) => {
    const [truth, scores] = unzip(items)
    const positives = scores.filter((_, i) => truth[i])
    const negatives = scores.filter((_, i) => !truth[i])
    const area = Statistics.auroc(truth, scores)
    if (positives.length === 0 || negatives.length === 0) {
      assert.isUndefined(area)
      assert.isUndefined(Statistics.rocCurve(truth, scores))
      return
    }
    let right = 0
    for (const s of positives) for (const t of negatives) right += s > t ? 1 : s === t ? 0.5 : 0
    close(area, right / positives.length / negatives.length, 1e-14)
    close(Statistics.auroc(truth, scores.map((score) => -score)), 1 - area!, 1e-14)
    close(Statistics.auroc(truth.map((one) => !one), scores), 1 - area!, 1e-14)
    assert.strictEqual(Statistics.auroc(truth, scores.map((score) => Math.exp(score) * 3 - 1)), area)
    // The trapezoids below the curve.
    const curve = Statistics.rocCurve(truth, scores)!
    let trapezoids = 0
    for (let i = 1; i < curve.length; i++) {
      const width = curve[i]!.falsePositiveRate - curve[i - 1]!.falsePositiveRate
      trapezoids += width * (curve[i]!.truePositiveRate + curve[i - 1]!.truePositiveRate) / 2
    }
    close(trapezoids, area!, 1e-12)
    assert.deepStrictEqual(curve[0], { threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 })
    const last = curve.at(-1)!
    assert.deepStrictEqual([last.falsePositiveRate, last.truePositiveRate], [1, 1])
  })

  it.prop("average precision is the sum over thresholds, one by one", { items: Scored }, ({ items }) => {
    const [truth, scores] = unzip(items)
    const positives = truth.filter((one) => one).length
    const average = Statistics.averagePrecision(truth, scores)
    if (positives === 0) {
      assert.isUndefined(average)
      assert.isUndefined(Statistics.precisionRecallCurve(truth, scores))
      return
    }
    const thresholds = Array.from(new Set(scores)).sort((a, b) => b - a)
    let sum = 0
    let recallBefore = 0
    const points = thresholds.map((threshold) => {
      const taken = items.filter(([, score]) => score >= threshold)
      const right = taken.filter(([one]) => one).length
      sum += (right / positives - recallBefore) * right / taken.length
      recallBefore = right / positives
      return { threshold, precision: right / taken.length, recall: recallBefore }
    })
    close(average, sum, 1e-12)
    assert.deepStrictEqual(Statistics.precisionRecallCurve(truth, scores), points)
  })

  it("sort once, so that many items are no trouble", () => {
    // Looking at every item for every threshold would take hours.
    const items = 300_000
    const scores = Float64Array.from({ length: items }, (_, i) => (i * 7919) % items)
    const truth = Array.from(scores, (score) => score >= items / 2)
    const curve = Statistics.precisionRecallCurve(truth, scores)
    assert.strictEqual(curve?.length, items)
    assert.deepStrictEqual(curve?.[items / 2 - 1], { threshold: items / 2, precision: 1, recall: 1 })
    assert.deepStrictEqual(curve?.at(-1), { threshold: 0, precision: 0.5, recall: 1 })
    assert.strictEqual(Statistics.rocCurve(truth, scores)?.length, items + 1)
  })

  it("take infinite scores, and truths of every kind", () => {
    assert.strictEqual(Statistics.auroc([1, 0, 1, 0], [Infinity, -Infinity, 3, 2]), 1)
    assert.strictEqual(Statistics.auroc([true, false], [0, -0]), 0.5)
    assert.throws(() => Statistics.auroc([2, 0], [1, 2]), RangeError, /truth\[0\] is 2/)
    assert.throws(() => Statistics.auroc([1, 0], [1, Number.NaN]), RangeError, /scores\[1\] is NaN/)
  })

  it("of scikit-learn's documentation", () => {
    // roc_auc_score, average_precision_score
    close(Statistics.auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75)
    close(Statistics.averagePrecision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.8333, 5e-5)
  })
})

describe("calibration", () => {
  it("by hand", () => {
    close(Statistics.brierScore([1, 0, 1], [0.9, 0.2, 0.6]), (0.01 + 0.04 + 0.16) / 3)
    close(Statistics.logLoss([true, false, true], [0.9, 0.2, 0.6]), -Math.log(0.9 * 0.8 * 0.6) / 3)
    close(Statistics.expectedCalibrationError([1, 0, 1, 1], [0.9, 0.85, 0.3, 0.3]), (2 * 0.375 + 2 * 0.7) / 4)
  })

  it("puts a probability on an edge into the bin below, however it is rounded", () => {
    for (const bins of [3, 7, 10, 100, 1000]) {
      for (let i = 1; i <= bins; i++) {
        const counts = Statistics.calibrationBins([1], [i / bins], { bins }).map(({ count }) => count)
        assert.strictEqual(counts.indexOf(1), i - 1, `${i} / ${bins}`)
        if (i === bins) continue
        const above = Statistics.calibrationBins([1], [i / bins * (1 + Number.EPSILON)], { bins })
        assert.strictEqual(above.findIndex(({ count }) => count === 1), i, `above ${i} / ${bins}`)
      }
    }
    assert.strictEqual(Statistics.calibrationBins([0], [0])[0]?.count, 1)
    assert.strictEqual(Statistics.calibrationBins([0], [0.10000000000000002])[1]?.count, 1)
    // The product 0.28 * 100 is more than 28.
    assert.strictEqual(Statistics.calibrationBins([0], [0.28], { bins: 100 })[27]?.count, 1)
  })

  it("says nothing of empty bins", () => {
    assert.deepStrictEqual(Statistics.calibrationBins([1], [0.9], { bins: 2 }), [
      { lower: 0, upper: 0.5, count: 0, meanProbability: undefined, frequency: undefined },
      { lower: 0.5, upper: 1, count: 1, meanProbability: 0.9, frequency: 1 }
    ])
  })

  it("of nothing is undefined, and a sure error infinitely wrong", () => {
    for (const score of [Statistics.brierScore, Statistics.logLoss, Statistics.expectedCalibrationError]) {
      assert.isUndefined(score([], []))
    }
    assert.strictEqual(Statistics.logLoss([1], [0]), Infinity)
    assert.strictEqual(Statistics.logLoss([0, 1], [0, 1]), 0)
    close(Statistics.logLoss([1, 0], [0, 1], { clip: 1e-15 }), -Math.log(1e-15), 1e-4)
    assert.throws(() => Statistics.brierScore([1], [1.1]), RangeError, /probabilities\[0\] is 1.1/)
  })

  it.prop(
    "lies between 0 and its worst",
    { items: Schema.Array(Schema.Tuple([Schema.Boolean, Share])) },
    ({ items }) => {
      if (items.length === 0) return
      const truth = items.map(([one]) => one)
      const probabilities = items.map(([, probability]) => probability)
      for (const score of [Statistics.brierScore, Statistics.expectedCalibrationError]) {
        const value = score(truth, probabilities)!
        assert.isAtLeast(value, 0)
        assert.isAtMost(value, 1)
      }
      assert.isAtLeast(Statistics.logLoss(truth, probabilities)!, 0)
      const certain = truth.map(Number)
      assert.strictEqual(Statistics.brierScore(truth, certain), 0)
      assert.strictEqual(Statistics.expectedCalibrationError(truth, certain), 0)
      // With one bin it is how far the mean probability is from the frequency.
      close(
        Statistics.expectedCalibrationError(truth, probabilities, { bins: 1 }),
        Math.abs(Statistics.mean(certain)! - Statistics.mean(probabilities)!),
        1e-12
      )
    }
  )
})
