/**
 * Where promise code finds the span it belongs to. Effects know by their fiber; an `async` function, once it has waited for
 * something, does not run in a fiber any more, so what it belongs to goes along with it in an `AsyncLocalStorage`.
 *
 * That costs a few hundred nanoseconds for each call. The storage is therefore made when the first function is traced, and
 * programs that trace none never pay for it. It holds nothing by itself: each run of a target enters its own scope.
 */
import type * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import { AsyncLocalStorage } from "node:async_hooks"

interface Scope {
  /** With the tracer and the span. */
  readonly context: Context.Context<never>
  /** The fiber that was running when the scope was entered; while it runs on without a pause, the scope is the nearer one. */
  readonly fiber: Fiber.Fiber<unknown, unknown> | undefined
}

let storage: AsyncLocalStorage<Scope> | undefined

/** Whether functions are traced in this process. */
export const isTracing = (): boolean => storage !== undefined

/** From now on, runs of targets and evaluators enter scopes. */
export const enableTracing = (): void => {
  storage ??= new AsyncLocalStorage()
}

/** Calls `f`, and whatever it begins finds the context. */
export const within = <A>(context: Context.Context<never>, f: () => A): A => {
  storage ??= new AsyncLocalStorage()
  return storage.run({ context, fiber: Fiber.getCurrent() }, f)
}

/** The context of whatever calls: that of a function that is being traced, of the fiber, or of the run. */
export const currentContext = (): Context.Context<never> | undefined => {
  const fiber = Fiber.getCurrent()
  const scope = storage?.getStore()
  if (fiber === undefined || (scope !== undefined && (scope.fiber === fiber || fiber.cache.span === undefined))) {
    return scope?.context
  }
  return fiber.context
}
