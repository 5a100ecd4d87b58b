/** Answers that came in pieces, as the whole that they amount to. */
import * as Predicate from "effect/Predicate"

type Fields = Record<string, unknown>

const record = (value: unknown): Fields => Predicate.isObject(value) && !Array.isArray(value) ? value : {}

const list = (value: unknown): ReadonlyArray<Fields> => Array.isArray(value) ? value.map(record) : []

interface Choice {
  readonly index: unknown
  readonly message: Fields
  readonly calls: Array<{ readonly key: unknown; readonly call: Fields; readonly function: Fields }>
  finish: unknown
}

/** A chat completion of its chunks. */
export const chatOf = (chunks: ReadonlyArray<unknown>): Fields => {
  const choices: Array<Choice> = []
  const whole: Fields = {}
  for (const chunk of chunks.map(record)) {
    for (const key of ["id", "model", "created", "system_fingerprint", "service_tier", "usage"]) {
      if (Predicate.isNotNullish(chunk[key])) whole[key] = chunk[key]
    }
    for (const { delta, finish_reason, index } of list(chunk["choices"])) {
      let choice = choices.find((choice) => choice.index === index)
      if (choice === undefined) {
        choice = { index, message: { role: "assistant", content: null }, calls: [], finish: null }
        choices.push(choice)
      }
      addDelta(choice, record(delta))
      if (Predicate.isNotNullish(finish_reason)) choice.finish = finish_reason
    }
  }
  return {
    ...whole,
    choices: choices.map(({ calls, finish, index, message }) => ({
      index,
      finish_reason: finish,
      message: {
        ...message,
        ...(calls.length === 0
          ? {}
          : { tool_calls: calls.map((entry) => ({ ...entry.call, function: entry.function })) })
      }
    }))
  }
}

const addDelta = (choice: Choice, { tool_calls, ...delta }: Fields): void => {
  const { calls, message } = choice
  for (const [key, value] of Object.entries(delta)) {
    // A text goes on where it stopped, except the role, which some servers repeat.
    if (value === null || value === undefined) continue
    const before = message[key]
    message[key] = typeof value === "string" && typeof before === "string" && key !== "role" ? before + value : value
  }
  for (const { function: said, id, index, ...rest } of list(tool_calls)) {
    // By its index; servers that send none begin each call with its id, and go on with the last one.
    const key = index ?? id ?? calls.at(-1)?.key
    let entry = calls.find((entry) => entry.key === key)
    if (entry === undefined) {
      entry = { key, call: { type: "function" }, function: { name: "", arguments: "" } }
      calls.push(entry)
    }
    if (Predicate.isNotNullish(id)) entry.call["id"] = id
    Object.assign(entry.call, rest)
    const { arguments: text, name } = record(said)
    if (typeof text === "string") entry.function["arguments"] = `${entry.function["arguments"]}${text}`
    if (typeof name === "string") entry.function["name"] = `${entry.function["name"]}${name}`
  }
}

/** A text completion of its chunks. */
export const completionOf = (chunks: ReadonlyArray<unknown>): Fields => {
  const choices = new Map<unknown, Fields>()
  const whole: Fields = {}
  for (const chunk of chunks.map(record)) {
    for (const key of ["id", "model", "usage"]) if (Predicate.isNotNullish(chunk[key])) whole[key] = chunk[key]
    for (const { finish_reason, index, text } of list(chunk["choices"])) {
      const choice = choices.get(index) ?? { index, text: "", finish_reason: null }
      choice["text"] = `${choice["text"]}${typeof text === "string" ? text : ""}`
      if (Predicate.isNotNullish(finish_reason)) choice["finish_reason"] = finish_reason
      choices.set(index, choice)
    }
  }
  return { ...whole, choices: Array.from(choices.values()) }
}

/** A response of its events: the last one that holds it whole, or the items that were done before it broke off. */
export const responseOf = (chunks: ReadonlyArray<unknown>): Fields => {
  const events = chunks.map(record)
  const final = events.findLast(({ response, type }) =>
    response !== undefined && ["response.completed", "response.incomplete", "response.failed"].includes(String(type))
  )
  if (final !== undefined) return record(final["response"])
  const begun = record(events.find(({ response }) => response !== undefined)?.["response"])
  const output = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item)
  const text = events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => String(delta))
    .join("")
  return {
    ...begun,
    output: output.length > 0 || text === ""
      ? output
      : [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }]
  }
}
