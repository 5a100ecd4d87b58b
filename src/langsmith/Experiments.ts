/**
 * Experiments that are in LangSmith already: read as experiments of the core, judged by further evaluators, judged
 * against one another.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Evaluation from "../Evaluation.ts"
import type * as Evaluator from "../Evaluator.ts"
import type * as Experiment from "../Experiment.ts"
import * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import type * as PairwiseEvaluator from "../PairwiseEvaluator.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { TracingClient } from "../TracingClient.ts"
import { runComparative } from "./internal/comparative.ts"
import { readProject } from "./internal/projects.ts"
import { readExperiment } from "./internal/remoteExperiment.ts"
import { homeOf } from "./internal/runIds.ts"
import { experimentUrl, makeTracingClient } from "./internal/tracingClient.ts"
import { Writer } from "./internal/writer.ts"
import { LangSmithClient } from "./LangSmithClient.ts"
import type { LangSmithError } from "./LangSmithError.ts"

/**
 * What is read of an experiment.
 *
 * @category options
 * @since 0.1.0
 */
export interface ReadOptions<Inputs, Outputs, ReferenceOutputs, Metadata> {
  /** How inputs, outputs, reference outputs and metadata are decoded; without a schema they stay the JSON they are. */
  readonly data?: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> | undefined
  /** Whether the runs below those of the target are read as well. Default `false`. */
  readonly nested?: boolean | undefined
  /** Whether feedback is read. Default `true`. */
  readonly feedback?: boolean | undefined
  /**
   * The version of the dataset that the examples are read at. Default: the one that the experiment was run on. Experiments
   * that are to be compared need the same examples.
   */
  readonly asOf?: string | undefined
}

/**
 * Reads an experiment by name or id, with its examples as they were when it ran, and its feedback as what evaluators
 * said: so it can be compared with others, held against a gate, reported, or judged anew. All rows are held in memory.
 *
 * **Example** (Is tonight better than the last one in LangSmith?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Comparison } from "effect-evals"
 * import { Experiments } from "effect-evals/langsmith"
 *
 * export const program = Effect.gen(function*() {
 *   const before = yield* Experiments.read("support-1a2b3c4d")
 *   const after = yield* Experiments.read("support-5e6f7a8b")
 *   return yield* Comparison.make(before, after)
 * })
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(
  function*<Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
    nameOrId: string,
    options: ReadOptions<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
  ): Effect.fn.Return<
    Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
    LangSmithError,
    LangSmithClient
  > {
    const client = yield* LangSmithClient
    const project = yield* readProject(client, nameOrId)
    const experiment = yield* readExperiment(client, project, options.data ?? {}, {
      nested: options.nested ?? false,
      feedback: options.feedback ?? true,
      asOf: options.asOf
    })
    // The schemas given for the data are what makes the types of the rows true.
    return experiment as Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>
  }
)

/**
 * Where people look at an experiment: the comparison view of its dataset. An experiment that was written by this wing has
 * its own id in LangSmith.
 *
 * @category reading
 * @since 0.1.0
 */
export const url = Effect.fnUntraced(function*(
  experiment: string | Pick<Experiment.Header, "id">
): Effect.fn.Return<string, LangSmithError, LangSmithClient> {
  const client = yield* LangSmithClient
  const project = yield* readProject(client, typeof experiment === "string" ? experiment : experiment.id)
  return experimentUrl(client, project)
})

/**
 * How an experiment is judged that is there already.
 *
 * @category options
 * @since 0.1.0
 */
export interface EvaluateExistingOptions<Evaluators, SummaryEvaluators>
  extends Omit<Evaluation.Settings, "name" | "repetitions">
{
  readonly evaluators: Evaluators
  readonly summaryEvaluators?: SummaryEvaluators | undefined
}

/**
 * Has the runs of an experiment in LangSmith judged by further evaluators: the target is not run. What they say is
 * feedback on the runs that are there, with runs of the evaluators to look at. The experiment is one that was read from
 * there, or written there by this program.
 *
 * **Example** (A judge that was forgotten)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Experiments } from "effect-evals/langsmith"
 *
 * const Answer = Schema.Struct({ answer: Schema.String })
 *
 * export const program = Effect.gen(function*() {
 *   const experiment = yield* Experiments.read("support-1a2b3c4d", { data: { outputs: Answer } })
 *   return yield* Experiments.evaluateExisting(experiment, {
 *     evaluators: [function polite({ outputs }) {
 *       return outputs.answer.includes("please")
 *     }]
 *   })
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const evaluateExisting = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  > = readonly []
>(
  experiment: Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
  options: EvaluateExistingOptions<Evaluators, SummaryEvaluators>
): Effect.Effect<
  Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
  LangSmithError | Experiment.RowsNotKept | Evaluation.InvalidOptions | Evaluation.TooManyFailures,
  | LangSmithClient
  | Writer
  | Evaluator.Services<Evaluators[number]>
  | SummaryEvaluator.Services<SummaryEvaluators[number]>
> =>
  Effect.gen(function*() {
    const client = yield* LangSmithClient
    const { parts } = yield* Writer
    const project = yield* readProject(client, experiment.id)
    // What was said before is there already.
    const said = new Set(experiment.rows.flatMap(({ evaluations }) => evaluations.map(({ outcome }) => outcome)))
    return yield* Evaluation.rescore(experiment, { ...options, name: project.name }).pipe(
      Effect.provideService(TracingClient, {
        clients: [makeTracingClient(parts, { project, said, home: homeOf(experiment) })]
      })
    )
  })

/**
 * What a comparative evaluation leaves.
 *
 * @category models
 * @since 0.1.0
 */
export interface ComparativeExperiment<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> extends PairwiseEvaluation.PairwiseExperiment<Inputs, Outputs, ReferenceOutputs, Metadata> {
  /** Of the comparative experiment in LangSmith. */
  readonly comparativeExperimentId: string
  /** Where people look at it. */
  readonly url: string
}

/**
 * Has the runs of two or more experiments in LangSmith, on the same dataset, judged against one another. LangSmith shows
 * it as a comparative experiment, with a score for each run, and comments. The experiments are ones that were read from
 * there, or written there by this program.
 *
 * **Example** (Which answer is shorter?)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Experiments } from "effect-evals/langsmith"
 *
 * const data = { outputs: Schema.Struct({ answer: Schema.String }) }
 *
 * export const program = Effect.gen(function*() {
 *   const before = yield* Experiments.read("support-1a2b3c4d", { data })
 *   const after = yield* Experiments.read("support-5e6f7a8b", { data })
 *   const { url } = yield* Experiments.evaluateComparative([before, after], {
 *     order: "both",
 *     evaluators: [function shorter({ outputs }) {
 *       return outputs.map(({ answer }) => -answer.length)
 *     }]
 *   })
 *   return url
 * })
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const evaluateComparative = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  const Evaluators extends ReadonlyArray<
    PairwiseEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >
>(
  experiments: ReadonlyArray<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  options: PairwiseEvaluation.Options<Evaluators>
): Effect.Effect<
  ComparativeExperiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
  LangSmithError | PairwiseEvaluation.PairwiseError | Evaluation.InvalidOptions | Evaluation.TooManyFailures,
  LangSmithClient | Writer | PairwiseEvaluator.Services<Evaluators[number]>
> =>
  runComparative(experiments, options, (client) =>
    PairwiseEvaluation.run(experiments, options).pipe(
      Effect.provideService(TracingClient, { clients: [client] })
    ))
