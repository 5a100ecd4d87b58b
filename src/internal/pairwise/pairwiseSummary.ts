/**
 * What pairwise judgements add up to. Distribution functions take a while to load: import this when there is something to
 * sum up, not before.
 */
import type {
  Judgement,
  PairSummary,
  PairwiseExperiment,
  PairwiseRow,
  PairwiseSummary,
  PositionBias,
  Standing
} from "../../PairwiseEvaluation.ts"
import * as Run from "../../Run.ts"
import { bradleyTerry, eloScale } from "../../statistics/BradleyTerry.ts"
import { holm } from "../../statistics/MultipleComparisons.ts"
import { RunningMoments } from "../../statistics/RunningMoments.ts"
import { signTest } from "../../statistics/SignTest.ts"
import type { OutcomeCounts } from "../../Summary.ts"
import { ClusterSums } from "../summary/clusterSums.ts"
import { intervalOf } from "../summary/estimates.ts"

type Presentation = PairwiseExperiment["presentation"]

/** The summaries by key. Where two evaluators give the same key, the second one's stands as `evaluator.key`. */
export const summarizePairs = (
  names: ReadonlyArray<string>,
  rows: ReadonlyArray<PairwiseRow>,
  presentation: Presentation,
  level: number
): PairwiseExperiment["keys"] => {
  const summaries = new Map<string, PairwiseSummary>()
  for (const evaluator of new Set(rows.flatMap(({ judgements }) => judgements.map(({ evaluator }) => evaluator)))) {
    const looks = rows.map((row) => ({
      row,
      judgements: row.judgements.filter((judgement) => judgement.evaluator === evaluator)
    }))
    const keys = new Set(
      looks.flatMap(({ judgements }) => judgements.flatMap(({ results }) => results.map(({ key }) => key)))
    )
    for (const key of keys.size === 0 ? [evaluator] : keys) {
      let name = key
      while (summaries.has(name)) name = `${evaluator}.${name}`
      summaries.set(name, summaryOf(key, evaluator, names, looks, presentation, level))
    }
  }
  return withAdjusted(summaries)
}

/** What one evaluator said about a row: once, or twice with the order reversed. */
interface Look {
  readonly row: PairwiseRow
  readonly judgements: ReadonlyArray<Judgement>
}

const summaryOf = (
  key: string,
  evaluator: string,
  names: ReadonlyArray<string>,
  looks: ReadonlyArray<Look>,
  presentation: Presentation,
  level: number
): PairwiseSummary => {
  const outcomes = { scored: 0, skipped: 0, failed: 0, timedOut: 0, cancelled: 0 }
  const contests: Array<Contest> = []
  for (const { judgements, row } of looks) {
    const scores = judgements.map((judgement) => scoresOf(judgement, key, row))
    outcomes[outcomeOf(judgements, scores)]++
    const complete = scores.filter((scores) => scores !== undefined)
    contests.push({
      row,
      scores: complete.length === judgements.length ? complete : [],
      orders: judgements.map(({ order }) => order)
    })
  }
  const pairs = names.flatMap((baseline, i) =>
    names.slice(i + 1).map((candidate, j) =>
      pairOf({ baseline, candidate }, i, i + 1 + j, contests, presentation.failedRuns, level)
    )
  )
  return {
    key,
    evaluator,
    outcomes,
    pairs,
    ...standingsOf(names, pairs, level),
    ...(presentation.order === "given" ? {} : { positionBias: positionBiasOf(contests, names.length) })
  }
}

/** A row and, if every look at it is scored, the scores of each look by experiment. */
interface Contest {
  readonly row: PairwiseRow
  readonly scores: ReadonlyArray<ReadonlyArray<number | undefined>>
  readonly orders: ReadonlyArray<ReadonlyArray<number>>
}

/** The scores of one look by experiment; `undefined` if it has none under the key. */
const scoresOf = (
  { outcome, results }: Judgement,
  key: string,
  { runs }: PairwiseRow
): ReadonlyArray<number | undefined> | undefined => {
  const result = outcome._tag === "Scored" ? results.find((result) => result.key === key) : undefined
  return result === undefined ? undefined : runs.map(({ id }) => {
    const score = result.scores[id]
    return score === undefined ? undefined : Number(score)
  })
}

/** How a row came out, which is scored if every look at it is. */
const outcomeOf = (
  judgements: ReadonlyArray<Judgement>,
  scores: ReadonlyArray<ReadonlyArray<number | undefined> | undefined>
): keyof OutcomeCounts => {
  const tags = judgements.map(({ outcome }) => outcome._tag)
  if (tags.includes("Failed")) return "failed"
  if (tags.includes("TimedOut")) return "timedOut"
  if (tags.includes("Cancelled")) return "cancelled"
  return tags.includes("Skipped") || tags.length === 0 || scores.includes(undefined) ? "skipped" : "scored"
}

const average = (scores: ReadonlyArray<number | undefined>): number | undefined =>
  scores.length === 0 || scores.includes(undefined)
    ? undefined
    : scores.reduce<number>((sum, score) => sum + (score ?? 0), 0) / scores.length

/** How often the one at the second place won against the one at the first. */
const pairOf = (
  named: Pick<PairSummary, "baseline" | "candidate">,
  baseline: number,
  candidate: number,
  rows: ReadonlyArray<Contest>,
  failedRuns: Presentation["failedRuns"],
  level: number
): PairSummary => {
  const counts = { wins: 0, losses: 0, ties: 0, byFailure: 0 }
  const moments = new RunningMoments()
  const byExample = new Map<string, Array<number>>()
  for (const { row, scores } of rows) {
    const before = average(scores.map((look) => look[baseline]))
    const after = average(scores.map((look) => look[candidate]))
    const failures = failedRuns === "lose" ? [baseline, candidate].map((place) => hasFailed(row.runs[place])) : []
    const byFailure = failures[0] !== failures[1]
    const score = byFailure
      ? failures[0] === true ? 1 : 0
      : before === undefined || after === undefined
      ? undefined
      : after > before
      ? 1
      : after < before
      ? 0
      : 0.5
    if (score === undefined) continue
    counts[score === 1 ? "wins" : score === 0 ? "losses" : "ties"]++
    if (byFailure) counts.byFailure++
    moments.add(score)
    const ofExample = byExample.get(row.example.id)
    if (ofExample === undefined) byExample.set(row.example.id, [score])
    else ofExample.push(score)
  }
  const { count, mean } = moments
  if (mean === undefined) return { ...named, judged: 0, ...counts }
  const examples = Array.from(byExample.values(), (scores) => ({
    sum: scores.reduce((sum, score) => sum + score, 0),
    size: scores.length
  }))
  const repeated = examples.length < count
  const clusters = new ClusterSums()
  for (const { size, sum } of examples) clusters.add(sum, size)
  const standardError = repeated ? clusters.standardError : moments.standardError
  const statistics = {
    count,
    countedFailures: 0,
    type: "number" as const,
    mean,
    min: 0,
    max: 1,
    ...(standardError === undefined ? {} : { standardError }),
    ...(repeated ? { clusters: examples.length } : {})
  }
  const { pValue } = signTest(examples.map(({ size, sum }) => sum / size), examples.map(() => 0.5))
  return {
    ...named,
    judged: count,
    ...counts,
    winRate: mean,
    ...(standardError === undefined ? {} : { standardError }),
    // Ties make the variance smaller than that of a share, never larger: the interval of a share is on the safe side.
    interval: intervalOf(statistics, true, level),
    ...(pValue === undefined ? {} : { pValue })
  }
}

const hasFailed = (run: Run.Run | undefined): boolean => run !== undefined && !Run.isSucceeded(run)

/** Every experiment against all others, with ratings if the wins determine some. */
const standingsOf = (
  names: ReadonlyArray<string>,
  pairs: ReadonlyArray<PairSummary>,
  level: number
): Pick<PairwiseSummary, "standings" | "ratingReason"> => {
  const wins = names.map((player) =>
    names.map((other) =>
      pairs.reduce((sum, { baseline, candidate, losses, ties, wins }) =>
        baseline === other && candidate === player
          ? sum + wins + ties / 2
          : baseline === player && candidate === other
          ? sum + losses + ties / 2
          : sum, 0)
    )
  )
  const { ratings, reason } = bradleyTerry({ players: names, wins }, { ...eloScale, level })
  const standings = names.map((experiment, i): Standing => {
    const count = (as: "wins" | "losses") =>
      pairs.reduce((sum, pair) =>
        sum + (pair.candidate === experiment
          ? pair[as]
          : pair.baseline === experiment
          ? pair[as === "wins" ? "losses" : "wins"]
          : 0), 0)
    const own = pairs.filter(({ baseline, candidate }) => baseline === experiment || candidate === experiment)
    const judged = own.reduce((sum, pair) => sum + pair.judged, 0)
    const ties = own.reduce((sum, pair) => sum + pair.ties, 0)
    const rating = ratings?.[i]
    return {
      experiment,
      wins: count("wins"),
      losses: count("losses"),
      ties,
      ...(judged === 0 ? {} : { winRate: (count("wins") + ties / 2) / judged }),
      ...(rating === undefined ? {} : {
        rating: {
          value: rating.rating,
          standardError: rating.standardError,
          lower: rating.lower,
          upper: rating.upper
        }
      })
    }
  })
  const strength = ({ rating, winRate }: Standing) => rating?.value ?? winRate ?? -1
  return {
    standings: standings.sort((a, b) => strength(b) - strength(a)),
    ...(reason === undefined ? {} : { ratingReason: reason })
  }
}

/** How often the earlier of two runs won, and what a second look in reverse order said. */
const positionBiasOf = (rows: ReadonlyArray<Contest>, experiments: number): PositionBias => {
  const counts = { earlierWins: 0, laterWins: 0, ties: 0 }
  const twice = { judgedTwice: 0, consistent: 0, firstBothTimes: 0, lastBothTimes: 0 }
  for (const { orders, scores } of rows) {
    // By pair of experiments: +1 if the earlier run won, -1 if the later one did, for each look.
    const byPair = new Map<string, Array<number>>()
    for (const [look, order] of orders.entries()) {
      for (const [i, earlier] of order.entries()) {
        for (const later of order.slice(i + 1)) {
          const sign = Math.sign((scores[look]?.[earlier] ?? Number.NaN) - (scores[look]?.[later] ?? Number.NaN))
          if (Number.isNaN(sign)) continue
          counts[sign > 0 ? "earlierWins" : sign < 0 ? "laterWins" : "ties"]++
          const pair = `${Math.min(earlier, later)}/${Math.max(earlier, later)}`
          byPair.set(pair, [...byPair.get(pair) ?? [], sign])
        }
      }
    }
    for (const [first, second] of byPair.values()) {
      if (first === undefined || second === undefined) continue
      twice.judgedTwice++
      // What came first came last the second time, so the same winner has the other sign.
      if (first + second === 0) twice.consistent++
      else if (first > 0 && second > 0) twice.firstBothTimes++
      else if (first < 0 && second < 0) twice.lastBothTimes++
    }
  }
  const both = rows.some(({ orders }) => orders.length > 1)
  const decided = counts.earlierWins + counts.laterWins
  const pValue = both
    ? signP(twice.firstBothTimes, twice.lastBothTimes)
    : experiments === 2
    ? signP(counts.earlierWins, counts.laterWins)
    : undefined
  return {
    ...counts,
    ...(decided === 0 ? {} : { earlierShare: counts.earlierWins / decided }),
    ...(both ? twice : {}),
    ...(pValue === undefined ? {} : { pValue })
  }
}

const signP = (positive: number, negative: number): number | undefined => {
  const signs = [...new Array<number>(positive).fill(1), ...new Array<number>(negative).fill(-1)]
  return signTest(signs, signs.map(() => 0)).pValue
}

/** All p-values adjusted together. */
const withAdjusted = (summaries: ReadonlyMap<string, PairwiseSummary>): PairwiseExperiment["keys"] => {
  const pValues = Array.from(summaries.values()).flatMap(({ pairs }) =>
    pairs.flatMap(({ pValue }) => pValue === undefined ? [] : [pValue])
  )
  const adjusted = holm(pValues)
  let next = 0
  return Object.fromEntries(
    Array.from(summaries, ([name, summary]) => [name, {
      ...summary,
      pairs: summary.pairs.map((pair) => {
        const adjustedPValue = pair.pValue === undefined ? undefined : adjusted[next++]
        return adjustedPValue === undefined ? pair : { ...pair, adjustedPValue }
      })
    }])
  )
}
