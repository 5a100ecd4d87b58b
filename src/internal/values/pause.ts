import * as Effect from "effect/Effect"

/**
 * Waits in real time, whatever the `Clock`: what is waited for is another process or the disk, and they know nothing of a
 * test's clock.
 */
export const pause = (millis: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => resume(Effect.void), millis)
    return Effect.sync(() => clearTimeout(timer))
  })
