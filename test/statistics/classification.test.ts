import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, Step } from "./support.ts"

const Predictions = Schema.Array(Schema.Tuple([Step, Step]))

const matrixOf = (pairs: ReadonlyArray<readonly [number, number]>): Statistics.ConfusionMatrix<number> =>
  Statistics.confusionMatrix(pairs.map(([truth]) => truth), pairs.map(([, predicted]) => predicted))

describe("confusion matrix", () => {
  it("has the truth in its rows", () => {
    const truth = ["cat", "ant", "cat", "cat", "ant", "bird"]
    const predicted = ["ant", "ant", "cat", "cat", "ant", "cat"]
    // scikit-learn's documentation of confusion_matrix
    assert.deepStrictEqual(Statistics.confusionMatrix(truth, predicted, { labels: ["ant", "bird", "cat"] }), {
      labels: ["ant", "bird", "cat"],
      counts: [[2, 0, 0], [0, 0, 1], [1, 0, 2]]
    })
    assert.deepStrictEqual(
      Statistics.confusionMatrix(truth, predicted),
      Statistics.confusionMatrix(truth, predicted, { labels: ["ant", "bird", "cat"] })
    )
  })

  it("sorts labels: false before true, numbers by size, texts by their characters", () => {
    const labels = [10, "b", true, 9, "a", false, "B"]
    assert.deepStrictEqual(Statistics.confusionMatrix(labels, labels).labels, [false, true, 9, 10, "B", "a", "b"])
    assert.deepStrictEqual(Statistics.confusionMatrix<string>([], []), { labels: [], counts: [] })
  })

  it("refuses what it does not know", () => {
    assert.throws(
      () => Statistics.confusionMatrix(["a"], ["b"], { labels: ["a"] }),
      RangeError,
      /predicted\[0\] is "b"/
    )
    assert.throws(() => Statistics.confusionMatrix(["a"], ["a"], { labels: ["a", "a"] }), RangeError, /twice/)
    assert.throws(() => Statistics.confusionMatrix(["a"], []), RangeError, /truth has 1 elements and predicted has 0/)
  })
})

describe("classification report", () => {
  it("of three classes, by hand", () => {
    const report = Statistics.classificationReport({
      labels: ["bird", "cat", "dog"],
      counts: [[2, 1, 0], [0, 3, 1], [0, 1, 2]]
    })
    assert.deepStrictEqual(report.classes[1], {
      label: "cat",
      precision: 3 / 5,
      recall: 3 / 4,
      f1: 6 / 9,
      support: 4,
      truePositives: 3,
      falsePositives: 2,
      falseNegatives: 1,
      trueNegatives: 4
    })
    assert.deepStrictEqual([report.items, report.accuracy], [10, 0.7])
    close(report.macro.precision, (1 + 3 / 5 + 2 / 3) / 3)
    close(report.macro.recall, (2 / 3 + 3 / 4 + 2 / 3) / 3)
    close(report.balancedAccuracy, (2 / 3 + 3 / 4 + 2 / 3) / 3)
    close(report.macro.f1, (4 / 5 + 6 / 9 + 2 / 3) / 3)
    close(report.weighted.f1, (3 * 4 / 5 + 4 * 6 / 9 + 3 * 2 / 3) / 10)
  })

  it("is undefined where it is 0 / 0, unless it is told what that is", () => {
    const matrix = { labels: ["a", "b", "c"], counts: [[2, 0, 0], [2, 0, 0], [0, 0, 0]] }
    const report = Statistics.classificationReport(matrix)
    assert.deepStrictEqual(report.classes.map(({ precision }) => precision), [0.5, undefined, undefined])
    assert.deepStrictEqual(report.classes.map(({ recall }) => recall), [1, 0, undefined])
    assert.deepStrictEqual(report.classes.map(({ f1 }) => f1), [2 / 3, 0, undefined])
    assert.deepStrictEqual(report.macro, { precision: undefined, recall: undefined, f1: undefined })
    assert.deepStrictEqual(report.weighted, { precision: undefined, recall: 0.5, f1: 1 / 3 })
    assert.strictEqual(report.balancedAccuracy, 0.5)
    const told = Statistics.classificationReport(matrix, { zeroDivision: 0 })
    assert.deepStrictEqual(told.macro, { precision: 0.5 / 3, recall: 1 / 3, f1: 2 / 9 })
    close(told.weighted.precision, 0.25)
    assert.strictEqual(Statistics.classificationReport(matrix, { zeroDivision: 1 }).classes[2]?.f1, 1)
  })

  it("has F-beta where it is asked for, between precision and recall", () => {
    // Precision 1, recall 2/3 for "yes"; precision 1/2, recall 1 for "no".
    const matrix = { labels: ["yes", "no"], counts: [[2, 1], [0, 1]] }
    const of = (beta: number) => {
      const { classes, macro, micro, weighted } = Statistics.classificationReport(matrix, { beta })
      return { classes: classes.map(({ fBeta }) => fBeta), macro, micro, weighted }
    }
    // As scikit-learn's `fbeta_score` has it: (1 + b^2) p r / (b^2 p + r).
    const byDefinition = (beta: number, p: number, r: number) => (1 + beta ** 2) * p * r / (beta ** 2 * p + r)
    for (const beta of [0.5, 1, 2, 10]) {
      const [yes, no] = [byDefinition(beta, 1, 2 / 3), byDefinition(beta, 1 / 2, 1)]
      const { classes, macro, micro, weighted } = of(beta)
      close(classes[0], yes)
      close(classes[1], no)
      close(macro.fBeta, (yes + no) / 2)
      close(weighted.fBeta, (3 * yes + no) / 4)
      close(micro.fBeta, 3 / 4)
    }
    assert.deepStrictEqual(of(1).classes, Statistics.classificationReport(matrix).classes.map(({ f1 }) => f1))
    // Recall does not count.
    assert.deepStrictEqual(of(0).classes, [1, 1 / 2])
    assert.notProperty(Statistics.classificationReport(matrix).macro, "fBeta")
    assert.throws(() => of(-1), RangeError, "beta")
    assert.throws(() => of(Number.NaN), RangeError, "beta")
    const unseen = { labels: ["a", "b"], counts: [[1, 0], [0, 0]] }
    assert.isUndefined(Statistics.classificationReport(unseen, { beta: 2 }).macro.fBeta)
    assert.strictEqual(Statistics.classificationReport(unseen, { beta: 2, zeroDivision: 0 }).macro.fBeta, 0.5)
  })

  it("of nothing", () => {
    const report = Statistics.classificationReport(Statistics.confusionMatrix<string>([], []))
    assert.deepStrictEqual([report.items, report.accuracy, report.balancedAccuracy, report.micro.f1, report.macro.f1], [
      0,
      undefined,
      undefined,
      undefined,
      undefined
    ])
  })

  it.prop("adds up", { pairs: Predictions }, ({ pairs }) => {
    const report = Statistics.classificationReport(matrixOf(pairs), { zeroDivision: 0 })
    for (const each of report.classes) {
      assert.strictEqual(
        each.truePositives + each.falsePositives + each.falseNegatives + each.trueNegatives,
        pairs.length
      )
    }
    if (pairs.length === 0) return
    assert.strictEqual(report.micro.precision, report.accuracy)
    assert.strictEqual(report.micro.recall, report.accuracy)
    close(report.micro.f1, report.accuracy!)
    close(report.weighted.recall, report.accuracy!)
    // Truth and prediction change places: so do precision and recall.
    const turned = Statistics.classificationReport(matrixOf(pairs.map(([a, b]) => [b, a])), { zeroDivision: 0 })
    close(turned.macro.precision, report.macro.recall!)
    close(turned.macro.f1, report.macro.f1!)
    const perfect = Statistics.classificationReport(matrixOf(pairs.map(([a]) => [a, a])))
    assert.deepStrictEqual(perfect.macro, { precision: 1, recall: 1, f1: 1 })
  })
})

describe("Matthews' correlation", () => {
  it.prop("of two classes is Matthews' formula, and Pearson's correlation of zeros and ones", {
    pairs: Schema.Array(Schema.Tuple([Schema.Literals([0, 1]), Schema.Literals([0, 1])]))
  }, ({ pairs }) => {
    const matrix = Statistics.confusionMatrix(pairs.map(([x]) => x), pairs.map(([, y]) => y), { labels: [0, 1] })
    const [tn, fp, fn, tp] = matrix.counts.flat()
    if (tn === undefined || fp === undefined || fn === undefined || tp === undefined) assert.fail("not two by two")
    const root = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    const correlation = Statistics.matthewsCorrelation(matrix)
    if (root === 0) {
      assert.isUndefined(correlation)
      assert.strictEqual(Statistics.matthewsCorrelation(matrix, { zeroDivision: 0 }), 0)
      return
    }
    close(correlation, (tp * tn - fp * fn) / root)
    close(correlation, Statistics.pearson(pairs.map(([x]) => x), pairs.map(([, y]) => y))!)
  })

  it.prop("of any number of classes lies between -1 and 1", { pairs: Predictions }, ({ pairs }) => {
    const correlation = Statistics.matthewsCorrelation(matrixOf(pairs))
    if (correlation === undefined) return
    assert.isAtMost(Math.abs(correlation), 1 + 1e-12)
    close(Statistics.matthewsCorrelation(matrixOf(pairs.map(([a]) => [a, a]))), 1)
  })
})
