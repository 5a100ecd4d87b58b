/**
 * chrF as sacreBLEU defines it.
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { bestBy, countOf, type Counts, ngramsOf, overlap } from "./internal/ngrams.ts"
import { references, text } from "./internal/readers.ts"
import { type Own, pair, share } from "./internal/scorer.ts"
import { foldPairs } from "./internal/summary.ts"
import { splitAtSpaces } from "./internal/tokens.ts"
import { rounded } from "./internal/words.ts"
import type { Options, SummaryOptions } from "./Scorer.ts"

/**
 * Options of chrF.
 *
 * @category options
 * @since 0.1.0
 */
export interface ChrfOptions {
  /** The longest n-grams of characters. Default: 6. */
  readonly characterOrder?: number | undefined
  /** The longest n-grams of words: 0 for chrF, 2 for chrF++. Default: 0. */
  readonly wordOrder?: number | undefined
  /** How many times as much as precision recall counts. Default: 2. */
  readonly beta?: number | undefined
  /** Whether whitespace belongs to the n-grams of characters. Default: `false`. */
  readonly whitespace?: boolean | undefined
  /** Upper and lower case are the same. Default: `false`. */
  readonly ignoreCase?: boolean | undefined
}

/**
 * A chrF score and what it is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Chrf {
  /** Between 0 and 1. (sacreBLEU shows 100 times that.) */
  readonly score: number
  /** The mean precision over the orders of which both texts have n-grams; 0 if there are none. */
  readonly precision: number
  /** The mean recall over the same orders. */
  readonly recall: number
  /** How many orders those are. */
  readonly orders: number
}

/**
 * chrF of one text: the F-score of its n-grams of characters, precision and recall averaged over the orders first; of
 * several references, the best. Characters are Unicode code points. `undefined` where no reference has a character. Takes
 * time in proportion to the texts.
 *
 * The numbers are those of sacreBLEU's `sentence_chrf`, divided by 100. Sources: M. Popović, "chrF: character n-gram F-score
 * for automatic MT evaluation" (2015); "chrF++: words helping character n-grams" (2017).
 *
 * **Example** (A cat)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.chrfOf("the cat sat on the mat", "the cat is on the mat")?.score.toFixed(4)) // => 0.6458
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const chrfOf = (
  candidate: string,
  references: string | readonly [string, ...Array<string>],
  options?: ChrfOptions
): Chrf | undefined => {
  const list = typeof references === "string" ? [references] as const : references
  const statistics = statisticsOf(candidate, list, options)
  return statistics === undefined ? undefined : scoreOf(statistics, options)
}

/**
 * chrF of the outputs against the reference, or the best of several. `Skipped` where no reference has a character. See
 * `chrfOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const chrf = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & ChrfOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  pair(
    { name: "chrf", own, config: configOf(options), feedbackConfig: share },
    options,
    { actual: text, expected: references },
    (actual, expected) => {
      const chrf = chrfOf(actual, expected, options)
      return chrf === undefined ? skip(noCharacters) : { score: chrf.score, comment: textOf(chrf) }
    }
  )

/**
 * chrF of all outputs together, as a summary evaluator: n-grams are counted over all texts first, so it is not the mean of
 * their scores. The numbers are those of sacreBLEU's `corpus_chrf`, divided by 100. It keeps a few numbers, not the rows.
 *
 * Score: between 0 and 1.
 *
 * @category summary scorers
 * @since 0.1.0
 */
export const corpusChrf = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SummaryOptions<I, O, Ref, M> & ChrfOptions
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> =>
  foldPairs({ name: "corpusChrf", own }, options, { actual: text, expected: references }, {
    initial: (): Statistics | undefined => undefined,
    step: (total, actual, expected) => {
      const each = statisticsOf(actual, expected, options)
      return total === undefined ? each : each === undefined ? total : total.map((order, i) => add(order, each[i]))
    },
    result: (total, rows) => {
      if (total === undefined) return skip(noCharacters)
      const chrf = scoreOf(total, options)
      return { score: chrf.score, comment: `${textOf(chrf)}; ${rows}` }
    }
  })

const noCharacters = "no reference has a character to compare with"

const configOf = (options: ChrfOptions | undefined) => ({
  characterOrder: options?.characterOrder,
  wordOrder: options?.wordOrder,
  beta: options?.beta,
  whitespace: options?.whitespace,
  ignoreCase: options?.ignoreCase
})

const textOf = ({ orders, precision, recall }: Chrf): string =>
  `mean precision ${rounded(precision)} and recall ${rounded(recall)} over ${orders} orders of n-grams`

interface OrderStatistics {
  readonly candidate: number
  readonly reference: number
  readonly common: number
}

/** One entry for each order: characters, then words. */
type Statistics = ReadonlyArray<OrderStatistics>

const add = (a: OrderStatistics, b: OrderStatistics | undefined): OrderStatistics => ({
  candidate: a.candidate + (b?.candidate ?? 0),
  reference: a.reference + (b?.reference ?? 0),
  common: a.common + (b?.common ?? 0)
})

/** The statistics of the reference that gives the best score. */
const statisticsOf = (
  candidate: string,
  references: ReadonlyArray<string>,
  options: ChrfOptions | undefined
): Statistics | undefined => {
  const inCandidate = ngramCounts(candidate, options)
  const [first, ...more] = references.flatMap((reference) => {
    const inReference = ngramCounts(reference, options)
    return inReference[0] === undefined || inReference[0].size === 0 ? [] : [compare(inCandidate, inReference)]
  })
  return first === undefined ? undefined : bestBy([first, ...more], (each) => scoreOf(each, options).score)
}

const compare = (candidate: ReadonlyArray<Counts>, reference: ReadonlyArray<Counts>): Statistics =>
  candidate.map((inCandidate, i) => {
    const inReference = reference[i] ?? new Map<string, number>()
    return {
      // What the reference is too short for is held against nobody.
      candidate: inReference.size === 0 ? 0 : sum(inCandidate),
      reference: sum(inReference),
      common: overlap(inCandidate, inReference)
    }
  })

const sum = (counts: Counts): number => {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}

const scoreOf = (statistics: Statistics, options: ChrfOptions | undefined): Chrf => {
  const weight = (options?.beta ?? 2) ** 2
  const both = statistics.filter(({ candidate, reference }) => candidate > 0 && reference > 0)
  const mean = (part: (order: OrderStatistics) => number) =>
    both.length === 0 ? 0 : both.reduce((total, order) => total + part(order), 0) / both.length
  const precision = mean(({ candidate, common }) => common / candidate)
  const recall = mean(({ common, reference }) => common / reference)
  return {
    score: precision + recall === 0 ? 0 : (1 + weight) * precision * recall / (weight * precision + recall),
    precision,
    recall,
    orders: both.length
  }
}

const ngramCounts = (text: string, options: ChrfOptions | undefined): Array<Counts> => {
  const { characterOrder = 6, ignoreCase = false, whitespace = false, wordOrder = 0 } = options ?? {}
  requireOrder("characterOrder", characterOrder, 1)
  requireOrder("wordOrder", wordOrder, 0)
  const cased = ignoreCase ? text.toLowerCase() : text
  const characters = Array.from(whitespace ? cased : cased.replace(/\s+/g, ""))
  const words = wordOrder === 0 ? [] : splitAtSpaces(cased).flatMap(withoutPunctuation)
  return [
    ...Array.from({ length: characterOrder }, (_, i) => countOf(characterNgrams(characters, i + 1))),
    ...Array.from({ length: wordOrder }, (_, i) => countOf(ngramsOf(words, i + 1)))
  ]
}

const requireOrder = (name: string, order: number, least: number): void => {
  if (!Number.isInteger(order) || order < least) {
    throw new RangeError(`${name} is ${order}: it has to be a whole number from ${least}`)
  }
}

function* characterNgrams(characters: ReadonlyArray<string>, order: number) {
  for (let i = 0; i + order <= characters.length; i++) {
    let ngram = ""
    for (let j = i; j < i + order; j++) ngram += characters[j]
    yield ngram
  }
}

/** One mark of ASCII punctuation at the end, or else at the beginning, is a word of its own. */
const withoutPunctuation = (word: string): Array<string> => {
  const characters = Array.from(word)
  if (characters.length === 1) return [word]
  if (/[!-/:-@[-`{-~]$/.test(word)) return [word.slice(0, -1), word.slice(-1)]
  return /^[!-/:-@[-`{-~]/.test(word) ? [word.slice(0, 1), word.slice(1)] : [word]
}

const own: Own<ChrfOptions> = { beta: true, characterOrder: true, ignoreCase: true, whitespace: true, wordOrder: true }
