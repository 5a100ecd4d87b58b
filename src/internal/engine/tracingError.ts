import * as Schema from "effect/Schema"

/**
 * A tracing client could not write.
 *
 * @category errors
 * @since 0.1.0
 */
export class TracingError extends Schema.TaggedError<TracingError>()("TracingError", {
  client: Schema.String,
  message: Schema.String,
  /** How many rows it is about, where these are not the ones that were being written. */
  rows: Schema.optional(Schema.Int),
  cause: Schema.optional(Schema.Defect())
}) {}
