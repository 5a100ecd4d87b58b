/** The real `langsmith` client at the work, with nothing uploaded: no evaluator runs, all traces sampled out. */
import { example, makeTarget } from "./work.ts"

const dataset = "11111111-1111-4111-8111-111111111111"

const json = (body: unknown) =>
  new Response(JSON.stringify(body), { status: 200, headers: { "content-type": "application/json" } })

/** Answers what the client asks before and after a run, in the same process. */
const answer = (url: string, method: string, count: number): unknown => {
  const { pathname } = new URL(url)
  if (pathname === "/info") return { version: "0.16.10", batch_ingest_config: {}, instance_flags: {} }
  if (pathname === "/sessions" && method === "GET") return [{ id: dataset, tenant_id: dataset, name: "d" }]
  if (pathname.startsWith("/sessions")) return { id: dataset, tenant_id: dataset, name: "d" }
  if (pathname.startsWith("/datasets")) return { id: dataset, name: "ds", example_count: count }
  return {}
}

/** Loads the client; gives a function that runs it once. */
export const makeLangsmith = async (
  count: number,
  concurrency: number,
  millis: number
): Promise<() => Promise<unknown>> => {
  // Installed for the benchmarks alone, so the type checker does not know it.
  const { Client } = await import("langsmith" as string) as { Client: new(options: object) => object }
  const { evaluate } = await import("langsmith/evaluation" as string) as {
    evaluate: (target: unknown, options: object) => Promise<{ results: ReadonlyArray<unknown> }>
  }
  const client = new Client({
    apiUrl: "http://127.0.0.1:1",
    apiKey: "none",
    tracingSamplingRate: 0,
    fetchImplementation: async (url: string, init: { method?: string }) =>
      json(answer(url, init.method ?? "GET", count))
  })
  const data = Array.from({ length: count }, (_, i) => {
    const { id, inputs, referenceOutputs } = example(i)
    const time = "2025-01-01T00:00:00.000000+00:00"
    return {
      id,
      dataset_id: dataset,
      inputs,
      outputs: referenceOutputs,
      metadata: {},
      created_at: time,
      modified_at: time
    }
  })
  interface Args {
    outputs: { y: number }
    referenceOutputs: { y: number }
  }
  const evaluators = [
    ({ outputs, referenceOutputs }: Args) => ({ key: "correct", score: outputs.y === referenceOutputs.y ? 1 : 0 }),
    ({ outputs }: Args) => ({ key: "length", score: String(outputs.y).length })
  ]
  const target = makeTarget(millis)
  console.log = () => {}
  return async () => {
    const { results } = await evaluate((inputs: { x: number; question: string }) => target(inputs), {
      data,
      evaluators,
      client,
      experimentPrefix: "bench",
      maxConcurrency: concurrency,
      disableEvaluatorTracing: true
    })
    if (results.length !== count) throw new Error(`langsmith gave ${results.length} rows`)
  }
}
