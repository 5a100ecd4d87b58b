/** Counts of things and of rows of things. */
import type { Agreement } from "../TextTokens.ts"

export type Counts = ReadonlyMap<string, number>

export const countOf = (items: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

/** The n-grams of tokens that have no space in them. */
export const ngramsOf = (tokens: ReadonlyArray<string>, order: number): Array<string> => {
  if (order === 1) return Array.from(tokens)
  const ngrams: Array<string> = []
  for (let i = 0; i + order <= tokens.length; i++) ngrams.push(tokens.slice(i, i + order).join(" "))
  return ngrams
}

/** How many items two counts have in common, each as often as it is in both. */
export const overlap = (a: Counts, b: Counts): number => {
  let common = 0
  for (const [item, count] of a.size <= b.size ? a : b) {
    common += Math.min(count, (a.size <= b.size ? b : a).get(item) ?? 0)
  }
  return common
}

/** Of `common` out of `candidate` and out of `reference`; 0 where nothing is. */
export const agreementOf = (common: number, candidate: number, reference: number): Agreement => ({
  precision: candidate === 0 ? 0 : common / candidate,
  recall: reference === 0 ? 0 : common / reference,
  f1: candidate + reference === 0 ? 0 : 2 * common / (candidate + reference),
  common,
  candidate,
  reference
})

/** The first of the best ones. */
export const bestBy = <A>(items: readonly [A, ...Array<A>], score: (item: A) => number): A =>
  items.reduce((best, item) => score(item) > score(best) ? item : best)
