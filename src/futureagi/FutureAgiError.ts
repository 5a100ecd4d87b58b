/**
 * What can go wrong with FutureAGI.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * The key and secret are refused (401), or may not do this (403).
 *
 * @category reasons
 * @since 0.1.0
 */
export class AuthenticationError extends Schema.TaggedError<AuthenticationError>()("AuthenticationError", {
  message: Schema.String,
  status: Schema.Finite
}) {
  readonly isRetryable = false
}

/**
 * There is no such template, or no such evaluation.
 *
 * @category reasons
 * @since 0.1.0
 */
export class NotFoundError extends Schema.TaggedError<NotFoundError>()("NotFoundError", {
  message: Schema.String,
  what: Schema.Literals(["template", "evaluation", "address"]),
  /** The name or the id that was asked for. */
  name: Schema.String
}) {
  readonly isRetryable = false
}

/**
 * The inputs are not those that the template takes. Nothing was sent.
 *
 * @category reasons
 * @since 0.1.0
 */
export class InvalidInputError extends Schema.TaggedError<InvalidInputError>()("InvalidInputError", {
  message: Schema.String,
  template: Schema.String,
  /** Keys that the template needs and that are not there. */
  missing: Schema.Array(Schema.String),
  /** Keys that the template does not take. */
  unexpected: Schema.Array(Schema.String)
}) {
  readonly isRetryable = false
}

/**
 * The server does not take the request (400, 402, 409, 422 and other 4xx, or an answer with `status: false`).
 *
 * @category reasons
 * @since 0.1.0
 */
export class RejectedError extends Schema.TaggedError<RejectedError>()("RejectedError", {
  message: Schema.String,
  status: Schema.Finite,
  /** What the server says about single fields. */
  details: Schema.optional(Schema.Record(Schema.String, Schema.Array(Schema.String)))
}) {
  readonly isRetryable = false
}

/**
 * Too many requests (429), also after the retries.
 *
 * @category reasons
 * @since 0.1.0
 */
export class RateLimitError extends Schema.TaggedError<RateLimitError>()("RateLimitError", {
  message: Schema.String,
  /** How long the server asks to wait. */
  retryAfter: Schema.optional(Schema.Duration)
}) {
  readonly isRetryable = true
}

/**
 * No answer in time.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TimeoutError extends Schema.TaggedError<TimeoutError>()("TimeoutError", {
  message: Schema.String,
  /** Whether an evaluation may have been carried out, and paid for, all the same. Then it is not worth another attempt. */
  mayHaveRun: Schema.Boolean,
  /** The evaluation that is still running, where its id is known: it can be awaited again. */
  evalId: Schema.optional(Schema.String)
}) {
  get isRetryable(): boolean {
    return !this.mayHaveRun
  }
}

/**
 * The server cannot be reached, or fails (5xx), also after the retries.
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnavailableError extends Schema.TaggedError<UnavailableError>()("UnavailableError", {
  message: Schema.String,
  /** The status; `undefined` where there was no answer at all. */
  status: Schema.optional(Schema.Finite),
  /** Whether an evaluation may have been carried out, and paid for, all the same. Then it is not worth another attempt. */
  mayHaveRun: Schema.Boolean
}) {
  get isRetryable(): boolean {
    return !this.mayHaveRun
  }
}

/**
 * The evaluation itself failed: there is no output. It is never a score of 0.
 *
 * @category reasons
 * @since 0.1.0
 */
export class EvaluationFailedError extends Schema.TaggedError<EvaluationFailedError>()("EvaluationFailedError", {
  message: Schema.String,
  template: Schema.optional(Schema.String),
  evalId: Schema.optional(Schema.String)
}) {
  readonly isRetryable = true
}

/**
 * The server answered something that is not its protocol, or names a state of an evaluation that is not known, again and
 * again.
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnexpectedAnswerError extends Schema.TaggedError<UnexpectedAnswerError>()("UnexpectedAnswerError", {
  message: Schema.String
}) {
  readonly isRetryable = false
}

/**
 * Why something went wrong.
 *
 * @category reasons
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  AuthenticationError,
  NotFoundError,
  InvalidInputError,
  RejectedError,
  RateLimitError,
  TimeoutError,
  UnavailableError,
  EvaluationFailedError,
  UnexpectedAnswerError
])

/**
 * Why something went wrong.
 *
 * @category reasons
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * What failed, and why: `reason` tells the cases apart, `Effect.catchReason` handles one of them.
 *
 * **Example** (Out of requests)
 *
 * ```ts
 * import { Duration, Effect } from "effect"
 * import { FutureAgiError, RateLimitError } from "effect-evals/futureagi"
 *
 * const limited = new FutureAgiError({
 *   operation: "evaluate",
 *   reason: new RateLimitError({ message: "too many requests", retryAfter: Duration.seconds(3) })
 * })
 * const handled = Effect.fail(limited).pipe(
 *   Effect.catchReason("FutureAgiError", "RateLimitError", (reason) => Effect.succeed(reason.retryAfter))
 * )
 * console.log(Effect.runSync(handled)?.toString(), limited.isRetryable) // => 3000 millis true
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class FutureAgiError extends Schema.TaggedError<FutureAgiError>()("FutureAgiError", {
  operation: Schema.Literals(["evaluate", "submit", "getResult", "await", "templates"]),
  reason: Reason
}) {
  override readonly cause = this.reason

  /** Whether the same request may succeed later, and costs nothing that was not paid for already. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }

  /** How long the server asks to wait. */
  get retryAfter(): Duration.Duration | undefined {
    return this.reason._tag === "RateLimitError" ? this.reason.retryAfter : undefined
  }

  override get message(): string {
    return `FutureAGI, ${this.operation}: ${this.reason.message}`
  }
}
