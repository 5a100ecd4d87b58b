/**
 * Was the right label given?
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import type { Label } from "../statistics/Values.ts"
import { labelReader, labelsReader } from "./internal/labels.ts"
import { agreementOf } from "./internal/ngrams.ts"
import { pair, share } from "./internal/scorer.ts"
import { quoted, rounded } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"
import type { Agreement } from "./TextTokens.ts"

/**
 * What labels are.
 *
 * @category options
 * @since 0.1.0
 */
export interface LabelOptions {
  /** All labels there are; any other one is an error. Default: any text, number or boolean will do. */
  readonly labels?: ReadonlyArray<Label> | undefined
  /** Upper and lower case are the same, and labels are shown in lower case. Default: `false`. */
  readonly ignoreCase?: boolean | undefined
}

/**
 * Whether the label in the outputs is the expected one. Whitespace around labels does not count; `1` is not `"1"`. The label
 * itself is the `value` of the result, so that summaries count labels.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const match = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & LabelOptions
): Evaluator.Evaluator<I, O, Ref, M> => {
  const reader = labelReader(options)
  return pair(
    {
      name: "label",
      own: { ignoreCase: true, labels: true },
      config: { labels: options?.labels, ignoreCase: options?.ignoreCase }
    },
    options,
    { actual: reader, expected: reader },
    (actual, expected) => ({
      score: actual === expected,
      value: actual,
      comment: actual === expected ? `${shown(actual)} is right` : `${shown(actual)}, where ${shown(expected)} is right`
    })
  )
}

const shown = (label: Label): string => typeof label === "string" ? quoted([label]) : String(label)

/**
 * How well one set of labels agrees with another: `precision` is the share of the given ones that are right, `recall` the
 * share of the right ones that are given, `f1` their harmonic mean, `jaccard` the share of all that are in both. A label that
 * is there twice counts once. Two empty sets agree in everything (1), an empty one and another in nothing (0).
 *
 * **Example** (Two right, one too many)
 *
 * ```ts
 * import { Labels } from "effect-evals/scorers"
 *
 * const { f1, jaccard, precision } = Labels.setAgreementOf(["red", "blue", "round"], ["blue", "red"])
 * console.log(precision.toFixed(3), f1, jaccard.toFixed(3)) // => 0.667 0.8 0.667
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const setAgreementOf = (
  actual: Iterable<Label>,
  expected: Iterable<Label>
): Agreement & { readonly jaccard: number } => {
  const a = new Set(actual)
  const b = new Set(expected)
  const common = Array.from(a).filter((label) => b.has(label)).length
  return a.size === 0 && b.size === 0
    ? { ...agreementOf(0, 0, 0), precision: 1, recall: 1, f1: 1, jaccard: 1 }
    : { ...agreementOf(common, a.size, b.size), jaccard: common / (a.size + b.size - common) }
}

/**
 * How well the list of labels in the outputs agrees with the expected one, for rows that have several; see
 * `setAgreementOf`. The precision of no labels and the recall of none expected are undefined: `Skipped`, if they are the
 * score.
 *
 * Score: between 0 and 1; `true` or `false` with `score: "exact"`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const matchSet = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & LabelOptions & {
    /** Which number is the score; `"exact"` is whether both sets are the same. Default: `"f1"`. */
    readonly score?: "f1" | "precision" | "recall" | "jaccard" | "exact" | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const part = options?.score ?? "f1"
  const reader = labelsReader(options)
  return pair(
    {
      name: "labels",
      own: { ignoreCase: true, labels: true, score: true },
      config: { labels: options?.labels, ignoreCase: options?.ignoreCase, score: part },
      feedbackConfig: part === "exact" ? undefined : share
    },
    options,
    { actual: reader, expected: reader },
    (actual, expected) => {
      const agreement = setAgreementOf(actual, expected)
      const { candidate, common, f1, jaccard, reference } = agreement
      if (part === "precision" && candidate === 0) return skip("no labels were given, so there is no precision")
      if (part === "recall" && reference === 0) return skip("no labels were expected, so there is no recall")
      return {
        score: part === "exact" ? common === candidate && common === reference : agreement[part],
        comment: `${common} in both, precision ${common}/${candidate}, recall ${common}/${reference}, ` +
          `F1 ${rounded(f1)}, Jaccard ${rounded(jaccard)}`
      }
    }
  )
}
