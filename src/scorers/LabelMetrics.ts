/**
 * How good a classifier is, over all rows.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type { KeyedResult } from "../EvaluationResult.ts"
import { skip } from "../Evaluator.ts"
import {
  type ClassificationReport,
  classificationReport,
  matthewsCorrelation,
  type PrecisionRecall,
  type ReportOptions
} from "../statistics/Classification.ts"
import { cohenKappa, type CohenKappaOptions } from "../statistics/CohenKappa.ts"
import { type ConfusionMatrix, confusionMatrix } from "../statistics/ConfusionMatrix.ts"
import type { Label } from "../statistics/Values.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { labelReader } from "./internal/labels.ts"
import { foldPairs } from "./internal/summary.ts"
import type { LabelOptions } from "./LabelMatch.ts"
import type { SummaryOptions } from "./Scorer.ts"

/**
 * Everything that a confusion matrix says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Classification<A extends Label = Label> extends ClassificationReport<A> {
  readonly matrix: ConfusionMatrix<A>
  /** Matthews' correlation coefficient. */
  readonly matthews: number | undefined
  /** Cohen's kappa. */
  readonly kappa: number | undefined
}

/**
 * Options of the numbers of a classification.
 *
 * @category options
 * @since 0.1.0
 */
export interface ClassificationOptions extends ReportOptions, CohenKappaOptions {
  /** All labels, in their order. Default: those that occur, sorted. */
  readonly labels?: ReadonlyArray<Label> | undefined
}

/**
 * The numbers of a classification, all of them from `effect-evals/statistics`: `confusionMatrix`, `classificationReport`,
 * `matthewsCorrelation` and `cohenKappa` say what they mean, and when they are undefined.
 *
 * **Example** (Two of three)
 *
 * ```ts
 * import { Labels } from "effect-evals/scorers"
 *
 * const numbers = Labels.classificationOf(["spam", "ham", "ham"], ["spam", "ham", "spam"])
 * console.log(numbers.accuracy?.toFixed(3), numbers.macro.f1?.toFixed(3), numbers.matthews) // => 0.667 0.667 0.5
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const classificationOf = (
  expected: ReadonlyArray<Label>,
  actual: ReadonlyArray<Label>,
  options?: ClassificationOptions
): Classification => {
  const matrix = confusionMatrix(expected, actual, options)
  return {
    ...classificationReport(matrix, options),
    matrix,
    matthews: matthewsCorrelation(matrix, options),
    kappa: cohenKappa(matrix.counts, options)
  }
}

/**
 * The numbers of a classification over all rows, as a summary evaluator; labels are read as `Labels.match` reads them. It
 * keeps two labels of each row in memory.
 *
 * Results, each with the key in front (`classification.accuracy`): `accuracy`, `balancedAccuracy`, `macroPrecision`,
 * `macroRecall`, `macroF1`, the same with `micro` and `weighted`, `matthews`, `kappa`; `confusionMatrix`, whose `value` is the
 * matrix; with `positive`, `precision`, `recall` and `f1` of that label; and with `beta`, `macroFBeta` and so on. What is
 * undefined is a result without a score that says so.
 *
 * **Example** (A filter)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Labels } from "effect-evals/scorers"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("filter", {
 *       data: Dataset.fromIterable("mails", [
 *         { inputs: "Win!", referenceOutputs: "spam" },
 *         { inputs: "Lunch?", referenceOutputs: "ham" },
 *         { inputs: "Hi!", referenceOutputs: "ham" }
 *       ]),
 *       target: (mail) => mail.endsWith("!") ? "spam" : "ham"
 *     }),
 *     { evaluators: [Labels.match()], summaryEvaluators: [Labels.classification({ positive: "spam" })] }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const results = experiment.summaryResults.flatMap(({ results }) => results)
 * const kappa = results.find(({ key }) => key === "classification.kappa")
 * console.log(kappa?.score?.toString(), kappa?.comment) // => 0.4 3 rows
 * ```
 *
 * @category summary scorers
 * @since 0.1.0
 */
export const classification = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SummaryOptions<I, O, Ref, M> & LabelOptions & ClassificationOptions & {
    /** The label whose own precision, recall and F1 are wanted. */
    readonly positive?: Label | undefined
  }
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> => {
  // Options that make no sense are a mistake of the program, which shall be seen before anything is run.
  classificationOf([], [], { beta: options?.beta })
  const reader = labelReader(options)
  const plain = (label: Label): Label | undefined => Result.getOrUndefined(reader(label))
  const labels = options?.labels?.flatMap((label) => plain(label) ?? [])
  const positive = options?.positive === undefined ? undefined : plain(options.positive)
  const name = options?.key ?? "classification"
  const own = { beta: true, ignoreCase: true, labels: true, positive: true, weights: true, zeroDivision: true } as const
  return foldPairs({ name: "classification", own }, options, { actual: reader, expected: reader }, {
    initial: () => ({ expected: new Array<Label>(), actual: new Array<Label>() }),
    step: (state, actual, expected) => {
      state.expected.push(expected)
      state.actual.push(actual)
      return state
    },
    result: ({ actual, expected }, rows) => {
      if (actual.length === 0) return skip(`there are no labels to count: ${rows}`)
      const numbers = classificationOf(expected, actual, { ...options, labels })
      const own = numbers.classes.find(({ label }) => label === positive)
      return {
        results: [
          { key: `${name}.confusionMatrix`, value: numbers.matrix, comment: matrixText(numbers.matrix) },
          ...Object.entries({
            accuracy: numbers.accuracy,
            balancedAccuracy: numbers.balancedAccuracy,
            ...named("macro", numbers.macro),
            ...named("micro", numbers.micro),
            ...named("weighted", numbers.weighted),
            matthews: numbers.matthews,
            kappa: numbers.kappa,
            ...(options?.positive === undefined
              ? {}
              : {
                precision: own?.precision,
                recall: own?.recall,
                f1: own?.f1,
                ...(options.beta === undefined ? {} : { fBeta: own?.fBeta })
              })
          }).map(([metric, score]) => resultOf(`${name}.${metric}`, score, rows))
        ]
      }
    }
  })
}

/** With `fBeta` where it was asked for, undefined or not. */
const named = (average: string, numbers: PrecisionRecall) => ({
  [`${average}Precision`]: numbers.precision,
  [`${average}Recall`]: numbers.recall,
  [`${average}F1`]: numbers.f1,
  ...("fBeta" in numbers ? { [`${average}FBeta`]: numbers.fBeta } : {})
})

const resultOf = (key: string, score: number | undefined, rows: string): KeyedResult =>
  score === undefined ? { key, comment: `undefined for these ${rows}` } : { key, score, comment: rows }

const mostLabels = 8

/** Such as `ham: 1 ham, 1 spam; spam: 1 spam`. */
const matrixText = ({ counts, labels }: ConfusionMatrix): string => {
  const lines = labels.slice(0, mostLabels).map((label, i) => {
    const row = labels.flatMap((other, j) => (counts[i]?.[j] ?? 0) === 0 ? [] : [`${counts[i]?.[j]} ${other}`])
    return `${label}: ${row.length === 0 ? "none" : row.join(", ")}`
  })
  return `${lines.join("; ")}${labels.length > mostLabels ? `; and ${labels.length - mostLabels} more labels` : ""}`
}
