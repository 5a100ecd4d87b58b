/**
 * Experiments judged against one another: on each example, whose answer is better?
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Dataset from "./Dataset.ts"
import * as Evaluation from "./Evaluation.ts"
import type * as Example from "./Example.ts"
import type * as Execution from "./Execution.ts"
import type * as Experiment from "./Experiment.ts"
import type { PairwiseError } from "./internal/pairwise/pairwiseError.ts"
import { type Presentation, runPairwise } from "./internal/pairwise/pairwiseRun.ts"
import { isPairwise as isRecorded, judgedFromRecord } from "./internal/pairwise/recordedPairs.ts"
import type * as Outcome from "./Outcome.ts"
import type * as PairwiseEvaluator from "./PairwiseEvaluator.ts"
import type * as Run from "./Run.ts"
import { Interval, OutcomeCounts } from "./Summary.ts"
import type * as Target from "./Target.ts"
import type { TracingClient } from "./TracingClient.ts"

export { PairwiseError } from "./internal/pairwise/pairwiseError.ts"
export { Presentation } from "./internal/pairwise/pairwiseRun.ts"

/**
 * How to run a pairwise evaluation. The limits are those of evaluators that say nothing about themselves.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<Evaluators>
  extends
    Schema.Schema.Type<typeof Presentation>,
    Omit<Evaluation.Settings, "repetitions" | "concurrency" | "evaluatorConcurrency" | "order" | "keepRows">,
    Pick<Execution.Options, "timeout" | "rowTimeout" | "retry">
{
  readonly evaluators: Evaluators
  /** How many evaluators may run at once, over all rows. Default 16. */
  readonly concurrency?: number | undefined
}

/**
 * What one evaluator said about one row, seeing the runs in one order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judgement {
  /** The name of the evaluator. */
  readonly evaluator: string
  /** Whether this is the second look, at the reverse of the order that was drawn. */
  readonly reversed: boolean
  readonly outcome: Outcome.Outcome
  /** The places of the experiments in the order in which their runs were presented. */
  readonly order: ReadonlyArray<number>
  readonly results: ReadonlyArray<PairwiseEvaluator.ComparisonEvaluationResult>
}

/**
 * One example and its runs, one from each experiment.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairwiseRow<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> {
  readonly index: number
  readonly example: Example.Example<Inputs, ReferenceOutputs, Metadata>
  /** Which repetition of the example this is, from 0. */
  readonly repetition: number
  /** In the order of the experiments. */
  readonly runs: ReadonlyArray<Run.Run<Inputs, Outputs>>
  /** Why there was nothing to judge: an experiment has no run for the row. */
  readonly error?: string | undefined
  readonly judgements: ReadonlyArray<Judgement>
}

/**
 * How often the candidate won against the baseline.
 *
 * @category models
 * @since 0.1.0
 */
export const PairSummary = Schema.Struct({
  baseline: Schema.String,
  candidate: Schema.String,
  /** Rows in which both have a score, or one lost because its run failed. */
  judged: Schema.Int,
  /** Rows that the candidate won. */
  wins: Schema.Int,
  losses: Schema.Int,
  ties: Schema.Int,
  /** Of the wins and losses, those for which no evaluator was asked: the run of the other failed. */
  byFailure: Schema.Int,
  /** The candidate's wins, ties counting one half, as a share of the rows that were judged. */
  winRate: Schema.optional(Schema.Finite),
  /** Of the win rate; clustered by example where examples were repeated. */
  standardError: Schema.optional(Schema.Finite),
  /** Around the win rate, after Wilson; a little too wide where there are ties. */
  interval: Schema.optional(Interval),
  /**
   * How probable it is that two equally good ones are so far apart: the exact sign test over the examples, ties left out.
   */
  pValue: Schema.optional(Schema.Finite),
  /** Adjusted for the number of pairs and keys, after Holm. */
  adjustedPValue: Schema.optional(Schema.Finite)
})

/**
 * How often the candidate won against the baseline.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairSummary extends Schema.Schema.Type<typeof PairSummary> {}

/**
 * How one experiment did against all others.
 *
 * @category models
 * @since 0.1.0
 */
export const Standing = Schema.Struct({
  experiment: Schema.String,
  wins: Schema.Int,
  losses: Schema.Int,
  ties: Schema.Int,
  /** Wins, ties counting one half, as a share of all comparisons with others. */
  winRate: Schema.optional(Schema.Finite),
  /**
   * The Bradley-Terry rating on the scale of Elo (1,000 on average; 400 points more for odds to win that are ten times as
   * good) with its interval. Absent where the wins do not determine one.
   */
  rating: Schema.optional(Schema.Struct({
    value: Schema.Finite,
    standardError: Schema.Finite,
    lower: Schema.Finite,
    upper: Schema.Finite
  }))
})

/**
 * How one experiment did against all others.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing extends Schema.Schema.Type<typeof Standing> {}

/**
 * How much the place in which a run is presented decides.
 *
 * @category models
 * @since 0.1.0
 */
export const PositionBias = Schema.Struct({
  /** How often the run that was presented earlier won, over all judgements and pairs. */
  earlierWins: Schema.Int,
  laterWins: Schema.Int,
  ties: Schema.Int,
  /** The share of the earlier run among the wins; one half without bias. */
  earlierShare: Schema.optional(Schema.Finite),
  /** With `order: "both"`: pairs of runs that were judged twice. */
  judgedTwice: Schema.optional(Schema.Int),
  /** Those with the same winner, or a tie, both times. */
  consistent: Schema.optional(Schema.Int),
  /** Those in which whoever came first won both times. */
  firstBothTimes: Schema.optional(Schema.Int),
  /** Those in which whoever came last won both times. */
  lastBothTimes: Schema.optional(Schema.Int),
  /**
   * How probable so much is without bias: the exact sign test over what the place decided (`order: "both"`) or over all
   * judgements that were no tie (`order: "random"`, two experiments).
   */
  pValue: Schema.optional(Schema.Finite)
})

/**
 * How much the place in which a run is presented decides.
 *
 * @category models
 * @since 0.1.0
 */
export interface PositionBias extends Schema.Schema.Type<typeof PositionBias> {}

/**
 * What the judgements under one key add up to.
 *
 * @category models
 * @since 0.1.0
 */
export const PairwiseSummary = Schema.Struct({
  key: Schema.String,
  evaluator: Schema.String,
  /** Rows by outcome. With `order: "both"` a row is scored if both looks at it are. */
  outcomes: OutcomeCounts,
  /** Each experiment against each of those after it. */
  pairs: Schema.Array(PairSummary),
  /** The best experiment first. */
  standings: Schema.Array(Standing),
  /** Why there are no ratings. */
  ratingReason: Schema.optional(Schema.String),
  /** Absent if the runs were presented in the order of the experiments, where place and experiment are one. */
  positionBias: Schema.optional(PositionBias)
})

/**
 * What the judgements under one key add up to.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairwiseSummary extends Schema.Schema.Type<typeof PairwiseSummary> {}

/**
 * Experiments that were judged against one another, as far as it is recorded: what reports are made of. It is an
 * experiment, too: the one in which the evaluators were at work.
 *
 * @category models
 * @since 0.1.0
 */
export interface Judged<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> extends Experiment.Overview {
  /** Those that were judged. Of several with the same name, the later ones have a number. */
  readonly experiments: ReadonlyArray<Pick<Experiment.Overview, "id" | "name">>
  /**
   * The experiment as tracing clients were given it: the outputs of a row are the runs that were judged, and the value of a
   * result is the name of the winner.
   */
  readonly recorded: Experiment.Experiment
  readonly presentation: {
    readonly order: "random" | "both" | "given"
    readonly seed: number | string
    readonly failedRuns: "skip" | "lose"
  }
  /** In the order of the first experiment. */
  readonly rows: ReadonlyArray<PairwiseRow<Inputs, Outputs, ReferenceOutputs, Metadata>>
  /** How many examples all experiments have, by content. */
  readonly matched: number
  /** How many other examples each experiment has. */
  readonly unmatched: ReadonlyArray<number>
  readonly keys: { readonly [key: string]: PairwiseSummary }
}

/**
 * What a pairwise evaluation leaves.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairwiseExperiment<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> extends Judged<Inputs, Outputs, ReferenceOutputs, Metadata> {
  /** Those that were judged, with their numbers. */
  readonly experiments: ReadonlyArray<Experiment.Overview>
}

/**
 * Whether an experiment, such as one from a store, is that of a pairwise evaluation.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPairwise: (experiment: Pick<Experiment.Header, "metadata">) => boolean = isRecorded

/**
 * The experiment of a pairwise evaluation that comes from a store or a journal, as what it was: wins, standings and the
 * bias of places are counted again from its rows. The experiments that were judged need not be there any more; their runs
 * have outputs and errors, but neither times nor attempts nor child runs.
 *
 * It fails for other experiments, and where rows were not kept.
 *
 * **Example** (From what was recorded)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, PairwiseEvaluation, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("words", ["a", "bb", "ccc"].map((inputs) => ({ inputs })))
 * const program = Effect.gen(function*() {
 *   const plain = yield* Evaluation.run(Evaluation.make("words", { data, target: (word) => word }), { name: "plain" })
 *   const shouted = yield* Evaluation.run(Evaluation.make("words", { data, target: (word) => `${word}!` }), { name: "shouted" })
 *   const { recorded } = yield* PairwiseEvaluation.run([plain, shouted], {
 *     evaluators: [function louder({ outputs }) {
 *       return outputs.map((output) => output.endsWith("!"))
 *     }]
 *   })
 *   return yield* PairwiseEvaluation.fromExperiment(recorded)
 * })
 * const { keys } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(keys["louder"]?.pairs[0]?.wins) // => 3
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromExperiment: (experiment: Experiment.Experiment) => Effect.Effect<Judged, PairwiseError> =
  judgedFromRecord

/**
 * Judges the runs of two or more experiments, whose rows must have been kept, against one another.
 *
 * Examples are matched by content. Evaluators see the runs of a row in an order that is drawn for each row and evaluator
 * from the seed, and recorded. They run in the engine's pool, with its retries, timeouts, recording and progress; one
 * that fails is an outcome of its row.
 *
 * **Example** (Which answer is shorter?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, PairwiseEvaluation, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("words", ["a", "bb", "ccc", "dddd"].map((inputs) => ({ inputs })))
 * const run = (name: string, target: (word: string) => string) =>
 *   Evaluation.run(Evaluation.make("words", { data, target }), { name })
 * const program = Effect.gen(function*() {
 *   const plain = yield* run("plain", (word) => word)
 *   const doubled = yield* run("doubled", (word) => word + (word.length < 4 ? word : ""))
 *   return yield* PairwiseEvaluation.run([plain, doubled], {
 *     evaluators: [function shorter({ outputs: [first = "", second = ""] }) {
 *       return first.length === second.length ? "tie" : first.length < second.length ? 0 : 1
 *     }]
 *   })
 * })
 * const { keys } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * const { losses, ties, winRate, wins } = keys["shorter"]!.pairs[0]!
 * console.log(wins, losses, ties, winRate) // => 0 3 1 0.125
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  const Evaluators extends ReadonlyArray<
    PairwiseEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >
>(
  experiments: ReadonlyArray<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  options: Options<Evaluators>
): Effect.Effect<
  PairwiseExperiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
  PairwiseError | Evaluation.InvalidOptions | Evaluation.TooManyFailures,
  TracingClient | PairwiseEvaluator.Services<Evaluators[number]>
> =>
  // The rows are those of the experiments, hence of their types.
  runPairwise<PairwiseEvaluator.Services<Evaluators[number]>>(experiments, options) as Effect.Effect<
    PairwiseExperiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
    PairwiseError | Evaluation.InvalidOptions | Evaluation.TooManyFailures,
    TracingClient | PairwiseEvaluator.Services<Evaluators[number]>
  >

/**
 * Runs targets side by side on the same data, and judges their runs against one another: an experiment for each target,
 * named after it, and the pairwise evaluation of these.
 *
 * **Example** (Two prompts side by side)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, PairwiseEvaluation, Target, TracingClient } from "effect-evals"
 *
 * const judged = await Effect.runPromise(
 *   PairwiseEvaluation.runTargets("greetings", {
 *     data: Dataset.fromIterable("names", ["Ada", "Grace"].map((inputs) => ({ inputs }))),
 *     targets: [
 *       Target.make("warm", (name: string) => Effect.succeed(`Good morning, ${name}!`)),
 *       Target.make("cold", (name: string) => Effect.succeed(`${name}.`))
 *     ]
 *   }, {
 *     evaluators: [function warmer({ outputs }) {
 *       return outputs.map((output) => output.includes("Good morning") ? 1 : 0)
 *     }]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(judged.keys["warmer"]?.standings.map(({ experiment, wins }) => `${experiment} ${wins}`))
 * // => [ 'warm 2', 'cold 0' ]
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const runTargets = <
  Inputs,
  ReferenceOutputs,
  Metadata,
  E,
  R,
  const Targets extends ReadonlyArray<Target.Target<NoInfer<Inputs>, unknown, unknown, unknown>>,
  const Evaluators extends ReadonlyArray<
    PairwiseEvaluator.Input<
      NoInfer<Inputs>,
      NoInfer<Target.Parts<Targets[number]>["outputs"]>,
      NoInfer<ReferenceOutputs>,
      NoInfer<Metadata>
    >
  >
>(
  name: string,
  evaluation: {
    readonly data: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>
    readonly targets: Targets
    /** How the targets are run. */
    readonly options?:
      | Omit<Evaluation.Settings & Execution.Options, "name" | "keepRows">
      | undefined
  },
  options: Options<Evaluators>
): Effect.Effect<
  PairwiseExperiment<Inputs, Target.Parts<Targets[number]>["outputs"], ReferenceOutputs, Metadata>,
  E | Dataset.DatasetError | PairwiseError | Evaluation.InvalidOptions | Evaluation.TooManyFailures,
  | R
  | Target.Parts<Targets[number]>["services"]
  | TracingClient
  | PairwiseEvaluator.Services<Evaluators[number]>
> =>
  Effect.flatMap(
    Effect.forEach(
      // Each is a target of these parts.
      evaluation.targets as ReadonlyArray<
        Target.Target<
          Inputs,
          Target.Parts<Targets[number]>["outputs"],
          unknown,
          Target.Parts<Targets[number]>["services"]
        >
      >,
      (target) =>
        Effect.flatMap(target.describe, (description) =>
          Evaluation.run(Evaluation.make(name, { data: evaluation.data, target }), {
            ...evaluation.options,
            name: description.name
          })),
      { concurrency: "unbounded" }
    ),
    (experiments) =>
      run(experiments, options)
  )
