/** From what an evaluator returned to results with keys, or to what is wrong with it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { capitalize } from "effect/String"
import {
  type EvaluationResult,
  type FeedbackConfig,
  InvalidResult,
  KeyedResult,
  ReturnedResult,
  Skip
} from "../../EvaluationResult.ts"
import { errorLine, errorOf } from "../values/causes.ts"
import { snapshot } from "../values/clone.ts"
import { describe } from "../values/describe.ts"
import { formatProblems, type Problem, problemsOf } from "../values/schemaMessage.ts"
import { keyMissing } from "./anonymous.ts"

/** Who returned it. */
export interface Source {
  readonly kind: "evaluator" | "summary evaluator"
  /** Names the evaluator in messages. */
  readonly evaluator: string
  /** The key of a result that has none; `undefined` for an anonymous function. */
  readonly key: string | undefined
  readonly feedbackConfig?: FeedbackConfig | undefined
}

/** The results, in the order in which they were returned; or why there are none. */
export type Decoded =
  | { readonly _tag: "Results"; readonly results: readonly [EvaluationResult, ...Array<EvaluationResult>] }
  | { readonly _tag: "Skip"; readonly reason: string }

export type Decoding = Result.Result<Decoded, InvalidResult>

const options = { onExcessProperty: "error", errors: "all" } as const
// A value may be anything that a row can be written with.
const hasData = Schema.makeFilter(({ value }: ReturnedResult) =>
  typeof value !== "function" && typeof value !== "symbol" ? undefined : { path: ["value"], issue: "Expected data" }
)
const WithData = KeyedResult.check(hasData)
const decodeOne = Schema.decodeUnknownResult(ReturnedResult.check(hasData), options)
const decodeList = Schema.decodeUnknownResult(Schema.NonEmptyArray(WithData), options)
const decodeBatch = Schema.decodeUnknownResult(Schema.Struct({ results: Schema.Array(WithData) }), options)

const accepted = "a boolean, a finite number, a text, { score | value | comment, key?, ... }, a list of such results " +
  "that each have a key, or { results: [...] }"

/** Decodes whatever an evaluator returned. */
export const decodeReturned = (raw: unknown, source: Source): Decoding => {
  try {
    return decode(raw, source)
  } catch (error) {
    // Getters and proxies run code of the user, and what is nested too deep cannot be followed.
    return invalid(source, raw, `reading it failed with ${errorLine(thrownBy(error))}`)
  }
}

/** What was thrown while a schema was at work is in the cause of what the schema throws. */
const thrownBy = (error: unknown): unknown =>
  error instanceof Error && Cause.isCause(error.cause) ? errorOf(error.cause) : error

const decode = (raw: unknown, source: Source): Decoding => {
  switch (typeof raw) {
    case "boolean":
      return single({ score: raw }, source, raw)
    case "number":
      return Number.isFinite(raw) ? single({ score: raw }, source, raw) : invalid(source, raw, "a score must be finite")
    case "string":
      return raw === "" ? invalid(source, raw, "an empty text is no label") : single({ value: raw }, source, raw)
    case "object":
      if (raw === null) break
      if (raw instanceof Skip) return Result.succeed({ _tag: "Skip", reason: reasonOf(raw) })
      if (Array.isArray(raw)) {
        return raw.length === 0
          ? invalid(source, raw, "a list needs at least one result")
          : several(raw, decodeList(raw), (list) => list, source)
      }
      if (Object.hasOwn(raw, "results")) return several(raw, decodeBatch(raw), (batch) => batch.results, source)
      return one(raw, source)
  }
  return invalid(source, raw, "there is nothing to score in it; to leave a run out, return Evaluator.skip(reason)")
}

/** The types ask for a text; JavaScript does not. */
const reasonOf = ({ reason }: { readonly reason: unknown }): string =>
  typeof reason === "string" ? reason : reason === undefined ? "the evaluator gave no reason" : describe(reason)

const one = (raw: object, source: Source): Decoding => {
  const simple = simpleResult(raw, source)
  if (simple !== undefined) return scored(simple)
  const decoded = decodeOne(raw)
  if (Result.isSuccess(decoded)) return single(decoded.success, source, raw)
  return isUnfinished(raw)
    ? invalid(source, raw, "it has not been run; use `yield*` or `await` on it in the evaluator")
    : invalid(source, raw, undefined, problemsOf(decoded.failure, raw))
}

/** Whether it is itself what gives a result: the engine runs what an evaluator returns, not what comes of that. */
const isUnfinished = (raw: unknown): boolean => Effect.isEffect(raw) || Predicate.isPromiseLike(raw)

/**
 * The result, if it has nothing but a key, a score, a label and a comment, and these are right. Most are so; they need no
 * walk through the schema, which would find the same (a test holds the two together). Each field is read once, since a
 * getter may give something else the next time.
 */
const simpleResult = (raw: object, source: Source): EvaluationResult | undefined => {
  let key: string | undefined
  let score: number | boolean | undefined
  let label: string | undefined
  let comment: string | undefined
  for (const name in raw) {
    const value: unknown = Reflect.get(raw, name)
    switch (name) {
      case "key":
        if (typeof value !== "string" || value === "") return undefined
        key = value
        break
      case "score":
        if (typeof value !== "boolean" && !(typeof value === "number" && Number.isFinite(value))) return undefined
        score = value
        break
      case "value":
        if (typeof value !== "string") return undefined
        label = value
        break
      case "comment":
        if (typeof value !== "string") return undefined
        comment = value
        break
      default:
        return undefined
    }
  }
  key ??= source.key
  return key === undefined || (score === undefined && label === undefined)
    ? undefined
    : plainResult(key, score, label, comment, source)
}

/** A result of data that nobody can change. */
const plainResult = (
  key: string,
  score: number | boolean | undefined,
  label: string | undefined,
  comment: string | undefined,
  { feedbackConfig }: Source
): EvaluationResult => {
  // Not begun with a key: V8 has room for four fields in an empty object, and for no more than are there in another.
  const result: Partial<MutableResult> = {}
  result.key = key
  if (score !== undefined) result.score = score
  if (label !== undefined) result.value = label
  if (comment !== undefined) result.comment = comment
  if (feedbackConfig !== undefined) result.feedbackConfig = snapshot(feedbackConfig)
  // The key is there.
  return result as EvaluationResult
}

type MutableResult = { -readonly [K in keyof EvaluationResult]: EvaluationResult[K] }

const scored = (result: EvaluationResult): Decoding => Result.succeed({ _tag: "Results", results: [result] })

const single = (returned: ReturnedResult, source: Source, raw: unknown): Decoding => {
  const key = returned.key ?? source.key
  if (key === undefined) {
    const make = source.kind === "evaluator" ? "Evaluator.make" : "SummaryEvaluator.make"
    return invalid(source, raw, keyMissing("score", make))
  }
  return hasNothing(returned)
    ? Result.succeed({ _tag: "Skip", reason: returned.comment ?? "the evaluator returned no score (score: null)" })
    : scored(toResult(key, returned, source))
}

const several = <A>(
  raw: unknown,
  decoded: Result.Result<A, Schema.SchemaError>,
  resultsOf: (decoded: A) => ReadonlyArray<KeyedResult>,
  source: Source
): Decoding => {
  if (Result.isFailure(decoded)) return invalid(source, raw, undefined, problemsOf(decoded.failure, raw))
  const returned = resultsOf(decoded.success)
  const keys = returned.map(({ key }) => key)
  const twice = new Set(keys).size === keys.length
    ? undefined
    : keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) return invalid(source, raw, `the key ${describe(twice)} is there twice`)
  const [first, ...rest] = returned
    // Among others there is no outcome for a reason to stand in, so it stays a comment.
    .filter((returned) => !hasNothing(returned) || (returned.comment ?? undefined) !== undefined)
    .map((returned) => toResult(returned.key, returned, source))
  return first === undefined
    ? Result.succeed({ _tag: "Skip", reason: "the evaluator returned no results" })
    : Result.succeed({ _tag: "Results", results: [first, ...rest] })
}

/** `score: null` with nothing else to record but perhaps why: the evaluator says that it cannot tell. */
const hasNothing = ({
  correction,
  evaluatorInfo,
  extra,
  metadata,
  score,
  sourceRunId,
  targetRunId,
  value
}: ReturnedResult): boolean =>
  score === null &&
  [value, correction, evaluatorInfo, extra, metadata, sourceRunId, targetRunId].every((field) =>
    field === undefined || field === null
  )

/** A new object, so that nothing the user returned is kept or changed. */
const toResult = (key: string, returned: ReturnedResult, source: Source): EvaluationResult => {
  const result: MutableResult = { key }
  if (returned.score !== undefined && returned.score !== null) result.score = returned.score
  if (returned.value !== undefined && returned.value !== null) result.value = snapshot(returned.value)
  if (returned.comment !== undefined && returned.comment !== null) result.comment = returned.comment
  if (returned.correction !== undefined && returned.correction !== null) {
    result.correction = snapshot(returned.correction)
  }
  if (returned.evaluatorInfo !== undefined) result.evaluatorInfo = snapshot(returned.evaluatorInfo)
  const feedbackConfig = returned.feedbackConfig ?? source.feedbackConfig
  if (feedbackConfig !== undefined) result.feedbackConfig = snapshot(feedbackConfig)
  if (returned.sourceRunId !== undefined) result.sourceRunId = returned.sourceRunId
  if (returned.targetRunId !== undefined) result.targetRunId = returned.targetRunId
  if (returned.metadata !== undefined) result.metadata = snapshot(returned.metadata)
  if (returned.extra !== undefined && returned.extra !== null) result.extra = snapshot(returned.extra)
  return result
}

const invalid = (
  source: Source,
  raw: unknown,
  why: string | undefined,
  problems: ReadonlyArray<Problem> = []
): Decoding => {
  const more = problems.length - maxProblems
  const reason = [
    ...(why === undefined ? [] : [why]),
    ...(problems.length > 0 ? [formatProblems(problems.slice(0, maxProblems))] : []),
    ...(more > 0 ? [`and ${more} more`] : [])
  ]
  return Result.fail(
    new InvalidResult({
      evaluator: source.evaluator,
      message: `${subjectOf(source)} returned ${describeReturned(raw)}: ${reason.join("; ")}. ` +
        `Accepted are ${accepted}.`
    })
  )
}

/** The name of a function without one says what it is already: `evaluator 2 (anonymous)`. */
const subjectOf = ({ evaluator, key, kind }: Source): string =>
  key === undefined ? capitalize(evaluator) : `The ${kind} ${evaluator}`

/** How many problems a message names: a list of numbers, taken for results, has one for each. */
const maxProblems = 5

const describeReturned = (raw: unknown): string => {
  try {
    if (!isUnfinished(raw)) return describe(raw)
    return `${Effect.isEffect(raw) ? "an Effect" : "a Promise"} inside another Effect or Promise`
  } catch {
    return "a value"
  }
}
