import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { choose, close, closeRelative, Number1000, unzip } from "./support.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))

const Pairs = Schema.Array(Schema.Tuple([Number1000, Number1000]))

describe("paired difference", () => {
  const first = [1, 1, 0, 1, 0, 1, 1, 0, 1, 1]
  const second = [1, 0, 0, 1, 0, 0, 1, 1, 0, 1]

  it("worked out by hand", () => {
    // Differences 0 1 0 0 0 1 0 -1 1 0: mean 0.2, squared deviations 3.6, so sqrt(3.6 / 9 / 10) = 0.2 and t = 1.
    const test = Statistics.pairedDifference(first, second)
    assert.deepStrictEqual([test.pairs, test.degreesOfFreedom, test.level], [10, 9, 0.95])
    close(test.estimate, 0.2)
    close(test.standardError, 0.2)
    close(test.statistic, 1)
    // t(0.975, 9) = 2.262157, P(|t| > 1) with 9 degrees of freedom = 0.343436 (tables of Student's t).
    close(test.upper, 0.2 + 2.2621571627409915 * 0.2)
    close(test.lower, 0.2 - 2.2621571627409915 * 0.2)
    close(test.pValue, 0.343436396137915)
    const normal = Statistics.pairedDifference(first, second, { distribution: "normal", level: 0.9 })
    close(normal.pValue, 0.31731050786291415)
    close(normal.upper, 0.2 + 1.6448536269514722 * 0.2)
    assert.strictEqual(normal.degreesOfFreedom, Infinity)
  })

  it("with clusters", () => {
    const test = Statistics.pairedDifference(first, second, { clusters: [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] })
    // Cluster sums of the deviations 0.6 -0.4 0.6 -1.4 0.6: sqrt(3.2) / 10 * sqrt(5 / 4).
    close(test.standardError, Math.sqrt(3.2) / 10 * Math.sqrt(5 / 4))
    assert.strictEqual(test.degreesOfFreedom, 4)
    const each = Statistics.pairedDifference(first, second, { clusters: first.map((_, i) => i) })
    close(each.pValue, Statistics.pairedDifference(first, second).pValue!)
  })

  it("of identical systems is 0 with p = 1", () => {
    const test = Statistics.pairedDifference([1, 0, 1], [1, 0, 1])
    assert.deepStrictEqual([test.estimate, test.standardError, test.statistic, test.pValue, test.lower, test.upper], [
      0,
      0,
      0,
      1,
      0,
      0
    ])
  })

  it("says why it is undefined", () => {
    const same = Statistics.pairedDifference([1, 1, 1], [0, 0, 0])
    assert.deepStrictEqual([same.estimate, same.lower, same.pValue], [1, 1, undefined])
    assert.match(same.reason!, /do not vary/)
    assert.match(Statistics.pairedDifference([], []).reason!, /at least two pairs/)
    const single = Statistics.pairedDifference([1], [0])
    assert.deepStrictEqual([single.estimate, single.pValue, single.lower], [1, undefined, undefined])
    const oneCluster = Statistics.pairedDifference([1, 0], [0, 0], { clusters: ["a", "a"] })
    assert.match(oneCluster.reason!, /at least two clusters/)
  })

  it("from counts is that of the zeros and ones", () => {
    const counts = Statistics.pairedCounts(first, second)
    assert.deepStrictEqual(counts, { both: 4, onlyFirst: 3, onlySecond: 1, neither: 2 })
    close(
      Statistics.pairedStandardErrorFromCounts({ ...counts, pairs: 10 }),
      Statistics.pairedStandardError(first, second)!
    )
    assert.isUndefined(Statistics.pairedStandardErrorFromCounts({ onlyFirst: 0, onlySecond: 1, pairs: 1 }))
  })

  it.prop(
    "is the ordinary formula with the correlation, and turns around with the systems",
    { pairs: Pairs },
    ({ pairs }) => {
      const [x, y] = unzip(pairs)
      const correlation = Statistics.pearson(x, y)
      if (correlation === undefined) return
      const [a, b] = [Statistics.standardError(x)!, Statistics.standardError(y)!]
      close(Statistics.pairedStandardError(x, y)! ** 2, a * a + b * b - 2 * a * b * correlation, 1e-8)
      close(Statistics.unpairedStandardError(x, y)! ** 2, a * a + b * b, 1e-10)
      const forth = Statistics.pairedDifference(x, y)
      const back = Statistics.pairedDifference(y, x)
      close(back.estimate, -forth.estimate!)
      close(back.lower, -forth.upper!)
      if (forth.pValue !== undefined) close(back.pValue, forth.pValue)
      assert.isUndefined(Statistics.unpairedStandardError([1], [1, 2]))
    }
  )
})

describe("McNemar", () => {
  it("of the children of Bentur et al., as Fagerland et al. (2013) give it", () => {
    const counts = { onlyFirst: 1, onlySecond: 7 }
    close(Statistics.mcnemarExact(counts).pValue, 0.0703, 5e-5)
    close(Statistics.mcnemarMidP(counts).pValue, 0.0391, 5e-5)
    close(Statistics.mcnemarChiSquare(counts).pValue, 0.0339, 5e-5)
    close(Statistics.mcnemarChiSquare(counts, { continuityCorrection: true }).pValue, 0.0771, 5e-5)
    assert.strictEqual(Statistics.mcnemarChiSquare(counts).statistic, 4.5)
    assert.strictEqual(Statistics.mcnemarChiSquare(counts, { continuityCorrection: true }).statistic, 25 / 8)
  })

  it("without an example that only one got right", () => {
    const none = { onlyFirst: 0, onlySecond: 0 }
    assert.deepStrictEqual(Statistics.mcnemarExact(none), { statistic: 0, pValue: 1 })
    assert.deepStrictEqual(Statistics.mcnemarMidP(none), { statistic: 0, pValue: 1 })
    assert.deepStrictEqual(Statistics.mcnemarChiSquare(none), {
      statistic: undefined,
      pValue: undefined,
      reason: "there is no example that only one got right"
    })
  })

  it("of very many examples", () => {
    // scipy.stats.binomtest
    closeRelative(Statistics.mcnemarExact({ onlyFirst: 49000, onlySecond: 51000 }).pValue, 2.5887160383468943e-10, 1e-9)
    closeRelative(Statistics.mcnemarExact({ onlyFirst: 64, onlySecond: 293 }).pValue, 3.928874710490934e-36, 1e-10)
    assert.strictEqual(Statistics.mcnemarExact({ onlyFirst: 500_000, onlySecond: 500_000 }).pValue, 1)
  })

  it.prop("is the binomial distribution, summed up", { b: Count, c: Count }, ({ b, c }) => {
    const n = b + c
    const point = (k: number) => choose(n, k) / 2 ** n
    let tail = 0
    for (let k = 0; k <= Math.min(b, c); k++) tail += point(k)
    const counts = { onlyFirst: b, onlySecond: c }
    const exact = Math.min(1, 2 * tail)
    close(Statistics.mcnemarExact(counts).pValue, exact, 1e-12)
    if (n > 0) close(Statistics.mcnemarMidP(counts).pValue, b === c ? 1 - point(b) / 2 : exact - point(b), 1e-12)
    for (const test of [Statistics.mcnemarExact, Statistics.mcnemarMidP]) {
      assert.strictEqual(test({ onlyFirst: c, onlySecond: b }).pValue, test(counts).pValue)
    }
  })
})

describe("sign test", () => {
  it("is McNemar's exact test of who is ahead", () => {
    const test = Statistics.signTest([5, 6, 7, 5, 8, 6, 7, 4, 5], [4, 5, 5, 4, 6, 5, 6, 5, 5])
    // 2 (1 + 8) / 2^8
    assert.deepStrictEqual(test, { statistic: 7, pValue: 18 / 256, firstLarger: 7, secondLarger: 1, equal: 1 })
  })

  it("without differences is 1, without pairs undefined", () => {
    assert.strictEqual(Statistics.signTest([1, 2], [1, 2]).pValue, 1)
    assert.strictEqual(Statistics.signTest([], []).reason, "there are no pairs")
  })
})
