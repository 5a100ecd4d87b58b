/** Counts how many are inside at once. */
import { Effect } from "effect"

export interface Meter {
  active: number
  max: number
  readonly inside: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const makeMeter = (): Meter => {
  const meter: Meter = {
    active: 0,
    max: 0,
    inside: (effect) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          meter.active++
          meter.max = Math.max(meter.max, meter.active)
        }),
        () => effect,
        () =>
          Effect.sync(() => {
            meter.active--
          })
      )
  }
  return meter
}
