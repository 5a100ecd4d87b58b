/**
 * Is it the text that was wanted, or does it hold it?
 *
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import type * as EvaluationResult from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import { normalizationNames } from "./internal/normalizationNames.ts"
import { anything, references, text, texts } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { describeDifference } from "./internal/textDifference.ts"
import { quoted } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"
import { describeNormalization, type Normalization, normalizationOf, normalize } from "./TextNormalization.ts"

/**
 * Whether two values are the same. Texts are, after the normalization that is asked for; anything else is if its data is
 * (`effect/Equal`): the order of keys does not count, that of arrays does, `NaN` is itself, and `1` is not `"1"`.
 * Normalizations are for texts that stand by themselves, not for those within data.
 *
 * **Example** (Texts and data)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.isExactMatch("Paris", "paris"), Text.isExactMatch("Paris", "paris", { ignoreCase: true })) // => false true
 * console.log(Text.isExactMatch({ city: "Paris", n: 1 }, { n: 1, city: "Paris" })) // => true
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const isExactMatch = (actual: unknown, expected: unknown, options?: Normalization): boolean =>
  typeof actual === "string" && typeof expected === "string"
    ? actual === expected ||
      (options !== undefined && normalize(actual, options) === normalize(expected, options))
    : Equal.equals(actual, expected)

/**
 * Whether the outputs are the reference, to the letter. Any data can be compared, see `isExactMatch`; the normalizations
 * are for texts, and given data that is not a text together with one of them, the scorer fails.
 *
 * Score: `true` or `false`.
 *
 * **Example** (In an evaluation)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Text } from "effect-evals/scorers"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("capitals", {
 *       data: Dataset.fromIterable("capitals", [{ inputs: "France", referenceOutputs: { city: "Paris" } }]),
 *       target: () => ({ city: "paris" })
 *     }),
 *     {
 *       evaluators: [
 *         Text.exactMatch(),
 *         Text.exactMatch({
 *           key: "city",
 *           actual: ({ outputs }) => outputs.city,
 *           expected: ({ referenceOutputs }) => referenceOutputs.city,
 *           ignoreCase: true
 *         })
 *       ]
 *     }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(Object.values(experiment.summaries).map(({ key, score }) => `${key} ${score?.mean}`))
 * // => [ 'exactMatch 0', 'city 1' ]
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const exactMatch = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = normalizationOf(options)
  const identity = { name: "exactMatch", own: normalizationNames, config }
  const normalizes = Object.values(config).some((value) => value !== undefined && value !== false)
  const normalization = normalizes ? config : undefined
  const ignoring = describeNormalization(config)
  const same: EvaluationResult.ReturnedResult = { score: true, comment: `the same${ignoring}` }
  const score = (actual: unknown, expected: unknown): EvaluationResult.ReturnedResult =>
    isExactMatch(actual, expected, normalization)
      ? same
      // Where something is ignored, the first difference may be one that does not count.
      : typeof actual === "string" && typeof expected === "string" && !normalizes
      ? { score: false, comment: describeDifference(actual, expected) }
      : { score: false, comment: `${describe(actual)} is not ${describe(expected)}${ignoring}` }
  const reader = normalizes ? text : anything
  return pair<unknown, unknown, I, O, Ref, M>(identity, options, { actual: reader, expected: reader }, score)
}

/**
 * Options of the scorers that look for texts.
 *
 * @category options
 * @since 0.1.0
 */
export interface ContainsOptions<I = never, O = never, Ref = never, M = never>
  extends Options<I, O, Ref, M>, Normalization
{
  /** `"share"` scores the share of the texts that are as wanted. Default: `"all"`, which is `true` or `false`. */
  readonly score?: "all" | "share" | undefined
}

// Two ways to write one letter are one letter to a reader, so to a search as well.
const nfc = { unicode: "NFC" } as const

/**
 * Whether the outputs contain all of the expected texts (a text, or a list of them). An empty list has nothing to look
 * for: `Skipped`. Letters that can be written in several ways are the same (NFC).
 *
 * Score: `true` or `false`; the share of the texts that were found with `score: "share"`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const containsAll = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: ContainsOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  contains("containsAll", options, (found, missing) => ({
    good: found.length,
    score: missing.length === 0,
    comment: missing.length === 0 ? "" : `, missing ${quoted(missing)}`
  }))

/**
 * Whether the outputs contain at least one of the expected texts. See `containsAll`.
 *
 * Score: `true` or `false`; the share of the texts that were found with `score: "share"`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const containsAny = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: ContainsOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  contains("containsAny", options, (found) => ({
    good: found.length,
    score: found.length > 0,
    comment: found.length === 0 ? "" : `: ${quoted(found)}`
  }))

/**
 * Whether the outputs contain none of the expected texts. See `containsAll`.
 *
 * Score: `true` or `false`; the share of the texts that were not found with `score: "share"`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const containsNone = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: ContainsOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> =>
  contains("containsNone", options, (found, missing) => ({
    good: missing.length,
    score: found.length === 0,
    comment: found.length === 0 ? "" : `: ${quoted(found)}`
  }))

/**
 * Which of the texts a text contains, and which not. Takes O(length of the text) for each of them.
 *
 * **Example** (One of two)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.search("Paris is lovely", ["paris", "Lyon"], { ignoreCase: true }))
 * // => { found: [ 'paris' ], missing: [ 'Lyon' ] }
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const search = (
  text: string,
  wanted: ReadonlyArray<string>,
  options?: Normalization
): { readonly found: Array<string>; readonly missing: Array<string> } => {
  const normalization = normalizationOf(options, nfc)
  const haystack = normalize(text, normalization)
  const found: Array<string> = []
  const missing: Array<string> = []
  for (const each of wanted) (haystack.includes(normalize(each, normalization)) ? found : missing).push(each)
  return { found, missing }
}

const contains = <I, O, Ref, M>(
  name: string,
  options: ContainsOptions<I, O, Ref, M> | undefined,
  judge: (
    found: ReadonlyArray<string>,
    missing: ReadonlyArray<string>
  ) => { readonly good: number; readonly score: boolean; readonly comment: string }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = normalizationOf(options, nfc)
  const inShares = options?.score === "share"
  return pair(
    {
      name,
      own: { ...normalizationNames, score: true },
      config: { ...config, score: options?.score },
      feedbackConfig: inShares ? share : undefined
    },
    options,
    { actual: text, expected: texts },
    (actual, expected) => {
      if (expected.length === 0) return Evaluator.skip("there are no texts to look for")
      const { found, missing } = search(actual, expected, config)
      const { comment, good, score } = judge(found, missing)
      return {
        score: inShares ? good / expected.length : score,
        comment: `found ${found.length} of ${expected.length}${describeNormalization(config)}${comment}`
      }
    }
  )
}

/**
 * Whether the outputs start with the expected text, or with one of several. Letters that can be written in several ways
 * are the same (NFC).
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const startsWith = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization
): Evaluator.Evaluator<I, O, Ref, M> =>
  anyOf("startsWith", options, "starts with", (actual, expected) => actual.startsWith(expected))

/**
 * Whether the outputs end with the expected text, or with one of several. See `startsWith`.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const endsWith = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization
): Evaluator.Evaluator<I, O, Ref, M> =>
  anyOf("endsWith", options, "ends with", (actual, expected) => actual.endsWith(expected))

/**
 * Whether the outputs are one of the expected texts, such as an allowed label. Letters that can be written in several
 * ways are the same (NFC).
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const oneOf = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & Normalization
): Evaluator.Evaluator<I, O, Ref, M> => anyOf("oneOf", options, "is", (actual, expected) => actual === expected)

const anyOf = <I, O, Ref, M>(
  name: string,
  options: (Options<I, O, Ref, M> & Normalization) | undefined,
  verb: string,
  holds: (actual: string, expected: string) => boolean
): Evaluator.Evaluator<I, O, Ref, M> => {
  const config = normalizationOf(options, nfc)
  return pair(
    { name, own: normalizationNames, config },
    options,
    { actual: text, expected: references },
    (actual, expected) => {
      const normalized = normalize(actual, config)
      const found = expected.find((each) => holds(normalized, normalize(each, config)))
      const ignoring = describeNormalization(config)
      return {
        score: found !== undefined,
        comment: found === undefined
          ? `${quoted([actual])} ${verb} none of ${quoted(expected)}${ignoring}`
          : `${verb} ${quoted([found])}${ignoring}`
      }
    }
  )
}
