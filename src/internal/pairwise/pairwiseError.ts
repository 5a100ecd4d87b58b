import * as Schema from "effect/Schema"

/**
 * Experiments cannot be judged against one another: there are too few, or something is missing.
 *
 * @category errors
 * @since 0.1.0
 */
export class PairwiseError extends Schema.TaggedError<PairwiseError>()("PairwiseError", {
  message: Schema.String
}) {}
