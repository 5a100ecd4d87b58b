/**
 * Ratings from who won against whom, with how sure they are.
 *
 * @since 0.1.0
 */
import { fitBradleyTerry } from "./internal/bradleyTerryFit.ts"
import {
  requireFinite,
  requireLevel,
  requireNonNegative,
  requirePositive,
  requireSameLength
} from "./internal/checks.ts"
import type { LevelOptions } from "./Interval.ts"
import type { WinTable } from "./Matches.ts"
import { normalQuantile } from "./Normal.ts"

/**
 * Options of `bradleyTerry`.
 *
 * @category options
 * @since 0.1.0
 */
export interface BradleyTerryOptions extends LevelOptions {
  /** The mean of all ratings. Default: 0. */
  readonly mean?: number | undefined
  /** How much a rating grows for odds to win that are `e` times as good. Default: 1, so that ratings are log odds. */
  readonly pointsPerLogOdds?: number | undefined
}

/**
 * The options that put ratings on the scale of Elo: 1,000 on average, and 400 points more for odds to win that are ten
 * times as good.
 *
 * **Example** (Three wins, one loss)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const table = { players: ["a", "b"], wins: [[0, 3], [1, 0]] }
 * const { ratings } = Statistics.bradleyTerry(table, Statistics.eloScale)
 * console.log(ratings?.map(({ player, rating }) => `${player} ${rating.toFixed(1)}`)) // => [ 'a 1095.4', 'b 904.6' ]
 * ```
 *
 * @category rating
 * @since 0.1.0
 */
export const eloScale = { mean: 1000, pointsPerLogOdds: 400 / Math.LN10 } as const

/**
 * The rating of one player.
 *
 * @category models
 * @since 0.1.0
 */
export interface BradleyTerryRating {
  readonly player: string
  readonly rating: number
  /** Of the rating against the mean of all. */
  readonly standardError: number
  readonly lower: number
  readonly upper: number
}

/**
 * Ratings, or why there are none.
 *
 * @category models
 * @since 0.1.0
 */
export type BradleyTerry =
  | {
    readonly level: number
    /** In the order of the table. */
    readonly ratings: ReadonlyArray<BradleyTerryRating>
    readonly reason?: undefined
  }
  | {
    readonly level: number
    readonly ratings: undefined
    /** Why there are no ratings. */
    readonly reason: string
  }

/**
 * The ratings under which the matches are most probable, if player `i` wins against `j` with the probability
 * `1 / (1 + e^(r_j - r_i))`; draws count as one half of a win for each. By default the ratings are natural log odds with
 * mean 0; `eloScale` puts them on the scale of Elo.
 *
 * The likelihood is maximised by Newton's method. The intervals are `rating -+ z * standardError` with the standard
 * errors from the inverse of the Fisher information, so they are good for many matches. They say how far a rating is
 * from the mean of all; two overlapping ones may well differ.
 *
 * There is no maximum, hence no rating, unless every player has won, over however many others, against every other:
 * whoever never lost would be infinitely good. `reason` names the players that it fails for; it also says so where the
 * numbers are too large to compute with. Sources: R. A. Bradley and M. E. Terry, "Rank Analysis of Incomplete
 * Block Designs" (1952); L. R. Ford, "Solution of a Ranking Problem from Binary Comparisons" (1957), for the condition.
 *
 * **Example** (Three systems)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const table = { players: ["a", "b", "c"], wins: [[0, 2.5, 3], [1.5, 0, 2], [1, 2, 0]] }
 * const { ratings } = Statistics.bradleyTerry(table)
 * console.log(ratings?.map(({ rating }) => rating.toFixed(3))) // => [ '0.527', '-0.176', '-0.351' ]
 * const unbeaten = { players: ["a", "b"], wins: [[0, 3], [0, 0]] }
 * console.log(Statistics.bradleyTerry(unbeaten).reason) // => none of "b" ever won against any of "a"
 * ```
 *
 * @category rating
 * @since 0.1.0
 */
export const bradleyTerry = (table: WinTable, options?: BradleyTerryOptions): BradleyTerry => {
  const level = options?.level ?? 0.95
  const mean = options?.mean ?? 0
  const unit = options?.pointsPerLogOdds ?? 1
  requireLevel(level)
  requireFinite("mean", [mean])
  requirePositive("pointsPerLogOdds", unit)
  requireTable(table)
  const reason = unrated(table)
  if (reason !== undefined) return { level, ratings: undefined, reason }
  const { strengths, variances } = fitBradleyTerry(table.wins)
  const z = normalQuantile((1 + level) / 2)
  const ratings = table.players.map((player, i) => {
    const rating = mean + unit * strengths[i]!
    const standardError = unit * Math.sqrt(variances[i]!)
    return { player, rating, standardError, lower: rating - z * standardError, upper: rating + z * standardError }
  })
  return ratings.every(({ lower, upper }) => Number.isFinite(lower) && Number.isFinite(upper))
    ? { level, ratings }
    : { level, ratings: undefined, reason: "the wins, or the scale of the ratings, are too large to compute with" }
}

const requireTable = ({ players, wins }: WinTable): void => {
  requireSameLength("players", players, "wins", wins)
  for (let i = 0; i < wins.length; i++) {
    requireSameLength("players", players, `wins[${i}]`, wins[i]!)
    for (let j = 0; j < wins.length; j++) {
      const count = wins[i]![j]!
      requireNonNegative(`wins[${i}][${j}]`, count)
      if (i === j && count > 0) throw new RangeError(`wins[${i}][${i}] is ${count}: no player plays against itself`)
    }
  }
}

/** Why the likelihood has no maximum, if it has none: some players won against others and never lost to any of them. */
const unrated = ({ players, wins }: WinTable): string | undefined => {
  if (players.length < 2) return "ratings need at least two players"
  const beaten = reachable(players.length, (i, j) => wins[i]![j]! > 0)
  const beating = reachable(players.length, (i, j) => wins[j]![i]! > 0)
  const named = (indexes: ReadonlyArray<boolean>, wanted: boolean): string => {
    const names = players.filter((_, i) => indexes[i] === wanted).map((player) => JSON.stringify(player))
    return names.length <= 5 ? names.join(", ") : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`
  }
  if (beaten.includes(false)) return `none of ${named(beaten, true)} ever won against any of ${named(beaten, false)}`
  if (beating.includes(false)) return `none of ${named(beating, false)} ever won against any of ${named(beating, true)}`
  return undefined
}

/** Which of the players can be reached from the first one, step by step. */
const reachable = (count: number, isStep: (from: number, to: number) => boolean): ReadonlyArray<boolean> => {
  const reached = new Array<boolean>(count).fill(false)
  reached[0] = true
  const open = [0]
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (let to = 0; to < count; to++) {
      if (reached[to] === true || !isStep(from, to)) continue
      reached[to] = true
      open.push(to)
    }
  }
  return reached
}
