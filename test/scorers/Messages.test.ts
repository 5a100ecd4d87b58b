import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Prompt } from "effect/ai"
import { Dataset, Evaluation } from "../../src/index.ts"
import { Messages } from "../../src/scorers/index.ts"
import { untraced } from "../support/run.ts"

const read = (value: unknown) => Result.getOrThrow(Messages.read(value))
const failure = (value: unknown) =>
  Result.match(Messages.read(value), { onSuccess: () => "read", onFailure: ({ message }) => message })

const call = { id: "c1", name: "weather", arguments: { city: "Oslo" } }

const asks: Messages.Message = { role: "user", text: "Weather?", toolCalls: [] }
const calls: Messages.Message = { role: "assistant", text: "Let me see.", toolCalls: [call] }

const conversation: ReadonlyArray<Messages.Message> = [
  asks,
  calls,
  { role: "tool", text: "", toolCalls: [] },
  { role: "assistant", text: "Sunny.", toolCalls: [] }
]

/** What tools answer is not compared. */
const withoutResults = (messages: ReadonlyArray<Messages.Message>) =>
  messages.map((message) => message.role === "tool" ? { ...message, text: "" } : message)

const json = JSON.stringify({ city: "Oslo" })

describe("one form for all", () => {
  it("reads OpenAI's chat completions", () => {
    const messages = [
      { role: "user", content: [{ type: "text", text: "Weather?" }, { type: "image_url", image_url: { url: "x" } }] },
      {
        role: "assistant",
        content: "Let me see.",
        refusal: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: json } }]
      },
      { role: "tool", tool_call_id: "c1", content: "20" },
      { role: "assistant", content: "Sunny.", tool_calls: null }
    ]
    assert.deepStrictEqual(withoutResults(read(messages)), conversation)
    assert.deepStrictEqual(withoutResults(read({ messages })), conversation)
    assert.deepStrictEqual(withoutResults(read(JSON.stringify(messages))), conversation)
    assert.deepStrictEqual(read({ choices: [{ index: 0, message: messages[1] }] }), [calls])
    assert.deepStrictEqual(
      read([{ role: "developer", content: "x" }, {
        role: "assistant",
        content: null,
        function_call: { name: "f", arguments: "{}" }
      }]),
      [
        { role: "system", text: "x", toolCalls: [] },
        { role: "assistant", text: "", toolCalls: [{ name: "f", arguments: {} }] }
      ]
    )
  })

  it("reads OpenAI's responses", () => {
    assert.deepStrictEqual(
      read({
        output: [
          { type: "reasoning", summary: [] },
          { type: "function_call", call_id: "c1", name: "weather", arguments: json, status: "completed" },
          { type: "function_call_output", call_id: "c1", output: "20" },
          { type: "message", role: "assistant", content: [{ type: "output_text", text: "Sunny." }] }
        ]
      }),
      [{ role: "assistant", text: "", toolCalls: [call] }, ...conversation.slice(2)]
    )
  })

  it("reads Anthropic's messages", () => {
    const messages = [
      { role: "user", content: "Weather?" },
      {
        role: "assistant",
        content: [{ type: "thinking", thinking: "hm", text: "not said" }, { type: "text", text: "Let me see." }, {
          type: "tool_use",
          id: "c1",
          name: "weather",
          input: { city: "Oslo" }
        }]
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "20" }] },
      { role: "assistant", content: [{ type: "text", text: "Sunny." }] }
    ]
    assert.deepStrictEqual(withoutResults(read(messages)), conversation)
    assert.deepStrictEqual(read({ id: "m", type: "message", role: "assistant", content: messages[1]!.content }), [
      calls
    ])
  })

  it("reads prompts, messages and responses of effect/ai", () => {
    const prompt = Prompt.make([
      { role: "user", content: [{ type: "text", text: "Weather?" }] },
      {
        role: "assistant",
        content: [{ type: "text", text: "Let me see." }, {
          type: "tool-call",
          id: "c1",
          name: "weather",
          params: { city: "Oslo" },
          providerExecuted: false
        }]
      },
      { role: "tool", content: [{ type: "tool-result", id: "c1", name: "weather", isFailure: false, result: 20 }] },
      { role: "assistant", content: [{ type: "text", text: "Sunny." }] }
    ])
    assert.deepStrictEqual(withoutResults(read(prompt)), conversation)
    assert.deepStrictEqual(withoutResults(read(prompt.content)), conversation)
    assert.deepStrictEqual(
      read({
        content: [{ type: "reasoning", text: "hm" }, {
          type: "tool-call",
          id: "c1",
          name: "weather",
          params: { city: "Oslo" }
        }, { type: "finish", reason: "stop" }]
      }),
      [{ role: "assistant", text: "", toolCalls: [call] }]
    )
  })

  it("reads messages of LangChain: instances, stored, serialised", () => {
    class AIMessage {
      readonly content = "Let me see."
      readonly tool_calls = [{ id: "c1", name: "weather", args: { city: "Oslo" }, type: "tool_call" }]
      getType() {
        return "ai"
      }
    }
    const plain = { content: "Let me see.", tool_calls: [{ id: "c1", name: "weather", args: { city: "Oslo" } }] }
    const asOpenAi = {
      content: "Let me see.",
      tool_calls: [],
      additional_kwargs: { tool_calls: [{ id: "c1", function: { name: "weather", arguments: json } }] }
    }
    for (
      const message of [
        new AIMessage(),
        { type: "ai", ...plain },
        { type: "ai", ...asOpenAi },
        { type: "ai", data: plain },
        { lc: 1, type: "constructor", id: ["langchain_core", "messages", "AIMessageChunk"], kwargs: plain },
        {
          type: "ai",
          content: [{ type: "text", text: "Let me see." }, { type: "tool_use", id: "c1", name: "weather", input: {} }],
          tool_calls: plain.tool_calls
        }
      ]
    ) {
      assert.deepStrictEqual(read([message]), [calls])
    }
    assert.deepStrictEqual(read([{ type: "human", content: "Weather?" }]), [asks])
  })

  it("reads messages and results of the AI SDK", () => {
    const input = { city: "Oslo" }
    for (const given of [{ input }, { args: input }]) {
      const part = { type: "tool-call", toolCallId: "c1", toolName: "weather", ...given }
      const messages = [
        { role: "user", content: [{ type: "text", text: "Weather?" }] },
        { role: "assistant", content: [{ type: "text", text: "Let me see." }, part] },
        { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "weather", output: 20 }] },
        { role: "assistant", content: "Sunny." }
      ]
      assert.deepStrictEqual(withoutResults(read(messages)), conversation)
      assert.deepStrictEqual(read({ text: "Let me see.", toolCalls: [part] }), [calls])
    }
  })

  it("reads answers and steps that do not say whose they are", () => {
    const openAi = { id: "c1", function: { name: "weather", arguments: json } }
    assert.deepStrictEqual(read({ content: "Let me see.", tool_calls: [openAi] }), [calls])
    assert.deepStrictEqual(read({ tool_calls: [openAi] }), [{ ...calls, text: "" }])
    assert.deepStrictEqual(
      read([{ step_number: 1, tool_calls: [call] }, { step_number: 2, tool_calls: [] }]),
      [{ ...calls, text: "" }, { ...calls, text: "", toolCalls: [] }]
    )
  })

  it("does not lose calls of a form that it does not know", () => {
    const unread = "the message at 0 is an object with keys role, content, which is of no known form"
    for (const type of ["tool-call", "tool_use", "tool_call"]) {
      assert.strictEqual(failure([{ role: "assistant", content: [{ type, tool: "weather" }] }]), unread)
    }
    assert.match(failure([{ role: "assistant", parts: [{ type: "tool-weather", input: {} }] }]), /no known form/)
    assert.match(failure({ text: "Let me see.", toolCalls: [{ nothing: 1 }] }), /expected messages/)
  })

  it("keeps arguments that are no JSON as they were written", () => {
    const messages = [{
      role: "assistant",
      tool_calls: [{ function: { name: "f", arguments: "{bad" } }, { function: { name: "g", arguments: "" } }]
    }]
    assert.deepStrictEqual(read(messages)[0]?.toolCalls, [{ name: "f", arguments: "{bad" }, {
      name: "g",
      arguments: {}
    }])
  })

  it("says what it cannot read", () => {
    assert.strictEqual(failure(5), "expected messages, got 5")
    assert.strictEqual(failure("hello"), "expected messages, got \"hello\"")
    assert.strictEqual(
      failure([{ role: "user", content: "x" }, { role: "boss", content: "x" }]),
      "the message at 1 is an object with keys role, content, which is of no known form"
    )
    assert.match(failure([{ role: "assistant", tool_calls: [{ nothing: 1 }] }]), /the message at 0/)
    assert.match(failure([null]), /the message at 0 is null/)
  })
})

describe("calls", () => {
  const callsIn = (value: unknown) => Result.getOrThrow(Messages.readCalls(value))

  it("are read from conversations and from lists of calls of many forms", () => {
    assert.deepStrictEqual(callsIn(conversation), [call])
    assert.deepStrictEqual(callsIn([]), [])
    assert.deepStrictEqual(
      callsIn([
        "search",
        { name: "a", arguments: json },
        { toolName: "b", input: 1, toolCallId: "t" },
        { name: "c", args: [] },
        { type: "function", id: "f", function: { name: "d", arguments: "{}" } },
        { function: "e", parameters: { x: 1 } },
        { name: "f" }
      ]),
      [
        { name: "search" },
        { name: "a", arguments: { city: "Oslo" } },
        { id: "t", name: "b", arguments: 1 },
        { name: "c", arguments: [] },
        { id: "f", name: "d", arguments: {} },
        { name: "e", arguments: { x: 1 } },
        { name: "f" }
      ]
    )
    assert.deepStrictEqual(callsIn("{\"name\": \"a\", \"arguments\": {}}"), [{ name: "a", arguments: {} }])
    assert.isTrue(Result.isFailure(Messages.readCalls("not a call")))
    assert.isTrue(Result.isFailure(Messages.readCalls([{ name: 5 }])))
  })

  it.effect("are read from the spans of a run, by the time they began", () =>
    Effect.gen(function*() {
      const tool = (name: string, attributes: Record<string, unknown>) =>
        Effect.void.pipe(Effect.withSpan(name, { attributes }))
      const evaluation = Evaluation.make("agent", {
        data: Dataset.fromIterable("one", [{ inputs: 1 }]),
        target: () =>
          Effect.all([
            tool("execute_tool search", {
              "gen_ai.operation.name": "execute_tool",
              "gen_ai.tool.call.arguments": "{\"q\":1}"
            }),
            tool("inner", { "tool.name": "open", "tool.parameters": { id: 2 } }).pipe(Effect.withSpan("step")),
            tool("other", {})
          ])
      })
      const { rows } = yield* untraced(Evaluation.run(evaluation, { evaluators: [] }))
      const run = rows[0]!.run
      assert.deepStrictEqual(Messages.callsOfRun(run), [{ name: "search", arguments: { q: 1 } }, {
        name: "open",
        arguments: { id: 2 }
      }])
      assert.deepStrictEqual(
        Messages.callsOfRun(run, { call: ({ name }) => name === "other" ? { name } : undefined }),
        [{ name: "other" }]
      )
    }))
})
