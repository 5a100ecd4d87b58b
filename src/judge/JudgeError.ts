/**
 * What is wrong with how a judge is set up.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A judge cannot judge: a variable that it needs is not there, it asks nobody, or its budget or its cache lacks something
 * that it cannot do without. The message says what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class JudgeError extends Schema.TaggedError<JudgeError>()("JudgeError", {
  judge: Schema.String,
  message: Schema.String
}) {}
