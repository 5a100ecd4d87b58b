/**
 * Ratings that move with every match.
 *
 * @since 0.1.0
 */
import { requireFinite, requirePositive, requireProbability } from "./internal/checks.ts"
import type { Match } from "./Matches.ts"

/**
 * The score (the probability to win, draws counting half) that a player can expect against another, from their Elo
 * ratings: `1 / (1 + 10^((second - first) / 400))`. Between 0 and 1. Source: A. E. Elo, "The Rating of Chessplayers, Past
 * and Present" (1978).
 *
 * **Example** (136 points ahead)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.eloExpectedScore(1613, 1477).toFixed(3)) // => 0.686
 * ```
 *
 * @category rating
 * @since 0.1.0
 */
export const eloExpectedScore = (first: number, second: number): number => {
  requireFinite("ratings", [first, second])
  return 1 / (1 + 10 ** ((second - first) / 400))
}

/**
 * Options of `eloRatings`.
 *
 * @category options
 * @since 0.1.0
 */
export interface EloOptions {
  /** How many points a match can move a rating at most. Default: 32. */
  readonly maximumChange?: number | undefined
  /** The rating that players begin with. Default: 1,000. */
  readonly initialRating?: number | undefined
}

/**
 * Elo ratings after a series of matches, in the order in which the players first appear: after each match, a rating
 * moves by `K (score - expected score)`, `K` being `maximumChange`. The mean rating stays what it was.
 *
 * The order of the matches matters, and the last ones matter most. Where all matches are known and players do not
 * change, `bradleyTerry` does better, and says how sure it is. Source: A. E. Elo, "The Rating of Chessplayers, Past and
 * Present" (1978).
 *
 * **Example** (Three matches)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const ratings = Statistics.eloRatings([["a", "b", 1], ["b", "c", 1], ["a", "c", 0.5]])
 * console.log(ratings.get("a")?.toFixed(1), ratings.get("b")?.toFixed(1)) // => 1014.5 1000.7
 * ```
 *
 * @category rating
 * @since 0.1.0
 */
export const eloRatings = (matches: Iterable<Match>, options?: EloOptions): Map<string, number> => {
  const maximumChange = options?.maximumChange ?? 32
  const initialRating = options?.initialRating ?? 1000
  requirePositive("maximumChange", maximumChange)
  requireFinite("initialRating", [initialRating])
  const ratings = new Map<string, number>()
  for (const [first, second, score] of matches) {
    requireProbability("the score of a match", score)
    if (first === second) throw new RangeError(`${JSON.stringify(first)} cannot play against itself`)
    const ratingOfFirst = ratings.get(first) ?? initialRating
    const ratingOfSecond = ratings.get(second) ?? initialRating
    const change = maximumChange * (score - eloExpectedScore(ratingOfFirst, ratingOfSecond))
    ratings.set(first, ratingOfFirst + change)
    ratings.set(second, ratingOfSecond - change)
  }
  return ratings
}
