/**
 * Does it match a regular expression? In linear time, whatever the pattern and the text.
 *
 * @since 0.1.0
 */
import { RE2JS } from "re2js"
import type * as Evaluator from "../Evaluator.ts"
import { type Reader, reading, text } from "./internal/readers.ts"
import { pair } from "./internal/scorer.ts"
import { quoted } from "./internal/words.ts"
import type { Options } from "./Scorer.ts"

/**
 * Options of `matches`.
 *
 * @category options
 * @since 0.1.0
 */
export interface PatternOptions {
  /** Upper and lower case are the same. Default: `false`, or what the flags of a `RegExp` say. */
  readonly ignoreCase?: boolean | undefined
  /** Whether the whole text has to match, not a part of it. Default: `false`. */
  readonly whole?: boolean | undefined
}

/**
 * Finds the first match of a pattern in a text: its index and what matched, or `undefined`.
 *
 * Patterns are run by RE2 (the port `re2js`), which takes time in proportion to the text, whatever the pattern. It knows
 * the usual syntax, with `\p{...}` classes and the flags `i`, `m` and `s`, but no look-arounds and no back-references; `\d`,
 * `\s` and `\b` mean ASCII. A pattern that it does not know throws a `RangeError` that says why.
 *
 * **Example** (A telephone number)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.firstMatch("Call 555-1234.", /\d{3}-\d{4}/)) // => { index: 5, match: '555-1234' }
 * console.log(Text.firstMatch("a".repeat(100000), "(a+)+b")) // => undefined
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const firstMatch = (
  text: string,
  pattern: string | RegExp,
  options?: PatternOptions
): { readonly index: number; readonly match: string } | undefined => find(compile(pattern, options), text, options)

/**
 * Whether the outputs match the expected pattern: a `RegExp` or its text, in the options or in each reference. It is run
 * by a linear-time engine, so that no output can make it hang; see `firstMatch` for what patterns may say.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const matches = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?:
    & Omit<Options<I, O, Ref, M>, "expected">
    & { readonly expected?: Options<I, O, Ref, M>["expected"] | RegExp }
    & PatternOptions
): Evaluator.Evaluator<I, O, Ref, M> => {
  const compiled = patternReader(options)
  const fixed = options?.expected
  // What is wrong with a pattern in the options is a mistake of the program, and the message of the engine helps.
  if (typeof fixed === "string" || fixed instanceof RegExp) compile(fixed, options)
  return pair(
    {
      name: "matches",
      own: { ignoreCase: true, whole: true },
      config: {
        ignoreCase: options?.ignoreCase,
        whole: options?.whole,
        pattern: fixed instanceof RegExp ? fixed : undefined
      }
    },
    { ...options, expected: fixed instanceof RegExp ? () => fixed : fixed },
    { actual: text, expected: compiled },
    (actual, pattern) => {
      const found = find(pattern, actual, options)
      return {
        score: found !== undefined,
        comment: found === undefined
          ? `no match for ${pattern.pattern()}`
          : `${quoted([found.match])} at ${found.index} matches ${pattern.pattern()}`
      }
    }
  )
}

const patternReader = (options: PatternOptions | undefined): Reader<RE2JS> => {
  // Datasets repeat their patterns; a few are worth keeping.
  const known = new Map<string | RegExp, RE2JS>()
  return reading("a pattern that RE2 knows (no look-arounds, no back-references)", (value) => {
    if (typeof value !== "string" && !(value instanceof RegExp)) return undefined
    const before = known.get(value)
    if (before !== undefined) return before
    try {
      const pattern = compile(value, options)
      if (known.size >= 100) known.clear()
      known.set(value, pattern)
      return pattern
    } catch (error) {
      if (error instanceof RangeError) return undefined
      throw error
    }
  })
}

const compile = (pattern: string | RegExp, options: PatternOptions | undefined): RE2JS => {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern), options?.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (error) {
    throw new RangeError(
      `the pattern ${String(pattern)} cannot be run in linear time: ${error instanceof Error ? error.message : error}`
    )
  }
}

const find = (pattern: RE2JS, text: string, options: PatternOptions | undefined) => {
  const matcher = pattern.matcher(text)
  const found = options?.whole === true ? matcher.matches() : matcher.find()
  return found ? { index: matcher.start(), match: matcher.group() ?? "" } : undefined
}
