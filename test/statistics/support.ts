import { assert } from "@effect/vitest"
import { Schema } from "effect"

/** Equal up to a tolerance, absolute for numbers below 1 and relative above. */
export const close = (actual: number | undefined, expected: number, tolerance = 1e-10, message?: string): void => {
  if (actual === undefined) assert.fail(`undefined in place of ${expected}`)
  assert.isAtMost(Math.abs(actual - expected), tolerance * Math.max(1, Math.abs(expected)), message ?? `${actual}`)
}

/** Equal up to a share of itself, also where it is tiny. */
export const closeRelative = (actual: number | undefined, expected: number, tolerance = 1e-10): void => {
  if (actual === undefined) assert.fail(`undefined in place of ${expected}`)
  assert.isAtMost(Math.abs(actual - expected), tolerance * Math.abs(expected), `${actual}`)
}

export const closeAll = (
  actual: Iterable<number | undefined> | undefined,
  expected: ReadonlyArray<number>,
  tolerance = 1e-10
) => {
  const all = Array.from(actual ?? [])
  assert.strictEqual(all.length, expected.length)
  for (let i = 0; i < expected.length; i++) close(all[i], expected[i]!, tolerance)
}

/** Minimal random numbers for data (S. K. Park and K. W. Miller, 1988). */
export const randomNumbers = (seed: number): () => number => {
  let state = seed
  return () => {
    state = state * 16807 % 2147483647
    return state / 2147483647
  }
}

/** Two standard normal numbers out of two uniform ones (G. E. P. Box and M. E. Muller, 1958). */
export const normalNumbers = (seed: number): () => number => {
  const next = randomNumbers(seed)
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

/** Numbers of a size at which the tolerances of the tests make sense. */
export const Number1000 = Schema.Finite.check(Schema.isBetween({ minimum: -1000, maximum: 1000 }))

export const Numbers = Schema.Array(Number1000)

/** Few different numbers, so that there are ties. */
export const Step = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))

export const Steps = Schema.Array(Step)

/** Pairs of few different numbers, few enough to go through all signs. */
export const StepPairs = Schema.Array(Schema.Tuple([Step, Step])).check(Schema.isMaxLength(9))

export const unzip = (pairs: ReadonlyArray<readonly [number, number]>): readonly [Array<number>, Array<number>] => [
  pairs.map(([x]) => x),
  pairs.map(([, y]) => y)
]

export const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** All subsets of `size` of the items. */
export const subsets = <A>(items: ReadonlyArray<A>, size: number): Array<Array<A>> => {
  if (size === 0) return [[]]
  return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item].concat(rest)))
}

/** All ways to give each number a sign. */
export const signed = (numbers: ReadonlyArray<number>): Array<Array<number>> =>
  numbers.reduce<Array<Array<number>>>((all, x) => all.flatMap((some) => [[...some, x], [...some, -x]]), [[]])

export const total = (numbers: Iterable<number>): number => {
  let sum = 0
  for (const x of numbers) sum += x
  return sum
}

export const choose = (n: number, k: number): number => {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = ways * (n - k + i) / i
  return Math.round(ways)
}
