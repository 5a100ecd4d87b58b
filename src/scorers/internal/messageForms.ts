/** The forms in which libraries write messages down, each decoded with its schema. */
import type * as Messages from "../Messages.ts"

type Neutral = Messages.Message

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

const roles: { readonly [role: string]: Neutral["role"] } = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  ai: "assistant",
  tool: "tool",
  function: "tool"
}

const roleOf = (name: string): Neutral["role"] | undefined => Object.hasOwn(roles, name) ? roles[name] : undefined

type Guard<out A> = (value: unknown) => value is A

/**
 * Looks whether an object has the fields of a form, and gives it as that. Conversations are read message by message, with one
 * form after another; a schema would take more time for each that does not fit than all of this does.
 */
const form = <const Fields extends { readonly [field: string]: Guard<unknown> }>(fields: Fields) => {
  const entries = Object.entries(fields)
  type Form = { readonly [Field in keyof Fields]: Fields[Field] extends Guard<infer A> ? A : never }
  return (value: unknown): Form | undefined => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    for (const [field, fits] of entries) if (!fits(Reflect.get(value, field))) return undefined
    // All fields have just been looked at.
    return value as Form
  }
}

const isText: Guard<string> = (value) => typeof value === "string"
const isList: Guard<ReadonlyArray<unknown>> = (value) => Array.isArray(value)
const isRecord: Guard<{ readonly [key: string]: unknown }> = (value): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const present: Guard<{} | null> = (value): value is {} | null => value !== undefined
const optional = <A>(fits: Guard<A>): Guard<A | undefined> => (value): value is A | undefined =>
  value === undefined || fits(value)
const anything: Guard<unknown> = optional(present)
const nullish = <A>(fits: Guard<A>): Guard<A | null | undefined> => (value): value is A | null | undefined =>
  value === undefined || value === null || fits(value)
const oneOf = <const A extends string>(...names: ReadonlyArray<A>): Guard<A> => (value): value is A =>
  names.some((name) => name === value)
const nested = <A>(read: (value: unknown) => A | undefined): Guard<A> => (value): value is A =>
  read(value) !== undefined

/** Parts of a message, and calls, as OpenAI, Anthropic, LangChain, `effect/ai` and the AI SDK write them. */
const textPart = form({ text: isText })
const anthropicCall = form({
  type: oneOf("tool_use", "server_tool_use"),
  id: optional(isText),
  name: isText,
  input: anything
})
const effectCall = form({ type: oneOf("tool-call"), id: optional(isText), name: isText, params: anything })
const aiSdkCall = form({
  type: oneOf("tool-call"),
  toolCallId: optional(isText),
  toolName: isText,
  input: anything,
  args: anything
})
const openAiCall = form({ id: nullish(isText), function: nested(form({ name: isText, arguments: anything })) })
const langChainCall = form({ id: nullish(isText), name: isText, args: present })
const looseCall = form({ id: nullish(isText), name: isText, arguments: anything })
const responsesCall = form({
  type: oneOf("function_call", "custom_tool_call"),
  name: isText,
  call_id: optional(isText),
  arguments: anything,
  input: anything
})

const chatMessage = form({
  role: isText,
  content: anything,
  parts: anything,
  tool_calls: nullish(isList),
  toolCalls: nullish(isList),
  function_call: nullish(nested(form({ name: isText, arguments: anything }))),
  text: optional(isText)
})
type ChatMessage = NonNullable<ReturnType<typeof chatMessage>>

/** The message of a model, or a step of an agent, that does not say whose it is. */
const answer = form({
  role: (value) => value === undefined,
  type: (value) => value === undefined,
  tool_calls: nullish(isList),
  toolCalls: nullish(isList)
})

const langChainMessage = form({
  type: isText,
  content: anything,
  tool_calls: nullish(isList),
  additional_kwargs: nullish(nested(form({ tool_calls: nullish(isList) })))
})

/** `{ type: "ai", data: { content, tool_calls } }`: how LangChain stores messages. */
const storedMessage = form({ type: isText, data: isRecord })

/** `{ lc: 1, type: "constructor", id: [..., "AIMessage"], kwargs }`: how LangChain serialises them. */
const serializedMessage = form({
  lc: (value): value is number => typeof value === "number",
  id: (value): value is ReadonlyArray<string> => Array.isArray(value) && value.every(isText),
  kwargs: isRecord
})

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
  if (stored !== undefined && roleOf(stored.type) !== undefined) {
    return fromLangChain({ ...stored.data, type: stored.type })
  }
  const chat = chatMessage(value)
  if (chat !== undefined) return fromChat(chat)
  return fromItem(value) ?? fromLangChain(value) ?? fromAnswer(value)
}

/** Results of libraries have these as getters, beside a content that says more. */
export const hasCalls = (value: object): boolean =>
  Object.hasOwn(value, "tool_calls") || Object.hasOwn(value, "toolCalls")

const fromAnswer = (value: object): ReadonlyArray<Neutral> | undefined => {
  if (answer(value) === undefined || !hasCalls(value)) return undefined
  const message = chatMessage({ ...value, role: "assistant" })
  return message === undefined ? undefined : fromChat(message)
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

const fromChat = (message: ChatMessage): ReadonlyArray<Neutral> | undefined => {
  const role = roleOf(message.role)
  if (role === undefined || (message.content === undefined && message.parts !== undefined)) return undefined
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
  const role = message === undefined ? undefined : roleOf(message.type)
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
    const found = listedCall(item)
    if (found === undefined) return undefined
    calls.push(found)
  }
  return calls
}

const listedCall = (item: unknown): Neutral["toolCalls"][number] | undefined => {
  const openAi = openAiCall(item)
  if (openAi !== undefined) return call(openAi.function.name, openAi.function.arguments ?? "", openAi.id)
  const langChain = langChainCall(item)
  if (langChain !== undefined) return call(langChain.name, langChain.args, langChain.id)
  const loose = looseCall(item)
  if (loose !== undefined) return call(loose.name, loose.arguments ?? "", loose.id)
  const aiSdk = aiSdkCall(item)
  return aiSdk === undefined ? undefined : fromAiSdk(aiSdk)
}

const fromAiSdk = ({ args, input, toolCallId, toolName }: NonNullable<ReturnType<typeof aiSdkCall>>) =>
  call(toolName, input ?? args ?? {}, toolCallId)

interface Parts {
  readonly text: string
  readonly calls: Neutral["toolCalls"]
  readonly onlyResults: boolean
}

const partsOf = (content: unknown): Parts | undefined => {
  if (content === undefined || content === null) return { text: "", calls: [], onlyResults: false }
  if (typeof content === "string") return { text: content, calls: [], onlyResults: false }
  if (!Array.isArray(content)) return undefined
  const parts: Array<Part> = []
  for (const item of content) {
    const part = partOf(item)
    if (part === undefined) return undefined
    parts.push(part)
  }
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

/** A part that calls a tool, of which it is not known how: what it says must not be lost. */
const callTypes = new Set<unknown>(["tool-call", "tool_call", "tool_use", "server_tool_use", "function_call"])

/** Parts of other kinds, such as images and reasoning, say nothing here; `undefined` for calls of an unknown form. */
const partOf = (part: unknown): Part | undefined => {
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
  const aiSdk = aiSdkCall(part)
  if (aiSdk !== undefined) return { text: "", calls: [fromAiSdk(aiSdk)], isResult: false }
  const langChain = type === "tool_call" ? langChainCall(part) : undefined
  if (langChain !== undefined) {
    return { text: "", calls: [call(langChain.name, langChain.args, langChain.id)], isResult: false }
  }
  if (callTypes.has(type)) return undefined
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
    const part = partOf(value)
    return part === undefined ? undefined : [{ role: "assistant", text: part.text, toolCalls: part.calls }]
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
