/**
 * How many words do they share?
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import { agreementOf, bestBy, countOf, overlap } from "./internal/ngrams.ts"
import { normalizationNames } from "./internal/normalizationNames.ts"
import { references, text } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { spacedTokens } from "./internal/tokens.ts"
import { counted, rounded } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"
import { type Normalization, normalizationOf, normalize } from "./TextNormalization.ts"

/**
 * Precision, recall and their harmonic mean, with the counts that they come from.
 *
 * @category models
 * @since 0.1.0
 */
export interface Agreement {
  /** Of what the candidate has, the share that the reference has as well; 0 if it has nothing. */
  readonly precision: number
  /** Of what the reference has, the share that the candidate has as well; 0 if it has nothing. */
  readonly recall: number
  /** The harmonic mean of the two; 0 if neither has anything. */
  readonly f1: number
  /** How much both have. */
  readonly common: number
  /** How much the candidate has. */
  readonly candidate: number
  /** How much the reference has. */
  readonly reference: number
}

/** What the scripts of SQuAD and MLQA take out. */
const squad = {
  unicode: "NFC",
  ignoreCase: true,
  ignorePunctuation: true,
  ignoreArticles: true,
  whitespace: "collapse"
} as const

/**
 * The overlap of the words of two texts, each word as often as it is in both. Case, punctuation and English articles do
 * not count, unless the options say otherwise. Two texts without words agree (1), one without words and one with some do
 * not (0), as in SQuAD's script. Takes time in proportion to the texts.
 *
 * On ASCII texts the numbers are those of SQuAD's script. Beyond that, Unicode's punctuation is taken out and characters
 * of scripts without spaces between words are words of their own, as MLQA's script does for Chinese.
 *
 * Sources: P. Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text" (2016); P. Lewis et al.,
 * "MLQA: Evaluating Cross-lingual Extractive Question Answering" (2020).
 *
 * **Example** (Two words of three)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * const { f1, precision, recall } = Text.tokenOverlapOf("the Eiffel tower", "Eiffel Tower, Paris")
 * console.log(precision, recall.toFixed(3), f1) // => 1 0.667 0.8
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const tokenOverlapOf = (candidate: string, reference: string, options?: Normalization): Agreement => {
  const normalization = normalizationOf(options, squad)
  const a = spacedTokens(normalize(candidate, normalization))
  const b = spacedTokens(normalize(reference, normalization))
  const agreement = agreementOf(overlap(countOf(a), countOf(b)), a.length, b.length)
  return a.length === 0 && b.length === 0 ? { ...agreement, precision: 1, recall: 1, f1: 1 } : agreement
}

/**
 * The F1 of the words of outputs and reference, with SQuAD's normalization; of several references, the best. As a score,
 * the precision of outputs without words and the recall of a reference without words are undefined: `Skipped`. See
 * `tokenOverlapOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const tokenF1 = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization & {
    /** Which of the three numbers is the score. Default: `"f1"`. */
    readonly score?: "f1" | "precision" | "recall" | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = normalizationOf(options, squad)
  const part = options?.score ?? "f1"
  return pair(
    {
      name: "tokenF1",
      own: { ...normalizationNames, score: true },
      config: { ...config, score: part },
      feedbackConfig: share
    },
    options,
    { actual: text, expected: references },
    (actual, [first, ...more]) => {
      const best = bestBy(
        [tokenOverlapOf(actual, first, config), ...more.map((each) => tokenOverlapOf(actual, each, config))],
        (each) => each[part]
      )
      if (part === "precision" && best.candidate === 0) {
        return skip("the outputs have no words, so there is no precision")
      }
      if (part === "recall" && best.reference === 0) return skip("the reference has no words, so there is no recall")
      return { score: best[part], comment: agreementText(best, "word") }
    }
  )
}

/** Such as `2 words in common, precision 2/2, recall 2/3, F1 0.8`. */
const agreementText = ({ candidate, common, f1, reference }: Agreement, unit: string): string =>
  `${counted(common, unit)} in common, precision ${common}/${candidate}, recall ${common}/${reference}, F1 ${
    rounded(f1)
  }`
