/**
 * What the target did on one example: a tree of runs with times, attempts and an outcome.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Outcome from "./Outcome.ts"

/**
 * One execution of the target on one example.
 *
 * @category models
 * @since 0.1.0
 */
export interface Run<out Inputs = unknown, out Outputs = unknown, out E = unknown> {
  /** A UUID version 7: runs sort by the time they began. */
  readonly id: string
  /** The name of the target. */
  readonly name: string
  readonly runType: "chain"
  readonly exampleId: string
  /** Which repetition of the example this is, from 0. */
  readonly repetition: number
  readonly inputs: Inputs
  /** What the target gave; `undefined` unless it succeeded. */
  readonly outputs: Outputs | undefined
  /** How it came out, with the cause where it failed. */
  readonly outcome: RunOutcome<Outputs, E>
  /** Why there are no outputs, in a line; `undefined` where there are. */
  readonly error: string | undefined
  /** Milliseconds since 1970, with fractions. */
  readonly startTime: number
  /** Milliseconds since 1970, with fractions. Waiting for a free place is before the start, waiting for a retry is not. */
  readonly endTime: number
  readonly tags: ReadonlyArray<string>
  readonly metadata: { readonly [key: string]: unknown }
  /** Every attempt, the last one included. Empty where nothing was run, since the outputs were recorded. */
  readonly attempts: ReadonlyArray<Attempt>
  /** What the target did: the spans it opened. Empty when run trees are off. */
  readonly childRuns: ReadonlyArray<ChildRun>
  /** Tokens used by the whole tree, where spans say so. */
  readonly usage: Usage | undefined
}

/**
 * A run that succeeded. Evaluators see these, unless they ask for failed runs too.
 *
 * @category models
 * @since 0.1.0
 */
export interface SucceededRun<out Inputs = unknown, out Outputs = unknown> extends Run<Inputs, Outputs, never> {
  readonly outputs: Outputs
}

/**
 * How a run came out.
 *
 * @category models
 * @since 0.1.0
 */
export type RunOutcome<Outputs, E> = Succeeded<Outputs> | Failed<E> | Outcome.TimedOut | Outcome.Cancelled

/**
 * The target gave outputs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Succeeded<out Outputs> {
  readonly _tag: "Succeeded"
  readonly outputs: Outputs
}

/**
 * The target failed or died.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed<out E> {
  readonly _tag: "Failed"
  readonly cause: Cause.Cause<E>
  /** The cause in a line. */
  readonly message: string
}

/**
 * One attempt of a target or of an evaluator.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt {
  /** Milliseconds since 1970, with fractions. */
  readonly startTime: number
  /** Milliseconds since 1970, with fractions. */
  readonly endTime: number
  /** Why it failed, in a line; `undefined` if it succeeded. */
  readonly error: string | undefined
}

/**
 * A span below a run: the target's own, or that of a library it called.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChildRun {
  /** The id of the span. */
  readonly id: string
  readonly name: string
  readonly runType: "chain" | "llm" | "embedding" | "tool" | "retriever"
  /** Milliseconds since 1970, with fractions. */
  readonly startTime: number
  /** Milliseconds since 1970, with fractions; `undefined` if the span was still open when the run ended. */
  readonly endTime: number | undefined
  readonly error: string | undefined
  readonly attributes: { readonly [key: string]: unknown }
  readonly events: ReadonlyArray<RunEvent>
  readonly childRuns: ReadonlyArray<ChildRun>
  readonly usage: Usage | undefined
}

/**
 * An event of a span, such as a log line.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunEvent {
  readonly name: string
  /** Milliseconds since 1970, with fractions. */
  readonly time: number
  readonly attributes: { readonly [key: string]: unknown }
}

/**
 * Tokens, as the GenAI conventions of OpenTelemetry count them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** What they cost, in the currency of the prices; `undefined` unless it is known for all of them. */
  readonly cost?: number | undefined
}

/**
 * One evaluator at work on one run.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluatorRun {
  /** The name of the evaluator. */
  readonly evaluator: string
  readonly outcome: Outcome.Outcome
  /** Milliseconds since 1970, with fractions. */
  readonly startTime: number
  /** Milliseconds since 1970, with fractions. */
  readonly endTime: number
  readonly attempts: ReadonlyArray<Attempt>
  /** What the evaluator did: the spans it opened, a judge's model call among them. */
  readonly childRuns: ReadonlyArray<ChildRun>
  readonly usage: Usage | undefined
}

/**
 * Whether the target gave outputs.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSucceeded = <I, O, E>(self: Run<I, O, E>): self is Run<I, O, E> & SucceededRun<I, O> =>
  self.outcome._tag === "Succeeded"

/**
 * How long a run took, in milliseconds.
 *
 * @category getters
 * @since 0.1.0
 */
export const latency = (self: { readonly startTime: number; readonly endTime: number }): number =>
  self.endTime - self.startTime

/**
 * Every child run of the tree, parents before children.
 *
 * @category getters
 * @since 0.1.0
 */
export const descendants = function*(self: { readonly childRuns: ReadonlyArray<ChildRun> }): Iterable<ChildRun> {
  for (const child of self.childRuns) {
    yield child
    yield* descendants(child)
  }
}
