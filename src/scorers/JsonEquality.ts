/**
 * Whether two pieces of data are the same, and where they differ.
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { canonicalJson, CyclicValue } from "../internal/values/canonicalJson.ts"
import { describe, formatPath } from "../internal/values/describe.ts"
import { parsePath, type PathPattern, someMatches } from "./internal/jsonPaths.ts"
import {
  isJsonObject,
  isPresent,
  type JsonObject,
  presentKeys,
  readJsonText,
  type TextReading
} from "./internal/jsonValues.ts"
import { anything } from "./internal/readers.ts"
import { pair } from "./internal/scorer.ts"
import { counted } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"

/**
 * What counts as the same.
 *
 * @category options
 * @since 0.1.0
 */
export interface EqualityOptions {
  /**
   * Lists whose order does not matter: all (`true`), or those at these paths, such as `"items.*.tags"`. Default: none.
   * Their members still have to come equally often.
   */
  readonly anyOrder?: boolean | ReadonlyArray<string> | undefined
  /** Paths that are left out, such as `"id"` or `"items.*.createdAt"`. Default: none. */
  readonly ignore?: ReadonlyArray<string> | undefined
}

/**
 * One place where data differ.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference {
  /** The keys and places that lead there; empty for the data themselves. */
  readonly path: ReadonlyArray<string | number>
  /** `missing` is expected and not there, `extra` is there and not expected. */
  readonly kind: "missing" | "extra" | "changed"
  /** `undefined` where it is extra. */
  readonly expected: unknown
  /** `undefined` where it is missing. */
  readonly actual: unknown
}

/** The options as the comparison needs them. */
interface Plan {
  readonly everyOrder: boolean
  readonly anyOrder: ReadonlyArray<PathPattern>
  readonly ignore: ReadonlyArray<PathPattern>
}

const exactPlan: Plan = { everyOrder: false, anyOrder: [], ignore: [] }

const planOf = ({ anyOrder = false, ignore = [] }: EqualityOptions): Plan => ({
  everyOrder: anyOrder === true,
  anyOrder: typeof anyOrder === "boolean" ? [] : anyOrder.map(parsePath),
  ignore: ignore.map(parsePath)
})

/**
 * Where `actual` differs from `expected`: in each object what is extra first, then all else in the order of the
 * expected data. The order of keys does not matter, `undefined` members are not there, and `1` is not `"1"`. Dates,
 * maps and other objects with a class are compared by what they hold. Data that refers to itself, or is nested more
 * than 1,000 levels deep, throws an error that says so.
 *
 * In lists whose order does not matter, members that have an equal on the other side are taken out; of what is left,
 * all is missing or extra, unless there is just one on each side, which is then looked into.
 *
 * **Example** (Three differences)
 *
 * ```ts
 * import { Json } from "effect-evals/scorers"
 *
 * const differences = Json.diff({ name: "Ada", tags: ["b", "a"], age: 36 }, { name: "Ada", tags: ["a", "b"], born: 1815 })
 * console.log(Json.formatDifferences(differences))
 * // => age: 36 is extra; tags[0]: expected "a", got "b"; tags[1]: expected "b", got "a"; born: 1815 is missing
 * console.log(Json.diff(["b", "a"], ["a", "b"], { anyOrder: true })) // => []
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const diff = (
  actual: unknown,
  expected: unknown,
  options?: EqualityOptions
): ReadonlyArray<Difference> =>
  differences(actual, expected, options === undefined ? exactPlan : planOf(options), Infinity)

/**
 * Whether `actual` is the same as `expected`. See `diff` for what that means.
 *
 * @category measures
 * @since 0.1.0
 */
export const isEqual = (actual: unknown, expected: unknown, options?: EqualityOptions): boolean =>
  options === undefined
    ? isSame(actual, expected, 0)
    : differences(actual, expected, planOf(options), 1).length === 0

/** What `compare` finds no difference in, without the paths, which take most of its time. */
const isSame = (actual: unknown, expected: unknown, depth: number): boolean => {
  if (actual === expected) return true
  if (depth > maxDepth) throw new CyclicValue()
  if (typeof actual !== "object" || typeof expected !== "object") return isSameLeaf(actual, expected)
  if (Array.isArray(actual) && Array.isArray(expected)) return areSameLists(actual, expected, depth)
  return isJsonObject(actual) && isJsonObject(expected)
    ? areSameObjects(actual, expected, depth)
    : isSameLeaf(actual, expected)
}

const areSameLists = (actual: ReadonlyArray<unknown>, expected: ReadonlyArray<unknown>, depth: number): boolean => {
  if (actual.length !== expected.length) return false
  for (let i = 0; i < actual.length; i++) if (!isSame(actual[i], expected[i], depth + 1)) return false
  return true
}

const areSameObjects = (actual: JsonObject, expected: JsonObject, depth: number): boolean => {
  for (const key of Object.keys(actual)) if (isPresent(actual, key) && !isPresent(expected, key)) return false
  for (const key of Object.keys(expected)) {
    if (!isPresent(expected, key)) continue
    if (!isPresent(actual, key) || !isSame(actual[key], expected[key], depth + 1)) return false
  }
  return true
}

const differences = (actual: unknown, expected: unknown, plan: Plan, limit: number): ReadonlyArray<Difference> => {
  const found: Array<Difference> = []
  compare(actual, expected, [], plan, found, limit)
  return found
}

const maxDepth = 1000

type Path = Array<string | number>

const compare = (
  actual: unknown,
  expected: unknown,
  path: Path,
  plan: Plan,
  found: Array<Difference>,
  limit: number
): void => {
  if (actual === expected || found.length >= limit || someMatches(plan.ignore, path)) return
  if (path.length > maxDepth) throw new CyclicValue()
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (plan.everyOrder || someMatches(plan.anyOrder, path)) compareMembers(actual, expected, path, plan, found, limit)
    else compareLists(actual, expected, path, plan, found, limit)
  } else if (isJsonObject(actual) && isJsonObject(expected)) {
    compareObjects(actual, expected, path, plan, found, limit)
  } else if (!isSameLeaf(actual, expected)) found.push({ path: [...path], kind: "changed", expected, actual })
}

/** `NaN` is itself, dates are their time, and so on. */
const isSameLeaf = (actual: unknown, expected: unknown): boolean => {
  if (typeof actual !== typeof expected) return false
  switch (typeof actual) {
    // They are not identical, or nobody would ask.
    case "string":
    case "boolean":
      return false
    case "number":
      return Number.isNaN(actual) && Number.isNaN(expected)
    default:
      return canonicalJson(actual) === canonicalJson(expected)
  }
}

const compareObjects = (
  actual: JsonObject,
  expected: JsonObject,
  path: Path,
  plan: Plan,
  found: Array<Difference>,
  limit: number
): void => {
  for (const key of presentKeys(actual)) {
    if (Object.hasOwn(expected, key) && expected[key] !== undefined) continue
    report({ path: [...path, key], kind: "extra", expected: undefined, actual: actual[key] }, plan, found)
  }
  for (const key of presentKeys(expected)) {
    if (!Object.hasOwn(actual, key) || actual[key] === undefined) {
      report({ path: [...path, key], kind: "missing", expected: expected[key], actual: undefined }, plan, found)
      continue
    }
    path.push(key)
    compare(actual[key], expected[key], path, plan, found, limit)
    path.pop()
  }
}

const report = (difference: Difference, plan: Plan, found: Array<Difference>): void => {
  if (!someMatches(plan.ignore, difference.path)) found.push(difference)
}

const compareLists = (
  actual: ReadonlyArray<unknown>,
  expected: ReadonlyArray<unknown>,
  path: Path,
  plan: Plan,
  found: Array<Difference>,
  limit: number
): void => {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (found.length >= limit) return
    if (i >= expected.length) {
      report({ path: [...path, i], kind: "extra", expected: undefined, actual: actual[i] }, plan, found)
    } else if (i >= actual.length) {
      report({ path: [...path, i], kind: "missing", expected: expected[i], actual: undefined }, plan, found)
    } else {
      path.push(i)
      compare(actual[i], expected[i], path, plan, found, limit)
      path.pop()
    }
  }
}

/** Lists whose order does not matter. */
const compareMembers = (
  actual: ReadonlyArray<unknown>,
  expected: ReadonlyArray<unknown>,
  path: Path,
  plan: Plan,
  found: Array<Difference>,
  limit: number
): void => {
  const waiting = new Map<string, Array<number>>()
  expected.forEach((member, i) => {
    const text = canonicalJson(normalized(member, [...path, i], plan))
    const places = waiting.get(text)
    if (places === undefined) waiting.set(text, [i])
    else places.push(i)
  })
  const extra: Array<number> = []
  actual.forEach((member, i) => {
    if (waiting.get(canonicalJson(normalized(member, [...path, i], plan)))?.pop() === undefined) extra.push(i)
  })
  const missing = Array.from(waiting.values()).flat().sort((a, b) => a - b)
  const [onlyExtra] = extra
  const [onlyMissing] = missing
  if (extra.length === 1 && missing.length === 1 && onlyExtra !== undefined && onlyMissing !== undefined) {
    path.push(onlyExtra)
    compare(actual[onlyExtra], expected[onlyMissing], path, plan, found, limit)
    path.pop()
    return
  }
  for (const i of extra) {
    report({ path: [...path, i], kind: "extra", expected: undefined, actual: actual[i] }, plan, found)
  }
  for (const i of missing) {
    report({ path: [...path, i], kind: "missing", expected: expected[i], actual: undefined }, plan, found)
  }
}

/** Data without what is ignored, and with the members of lists in one order where the order does not matter. */
const normalized = (value: unknown, path: Path, plan: Plan): unknown => {
  if (path.length > maxDepth) throw new CyclicValue()
  if (Array.isArray(value)) {
    const members = value.flatMap((member, i) => {
      const at = [...path, i]
      return someMatches(plan.ignore, at) ? [] : [normalized(member, at, plan)]
    })
    return plan.everyOrder || someMatches(plan.anyOrder, path)
      ? members.map((member) => ({ member, text: canonicalJson(member) }))
        .sort((a, b) => a.text < b.text ? -1 : a.text > b.text ? 1 : 0)
        .map(({ member }) => member)
      : members
  }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    presentKeys(value).flatMap((key) => {
      const at = [...path, key]
      return someMatches(plan.ignore, at) ? [] : [[key, normalized(value[key], at, plan)]]
    })
  )
}

/** Who has so many differences has another thing altogether, which the first ones show. */
const maxShown = 5

/**
 * Differences in a line, such as `tags[0]: expected "a", got "b"; age: 36 is extra`: five at most, and how many more.
 *
 * @category measures
 * @since 0.1.0
 */
export const formatDifferences = (differences: ReadonlyArray<Difference>): string => {
  const texts = differences.slice(0, maxShown).map(({ actual, expected, kind, path }) => {
    const place = path.length === 0 ? "" : `${formatPath(path)}: `
    switch (kind) {
      case "missing":
        return `${place}${describe(expected)} is missing`
      case "extra":
        return `${place}${describe(actual)} is extra`
      case "changed":
        return `${place}expected ${describe(expected)}, got ${describe(actual)}`
    }
  })
  return [...texts, ...(differences.length > maxShown ? [`and ${differences.length - maxShown} more`] : [])].join("; ")
}

/**
 * Options of `equals`.
 *
 * @category options
 * @since 0.1.0
 */
export interface EqualsOptions<in I = never, in O = never, in Ref = never, in M = never>
  extends Options<I, O, Ref, M>, EqualityOptions
{
  /**
   * How texts on either side are read. Default: `"strict"`, so that a text which is a JSON object or list stands for
   * that; any other text is itself. `"keep"` leaves all as they are.
   */
  readonly text?: TextReading | undefined
}

/**
 * Whether the output is the same as the reference: `true` or `false`, under the key `json_equals`. The comment lists
 * the differences with their paths. See `diff` for what the same is.
 *
 * **Example** (A list in another order)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const data = Dataset.fromIterable("tags", [{ inputs: "x", referenceOutputs: { tags: ["a", "b"], id: 7 } }])
 * const evaluation = Evaluation.make("tags", { data, target: () => "{\"tags\": [\"b\", \"a\"], \"id\": 8}" })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [Json.equals(), Json.equals({ key: "same_tags", anyOrder: ["tags"], ignore: ["id"] })]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, key, score } of experiment.rows.flatMap(Row.results)) console.log(`${key} ${score}: ${comment}`)
 * // => json_equals false: 3 differences: tags[0]: expected "a", got "b"; tags[1]: expected "b", got "a"; id: expected 7, got 8
 * // => same_tags true: no differences
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const equals = <I, O, Ref, M>(options: EqualsOptions<I, O, Ref, M> = {}): Evaluator.Evaluator<I, O, Ref, M> => {
  const { anyOrder, ignore, text = "strict" } = options
  const plan = planOf(options)
  return pair(
    { name: "json_equals", own: { anyOrder: true, ignore: true, text: true }, config: { anyOrder, ignore, text } },
    options,
    { actual: anything, expected: anything },
    (actual, expected) => {
      const found = differences(readJsonText(actual, text), readJsonText(expected, text), plan, Infinity)
      return found.length === 0
        ? { score: true, comment: "no differences" }
        : { score: false, comment: `${counted(found.length, "difference")}: ${formatDifferences(found)}` }
    }
  )
}
