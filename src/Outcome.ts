/**
 * How one evaluator came out on one run. A failed, timed out or cancelled evaluator is never a score: whoever adds up
 * scores sees how many there are of each kind.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type { EvaluationResult } from "./EvaluationResult.ts"

/**
 * How one evaluator came out on one run.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = Scored | Skipped | Failed | TimedOut | Cancelled

/**
 * The kinds of outcome.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = Outcome["_tag"]

/**
 * The evaluator gave one or more results.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scored {
  readonly _tag: "Scored"
  readonly results: readonly [EvaluationResult, ...ReadonlyArray<EvaluationResult>]
}

/**
 * There was nothing to score, and why: the target had failed, the evaluator's `when` said no, or the evaluator itself
 * did.
 *
 * @category models
 * @since 0.1.0
 */
export interface Skipped {
  readonly _tag: "Skipped"
  readonly reason: string
}

/**
 * The evaluator failed, threw, died, or returned something that is not a result.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  readonly _tag: "Failed"
  readonly cause: Cause.Cause<unknown>
  /** The cause in a line. */
  readonly message: string
}

/**
 * The evaluator took longer than it may, and was interrupted.
 *
 * @category models
 * @since 0.1.0
 */
export interface TimedOut {
  readonly _tag: "TimedOut"
  /** The limit that was passed, in milliseconds. */
  readonly afterMillis: number
  /** The limit in words. */
  readonly message: string
}

/**
 * The evaluator was interrupted: by its own code, or because the whole run was.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cancelled {
  readonly _tag: "Cancelled"
  readonly message: string
}

/**
 * The outcome `Scored`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const scored = (results: Scored["results"]): Outcome => ({ _tag: "Scored", results })

/**
 * The outcome `Skipped`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const skipped = (reason: string): Outcome => ({ _tag: "Skipped", reason })

/**
 * The results of an outcome: none unless it is `Scored`.
 *
 * @category getters
 * @since 0.1.0
 */
export const results = (self: Outcome): ReadonlyArray<EvaluationResult> => self._tag === "Scored" ? self.results : []

/**
 * Whether something went wrong: the outcome is `Failed` or `TimedOut`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailure = (self: Outcome): self is Failed | TimedOut =>
  self._tag === "Failed" || self._tag === "TimedOut"
