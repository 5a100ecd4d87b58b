/**
 * Jobs on workers of their own processes with a PostgreSQL server: `cluster.ts <rows> <milliseconds> <times>`. The same
 * jobs are done by one worker, then by two, once both have something to do. Prints how long they took.
 */
import { Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { join } from "node:path"
import { EvaluationJobs } from "../../src/jobs/index.ts"
import { layerPostgres } from "../../test/sql/postgres.ts"
import { clusterJob } from "./clusterJob.ts"

export interface Clustered {
  /** Milliseconds, by the number of workers. */
  readonly one: ReadonlyArray<number>
  readonly two: ReadonlyArray<number>
}

const [rows = 0, millis = 0, times = 1] = process.argv.slice(2).map(Number)

const job = clusterJob("")

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const worker = Effect.fnUntraced(function*(url: string) {
  const port = String(yield* freePort)
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(
        process.execPath,
        ["--conditions=effect-evals-source", join(import.meta.dirname, "clusterWorker.ts"), url, port],
        { stdio: ["ignore", "ignore", "inherit"] }
      )
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
})

const program = Effect.gen(function*() {
  const jobs = yield* EvaluationJobs.EvaluationJobs
  const sql = yield* SqlClient.SqlClient
  const [server] = yield* sql<{ port: number }>`SELECT inet_server_port() AS port`
  const url = `postgres://postgres:postgres@127.0.0.1:${server?.port}/evals`
  const take = Effect.fnUntraced(function*(count: number) {
    const id = yield* jobs.submit(job, { rows: count, millis })
    const status = yield* jobs.await(id, { timeout: "2 minutes" })
    if (status._tag !== "Completed" || status.done !== count) throw new Error(JSON.stringify(status))
    const workers = yield* jobs.resultsOf(job, id).pipe(
      Stream.runFold(() => new Map<string, number>(), (workers, { run }) => {
        const worker = run.outputs?.worker ?? ""
        return workers.set(worker, (workers.get(worker) ?? 0) + 1)
      })
    )
    // Not the waits of whoever asks.
    return { workers, wall: status.finishedAt - (status.startedAt ?? 0) }
  })
  const measured = Effect.gen(function*() {
    const walls: Array<number> = []
    for (let i = 0; i < times; i++) walls.push((yield* take(rows)).wall)
    return walls
  })
  yield* worker(url)
  yield* take(rows / 2)
  const one = yield* measured
  yield* worker(url)
  // Until both have about as much to do.
  for (let even = 0; even < 2;) {
    const { workers } = yield* take(rows / 2)
    even = workers.size === 2 && Math.min(...workers.values()) > rows / 8 ? even + 1 : 0
  }
  return { one, two: yield* measured } satisfies Clustered
})

const clustered = await Effect.runPromise(
  program.pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(EvaluationJobs.layerClient(), layerPostgres))
  )
)
process.stdout.write(JSON.stringify(clustered) + "\n")
process.exit(0)
