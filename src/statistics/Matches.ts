/**
 * Who won against whom.
 *
 * @since 0.1.0
 */
import { requireProbability } from "./internal/checks.ts"

/**
 * One comparison of two players (systems, prompts, models): the first, the second, and the first one's score, 1 for a
 * win, 0 for a loss, 0.5 for a draw.
 *
 * @category models
 * @since 0.1.0
 */
export type Match = readonly [first: string, second: string, score: number]

/**
 * Matches counted up.
 *
 * @category models
 * @since 0.1.0
 */
export interface WinTable {
  /** In the order in which they first appear. */
  readonly players: ReadonlyArray<string>
  /** `wins[i][j]` is how often player `i` won against player `j`; draws count one half for each. */
  readonly wins: ReadonlyArray<ReadonlyArray<number>>
}

/**
 * Counts who won how often against whom, as `bradleyTerry` takes it. A match of a player against itself throws a
 * `RangeError`.
 *
 * **Example** (Three matches)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const { players, wins } = Statistics.winTable([["a", "b", 1], ["b", "a", 0.5], ["a", "b", 0]])
 * console.log(players, wins) // => [ 'a', 'b' ] [ [ 0, 1.5 ], [ 1.5, 0 ] ]
 * ```
 *
 * @category rating
 * @since 0.1.0
 */
export const winTable = (matches: Iterable<Match>): WinTable => {
  const indexes = new Map<string, number>()
  const wins: Array<Array<number>> = []
  const indexOf = (player: string): number => {
    let index = indexes.get(player)
    if (index === undefined) {
      index = indexes.size
      indexes.set(player, index)
      for (const row of wins) row.push(0)
      wins.push(new Array<number>(index + 1).fill(0))
    }
    return index
  }
  for (const [first, second, score] of matches) {
    requireProbability("the score of a match", score)
    if (first === second) throw new RangeError(`${JSON.stringify(first)} cannot play against itself`)
    const i = indexOf(first)
    const j = indexOf(second)
    wins[i]![j]! += score
    wins[j]![i]! += 1 - score
  }
  return { players: Array.from(indexes.keys()), wins }
}
