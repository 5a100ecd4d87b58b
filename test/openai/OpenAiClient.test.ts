import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, Deferred, Duration, Effect, Fiber, Layer, Redacted, Stream, Tracer } from "effect"
import { AiError } from "effect/ai"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { OpenAiClient } from "../../src/openai/index.ts"
import { advance } from "../support/run.ts"
import { failure } from "./bodies.ts"
import { clientOf, key, type Play, stubServer } from "./stubServer.ts"

const post = Effect.flatMap(OpenAiClient.OpenAiClient, (client) => client.post("/chat/completions", { model: "small" }))

const stream = Effect.flatMap(
  OpenAiClient.OpenAiClient,
  (client) => Stream.runCollect(client.stream("/chat/completions", { model: "small" }))
)

/** The error that comes of one answer. */
const errorOf = (play: Play, options: OpenAiClient.Options = {}) =>
  Effect.gen(function*() {
    const stub = yield* stubServer([play])
    return yield* post.pipe(Effect.provide(clientOf(stub, options)), Effect.flip)
  })

describe("what a server answers instead of an answer", () => {
  it.effect("becomes the reason that says what to do about it", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [number, unknown, AiError.AiErrorReason["_tag"], boolean]> = [
        [400, failure("Unknown parameter", { param: "temprature" }), "InvalidRequestError", false],
        [400, failure("Filtered", { code: "content_filter" }), "ContentPolicyError", false],
        [401, failure("Incorrect API key"), "AuthenticationError", false],
        [402, failure("Insufficient credits"), "QuotaExhaustedError", false],
        [403, failure("Not yours"), "AuthenticationError", false],
        [404, failure("The model `smal` does not exist"), "InvalidRequestError", false],
        [408, "", "InternalProviderError", true],
        [409, failure("Conflict"), "InternalProviderError", true],
        [422, { detail: "Unprocessable" }, "InvalidRequestError", false],
        [429, failure("Slow down"), "RateLimitError", true],
        [429, failure("No money", { code: "insufficient_quota" }), "QuotaExhaustedError", false],
        [500, { error: "it broke" }, "InternalProviderError", true],
        [503, "<html>unavailable</html>", "InternalProviderError", true],
        [529, { message: "overloaded" }, "InternalProviderError", true],
        [200, failure("Upstream failed", { code: 502 }), "InternalProviderError", true],
        [200, failure("Upstream is busy", { code: 429 }), "RateLimitError", true],
        [200, "<html>Welcome</html>", "InvalidResponseError", false],
        [200, "{\"id\": ", "InvalidResponseError", false]
      ]
      for (const [status, body, tag, isRetryable] of cases) {
        const error = yield* errorOf({ status, body })
        const what = `${status} ${JSON.stringify(body)}`
        assert.strictEqual(error.reason._tag, tag, what)
        assert.strictEqual(error.isRetryable, isRetryable, what)
      }
    }))

  it.effect("is said in the message, with where it came from", () =>
    Effect.gen(function*() {
      const unknown = yield* errorOf({
        status: 404,
        headers: { "x-request-id": "req_7" },
        body: failure("The model `smal` does not exist", { code: "model_not_found" })
      })
      assert.match(
        unknown.message,
        /The model `smal` does not exist \(POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions\) \[code: model_not_found\] \[requestId: req_7\]/
      )
      const parameter = yield* errorOf({ status: 400, body: failure("No", { param: "seed" }) })
      assert.include(parameter.message, "'seed'")
      const page = yield* errorOf({ status: 502, body: "<html>Bad gateway</html>" })
      assert.include(page.message, "<html>Bad gateway</html>")
      const nowhere = yield* errorOf({ status: 404, body: "<html>Not found</html>" })
      assert.include(nowhere.message, "with its version")
      const limited = yield* errorOf({
        status: 429,
        headers: { "retry-after": "2" },
        body: failure("Limit of 5 tokens per minute", { code: "rate_limit_exceeded" })
      })
      assert.match(
        limited.message,
        /^OpenAiClient\.post: Rate limit exceeded\. Retry after 2s\. Limit of 5 tokens per minute \(POST http:.*\) \[code: rate_limit_exceeded\]$/
      )
      assert.strictEqual(
        (yield* errorOf({ status: 429, body: "" })).message,
        "OpenAiClient.post: Rate limit exceeded"
      )
      const spent = yield* errorOf({ status: 402, body: failure("No credits on account 7") })
      assert.match(spent.message, /Quota exhausted\..*No credits on account 7 \(POST http:/)
      const other = yield* errorOf({ body: "<html>Welcome</html>" })
      assert.include(other.message, "with its version")
      assert.include(other.message, "<html>Welcome</html>")
    }))

  it.effect("says when to come again, in each form that is in use", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 0, 1))
      const cases: ReadonlyArray<readonly [Record<string, string>, number | undefined]> = [
        [{ "retry-after": "2" }, 2000],
        [{ "retry-after": "0.5" }, 500],
        [{ "retry-after-ms": "1500", "retry-after": "2" }, 1500],
        [{ "retry-after": "Thu, 01 Jan 2026 00:00:20 GMT" }, 20_000],
        [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0],
        [{ "retry-after": "soon" }, undefined],
        [{ "retry-after": "-1" }, undefined],
        [{}, undefined]
      ]
      for (const [headers, millis] of cases) {
        const { retryAfter } = yield* errorOf({ status: 429, headers, body: failure("Slow down") })
        assert.strictEqual(
          retryAfter === undefined ? undefined : Duration.toMillis(retryAfter),
          millis,
          JSON.stringify(headers)
        )
      }
    }))

  it.effect("keeps what was said of the limits, and no other header", () =>
    Effect.gen(function*() {
      const { reason } = yield* errorOf({
        status: 500,
        headers: { "set-cookie": "session=1", "x-ratelimit-remaining-requests": "0", "x-request-id": "req_1" },
        body: failure("broken", { type: "server_error" })
      })
      assert.isTrue(reason._tag === "InternalProviderError")
      if (reason._tag !== "InternalProviderError") return
      assert.deepStrictEqual(reason.http?.response, {
        status: 500,
        headers: { "x-ratelimit-remaining-requests": "0", "x-request-id": "req_1" }
      })
      assert.deepStrictEqual(reason.metadata, {
        openai: { errorCode: null, errorType: "server_error", requestId: "req_1", message: "broken" }
      })
    }))
})

describe("a connection", () => {
  it.effect("that cannot be made is a network error, which names the address and the cause", () =>
    Effect.gen(function*() {
      const url = yield* Effect.scoped(Effect.map(stubServer([]), ({ url }) => url))
      const failing = (apiUrl: string) =>
        post.pipe(
          Effect.provide(
            OpenAiClient.layer({ apiUrl, apiKey: Redacted.make(key) }).pipe(Layer.provide(FetchHttpClient.layer))
          ),
          Effect.flip
        )
      const refused = yield* failing(url)
      assert.isTrue(AiError.isAiError(refused) && refused.isRetryable)
      assert.include(String(refused.message), "ECONNREFUSED")
      assert.include(String(refused.message), `${url}/chat/completions`)
      // Fetch takes no addresses with a password, and says so with the password.
      const withPassword = yield* failing(url.replace("//", "//user:hush@"))
      assert.isTrue(AiError.isAiError(withPassword) && withPassword.reason._tag === "NetworkError")
      assert.notInclude(inspect(withPassword, { depth: 10 }), "hush")
    }))

  it.effect("to what is no address is a network error that another try does not mend", () =>
    Effect.gen(function*() {
      const error = yield* post.pipe(
        Effect.provide(
          OpenAiClient.layer({ apiUrl: "localhost, I think", apiKey: Redacted.make(key) }).pipe(
            Layer.provide(FetchHttpClient.layer)
          )
        ),
        Effect.flip
      )
      assert.isTrue(AiError.isAiError(error) && error.reason._tag === "NetworkError")
      assert.isFalse(AiError.isAiError(error) && error.isRetryable)
      assert.include(error.message, "begins with neither")
    }))

  it.effect("that says nothing is given up when its time is over, and closed", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(["hang"])
      const fiber = yield* Effect.forkChild(
        Effect.flip(Effect.provide(post, clientOf(stub, { timeout: "30 seconds" })))
      )
      yield* stub.waiting
      yield* TestClock.adjust("29 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "NetworkError")
      assert.isTrue(error.isRetryable)
      assert.include(error.message, "no answer within 30s")
      yield* stub.hungUp
    }))

  it.effect("whose stream stops for too long is given up, however long the stream was until then", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ chunks: ["data: 1\n\n"], then: "hang" }])
      const begun = yield* Deferred.make<void>()
      const question = Effect.flatMap(
        OpenAiClient.OpenAiClient,
        (client) => Stream.runForEach(client.stream("/chat/completions", {}), () => Deferred.succeed(begun, undefined))
      )
      const fiber = yield* Effect.forkChild(
        Effect.flip(Effect.provide(question, clientOf(stub, { timeout: "30 seconds" })))
      )
      yield* Deferred.await(begun)
      yield* advance(60_000)
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason._tag, "NetworkError")
      assert.include(error.message, "no further piece within 30s")
      yield* stub.hungUp
    }))

  it.effect("is closed when whoever asked is interrupted, before the answer and within it", () =>
    Effect.gen(function*() {
      const half: Play = { chunks: ["{\"half\":"], then: "hang" }
      const plays: ReadonlyArray<readonly [Play, Effect.Effect<unknown, AiError.AiError, OpenAiClient.OpenAiClient>]> =
        [
          ["hang", post],
          ["hang", stream],
          [half, post],
          [half, stream]
        ]
      for (const [play, question] of plays) {
        const stub = yield* stubServer([play])
        const answered = yield* Deferred.make<void>()
        const transformClient = HttpClient.tap(() => Deferred.succeed(answered, undefined))
        const fiber = yield* Effect.forkChild(Effect.provide(question, clientOf(stub, { transformClient })))
        yield* stub.waiting
        if (play !== "hang") {
          yield* Deferred.await(answered)
          // From here on it reads.
          yield* Effect.yieldNow
        }
        yield* Fiber.interrupt(fiber)
        yield* stub.hungUp
      }
    }))

  it.effect("is closed when no more of a stream is wanted", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ chunks: ["data: 1\n\ndata: 2\n\n"], then: "hang" }])
      const first = Effect.flatMap(
        OpenAiClient.OpenAiClient,
        (client) => Stream.runCollect(Stream.take(client.stream("/chat/completions", {}), 1))
      )
      assert.deepStrictEqual(yield* Effect.provide(first, clientOf(stub)), [1])
      yield* stub.hungUp
    }))

  it.effect("can be changed: further headers, retries", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer([{ status: 503, body: "" }, { body: { fine: true } }])
      const client = clientOf(stub, {
        transformClient: (client) =>
          client.pipe(
            HttpClient.mapRequest(HttpClientRequest.setHeader("openai-project", "evals")),
            HttpClient.filterStatusOk,
            HttpClient.retryTransient({ times: 1 })
          )
      })
      assert.deepStrictEqual(yield* Effect.provide(post, client), { fine: true })
      assert.deepStrictEqual(stub.asked.map(({ headers }) => headers["openai-project"]), ["evals", "evals"])
      const filtered = yield* stubServer([{ status: 429, headers: { "retry-after": "1" }, body: failure("Slow down") }])
      const error = yield* post.pipe(
        Effect.provide(clientOf(filtered, { transformClient: HttpClient.filterStatusOk })),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "RateLimitError")
      assert.strictEqual(error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter), 1000)
    }))
})

describe("the configuration", () => {
  const configured = (env: Record<string, string>, options: OpenAiClient.Options = {}) =>
    OpenAiClient.layer(options).pipe(
      Layer.provide(FetchHttpClient.layer),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
    )

  it.effect("comes from OPENAI_BASE_URL and OPENAI_API_KEY, unless options say otherwise", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(() => ({ body: {} }))
      const env = { OPENAI_BASE_URL: `${stub.url}/`, OPENAI_API_KEY: key }
      yield* Effect.provide(post, configured(env))
      yield* Effect.provide(post, configured(env, { apiKey: Redacted.make("sk-other") }))
      yield* Effect.provide(post, configured({ ...env, OPENAI_BASE_URL: "http://127.0.0.1:1" }, { apiUrl: stub.url }))
      yield* Effect.provide(post, configured({ OPENAI_BASE_URL: stub.url }))
      yield* Effect.provide(post, configured({ OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: "" }))
      assert.deepStrictEqual(stub.asked.map(({ headers, path }) => [path, headers.authorization]), [
        ["/v1/chat/completions", `Bearer ${key}`],
        ["/v1/chat/completions", "Bearer sk-other"],
        ["/v1/chat/completions", `Bearer ${key}`],
        ["/v1/chat/completions", undefined],
        ["/v1/chat/completions", undefined]
      ])
    }))

  it.effect("may hold a line break after the key, but nothing that no key has", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer(() => ({ body: {} }))
      yield* Effect.provide(post, configured({ OPENAI_BASE_URL: stub.url, OPENAI_API_KEY: `${key}\n` }))
      assert.deepStrictEqual(stub.asked.map(({ headers }) => headers.authorization), [`Bearer ${key}`])
      for (const wrong of ["sk-one\nsk-two", "sk-…", "OPENAI_API_KEY=sk-one two"]) {
        const error = yield* Effect.flip(
          Effect.provide(post, configured({}, { apiUrl: stub.url, apiKey: Redacted.make(wrong) }))
        )
        assert.include(error.message, "another character that a key cannot have")
        assert.isFalse(AiError.isAiError(error) && error.isRetryable)
        assert.notInclude(inspect(error, { depth: 10 }), "sk-")
      }
      assert.strictEqual(stub.asked.length, 1)
    }))

  it.effect("must have a key for OpenAI's own address", () =>
    Effect.gen(function*() {
      for (const env of [{}, { OPENAI_API_KEY: "" }, { OPENAI_BASE_URL: "", OPENAI_API_KEY: "" }]) {
        const exit = yield* Effect.exit(Effect.scoped(Layer.build(configured(env))))
        assert.include(exit._tag === "Failure" ? Cause.pretty(exit.cause) : "", "Set OPENAI_API_KEY, or give")
      }
      yield* Effect.scoped(Layer.build(configured({ OPENAI_API_KEY: key })))
    }))
})

it.effect("the key is in no error, span or description, even if the server repeats it", () =>
  Effect.gen(function*() {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const plays: ReadonlyArray<Play> = [
      { status: 401, body: failure(`Incorrect API key provided: ${key}.`) },
      { status: 400, body: `your header was Bearer ${key}` },
      { body: `not json, but ${key}` },
      { body: failure(`upstream says ${key}`) },
      { chunks: ["{"], then: "break" }
    ]
    const streamed: ReadonlyArray<Play> = [
      { chunks: [`data: ${JSON.stringify(failure(`upstream says ${key}`))}\n\n`], then: "end" },
      { chunks: [`data: nonsense about ${key}\n\n`], then: "end" }
    ]
    const failing = [
      ...plays.map((play) => ({ play, question: post })),
      ...streamed.map((play) => ({ play, question: stream }))
    ]
    for (const { play, question } of failing) {
      const stub = yield* stubServer([play])
      const error = yield* question.pipe(Effect.provide(clientOf(stub)), Effect.flip, Effect.withTracer(tracer))
      const shown = [
        error.message,
        String(error),
        JSON.stringify(error),
        inspect(error, { depth: 20 }),
        Cause.pretty(Cause.fail(error))
      ].join("\n")
      assert.notInclude(shown, key)
    }
    // Fetch quotes headers that it cannot send.
    const unsendable = yield* errorOf({ body: {} }, { apiKey: Redacted.make(`${key}\nand more`) })
    assert.strictEqual(unsendable.reason._tag, "AuthenticationError")
    assert.notInclude(inspect(unsendable, { depth: 20 }), key)
    const stub = yield* stubServer([])
    const context = yield* Effect.scoped(Layer.build(clientOf(stub)))
    assert.notInclude(inspect(context, { depth: 20 }), key)
    assert.isAbove(spans.length, 4)
    for (const span of spans) {
      assert.notInclude(inspect([...span.attributes], { depth: 20 }), key)
      assert.notInclude(JSON.stringify(span.status, (_, value: unknown) => typeof value === "bigint" ? "" : value), key)
    }
  }))
