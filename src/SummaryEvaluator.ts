/**
 * Evaluators that judge an experiment as a whole, once all rows are there.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import type * as EvaluationResult from "./EvaluationResult.ts"
import type * as Evaluator from "./Evaluator.ts"
import type * as Example from "./Example.ts"
import type * as Execution from "./Execution.ts"
import { describeFunction } from "./internal/engine/target.ts"
import { optionNames, refuseUnknown } from "./internal/values/options.ts"
import type * as Row from "./Row.ts"
import type * as Run from "./Run.ts"

const TypeId = "~effect-evals/SummaryEvaluator"

/**
 * What a summary evaluator is given: all rows, and the same by parts, in input order. A run that failed has `undefined`
 * for outputs.
 *
 * @category models
 * @since 0.1.0
 */
export interface SummaryArgs<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> {
  readonly rows: ReadonlyArray<Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>>
  readonly runs: ReadonlyArray<Run.Run<Inputs, Outputs>>
  readonly examples: ReadonlyArray<Example.Example<Inputs, ReferenceOutputs, Metadata>>
  readonly inputs: ReadonlyArray<Inputs>
  readonly outputs: ReadonlyArray<Outputs | undefined>
  readonly referenceOutputs: ReadonlyArray<ReferenceOutputs>
}

/**
 * An evaluator of whole experiments.
 *
 * @category models
 * @since 0.1.0
 */
export interface SummaryEvaluator<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never,
  out R = never
> {
  readonly [TypeId]: typeof TypeId
  /** The name; it is the key of a result that has none. */
  readonly feedbackKey: string
  /** What it is known by in the experiment. */
  readonly description: Evaluator.Description
  readonly options: Options
  /** Begins an experiment. */
  readonly begin: () => Accumulator<Inputs, Outputs, ReferenceOutputs, Metadata, R>
}

/**
 * What can be said about a summary evaluator. The limits are about its result, when all rows are there: of one that has a
 * model read all answers, say.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Pick<Execution.Options, "timeout" | "gracePeriod" | "retry" | "rateLimitError"> {
  /** How long all attempts may take, with the waiting between them. Default: 30 minutes. */
  readonly totalTimeout?: Execution.Options["rowTimeout"]
  /** Change it when the judgement changes. */
  readonly version?: string | undefined
  /** Whatever the judgement depends on, such as a model and its prompt. */
  readonly config?: unknown
  /** How the scores are to be read, for results that do not say. */
  readonly feedbackConfig?: EvaluationResult.FeedbackConfig | undefined
}

const names = optionNames<Options>({
  timeout: true,
  totalTimeout: true,
  gracePeriod: true,
  retry: true,
  rateLimitError: true,
  version: true,
  config: true,
  feedbackConfig: true
})

/**
 * Takes the rows of one experiment in the order in which they finish, then gives the result.
 *
 * @category models
 * @since 0.1.0
 */
export interface Accumulator<in Inputs, in Outputs, in ReferenceOutputs, in Metadata, out R> {
  readonly add: (row: Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>) => void
  readonly result: () => Evaluator.Return<unknown, R>
}

/**
 * Everything that can stand in a list of summary evaluators. A function's name is its key.
 *
 * @category models
 * @since 0.1.0
 */
export type Input<Inputs, Outputs, ReferenceOutputs, Metadata, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the wildcard
  | SummaryEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, R>
  | ((args: SummaryArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => Evaluator.Return<unknown, R>)

/**
 * Whether a value is a summary evaluator made by this module.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSummaryEvaluator = (u: unknown): u is SummaryEvaluator<never, never, never, never, unknown> =>
  Predicate.hasProperty(u, TypeId)

/**
 * A summary evaluator of all rows at once. It keeps the rows in memory until the end. Version, configuration and
 * fingerprint are recorded with the experiment.
 *
 * **Example** (The share of examples whose repetitions agree)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, SummaryEvaluator, TracingClient } from "effect-evals"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("parity", {
 *       data: Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }]),
 *       target: (n) => n % 2 === 0 ? "even" : "odd"
 *     }),
 *     {
 *       summaryEvaluators: [
 *         SummaryEvaluator.make("distinct", ({ outputs }) => new Set(outputs).size)
 *       ]
 *     }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaryResults.flatMap(({ results }) => results)) // => [ { key: 'distinct', score: 2 } ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Evaluator.Return>(
  feedbackKey: string,
  evaluate: (args: SummaryArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => Returned,
  options: Options = {}
): SummaryEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Evaluator.ReturnServices<Returned>> =>
  ofAllRows("make", feedbackKey, evaluate, evaluate, options)

/** `source` is the function of the user, whose text stands for it. */
const ofAllRows = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Evaluator.Return>(
  constructor: "make" | "fromPositional",
  feedbackKey: string,
  evaluate: (args: SummaryArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => Returned,
  source: (...args: never) => unknown,
  options: Options
): SummaryEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Evaluator.ReturnServices<Returned>> => {
  refuseUnknown(`SummaryEvaluator.${constructor}(${JSON.stringify(feedbackKey)})`, options, names)
  return {
    [TypeId]: TypeId,
    feedbackKey,
    description: describeFunction(feedbackKey, source, options),
    options,
    begin() {
      const rows: Array<Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>> = []
      return {
        add: (row) => void rows.push(row),
        result: () => evaluate(argsOf(rows)) as Evaluator.Return<unknown, Evaluator.ReturnServices<Returned>>
      }
    }
  }
}

const argsOf = <I, O, Ref, M>(finished: ReadonlyArray<Row.Row<I, O, Ref, M>>): SummaryArgs<I, O, Ref, M> => {
  const rows = finished.toSorted((a, b) => a.index - b.index)
  return {
    rows,
    runs: rows.map(({ run }) => run),
    examples: rows.map(({ example }) => example),
    inputs: rows.map(({ example }) => example.inputs),
    outputs: rows.map(({ run }) => run.outputs),
    referenceOutputs: rows.map(({ example }) => example.referenceOutputs)
  }
}

/**
 * LangSmith's positional style: the runs, and the examples beside them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromPositional = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Evaluator.Return>(
  feedbackKey: string,
  evaluate: (
    runs: ReadonlyArray<Run.Run<Inputs, Outputs>>,
    examples: ReadonlyArray<Example.Example<Inputs, ReferenceOutputs, Metadata>>
  ) => Returned,
  options: Options = {}
): SummaryEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Evaluator.ReturnServices<Returned>> =>
  ofAllRows(
    "fromPositional",
    feedbackKey,
    ({ examples, runs }: SummaryArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => evaluate(runs, examples),
    evaluate,
    options
  )

/**
 * A summary evaluator that needs no array: it folds the rows in the order in which they finish, in whatever memory its
 * state takes.
 *
 * **Example** (The longest output, of any number of rows)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, SummaryEvaluator, TracingClient } from "effect-evals"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("shout", {
 *       data: Dataset.fromIterable("words", [{ inputs: "a" }, { inputs: "abc" }]),
 *       target: (word) => word + "!"
 *     }),
 *     {
 *       summaryEvaluators: [
 *         SummaryEvaluator.fold("longest", {
 *           initial: () => 0,
 *           step: (longest, row) => Math.max(longest, row.run.outputs?.length ?? 0),
 *           result: (longest) => longest
 *         })
 *       ]
 *     }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.summaryResults[0]?.results[0]?.score) // => 4
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fold = <Inputs, Outputs, ReferenceOutputs, Metadata, State, Returned extends Evaluator.Return>(
  feedbackKey: string,
  options: Options & {
    readonly initial: () => State
    readonly step: (state: State, row: Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>) => State
    /** Called again where `retry` says so. */
    readonly result: (state: State) => Returned
  }
): SummaryEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Evaluator.ReturnServices<Returned>> => {
  const { initial, result, step, ...rest } = options
  refuseUnknown(`SummaryEvaluator.fold(${JSON.stringify(feedbackKey)})`, options, [
    "initial",
    "step",
    "result",
    ...names
  ])
  return {
    [TypeId]: TypeId,
    feedbackKey,
    description: describeFunction(feedbackKey, [initial, step, result], rest),
    options: rest,
    begin() {
      let state = initial()
      return {
        add: (row) => void (state = step(state, row)),
        result: () => result(state) as Evaluator.Return<unknown, Evaluator.ReturnServices<Returned>>
      }
    }
  }
}

/**
 * The services that a list of summary evaluators needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Services<Member> = Member extends SummaryEvaluator<never, never, never, never, infer R> ? Evaluator.Known<R>
  : Member extends (...args: never) => infer Returned ? Evaluator.Known<Evaluator.ReturnServices<Returned>>
  : never
