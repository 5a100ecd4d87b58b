/** A lane is the way by which one kind of user code, the target or one evaluator, gets to run. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Execution from "../../Execution.ts"
import { type Controller, makeController } from "./adaptive.ts"
import { type Limits, limitsOf } from "./attempts.ts"
import { Places } from "./places.ts"
import type { Timer } from "./timer.ts"

export interface Lane {
  readonly name: string
  readonly limits: Limits
  readonly controller: Controller | undefined
  /** Takes a place at once, if there is one and nothing says to wait. */
  readonly tryEnter: () => boolean
  /** Takes a place when the rate limit and the others in the lane allow it. */
  readonly enter: Effect.Effect<void>
  readonly leave: () => void
}

/** The way into the places, of which there may be two kinds: those of the lane, and those it shares. */
export const makeLane = Effect.fnUntraced(function*(
  name: string,
  options: Execution.Options,
  defaults: Execution.Options,
  shared: Places | undefined,
  timer: Timer,
  limiters: Limiters
): Effect.fn.Return<Lane> {
  const own = options.concurrency === undefined ? undefined : new Places(options.concurrency)
  const places = [own, shared].filter((places) => places !== undefined)
  const { adaptiveConcurrency } = options
  const adaptive = adaptiveConcurrency === undefined || adaptiveConcurrency === false
    ? undefined
    : own ?? new Places(shared?.limit ?? 1)
  if (adaptive !== undefined && own === undefined) places.unshift(adaptive)
  const controller = adaptive === undefined
    ? undefined
    : makeController(adaptive, adaptiveConcurrency === true ? {} : adaptiveConcurrency || {}, timer.now)
  const admit = options.rateLimit === undefined ? undefined : yield* limiters(name, options.rateLimit)
  const [first, second] = places

  const tryAll = (): boolean => {
    if (first !== undefined && !first.tryEnter()) return false
    if (second === undefined || second.tryEnter()) return true
    first?.leave()
    return false
  }
  const enterAll = places.reduce<Effect.Effect<void>>(
    (enter, places) => Effect.andThen(enter, places.enter),
    Effect.void
  )
  return {
    name,
    limits: { ...limitsOf(options, defaults), admit },
    controller,
    tryEnter: admit === undefined ? tryAll : () => false,
    enter: admit === undefined ? enterAll : Effect.andThen(admit, enterAll),
    leave() {
      first?.leave()
      second?.leave()
    }
  }
})

/** Gives, for a rate limit, the effect that waits until it allows one more start. */
export type Limiters = (name: string, options: Execution.RateLimit) => Effect.Effect<Effect.Effect<void>>

/**
 * The rate limits of one run. The limiter is the app's, if it has one, so that processes can share it; else one in
 * memory, so that limits with the same key count together.
 */
export const makeLimiters: Effect.Effect<Limiters, never, Scope.Scope> = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const limiter = yield* Effect.cached(Effect.gen(function*() {
    // Loaded on demand: few runs have a rate limit, and the module brings a Redis client's types and schemas along.
    const { RateLimiter, layer, layerStoreMemory } = yield* Effect.promise(() =>
      import("effect/persistence/RateLimiter")
    )
    const given = yield* Effect.serviceOption(RateLimiter)
    if (given._tag === "Some") return given.value
    return Context.get(yield* Layer.buildWithScope(Layer.provide(layer, layerStoreMemory), scope), RateLimiter)
  }))
  return (name, options) =>
    Effect.map(limiter, ({ consume }) =>
      consume({
        key: `effect-evals/${options.key ?? name}`,
        limit: options.limit,
        window: options.window,
        algorithm: options.algorithm ?? "token-bucket",
        onExceeded: "delay"
      }).pipe(
        // The store of a shared limiter may be gone. That is no reason to lose the row: it goes ahead, and says so.
        Effect.catch((error) =>
          Effect.as(Effect.logWarning(`The rate limit of ${name} could not be checked: ${error.message}`), {
            delay: Duration.zero
          })
        ),
        Effect.flatMap(({ delay }) => Duration.isZero(delay) ? Effect.void : Effect.sleep(delay))
      ))
})
