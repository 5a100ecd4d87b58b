/** What a comparer gave, as a number. */
import type { Comparer } from "../JsonComparers.ts"

/** From 0 to 1; anything else is a mistake in the comparer, which must not become a score. */
export const compareWith = <V>(compare: Comparer<V>, actual: V, expected: V, what: string): number => {
  const given = Number(compare(actual, expected))
  if (given >= 0 && given <= 1) return given
  throw new RangeError(`the comparer of ${what} gave ${given}; it has to give a boolean or a number from 0 to 1`)
}
