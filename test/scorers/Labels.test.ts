import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Row } from "../../src/index.ts"
import { Labels } from "../../src/scorers/index.ts"
import * as Statistics from "../../src/statistics/index.ts"
import { close, judge, type Result, scoreOf, summarize } from "./scoring.ts"

const byKey = (outcome: { readonly results: ReadonlyArray<Result> } | undefined) =>
  new Map(outcome?.results.map((result) => [result.key, result]))

describe("match", () => {
  it.effect("compares labels and keeps the one that was given", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* judge(Labels.match(), " spam\n", "spam"), {
        score: true,
        comment: "\"spam\" is right"
      })
      assert.deepStrictEqual(yield* judge(Labels.match(), "ham", "spam"), {
        score: false,
        comment: "\"ham\", where \"spam\" is right"
      })
      assert.strictEqual(yield* scoreOf(Labels.match(), 1, "1"), false)
      assert.strictEqual(yield* scoreOf(Labels.match({ ignoreCase: true }), "Spam", "SPAM"), true)
      assert.include(
        (yield* judge(Labels.match({ labels: ["ham", "spam"] }), "jam", "ham")).failed,
        "label: outputs is \"jam\", not one of the labels \"ham\", \"spam\""
      )
    }))
})

describe("matchSet", () => {
  it.effect("compares sets", () =>
    Effect.gen(function*() {
      const given = ["red", "blue", "round", "red"]
      const right = ["blue", "red"]
      assert.deepStrictEqual(yield* judge(Labels.matchSet(), given, right), {
        score: 0.8,
        comment: "2 in both, precision 2/3, recall 2/2, F1 0.8, Jaccard 0.6667"
      })
      assert.strictEqual(yield* scoreOf(Labels.matchSet({ score: "jaccard" }), given, right), 2 / 3)
      assert.strictEqual(yield* scoreOf(Labels.matchSet({ score: "exact" }), given, right), false)
      assert.strictEqual(yield* scoreOf(Labels.matchSet({ score: "exact" }), ["red", "blue"], right), true)
      assert.strictEqual(yield* scoreOf(Labels.matchSet<unknown, Array<string>, Array<string>>(), [], []), 1)
      assert.deepStrictEqual(
        yield* judge(Labels.matchSet<unknown, Array<string>, Array<string>>({ score: "precision" }), [], right),
        { skipped: "no labels were given, so there is no precision" }
      )
      assert.include((yield* judge(Labels.matchSet(), "red", right)).failed, "not a list, each of whose members")
    }))
})

const cats = [
  ["cat", "cat"],
  ["dog", "cat"],
  ["dog", "dog"],
  ["dog", "dog"],
  ["bird", "bird"],
  ["cat", "bird"],
  ["cat", "cat"],
  ["cat", "dog"],
  ["bird", "bird"],
  ["cat", "cat"]
] as const

describe("classification", () => {
  it.effect("gives the numbers of the statistics", () =>
    Effect.gen(function*() {
      const results = byKey(yield* summarize(Labels.classification({ positive: "cat" }), cats))
      const matrix = Statistics.confusionMatrix(cats.map(([, truth]) => truth), cats.map(([given]) => given))
      const report = Statistics.classificationReport(matrix)
      const cat = report.classes.find(({ label }) => label === "cat")
      for (
        const [key, expected] of Object.entries({
          accuracy: report.accuracy,
          balancedAccuracy: report.balancedAccuracy,
          macroPrecision: report.macro.precision,
          macroRecall: report.macro.recall,
          macroF1: report.macro.f1,
          microF1: report.micro.f1,
          weightedF1: report.weighted.f1,
          matthews: Statistics.matthewsCorrelation(matrix),
          kappa: Statistics.cohenKappa(matrix.counts),
          precision: cat?.precision,
          recall: cat?.recall,
          f1: cat?.f1
        })
      ) assert.strictEqual(results.get(`classification.${key}`)?.score, expected, key)
      close(results.get("classification.accuracy")?.score, 0.7)
      assert.deepStrictEqual(results.get("classification.confusionMatrix")?.value, matrix)
      assert.strictEqual(
        results.get("classification.confusionMatrix")?.comment,
        "bird: 2 bird, 1 cat; cat: 3 cat, 1 dog; dog: 1 cat, 2 dog"
      )
    }))

  it.effect("gives F-beta as well where it is asked for", () =>
    Effect.gen(function*() {
      const results = byKey(yield* summarize(Labels.classification({ positive: "cat", beta: 2 }), cats))
      const report = Labels.classificationOf(
        cats.map(([, truth]) => truth),
        cats.map(([given]) => given),
        { beta: 2 }
      )
      const cat = report.classes.find(({ label }) => label === "cat")
      assert.isNumber(cat?.fBeta)
      assert.strictEqual(results.get("classification.fBeta")?.score, cat?.fBeta)
      assert.strictEqual(results.get("classification.macroFBeta")?.score, report.macro.fBeta)
      assert.strictEqual(results.get("classification.weightedFBeta")?.score, report.weighted.fBeta)
      const without = byKey(yield* summarize(Labels.classification({ positive: "cat" }), cats))
      assert.deepStrictEqual(Array.from(without.keys()).filter((key) => key.includes("Beta")), [])
      assert.throws(() => Labels.classification({ beta: -2 }), RangeError, "beta")
    }))

  it.effect("leaves out runs that failed, and says what is undefined", () =>
    Effect.gen(function*() {
      const results = byKey(
        yield* summarize(Labels.classification<number, string, string>({ key: "mails" }), [
          ["ham", "ham"],
          [new Error("down"), "spam"],
          ["ham", "spam"]
        ])
      )
      assert.strictEqual(results.get("mails.accuracy")?.score, 0.5)
      assert.strictEqual(results.get("mails.accuracy")?.comment, "2 rows, 1 failed run left out")
      assert.isUndefined(results.get("mails.macroPrecision")?.score)
      assert.strictEqual(
        results.get("mails.macroPrecision")?.comment,
        "undefined for these 2 rows, 1 failed run left out"
      )
      const withZeros = Labels.classification<number, string, string>({ zeroDivision: 0 })
      const scikit = byKey(yield* summarize(withZeros, [["ham", "ham"], ["ham", "spam"]]))
      assert.strictEqual(scikit.get("classification.macroPrecision")?.score, 0.25)
    }))

  it.effect("has nothing to say about no rows, and fails for what is no label", () =>
    Effect.gen(function*() {
      const none = yield* summarize(Labels.classification<number, string, string>(), [[new Error("down"), "a"]])
      assert.strictEqual(none?.skipped, "there are no labels to count: 0 rows, 1 failed run left out")
      const wrong = yield* summarize(Labels.classification<number, ReadonlyArray<string>, string>(), [[["a"], "a"]])
      assert.include(wrong?.error, "classification: outputs is an array of 1, not a label")
    }))

  it("weighs disagreements by the order of the labels", () => {
    const labels = ["poor", "fair", "good"]
    const truth = ["good", "fair", "fair", "good", "poor", "good"]
    const given = ["good", "fair", "poor", "good", "fair", "good"]
    assert.strictEqual(
      Labels.classificationOf(truth, given, { labels, weights: "linear" }).kappa,
      Statistics.cohenKappaOfRatings(truth, given, { labels, weights: "linear" })
    )
  })
})

const forecasts = [[0.9, 1], [0.8, 1], [0.7, 0], [0.6, 1], [0.55, 0], [0.4, 0], [0.4, 1], [0.1, 0]] as const

describe("separation and calibration", () => {
  it.effect("give the numbers of the statistics", () =>
    Effect.gen(function*() {
      const truth = forecasts.map(([, came]) => came)
      const probabilities = forecasts.map(([probability]) => probability)
      const separation = byKey(yield* summarize(Labels.separation(), forecasts))
      assert.strictEqual(separation.get("separation.auroc")?.score, Statistics.auroc(truth, probabilities))
      assert.strictEqual(
        separation.get("separation.averagePrecision")?.score,
        Statistics.averagePrecision(truth, probabilities)
      )
      const calibration = byKey(yield* summarize(Labels.calibration(), forecasts))
      assert.strictEqual(calibration.get("calibration.brier")?.score, Statistics.brierScore(truth, probabilities))
      assert.strictEqual(calibration.get("calibration.logLoss")?.score, Statistics.logLoss(truth, probabilities))
      close(calibration.get("calibration.expectedCalibrationError")?.score, 0.18125)
      assert.strictEqual(calibration.get("calibration.brier")?.comment, "4 positives, 4 negatives; 8 rows")
    }))

  it.effect("say what is undefined or infinite, and clip where told", () =>
    Effect.gen(function*() {
      const one = byKey(yield* summarize(Labels.separation(), [[3, true], [-5, true]]))
      assert.strictEqual(one.get("separation.auroc")?.comment, "undefined: 2 positives, 0 negatives; 2 rows")
      const sure = byKey(yield* summarize(Labels.calibration(), [[0, true]]))
      assert.isUndefined(sure.get("calibration.logLoss")?.score)
      assert.match(sure.get("calibration.logLoss")?.comment ?? "", /^infinite/)
      const clipped = byKey(yield* summarize(Labels.calibration({ clip: 0.01 }), [[0, true]]))
      close(clipped.get("calibration.logLoss")?.score, -Math.log(0.01))
      assert.include((yield* summarize(Labels.calibration(), [[3, true]]))?.error, "outputs is 3, not a probability")
    }))

  it.effect("can look at what another evaluator said", () =>
    Effect.gen(function*() {
      const scorer = Labels.separation<number, number, boolean>({
        actual: ({ row }) => Row.score(row, "judge") ?? row.run.outputs
      })
      assert.strictEqual(
        byKey(yield* summarize(scorer, [[1, true], [0, false]])).get("separation.auroc")?.score,
        1
      )
    }))
})
