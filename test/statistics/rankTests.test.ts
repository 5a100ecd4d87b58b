import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, closeRelative, normalNumbers, signed, StepPairs, Steps, subsets, total, unzip } from "./support.ts"

describe("Wilcoxon", () => {
  it("of Hollander and Wolfe's depression scores, as R's wilcox.test gives it", () => {
    const x = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
    const y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    const test = Statistics.wilcoxonSignedRank(x, y)
    // V = 40, one-sided p = 0.01953 = 10 / 512
    assert.deepStrictEqual([test.statistic, test.pValue, test.method], [40, 20 / 512, "exact"])
    assert.deepStrictEqual([test.positiveRanks, test.negativeRanks, test.different], [40, 5, 9])
  })

  it.prop("is the share of all signs of the ranks, with ties and without", { pairs: StepPairs }, ({ pairs }) => {
    const [x, y] = unzip(pairs)
    const differences = x.map((a, i) => a - y[i]!)
    for (const zeros of ["drop", "rank"] as const) {
      const test = Statistics.wilcoxonSignedRank(x, y, { zeros })
      if (pairs.length === 0) {
        assert.strictEqual(test.reason, "there are no pairs")
        continue
      }
      const kept = zeros === "drop" ? differences.filter((d) => d !== 0) : differences
      const ranks = Statistics.averageRanks(kept.map(Math.abs))
      const moving = Array.from(ranks).filter((_, i) => kept[i] !== 0)
      const observed = total(Array.from(ranks).filter((_, i) => kept[i]! > 0))
      const sums = signed(moving).map((some) => total(some.filter((rank) => rank > 0)))
      const below = sums.filter((sum) => sum <= observed).length
      const above = sums.filter((sum) => sum >= observed).length
      assert.strictEqual(test.statistic, observed)
      close(test.pValue, Math.min(1, 2 * Math.min(below, above) / sums.length), 1e-12)
    }
  })

  it("approximates many pairs, with and without the correction", () => {
    const next = normalNumbers(2)
    const x = Array.from({ length: 200 }, next)
    const y = x.map((value) => value + 0.15 + next())
    const exact = Statistics.wilcoxonSignedRank(x, y, { method: "exact" }).pValue!
    const normal = Statistics.wilcoxonSignedRank(x, y)
    assert.strictEqual(normal.method, "normal")
    closeRelative(normal.pValue, exact, 0.02)
    // With m = 200 * 201 / 4 and s^2 = 200 * 201 * 401 / 24, the textbook's formula without ties.
    const z = (Math.abs(normal.positiveRanks - 10050) - 0.5) / Math.sqrt(200 * 201 * 401 / 24)
    close(normal.pValue, Statistics.normalTwoSidedPValue(z))
    assert.isBelow(Statistics.wilcoxonSignedRank(x, y, { continuityCorrection: false }).pValue!, normal.pValue!)
  })

  it("has the textbook's variance with ties", () => {
    // |d| = 1 1 1 2 2 3: ranks 2 2 2 4.5 4.5 6, variance n(n+1)(2n+1)/24 - sum(t^3 - t)/48.
    const y = [0, 0, 0, 0, 0, 0]
    const x = [1, -1, 1, 2, 2, 3]
    const variance = 6 * 7 * 13 / 24 - (24 + 6) / 48
    close(
      Statistics.wilcoxonSignedRank(x, y, { method: "normal" }).pValue,
      Statistics.normalTwoSidedPValue((19 - 10.5 - 0.5) / Math.sqrt(variance))
    )
  })

  it("without differences", () => {
    assert.strictEqual(Statistics.wilcoxonSignedRank([1, 1], [1, 1]).pValue, 1)
    assert.strictEqual(Statistics.wilcoxonSignedRank([1, 1], [1, 1], { method: "normal" }).reason, "no pair differs")
    const many = Array.from({ length: 1001 }, (_, i) => i + 1)
    assert.throws(
      () => Statistics.wilcoxonSignedRank(many, many.map(() => 0), { method: "exact" }),
      RangeError,
      /at most 1,000/
    )
  })
})

describe("permutation tests", () => {
  it("of Darwin's maize, as R. A. Fisher gives it (The Design of Experiments, 1935, section 21)", () => {
    // Of 32,768 sums, 863 are 314 and more; both tails have 5.267 %.
    const differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    const test = Statistics.pairedPermutationTest(differences, differences.map(() => 0))
    assert.deepStrictEqual([test.method, test.arrangements, test.pValue], ["exact", 32768, 2 * 863 / 32768])
    close(test.statistic, 314 / 15)
  })

  it.prop("of pairs is the share of all signs", { pairs: StepPairs }, ({ pairs }) => {
    const [x, y] = unzip(pairs)
    const test = Statistics.pairedPermutationTest(x, y)
    if (pairs.length === 0) {
      assert.strictEqual(test.reason, "there are no pairs")
      return
    }
    const differences = x.map((a, i) => a - y[i]!)
    const observed = Math.abs(total(differences))
    const sums = signed(differences).map((some) => Math.abs(total(some)))
    close(test.pValue, sums.filter((sum) => sum >= observed).length / sums.length, 1e-12)
  })

  it("counts arrangements that are as far out but for rounding", () => {
    // 0.1 + 0.2 - 0.3 is not 0 in floating point: the signs + + - and - - + are hits like all others.
    const test = Statistics.pairedPermutationTest([0.1, 0.2, 0], [0, 0, 0.3])
    assert.strictEqual(test.pValue, 1)
  })

  it("moves whole clusters", () => {
    const [x, y] = [[1, 2, 3, 4, 9], [0, 1, 1, 5, 2]]
    const test = Statistics.pairedPermutationTest(x, y, { clusters: ["a", "a", "b", "b", "c"] })
    // Cluster sums 2, 1, 7: of the 8 signs, + + + and - - - reach 10.
    assert.deepStrictEqual([test.arrangements, test.pValue], [8, 0.25])
    close(test.statistic, 2)
  })

  it("drawn comes close to exact, and is never 0", () => {
    const next = normalNumbers(8)
    const x = Array.from({ length: 36 }, () => next() + 0.35)
    const zeros = x.map(() => 0)
    const exact = Statistics.pairedPermutationTest(x, zeros)
    assert.strictEqual(exact.arrangements, 2 ** 36)
    // One more pair whose difference hardly matters makes it too many for all arrangements.
    const drawn = Statistics.pairedPermutationTest([...x, 1e-9], [...zeros, 0], { resamples: 20_000 })
    assert.deepStrictEqual([drawn.method, drawn.arrangements], ["drawn", 20_000])
    close(drawn.pValue, exact.pValue!, 0.01)
    const clear = Array.from({ length: 100 }, (_, i) => i + 1)
    assert.strictEqual(
      Statistics.pairedPermutationTest(clear, clear.map(() => 0), { resamples: 99 }).pValue,
      1 / 100
    )
    assert.notStrictEqual(
      Statistics.pairedPermutationTest([...x, 1e-9], [...zeros, 0], { seed: 1 }).pValue,
      Statistics.pairedPermutationTest([...x, 1e-9], [...zeros, 0], { seed: 2 }).pValue
    )
  })

  it("of two samples that are the same has a p-value of 1, whatever their mean is rounded to", () => {
    for (const value of [0.1, 0.7, 1 / 3, 1e9 + 0.1]) {
      assert.strictEqual(Statistics.permutationTest([value, value], [value]).pValue, 1)
      assert.strictEqual(Statistics.permutationTest([value], [value, value, value]).pValue, 1)
    }
  })

  it.prop(
    "of two samples is the share of all groupings",
    { xs: Steps.check(Schema.isMaxLength(5)), ys: Steps.check(Schema.isMaxLength(5)) },
    ({ xs, ys }) => {
      // Tenths add up with rounding errors, which must not make a difference.
      const test = Statistics.permutationTest(xs.map((x) => x / 10), ys.map((y) => y / 10))
      if (xs.length === 0 || ys.length === 0) {
        assert.strictEqual(test.reason, "a sample is empty")
        return
      }
      const all = [...xs, ...ys]
      const difference = (first: ReadonlyArray<number>): number =>
        Math.abs(total(first) / xs.length - (total(all) - total(first)) / ys.length)
      const groupings = subsets(all, xs.length).map(difference)
      const observed = difference(xs)
      close(test.pValue, groupings.filter((one) => one >= observed - 1e-9).length / groupings.length, 1e-12)
      assert.strictEqual(test.arrangements, groupings.length)
      close(test.statistic, (Statistics.mean(xs)! - Statistics.mean(ys)!) / 10)
    }
  )

  it("of two large samples draws groupings", () => {
    const next = normalNumbers(4)
    const first = Array.from({ length: 60 }, next)
    const second = Array.from({ length: 40 }, () => next() + 0.4)
    const test = Statistics.permutationTest(first, second, { resamples: 5000 })
    assert.strictEqual(test.method, "drawn")
    // For large samples the test comes to a z test with the pooled variance.
    const error = Statistics.standardDeviation([...first, ...second])! * Math.sqrt(1 / 60 + 1 / 40)
    close(test.pValue, Statistics.normalTwoSidedPValue(test.statistic! / error), 0.02)
    close(Statistics.permutationTest(second, first, { resamples: 5000 }).pValue, test.pValue!, 0.02)
  })
})
