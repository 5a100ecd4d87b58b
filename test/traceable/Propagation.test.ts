import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, type Tracer } from "effect"
import { Dataset, Evaluation, Run } from "../../src/index.ts"
import { uuidOfSpan } from "../../src/internal/values/identity.ts"
import { parseTraceHeaders, traceable, traceHeaders, withHeaders } from "../../src/traceable/index.ts"
import { untraced } from "../support/run.ts"
import { find, runOf, turn } from "./support.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe("headers that go out", () => {
  it.live("say the place below the run, with ids that the tree has, too", () =>
    Effect.gen(function*() {
      const outer = traceable(async () => {
        await turn()
        return traceHeaders({ metadata: { a: "ü, =" }, tags: ["x", "y"], project: "p" })
      }, { name: "outer" })
      const experiment = yield* untraced(
        Evaluation.run(
          Evaluation.make("one", {
            data: Dataset.fromIterable("one", [{ inputs: 1 }]),
            target: () =>
              Effect.gen(function*() {
                const direct = yield* Effect.sync(() => traceHeaders())
                return { direct, nested: yield* Effect.promise(() => outer()) }
              })
          })
        )
      )
      const run = experiment.rows[0]?.run
      const { direct = {}, nested = {} } = run?.outputs ?? {}
      const child = find(run ?? { childRuns: [] }, "outer")
      const parsed = parseTraceHeaders(nested)
      assert.strictEqual(parsed.langSmith?.traceId, run?.id)
      assert.strictEqual(parsed.langSmith?.parentRunId, uuidOfSpan(child.startTime, child.id))
      assert.match(parsed.langSmith?.parentRunId ?? "", uuid)
      assert.deepStrictEqual(parsed.langSmith?.baggage, { metadata: { a: "ü, =" }, tags: ["x", "y"], project: "p" })
      assert.strictEqual(parsed.span?.spanId, child.id)
      assert.match(nested["langsmith-trace"] ?? "", /^\d{8}T\d{12}Z[0-9a-f-]{36}\.\d{8}T\d{12}Z[0-9a-f-]{36}$/)
      assert.isTrue(nested["langsmith-trace"]?.startsWith(`${direct["langsmith-trace"]}.`))
      const stated = direct["langsmith-trace"]?.slice(0, 18)
      assert.strictEqual(stated, new Date(run?.startTime ?? 0).toISOString().replace(/[-:.Z]/g, "").slice(0, 18))
      assert.notProperty(direct, "baggage")
    }))

  it("are none where nothing is traced", () => {
    assert.deepStrictEqual(traceHeaders({ tags: ["x"] }), {})
  })
})

describe("headers that come in", () => {
  const langsmith = "20261121T081500000000Z019aa5b2-0000-7000-8000-000000000001." +
    "20261121T081500000001Z019aa5b2-0000-7000-8000-000000000002"

  it("are read in every form, and what is broken is not there", () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    const expected = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" }
    for (const headers of [{ traceparent }, new Headers({ traceparent }), { traceparent: [traceparent] }]) {
      const { span } = parseTraceHeaders(headers)
      assert.deepStrictEqual({ traceId: span?.traceId, spanId: span?.spanId }, expected)
    }
    assert.deepStrictEqual(
      parseTraceHeaders({ traceparent: "00-0-1", "langsmith-trace": "nonsense", baggage: "%%%" }),
      {
        span: undefined,
        langSmith: undefined
      }
    )
    const { langSmith } = parseTraceHeaders({
      "langsmith-trace": langsmith,
      baggage: "other=1, langsmith-metadata=%7Bbroken,langsmith-tags=a%2Cb"
    })
    assert.strictEqual(langSmith?.traceId, "019aa5b2-0000-7000-8000-000000000001")
    assert.strictEqual(langSmith?.parentRunId, "019aa5b2-0000-7000-8000-000000000002")
    assert.deepStrictEqual(langSmith?.baggage, { tags: ["a", "b"] })
  })

  it("are gone on from, and given on", async () => {
    const handler = traceable(async () => {
      await turn()
      return traceHeaders({ tags: ["mine"] })
    }, { name: "handler" })
    const headers = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "langsmith-trace": langsmith,
      baggage: "langsmith-project=theirs"
    }
    const out = await withHeaders(headers, () => handler())
    const { langSmith, span } = parseTraceHeaders(out)
    assert.strictEqual(span?.traceId, "0af7651916cd43dd8448eb211c80319c")
    assert.notStrictEqual(span?.spanId, "b7ad6b7169203331")
    assert.strictEqual(langSmith?.dottedOrder, langsmith)
    assert.deepStrictEqual(langSmith?.baggage, { tags: ["mine"], project: "theirs" })
  })

  it.live("are a parent for effects", () =>
    Effect.gen(function*() {
      const { span } = parseTraceHeaders({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })
      const current = yield* Effect.currentSpan.pipe(
        Effect.withSpan("request", { parent: span as Tracer.ExternalSpan }),
        Effect.option
      )
      assert.strictEqual(Option.getOrUndefined(current)?.traceId, "0af7651916cd43dd8448eb211c80319c")
    }))

  it.live("do not move what is below a run", () =>
    Effect.gen(function*() {
      const run = yield* runOf(() => withHeaders({ "langsmith-trace": langsmith }, () => traceHeaders()))
      assert.strictEqual(parseTraceHeaders(run.outputs ?? {}).langSmith?.traceId, run.id)
      assert.deepStrictEqual(Array.from(Run.descendants(run)), [])
    }))
})
