/** What calls of OpenAI's client are, by OpenTelemetry's GenAI conventions. */
import * as Predicate from "effect/Predicate"
import { toJson } from "../../internal/values/json.ts"
import type { Attributes } from "./call.ts"
import { chatOf, completionOf, responseOf } from "./openaiStreams.ts"
import type { Plan } from "./wrapClient.ts"

interface Operation {
  readonly name: "chat" | "text_completion" | "embeddings"
  readonly answer: (body: Record<string, unknown>, content: boolean) => Attributes
  /** One answer of the pieces of a stream. */
  readonly gather: (chunks: ReadonlyArray<unknown>) => unknown
}

const record = (value: unknown): Record<string, unknown> =>
  Predicate.isObject(value) && !Array.isArray(value) ? value : {}

const list = (value: unknown): ReadonlyArray<Record<string, unknown>> => Array.isArray(value) ? value.map(record) : []

const usageOf = (usage: Record<string, unknown>): Attributes => ({
  "gen_ai.usage.input_tokens": usage["input_tokens"] ?? usage["prompt_tokens"],
  "gen_ai.usage.output_tokens": usage["output_tokens"] ?? usage["completion_tokens"],
  "gen_ai.usage.cache_read.input_tokens":
    record(usage["input_tokens_details"] ?? usage["prompt_tokens_details"])["cached_tokens"]
})

const common = (body: Record<string, unknown>): Attributes => ({
  "gen_ai.response.id": body["id"],
  "gen_ai.response.model": body["model"],
  ...usageOf(record(body["usage"]))
})

const choices = (key: "message" | "text"): Operation["answer"] => (body, content) => ({
  ...common(body),
  "gen_ai.response.finish_reasons": list(body["choices"]).map(({ finish_reason }) => finish_reason),
  "gen_ai.output.messages": content ? toJson(list(body["choices"]).map((choice) => choice[key])) : undefined
})

const chat: Operation = { name: "chat", answer: choices("message"), gather: chatOf }

const completion: Operation = { name: "text_completion", answer: choices("text"), gather: completionOf }

const response: Operation = {
  name: "chat",
  answer: (body, content) => ({
    ...common(body),
    "gen_ai.response.finish_reasons": body["status"] === undefined ? undefined : [body["status"]],
    "gen_ai.output.messages": content ? toJson(body["output"]) : undefined
  }),
  gather: responseOf
}

const embeddings: Operation = {
  name: "embeddings",
  // The numbers are of use to nobody who reads a trace.
  answer: (body) => ({
    ...common(body),
    outputs: { embeddings: list(body["data"]).length }
  }),
  gather: (chunks) => chunks.at(-1)
}

const operations: { readonly [path: string]: Operation } = {
  "chat.completions.create": chat,
  "chat.completions.parse": chat,
  "chat.completions.stream": chat,
  "beta.chat.completions.parse": chat,
  "completions.create": completion,
  "responses.create": response,
  "responses.parse": response,
  "responses.stream": response,
  "embeddings.create": embeddings
}

/** How a method is traced; `undefined` for those that are not. */
export const planOf = (path: string, provider: string, content: boolean): Plan | undefined => {
  const operation = Object.hasOwn(operations, path) ? operations[path] : undefined
  if (operation === undefined) return undefined
  const answer = (body: unknown) => operation.answer(record(body), content)
  return {
    name: (args) => [operation.name, record(args[0])["model"]].filter(Predicate.isString).join(" "),
    runType: operation.name === "embeddings" ? "embedding" : "llm",
    before: ([body]) => ({
      "gen_ai.operation.name": operation.name,
      "gen_ai.provider.name": provider,
      ...request(record(body), operation.name, content)
    }),
    after: answer,
    afterStream: (chunks) => answer(operation.gather(chunks))
  }
}

const request = (body: Record<string, unknown>, operation: Operation["name"], content: boolean): Attributes => {
  const stop = body["stop"]
  return {
    "gen_ai.request.model": body["model"],
    "gen_ai.request.temperature": body["temperature"],
    "gen_ai.request.top_p": body["top_p"],
    "gen_ai.request.frequency_penalty": body["frequency_penalty"],
    "gen_ai.request.presence_penalty": body["presence_penalty"],
    "gen_ai.request.seed": body["seed"],
    "gen_ai.request.max_tokens": body["max_completion_tokens"] ?? body["max_output_tokens"] ?? body["max_tokens"],
    "gen_ai.request.stop_sequences": typeof stop === "string" ? [stop] : stop,
    ...(content
      ? {
        "gen_ai.tool.definitions": jsonOf(body["tools"]),
        "gen_ai.system_instructions": jsonOf(body["instructions"]),
        "gen_ai.input.messages": operation === "chat" ? jsonOf(body["messages"] ?? body["input"]) : undefined,
        inputs: operation === "chat" ? undefined : jsonOf(body["prompt"] ?? body["input"])
      }
      : {})
  }
}

const jsonOf = (value: unknown) => value === undefined ? undefined : toJson(value)
