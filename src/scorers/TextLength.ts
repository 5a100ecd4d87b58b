/**
 * How long is it?
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { text } from "./internal/readers.ts"
import { single } from "./internal/scorer.ts"
import { graphemeCount, wordCount } from "./internal/segments.ts"
import { counted } from "./internal/words.ts"
import type { SingleOptions } from "./Scorer.ts"

/**
 * What a text is measured in. Graphemes are what readers take for one character: an emoji with a skin tone is one, as is a
 * letter with its accents. Words are Unicode's (UAX 29), so that languages without spaces have them, too. Bytes are those
 * of UTF-8. A line ends with a line feed or the end; whitespace around the text makes none.
 *
 * @category models
 * @since 0.1.0
 */
export type LengthUnit = "graphemes" | "words" | "bytes" | "lines"

/**
 * The length of a text. Takes time in proportion to it.
 *
 * **Example** (Two flags)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.lengthOf("🇫🇷🇩🇪"), Text.lengthOf("🇫🇷🇩🇪", "bytes"), Text.lengthOf("It's two.", "words")) // => 2 16 2
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const lengthOf = (text: string, unit: LengthUnit = "graphemes"): number => {
  switch (unit) {
    case "graphemes":
      return graphemeCount(text)
    case "words":
      return wordCount(text)
    case "bytes":
      return new TextEncoder().encode(text).length
    case "lines":
      return text.trim().split("\n").length
  }
}

/**
 * Whether the length of the outputs lies within bounds; both of them are allowed lengths.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const length = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options: SingleOptions<I, O, Ref, M> & {
    /** The least that will do. Default: 0. */
    readonly min?: number | undefined
    /** The most that will do. Default: no limit. */
    readonly max?: number | undefined
    /** Default: `"graphemes"`. */
    readonly unit?: LengthUnit | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { max = Infinity, min = 0, unit = "graphemes" } = options
  if (!(min <= max)) throw new RangeError(`length: no length is at least ${min} and at most ${max}`)
  return single(
    { name: "length", own: { max: true, min: true, unit: true }, config: { max, min, unit } },
    options,
    text,
    (actual) => {
      const length = lengthOf(actual, unit)
      const problem = length < min ? `, fewer than ${min}` : length > max ? `, more than ${max}` : ""
      return { score: problem === "", comment: `${counted(length, unit.slice(0, -1))}${problem}` }
    }
  )
}
