/**
 * Whether an agent went the way that was expected: its messages and calls of tools, against those of a reference.
 *
 * Both sides are conversations, or lists of calls, in any of the forms that `Messages` knows. To score the spans of the
 * run, select them: `actual: ({ run }) => Messages.callsOfRun(run)`.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Evaluator from "../Evaluator.ts"
import { describe } from "../internal/values/describe.ts"
import type { Reader } from "./internal/readers.ts"
import { pair, share } from "./internal/scorer.ts"
import { matcherOf, pairCalls, pairInOrder, readToolCalls } from "./internal/toolArguments.ts"
import { counted, listOf, rounded } from "./internal/words.ts"
import * as Messages from "./Messages.ts"
import type { Options } from "./Scorer.ts"
import type { ArgumentOptions } from "./ToolCalls.ts"

/**
 * What has to agree.
 *
 * - `"strict"`: as many messages, with the same roles in the same order, and in each the same calls, in any order. What the
 *   messages say does not matter.
 * - `"unordered"`: the same calls, in any order.
 * - `"superset"`: all expected calls, and maybe others.
 * - `"subset"`: no calls but expected ones, and maybe not all of them.
 * - `"in order"`: all expected calls in their order, and maybe others before, between and after them.
 *
 * @category options
 * @since 0.1.0
 */
export type Mode = "strict" | "unordered" | "superset" | "subset" | "in order"

/**
 * How trajectories are compared.
 *
 * @category options
 * @since 0.1.0
 */
export interface MatchOptions extends ArgumentOptions {
  /** Default: `"strict"`. */
  readonly mode?: Mode | undefined
}

/**
 * How a trajectory compared.
 *
 * @category models
 * @since 0.1.0
 */
export interface Match {
  readonly matches: boolean
  /** Such as `2 of 3 calls matched; missing: search; extra: none`. */
  readonly comment: string
}

type Conversation = ReadonlyArray<Messages.Message>

/**
 * Holds a trajectory against the expected one. Calls are paired one to one in the best way there is: a pairing that
 * exists is found. The way in which arguments are compared (see `ToolCalls.ArgumentMatch`) always looks from the calls
 * that were made to the expected ones. Two trajectories without calls match.
 *
 * **Example** (More than was expected)
 *
 * ```ts
 * import { Trajectory } from "effect-evals/scorers"
 *
 * const call = (name: string) => ({ role: "assistant", text: "", toolCalls: [{ name, arguments: {} }] }) as const
 * const made = [call("search"), call("open"), call("answer")]
 * const expected = [call("search"), call("answer")]
 * console.log(Trajectory.matchOf(made, expected, { mode: "in order" }).comment)
 * // => 2 of 2 expected calls matched in order; missing: none; extra: open
 * console.log(Trajectory.matchOf(made, expected).matches) // => false
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const matchOf = (actual: Conversation, expected: Conversation, options: MatchOptions = {}): Match => {
  const { mode = "strict" } = options
  if (mode === "strict") return strictMatch(actual, expected, options)
  const made = callsOf(actual)
  const wanted = callsOf(expected)
  const matches = matcherOf(options)
  const pair = mode === "in order" ? pairInOrder : pairCalls
  const { missing, partners } = pair(made, wanted, (a, b) => Number(matches(a, b)))
  const extra = made.filter((_, i) => partners[i] === -1)
  const allowed = {
    extra: mode === "superset" || mode === "in order",
    missing: mode === "subset"
  }
  return {
    matches: (allowed.extra || extra.length === 0) && (allowed.missing || missing.length === 0),
    comment: `${wanted.length - missing.length} of ${counted(wanted.length, "expected call")} matched${
      mode === "in order" ? " in order" : ""
    }; missing: ${names(missing.flatMap((i) => wanted[i] ?? []))}; extra: ${names(extra)}`
  }
}

const callsOf = (conversation: Conversation): ReadonlyArray<Messages.ToolCall> =>
  conversation.flatMap(({ toolCalls }) => toolCalls)

const names = (calls: ReadonlyArray<Messages.ToolCall>): string => listOf(calls.map(({ name }) => name))

const strictMatch = (actual: Conversation, expected: Conversation, options: ArgumentOptions): Match => {
  if (actual.length !== expected.length) {
    return {
      matches: false,
      comment: `${counted(actual.length, "message")}, and ${expected.length} were expected; calls: ${
        names(callsOf(actual))
      }; expected: ${names(callsOf(expected))}`
    }
  }
  const matches = matcherOf(options)
  for (const [i, message] of actual.entries()) {
    const wanted = expected[i]!
    if (message.role !== wanted.role) {
      return { matches: false, comment: `message ${i + 1} is of the ${message.role}, not of the ${wanted.role}` }
    }
    const { missing, partners } = pairCalls(message.toolCalls, wanted.toolCalls, (a, b) => Number(matches(a, b)))
    const extra = message.toolCalls.filter((_, k) => partners[k] === -1)
    if (extra.length > 0 || missing.length > 0) {
      return {
        matches: false,
        comment: `message ${i + 1}: ${wanted.toolCalls.length - missing.length} of ${
          counted(wanted.toolCalls.length, "expected call")
        } matched; missing: ${names(missing.flatMap((k) => wanted.toolCalls[k] ?? []))}; extra: ${names(extra)}`
      }
    }
  }
  return {
    matches: true,
    comment: `all of ${counted(actual.length, "message")} and ${counted(callsOf(actual).length, "call")} matched`
  }
}

/** A list of calls is a conversation of one message for each. */
const readConversation: Reader<Conversation> = (value) => {
  const messages = Messages.read(value)
  if (Result.isSuccess(messages)) return Result.succeed(messages.success)
  const calls = Messages.readCalls(value)
  return Result.isSuccess(calls)
    ? Result.succeed(calls.success.map((call) => ({ role: "assistant", text: "", toolCalls: [call] })))
    : Result.fail(`is ${describe(value)}, not messages or calls: ${messages.failure.message}`)
}

/**
 * Whether the output is the expected trajectory: `true` or `false`, under the key `trajectory`. See `Mode` for what has
 * to agree. The comment says what did not.
 *
 * **Example** (The arguments of one tool do not matter)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Trajectory } from "effect-evals/scorers"
 *
 * const messages = (q: string) => [
 *   { role: "user", content: "Who is Ada?" },
 *   { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "search", input: { q } }] }
 * ]
 * const evaluation = Evaluation.make("agent", {
 *   data: Dataset.fromIterable("tasks", [{ inputs: "Who is Ada?", referenceOutputs: messages("Ada Lovelace") }]),
 *   target: () => messages("ada")
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [Trajectory.matches(), Trajectory.matches({ key: "same_tools", perTool: { search: "ignore" } })]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, key, score } of experiment.rows.flatMap(Row.results)) console.log(`${key} ${score}: ${comment}`)
 * // => trajectory false: message 2: 0 of 1 expected call matched; missing: search; extra: search
 * // => same_tools true: all of 2 messages and 1 call matched
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const matches = <I, O, Ref, M>(
  options: Options<I, O, Ref, M> & MatchOptions = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { arguments: argumentMatch, mode = "strict", perTool } = options
  return pair(
    {
      name: "trajectory",
      own: { arguments: true, mode: true, perTool: true },
      config: { argumentMatch, mode, perTool }
    },
    options,
    { actual: readConversation, expected: readConversation },
    (actual, expected) => {
      const { comment, matches } = matchOf(actual, expected, options)
      return { score: matches, comment }
    }
  )
}

/**
 * How many of the expected calls were made in their order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Order {
  /** The length of the longest common subsequence over the number of expected calls; `undefined` where none is expected. */
  readonly score: number | undefined
  /** How many calls are in the longest common subsequence. */
  readonly matched: number
}

/**
 * How far calls follow the expected order: the longest common subsequence of both, over the number of expected calls.
 * Other calls between them do not matter.
 *
 * **Example** (Two of three)
 *
 * ```ts
 * import { Trajectory } from "effect-evals/scorers"
 *
 * const calls = (...names: ReadonlyArray<string>) => names.map((name) => ({ name }))
 * console.log(Trajectory.orderOf(calls("plan", "open", "search"), calls("plan", "search", "open")).matched) // => 2
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const orderOf = (
  actual: ReadonlyArray<Messages.ToolCall>,
  expected: ReadonlyArray<Messages.ToolCall>,
  options: ArgumentOptions = {}
): Order => {
  const matches = matcherOf(options)
  const { missing } = pairInOrder(actual, expected, (a, b) => Number(matches(a, b)))
  const matched = expected.length - missing.length
  return { score: expected.length === 0 ? undefined : matched / expected.length, matched }
}

/**
 * How many of the expected calls were made in their order, from 0 to 1, under the key `trajectory_order`: see
 * `orderOf`. `Skipped` where no calls are expected.
 *
 * @category scorers
 * @since 0.1.0
 */
export const follows = <I, O, Ref, M>(
  options: Options<I, O, Ref, M> & ArgumentOptions = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const { arguments: argumentMatch, perTool } = options
  return pair(
    {
      name: "trajectory_order",
      own: { arguments: true, perTool: true },
      config: { argumentMatch, perTool },
      feedbackConfig: share
    },
    options,
    { actual: readToolCalls, expected: readToolCalls },
    (actual, expected) => {
      const { matched, score } = orderOf(actual, expected, options)
      if (score === undefined) return Evaluator.skip("no calls are expected, so there is no order to follow")
      return {
        score,
        comment: `longest common subsequence ${matched} of ${counted(expected.length, "expected call")} (${
          rounded(score)
        }), in ${counted(actual.length, "call")}`
      }
    }
  )
}
