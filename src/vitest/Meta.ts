/**
 * What the tests of an evaluation leave in `task.meta`, for reporters: Vitest's JSON reporter writes the meta of tests
 * as they are.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Experiment from "../Experiment.ts"

/**
 * One repetition of an example.
 *
 * @category models
 * @since 0.1.0
 */
export interface RepetitionMeta {
  readonly runId: string
  /** How the target came out. */
  readonly outcome: "Succeeded" | "Failed" | "TimedOut" | "Cancelled"
  /** Why the target gave no outputs; absent where there are. */
  readonly error?: string
  readonly latencyMillis: number
  /** The scores by key. */
  readonly scores: { readonly [key: string]: number | boolean }
  /** What results say besides their score, by key. */
  readonly comments: { readonly [key: string]: string }
  /** Labels, by key. */
  readonly labels: { readonly [key: string]: string }
  /** Why the repetition does not pass; empty if it does. */
  readonly problems: ReadonlyArray<string>
}

/**
 * What the test of an example leaves in `task.meta.evaluation`.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowMeta {
  readonly evaluation: string
  readonly dataset: string
  /** The id of the experiment, as stores know it; absent if it did not begin. */
  readonly experimentId?: string
  readonly exampleId: string
  /** How many repetitions pass, and how many have to. */
  readonly passing: number
  readonly needed: number
  readonly repetitions: ReadonlyArray<RepetitionMeta>
}

/**
 * What the suite of an evaluation leaves in `task.meta.evaluationRun` when all its tests are done: all that reports and
 * gates are made of.
 *
 * @category models
 * @since 0.1.0
 */
export const RunMeta = Schema.Struct({
  /** The experiment of the examples that were run. */
  experiment: Experiment.schema(),
  /** How many examples the dataset has. */
  size: Schema.Int,
  /** Where each example that was to be run stands in it, from 0, by id. */
  positions: Schema.Record(Schema.String, Schema.Int),
  /** Why not all of them were run: `2/3` for a shard. */
  shard: Schema.optional(Schema.String),
  /** As they were given: what is no gate fails its own test, and nothing else. */
  gates: Schema.Record(Schema.String, Schema.Unknown),
  /** What an inconclusive gate does. */
  inconclusive: Schema.Literals(["fail", "pass"])
})

/**
 * What the suite of an evaluation leaves when all its tests are done.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunMeta extends Schema.Schema.Type<typeof RunMeta> {}

declare module "vitest" {
  interface TaskMeta {
    /** Of a test that is an example of an evaluation. */
    evaluation?: RowMeta
    /** Of a suite that is an evaluation, as JSON: `RunMeta` of `effect-evals/vitest` reads it. */
    evaluationRun?: unknown
  }
}
