/**
 * Clients of SDKs, whose calls become child runs.
 *
 * @since 0.1.0
 */
import { enableTracing } from "../internal/engine/asyncScope.ts"
import { toJson } from "../internal/values/json.ts"
import type * as Run from "../Run.ts"
import { inputsOf, joined } from "./internal/call.ts"
import { type Plan, wrapClient } from "./internal/wrapClient.ts"

/**
 * How the calls of a client are traced.
 *
 * @category options
 * @since 0.1.0
 */
export interface WrapSdkOptions {
  /** Stands before the names of methods. Default: the name of the client's class. */
  readonly name?: string | undefined
  /** Default: `chain` */
  readonly runType?: Run.ChildRun["runType"] | undefined
  /**
   * Which methods are traced, by their paths, such as `messages.create`. Default: all. Methods that begin with `_` or `$`
   * never are.
   */
  readonly methods?: ReadonlyArray<string> | ((path: string) => boolean) | undefined
  /** What is kept of the arguments. `undefined`: nothing. */
  readonly processInputs?: ((args: ReadonlyArray<unknown>, path: string) => unknown) | undefined
  /** What is kept of what a method gives. `undefined`: nothing. */
  readonly processOutputs?: ((output: unknown, path: string) => unknown) | undefined
  /** What the pieces of a stream amount to. Default: texts are joined, other pieces are listed. */
  readonly aggregator?: ((chunks: ReadonlyArray<unknown>, path: string) => unknown) | undefined
}

/**
 * The same client, whose calls are child runs of whatever calls them. Its methods work as before, promises and streams are
 * its own; the client itself is not changed.
 *
 * **Example** (A client that nobody has heard of)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { wrapSdk } from "effect-evals/traceable"
 *
 * class Weather {
 *   readonly forecasts = { get: async (city: string) => ({ city, degrees: 21 }) }
 * }
 * const client = wrapSdk(new Weather(), { runType: "tool" })
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("weather", {
 *       data: Dataset.fromIterable("cities", [{ inputs: "Paris" }]),
 *       target: async (city) => (await client.forecasts.get(city)).degrees
 *     })
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const [call] = experiment.rows[0]?.run.childRuns ?? []
 * console.log(call?.name, call?.runType, call?.attributes["outputs"]) // => Weather.forecasts.get tool { city: 'Paris', degrees: 21 }
 * ```
 *
 * @category tracing
 * @since 0.1.0
 */
export const wrapSdk = <Client extends object>(client: Client, options: WrapSdkOptions = {}): Client => {
  enableTracing()
  const { aggregator = joined, methods, processInputs, processOutputs, runType = "chain" } = options
  const prefix = options.name ?? client.constructor.name
  const isWanted = typeof methods === "function"
    ? methods
    : methods === undefined
    ? () => true
    : (path: string) => methods.includes(path)
  const kept = (value: unknown) => value === undefined ? undefined : toJson(value)
  const plan = (path: string): Plan | undefined => {
    if (!isWanted(path)) return undefined
    const outputs = (output: unknown) => kept(processOutputs === undefined ? output : processOutputs(output, path))
    const isTool = runType === "tool"
    return {
      name: prefix === "" || prefix === "Object" ? path : `${prefix}.${path}`,
      runType,
      before: (args) => {
        const inputs = processInputs === undefined ? inputsOf(args) : kept(processInputs(args, path))
        return {
          inputs,
          ...(isTool
            ? {
              "gen_ai.operation.name": "execute_tool",
              "gen_ai.tool.name": path,
              "gen_ai.tool.call.arguments": inputs
            }
            : {})
        }
      },
      after: (output) => ({ outputs: outputs(output) }),
      afterStream: (chunks) => ({ outputs: outputs(aggregator(chunks, path)) })
    }
  }
  return wrapClient(client, plan)
}
