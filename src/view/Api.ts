/**
 * The HTTP interface of the view, as data: a program that has it has a typed client (`HttpApiClient.make(Api.Api)`). Every
 * request needs the token as a bearer token.
 *
 * @since 0.1.0
 */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Experiment from "../Experiment.ts"
import * as JobStatus from "../jobs/JobStatus.ts"

/**
 * The bearer token is missing, or is another one.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {
  message: Schema.String
}, { httpApiStatus: 401 }) {}

/**
 * There is nothing with this id.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  message: Schema.String
}, { httpApiStatus: 404 }) {}

/**
 * What was sent cannot be taken.
 *
 * @category errors
 * @since 0.1.0
 */
export class Rejected extends Schema.TaggedError<Rejected>()("Rejected", {
  message: Schema.String
}, { httpApiStatus: 422 }) {}

/**
 * The database behind it failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  message: Schema.String
}, { httpApiStatus: 503 }) {}

/**
 * Asks for the token.
 *
 * @category services
 * @since 0.1.0
 */
export class Authorization extends HttpApiMiddleware.Service<Authorization>()("effect-evals/view/Authorization", {
  requiredForClient: true,
  security: { bearer: HttpApiSecurity.bearer },
  error: Unauthorized
}) {}

/**
 * Where an experiment stands; `running` is one whose end was not written.
 *
 * @category models
 * @since 0.1.0
 */
export const Status = Schema.Literals(["running", "completed", "interrupted", "failed"])

/**
 * An experiment in a list.
 *
 * @category models
 * @since 0.1.0
 */
export const Listed = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  evaluation: Schema.String,
  dataset: Schema.String,
  target: Schema.String,
  status: Status,
  /** Milliseconds since 1970. */
  startTime: Schema.Finite,
  /** When something was last written to it, in milliseconds since 1970. */
  updatedAt: Schema.Finite,
  /** Rows that are there. */
  done: Schema.Int,
  /** Rows in all, where that is known. */
  total: Schema.optional(Schema.Int),
  /** Rows in which the target or an evaluator failed or timed out. */
  failedRows: Schema.Int,
  /** The means, with intervals where the experiment has ended. */
  scores: Schema.Array(Schema.Struct({
    key: Schema.String,
    mean: Schema.Finite,
    lower: Schema.optional(Schema.Finite),
    upper: Schema.optional(Schema.Finite)
  }))
})

/**
 * An experiment in a list.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listed extends Schema.Schema.Type<typeof Listed> {}

/**
 * An experiment without its rows.
 *
 * @category models
 * @since 0.1.0
 */
export const Entry = Schema.Struct({
  header: Experiment.Header,
  status: Status,
  updatedAt: Schema.Finite,
  footer: Schema.optional(Experiment.Footer)
})

/**
 * What somebody says about a row.
 *
 * @category models
 * @since 0.1.0
 */
export const NewFeedback = Schema.Struct({
  /** Which result is meant, or a new one. */
  key: Schema.NonEmptyString,
  /** As it should be. */
  score: Schema.optional(Schema.Union([Schema.Finite, Schema.Boolean])),
  value: Schema.optional(Schema.Unknown),
  comment: Schema.optional(Schema.String),
  /** What the outputs should have been. */
  correction: Schema.optional(Schema.Record(Schema.String, Schema.Unknown)),
  author: Schema.NonEmptyString,
  /** Why. */
  reason: Schema.optional(Schema.String)
}).check(Schema.makeFilter(
  ({ comment, correction, reason, score, value }) =>
    [comment, correction, reason, score, value].some((part) => part !== undefined),
  { expected: "at least one of score, value, comment, correction and reason" }
))

/**
 * Feedback that was given.
 *
 * @category models
 * @since 0.1.0
 */
export const Feedback = Schema.Struct({
  id: Schema.Int,
  key: Schema.String,
  score: Schema.optional(Schema.Union([Schema.Finite, Schema.Boolean])),
  value: Schema.optional(Schema.Unknown),
  comment: Schema.optional(Schema.String),
  correction: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown))),
  author: Schema.String,
  reason: Schema.optional(Schema.String),
  /** Milliseconds since 1970. */
  time: Schema.Finite
})

const KnownJob = Schema.Union([
  JobStatus.Pending,
  JobStatus.Running,
  JobStatus.Completed,
  JobStatus.Failed,
  JobStatus.Cancelled
])

const Ids = { id: Schema.String }

const Rows = { ...Ids, row: Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0)) }

const Count = Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0))

/**
 * The rows of an experiment, a line of JSON each: what `Experiment.schema()` has for a row.
 *
 * @category models
 * @since 0.1.0
 */
export const RowLines = HttpApiSchema.StreamUint8Array({ contentType: "application/x-ndjson" })

/**
 * Experiments: listed, read, and given feedback on.
 *
 * @category endpoints
 * @since 0.1.0
 */
export class Experiments extends HttpApiGroup.make("experiments")
  .add(
    HttpApiEndpoint.get("list", "/", {
      query: {
        name: Schema.optional(Schema.String),
        evaluation: Schema.optional(Schema.String),
        dataset: Schema.optional(Schema.String),
        status: Schema.optional(Status),
        limit: Schema.optional(Count),
        offset: Schema.optional(Count)
      },
      success: Schema.Array(Listed),
      error: Unavailable
    }).annotate(OpenApi.Summary, "The experiments, the newest first; 50 unless `limit` says otherwise"),
    HttpApiEndpoint.get("get", "/:id", { params: Ids, success: Entry, error: [NotFound, Unavailable] })
      .annotate(OpenApi.Summary, "An experiment without its rows"),
    HttpApiEndpoint.get("rows", "/:id/rows", { params: Ids, success: RowLines, error: [NotFound, Unavailable] })
      .annotate(OpenApi.Summary, "The rows, a line of JSON each, in input order"),
    HttpApiEndpoint.get("feedback", "/:id/rows/:row/feedback", {
      params: Rows,
      success: Schema.Array(Feedback),
      error: [NotFound, Unavailable]
    }).annotate(OpenApi.Summary, "What people said about a row, oldest first"),
    HttpApiEndpoint.post("giveFeedback", "/:id/rows/:row/feedback", {
      params: Rows,
      payload: NewFeedback,
      success: Feedback,
      error: [NotFound, Rejected, Unavailable]
    }).annotate(OpenApi.Summary, "Says something about a row; nothing that was said before is changed")
  )
  .middleware(Authorization)
  .prefix("/api/experiments")
  .annotateMerge(OpenApi.annotations({ title: "Experiments" }))
{}

/**
 * What is asked does not go with how things stand.
 *
 * @category errors
 * @since 0.1.0
 */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", {
  message: Schema.String
}, { httpApiStatus: 409 }) {}

/**
 * A job to submit.
 *
 * @category models
 * @since 0.1.0
 */
export const NewJob = Schema.Struct({
  /** The name under which the evaluation is registered. */
  evaluation: Schema.NonEmptyString,
  /** What the evaluation is made from, as JSON. */
  payload: Schema.Unknown,
  /** Submitting again with the same key is the same job. */
  idempotencyKey: Schema.optional(Schema.NonEmptyString),
  /** What the experiment is called. */
  name: Schema.optional(Schema.NonEmptyString)
})

const JobErrors = [NotFound, Rejected, Conflict, Unavailable] as const

/**
 * Jobs: submitted, asked about, cancelled and read. Where the server has no jobs, every request is answered with
 * `Unavailable`.
 *
 * @category endpoints
 * @since 0.1.0
 */
export class Jobs extends HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.post("submit", "/", {
      payload: NewJob,
      success: Schema.Struct({ id: Schema.String }).pipe(HttpApiSchema.status(202)),
      error: JobErrors
    }).annotate(OpenApi.Summary, "Submits a job and gives its id; nothing is waited for"),
    HttpApiEndpoint.get("list", "/", {
      query: {
        evaluation: Schema.optional(Schema.String),
        state: Schema.optional(JobStatus.State),
        limit: Schema.optional(Count),
        offset: Schema.optional(Count)
      },
      success: Schema.Array(KnownJob),
      error: JobErrors
    }).annotate(OpenApi.Summary, "The jobs, the newest first; 50 unless `limit` says otherwise"),
    HttpApiEndpoint.get("poll", "/:id", { params: Ids, success: KnownJob, error: JobErrors })
      .annotate(OpenApi.Summary, "Where a job stands"),
    HttpApiEndpoint.post("cancel", "/:id/cancel", { params: Ids, success: KnownJob, error: JobErrors })
      .annotate(OpenApi.Summary, "Cancels a job; its rows so far stay"),
    HttpApiEndpoint.post("retry", "/:id/retry", {
      params: Ids,
      payload: Schema.Struct({ failed: Schema.optional(Schema.Literals(["keep", "rerun"])) }),
      success: HttpApiSchema.NoContent,
      error: JobErrors
    }).annotate(OpenApi.Summary, "Begins another attempt at a job that has ended"),
    HttpApiEndpoint.get("results", "/:id/results", {
      params: Ids,
      query: { follow: Schema.optional(Schema.Literals(["true", "false"])) },
      success: RowLines,
      error: JobErrors
    }).annotate(
      OpenApi.Summary,
      "The rows, a line of JSON each, as they are recorded, until the job has ended; with `follow=false` those that are there"
    )
  )
  .middleware(Authorization)
  .prefix("/api/jobs")
  .annotateMerge(OpenApi.annotations({ title: "Jobs" }))
{}

/**
 * The whole interface.
 *
 * @category endpoints
 * @since 0.1.0
 */
export class Api extends HttpApi.make("effect-evals")
  .add(Experiments)
  .add(Jobs)
  .annotateMerge(OpenApi.annotations({
    title: "effect-evals",
    description:
      "Experiments and what people say about them, and jobs. Every request needs the token as a bearer token."
  }))
{}
