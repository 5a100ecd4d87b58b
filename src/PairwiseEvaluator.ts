/**
 * Pairwise evaluators judge runs of two or more experiments on one example against one another: which answer is better?
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Attachment from "./Attachment.ts"
import type { Skip } from "./EvaluationResult.ts"
import type * as Evaluator from "./Evaluator.ts"
import type * as Example from "./Example.ts"
import type * as Execution from "./Execution.ts"
import { limitNames } from "./internal/engine/optionNames.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import type * as Run from "./Run.ts"

const TypeId = "~effect-evals/PairwiseEvaluator"

/**
 * What a pairwise evaluator is given. Lists are in the order in which the runs are presented, which changes from row to
 * row unless the evaluation says otherwise: `runs[i]` gave `outputs[i]`. All of them succeeded.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairwiseArgs<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> {
  readonly runs: ReadonlyArray<Run.SucceededRun<Inputs, Outputs>>
  readonly example: Example.Example<Inputs, ReferenceOutputs, Metadata>
  readonly inputs: Inputs
  readonly outputs: ReadonlyArray<Outputs>
  readonly referenceOutputs: ReferenceOutputs
  readonly attachments: Attachment.Attachments
  /** The metadata of the example. */
  readonly metadata: Metadata
}

const Score = Schema.Union([Schema.Finite, Schema.Boolean])

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

/**
 * What a pairwise evaluator says about the runs of one example, with LangSmith's names: a score for each run, the higher
 * the better.
 *
 * @category models
 * @since 0.1.0
 */
export const ComparisonEvaluationResult = Schema.Struct({
  key: Schema.String,
  /** By run id. */
  scores: Schema.Record(Schema.String, Score),
  /** Why, for people: one for all, or by run id. */
  comment: Schema.optional(Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.String)])),
  /** The run of the evaluator itself. */
  sourceRunId: Schema.optional(Schema.String),
  metadata: Schema.optional(JsonObject)
})

/**
 * What a pairwise evaluator says about the runs of one example.
 *
 * @category models
 * @since 0.1.0
 */
export interface ComparisonEvaluationResult extends Schema.Schema.Type<typeof ComparisonEvaluationResult> {}

const About = {
  key: Schema.optional(Schema.NonEmptyString),
  comment: Schema.optional(
    Schema.NullOr(Schema.Union([Schema.String, Schema.Record(Schema.String, Schema.String)]))
  ),
  sourceRunId: Schema.optional(Schema.String),
  metadata: Schema.optional(JsonObject)
}

/**
 * One result as a pairwise evaluator returns it: either `scores`, in the order of the runs or by run id, or who is
 * `preferred`: a place in the list of runs (from 0), a run id, or `"tie"`. Without a `key` it gets the name of the
 * evaluator.
 *
 * @category models
 * @since 0.1.0
 */
export const ReturnedComparison = Schema.Struct({
  ...About,
  scores: Schema.optional(Schema.Union([Schema.Array(Score), Schema.Record(Schema.String, Score)])),
  preferred: Schema.optional(Schema.Union([Schema.Int, Schema.NonEmptyString]))
}).check(Schema.makeFilter(
  ({ preferred, scores }) => (preferred === undefined) !== (scores === undefined),
  { expected: "either scores or preferred" }
))

/**
 * One result as a pairwise evaluator returns it.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReturnedComparison extends Schema.Schema.Type<typeof ReturnedComparison> {}

/**
 * Everything a pairwise evaluator may return: the place of the preferred run (from 0), `"tie"`, a list of scores in the
 * order of the runs, a result, or several in `{ results: [...] }`. The function may also return a `Promise` or an `Effect`
 * of one of these.
 *
 * @category models
 * @since 0.1.0
 */
export type Returned =
  | number
  | "tie"
  | ReadonlyArray<number | boolean>
  | ReturnedComparison
  | { readonly results: ReadonlyArray<ReturnedComparison> }
  | Skip

/**
 * What a pairwise evaluator function may give.
 *
 * @category models
 * @since 0.1.0
 */
export type Return<E = any, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the position of a wildcard
  | Returned
  | PromiseLike<Returned>
  | Effect.Effect<Returned, E, R>

/**
 * A pairwise evaluator with a name and limits.
 *
 * @category models
 * @since 0.1.0
 */
export interface PairwiseEvaluator<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never,
  out R = never
> {
  readonly [TypeId]: typeof TypeId
  /** The name; it is the key of a result that has none. */
  readonly feedbackKey: string
  readonly evaluate: (
    args: PairwiseArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: Evaluator.EvaluatorContext
  ) => Return<unknown, R>
  readonly options: Options
}

/**
 * What can be said about a pairwise evaluator.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Execution.Options {
  /** Change it when the judgement changes. */
  readonly version?: string | undefined
  /** Whatever the judgement depends on, such as the judge's model and prompt. */
  readonly config?: unknown
}

/**
 * Everything that can stand in a list of pairwise evaluators.
 *
 * @category models
 * @since 0.1.0
 */
export type Input<Inputs, Outputs, ReferenceOutputs, Metadata, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the wildcard
  | PairwiseEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, R>
  | ((
    args: PairwiseArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: Evaluator.EvaluatorContext
  ) => Return<unknown, R>)

/**
 * Whether a value is a pairwise evaluator made by this module.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPairwiseEvaluator = (u: unknown): u is PairwiseEvaluator<never, never, never, never, unknown> =>
  Predicate.hasProperty(u, TypeId)

/**
 * A pairwise evaluator with a name, and limits if wanted.
 *
 * **Example** (The shorter answer)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, PairwiseEvaluation, PairwiseEvaluator, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("names", ["Ada", "Grace", "Mary"].map((inputs) => ({ inputs })))
 * const program = Effect.gen(function*() {
 *   const polite = yield* Evaluation.run(
 *     Evaluation.make("greet", { data, target: (name) => `Good morning, dear ${name}.` }),
 *     { name: "polite" }
 *   )
 *   const brief = yield* Evaluation.run(Evaluation.make("greet", { data, target: (name) => `Hi ${name}` }), {
 *     name: "brief"
 *   })
 *   return yield* PairwiseEvaluation.run([polite, brief], {
 *     evaluators: [
 *       PairwiseEvaluator.make("shorter", ({ outputs }) => outputs.map((output) => -output.length), { version: "1" })
 *     ]
 *   })
 * })
 * const { keys } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * const { candidate, losses, wins } = keys["shorter"]!.pairs[0]!
 * console.log(`${candidate}: ${wins} wins, ${losses} losses`) // => brief: 3 wins, 0 losses
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Inputs, Outputs, ReferenceOutputs, Metadata, Returned extends Return>(
  feedbackKey: string,
  evaluate: (
    args: PairwiseArgs<Inputs, Outputs, ReferenceOutputs, Metadata>,
    context: Evaluator.EvaluatorContext
  ) => Returned,
  options: Options = {}
): PairwiseEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Evaluator.ReturnServices<Returned>> => {
  refuseUnknown(`PairwiseEvaluator.make(${JSON.stringify(feedbackKey)})`, options, optionsNames)
  return {
    [TypeId]: TypeId,
    feedbackKey,
    // What the function's effect needs is kept in the type of the evaluator.
    evaluate: evaluate as (
      ...args: Parameters<typeof evaluate>
    ) => Return<unknown, Evaluator.ReturnServices<Returned>>,
    options
  }
}

const optionsNames = [...limitNames, "version", "config"]

/**
 * The services that a pairwise evaluator needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Services<Member> = Member extends PairwiseEvaluator<never, never, never, never, infer R> ?
  Evaluator.Known<R>
  : Member extends (...args: never) => infer Returned ? Evaluator.Known<Evaluator.ReturnServices<Returned>>
  : never

/**
 * A pairwise evaluator returned something that is not a result, or named a run that it was not given.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidComparison extends Schema.TaggedError<InvalidComparison>()("InvalidComparison", {
  /** The name of the evaluator. */
  evaluator: Schema.String,
  message: Schema.String
}) {}
