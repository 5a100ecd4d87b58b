/**
 * An evaluation that can be submitted: a name, the schema of what is submitted, and the code. Workers hold the code;
 * what travels is data.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type * as Evaluation from "../Evaluation.ts"
import type * as Evaluator from "../Evaluator.ts"
import type * as Execution from "../Execution.ts"
import type * as Experiment from "../Experiment.ts"
import { runNames } from "../internal/engine/optionNames.ts"
import type { AnyEvaluation, AnyOptions } from "../internal/engine/session.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"

const TypeId = "~effect-evals/EvaluationJob"

/**
 * An evaluation under a name, with the schemas of its data.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluationJob<
  in out Payload,
  in out Inputs = unknown,
  in out Outputs = unknown,
  in out ReferenceOutputs = unknown,
  in out Metadata = unknown,
  out R = never
> extends Any<R> {
  readonly payload: Schema.ConstraintCodec<Payload, unknown>
  readonly data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
}

/**
 * An evaluation under a name, whatever its data is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Any<out R = unknown> {
  readonly [TypeId]: {
    /** The evaluation of a payload; the types of the payload have done their work. */
    readonly evaluation: (payload: unknown) => AnyEvaluation<unknown, R>
    readonly options: AnyOptions<R, Experiment.Experiment>
    readonly chunkSize: number
  }
  readonly name: string
  /** What a payload is as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the position of a wildcard
  readonly payload: Schema.ConstraintCodec<any, unknown>
  // oxlint-disable-next-line typescript/no-explicit-any -- the position of a wildcard
  readonly data: Experiment.DataSchemas<any, any, any, any>
}

/**
 * What running an evaluation needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Services<Job> = Job extends Any<infer R> ? R : never

/**
 * How a job runs. The limits hold for the whole job, however many machines work on it.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  Evaluators extends ReadonlyArray<Evaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  SummaryEvaluators extends ReadonlyArray<SummaryEvaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>
> extends Omit<Evaluation.Settings, "order" | "keepRows">, Execution.Options {
  /** Judge every run, in parallel. */
  readonly evaluators?: Evaluators | undefined
  /** Judge the whole when all rows are there. */
  readonly summaryEvaluators?: SummaryEvaluators | undefined
  /** Limits for evaluators that have none of their own. */
  readonly evaluatorLimits?: Omit<Execution.Options, "concurrency" | "rateLimit" | "adaptiveConcurrency"> | undefined
  /** How many rows are one piece of work for a machine. Default 100. */
  readonly chunkSize?: number | undefined
}

const defaultChunkSize = 100

/** What is said about a run that is not there for a job: workers decide about it. */
const notOfJobs = new Set<string>(["order", "keepRows", "resume", "provenance", "onEnd"])

/**
 * An evaluation under a name: what is submitted, and what evaluation that is. `withOptions` says how it is judged and run.
 *
 * `data` has the schemas of what goes through the database: a dataset is read once, when the job begins, and its examples
 * are kept there. What has no schema is kept as the JSON it comes closest to.
 *
 * **Example** (An evaluation to submit)
 *
 * ```ts
 * import { Schema } from "effect"
 * import { Dataset, Evaluation, Evaluator } from "effect-evals"
 * import { EvaluationJob } from "effect-evals/jobs"
 *
 * const Ticket = Schema.Struct({ id: Schema.String, question: Schema.String })
 *
 * const answers = EvaluationJob.make("support", {
 *   payload: Schema.Struct({ tickets: Schema.Array(Ticket) }),
 *   evaluation: ({ tickets }) =>
 *     Evaluation.make("support", {
 *       data: Dataset.fromIterable("tickets", tickets.map(({ id, question }) => ({ id, inputs: question }))),
 *       target: (question) => `You asked: ${question}`
 *     })
 * })
 * const support = EvaluationJob.withOptions(answers, {
 *   evaluators: [Evaluator.make("polite", ({ outputs }) => outputs.startsWith("You"))],
 *   concurrency: 16
 * })
 * console.log(support.name) // => support
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Payload, Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>(
  name: string,
  description: {
    readonly payload: Schema.ConstraintCodec<Payload, unknown>
    readonly evaluation: (
      payload: NoInfer<Payload>
    ) => Evaluation.Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>
    readonly data?:
      | Experiment.DataSchemas<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
      | undefined
  }
): EvaluationJob<Payload, Inputs, Outputs, ReferenceOutputs, Metadata, R> => {
  refuseUnknown(`EvaluationJob.make(${JSON.stringify(name)})`, description, ["payload", "evaluation", "data"])
  return {
    [TypeId]: {
      // The types of the payload and of the evaluation have been held against one another above.
      evaluation: description.evaluation as unknown as (payload: unknown) => AnyEvaluation<unknown, R>,
      options: {},
      chunkSize: defaultChunkSize
    },
    name,
    payload: description.payload,
    data: description.data ?? {}
  }
}

/**
 * The job with evaluators and limits. They take the place of those it had. Evaluators infer their arguments, as in
 * `Evaluation.run`.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withOptions = <
  Payload,
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  R,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >
>(
  self: EvaluationJob<Payload, Inputs, Outputs, ReferenceOutputs, Metadata, R>,
  options: Options<
    NoInfer<Inputs>,
    NoInfer<Outputs>,
    NoInfer<ReferenceOutputs>,
    NoInfer<Metadata>,
    Evaluators,
    SummaryEvaluators
  >
): EvaluationJob<
  Payload,
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  R | Evaluator.Services<Evaluators[number]> | SummaryEvaluator.Services<SummaryEvaluators[number]>
> => {
  refuseUnknown(
    `EvaluationJob.withOptions of ${self.name}`,
    options,
    [...runNames.filter((name) => !notOfJobs.has(name)), "chunkSize"]
  )
  const { chunkSize = defaultChunkSize, ...rest } = options
  // What the evaluators need is added to the type.
  return { ...self, [TypeId]: { ...self[TypeId], options: rest as AnyOptions<R, Experiment.Experiment>, chunkSize } }
}

/** The code of a job, for those who run it. */
export const codeOf = <R>(job: Any<R>): Any<R>[typeof TypeId] => job[TypeId]
