/** Going on from earlier experiments: a run that does only what is missing, and other evaluators for runs that are there. */
import * as Effect from "effect/Effect"
import type * as Dataset from "../../Dataset.ts"
import type { Earlier, EarlierOutputs, Evaluation, Options } from "../../Evaluation.ts"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Experiment from "../../Experiment.ts"
import type { ExperimentInUse, ExperimentSource, ExperimentSourceError } from "../../ExperimentSource.ts"
import type * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import type { TracingClient } from "../../TracingClient.ts"
import { earlierExperiments, existingExperiment } from "./earlier.ts"
import type { InvalidOptions, TooManyFailures } from "./evaluationErrors.ts"
import { recordedEvaluation } from "./recordedEvaluation.ts"
import { run } from "./running.ts"

/**
 * Runs an evaluation where earlier runs of it were cut short: only what is missing is run. It goes on from the experiment
 * with this id and those that went on from it, or from all experiments of this name; if there is none of the name, it is
 * the first. The same program is then the first run, the one after a crash, and the one that has nothing left to do. What
 * comes of it is an experiment of the same name, with all rows; `reused` counts what it took over.
 *
 * While it runs, nobody else can go on from the same: it fails with `ExperimentInUse` or, if asked to, waits. It fails as
 * `run` does, and with `ExperimentSourceError` where nothing has the id or what is there cannot be read.
 *
 * **Example** (The same again costs nothing)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 *
 * const evaluation = Evaluation.make("squares", {
 *   data: Dataset.fromIterable("numbers", [1, 2, 3].map((inputs) => ({ inputs }))),
 *   target: (n) => n * n
 * })
 * const nightly = Evaluation.resume(evaluation, "nightly", {
 *   outputs: Schema.Number,
 *   evaluators: [function even({ outputs }) {
 *     return outputs % 2 === 0
 *   }]
 * })
 * const reused = Effect.map(nightly, (experiment) => experiment.reused)
 * console.log(await Effect.runPromise(Effect.all([reused, reused]).pipe(Effect.provide(TracingClient.layerMemory))))
 * // => [ { runs: 0, evaluations: 0 }, { runs: 3, evaluations: 3 } ]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const resume = <
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
  RO = never
>(
  evaluation: Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>,
  idOrName: string,
  options:
    & Omit<
      Options<
        NoInfer<Inputs>,
        NoInfer<Outputs>,
        NoInfer<ReferenceOutputs>,
        NoInfer<Metadata>,
        NoInfer<TargetError>,
        Evaluators,
        SummaryEvaluators,
        RO
      >,
      "resume"
    >
    & EarlierOutputs<NoInfer<Outputs>>
): Effect.Effect<
  Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  E | Dataset.DatasetError | InvalidOptions | TooManyFailures | ExperimentSourceError | ExperimentInUse,
  | R
  | RO
  | TracingClient
  | ExperimentSource
  | Evaluator.Services<Evaluators[number]>
  | SummaryEvaluator.Services<SummaryEvaluators[number]>
> =>
  Effect.scoped(Effect.gen(function*() {
    const { failed, outputs, whenInUse, ...rest } = options
    const { experiments, lost, name } = yield* earlierExperiments(evaluation.target, idOrName, { outputs, whenInUse })
    return yield* run(evaluation, { name, ...rest, resume: { experiments, failed } }).pipe(Effect.raceFirst(lost))
  }))

/**
 * Has the runs of an experiment judged by other evaluators: the target is not run. Evaluators that are the same as before
 * are not asked again.
 *
 * It fails where the rows of the experiment were not kept.
 *
 * **Example** (A judge that was forgotten)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 *
 * const evaluation = Evaluation.make("squares", {
 *   data: Dataset.fromIterable("numbers", [{ inputs: 2 }, { inputs: 3 }]),
 *   target: (n) => n * n
 * })
 * const program = Effect.gen(function*() {
 *   const experiment = yield* Evaluation.run(evaluation)
 *   return yield* Evaluation.rescore(experiment, {
 *     evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)]
 *   })
 * })
 * const { reused, summaries } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(summaries["even"]?.score?.mean, reused) // => 0.5 { runs: 2, evaluations: 0 }
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const rescore = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  RO = never
>(
  experiment: Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  options?:
    & Omit<
      Options<
        NoInfer<Inputs>,
        NoInfer<Outputs>,
        NoInfer<ReferenceOutputs>,
        NoInfer<Metadata>,
        NoInfer<TargetError>,
        Evaluators,
        SummaryEvaluators,
        RO
      >,
      "resume" | "repetitions"
    >
    & Pick<Earlier, "failed">
): Effect.Effect<
  Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  Experiment.RowsNotKept | InvalidOptions | TooManyFailures,
  RO | TracingClient | Evaluator.Services<Evaluators[number]> | SummaryEvaluator.Services<SummaryEvaluators[number]>
> => rescoreFrom(experiment, [experiment], options)

/** Judges the runs of an experiment; what evaluators have made of them already, there or in others, is taken over. */
const rescoreFrom = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  const Evaluators extends ReadonlyArray<Evaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  const SummaryEvaluators extends ReadonlyArray<SummaryEvaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  RO
>(
  experiment: Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  experiments: ReadonlyArray<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>>,
  options:
    | (
      & Omit<
        Options<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, Evaluators, SummaryEvaluators, RO>,
        "resume" | "repetitions"
      >
      & Pick<Earlier, "failed">
    )
    | undefined
) =>
  Effect.flatMap(recordedEvaluation(experiment), (evaluation) => {
    const { failed, ...rest } = options ?? {}
    return run(evaluation, {
      ...rest,
      repetitions: experiment.repetitions,
      // The target cannot be run again: nothing but its record is there.
      resume: { experiments, failed: failed === "rerun" ? "rerunEvaluators" : failed }
    })
  }).pipe(
    // The examples were read once, and are in memory.
    Effect.catchTag("DatasetError", Effect.die)
  )

/**
 * Has the runs of an experiment, found by id or name, judged by other evaluators: the target is not run. It is LangSmith's
 * `evaluate_existing` for whatever a tracing client has written. Of several experiments of a name it is the latest; if that
 * was cut short, the one with more rows that it went on from. What was judged already, also by an earlier call that was cut short, is taken
 * over. The schemas say what the data is; what has none is `unknown`.
 *
 * It fails with `ExperimentSourceError` if there is no such experiment or it cannot be read, and with `ExperimentInUse`
 * while another process does the same.
 *
 * **Example** (Another judge for last night)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 2 }, { inputs: 3 }])
 *   yield* Evaluation.run(Evaluation.make("squares", { data, target: (n) => n * n }), { name: "nightly" })
 *   return yield* Evaluation.evaluateExisting("nightly", { inputs: Schema.Number, outputs: Schema.Number }, {
 *     evaluators: [Evaluator.make("larger", ({ inputs, outputs }) => outputs > inputs + 2)]
 *   })
 * })
 * const { reused, summaries } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerMemory)))
 * console.log(summaries["larger"]?.score?.mean, reused) // => 0.5 { runs: 2, evaluations: 0 }
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const evaluateExisting = <
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  > = readonly [],
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  > = readonly [],
  RO = never
>(
  idOrName: string,
  data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>,
  options:
    & Omit<
      Options<
        NoInfer<Inputs>,
        NoInfer<Outputs>,
        NoInfer<ReferenceOutputs>,
        NoInfer<Metadata>,
        unknown,
        Evaluators,
        SummaryEvaluators,
        RO
      >,
      "resume" | "repetitions"
    >
    & Earlier
): Effect.Effect<
  Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
  Experiment.RowsNotKept | InvalidOptions | TooManyFailures | ExperimentSourceError | ExperimentInUse,
  | RO
  | TracingClient
  | ExperimentSource
  | Evaluator.Services<Evaluators[number]>
  | SummaryEvaluator.Services<SummaryEvaluators[number]>
> =>
  Effect.scoped(Effect.gen(function*() {
    const { whenInUse, ...rest } = options
    const { experiment, experiments, lost } = yield* existingExperiment(idOrName, data, { name: rest.name, whenInUse })
    return yield* rescoreFrom(experiment, experiments, { ...rest, name: rest.name ?? experiment.name }).pipe(
      Effect.raceFirst(lost)
    )
  }))
