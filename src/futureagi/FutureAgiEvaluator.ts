/**
 * FutureAGI's templates as evaluators.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as EvaluationResult from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import * as FutureAgi from "./FutureAgi.ts"

/**
 * How a template judges.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<in Inputs, in Outputs, in ReferenceOutputs, in Metadata>
  extends Omit<Evaluator.Options<Inputs, Outputs, ReferenceOutputs, Metadata>, "config">
{
  /**
   * What is sent for a run, by the keys of the template. Keys that are not needed are left out or `undefined`; a key that
   * the template requires and that is `undefined` fails the evaluator, and nothing is sent.
   */
  readonly inputs: (
    args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>
  ) => FutureAgi.Request["inputs"]
  /** The key of the result. Default: the name of the template. */
  readonly key?: string | undefined
  readonly model?: FutureAgi.ModelName | undefined
  /** Parameters of the template. */
  readonly parameters?: FutureAgi.Request["config"]
  readonly errorLocalizer?: boolean | undefined
  /**
   * `"sync"` waits for the answer to one request; `"async"` submits, and asks for the result until it is there. Default
   * `"sync"`.
   */
  readonly mode?: "sync" | "async" | undefined
  /** How to wait in the mode `"async"`. */
  readonly await?: FutureAgi.AwaitOptions | undefined
}

/**
 * A template as an evaluator. `Passed` and `Failed` are scores of `true` and `false`, numbers are scores, a choice with a
 * score is both, and everything else is a value. The reason is the comment; the model, the id of the evaluation and what
 * its error localizer says are in `evaluatorInfo`. An evaluation that fails is an outcome `Failed`, never a score of 0.
 *
 * There is no time limit for an attempt besides those of the client and of `await`, since these tell what may have been
 * paid for. If you set `timeout` and `retry`, an evaluation that took too long is carried out again.
 *
 * **Example** (Is the answer grounded?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { FutureAgi, FutureAgiEvaluator } from "effect-evals/futureagi"
 *
 * const questions = Dataset.fromIterable("towers", [
 *   { inputs: { question: "Where is the tower?", context: "The tower stands in Paris." } },
 *   { inputs: { question: "How high is it?", context: "The tower stands in Paris." } }
 * ])
 * const evaluation = Evaluation.make("towers", { data: questions, target: ({ question }) => `${question} In Paris.` })
 *
 * // Stands for `FutureAgi.layerConfig()`, which asks the server.
 * const standIn = FutureAgi.layerTest(({ inputs }) => ({
 *   output: String(inputs["output"]).startsWith("Where") ? "Passed" : "Failed",
 *   outputType: "Pass/Fail",
 *   reason: "Compared with the context."
 * }))
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [
 *       FutureAgiEvaluator.make("groundedness", {
 *         inputs: ({ inputs, outputs }) => ({ output: outputs, context: inputs.context }),
 *         model: "turing_small"
 *       })
 *     ]
 *   }).pipe(Effect.provide([standIn, TracingClient.layerNone]))
 * )
 * console.log(experiment.summaries["groundedness"]?.score?.mean) // => 0.5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Inputs, Outputs, ReferenceOutputs, Metadata>(
  template: FutureAgi.TemplateName,
  options: Options<Inputs, Outputs, ReferenceOutputs, Metadata>
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, FutureAgi.FutureAgi> => {
  const { await: awaiting, errorLocalizer, key = template, inputs, mode, model, parameters, ...rest } = options
  return Evaluator.make(
    key,
    (args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) =>
      Effect.suspend(() => {
        const request: FutureAgi.Request = { template, inputs: inputs(args), model, config: parameters, errorLocalizer }
        return mode === "async"
          ? Effect.flatMap(FutureAgi.submit(request), (evalId) => FutureAgi.await(evalId, awaiting))
          : FutureAgi.evaluate(request)
      }).pipe(Effect.map(toResult)),
    {
      timeout: "Infinity",
      ...rest,
      config: {
        template,
        model,
        parameters,
        errorLocalizer,
        // What it sends is known by its text alone.
        inputs: String(inputs)
      }
    }
  )
}

/**
 * What an evaluation came to, as an evaluator's result.
 *
 * **Example** (A choice with a score)
 *
 * ```ts
 * import { FutureAgiEvaluator } from "effect-evals/futureagi"
 *
 * const { score, value } = FutureAgiEvaluator.toResult({
 *   evalId: "1",
 *   template: "tone",
 *   output: { score: 0.8, choice: "friendly" },
 *   outputType: "choices",
 *   reason: undefined,
 *   runtimeMillis: 12,
 *   model: "turing_flash",
 *   errorLocalizer: undefined
 * })
 * console.log(score, value) // => 0.8 friendly
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const toResult = (result: FutureAgi.Result): EvaluationResult.ReturnedResult => ({
  ...valueOf(result),
  ...(result.reason === undefined ? {} : { comment: result.reason }),
  evaluatorInfo: {
    provider: "futureagi",
    ...Object.fromEntries(
      (["template", "model", "evalId", "outputType", "runtimeMillis", "errorLocalizer"] as const)
        .flatMap((key) => result[key] === undefined ? [] : [[key, result[key]]])
    )
  }
})

const passed = new Set(["passed", "pass", "true", "yes"])
const failed = new Set(["failed", "fail", "false", "no"])

const valueOf = (
  { output, outputType }: Pick<FutureAgi.Result, "output" | "outputType">
): Pick<EvaluationResult.ReturnedResult, "score" | "value"> => {
  // One choice comes as a list of one.
  if (Array.isArray(output) && output.length === 1) return valueOf({ output: output[0], outputType })
  if (typeof output === "boolean" || (typeof output === "number" && Number.isFinite(output))) return { score: output }
  if (typeof output === "string") {
    const word = output.trim().toLowerCase()
    // Elsewhere "yes" may be one of several labels.
    const isVerdict = outputType?.toLowerCase() === "pass/fail" || word === "passed" || word === "failed"
    if (isVerdict && passed.has(word)) return { score: true }
    if (isVerdict && failed.has(word)) return { score: false }
    return { value: output }
  }
  if (Predicate.hasProperty(output, "score") && typeof output.score === "number" && Number.isFinite(output.score)) {
    const label = Predicate.hasProperty(output, "choice")
      ? output.choice
      : Predicate.hasProperty(output, "choices")
      ? output.choices
      : output
    return { score: output.score, value: label }
  }
  return { value: output }
}
