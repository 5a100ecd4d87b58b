/**
 * An experiment written to a stand-in for LangSmith that runs in a process of its own:
 * `remote.ts <effect-evals|langsmith|pool> <rows> <concurrency> <milliseconds> <cold|warm>`. The runs of the target, those
 * of two evaluators and their feedback are all sent; what arrived is counted there. Prints what the first run took, or, warmed
 * up as `measureWarm` does, the first run and then five more.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Logger, Redacted, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { Dataset, Evaluation } from "../../src/index.ts"
import { LangSmith } from "../../src/langsmith/index.ts"
import { runPool } from "./pool.ts"
import { correct, example, length, makeTarget, measure, type Measured } from "./work.ts"

export interface Written {
  /** The first run and, if it was warmed up after that, five more. */
  readonly runs: ReadonlyArray<Measured>
  readonly peakMegabytes: number
  /** What the stand-in has got in the last run. */
  readonly arrived: {
    readonly runs: number
    readonly feedback: number
    readonly requests: number
    readonly bytes: number
  }
}

const [subject = "", rows, places, wait, how] = process.argv.slice(2)
const [count = 0, concurrency = 16, millis = 0] = [rows, places, wait].map(Number)

const dataset = "11111111-1111-4111-8111-111111111111"

const startStub = async (): Promise<{ readonly url: string; readonly process: ChildProcess }> => {
  const child = spawn(process.execPath, [
    "--conditions=effect-evals-source",
    join(import.meta.dirname, "remoteStub.ts"),
    String(count)
  ], { stdio: ["pipe", "pipe", "inherit"] })
  const [port] = await once(child.stdout, "data")
  return { url: `http://127.0.0.1:${String(port).trim()}`, process: child }
}

const examples = function*() {
  for (let i = 0; i < count; i++) yield example(i)
}

const ours = (url: string) => {
  const live = LangSmith.layer({ apiUrl: url, apiKey: Redacted.make("key"), dataset }).pipe(
    Layer.provide([FetchHttpClient.layer, NodeServices.layer])
  )
  const evaluation = Evaluation.make("bench", {
    data: Dataset.fromIterable("bench", examples()),
    target: makeTarget(millis)
  })
  return () =>
    Effect.runPromise(
      Evaluation.stream(evaluation, {
        evaluators: [correct, length],
        concurrency,
        runTrees: false,
        keepRows: false,
        onEnd: ({ tracingFailures }) =>
          tracingFailures.length === 0 ? Effect.void : Effect.die(new Error(JSON.stringify(tracingFailures)))
      }).pipe(Stream.runDrain, Effect.provide([live, Logger.layer([])]))
    )
}

const theirs = async (url: string) => {
  // Installed for the benchmarks alone, in the version that they name.
  const { Client } = await import("langsmith" as string) as {
    Client: new(options: object) => { awaitPendingTraceBatches: () => Promise<void> }
  }
  const { evaluate } = await import("langsmith/evaluation" as string) as {
    evaluate: (target: unknown, options: object) => Promise<{ results: ReadonlyArray<unknown> }>
  }
  const time = "2025-01-01T00:00:00.000000+00:00"
  const target = makeTarget(millis)
  console.log = () => {}
  return async () => {
    const client = new Client({ apiUrl: url, apiKey: "key" })
    const data = Array.from(examples(), ({ id, inputs, referenceOutputs }) => ({
      id,
      dataset_id: dataset,
      inputs,
      outputs: referenceOutputs,
      metadata: {},
      created_at: time,
      modified_at: time
    }))
    const { results } = await evaluate((inputs: { x: number; question: string }) => target(inputs), {
      data,
      client,
      evaluators: [correct, length],
      experimentPrefix: "bench",
      maxConcurrency: concurrency
    })
    await client.awaitPendingTraceBatches()
    if (results.length !== count) throw new Error(`langsmith gave ${results.length} rows`)
  }
}

const makeRun = async (url: string): Promise<() => Promise<unknown>> => {
  switch (subject) {
    case "effect-evals":
      return ours(url)
    case "langsmith":
      return await theirs(url)
    case "pool":
      return () => runPool(count, concurrency, millis)
    default:
      throw new Error(`no subject ${subject}`)
  }
}

const stub = await startStub()
const runOnce = async (): Promise<Measured> => {
  await fetch(`${stub.url}/__reset`)
  // The examples are given once.
  const run = await makeRun(stub.url)
  return measure(run)
}
const runs = [await runOnce()]
if (how === "warm") {
  let spent = runs[0]?.cpuMillis ?? 0
  for (let i = 1; i < 2 || (spent < 3000 && i < 30); i++) spent += (await runOnce()).cpuMillis
  for (let i = 0; i < 5; i++) runs.push(await runOnce())
}
const peakMegabytes = process.resourceUsage().maxRSS / 1024
const arrived = await (await fetch(`${stub.url}/__counts`)).json() as Written["arrived"]
stub.process.kill()
process.stdout.write(JSON.stringify({ runs, peakMegabytes, arrived } satisfies Written) + "\n")
process.exit(0)
