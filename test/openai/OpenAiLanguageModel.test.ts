import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Schema, Stream } from "effect"
import { type AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { OpenAiLanguageModel } from "../../src/openai/index.ts"
import { chunk, completion, usage, usageChunk } from "./bodies.ts"
import { clientOf, events, key, type Play, type Stub, stubServer } from "./stubServer.ts"

const modelOf = (stub: Stub, options: Partial<OpenAiLanguageModel.Options> = {}) =>
  Layer.provide(OpenAiLanguageModel.layer({ model: "small", ...options }), clientOf(stub))

/** Asks a server that answers once. */
const ask = <A, E>(
  play: Play,
  question: Effect.Effect<A, E, LanguageModel.LanguageModel>,
  options: Partial<OpenAiLanguageModel.Options> = {}
) =>
  Effect.gen(function*() {
    const stub = yield* stubServer([play])
    const exit = yield* Effect.result(Effect.provide(question, modelOf(stub, options)))
    return { exit, asked: stub.asked }
  })

const plain = LanguageModel.generateText({ prompt: "Hello?" })

const Verdict = Schema.Struct({ reason: Schema.String, score: Schema.optionalKey(Schema.Finite) })

const judged = LanguageModel.generateObject({ prompt: "Is it right?", schema: Verdict, objectName: "verdict" })

const Search = Tool.make("search", {
  description: "Looks something up",
  parameters: Schema.Struct({ query: Schema.String, limit: Schema.optionalKey(Schema.Int) }),
  success: Schema.Array(Schema.String)
})

const reasonOf = (exit: { readonly _tag: string; readonly failure?: unknown }): AiError.AiErrorReason => {
  assert.strictEqual(exit._tag, "Failure")
  return (exit.failure as AiError.AiError).reason
}

const descriptionOf = (reason: AiError.AiErrorReason): string =>
  "description" in reason ? String(reason.description) : ""

describe("chat completions", () => {
  it.effect("asks with key, model and settings, and reads text, usage and metadata", () =>
    Effect.gen(function*() {
      const { asked, exit } = yield* ask(
        { body: completion({ content: "Hi.", reasoning_content: "A greeting." }) },
        LanguageModel.generateText({
          prompt: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Hello?" }
          ]
        }),
        { config: { temperature: 0, logit_bias: { "50256": -100 } } }
      )
      assert.isTrue(exit._tag === "Success")
      if (exit._tag !== "Success") return
      const answer = exit.success
      assert.strictEqual(answer.text, "Hi.")
      assert.strictEqual(answer.reasoningText, "A greeting.")
      assert.strictEqual(answer.finishReason, "stop")
      assert.deepStrictEqual({ ...answer.usage.inputTokens }, {
        total: 120,
        cacheRead: 100,
        uncached: 20,
        cacheWrite: undefined
      })
      assert.deepStrictEqual({ ...answer.usage.outputTokens }, { total: 8, reasoning: 3, text: 5 })
      const metadata = answer.content.find((part) => part.type === "response-metadata")
      assert.strictEqual(metadata?.id, "chatcmpl-1")
      assert.strictEqual(metadata?.modelId, "small-2026")
      const [request] = asked
      assert.strictEqual(request?.path, "/v1/chat/completions")
      assert.strictEqual(request?.headers.authorization, `Bearer ${key}`)
      assert.deepStrictEqual(request?.body, {
        temperature: 0,
        logit_bias: { "50256": -100 },
        model: "small",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: [{ type: "text", text: "Hello?" }] }
        ]
      })
    }))

  it.effect("asks for objects by their schema, and decodes what comes back", () =>
    Effect.gen(function*() {
      const { asked, exit } = yield* ask(
        { body: completion({ content: JSON.stringify({ reason: "so", score: null }) }) },
        judged
      )
      assert.deepStrictEqual(exit._tag === "Success" ? exit.success.value : exit, { reason: "so" })
      const format = asked[0]?.body.response_format
      assert.strictEqual(format.type, "json_schema")
      assert.strictEqual(format.json_schema.name, "verdict")
      assert.isTrue(format.json_schema.strict)
      assert.deepStrictEqual(format.json_schema.schema.required, ["reason", "score"])
      assert.isFalse(format.json_schema.schema.additionalProperties)
    }))

  it.effect("asks for any JSON, with the schema in words, where the server knows no schemas", () =>
    Effect.gen(function*() {
      const { asked, exit } = yield* ask(
        { body: completion({ content: "{\"reason\":\"so\",\"score\":1}" }) },
        judged,
        { structuredOutput: "json_object" }
      )
      assert.deepStrictEqual(exit._tag === "Success" ? exit.success.value : exit, { reason: "so", score: 1 })
      assert.deepStrictEqual(asked[0]?.body.response_format, { type: "json_object" })
      const [system, user] = asked[0]?.body.messages ?? []
      assert.strictEqual(system.role, "system")
      assert.include(system.content, "\"reason\"")
      assert.strictEqual(user.role, "user")
    }))

  it.effect("says what is wrong with an object, and shows it", () =>
    Effect.gen(function*() {
      const wrong = yield* ask({ body: completion({ content: "{\"reason\":1}" }) }, judged)
      const reason = reasonOf(wrong.exit)
      assert.strictEqual(reason._tag, "StructuredOutputError")
      assert.isTrue(reason.isRetryable)
      const cut = reasonOf((yield* ask({ body: completion({ content: "{\"reason\":\"be" }, "length") }, judged)).exit)
      assert.strictEqual(cut._tag, "StructuredOutputError")
      assert.include(descriptionOf(cut), "cut off")
      assert.strictEqual(cut._tag === "StructuredOutputError" ? cut.responseText : "", "{\"reason\":\"be")
    }))

  it.effect("refuses a schema that cannot be asked for before it asks", () =>
    Effect.gen(function*() {
      const { asked, exit } = yield* ask(
        "hang",
        LanguageModel.generateObject({
          prompt: "?",
          schema: Schema.Union([Schema.Struct({ a: Schema.String }), Schema.Struct({ b: Schema.String })])
        })
      )
      const reason = reasonOf(exit)
      assert.strictEqual(reason._tag, "UnsupportedSchemaError")
      assert.include(descriptionOf(reason), "Put it into a struct")
      assert.strictEqual(asked.length, 0)
    }))

  it.effect("runs tools, and gives their results back in the next question", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([
        {
          body: completion({
            tool_calls: [{
              id: "call_a",
              type: "function",
              function: { name: "search", arguments: JSON.stringify({ query: "effect", limit: null }) }
            }]
          }, "tool_calls")
        },
        { body: completion({ content: "Found." }) }
      ])
      const queries = yield* Ref.make<ReadonlyArray<unknown>>([])
      const toolkit = Toolkit.make(Search)
      const handlers = toolkit.toLayer({
        search: (parameters) => Effect.as(Ref.update(queries, (all) => [...all, parameters]), ["page 1"])
      })
      const program = Effect.gen(function*() {
        const first = yield* LanguageModel.generateText({ prompt: "Look it up", toolkit, toolChoice: "required" })
        assert.strictEqual(first.finishReason, "tool-calls")
        assert.deepStrictEqual(first.toolResults.map(({ id, result }) => [id, result]), [["call_a", ["page 1"]]])
        const history = Prompt.concat(Prompt.make("Look it up"), Prompt.fromResponseParts(first.content))
        return yield* LanguageModel.generateText({ prompt: history, toolkit, toolChoice: { tool: "search" } })
      })
      const { text } = yield* Effect.provide(program, [modelOf(stub), handlers])
      assert.strictEqual(text, "Found.")
      // The `null` that strict mode asks for is gone.
      assert.deepStrictEqual(yield* Ref.get(queries), [{ query: "effect" }])
      const [first, second] = stub.asked
      assert.strictEqual(first?.body.tool_choice, "required")
      const [tool] = first?.body.tools ?? []
      assert.strictEqual(tool.type, "function")
      assert.strictEqual(tool.function.description, "Looks something up")
      assert.deepStrictEqual(tool.function.parameters.required, ["query", "limit"])
      assert.deepStrictEqual(second?.body.tool_choice, { type: "function", function: { name: "search" } })
      assert.deepStrictEqual(second?.body.messages.slice(1), [
        {
          role: "assistant",
          content: null,
          tool_calls: [{
            id: "call_a",
            type: "function",
            function: { name: "search", arguments: "{\"query\":\"effect\"}" }
          }]
        },
        { role: "tool", tool_call_id: "call_a", content: "[\"page 1\"]" }
      ])
    }))

  it.effect("leaves calls that do not fit their tool to the toolkit, and says what is no JSON", () =>
    Effect.gen(function*() {
      const call = (text: string) => ({
        body: completion({ tool_calls: [{ id: "c", type: "function", function: { name: "search", arguments: text } }] })
      })
      const toolkit = Toolkit.make(Search)
      const question = LanguageModel.generateText({ prompt: "?", toolkit }).pipe(
        Effect.provide(toolkit.toLayer({ search: () => Effect.succeed([]) }))
      )
      const unfit = reasonOf((yield* ask(call("{\"query\":7}"), question)).exit)
      assert.strictEqual(unfit._tag, "ToolParameterValidationError")
      const broken = reasonOf((yield* ask(call("{\"query\":"), question)).exit)
      assert.strictEqual(broken._tag, "ToolParameterValidationError")
      assert.include(descriptionOf(broken), "not JSON, after \"{\\\"query\\\":\"")
    }))

  it.effect("says which tool was called that there is not", () =>
    Effect.gen(function*() {
      const play = {
        body: completion({ tool_calls: [{ id: "c", type: "function", function: { name: "find", arguments: "{}" } }] })
      }
      const toolkit = Toolkit.make(Search)
      const withTools = LanguageModel.generateText({ prompt: "?", toolkit }).pipe(
        Effect.provide(toolkit.toLayer({ search: () => Effect.succeed([]) }))
      )
      const reason = reasonOf((yield* ask(play, withTools)).exit)
      assert.strictEqual(reason._tag, "InvalidOutputError")
      assert.include(descriptionOf(reason), "the tool \"find\", which it was not given; it has search")
      const without = reasonOf((yield* ask(play, LanguageModel.generateText({ prompt: "?" }))).exit)
      assert.include(descriptionOf(without), "it has no tools")
    }))

  it.effect("sends images, sound and documents, and refuses what cannot be sent", () =>
    Effect.gen(function*() {
      const file = (mediaType: string, data: string | Uint8Array | URL) =>
        Prompt.filePart({ mediaType, data, fileName: undefined })
      const question = (...content: ReadonlyArray<Prompt.FilePart>) =>
        LanguageModel.generateText({ prompt: Prompt.fromMessages([Prompt.userMessage({ content })]) })
      const bytes = new Uint8Array([1, 2, 3])
      const { asked } = yield* ask(
        { body: completion({ content: "." }) },
        question(
          file("image/png", bytes),
          file("image/*", new URL("https://example.com/a.jpg")),
          file("audio/mpeg", bytes),
          file("application/pdf", bytes)
        )
      )
      assert.deepStrictEqual(asked[0]?.body.messages[0].content, [
        { type: "image_url", image_url: { url: "data:image/png;base64,AQID" } },
        { type: "image_url", image_url: { url: "https://example.com/a.jpg" } },
        { type: "input_audio", input_audio: { data: "AQID", format: "mp3" } },
        { type: "file", file: { filename: "document.pdf", file_data: "data:application/pdf;base64,AQID" } }
      ])
      const refused = yield* ask("hang", question(file("video/mp4", bytes)))
      assert.strictEqual(reasonOf(refused.exit)._tag, "InvalidUserInputError")
      assert.include(descriptionOf(reasonOf(refused.exit)), "video/mp4")
      assert.strictEqual(refused.asked.length, 0)
    }))

  it.effect("takes refusals and content filters for errors that another try does not mend", () =>
    Effect.gen(function*() {
      const refusal = reasonOf((yield* ask({ body: completion({ refusal: "I cannot." }) }, plain)).exit)
      assert.strictEqual(refusal._tag, "ContentPolicyError")
      assert.include(refusal.message, "I cannot.")
      assert.isFalse(refusal.isRetryable)
      const filter = reasonOf(
        (yield* ask({ body: completion({ content: "Well, first you" }, "content_filter") }, judged)).exit
      )
      assert.strictEqual(filter._tag, "ContentPolicyError")
      assert.include(filter.message, "Well, first you")
    }))

  it.effect("keeps answers without text, and answers that were cut off, for what they are", () =>
    Effect.gen(function*() {
      const empty = yield* ask({ body: completion({ content: "" }) }, plain)
      assert.strictEqual(empty.exit._tag === "Success" ? empty.exit.success.text : "?", "")
      const cut = yield* ask({ body: completion({ content: "To be" }, "length") }, plain)
      assert.strictEqual(cut.exit._tag === "Success" ? cut.exit.success.finishReason : "?", "length")
    }))
})

describe("a stream of a chat completion", () => {
  const streamed = LanguageModel.streamText({ prompt: "Hello?" }).pipe(Stream.runCollect)

  const played = events([
    chunk({ role: "assistant", content: "" }),
    chunk({ reasoning_content: "Hm…" }),
    chunk({ content: "Zürich 🏔" }),
    chunk({ content: "️ – 東京" }),
    chunk({}, "stop"),
    usageChunk,
    "[DONE]"
  ])

  it.effect("comes out the same however the bytes are split", () =>
    Effect.gen(function*() {
      const bytes = new TextEncoder().encode(`: a comment\n\nretry: 10\n\n${played.replaceAll("\n", "\r\n")}`)
      const splits = [
        [bytes],
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.slice(i * 7, i * 7 + 7))
      ]
      for (const chunks of splits) {
        const { asked, exit } = yield* ask({ chunks, then: "end" }, streamed)
        assert.isTrue(exit._tag === "Success", JSON.stringify(exit))
        if (exit._tag !== "Success") return
        const parts = exit.success
        assert.deepStrictEqual(parts.map(({ type }) => type), [
          "reasoning-start",
          "reasoning-delta",
          "text-start",
          "text-delta",
          "text-delta",
          "reasoning-end",
          "text-end",
          "response-metadata",
          "finish"
        ])
        const text = parts.flatMap((part) => part.type === "text-delta" ? [part.delta] : []).join("")
        assert.strictEqual(text, "Zürich 🏔️ – 東京")
        const finish = parts.at(-1)
        assert.strictEqual(finish?.type === "finish" ? finish.usage.inputTokens.total : "?", usage.prompt_tokens)
        assert.strictEqual(finish?.type === "finish" ? finish.reason : "?", "stop")
        assert.isTrue(asked[0]?.body.stream)
        assert.deepStrictEqual(asked[0]?.body.stream_options, { include_usage: true })
      }
    }))

  it.effect("puts calls of tools together that come in pieces, several at once", () =>
    Effect.gen(function*() {
      const pieces = (index: number, ...texts: ReadonlyArray<string>) =>
        texts.map((text) => chunk({ tool_calls: [{ index, function: { arguments: text } }] }))
      const begin = (index: number, id: string) =>
        chunk({ tool_calls: [{ index, id, type: "function", function: { name: "search", arguments: "" } }] })
      const [a1, a2] = pieces(0, "{\"query\":\"on", "e\",\"limit\":null}")
      const [b1, b2] = pieces(1, "{\"query\":\"two\",", "\"limit\":2}")
      const toolkit = Toolkit.make(Search)
      const question = LanguageModel.streamText({ prompt: "?", toolkit }).pipe(
        Stream.runCollect,
        Effect.provide(toolkit.toLayer({ search: ({ limit, query }) => Effect.succeed([`${query} ${limit}`]) }))
      )
      const { exit } = yield* ask({
        // Some servers tell of usage before they say why the model stopped.
        chunks: [events([begin(0, "a"), a1, begin(1, "b"), b1, a2, b2, usageChunk, chunk({}, "tool_calls"), "[DONE]"])],
        then: "end"
      }, question)
      assert.isTrue(exit._tag === "Success", JSON.stringify(exit))
      if (exit._tag !== "Success") return
      const results = exit.success.flatMap((part) => part.type === "tool-result" ? [[part.id, part.result]] : [])
      assert.deepStrictEqual(results, [["a", ["one undefined"]], ["b", ["two 2"]]])
      const finish = exit.success.at(-1)
      assert.strictEqual(finish?.type === "finish" ? finish.usage.outputTokens.total : "?", usage.completion_tokens)
    }))

  it.effect("fails if it ends or breaks off before the answer does", () =>
    Effect.gen(function*() {
      const begun = events([chunk({ content: "To be" })])
      const cases: ReadonlyArray<readonly [Play, string]> = [
        [{ chunks: [begun], then: "end" }, "ended before the answer did"],
        [{ chunks: [begun, "data: {\"id\":"], then: "end" }, "ended before the answer did"],
        [{ chunks: ["data: {\"id\":"], then: "end" }, "ended before the answer did"],
        [{ chunks: [""], then: "end" }, "ended before the answer did"],
        [{ chunks: [begun], then: "break" }, "terminated"]
      ]
      for (const [play, why] of cases) {
        const reason = reasonOf((yield* ask(play, streamed)).exit)
        assert.strictEqual(reason._tag, "NetworkError")
        assert.isTrue(reason.isRetryable)
        assert.include(descriptionOf(reason), why)
      }
    }))

  it.effect("fails if it is none, with what it is instead", () =>
    Effect.gen(function*() {
      const whole = reasonOf((yield* ask({ body: completion({ content: "I cannot stream." }) }, streamed)).exit)
      assert.strictEqual(whole._tag, "InvalidResponseError")
      assert.match(descriptionOf(whole), /chat\/completions answered is no stream of events.*I cannot stream/)
      const page = reasonOf((yield* ask({ chunks: ["<html>", "Welcome"], then: "end" }, streamed)).exit)
      assert.include(descriptionOf(page), "It begins with: \"<html>Welcome\"")
      const complaint = { error: { code: 429, message: "slow down" } }
      assert.strictEqual(reasonOf((yield* ask({ body: complaint }, streamed)).exit)._tag, "RateLimitError")
    }))

  it.effect("shows what came before it fails", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const question = LanguageModel.streamText({ prompt: "?" }).pipe(
        Stream.runForEach((part) => Effect.sync(() => part.type === "text-delta" && seen.push(part.delta)))
      )
      yield* ask({ chunks: [events([chunk({ content: "To " }), chunk({ content: "be" })])], then: "break" }, question)
      assert.deepStrictEqual(seen, ["To ", "be"])
    }))

  it.effect("fails with the error that stands in it", () =>
    Effect.gen(function*() {
      const cases = [
        [{ error: { code: 429, message: "slow down" } }, "RateLimitError"],
        [{ error: { code: 502, message: "upstream" } }, "InternalProviderError"],
        [{ error: { message: "The server had an error", type: "server_error" } }, "InternalProviderError"],
        [chunk({ refusal: "No." }, "stop"), "ContentPolicyError"],
        [chunk({ content: "x" }, "content_filter"), "ContentPolicyError"],
        ["{not json", "InvalidResponseError"],
        [{ choices: "none" }, "InvalidResponseError"]
      ] as const
      for (const [event, tag] of cases) {
        const { exit } = yield* ask({ chunks: [events([chunk({ content: "a" }), event])], then: "end" }, streamed)
        assert.strictEqual(reasonOf(exit)._tag, tag)
      }
    }))
})
