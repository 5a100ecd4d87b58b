import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { APIError } from "openai"
import { Dataset, Evaluation } from "../../src/index.ts"
import { wrapOpenAI, type WrapOpenAIOptions } from "../../src/traceable/index.ts"
import { untraced } from "../support/run.ts"
import { chunk, completion, openaiStub, type Stub, usage } from "./openaiStub.ts"
import { names, runOf, turn } from "./support.ts"

const clientOf = (stub: Stub, options: WrapOpenAIOptions = {}) =>
  wrapOpenAI(new OpenAI({ apiKey: "sk-test-secret", baseURL: stub.url, maxRetries: 0 }), options)

const messages = [{ role: "user" as const, content: "The capital of France?" }]

describe("wrapOpenAI", () => {
  it.live("traces chat completions, with what they ask, answer and use", () =>
    Effect.gen(function*() {
      const stub = yield* openaiStub(() => ({ body: completion("Paris") }))
      const client = clientOf(stub)
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("capitals", {
            data: Dataset.fromIterable("one", [{ inputs: "France" }]),
            target: async () => {
              await turn()
              const { choices } = await client.chat.completions.create({
                model: "gpt-5-mini",
                messages,
                temperature: 0.5,
                max_completion_tokens: 100,
                stop: "!"
              })
              return choices[0]?.message.content
            }
          }),
          { prices: { "gpt-5-mini-2026": { inputTokens: 1, outputTokens: 10 } } }
        )
      )
      const run = experiment.rows[0]?.run
      assert.strictEqual(run?.outputs, "Paris")
      assert.deepStrictEqual(run?.usage, { inputTokens: 10, outputTokens: 4, cost: (10 + 40) / 1e6 })
      assert.deepStrictEqual(names(run ?? { childRuns: [] }), ["chat gpt-5-mini"])
      assert.strictEqual(run?.childRuns[0]?.runType, "llm")
      assert.deepStrictEqual(run?.childRuns[0]?.attributes, {
        "langsmith.span.kind": "llm",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5-mini",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.stop_sequences": ["!"],
        "gen_ai.input.messages": messages,
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "gpt-5-mini-2026",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.output.messages": [{ role: "assistant", content: "Paris", refusal: null }]
      })
      assert.notInclude(JSON.stringify(experiment.rows), "sk-test-secret")
    }))

  it.live("gathers a stream, with parallel tool calls apart", () =>
    Effect.gen(function*() {
      const call = (index: number | undefined, more: object) =>
        chunk({ tool_calls: [{ ...(index === undefined ? {} : { index }), ...more }] })
      const stub = yield* openaiStub((_, { model }) => ({
        events: model === "without indices"
          ? [
            call(undefined, { id: "a", type: "function", function: { name: "one", arguments: "{}" } }),
            call(undefined, { id: "b", type: "function", function: { name: "two", arguments: "{}" } })
          ]
          : [
            chunk({ role: "assistant", content: "I " }),
            chunk({ content: "look." }),
            call(0, { id: "a", type: "function", function: { name: "search", arguments: "" } }),
            call(1, { id: "b", type: "function", function: { name: "search", arguments: "{\"q\":" } }),
            call(0, { function: { arguments: "{\"q\":\"x\"}" } }),
            call(1, { function: { arguments: "\"y\"}" } }),
            chunk({}, { finish_reason: "tool_calls" }),
            { ...chunk({}), choices: [], usage }
          ]
      }))
      const client = clientOf(stub)
      const run = yield* runOf(async () => {
        const stream = await client.chat.completions.create({
          model: "gpt-5-mini",
          messages,
          stream: true,
          stream_options: { include_usage: true }
        })
        await turn()
        let text = ""
        for await (const { choices } of stream) text += choices[0]?.delta.content ?? ""
        const others = await client.chat.completions.create({ model: "without indices", messages, stream: true })
        let count = 0
        for await (const _ of others) count++
        return `${text} ${count}`
      })
      assert.strictEqual(run.outputs, "I look. 2")
      assert.deepStrictEqual(run.usage, { inputTokens: 10, outputTokens: 4 })
      const [first, second] = run.childRuns.map(({ attributes }) => attributes)
      assert.deepStrictEqual(first?.["gen_ai.output.messages"], [{
        role: "assistant",
        content: "I look.",
        tool_calls: [
          { type: "function", id: "a", function: { name: "search", arguments: "{\"q\":\"x\"}" } },
          { type: "function", id: "b", function: { name: "search", arguments: "{\"q\":\"y\"}" } }
        ]
      }])
      assert.deepStrictEqual(first?.["gen_ai.response.finish_reasons"], ["tool_calls"])
      assert.deepStrictEqual(second?.["gen_ai.output.messages"], [{
        role: "assistant",
        content: null,
        tool_calls: [
          { type: "function", id: "a", function: { name: "one", arguments: "{}" } },
          { type: "function", id: "b", function: { name: "two", arguments: "{}" } }
        ]
      }])
    }))

  it.live("keeps the promises and streams of the client what they are", () =>
    Effect.gen(function*() {
      const stub = yield* openaiStub((_, { stream }) =>
        stream === true ? { events: [chunk({ content: "a" }), chunk({ content: "b" })] } : { body: completion("x") }
      )
      const client = clientOf(stub)
      const run = yield* runOf(async () => {
        const { data, response } = await client.chat.completions.create({ model: "m", messages }).withResponse()
        const bare = await client.chat.completions.create({ model: "m", messages }).asResponse()
        const text = await bare.text()
        const stream = await client.chat.completions.create({ model: "m", messages, stream: true })
        const [one, two] = stream.tee()
        const read: Array<unknown> = []
        for await (const { choices } of one) read.push(choices[0]?.delta.content)
        for await (const { choices } of two) read.push(choices[0]?.delta.content)
        const again = await client.chat.completions.create({ model: "m", messages, stream: true })
        const readable = await new Response(again.toReadableStream()).text()
        return [data.choices.length, response.status, text.includes("x"), read, readable.split("\n").length]
      })
      assert.deepStrictEqual(run.outputs, [1, 200, true, ["a", "b", "a", "b"], 3])
      const contents = run.childRuns.map(({ attributes, endTime }) => [
        JSON.stringify(attributes["gen_ai.output.messages"] ?? null).match(/"content":"(\w+)"/)?.[1],
        endTime !== undefined
      ])
      assert.deepStrictEqual(contents, [["x", true], [undefined, true], ["ab", true], ["ab", true]])
    }))

  it.live("fails as the client does, and says so", () =>
    Effect.gen(function*() {
      const stub = yield* openaiStub((_, { model, stream }) =>
        stream === true
          ? { events: [chunk({ content: "half" })], then: "break" }
          : model === "gone"
          ? { status: 404, body: { error: { message: "no such model", code: "model_not_found" } } }
          : { status: 429, body: { error: { message: "slow down" } } }
      )
      const client = clientOf(stub)
      const run = yield* runOf(async () => {
        const caught: Array<unknown> = []
        const note = (error: unknown) => caught.push(error instanceof APIError ? error.status : "broke off")
        await client.chat.completions.create({ model: "gone", messages }).catch(note)
        try {
          await client.chat.completions.create({ model: "busy", messages })
        } catch (error) {
          note(error)
        }
        try {
          for await (
            const _ of await client.chat.completions.create({ model: "cut", messages, stream: true })
          ) await turn()
        } catch (error) {
          note(error)
        }
        return caught
      })
      assert.deepStrictEqual(run.outputs, [404, 429, "broke off"])
      const [gone, busy, cut] = run.childRuns
      assert.include(gone?.error, "no such model")
      assert.include(busy?.error, "slow down")
      assert.isDefined(cut?.error)
      assert.include(JSON.stringify(cut?.attributes["gen_ai.output.messages"]), "half")
    }))

  it.live("traces responses, embeddings and text completions, and nothing else", () =>
    Effect.gen(function*() {
      const response = {
        id: "resp-1",
        object: "response",
        model: "gpt-5-2026",
        status: "completed",
        output: [{
          type: "message",
          role: "assistant",
          content: [{ type: "output_text", text: "Paris", annotations: [] }]
        }],
        usage: { input_tokens: 7, output_tokens: 2, total_tokens: 9, input_tokens_details: { cached_tokens: 0 } }
      }
      const stub = yield* openaiStub((path, { stream }) => {
        switch (path) {
          case "/responses":
            return stream === true
              ? {
                events: [
                  {
                    type: "response.created",
                    response: { ...response, status: "in_progress", output: [], usage: null }
                  },
                  { type: "response.output_text.delta", delta: "Par" },
                  { type: "response.completed", response }
                ]
              }
              : { body: response }
          case "/embeddings":
            return {
              body: {
                object: "list",
                model: "small",
                data: [{ object: "embedding", index: 0, embedding: [0.1, 0.2] }],
                usage: { prompt_tokens: 3, total_tokens: 3 }
              }
            }
          case "/completions":
            return { body: { id: "c", model: "old", choices: [{ index: 0, text: "!", finish_reason: "stop" }], usage } }
          default:
            return { body: { object: "list", data: [] } }
        }
      })
      const client = clientOf(stub)
      const run = yield* runOf(async () => {
        const whole = await client.responses.create({ model: "gpt-5", input: "France?", instructions: "Be short." })
        const stream = await client.responses.create({ model: "gpt-5", input: "France?", stream: true })
        for await (const _ of stream) await turn()
        await client.embeddings.create({ model: "small", input: "x", encoding_format: "float" })
        await client.completions.create({ model: "old", prompt: "hi" })
        await client.models.list()
        return whole.output_text
      })
      assert.strictEqual(run.outputs, "Paris")
      assert.deepStrictEqual(run.childRuns.map(({ name, runType }) => [name, runType]), [
        ["chat gpt-5", "llm"],
        ["chat gpt-5", "llm"],
        ["embeddings small", "embedding"],
        ["text_completion old", "llm"]
      ])
      const [whole, streamed, embedded, completed] = run.childRuns.map(({ attributes }) => attributes)
      assert.strictEqual(whole?.["gen_ai.system_instructions"], "Be short.")
      assert.deepStrictEqual(whole?.["gen_ai.output.messages"], streamed?.["gen_ai.output.messages"])
      assert.strictEqual(streamed?.["gen_ai.usage.output_tokens"], 2)
      assert.deepStrictEqual([embedded?.["outputs"], embedded?.["gen_ai.usage.input_tokens"]], [{ embeddings: 1 }, 3])
      assert.deepStrictEqual([completed?.["inputs"], completed?.["gen_ai.output.messages"]], ["hi", ["!"]])
      assert.deepStrictEqual(run.usage, { inputTokens: 7 + 7 + 3 + 10, outputTokens: 2 + 2 + 0 + 4 })
    }))

  it.live("gathers the streams that tell whoever listens", () =>
    Effect.gen(function*() {
      const response = {
        id: "r",
        object: "response",
        model: "gpt-5-2026",
        status: "completed",
        output: [],
        usage: null
      }
      const stub = yield* openaiStub((path, { model }) =>
        path === "/responses"
          ? {
            events: [
              { type: "response.created", sequence_number: 0, response: { ...response, status: "in_progress" } },
              { type: "response.completed", sequence_number: 1, response }
            ]
          }
          : model === "gone"
          ? { status: 404, body: { error: { message: "no such model" } } }
          : {
            events: [chunk({ role: "assistant", content: "Pa" }), chunk({ content: "ris" }, { finish_reason: "stop" })]
          }
      )
      const client = clientOf(stub)
      const run = yield* runOf(async () => {
        const chat = client.chat.completions.stream({ model: "gpt-5-mini", messages })
        const { choices } = await chat.finalChatCompletion()
        const { status } = await client.responses.stream({ model: "gpt-5", input: "?" }).finalResponse()
        const error = await client.chat.completions.stream({ model: "gone", messages }).done().catch((error: unknown) =>
          error
        )
        return [choices[0]?.message.content, status, error instanceof APIError && error.status]
      })
      assert.deepStrictEqual(run.outputs, ["Paris", "completed", 404])
      const [chat, responses, gone] = run.childRuns
      assert.deepStrictEqual(chat?.attributes["gen_ai.output.messages"], [{ role: "assistant", content: "Paris" }])
      assert.strictEqual(responses?.attributes["gen_ai.response.model"], "gpt-5-2026")
      assert.include(gone?.error, "the stream ended with an error")
      assert.lengthOf(run.childRuns, 3)
    }))

  it.live("keeps the content to itself if told so, and other clients made of it are traced, too", () =>
    Effect.gen(function*() {
      const stub = yield* openaiStub(() => ({ body: completion("a secret") }))
      const client = clientOf(stub, { content: false, provider: "groq" })
      const run = yield* runOf(async () => {
        const { choices } = await client.withOptions({ timeout: 5000 }).chat.completions.create({
          model: "m",
          messages
        })
        return choices.length
      })
      const text = JSON.stringify(run.childRuns)
      assert.include(text, "\"gen_ai.provider.name\":\"groq\"")
      assert.notInclude(text, "secret")
      assert.notInclude(text, "France")
      assert.deepStrictEqual(run.usage, { inputTokens: 10, outputTokens: 4 })
    }))

  it.live("keeps calls that run at once apart", () =>
    Effect.gen(function*() {
      const stub = yield* openaiStub((_, body) => ({ body: completion(JSON.stringify(body["messages"])) }))
      const client = clientOf(stub)
      const data = Dataset.fromIterable("many", Array.from({ length: 20 }, (_, n) => ({ inputs: `number ${n}` })))
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("many", {
            data,
            target: async (content) => {
              await turn()
              const ask = (content: string) =>
                client.chat.completions.create({ model: "m", messages: [{ role: "user", content }] })
              await Promise.all([ask(content), ask(`${content} again`)])
            }
          }),
          { concurrency: 10 }
        )
      )
      for (const { example, run } of experiment.rows) {
        assert.deepStrictEqual(
          run.childRuns.map(({ attributes }) => attributes["gen_ai.input.messages"]),
          [example.inputs, `${example.inputs} again`].map((content) => [{ role: "user", content }])
        )
        assert.deepStrictEqual(run.usage, { inputTokens: 20, outputTokens: 8 })
      }
    }))
})
