/** Runs and results at a collector: what `effect/observability` sends over HTTP, read back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { traceable } from "../../src/traceable/index.ts"
import { untraced } from "../support/run.ts"

interface Value {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface KeyValue {
  readonly key: string
  readonly value: Value
}

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: ReadonlyArray<KeyValue>
  readonly events: ReadonlyArray<{ readonly name: string; readonly attributes: ReadonlyArray<KeyValue> }>
  readonly status: { readonly code: number; readonly message?: string }
}

interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<KeyValue> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<OtlpSpan> }>
  }>
}

const plain = (attributes: ReadonlyArray<KeyValue>) =>
  Object.fromEntries(attributes.map(({ key, value }) => {
    const { boolValue, doubleValue, intValue, stringValue } = value
    return [key, stringValue ?? boolValue ?? doubleValue ?? Number(intValue)]
  }))

/** Of attributes, those of the conventions. */
const genAi = (attributes: ReadonlyArray<KeyValue>) =>
  Object.fromEntries(Object.entries(plain(attributes)).filter(([key]) => /^(gen_ai|error)\./.test(key)))

const collector: Effect.Effect<{ readonly url: string; readonly spans: ReadonlyArray<OtlpSpan> }, never, Scope.Scope> =
  Effect
    .acquireRelease(
      Effect.promise(async () => {
        const spans: Array<OtlpSpan> = []
        const server = createServer(async (request, response) => {
          const pieces: Array<Buffer> = []
          for await (const piece of request) pieces.push(piece)
          if (request.url === "/v1/traces") {
            const traces: Traces = JSON.parse(Buffer.concat(pieces).toString("utf8"))
            for (const { scopeSpans } of traces.resourceSpans) spans.push(...scopeSpans.flatMap(({ spans }) => spans))
          }
          response.writeHead(200, { "content-type": "application/json" }).end("{}")
        })
        server.listen(0, "127.0.0.1")
        await once(server, "listening")
        return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, server }
      }),
      ({ server }) =>
        Effect.promise(async () => {
          server.closeAllConnections()
          server.close()
          await once(server, "close")
        })
    )

const exporter = (url: string) =>
  Otlp.layerJson({ baseUrl: url, resource: { serviceName: "evaluations" } }).pipe(Layer.provide(FetchHttpClient.layer))

describe("OpenTelemetry", () => {
  it.live("sees runs, what they did, and what evaluators found, in one trace", () =>
    Effect.gen(function*() {
      const { spans, url } = yield* collector
      const shout = traceable(async (text: string) => text.toUpperCase(), { name: "shout" })
      const data = Dataset.fromIterable("words", ["good", "bad"].map((inputs) => ({ inputs })))
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("shouting", {
            data,
            target: (text) =>
              text === "bad"
                ? Effect.fail(new TypeError("too bad"))
                : Effect.promise(() => shout(text)).pipe(
                  Effect.tap(Effect.annotateCurrentSpan({
                    "gen_ai.operation.name": "chat",
                    "gen_ai.usage.input_tokens": 3
                  })),
                  Effect.withSpan("model")
                )
          }),
          {
            name: "nightly",
            evaluators: [
              Evaluator.make("loud", ({ outputs }) => ({ score: outputs === "GOOD", comment: "all capitals" })),
              Evaluator.make("judge", () => Effect.succeed({ score: 0.25, value: "poor" })),
              Evaluator.make("several", () => [{ key: "a", score: 1 }, { key: "b", value: { deep: [1] } }]),
              Evaluator.make("broken", (): Effect.Effect<number, RangeError> => Effect.fail(new RangeError("no"))),
              Evaluator.make("throws", (): number => {
                throw new TypeError("at once")
              }),
              Evaluator.make("unsure", () => Evaluator.skip("cannot tell"))
            ]
          }
        )
      ).pipe(Effect.withSpan("job"), Effect.provide(exporter(url)))

      const named = (name: string) => spans.filter((span) => span.name === name)
      const one = (name: string): OtlpSpan => {
        const [span, ...others] = named(name)
        assert.deepStrictEqual(others, [], name)
        return span ?? assert.fail(`no span ${name}`)
      }
      assert.strictEqual(new Set(spans.map(({ traceId }) => traceId)).size, 1)

      // The runs.
      const runs = named("shouting")
      assert.lengthOf(runs, 2)
      for (const row of experiment.rows) {
        const span = runs.find(({ attributes }) => plain(attributes)["effect_evals.run_id"] === row.run.id)
        assert.deepStrictEqual(plain(span?.attributes ?? []), {
          "effect_evals.experiment": "nightly",
          "effect_evals.experiment_id": experiment.id,
          "effect_evals.example_id": row.example.id,
          "effect_evals.repetition": 0,
          "effect_evals.run_id": row.run.id
        })
        assert.strictEqual(span?.parentSpanId, one("job").spanId)
        assert.strictEqual(span?.status.code, row.run.error === undefined ? 1 : 2)
        assert.deepStrictEqual(span?.status.message, row.run.error === undefined ? undefined : "too bad")
      }
      const run = runs.find(({ status }) => status.code === 1)
      assert.strictEqual(one("model").parentSpanId, run?.spanId)
      assert.strictEqual(one("shout").parentSpanId, one("model").spanId)

      // What evaluators found, below the run.
      for (const name of ["loud", "judge", "several", "broken", "throws", "unsure"]) {
        assert.strictEqual(one(name).parentSpanId, run?.spanId, name)
        assert.strictEqual(plain(one(name).attributes)["effect_evals.run_id"], experiment.rows[0]?.run.id)
      }
      const found = (name: string) =>
        one(name).events.filter(({ name }) => name === "gen_ai.evaluation.result").map(({ attributes }) =>
          plain(attributes)
        )
      const loud = {
        "gen_ai.evaluation.name": "loud",
        "gen_ai.evaluation.score.value": 1,
        "gen_ai.evaluation.score.label": "true",
        "gen_ai.evaluation.explanation": "all capitals"
      }
      assert.deepStrictEqual(found("loud"), [loud])
      assert.deepStrictEqual(genAi(one("loud").attributes), loud)
      assert.deepStrictEqual(found("judge"), [{
        "gen_ai.evaluation.name": "judge",
        "gen_ai.evaluation.score.value": 0.25,
        "gen_ai.evaluation.score.label": "poor"
      }])
      assert.deepStrictEqual(found("several"), [
        { "gen_ai.evaluation.name": "a", "gen_ai.evaluation.score.value": 1 },
        { "gen_ai.evaluation.name": "b", "effect_evals.value": "{\"deep\":[1]}" }
      ])
      assert.deepStrictEqual(genAi(one("several").attributes), {})
      assert.deepStrictEqual(found("broken"), [{ "gen_ai.evaluation.name": "broken", "error.type": "RangeError" }])
      assert.strictEqual(one("broken").status.code, 2)
      assert.deepStrictEqual(genAi(one("throws").attributes), {
        "gen_ai.evaluation.name": "throws",
        "error.type": "TypeError"
      })
      assert.deepStrictEqual(found("unsure"), [])
      assert.strictEqual(plain(one("unsure").attributes)["gen_ai.evaluation.explanation"], "cannot tell")
      assert.deepStrictEqual(
        ["loud", "judge", "broken", "unsure"].map((name) => plain(one(name).attributes)["effect_evals.outcome"]),
        ["Scored", "Scored", "Failed", "Skipped"]
      )
    }))

  it.live("does not hold up a run when the collector is not there, and costs no results", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("numbers", {
            data: Dataset.fromIterable("numbers", Array.from({ length: 50 }, (_, n) => ({ inputs: n }))),
            target: (n) => n
          }),
          { evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)] }
        )
      ).pipe(
        Effect.provide(
          Otlp.layerJson({
            baseUrl: "http://127.0.0.1:9",
            resource: { serviceName: "evaluations" },
            shutdownTimeout: "50 millis"
          })
            .pipe(Layer.provide(FetchHttpClient.layer))
        )
      )
      assert.strictEqual(experiment.summaries["even"]?.score?.mean, 0.5)
    }))
})
