/** From a measure to an evaluator: selects the values, checks what they are, and says who complains. */
import * as Effect from "effect/Effect"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import * as Evaluator from "../../Evaluator.ts"
import { describe } from "../../internal/values/describe.ts"
import { type Constant, type Options, type Select, type SingleOptions, UnusableValue } from "../Scorer.ts"

/** Reads a value of an unknown type. `read` gives `undefined` for what is not usable. */
export interface Reader<out A> {
  /** Such as `"a text"`. */
  readonly wanted: string
  readonly read: (value: unknown) => A | undefined
}

/** What a scorer is, apart from what it looks at. */
interface Identity {
  readonly name: string
  /** Everything that the score depends on and that is not in the selectors. */
  readonly config?: unknown
  readonly feedbackConfig?: EvaluationResult.FeedbackConfig | undefined
}

/** A scorer of one value. */
export const single = <A, I, O, Ref, M>(
  identity: Identity,
  options: SingleOptions<I, O, Ref, M> | undefined,
  reader: Reader<A>,
  score: (actual: A) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  const key = options?.key ?? identity.name
  const readActual = readerOf(key, "actual", options?.actual, reader)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readActual(args)
    return actual instanceof UnusableValue ? Effect.fail(actual) : score(actual)
  }, evaluatorOptions(identity, options))
}

/** A scorer of two values. */
export const pair = <A, B, I, O, Ref, M>(
  identity: Identity,
  options: Options<I, O, Ref, M> | undefined,
  readers: { readonly actual: Reader<A>; readonly expected: Reader<B> },
  score: (actual: A, expected: B) => EvaluationResult.Returned
): Evaluator.Evaluator<I, O, Ref, M> => {
  const key = options?.key ?? identity.name
  const readActual = readerOf(key, "actual", options?.actual, readers.actual)
  const readExpected = readerOf(key, "expected", options?.expected, readers.expected)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = readActual(args)
    if (actual instanceof UnusableValue) return Effect.fail(actual)
    const expected = readExpected(args)
    if (expected instanceof UnusableValue) return Effect.fail(expected)
    return score(actual, expected)
  }, evaluatorOptions(identity, options))
}

const evaluatorOptions = <I, O, Ref, M>(
  { config, feedbackConfig }: Identity,
  options: Options<I, O, Ref, M> | undefined
): Evaluator.Options<I, O, Ref, M> => ({
  version: "1",
  config: { ...Object(config), actual: selectorText(options?.actual), expected: selectorText(options?.expected) },
  feedbackConfig,
  when: options?.when
})

/** A function cannot be compared with that of another run, so its text stands for it. */
const selectorText = (selector: unknown): unknown => typeof selector === "function" ? String(selector) : selector

type Part = UnusableValue["part"]

const defaults = { actual: "outputs", expected: "referenceOutputs" } as const

const readerOf = <A, I, O, Ref, M>(
  scorer: string,
  part: Part,
  selector: Select<I, O, Ref, M> | Constant | undefined,
  reader: Reader<A>
): (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => A | UnusableValue => {
  if (selector === undefined) return (args) => usable(scorer, part, false, reader, args[defaults[part]])
  if (typeof selector === "function") return (args) => usable(scorer, part, true, reader, selector(args))
  const constant = reader.read(selector)
  if (constant === undefined) {
    throw new RangeError(`${scorer}: the option ${part} is ${describe(selector)}, not ${reader.wanted}`)
  }
  return () => constant
}

/** The value as the scorer needs it, or the error that says why not. */
export const usable = <A>(
  scorer: string,
  part: Part,
  selected: boolean,
  { read, wanted }: Reader<A>,
  value: unknown
): A | UnusableValue => {
  const usable = read(value)
  if (usable !== undefined) return usable
  const what = selected ? `what the option ${part} selects` : defaults[part]
  const is = value === undefined ? "missing" : `${describe(value)}, not ${wanted}`
  const advice = selected
    ? value === undefined ? ` It has to give ${wanted}.` : ""
    : ` Say with the option ${part} where to find it, such as ${part}: ({ ${defaults[part]} }) => ${
      defaults[part]
    }.answer.`
  return new UnusableValue({ scorer, part, message: `${scorer}: ${what} is ${is}.${advice}` })
}

/** A share between 0 and 1. */
export const share = { type: "continuous", min: 0, max: 1 } as const
