import * as Schema from "effect/Schema"

/**
 * The options of a run are not what they should be; nothing was run.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidOptions extends Schema.TaggedError<InvalidOptions>()("InvalidOptions", {
  evaluation: Schema.String,
  message: Schema.String
}) {}

/**
 * More rows failed than `maxFailures` allows. The rows that are done are kept: by the tracing clients, and for `onEnd`.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyFailures extends Schema.TaggedError<TooManyFailures>()("TooManyFailures", {
  /** The name of the experiment. */
  experiment: Schema.String,
  experimentId: Schema.String,
  /** Rows in which the target or an evaluator failed or timed out. */
  failedRows: Schema.Int,
  /** Rows that were done. */
  rowCount: Schema.Int,
  message: Schema.String
}) {}
