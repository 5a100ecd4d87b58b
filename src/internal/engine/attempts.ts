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
import { Deadline, type Timer } from "./timer.ts"
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

/** Code that is run by plain calls, which is what a row costs least: what it needs, and who is told what came of it. */
export interface Code<A, E, R, H extends Abort = Abort> {
  readonly context: Context.Context<R>
  readonly limits: Limits
  readonly timer: Timer
  readonly listener: Listener | undefined
  /** What an attempt hears of its interruption by, made anew for each. */
  readonly makeAbort: (attempt: number) => H
  /** Begins an attempt. Only an effect needs a fiber; what is there at once, or a promise of it, is taken as it is. */
  readonly call: (abort: H) => A | PromiseLike<A> | Effect.Effect<A, E, R>
  /** Told what came of it. */
  readonly end: (attempted: Attempted<A, E>) => void
  /** Given what remains to be done after a first failure. */
  readonly retry: (rest: Effect.Effect<Attempted<A, E>>) => void
}

/** What is at work and can be interrupted. */
export interface Interruptible {
  /** Interrupts it and waits for its end. */
  readonly interrupt: () => Effect.Effect<void>
}

/** Runs attempts until one succeeds or nothing speaks for another. */
export const runAttempts = <A, E, R>(
  make: (attempt: number) => Attempt<A, E, R>,
  context: Context.Context<R>,
  limits: Limits,
  timer: Timer,
  listener: Listener | undefined
): Effect.Effect<Attempted<A, E>> =>
  Effect.callback((resume) => {
    let attempt: Attempt<A, E, R>
    const code: Code<A, E, R> = {
      context,
      limits,
      timer,
      listener,
      makeAbort(number) {
        attempt = make(number)
        return attempt.abort
      },
      call: () => attempt.call(),
      end: (attempted) => resume(Effect.succeed(attempted)),
      retry: resume
    }
    return beginAttempts(code, timer.now())?.interrupt()
  })

/** Begins the first attempt. What it returns interrupts that, and is nothing if it has ended already. */
export const beginAttempts = <A, E, R, H extends Abort>(
  code: Code<A, E, R, H>,
  startTime: number
): Interruptible | undefined => {
  const { limits } = code
  const limit = Math.min(limits.timeoutMillis, limits.rowTimeoutMillis)
  return start(code, code.makeAbort(1), limit, startTime, new FirstAttempt(code, startTime))
}

/** Who is told how an attempt has ended. */
interface Listening<A, E> {
  readonly ended: (exit: Exit.Exit<A, E>, timeout: Timeout | undefined) => void
}

class FirstAttempt<A, E, R, H extends Abort> implements Listening<A, E> {
  readonly code: Code<A, E, R, H>
  readonly startTime: number

  constructor(code: Code<A, E, R, H>, startTime: number) {
    this.code = code
    this.startTime = startTime
  }

  ended(exit: Exit.Exit<A, E>, timeout: Timeout | undefined): void {
    const { code, startTime } = this
    const endTime = code.timer.now()
    const first: Attempted<A, E> = {
      startTime,
      endTime,
      exit,
      timeout,
      attempts: [attemptOf(startTime, endTime, exit, timeout)]
    }
    if (Exit.isSuccess(exit)) code.listener?.onSuccess()
    else if (code.limits.retry !== undefined || code.listener !== undefined) return code.retry(retried(first, code))
    code.end(first)
  }
}

const retried = <A, E, R, H extends Abort>(
  first: Attempted<A, E>,
  code: Code<A, E, R, H>
): Effect.Effect<Attempted<A, E>> =>
  Effect.catchCause(
    again(first, code),
    // The policy itself is code of the user, and may throw.
    (cause) => Effect.succeed({ ...first, endTime: code.timer.now(), exit: Exit.failCause(cause) })
  )

/** After a first failure: tells who listens, and tries again for as long as the policy and the time allow. */
const again = Effect.fnUntraced(function*<A, E, R, H extends Abort>(
  first: Attempted<A, E>,
  code: Code<A, E, R, H>
): Effect.fn.Return<Attempted<A, E>> {
  const { limits, listener, timer } = code
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
      start(code, code.makeAbort(attempts.length + 1), limit, startTime, {
        ended: (exit, timeout) => resume(Effect.succeed({ exit, timeout }))
      })?.interrupt()
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
 * take longer than the grace period. Of an attempt that is interrupted by what it returns, nothing is told; that is
 * nothing if the attempt has ended already.
 */
const start = <A, E, R, H extends Abort>(
  code: Code<A, E, R, H>,
  abort: H,
  limit: number,
  startTime: number,
  listening: Listening<A, E>
): Interruptible | undefined => {
  let returned: A | PromiseLike<A> | Effect.Effect<A, E, R>
  let isPromise: boolean
  try {
    returned = isTracing() ? callWithin(code, abort) : code.call(abort)
    isPromise = !Effect.isEffect(returned) && Predicate.isPromiseLike(returned)
  } catch (defect) {
    listening.ended(Exit.die(defect), undefined)
    return undefined
  }
  if (Effect.isEffect(returned)) return inFiber(code, abort, returned, limit, startTime, listening)
  if (isPromise) {
    const call = new PromiseCall(abort, limit, listening)
    code.timer.watch(call, startTime, limit)
    // What is a promise was just found out.
    call.listen(returned as PromiseLike<A>)
    return call.isOpen ? call : undefined
  }
  listening.ended(Exit.succeed(returned as A), undefined)
  return undefined
}

const callWithin = <A, E, R, H extends Abort>(code: Code<A, E, R, H>, abort: H) =>
  within(code.context, () => code.call(abort))

/** An attempt that waits for a promise, and its time limit. */
class PromiseCall<A, E> extends Deadline implements Interruptible {
  readonly abort: Abort
  readonly limit: number
  readonly listening: Listening<A, E>
  isOpen = true

  constructor(abort: Abort, limit: number, listening: Listening<A, E>) {
    super()
    this.abort = abort
    this.limit = limit
    this.listening = listening
  }

  listen(promise: PromiseLike<A>): void {
    try {
      promise.then(
        (value) => this.end(Exit.succeed(value), undefined),
        // A promise is rejected with whatever it likes; the type of the target says `unknown` then.
        (error) => this.end(Exit.fail(error as E), undefined)
      )
    } catch (defect) {
      this.end(Exit.die(defect), undefined)
    }
  }

  end(exit: Exit.Exit<A, E>, timeout: Timeout | undefined): void {
    // A promise says so once, but what only looks like one may say anything.
    if (!this.isOpen) return
    this.isOpen = false
    this.drop()
    this.listening.ended(exit, timeout)
  }

  expire(): void {
    this.abort.abort()
    this.end(Exit.interrupt(), timeoutOf(this.limit))
  }

  interrupt(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.isOpen = false
      this.drop()
      this.abort.abort()
    })
  }
}

const inFiber = <A, E, R>(
  { context, limits: { gracePeriodMillis }, timer }: Pick<Code<A, E, R>, "context" | "limits" | "timer">,
  abort: Abort,
  effect: Effect.Effect<A, E, R>,
  limit: number,
  startTime: number,
  listening: Listening<A, E>
): Interruptible | undefined => {
  const fork = Effect.runForkWith(context)
  const fiber = isTracing() ? within(context, () => fork(effect)) : fork(effect)
  const ended = fiber.pollUnsafe()
  if (ended !== undefined) {
    listening.ended(ended, undefined)
    return undefined
  }
  let expired = false
  let abandoned = false
  const expire = () => {
    expired = true
    abort.abort()
    fiber.interruptUnsafe()
    if (fiber.pollUnsafe() !== undefined) return
    deadline = timer.deadline(timer.now(), gracePeriodMillis, () => {
      abandoned = true
      listening.ended(Exit.interrupt(), leftBehind(limit, gracePeriodMillis))
    })
  }
  let deadline = timer.deadline(startTime, limit, expire)
  fiber.addObserver((exit) => {
    deadline.drop()
    if (abandoned) return
    // Code that was told to stop may still end well, or fail in a way of its own; then that is what happened.
    const isTimeout = expired && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    listening.ended(exit, isTimeout ? timeoutOf(limit) : undefined)
  })
  const interrupt: Effect.Effect<void> = Effect.callback((resume) => {
    abandoned = true
    deadline.drop()
    abort.abort()
    const grace = timer.deadline(timer.now(), gracePeriodMillis, () => resume(Effect.void))
    fiber.addObserver(() => {
      grace.drop()
      resume(Effect.void)
    })
    fiber.interruptUnsafe()
  })
  return { interrupt: () => interrupt }
}
