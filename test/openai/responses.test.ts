import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema, Stream } from "effect"
import { type AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { OpenAiLanguageModel } from "../../src/openai/index.ts"
import { clientOf, events, type Play, type Stub, stubServer } from "./stubServer.ts"

const modelOf = (stub: Stub, config: OpenAiLanguageModel.Config = {}) =>
  Layer.provide(OpenAiLanguageModel.layer({ model: "large", api: "responses", config }), clientOf(stub))

const response = (output: ReadonlyArray<object>, rest: object = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_760_000_000,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "large-2026",
  output,
  usage: {
    input_tokens: 50,
    input_tokens_details: { cached_tokens: 10 },
    output_tokens: 9,
    output_tokens_details: { reasoning_tokens: 4 },
    total_tokens: 59
  },
  ...rest
})

const message = (...texts: ReadonlyArray<string>) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: texts.map((text) => ({ type: "output_text", text, annotations: [] }))
})

const call = (id: string, query: string, rest: object = {}) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "search",
  arguments: JSON.stringify({ query }),
  status: "completed",
  ...rest
})

const Search = Tool.make("search", {
  parameters: Schema.Struct({ query: Schema.String }),
  success: Schema.String
})

const toolkit = Toolkit.make(Search)

const handlers = toolkit.toLayer({ search: ({ query }) => Effect.succeed(`found ${query}`) })

const failed = <A>(play: Play, question: Effect.Effect<A, AiError.AiError, LanguageModel.LanguageModel>) =>
  Effect.gen(function*() {
    const stub = yield* stubServer([play])
    return yield* Effect.flip(Effect.provide(question, modelOf(stub)))
  })

const plain = LanguageModel.generateText({ prompt: "Hello?" })

const streamed = LanguageModel.streamText({ prompt: "Hello?" }).pipe(Stream.runCollect)

describe("the Responses API", () => {
  it.effect("is asked for text, and reads reasoning, usage and metadata", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{
        body: response([
          { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "A greeting." }] },
          message("Hi", ".")
        ])
      }])
      const answer = yield* Effect.provide(
        LanguageModel.generateText({
          prompt: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hello?" }]
        }),
        modelOf(stub, { max_output_tokens: 100 })
      )
      assert.strictEqual(answer.text, "Hi.")
      assert.strictEqual(answer.reasoningText, "A greeting.")
      assert.strictEqual(answer.finishReason, "stop")
      assert.strictEqual(answer.usage.inputTokens.uncached, 40)
      assert.strictEqual(answer.usage.outputTokens.text, 5)
      assert.strictEqual(stub.asked[0]?.path, "/v1/responses")
      assert.deepStrictEqual(stub.asked[0]?.body, {
        store: false,
        max_output_tokens: 100,
        model: "large",
        input: [
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "input_text", text: "Hello?" }] }
        ]
      })
    }))

  it.effect("is asked for objects beside what else is said of texts", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ body: response([message("{\"score\":1}")]) }])
      const { value } = yield* Effect.provide(
        LanguageModel.generateObject({ prompt: "?", schema: Schema.Struct({ score: Schema.Finite }) }),
        modelOf(stub, { text: { verbosity: "low" } })
      )
      assert.deepStrictEqual(value, { score: 1 })
      const { format, verbosity } = stub.asked.at(0)?.body.text ?? {}
      assert.strictEqual(verbosity, "low")
      assert.strictEqual(format.type, "json_schema")
      assert.isTrue(format.strict)
      assert.deepStrictEqual(format.schema.required, ["score"])
    }))

  it.effect("calls tools, and is given their results", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([
        { body: response([call("call_1", "effect")]) },
        { body: response([message("Found.")]) }
      ])
      const program = Effect.gen(function*() {
        const first = yield* LanguageModel.generateText({ prompt: "Look", toolkit, toolChoice: { tool: "search" } })
        assert.strictEqual(first.finishReason, "tool-calls")
        return yield* LanguageModel.generateText({
          prompt: Prompt.concat(Prompt.make("Look"), Prompt.fromResponseParts(first.content)),
          toolkit
        })
      })
      const { text } = yield* Effect.provide(program, [modelOf(stub), handlers])
      assert.strictEqual(text, "Found.")
      const [first, second] = stub.asked
      assert.deepStrictEqual(first?.body.tool_choice, { type: "function", name: "search" })
      assert.strictEqual(first?.body.tools[0].name, "search")
      assert.deepStrictEqual(second?.body.input.slice(1), [
        { type: "function_call", call_id: "call_1", name: "search", arguments: "{\"query\":\"effect\"}" },
        { type: "function_call_output", call_id: "call_1", output: "found effect" }
      ])
    }))

  it.effect("says what went wrong", () =>
    Effect.gen(function*() {
      const refusal = { ...message(), content: [{ type: "refusal", refusal: "I cannot." }] }
      const filtered = { status: "incomplete", incomplete_details: { reason: "content_filter" } }
      const broken = { status: "failed", error: { code: "server_error", message: "it broke" } }
      const cases: ReadonlyArray<readonly [Play, typeof plain | typeof streamed, string, string]> = [
        [{ body: response([refusal]) }, plain, "ContentPolicyError", "I cannot."],
        [{ body: response([message("First")], filtered) }, plain, "ContentPolicyError", "First"],
        [{ body: response([], broken) }, plain, "InternalProviderError", "it broke"],
        [{ body: { id: "resp_1" } }, plain, "InvalidResponseError", "not a response"],
        [
          { chunks: [events([{ type: "response.failed", response: response([], broken) }])], then: "end" },
          streamed,
          "InternalProviderError",
          "it broke"
        ],
        [
          { chunks: [events([{ type: "error", code: "rate_limit_exceeded", message: "slow" }])], then: "end" },
          streamed,
          "RateLimitError",
          "Rate limit"
        ],
        [
          { chunks: [events([{ type: "response.output_text.delta", delta: "To be" }])], then: "end" },
          streamed,
          "NetworkError",
          "ended before the answer did"
        ]
      ]
      for (const [play, question, tag, why] of cases) {
        const error = yield* failed<unknown>(play, question)
        assert.strictEqual(error.reason._tag, tag)
        assert.include(error.message, why)
      }
    }))

  it.effect("says of an object that was cut off that it was", () =>
    Effect.gen(function*() {
      const cut = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }
      const error = yield* failed(
        { body: response([message("{\"sc")], cut) },
        LanguageModel.generateObject({ prompt: "?", schema: Schema.Struct({ score: Schema.Finite }) })
      )
      assert.strictEqual(error.reason._tag, "StructuredOutputError")
      assert.include(error.message, "max_output_tokens")
    }))

  it.effect("streams text and calls", () =>
    Effect.gen(function*() {
      const done = call("call_1", "effect")
      const [begin, end] = [done.arguments.slice(0, 5), done.arguments.slice(5)]
      const stub = yield* stubServer([{
        chunks: [events([
          { type: "response.created", response: response([], { status: "in_progress", usage: null }) },
          { type: "response.reasoning_summary_text.delta", item_id: "rs_1", delta: "Hm." },
          { type: "response.output_text.delta", item_id: "msg_1", delta: "I will " },
          { type: "response.output_text.delta", item_id: "msg_1", delta: "look." },
          { type: "response.output_item.added", output_index: 1, item: { ...done, arguments: "" } },
          { type: "response.function_call_arguments.delta", item_id: "fc_call_1", delta: begin },
          { type: "response.function_call_arguments.delta", item_id: "fc_call_1", delta: end },
          { type: "response.output_item.done", output_index: 1, item: done },
          { type: "response.completed", response: response([message("I will look."), done]) }
        ])],
        then: "end"
      }])
      const found = yield* Ref.make<ReadonlyArray<unknown>>([])
      yield* LanguageModel.streamText({ prompt: "Look", toolkit }).pipe(
        Stream.runForEach((part) =>
          Ref.update(found, (all) => {
            switch (part.type) {
              case "text-delta":
              case "reasoning-delta":
                return [...all, part.delta]
              case "tool-result":
                return [...all, part.result]
              case "finish":
                return [...all, part.reason, part.usage.inputTokens.total]
              default:
                return all
            }
          })
        ),
        Effect.provide([modelOf(stub), handlers])
      )
      assert.deepStrictEqual(yield* Ref.get(found), ["Hm.", "I will ", "look.", "found effect", "tool-calls", 50])
      assert.isTrue(stub.asked[0]?.body.stream)
    }))
})
