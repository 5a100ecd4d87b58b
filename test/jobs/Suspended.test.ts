import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { EvaluationJobs } from "effect-evals/jobs"
import { SqlClient } from "effect/sql"
import { inFlight, logged } from "../programs/loggedJob.ts"
import { layerPostgres } from "../sql/postgres.ts"
import { canRunAsOthers } from "../sql/support.ts"
import { checkRows, ended, freePort, kill, lines, until, worker } from "./killing.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

const rows = 60

describe.skipIf(!canRunAsOthers)("a worker that is suspended, such as a laptop that was closed", () => {
  layer(Layer.merge(layerPostgres, NodeServices.layer), { excludeTestServices: true })("and goes on", (it) => {
    it.effect("leaves alone what another one has taken over", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const jobs = yield* Jobs
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* fileSystem.makeTempDirectoryScoped()
        const [server] = yield* sql<{ port: number }>`SELECT inet_server_port() AS port`
        const url = `postgres://postgres:postgres@127.0.0.1:${server?.port}/evals`
        const job = logged(`${directory}/calls.log`, "")
        const start = Effect.gen(function*() {
          const name = String(yield* freePort)
          const child = yield* Effect.acquireRelease(
            Effect.sync(() => worker(url, directory, name)),
            (child) => Effect.asVoid(kill(child))
          )
          return { child, calls: () => lines(directory).filter((line) => line.endsWith(` ${name}`)).length }
        })
        const workers = yield* Effect.all([start, start], { concurrency: "unbounded" })
        const [first, second] = workers
        const bothAtWork = Effect.gen(function*() {
          const before = workers.map(({ calls }) => calls())
          while (!workers.every(({ calls }, n) => calls() > (before[n] ?? 0))) {
            yield* jobs.await(yield* jobs.submit(job, { rows: 40, millis: 1 }), { timeout: "1 minute" })
          }
        })
        yield* bothAtWork
        const endedBefore = ended(directory).length
        const before = { first: first.calls(), second: second.calls() }
        const id = yield* jobs.submit(job, { rows, millis: 60 })
        yield* until(() => first.calls() > before.first + 20 && second.calls() > before.second + 20)
        first.child.kill("SIGSTOP")
        // A while later the other one has a chunk that this one had begun.
        const owners = Effect.map(
          sql<{ chunk: number; worker: string }>`
            SELECT c.chunk, c.worker FROM evals_job_chunks c JOIN evals_jobs j ON j.job_key = c.job_key
            WHERE j.id = ${id} AND c.worker IS NOT NULL`,
          (chunks) => new Map(chunks.map(({ chunk, worker }) => [chunk, worker]))
        )
        const had = yield* owners
        while (Array.from(yield* owners).every(([chunk, worker]) => worker === (had.get(chunk) ?? worker))) {
          yield* Effect.sleep(20)
        }
        // Now both believe that it is theirs.
        first.child.kill("SIGCONT")
        const status = yield* jobs.await(id, { timeout: "1 minute" })
        assert.deepInclude(status, { _tag: "Completed", attempt: 1, done: 2 * rows, total: 2 * rows, failures: 0 })
        checkRows(yield* Stream.runCollect(jobs.results(id)), rows)
        const calls = ended(directory).slice(endedBefore)
        assert.strictEqual(new Set(calls).size, 2 * rows)
        assert.isAtMost(calls.length - 2 * rows, inFlight)
        assert.isNull(first.child.exitCode)
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(EvaluationJobs.layerClient()))), 120_000)
  })
})
