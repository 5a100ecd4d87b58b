/**
 * Runs user code under its limits: each attempt in a fiber of its own, which is interrupted when its time is up; again
 * when the retry policy says so. It never fails: what happened is its result.
 */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import type * as Execution from "../../Execution.ts"
import type * as Run from "../../Run.ts"
import { causeLine, errorOf } from "../values/causes.ts"
import { isTracing, within } from "./asyncScope.ts"
import { rateLimitSignal } from "./rateLimits.ts"
import type { Timer } from "./timer.ts"
import type { Abort } from "./userCode.ts"

/** The limits, ready for use. */
export interface Limits {
  readonly timeoutMillis: number
  readonly rowTimeoutMillis: number
  readonly gracePeriodMillis: number
  readonly retry: Execution.Retry | undefined
  readonly signalOf: (error: unknown, now: number) => Execution.RateLimitSignal | undefined
  /** Waits until a rate limit allows one more attempt. */
  readonly admit?: Effect.Effect<void> | undefined
}

const defaultTimeout = Duration.minutes(5)
const defaultRowTimeout = Duration.minutes(30)
const defaultGracePeriod = Duration.seconds(30)

/** The limits that the options say, or else the defaults. */
export const limitsOf = (options: Execution.Options, defaults: Execution.Options = {}): Limits => {
  const retry = options.retry ?? defaults.retry
  return {
    timeoutMillis: toMillis(options.timeout ?? defaults.timeout ?? defaultTimeout),
    rowTimeoutMillis: toMillis(options.rowTimeout ?? defaults.rowTimeout ?? defaultRowTimeout),
    gracePeriodMillis: toMillis(options.gracePeriod ?? defaults.gracePeriod ?? defaultGracePeriod),
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
  /** If the last attempt was interrupted because its time was up. */
  readonly timeout: Timeout | undefined
  readonly attempts: ReadonlyArray<Run.Attempt>
}

/** The limit that an attempt has passed. */
export interface Timeout {
  readonly afterMillis: number
  /** Whether it stopped within the grace period. Code that did not is still at work. */
  readonly stopped: boolean
  readonly message: string
}

/** The code to run, anew for each attempt. */
export interface Attempt<A, E, R> {
  /** Begins it. Only an effect needs a fiber; what is there at once, or a promise of it, is taken as it is. */
  readonly call: () => A | PromiseLike<A> | Effect.Effect<A, E, R>
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
  Effect.callback((resume) =>
    beginAttempts(
      make,
      context,
      limits,
      timer,
      timer.now(),
      listener,
      (attempted) => resume(Effect.succeed(attempted)),
      resume
    )
  )

/**
 * The same by plain calls, which is what a row costs least: `onEnd` is told what came of it, or `onRetry` is given what
 * remains to be done. What it returns interrupts the first attempt, and is nothing if that has ended already.
 */
export const beginAttempts = <A, E, R>(
  make: (attempt: number) => Attempt<A, E, R>,
  context: Context.Context<R>,
  limits: Limits,
  timer: Timer,
  startTime: number,
  listener: Listener | undefined,
  onEnd: (attempted: Attempted<A, E>) => void,
  onRetry: (rest: Effect.Effect<Attempted<A, E>>) => void
): Effect.Effect<void> | undefined => {
  const limit = Math.min(limits.timeoutMillis, limits.rowTimeoutMillis)
  return start(make(1), context, limits, limit, timer, startTime, (exit, timeout) => {
    const endTime = timer.now()
    const first: Attempted<A, E> = {
      startTime,
      endTime,
      exit,
      timeout,
      attempts: [attemptOf(startTime, endTime, exit, timeout)]
    }
    if (Exit.isSuccess(exit)) listener?.onSuccess()
    else if (limits.retry !== undefined || listener !== undefined) {
      return onRetry(Effect.catchCause(
        again(first, make, context, limits, timer, listener),
        // The policy itself is code of the user, and may throw.
        (cause) => Effect.succeed({ ...first, endTime: timer.now(), exit: Exit.failCause(cause) })
      ))
    }
    onEnd(first)
  })
}

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
    const error = last.timeout === undefined ? errorOf(cause) : new Cause.TimeoutError()
    const signal = last.timeout === undefined ? limits.signalOf(error, timer.now()) : undefined
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
    const { exit, timeout } = yield* Effect.callback<Ended<A, E>>((resume) =>
      start(make(attempts.length + 1), context, limits, limit, timer, startTime, (exit, timeout) => {
        resume(Effect.succeed({ exit, timeout }))
      })
    )
    const endTime = timer.now()
    attempts.push(attemptOf(startTime, endTime, exit, timeout))
    last = { startTime: first.startTime, endTime, exit, timeout, attempts }
  }
})

const isRetryable = (
  retry: Execution.Retry | undefined,
  last: Attempted<unknown, unknown>,
  error: unknown,
  cause: Cause.Cause<unknown>
): boolean => {
  if (last.timeout === undefined && Cause.hasInterruptsOnly(cause)) return false
  // The attempt that did not stop is still at work on the same example.
  if (last.timeout?.stopped === false) return false
  if (retry?.while !== undefined) return retry.while(error, cause)
  if (last.timeout !== undefined) return true
  return Cause.hasFails(cause) && !(Predicate.hasProperty(error, "isRetryable") && error.isRetryable === false)
}

const attemptOf = (
  startTime: number,
  endTime: number,
  exit: Exit.Exit<unknown, unknown>,
  timeout: Timeout | undefined
): Run.Attempt => ({
  startTime,
  endTime,
  error: Exit.isSuccess(exit) ? undefined : timeout === undefined ? causeLine(exit.cause) : timeout.message
})

const format = (millis: number): string => Duration.format(Duration.millis(millis))

const timeoutOf = (afterMillis: number): Timeout => ({
  afterMillis,
  stopped: true,
  message: `took longer than ${format(afterMillis)} and was interrupted`
})

const leftBehind = (afterMillis: number, gracePeriodMillis: number): Timeout => ({
  afterMillis,
  stopped: false,
  message: `took longer than ${format(afterMillis)}, was interrupted, and had not stopped ` +
    `${format(gracePeriodMillis)} later (gracePeriod): it cannot be interrupted or has long finalizers. ` +
    "The run went on without it; it may be at work still"
})

interface Ended<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly timeout: Timeout | undefined
}

/**
 * Starts one attempt and tells how it ended, be it by itself or by the limit; its finalizers have run by then, unless they
 * take longer than the grace period. What it returns interrupts the attempt, of which nothing is told then, and is
 * nothing if the attempt has ended already.
 */
const start = <A, E, R>(
  attempt: Attempt<A, E, R>,
  context: Context.Context<R>,
  limits: Limits,
  limit: number,
  timer: Timer,
  startTime: number,
  onEnd: (exit: Exit.Exit<A, E>, timeout: Timeout | undefined) => void
): Effect.Effect<void> | undefined => {
  let returned: A | PromiseLike<A> | Effect.Effect<A, E, R>
  let isPromise: boolean
  try {
    returned = isTracing() ? within(context, attempt.call) : attempt.call()
    isPromise = !Effect.isEffect(returned) && Predicate.isPromiseLike(returned)
  } catch (defect) {
    onEnd(Exit.die(defect), undefined)
    return undefined
  }
  if (Effect.isEffect(returned)) return inFiber(attempt, returned, context, limits, limit, timer, startTime, onEnd)
  // What is a promise was just found out.
  if (isPromise) return ofPromise(attempt, returned as PromiseLike<A>, limit, timer, startTime, onEnd)
  onEnd(Exit.succeed(returned as A), undefined)
  return undefined
}

const ofPromise = <A, E, R>(
  attempt: Attempt<A, E, R>,
  promise: PromiseLike<A>,
  limit: number,
  timer: Timer,
  startTime: number,
  onEnd: (exit: Exit.Exit<A, E>, timeout: Timeout | undefined) => void
): Effect.Effect<void> | undefined => {
  let open = true
  const end = (exit: Exit.Exit<A, E>, timeout: Timeout | undefined) => {
    // A promise says so once, but what only looks like one may say anything.
    if (!open) return
    open = false
    deadline.drop()
    onEnd(exit, timeout)
  }
  const deadline = timer.deadline(startTime, limit, () => {
    attempt.abort.abort()
    end(Exit.interrupt(), timeoutOf(limit))
  })
  try {
    // A promise is rejected with whatever it likes; the type of the target says `unknown` then.
    promise.then((value) => end(Exit.succeed(value), undefined), (error) => end(Exit.fail(error as E), undefined))
  } catch (defect) {
    end(Exit.die(defect), undefined)
  }
  if (!open) return undefined
  return Effect.sync(() => {
    open = false
    deadline.drop()
    attempt.abort.abort()
  })
}

const inFiber = <A, E, R>(
  attempt: Attempt<A, E, R>,
  effect: Effect.Effect<A, E, R>,
  context: Context.Context<R>,
  { gracePeriodMillis }: Limits,
  limit: number,
  timer: Timer,
  startTime: number,
  onEnd: (exit: Exit.Exit<A, E>, timeout: Timeout | undefined) => void
): Effect.Effect<void> | undefined => {
  const fork = Effect.runForkWith(context)
  const fiber = isTracing() ? within(context, () => fork(effect)) : fork(effect)
  const ended = fiber.pollUnsafe()
  if (ended !== undefined) {
    onEnd(ended, undefined)
    return undefined
  }
  let expired = false
  let abandoned = false
  const expire = () => {
    expired = true
    attempt.abort.abort()
    fiber.interruptUnsafe()
    if (fiber.pollUnsafe() !== undefined) return
    deadline = timer.deadline(timer.now(), gracePeriodMillis, () => {
      abandoned = true
      onEnd(Exit.interrupt(), leftBehind(limit, gracePeriodMillis))
    })
  }
  let deadline = timer.deadline(startTime, limit, expire)
  fiber.addObserver((exit) => {
    deadline.drop()
    if (abandoned) return
    // Code that was told to stop may still end well, or fail in a way of its own; then that is what happened.
    const isTimeout = expired && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    onEnd(exit, isTimeout ? timeoutOf(limit) : undefined)
  })
  return Effect.callback((resume) => {
    abandoned = true
    deadline.drop()
    attempt.abort.abort()
    const grace = timer.deadline(timer.now(), gracePeriodMillis, () => resume(Effect.void))
    fiber.addObserver(() => {
      grace.drop()
      resume(Effect.void)
    })
    fiber.interruptUnsafe()
  })
}
