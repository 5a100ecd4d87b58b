/**
 * What an experiment says about one key: how many outcomes of each kind, and the numbers over those that have a score.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * How many rows came out how. They add up to the number of rows, always.
 *
 * @category models
 * @since 0.1.0
 */
export const OutcomeCounts = Schema.Struct({
  scored: Schema.Int,
  /** Rows where there was nothing to score, also those where the evaluator gave other keys but not this one. */
  skipped: Schema.Int,
  failed: Schema.Int,
  timedOut: Schema.Int,
  cancelled: Schema.Int
})

/**
 * How many rows came out how. They add up to the number of rows, always.
 *
 * @category models
 * @since 0.1.0
 */
export interface OutcomeCounts extends Schema.Schema.Type<typeof OutcomeCounts> {}

/**
 * The numbers over the scores; `true` counts as 1 and `false` as 0. What is not defined (a standard deviation of one
 * score) is absent, never 0.
 *
 * @category models
 * @since 0.1.0
 */
export const ScoreStatistics = Schema.Struct({
  /** How many scores there are. */
  count: Schema.Int,
  /** Whether all scores are booleans, or all numbers, or some of each. */
  type: Schema.Literals(["boolean", "number", "mixed"]),
  mean: Schema.Finite,
  min: Schema.Finite,
  max: Schema.Finite,
  /** The sample standard deviation (divisor n - 1); absent for fewer than two scores. */
  standardDeviation: Schema.optional(Schema.Finite)
})

/**
 * The numbers over the scores.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScoreStatistics extends Schema.Schema.Type<typeof ScoreStatistics> {}

/**
 * One key of an experiment.
 *
 * @category models
 * @since 0.1.0
 */
export const Summary = Schema.Struct({
  key: Schema.String,
  /** The name of the evaluator that gives the key. */
  evaluator: Schema.String,
  outcomes: OutcomeCounts,
  /** The numbers; absent if no result has a score. */
  score: Schema.optional(ScoreStatistics),
  /** How often each value came (a boolean score counts as a value, too), most frequent first, 1,000 different ones at most. */
  values: Schema.Array(Schema.Struct({ value: Schema.String, count: Schema.Int })),
  /** Results whose value was not among the 1,000 different ones. */
  otherValues: Schema.Int
})

/**
 * One key of an experiment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Summary extends Schema.Schema.Type<typeof Summary> {}

/**
 * The summaries of an experiment by key. Where two evaluators give the same key, the second one's stands as
 * `evaluator.key`.
 *
 * @category models
 * @since 0.1.0
 */
export type Summaries = { readonly [key: string]: Summary }
