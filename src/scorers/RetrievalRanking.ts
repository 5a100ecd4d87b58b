/**
 * How good a ranked list is.
 *
 * @since 0.1.0
 */
import {
  normalizedDiscountedCumulativeGain,
  rankedAveragePrecision,
  reciprocalRank as reciprocalRankOfList
} from "../statistics/Retrieval.ts"
import { placesOf } from "./internal/places.ts"

/**
 * What names a document.
 *
 * @category models
 * @since 0.1.0
 */
export type Id = string | number

/**
 * A ranked list, held against what is relevant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ranking {
  /** The relevance of each result, best ranked first; 0 for one that is not relevant. */
  readonly grades: ReadonlyArray<number>
  /** The relevance of everything that is relevant, found or not, in any order. */
  readonly ideal: ReadonlyArray<number>
  /** Whether `ideal` is all that is relevant, or only what was retrieved, for want of knowing more. */
  readonly complete: boolean
}

/**
 * A ranking from the ids of the results and those of what is relevant, or their relevance by id. An id that comes a second
 * time is a wasted place: it is not relevant any more. Ids are compared as texts, so `7` is `"7"`, as in the keys of an
 * object.
 *
 * `relevantFrom` is the least grade that is relevant; lower ones count as 0. Default: anything above 0. Grades that are
 * negative or not finite throw a `RangeError`.
 *
 * **Example** (With grades)
 *
 * ```ts
 * import { Retrieval } from "effect-evals/scorers"
 *
 * console.log(Retrieval.rankingOf(["a", "x", "b"], { a: 2, b: 1, c: 3 }))
 * // => { grades: [ 2, 0, 1 ], ideal: [ 2, 1, 3 ], complete: true }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const rankingOf = (
  retrieved: ReadonlyArray<Id>,
  relevant: ReadonlyArray<Id> | ReadonlyMap<Id, number> | { readonly [id: string]: number },
  options?: { readonly relevantFrom?: number | undefined }
): Ranking => {
  const grades = new Map(
    gradesOf(relevant).map(([id, grade]) => [String(id), relevance(grade, options?.relevantFrom)] as const)
      .filter(([, grade]) => grade > 0)
  )
  const seen = new Set<string>()
  return {
    grades: retrieved.map((each) => {
      const id = String(each)
      const grade = seen.has(id) ? 0 : grades.get(id) ?? 0
      seen.add(id)
      return grade
    }),
    ideal: Array.from(grades.values()),
    complete: true
  }
}

/** A set gives each of its ids the grade 1. */
const gradesOf = (
  relevant: ReadonlyArray<Id> | ReadonlyMap<Id, number> | { readonly [id: string]: number }
): Array<readonly [Id, number]> => {
  // `Array.isArray` does not know readonly arrays.
  if (Array.isArray(relevant)) return (relevant as ReadonlyArray<Id>).map((id) => [id, 1] as const)
  return relevant instanceof Map ? Array.from(relevant as ReadonlyMap<Id, number>) : Object.entries(relevant)
}

/**
 * A ranking from the relevance of each result, where that is all that is known: what was not retrieved is not in it, so a
 * recall is that among the results. `all` are the grades of everything, if they are known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rankingOfGrades = (
  grades: ReadonlyArray<number | boolean>,
  options?: {
    readonly all?: ReadonlyArray<number | boolean> | undefined
    readonly relevantFrom?: number | undefined
  }
): Ranking => {
  const relevances = (list: ReadonlyArray<number | boolean>) =>
    list.map((grade) => relevance(Number(grade), options?.relevantFrom))
  return {
    grades: relevances(grades),
    ideal: relevances(options?.all ?? grades).filter((grade) => grade > 0),
    complete: options?.all !== undefined
  }
}

const relevance = (grade: number, relevantFrom: number | undefined): number => {
  if (!Number.isFinite(grade) || grade < 0) throw new RangeError(`a grade is ${grade}, not a finite number from 0`)
  return relevantFrom !== undefined && grade < relevantFrom ? 0 : grade
}

/**
 * Options of the measures that look at the first results only.
 *
 * @category options
 * @since 0.1.0
 */
export interface CutoffOptions {
  /** How many of the results count. Default: all. */
  readonly k?: number | undefined
}

/**
 * Options of precision at k.
 *
 * @category options
 * @since 0.1.0
 */
export interface PrecisionOptions extends CutoffOptions {
  /**
   * What a list of fewer than `k` results is divided by: `k`, as in TREC's program, so that missing results count as wrong
   * ones (`"k"`), or the results there are (`"retrieved"`). Default: `"k"`.
   */
  readonly shortLists?: "k" | "retrieved" | undefined
}

const firstOf = ({ grades }: Ranking, k: number | undefined): ReadonlyArray<number> => {
  if (k !== undefined && (!Number.isInteger(k) || k < 1)) {
    throw new RangeError(`k is ${k}: it has to be a whole number from 1`)
  }
  return k === undefined ? grades : grades.slice(0, k)
}

/**
 * How many of the first `k` results are relevant.
 *
 * @category measures
 * @since 0.1.0
 */
export const foundIn = (ranking: Ranking, options?: CutoffOptions): number =>
  firstOf(ranking, options?.k).filter((grade) => grade > 0).length

/**
 * Whether there is a relevant one among the first `k` results; `undefined` where it is known that nothing is relevant.
 *
 * @category measures
 * @since 0.1.0
 */
export const isHit = (ranking: Ranking, options?: CutoffOptions): boolean | undefined => {
  const found = foundIn(ranking, options)
  return nothingToFind(ranking) ? undefined : found > 0
}

const nothingToFind = ({ complete, ideal }: Ranking): boolean => complete && ideal.length === 0

/**
 * Precision at k: the share of the first `k` results that are relevant. `undefined` for no results, unless there should have
 * been `k`.
 *
 * **Example** (Two of the first three)
 *
 * ```ts
 * import { Retrieval } from "effect-evals/scorers"
 *
 * const ranking = Retrieval.rankingOf(["a", "x", "b", "y"], ["a", "b", "c"])
 * console.log(Retrieval.precisionOf(ranking, { k: 3 })?.toFixed(3), Retrieval.recallOf(ranking)?.toFixed(3)) // => 0.667 0.667
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const precisionOf = (ranking: Ranking, options?: PrecisionOptions): number | undefined => {
  const found = foundIn(ranking, options)
  const places = placesOf(ranking, options)
  return places === 0 ? undefined : found / places
}

/**
 * Recall at k: the share of all that is relevant that is among the first `k` results. `undefined` where nothing is relevant.
 *
 * @category measures
 * @since 0.1.0
 */
export const recallOf = (ranking: Ranking, options?: CutoffOptions): number | undefined => {
  const found = foundIn(ranking, options)
  return ranking.ideal.length === 0 ? undefined : found / ranking.ideal.length
}

/**
 * F1 at k: the harmonic mean of precision and recall, `2 found / (places + relevant)`. `undefined` where nothing is
 * relevant.
 *
 * @category measures
 * @since 0.1.0
 */
export const f1Of = (ranking: Ranking, options?: PrecisionOptions): number | undefined => {
  const found = foundIn(ranking, options)
  return ranking.ideal.length === 0 ? undefined : 2 * found / (placesOf(ranking, options) + ranking.ideal.length)
}

/**
 * The reciprocal rank of the first relevant result among the first `k`, 0 if none is; `undefined` where it is known that nothing is relevant.
 * Its mean is the mean reciprocal rank (MRR). See `reciprocalRank` of `effect-evals/statistics`.
 *
 * @category measures
 * @since 0.1.0
 */
export const reciprocalRankOf = (ranking: Ranking, options?: CutoffOptions): number | undefined => {
  const relevant = firstOf(ranking, options?.k).map((grade) => grade > 0)
  return nothingToFind(ranking) ? undefined : reciprocalRankOfList(relevant)
}

/**
 * The average precision of the first `k` results: the precision at each relevant one, summed up and divided by all that is
 * relevant, or by `k` if that is less. `undefined` where nothing is relevant. Its mean is the mean average precision (MAP).
 * See `rankedAveragePrecision` of `effect-evals/statistics`.
 *
 * @category measures
 * @since 0.1.0
 */
export const averagePrecisionOf = (ranking: Ranking, options?: CutoffOptions): number | undefined => {
  const relevant = firstOf(ranking, options?.k).map((grade) => grade > 0)
  const possible = Math.min(ranking.ideal.length, options?.k ?? Infinity)
  return rankedAveragePrecision(relevant, { totalRelevant: possible })
}

/**
 * Options of nDCG.
 *
 * @category options
 * @since 0.1.0
 */
export interface GainOptions extends CutoffOptions {
  /** What a result of relevance `r` is worth: `r` (`"linear"`), or `2^r - 1` (`"exponential"`). Default: `"linear"`. */
  readonly gain?: "linear" | "exponential" | undefined
}

/**
 * nDCG at k: the discounted cumulative gain of the first `k` results over that of the best order of everything relevant,
 * found or not. `undefined` where nothing is relevant. See `normalizedDiscountedCumulativeGain` of
 * `effect-evals/statistics`.
 *
 * **Example** (Both gains)
 *
 * ```ts
 * import { Retrieval } from "effect-evals/scorers"
 *
 * const ranking = Retrieval.rankingOfGrades([3, 2, 3, 0, 1, 2])
 * console.log(Retrieval.ndcgOf(ranking)?.toFixed(3)) // => 0.961
 * console.log(Retrieval.ndcgOf(ranking, { gain: "exponential" })?.toFixed(3)) // => 0.949
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const ndcgOf = (ranking: Ranking, options?: GainOptions): number | undefined => {
  const { ideal } = ranking
  const places = options?.k ?? Math.max(ranking.grades.length, ideal.length)
  // With empty places at the end, the best order may be longer than the list.
  const grades = [...firstOf(ranking, options?.k), ...new Array<number>(ideal.length).fill(0)]
  return normalizedDiscountedCumulativeGain(grades, { ideal, limit: places, gain: options?.gain })
}
