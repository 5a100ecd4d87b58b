/**
 * What can go wrong with a job.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Something could not be done with a job. `message` says what happened, to which job, and what to do.
 *
 * - `NotFound`: there is no such job;
 * - `UnknownEvaluation`: no evaluation is registered under the name;
 * - `InvalidPayload`: the payload does not fit the schema of the evaluation;
 * - `Conflict`: the idempotency key was used with another payload;
 * - `Unfinished`: what was asked is for jobs that have ended, and this one has not;
 * - `TimedOut`: the job did not end within the time that was given to wait; it goes on;
 * - `Unreadable`: what is in the database is not what this version of the code wrote;
 * - `Database`: the database itself failed; `cause` is effect/sql's `SqlError`.
 *
 * @category errors
 * @since 0.1.0
 */
export class JobError extends Schema.TaggedError<JobError>()("JobError", {
  reason: Schema.Literals([
    "NotFound",
    "UnknownEvaluation",
    "InvalidPayload",
    "Conflict",
    "Unfinished",
    "TimedOut",
    "Unreadable",
    "Database"
  ]),
  /** The id of the job, where there is one. */
  id: Schema.optional(Schema.String),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}
