/**
 * What can go wrong with a store.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A store could not do what was asked. `message` says what happened, to what, and what to do.
 *
 * - `NotFound`: there is no such experiment, row, dataset, version or tag;
 * - `AlreadyExists`: the name or id is taken;
 * - `Conflict`: somebody else was faster;
 * - `Invalid`: what was given cannot be stored;
 * - `Unreadable`: what is in the database is not what this version of the code wrote;
 * - `Database`: the database itself failed; `cause` is effect/sql's `SqlError`.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  store: Schema.Literals(["experiments", "datasets"]),
  reason: Schema.Literals(["NotFound", "AlreadyExists", "Conflict", "Invalid", "Unreadable", "Database"]),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}
