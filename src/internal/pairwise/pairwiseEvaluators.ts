/** Pairwise evaluators as evaluators of the engine: they are shown runs in some order, and what they say is decoded. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Skip } from "../../EvaluationResult.ts"
import * as Evaluator from "../../Evaluator.ts"
import type * as Example from "../../Example.ts"
import * as PairwiseEvaluator from "../../PairwiseEvaluator.ts"
import * as Run from "../../Run.ts"
import { InvalidOptions } from "../engine/evaluationErrors.ts"
import { SharedLane } from "../engine/evaluators.ts"
import { describeFunction } from "../engine/target.ts"
import { callUser } from "../engine/userCode.ts"
import { describe } from "../values/describe.ts"
import { decodeComparisons } from "./pairwiseResults.ts"
import { presentedOrder } from "./presentationOrder.ts"

/** A pairwise evaluator as it is used. */
export interface Member<R> {
  readonly name: string
  /** The key of results that have none; `undefined` for an anonymous function, which must give one. */
  readonly key: string | undefined
  readonly evaluate: (
    args: PairwiseEvaluator.PairwiseArgs,
    context: Evaluator.EvaluatorContext
  ) => PairwiseEvaluator.Return<unknown, R>
  readonly options: PairwiseEvaluator.Options
}

/** The pairwise evaluators of a list. What the types said about their arguments has been checked by the compiler. */
export const toMembers = <R>(
  evaluation: string,
  inputs: ReadonlyArray<unknown>
): Result.Result<ReadonlyArray<Member<R>>, InvalidOptions> =>
  Result.all(inputs.map((input, index): Result.Result<Member<R>, InvalidOptions> => {
    if (PairwiseEvaluator.isPairwiseEvaluator(input)) {
      const { evaluate, feedbackKey, options } = input
      return Result.succeed({
        name: feedbackKey,
        key: feedbackKey,
        evaluate: evaluate as Member<R>["evaluate"],
        options
      })
    }
    if (typeof input === "function" && !Evaluator.isEvaluator(input)) {
      const key = input.name === "" ? undefined : input.name
      return Result.succeed({
        name: key ?? `evaluator ${index + 1} (anonymous)`,
        key,
        evaluate: input as Member<R>["evaluate"],
        options: {}
      })
    }
    return Result.fail(
      new InvalidOptions({
        evaluation,
        message: `The evaluation ${evaluation} cannot run with these options: evaluators[${index}] is ${
          Evaluator.isEvaluator(input) ? "an evaluator of single runs" : describe(input)
        }. Accepted are functions and what PairwiseEvaluator.make gives.`
      })
    )
  }))

/** The runs of one example, in the order of the experiments. */
export interface Contest {
  readonly example: Example.Example
  readonly runs: ReadonlyArray<Run.Run>
}

/** What an evaluator said, and the places of the experiments in the order in which it saw their runs. */
export interface Said {
  readonly order: ReadonlyArray<number>
  readonly results: ReadonlyArray<PairwiseEvaluator.ComparisonEvaluationResult>
}

/** How an evaluator is shown runs, and who is told what it said. */
export interface Showing {
  /** Of the evaluator of the engine. */
  readonly name: string
  readonly reversed: boolean
  readonly presentation: {
    readonly order: "random" | "both" | "given"
    readonly seed: number | string
    readonly failedRuns: "skip" | "lose"
  }
  /** The names of the experiments. */
  readonly names: ReadonlyArray<string>
  readonly contestOf: (exampleId: string, repetition: number) => Contest | undefined
  readonly tell: (exampleId: string, repetition: number, said: Said) => void
}

/** A pairwise evaluator as an evaluator of the engine. */
export const toEvaluator = <R>(
  member: Member<R>,
  showing: Showing
): Evaluator.Evaluator<unknown, unknown, unknown, unknown, R> & { readonly [SharedLane]: object } => ({
  ...Evaluator.make(showing.name, ({ example, run }: Evaluator.EvaluatorArgs, context) => {
    const contest = showing.contestOf(example.id, run.repetition)
    return contest === undefined
      ? Effect.succeed(Evaluator.skip("there is nothing to judge"))
      : judge(member, showing, contest, run.repetition, context)
  }, member.options),
  // Both looks at a row are the work of one evaluator, and have its limits together.
  [SharedLane]: member,
  // The function above is the same for all.
  describe: Effect.succeed(describeFunction(showing.name, member.evaluate, {
    version: member.options.version,
    config: {
      ...showing.presentation,
      reversed: showing.reversed,
      ...(member.options.config === undefined ? {} : { config: member.options.config })
    }
  }))
})

const judge = Effect.fnUntraced(function*<R>(
  member: Member<R>,
  { name, names, presentation, reversed, tell }: Showing,
  { example, runs }: Contest,
  repetition: number,
  context: Evaluator.EvaluatorContext
): Effect.fn.Return<Skip | { readonly results: Array<EngineResult> }, unknown, R> {
  const order = presentedOrder(presentation, member.name, example.contentHash, repetition, runs.length)
  if (reversed) order.reverse()
  const presented = order.flatMap((place) => {
    const run = runs[place]
    return run !== undefined && Run.isSucceeded(run) ? [{ place, run }] : []
  })
  if (presented.length < runs.length) {
    const failed = `the run of ${names.filter((_, i) => presented.every(({ place }) => place !== i)).join(", ")} failed`
    if (presentation.failedRuns === "skip" || presented.length === 0) return Evaluator.skip(failed)
    // Who loses because of a failure is no question for an evaluator; the summary knows.
    if (presented.length === 1) return Evaluator.skip(`${failed}, and loses`)
  }
  const returned = yield* callUser(() =>
    member.evaluate({
      runs: presented.map(({ run }) => run),
      example,
      inputs: example.inputs,
      outputs: presented.map(({ run }) => run.outputs),
      referenceOutputs: example.referenceOutputs,
      attachments: example.attachments,
      metadata: example.metadata
    }, context)
  )
  if (returned instanceof Skip) return returned
  const results = yield* Effect.fromResult(
    decodeComparisons(returned, presented.map(({ run }) => run.id), { evaluator: name, key: member.key })
  )
  tell(example.id, repetition, { order: presented.map(({ place }) => place), results })
  return { results: results.map((result) => engineResult(result, runs, names)) }
})

interface EngineResult {
  readonly key: string
  readonly value: string
  readonly comment?: string
  readonly sourceRunId?: string
  readonly metadata?: Record<string, unknown>
  readonly extra: Record<string, unknown>
}

/** The result for rows, journals and summaries: its value is the winner, so that winners are counted. */
const engineResult = (
  { comment, key, metadata, scores, sourceRunId }: PairwiseEvaluator.ComparisonEvaluationResult,
  runs: ReadonlyArray<Run.Run>,
  names: ReadonlyArray<string>
): EngineResult => {
  const numbers = Object.values(scores).map(Number)
  const best = Math.max(...numbers)
  const winners = names.filter((_, place) => {
    const score = scores[runs[place]?.id ?? ""]
    return score !== undefined && Number(score) === best
  })
  return {
    key,
    value: winners.length > 1 && winners.length === numbers.length ? "tie" : winners.join(" = "),
    ...(typeof comment === "string" ? { comment } : {}),
    ...(sourceRunId === undefined ? {} : { sourceRunId }),
    ...(metadata === undefined ? {} : { metadata }),
    extra: { scores, ...(typeof comment === "object" ? { comments: comment } : {}) }
  }
}
