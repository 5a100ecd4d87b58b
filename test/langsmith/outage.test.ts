import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer, Logger, Redacted } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { LangSmith } from "../../src/langsmith/index.ts"
import { settle } from "../support/clock.ts"

const seconds = (n: number) => n * 1000

/** A server in memory, on the test clock, that is not there between two times. */
const server = (from: number, to: number) => {
  const runs = new Map<string, number>()
  const http = HttpClient.make((request, url) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (now >= from && now < to) {
        return yield* new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, description: "nobody is there" })
        })
      }
      const body = request.body._tag === "Uint8Array" ? Buffer.from(request.body.body).toString("utf8") : ""
      for (const [, id = ""] of body.matchAll(/name="post\.([0-9a-f-]{36})"/g)) runs.set(id, (runs.get(id) ?? 0) + 1)
      const answer = url.pathname === "/datasets"
        ? []
        : url.pathname.startsWith("/sessions")
        ? { tenant_id: "t", id: "s", ...(body === "" ? {} : JSON.parse(body)) }
        : {}
      return HttpClientResponse.fromWeb(request, new Response(JSON.stringify(answer)))
    })
  )
  const live = (options: LangSmith.Options = {}) =>
    LangSmith.layer({ apiUrl: "https://langsmith.test", apiKey: Redacted.make("key"), ...options }).pipe(
      Layer.provide([Layer.succeed(HttpClient.HttpClient, http), NodeServices.layer])
    )
  return { runs, live }
}

const rows = 120

/** A row a second. */
const run = Evaluation.run(
  Evaluation.make("e", {
    data: Dataset.fromIterable("d", Array.from({ length: rows }, (_, n) => ({ inputs: n }))),
    target: (n) => Effect.as(Effect.sleep(seconds(1)), n)
  }),
  { concurrency: 1, evaluators: [Evaluator.make("one", () => 1)] }
)

describe("an outage", () => {
  it.effect("of 30 seconds in the middle loses nothing", () =>
    Effect.gen(function*() {
      const { live, runs } = server(seconds(40), seconds(70))
      const experiment = yield* settle(Effect.provide(run, live()), { step: 500 })
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assert.strictEqual(runs.size, 2 * rows)
      assert.isTrue(experiment.rows.every(({ run }) => runs.has(run.id)))
    }).pipe(Effect.provide(Logger.layer([]))))

  it.effect("that does not end costs no score and little time, and what is missing is counted", () =>
    Effect.gen(function*() {
      const { live, runs } = server(seconds(40), Number.POSITIVE_INFINITY)
      const experiment = yield* settle(Effect.provide(run, live()), { step: 500 })
      assert.strictEqual(experiment.summaries["one"]?.outcomes.scored, rows)
      const written = experiment.rows.filter(({ run }) => runs.has(run.id)).length
      assert.isAbove(written, 30)
      const missing = experiment.tracingFailures.reduce((sum, { rows }) => sum + rows, 0)
      assert.strictEqual(missing, rows - written)
      // The rows take two minutes; what is on its way at the end gets half a minute, and the end itself as much.
      const took = yield* Clock.currentTimeMillis
      assert.isAtMost(took, seconds(rows + 30 + 30 + 30 + 5))
      assert.include(experiment.tracingFailures[0]?.message, "nobody is there")
    }).pipe(Effect.provide(Logger.layer([]))))

  it.effect("asks no more often than needed while it lasts", () =>
    Effect.gen(function*() {
      let asked = 0
      const { live } = server(seconds(10), Number.POSITIVE_INFINITY)
      const counting = live({
        flushInterval: 100,
        retryFor: seconds(5),
        transformClient: HttpClient.mapRequest((request) => {
          asked++
          return request
        })
      })
      yield* settle(Effect.provide(run, counting), { step: 100, steps: 20_000 })
      // After it was given up: once in five seconds, not once for each row.
      assert.isBelow(asked, 80)
    }).pipe(Effect.provide(Logger.layer([]))))
})
