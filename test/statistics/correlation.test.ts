import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, Number1000, randomNumbers, Step } from "./support.ts"

const Points = Schema.Array(Schema.Tuple([Number1000, Number1000]))
const TiedPoints = Schema.Array(Schema.Tuple([Step, Step]))

const all = [Statistics.pearson, Statistics.spearman, Statistics.kendallTauB]

describe("correlation", () => {
  // Wikipedia, Spearman's rank correlation coefficient: intelligence against hours of television.
  const intelligence = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
  const television = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]

  it("of published examples", () => {
    close(Statistics.spearman(intelligence, television), -29 / 165)
    // F. J. Anscombe, "Graphs in Statistical Analysis" (1973), the first of the four.
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68]
    close(Statistics.pearson(x, y), 0.81642, 5e-6)
    // By hand: of ten pairs, eight go the same way.
    close(Statistics.kendallTauB([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 0.6)
  })

  it("is undefined for fewer than two points and for what does not vary", () => {
    for (const correlate of all) {
      assert.isUndefined(correlate([], []))
      assert.isUndefined(correlate([1], [1]))
      assert.isUndefined(correlate([0.1, 0.1, 0.1], [1, 2, 3]))
      assert.isUndefined(correlate([1, 2, 3], [0.1, 0.1, 0.1]))
      assert.strictEqual(correlate([1, 2, 3], [2, 4, 6]), 1)
      assert.strictEqual(correlate([1, 2, 3], [3, 2, 1]), -1)
    }
  })

  it("holds for the largest and the smallest numbers", () => {
    close(
      Statistics.pearson([1e200, 2e200, 4e200], [1e-200, 3e-200, 4e-200]),
      Statistics.pearson([1, 2, 4], [1, 3, 4])!
    )
    close(Statistics.kendallTauB([-Infinity, 0, Infinity], [1, 2, 3]), 1)
    close(Statistics.spearman([-Infinity, 0, Infinity], [1, 2, 4]), 1)
    assert.throws(() => Statistics.pearson([1, Infinity], [1, 2]), RangeError, /x\[1\] is Infinity/)
  })

  it("takes 0 and -0 for the same number", () => {
    assert.deepStrictEqual(Array.from(Statistics.averageRanks([0, -0, 1, -1])), [2.5, 2.5, 4, 1])
    assert.strictEqual(Statistics.kendallTauB([0, -0, 1], [1, 2, 3]), Statistics.kendallTauB([0, 0, 1], [1, 2, 3]))
  })

  it.prop("is symmetric, bounded, and blind to scale and origin", { points: Points }, ({ points }) => {
    const x = points.map(([one]) => Math.round(one))
    const y = points.map(([, other]) => Math.round(other))
    for (const correlate of all) {
      const r = correlate(x, y)
      if (r === undefined) continue
      assert.isAtMost(Math.abs(r), 1)
      close(correlate(y, x), r, 1e-12)
      close(correlate(x.map((one) => 3 * one - 7), y), r, 1e-12)
      close(correlate(x.map((one) => -one), y), -r, 1e-12)
      close(correlate(x.toReversed(), y.toReversed()), r, 1e-12)
    }
  })

  it.prop("of ranks is blind to whatever keeps the order", { points: Points }, ({ points }) => {
    const x = points.map(([one]) => Math.round(one))
    const y = points.map(([, other]) => Math.round(other))
    for (const correlate of [Statistics.spearman, Statistics.kendallTauB]) {
      assert.strictEqual(correlate(x.map((one) => one ** 3), y.map((one) => Math.atan(one / 100))), correlate(x, y))
    }
  })

  it.prop("Kendall's tau-b counts pairs", { points: TiedPoints }, ({ points }) => {
    let concordant = 0
    let discordant = 0
    let untiedX = 0
    let untiedY = 0
    for (let i = 0; i < points.length; i++) {
      for (let j = 0; j < i; j++) {
        const x = Math.sign(points[i]![0] - points[j]![0])
        const y = Math.sign(points[i]![1] - points[j]![1])
        if (x * y > 0) concordant++
        if (x * y < 0) discordant++
        if (x !== 0) untiedX++
        if (y !== 0) untiedY++
      }
    }
    const tau = Statistics.kendallTauB(points.map(([x]) => x), points.map(([, y]) => y))
    if (untiedX === 0 || untiedY === 0) assert.isUndefined(tau)
    else close(tau, (concordant - discordant) / Math.sqrt(untiedX * untiedY), 1e-12)
  })

  it.prop("ranks are how many values are smaller, and half of those that are equal", {
    values: Schema.Array(Step)
  }, ({ values }) => {
    const ranks = values.map((value) => {
      const smaller = values.filter((other) => other < value).length
      const equal = values.filter((other) => other === value).length
      return smaller + (equal + 1) / 2
    })
    assert.deepStrictEqual(Array.from(Statistics.averageRanks(values)), ranks)
  })

  it("of many points comes out as for few", () => {
    const next = randomNumbers(3)
    const x = Array.from({ length: 20_000 }, next)
    const y = x.map((one) => -one)
    assert.strictEqual(Statistics.kendallTauB(x, y), -1)
    assert.strictEqual(Statistics.spearman(x, y), -1)
    const noise = Array.from({ length: 20_000 }, next)
    // Independent: standard deviations sqrt(2 (2n + 5) / (9 n (n - 1))) and 1 / sqrt(n - 1).
    close(Statistics.kendallTauB(x, noise), 0, 0.02)
    close(Statistics.spearman(x, noise), 0, 0.03)
  })
})
