/**
 * A row of an experiment: one example, one run of the target on it, and what the evaluators made of that.
 *
 * @since 0.1.0
 */
import type { EvaluationResult } from "./EvaluationResult.ts"
import type * as Example from "./Example.ts"
import * as Outcome from "./Outcome.ts"
import type * as Run from "./Run.ts"

/**
 * One example, one run of the target on it, and what the evaluators made of that.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown,
  out E = unknown
> {
  /** The place in input order, from 0: the repetitions of an example follow one another. */
  readonly index: number
  readonly example: Example.Example<Inputs, ReferenceOutputs, Metadata>
  readonly run: Run.Run<Inputs, Outputs, E>
  /** One entry an evaluator, in the order in which they were given. */
  readonly evaluations: ReadonlyArray<Run.EvaluatorRun>
}

/**
 * All results of a row, in the order of the evaluators.
 *
 * @category getters
 * @since 0.1.0
 */
export const results = (self: Pick<Row, "evaluations">): ReadonlyArray<EvaluationResult> =>
  self.evaluations.flatMap(({ outcome }) => Outcome.results(outcome))

/**
 * The result with a key, or `undefined`.
 *
 * @category getters
 * @since 0.1.0
 */
export const result = (self: Pick<Row, "evaluations">, key: string): EvaluationResult | undefined =>
  results(self).find((result) => result.key === key)

/**
 * The score with a key as a number (`true` is 1, `false` is 0), or `undefined` where there is none.
 *
 * @category getters
 * @since 0.1.0
 */
export const score = (self: Pick<Row, "evaluations">, key: string): number | undefined => {
  const score = result(self, key)?.score
  return score === undefined ? undefined : Number(score)
}

/**
 * Whether something went wrong in the row: the target did not succeed, or an evaluator failed or timed out.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailure = (self: Pick<Row, "run" | "evaluations">): boolean =>
  self.run.outcome._tag !== "Succeeded" || self.evaluations.some(({ outcome }) => Outcome.isFailure(outcome))
