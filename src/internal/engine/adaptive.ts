/**
 * Finds how many calls a server bears at once, from what comes back (the rules of `Execution.AdaptiveConcurrency`):
 * additive growth and multiplicative cuts, as TCP does it, with a fast start.
 */
import type * as Execution from "../../Execution.ts"
import type { Places } from "./places.ts"

/** A change of the limit, kept so that an experiment can show what happened. */
export interface Change {
  readonly time: number
  readonly limit: number
  readonly why: "clean round" | "rate limited"
}

export interface Controller {
  readonly onSuccess: () => void
  readonly onError: (signal: Execution.RateLimitSignal) => void
  readonly changes: ReadonlyArray<Change>
}

const saturation = 0.8
const cut = 0.8
const growth = 0.05
const defaultCooldownMillis = 15_000
const maxChanges = 1000

/** Controls the places from now on. The places's limit when it is made is the most there can be. */
export const makeController = (
  places: Places,
  options: Execution.AdaptiveConcurrency,
  now: () => number
): Controller => {
  const max = places.limit
  const min = Math.min(max, options.min ?? 1)
  const cooldown = options.cooldownMillis ?? defaultCooldownMillis
  const changes: Array<Change> = []
  let successes = 0
  let clean = true
  let starting = true
  let coolUntil = Number.NEGATIVE_INFINITY

  const resize = (limit: number, why: Change["why"]) => {
    const next = Math.max(min, Math.min(max, limit))
    newRound()
    if (next === places.limit) return
    if (changes.length < maxChanges) changes.push({ time: now(), limit: next, why })
    places.resize(next)
  }
  const newRound = () => {
    successes = 0
    clean = true
    places.peak = places.active
  }

  places.resize(Math.max(min, Math.min(max, options.initial ?? Math.ceil(max / 5))))

  return {
    changes,
    onSuccess() {
      if (++successes < Math.max(places.limit, 4)) return
      if (!clean || places.peak < places.limit * saturation || now() < coolUntil) return newRound()
      resize(starting ? places.limit * 2 : places.limit + Math.max(1, Math.round(places.limit * growth)), "clean round")
    },
    onError(signal) {
      clean = false
      if (signal.kind !== "limited") return
      starting = false
      const time = now()
      const retryAt = time + (signal.retryAfterMillis ?? 0)
      if (time < coolUntil) {
        newRound()
        coolUntil = Math.max(coolUntil, retryAt)
      } else {
        resize(Math.floor(places.limit * cut), "rate limited")
        coolUntil = Math.max(time + cooldown, retryAt)
      }
      clean = false
    }
  }
}
