/**
 * How far is it from the reference, character by character?
 *
 * @since 0.1.0
 */
import { distance as unitDistance } from "fastest-levenshtein"
import type * as Evaluator from "../Evaluator.ts"
import { normalizationNames } from "./internal/normalizationNames.ts"
import { text } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { graphemes, isSimple } from "./internal/segments.ts"
import { counted, rounded } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"
import { type Normalization, normalizationOf, normalize } from "./TextNormalization.ts"

/**
 * The Levenshtein distance of two texts, and what follows from it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Levenshtein {
  /** The least number of graphemes that have to be put in, taken out or changed. */
  readonly distance: number
  /** The graphemes of the longer text. */
  readonly longer: number
  /** `1 - distance / longer`; 1 for two empty texts. */
  readonly similarity: number
}

// Two ways to write one letter are no edit to a reader.
const nfc = { unicode: "NFC" } as const

/**
 * The Levenshtein distance, in graphemes: an emoji or a letter with an accent counts as one, however it is written (NFC).
 * Takes O(n m / 32) for texts of n and m graphemes, and memory in proportion to them. Texts that have more than 65,000
 * different graphemes in common throw a `RangeError`.
 *
 * Source: V. I. Levenshtein, "Binary Codes Capable of Correcting Deletions, Insertions, and Reversals" (1966); computed as
 * in G. Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching" (1999), by `fastest-levenshtein`.
 *
 * **Example** (Three edits)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.levenshteinOf("kitten", "sitting").distance, Text.levenshteinOf("👍🏽", "👎🏽").distance) // => 3 1
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const levenshteinOf = (actual: string, expected: string, options?: Normalization): Levenshtein => {
  const normalization = options === undefined ? nfc : normalizationOf(options, nfc)
  const a = normalize(actual, normalization)
  const b = normalize(expected, normalization)
  if (isSimple(a) && isSimple(b)) return resultOf(unitDistanceBetween(a, b), a.length, b.length)
  const inA = graphemes(a)
  const inB = graphemes(b)
  return resultOf(distanceOf(inA, inB), inA.length, inB.length)
}

/** What both begin and end with costs nothing, and answers that are nearly right share most of what they are. */
const unitDistanceBetween = (a: string, b: string): number => {
  if (a === b) return 0
  let start = 0
  let endA = a.length
  let endB = b.length
  while (start < endA && start < endB && a.charCodeAt(start) === b.charCodeAt(start)) start++
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA--
    endB--
  }
  if (start === endA || start === endB) return Math.max(endA, endB) - start
  return unitDistance(a.slice(start, endA), b.slice(start, endB))
}

const resultOf = (distance: number, a: number, b: number): Levenshtein => {
  const longer = Math.max(a, b)
  return { distance, longer, similarity: longer === 0 ? 1 : 1 - distance / longer }
}

/**
 * The library compares UTF-16 units, so each grapheme gets a unit of its own. Only those that are in both texts can match;
 * the others share one unit for each text.
 */
const distanceOf = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  const inB = new Set(b)
  const units = new Map<string, string>()
  for (const grapheme of a) {
    if (inB.has(grapheme) && !units.has(grapheme)) units.set(grapheme, String.fromCharCode(units.size + 2))
  }
  if (units.size > 65_000) throw new RangeError("the texts have more than 65,000 different graphemes in common")
  return unitDistanceBetween(
    a.map((grapheme) => units.get(grapheme) ?? "\0").join(""),
    b.map((grapheme) => units.get(grapheme) ?? "\x01").join("")
  )
}

/**
 * How similar the outputs are to the reference, by Levenshtein distance: `1 - distance / longer`, in graphemes, 1 for two
 * empty texts. With `within`, whether the distance is at most so many. See `levenshteinOf`.
 *
 * Score: between 0 and 1; `true` or `false` with `within`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const levenshtein = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization & {
    /** The largest distance that will do. Default: the score is the similarity. */
    readonly within?: number | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = normalizationOf(options, nfc)
  const within = options?.within
  return pair(
    {
      name: "levenshtein",
      own: { ...normalizationNames, within: true },
      config: { ...config, within },
      feedbackConfig: within === undefined ? share : undefined
    },
    options,
    { actual: text, expected: text },
    (actual, expected) => {
      const { distance, longer, similarity } = levenshteinOf(actual, expected, config)
      return within === undefined
        ? {
          score: similarity,
          comment: longer === 0 ? "both are empty" : `1 - ${distance}/${longer}: ${counted(distance, "edit")}`
        }
        : { score: distance <= within, comment: `${counted(distance, "edit")}, at most ${within} will do` }
    }
  )
}

/**
 * Options of Jaro and Winkler's similarity.
 *
 * @category options
 * @since 0.1.0
 */
export interface JaroWinklerOptions {
  /** How much each grapheme of a common start adds; 0 gives Jaro's similarity. At most 0.25. Default: 0.1. */
  readonly prefixWeight?: number | undefined
  /** A common start counts for texts whose Jaro similarity is above this. Default: 0.7, as in Winkler's program. */
  readonly boostAbove?: number | undefined
}

/**
 * Jaro and Winkler's similarity of two texts, and what it is made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface JaroWinkler {
  readonly similarity: number
  /** The similarity without the common start. */
  readonly jaro: number
  /** Graphemes that are in both texts, no further apart than half the longer text. */
  readonly matches: number
  /** Half the number of matches that are in another order. */
  readonly transpositions: number
  /** The graphemes of the common start that count, at most 4. */
  readonly prefix: number
}

/**
 * Jaro and Winkler's similarity, for names and other short texts, in graphemes (NFC). With `m` matches no further apart
 * than `floor(longer / 2) - 1`, and `t` transpositions, Jaro's is `(m / |a| + m / |b| + (m - t) / m) / 3`; Winkler's adds
 * `prefix * prefixWeight * (1 - jaro)`. 1 for two empty texts, 0 if only one is empty. Takes O(n + m).
 *
 * Sources: M. A. Jaro, "Advances in Record-Linkage Methodology as Applied to Matching the 1985 Census of Tampa, Florida"
 * (1989); W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record
 * Linkage" (1990).
 *
 * **Example** (Winkler's own)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.jaroWinklerOf("MARTHA", "MARHTA").similarity.toFixed(3)) // => 0.961
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const jaroWinklerOf = (
  actual: string,
  expected: string,
  options?: JaroWinklerOptions & Normalization
): JaroWinkler => {
  const { boostAbove = 0.7, prefixWeight = 0.1 } = options ?? {}
  if (!(prefixWeight >= 0 && prefixWeight <= 0.25)) {
    throw new RangeError(`prefixWeight is ${prefixWeight}: it has to lie between 0 and 0.25`)
  }
  const normalization = options === undefined ? nfc : normalizationOf(options, nfc)
  const a = graphemes(normalize(actual, normalization))
  const b = graphemes(normalize(expected, normalization))
  const { inA, inB } = matchesOf(a, b)
  const matches = inA.length
  const transpositions = inA.filter((grapheme, i) => grapheme !== inB[i]).length / 2
  const jaro = a.length === 0 && b.length === 0
    ? 1
    : matches === 0
    ? 0
    : (matches / a.length + matches / b.length + (matches - transpositions) / matches) / 3
  const prefix = jaro > boostAbove ? commonStart(a, b) : 0
  return { similarity: jaro + prefix * prefixWeight * (1 - jaro), jaro, matches, transpositions, prefix }
}

const longestPrefix = 4

const commonStart = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  const differs = a.findIndex((grapheme, i) => i === longestPrefix || grapheme !== b[i])
  return differs === -1 ? Math.min(longestPrefix, a.length) : differs
}

/**
 * What matches, in the order of each text. A grapheme of `a` takes the first free equal one of `b` that is not too far
 * away; the places of each grapheme in `b` are a queue, since what is too far behind now stays so.
 */
const matchesOf = (a: ReadonlyArray<string>, b: ReadonlyArray<string>) => {
  const window = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1)
  const places = new Map<string, { readonly at: Array<number>; next: number }>()
  b.forEach((grapheme, i) => {
    const known = places.get(grapheme)
    if (known === undefined) places.set(grapheme, { at: [i], next: 0 })
    else known.at.push(i)
  })
  const inA: Array<string> = []
  const taken: Array<number> = []
  a.forEach((grapheme, i) => {
    const queue = places.get(grapheme)
    if (queue === undefined) return
    let place = queue.at[queue.next]
    while (place !== undefined && place < i - window) place = queue.at[++queue.next]
    if (place === undefined || place > i + window) return
    queue.next++
    inA.push(grapheme)
    taken.push(place)
  })
  return { inA, inB: taken.sort((x, y) => x - y).map((place) => b[place]) }
}

/**
 * How similar the outputs are to the reference, by Jaro and Winkler. See `jaroWinklerOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const jaroWinkler = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization & JaroWinklerOptions
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = {
    ...normalizationOf(options, nfc),
    prefixWeight: options?.prefixWeight,
    boostAbove: options?.boostAbove
  }
  return pair(
    {
      name: "jaroWinkler",
      own: { ...normalizationNames, boostAbove: true, prefixWeight: true },
      config,
      feedbackConfig: share
    },
    options,
    { actual: text, expected: text },
    (actual, expected) => {
      const { jaro, matches, prefix, similarity, transpositions } = jaroWinklerOf(actual, expected, config)
      return {
        score: similarity,
        comment: `${counted(matches, "match", "matches")}, ${counted(transpositions, "transposition")}, ` +
          `Jaro ${rounded(jaro)}, common start ${prefix}`
      }
    }
  )
}
