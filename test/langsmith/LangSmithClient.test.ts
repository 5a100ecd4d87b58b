import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { LangSmith, LangSmithClient } from "../../src/langsmith/index.ts"
import type { Fault } from "./stub.ts"
import { key, startStub } from "./support.ts"

/** A server in memory that answers in turn; `undefined` does not answer at all. */
const scripted = (answers: ReadonlyArray<Response | "unreachable" | undefined>) => {
  const asked: Array<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }> = []
  const http = HttpClient.make((request, url) => {
    const answer = answers[asked.length]
    asked.push({ url: url.href, headers: request.headers as Readonly<Record<string, string>> })
    if (answer === undefined) return Effect.never
    return answer === "unreachable"
      ? Effect.fail(new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) }))
      : Effect.succeed(HttpClientResponse.fromWeb(request, answer))
  })
  const client = LangSmithClient.layer({ apiUrl: "https://langsmith.test", apiKey: Redacted.make(key) }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, http))
  )
  return { asked, client }
}

const get = LangSmithClient.LangSmithClient.use(({ request }) => request({ method: "GET", path: "/x" }))
const post = LangSmithClient.LangSmithClient.use(({ request }) => request({ method: "POST", path: "/x", body: {} }))

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })

describe("a request", () => {
  it.effect("is sent again after as long as the server asks for", () =>
    Effect.gen(function*() {
      const { asked, client } = scripted([
        json(429, {}, { "retry-after": "7" }),
        json(503, {}, { "retry-after": "2" }),
        json(200, 1)
      ])
      const fiber = yield* Effect.forkChild(Effect.provide(get, client))
      yield* TestClock.adjust(6999)
      assert.strictEqual(asked.length, 1)
      yield* TestClock.adjust(1)
      assert.strictEqual(asked.length, 2)
      yield* TestClock.adjust(1999)
      assert.strictEqual(asked.length, 2)
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(fiber), 1)
    }))

  it.effect("is sent again after twice as long each time, and not for ever", () =>
    Effect.gen(function*() {
      const { asked, client } = scripted([json(500, {}), json(502, {}), json(408, {}), json(425, {}), json(503, {})])
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.provide(get, client)))
      const step = 25
      const times = [0]
      for (let now = 0; now < 10_000; now += step) {
        yield* TestClock.adjust(step)
        while (times.length < asked.length) times.push(now + step)
      }
      assert.strictEqual(times.length, 5)
      // Each a quarter more or less.
      for (const [i, delay] of [300, 600, 1200, 2400].entries()) {
        assert.closeTo((times[i + 1] ?? 0) - (times[i] ?? 0), delay, delay / 4 + step)
      }
      const error = yield* Fiber.join(fiber)
      assert.deepInclude(error, { reason: "Unavailable", status: 503 })
    }))

  it.effect("is not sent again where that cannot help", () =>
    Effect.gen(function*() {
      for (const status of [400, 401, 403, 404, 409, 413, 422]) {
        const { asked, client } = scripted([json(status, {}), json(200, 1)])
        const error = yield* Effect.flip(Effect.provide(get, client))
        assert.strictEqual(error.status, status)
        assert.strictEqual(asked.length, 1)
      }
    }))

  it.effect("that creates something is not sent again if nobody knows whether it arrived", () =>
    Effect.gen(function*() {
      const lost = scripted(["unreachable", json(200, 1)])
      assert.strictEqual((yield* Effect.flip(Effect.provide(post, lost.client))).reason, "Unavailable")
      assert.strictEqual(lost.asked.length, 1)
      const refused = scripted([json(429, {}, { "retry-after": "1" }), json(200, 1)])
      const fiber = yield* Effect.forkChild(Effect.provide(post, refused.client))
      yield* TestClock.adjust(1000)
      assert.strictEqual(yield* Fiber.join(fiber), 1)
      const read = scripted(["unreachable", json(200, 1)])
      const again = yield* Effect.forkChild(Effect.provide(get, read.client))
      yield* TestClock.adjust(1000)
      assert.strictEqual(yield* Fiber.join(again), 1)
    }))

  it.effect("waits no longer than it may", () =>
    Effect.gen(function*() {
      const { client } = scripted([])
      const fiber = yield* Effect.forkChild(Effect.flip(Effect.provide(post, client)))
      yield* TestClock.adjust("60 seconds")
      const error = yield* Fiber.join(fiber)
      assert.include(error.message, "did not answer POST https://langsmith.test/x within")
    }))
})

describe("an error", () => {
  const errors: ReadonlyArray<readonly [reason: string, fault: Fault, words: ReadonlyArray<string>]> = [
    ["WrongKey", { status: 401, body: { detail: `Invalid token ${key}` } }, [
      "401",
      "Invalid token",
      "LANGSMITH_API_KEY"
    ]],
    ["Forbidden", { status: 403 }, ["403", "LANGSMITH_WORKSPACE_ID"]],
    ["NotFound", { status: 404, body: { detail: "Dataset not found" } }, ["Dataset not found"]],
    ["Conflict", { status: 409 }, ["409", "there already"]],
    ["TooLarge", { status: 413 }, ["413", "larger"]],
    ["Invalid", { status: 422, body: { detail: [{ loc: ["body", "name"], msg: "required" }] } }, [
      "422",
      `"name"`,
      "required"
    ]],
    ["RateLimited", { status: 429, headers: { "retry-after": "3" } }, ["429"]],
    ["Unavailable", { status: 500, body: { error: "oops" } }, ["500", "oops", "later"]],
    ["Unavailable", "cut", ["could not be reached"]],
    ["Unreadable", "garbage", ["no JSON", "You are not connected"]]
  ]
  it.live.each(errors)(
    "says what happened and what to do, and never the key: %s",
    ([reason, fault, words]) =>
      Effect.gen(function*() {
        const stub = yield* startStub()
        stub.fault = () => fault
        const error = yield* LangSmithClient.LangSmithClient.use(({ requestOnce }) =>
          requestOnce({ method: "POST", path: "/sessions", body: { name: "x" } })
        ).pipe(
          Effect.provide(
            Layer.provide(
              LangSmithClient.layer({ apiUrl: stub.url, apiKey: Redacted.make(key) }),
              FetchHttpClient.layer
            )
          ),
          Effect.flip
        )
        assert.strictEqual(error.reason, reason)
        for (const word of [...words, `POST ${stub.url}/sessions`]) assert.include(error.message, word)
        assert.notInclude(
          `${error.message} ${JSON.stringify(error)} ${String(error.stack)} ${String(error.cause)}`,
          key
        )
        if (reason === "RateLimited") assert.strictEqual(error.retryAfterMillis, 3000)
      })
  )
})

describe("the configuration", () => {
  const asked = (variables: Record<string, string>, options: LangSmith.Options = {}) =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const env = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, value.replace("STUB", stub.url)])
      )
      yield* LangSmithClient.LangSmithClient.use(({ request }) => request({ method: "GET", path: "/sessions" })).pipe(
        Effect.provide(LangSmith.layerConfig(options)),
        Effect.provide([FetchHttpClient.layer, NodeServices.layer]),
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
      )
      return stub.askedOf("GET /sessions")[0]?.headers
    })

  it.live("is read under either prefix, the newer one first; empty variables are none", () =>
    Effect.gen(function*() {
      assert.deepInclude(
        yield* asked({
          LANGSMITH_ENDPOINT: "STUB",
          LANGSMITH_API_KEY: "newer",
          LANGCHAIN_API_KEY: "older",
          LANGSMITH_WORKSPACE_ID: "w1"
        }),
        { "x-api-key": "newer", "x-tenant-id": "w1" }
      )
      const old = yield* asked({ LANGCHAIN_ENDPOINT: "STUB", LANGSMITH_API_KEY: " ", LANGCHAIN_API_KEY: "older" })
      assert.deepInclude(old, { "x-api-key": "older" })
      assert.notProperty(old, "x-tenant-id")
      // What is given counts first; a server of one's own needs no key.
      assert.deepInclude(
        yield* asked({ LANGSMITH_ENDPOINT: "STUB", LANGSMITH_API_KEY: "other" }, { apiKey: Redacted.make("given") }),
        { "x-api-key": "given" }
      )
      assert.notProperty(yield* asked({ LANGSMITH_ENDPOINT: "STUB" }), "x-api-key")
    }))

  it.live("misses the key at once where it is LangSmith's own address", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(LangSmith.layerConfig())).pipe(
          Effect.provide([FetchHttpClient.layer, NodeServices.layer]),
          Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ LANGSMITH_API_KEY: "" })))
        )
      )
      assert.include(error.message, "LANGSMITH_API_KEY")
    }))

  it.live("refuses a share of traces that is none", () =>
    Effect.gen(function*() {
      for (const rate of ["many", "2", "-0.1"]) {
        const error = yield* Effect.flip(
          Effect.scoped(Layer.build(LangSmith.layerConfig())).pipe(
            Effect.provide([FetchHttpClient.layer, NodeServices.layer]),
            Effect.provide(
              ConfigProvider.layer(
                ConfigProvider.fromUnknown({ LANGSMITH_API_KEY: "k", LANGSMITH_TRACING_SAMPLING_RATE: rate })
              )
            )
          )
        )
        assert.include(error.message, "LANGSMITH_TRACING_SAMPLING_RATE")
      }
    }))
})

describe("the address of the pages", () => {
  const addresses: ReadonlyArray<readonly [string, string]> = [
    ["https://api.smith.langchain.com", "https://smith.langchain.com"],
    ["https://eu.api.smith.langchain.com", "https://eu.smith.langchain.com"],
    ["https://langsmith.example.org/api/v1", "https://langsmith.example.org"],
    ["https://example.org/langsmith/api", "https://example.org/langsmith"],
    ["http://localhost:1984", "http://localhost:3000"]
  ]
  it.effect.each(addresses)("belongs to that of the API: %s", ([apiUrl, webUrl]) =>
    Effect.gen(function*() {
      const client = yield* LangSmithClient.LangSmithClient
      assert.strictEqual(client.webUrl, webUrl)
    }).pipe(Effect.provide(Layer.provide(LangSmithClient.layer({ apiUrl }), FetchHttpClient.layer))))
})
