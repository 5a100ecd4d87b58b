/**
 * Shows how far a run is. The engine does not push: whoever shows progress looks when it likes, so that showing costs
 * nothing per row. The default shows nothing.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Experiment from "./Experiment.ts"

/**
 * How far a run is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Snapshot {
  readonly status: "running" | Experiment.Status
  /** Rows that are done. */
  readonly done: number
  /** Rows in all, where the dataset knows its size. */
  readonly total: number | undefined
  /** Rows in which the target or an evaluator failed or timed out. */
  readonly failed: number
  /** Milliseconds since the run began. */
  readonly elapsedMillis: number
  /** The mean of every key that has scores, so far. */
  readonly means: ReadonlyArray<{ readonly key: string; readonly mean: number; readonly count: number }>
  /** What is being worked on, longest first. */
  readonly inFlight: ReadonlyArray<InFlight>
}

/**
 * A row being worked on.
 *
 * @category models
 * @since 0.1.0
 */
export interface InFlight {
  readonly exampleId: string
  readonly repetition: number
  /** What it waits for or does: a free place, the target, or the evaluators. */
  readonly stage: "waiting" | "target" | "evaluators"
  /** Milliseconds since the row was begun. */
  readonly millis: number
}

/**
 * Somebody who shows progress: told when a run begins, and then free to look. What it starts belongs to the scope, which
 * closes when the run has ended; a last look then shows how.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reporter {
  readonly start: (
    header: Experiment.Header,
    look: () => Snapshot
  ) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * The reporter in use. By default nothing is shown.
 *
 * @category services
 * @since 0.1.0
 */
export const Progress: Context.Reference<Reporter> = Context.Reference<Reporter>("effect-evals/Progress", {
  defaultValue: () => silent
})

/**
 * Shows nothing.
 *
 * @category reporters
 * @since 0.1.0
 */
export const silent: Reporter = { start: () => Effect.void }
