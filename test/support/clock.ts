/** The test clock, moved for runs that nobody knows the length of. */
import { assert } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

/**
 * Runs an effect to its end under the test clock, which moves step by step, with turns of the event loop in between. It
 * fails if the effect has not ended after so many steps.
 */
export const settle = Effect.fnUntraced(function*<A, E, R>(
  effect: Effect.Effect<A, E, R>,
  { step = 250, steps = 2000 }: { readonly step?: number; readonly steps?: number } = {}
): Effect.fn.Return<A, E, R> {
  const fiber = yield* Effect.forkChild(effect)
  yield* settled(fiber, { step, steps })
  return yield* Fiber.join(fiber)
})

/** Moves the test clock until the fiber has ended. */
export const settled = Effect.fnUntraced(function*(
  fiber: Fiber.Fiber<unknown, unknown>,
  { step = 250, steps = 2000 }: { readonly step?: number; readonly steps?: number } = {}
) {
  for (let moved = 0; moved < steps && fiber.pollUnsafe() === undefined; moved++) {
    yield* Effect.yieldNow
    if (fiber.pollUnsafe() === undefined) yield* TestClock.adjust(step)
  }
  assert.isDefined(fiber.pollUnsafe(), `it has not ended after ${steps * step} ms`)
})
