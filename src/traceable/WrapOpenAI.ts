/**
 * The client of OpenAI, whose model calls become child runs.
 *
 * @since 0.1.0
 */
import { enableTracing } from "../internal/engine/asyncScope.ts"
import { planOf } from "./internal/openai.ts"
import { wrapClient } from "./internal/wrapClient.ts"

/**
 * What is known of the client besides what it is.
 *
 * @category options
 * @since 0.1.0
 */
export interface WrapOpenAIOptions {
  /** Who answers, where it is not OpenAI: `gen_ai.provider.name` of the spans. Default `openai`. */
  readonly provider?: string | undefined
  /** Whether messages, instructions and answers are kept, and not only models, tokens and times. Default `true`. */
  readonly content?: boolean | undefined
}

/**
 * OpenAI's client, or one that is made like it, whose calls of models are child runs of whatever makes them: chat and text
 * completions, responses and embeddings. They say which model was asked for what and which one answered, and how many tokens
 * it took, so the usage and cost of runs are known. Streams are gathered into one answer; tool calls that are made in
 * parallel stay apart. The client works as before.
 *
 * A stream of chat completions says how many tokens it took only if it is asked for with
 * `stream_options: { include_usage: true }`.
 *
 * **Example** (Tokens of a target that knows no Effect)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { wrapOpenAI } from "effect-evals/traceable"
 * import OpenAI from "openai"
 *
 * // Stands for OpenAI's server.
 * const fetch = async () =>
 *   Response.json({
 *     id: "1",
 *     model: "gpt-5-mini-2026",
 *     choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Paris" } }],
 *     usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 }
 *   })
 * const client = wrapOpenAI(new OpenAI({ apiKey: "none", fetch }))
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("capitals", {
 *       data: Dataset.fromIterable("countries", [{ inputs: "France" }]),
 *       target: async (country) => {
 *         const answer = await client.chat.completions.create({
 *           model: "gpt-5-mini",
 *           messages: [{ role: "user", content: `The capital of ${country}?` }]
 *         })
 *         return answer.choices[0]?.message.content
 *       }
 *     })
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const run = experiment.rows[0]?.run
 * console.log(run?.outputs, run?.usage) // => Paris { inputTokens: 12, outputTokens: 1 }
 * console.log(run?.childRuns[0]?.name, run?.childRuns[0]?.runType) // => chat gpt-5-mini llm
 * ```
 *
 * @category tracing
 * @since 0.1.0
 */
export const wrapOpenAI = <Client extends object>(client: Client, options: WrapOpenAIOptions = {}): Client => {
  enableTracing()
  const { content = true, provider = "openai" } = options
  return wrapClient(client, (path) => planOf(path, provider, content))
}
