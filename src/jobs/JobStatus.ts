/**
 * Where a job stands. Every status is a Schema class, so that it goes over HTTP and to the command line as it is.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Footer } from "../Experiment.ts"

const common = {
  /** The id of the job. */
  id: Schema.String,
  /** The name under which the evaluation is registered. */
  evaluation: Schema.String,
  /** Which attempt this is, from 1: `retry` makes another one. */
  attempt: Schema.Int,
  /** Milliseconds since 1970. */
  submittedAt: Schema.Finite
}

const begun = {
  /** Rows that are recorded. */
  done: Schema.Int,
  /** Rows in all; `undefined` while the dataset is read. */
  total: Schema.optional(Schema.Int),
  /** Rows in which the target or an evaluator failed or timed out. */
  failures: Schema.Int
}

const ended = {
  ...begun,
  /** When the attempt began, in milliseconds since 1970; `undefined` if it never did. */
  startedAt: Schema.optional(Schema.Finite),
  /** Milliseconds since 1970. */
  finishedAt: Schema.Finite
}

const stopped = {
  ...ended,
  /**
   * The id of the experiment that the rows so far became, a moment after they were recorded; `undefined` until then, and
   * where there were none. Tracing clients and stores have it as an experiment that was interrupted, or has failed.
   */
  experimentId: Schema.optional(Schema.String),
  /** What that experiment came to. */
  summary: Schema.optional(Footer)
}

/**
 * Submitted, and not begun yet.
 *
 * @category models
 * @since 0.1.0
 */
export class Pending extends Schema.TaggedClass<Pending>()("Pending", common) {}

/**
 * Being worked on.
 *
 * @category models
 * @since 0.1.0
 */
export class Running extends Schema.TaggedClass<Running>()("Running", {
  ...common,
  ...begun,
  /** When the attempt began, in milliseconds since 1970. */
  startedAt: Schema.Finite,
  /** Rows a second since the attempt began, times without a worker included; `undefined` before the first row. */
  rate: Schema.optional(Schema.Finite)
}) {}

/**
 * All rows are recorded and summed up.
 *
 * @category models
 * @since 0.1.0
 */
export class Completed extends Schema.TaggedClass<Completed>()("Completed", {
  ...common,
  ...ended,
  /** The id of the experiment, by which tracing clients and stores know it. */
  experimentId: Schema.String,
  /** What the experiment came to. */
  summary: Footer
}) {}

/**
 * What stopped it, as far as text can say it. Rows that fail do not stop a job.
 *
 * @category models
 * @since 0.1.0
 */
export class Failed extends Schema.TaggedClass<Failed>()("Failed", {
  ...common,
  ...stopped,
  /** The cause in a line. */
  message: Schema.String,
  cause: Schema.Cause(Schema.Defect(), Schema.Defect())
}) {}

/**
 * Cancelled. The rows so far can be read, and are an experiment.
 *
 * @category models
 * @since 0.1.0
 */
export class Cancelled extends Schema.TaggedClass<Cancelled>()("Cancelled", { ...common, ...stopped }) {}

/**
 * There is no job with the id: there never was, or its time of retention is over.
 *
 * @category models
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedClass<NotFound>()("NotFound", {
  id: Schema.String
}) {}

/**
 * Where a job stands.
 *
 * @category models
 * @since 0.1.0
 */
export const JobStatus = Schema.Union([Pending, Running, Completed, Failed, Cancelled, NotFound])

/**
 * Where a job stands.
 *
 * @category models
 * @since 0.1.0
 */
export type JobStatus = typeof JobStatus.Type

/**
 * A job that is there.
 *
 * @category models
 * @since 0.1.0
 */
export type Known = Exclude<JobStatus, NotFound>

/**
 * A job that has ended.
 *
 * @category models
 * @since 0.1.0
 */
export type Ended = Completed | Failed | Cancelled

/**
 * The states of a job that is there, as `list` knows them.
 *
 * @category models
 * @since 0.1.0
 */
export const State = Schema.Literals(["Pending", "Running", "Completed", "Failed", "Cancelled"])

/**
 * The states of a job that is there.
 *
 * @category models
 * @since 0.1.0
 */
export type State = typeof State.Type

/**
 * Whether a job has ended.
 *
 * @category guards
 * @since 0.1.0
 */
export const isEnded = (self: JobStatus): self is Ended =>
  self._tag === "Completed" || self._tag === "Failed" || self._tag === "Cancelled"
