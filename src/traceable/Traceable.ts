/**
 * Functions that are no effects, in the tree of the run that calls them. Effects need none of this: their spans are there.
 *
 * @since 0.1.0
 */
import { enableTracing } from "../internal/engine/asyncScope.ts"
import { toJson } from "../internal/values/json.ts"
import type * as Run from "../Run.ts"
import { callTraced, inputsOf, joined } from "./internal/call.ts"

/**
 * What can be said about a traced function.
 *
 * @category options
 * @since 0.1.0
 */
export interface TraceableOptions<in Args extends Array<unknown> = Array<unknown>> {
  /** Default: the name of the function. */
  readonly name?: string | undefined
  /** Default: `chain`. Calls of tools are seen by evaluators of tool calls. */
  readonly runType?: Run.ChildRun["runType"] | undefined
  /** Attributes of its spans, such as the version of a prompt. */
  readonly attributes?: { readonly [name: string]: unknown } | undefined
  /** What is kept of the arguments. Default: the first one if it is the only one, else the list. `undefined`: nothing. */
  readonly processInputs?: ((...args: Args) => unknown) | undefined
  /** What is kept of what the function gives. `undefined`: nothing. */
  readonly processOutputs?: ((output: unknown) => unknown) | undefined
  /** What the pieces of a stream amount to. Default: texts are joined, other pieces are listed. */
  readonly aggregator?: ((chunks: ReadonlyArray<unknown>) => unknown) | undefined
}

/**
 * The same function, whose calls are child runs of whatever calls it: the target, an evaluator, another traced function,
 * or a span of an effect; also after it has waited for something, and also where several run at once. Promises, streams and
 * generators are given on as they are; a stream's pieces are gathered until it ends. Outside of all that has a tracer, it
 * is just called.
 *
 * **Example** (A pipeline of promises)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Run, TracingClient } from "effect-evals"
 * import { traceable } from "effect-evals/traceable"
 *
 * const search = traceable(async function search(question: string) {
 *   return [`a page about ${question}`]
 * }, { runType: "retriever" })
 * const answer = traceable(async function answer(question: string) {
 *   const pages = await search(question)
 *   return `See ${pages.length} page.`
 * })
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("answers", { data: Dataset.fromIterable("questions", [{ inputs: "fibers" }]), target: answer })
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const run = experiment.rows[0]?.run ?? { childRuns: [] }
 * console.log([...Run.descendants(run)].map(({ name, runType }) => `${name} ${runType}`)) // => [ 'answer chain', 'search retriever' ]
 * console.log([...Run.descendants(run)][1]?.attributes["outputs"]) // => [ 'a page about fibers' ]
 * ```
 *
 * @category tracing
 * @since 0.1.0
 */
export const traceable = <Args extends Array<unknown>, Returned>(
  f: (...args: Args) => Returned,
  options: TraceableOptions<Args> = {}
): (...args: Args) => Returned => {
  enableTracing()
  const { aggregator = joined, attributes, processInputs, processOutputs, runType = "chain" } = options
  const name = options.name ?? (f.name === "" ? "anonymous" : f.name)
  const outputs = (output: unknown) => {
    const kept = processOutputs === undefined ? output : processOutputs(output)
    const json = kept === undefined ? undefined : toJson(kept)
    return { outputs: json, ...(runType === "tool" ? { "gen_ai.tool.call.result": json } : {}) }
  }
  const traced = {
    name,
    runType,
    before: (args: ReadonlyArray<unknown>) => {
      // What is called is what was given: the arguments are those of the function.
      const kept = processInputs === undefined ? inputsOf(args) : toJsonOrNothing(processInputs(...(args as Args)))
      return {
        ...attributes,
        inputs: kept,
        ...(runType === "tool"
          ? { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.call.arguments": kept }
          : {})
      }
    },
    after: outputs,
    afterStream: (chunks: ReadonlyArray<unknown>) => outputs(aggregator(chunks))
  }
  const wrapped = function(this: unknown, ...args: Args): Returned {
    return callTraced((...args: Args) => f.apply(this, args), args, traced) as Returned
  }
  return Object.defineProperty(wrapped, "name", { value: name, configurable: true })
}

const toJsonOrNothing = (value: unknown) => value === undefined ? undefined : toJson(value)
