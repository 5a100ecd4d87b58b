/**
 * What a run may take: time, tokens, money, calls.
 *
 * A limit counts itself: what is exactly at it is within it. What is not known (the tokens of a run whose spans do not
 * say, the latency of recorded outputs) is `Skipped`, never within the limit. Each result has the figure and the limit
 * in its `metadata`.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type * as EvaluationResult from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import { formatCount, formatDuration } from "../internal/values/numbers.ts"
import * as Run from "../Run.ts"
import type { Reader } from "./internal/readers.ts"
import { ofRun, type RunOptions, single } from "./internal/scorer.ts"
import * as Messages from "./Messages.ts"
import type { SingleOptions } from "./Scorer.ts"

/**
 * The most, and maybe the least, that a count may be. Both count themselves.
 *
 * @category options
 * @since 0.1.0
 */
export interface Bounds {
  /** Default: no limit. */
  readonly atMost?: number | undefined
  /** Default: 0. */
  readonly atLeast?: number | undefined
}

interface Range {
  readonly atLeast: number
  readonly atMost: number
}

const rangeOf = (what: string, { atLeast = 0, atMost = Infinity }: Bounds): Range => {
  if (!(atLeast >= 0) || !(atMost >= atLeast)) {
    throw new RangeError(
      `the limits of ${what} are at least ${atLeast} and at most ${atMost}; they have to be in order`
    )
  }
  return { atLeast, atMost }
}

const judge = (
  actual: number,
  { atLeast, atMost }: Range,
  format: (value: number) => string,
  unit = ""
): EvaluationResult.Returned => {
  const limits = [
    ...(atLeast > 0 ? [`at least ${format(atLeast)}`] : []),
    ...(atMost < Infinity ? [`at most ${format(atMost)}`] : [])
  ]
  return {
    score: actual >= atLeast && actual <= atMost,
    comment: `${format(actual)}${unit} of ${limits.length === 0 ? "any number" : limits.join(" and ")}`,
    metadata: {
      actual,
      ...(atLeast > 0 ? { atLeast } : {}),
      ...(atMost < Infinity ? { atMost } : {})
    }
  }
}

/**
 * Whether the run took no longer: `true` or `false`, under the key `latency_limit`. The time is that of the run, in
 * milliseconds, attempts and the waits between them included. `Skipped` where the outputs were recorded.
 *
 * **Example** (A limit that is kept)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Limits } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("fast", { data: Dataset.fromIterable("one", [{ inputs: 1 }]), target: (n) => n + 1 })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Limits.latency({ atMost: "30 seconds" })] }).pipe(
 *     Effect.provide(TracingClient.layerNone)
 *   )
 * )
 * console.log(experiment.rows.map((row) => Row.score(row, "latency_limit"))) // => [ 1 ]
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const latency = <I, O, Ref, M>(
  limit: { readonly atMost: Duration.Input },
  options: RunOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const range = rangeOf("latency", { atMost: Duration.toMillis(limit.atMost) })
  return ofRun({ name: "latency_limit", own: {}, config: range }, options, (run) =>
    run.attempts.length === 0
      ? Evaluator.skip("the outputs were recorded, so there is no latency")
      : judge(Run.latency(run), range, formatDuration))
}

/**
 * How many tokens a run may use.
 *
 * @category options
 * @since 0.1.0
 */
export interface TokenLimits {
  /** Of the prompts and the answers together. */
  readonly total?: number | undefined
  readonly input?: number | undefined
  readonly output?: number | undefined
}

/**
 * Whether the run used no more tokens than each of the limits: `true` or `false`, under the key `token_limit`. Tokens
 * are what the spans of the run say (`gen_ai.usage.*`); `Skipped` where none of them does.
 *
 * @category scorers
 * @since 0.1.0
 */
export const tokens = <I, O, Ref, M>(
  limits: TokenLimits,
  options: RunOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const given = (["total", "input", "output"] as const).flatMap((kind) => {
    const limit = limits[kind]
    return limit === undefined ? [] : [{ kind, limit: rangeOf(`${kind} tokens`, { atMost: limit }).atMost }]
  })
  if (given.length === 0) throw new RangeError("Limits.tokens needs a limit: total, input or output")
  return ofRun({ name: "token_limit", own: {}, config: limits }, options, ({ usage }) => {
    if (usage === undefined) return Evaluator.skip("no span of the run says how many tokens it used")
    const used = {
      total: usage.inputTokens + usage.outputTokens,
      input: usage.inputTokens,
      output: usage.outputTokens
    }
    return {
      score: given.every(({ kind, limit }) => used[kind] <= limit),
      comment: given.map(({ kind, limit }) =>
        `${formatCount(used[kind])} ${kind} tokens of at most ${formatCount(limit)}`
      )
        .join("; "),
      metadata: Object.fromEntries(given.map(({ kind, limit }) => [kind, { actual: used[kind], atMost: limit }]))
    }
  })
}

/**
 * Whether the run cost no more: `true` or `false`, under the key `cost_limit`, in the currency of the prices that the
 * evaluation was run with. `Skipped` where the cost of the run is not known.
 *
 * @category scorers
 * @since 0.1.0
 */
export const cost = <I, O, Ref, M>(
  limit: { readonly atMost: number },
  options: RunOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const range = rangeOf("cost", limit)
  return ofRun({ name: "cost_limit", own: {}, config: range }, options, ({ usage }) =>
    usage?.cost === undefined
      ? Evaluator.skip("the cost of the run is not known: give the evaluation the prices of its models")
      : judge(usage.cost, range, String))
}

/**
 * Whether the run called tools as often as it should, by its spans (see `Messages.callsOfRun`): `true` or `false`,
 * under the key `tool_call_limit`. For the calls in messages use `steps` or `ToolCalls.uses`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const toolCalls = <I, O, Ref, M>(
  bounds: Bounds,
  options: RunOptions<I, O, Ref, M> & Messages.SpanOptions = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const range = rangeOf("tool calls", bounds)
  return ofRun(
    { name: "tool_call_limit", own: { call: true }, config: { ...range, call: options.call } },
    options,
    (run) => judge(Messages.callsOfRun(run, options).length, range, formatCount, " tool calls")
  )
}

/**
 * Whether the run called models as often as it should: `true` or `false`, under the key `model_call_limit`. Counted are
 * the spans of the run type `llm`, those below others included.
 *
 * **Example** (No model is called)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Limits } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("rules", { data: Dataset.fromIterable("one", [{ inputs: 1 }]), target: (n) => n + 1 })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Limits.modelCalls({ atMost: 0 })] }).pipe(
 *     Effect.provide(TracingClient.layerNone)
 *   )
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => true 0 model calls of at most 0
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const modelCalls = <I, O, Ref, M>(
  bounds: Bounds,
  options: RunOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const range = rangeOf("model calls", bounds)
  return ofRun({ name: "model_call_limit", own: {}, config: range }, options, (run) =>
    judge(
      Array.from(Run.descendants(run)).filter(({ runType }) => runType === "llm").length,
      range,
      formatCount,
      " model calls"
    ))
}

/**
 * Whether an agent took as many steps as it should: `true` or `false`, under the key `step_limit`. A step is a message
 * of the assistant in the output, in any of the forms that `Messages` knows.
 *
 * **Example** (Two steps)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Limits } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("agent", {
 *   data: Dataset.fromIterable("tasks", [{ inputs: "Hello" }]),
 *   target: (content) => [{ role: "user", content }, { role: "assistant", content: "Hi" }, { role: "assistant", content: "!" }]
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Limits.steps({ atMost: 1 })] }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => false 2 steps of at most 1
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const steps = <I, O, Ref, M>(
  bounds: Bounds,
  options: SingleOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const range = rangeOf("steps", bounds)
  return single(
    { name: "step_limit", own: {}, config: range },
    options,
    readMessages,
    (messages) => judge(messages.filter(({ role }) => role === "assistant").length, range, formatCount, " steps")
  )
}

const readMessages: Reader<ReadonlyArray<Messages.Message>> = (value) =>
  Result.mapError(Messages.read(value), ({ message }) => `is ${describe(value)}, not messages: ${message}`)
