import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { Number1000, Steps } from "./support.ts"

describe("wrong arguments", () => {
  const wrong: ReadonlyArray<readonly [what: string, call: () => unknown, says: RegExp]> = [
    ["a value that is NaN", () => Statistics.mean([1, Number.NaN]), /values\[1\] is NaN, not a finite number/],
    ["an infinite value", () => Statistics.standardError([Infinity, 1]), /values\[0\] is Infinity/],
    ["an infinite difference", () => Statistics.pairedDifference([1], [-Infinity]), /second\[0\] is -Infinity/],
    ["columns that do not match", () => Statistics.pearson([1, 2], [1]), /x has 2 elements and y has 1/],
    ["clusters that do not match", () => Statistics.clusteredStandardError([1, 2], ["a"]), /clusters has 1/],
    ["clusters of a bootstrap", () => Statistics.bootstrap([1, 2], { clusters: ["a"] }), /clusters has 1/],
    ["clusters of a permutation", () => Statistics.pairedPermutationTest([1], [2], { clusters: [] }), /clusters has 0/],
    ["a level in percent", () => Statistics.wilson(1, 2, { level: 95 }), /level is 95: it has to lie between 0 and 1/],
    ["a level of 1", () => Statistics.studentTInterval([1, 2], { level: 1 }), /level is 1/],
    ["a level of a bootstrap", () => Statistics.bootstrap([1], { level: 0 }), /level is 0/],
    ["a percentile in percent", () => Statistics.percentile([1], 50), /probability is 50/],
    ["one of the percentiles", () => Statistics.percentiles([1], [0.5, -1]), /probabilities\[1\] is -1/],
    [
      "more successes than trials",
      () => Statistics.clopperPearson(3, 2),
      /successes is 3, more than trials, which is 2/
    ],
    ["half a trial", () => Statistics.wilson(0, 0.5), /trials is 0.5: it has to be a whole number/],
    ["a share above 1", () => Statistics.bernoulliStandardError(1.5, 10), /share is 1.5/],
    ["no resamples", () => Statistics.bootstrap([1], { resamples: 0 }), /resamples is 0/],
    ["no arrangements", () => Statistics.permutationTest([1], [2], { resamples: -1 }), /resamples is -1/],
    ["a negative count", () => Statistics.mcnemarExact({ onlyFirst: -1, onlySecond: 2 }), /onlyFirst is -1/],
    [
      "a right answer that is neither",
      () => Statistics.pairedCounts([0.5], [1]),
      /first\[0\] is 0.5: it has to be true/
    ],
    [
      "more differences than pairs",
      () => Statistics.pairedStandardErrorFromCounts({ onlyFirst: 2, onlySecond: 2, pairs: 3 }),
      /more than pairs/
    ],
    ["a p-value above 1", () => Statistics.holm([0.1, 1.1]), /pValues\[1\] is 1.1/],
    ["a p-value that is NaN", () => Statistics.benjaminiHochberg([Number.NaN]), /pValues\[0\] is NaN/],
    ["attempts of which more passed", () => Statistics.passAtK(3, 4, 1), /correct is 4, more than samples/],
    ["k = 0", () => Statistics.passHatK(3, 1, 0), /k is 0/],
    [
      "no samples",
      () => Statistics.resamplingVarianceRatio({ betweenExamples: 1, withinExamples: 1 }, 0),
      /samples is 0/
    ],
    [
      "a negative variance",
      () => Statistics.requiredExamples(1, { differenceVariance: -1 }),
      /differenceVariance is -1/
    ],
    ["a power of 1", () => Statistics.minimumDetectableEffect(9, { differenceVariance: 1, power: 1 }), /power is 1/],
    ["no examples", () => Statistics.minimumDetectableEffect(0, { differenceVariance: 1 }), /examples is 0/],
    [
      "an effect that is NaN",
      () => Statistics.requiredExamples(Number.NaN, { differenceVariance: 1 }),
      /effect is NaN/
    ],
    ["a table that is not square", () => Statistics.cohenKappa([[1, 2]]), /table has 1 elements and table\[0\] has 2/],
    ["a negative cell", () => Statistics.cohenKappa([[-1]]), /table\[0\]\[0\] is -1/],
    ["ratings of different lengths", () => Statistics.krippendorffAlpha([[1, 2], [1]]), /ratings\[1\] has 1/],
    ["no bins", () => Statistics.calibrationBins([], [], { bins: 0 }), /bins is 0/],
    ["a probability of 2", () => Statistics.logLoss([1], [2]), /probabilities\[0\] is 2/],
    ["degrees of freedom", () => Statistics.studentTQuantile(0.5, 0), /degreesOfFreedom is 0/],
    ["a t that is NaN", () => Statistics.studentTTwoSidedPValue(Number.NaN, 1), /NaN/],
    ["a z that is NaN", () => Statistics.normalTwoSidedPValue(Number.NaN), /NaN/],
    ["a probability below 0", () => Statistics.normalQuantile(-0.1), /probability is -0.1/],
    ["a rating that is NaN", () => Statistics.eloExpectedScore(Number.NaN, 1), /NaN/],
    ["a player against itself", () => Statistics.bradleyTerry({ players: ["a"], wins: [[1]] }), /against itself/],
    ["a table of wins that is not square", () => Statistics.bradleyTerry({ players: ["a"], wins: [] }), /wins has 0/],
    ["a relevance that is NaN", () => Statistics.discountedCumulativeGain([Number.NaN]), /relevances\[0\] is NaN/],
    [
      "a gain that overflows",
      () => Statistics.normalizedDiscountedCumulativeGain([1, 2000], { gain: "exponential" }),
      /relevances\[1\] is 2000, and its gain is not a finite number/
    ],
    [
      "a nominal rating that is NaN",
      () => Statistics.krippendorffAlpha([[1], [Number.NaN]]),
      /ratings\[1\]\[0\] is NaN/
    ],
    ["a class that is NaN", () => Statistics.confusionMatrix([1], [Number.NaN]), /predicted\[0\] is NaN/],
    [
      "a table too large to square",
      () => Statistics.cohenKappa([[1e200, 1], [1, 1e200]]),
      /total of the table is 2e\+200/
    ],
    ["a value of a stream", () => new Statistics.RunningMoments().add(Number.NaN), /NaN/]
  ]

  it.each(wrong)("%s", (_, call, says) => {
    assert.throws(call, RangeError, says)
  })
})

describe("results", () => {
  const holdsNaN = (value: unknown): boolean =>
    Number.isNaN(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsNaN))

  const Values = Schema.Array(Schema.Union([Number1000, Schema.Literals([0, 1e-200, 1e200])]))

  it("keep to the numbers that there are", () => {
    const largest = Number.MAX_VALUE
    const least = Number.MIN_VALUE
    assert.deepStrictEqual(Statistics.exactBootstrapQuantiles([largest, -largest, largest], [0, 1]), [
      -largest,
      largest
    ])
    assert.strictEqual(
      Statistics.krippendorffAlpha([[largest, 0, -largest], [largest, 0, -largest]], {
        scale: "interval"
      }),
      1
    )
    for (const variance of [largest, least]) {
      const variances = { betweenExamples: variance, withinExamples: variance }
      assert.strictEqual(Statistics.resamplingVarianceRatio(variances, 2), 0.75)
    }
    assert.strictEqual(Statistics.requiredExamples(least, { differenceVariance: 0 })?.exact, 0)
    assert.strictEqual(Statistics.requiredExamples(1e200, { differenceVariance: 1e300 })?.examples, 1)
    assert.isTrue(Object.is(Statistics.studentTQuantile(0.5, 3), 0))
    const wins = [[0, largest], [largest, 0]]
    assert.match(Statistics.bradleyTerry({ players: ["a", "b"], wins }).reason!, /too large/)
  })

  it.prop("are never NaN", { xs: Values, steps: Steps, more: Steps }, ({ more, steps, xs }) => {
    const ys = xs.toReversed()
    const zeros = xs.map((_, i) => i % 2)
    const probabilities = xs.map((x) => Math.abs(x) / (1 + Math.abs(x)))
    const labels = more.slice(0, steps.length)
    const truth = steps.slice(0, labels.length)
    const settings = { resamples: 20, method: "BCa" } as const
    const results: Record<string, unknown> = {
      moments: [
        Statistics.mean(xs),
        Statistics.standardDeviation(xs),
        Statistics.standardError(xs),
        Statistics.sum(xs)
      ],
      clustered: [Statistics.clusteredStandardError(xs, zeros), Statistics.normalInterval(xs)],
      percentiles: Statistics.percentiles(xs, [0, 0.3, 1]),
      bootstrap: [Statistics.bootstrap(xs, settings), Statistics.bootstrap(xs, { ...settings, clusters: zeros })],
      paired: [Statistics.pairedDifference(xs, ys), Statistics.pairedDifference(xs, ys, { clusters: zeros })],
      tests: [
        Statistics.wilcoxonSignedRank(xs, ys),
        Statistics.wilcoxonSignedRank(xs, ys, { method: "normal", zeros: "rank" }),
        Statistics.signTest(xs, ys),
        Statistics.pairedPermutationTest(xs, ys, { resamples: 20 }),
        Statistics.permutationTest(xs, steps, { resamples: 20 })
      ],
      correlation: [Statistics.pearson(xs, ys), Statistics.spearman(xs, ys), Statistics.kendallTauB(xs, ys)],
      classification: [
        Statistics.classificationReport(Statistics.confusionMatrix(truth, labels)),
        Statistics.matthewsCorrelation(Statistics.confusionMatrix(truth, labels)),
        Statistics.auroc(zeros, xs),
        Statistics.averagePrecision(zeros, xs),
        Statistics.rocCurve(zeros, xs),
        Statistics.precisionRecallCurve(zeros, xs),
        Statistics.brierScore(zeros, probabilities),
        Statistics.logLoss(zeros, probabilities),
        Statistics.expectedCalibrationError(zeros, probabilities)
      ],
      agreement: [
        Statistics.cohenKappaOfRatings(truth, labels, { weights: "linear" }),
        Statistics.krippendorffAlpha([truth, labels]),
        Statistics.krippendorffAlpha([truth, labels], { scale: "ordinal" }),
        Statistics.krippendorffAlpha([xs, ys], { scale: "interval" }),
        Statistics.krippendorffAlpha([truth, labels], { scale: "ratio" })
      ],
      samples: [
        Statistics.varianceComponents([xs, steps, more]),
        Statistics.resampledStandardError([xs, steps]),
        Statistics.normalizedDiscountedCumulativeGain(steps, { ideal: more })
      ]
    }
    for (const [name, result] of Object.entries(results)) assert.isFalse(holdsNaN(result), name)
  })
})
