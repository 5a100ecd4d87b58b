/**
 * JSON in what a model wrote: bare, in a fenced block, or in the middle of prose.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonrepair } from "jsonrepair"
import type * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import { bracketSpans, fencedBlocks, unclosedStart } from "./internal/jsonSpans.ts"
import type { Reader } from "./internal/readers.ts"
import { single } from "./internal/scorer.ts"
import type { SingleOptions } from "./Scorer.ts"

/**
 * How JSON is taken from a text.
 *
 * - `"strict"`: the whole text is JSON, space around it aside.
 * - `"extract"`: or there is a fenced block that is JSON, the first such one counts; or there is an object or a list in
 *   brackets anywhere in the text, the longest one that is JSON counts.
 * - `"repair"`: the same, and where nothing is found so, mistakes such as missing quotes, trailing commas, comments and
 *   a missing end are mended by `jsonrepair` in what looks like an object or a list, up to 100,000 characters.
 *
 * @category options
 * @since 0.1.0
 */
export type Extraction = "strict" | "extract" | "repair"

/**
 * JSON found in a text.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parsed {
  readonly value: unknown
  /** Where it was: the whole text, a fenced block, or somewhere in the text. */
  readonly from: "whole" | "fence" | "text"
  /** Whether mistakes were mended. */
  readonly repaired: boolean
}

/**
 * There is no JSON in a text. `message` says what is wrong with it, and where.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoJson extends Schema.TaggedError<NoJson>()("NoJson", { message: Schema.String }) {}

/**
 * Takes JSON from a text, in time linear in its length.
 *
 * **Example** (An answer with words around it)
 *
 * ```ts
 * import { Result } from "effect"
 * import { Json } from "effect-evals/scorers"
 *
 * const answer = "Sure, here it is:\n```json\n{ \"city\": \"Oslo\" }\n```"
 * console.log(Result.getOrThrow(Json.parse(answer, { extraction: "extract" })).value) // => { city: 'Oslo' }
 * console.log(Result.isFailure(Json.parse(answer))) // => true
 *
 * const cutOff = "{ city: 'Oslo', tags: ['a', 'b'"
 * console.log(Result.getOrThrow(Json.parse(cutOff, { extraction: "repair" })).value)
 * // => { city: 'Oslo', tags: [ 'a', 'b' ] }
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const parse = (
  text: string,
  options?: {
    /** Default: `"strict"`. */
    readonly extraction?: Extraction | undefined
  }
): Result.Result<Parsed, NoJson> => {
  const extraction = options?.extraction ?? "strict"
  try {
    return Result.succeed({ value: JSON.parse(text) as unknown, from: "whole", repaired: false })
  } catch (error) {
    if (extraction === "strict") return Result.fail(new NoJson({ message: messageOf(error) }))
  }
  const found = extract(text) ?? (extraction === "repair" ? repair(text) : undefined)
  return found === undefined
    ? Result.fail(new NoJson({ message: reasonFor(text, extraction) }))
    : Result.succeed(found)
}

const parseExactly = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch (error) {
    return Result.fail(messageOf(error))
  }
}

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

const reasonFor = (text: string, extraction: Extraction): string =>
  extraction === "repair" && text.length > longestRepair
    ? `no object or list in the text is JSON, and ${text.length} characters are too many to mend`
    : "no object or list in the text is JSON"

/** How many characters are read again, in all, while looking for JSON: a multiple of the length of the text. */
const readings = 8

const extract = (text: string): Parsed | undefined => {
  for (const block of fencedBlocks(text)) {
    const parsed = parseExactly(block)
    if (Result.isSuccess(parsed)) return { value: parsed.success, from: "fence", repaired: false }
  }
  let budget = readings * text.length
  for (const [start, end] of bracketSpans(text)) {
    budget -= end - start
    if (budget < 0) return undefined
    const parsed = parseExactly(text.slice(start, end))
    if (Result.isSuccess(parsed)) return { value: parsed.success, from: "text", repaired: false }
  }
  return undefined
}

/** The library needs time that grows with the square of the length for some texts; this long takes 0.3 seconds at worst. */
const longestRepair = 100_000

const repair = (text: string): Parsed | undefined => {
  if (text.length > longestRepair) return undefined
  for (const block of fencedBlocks(text)) {
    const value = repaired(block.trim())
    if (value !== undefined) return { value, from: "fence", repaired: true }
  }
  // Of what is in brackets the longest; else all from a bracket on that is not closed, as in an answer that was cut off.
  const [span] = bracketSpans(text)
  const start = unclosedStart(text)
  const candidates = [
    ...(start === undefined ? [] : [text.slice(start)]),
    ...(span === undefined ? [] : [text.slice(span[0], span[1])])
  ]
  for (const candidate of candidates) {
    const value = repaired(candidate)
    if (value !== undefined) return { value, from: candidate === text ? "whole" : "text", repaired: true }
  }
  return undefined
}

/** Only objects and lists: any words can be mended into a JSON text, which would say nothing. */
const repaired = (text: string): object | undefined => {
  if (!/^[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(jsonrepair(text))
    return typeof value === "object" && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Options of `parses`.
 *
 * @category options
 * @since 0.1.0
 */
export interface ParsesOptions<in I = never, in O = never, in Ref = never, in M = never>
  extends SingleOptions<I, O, Ref, M>
{
  /** Default: `"strict"`. */
  readonly extraction?: Extraction | undefined
  /** What the JSON has to be. Default: `"anything"`, a number or a text included. */
  readonly accept?: "anything" | "object" | "list" | "object or list" | undefined
}

/**
 * Whether the output is JSON: `true` or `false`, under the key `json`. It scores texts; anything else is an
 * `UnusableValue`, since it has been parsed already.
 *
 * **Example** (Two answers)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const answers = Dataset.fromIterable("answers", [{ inputs: "{\"a\": 1}" }, { inputs: "a: 1" }])
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("json", { data: answers, target: (text) => text }), {
 *     evaluators: [Json.parses({ accept: "object" })]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.rows.map((row) => Row.score(row, "json"))) // => [ 1, 0 ]
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const parses = <I, O, Ref, M>(options: ParsesOptions<I, O, Ref, M> = {}): Evaluator.Evaluator<I, O, Ref, M> => {
  const { accept = "anything", extraction = "strict" } = options
  return single(
    { name: "json", own: { accept: true, extraction: true }, config: { accept, extraction } },
    options,
    readText,
    (text) => {
      const parsed = parse(text, { extraction })
      if (Result.isFailure(parsed)) return { score: false, comment: `no JSON: ${parsed.failure.message}` }
      const { from, repaired, value } = parsed.success
      const place = from === "whole" ? "" : from === "fence" ? " in a fenced block" : " in the text"
      const found = `${describe(value)}${place}${repaired ? ", after repair" : ""}`
      return isOfKind(value, accept)
        ? { score: true, comment: `JSON: ${found}` }
        : { score: false, comment: `JSON, but not ${accept === "list" ? "a" : "an"} ${accept}: ${found}` }
    }
  )
}

const isOfKind = (value: unknown, kind: NonNullable<ParsesOptions["accept"]>): boolean => {
  if (kind === "anything") return true
  if (typeof value !== "object" || value === null) return false
  return kind === "object or list" || (kind === "list") === Array.isArray(value)
}

const readText: Reader<string> = (value) =>
  typeof value === "string" ? Result.succeed(value) : Result.fail(`is ${describe(value)}, not a text`)
