/**
 * How good a classifier is, from its confusion matrix.
 *
 * @since 0.1.0
 */
import type { ConfusionMatrix } from "./ConfusionMatrix.ts"
import { requireCount, requireNonNegative, requireSameLength } from "./internal/checks.ts"
import { mean } from "./Moments.ts"
import type { Label } from "./Values.ts"

/**
 * Options of the functions of a confusion matrix.
 *
 * @category options
 * @since 0.1.0
 */
export interface ZeroDivisionOptions {
  /**
   * What 0 / 0 is, such as the precision of a class that was never predicted. Default: `undefined`, and so is every
   * average that needs it. With 0, results are those of scikit-learn's `zero_division=0`.
   */
  readonly zeroDivision?: number | undefined
}

/**
 * Options of a report.
 *
 * @category options
 * @since 0.1.0
 */
export interface ReportOptions extends ZeroDivisionOptions {
  /**
   * How much recall counts, from 0: with 2 it counts twice as much as precision, with 0.5 half as much. Default: there is
   * F1 and no F-beta.
   */
  readonly beta?: number | undefined
}

/**
 * Precision, recall and F1, as shares between 0 and 1.
 *
 * @category models
 * @since 0.1.0
 */
export interface PrecisionRecall {
  /** Of what was predicted to be of the class, the share that is: `tp / (tp + fp)`. */
  readonly precision: number | undefined
  /** Of what is of the class, the share that was predicted to be: `tp / (tp + fn)`. */
  readonly recall: number | undefined
  /** The harmonic mean of the two: `2 tp / (2 tp + fp + fn)`. */
  readonly f1: number | undefined
  /**
   * Where a `beta` was given, their weighted harmonic mean: `(1 + beta^2) tp / ((1 + beta^2) tp + beta^2 fn + fp)`. C. J. van
   * Rijsbergen, "Information Retrieval" (1979).
   */
  readonly fBeta?: number | undefined
}

/**
 * The numbers of one class.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClassReport<A extends Label = Label> extends PrecisionRecall {
  readonly label: A
  /** How many items are of the class. */
  readonly support: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  readonly trueNegatives: number
}

/**
 * The numbers of a classifier.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClassificationReport<A extends Label = Label> {
  /** How many items there are. */
  readonly items: number
  /** The share of items whose class was predicted; `undefined` for no items. */
  readonly accuracy: number | undefined
  /**
   * The mean recall of the classes that there are items of; `undefined` for no items. K. H. Brodersen et al., "The
   * Balanced Accuracy and Its Posterior Distribution" (2010).
   */
  readonly balancedAccuracy: number | undefined
  /** In the order of the labels. */
  readonly classes: ReadonlyArray<ClassReport<A>>
  /** The mean over the classes, each counting the same. (The mean F1, not the F1 of the means.) */
  readonly macro: PrecisionRecall
  /** Of all classes' counts added up. With one class per item, all three are the accuracy. */
  readonly micro: PrecisionRecall
  /** The mean over the classes, each counting as often as there are items of it. */
  readonly weighted: PrecisionRecall
}

/**
 * Accuracy, and precision, recall and F1 for each class and over all of them. Source: M. Sokolova and G. Lapalme, "A
 * systematic analysis of performance measures for classification tasks" (2009).
 *
 * A class that was never predicted has no precision, one without items no recall, one without either no F1. Averages
 * over such classes are undefined, too, unless `zeroDivision` says what they shall be; in the weighted ones a class
 * without items does not count.
 *
 * **Example** (Three classes)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const matrix = Statistics.confusionMatrix([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1])
 * const report = Statistics.classificationReport(matrix)
 * console.log(report.accuracy?.toFixed(3), report.macro.f1?.toFixed(3)) // => 0.333 0.267
 * console.log(report.classes.map((each) => each.recall)) // => [ 1, 0, 0 ]
 * ```
 *
 * **Example** (A class that was never predicted)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const matrix = Statistics.confusionMatrix(["a", "a", "b", "b"], ["a", "a", "a", "a"])
 * console.log(Statistics.classificationReport(matrix).macro.precision) // => undefined
 * console.log(Statistics.classificationReport(matrix, { zeroDivision: 0 }).macro.precision) // => 0.25
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const classificationReport = <A extends Label>(
  matrix: ConfusionMatrix<A>,
  options: ReportOptions = {}
): ClassificationReport<A> => {
  if (options.beta !== undefined) requireNonNegative("beta", options.beta)
  const { columns, diagonal, items, rows } = totalsOf(matrix)
  const classes = matrix.labels.map((label, i) => {
    const truePositives = diagonal[i]!
    const falsePositives = columns[i]! - truePositives
    const falseNegatives = rows[i]! - truePositives
    return {
      label,
      ...precisionRecall(truePositives, falsePositives, falseNegatives, options),
      support: rows[i]!,
      truePositives,
      falsePositives,
      falseNegatives,
      trueNegatives: items - truePositives - falsePositives - falseNegatives
    }
  })
  const correct = diagonal.reduce((sum, count) => sum + count, 0)
  const present = classes.filter(({ support }) => support > 0)
  return {
    items,
    accuracy: items === 0 ? undefined : correct / items,
    balancedAccuracy: mean(present.map(({ support, truePositives }) => truePositives / support)),
    classes,
    macro: averages(classes, () => 1, options),
    micro: precisionRecall(correct, items - correct, items - correct, options),
    weighted: averages(present, ({ support }) => support, options)
  }
}

/**
 * Matthews' correlation coefficient, for any number of classes: 1 is perfect, 0 no better than chance, below 0 worse.
 * With `n` items, `c` of them right, and the rows `t` and columns `p` added up,
 * `(c n - sum(t p)) / sqrt((n^2 - sum(p^2)) (n^2 - sum(t^2)))`; for two classes it is Matthews' formula.
 *
 * 0 / 0, so `undefined` or `zeroDivision`, where all items are of one class or all predictions are. Sources: B. W.
 * Matthews, "Comparison of the predicted and observed secondary structure of T4 phage lysozyme" (1975); J. Gorodkin,
 * "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
 *
 * **Example** (Ten items, three classes)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const truth = ["cat", "cat", "dog", "dog", "bird", "bird", "cat", "dog", "bird", "cat"]
 * const predicted = ["cat", "dog", "dog", "dog", "bird", "cat", "cat", "cat", "bird", "cat"]
 * const matrix = Statistics.confusionMatrix(truth, predicted)
 * console.log(Statistics.matthewsCorrelation(matrix)?.toFixed(4)) // => 0.5471
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const matthewsCorrelation = (
  matrix: ConfusionMatrix,
  options?: ZeroDivisionOptions
): number | undefined => {
  const { columns, diagonal, items, rows } = totalsOf(matrix)
  let correct = 0
  let chance = 0
  let ofTruth = items * items
  let ofPredictions = items * items
  for (let i = 0; i < rows.length; i++) {
    correct += diagonal[i]!
    chance += rows[i]! * columns[i]!
    ofTruth -= rows[i]! ** 2
    ofPredictions -= columns[i]! ** 2
  }
  return ofTruth === 0 || ofPredictions === 0
    ? options?.zeroDivision
    : (correct * items - chance) / Math.sqrt(ofTruth * ofPredictions)
}

const totalsOf = (matrix: ConfusionMatrix) => {
  const { counts, labels } = matrix
  requireSameLength("labels", labels, "counts", counts)
  const rows = labels.map(() => 0)
  const columns = labels.map(() => 0)
  let items = 0
  for (let i = 0; i < labels.length; i++) {
    requireSameLength("labels", labels, `counts[${i}]`, counts[i]!)
    for (let j = 0; j < labels.length; j++) {
      const count = counts[i]![j]!
      requireCount(`counts[${i}][${j}]`, count)
      rows[i]! += count
      columns[j]! += count
      items += count
    }
  }
  return { rows, columns, items, diagonal: labels.map((_, i) => counts[i]![i]!) }
}

const precisionRecall = (
  truePositives: number,
  falsePositives: number,
  falseNegatives: number,
  { beta, zeroDivision }: ReportOptions
): PrecisionRecall => {
  const ratio = (part: number, whole: number) => whole === 0 ? zeroDivision : part / whole
  return {
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
    ...(beta === undefined ? {} : {
      fBeta: ratio(
        (1 + beta ** 2) * truePositives,
        (1 + beta ** 2) * truePositives + beta ** 2 * falseNegatives + falsePositives
      )
    })
  }
}

const averages = (
  classes: ReadonlyArray<ClassReport>,
  weightOf: (each: ClassReport) => number,
  { beta, zeroDivision }: ReportOptions
): PrecisionRecall => {
  const average = (part: keyof PrecisionRecall): number | undefined => {
    let sum = 0
    let weights = 0
    for (const each of classes) {
      const value = each[part]
      if (value === undefined) return undefined
      sum += value * weightOf(each)
      weights += weightOf(each)
    }
    return weights === 0 ? zeroDivision : sum / weights
  }
  return {
    precision: average("precision"),
    recall: average("recall"),
    f1: average("f1"),
    ...(beta === undefined ? {} : { fBeta: average("fBeta") })
  }
}
