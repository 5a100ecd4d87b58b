/**
 * BLEU as sacreBLEU defines it.
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { countOf, type Counts, ngramsOf } from "./internal/ngrams.ts"
import { references, text } from "./internal/readers.ts"
import { type Own, pair, share } from "./internal/scorer.ts"
import { foldPairs } from "./internal/summary.ts"
import { splitAtSpaces } from "./internal/tokens.ts"
import { counted, rounded } from "./internal/words.ts"
import type { Options, SummaryOptions } from "./Scorer.ts"

/**
 * Options of BLEU.
 *
 * @category options
 * @since 0.1.0
 */
export interface BleuOptions {
  /**
   * How texts become tokens: `"13a"`, as the script mteval-v13a does; `"intl"`, by Unicode's punctuation and symbols;
   * `"char"`, each character, for languages without spaces; `"none"`, at whitespace. Default: `"13a"`.
   */
  readonly tokenize?: "13a" | "intl" | "char" | "none" | undefined
  /**
   * What stands in for a precision of 0, which would make the whole score 0: nothing (`"none"`); `value / total`
   * (`"floor"`); `1 / (2^k total)` for the k-th such order (`"exp"`); or `value` added to matches and totals of the orders
   * above 1 (`"add-k"`). Default: `"exp"`.
   */
  readonly smoothing?: "none" | "floor" | "add-k" | "exp" | undefined
  /** The value of `"floor"` (default 0.1) and of `"add-k"` (default 1). */
  readonly smoothingValue?: number | undefined
  /** Upper and lower case are the same. Default: `false`. */
  readonly ignoreCase?: boolean | undefined
  /** The longest n-grams. Default: 4. */
  readonly maxOrder?: number | undefined
  /**
   * Whether a candidate that is too short to have n-grams of some order is judged by the shorter ones. Default: `true`
   * for one text, `false` for a corpus, as in sacreBLEU.
   */
  readonly effectiveOrder?: boolean | undefined
}

/**
 * A BLEU score and what it is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bleu {
  /** Between 0 and 1. (sacreBLEU shows 100 times that.) */
  readonly score: number
  /** N-grams that the references have as well, of each order from 1. Never more than a reference has of one. */
  readonly matches: ReadonlyArray<number>
  /** N-grams of each order from 1. */
  readonly totals: ReadonlyArray<number>
  /** `exp(1 - referenceLength / candidateLength)` for candidates that are shorter, else 1. */
  readonly brevityPenalty: number
  /** In tokens. */
  readonly candidateLength: number
  /** In tokens: of the references, the one whose length is closest; of two, the shorter one. */
  readonly referenceLength: number
}

/**
 * BLEU of one text against one or several references: the geometric mean of the precisions of n-grams of order 1 to 4,
 * times the brevity penalty. `undefined` where no reference has a token. Takes time in proportion to the texts.
 *
 * The numbers are those of sacreBLEU's `sentence_bleu`, divided by 100. NLTK's `sentence_bleu` and other programs differ in
 * tokens and smoothing. With `"add-k"`, orders that a short candidate has no n-grams of count as matched, as they do there.
 *
 * Sources: K. Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation" (2002); M. Post, "A Call
 * for Clarity in Reporting BLEU Scores" (2018); smoothing: B. Chen and C. Cherry, "A Systematic Comparison of Smoothing
 * Techniques for Sentence-Level BLEU" (2014).
 *
 * **Example** (A cat)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * const bleu = Text.bleuOf("the cat sat on the mat", "the cat is on the mat")
 * console.log(bleu?.score.toFixed(4), bleu?.matches, bleu?.totals) // => 0.3799 [ 5, 3, 1, 0 ] [ 6, 5, 4, 3 ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const bleuOf = (
  candidate: string,
  references: string | readonly [string, ...Array<string>],
  options?: BleuOptions
): Bleu | undefined => {
  const list = typeof references === "string" ? [references] as const : references
  return scoreOf(statisticsOf(candidate, list, options), { effectiveOrder: true, ...options })
}

/**
 * BLEU of many texts, each against one or several references: matches, totals and lengths are added up over all texts
 * first, so it is not the mean of their scores. `undefined` where no reference has a token.
 *
 * The numbers are those of sacreBLEU's `corpus_bleu`, divided by 100. See `bleuOf`.
 *
 * **Example** (Two texts)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * const bleu = Text.corpusBleuOf([
 *   ["the cat sat on the mat", ["the cat is on the mat"]],
 *   ["it is raining in Paris today", ["it is raining in Paris"]]
 * ])
 * console.log(bleu?.score.toFixed(4)) // => 0.5584
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const corpusBleuOf = (
  pairs: Iterable<readonly [candidate: string, references: readonly [string, ...Array<string>]]>,
  options?: BleuOptions
): Bleu | undefined => {
  let total = emptyStatistics(options)
  for (const [candidate, references] of pairs) total = add(total, statisticsOf(candidate, references, options))
  return scoreOf(total, options)
}

/**
 * BLEU of the outputs against the reference, or several of them. `Skipped` where no reference has a token. See `bleuOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const bleu = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & BleuOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  pair(
    { name: "bleu", own, config: configOf(options), feedbackConfig: share },
    options,
    { actual: text, expected: references },
    (actual, expected) => {
      const bleu = bleuOf(actual, expected, options)
      return bleu === undefined ? skip(noTokens) : { score: bleu.score, comment: textOf(bleu) }
    }
  )

/**
 * BLEU of all outputs together, as a summary evaluator. It keeps a few numbers, not the rows. See `corpusBleuOf`.
 *
 * Score: between 0 and 1.
 *
 * @category summary scorers
 * @since 0.1.0
 */
export const corpusBleu = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SummaryOptions<I, O, Ref, M> & BleuOptions
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> =>
  foldPairs({ name: "corpusBleu", own }, options, { actual: text, expected: references }, {
    initial: () => emptyStatistics(options),
    step: (total, actual, expected) => add(total, statisticsOf(actual, expected, options)),
    result: (total, rows) => {
      const bleu = scoreOf(total, options)
      return bleu === undefined ? skip(noTokens) : { score: bleu.score, comment: `${textOf(bleu)}; ${rows}` }
    }
  })

const noTokens = "no reference has a token to compare with"

const configOf = (options: BleuOptions | undefined) => ({
  tokenize: options?.tokenize,
  smoothing: options?.smoothing,
  smoothingValue: options?.smoothingValue,
  ignoreCase: options?.ignoreCase,
  maxOrder: options?.maxOrder,
  effectiveOrder: options?.effectiveOrder
})

const textOf = ({ brevityPenalty, candidateLength, matches, referenceLength, totals }: Bleu): string =>
  `precisions ${matches.map((count, i) => `${count}/${totals[i]}`).join(", ")}, brevity penalty ` +
  `${rounded(brevityPenalty)} (${counted(candidateLength, "token")} against ${referenceLength})`

type Statistics = Pick<Bleu, "matches" | "totals" | "candidateLength" | "referenceLength">

const ordersOf = (options: BleuOptions | undefined): Array<number> => {
  const { maxOrder = 4 } = options ?? {}
  if (!Number.isInteger(maxOrder) || maxOrder < 1) {
    throw new RangeError(`maxOrder is ${maxOrder}: it has to be a whole number from 1`)
  }
  return Array.from({ length: maxOrder }, (_, i) => i + 1)
}

const emptyStatistics = (options: BleuOptions | undefined): Statistics => {
  const zeros = ordersOf(options).map(() => 0)
  return { matches: zeros, totals: zeros, candidateLength: 0, referenceLength: 0 }
}

const add = (a: Statistics, b: Statistics): Statistics => ({
  matches: a.matches.map((count, i) => count + (b.matches[i] ?? 0)),
  totals: a.totals.map((count, i) => count + (b.totals[i] ?? 0)),
  candidateLength: a.candidateLength + b.candidateLength,
  referenceLength: a.referenceLength + b.referenceLength
})

const statisticsOf = (
  candidate: string,
  references: ReadonlyArray<string>,
  options: BleuOptions | undefined
): Statistics => {
  const orders = ordersOf(options)
  const tokens = tokensOf(candidate, options)
  const referenceTokens = references.map((reference) => tokensOf(reference, options))
  const matches = orders.map((order) =>
    matchesOf(countOf(ngramsOf(tokens, order)), referenceTokens.map((tokens) => countOf(ngramsOf(tokens, order))))
  )
  return {
    matches,
    totals: orders.map((order) => Math.max(0, tokens.length - order + 1)),
    candidateLength: tokens.length,
    referenceLength: closest(tokens.length, referenceTokens.map(({ length }) => length))
  }
}

const matchesOf = (candidate: Counts, references: ReadonlyArray<Counts>): number => {
  let matches = 0
  for (const [ngram, count] of candidate) {
    matches += Math.min(count, references.reduce((most, counts) => Math.max(most, counts.get(ngram) ?? 0), 0))
  }
  return matches
}

const closest = (length: number, lengths: ReadonlyArray<number>): number =>
  lengths.reduce((best, each) => {
    const further = Math.abs(each - length) - Math.abs(best - length)
    return further < 0 || (further === 0 && each < best) ? each : best
  })

const scoreOf = (statistics: Statistics, options: BleuOptions | undefined): Bleu | undefined => {
  const { candidateLength, matches, referenceLength, totals } = statistics
  if (referenceLength === 0) return undefined
  const brevityPenalty = candidateLength >= referenceLength
    ? 1
    : candidateLength === 0
    ? 0
    : Math.exp(1 - referenceLength / candidateLength)
  const found = matches.some((count) => count > 0)
  return {
    ...statistics,
    brevityPenalty,
    score: found ? brevityPenalty * geometricMean(matches, totals, options) : 0
  }
}

const geometricMean = (
  matches: ReadonlyArray<number>,
  totals: ReadonlyArray<number>,
  options: BleuOptions | undefined
): number => {
  const { effectiveOrder = false, smoothing = "exp" } = options ?? {}
  const value = options?.smoothingValue ?? (smoothing === "floor" ? 0.1 : 1)
  let logs = 0
  let halvings = 1
  let orders = 0
  for (const [i, found] of matches.entries()) {
    const added = smoothing === "add-k" && i > 0 ? value : 0
    const total = (totals[i] ?? 0) + added
    if (total === 0) break
    orders++
    if (found + added > 0) logs += Math.log((found + added) / total)
    else if (smoothing === "exp") logs += Math.log(1 / ((halvings *= 2) * total))
    else if (smoothing === "floor") logs += Math.log(value / total)
    else return 0
  }
  if (orders < matches.length && !effectiveOrder) return 0
  return Math.exp(logs / orders)
}

const tokensOf = (text: string, options: BleuOptions | undefined): Array<string> => {
  const cased = options?.ignoreCase === true ? text.toLowerCase() : text
  switch (options?.tokenize ?? "13a") {
    case "13a":
      return splitAtSpaces(tokenize13a(cased))
    case "intl":
      return splitAtSpaces(tokenizeIntl(cased))
    case "char":
      return Array.from(cased.replace(/\s+/g, ""))
    case "none":
      return splitAtSpaces(cased)
  }
}

/** The rules of mteval-v13a: entities, then symbols, then points and commas unless between digits, dashes after digits. */
const tokenize13a = (text: string): string => {
  const line = text.trimEnd().replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ")
  const plain = line.includes("&")
    ? line.replaceAll("&quot;", "\"").replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    : line
  return ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/g, " $& ")
    .replace(/([^0-9])([.,])/g, "$1 $2 ")
    .replace(/([.,])([^0-9])/g, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ")
}

/** The rules of mteval-v14: punctuation unless between digits, and symbols. */
const tokenizeIntl = (text: string): string =>
  text.trimEnd()
    .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
    .replace(/(\p{P})(\P{N})/gu, " $1 $2")
    .replace(/\p{S}/gu, " $& ")

const own: Own<BleuOptions> = {
  effectiveOrder: true,
  ignoreCase: true,
  maxOrder: true,
  smoothing: true,
  smoothingValue: true,
  tokenize: true
}
