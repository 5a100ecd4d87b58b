import { assert, describe, it } from "@effect/vitest"
import * as Statistics from "../../src/statistics/index.ts"
import { Number1000, Numbers } from "./support.ts"
import { close, total } from "./support.ts"

describe("sums", () => {
  it("keep small numbers next to large ones", () => {
    // A. Neumaier's example, which Kahan's summation gets wrong.
    assert.strictEqual(Statistics.sum([1, 1e100, 1, -1e100]), 2)
    assert.strictEqual(Statistics.sum(Array.from({ length: 10 }, () => 0.1)), 1)
    assert.strictEqual(Statistics.sum([]), 0)
  })

  it("do not overflow on the way", () => {
    assert.strictEqual(Statistics.sum([1e308, 1e308, -1e308]), 1e308)
    assert.strictEqual(Statistics.sum([1e308, 1e308]), Infinity)
    const running = new Statistics.CompensatedSum()
    for (const x of [1e308, 1e308, -1e308]) running.add(x)
    assert.strictEqual(running.value, Infinity)
  })

  it.prop("are the exact sum, rounded", { xs: Numbers, ys: Numbers }, ({ xs, ys }) => {
    // Whole multiples of 2^-30, some of them times 2^60, whose exact sum a BigInt holds.
    const small = xs.map((x) => Math.round(x * 2 ** 30) / 2 ** 30)
    const large = ys.map((y) => Math.round(y * 2 ** 20) * 2 ** 10)
    const all = [...small, ...large, ...large.map((y) => -y)]
    const exact = all.reduce((sum, x) => sum + BigInt(x * 2 ** 30), 0n)
    close(Statistics.sum(all), Number(exact) / 2 ** 30, 1e-15)
  })
})

describe("moments", () => {
  it("of a list whose population standard deviation is 2 (Wikipedia, Standard deviation)", () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9]
    assert.strictEqual(Statistics.mean(values), 5)
    assert.strictEqual(Statistics.populationStandardDeviation(values), 2)
    close(Statistics.variance(values), 32 / 7)
    close(Statistics.standardDeviation(values), Math.sqrt(32 / 7))
    close(Statistics.standardError(values), Math.sqrt(32 / 7 / 8))
    assert.strictEqual(Statistics.mean(Float64Array.from(values)), 5)
  })

  it("of NIST's NumAcc data, certified mean and standard deviation", () => {
    const around = (centre: number) =>
      Array.from({ length: 1001 }, (_, i) => i === 0 ? centre : i % 2 === 1 ? centre - 0.1 : centre + 0.1)
    close(Statistics.mean(around(1.2)), 1.2, 1e-15)
    close(Statistics.standardDeviation(around(1.2)), 0.1, 1e-15)
    // The numbers themselves are rounded to 1e-9 here; the naive formula gives 0.
    close(Statistics.mean(around(10_000_000.2)), 10_000_000.2, 1e-15)
    close(Statistics.standardDeviation(around(10_000_000.2)), 0.1, 1e-9)
  })

  it("keep their digits where values are large and differ little", () => {
    assert.strictEqual(Statistics.variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]), 30)
  })

  it("are undefined where there are too few values", () => {
    assert.isUndefined(Statistics.mean([]))
    assert.isUndefined(Statistics.populationStandardDeviation([]))
    for (const values of [[], [3]]) {
      assert.isUndefined(Statistics.variance(values))
      assert.isUndefined(Statistics.standardDeviation(values))
      assert.isUndefined(Statistics.standardError(values))
    }
    assert.strictEqual(Statistics.mean([3]), 3)
    assert.strictEqual(Statistics.populationStandardDeviation([3]), 0)
  })

  it("are exact for equal values, where sums are not", () => {
    const values = Array.from({ length: 3 }, () => 0.1)
    assert.notStrictEqual(total(values) / 3, 0.1)
    assert.strictEqual(Statistics.mean(values), 0.1)
    assert.strictEqual(Statistics.standardDeviation(values), 0)
    assert.strictEqual(Statistics.standardError(values), 0)
  })

  it("of the largest and the smallest numbers there are", () => {
    close(Statistics.mean([1.6e308, 1.7e308])! / 1e308, 1.65)
    close(Statistics.standardDeviation([1e200, 3e200])! / 1e200, Math.SQRT2)
    close(Statistics.standardDeviation([1e-200, 3e-200])! / 1e-200, Math.SQRT2)
    assert.strictEqual(Statistics.mean([5e-324, 5e-324]), 5e-324)
    assert.isAbove(Statistics.standardDeviation([0, 1e-320])!, 0)
  })

  it("of a share of successes", () => {
    const scores = [1, 0, 1, 1]
    // sqrt(p q / n), against the sample's sqrt(p q / (n - 1))
    close(Statistics.bernoulliStandardError(0.75, 4), Statistics.standardError(scores)! * Math.sqrt(3 / 4))
    assert.isUndefined(Statistics.bernoulliStandardError(0, 0))
  })

  it.prop(
    "shift and scale with the values",
    { xs: Numbers, shift: Number1000, factor: Number1000 },
    ({ factor, shift, xs }) => {
      if (xs.length < 2) return
      const moved = xs.map((x) => x * factor + shift)
      const deviation = Statistics.standardDeviation(xs)!
      close(Statistics.mean(moved), Statistics.mean(xs)! * factor + shift, 1e-9)
      close(Statistics.standardDeviation(moved), deviation * Math.abs(factor), 1e-7)
      close(Statistics.variance(moved), (deviation * factor) ** 2, 1e-7)
    }
  )

  it.prop("do not depend on the order, and the mean lies among the values", { xs: Numbers }, ({ xs }) => {
    if (xs.length < 2) return
    const reversed = xs.toReversed()
    close(Statistics.mean(reversed), Statistics.mean(xs)!, 1e-14)
    close(Statistics.variance(reversed), Statistics.variance(xs)!, 1e-12)
    assert.isAtLeast(Statistics.mean(xs)!, Math.min(...xs))
    assert.isAtMost(Statistics.mean(xs)!, Math.max(...xs))
    assert.isAtLeast(Statistics.variance(xs)!, 0)
  })
})

describe("RunningMoments", () => {
  const of = (values: Iterable<number>): Statistics.RunningMoments => {
    const moments = new Statistics.RunningMoments()
    for (const value of values) moments.add(value)
    return moments
  }

  it("are undefined where there are too few values", () => {
    const moments = of([])
    moments.merge(of([]))
    assert.deepStrictEqual(
      [moments.count, moments.mean, moments.variance, moments.standardDeviation, moments.min, moments.max],
      [0, undefined, undefined, undefined, undefined, undefined]
    )
    moments.add(3)
    assert.deepStrictEqual([moments.mean, moments.variance, moments.min, moments.max], [3, undefined, 3, 3])
    assert.isUndefined(moments.standardError)
    assert.isUndefined(moments.standardDeviation)
    moments.merge(of([]))
    moments.add(5)
    assert.deepStrictEqual([moments.count, moments.mean, moments.variance], [2, 4, 2])
    const single = of([])
    single.merge(of([7]))
    assert.deepStrictEqual([single.count, single.mean, single.min, single.max], [1, 7, 7, 7])
  })

  it("keep small numbers next to large ones", () => {
    assert.strictEqual(of([1, 1e100, 1, -1e100]).mean, 0.5)
    assert.strictEqual(of([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]).variance, 30)
    close(of([1.7e308, 1.7e308, 1.6e308]).mean! / 1e308, 5 / 3)
  })

  it.prop("are those of the whole list, in one piece and in two", { xs: Numbers, ys: Numbers }, ({ xs, ys }) => {
    const all = [...xs, ...ys]
    const merged = of(xs.slice(0, -2))
    merged.merge(of(ys))
    for (const x of xs.slice(-2)) merged.add(x)
    for (const moments of [of(all), merged]) {
      assert.strictEqual(moments.count, all.length)
      if (all.length < 2) return
      close(moments.mean, Statistics.mean(all)!, 1e-13)
      close(moments.variance, Statistics.variance(all)!, 1e-9)
      close(moments.standardDeviation, Statistics.standardDeviation(all)!, 1e-7)
      close(moments.standardError, Statistics.standardError(all)!, 1e-7)
      assert.deepStrictEqual([moments.min, moments.max], [Math.min(...all), Math.max(...all)])
    }
  })
})

describe("clustered standard errors", () => {
  const values = [0.9, 0.8, 0.85, 0.2, 0.3, 0.25, 0.6, 0.55, 0.5, 0.1, 0.15, 0.7]
  const clusters = ["a", "a", "a", "b", "b", "b", "c", "c", "c", "d", "d", "e"]
  const ordinary = Statistics.standardError(values)!

  /** The definition: the products of the deviations of all pairs in one cluster. */
  const pairSum = (withThemselves: boolean): number => {
    const mean = total(values) / values.length
    let sum = 0
    for (let i = 0; i < values.length; i++) {
      for (let j = 0; j < values.length; j++) {
        if (clusters[i] === clusters[j] && (withThemselves || i !== j)) sum += (values[i]! - mean) * (values[j]! - mean)
      }
    }
    return sum
  }

  it("are their definitions as sums over pairs", () => {
    const cr0 = Math.sqrt(pairSum(true)) / 12
    close(Statistics.clusteredStandardError(values, clusters, { correction: "CR0" }), cr0)
    close(Statistics.clusteredStandardError(values, clusters), cr0 * Math.sqrt(5 / 4))
    close(
      Statistics.clusteredStandardError(values, clusters, { correction: "Miller" }),
      Math.sqrt(ordinary ** 2 + pairSum(false) / 144)
    )
  })

  it("keep their digits where values are large and differ little", () => {
    // Three groups of 4, 1 and 2: the mean is no binary number, and what its rounding loses adds up within a group.
    const small = [4, 7, 13, 9, 30, 28, 10]
    const clusters = ["a", "a", "a", "a", "b", "c", "c"]
    for (const correction of ["CR0", "CR1", "Miller"] as const) {
      close(
        Statistics.clusteredStandardError(small.map((x) => 1e9 + x), clusters, { correction }),
        Statistics.clusteredStandardError(small, clusters, { correction })!,
        1e-14
      )
    }
  })

  it("are the ordinary one where every value is its own cluster", () => {
    close(Statistics.clusteredStandardError(values, values.map((_, i) => i)), ordinary, 1e-15)
  })

  it("are that of the clusters' means where all clusters are of one size", () => {
    const scores = [1, 1, 0, 0, 1, 0, 0, 0]
    const means = [1, 0, 0.5, 0]
    close(
      Statistics.clusteredStandardError(scores, ["w", "w", "x", "x", "y", "y", "z", "z"]),
      Statistics.standardError(means)!
    )
  })

  it("are 0 where the values of each cluster even out", () => {
    const even = [1, 0, 0, 1, 1, 0, 0, 1]
    const twos = [1, 1, 2, 2, 3, 3, 4, 4]
    assert.strictEqual(Statistics.clusteredStandardError(even, twos, { correction: "CR0" }), 0)
    close(
      Statistics.clusteredStandardError(even, twos, { correction: "Miller" }),
      Statistics.standardError(even)! / Math.sqrt(8)
    )
  })

  it("are undefined for fewer than two clusters", () => {
    for (const correction of ["CR0", "CR1", "Miller"] as const) {
      assert.isUndefined(Statistics.clusteredStandardError([], [], { correction }))
      assert.isUndefined(Statistics.clusteredStandardError([1, 2, 3], [true, true, true], { correction }))
    }
  })
})
