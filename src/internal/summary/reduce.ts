/** Repetitions of an example, reduced to one score. */
import { majorityVote } from "../../statistics/MajorityVote.ts"
import { mean } from "../../statistics/Moments.ts"
import { passAtK, passHatK } from "../../statistics/PassAtK.ts"
import { percentile } from "../../statistics/Percentiles.ts"
import type * as Summary from "../../Summary.ts"

/** Makes one score of those of an example's repetitions; `undefined` where there is none. */
export type Reduce = (scores: ReadonlyArray<number>) => number | undefined

/** From so many scores on counting them takes less than comparing each with each. */
const many = 16

/** The score that came most often; none if several did. */
const mostVotes: Reduce = (scores) => {
  if (scores.length >= many) return majorityVote(scores).winner
  let winner: number | undefined
  let most = 0
  for (const score of scores) {
    if (score === winner) continue
    let votes = 0
    for (const other of scores) if (other === score) votes++
    if (votes > most) {
      most = votes
      winner = score
    } else if (votes === most) winner = undefined
  }
  return winner
}

/** The best of the scores. */
const best: Reduce = (scores) =>
  scores.length === 0 ? undefined : scores.reduce((best, score) => Math.max(best, score), Number.NEGATIVE_INFINITY)

/** The function that a reducer names. */
export const reduceBy = (reducer: Summary.Reducer, passingScore: number): Reduce => {
  switch (reducer) {
    case "mean":
      return mean
    case "median":
      return (scores) => percentile(scores, 0.5)
    case "mode":
      return mostVotes
    case "max":
      return best
  }
  const passed = (scores: ReadonlyArray<number>) => scores.filter((score) => score >= passingScore).length
  const isEstimate = reducer.startsWith("pass")
  const k = Number(reducer.slice(isEstimate ? "pass@".length : "at-least-".length))
  if (!isEstimate) return (scores) => scores.length < k ? undefined : Number(passed(scores) >= k)
  const estimate = reducer.startsWith("pass@") ? passAtK : passHatK
  return (scores) => estimate(scores.length, passed(scores), k)
}

/** What to say about so many repetitions when nobody has asked for anything. */
export const defaultReducers = (repetitions: number): ReadonlyArray<Summary.Reducer> =>
  repetitions < 2 ? [] : [
    "mean",
    "median",
    "mode",
    "max",
    `at-least-${Math.floor(repetitions / 2) + 1}`,
    "pass@1",
    `pass@${repetitions}`,
    `pass^${repetitions}`
  ]
