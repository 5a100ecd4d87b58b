/**
 * Runs user code under its limits: each attempt in a fiber of its own, which is interrupted when its time is up; again
 * when the retry policy says so. It never fails: what happened is its result.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import type * as Execution from "../Execution.ts"
import type * as Run from "../Run.ts"
import { causeLine, errorOf } from "./causes.ts"
import { rateLimitSignal } from "./rateLimits.ts"
import type { Timer } from "./timer.ts"
import type { Abort } from "./userCode.ts"

/** The limits, ready for use. */
export interface Limits {
  readonly timeoutMillis: number
  readonly rowTimeoutMillis: number
  readonly retry: Execution.Retry | undefined
  readonly signalOf: (error: unknown) => Execution.RateLimitSignal | undefined
  /** Waits until a rate limit allows one more attempt. */
  readonly admit?: Effect.Effect<void> | undefined
}

const defaultTimeout = Duration.minutes(5)
const defaultRowTimeout = Duration.minutes(30)

/** The limits that the options say, or else the defaults. */
export const limitsOf = (options: Execution.Options, defaults: Execution.Options = {}): Limits => {
  const retry = options.retry ?? defaults.retry
  return {
    timeoutMillis: toMillis(options.timeout ?? defaults.timeout ?? defaultTimeout),
    rowTimeoutMillis: toMillis(options.rowTimeout ?? defaults.rowTimeout ?? defaultRowTimeout),
    retry: retry === undefined || !Schedule.isSchedule(retry) ? retry : { schedule: retry },
    signalOf: options.rateLimitError ?? defaults.rateLimitError ?? rateLimitSignal
  }
}

const toMillis = (input: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(input))

/** What came of it. */
export interface Attempted<A, E> {
  readonly startTime: number
  readonly endTime: number
  readonly exit: Exit.Exit<A, E>
  /** The limit that was passed, if the last attempt was interrupted for it. */
  readonly timedOutAfter: number | undefined
  readonly attempts: ReadonlyArray<Run.Attempt>
}

/** The code to run, anew for each attempt. */
export interface Attempt<A, E, R> {
  readonly effect: Effect.Effect<A, E, R>
  /** Told when the attempt is interrupted, before its finalizers run. */
  readonly abort: Abort
}

export interface Listener {
  readonly onSuccess: () => void
  readonly onError: (signal: Execution.RateLimitSignal) => void
}

/** Runs attempts until one succeeds or nothing speaks for another. */
export const runAttempts = <A, E, R>(
  make: (attempt: number) => Attempt<A, E, R>,
  context: Context.Context<R>,
  limits: Limits,
  timer: Timer,
  listener: Listener | undefined
): Effect.Effect<Attempted<A, E>> =>
  Effect.suspend(() => {
    const startTime = timer.now()
    const limit = Math.min(limits.timeoutMillis, limits.rowTimeoutMillis)
    return Effect.flatMap(runOnce(make(1), context, limit, timer), (first) => {
      const endTime = timer.now()
      const attempted: Attempted<A, E> = {
        startTime,
        endTime,
        exit: first.exit,
        timedOutAfter: first.timedOut ? limit : undefined,
        attempts: [attemptOf(startTime, endTime, first, limit)]
      }
      if (Exit.isSuccess(first.exit)) {
        listener?.onSuccess()
        return Effect.succeed(attempted)
      }
      return limits.retry === undefined && listener === undefined
        ? Effect.succeed(attempted)
        : again(attempted, make, context, limits, timer, listener)
    })
  })

/** After a first failure: tells who listens, and tries again for as long as the policy and the time allow. */
const again = Effect.fnUntraced(function*<A, E, R>(
  first: Attempted<A, E>,
  make: (attempt: number) => Attempt<A, E, R>,
  context: Context.Context<R>,
  limits: Limits,
  timer: Timer,
  listener: Listener | undefined
): Effect.fn.Return<Attempted<A, E>> {
  const { retry } = limits
  const step = retry === undefined ? undefined : yield* Schedule.toStep(retry.schedule)
  const rowEnd = first.startTime + limits.rowTimeoutMillis
  const attempts = [...first.attempts]
  let last = first
  while (true) {
    if (Exit.isSuccess(last.exit)) {
      listener?.onSuccess()
      return last
    }
    const cause = last.exit.cause
    const error = last.timedOutAfter === undefined ? errorOf(cause) : new Cause.TimeoutError()
    const signal = last.timedOutAfter === undefined ? limits.signalOf(error) : undefined
    if (signal !== undefined) listener?.onError(signal)
    if (step === undefined || !isRetryable(retry, last, error, cause)) return last
    const next = yield* Effect.exit(step(timer.now(), error))
    if (Exit.isFailure(next)) return last
    const delay = Math.max(Duration.toMillis(next.value[1]), signal?.retryAfterMillis ?? 0)
    // An attempt that could not even begin in time is not worth waiting for.
    if (timer.now() + delay >= rowEnd) return last
    yield* Effect.sleep(delay)
    if (limits.admit !== undefined) yield* limits.admit
    const startTime = timer.now()
    const limit = Math.min(limits.timeoutMillis, rowEnd - startTime)
    const attempt = yield* runOnce(make(attempts.length + 1), context, limit, timer)
    const endTime = timer.now()
    attempts.push(attemptOf(startTime, endTime, attempt, limit))
    last = {
      startTime: first.startTime,
      endTime,
      exit: attempt.exit,
      timedOutAfter: attempt.timedOut ? limit : undefined,
      attempts
    }
  }
})

const isRetryable = (
  retry: Execution.Retry | undefined,
  last: Attempted<unknown, unknown>,
  error: unknown,
  cause: Cause.Cause<unknown>
): boolean => {
  if (last.timedOutAfter === undefined && Cause.hasInterruptsOnly(cause)) return false
  if (retry?.while !== undefined) return retry.while(error, cause)
  if (last.timedOutAfter !== undefined) return true
  return Cause.hasFails(cause) && !(Predicate.hasProperty(error, "isRetryable") && error.isRetryable === false)
}

const attemptOf = (startTime: number, endTime: number, { exit, timedOut }: Once<unknown, unknown>, limit: number) => ({
  startTime,
  endTime,
  error: Exit.isSuccess(exit) ? undefined : timedOut ? timeoutMessage(limit) : causeLine(exit.cause)
})

/** The sentence for a limit that was passed. */
export const timeoutMessage = (millis: number): string =>
  `took longer than ${Duration.format(Duration.millis(millis))} and was interrupted`

interface Once<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly timedOut: boolean
}

/** Runs one attempt to its end, be it its own or the one that the limit sets; waits for its finalizers either way. */
const runOnce = <A, E, R>(
  attempt: Attempt<A, E, R>,
  context: Context.Context<R>,
  limit: number,
  timer: Timer
): Effect.Effect<Once<A, E>> =>
  Effect.callback((resume) => {
    const fiber = Effect.runForkWith(context)(attempt.effect)
    const immediate = fiber.pollUnsafe()
    if (immediate !== undefined) return resume(Effect.succeed({ exit: immediate, timedOut: false }))
    let timedOut = false
    const deadline = timer.deadline(limit, () => {
      timedOut = true
      attempt.abort.abort()
      fiber.interruptUnsafe()
    })
    fiber.addObserver((exit) => {
      deadline.drop()
      // Code that was told to stop may still end well, or fail in a way of its own; then that is what happened.
      resume(
        Effect.succeed({ exit, timedOut: timedOut && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) })
      )
    })
    return Effect.suspend(() => {
      deadline.drop()
      attempt.abort.abort()
      return Fiber.interrupt(fiber)
    })
  })
