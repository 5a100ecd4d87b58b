/**
 * Comparing objects field by field, with weights and a way to compare for each.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as EvaluationResult from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import { assign, mostAssigned } from "../internal/values/assignment.ts"
import { describe } from "../internal/values/describe.ts"
import { compareWith } from "./internal/jsonComparing.ts"
import { lookUp, parsePath } from "./internal/jsonPaths.ts"
import { isJsonObject, isPresent, type JsonObject, readJsonText, type TextReading } from "./internal/jsonValues.ts"
import { anything, type Reader } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { counted, listOf, rounded } from "./internal/words.ts"
import { type Comparer, exact } from "./JsonComparers.ts"
import type { Options } from "./Scorer.ts"

/**
 * How a field is compared, and how much it counts.
 *
 * @category options
 * @since 0.1.0
 */
export interface Field {
  /** Default: `Json.exact`. */
  readonly compare?: Comparer | undefined
  /** At least 0; only the proportions matter. Default: 1. */
  readonly weight?: number | undefined
}

/**
 * How objects, or lists of objects, are compared field by field.
 *
 * @category options
 * @since 0.1.0
 */
export interface MatchOptions {
  /**
   * Fields to compare otherwise than exactly with weight 1, by key or by path, such as `"address.city"`: a comparer, or
   * a comparer and a weight.
   */
  readonly fields?: { readonly [path: string]: Comparer | Field } | undefined
  /**
   * What else is compared: all other keys that either object has (`"exact"`), or nothing (`"ignore"`). A key that a
   * path in `fields` begins with is not compared once more. Default: `"exact"`.
   */
  readonly others?: "exact" | "ignore" | undefined
  /** Keys that are not compared. Default: none. */
  readonly exclude?: ReadonlyArray<string> | undefined
  /** Whether keys that were not expected count as fields that do not match. Default: `"penalize"`. */
  readonly extras?: "penalize" | "ignore" | undefined
  /** The score of an object: the weighted mean over its fields, or 1 if every one is 1, else 0. Default: `"mean"`. */
  readonly aggregate?: "mean" | "all" | undefined
  /**
   * How the members of two lists are paired: so that the sum of their scores is greatest, whatever their order
   * (`"same"`); so, but more than expected (`"superset"`) or fewer (`"subset"`) are fine; or by their places
   * (`"ordered"`). A member without a partner scores 0. Default: `"same"`.
   */
  readonly list?: "same" | "superset" | "subset" | "ordered" | undefined
  /** The score of a list: the mean over its members, or 1 if every one is 1, else 0. Default: `"mean"`. */
  readonly listAggregate?: "mean" | "all" | undefined
}

/**
 * How one field compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface FieldScore {
  readonly field: string
  /** From 0 to 1; in lists the mean over the members that have the field, those without a partner included. */
  readonly score: number
  readonly weight: number
}

/**
 * How objects, or lists of objects, compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface Match {
  /** From 0 to 1; `undefined` where there is no field to compare. */
  readonly score: number | undefined
  readonly fields: ReadonlyArray<FieldScore>
}

interface Compared {
  readonly field: string
  readonly score: number
  readonly weight: number
}

/**
 * Compares an object with another one, or a list of objects with another one, field by field: the score of an object is
 * `sum of weight * score over the fields / sum of the weights`. A field that only one side has scores 0, unless its
 * comparer says otherwise. The score is `undefined` where there are no fields, or all weights are 0: two empty objects,
 * two empty lists.
 *
 * Members of lists are paired in the best way there is, not one after the other as they come; that takes time with the
 * cube of their number, and more than 2,000 throw a `RangeError`. For anything but objects and lists of objects on both
 * sides use `Json.similarityOf`.
 *
 * **Example** (A weight and a tolerance)
 *
 * ```ts
 * import { Json } from "effect-evals/scorers"
 *
 * const { fields, score } = Json.matchOf(
 *   { name: "ada", price: 99.9, note: "x" },
 *   { name: "Ada", price: 100 },
 *   { fields: { name: { compare: Json.anyCase, weight: 2 }, price: Json.within({ absolute: 0.5 }) } }
 * )
 * console.log(score, fields.map(({ field, score }) => `${field} ${score}`)) // => 0.75 [ 'name 1', 'price 1', 'note 0' ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const matchOf = (
  actual: JsonObject | ReadonlyArray<JsonObject>,
  expected: JsonObject | ReadonlyArray<JsonObject>,
  options?: MatchOptions
): Match => matchBy(actual, expected, options === undefined ? defaultPlan : planOf(options))

const matchBy = (
  actual: JsonObject | ReadonlyArray<JsonObject>,
  expected: JsonObject | ReadonlyArray<JsonObject>,
  plan: Plan
): Match => {
  if (isList(actual) && isList(expected)) return matchLists(actual, expected, plan)
  if (isList(actual) || isList(expected)) return { score: 0, fields: [] }
  const fields = compareFields(actual, expected, plan)
  return { score: scoreOf(fields, plan.aggregate), fields }
}

/** `Array.isArray` does not tell read-only lists from objects. */
const isList = (value: JsonObject | ReadonlyArray<JsonObject>): value is ReadonlyArray<JsonObject> =>
  Array.isArray(value)

type Plan = { readonly [K in Exclude<keyof MatchOptions, "fields" | "exclude">]-?: NonNullable<MatchOptions[K]> } & {
  readonly fields: ReadonlyArray<NamedField>
  /** Keys that are excluded, or that a field begins with. */
  readonly done: ReadonlySet<string | undefined>
}

interface NamedField {
  readonly name: string
  readonly path: ReadonlyArray<string>
  readonly compare: Comparer
  readonly weight: number
}

const planOf = (options: MatchOptions): Plan => {
  const fields = Object.entries(options.fields ?? {}).map(([name, field]) => {
    const { compare = exact, weight = 1 } = typeof field === "function" ? { compare: field } : field
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(`the weight of ${name} is ${weight}; it is at least 0`)
    }
    const path = parsePath(name)
    if (path.includes("*")) throw new RangeError(`the field ${name} has a "*"; compare the list that it goes through`)
    return { name, path, compare, weight }
  })
  return {
    fields,
    done: new Set([...(options.exclude ?? []), ...fields.map(({ path }) => path[0])]),
    others: options.others ?? "exact",
    extras: options.extras ?? "penalize",
    aggregate: options.aggregate ?? "mean",
    list: options.list ?? "same",
    listAggregate: options.listAggregate ?? "mean"
  }
}

const defaultPlan = planOf({})

const compareFields = (actual: JsonObject, expected: JsonObject, plan: Plan): ReadonlyArray<Compared> => {
  const { done, extras, fields, others } = plan
  const compared: Array<Compared> = []
  for (const { compare, name, path, weight } of fields) {
    const a = lookUp(actual, path)
    const b = lookUp(expected, path)
    if ((!a.found && !b.found) || (!b.found && extras === "ignore")) continue
    compared.push({ field: name, weight, score: compareWith(compare, a.value, b.value, `the field ${name}`) })
  }
  if (others === "ignore") return compared
  for (const key of Object.keys(expected)) {
    if (done.has(key) || expected[key] === undefined) continue
    const score = isPresent(actual, key) && exact(actual[key], expected[key]) === true ? 1 : 0
    compared.push({ field: key, score, weight: 1 })
  }
  if (extras === "ignore") return compared
  for (const key of Object.keys(actual)) {
    if (done.has(key) || actual[key] === undefined || isPresent(expected, key)) continue
    compared.push({ field: key, score: 0, weight: 1 })
  }
  return compared
}

const scoreOf = (fields: ReadonlyArray<Compared>, aggregate: "mean" | "all"): number | undefined => {
  let sum = 0
  let weights = 0
  let areAll = true
  for (const { score, weight } of fields) {
    // A weight of 0 leaves it out, whatever its score is.
    if (weight === 0) continue
    sum += score * weight
    weights += weight
    areAll = areAll && score === 1
  }
  return weights === 0 ? undefined : aggregate === "mean" ? sum / weights : Number(areAll)
}

/** Every field of a member that has no partner. */
const unmatched = (member: JsonObject, plan: Plan): ReadonlyArray<Compared> =>
  compareFields({}, member, plan).map((field) => ({ ...field, score: 0 }))

const matchLists = (
  actual: ReadonlyArray<JsonObject>,
  expected: ReadonlyArray<JsonObject>,
  plan: Plan
): Match => {
  const count = Math.max(actual.length, expected.length)
  if (plan.list !== "ordered" && count > mostAssigned) {
    throw new RangeError(`${count} members are too many to be paired (${mostAssigned}); use list: "ordered"`)
  }
  const compared = (a: number, b: number) => compareFields(actual[a] ?? {}, expected[b] ?? {}, plan)
  const partners = plan.list === "ordered"
    ? actual.map((_, i) => i < expected.length ? i : -1)
    : assign(actual.length, expected.length, (a, b) => scoreOf(compared(a, b), "mean") ?? 1)
  const taken = new Set(partners)
  const members = [
    ...partners.flatMap((b, a) =>
      b >= 0 ? [compared(a, b)] : plan.list === "superset" ? [] : [unmatched(actual[a]!, plan)]
    ),
    ...(plan.list === "subset" ? [] : expected.filter((_, b) => !taken.has(b)).map((member) => unmatched(member, plan)))
  ]
  const scores = members.flatMap((fields) => scoreOf(fields, plan.aggregate) ?? [])
  return {
    score: scores.length === 0
      ? undefined
      : plan.listAggregate === "all"
      ? Number(scores.every((score) => score === 1))
      : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    fields: Array.from(Map.groupBy(members.flat(), ({ field }) => field), ([field, all]) => ({
      field,
      weight: all[0]?.weight ?? 1,
      score: plan.listAggregate === "all"
        ? Number(all.every(({ score }) => score === 1))
        : all.reduce((sum, { score }) => sum + score, 0) / all.length
    }))
  }
}

/**
 * Options of `matches`.
 *
 * @category options
 * @since 0.1.0
 */
export interface MatchesOptions<in I = never, in O = never, in Ref = never, in M = never>
  extends Options<I, O, Ref, M>, MatchOptions
{
  /** How texts are read: see `Json.equals`. Default: `"strict"`. */
  readonly text?: TextReading | undefined
  /** Whether every field gets a result of its own beside the score, such as `json_match.name`. Default: `false`. */
  readonly each?: boolean | undefined
}

/**
 * How well an object, or a list of objects, matches the reference, field by field: a share from 0 to 1, under the key
 * `json_match`. The comment shows the fields that are not 1. An output that is no object (or list of them) scores 0,
 * with what it is in the comment; such a reference is an `UnusableValue`; where there is nothing to compare, the
 * outcome is `Skipped`. For the formula see `matchOf`.
 *
 * **Example** (The name counts twice)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const data = Dataset.fromIterable("people", [{ inputs: "Ada", referenceOutputs: { name: "Ada", born: 1815 } }])
 * const evaluation = Evaluation.make("people", { data, target: (name) => ({ name, born: 1816 }) })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [Json.matches({ fields: { name: { compare: Json.anyCase, weight: 2 } }, each: true })]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, key, score } of experiment.rows.flatMap(Row.results)) console.log(key, score, comment)
 * // => json_match 0.6666666666666666 1 of 2 fields match (0.6667 of 1, weighted); not: born 0
 * // => json_match.name 1 undefined
 * // => json_match.born 0 undefined
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const matches = <I, O, Ref, M>(
  options: MatchesOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const {
    actual: _actual,
    each = false,
    expected: _expected,
    key = "json_match",
    text = "strict",
    when: _when,
    ...match
  } = options
  const plan = planOf(match)
  return pair(
    {
      name: "json_match",
      own: {
        aggregate: true,
        each: true,
        exclude: true,
        extras: true,
        fields: true,
        list: true,
        listAggregate: true,
        others: true,
        text: true
      },
      config: { ...match, text, each },
      feedbackConfig: share
    },
    options,
    { actual: anything, expected: readExpected(text) },
    (output, expected): EvaluationResult.Returned => {
      const actual = readJsonText(output, text)
      if (!isMatchable(actual) || Array.isArray(actual) !== Array.isArray(expected)) {
        const wanted = Array.isArray(expected) ? "a list of objects" : "an object"
        return { score: 0, comment: `expected ${wanted}, got ${describe(actual)}` }
      }
      const { fields, score } = matchBy(actual, expected, plan)
      if (score === undefined) return Evaluator.skip("there are no fields to compare: both sides are empty")
      const comment = commentOf(fields, score)
      return each
        ? [{ key, score, comment }, ...fields.map((field) => ({ key: `${key}.${field.field}`, score: field.score }))]
        : { score, comment }
    }
  )
}

const isMatchable = (value: unknown): value is JsonObject | ReadonlyArray<JsonObject> =>
  isJsonObject(value) || (Array.isArray(value) && value.every(isJsonObject))

const readExpected = (text: TextReading): Reader<JsonObject | ReadonlyArray<JsonObject>> => (value) => {
  const found = readJsonText(value, text)
  return isMatchable(found)
    ? Result.succeed(found)
    : Result.fail(`is ${describe(found)}, not an object or a list of objects`)
}

const commentOf = (fields: ReadonlyArray<FieldScore>, score: number): string => {
  const wrong: Array<string> = []
  let weighted = ""
  for (const { field, score, weight } of fields) {
    if (score < 1) wrong.push(`${field} ${rounded(score)}`)
    if (weight !== 1) weighted = ", weighted"
  }
  const right = fields.length - wrong.length
  const of = `${right} of ${counted(fields.length, "field")} match (${rounded(score)} of 1${weighted})`
  return wrong.length === 0 ? of : `${of}; not: ${listOf(wrong)}`
}
