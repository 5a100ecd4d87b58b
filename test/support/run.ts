/** Short ways to run evaluations in tests. */
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Dataset, type Example, type Experiment, type Row, TracingClient } from "../../src/index.ts"

/** Numbers from 0, with themselves as references. */
export const numbers = (count: number) =>
  Dataset.fromIterable(
    "numbers",
    Array.from({ length: count }, (_, n): Example.Input<number, number> => ({
      id: `n${n}`,
      inputs: n,
      referenceOutputs: n
    }))
  )

/** Provides no tracing. */
export const untraced = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provide(effect, TracingClient.layerNone)

/** The outcome kinds of a row's evaluators. */
export const kinds = (row: Row.Row | undefined): ReadonlyArray<string> =>
  row?.evaluations.map(({ outcome }) => outcome._tag) ?? []

/** The counts of one key that are not zero. */
export const counts = (experiment: Pick<Experiment.Experiment, "summaries">, key: string) => {
  const outcomes = experiment.summaries[key]?.outcomes
  return outcomes === undefined
    ? undefined
    : Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0))
}

/**
 * Moves the test clock in small steps with turns of the scheduler in between, so that what only begins to wait while the
 * clock moves is moved as well.
 */
export const advance = (millis: number) =>
  Effect.forEach(
    Array.from({ length: 20 }),
    () => Effect.andThen(Effect.yieldNow, TestClock.adjust(millis / 20)),
    { discard: true }
  )
