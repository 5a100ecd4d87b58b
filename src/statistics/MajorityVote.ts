/**
 * What most of several answers say.
 *
 * @since 0.1.0
 */

/**
 * The outcome of a vote.
 *
 * @category models
 * @since 0.1.0
 */
export interface MajorityVote<A> {
  /** The answer with the most votes; `undefined` if several have as many, or if there is no answer at all. */
  readonly winner: A | undefined
  /** The answers with the most votes, in the order in which they first came: one, unless there is a tie. */
  readonly leaders: ReadonlyArray<A>
  /** How many votes each of them has. */
  readonly votes: number
  /** How many answers there are. */
  readonly answers: number
}

/**
 * The most frequent answer (self-consistency: X. Wang et al., "Self-Consistency Improves Chain of Thought Reasoning in
 * Language Models", 2022). Answers are the same if `===` says so, NaN included; normalise texts first.
 *
 * The most votes need not be more than half of them: divide `votes` by `answers`. A tie has no winner, which is for you
 * to decide: `leaders[0]` is what came first.
 *
 * **Example** (Five answers)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const vote = Statistics.majorityVote(["18", "20", "18", "18", "26"])
 * console.log(vote.winner, vote.votes, vote.answers) // => 18 3 5
 * console.log(Statistics.majorityVote(["yes", "no"]).leaders) // => [ 'yes', 'no' ]
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const majorityVote = <A>(answers: Iterable<A>): MajorityVote<A> => {
  const counts = new Map<A, number>()
  let total = 0
  for (const answer of answers) {
    counts.set(answer, (counts.get(answer) ?? 0) + 1)
    total++
  }
  let votes = 0
  for (const count of counts.values()) votes = Math.max(votes, count)
  const leaders = Array.from(counts).filter(([, count]) => count === votes).map(([answer]) => answer)
  return { winner: leaders.length === 1 ? leaders[0] : undefined, leaders, votes, answers: total }
}
