/**
 * What can go wrong between a program and LangSmith.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * LangSmith did not do what was asked, or could not be asked. `message` says what happened, where, and what to do. No
 * error holds the key.
 *
 * - `WrongKey`: there was no key, or the server does not know it (401);
 * - `Forbidden`: the key may not do this (403);
 * - `NotFound`: there is no such dataset, experiment or example;
 * - `Conflict`: the name or id is taken (409);
 * - `TooLarge`: the request is larger than the server takes (413);
 * - `Invalid`: the server will not take it as it is (other 4xx), or it cannot be sent;
 * - `RateLimited`: too many requests (429); `retryAfterMillis` says how long to wait, where the server says so;
 * - `Unavailable`: the server failed, or could not be reached in time; the same request may succeed later;
 * - `Unreadable`: an answer is not what LangSmith's API gives.
 *
 * @category errors
 * @since 0.1.0
 */
export class LangSmithError extends Schema.TaggedError<LangSmithError>()("LangSmithError", {
  reason: Schema.Literals([
    "WrongKey",
    "Forbidden",
    "NotFound",
    "Conflict",
    "TooLarge",
    "Invalid",
    "RateLimited",
    "Unavailable",
    "Unreadable"
  ]),
  message: Schema.String,
  /** The HTTP status, where there was an answer. */
  status: Schema.optional(Schema.Int),
  /** How long the server asks to wait. */
  retryAfterMillis: Schema.optional(Schema.Finite),
  cause: Schema.optional(Schema.Defect())
}) {
  /** Whether the same request may succeed later. */
  get isRetryable(): boolean {
    return this.reason === "RateLimited" || this.reason === "Unavailable"
  }
}
