/**
 * How far the members of a panel, or the samples of one model, agree over all rows.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import { Skip } from "../EvaluationResult.ts"
import * as Row from "../Row.ts"
import { fleissKappa } from "../statistics/FleissKappa.ts"
import { krippendorffAlpha } from "../statistics/Krippendorff.ts"
import { mean } from "../statistics/Moments.ts"
import * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { verdictsOfReason } from "./internal/combine.ts"

type Verdict = boolean | number | string

/**
 * A summary evaluator of how far the judgements behind a key agree: of a panel, or of several samples of one model
 * (self-consistency). Its results are
 *
 * - `<key>.agreement`: the share of the pairs of verdicts on a row that are the same, averaged over the rows;
 * - `<key>.krippendorff_alpha`: agreement beyond chance, for yes and no and for names on the nominal scale, for numbers on
 *   the interval scale; verdicts may be missing;
 * - `<key>.fleiss_kappa`: the same for yes and no and for names, over the rows on which nobody abstained.
 *
 * Rows without a majority count as well. A figure that is undefined, because chance leaves nothing to compare with, is a result without a score. Rows with fewer
 * than two judgements are left out; without any, it is `Skipped`.
 *
 * **Example** (Two judges who agree on three of four)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Judge } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * class Strict extends Judge.Role<Strict>()("app/Strict") {}
 * class Kind extends Judge.Role<Kind>()("app/Kind") {}
 * const sayingYesTo = (good: string) =>
 *   ScriptedLanguageModel.layer(({ text }) => ({
 *     json: { reasoning: "As it seems to me.", verdict: good.includes(text.match(/begin output \w+ ---\n(.)/)?.[1] ?? "?") }
 *   }))
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("letters", {
 *       data: Dataset.fromIterable("letters", [..."abcd"].map((inputs) => ({ inputs }))),
 *       target: (letter) => letter
 *     }),
 *     {
 *       evaluators: [Judge.make("good", { criteria: "The letter is good.", models: [Strict, Kind], combine: "mean" })],
 *       summaryEvaluators: [Judge.agreement("good")]
 *     }
 *   ).pipe(Effect.provide([
 *     Judge.layerRole(Strict, sayingYesTo("a")),
 *     Judge.layerRole(Kind, sayingYesTo("ab")),
 *     TracingClient.layerNone
 *   ]))
 * )
 * console.log(experiment.summaries["good"]?.score?.mean) // => 0.375
 * for (const { key, score } of experiment.summaryResults.flatMap(({ results }) => results)) {
 *   console.log(key, Number(score).toFixed(2))
 * }
 * // => good.agreement 0.75
 * // => good.krippendorff_alpha 0.53
 * // => good.fleiss_kappa 0.47
 * ```
 *
 * @category summaries
 * @since 0.1.0
 */
export const agreement = (
  feedbackKey: string
): SummaryEvaluator.SummaryEvaluator<unknown, unknown, unknown, unknown> =>
  SummaryEvaluator.fold(`${feedbackKey}.agreement`, {
    initial: () => new Array<ReadonlyArray<Verdict | null>>(),
    step: (rows, row: Row.Row) => {
      const verdicts = verdictsOf(row, feedbackKey)
      if (verdicts.filter((verdict) => verdict !== null).length > 1) rows.push(verdicts)
      return rows
    },
    result: (rows) => {
      if (rows.length === 0) return new Skip(`no row has two judgements of ${feedbackKey}`)
      const numbers = rows.every((verdicts) =>
        verdicts.every((verdict) => verdict === null || typeof verdict === "number")
      )
      const raters = Math.max(...rows.map((verdicts) => verdicts.length))
      const alpha = krippendorffAlpha(
        Array.from({ length: raters }, (_, rater) => rows.map((verdicts) => verdicts[rater])),
        { scale: numbers ? "interval" : "nominal" }
      )
      const comment = `${rows.length} ${rows.length === 1 ? "row" : "rows"}, ${raters} judgements each`
      const figure = (name: string, score: number | undefined, comment: string) => ({
        key: `${feedbackKey}.${name}`,
        ...(score === undefined ? {} : { score }),
        comment: score === undefined ? `undefined: ${comment}` : comment
      })
      const complete = rows.filter((verdicts) => verdicts.length === raters && !verdicts.includes(null))
      return {
        results: [
          figure("agreement", mean(rows.map(pairwise)), comment),
          figure("krippendorff_alpha", alpha, `${comment}, ${numbers ? "interval" : "nominal"} scale`),
          ...(numbers ? [] : [
            figure(
              "fleiss_kappa",
              complete.length === 0 ? undefined : fleissKappa(countsOf(complete)),
              `${complete.length} of ${comment}`
            )
          ])
        ]
      }
    }
  })

const verdictsOf = (row: Row.Row, feedbackKey: string): ReadonlyArray<Verdict | null> => {
  const judgements = Row.result(row, feedbackKey)?.metadata?.["judgements"]
  const outcome = row.evaluations.find(({ evaluator }) => evaluator === feedbackKey)?.outcome
  return Array.isArray(judgements)
    ? judgements.map((judgement: unknown) => {
      const verdict = Predicate.hasProperty(judgement, "verdict") ? judgement.verdict : null
      return typeof verdict === "boolean" || typeof verdict === "number" || typeof verdict === "string" ? verdict : null
    })
    : (outcome?._tag === "Skipped" ? verdictsOfReason(outcome.reason) : undefined) ?? []
}

/** The share of the pairs that are the same. */
const pairwise = (verdicts: ReadonlyArray<Verdict | null>): number => {
  const said = verdicts.filter((verdict) => verdict !== null)
  let same = 0
  for (const [i, a] of said.entries()) for (const b of said.slice(i + 1)) if (a === b) same++
  return same / (said.length * (said.length - 1) / 2)
}

const countsOf = (rows: ReadonlyArray<ReadonlyArray<Verdict | null>>): ReadonlyArray<ReadonlyArray<number>> => {
  const classes = Array.from(new Set(rows.flat()))
  return rows.map((verdicts) => classes.map((name) => verdicts.filter((verdict) => verdict === name).length))
}
