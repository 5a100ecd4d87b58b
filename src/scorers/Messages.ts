/**
 * What an agent said and which tools it called, in one form, whatever library wrote it down.
 *
 * Read are: chat messages and responses of OpenAI (chat completions and the Responses API) and of Anthropic, prompts,
 * messages and response parts of `effect/ai`, messages of LangChain (instances, stored and serialised ones) and of the
 * AI SDK, and lists of calls. What does not say whose it is, and has calls, is the assistant's. Runs are read from
 * their spans.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe } from "../internal/values/describe.ts"
import { formatProblems, problemsOf } from "../internal/values/schemaMessage.ts"
import type * as Run from "../Run.ts"
import { readJsonText } from "./internal/jsonValues.ts"
import { argumentsOfText, hasCalls, readMessage } from "./internal/messageForms.ts"

/**
 * One call of a tool.
 *
 * @category models
 * @since 0.1.0
 */
export const ToolCall = Schema.Struct({
  /** The id that the model gave the call. */
  id: Schema.optional(Schema.String),
  name: Schema.String,
  /**
   * Data, most often an object. Where the model wrote a text that is not JSON, that text; `undefined` where they are
   * not known, and in an expected call where they do not matter.
   */
  arguments: Schema.optional(Schema.Unknown)
})

/**
 * One call of a tool.
 *
 * @category models
 * @since 0.1.0
 */
export interface ToolCall extends Schema.Schema.Type<typeof ToolCall> {}

/**
 * One message of a conversation.
 *
 * @category models
 * @since 0.1.0
 */
export const Message = Schema.Struct({
  role: Schema.Literals(["system", "user", "assistant", "tool"]),
  /** The text of it, parts joined; empty where there is none. */
  text: Schema.String,
  toolCalls: Schema.Array(ToolCall)
})

/**
 * One message of a conversation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Message extends Schema.Schema.Type<typeof Message> {}

/**
 * A value is not a conversation in a form that is known. `message` says where it is wrong.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnreadableMessages extends Schema.TaggedError<UnreadableMessages>()("UnreadableMessages", {
  message: Schema.String
}) {}

const decodeCalls = Schema.decodeUnknownResult(Schema.Array(ToolCall), { errors: "all" })

/**
 * Reads a conversation: a list of messages in any of the forms, one message, or an object with `messages`, `content`,
 * `choices` or `output`, as the libraries give them; or one of these as a JSON text.
 *
 * **Example** (OpenAI's form)
 *
 * ```ts
 * import { Result } from "effect"
 * import { Messages } from "effect-evals/scorers"
 *
 * const messages = Messages.read([
 *   { role: "user", content: "Weather in Oslo?" },
 *   {
 *     role: "assistant",
 *     content: null,
 *     tool_calls: [{ id: "1", type: "function", function: { name: "weather", arguments: "{\"city\":\"Oslo\"}" } }]
 *   }
 * ])
 * console.log(Result.getOrThrow(messages)[1]?.toolCalls)
 * // => [ { id: '1', name: 'weather', arguments: { city: 'Oslo' } } ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (value: unknown): Result.Result<ReadonlyArray<Message>, UnreadableMessages> => {
  const list = listOfMessages(value)
  if (list === undefined) {
    return Result.fail(new UnreadableMessages({ message: `expected messages, got ${describe(value)}` }))
  }
  const messages: Array<Message> = []
  for (const [i, item] of list.entries()) {
    const read = readMessage(item)
    if (read === undefined) {
      const message = `the message at ${i} is ${describe(item)}, which is of no known form`
      return Result.fail(new UnreadableMessages({ message }))
    }
    messages.push(...read)
  }
  return Result.succeed(messages)
}

const property = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined

/** The messages in what a library gives. */
const listOfMessages = (given: unknown): ReadonlyArray<unknown> | undefined => {
  const value = readJsonText(given, "strict")
  if (Array.isArray(value)) return value
  const messages = property(value, "messages")
  if (Array.isArray(messages)) return messages
  const choices = property(value, "choices")
  if (Array.isArray(choices)) return choices.slice(0, 1).map((choice) => property(choice, "message"))
  const output = property(value, "output")
  if (Array.isArray(output)) return output
  // A message of its own; `effect/ai`'s prompts and responses have content and no role.
  const content = property(value, "content")
  if (readMessage(value) !== undefined) return [value]
  return Array.isArray(content) ? content : undefined
}

/**
 * Reads the calls of tools, in their order: of a conversation in any of the forms, or a list of calls, each with a
 * `name` (or `toolName`, or a `function` with a `name`) and its `arguments` (or `args`, `input`, `params`,
 * `parameters`). In a list, a text is the name of a tool whose arguments do not matter.
 *
 * **Example** (Calls of two forms)
 *
 * ```ts
 * import { Result } from "effect"
 * import { Messages } from "effect-evals/scorers"
 *
 * console.log(Result.getOrThrow(Messages.readCalls(["search", { toolName: "open", input: { id: 3 } }])))
 * // => [ { name: 'search' }, { name: 'open', arguments: { id: 3 } } ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const readCalls = (given: unknown): Result.Result<ReadonlyArray<ToolCall>, UnreadableMessages> => {
  const value = readJsonText(given, "strict")
  const items = Array.isArray(value)
    ? value
    : readMessage(value) === undefined && isBareCall(value)
    ? [value]
    : undefined
  if (items !== undefined && items.every((item) => typeof item === "string" || isBareCall(item))) {
    const calls = items.map(bareCall)
    return Result.mapError(
      decodeCalls(calls),
      (error) => new UnreadableMessages({ message: formatProblems(problemsOf(error, calls)) })
    )
  }
  return Result.map(read(value), (messages) => messages.flatMap(({ toolCalls }) => toolCalls))
}

/** A call that stands for itself: parts and messages have a role or a type. */
const isBareCall = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false
  const type = property(value, "type")
  if (
    hasCalls(value) || property(value, "role") !== undefined ||
    (type !== undefined && type !== "function" && type !== "tool_call")
  ) {
    return false
  }
  return typeof nameOf(value) === "string"
}

const nameOf = (call: unknown): unknown => {
  const f = property(call, "function")
  return property(call, "name") ?? property(call, "toolName") ?? (typeof f === "string" ? f : property(f, "name"))
}

const bareCall = (call: unknown): unknown => {
  if (typeof call === "string") return { name: call }
  const f = property(call, "function")
  const holder = typeof f === "object" ? f : call
  const given = ["arguments", "args", "input", "params", "parameters"].map((key) => property(holder, key))
    .find((value) => value !== undefined)
  const id = property(call, "id") ?? property(call, "toolCallId")
  return {
    ...(id === undefined ? {} : { id }),
    name: nameOf(call),
    ...(given === undefined ? {} : { arguments: argumentsOfText(given) })
  }
}

/**
 * Which span is a call of a tool.
 *
 * @category options
 * @since 0.1.0
 */
export interface SpanOptions {
  /**
   * The call that a span stands for, or `undefined`. Default: spans of the run type `tool`, and spans with one of the
   * attributes `gen_ai.tool.name` and `tool.name`; the arguments are in `gen_ai.tool.call.arguments`, `tool.arguments`
   * or `tool.parameters`.
   */
  readonly call?: ((span: Run.ChildRun) => ToolCall | undefined) | undefined
}

/**
 * The calls of tools in the spans of a run, by the time they began. A tool that opens no span is not seen: wrap its
 * handler in `Effect.withSpan("search", { attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name":
 * "search", "gen_ai.tool.call.arguments": ... } })`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const callsOfRun = (
  run: { readonly childRuns: ReadonlyArray<Run.ChildRun> },
  options: SpanOptions = {}
): ReadonlyArray<ToolCall> => {
  const call = options.call ?? callOfSpan
  const calls: Array<{ readonly time: number; readonly call: ToolCall }> = []
  const visit = (spans: ReadonlyArray<Run.ChildRun>): void => {
    for (const span of spans) {
      const found = call(span)
      if (found !== undefined) calls.push({ time: span.startTime, call: found })
      visit(span.childRuns)
    }
  }
  visit(run.childRuns)
  return calls.sort((a, b) => a.time - b.time).map(({ call }) => call)
}

const callOfSpan = ({ attributes, name, runType }: Run.ChildRun): ToolCall | undefined => {
  const stated = attributes["gen_ai.tool.name"] ?? attributes["tool.name"]
  if (runType !== "tool" && stated === undefined) return undefined
  const given = attributes["gen_ai.tool.call.arguments"] ?? attributes["tool.arguments"] ??
    attributes["tool.parameters"]
  return {
    name: typeof stated === "string" ? stated : name.replace(/^execute_tool /, ""),
    ...(given === undefined ? {} : { arguments: argumentsOfText(given) })
  }
}
