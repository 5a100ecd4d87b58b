/** From a measure of data, messages or runs to an evaluator: selects the values, reads them, and says what is wrong. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import * as Evaluator from "../../Evaluator.ts"
import { CyclicValue } from "../../internal/values/canonicalJson.ts"
import { type Options, type SingleOptions, UnusableValue } from "../Scorer.ts"

/** Reads a value of an unknown type; the failure says what it is instead, such as `is 5, not a text`. */
export type Read<A> = (value: unknown) => Result.Result<A, string>

/** What a scorer is, apart from what it looks at. */
export interface Scorer {
  readonly name: string
  /** Everything that the score depends on and that is not in the selectors. */
  readonly config?: unknown
  readonly feedbackConfig?: EvaluationResult.FeedbackConfig | undefined
}

/** A share between 0 and 1. */
export const share = { type: "continuous", min: 0, max: 1 } as const

/** A scorer of one value. */
export const scoreOne = <A, I, O, Ref, M>(
  scorer: Scorer,
  options: SingleOptions<I, O, Ref, M> | undefined,
  read: Read<A>,
  score: (actual: A) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  const key = options?.key ?? scorer.name
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readPart(key, "actual", options?.actual, read, args)
    return Result.isFailure(actual) ? Effect.fail(actual.failure) : guardDepth(key, () => score(actual.success))
  }, evaluatorOptions(scorer, options))
}

/** A scorer of two values. */
export const scorePair = <A, B, I, O, Ref, M>(
  scorer: Scorer,
  options: Options<I, O, Ref, M> | undefined,
  read: { readonly actual: Read<A>; readonly expected: Read<B> },
  score: (actual: A, expected: B) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  const key = options?.key ?? scorer.name
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readPart(key, "actual", options?.actual, read.actual, args)
    if (Result.isFailure(actual)) return Effect.fail(actual.failure)
    const expected = readPart(key, "expected", options?.expected, read.expected, args)
    if (Result.isFailure(expected)) return Effect.fail(expected.failure)
    return guardDepth(key, () => score(actual.success, expected.success))
  }, evaluatorOptions(scorer, options))
}

/** The options of a scorer that looks at the run itself. */
export type RunOptions<in I = never, in O = never, in Ref = never, in M = never> = Omit<
  SingleOptions<I, O, Ref, M>,
  "actual"
>

/** A scorer of the run: its times, its usage, its spans. */
export const scoreRun = <I, O, Ref, M>(
  scorer: Scorer,
  options: RunOptions<I, O, Ref, M> | undefined,
  score: (run: Evaluator.EvaluatorArgs["run"]) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> =>
  Evaluator.make(
    options?.key ?? scorer.name,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => score(args.run),
    evaluatorOptions(scorer, options)
  )

/** The options of the evaluator that a scorer becomes. */
export const evaluatorOptions = <I, O, Ref, M>(
  { config, feedbackConfig }: Scorer,
  options: Options<I, O, Ref, M> | undefined
): Evaluator.Options<I, O, Ref, M> => ({
  version: "1",
  config: withFunctionTexts({ ...Object(config), actual: options?.actual, expected: options?.expected }),
  feedbackConfig,
  when: options?.when
})

/** A function cannot be compared with that of another run, so its text, and what it carries, stand for it. */
const withFunctionTexts = (value: unknown): unknown => {
  if (typeof value === "function") return [String(value), ...Object.entries(value)]
  if (value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return value.map(withFunctionTexts)
  if (typeof value !== "object" || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withFunctionTexts(member)]))
}

const defaults = { actual: "outputs", expected: "referenceOutputs" } as const

/** The value that the options select, read; or the error that says why it cannot be scored. */
export const readPart = <A, I, O, Ref, M>(
  scorer: string,
  part: UnusableValue["part"],
  selector: Options<I, O, Ref, M>["expected"],
  read: Read<A>,
  args: Evaluator.EvaluatorArgs<I, O, Ref, M>
): Result.Result<A, UnusableValue> => {
  const value = selector === undefined
    ? args[defaults[part]]
    : typeof selector === "function"
    ? selector(args)
    : selector
  const name = selector === undefined ? defaults[part] : `what the option ${part} selects`
  if (value === undefined) {
    const advice = selector === undefined
      ? ` The option ${part} selects what to score, such as ${part}: ({ ${defaults[part]} }) => ${
        defaults[part]
      }.answer.`
      : ""
    return Result.fail(new UnusableValue({ scorer, part, message: `${scorer}: ${name} is missing.${advice}` }))
  }
  return Result.mapError(
    read(value),
    (problem) => new UnusableValue({ scorer, part, message: `${scorer}: ${name} ${problem}.` })
  )
}

/** Data that refers to itself, or is nested without end, has no score. */
const guardDepth = <A>(scorer: string, score: () => A): A | Effect.Effect<never, UnusableValue> => {
  try {
    return score()
  } catch (error) {
    if (!(error instanceof CyclicValue)) throw error
    return Effect.fail(new UnusableValue({ scorer, part: "actual", message: `${scorer}: ${error.message}.` }))
  }
}

/** Any value; that it is there has been checked. */
export const readAnything: Read<unknown> = Result.succeed
