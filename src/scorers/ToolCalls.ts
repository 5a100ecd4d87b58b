/**
 * Whether an agent called the right tools, with the right arguments, and no others.
 *
 * Every scorer here reads the output and the reference as conversations or as lists of calls, in any of the forms that
 * `Messages` knows. To score the calls in the spans of the run, select them: `actual: ({ run }) =>
 * Messages.callsOfRun(run)`.
 *
 * @since 0.1.0
 */
import * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import { pair, share, single } from "./internal/scorer.ts"
import { matcherOf, pairCalls, pairInOrder, readToolCalls } from "./internal/toolArguments.ts"
import { counted, listOf, rounded } from "./internal/words.ts"
import { isEqual } from "./JsonEquality.ts"
import type { ToolCall } from "./Messages.ts"
import type { Options, SingleOptions } from "./Scorer.ts"

/**
 * When the arguments of a call are as expected: the same data (`"exact"`), whatever they are (`"ignore"`), with all
 * that is expected in them (`"superset"`) or nothing else in them (`"subset"`), objects in them likewise; when they
 * have the same data at these paths, which have to be there; or when a function says so.
 *
 * @category options
 * @since 0.1.0
 */
export type ArgumentMatch =
  | "exact"
  | "ignore"
  | "subset"
  | "superset"
  | ReadonlyArray<string>
  | ((actual: unknown, expected: unknown) => boolean)

/**
 * How arguments are compared. An expected call without `arguments` accepts any.
 *
 * @category options
 * @since 0.1.0
 */
export interface ArgumentOptions {
  /** Default: `"exact"`. */
  readonly arguments?: ArgumentMatch | undefined
  /** Another way for some tools, by name. */
  readonly perTool?: { readonly [tool: string]: ArgumentMatch } | undefined
}

/**
 * How calls are held against expected ones.
 *
 * @category options
 * @since 0.1.0
 */
export interface AccuracyOptions extends ArgumentOptions {
  /** Whether calls have to come in the expected order, others between them aside. Default: `"any"`. */
  readonly order?: "any" | "same" | undefined
  /** What a call of the right tool with wrong arguments is worth, from 0 to 1. Default: 0.5. */
  readonly wrongArguments?: number | undefined
  /** What is taken away for each call that was not expected, at least 0. Default: 0.25. */
  readonly extraPenalty?: number | undefined
  /** The same for an extra call that repeats an earlier one, name and arguments. Default: that of any extra call. */
  readonly duplicatePenalty?: number | undefined
}

/**
 * How calls compared with the expected ones.
 *
 * @category models
 * @since 0.1.0
 */
export interface Accuracy {
  /** From 0 to 1. */
  readonly score: number
  /** Expected calls that were made. */
  readonly matched: ReadonlyArray<ToolCall>
  /** Calls of an expected tool, with other arguments. */
  readonly wrongArguments: ReadonlyArray<{ readonly actual: ToolCall; readonly expected: ToolCall }>
  /** Expected calls that were not made. */
  readonly missing: ReadonlyArray<ToolCall>
  /** Calls that were not expected, repeated ones aside. */
  readonly extra: ReadonlyArray<ToolCall>
  /** Calls that were not expected and repeat an earlier one. */
  readonly duplicates: ReadonlyArray<ToolCall>
}

/**
 * How accurate calls are: `(matched + wrongArguments * right tools with wrong arguments - penalties) / expected calls`,
 * at least 0. Each call is paired with at most one expected call, in the best way there is. Where none was expected, it
 * is 1 without calls and 0 with any.
 *
 * **Example** (One of two, and one that was not asked for)
 *
 * ```ts
 * import { ToolCalls } from "effect-evals/scorers"
 *
 * const { extra, missing, score } = ToolCalls.accuracyOf(
 *   [{ name: "search", arguments: { q: "fjords" } }, { name: "delete", arguments: {} }],
 *   [{ name: "search", arguments: { q: "fjords" } }, { name: "open", arguments: { id: 1 } }]
 * )
 * console.log(score, missing[0]?.name, extra[0]?.name) // => 0.375 open delete
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const accuracyOf = (
  actual: ReadonlyArray<ToolCall>,
  expected: ReadonlyArray<ToolCall>,
  options: AccuracyOptions = {}
): Accuracy => {
  const { extraPenalty = 0.25, order = "any", wrongArguments: credit = 0.5 } = options
  const { duplicatePenalty = extraPenalty } = options
  requireBetween("wrongArguments", credit, 1)
  requireBetween("extraPenalty", extraPenalty, Infinity)
  requireBetween("duplicatePenalty", duplicatePenalty, Infinity)
  const matches = matcherOf(options)
  const pair = order === "same" ? pairInOrder : pairCalls
  const { missing, partners } = pair(actual, expected, (a, b) => matches(a, b) ? 1 : a.name === b.name ? credit : 0)
  const paired = actual.flatMap((call, i) => {
    const partner = expected[partners[i] ?? -1]
    return partner === undefined ? [] : [{ actual: call, expected: partner, matched: matches(call, partner) }]
  })
  const repeats = (call: ToolCall, i: number) => actual.slice(0, i).some((earlier) => isSameCall(earlier, call))
  const duplicates = actual.filter((call, i) => partners[i] === -1 && repeats(call, i))
  const extra = actual.filter((call, i) => partners[i] === -1 && !repeats(call, i))
  const matched = paired.filter(({ matched }) => matched)
  const wrongArguments = paired.filter(({ matched }) => !matched)
  const sum = matched.length + credit * wrongArguments.length - extraPenalty * extra.length -
    duplicatePenalty * duplicates.length
  return {
    score: expected.length === 0 ? Number(actual.length === 0) : Math.max(0, sum / expected.length),
    matched: matched.map(({ expected }) => expected),
    wrongArguments: wrongArguments.map(({ actual, expected }) => ({ actual, expected })),
    missing: missing.flatMap((i) => expected[i] ?? []),
    extra,
    duplicates
  }
}

const isSameCall = (a: ToolCall, b: ToolCall): boolean => a.name === b.name && isEqual(a.arguments, b.arguments)

const requireBetween = (name: string, value: number, most: number): void => {
  if (!(value >= 0 && value <= most)) {
    throw new RangeError(`${name} is ${value}; it has to be ${most === 1 ? "from 0 to 1" : "at least 0"}`)
  }
}

const names = (calls: ReadonlyArray<ToolCall>): string => listOf(calls.map(({ name }) => name))

/**
 * How accurate the calls of tools are, from 0 to 1, under the key `tool_call_accuracy`: see `accuracyOf`. The comment
 * names what is missing, wrong, extra and repeated.
 *
 * **Example** (Messages as OpenAI writes them)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { ToolCalls } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("weather", {
 *   data: Dataset.fromIterable("questions", [
 *     { inputs: "Oslo and Rome?", referenceOutputs: [{ name: "weather", arguments: { city: "Oslo" } }, { name: "weather", arguments: { city: "Rome" } }] }
 *   ]),
 *   target: () => [
 *     { role: "assistant", content: null, tool_calls: [{ function: { name: "weather", arguments: "{\"city\": \"Oslo\"}" } }] }
 *   ]
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [ToolCalls.accurate()] }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => 0.5 1 of 2 calls matched; wrong arguments: none; missing: weather; extra: none; repeated: none
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const accurate = <I, O, Ref, M>(
  options: Options<I, O, Ref, M> & AccuracyOptions = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { arguments: mode, duplicatePenalty, extraPenalty, order, perTool, wrongArguments } = options
  const config = { mode, duplicatePenalty, extraPenalty, order, perTool, wrongArguments }
  accuracyOf([], [], options)
  return pair(
    {
      name: "tool_call_accuracy",
      own: {
        arguments: true,
        duplicatePenalty: true,
        extraPenalty: true,
        order: true,
        perTool: true,
        wrongArguments: true
      },
      config,
      feedbackConfig: share
    },
    options,
    { actual: readToolCalls, expected: readToolCalls },
    (actual, expected) => {
      const found = accuracyOf(actual, expected, options)
      return {
        score: found.score,
        comment: `${found.matched.length} of ${counted(expected.length, "call")} matched; wrong arguments: ${
          names(found.wrongArguments.map(({ actual }) => actual))
        }; missing: ${names(found.missing)}; extra: ${names(found.extra)}; repeated: ${names(found.duplicates)}`
      }
    }
  )
}

/**
 * Options of `f1`.
 *
 * @category options
 * @since 0.1.0
 */
export interface F1Options extends ArgumentOptions {
  /**
   * What is compared: the names of the tools, each once (`"tools"`); or all calls, name and arguments (`"calls"`).
   * Default: `"calls"`.
   */
  readonly by?: "tools" | "calls" | undefined
}

/**
 * Precision, recall and F1 of calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface F1 {
  /** `2 * matched / (made + expected)`; `undefined` where none were made and none expected. */
  readonly f1: number | undefined
  /** The share of the calls made that were expected; `undefined` where none were made. */
  readonly precision: number | undefined
  /** The share of the expected calls that were made; `undefined` where none were expected. */
  readonly recall: number | undefined
  readonly matched: number
}

/**
 * Precision, recall and F1 of calls: the harmonic mean of the first two, `2 * matched / (made + expected)`. Calls are
 * paired one to one. Source: C. J. van Rijsbergen, "Information Retrieval" (1979).
 *
 * **Example** (By the names of the tools)
 *
 * ```ts
 * import { ToolCalls } from "effect-evals/scorers"
 *
 * const { f1, precision, recall } = ToolCalls.f1Of([{ name: "a" }], [{ name: "a" }, { name: "b" }], { by: "tools" })
 * console.log(f1?.toFixed(3), precision, recall) // => 0.667 1 0.5
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const f1Of = (
  actual: ReadonlyArray<ToolCall>,
  expected: ReadonlyArray<ToolCall>,
  options: F1Options = {}
): F1 => {
  const made = options.by === "tools" ? distinctTools(actual) : actual
  const wanted = options.by === "tools" ? distinctTools(expected) : expected
  const matches = matcherOf(options)
  const { partners } = pairCalls(made, wanted, (a, b) => Number(matches(a, b)))
  const matched = partners.filter((partner) => partner >= 0).length
  const ratio = (part: number, whole: number) => whole === 0 ? undefined : part / whole
  return {
    f1: ratio(2 * matched, made.length + wanted.length),
    precision: ratio(matched, made.length),
    recall: ratio(matched, wanted.length),
    matched
  }
}

const distinctTools = (calls: ReadonlyArray<ToolCall>): ReadonlyArray<ToolCall> =>
  Array.from(new Set(calls.map(({ name }) => name)), (name) => ({ name }))

/**
 * The F1 of the calls of tools, from 0 to 1, under the key `tool_call_f1`: see `f1Of`. `Skipped` where no calls were
 * made and none expected.
 *
 * @category scorers
 * @since 0.1.0
 */
export const f1 = <I, O, Ref, M>(
  options: Options<I, O, Ref, M> & F1Options = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { arguments: mode, by = "calls", perTool } = options
  return pair(
    {
      name: "tool_call_f1",
      own: { arguments: true, by: true, perTool: true },
      config: { mode, by, perTool },
      feedbackConfig: share
    },
    options,
    { actual: readToolCalls, expected: readToolCalls },
    (actual, expected) => {
      const { f1, matched, precision, recall } = f1Of(actual, expected, options)
      if (f1 === undefined) return Evaluator.skip("no calls were made and none expected, so there is no F1")
      const show = (value: number | undefined) => value === undefined ? "undefined" : rounded(value)
      return {
        score: f1,
        comment: `${matched} ${by} matched; precision ${show(precision)}, recall ${show(recall)}`
      }
    }
  )
}

/**
 * How often a tool may be called: a number, or bounds, which count themselves.
 *
 * @category options
 * @since 0.1.0
 */
export type Times = number | {
  /** Default: 0. */
  readonly atLeast?: number | undefined
  /** Default: no bound. */
  readonly atMost?: number | undefined
}

/**
 * Whether tools were called as often as they should: `true` or `false`, under the key `tools_used`. `{ search: {
 * atLeast: 1 }, delete_user: 0 }` wants one search or more, and no deletion; tools that are not named do not matter.
 *
 * **Example** (A tool that must not be called)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { ToolCalls } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("agent", {
 *   data: Dataset.fromIterable("tasks", [{ inputs: "Who is Ada?" }]),
 *   target: () => [{ name: "search", arguments: { q: "Ada" } }]
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [ToolCalls.uses({ search: { atLeast: 1 }, delete_user: 0 })] }).pipe(
 *     Effect.provide(TracingClient.layerNone)
 *   )
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => true search: 1 call (at least 1); delete_user: 0 calls (exactly 0)
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const uses = <I, O, Ref, M>(
  tools: { readonly [tool: string]: Times },
  options: SingleOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const bounds = Object.entries(tools).map(([tool, times]) => ({ tool, ...boundsOf(tool, times) }))
  return single({ name: "tools_used", own: {}, config: { tools } }, options, readToolCalls, (calls) => {
    if (bounds.length === 0) return Evaluator.skip("no tool is named")
    const found = bounds.map(({ atLeast, atMost, tool }) => {
      const count = calls.filter(({ name }) => name === tool).length
      const wanted = atLeast === atMost
        ? `exactly ${atLeast}`
        : [...(atLeast > 0 ? [`at least ${atLeast}`] : []), ...(atMost < Infinity ? [`at most ${atMost}`] : [])].join(
          ", "
        )
      return {
        right: count >= atLeast && count <= atMost,
        text: `${tool}: ${counted(count, "call")}${wanted === "" ? "" : ` (${wanted})`}`
      }
    })
    return { score: found.every(({ right }) => right), comment: found.map(({ text }) => text).join("; ") }
  })
}

const boundsOf = (tool: string, times: Times) => {
  const { atLeast = 0, atMost = Infinity } = typeof times === "number" ? { atLeast: times, atMost: times } : times
  if (!(atLeast >= 0) || !(atMost >= atLeast)) {
    throw new RangeError(`the bounds of ${tool} are ${describe(times)}: at least ${atLeast}, at most ${atMost}`)
  }
  return { atLeast, atMost }
}
