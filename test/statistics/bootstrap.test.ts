import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, closeAll, normalNumbers, Number1000, Numbers, total } from "./support.ts"

const ends = ({ lower, upper }: Statistics.Interval): ReadonlyArray<number> => [lower!, upper!]

const skewed = [0.12, 0.3, 0.05, 2.2, 1.1, 0.6, 0.02, 4.5, 0.9, 0.33, 0.27, 1.8, 0.44, 0.71, 0.08]

const ownMean = (sample: Float64Array): number => total(sample) / sample.length

describe("exact bootstrap", () => {
  it("goes through all samples", () => {
    const values = [1, 2, 4, 8]
    const means: Array<number> = []
    for (const a of values) {
      for (const b of values) for (const c of values) for (const d of values) means.push((a + b + c + d) / 4)
    }
    const probabilities = [0, 0.025, 0.05, 0.31, 0.5, 0.95, 0.975, 1]
    closeAll(
      Statistics.exactBootstrapQuantiles(values, probabilities),
      Statistics.percentiles(means, probabilities).map((mean) => mean!)
    )
    close(Statistics.exactBootstrapStandardError(values), Statistics.populationStandardDeviation(means)!)
  })

  it("is undefined for nothing, and does not begin what it cannot end", () => {
    assert.isUndefined(Statistics.exactBootstrapQuantiles([], [0.5]))
    assert.isUndefined(Statistics.exactBootstrapStandardError([]))
    assert.deepStrictEqual(Statistics.exactBootstrapQuantiles([7], [0, 0.4, 1]), [7, 7, 7])
    assert.throws(() => Statistics.exactBootstrapQuantiles(skewed, [0.5]), RangeError, /more than/)
  })
})

describe("bootstrap", () => {
  it("comes to the exact bootstrap", () => {
    const values = [1, 2, 4, 8]
    const interval = Statistics.bootstrap(values, { resamples: 50_000 })
    closeAll(ends(interval), [1.5, 6.5], 0.05)
    close(interval.standardError, Statistics.exactBootstrapStandardError(values)!, 0.02)
    assert.deepStrictEqual([interval.estimate, interval.method, interval.undefinedResamples, interval.seed], [
      3.75,
      "percentile",
      0,
      0
    ])
  })

  it("comes to the intervals of scipy.stats.bootstrap", () => {
    // SciPy 1.17, 400,000 resamples of the mean and 100,000 of the standard deviation.
    closeAll(ends(Statistics.bootstrap(skewed, { resamples: 40_000 })), [0.404, 1.5433], 0.02)
    closeAll(ends(Statistics.bootstrap(skewed, { resamples: 40_000, method: "BCa" })), [0.4847, 1.7967], 0.02)
    const deviation = { statistic: Statistics.standardDeviation, resamples: 20_000 }
    closeAll(ends(Statistics.bootstrap(skewed, deviation)), [0.3675, 1.7411], 0.02)
    closeAll(ends(Statistics.bootstrap(skewed, { ...deviation, method: "BCa" })), [0.5752, 2.0375], 0.03)
  })

  it("holds the true mean about as often as it says", () => {
    const next = normalNumbers(5)
    const held = { percentile: 0, BCa: 0 }
    for (let round = 0; round < 300; round++) {
      const values = Array.from({ length: 30 }, next)
      for (const method of ["percentile", "BCa"] as const) {
        const { lower, upper } = Statistics.bootstrap(values, { method, resamples: 500, seed: round, level: 0.9 })
        if (lower! <= 0 && 0 <= upper!) held[method]++
      }
    }
    // 90 % of 300, with room for the few values per round and for chance (standard deviation 5.2).
    for (const count of [held.percentile, held.BCa]) {
      assert.isAtLeast(count, 250)
      assert.isAtMost(count, 287)
    }
  })

  it("gives the same for the same seed, and something else for another", () => {
    const of = (seed: number | string) => ends(Statistics.bootstrap(skewed, { seed, resamples: 200 }))
    assert.deepStrictEqual(of("judge"), of("judge"))
    assert.deepStrictEqual(of(7), of("7"))
    assert.notDeepEqual(of(7), of(8))
    assert.notDeepEqual(of("judge"), of("Judge"))
  })

  it("draws the numbers that it always drew", () => {
    // A change here means that every seed gives other intervals than before.
    assert.deepStrictEqual(ends(Statistics.bootstrap([1, 2, 3, 4, 5, 6, 7, 8], { resamples: 100, seed: "fixed" })), [
      3.059375,
      6
    ])
  })

  it("of the mean is that of a function that computes the mean", () => {
    const clusters = skewed.map((_, i) => i % 6)
    for (const method of ["percentile", "BCa"] as const) {
      for (const more of [{}, { clusters }]) {
        const own = Statistics.bootstrap(skewed, { method, resamples: 500, statistic: ownMean, ...more })
        const built = Statistics.bootstrap(skewed, { method, resamples: 500, ...more })
        closeAll(ends(own), ends(built), 1e-12)
        close(own.standardError, built.standardError!, 1e-12)
      }
    }
  })

  it("keeps small numbers next to large ones", () => {
    const values = [1e16, 3, -1e16, 5, 7]
    assert.deepStrictEqual(
      ends(Statistics.bootstrap(values, { resamples: 500 })),
      ends(Statistics.bootstrap(values, { resamples: 500, statistic: Statistics.mean }))
    )
  })

  it("sees a tie with the estimate where rounding hides it, also next to 0", () => {
    // Tenths are rounded differently from whole numbers, so that equal means differ in their last digits.
    const tenths = [17, -12, -13, -16, 17, -9, 14, 16, -16]
    for (const seed of [0, 1, 2]) {
      const whole = Statistics.bootstrap(tenths, { method: "BCa", resamples: 200, seed })
      const rounded = Statistics.bootstrap(tenths.map((x) => x * 0.1), { method: "BCa", resamples: 200, seed })
      closeAll(ends(rounded), ends(whole).map((x) => x / 10))
    }
  })

  it("corrects already two values", () => {
    assert.deepStrictEqual(ends(Statistics.bootstrap([1, 2], { method: "BCa", resamples: 500 })), [1, 2])
  })

  it("measures the skewness of many values by parts", () => {
    const next = normalNumbers(3)
    const values = Array.from({ length: 2500 }, () => Math.exp(next()))
    const options = { method: "BCa", resamples: 300 } as const
    closeAll(
      ends(Statistics.bootstrap(values, { ...options, statistic: ownMean })),
      ends(Statistics.bootstrap(values, options)),
      2e-3
    )
  })

  it("draws whole clusters", () => {
    // Two values per cluster that are the same: as if there were only one.
    const values = [1, 4, 2, 8]
    const twice = values.flatMap((x) => [x, x])
    const clusters = ["a", "a", "b", "b", "c", "c", "d", "d"]
    for (const method of ["percentile", "BCa"] as const) {
      closeAll(
        ends(Statistics.bootstrap(twice, { clusters, method })),
        ends(Statistics.bootstrap(values, { method }))
      )
    }
    // With unequal clusters, samples have unequal sizes.
    const sizes = new Set<number>()
    Statistics.bootstrap([1, 2, 3, 4], {
      clusters: ["a", "a", "a", "b"],
      statistic: (sample) => sizes.add(sample.length).size,
      resamples: 100
    })
    assert.deepStrictEqual(Array.from(sizes).sort((a, b) => a - b), [2, 4, 6])
  })

  it("leaves out samples without the statistic, and says how many", () => {
    const truth = [1, 1, 0, 0, 1, 0]
    const scores = [0.9, 0.2, 0.4, 0.3, 0.8, 0.1]
    const interval = Statistics.pairedBootstrap(truth, scores, { statistic: Statistics.auroc, resamples: 5000 })
    // All six of one class: 2 * (1/2)^6 of the samples.
    close(interval.undefinedResamples / 5000, 1 / 32, 0.01)
    assert.isAtLeast(interval.lower!, 0)
    assert.strictEqual(interval.upper, 1)
  })

  it("says why there is no interval", () => {
    const reasonOf = (values: ReadonlyArray<number>, options?: Statistics.BootstrapOptions) =>
      Statistics.bootstrap(values, { resamples: 100, ...options }).reason
    assert.strictEqual(reasonOf([]), "there are no values")
    assert.strictEqual(reasonOf([1, 2], { statistic: () => undefined }), "the statistic of the values is undefined")
    assert.strictEqual(reasonOf([1, 2], { statistic: () => Number.NaN }), "the statistic of the values is undefined")
    assert.match(reasonOf([7], { method: "BCa" })!, /at least two values/)
    assert.match(reasonOf([7, 8], { method: "BCa", clusters: ["a", "a"] })!, /at least two values/)
    let asked = 0
    assert.match(reasonOf([1, 2, 3], { method: "BCa", statistic: () => -asked++ })!, /one side/)
    const once = firstTime(5)
    assert.match(reasonOf([1, 2], { statistic: once })!, /undefined in every resample/)
    assert.match(reasonOf([1, 2], { statistic: firstTime(5), method: "BCa" })!, /undefined in every resample/)
    const whole = (sample: Float64Array) => sample.length < 3 ? undefined : ownMean(sample)
    assert.match(reasonOf([1, 2, 3], { method: "BCa", statistic: whole })!, /without a part/)
  })

  it("of one value or of equal values has no width", () => {
    assert.deepStrictEqual(ends(Statistics.bootstrap([7], { resamples: 100 })), [7, 7])
    assert.deepStrictEqual(ends(Statistics.bootstrap([5, 5, 5], { resamples: 100, method: "BCa" })), [5, 5])
  })

  it.prop(
    "shifts and scales with the values, holds the estimate, and grows with the level",
    {
      xs: Numbers,
      shift: Number1000,
      // Powers of two scale without rounding, which would break ties with the estimate, of which BCa counts a half.
      factor: Schema.Literals([0.5, 2, 4]),
      method: Schema.Literals(["percentile", "BCa"])
    },
    ({ factor, method, shift, xs }) => {
      if (xs.length < 3) return
      const options = { method, resamples: 200 } as const
      const interval = Statistics.bootstrap(xs, options)
      if (interval.lower === undefined) return
      closeAll(
        ends(Statistics.bootstrap(xs.map((x) => x * factor), options)),
        ends(interval).map((x) => x * factor),
        1e-9
      )
      const moved = Statistics.bootstrap(xs.map((x) => x + shift), options)
      if (method === "percentile") {
        closeAll(ends(moved), ends(interval).map((x) => x + shift), 1e-9)
        const surer = Statistics.bootstrap(xs, { ...options, level: 0.99 })
        assert.isAtMost(surer.lower!, interval.lower)
        assert.isAtLeast(surer.upper!, interval.upper)
        assert.isAtLeast(interval.lower, Math.min(...xs))
        assert.isAtMost(interval.upper, Math.max(...xs))
      }
    }
  )
})

/** A statistic that has a value only when it is first asked. */
const firstTime = (value: number) => {
  let asked = false
  return () => {
    if (asked) return undefined
    asked = true
    return value
  }
}

describe("paired bootstrap", () => {
  const first = [0.71, 0.62, 0.55, 0.9, 0.43, 0.8]
  const second = [0.65, 0.6, 0.58, 0.7, 0.4, 0.75]

  it("of the mean difference is that of the differences", () => {
    const differences = first.map((x, i) => x - second[i]!)
    for (const clusters of [undefined, [1, 1, 2, 2, 3, 3]]) {
      assert.deepStrictEqual(
        Statistics.pairedBootstrap(first, second, { clusters, resamples: 500 }),
        Statistics.bootstrap(differences, { clusters, resamples: 500 })
      )
    }
  })

  it("keeps pairs together", () => {
    Statistics.pairedBootstrap([1, 2, 3], [10, 20, 30], {
      resamples: 50,
      statistic: (a, b) => {
        assert.deepStrictEqual(Array.from(a, (x) => 10 * x), Array.from(b))
        return a.length
      }
    })
  })

  it("is much narrower than that of unpaired samples where pairs are alike", () => {
    const paired = Statistics.pairedBootstrap(first, second)
    const unpaired = 1.96 * Statistics.unpairedStandardError(first, second)!
    assert.isBelow(paired.upper! - paired.lower!, unpaired)
  })
})
