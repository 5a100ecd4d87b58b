/** Everything that can stand in a list of evaluators, in one form. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as EvaluationResult from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import type * as Example from "../Example.ts"
import type * as Execution from "../Execution.ts"
import * as SummaryEvaluator from "../SummaryEvaluator.ts"
import { describe } from "./describe.ts"
import { InvalidOptions } from "./evaluationErrors.ts"
import { describeFunction } from "./target.ts"

type Args = Evaluator.EvaluatorArgs

/** An evaluator as the engine uses it. What the types said about its arguments has been checked by the compiler. */
export interface AnyEvaluator<R> {
  readonly name: string
  /** The key of results that have none; `undefined` for an anonymous function, which must give one. */
  readonly key: string | undefined
  readonly describe: Effect.Effect<Evaluator.Description, never, R>
  readonly call: (args: Args, context: Evaluator.EvaluatorContext) => Evaluator.Return<unknown, R>
  readonly judges: "succeeded" | "all"
  readonly when: ((args: Args) => boolean) | undefined
  readonly feedbackKeys: ReadonlyArray<string>
  readonly feedbackConfig: EvaluationResult.FeedbackConfig | undefined
  readonly options: Execution.Options
}

type PlainFunction<R> = (
  args: Args,
  example: Example.Example,
  context: Evaluator.EvaluatorContext
) => Evaluator.Return<unknown, R>

const fromEvaluator = <R>(evaluator: Evaluator.Evaluator<unknown, unknown, unknown, unknown, R>): AnyEvaluator<R> => ({
  name: evaluator.feedbackKey,
  key: evaluator.feedbackKey,
  describe: evaluator.describe,
  call: evaluator.evaluate,
  judges: evaluator.judges,
  when: evaluator.options.when,
  feedbackKeys: evaluator.options.feedbackKeys ?? [],
  feedbackConfig: evaluator.options.feedbackConfig,
  options: evaluator.options
})

const fromFunction = <R>(
  f: PlainFunction<R>,
  key: string | undefined,
  name: string,
  source: Function
): AnyEvaluator<R> => ({
  name,
  key,
  describe: Effect.succeed(describeFunction(name, source as () => unknown, {})),
  call: (args, context) => f(args, args.example, context),
  judges: "succeeded",
  when: undefined,
  feedbackKeys: [],
  feedbackConfig: undefined,
  options: {}
})

/** The evaluators of a list, each with a name of its own. */
export const toEvaluators = <R>(
  evaluation: string,
  inputs: ReadonlyArray<unknown>
): Result.Result<ReadonlyArray<AnyEvaluator<R>>, InvalidOptions> => {
  const evaluators: Array<AnyEvaluator<R>> = []
  for (const [index, input] of inputs.entries()) {
    const evaluator = toEvaluator<R>(input, index)
    if (evaluator === undefined) {
      return invalid(
        evaluation,
        `evaluators[${index}] is ${
          describe(input)
        }. Accepted are functions, what Evaluator.make and Evaluator.Service ` +
          "give, and objects with evaluateRun"
      )
    }
    evaluators.push(evaluator)
  }
  return distinct(evaluation, "evaluators", evaluators)
}

const toEvaluator = <R>(input: unknown, index: number): AnyEvaluator<R> | undefined => {
  if (Evaluator.isEvaluator(input)) {
    return fromEvaluator(input as unknown as Evaluator.Evaluator<unknown, unknown, unknown, unknown, R>)
  }
  if (typeof input === "function") {
    const key = nameOf(input)
    return fromFunction(input as PlainFunction<R>, key, key ?? `evaluator ${index + 1} (anonymous)`, input)
  }
  if (Predicate.hasProperty(input, "evaluateRun") && typeof input.evaluateRun === "function") {
    const { evaluateRun } = input
    const className = Predicate.hasProperty(input, "constructor") ? nameOf(input.constructor) : undefined
    const key = className === "Object" ? undefined : className
    return fromFunction(
      evaluateRun.bind(input) as PlainFunction<R>,
      key,
      key ?? `evaluator ${index + 1} (evaluateRun)`,
      evaluateRun
    )
  }
  return undefined
}

/** The name of a function or a class, if it has one: JavaScript lets it be missing, and be anything. */
const nameOf = (f: unknown): string | undefined => {
  const name = Predicate.hasProperty(f, "name") ? f.name : undefined
  return typeof name === "string" && name !== "" ? name : undefined
}

/** A summary evaluator as the engine uses it. */
export interface AnySummaryEvaluator<R> {
  readonly name: string
  readonly key: string | undefined
  readonly begin: SummaryEvaluator.SummaryEvaluator<unknown, unknown, unknown, unknown, R>["begin"]
}

/** The summary evaluators of a list, each with a name of its own. */
export const toSummaryEvaluators = <R>(
  evaluation: string,
  inputs: ReadonlyArray<unknown>
): Result.Result<ReadonlyArray<AnySummaryEvaluator<R>>, InvalidOptions> => {
  const evaluators: Array<AnySummaryEvaluator<R>> = []
  for (const [index, input] of inputs.entries()) {
    const named = SummaryEvaluator.isSummaryEvaluator(input)
    if (!named && typeof input !== "function") {
      return invalid(
        evaluation,
        `summaryEvaluators[${index}] is ${
          describe(input)
        }. Accepted are functions and what the module SummaryEvaluator gives`
      )
    }
    const key = named ? input.feedbackKey : nameOf(input)
    const { begin } = named
      ? input
      : SummaryEvaluator.make(key ?? "", input as (args: SummaryEvaluator.SummaryArgs) => Evaluator.Return)
    evaluators.push({
      name: key ?? `summary evaluator ${index + 1} (anonymous)`,
      key,
      begin: begin as unknown as AnySummaryEvaluator<R>["begin"]
    })
  }
  return distinct(evaluation, "summaryEvaluators", evaluators)
}

const distinct = <A extends { readonly name: string }>(
  evaluation: string,
  list: string,
  members: ReadonlyArray<A>
): Result.Result<ReadonlyArray<A>, InvalidOptions> => {
  const names = members.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return twice === undefined
    ? Result.succeed(members)
    : invalid(evaluation, `${list} has two members named ${twice}; give one of them another name`)
}

const invalid = (evaluation: string, message: string): Result.Result<never, InvalidOptions> =>
  Result.fail(
    new InvalidOptions({
      evaluation,
      message: `The evaluation ${evaluation} cannot run with these options: ${message}.`
    })
  )
