/**
 * Numbers in texts, as people and models write them.
 *
 * @since 0.1.0
 */
import { answerSpan, boxSpan } from "./internal/answers.ts"
import { type NumberFormat, readNumbers } from "./internal/numberReader.ts"

/**
 * A number that was found in a text.
 *
 * @category models
 * @since 0.1.0
 */
export interface FoundNumber {
  /** A percentage is divided by 100 (unless `percent` says `"points"`), a unit is applied, a fraction worked out. */
  readonly value: number
  /** What was read. */
  readonly text: string
  /** Where it starts, in UTF-16 units. */
  readonly index: number
  /** Which of the given units it has. */
  readonly unit?: string | undefined
}

/**
 * How numbers are written.
 *
 * @category options
 * @since 0.1.0
 */
export interface NumberOptions {
  /** The sign before the decimals. With `","`, points are what separates thousands. Default: `"."`. */
  readonly decimal?: "." | "," | undefined
  /** What 45 % is: `0.45` (`"share"`) or `45` (`"points"`). Default: `"share"`. */
  readonly percent?: "share" | "points" | undefined
  /**
   * What a unit after the number multiplies it by, such as `{ km: 1000, m: 1, cm: 0.01 }`, so that lengths in different
   * units can be compared. Units are written as here; a number without one is taken as it is.
   */
  readonly units?: { readonly [unit: string]: number } | undefined
}

/**
 * All numbers in a text, from left to right. Takes time in proportion to it.
 *
 * Read are signs (`-`, `−`, `+`; not that of a range such as `5-10`), thousands separators (commas, spaces, apostrophes and
 * underscores between groups of three digits; Indian groups, too), decimals, powers of ten (`1.5e3`, `1.5 × 10^3`),
 * percentages and per mille, fractions (`3/4`, `1 1/2`, `½`), and the words hundred, thousand, million, billion and
 * trillion after a number. Digits of all scripts count. Not read are numbers in words ("twelve"), Roman numerals, and what
 * is part of a word (`B2B`), of a date (`2024-05-01`), of a time (`10:30`) or of a version (`1.2.3`).
 *
 * **Example** (Prices)
 *
 * ```ts
 * import { Numbers } from "effect-evals/scorers"
 *
 * const found = Numbers.numbersIn("From $1,234.50 down to −12.5 %, that is 3/4 of 2 million.")
 * console.log(found.map(({ value }) => value)) // => [ 1234.5, -0.125, 0.75, 2000000 ]
 * console.log(Numbers.numbersIn("1.234,5 km", { decimal: ",", units: { km: 1000 } })[0]?.value) // => 1234500
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const numbersIn = (text: string, options?: NumberOptions): Array<FoundNumber> =>
  readNumbers(text, formatOf(options))

/**
 * Which number of a text is its answer: `"marked"` is what stands after the last `####` (as in GSM8K), else in the last
 * `\boxed{}`, else after the last "answer is" or "answer:"; `"only"` is the one number of a text that has just one;
 * `"first"` and `"last"` are what they say; `"answer"` is the marked one, or where nothing is marked, the last.
 *
 * @category models
 * @since 0.1.0
 */
export type Position = "answer" | "marked" | "only" | "first" | "last"

/**
 * The number that is the answer of a text, or `undefined` if there is none. Takes time in proportion to the text.
 *
 * Source of `####`: K. Cobbe et al., "Training Verifiers to Solve Math Word Problems" (2021); of `\boxed{}`: D. Hendrycks et
 * al., "Measuring Mathematical Problem Solving With the MATH Dataset" (2021).
 *
 * **Example** (Three ways to end)
 *
 * ```ts
 * import { Numbers } from "effect-evals/scorers"
 *
 * console.log(Numbers.answerIn("She has 3 + 4 = 7 apples.\n#### 7")?.value) // => 7
 * console.log(Numbers.answerIn("So $x = \\boxed{\\frac{3}{4}}$, since 4 > 3.")?.value) // => 0.75
 * console.log(Numbers.answerIn("3 and 4 make 7.")?.value) // => 7
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const answerIn = (
  text: string,
  options?: NumberOptions & { readonly position?: Position | undefined }
): FoundNumber | undefined => {
  const format = formatOf(options)
  const position = options?.position ?? "answer"
  if (position === "answer" || position === "marked") {
    const span = answerSpan(text)
    if (span !== undefined) return numberOf(readNumbers(span.text, format), span)
    if (position === "marked") return undefined
  }
  const found = readNumbers(text, format)
  switch (position) {
    case "first":
      return found[0]
    case "only":
      return found.length === 1 ? found[0] : undefined
    default:
      return found.at(-1)
  }
}

/** The first number of what is marked: "#### 7 apples in 2 bags" has the answer 7. */
const numberOf = ([first]: ReadonlyArray<FoundNumber>, span: { readonly index: number }): FoundNumber | undefined =>
  first === undefined ? undefined : { ...first, index: first.index + span.index }

/**
 * The content of the last `\boxed{...}` (or `\fbox{...}`) of a text, braces within it included; `undefined` if there is none
 * or it is not closed.
 *
 * **Example** (A fraction)
 *
 * ```ts
 * import { Numbers } from "effect-evals/scorers"
 *
 * console.log(Numbers.boxedIn("Thus $\\boxed{\\frac{3}{4}}$.")) // => \frac{3}{4}
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const boxedIn = (text: string): string | undefined => boxSpan(text)?.text

const formatOf = (options: NumberOptions | undefined): NumberFormat => {
  const units = Object.entries(options?.units ?? {})
  const wrong = units.find(([, factor]) => !Number.isFinite(factor))
  if (wrong !== undefined) throw new RangeError(`the unit ${wrong[0]} is ${wrong[1]}, not a finite number`)
  return {
    decimal: options?.decimal ?? ".",
    percent: options?.percent === "points" ? 1 : 0.01,
    // The longest first, so that `km` is not read as `k`.
    units: units.sort(([a], [b]) => b.length - a.length)
  }
}
