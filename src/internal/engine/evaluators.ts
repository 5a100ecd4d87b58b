/** Everything that can stand in a list of evaluators, in one form. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import * as Evaluator from "../../Evaluator.ts"
import type * as Example from "../../Example.ts"
import type * as Execution from "../../Execution.ts"
import * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import { describe } from "../values/describe.ts"
import type { Problem } from "../values/schemaMessage.ts"
import { describeFunction } from "./target.ts"

type Args = Evaluator.EvaluatorArgs

/** Evaluators with the same value here share their limits. */
export const SharedLane = "~effect-evals/SharedLane"

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
  /** Evaluators with the same one share their limits. */
  readonly lane: unknown
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
  feedbackKeys: evaluator.options.keys ?? [],
  feedbackConfig: evaluator.options.feedbackConfig,
  options: evaluator.options,
  lane: Predicate.hasProperty(evaluator, SharedLane) ? evaluator[SharedLane] : evaluator
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
  options: {},
  lane: source
})

/** The members of a list, and what is wrong with it. */
interface Members<A> {
  readonly members: ReadonlyArray<A>
  readonly problems: ReadonlyArray<Problem>
}

/** The evaluators of a list, each with a name of its own. */
export const toEvaluators = <R>(inputs: ReadonlyArray<unknown>): Members<AnyEvaluator<R>> =>
  toMembers(
    "evaluators",
    "a function, what Evaluator.make or Evaluator.Service gives, or an object with evaluateRun",
    inputs,
    toEvaluator<R>
  )

const toMembers = <A extends { readonly name: string }>(
  list: string,
  accepted: string,
  inputs: ReadonlyArray<unknown>,
  toMember: (input: unknown, index: number) => A | undefined
): Members<A> => {
  const members: Array<A> = []
  const problems: Array<Problem> = []
  for (const [index, input] of inputs.entries()) {
    const member = toMember(input, index)
    if (member !== undefined) members.push(member)
    else problems.push({ path: `${list}[${index}]`, expected: `expected ${accepted}, got ${describe(input)}` })
  }
  const names = members.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    problems.push({ path: list, expected: `two members named ${twice}; give one of them another name` })
  }
  return { members, problems }
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
  readonly description: Evaluator.Description
  readonly options: SummaryEvaluator.Options
  readonly begin: SummaryEvaluator.SummaryEvaluator<unknown, unknown, unknown, unknown, R>["begin"]
}

/** The summary evaluators of a list, each with a name of its own. */
export const toSummaryEvaluators = <R>(inputs: ReadonlyArray<unknown>): Members<AnySummaryEvaluator<R>> =>
  toMembers(
    "summaryEvaluators",
    "a function of one argument, what the module SummaryEvaluator gives, or SummaryEvaluator.fromPositional around a " +
      "function of runs and examples",
    inputs,
    toSummaryEvaluator<R>
  )

const toSummaryEvaluator = <R>(input: unknown, index: number): AnySummaryEvaluator<R> | undefined => {
  const named = SummaryEvaluator.isSummaryEvaluator(input)
  // With two parameters it is LangSmith's style, in which the first one has no rows: it would fail with words of its own.
  if (!named && (typeof input !== "function" || input.length > 1)) return undefined
  const key = named ? input.feedbackKey : nameOf(input)
  const name = key ?? `summary evaluator ${index + 1} (anonymous)`
  const { begin, description, options } = named
    ? input
    : SummaryEvaluator.make(name, input as (args: SummaryEvaluator.SummaryArgs) => Evaluator.Return)
  return {
    name,
    key,
    description,
    options,
    begin: begin as unknown as AnySummaryEvaluator<R>["begin"]
  }
}
