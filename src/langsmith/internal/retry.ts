/** Trying again what may succeed later. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { LangSmithError } from "../LangSmithError.ts"

const firstDelay = 300
const longestDelay = 20_000

/** How long to wait before trying again: what the server asks for, else twice as long each time, a little at random. */
export const delayBefore = (attempt: number, error: LangSmithError): Effect.Effect<number> =>
  error.retryAfterMillis !== undefined
    ? Effect.succeed(error.retryAfterMillis)
    : Effect.map(Random.next, (random) => Math.min(longestDelay, firstDelay * 2 ** attempt) * (0.75 + random / 2))

/** An answer that cannot be read may come from something on the way; more of them come from a wrong address. */
const maxUnreadable = 2

/** Tries again while the error says that it may help. */
export const retryTransient = <A, R>(
  self: Effect.Effect<A, LangSmithError, R>,
  options: { readonly times: number; readonly when: (error: LangSmithError) => boolean }
): Effect.Effect<A, LangSmithError, R> => {
  const attempt = (n: number): Effect.Effect<A, LangSmithError, R> =>
    Effect.catchIf(
      self,
      (error) => mayPass(error, n) && n < options.times && options.when(error),
      (error) => Effect.flatMap(delayBefore(n, error), (delay) => Effect.andThen(Effect.sleep(delay), attempt(n + 1)))
    )
  return attempt(0)
}

const mayPass = (error: LangSmithError, attempts: number): boolean =>
  error.isRetryable || (error.reason === "Unreadable" && attempts < maxUnreadable)
