/**
 * What is evaluated: a function from inputs to outputs, a service whose Layers are the variants, or outputs that were
 * made elsewhere.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as Attachment from "./Attachment.ts"
import type * as Example from "./Example.ts"
import { targetNames } from "./internal/engine/optionNames.ts"
import {
  checked,
  describeFunction,
  RecordedOutputMissing,
  runFunction,
  type SchemaMismatch
} from "./internal/engine/target.ts"
import { TypeId } from "./internal/engine/target.ts"
import { hashOf } from "./internal/values/identity.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import type * as Run from "./Run.ts"

export { RecordedOutputMissing, SchemaMismatch } from "./internal/engine/target.ts"

/**
 * What is evaluated: `inputs => Effect<outputs>`, with a name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target<in Inputs, out Outputs, out E = never, out R = never> {
  readonly [TypeId]: typeof TypeId
  /** Name, version and configuration; a service may only know them once its Layer is there. */
  readonly describe: Effect.Effect<Description, never, R>
  /** Runs it on the inputs of one example. */
  readonly run: (inputs: Inputs, context: TargetContext) => Effect.Effect<Outputs, E, R>
  /**
   * Where something is recorded: the run of an example, which is judged as it is; or only what it came to, which has no
   * attempts and no latency. Neither is run, so limits do not apply. For `undefined`, it is run.
   */
  readonly recordedRun?:
    | ((
      example: Example.Example,
      repetition: number
    ) => Run.Run<unknown, Outputs, E> | Exit.Exit<Outputs, E> | undefined)
    | undefined
}

/**
 * What identifies a target.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly name: string
  /** Change it when the behaviour changes. Where there is none, the text of the function stands for it. */
  readonly version: string | undefined
  /** Whatever the behaviour depends on, such as the model and the prompt. */
  readonly config: unknown
  /** A hash of the above: a resumed run repeats nothing that the same fingerprint has done. */
  readonly fingerprint: string
}

/**
 * What a target is told besides its inputs.
 *
 * @category models
 * @since 0.1.0
 */
export interface TargetContext {
  readonly example: Example.Example
  readonly attachments: Attachment.Attachments
  readonly metadata: unknown
  /** Which repetition of the example this is, from 0. */
  readonly repetition: number
  /** Which attempt this is, from 1. */
  readonly attempt: number
  /** Aborted when the run is interrupted or times out; pass it to `fetch` and the like. */
  readonly signal: AbortSignal
}

/**
 * A function that can be a target. It may give a value, a `Promise` or an `Effect`.
 *
 * @category models
 * @since 0.1.0
 */
export type TargetFunction<in Inputs> = (inputs: Inputs, context: TargetContext) => unknown

/**
 * What a function's result is once it is there.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Output<Returned> = Returned extends Effect.Effect<infer A, infer _E, infer _R> ? A
  : Returned extends PromiseLike<infer A> ? A
  : Returned

/**
 * How a function may fail: an `Effect` says, a `Promise` may be rejected with anything, a plain value cannot fail (what
 * a plain function throws is a defect).
 *
 * @category type-level
 * @since 0.1.0
 */
export type Failure<Returned> = Returned extends Effect.Effect<infer _A, infer E, infer _R> ? E
  : Returned extends PromiseLike<unknown> ? unknown
  : never

/**
 * What a function's result needs. For `any`, of which nothing is known, that is nothing.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Services<Returned> = 0 extends 1 & Returned ? never
  : Returned extends Effect.Effect<infer _A, infer _E, infer R> ? R
  : never

/**
 * What a target gives, how it fails, and what it needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Parts<T> = T extends Target<never, infer Outputs, infer E, infer R>
  ? { readonly outputs: Outputs; readonly error: E; readonly services: R }
  : never

/**
 * Whether a value is a target.
 *
 * @category guards
 * @since 0.1.0
 */
export const isTarget = (u: unknown): u is Target<never, unknown, unknown, unknown> => Predicate.hasProperty(u, TypeId)

// -----------------------------------------------------------------------------
// constructors
// -----------------------------------------------------------------------------

/**
 * What can be said about a target.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Change it when the behaviour changes. */
  readonly version?: string | undefined
  /** Whatever the behaviour depends on, such as the model and the prompt. */
  readonly config?: unknown
}

/**
 * Schemas that inputs and outputs are held against.
 *
 * @category options
 * @since 0.1.0
 */
export interface Schemas<out Inputs, out Outputs> {
  /** Inputs that do not fit fail the row before the target is called. */
  readonly inputs?: Schema.ConstraintCodec<Inputs, unknown, unknown, unknown> | undefined
  /** Outputs that do not fit fail the row. */
  readonly outputs?: Schema.ConstraintCodec<Outputs, unknown, unknown, unknown> | undefined
}

/**
 * A target from a function.
 *
 * **Example** (A target with a version)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Target } from "effect-evals"
 *
 * const shout = Target.make("shout", (inputs: { text: string }) => Effect.succeed(inputs.text.toUpperCase()), {
 *   version: "2"
 * })
 * const { name, version } = await Effect.runPromise(shout.describe)
 * console.log(name, version) // => shout 2
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: {
  <Inputs, Returned>(
    name: string,
    run: (inputs: Inputs, context: TargetContext) => Returned,
    options?: Options & { readonly inputs?: undefined; readonly outputs?: undefined }
  ): Target<Inputs, Output<Returned>, Failure<Returned>, Services<Returned>>
  <Inputs, Returned>(
    name: string,
    run: (inputs: Inputs, context: TargetContext) => Returned,
    options: Options & Schemas<Inputs, Output<Returned>>
  ): Target<Inputs, Output<Returned>, Failure<Returned> | SchemaMismatch, Services<Returned>>
} = <Inputs, Returned>(
  name: string,
  run: (inputs: Inputs, context: TargetContext) => Returned,
  options: Options & Partial<Schemas<Inputs, Output<Returned>>> = {}
) => {
  refuseUnknown(`Target.make(${JSON.stringify(name)})`, options, targetNames)
  return fromSpec(
    Effect.succeed(describeFunction(name, run, options)),
    checked(name, runFunction(run), options)
    // Without schemas there is no mismatch, which the first overload says.
  ) as Target<Inputs, Output<Returned>, Failure<Returned>, Services<Returned>>
}

const fromSpec = <I, O, E, R>(
  describe: Effect.Effect<Description, never, R>,
  run: (inputs: I, context: TargetContext) => Effect.Effect<O, E, R>
): Target<I, O, E, R> => ({ [TypeId]: TypeId, describe, run })

/**
 * A target class that is a service: its Layers are the variants to compare. The class stands wherever a target does.
 *
 * **Example** (Two models, one target)
 *
 * ```ts
 * import { Effect, Layer, Schema } from "effect"
 * import { Target } from "effect-evals"
 *
 * class Answerer extends Target.Service<Answerer>()("support/Answerer", {
 *   inputs: Schema.Struct({ question: Schema.String }),
 *   outputs: Schema.Struct({ answer: Schema.String })
 * }) {}
 *
 * const Polite = Layer.succeed(Answerer, {
 *   version: "polite-1",
 *   run: ({ question }) => Effect.succeed({ answer: `Thank you for asking "${question}".` })
 * })
 * const description = await Effect.runPromise(Answerer.describe.pipe(Effect.provide(Polite)))
 * console.log(description.name, description.version) // => Answerer polite-1
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const Service = <Self>() =>
<
  const Id extends string,
  Inputs extends Schema.Constraint,
  Outputs extends Schema.Constraint,
  Failure extends Schema.Constraint = typeof Schema.Never
>(
  id: Id,
  options: {
    readonly inputs: Inputs
    readonly outputs: Outputs
    /** The errors of `run`. Default: none. */
    readonly error?: Failure | undefined
    /** Default: the last part of the id. */
    readonly name?: string | undefined
  }
): ServiceClass<Self, Id, Inputs, Outputs, Failure> => {
  type Implementation = TargetService<Inputs["Type"], Outputs["Type"], Failure["Type"]>
  refuseUnknown(`Target.Service(${JSON.stringify(id)})`, options, ["inputs", "outputs", "error", "name"])
  const name = options.name ?? id.slice(id.lastIndexOf("/") + 1)
  const Tag = Context.Service<Self, Implementation>()(id)
  const target = fromSpec(
    Tag.useSync((service) => describeFunction(name, service.run, service)),
    checked(
      name,
      (inputs: Inputs["Type"], context) => Tag.use((service) => service.run(inputs, context)),
      options
    )
  )
  return Object.assign(Tag, target, { inputs: options.inputs, outputs: options.outputs })
}

/**
 * What a Layer of a target class gives.
 *
 * @category models
 * @since 0.1.0
 */
export interface TargetService<in Inputs, out Outputs, out E> {
  readonly run: (inputs: Inputs, context: TargetContext) => Effect.Effect<Outputs, E>
  /** Change it when the behaviour changes. */
  readonly version?: string | undefined
  /** Whatever the behaviour depends on, such as the model and the prompt. */
  readonly config?: unknown
}

/**
 * The type of a target class.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServiceClass<
  Self,
  Id extends string,
  Inputs extends Schema.Constraint,
  Outputs extends Schema.Constraint,
  Failure extends Schema.Constraint
> extends
  Context.ServiceClass<Self, Id, TargetService<Inputs["Type"], Outputs["Type"], Failure["Type"]>>,
  Target<Inputs["Type"], Outputs["Type"], Failure["Type"] | SchemaMismatch, Self>
{
  readonly inputs: Inputs
  readonly outputs: Outputs
}

/**
 * A target whose outputs were made elsewhere, by example id: they are judged, nothing is run, so their runs have no
 * attempts and no latency. An example without recorded outputs is a failed row, not a missing one.
 *
 * **Example** (Judging outputs from a file or a log)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Target, TracingClient } from "effect-evals"
 *
 * const sums = Dataset.fromIterable("sums", [
 *   { id: "a", inputs: "1 + 2", referenceOutputs: 3 },
 *   { id: "b", inputs: "2 + 2", referenceOutputs: 4 }
 * ])
 * const recorded = Target.fromOutputs("calculator", { a: 3, b: 5 })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("sums", { data: sums, target: recorded }), {
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
export const fromOutputs = <Outputs>(
  name: string,
  outputs: Iterable<readonly [exampleId: string, outputs: Outputs]> | { readonly [exampleId: string]: Outputs },
  options: Options = {}
): Target<unknown, Outputs, RecordedOutputMissing> => {
  const byId = new Map(Symbol.iterator in outputs ? outputs : Object.entries(outputs))
  return fromRecorded(name, options, ({ id }) => {
    const recorded = byId.get(id)
    return recorded === undefined && !byId.has(id)
      ? missing(name, id)
      // The map has the id, so `undefined` is what was recorded.
      : Exit.succeed(recorded as Outputs)
  })
}

/**
 * A target whose runs exist already, by example id and repetition: each is judged as it is, with its times, its tree and
 * its failure if it failed. An example without a run is a failed row.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRuns = <Outputs, E>(
  name: string,
  runs: Iterable<Run.Run<unknown, Outputs, E>>,
  options: Options = {}
): Target<unknown, Outputs, E | RecordedOutputMissing> => {
  const byKey = new Map(Array.from(runs, (run) => [`${run.repetition}/${run.exampleId}`, run] as const))
  return {
    ...fromRecorded(name, options, ({ id }) => missing(name, id)),
    recordedRun: ({ id }, repetition) =>
      byKey.get(`${repetition}/${id}`) ??
        missing(name, id, byKey.has(`0/${id}`) ? `repetition ${repetition + 1} of ` : "")
  }
}

const fromRecorded = <Outputs, E>(
  name: string,
  options: Options,
  recorded: (example: Example.Example) => Exit.Exit<Outputs, E>
): Target<unknown, Outputs, E> => {
  refuseUnknown(`The recorded target ${name}`, options, ["version", "config"])
  const { config, version } = options
  return {
    ...fromSpec(
      Effect.succeed({ name, version, config, fingerprint: hashOf({ kind: "recorded", name, version, config }) }),
      (_inputs, { example }) => recorded(example)
    ),
    recordedRun: recorded
  }
}

const missing = (target: string, exampleId: string, which = ""): Exit.Exit<never, RecordedOutputMissing> =>
  Exit.fail(
    new RecordedOutputMissing({
      exampleId,
      message: `Nothing is recorded for ${which}the example ${exampleId} in ${target}. ` + (which === ""
        ? "Recorded outputs are found by example id; check that they were made with this dataset."
        : "Ask for no more repetitions than were recorded.")
    })
  )
