/** What is traced, at LangSmith; and headers, read by LangSmith's own client. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RunTree } from "langsmith"
import OpenAI from "openai"
import { Evaluation } from "../../src/index.ts"
import { DatasetStore } from "../../src/langsmith/index.ts"
import { parseTraceHeaders, traceable, traceHeaders, withHeaders, wrapOpenAI } from "../../src/traceable/index.ts"
import { langsmith, startStub } from "../langsmith/support.ts"
import { completion, openaiStub } from "./openaiStub.ts"
import { turn } from "./support.ts"

describe("traced functions at LangSmith", () => {
  it.live("are child runs whose ids and places are those that headers said", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const openai = yield* openaiStub(() => ({ body: completion("Paris") }))
      const client = wrapOpenAI(new OpenAI({ apiKey: "none", baseURL: openai.url }))
      const sent: Array<Record<string, string>> = []
      const outer = traceable(async () => {
        await turn()
        sent.push(traceHeaders({ metadata: { from: "test" }, tags: ["a", "b"], project: "p" }))
        return client.chat.completions.create({ model: "gpt-5-mini", messages: [{ role: "user", content: "?" }] })
      }, { name: "outer", processOutputs: () => undefined })
      const evaluation = yield* Effect.map(
        DatasetStore.dataset("stub-dataset"),
        (data) => Evaluation.make("traced", { data, target: async () => (await outer()).model })
      ).pipe(Effect.provide(langsmith(stub)))
      const experiment = yield* Evaluation.run(evaluation, { concurrency: 1 }).pipe(Effect.provide(langsmith(stub)))
      assert.deepStrictEqual(experiment.tracingFailures, [])

      const runs = Array.from(stub.runs.values())
      const outers = runs.filter(({ name }) => name === "outer")
      assert.lengthOf(outers, experiment.rows.length)
      assert.sameMembers(
        outers.map(({ dotted_order }) => dotted_order),
        sent.map((headers) => headers["langsmith-trace"])
      )
      for (const headers of sent) {
        const theirs = RunTree.fromHeaders(headers)
        const parent = outers.find(({ id }) => id === theirs?.id)
        assert.isDefined(parent)
        assert.strictEqual(theirs?.trace_id, parent?.trace_id)
        assert.deepStrictEqual([theirs?.tags, theirs?.project_name], [["a", "b"], "p"])
        assert.strictEqual(theirs?.extra?.["metadata"]?.from, "test")
        const call = runs.find(({ parent_run_id }) => parent_run_id === parent?.id)
        assert.strictEqual(call?.run_type, "llm")
        assert.deepStrictEqual(call?.inputs, { messages: [{ role: "user", content: "?" }] })
        assert.strictEqual(call?.outputs?.usage_metadata?.input_tokens, 10)
        assert.strictEqual(call?.extra?.metadata?.ls_model_name, "gpt-5-mini")
      }
    }))

  it("go on from the headers of LangSmith's client", async () => {
    const parent = new RunTree({ name: "theirs", tags: ["x"], metadata: { a: 1 }, project_name: "p" })
    const headers = parent.toHeaders()
    const ours = parseTraceHeaders(headers)
    assert.strictEqual(ours.langSmith?.parentRunId, parent.id)
    assert.strictEqual(ours.langSmith?.traceId, parent.trace_id)
    assert.strictEqual(ours.langSmith?.baggage.project, "p")
    assert.deepStrictEqual(ours.langSmith?.baggage.tags, ["x"])
    const onwards = await withHeaders({
      ...headers,
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    }, async () => {
      await turn()
      return traceHeaders()
    })
    assert.strictEqual(RunTree.fromHeaders(onwards)?.id, parent.id)
    assert.strictEqual(RunTree.fromHeaders(onwards)?.project_name, "p")
  })
})
