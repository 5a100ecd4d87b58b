/** From what a pairwise evaluator returned to results with keys, or to what is wrong with it. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type ComparisonEvaluationResult, InvalidComparison, ReturnedComparison } from "../../PairwiseEvaluator.ts"
import { keyMissing } from "../engine/anonymous.ts"
import { describe } from "../values/describe.ts"
import { formatProblems, problemsOf } from "../values/schemaMessage.ts"

export interface PairwiseSource {
  /** Names the evaluator in messages. */
  readonly evaluator: string
  /** The key of a result that has none; `undefined` for an anonymous function. */
  readonly key: string | undefined
}

type Decoding<A> = Result.Result<A, InvalidComparison>

const decodeOptions = { onExcessProperty: "error", errors: "all" } as const
const decodeOne = Schema.decodeUnknownResult(ReturnedComparison, decodeOptions)
const decodeBatch = Schema.decodeUnknownResult(
  Schema.Struct({ results: Schema.NonEmptyArray(ReturnedComparison) }),
  decodeOptions
)

const accepted = "the place of the preferred run (from 0), \"tie\", a list of scores in the order of the runs, " +
  "{ scores | preferred, key?, comment?, ... }, or { results: [...] }"

/** Decodes what an evaluator returned about runs in the order in which it was given them. */
export const decodeComparisons = (
  raw: unknown,
  runIds: ReadonlyArray<string>,
  source: PairwiseSource
): Decoding<ReadonlyArray<ComparisonEvaluationResult>> => {
  if (typeof raw === "number" || raw === "tie") return decodeComparisons({ preferred: raw }, runIds, source)
  if (Array.isArray(raw)) return decodeComparisons({ scores: raw }, runIds, source)
  if (typeof raw !== "object" || raw === null) return invalid(source, raw, `accepted are ${accepted}`)
  if ("results" in raw) {
    const decoded = decodeBatch(raw)
    if (Result.isFailure(decoded)) return invalidShape(source, raw, decoded.failure)
    const keys = decoded.success.results.map(({ key }) => key ?? source.key)
    const twice = keys.find((key, i) => keys.indexOf(key) !== i)
    if (new Set(keys).size < keys.length) return invalid(source, raw, `the key ${describe(twice)} is there twice`)
    return Result.all(decoded.success.results.map((returned) => toResult(returned, runIds, source)))
  }
  const decoded = decodeOne(raw)
  return Result.isFailure(decoded)
    ? invalidShape(source, raw, decoded.failure)
    : Result.map(toResult(decoded.success, runIds, source), (result) => [result])
}

const toResult = (
  returned: ReturnedComparison,
  runIds: ReadonlyArray<string>,
  source: PairwiseSource
): Decoding<ComparisonEvaluationResult> => {
  const { comment, metadata, sourceRunId } = returned
  const key = returned.key ?? source.key
  if (key === undefined) {
    return invalid(source, returned, keyMissing("preferred", "PairwiseEvaluator.make"))
  }
  const about = typeof comment === "object" && comment !== null ? Object.keys(comment) : []
  const unknown = about.find((runId) => !runIds.includes(runId))
  if (unknown !== undefined) return invalid(source, returned, unknownRun("comment", unknown, runIds))
  return Result.map(scoresOf(returned, runIds, source), (scores) => ({
    key,
    scores,
    ...(comment === undefined || comment === null ? {} : { comment }),
    ...(sourceRunId === undefined ? {} : { sourceRunId }),
    ...(metadata === undefined ? {} : { metadata })
  }))
}

const scoresOf = (
  returned: ReturnedComparison,
  runIds: ReadonlyArray<string>,
  source: PairwiseSource
): Decoding<ComparisonEvaluationResult["scores"]> => {
  const { preferred, scores } = returned
  const toEach = (score: (runId: string, place: number) => number | boolean) =>
    Result.succeed(Object.fromEntries(runIds.map((runId, place) => [runId, score(runId, place)])))
  if (typeof preferred === "number") {
    return preferred >= 0 && preferred < runIds.length
      ? toEach((_, place) => place === preferred ? 1 : 0)
      : invalid(source, returned, `there are ${runIds.length} runs, so the preferred one is 0 to ${runIds.length - 1}`)
  }
  if (preferred === "tie") return toEach(() => 0.5)
  if (preferred !== undefined) {
    return runIds.includes(preferred)
      ? toEach((runId) => runId === preferred ? 1 : 0)
      : invalid(source, returned, unknownRun("preferred", preferred, runIds))
  }
  if (isList(scores)) {
    return scores.length === runIds.length
      ? toEach((_, place) => scores[place]!)
      : invalid(source, returned, `there are ${runIds.length} runs, but ${scores.length} scores`)
  }
  const byRun = scores ?? {}
  const unknown = Object.keys(byRun).find((runId) => !runIds.includes(runId))
  if (unknown !== undefined) return invalid(source, returned, unknownRun("scores", unknown, runIds))
  const missing = runIds.find((runId) => !Object.hasOwn(byRun, runId))
  return missing === undefined
    ? toEach((runId) => byRun[runId]!)
    : invalid(source, returned, `scores has none for the run ${missing}`)
}

const isList = (scores: ReturnedComparison["scores"]): scores is ReadonlyArray<number | boolean> =>
  Array.isArray(scores)

const unknownRun = (field: string, runId: string, runIds: ReadonlyArray<string>): string =>
  `${field} names the run ${describe(runId)}, but the runs are ${runIds.join(", ")}`

const invalidShape = (source: PairwiseSource, raw: unknown, error: Schema.SchemaError): Decoding<never> =>
  invalid(source, raw, `${formatProblems(problemsOf(error, raw))}. Accepted are ${accepted}`)

const invalid = ({ evaluator, key }: PairwiseSource, raw: unknown, why: string): Decoding<never> => {
  // The name of a function without one says what it is already: `evaluator 2 (anonymous)`.
  const subject = key === undefined ? `Pairwise ${evaluator}` : `The pairwise evaluator ${evaluator}`
  return Result.fail(
    new InvalidComparison({ evaluator, message: `${subject} returned ${describe(raw)}: ${why}.` })
  )
}
