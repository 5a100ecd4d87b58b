/**
 * How alike two pieces of data are as a whole, and how much of what was asked for is there.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Evaluator from "../Evaluator.ts"
import { assign, mostAssigned } from "../internal/values/assignment.ts"
import { CyclicValue } from "../internal/values/canonicalJson.ts"
import { describe } from "../internal/values/describe.ts"
import { compareWith } from "./internal/jsonComparing.ts"
import { lookUp, parsePath } from "./internal/jsonPaths.ts"
import { isJsonObject, presentKeys, readJsonText, type TextReading } from "./internal/jsonValues.ts"
import { anything, type Reader } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { counted, listOf, rounded } from "./internal/words.ts"
import { type Comparer, exact } from "./JsonComparers.ts"
import { diff, formatDifferences } from "./JsonEquality.ts"
import type { Options } from "./Scorer.ts"

/**
 * How the parts of data are compared.
 *
 * @category options
 * @since 0.1.0
 */
export interface SimilarityOptions {
  /** How two texts are compared. Default: `Json.exact`. */
  readonly texts?: Comparer<string> | undefined
  /** How two numbers are compared. Default: `Json.exact`. */
  readonly numbers?: Comparer<number> | undefined
  /**
   * How members of lists are paired: by their places (`"ordered"`), or so that the sum is greatest (`"best"`), which
   * takes time with the cube of their number. Default: `"ordered"`.
   */
  readonly lists?: "ordered" | "best" | undefined
  /** Whether keys and members that were not expected count as ones that do not match. Default: `"penalize"`. */
  readonly extras?: "penalize" | "ignore" | undefined
}

/**
 * How alike two pieces of data are, from 0 to 1: for two objects the mean over the keys of either, for two lists the
 * sum over the pairs divided by the length of the longer one, for two texts or numbers what the comparer gives, for all
 * else 1 if they are the same and 0 if not. Two empty objects or lists are the same. Values of different types have
 * nothing in common, and a member that is there on one side only scores 0 (`undefined` and `null` are the same here).
 *
 * **Example** (One of two keys, and two of three members)
 *
 * ```ts
 * import { Json, Text } from "effect-evals/scorers"
 *
 * console.log(Json.similarityOf({ a: 1, b: 2 }, { a: 1, b: 3 })) // => 0.5
 * console.log(Json.similarityOf(["kitten"], ["mitten"], { texts: (a, b) => Text.levenshteinOf(a, b).similarity }).toFixed(3)) // => 0.833
 * console.log(Json.similarityOf(["c", "a"], ["a", "b", "c"], { lists: "best" }).toFixed(3)) // => 0.667
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const similarityOf = (actual: unknown, expected: unknown, options: SimilarityOptions = {}): number =>
  similarity(actual, expected, {
    texts: options.texts ?? exact,
    numbers: options.numbers ?? exact,
    lists: options.lists ?? "ordered",
    extras: options.extras ?? "penalize"
  }, 0)

type Plan = { readonly [K in keyof SimilarityOptions]-?: NonNullable<SimilarityOptions[K]> }

const maxDepth = 1000

const similarity = (actual: unknown, expected: unknown, plan: Plan, depth: number): number => {
  if (depth > maxDepth) throw new CyclicValue()
  if (isAbsent(actual) || isAbsent(expected)) return isAbsent(actual) && isAbsent(expected) ? 1 : 0
  if (Array.isArray(actual) && Array.isArray(expected)) return similarityOfLists(actual, expected, plan, depth)
  if (isJsonObject(actual) && isJsonObject(expected)) {
    const keys = new Set([...presentKeys(expected), ...(plan.extras === "penalize" ? presentKeys(actual) : [])])
    if (keys.size === 0) return 1
    let sum = 0
    for (const key of keys) sum += similarity(ownMember(actual, key), ownMember(expected, key), plan, depth + 1)
    return sum / keys.size
  }
  if (typeof actual === "string" && typeof expected === "string") {
    return compareWith(plan.texts, actual, expected, "texts")
  }
  if (typeof actual === "number" && typeof expected === "number") {
    return compareWith(plan.numbers, actual, expected, "numbers")
  }
  return Number(exact(actual, expected))
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null

const ownMember = (value: { readonly [key: string]: unknown }, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined

const similarityOfLists = (
  actual: ReadonlyArray<unknown>,
  expected: ReadonlyArray<unknown>,
  plan: Plan,
  depth: number
): number => {
  const size = plan.extras === "ignore" ? expected.length : Math.max(actual.length, expected.length)
  if (size === 0) return 1
  const worth = (a: number, b: number) => similarity(actual[a], expected[b], plan, depth + 1)
  if (plan.lists === "ordered") {
    let sum = 0
    for (let i = 0; i < Math.min(actual.length, expected.length); i++) sum += worth(i, i)
    return sum / size
  }
  if (Math.max(actual.length, expected.length) > mostAssigned) {
    throw new RangeError(`${actual.length} and ${expected.length} members are too many to be paired; use "ordered"`)
  }
  const table = actual.map((_, a) => expected.map((_, b) => worth(a, b)))
  const partners = assign(actual.length, expected.length, (a, b) => table[a]?.[b] ?? 0)
  return partners.reduce((sum, b, a) => sum + (table[a]?.[b] ?? 0), 0) / size
}

/**
 * Options of `similar`.
 *
 * @category options
 * @since 0.1.0
 */
export interface SimilarOptions<in I = never, in O = never, in Ref = never, in M = never>
  extends Options<I, O, Ref, M>, SimilarityOptions
{
  /** How texts on either side are read: see `Json.equals`. Default: `"strict"`. */
  readonly text?: TextReading | undefined
}

/**
 * How alike the output and the reference are, from 0 to 1, under the key `json_similarity`: see `similarityOf`. The
 * comment lists the first differences.
 *
 * @category scorers
 * @since 0.1.0
 */
export const similar = <I, O, Ref, M>(
  options: SimilarOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { extras, lists, numbers, text = "strict", texts } = options
  return pair(
    {
      name: "json_similarity",
      own: { extras: true, lists: true, numbers: true, text: true, texts: true },
      config: { extras, lists, numbers, text, texts },
      feedbackConfig: share
    },
    options,
    { actual: anything, expected: anything },
    (output, reference) => {
      const actual = readJsonText(output, text)
      const expected = readJsonText(reference, text)
      const differences = diff(actual, expected)
      return {
        score: similarityOf(actual, expected, options),
        comment: differences.length === 0
          ? "no differences"
          : `${counted(differences.length, "difference")}: ${formatDifferences(differences)}`
      }
    }
  )
}

/**
 * Which paths are there, and which are not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Coverage {
  /** How many of the paths are there, from 0 to 1; `undefined` if there are no paths. */
  readonly score: number | undefined
  readonly present: ReadonlyArray<string>
  readonly missing: ReadonlyArray<string>
}

/**
 * How many of the fields at these paths an object has, whatever is in them: `null` counts as there, `undefined` does
 * not. A path is a text such as `"user.name"`, or a list of keys where a key has a point in it.
 *
 * **Example** (Two of three)
 *
 * ```ts
 * import { Json } from "effect-evals/scorers"
 *
 * const { missing, score } = Json.coverageOf({ user: { name: "Ada" } }, ["user", "user.name", "user.email"])
 * console.log(score?.toFixed(3), missing) // => 0.667 [ 'user.email' ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const coverageOf = (actual: unknown, paths: ReadonlyArray<string | ReadonlyArray<string>>): Coverage => {
  const present: Array<string> = []
  const missing: Array<string> = []
  for (const path of paths) {
    const keys = typeof path === "string" ? parsePath(path) : path
    ;(lookUp(actual, keys).found ? present : missing).push(keys.join("."))
  }
  return { score: paths.length === 0 ? undefined : present.length / paths.length, present, missing }
}

/**
 * The paths of all fields in data, containers before what is in them, such as `[["user"], ["user", "name"]]`. Members
 * of lists are no fields; what is in them has their place in its path.
 *
 * @category measures
 * @since 0.1.0
 */
export const fieldPaths = (value: unknown): ReadonlyArray<ReadonlyArray<string>> => {
  const paths: Array<ReadonlyArray<string>> = []
  const visit = (value: unknown, path: ReadonlyArray<string>): void => {
    if (path.length > maxDepth) throw new CyclicValue()
    if (Array.isArray(value)) value.forEach((member, i) => visit(member, [...path, String(i)]))
    else if (isJsonObject(value)) {
      for (const key of presentKeys(value)) {
        paths.push([...path, key])
        visit(value[key], [...path, key])
      }
    }
  }
  visit(value, [])
  return paths
}

/**
 * Options of `covers`.
 *
 * @category options
 * @since 0.1.0
 */
export interface CoversOptions<in I = never, in O = never, in Ref = never, in M = never> extends Options<I, O, Ref, M> {
  /** How texts are read: see `Json.equals`. Default: `"strict"`. */
  readonly text?: TextReading | undefined
}

/**
 * How many fields of the reference the output has, from 0 to 1, under the key `json_coverage`. The reference (or what
 * `expected` gives) is data, whose paths all count (see `fieldPaths`), or a list of paths. Without any path the outcome
 * is `Skipped`.
 *
 * **Example** (Required fields)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("people", {
 *   data: Dataset.fromIterable("people", [{ inputs: "Ada" }]),
 *   target: (name) => ({ name })
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Json.covers({ expected: ["name", "born"] })] }).pipe(
 *     Effect.provide(TracingClient.layerNone)
 *   )
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => 0.5 1 of 2 fields are there (0.5); missing: born
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const covers = <I, O, Ref, M>(options: CoversOptions<I, O, Ref, M> = {}): Evaluator.Evaluator<I, O, Ref, M> => {
  const { text = "strict" } = options
  const readPaths: Reader<ReadonlyArray<string | ReadonlyArray<string>>> = (value) => {
    const found = readJsonText(value, text)
    if (isTexts(found)) return Result.succeed(found)
    return typeof found === "object" && found !== null
      ? Result.succeed(fieldPaths(found))
      : Result.fail(`is ${describe(found)}, not an object or a list of paths`)
  }
  return pair(
    { name: "json_coverage", own: { text: true }, config: { text }, feedbackConfig: share },
    options,
    { actual: anything, expected: readPaths },
    (actual, paths) => {
      const { missing, present, score } = coverageOf(readJsonText(actual, text), paths)
      if (score === undefined) return Evaluator.skip("there are no fields to be covered")
      return {
        score,
        comment: `${present.length} of ${counted(paths.length, "field")} are there (${rounded(score)}); missing: ${
          listOf(missing)
        }`
      }
    }
  )
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length > 0 && value.every((member) => typeof member === "string")
