/**
 * What is left when something goes wrong: `behaviour.ts <subject>`. Ten rows; the target fails on one, an evaluator throws
 * on another; a second evaluator is fine. And how far a generator of 10,000 rows is pulled before the first row is done.
 * Prints what a user finds in the result, as JSON.
 */
import { Effect, Stream } from "effect"
import { Dataset, Evaluation, Evaluator, TracingClient } from "../../src/index.ts"

export interface Found {
  /** Rows in the result. */
  readonly rows: number
  /** Whether the failure of the target can be seen in the result. */
  readonly targetFailureShown: boolean
  /** Whether the failure of the evaluator can be seen in the result. */
  readonly evaluatorFailureShown: boolean
  /** Whether the other evaluator's result of that row is there. */
  readonly otherResultKept: boolean
  /** Whether the result itself says how many rows have no score. */
  readonly missingScoresCounted: boolean
  /** Rows pulled from the source when the first one was done; `undefined` if it takes arrays only. */
  readonly pulledAhead: number | undefined
}

const failing = (n: number): number => {
  if (n === 3) throw new Error("target failed")
  return n * 2
}

const flaky = (n: number): number => {
  if (n === 5) throw new Error("evaluator failed")
  return 1
}

const effectEvals = async (): Promise<Found> => {
  const experiment = await Effect.runPromise(
    Evaluation.run(
      Evaluation.make("bench", {
        data: Dataset.fromIterable("bench", Array.from({ length: 10 }, (_, n) => ({ inputs: n }))),
        target: failing
      }),
      {
        evaluators: [Evaluator.make("flaky", ({ inputs }) => flaky(inputs)), Evaluator.make("fine", () => 1)]
      }
    ).pipe(Effect.provide(TracingClient.layerNone))
  )
  let pulled = 0
  const source = function*() {
    for (let n = 0; n < 10_000; n++) {
      pulled++
      yield { inputs: n }
    }
  }
  const ahead = await Effect.runPromise(
    Evaluation.stream(
      Evaluation.make("bench", {
        data: Dataset.fromIterable("bench", source()),
        target: (n) => Effect.as(Effect.sleep(5), n)
      }),
      { concurrency: 4 }
    ).pipe(Stream.take(1), Stream.map(() => pulled), Stream.runHead, Effect.provide(TracingClient.layerNone))
  )
  const flakyRow = experiment.rows[5]
  const outcomes = experiment.summaries["flaky"]?.outcomes
  return {
    rows: experiment.rows.length,
    targetFailureShown: experiment.rows[3]?.run.error?.includes("target failed") === true,
    evaluatorFailureShown: flakyRow?.evaluations[0]?.outcome._tag === "Failed",
    otherResultKept: flakyRow?.evaluations[1]?.outcome._tag === "Scored",
    missingScoresCounted: outcomes?.failed === 1 && outcomes.skipped === 1,
    pulledAhead: ahead._tag === "Some" ? ahead.value : undefined
  }
}

const langsmith = async (): Promise<Found> => {
  const { Client } = await import("langsmith" as string) as { Client: new(options: object) => object }
  interface Result {
    results: ReadonlyArray<{
      run: { error?: string }
      evaluationResults: { results: ReadonlyArray<{ key: string; score?: number }> }
      example: { inputs: { n: number } }
    }>
  }
  const { evaluate } = await import("langsmith/evaluation" as string) as {
    evaluate: (target: unknown, options: object) => Promise<Result>
  }
  const id = "11111111-1111-4111-8111-111111111111"
  const client = new Client({
    apiUrl: "http://127.0.0.1:1",
    apiKey: "none",
    tracingSamplingRate: 0,
    fetchImplementation: async (url: string, init: { method?: string }) => {
      const { pathname } = new URL(url)
      const body = pathname === "/sessions" && (init.method ?? "GET") === "GET"
        ? [{ id, tenant_id: id, name: "d" }]
        : { id, tenant_id: id, name: "d", instance_flags: {}, batch_ingest_config: {} }
      return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } })
    }
  })
  const time = "2025-01-01T00:00:00.000000+00:00"
  const data = Array.from({ length: 10 }, (_, n) => ({
    id: `33333333-3333-4333-8333-${String(n).padStart(12, "0")}`,
    dataset_id: id,
    inputs: { n },
    outputs: {},
    metadata: {},
    created_at: time,
    modified_at: time
  }))
  console.log = () => {}
  console.error = () => {}
  const { results } = await evaluate((inputs: { n: number }) => ({ y: failing(inputs.n) }), {
    data,
    client,
    experimentPrefix: "bench",
    disableEvaluatorTracing: true,
    evaluators: [
      ({ inputs }: { inputs: { n: number } }) => ({ key: "flaky", score: flaky(inputs.n) }),
      () => ({ key: "fine", score: 1 })
    ]
  })
  const row = (n: number) => results.find(({ example }) => example.inputs.n === n)
  const keys = row(5)?.evaluationResults.results.map(({ key }) => key) ?? []
  return {
    rows: results.length,
    targetFailureShown: row(3)?.run.error?.includes("target failed") === true,
    evaluatorFailureShown: keys.includes("flaky"),
    otherResultKept: keys.includes("fine"),
    missingScoresCounted: false,
    pulledAhead: undefined
  }
}

const braintrust = async (): Promise<Found> => {
  interface Result {
    results: ReadonlyArray<{ input: number; error?: unknown; scores: Record<string, number | null> }>
    summary: { scores: Record<string, object> }
  }
  const { Eval } = await import("braintrust" as string) as {
    Eval: (name: string, evaluator: object, options: object) => Promise<Result>
  }
  const silent = { start: () => {}, increment: () => {}, stop: () => {}, setTotal: () => {} }
  const options = {
    noSendLogs: true,
    progress: silent,
    reporter: { name: "silent", reportEval: () => true, reportRun: () => true }
  }
  const { results, summary } = await Eval("bench", {
    data: Array.from({ length: 10 }, (_, n) => ({ input: n })),
    task: (n: number) => failing(n),
    scores: [
      ({ input }: { input: number }) => ({ name: "flaky", score: flaky(input) }),
      () => ({ name: "fine", score: 1 })
    ]
  }, options)
  let pulled = 0
  let pulledAhead: number | undefined
  const source = async function*() {
    for (let n = 0; n < 10_000; n++) {
      pulled++
      yield { input: n }
    }
  }
  await Eval("bench", {
    data: source,
    task: async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      pulledAhead ??= pulled
      return n
    },
    scores: [() => ({ name: "fine", score: 1 })],
    maxConcurrency: 4
  }, options)
  const row = (n: number) => results.find(({ input }) => input === n)
  return {
    rows: results.length,
    targetFailureShown: row(3)?.error !== undefined,
    evaluatorFailureShown: JSON.stringify(row(5) ?? {}).includes("evaluator failed"),
    otherResultKept: row(5)?.scores["fine"] === 1,
    // The summary has a mean of each score, and nothing on how many rows are in it.
    missingScoresCounted: Object.keys(summary.scores["flaky"] ?? {}).some((key) => /count|missing|fail/i.test(key)),
    pulledAhead
  }
}

const subjects: { readonly [name: string]: () => Promise<Found> } = {
  "effect-evals": effectEvals,
  langsmith,
  braintrust
}
const subject = subjects[process.argv[2] ?? ""]
if (subject === undefined) throw new Error(`no subject ${process.argv[2]}`)
process.stdout.write(JSON.stringify(await subject()) + "\n")
process.exit(0)
