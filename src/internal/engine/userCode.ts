/** Calling functions of users, which may give a value, a promise or an effect. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Failure, Output, Services } from "../../Target.ts"

/**
 * Calls `f` and waits for what it gives. What a promise is rejected with is a failure; what is thrown is a defect, since
 * a function that throws has not said that it may.
 */
export const callUser = <Returned>(
  f: () => Returned
): Effect.Effect<Output<Returned>, Failure<Returned>, Services<Returned>> => Effect.suspend(() => fromReturned(f()))

/** The same for what such a function has already given. */
export const fromReturned = <Returned>(
  returned: Returned
): Effect.Effect<Output<Returned>, Failure<Returned>, Services<Returned>> =>
  // The three shapes are told apart here at run time as the three types are at compile time.
  (Effect.isEffect(returned)
    ? returned
    : Predicate.isPromiseLike(returned)
    ? fromPromise(returned)
    : Effect.succeed(returned)) as Effect.Effect<Output<Returned>, Failure<Returned>, Services<Returned>>

/** Whether a function's result is there at once. */
export const isImmediate = (returned: unknown): boolean =>
  typeof returned !== "object" || returned === null ||
  (!Predicate.isPromiseLike(returned) && !Effect.isEffect(returned))

const fromPromise = (promise: PromiseLike<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.callback((resume) => {
    promise.then((value) => resume(Effect.succeed(value)), (error) => resume(Effect.fail(error)))
  })

/** Gives an `AbortSignal` to who asks for one, and costs nothing where nobody does. */
export class Abort {
  #controller: AbortController | undefined
  #aborted = false

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort()
    return this.#controller.signal
  }

  abort(): void {
    this.#aborted = true
    this.#controller?.abort()
  }
}
