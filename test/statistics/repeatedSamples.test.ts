import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { choose, close, normalNumbers, subsets, total } from "./support.ts"

const Attempts = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))

describe("pass@k and pass^k", () => {
  it.prop("are shares of all choices of k attempts", { n: Attempts, c: Attempts, k: Attempts }, ({ c, k, n }) => {
    const correct = Math.min(n, c - 1)
    if (k > n) {
      assert.isUndefined(Statistics.passAtK(n, correct, k))
      assert.isUndefined(Statistics.passHatK(n, correct, k))
      return
    }
    const attempts = Array.from({ length: n }, (_, i) => i < correct)
    const choices = subsets(attempts, k)
    close(
      Statistics.passAtK(n, correct, k),
      choices.filter((some) => some.includes(true)).length / choices.length,
      1e-14
    )
    close(
      Statistics.passHatK(n, correct, k),
      choices.filter((some) => !some.includes(false)).length / choices.length,
      1e-14
    )
    // All fail or one passes: the mirror image.
    close(Statistics.passAtK(n, correct, k), 1 - Statistics.passHatK(n, n - correct, k)!, 1e-14)
  })

  it("at their ends", () => {
    assert.strictEqual(Statistics.passAtK(10, 0, 5), 0)
    assert.strictEqual(Statistics.passAtK(4, 1, 4), 1)
    assert.strictEqual(Statistics.passHatK(8, 8, 8), 1)
    assert.strictEqual(Statistics.passHatK(8, 7, 8), 0)
    close(Statistics.passAtK(10, 3, 1), 0.3)
    assert.isUndefined(Statistics.passAtK(0, 0, 1))
    assert.isUndefined(Statistics.passAtK(3, 1, 5))
  })

  it("of many attempts", () => {
    close(Statistics.passAtK(1_000_000, 500_000, 10), 1 - 0.5 ** 10, 1e-5)
    // As many as are common for code: 1 - C(195, 100) / C(200, 100)
    close(Statistics.passAtK(200, 5, 100), 1 - choose(195, 100) / choose(200, 100), 1e-12)
  })

  it("over tasks are means, and undefined where one task is", () => {
    close(Statistics.meanPassAtK([5, 4], [2, 1], 2), (0.7 + 0.5) / 2)
    close(Statistics.meanPassHatK([5, 4], [2, 3], 2), (0.1 + 0.5) / 2)
    assert.isUndefined(Statistics.meanPassAtK([5, 1], [2, 1], 2))
    assert.isUndefined(Statistics.meanPassAtK([], [], 2))
    assert.isUndefined(Statistics.meanPassHatK([], [], 2))
  })

  it("is unbiased: the mean over all outcomes is the probability", () => {
    // Each of 6 attempts passes with the probability 0.3: at least one of 4 with 1 - 0.7^4, all of 4 with 0.3^4.
    let once = 0
    let always = 0
    for (let c = 0; c <= 6; c++) {
      const probability = choose(6, c) * 0.3 ** c * 0.7 ** (6 - c)
      once += probability * Statistics.passAtK(6, c, 4)!
      always += probability * Statistics.passHatK(6, c, 4)!
    }
    close(once, 1 - 0.7 ** 4)
    close(always, 0.3 ** 4)
  })
})

describe("variance components", () => {
  const scores = [[1, 1, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0], [1, 0, 1, 1], [0, 0, 0, 0]]

  it("by hand", () => {
    // Means 3/4 1/4 1 1/4 3/4 0, variances 1/4 1/4 0 1/4 1/4 0.
    const components = Statistics.varianceComponents(scores)!
    close(components.withinExamples, 1 / 6)
    close(components.ofMeans, 0.15)
    close(components.betweenExamples, 0.15 - 1 / 24)
  })

  it("gives the standard error of the means, which is that of clusters of one size", () => {
    close(Statistics.resampledStandardError(scores), Math.sqrt(0.15 / 6))
    close(
      Statistics.resampledStandardError(scores),
      Statistics.clusteredStandardError(scores.flat(), scores.flatMap((row, i) => row.map(() => i)))!
    )
  })

  it("finds the variances that numbers were made with", () => {
    const next = normalNumbers(6)
    const made = Array.from({ length: 3000 }, (_, i) => {
      const expected = 2 * next()
      return Array.from({ length: 2 + i % 3 }, () => expected + 3 * next())
    })
    const components = Statistics.varianceComponents(made)!
    close(components.withinExamples, 9, 0.05)
    close(components.betweenExamples, 4, 0.1)
  })

  it("is undefined without two examples of two samples", () => {
    assert.isUndefined(Statistics.varianceComponents([]))
    assert.isUndefined(Statistics.varianceComponents([[1, 2]]))
    assert.isUndefined(Statistics.varianceComponents([[1, 2], [1]]))
    assert.isUndefined(Statistics.resampledStandardError([]))
    assert.isUndefined(Statistics.resampledStandardError([[1]]))
    assert.isUndefined(Statistics.resampledStandardError([[1], []]))
    close(Statistics.resampledStandardError([[1], [0]]), 0.5)
  })

  it("says what more samples are worth", () => {
    const variances = { betweenExamples: 1 / 12, withinExamples: 1 / 6 }
    close(Statistics.resamplingVarianceRatio(variances, 1), 1)
    close(Statistics.resamplingVarianceRatio(variances, 4), 1 / 2)
    close(Statistics.resamplingVarianceRatio(variances, 6), 4 / 9)
    close(Statistics.resamplingVarianceRatio({ betweenExamples: 2, withinExamples: 0 }, 9), 1)
    assert.isUndefined(Statistics.resamplingVarianceRatio({ betweenExamples: 0, withinExamples: 0 }, 2))
    assert.isUndefined(Statistics.resamplingVarianceRatio({ betweenExamples: -0.1, withinExamples: 1 }, 2))
    // It is the ratio of the variances of the means.
    const components = Statistics.varianceComponents(scores)!
    const single = components.betweenExamples + components.withinExamples
    close(Statistics.resamplingVarianceRatio(components, 4), components.ofMeans / single)
    assert.isAbove(total(scores.flat()), 0)
  })
})
