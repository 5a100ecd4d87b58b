/** Evaluators that return whatever one likes, as JavaScript lets them. */
import { Effect } from "effect"
import type { EvaluationResult } from "../../src/index.ts"

type Returned = EvaluationResult.Returned

/** A named function that returns it. */
export const returning = (returned: () => unknown) =>
  function correct(): Returned {
    return returned() as Returned
  }

/** A function without a name that returns it. */
export const returningAnonymously = (returned: () => unknown) => (): Returned => returned() as Returned

/** The ways in which one function can give one result. */
export const ways = (returned: () => unknown) => ({
  "a value": returning(returned),
  "a Promise": async function correct(): Promise<Returned> {
    return returned() as Returned
  },
  "an Effect": function correct(): Effect.Effect<Returned> {
    return Effect.sync(() => returned() as Returned)
  },
  "an Effect that waits": function correct(): Effect.Effect<Returned> {
    return Effect.andThen(Effect.yieldNow, Effect.sync(() => returned() as Returned))
  }
})
