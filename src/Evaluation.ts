/**
 * An evaluation says what is evaluated on what. It is a value; running it is a separate step, as a stream of rows or to
 * the end.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Dataset from "./Dataset.ts"
import type * as Evaluator from "./Evaluator.ts"
import type * as Execution from "./Execution.ts"
import type * as Experiment from "./Experiment.ts"
import { evaluationNames } from "./internal/engine/optionNames.ts"
import type { Settings } from "./internal/engine/settings.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import type * as SummaryEvaluator from "./SummaryEvaluator.ts"
import * as Target from "./Target.ts"

export { InvalidOptions, TooManyFailures } from "./internal/engine/evaluationErrors.ts"
export { evaluateExisting, rescore, resume } from "./internal/engine/resuming.ts"
export { run, stream } from "./internal/engine/running.ts"
export { FailureThreshold, ModelPrices, Settings } from "./internal/engine/settings.ts"
export { type Entry, entry, type EntryOptions, type EntryServices, isEntry } from "./internal/evaluation/entry.ts"

/**
 * What is evaluated on what. The types of the rows are fixed here, so that evaluators need no annotations.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evaluation<
  in out Inputs,
  out Outputs,
  out ReferenceOutputs = undefined,
  out Metadata = Record<string, never>,
  out TargetError = never,
  out E = never,
  out R = never
> {
  readonly name: string
  readonly data: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>
  readonly target: Target.Target<Inputs, Outputs, TargetError, R>
}

/**
 * Describes an evaluation. The target is a `Target`, a class made by `Target.Service`, or a function that gives a value, a
 * `Promise` or an `Effect`.
 *
 * **Example** (The smallest evaluation)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 *
 * const evaluation = Evaluation.make("doubling", {
 *   data: Dataset.fromIterable("numbers", [{ inputs: 2, referenceOutputs: 4 }, { inputs: 3, referenceOutputs: 7 }]),
 *   target: (n) => n * 2
 * })
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [function correct({ outputs, referenceOutputs }) {
 *       return outputs === referenceOutputs
 *     }]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaries["correct"]?.score?.mean) // => 0.5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: {
  <Inputs, ReferenceOutputs, Metadata, E, R, Outputs, TargetError, TR>(name: string, options: {
    readonly data: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>
    readonly target: Target.Target<NoInfer<Inputs>, Outputs, TargetError, TR>
  }): Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R | TR>
  <Inputs, ReferenceOutputs, Metadata, E, R, Returned>(name: string, options: {
    readonly data: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>
    readonly target: (inputs: NoInfer<Inputs>, context: Target.TargetContext) => Returned
  }): Evaluation<
    Inputs,
    Target.Output<Returned>,
    ReferenceOutputs,
    Metadata,
    Target.Failure<Returned>,
    E,
    R | Target.Services<Returned>
  >
} = <Inputs, ReferenceOutputs, Metadata, E, R>(name: string, options: {
  readonly data: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>
  readonly target:
    | Target.Target<Inputs, unknown, unknown, R>
    | ((inputs: Inputs, context: Target.TargetContext) => unknown)
  // The overloads say what comes out; a function's parts are only known as types.
}): Evaluation<Inputs, never, ReferenceOutputs, Metadata, never, E, R> => {
  refuseUnknown(`Evaluation.make(${JSON.stringify(name)})`, options, evaluationNames)
  return {
    name,
    data: options.data,
    // What is neither, which only the types rule out, is refused when the evaluation is run.
    target: (typeof options.target === "function" && !Target.isTarget(options.target)
      ? Target.make(functionName(options.target) ?? name, options.target)
      : options.target) as Target.Target<Inputs, never, never, R>
  }
}

/** A function's own name; one written in place is named after the property it is given as, which says nothing. */
const functionName = (f: { readonly name: string }): string | undefined =>
  f.name === "" || f.name === "target" ? undefined : f.name

/**
 * What was done already, and is not to be done again.
 *
 * @category options
 * @since 0.1.0
 */
export interface Resume<out Outputs> {
  /** Earlier experiments, whole or cut short, the latest one last, as a run or `Journal.read` gives them. */
  readonly experiments: ReadonlyArray<
    Pick<
      Experiment.Experiment<unknown, Outputs, unknown, unknown, unknown>,
      "id" | "name" | "rowCount" | "target" | "evaluators" | "rows"
    >
  >
  /** What is done about what failed or timed out. Default `"keep"`. */
  readonly failed?: Failed | undefined
}

/**
 * What is done about what failed or timed out earlier: `"keep"` takes it over as it is, `"rerun"` does it again, and
 * `"rerunEvaluators"` asks evaluators again and keeps the runs of the target.
 *
 * @category options
 * @since 0.1.0
 */
export type Failed = "keep" | "rerun" | "rerunEvaluators"

/**
 * How to go on from experiments that are found by id or name.
 *
 * @category options
 * @since 0.1.0
 */
export interface Earlier {
  /** What is done about what failed or timed out. Default `"keep"`. */
  readonly failed?: Failed | undefined
  /**
   * What to do when another process is at work on the same: `"fail"` (the default), with an error that says who it is, or
   * `"wait"` until it has ended. One that died is not waited for: on this machine it is known at once, elsewhere after 30
   * seconds.
   */
  readonly whenInUse?: "fail" | "wait" | undefined
}

/**
 * How to go on from experiments that are found by id or name.
 *
 * @category options
 * @since 0.1.0
 */
export interface EarlierOutputs<in out Outputs> extends Earlier {
  /** Reads the outputs that were recorded, such as the schema of the target. */
  readonly outputs: Schema.ConstraintCodec<Outputs, unknown>
}

/**
 * How to run an evaluation. The limits of `Execution.Options` apply to the target; evaluators have their own, and
 * `evaluatorLimits` for those that say nothing.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  Evaluators extends ReadonlyArray<Evaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  SummaryEvaluators extends ReadonlyArray<SummaryEvaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  R
> extends Settings, Execution.Options {
  /** Judge every run, in parallel. */
  readonly evaluators?: Evaluators | undefined
  /** Judge the whole when all rows are there. */
  readonly summaryEvaluators?: SummaryEvaluators | undefined
  /** Limits for evaluators that have none of their own. */
  readonly evaluatorLimits?: Omit<Execution.Options, "concurrency" | "rateLimit" | "adaptiveConcurrency"> | undefined
  /**
   * Does only what is missing. A run that is there for the same content, repetition and target, and what an evaluator has
   * made of it, are taken over; the fingerprints of target and evaluators tell whether they are the same. What comes of it
   * is an experiment of its own, with all rows; `reused` says how much it has from others.
   */
  readonly resume?: Resume<Outputs> | undefined
  /** What else to record about where the experiment comes from, such as `Provenance.git`. */
  readonly provenance?: Effect.Effect<{ readonly [key: string]: unknown }, never, R> | undefined
  /**
   * Called once when the run has ended and is written, however it ended: completed, failed, or interrupted. The rows are
   * there if they are kept.
   */
  readonly onEnd?:
    | ((
      experiment: Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>
    ) => Effect.Effect<void, never, R>)
    | undefined
}
