/** Whether a call is the one that was expected. */
import * as Result from "effect/Result"
import { assign, mostAssigned } from "../../internal/values/assignment.ts"
import { describe } from "../../internal/values/describe.ts"
import { isEqual } from "../JsonEquality.ts"
import * as Messages from "../Messages.ts"
import type { ArgumentMatch, ArgumentOptions } from "../ToolCalls.ts"
import { lookUp, parsePath } from "./jsonPaths.ts"
import { isJsonObject, presentKeys } from "./jsonValues.ts"
import type { Reader } from "./readers.ts"

/** Whether the arguments of a call are as those of an expected call of the same tool. */
export type Matcher = (actual: Messages.ToolCall, expected: Messages.ToolCall) => boolean

export const matcherOf = ({ arguments: mode = "exact", perTool = {} }: ArgumentOptions): Matcher => {
  const general = compareBy(mode)
  const special = new Map(Object.entries(perTool).map(([tool, mode]) => [tool, compareBy(mode)]))
  return (actual, expected) =>
    actual.name === expected.name &&
    (expected.arguments === undefined || (special.get(expected.name) ?? general)(actual.arguments, expected.arguments))
}

type Compare = (actual: unknown, expected: unknown) => boolean

const compareBy = (mode: ArgumentMatch): Compare => {
  if (typeof mode === "function") return mode
  switch (mode) {
    case "exact":
      return isEqual
    case "ignore":
      return () => true
    case "superset":
      return isWithin
    case "subset":
      return (actual, expected) => isWithin(expected, actual)
    default:
      return comparePaths(mode.map(parsePath))
  }
}

/** Whether all that the second one has is in the first one, too; objects may have more at every level. */
const isWithin: Compare = (larger, smaller) =>
  isJsonObject(larger) && isJsonObject(smaller)
    ? presentKeys(smaller).every((key) => Object.hasOwn(larger, key) && isWithin(larger[key], smaller[key]))
    : isEqual(larger, smaller)

const comparePaths = (paths: ReadonlyArray<ReadonlyArray<string>>): Compare => (actual, expected) =>
  paths.every((path) => {
    const a = lookUp(actual, path)
    const b = lookUp(expected, path)
    return a.found && b.found && isEqual(a.value, b.value)
  })

/** Calls that belong together, by their places. */
export interface Pairing {
  /** For each call that was made, the expected one that it is paired with, or -1. */
  readonly partners: ReadonlyArray<number>
  /** The places of expected calls without a partner. */
  readonly missing: ReadonlyArray<number>
}

/** Pairs calls one to one, so that the sum of what the pairs are worth, each from 0 to 1, is greatest. */
export const pairCalls = (
  actual: ReadonlyArray<Messages.ToolCall>,
  expected: ReadonlyArray<Messages.ToolCall>,
  worth: (actual: Messages.ToolCall, expected: Messages.ToolCall) => number
): Pairing => {
  const count = Math.max(actual.length, expected.length)
  if (count > mostAssigned) {
    throw new RangeError(`${count} calls are too many to be paired; at most ${mostAssigned} are`)
  }
  // Most often all calls are as expected, and nothing can be worth more than that.
  if (actual.length === expected.length && actual.every((a, i) => worth(a, expected[i]!) === 1)) {
    return { partners: actual.map((_, i) => i), missing: [] }
  }
  const table = actual.map((a) => expected.map((b) => worth(a, b)))
  const partners = assign(actual.length, expected.length, (a, b) => table[a]?.[b] ?? 0)
    .map((b, a) => b >= 0 && (table[a]?.[b] ?? 0) > 0 ? b : -1)
  const taken = new Set(partners)
  return { partners, missing: expected.flatMap((_, b) => taken.has(b) ? [] : [b]) }
}

/**
 * Pairs calls in order: the pairing that is worth most of those in which no two pairs cross. With 1 for each match this
 * is the longest common subsequence. Time grows with the product of the lengths.
 */
export const pairInOrder = (
  actual: ReadonlyArray<Messages.ToolCall>,
  expected: ReadonlyArray<Messages.ToolCall>,
  worth: (actual: Messages.ToolCall, expected: Messages.ToolCall) => number
): Pairing => {
  const count = Math.max(actual.length, expected.length)
  if (count > mostAssigned) {
    throw new RangeError(`${count} calls are too many to be paired; at most ${mostAssigned} are`)
  }
  const table = actual.map((a) => Float64Array.from(expected, (b) => worth(a, b)))
  const width = expected.length + 1
  // The best sum for the calls from here on; what lies beyond the ends is 0.
  const best = new Float64Array((actual.length + 1) * width)
  for (let a = actual.length - 1; a >= 0; a--) {
    for (let b = expected.length - 1; b >= 0; b--) {
      const pair = table[a]![b]!
      best[a * width + b] = Math.max(
        best[(a + 1) * width + b]!,
        best[a * width + b + 1]!,
        pair > 0 ? pair + best[(a + 1) * width + b + 1]! : 0
      )
    }
  }
  const partners = new Array<number>(actual.length).fill(-1)
  for (let a = 0, b = 0; a < actual.length && b < expected.length;) {
    const here = best[a * width + b]!
    if (here === best[(a + 1) * width + b]!) a++
    else if (here === best[a * width + b + 1]!) b++
    else partners[a++] = b++
  }
  const taken = new Set(partners)
  return { partners, missing: expected.flatMap((_, b) => taken.has(b) ? [] : [b]) }
}

/** Reads calls for a scorer. */
export const readToolCalls: Reader<ReadonlyArray<Messages.ToolCall>> = (value) =>
  Result.mapError(
    Messages.readCalls(value),
    ({ message }) => `is ${describe(value)}, not messages or calls: ${message}`
  )
