/**
 * Evaluators judge runs. A plain function is one; `make` gives it a name and limits, `Service` makes it a service.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as Attachment from "./Attachment.ts"
import type * as EvaluationResult from "./EvaluationResult.ts"
import { Skip } from "./EvaluationResult.ts"
import type * as Example from "./Example.ts"
import type * as Execution from "./Execution.ts"
import { evaluatorNames } from "./internal/engine/optionNames.ts"
import { describeFunction } from "./internal/engine/target.ts"
import { fromReturned } from "./internal/engine/userCode.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import type * as Run from "./Run.ts"
import type * as Target from "./Target.ts"

const TypeId = "~effect-evals/Evaluator"

/**
 * What an evaluator is given; take from it what you need. LangSmith's positional style works too: the fields of the run
 * stand in the first argument as well, and the example is the second one.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluatorArgs<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> extends Omit<Run.Run<Inputs, unknown, unknown>, "outputs" | "metadata" | "outcome"> {
  readonly run: Omit<Run.Run<Inputs, unknown, unknown>, "outputs"> & { readonly outputs: Outputs }
  readonly example: Example.Example<Inputs, ReferenceOutputs, Metadata>
  readonly inputs: Inputs
  /** What the target gave. */
  readonly outputs: Outputs
  readonly referenceOutputs: ReferenceOutputs
  readonly attachments: Attachment.Attachments
  /** The metadata of the example. */
  readonly metadata: Metadata
}

/**
 * The last argument of every evaluator function.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluatorContext {
  /** Aborted when the evaluator is interrupted or times out; pass it to `fetch` and the like. */
  readonly signal: AbortSignal
}

/**
 * What an evaluator function may give: a result in any of the accepted shapes, or a `Promise` or an `Effect` of one.
 *
 * @category models
 * @since 0.1.0
 */
export type Return<E = any, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the position of a wildcard
  | EvaluationResult.Returned
  | PromiseLike<EvaluationResult.Returned>
  | Effect.Effect<EvaluationResult.Returned, E, R>

/**
 * What a function's result needs. For `any`, of which nothing is known, that is nothing.
 *
 * @category type-level
 * @since 0.1.0
 */
export type ReturnServices<Returned> = Target.Services<Returned>

/**
 * An evaluator with a name and limits.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evaluator<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never,
  out R = never
> {
  readonly [TypeId]: typeof TypeId
  /** The name; it is the key of a result that has none. Not `key`, which classes of services have for their id. */
  readonly feedbackKey: string
  /** Version and configuration; a service may only know them once its Layer is there. */
  readonly describe: Effect.Effect<Description, never, R>
  readonly evaluate: (
    args: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ) => Return<unknown, R>
  readonly options: Options<Inputs, Outputs, ReferenceOutputs, Metadata>
  /** Whether it judges runs that failed, too. */
  readonly judges: "succeeded" | "all"
}

/**
 * What identifies an evaluator.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly name: string
  /** Change it when the judgement changes. Where there is none, the text of the function stands for it. */
  readonly version: string | undefined
  /** Whatever the judgement depends on, such as the judge's model and prompt. */
  readonly config: unknown
  /** A hash of the above: a score with the same fingerprint needs no second judgement. */
  readonly fingerprint: string
}

/**
 * What can be said about an evaluator.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<in Inputs = never, in Outputs = never, in ReferenceOutputs = never, in Metadata = never>
  extends Execution.Options
{
  /** Change it when the judgement changes. */
  readonly version?: string | undefined
  /** Whatever the judgement depends on, such as the judge's model and prompt. */
  readonly config?: unknown
  /** The keys of its results, where they are known beforehand and there are several. */
  readonly keys?: ReadonlyArray<string> | undefined
  /** How the scores are to be read, for results that do not say. */
  readonly feedbackConfig?: EvaluationResult.FeedbackConfig | undefined
  /** Which runs to judge. The others are `Skipped`. */
  readonly when?: ((args: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => boolean) | undefined
}

/**
 * LangSmith's object style.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunEvaluator<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never,
  out R = never
> {
  evaluateRun(
    run: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    example: Example.Example<Inputs, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ): Return<unknown, R>
}

/**
 * Everything that can stand in a list of evaluators. What they need is a wildcard here; it is read off the list.
 *
 * @category models
 * @since 0.1.0
 */
export type Input<Inputs, Outputs, ReferenceOutputs, Metadata, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the wildcard
  | Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, R>
  | ((
    args: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    example: Example.Example<Inputs, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ) => Return<unknown, R>)
  | RunEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, R>

/**
 * Whether a value is an evaluator made by this module.
 *
 * @category guards
 * @since 0.1.0
 */
export const isEvaluator = (u: unknown): u is Evaluator<never, never, never, never, unknown> =>
  Predicate.hasProperty(u, TypeId)

// -----------------------------------------------------------------------------
// constructors
// -----------------------------------------------------------------------------

/**
 * An evaluator with a name, and limits if wanted. It judges runs that succeeded; others are `Skipped`.
 *
 * **Example** (A name, a version, a limit)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 *
 * const words = Dataset.fromIterable("words", [{ inputs: "effect", referenceOutputs: "EFFECT" }])
 * const evaluation = Evaluation.make("shouting", { data: words, target: (inputs) => inputs.toUpperCase() })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [
 *       Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs, {
 *         version: "1",
 *         timeout: "10 seconds"
 *       })
 *     ]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaries["correct"]?.outcomes.scored) // => 1
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Return>(
  feedbackKey: string,
  evaluate: (
    args: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ) => Returned,
  options: Options<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
): Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, ReturnServices<Returned>> => ({
  ...fromFunction("make", feedbackKey, evaluate, options),
  judges: "succeeded"
})

/**
 * An evaluator that judges failed runs, too: `outputs` is `undefined` for those, and `run.error` says why.
 *
 * **Example** (How often does the target fail?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 *
 * const numbers = Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }])
 * const evaluation = Evaluation.make("odd", {
 *   data: numbers,
 *   target: (n) => n % 2 === 1 ? Effect.succeed(n) : Effect.fail("even")
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [Evaluator.makeForAllRuns("survived", ({ run }) => run.error === undefined)]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaries["survived"]?.score?.mean) // => 0.5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeForAllRuns = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Return>(
  feedbackKey: string,
  evaluate: (
    args: EvaluatorArgs<Inputs, Outputs | undefined, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ) => Returned,
  options: Options<Inputs, Outputs | undefined, ReferenceOutputs, Metadata> = {}
): Evaluator<Inputs, Outputs | undefined, ReferenceOutputs, Metadata, ReturnServices<Returned>> => ({
  ...fromFunction("makeForAllRuns", feedbackKey, evaluate, options),
  judges: "all"
})

const fromFunction = <I, O, Ref, M, Returned extends Return>(
  constructor: "make" | "makeForAllRuns",
  feedbackKey: string,
  evaluate: (args: EvaluatorArgs<I, O, Ref, M>, context: EvaluatorContext) => Returned,
  options: Options<I, O, Ref, M>
) => {
  refuseUnknown(`Evaluator.${constructor}(${JSON.stringify(feedbackKey)})`, options, evaluatorNames)
  return {
    [TypeId]: TypeId,
    feedbackKey,
    describe: Effect.succeed(describeFunction(feedbackKey, evaluate, options)),
    // What the function's effect needs is kept in the type of the evaluator.
    evaluate: evaluate as (...args: Parameters<typeof evaluate>) => Return<unknown, ReturnServices<Returned>>,
    options
  } as const
}

/**
 * An evaluator class that is a service: its Layers are the judges to choose from. The class stands wherever an evaluator
 * does. The schemas say what it can judge; where one is missing, anything will do.
 *
 * **Example** (A judge that is chosen by a Layer)
 *
 * ```ts
 * import { Effect, Layer, Schema } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 *
 * class Tone extends Evaluator.Service<Tone>()("support/Tone", { outputs: Schema.String }) {}
 *
 * const Strict = Layer.succeed(Tone, { evaluate: ({ outputs }) => ({ score: outputs.endsWith(".") }), version: "strict" })
 *
 * const evaluation = Evaluation.make("tone", {
 *   data: Dataset.fromIterable("greetings", [{ inputs: "Ada" }]),
 *   target: (name) => `Good morning, ${name}.`
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Tone] }).pipe(Effect.provide([Strict, TracingClient.layerNone]))
 * )
 * console.log(experiment.summaries["Tone"]?.score?.mean) // => 1
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const Service = <Self>() =>
<
  const Id extends string,
  Inputs extends Schema.Constraint = Schema.Unknown,
  Outputs extends Schema.Constraint = Schema.Unknown,
  ReferenceOutputs extends Schema.Constraint = Schema.Unknown,
  Metadata extends Schema.Constraint = Schema.Unknown
>(
  id: Id,
  options: {
    readonly inputs?: Inputs | undefined
    readonly outputs?: Outputs | undefined
    readonly referenceOutputs?: ReferenceOutputs | undefined
    readonly metadata?: Metadata | undefined
    /** The key of results that have none. Default: the last part of the id. */
    readonly key?: string | undefined
  } & Omit<Options<Inputs["Type"], Outputs["Type"], ReferenceOutputs["Type"], Metadata["Type"]>, "version" | "config"> =
    {}
): ServiceClass<Self, Id, Inputs["Type"], Outputs["Type"], ReferenceOutputs["Type"], Metadata["Type"]> => {
  type Implementation = EvaluatorService<Inputs["Type"], Outputs["Type"], ReferenceOutputs["Type"], Metadata["Type"]>
  refuseUnknown(`Evaluator.Service(${JSON.stringify(id)})`, options, serviceNames)
  const feedbackKey = options.key ?? id.slice(id.lastIndexOf("/") + 1)
  const Tag = Context.Service<Self, Implementation>()(id)
  const evaluator: Evaluator<Inputs["Type"], Outputs["Type"], ReferenceOutputs["Type"], Metadata["Type"], Self> = {
    [TypeId]: TypeId,
    feedbackKey,
    describe: Tag.useSync((service) => describeFunction(feedbackKey, service.evaluate, service)),
    evaluate: (args, context) => Tag.use((service) => fromReturned(service.evaluate(args, context))),
    options,
    judges: "succeeded"
  }
  return Object.assign(Tag, evaluator)
}

const serviceNames = [
  ...evaluatorNames.filter((name) => name !== "version" && name !== "config"),
  "inputs",
  "outputs",
  "referenceOutputs",
  "metadata",
  "key"
]

/**
 * What a Layer of an evaluator class gives.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluatorService<in Inputs, in Outputs, in ReferenceOutputs, in Metadata> {
  readonly evaluate: (
    args: EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: EvaluatorContext
  ) => Return<unknown, never>
  /** Change it when the judgement changes. */
  readonly version?: string | undefined
  /** Whatever the judgement depends on, such as the judge's model and prompt. */
  readonly config?: unknown
}

/**
 * The type of an evaluator class.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServiceClass<
  in out Self,
  in out Id extends string,
  in out Inputs,
  in out Outputs,
  in out ReferenceOutputs,
  in out Metadata
> extends
  Context.ServiceClass<Self, Id, EvaluatorService<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Self>
{}

/**
 * Returned by an evaluator that has nothing to say about a run: the outcome is `Skipped` with the reason, and no mean
 * counts it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const skip = (reason: string): Skip => new Skip(reason)

/**
 * The services that a list of evaluators needs. A wildcard needs nothing: it is what is left where there is no list.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Services<Member> = Member extends Evaluator<never, never, never, never, infer R> ? Known<R>
  : Member extends { evaluateRun(...args: never): infer Returned } ? Known<ReturnServices<Returned>>
  : Member extends (...args: never) => infer Returned ? Known<ReturnServices<Returned>>
  : never

/**
 * The type, or `never` for `any`.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Known<R> = 0 extends 1 & R ? never : R
