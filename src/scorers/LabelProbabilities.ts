/**
 * How good scores and probabilities of two classes are, over all rows.
 *
 * @since 0.1.0
 */
import type { KeyedResult } from "../EvaluationResult.ts"
import { skip } from "../Evaluator.ts"
import { brierScore, expectedCalibrationError, logLoss } from "../statistics/Calibration.ts"
import { auroc, averagePrecision } from "../statistics/Thresholds.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { finite, probability, truth } from "./internal/labels.ts"
import type { Reader } from "./internal/readers.ts"
import type { Own } from "./internal/scorer.ts"
import { foldPairs } from "./internal/summary.ts"
import { counted } from "./internal/words.ts"
import type { SummaryOptions } from "./Scorer.ts"

/**
 * How well numbers tell two classes apart, whatever their scale, over all rows: `auroc` and `averagePrecision` of
 * `effect-evals/statistics`, as a summary evaluator with the keys `separation.auroc` and `separation.averagePrecision`.
 * What is undefined, for want of a class, is a result without a score that says so.
 *
 * `actual` selects a number, higher for the positive class, such as what a judge gave: `({ row }) => Row.score(row,
 * "judge")`. `expected` selects `true` or 1 for the positive class, `false` or 0 for the other. It keeps both of each row.
 *
 * @category summary scorers
 * @since 0.1.0
 */
export const separation = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SummaryOptions<I, O, Ref, M>
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> =>
  metrics({ name: "separation", own: {} }, options, finite, (truths, scores) => ({
    auroc: auroc(truths, scores),
    averagePrecision: averagePrecision(truths, scores)
  }))

/**
 * How well probabilities say what comes, over all rows: `brierScore`, `logLoss` and `expectedCalibrationError` of
 * `effect-evals/statistics`, lower is better, as a summary evaluator with the keys `calibration.brier`,
 * `calibration.logLoss` and `calibration.expectedCalibrationError`. A probability of 0 for what came has an infinite loss,
 * which is no score; say with `clip` how close to 0 and 1 probabilities may come.
 *
 * `actual` selects a probability between 0 and 1, `expected` whether it came: `true` or 1, `false` or 0. It keeps both of
 * each row.
 *
 * @category summary scorers
 * @since 0.1.0
 */
export const calibration = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SummaryOptions<I, O, Ref, M> & {
    /** How many bins of the same width the expected calibration error has. Default: 10. */
    readonly bins?: number | undefined
    /** For the log loss, probabilities are held between `clip` and `1 - clip`. Default: 0. */
    readonly clip?: number | undefined
  }
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> =>
  metrics({ name: "calibration", own: { bins: true, clip: true } }, options, probability, (truths, probabilities) => ({
    brier: brierScore(truths, probabilities),
    logLoss: logLoss(truths, probabilities, options),
    expectedCalibrationError: expectedCalibrationError(truths, probabilities, options)
  }))

const metrics = <I, O, Ref, M, Given = SummaryOptions<I, O, Ref, M>>(
  identity: { readonly name: string; readonly own: Own<Given> },
  options: (SummaryOptions<I, O, Ref, M> & Given) | undefined,
  reader: Reader<number>,
  compute: (truths: ReadonlyArray<boolean>, numbers: ReadonlyArray<number>) => {
    readonly [metric: string]: number | undefined
  }
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> =>
  foldPairs(identity, options, { actual: reader, expected: truth }, {
    initial: () => ({ truths: new Array<boolean>(), numbers: new Array<number>() }),
    step: (state, actual, expected) => {
      state.truths.push(expected)
      state.numbers.push(actual)
      return state
    },
    result: ({ numbers, truths }, rows) => {
      if (truths.length === 0) return skip(`there is nothing to compare: ${rows}`)
      const positives = truths.filter((truth) => truth).length
      const comment = `${counted(positives, "positive")}, ${counted(truths.length - positives, "negative")}; ${rows}`
      return {
        results: Object.entries(compute(truths, numbers)).map(([metric, score]): KeyedResult => {
          const key = `${options?.key ?? identity.name}.${metric}`
          if (score === undefined) return { key, comment: `undefined: ${comment}` }
          return Number.isFinite(score) ? { key, score, comment } : { key, comment: `infinite: ${comment}` }
        })
      }
    }
  })
