import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, closeAll, normalNumbers, total } from "./support.ts"

describe("multiple comparisons", () => {
  // Y. Benjamini and Y. Hochberg (1995), section 3.2: four are rejected at 5 %, by Bonferroni three.
  const published = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.324,
    0.4262,
    0.5719,
    0.6528,
    0.759,
    1
  ]
  const significant = (adjusted: ReadonlyArray<number>): number => adjusted.filter((p) => p <= 0.05).length

  it("of the example of Benjamini and Hochberg", () => {
    assert.strictEqual(significant(Statistics.benjaminiHochberg(published)), 4)
    assert.strictEqual(significant(Statistics.bonferroni(published)), 3)
    assert.strictEqual(significant(Statistics.holm(published)), 3)
    close(Statistics.benjaminiHochberg(published)[4], 15 * 0.0201 / 5)
    // The sixth takes the smaller one of the seventh.
    close(Statistics.benjaminiHochberg(published)[5], 15 * 0.0298 / 7)
    const harmonic = total(published.map((_, i) => 1 / (i + 1)))
    close(Statistics.benjaminiYekutieli(published)[0], 15 * 0.0001 * harmonic)
  })

  it("of nothing is nothing, of one is that one", () => {
    for (
      const adjust of [
        Statistics.bonferroni,
        Statistics.holm,
        Statistics.benjaminiHochberg,
        Statistics.benjaminiYekutieli
      ]
    ) {
      assert.deepStrictEqual(adjust([]), [])
      assert.deepStrictEqual(adjust([0.04]), [0.04])
      assert.deepStrictEqual(adjust([1, 1, 1]), [1, 1, 1])
    }
  })

  it.prop(
    "keep the order, never make a p-value smaller, and are as strict as they say",
    { pValues: Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))) },
    ({ pValues }) => {
      const all = {
        bonferroni: Statistics.bonferroni(pValues),
        holm: Statistics.holm(pValues),
        hochberg: Statistics.benjaminiHochberg(pValues),
        yekutieli: Statistics.benjaminiYekutieli(pValues)
      }
      for (const adjusted of Object.values(all)) {
        for (let i = 0; i < pValues.length; i++) {
          assert.isAtLeast(adjusted[i]!, pValues[i]! * (1 - 1e-15))
          assert.isAtMost(adjusted[i]!, 1)
          for (let j = 0; j < pValues.length; j++) {
            if (pValues[i]! <= pValues[j]!) assert.isAtMost(adjusted[i]!, adjusted[j]! * (1 + 1e-15))
          }
        }
      }
      for (let i = 0; i < pValues.length; i++) {
        assert.isAtMost(all.holm[i]!, all.bonferroni[i]!)
        assert.isAtMost(all.hochberg[i]!, all.holm[i]! * (1 + 1e-15))
        assert.isAtLeast(all.yekutieli[i]!, all.hochberg[i]!)
      }
      closeAll(Statistics.holm(pValues.toReversed()), all.holm.toReversed(), 1e-15)
      closeAll(Statistics.benjaminiHochberg(pValues.toReversed()), all.hochberg.toReversed(), 1e-15)
    }
  )

  it.prop(
    "are their definitions",
    { pValues: Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))) },
    ({ pValues }) => {
      const sorted = pValues.toSorted((a, b) => a - b)
      const m = sorted.length
      const holm = sorted.map((_, i) => Math.max(...sorted.slice(0, i + 1).map((p, j) => Math.min(1, (m - j) * p))))
      const hochberg = sorted.map((_, i) =>
        Math.min(...sorted.slice(i).map((p, j) => Math.min(1, m * p / (i + j + 1))))
      )
      closeAll(Statistics.holm(sorted), holm, 1e-14)
      closeAll(Statistics.benjaminiHochberg(sorted), hochberg, 1e-14)
    }
  )
})

describe("power", () => {
  it("of Miller's example, by hand", () => {
    // (1.959964 + 0.841621)^2 / 9 / 0.03^2
    const found = Statistics.requiredExamples(0.03, { differenceVariance: 1 / 9 })
    close(found?.exact, 968.9975, 1e-6)
    assert.strictEqual(found?.examples, 969)
    assert.strictEqual(Statistics.requiredExamples(-0.03, { differenceVariance: 1 / 9 })?.examples, 969)
    assert.isUndefined(Statistics.requiredExamples(0, { differenceVariance: 1 / 9 }))
  })

  it("is there: a simulated comparison finds the effect as often as planned", () => {
    const plan = { differenceVariance: 1, firstSampleVariance: 2, firstSamples: 4, power: 0.7, significance: 0.1 }
    const { examples } = Statistics.requiredExamples(0.3, plan)!
    const next = normalNumbers(9)
    let found = 0
    for (let round = 0; round < 1000; round++) {
      const differences = Array.from({ length: examples }, () => {
        const samples = Array.from({ length: 4 }, () => next() * Math.SQRT2)
        return 0.3 + next() + total(samples) / 4
      })
      const test = Statistics.pairedDifference(differences, differences.map(() => 0), { distribution: "normal" })
      if (test.pValue! < 0.1) found++
    }
    close(found / 1000, 0.7, 0.04)
  })

  it.prop("the effect that so many examples find needs so many examples", {
    examples: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 100_000 })),
    differenceVariance: Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 10 })),
    firstSampleVariance: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 })),
    secondSamples: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
  }, ({ examples, ...rest }) => {
    const plan = { ...rest, secondSampleVariance: 0.3 }
    const found = Statistics.requiredExamples(Statistics.minimumDetectableEffect(examples, plan), plan)
    assert.strictEqual(found?.examples, examples)
    assert.isAbove(Statistics.minimumDetectableEffect(examples, { ...plan, power: 0.9 }), 0)
    assert.isAbove(
      Statistics.minimumDetectableEffect(examples, { ...plan, power: 0.9 }),
      Statistics.minimumDetectableEffect(examples, plan)
    )
  })
})
