import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, ConfigProvider, Duration, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer } from "node:net"
import { format } from "node:util"
import { FutureAgi, type FutureAgiError } from "../../src/futureagi/index.ts"
import {
  apiKey,
  type Fault,
  passFail,
  secretKey,
  settle,
  type Stub,
  stubServer,
  type StubTemplate
} from "./stubServer.ts"

const layerOf = (stub: { readonly url: string }, options: Partial<FutureAgi.Options> = {}) =>
  FutureAgi.layer({
    apiKey: Redacted.make(apiKey),
    secretKey: Redacted.make(secretKey),
    baseUrl: stub.url,
    ...options
  }).pipe(Layer.provide(FetchHttpClient.layer))

const request: FutureAgi.Request = {
  template: "groundedness",
  inputs: { output: "Paris", context: "The tower is in Paris." },
  model: "turing_small"
}

const posts = (stub: Stub) => stub.asked.filter(({ method }) => method === "POST")

/** Runs what fails, and gives why. */
const reasonOf = <A, R>(effect: Effect.Effect<A, FutureAgiError, R>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

/** Answers the first posts with faults. */
const firstPosts = (...faults: ReadonlyArray<Fault>) => {
  let seen = 0
  return (asked: { readonly method: string }): Fault | undefined => asked.method === "POST" ? faults[seen++] : undefined
}

describe("evaluate", () => {
  it.live("sends what the server takes, and gives what it says", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      const result = yield* FutureAgi.evaluate({ ...request, config: { k: 3 }, errorLocalizer: true }).pipe(
        Effect.provide(layerOf(stub))
      )
      assert.deepStrictEqual(result, {
        evalId: "00000000-0000-4000-8000-000000000001",
        template: "groundedness",
        output: "Passed",
        outputType: "Pass/Fail",
        reason: "because",
        runtimeMillis: 12.5,
        model: undefined,
        errorLocalizer: undefined
      })
      assert.deepStrictEqual(posts(stub).map(({ body }) => body), [{
        eval_name: "groundedness",
        inputs: { output: "Paris", context: "The tower is in Paris." },
        model: "turing_small",
        is_async: false,
        error_localizer: true,
        config: { params: { k: 3 } }
      }])
    }))

  it.live("reads camelCase as well", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ spelling: "camel" })
      yield* Effect.gen(function*() {
        const result = yield* FutureAgi.evaluate(request)
        assert.strictEqual(result.evalId, "00000000-0000-4000-8000-000000000001")
        assert.strictEqual(result.outputType, "Pass/Fail")
        const id = yield* FutureAgi.submit(request)
        const state = yield* FutureAgi.getResult(id)
        assert.strictEqual(state._tag === "Completed" ? state.result.output : state, "Passed")
        const [template] = yield* FutureAgi.templates
        assert.deepStrictEqual(template?.requiredKeys, ["output", "context"])
      }).pipe(Effect.provide(layerOf(stub)))
    }))

  it.live("keeps one evaluation one where an input is a list, and sends everything else as JSON", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const template: StubTemplate = {
        name: "chunks",
        requiredKeys: ["context", "output", "meta"],
        judge: (inputs) => {
          seen.push(inputs)
          return 0.5
        }
      }
      const stub = yield* stubServer({ templates: [template] })
      const result = yield* FutureAgi.evaluate({
        template: "chunks",
        inputs: { context: ["one", "two"], output: "x", meta: { n: [1, 2] } }
      }).pipe(Effect.provide(layerOf(stub)))
      assert.strictEqual(result.output, 0.5)
      assert.deepStrictEqual(seen, [{ context: ["one", "two"], output: "x", meta: "{\"n\":[1,2]}" }])
      assert.strictEqual(stub.begun(), 1)
    }))

  it.live("says that an evaluation without an output failed", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ templates: [{ ...passFail, judge: () => null }] })
      const reason = yield* reasonOf(FutureAgi.evaluate(request)).pipe(Effect.provide(layerOf(stub)))
      assert.strictEqual(reason._tag, "EvaluationFailedError")
      assert.include(reason.message, "no output: because")
    }))
})

describe("inputs", () => {
  it.live("are held against the template before anything is sent", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      yield* Effect.gen(function*() {
        const missing = yield* reasonOf(
          FutureAgi.evaluate({ ...request, inputs: { output: "x", context: undefined, question: "y" } })
        )
        assert.strictEqual(missing._tag, "InvalidInputError")
        if (missing._tag !== "InvalidInputError") return
        assert.deepStrictEqual([missing.missing, missing.unexpected], [["context"], ["question"]])
        assert.include(missing.message, "It takes output, context, input, and needs output, context. Nothing was sent.")

        const model = yield* reasonOf(FutureAgi.submit({ ...request, model: "gpt" }))
        assert.include(model.message, "the model must be one of turing_flash, turing_small, turing_large, not gpt")

        const circle: Record<string, unknown> = {}
        circle["self"] = circle
        const noJson = yield* reasonOf(FutureAgi.evaluate({ ...request, inputs: { output: circle, context: "" } }))
        assert.include(noJson.message, "the input output of groundedness is neither a text nor JSON")
      }).pipe(Effect.provide(layerOf(stub)))
      assert.lengthOf(posts(stub), 0)
    }))

  it.live("are never filled in from another field, also when they are not checked", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      const reason = yield* reasonOf(FutureAgi.evaluate({ ...request, inputs: { output: "x" } })).pipe(
        Effect.provide(layerOf(stub, { checkInputs: false }))
      )
      assert.deepStrictEqual(stub.asked.map(({ body }) => body?.inputs), [{ output: "x" }])
      assert.strictEqual(reason._tag, "RejectedError")
      if (reason._tag !== "RejectedError") return
      assert.deepStrictEqual(reason.details, { inputs: ["Missing required keys: context"] })
      assert.include(reason.message, "Missing required keys: context")
    }))

  it.effect("ask for the list of templates once, and again for a template that is not in it", () =>
    Effect.gen(function*() {
      const templates: Array<StubTemplate> = [passFail]
      const stub = yield* stubServer({ templates })
      const lists = () => stub.asked.filter(({ path }) => path.endsWith("get-evals/")).length
      yield* settle(
        Effect.gen(function*() {
          yield* Effect.forEach([1, 2, 3, 4], () => FutureAgi.evaluate(request), { concurrency: "unbounded" })
          assert.strictEqual(lists(), 1)
          templates.push({ ...passFail, name: "mine" })
          const unknown = yield* reasonOf(FutureAgi.evaluate({ ...request, template: "mine" }))
          assert.strictEqual(unknown._tag, "NotFoundError")
          assert.strictEqual(lists(), 1)
          yield* Effect.sleep("1 minute")
          yield* FutureAgi.evaluate({ ...request, template: "mine" })
          assert.strictEqual(lists(), 2)
          const misspelt = yield* reasonOf(FutureAgi.evaluate({ ...request, template: "groundedness_check" }))
          assert.include(misspelt.message, "Is it one of groundedness?")
        }).pipe(Effect.provide(layerOf(stub)))
      )
    }))
})

describe("errors", () => {
  it.live("say what is wrong with the key, and do not show it", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({
        faults: () => ({ status: 401, body: { detail: `no such key: ${apiKey} / ${secretKey}` } })
      })
      const error = yield* Effect.flip(FutureAgi.submit(request)).pipe(Effect.provide(layerOf(stub)))
      assert.strictEqual(error.reason._tag, "AuthenticationError")
      assert.isFalse(error.isRetryable)
      assert.include(error.message, "the key or the secret is wrong")
      const shown = [format(error), JSON.stringify(error), Cause.pretty(Cause.fail(error)), String(error.cause)].join()
      assert.notInclude(shown, apiKey)
      assert.notInclude(shown, secretKey)
    }))

  const single: ReadonlyArray<readonly [status: number, tag: string]> = [
    [400, "RejectedError"],
    [402, "RejectedError"],
    [403, "AuthenticationError"],
    [404, "NotFoundError"],
    [409, "RejectedError"],
    [422, "RejectedError"]
  ]
  for (const [status, tag] of single) {
    it.live(`${status} is ${tag}, asked once`, () =>
      Effect.gen(function*() {
        const stub = yield* stubServer({ faults: () => ({ status, body: { status: false, result: "no" } }) })
        const error = yield* Effect.flip(FutureAgi.evaluate(request)).pipe(
          Effect.provide(layerOf(stub, { checkInputs: false }))
        )
        assert.strictEqual(error.reason._tag, tag)
        assert.isFalse(error.isRetryable)
        assert.lengthOf(stub.asked, 1)
      }))
  }

  it.live("an answer of 200 that says it is none is rejected", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({
        faults: firstPosts({ status: 200, body: { status: false, result: { inputs: ["too long"] } } })
      })
      const reason = yield* reasonOf(FutureAgi.submit(request)).pipe(Effect.provide(layerOf(stub)))
      assert.strictEqual(reason._tag, "RejectedError")
      assert.include(reason.message, "inputs: too long")
    }))

  it.live("an answer that is no JSON, and one that is not the protocol", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({
        faults: firstPosts({ status: 200, body: "<html>" }, { status: 200, body: { status: true, result: [] } }, {
          status: 200,
          body: { status: true, result: [{ evaluations: [{ name: "groundedness" }] }] }
        })
      })
      yield* Effect.gen(function*() {
        const reasons = [
          yield* reasonOf(FutureAgi.evaluate(request)),
          yield* reasonOf(FutureAgi.evaluate(request)),
          yield* reasonOf(FutureAgi.submit(request))
        ]
        assert.deepStrictEqual(
          reasons.map(({ _tag }) => _tag),
          Array.from({ length: 3 }, () => "UnexpectedAnswerError")
        )
      }).pipe(Effect.provide(layerOf(stub)))
    }))

  it.live("a wrong address", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      const under = yield* reasonOf(FutureAgi.templates).pipe(Effect.provide(layerOf({ url: `${stub.url}/app` })))
      assert.strictEqual(under._tag, "NotFoundError")
      assert.include(under.message, "Is FI_BASE_URL the address")
      const none = yield* reasonOf(FutureAgi.templates).pipe(Effect.provide(layerOf({ url: "not an address" })))
      assert.strictEqual(none._tag, "NotFoundError")
    }))
})

describe("what is sent again", () => {
  it.effect("429: after what the server asks to wait, by all requests", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const clock = yield* Clock.Clock
      let faults = 1
      const stub = yield* stubServer({
        faults: ({ method }) => {
          if (method !== "POST") return undefined
          times.push(clock.currentTimeMillisUnsafe())
          return faults-- > 0 ? { status: 429, headers: { "retry-after": "30" }, body: {} } : undefined
        }
      })
      yield* settle(
        Effect.gen(function*() {
          yield* FutureAgi.evaluate(request)
          assert.strictEqual(stub.begun(), 1)
          const [first = 0, second = 0] = times
          assert.isAtLeast(second - first, 30_000)
        }).pipe(Effect.provide(layerOf(stub)))
      )
    }))

  it.effect("429 again and again is an error that says how long to wait", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({
        faults: ({ method }) =>
          method === "POST" ? { status: 429, headers: { "retry-after": "2.5" }, body: { result: "slow" } } : undefined
      })
      const error = yield* settle(Effect.flip(FutureAgi.evaluate(request)).pipe(Effect.provide(layerOf(stub))))
      assert.strictEqual(error.reason._tag, "RateLimitError")
      assert.isTrue(error.isRetryable)
      assert.deepStrictEqual(error.retryAfter, Duration.millis(2500))
      assert.lengthOf(posts(stub), 5)
    }))

  it.effect("503: nothing was done", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ faults: firstPosts({ status: 503 }, { status: 503 }) })
      yield* settle(FutureAgi.evaluate(request).pipe(Effect.provide(layerOf(stub))))
      assert.lengthOf(posts(stub), 3)
      assert.strictEqual(stub.begun(), 1)
    }))

  const once: ReadonlyArray<readonly [name: string, fault: Fault, tag: string, mayHaveRun: boolean]> = [
    ["500: the server gave up", { status: 500, body: { result: "failed to run" } }, "UnavailableError", false],
    ["502: a gateway does not know", { status: 502 }, "UnavailableError", true],
    ["504: a gateway does not know", { status: 504 }, "UnavailableError", true],
    ["a connection cut after sending", "hangUp", "UnavailableError", true],
    ["an answer that breaks off", "breakOff", "UnavailableError", true],
    ["no answer in time", "hang", "TimeoutError", true]
  ]
  for (const [name, fault, tag, mayHaveRun] of once) {
    it.effect(`not: ${name}`, () =>
      Effect.gen(function*() {
        const stub = yield* stubServer({ faults: firstPosts(fault, fault) })
        const error = yield* settle(
          Effect.flip(FutureAgi.evaluate(request)).pipe(Effect.provide(layerOf(stub, { timeout: "20 seconds" })))
        )
        assert.strictEqual(error.reason._tag, tag)
        assert.strictEqual(error.isRetryable, !mayHaveRun)
        assert.lengthOf(posts(stub), 1)
      }))
  }

  it.effect("not: a submission without an answer in time", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ faults: firstPosts("hang") })
      const reason = yield* settle(reasonOf(FutureAgi.submit(request)).pipe(Effect.provide(layerOf(stub))))
      assert.strictEqual(reason._tag, "TimeoutError")
      assert.include(reason.message, "did not answer within 30s; whether an evaluation was carried out is not known")
      assert.lengthOf(posts(stub), 1)
    }))

  it.effect("a connection that could not be made", () =>
    Effect.gen(function*() {
      // A port that nobody listens on: taken, and given back.
      const port = yield* Effect.callback<number>((resume) => {
        const server = createServer()
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          server.close(() => resume(Effect.succeed(typeof address === "object" ? address?.port ?? 0 : 0)))
        })
      })
      const requests: Array<string> = []
      const error = yield* settle(
        Effect.flip(FutureAgi.evaluate(request)).pipe(
          Effect.provide(
            FutureAgi.layer({
              apiKey: Redacted.make(apiKey),
              secretKey: Redacted.make(secretKey),
              baseUrl: `http://127.0.0.1:${port}`,
              checkInputs: false
            }).pipe(Layer.provide(FetchHttpClient.layer))
          ),
          Effect.provideService(FetchHttpClient.Fetch, (input, init) => {
            requests.push(String(input))
            return fetch(input, init)
          })
        )
      )
      assert.strictEqual(error.reason._tag, "UnavailableError")
      assert.isTrue(error.isRetryable)
      assert.include(error.message, "ECONNREFUSED")
      assert.lengthOf(requests, 5)
    }))

  it.effect("reads, after anything that may pass", () =>
    Effect.gen(function*() {
      const faults: Array<Fault> = [{ status: 500 }, "breakOff", "hangUp", { status: 429 }]
      const stub = yield* stubServer({ faults: ({ method }) => method === "GET" ? faults.shift() : undefined })
      const templates = yield* settle(FutureAgi.templates.pipe(Effect.provide(layerOf(stub))))
      assert.deepStrictEqual(templates.map(({ name, output, tags }) => [name, output, tags]), [
        ["groundedness", "Pass/Fail", ["SAFETY", "TEXT"]]
      ])
      assert.lengthOf(stub.asked, 5)
    }))
})

describe("await", () => {
  it.effect("asks until the evaluation is completed, less and less often", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const clock = yield* Clock.Clock
      const stub = yield* stubServer({
        states: () => ["pending", "PENDING", "processing", "running", undefined, "pending"],
        faults: ({ query }) => {
          if (query.has("eval_id")) times.push(clock.currentTimeMillisUnsafe())
          return undefined
        }
      })
      const result = yield* settle(
        Effect.flatMap(FutureAgi.submit(request), (id) => FutureAgi.await(id)).pipe(Effect.provide(layerOf(stub)))
      )
      assert.strictEqual(result.output, "Passed")
      assert.strictEqual(result.model, "turing_small")
      assert.lengthOf(times, 7)
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
      assert.isAbove(gaps.at(-1) ?? 0, gaps[0] ?? 0)
      assert.strictEqual(stub.begun(), 1)
    }))

  it.effect("fails with what the server says about an evaluation that failed", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ fails: () => "the model is out of order" })
      const error = yield* settle(
        Effect.flatMap(FutureAgi.submit(request), (id) => Effect.flip(FutureAgi.await(id))).pipe(
          Effect.provide(layerOf(stub))
        )
      )
      assert.strictEqual(error.reason._tag, "EvaluationFailedError")
      assert.include(error.message, "failed: the model is out of order")
    }))

  it.effect("gives up a state that is not known after a few answers", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer({ states: () => Array.from({ length: 100 }, () => "cancelled") })
      const error = yield* settle(
        Effect.flatMap(FutureAgi.submit(request), (id) => Effect.flip(FutureAgi.await(id, { unknownStates: 3 }))).pipe(
          Effect.provide(layerOf(stub))
        )
      )
      assert.strictEqual(error.reason._tag, "UnexpectedAnswerError")
      assert.include(error.message, "cancelled")
      assert.lengthOf(stub.asked.filter(({ query }) => query.has("eval_id")), 3)
    }))

  it.effect("outlasts a server that is not there for a while, and gives up in time", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let until = 0
      const stub = yield* stubServer({
        faults: ({ query }) =>
          query.has("eval_id") && clock.currentTimeMillisUnsafe() < until ? { status: 503 } : undefined,
        states: (id) => id.endsWith("2") ? Array.from({ length: 100_000 }, () => "processing") : []
      })
      yield* settle(
        Effect.gen(function*() {
          const first = yield* FutureAgi.submit(request)
          const second = yield* FutureAgi.submit(request)
          until = clock.currentTimeMillisUnsafe() + 60_000
          const result = yield* FutureAgi.await(first)
          assert.strictEqual(result.output, "Passed")
          const error = yield* Effect.flip(FutureAgi.await(second, { timeout: "2 minutes" }))
          assert.strictEqual(error.reason._tag, "TimeoutError")
          if (error.reason._tag !== "TimeoutError") return
          assert.strictEqual(error.reason.evalId, second)
          assert.isFalse(error.isRetryable)
          assert.include(error.message, "has not ended within 2m (it is processing)")
        }).pipe(Effect.provide(layerOf(stub))),
        1000
      )
      assert.strictEqual(stub.begun(), 2)
    }))

  it.live("says that there is no such evaluation", () =>
    Effect.gen(function*() {
      const stub = yield* stubServer()
      const reason = yield* reasonOf(FutureAgi.getResult("00000000-0000-4000-8000-00000000ffff")).pipe(
        Effect.provide(layerOf(stub))
      )
      assert.strictEqual(reason._tag, "NotFoundError")
      assert.include(reason.message, "there is no evaluation \"00000000-0000-4000-8000-00000000ffff\"")
    }))
})

describe("layerConfig", () => {
  it.live("reads the environment; keys of several servers stay apart", () =>
    Effect.gen(function*() {
      const one = yield* stubServer()
      const other = yield* stubServer()
      const layerFor = (stub: Stub, key: string) =>
        Layer.fresh(FutureAgi.layerConfig()).pipe(
          Layer.provide([
            FetchHttpClient.layer,
            ConfigProvider.layer(ConfigProvider.fromUnknown({
              FI_API_KEY: `${key}\n`,
              FI_SECRET_KEY: secretKey,
              FI_BASE_URL: `${stub.url}/`
            }))
          ])
        )
      const [right, wrong] = yield* Effect.all([
        Effect.result(FutureAgi.templates.pipe(Effect.provide(layerFor(one, apiKey)))),
        Effect.result(FutureAgi.templates.pipe(Effect.provide(layerFor(other, "another"))))
      ], { concurrency: 2 })
      assert.deepStrictEqual([right._tag, wrong._tag], ["Success", "Failure"])
      assert.deepStrictEqual([...one.asked, ...other.asked].map(({ headers }) => headers["x-api-key"]), [
        apiKey,
        "another"
      ])
    }))
})
