/** What a file exports for others to run: an evaluation with all it takes, its types done with their work. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type * as Evaluation from "../../Evaluation.ts"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Gate from "../../Gate.ts"
import type * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import type { TracingClient } from "../../TracingClient.ts"
import { runNames } from "../engine/optionNames.ts"
import { describe } from "../values/describe.ts"
import { refuseUnknown } from "../values/options.ts"

const TypeId = "~effect-evals/Evaluation/Entry"

/**
 * What whoever runs an entry provides, so that the entry's layer need not: where experiments are written, and what
 * `NodeServices.layer` has.
 *
 * @category models
 * @since 0.1.0
 */
export type EntryServices =
  | TracingClient
  | ChildProcessSpawner
  | FileSystem.FileSystem
  | Path.Path
  | Stdio.Stdio
  | Terminal.Terminal

/**
 * An evaluation with its evaluators, its options and its layers, for others to run: the command line, a test runner, a
 * worker. Its types have done their work, so entries of all kinds are alike.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly [TypeId]: typeof TypeId
  /** The name of the evaluation, where it is known before the evaluation is made. */
  readonly name: string | undefined
  /** Whatever it needs besides `EntryServices` is what `layer` provides; so it is with the options. */
  readonly evaluation: Effect.Effect<
    Evaluation.Evaluation<unknown, unknown, unknown, unknown, unknown, unknown, EntryServices>,
    unknown,
    EntryServices
  >
  readonly options: Omit<
    Evaluation.Options<
      unknown,
      unknown,
      unknown,
      unknown,
      unknown,
      ReadonlyArray<Evaluator.Input<unknown, unknown, unknown, unknown>>,
      ReadonlyArray<SummaryEvaluator.Input<unknown, unknown, unknown, unknown>>,
      EntryServices
    >,
    "resume"
  >
  /** Provides what the evaluation and the options need. */
  readonly layer: Layer.Layer<never, unknown, EntryServices> | undefined
  readonly gate: Gate.Gate | undefined
  readonly dataSchemas: Experiment.DataSchemas<unknown, unknown, unknown, unknown>
}

/**
 * The options of a run, and what an entry says besides.
 *
 * @category options
 * @since 0.1.0
 */
export interface EntryOptions<
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  Evaluators extends ReadonlyArray<Evaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  SummaryEvaluators extends ReadonlyArray<SummaryEvaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  R,
  Provided
> extends
  Evaluation.Options<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, Evaluators, SummaryEvaluators, R>
{
  /** What is resumed, whoever runs the entry says. */
  readonly resume?: undefined
  /**
   * Provides what evaluation, evaluators and options need: models, services, clients. Whoever runs the entry provides
   * `EntryServices`, which the layer may use, too.
   */
  readonly layer?: Layer.Layer<Provided, unknown, EntryServices> | undefined
  /** What has to hold. */
  readonly gate?: Gate.Gate | undefined
  /** How the data is read back from where experiments are kept, where JSON loses something of it. */
  readonly dataSchemas?: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> | undefined
}

/** Asks for a layer of what is needed and not provided; asks nothing if that is nothing. */
type WithLayer<Missing> = [Missing] extends [never] ? unknown : {
  /** Provides what evaluation, evaluators and options need. */
  readonly layer: Layer.Layer<Missing, unknown, EntryServices>
}

const entryNames = [...runNames.filter((name) => name !== "resume"), "layer", "gate", "dataSchemas"]

/**
 * An evaluation for others to run: what a `*.eval.ts` file exports. Lambdas in `evaluators` need no annotations, and the
 * type checker asks for a `layer` that provides what the evaluation and its evaluators need. The evaluation may be an
 * effect that makes one, such as one that looks up a version of a dataset in a store.
 *
 * **Example** (A file that `effect-evals run` runs)
 *
 * ```ts
 * import { Context, Layer } from "effect"
 * import { Dataset, Evaluation, Evaluator, Gate } from "effect-evals"
 *
 * class Greeter extends Context.Service<Greeter, { readonly greet: (name: string) => string }>()("Greeter") {}
 *
 * const evaluation = Evaluation.make("greetings", {
 *   data: Dataset.fromIterable("names", [{ inputs: "Ada", referenceOutputs: "Hello Ada" }]),
 *   target: (name) => Greeter.useSync(({ greet }) => greet(name))
 * })
 *
 * export default Evaluation.entry(evaluation, {
 *   evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)],
 *   layer: Layer.succeed(Greeter, { greet: (name) => `Hello ${name}` }),
 *   gate: Gate.mean("correct", { atLeast: 0.9 })
 * })
 * ```
 *
 * @category entries
 * @since 0.1.0
 */
export const entry = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  E,
  R,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  RO = never,
  Provided = never,
  RM = never
>(
  evaluation:
    | Evaluation.Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>
    | Effect.Effect<
      Evaluation.Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>,
      unknown,
      RM
    >,
  options:
    & EntryOptions<
      NoInfer<Inputs>,
      NoInfer<Outputs>,
      NoInfer<ReferenceOutputs>,
      NoInfer<Metadata>,
      NoInfer<TargetError>,
      Evaluators,
      SummaryEvaluators,
      RO,
      Provided
    >
    & WithLayer<
      Exclude<
        | R
        | RM
        | RO
        | Evaluator.Services<Evaluators[number]>
        | SummaryEvaluator.Services<SummaryEvaluators[number]>,
        NoInfer<Provided> | EntryServices
      >
    >
): Entry => {
  // The types say so; a file in JavaScript has none.
  if (!Effect.isEffect(evaluation) && !(Predicate.hasProperty(evaluation, "target") && "data" in evaluation)) {
    throw new TypeError(
      "Evaluation.entry takes an evaluation, as Evaluation.make gives it, or an effect of one, and then the options: " +
        `Evaluation.entry(evaluation, { evaluators: [...] }); got ${describe(evaluation)}`
    )
  }
  const name = Effect.isEffect(evaluation) ? undefined : evaluation.name
  refuseUnknown(`Evaluation.entry(${name === undefined ? "..." : JSON.stringify(name)})`, options, entryNames)
  const { dataSchemas, gate, layer, resume: _, ...rest } = options ?? {}
  // From here on all data is alike, as it is to the interpreter, and what is needed is what the layer provides.
  return {
    [TypeId]: TypeId,
    name,
    evaluation:
      (Effect.isEffect(evaluation) ? evaluation : Effect.succeed(evaluation)) as unknown as Entry["evaluation"],
    options: rest as unknown as Entry["options"],
    layer,
    gate,
    dataSchemas: (dataSchemas ?? {}) as Entry["dataSchemas"]
  }
}

/**
 * Whether a value is an entry.
 *
 * @category guards
 * @since 0.1.0
 */
export const isEntry = (u: unknown): u is Entry => Predicate.hasProperty(u, TypeId)
