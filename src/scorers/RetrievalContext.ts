/**
 * How good the retrieved contexts of an answer are, where people (or a judge) have labelled them.
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { skip } from "../Evaluator.ts"
import { rankedAveragePrecision } from "../statistics/Retrieval.ts"
import { truths } from "./internal/labels.ts"
import { share, single } from "./internal/scorer.ts"
import { counted, rounded } from "./internal/words.ts"
import type { SingleOptions } from "./Scorer.ts"

/**
 * Context precision: the mean, over the relevant contexts, of the precision up to each of them; so relevant contexts that
 * stand before others count more. 0 if there are contexts and none is relevant; `undefined` for no contexts. `relevant` has
 * `true` or 1 for each relevant context, in the order in which they were given to the model.
 *
 * It is the formula of Ragas: what was not retrieved does not count. The labels come from you, where Ragas asks a model. For
 * what was not retrieved see `averagePrecisionOf`, for the share of relevant contexts without regard to their order,
 * `precisionOf`.
 *
 * Source: S. Es et al., "RAGAs: Automated Evaluation of Retrieval Augmented Generation" (2024).
 *
 * **Example** (The second and the third)
 *
 * ```ts
 * import { Retrieval } from "effect-evals/scorers"
 *
 * console.log(Retrieval.contextPrecisionOf([false, true, true])?.toFixed(4)) // => 0.5833
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const contextPrecisionOf = (relevant: ReadonlyArray<boolean | number>): number | undefined =>
  relevant.length === 0 ? undefined : rankedAveragePrecision(relevant) ?? 0

/**
 * Context recall: the share of the statements of the reference that the contexts support. `supported` has `true` or 1 for
 * each statement that is in some context. `undefined` for no statements.
 *
 * It is the formula of Ragas, with labels that come from you. Where what is needed are whole documents, see `recallOf`.
 *
 * **Example** (Two of three)
 *
 * ```ts
 * import { Retrieval } from "effect-evals/scorers"
 *
 * console.log(Retrieval.contextRecallOf([true, false, true])?.toFixed(4)) // => 0.6667
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const contextRecallOf = (supported: ReadonlyArray<boolean | number>): number | undefined =>
  supported.length === 0 ? undefined : supported.filter(Boolean).length / supported.length

/**
 * The context precision of the labels that `actual` selects, one for each retrieved context, in order. `Skipped` for no
 * contexts. See `contextPrecisionOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const contextPrecision = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  single({ name: "contextPrecision", own: {}, feedbackConfig: share }, options, truths, (relevant) => {
    const score = contextPrecisionOf(relevant)
    if (score === undefined) return skip("there are no contexts")
    const ranks = relevant.flatMap((label, i) => label ? [i + 1] : [])
    const precisions = ranks.slice(0, mostTerms).map((rank, i) => `${i + 1}/${rank}`).join(", ")
    return {
      score,
      comment: ranks.length === 0
        ? `none of ${counted(relevant.length, "context")} is relevant`
        : `${rounded(score)} is the mean of ${precisions}${ranks.length > mostTerms ? ", ..." : ""}: ` +
          `${ranks.length} of ${counted(relevant.length, "context")} relevant`
    }
  })

const mostTerms = 10

/**
 * The context recall of the labels that `actual` selects, one for each statement of the reference. `Skipped` for no
 * statements. See `contextRecallOf`.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const contextRecall = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  single({ name: "contextRecall", own: {}, feedbackConfig: share }, options, truths, (supported) => {
    const score = contextRecallOf(supported)
    if (score === undefined) return skip("the reference has no statements")
    return { score, comment: `${supported.filter(Boolean).length}/${counted(supported.length, "statement")} supported` }
  })
