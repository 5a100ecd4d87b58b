/**
 * Scorers of numbers, as values or within texts, and the measures behind them.
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import { type Reader, reading } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { answerIn, type NumberOptions, type Position } from "./NumberExtraction.ts"
import type { Options } from "./Scorer.ts"

export * from "./NumberExtraction.ts"

/**
 * How far apart two numbers may be and still be the same.
 *
 * @category options
 * @since 0.1.0
 */
export interface Tolerance {
  /** In the unit of the numbers. Default: 0. */
  readonly absolute?: number | undefined
  /** As a share of the expected number. Default: 1e-9 if there is no absolute one, else 0. */
  readonly relative?: number | undefined
}

/**
 * Whether a number is what was expected: `|actual - expected| <= max(absolute, relative * |expected|)`. (Python's
 * `math.isclose` takes the relative part of the larger one, NumPy's `isclose` adds the two parts.) Numbers have to be finite;
 * others throw a `RangeError`, as do tolerances below 0.
 *
 * **Example** (Floating point, and within 1 %)
 *
 * ```ts
 * import { Numbers } from "effect-evals/scorers"
 *
 * console.log(Numbers.isEqual(0.1 + 0.2, 0.3), Numbers.isEqual(99, 100, { relative: 0.01 })) // => true true
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const isEqual = (actual: number, expected: number, tolerance?: Tolerance): boolean => {
  requireFinite("actual", actual)
  requireFinite("expected", expected)
  return actual === expected || Math.abs(actual - expected) <= allowed(expected, tolerance)
}

const allowed = (expected: number, tolerance: Tolerance | undefined): number => {
  const absolute = tolerance?.absolute ?? 0
  const relative = tolerance?.relative ?? (tolerance?.absolute === undefined ? 1e-9 : 0)
  requireFinite("absolute", absolute, 0)
  requireFinite("relative", relative, 0)
  return Math.max(absolute, relative * Math.abs(expected))
}

const requireFinite = (name: string, value: number, least = -Infinity): void => {
  if (!Number.isFinite(value) || value < least) {
    throw new RangeError(`${name} is ${value}, not a finite number${least === 0 ? " from 0" : ""}`)
  }
}

/**
 * What the difference of two numbers is divided by: the larger of the two sizes, their sum, or the size of the expected
 * one.
 *
 * @category models
 * @since 0.1.0
 */
export type Scale = "larger" | "sum" | "expected"

/**
 * How close two numbers are: `1 - |actual - expected| / scale`, and never below 0. 1 where both are 0; `undefined` where the
 * scale is the expected number and that is 0. Numbers have to be finite; others throw a `RangeError`.
 *
 * With `"sum"` it is what autoevals calls `NumericDiff`; with `"larger"`, FutureAGI's `numeric_similarity` in Python.
 *
 * **Example** (Five off)
 *
 * ```ts
 * import { Numbers } from "effect-evals/scorers"
 *
 * console.log(Numbers.closenessOf(100, 95), Numbers.closenessOf(105, 100, "sum")?.toFixed(4)) // => 0.95 0.9756
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const closenessOf = (actual: number, expected: number, scale: Scale = "larger"): number | undefined => {
  requireFinite("actual", actual)
  requireFinite("expected", expected)
  if (actual === expected) return 1
  const a = Math.abs(actual)
  const e = Math.abs(expected)
  // Halves of both sides, so that nothing is too large for a number.
  const whole = scale === "larger" ? Math.max(a, e) / 2 : scale === "sum" ? a / 2 + e / 2 : e / 2
  return whole === 0 ? undefined : Math.max(0, 1 - Math.abs(actual / 2 - expected / 2) / whole)
}

/**
 * Options of the scorers of numbers.
 *
 * @category options
 * @since 0.1.0
 */
export interface NumberScorerOptions<I = never, O = never, Ref = never, M = never>
  extends Options<I, O, Ref, M>, NumberOptions
{
  /** Which number of a text counts. Default: `"answer"`. */
  readonly position?: Position | undefined
}

/**
 * Whether the number in the outputs is the expected one, within a tolerance; see `isEqual`. Both may be numbers, big
 * integers, or texts that hold one; of a text, `position` says which number counts, see `answerIn`. A value without a number
 * fails, since there is nothing to compare.
 *
 * Score: `true` or `false`.
 *
 * **Example** (A worked answer)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Numbers } from "effect-evals/scorers"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("sums", {
 *       data: Dataset.fromIterable("sums", [{ inputs: "600 + 634.5", referenceOutputs: 1234.5 }]),
 *       target: () => "600 and 634.5 make 1,234.5.\n#### 1,234.5"
 *     }),
 *     { evaluators: [Numbers.equal()] }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaries["numbersEqual"]?.score?.mean) // => 1
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const equal = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: NumberScorerOptions<I, O, Ref, M> & Tolerance
): Evaluator.Evaluator<I, O, Ref, M> => {
  const tolerance = { absolute: options?.absolute, relative: options?.relative }
  // Wrong tolerances are a mistake of the program, which shall be seen before anything is run.
  allowed(0, tolerance)
  const reader = numberReader(options)
  return pair(
    {
      name: "numbersEqual",
      own: { absolute: true, decimal: true, percent: true, position: true, relative: true, units: true },
      config: { ...readerConfig(options), ...tolerance }
    },
    options,
    { actual: reader, expected: reader },
    (actual, expected) => {
      const difference = Math.abs(actual.value - expected.value)
      return {
        score: isEqual(actual.value, expected.value, tolerance),
        comment: `|${shown(actual)} - ${shown(expected)}| = ${digits(difference)}, ` +
          `at most ${digits(allowed(expected.value, tolerance))} will do`
      }
    }
  )
}

/**
 * How close the number in the outputs is to the expected one, see `closenessOf`; numbers are read as `equal` reads them.
 *
 * Score: between 0 and 1.
 *
 * @category scorers
 * @since 0.1.0
 */
export const closeness = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: NumberScorerOptions<I, O, Ref, M> & {
    /** Default: `"larger"`. */
    readonly scale?: Scale | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const scale = options?.scale ?? "larger"
  const reader = numberReader(options)
  return pair(
    {
      name: "closeness",
      own: { decimal: true, percent: true, position: true, scale: true, units: true },
      config: { ...readerConfig(options), scale },
      feedbackConfig: share
    },
    options,
    { actual: reader, expected: reader },
    (actual, expected) => {
      const closeness = closenessOf(actual.value, expected.value, scale)
      const difference = digits(Math.abs(actual.value - expected.value))
      return closeness === undefined
        ? { score: null, comment: `a difference of ${difference} is no share of an expected 0` }
        : {
          score: closeness,
          comment: `|${shown(actual)} - ${shown(expected)}| = ${difference}, as a share of ${words[scale]}`
        }
    }
  )
}

const words = { larger: "the larger number", sum: "the sum of both", expected: "the expected number" } as const

interface ReadNumber {
  readonly value: number
  /** Where it was read from, if it was a text. */
  readonly text?: string | undefined
}

const shown = ({ text, value }: ReadNumber): string =>
  text === undefined || text === String(value) ? digits(value) : `${digits(value)} (${describe(text)})`

const digits = (value: number): string => {
  const text = String(value)
  // Rounding to so many digits takes longer than all else, and changes nothing that is shorter.
  return text.length <= 12 ? text : String(Number(value.toPrecision(12)))
}

const numberReader = (
  options: NumberOptions & { readonly position?: Position | undefined } | undefined
): Reader<ReadNumber> =>
  reading(
    options?.position === "only"
      ? "a finite number, or a text with just one"
      : options?.position === "marked"
      ? "a finite number, or a text that marks one as its answer"
      : "a finite number, or a text with one",
    (value) => {
      if (typeof value === "number") return Number.isFinite(value) ? { value } : undefined
      if (typeof value === "bigint") return { value: Number(value) }
      return typeof value === "string" ? answerIn(value, options) : undefined
    }
  )

const readerConfig = (options: (NumberOptions & { readonly position?: Position | undefined }) | undefined) => ({
  decimal: options?.decimal,
  percent: options?.percent,
  units: options?.units,
  position: options?.position
})
