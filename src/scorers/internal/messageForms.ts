/** The forms in which libraries write messages down, each decoded with its schema. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** A message in the neutral form; `Messages.Message` decodes it. */
interface Neutral {
  readonly role: string
  readonly text: string
  readonly toolCalls: ReadonlyArray<{ readonly id?: string; readonly name: string; readonly arguments?: unknown }>
}

/** Arguments that are a text are JSON; where they are not, the model made a mistake, and the text is what is known. */
export const argumentsOfText = (given: unknown): unknown => {
  if (typeof given !== "string") return given
  if (given.trim() === "") return {}
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}

const call = (name: string, given: unknown, id: string | null | undefined): Neutral["toolCalls"][number] => ({
  ...(id === undefined || id === null ? {} : { id }),
  name,
  arguments: argumentsOfText(given)
})

const roles: { readonly [role: string]: string } = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  ai: "assistant",
  tool: "tool",
  function: "tool"
}

const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

/** A part of a message, as OpenAI, Anthropic and `effect/ai` write it. */
const TextPart = Schema.Struct({ text: Schema.String })
const AnthropicCall = Schema.Struct({
  type: Schema.Literals(["tool_use", "server_tool_use"]),
  id: Schema.optional(Schema.String),
  name: Schema.String,
  input: Schema.optional(Schema.Unknown)
})
const EffectCall = Schema.Struct({
  type: Schema.Literal("tool-call"),
  id: Schema.optional(Schema.String),
  name: Schema.String,
  params: Schema.optional(Schema.Unknown)
})
const OpenAiCall = Schema.Struct({
  id: nullish(Schema.String),
  function: Schema.Struct({ name: Schema.String, arguments: nullish(Schema.Unknown) })
})
const LangChainCall = Schema.Struct({ id: nullish(Schema.String), name: Schema.String, args: Schema.Unknown })
const LooseCall = Schema.Struct({
  id: nullish(Schema.String),
  name: Schema.String,
  arguments: Schema.optional(Schema.Unknown)
})
const ResponsesCall = Schema.Struct({
  type: Schema.Literals(["function_call", "custom_tool_call"]),
  name: Schema.String,
  call_id: Schema.optional(Schema.String),
  arguments: Schema.optional(Schema.Unknown),
  input: Schema.optional(Schema.Unknown)
})

const decoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): (value: unknown) => S["Type"] | undefined => {
  const decode = Schema.decodeUnknownResult(schema)
  return (value) => Result.getOrUndefined(decode(value))
}

const textPart = decoder(TextPart)
const anthropicCall = decoder(AnthropicCall)
const effectCall = decoder(EffectCall)
const openAiCall = decoder(OpenAiCall)
const langChainCall = decoder(LangChainCall)
const looseCall = decoder(LooseCall)
const responsesCall = decoder(ResponsesCall)

const ChatMessage = Schema.Struct({
  role: Schema.String,
  content: Schema.optional(Schema.Unknown),
  tool_calls: nullish(Schema.Array(Schema.Unknown)),
  toolCalls: nullish(Schema.Array(Schema.Unknown)),
  function_call: nullish(Schema.Struct({ name: Schema.String, arguments: nullish(Schema.Unknown) })),
  text: Schema.optional(Schema.String)
})
const chatMessage = decoder(ChatMessage)

const LangChainMessage = Schema.Struct({
  type: Schema.String,
  content: Schema.optional(Schema.Unknown),
  tool_calls: nullish(Schema.Array(Schema.Unknown)),
  additional_kwargs: nullish(Schema.Struct({ tool_calls: nullish(Schema.Array(Schema.Unknown)) }))
})
const langChainMessage = decoder(LangChainMessage)

/** `{ type: "ai", data: { content, tool_calls } }`: how LangChain stores messages. */
const storedMessage = decoder(
  Schema.Struct({ type: Schema.String, data: Schema.Record(Schema.String, Schema.Unknown) })
)

/** `{ lc: 1, type: "constructor", id: [..., "AIMessage"], kwargs }`: how LangChain serialises them. */
const serializedMessage = decoder(Schema.Struct({
  lc: Schema.Finite,
  id: Schema.Array(Schema.String),
  kwargs: Schema.Record(Schema.String, Schema.Unknown)
}))

/** A message, or a part that stands for itself; none for parts that say nothing, and `undefined` for an unknown form. */
export const readMessage = (value: unknown): ReadonlyArray<Neutral> | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
  const instance = instanceType(value)
  if (instance !== undefined) return fromLangChain({ ...fieldsOf(value), type: instance })
  const serialized = serializedMessage(value)
  if (serialized !== undefined) {
    const type = (serialized.id.at(-1) ?? "").replace(/Message(Chunk)?$/, "").toLowerCase()
    return fromLangChain({ ...serialized.kwargs, type })
  }
  const stored = storedMessage(value)
  if (stored !== undefined && roles[stored.type] !== undefined) {
    return fromLangChain({ ...stored.data, type: stored.type })
  }
  const chat = chatMessage(value)
  if (chat !== undefined) return fromChat(chat)
  return fromItem(value) ?? fromLangChain(value)
}

/** Messages of LangChain know their type by a method. */
const instanceType = (value: object): string | undefined => {
  for (const method of ["getType", "_getType"]) {
    const f: unknown = Reflect.get(value, method)
    if (typeof f === "function") return String(Reflect.apply(f, value, []))
  }
  return undefined
}

/** The fields of an instance, those that it has by its class included. */
const fieldsOf = (value: object): { readonly [key: string]: unknown } => ({
  content: Reflect.get(value, "content"),
  tool_calls: Reflect.get(value, "tool_calls"),
  additional_kwargs: Reflect.get(value, "additional_kwargs")
})

const fromChat = (message: typeof ChatMessage.Type): ReadonlyArray<Neutral> | undefined => {
  const role = roles[message.role]
  if (role === undefined) return undefined
  const listed = callsIn([...(message.tool_calls ?? []), ...(message.toolCalls ?? [])])
  const parts = partsOf(message.content)
  if (listed === undefined || parts === undefined) return undefined
  const legacy = message.function_call
  return [{
    // What a tool answers stands in a message of the user with Anthropic.
    role: parts.onlyResults ? "tool" : role,
    text: message.text ?? parts.text,
    toolCalls: [
      ...listed,
      ...parts.calls,
      ...(legacy === undefined || legacy === null ? [] : [call(legacy.name, legacy.arguments ?? "", undefined)])
    ]
  }]
}

const fromLangChain = (value: object): ReadonlyArray<Neutral> | undefined => {
  const message = langChainMessage(value)
  const role = message === undefined ? undefined : roles[message.type]
  if (message === undefined || role === undefined) return undefined
  const own = message.tool_calls ?? []
  const listed = callsIn(own.length > 0 ? own : message.additional_kwargs?.tool_calls ?? [])
  const parts = partsOf(message.content)
  if (listed === undefined || parts === undefined) return undefined
  // Calls stand in the content once more where the model is Anthropic's.
  return [{ role, text: parts.text, toolCalls: listed.length > 0 ? listed : parts.calls }]
}

const callsIn = (items: ReadonlyArray<unknown>): Neutral["toolCalls"] | undefined => {
  const calls: Array<Neutral["toolCalls"][number]> = []
  for (const item of items) {
    const openAi = openAiCall(item)
    const langChain = openAi === undefined ? langChainCall(item) : undefined
    const loose = openAi === undefined && langChain === undefined ? looseCall(item) : undefined
    if (openAi !== undefined) calls.push(call(openAi.function.name, openAi.function.arguments ?? "", openAi.id))
    else if (langChain !== undefined) calls.push(call(langChain.name, langChain.args, langChain.id))
    else if (loose !== undefined) calls.push(call(loose.name, loose.arguments ?? "", loose.id))
    else return undefined
  }
  return calls
}

interface Parts {
  readonly text: string
  readonly calls: Neutral["toolCalls"]
  readonly onlyResults: boolean
}

const partsOf = (content: unknown): Parts | undefined => {
  if (content === undefined || content === null) return { text: "", calls: [], onlyResults: false }
  if (typeof content === "string") return { text: content, calls: [], onlyResults: false }
  if (!Array.isArray(content)) return undefined
  const parts = content.map(partOf)
  return {
    text: parts.map(({ text }) => text).join(""),
    calls: parts.flatMap(({ calls }) => calls),
    onlyResults: parts.length > 0 && parts.every(({ isResult }) => isResult)
  }
}

interface Part {
  readonly text: string
  readonly calls: Neutral["toolCalls"]
  readonly isResult: boolean
}

/** Parts of other kinds, such as images and reasoning, say nothing here. */
const partOf = (part: unknown): Part => {
  const type: unknown = typeof part === "object" && part !== null ? Reflect.get(part, "type") : undefined
  if (type === "reasoning" || type === "thinking") return { text: "", calls: [], isResult: false }
  const anthropic = anthropicCall(part)
  if (anthropic !== undefined) {
    return { text: "", calls: [call(anthropic.name, anthropic.input ?? {}, anthropic.id)], isResult: false }
  }
  const effect = effectCall(part)
  if (effect !== undefined) {
    return { text: "", calls: [call(effect.name, effect.params ?? {}, effect.id)], isResult: false }
  }
  return {
    text: typeof part === "string" ? part : textPart(part)?.text ?? "",
    calls: [],
    isResult: type === "tool_result" || type === "tool-result"
  }
}

/** Items that are no messages and stand in lists by themselves: OpenAI's Responses API, parts of `effect/ai`. */
const fromItem = (value: object): ReadonlyArray<Neutral> | undefined => {
  const type: unknown = Reflect.get(value, "type")
  const response = responsesCall(value)
  if (response !== undefined) {
    const toolCalls = [call(response.name, response.arguments ?? response.input ?? "", response.call_id)]
    return [{ role: "assistant", text: "", toolCalls }]
  }
  if (typeof type !== "string") return undefined
  if (type === "function_call_output" || type === "tool-result") return [{ role: "tool", text: "", toolCalls: [] }]
  if (type === "text" || type === "tool-call" || type === "tool_use" || type === "server_tool_use") {
    const { calls, text } = partOf(value)
    return [{ role: "assistant", text, toolCalls: calls }]
  }
  return silent.has(type) ? [] : undefined
}

/** Items of these kinds say nothing here. */
const silent = new Set([
  "reasoning",
  "thinking",
  "finish",
  "response-metadata",
  "tool-approval-request",
  "tool-approval-response",
  "source",
  "file",
  "web_search_call",
  "file_search_call",
  "computer_call",
  "code_interpreter_call"
])
