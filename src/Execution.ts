/**
 * How the engine runs user code, be it a target or an evaluator: how long it may take, when it is tried again, how much
 * of it runs at once.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import type * as Schedule from "effect/Schedule"

/**
 * Limits of one kind of user code: the target, or one evaluator.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** How long one attempt may take before it is interrupted. Default: 5 minutes. `"Infinity"` turns it off. */
  readonly timeout?: Duration.Input | undefined
  /**
   * How long one row may take, all attempts and the waiting between them included. No attempt is begun that could not
   * end in time. Default: 30 minutes.
   */
  readonly rowTimeout?: Duration.Input | undefined
  /**
   * How long interrupted code may take to stop, its finalizers included, before the run goes on without it: after a
   * timeout, or when the whole run is interrupted. Default: 30 seconds. `"Infinity"` waits for as long as it takes.
   */
  readonly gracePeriod?: Duration.Input | undefined
  /** Whether and when to try again. Default: one attempt. */
  readonly retry?: Retry | Schedule.Schedule<unknown> | undefined
  /** How many may run at once. With `adaptiveConcurrency` it is the most there can be. */
  readonly concurrency?: number | undefined
  /** How many may begin in a span of time. */
  readonly rateLimit?: RateLimit | undefined
  /** Finds by itself how many may run at once, from the rate-limit errors that come back. */
  readonly adaptiveConcurrency?: boolean | AdaptiveConcurrency | undefined
  /**
   * Tells which errors mean "too many requests", and how long the server asks to wait. Retries and
   * `adaptiveConcurrency` use it. Default: `AiError`s that say so, and errors with status 429 or a `Retry-After` header.
   */
  readonly rateLimitError?: ((error: unknown) => RateLimitSignal | undefined) | undefined
}

/**
 * Whether and when to try again.
 *
 * @category options
 * @since 0.1.0
 */
export interface Retry {
  /** When to try again, and how often. Its input is the error. A server's `Retry-After` can make a wait longer. */
  readonly schedule: Schedule.Schedule<unknown>
  /**
   * What is worth another attempt. Default: failures (unless they say `isRetryable: false`, as `AiError`s do) and
   * timeouts; not defects, which are mistakes in the code.
   */
  readonly while?: ((error: unknown, cause: Cause.Cause<unknown>) => boolean) | undefined
}

/**
 * So many starts in so much time.
 *
 * @category options
 * @since 0.1.0
 */
export interface RateLimit {
  readonly limit: number
  readonly window: Duration.Input
  /** Limits with the same key count together, so that a target and a judge can share a provider's limit. */
  readonly key?: string | undefined
  /**
   * `"token-bucket"` (the default) lets the first `limit` begin at once, and the others evenly after that: one each
   * `window / limit`. `"fixed-window"` lets `limit` begin in each window, all of them at once.
   */
  readonly algorithm?: "token-bucket" | "fixed-window" | undefined
}

/**
 * What an error says about a rate limit.
 *
 * @category models
 * @since 0.1.0
 */
export interface RateLimitSignal {
  /** `"limited"`: too many requests. `"busy"`: a passing server error, which stops growth but does not cut. */
  readonly kind: "limited" | "busy"
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMillis?: number | undefined
}

/**
 * The rules by which concurrency follows the rate-limit errors: double after every clean round until the first error,
 * then grow by a twentieth a round; cut to four fifths when an error comes, at most once per cooldown. A round is as
 * many successes as there are places; it counts only if at least four fifths of the places were in use.
 *
 * @category options
 * @since 0.1.0
 */
export interface AdaptiveConcurrency {
  /** Never fewer than this. Default 1. */
  readonly min?: number | undefined
  /** To begin with. Default: a fifth of the most there can be, but at least `min`. */
  readonly initial?: number | undefined
  /** The least time between two cuts, in milliseconds; a longer `Retry-After` prolongs it. Default 15,000. */
  readonly cooldownMillis?: number | undefined
}
