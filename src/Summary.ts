/**
 * What an experiment says about one key: how many outcomes of each kind, and the numbers over those that have a score.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const AtLeastOne = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/**
 * How the scores of one example's repetitions become one score. A score passes if it is `true` or at least
 * `passingScore`.
 *
 * | reducer | the score of the example | has none |
 * |---|---|---|
 * | `mean` | the mean of the scores | without scores |
 * | `median` | the median of the scores | without scores |
 * | `mode` | the score that came most often | if several did |
 * | `max` | the best score | without scores |
 * | `at-least-k` | 1 if at least `k` repetitions pass, else 0 | with fewer than `k` scores |
 * | `pass@k` | the probability that one of `k` repetitions passes, estimated without bias | with fewer than `k` scores |
 * | `pass^k` | the probability that all of `k` repetitions pass, estimated without bias | with fewer than `k` scores |
 *
 * Sources: `pass@k`: M. Chen et al., "Evaluating Large Language Models Trained on Code" (2021). `pass^k`: S. Yao et al.,
 * "tau-bench" (2024).
 *
 * @category options
 * @since 0.1.0
 */
export const Reducer = Schema.Union([
  Schema.Literals(["mean", "median", "mode", "max"]),
  Schema.TemplateLiteral(["at-least-", AtLeastOne]),
  Schema.TemplateLiteral(["pass@", AtLeastOne]),
  Schema.TemplateLiteral(["pass^", AtLeastOne])
])

/**
 * How the scores of one example's repetitions become one score.
 *
 * @category options
 * @since 0.1.0
 */
export type Reducer = typeof Reducer.Type

/**
 * How rows without a score count where something failed: the target, or the evaluator. Either they are left out of the
 * numbers (and counted in `outcomes`), or they count as a score, such as 0.
 *
 * @category options
 * @since 0.1.0
 */
export const FailurePolicy = Schema.Union([
  Schema.Literal("exclude"),
  Schema.Struct({ countAs: Schema.Finite })
])

/**
 * How rows without a score count where something failed.
 *
 * @category options
 * @since 0.1.0
 */
export type FailurePolicy = typeof FailurePolicy.Type

/**
 * What rows are grouped by: the splits of the example, or a field of its metadata. Where that holds a list, the row is in
 * the group of each of its elements.
 *
 * @category options
 * @since 0.1.0
 */
export const GroupBy = Schema.Union([
  Schema.Literal("split"),
  Schema.TemplateLiteral(["metadata.", Schema.NonEmptyString])
])

/**
 * What rows are grouped by.
 *
 * @category options
 * @since 0.1.0
 */
export type GroupBy = typeof GroupBy.Type

/**
 * How rows are summed up.
 *
 * @category options
 * @since 0.1.0
 */
export const Options = Schema.Struct({
  /** How sure intervals are to hold the true value. Default 0.95. */
  level: Schema.optional(
    Schema.Finite.check(Schema.isBetween({
      minimum: 0,
      maximum: 1,
      exclusiveMinimum: true,
      exclusiveMaximum: true
    }))
  ),
  /** Default `"exclude"`. */
  failures: Schema.optional(FailurePolicy),
  /** What to give summaries of groups by. Default: nothing. */
  groupBy: Schema.optional(Schema.Array(GroupBy)),
  /**
   * How the repetitions of an example become one score. Default, for `n` repetitions of more than 1: `mean`, `median`,
   * `mode`, `max`, `at-least-k` for the smallest majority, `pass@1`, `pass@n` and `pass^n`.
   */
  reducers: Schema.optional(Schema.Array(Reducer)),
  /** From which score on a repetition passes. Default 1. */
  passingScore: Schema.optional(Schema.Finite)
})

/**
 * How rows are summed up.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Schema.Schema.Type<typeof Options> {}

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
 * How numbers spread: a share `x` of them stays below `px`. Exact for up to 1,000 numbers; beyond that each may be off by
 * a share `relativeError` of itself.
 *
 * @category models
 * @since 0.1.0
 */
export const Percentiles = Schema.Struct({
  p5: Schema.Finite,
  p25: Schema.Finite,
  p50: Schema.Finite,
  p75: Schema.Finite,
  p90: Schema.Finite,
  p95: Schema.Finite,
  p99: Schema.Finite,
  relativeError: Schema.Finite
})

/**
 * How numbers spread.
 *
 * @category models
 * @since 0.1.0
 */
export interface Percentiles extends Schema.Schema.Type<typeof Percentiles> {}

/**
 * The interval around a mean: from `lower` to `upper` or, where the scores do not determine one, the `reason` why.
 *
 * Shares (all scores are `true` or `false`, 1 or 0) have Wilson's interval, other scores that of Student's t. Repetitions
 * of an example are not independent of one another: where there are some, the t interval has the standard error
 * clustered by example (CR1) and one degree of freedom less than there are examples, and Wilson's has the number of
 * independent rows that would have this standard error, after E. L. Korn and B. I. Graubard, "Confidence Intervals for
 * Proportions With Small Expected Number of Positive Counts Estimated From Survey Data" (1998).
 *
 * @category models
 * @since 0.1.0
 */
export const Interval = Schema.Struct({
  method: Schema.Literals(["wilson", "student-t", "clustered-wilson", "clustered-student-t"]),
  level: Schema.Finite,
  lower: Schema.optional(Schema.Finite),
  upper: Schema.optional(Schema.Finite),
  reason: Schema.optional(Schema.String)
})

/**
 * The interval around a mean.
 *
 * @category models
 * @since 0.1.0
 */
export interface Interval extends Schema.Schema.Type<typeof Interval> {}

/**
 * The numbers over the scores; `true` counts as 1 and `false` as 0. What is not defined (a standard deviation of one
 * score) is absent, never 0.
 *
 * @category models
 * @since 0.1.0
 */
export const ScoreStatistics = Schema.Struct({
  /** How many scores there are, counted failures included. */
  count: Schema.Int,
  /** How many of them are failures that count as a score; 0 if failures are left out. */
  countedFailures: Schema.Int,
  /** Whether all scores are booleans, or all numbers, or some of each. */
  type: Schema.Literals(["boolean", "number", "mixed"]),
  mean: Schema.Finite,
  min: Schema.Finite,
  max: Schema.Finite,
  /** The sample standard deviation (divisor n - 1); absent for fewer than two scores. */
  standardDeviation: Schema.optional(Schema.Finite),
  /** Of the mean, clustered by example where there are repetitions. */
  standardError: Schema.optional(Schema.Finite),
  /** How many examples have scores; absent where none was repeated. */
  clusters: Schema.optional(Schema.Int),
  interval: Interval,
  /** Absent where all scores are `true` or `false`, 1 or 0. */
  percentiles: Schema.optional(Percentiles)
})

/**
 * The numbers over the scores.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScoreStatistics extends Schema.Schema.Type<typeof ScoreStatistics> {}

/**
 * The scores after the repetitions of each example became one.
 *
 * @category models
 * @since 0.1.0
 */
export const Reduction = Schema.Struct({
  reducer: Reducer,
  /** Over the examples that have a score; absent if none has. */
  score: Schema.optional(ScoreStatistics),
  /** For results that have a label and no score: how many examples come out with which label. Only the `mode` has it. */
  values: Schema.optional(Schema.Array(Schema.Struct({ value: Schema.String, count: Schema.Int }))),
  /** Examples for which the reducer has no score, or no label. */
  undecided: Schema.Int
})

/**
 * The scores after the repetitions of each example became one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reduction extends Schema.Schema.Type<typeof Reduction> {}

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
  /** Rows without a score because the target or the evaluator failed, and how they count. */
  failures: Schema.Struct({ rows: Schema.Int, policy: FailurePolicy }),
  /** The numbers; absent if no result has a score. */
  score: Schema.optional(ScoreStatistics),
  /** How often each value came (a boolean score counts as a value, too), most frequent first, 1,000 different ones at most. */
  values: Schema.Array(Schema.Struct({ value: Schema.String, count: Schema.Int })),
  /** Results whose value was not among the 1,000 different ones. */
  otherValues: Schema.Int,
  /** The scores by example, where examples were repeated. */
  reductions: Schema.Array(Reduction)
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

/**
 * The summaries of the rows that have something in common.
 *
 * @category models
 * @since 0.1.0
 */
export const Group = Schema.Struct({
  by: GroupBy,
  /** What they have in common; a value that is no text is written as JSON. Rows without one are the group `(none)`. */
  value: Schema.String,
  rowCount: Schema.Int,
  summaries: Schema.Record(Schema.String, Summary)
})

/**
 * The summaries of the rows that have something in common.
 *
 * @category models
 * @since 0.1.0
 */
export interface Group extends Schema.Schema.Type<typeof Group> {}

/**
 * How long something took, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export const Latency = Schema.Struct({
  count: Schema.Int,
  mean: Schema.Finite,
  min: Schema.Finite,
  max: Schema.Finite,
  percentiles: Percentiles
})

/**
 * How long something took, in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Latency extends Schema.Schema.Type<typeof Latency> {}

/**
 * The tokens that the runs used which say so.
 *
 * @category models
 * @since 0.1.0
 */
export const UsageTotal = Schema.Struct({
  /** How many runs said so. */
  runs: Schema.Int,
  inputTokens: Schema.Finite,
  outputTokens: Schema.Finite,
  /** What they cost, in the currency of the prices; absent unless it is known for each of the runs. */
  cost: Schema.optional(Schema.Finite)
})

/**
 * The tokens that the runs used which say so.
 *
 * @category models
 * @since 0.1.0
 */
export interface UsageTotal extends Schema.Schema.Type<typeof UsageTotal> {}

/**
 * The interval around the mean at another level.
 *
 * @category getters
 * @since 0.1.0
 */
export const intervalAt = (score: ScoreStatistics, level: number): Effect.Effect<Interval> =>
  // Distribution functions take a while to load.
  Effect.map(Effect.promise(() => import("./internal/summary/estimates.ts")), ({ intervalOf }) =>
    intervalOf(score, score.interval.method.endsWith("wilson"), level))
