import * as Schema from "effect/Schema"

/**
 * The gate asks for what is not there: a key that the experiment does not have, a comparison where there is only an
 * experiment; or it is no gate.
 *
 * @category errors
 * @since 0.1.0
 */
export class GateError extends Schema.TaggedError<GateError>()("GateError", {
  message: Schema.String
}) {}
