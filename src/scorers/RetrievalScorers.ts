/**
 * Scorers of ranked lists.
 *
 * @since 0.1.0
 */
import type * as EvaluationResult from "../EvaluationResult.ts"
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import { placesOf } from "./internal/places.ts"
import { grades, ids, relevance } from "./internal/rankings.ts"
import type { Reader } from "./internal/readers.ts"
import { pair, share, single } from "./internal/scorer.ts"
import { counted, rounded } from "./internal/words.ts"
import {
  averagePrecisionOf,
  type CutoffOptions,
  f1Of,
  foundIn,
  type GainOptions,
  isHit,
  ndcgOf,
  precisionOf,
  type PrecisionOptions,
  type Ranking,
  rankingOf,
  rankingOfGrades,
  recallOf,
  reciprocalRankOf
} from "./RetrievalRanking.ts"
import type { Options } from "./Scorer.ts"

/**
 * Options of the scorers of ranked lists.
 *
 * With `by: "ids"`, `actual` is the list of ids that were retrieved, best first, and `expected` what is relevant: a list of
 * ids, or an object or a `Map` from id to relevance. With `by: "grades"`, `actual` is the list of the results' own
 * relevances (numbers or booleans), best ranked first; `expected` is not looked at unless it is given, and is then the list
 * of the relevances of everything that could have been found.
 *
 * @category options
 * @since 0.1.0
 */
export interface RetrievalOptions<I = never, O = never, Ref = never, M = never>
  extends Options<I, O, Ref, M>, CutoffOptions
{
  /** Default: `"ids"`. */
  readonly by?: "ids" | "grades" | undefined
  /** The least grade that is relevant; lower ones count as 0. Default: anything above 0. */
  readonly relevantFrom?: number | undefined
}

/**
 * Whether there is a relevant result among the first `k`. `Skipped` where it is known that nothing is relevant. See
 * `isHit`.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const hit = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> => scorer("hit", options, undefined, (ranking) => isHit(ranking, options))

/**
 * The share of the first `k` results that are relevant. `Skipped` for no results without a `k`. See `precisionOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const precision = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M> & PrecisionOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer(
    "precision",
    options,
    { shortLists: options?.shortLists },
    (ranking) => precisionOf(ranking, options),
    (ranking) => `${foundIn(ranking, options)}/${placesOf(ranking, options)}`
  )

/**
 * The share of all that is relevant that is among the first `k` results. `Skipped` where nothing is relevant. See
 * `recallOf`.
 *
 * Score: between 0 and 1.
 *
 * **Example** (Documents by id)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Retrieval } from "effect-evals/scorers"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("search", {
 *       data: Dataset.fromIterable("queries", [{ inputs: "effect", referenceOutputs: { relevant: ["a", "b", "c"] } }]),
 *       target: () => [{ id: "a" }, { id: "x" }, { id: "b" }]
 *     }),
 *     {
 *       evaluators: [
 *         Retrieval.recall({
 *           k: 2,
 *           actual: ({ outputs }) => outputs.map(({ id }) => id),
 *           expected: ({ referenceOutputs }) => referenceOutputs.relevant
 *         })
 *       ]
 *     }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(Row.result(experiment.rows[0]!, "recall@2")?.comment) // => 1/3: relevant at rank 1; 3 relevant in all
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const recall = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer(
    "recall",
    options,
    undefined,
    (ranking) => recallOf(ranking, options),
    (ranking) => `${foundIn(ranking, options)}/${ranking.ideal.length}`
  )

/**
 * The harmonic mean of precision and recall of the first `k` results. `Skipped` where nothing is relevant. See `f1Of`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const f1 = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M> & PrecisionOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer(
    "f1",
    options,
    { shortLists: options?.shortLists },
    (ranking) => f1Of(ranking, options),
    (ranking) => {
      const found = foundIn(ranking, options)
      return `precision ${found}/${placesOf(ranking, options)}, recall ${found}/${ranking.ideal.length}`
    }
  )

/**
 * 1 over the rank of the first relevant result among the first `k`, 0 if none is. `Skipped` where it is known that nothing
 * is relevant. The mean over the rows is the mean reciprocal rank (MRR). See `reciprocalRankOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const reciprocalRank = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer("reciprocalRank", options, undefined, (ranking) => reciprocalRankOf(ranking, options))

/**
 * The average precision of the first `k` results. `Skipped` where nothing is relevant. The mean over the rows is the mean
 * average precision (MAP). See `averagePrecisionOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const averagePrecision = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer("averagePrecision", options, undefined, (ranking) => averagePrecisionOf(ranking, options))

/**
 * nDCG of the first `k` results, with linear or exponential gain. `Skipped` where nothing is relevant. See `ndcgOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const ndcg = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: RetrievalOptions<I, O, Ref, M> & GainOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  scorer(
    "ndcg",
    options,
    { gain: options?.gain },
    (ranking) => ndcgOf(ranking, options),
    () => `${options?.gain ?? "linear"} gain`
  )

const scorer = <I, O, Ref, M>(
  name: string,
  options: RetrievalOptions<I, O, Ref, M> | undefined,
  config: object | undefined,
  measure: (ranking: Ranking) => number | boolean | undefined,
  arithmetic?: (ranking: Ranking) => string
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { by = "ids", k, relevantFrom } = options ?? {}
  // A wrong k is a mistake of the program, which shall be seen before anything is run.
  foundIn(rankingOfGrades([]), { k })
  const identity = {
    name: k === undefined ? name : `${name}@${k}`,
    // The members of the configuration are options.
    own: { by: true, k: true, relevantFrom: true, ...config } as const,
    config: { ...config, by, k, relevantFrom },
    feedbackConfig: name === "hit" ? undefined : share
  }
  const score = (ranking: Ranking): EvaluationResult.Returned => {
    const score = measure(ranking)
    if (score === undefined) return skip(reasonOf(ranking))
    const shown = arithmetic?.(ranking) ?? (typeof score === "number" ? rounded(score) : score ? "found" : "not found")
    return {
      score,
      comment: `${shown}: ${ranksText(ranking, k)}; ${ranking.ideal.length} relevant ${
        ranking.complete ? "in all" : "among the results"
      }`
    }
  }
  if (by === "grades") {
    return options?.expected === undefined
      ? single(identity, options, grades, (actual) => score(rankingOfGrades(actual, { relevantFrom })))
      : pair(
        identity,
        options,
        { actual: grades, expected: grades },
        (actual, all) => score(rankingOfGrades(actual, { all, relevantFrom }))
      )
  }
  const readers: { readonly actual: Reader<ReadonlyArray<string | number>>; readonly expected: typeof relevance } = {
    actual: ids,
    expected: relevance
  }
  return pair(identity, options, readers, (actual, relevant) => score(rankingOf(actual, relevant, { relevantFrom })))
}

const reasonOf = ({ complete, ideal }: Ranking): string =>
  ideal.length > 0 ? "nothing was retrieved" : complete ? "nothing is relevant" : "no result is relevant"

const mostRanks = 10

/** Such as `relevant at ranks 1, 3`. */
const ranksText = ({ grades }: Ranking, k: number | undefined): string => {
  const ranks = grades.slice(0, k).flatMap((grade, i) => grade > 0 ? [i + 1] : [])
  if (ranks.length === 0) return `none of ${counted(Math.min(grades.length, k ?? Infinity), "result")} is relevant`
  const shown = ranks.slice(0, mostRanks).join(", ")
  return `relevant at ${ranks.length === 1 ? "rank" : "ranks"} ${shown}` +
    (ranks.length > mostRanks ? ` and ${ranks.length - mostRanks} more` : "")
}
