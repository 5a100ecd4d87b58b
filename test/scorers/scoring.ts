/** Scorers in small evaluations, as a user has them. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import {
  Dataset,
  Evaluation,
  type EvaluationResult,
  type Evaluator,
  type SummaryEvaluator,
  TracingClient
} from "../../src/index.ts"

/** What a scorer makes of one run: its score and comment, or why there is none. */
export const judge = <O, Ref>(
  evaluator: Evaluator.Evaluator<unknown, O, Ref, unknown>,
  outputs: O,
  referenceOutputs: Ref
) =>
  Evaluation.run(
    Evaluation.make("one", {
      data: Dataset.fromIterable("one", [{ inputs: "in", referenceOutputs }]),
      target: () => Effect.succeed(outputs)
    }),
    { evaluators: [evaluator] }
  ).pipe(
    Effect.provide(TracingClient.layerNone),
    Effect.map(({ rows }) => {
      const outcome = rows[0]?.evaluations[0]?.outcome
      switch (outcome?._tag) {
        case "Scored":
          return { score: outcome.results[0].score, comment: outcome.results[0].comment }
        case "Skipped":
          return { skipped: outcome.reason }
        default:
          return { failed: outcome?.message }
      }
    })
  )

/** Its score, which has to be there. */
export const scoreOf = <O, Ref>(
  evaluator: Evaluator.Evaluator<unknown, O, Ref, unknown>,
  outputs: O,
  referenceOutputs: Ref
) => Effect.map(judge(evaluator, outputs, referenceOutputs), (judged) => judged.score)

/** What a summary scorer makes of pairs of outputs and references: results by key, or why there are none. */
export const summarize = <O, Ref>(
  evaluator: SummaryEvaluator.SummaryEvaluator<number, O, Ref, unknown>,
  pairs: ReadonlyArray<readonly [outputs: O | Error, referenceOutputs: Ref]>
) =>
  Evaluation.run(
    Evaluation.make("several", {
      data: Dataset.fromIterable(
        "several",
        pairs.map(([, referenceOutputs], inputs) => ({ id: `e${inputs}`, inputs, referenceOutputs }))
      ),
      target: (i: number) => {
        const outputs = pairs[i]?.[0]
        // Each row has its pair.
        return outputs instanceof Error ? Effect.fail(outputs) : Effect.succeed(outputs as O)
      }
    }),
    { summaryEvaluators: [evaluator] }
  ).pipe(
    Effect.provide(TracingClient.layerNone),
    Effect.map(({ summaryResults }) => summaryResults[0])
  )

export type Result = EvaluationResult.EvaluationResult

/** Equal up to rounding errors. */
export const close = (actual: unknown, expected: number, message?: string): void => {
  if (typeof actual !== "number") assert.fail(`${String(actual)} in place of ${expected} ${message ?? ""}`)
  assert.approximately(actual, expected, 1e-12, message)
}
