/**
 * ROUGE as the Python package rouge-score defines it.
 *
 * @since 0.1.0
 */
import { stemmer } from "stemmer"
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import { agreementOf, bestBy, countOf, ngramsOf, overlap } from "./internal/ngrams.ts"
import { references, text } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { commonSubsequence, commonSubsequenceLength } from "./internal/subsequence.ts"
import { asciiTokens, wordTokens } from "./internal/tokens.ts"
import { rounded } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"
import type { Agreement } from "./TextTokens.ts"

/**
 * Options of ROUGE.
 *
 * @category options
 * @since 0.1.0
 */
export interface RougeOptions {
  /**
   * `"rouge1"`, `"rouge2"`: n-grams that both have. `"rougeL"`: the longest common subsequence of words. `"rougeLsum"`: the
   * same for each line of the reference with all lines of the candidate, united. Default: `"rougeL"`.
   */
  readonly type?: "rouge1" | "rouge2" | "rougeL" | "rougeLsum" | undefined
  /** Whether words longer than three letters are cut to their stem, which is for English. Default: `false`. */
  readonly stem?: boolean | undefined
  /**
   * What words are: letters and digits of all scripts, characters of scripts without spaces one by one (`"unicode"`); or
   * `a` to `z` and digits, as in rouge-score, to which other scripts are nothing (`"ascii"`). Default: `"unicode"`.
   */
  readonly tokens?: "unicode" | "ascii" | undefined
}

/**
 * ROUGE of a text: precision, recall and F1, with the counts that they come from. `undefined` where the reference has no
 * word (or no pair of words, for `"rouge2"`). Of several references, the one with the best F1.
 *
 * On ASCII texts the numbers are those of the Python package rouge-score, apart from what is undefined, which is 0 there.
 * With `stem`, the stemmer is Porter's (the package `stemmer`); rouge-score takes NLTK's variant of it, which gives another
 * stem for about 1.5 % of English words, such as `dying`, `news` and `ages`.
 *
 * Time: in proportion to the texts for n-grams, to the product of their lengths for `"rougeL"` and `"rougeLsum"`; the
 * latter takes one bit of memory for each pair of words of two lines.
 *
 * Source: C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004).
 *
 * **Example** (The longest common subsequence)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * const rouge = Text.rougeOf("police kill the gunman", "police killed the gunman")
 * console.log(rouge?.common, rouge?.precision, rouge?.recall, rouge?.f1) // => 3 0.75 0.75 0.75
 * console.log(Text.rougeOf("police kill the gunman", "police killed the gunman", { stem: true })?.f1) // => 1
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const rougeOf = (
  candidate: string,
  references: string | readonly [string, ...Array<string>],
  options?: RougeOptions
): Agreement | undefined => {
  const list = typeof references === "string" ? [references] : references
  const [first, ...more] = list.flatMap((reference) => {
    const agreement = compare(candidate, reference, options)
    return agreement.reference === 0 ? [] : [agreement]
  })
  return first === undefined ? undefined : bestBy([first, ...more], ({ f1 }) => f1)
}

/**
 * ROUGE of the outputs against the reference, or the best of several; the name of the type is the key. `Skipped` where no
 * reference has a word. See `rougeOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const rouge = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & RougeOptions & {
    /** Which of the three numbers is the score. Default: `"f1"`. */
    readonly score?: "f1" | "precision" | "recall" | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { score = "f1", stem = false, tokens = "unicode", type = "rougeL" } = options ?? {}
  return pair(
    {
      name: type,
      own: { score: true, stem: true, tokens: true, type: true },
      config: { score, stem, tokens, type },
      feedbackConfig: share
    },
    options,
    { actual: text, expected: references },
    (actual, expected) => {
      const rouge = rougeOf(actual, expected, options)
      if (rouge === undefined) return skip(`no reference has ${units[type].one} to compare with`)
      const { candidate, common, f1, reference } = rouge
      return {
        score: rouge[score],
        comment: `${units[type].common} ${common}, precision ${common}/${candidate}, recall ${common}/${reference}, ` +
          `F1 ${rounded(f1)}`
      }
    }
  )
}

const units = {
  rouge1: { one: "a word", common: "common words" },
  rouge2: { one: "a pair of words", common: "common pairs of words" },
  rougeL: { one: "a word", common: "LCS" },
  rougeLsum: { one: "a word", common: "union of LCS" }
} as const

const compare = (candidate: string, reference: string, options: RougeOptions | undefined): Agreement => {
  switch (options?.type ?? "rougeL") {
    case "rouge1":
      return compareNgrams(tokensOf(candidate, options), tokensOf(reference, options), 1)
    case "rouge2":
      return compareNgrams(tokensOf(candidate, options), tokensOf(reference, options), 2)
    case "rougeL": {
      const a = tokensOf(candidate, options)
      const b = tokensOf(reference, options)
      return agreementOf(commonSubsequenceLength(a, b), a.length, b.length)
    }
    case "rougeLsum":
      return compareLines(linesOf(candidate, options), linesOf(reference, options))
  }
}

const tokensOf = (text: string, options: RougeOptions | undefined): Array<string> => {
  const tokens = options?.tokens === "ascii" ? asciiTokens(text) : wordTokens(text)
  return options?.stem === true ? tokens.map((token) => token.length > 3 ? stemmer(token) : token) : tokens
}

const linesOf = (text: string, options: RougeOptions | undefined) =>
  text.split("\n").filter((line) => line !== "").map((line) => tokensOf(line, options))

const compareNgrams = (a: ReadonlyArray<string>, b: ReadonlyArray<string>, order: number): Agreement => {
  const inA = ngramsOf(a, order)
  const inB = ngramsOf(b, order)
  return agreementOf(overlap(countOf(inA), countOf(inB)), inA.length, inB.length)
}

type Lines = ReadonlyArray<ReadonlyArray<string>>

const compareLines = (candidate: Lines, reference: Lines): Agreement => {
  const freeInCandidate = countOf(candidate.flat())
  const freeInReference = countOf(reference.flat())
  let common = 0
  for (const line of reference) {
    const covered = new Set(candidate.flatMap((other) => commonSubsequence(line, other)))
    // No word counts more often than both summaries have it.
    for (const at of Array.from(covered).sort((a, b) => a - b)) {
      const token = line[at] ?? ""
      const inCandidate = freeInCandidate.get(token) ?? 0
      const inReference = freeInReference.get(token) ?? 0
      if (inCandidate === 0 || inReference === 0) continue
      freeInCandidate.set(token, inCandidate - 1)
      freeInReference.set(token, inReference - 1)
      common++
    }
  }
  return agreementOf(common, candidate.flat().length, reference.flat().length)
}
