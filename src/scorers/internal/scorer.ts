/** From a measure to an evaluator: selects the values, reads them, and says what is wrong with them. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import * as Evaluator from "../../Evaluator.ts"
import { CyclicValue } from "../../internal/values/canonicalJson.ts"
import { refuseUnknown } from "../../internal/values/options.ts"
import { type Constant, type Options, type Select, type SingleOptions, UnusableValue } from "../Scorer.ts"
import type { Reader } from "./readers.ts"

/** What a scorer is, apart from what it looks at. */
interface Identity<Given> {
  readonly name: string
  /** The options that are its own, all of them: what is not among them is refused. */
  readonly own: Own<Given>
  /** Everything that the score depends on and that is not in the selectors. */
  readonly config?: unknown
  readonly feedbackConfig?: EvaluationResult.FeedbackConfig | undefined
}

/** The names of the options that a scorer has beside those of all. */
export type Own<Given> = { readonly [Name in Exclude<keyof Given & string, keyof Options>]-?: true }

/** A scorer of one value. */
export const single = <A, I, O, Ref, M, Given = SingleOptions<I, O, Ref, M>>(
  identity: Identity<Given>,
  options: (SingleOptions<I, O, Ref, M> & Given) | undefined,
  reader: Reader<A>,
  score: (actual: A) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  refuseOthers(identity, options, singleNames)
  const key = options?.key ?? identity.name
  const readActual = selecting(key, "actual", options?.actual, reader)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readActual(args)
    if (Result.isFailure(actual)) return Effect.fail(actual.failure)
    try {
      return score(actual.success)
    } catch (error) {
      return failIfCyclic(key, error)
    }
  }, evaluatorOptions(identity, options))
}

/** A scorer of two values. */
export const pair = <A, B, I, O, Ref, M, Given = Options<I, O, Ref, M>>(
  identity: Identity<Given>,
  options: (Options<I, O, Ref, M> & Given) | undefined,
  readers: { readonly actual: Reader<A>; readonly expected: Reader<B> },
  score: (actual: A, expected: B) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  refuseOthers(identity, options, [...singleNames, "expected"])
  const key = options?.key ?? identity.name
  const readActual = selecting(key, "actual", options?.actual, readers.actual)
  const readExpected = selecting(key, "expected", options?.expected, readers.expected)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readActual(args)
    if (Result.isFailure(actual)) return Effect.fail(actual.failure)
    const expected = readExpected(args)
    if (Result.isFailure(expected)) return Effect.fail(expected.failure)
    try {
      return score(actual.success, expected.success)
    } catch (error) {
      return failIfCyclic(key, error)
    }
  }, evaluatorOptions(identity, options))
}

/** The options of a scorer that looks at the run itself. */
export type RunOptions<in I = never, in O = never, in Ref = never, in M = never> = Omit<
  SingleOptions<I, O, Ref, M>,
  "actual"
>

/** A scorer of the run: its times, its usage, its spans. */
export const ofRun = <I, O, Ref, M, Given = RunOptions<I, O, Ref, M>>(
  identity: Identity<Given>,
  options: (RunOptions<I, O, Ref, M> & Given) | undefined,
  score: (run: Evaluator.EvaluatorArgs["run"]) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  refuseOthers(identity, options, ["key", "when"])
  return Evaluator.make(
    options?.key ?? identity.name,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => score(args.run),
    evaluatorOptions(identity, options)
  )
}

const singleNames = ["key", "actual", "when"]

/** Throws where there are options that the scorer does not know. */
export const refuseOthers = (
  { name, own }: { readonly name: string; readonly own: object },
  options: unknown,
  ofAll: ReadonlyArray<string>
): void => refuseUnknown(`The scorer ${name}`, options, [...Object.keys(own), ...ofAll])

/** The options of the evaluator that a scorer becomes. */
export const evaluatorOptions = <I, O, Ref, M>(
  { config, feedbackConfig }: Omit<Identity<unknown>, "own">,
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

type Part = UnusableValue["part"]

const defaults = { actual: "outputs", expected: "referenceOutputs" } as const

/**
 * Gives the value that the options select, read; or the error that says why it cannot be scored. A value that stands in the
 * options itself is read once: if it cannot be, the program is wrong, and no row.
 */
export const selecting = <A, I, O, Ref, M>(
  scorer: string,
  part: Part,
  selector: Select<I, O, Ref, M> | Constant | undefined,
  read: Reader<A>
): (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => Result.Result<A, UnusableValue> => {
  if (selector === undefined) return (args) => readPart(scorer, part, false, read, args[defaults[part]])
  if (typeof selector === "function") return (args) => readPart(scorer, part, true, read, selector(args))
  const constant = read(selector)
  if (Result.isFailure(constant)) throw new RangeError(`${scorer}: the option ${part} ${constant.failure}`)
  const usable = Result.succeed(constant.success)
  return () => usable
}

/** The value as the scorer needs it, or the error that says why not. */
export const readPart = <A>(
  scorer: string,
  part: Part,
  selected: boolean,
  read: Reader<A>,
  value: unknown
): Result.Result<A, UnusableValue> => {
  if (value === undefined) return Result.fail(unusable(scorer, part, selected, "is missing"))
  const found = read(value)
  return Result.isSuccess(found)
    ? Result.succeed(found.success)
    : Result.fail(unusable(scorer, part, selected, found.failure))
}

const unusable = (scorer: string, part: Part, selected: boolean, problem: string): UnusableValue => {
  const what = selected ? `what the option ${part} selects` : defaults[part]
  const advice = selected
    ? ""
    : ` Say with the option ${part} where to find it, such as ${part}: ({ ${defaults[part]} }) => ${
      defaults[part]
    }.answer.`
  return new UnusableValue({ scorer, part, message: `${scorer}: ${what} ${problem}.${advice}` })
}

/** Data that refers to itself, or is nested without end, has no score. */
const failIfCyclic = (scorer: string, error: unknown): Effect.Effect<never, UnusableValue> => {
  if (!(error instanceof CyclicValue)) throw error
  return Effect.fail(new UnusableValue({ scorer, part: "actual", message: `${scorer}: ${error.message}.` }))
}

/** A share between 0 and 1. */
export const share = { type: "continuous", min: 0, max: 1 } as const
