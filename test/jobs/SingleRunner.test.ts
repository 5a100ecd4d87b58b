import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, FileSystem, Layer, Logger, Schema, Stream } from "effect"
import { Evaluator, Row, TracingClient } from "effect-evals"
import { EvaluationJob, EvaluationJobs, JobStatus } from "effect-evals/jobs"
import { SqliteClient } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { DatabaseSync } from "node:sqlite"
import { inFlight } from "../programs/loggedJob.ts"
import { checkExperiment, checkRows, ended, exit, lines, worker } from "./killing.ts"
import { prompt, squares } from "./support.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

const inDirectory = <A, E>(use: (directory: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* use(yield* fileSystem.makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const onFile = (
  filename: string,
  jobs: Parameters<typeof EvaluationJobs.layerSingleRunner>[0],
  options: Partial<SqliteClient.Options> = {},
  workerOptions: EvaluationJobs.WorkerOptions = {}
) =>
  EvaluationJobs.layerSingleRunner(jobs, { ...prompt, ...workerOptions }).pipe(
    Layer.provideMerge(SqliteClient.layer({ filename, ...options })),
    Layer.provideMerge(TracingClient.layerMemory)
  ) as Layer.Layer<EvaluationJobs.EvaluationJobs | SqlClient.SqlClient | TracingClient.Memory>

/** How often a worker is killed. */
const times = Number(process.env["KILLS"] ?? 6)

describe("a worker on one machine", () => {
  it.live(
    "that is killed again and again repeats no call but those in flight, and comes to the same numbers",
    () =>
      inDirectory((directory) =>
        Effect.gen(function*() {
          let kills = 0
          let seed = 11
          let output = ""
          for (let i = 0; i <= times; i++) {
            seed = (seed * 48271) % 2147483647
            const before = lines(directory).length
            // Some are killed before they have begun anything.
            const after = i === times ? Number.POSITIVE_INFINITY : seed % Math.ceil(300 / times)
            const child = worker(`${directory}/jobs.db`, directory)
            child.stdout.on("data", (chunk: Buffer) => {
              output += chunk.toString()
            })
            const timer = setInterval(() => {
              if (lines(directory).length - before >= after) child.kill("SIGKILL")
            }, 1)
            if ((yield* exit(child)) === "SIGKILL") kills++
            clearInterval(timer)
          }
          assert.isAbove(kills, times / 2)
          const [line = ""] = output.split("\n")
          const status = yield* Schema.decodeEffect(
            Schema.fromJsonString(Schema.toCodecJson(JobStatus.JobStatus))
          )(line)
          assert.deepInclude(status, { _tag: "Completed", attempt: 1, done: 120, total: 120, failures: 0 })
          const experiment = yield* checkExperiment(directory, 60)
          assert.strictEqual(status._tag === "Completed" ? status.experimentId : "", experiment.id)
          const calls = ended(directory)
          assert.strictEqual(new Set(calls).size, 120)
          const repeated = calls.length - new Set(calls).size
          // What has ended is in flight until it is judged and written.
          assert.isAtMost(repeated, kills * inFlight)
          if (process.env["KILLS"] !== undefined) console.log({ kills, calls: calls.length, repeated })
          yield* Effect.gen(function*() {
            const jobs = yield* Jobs
            checkRows(yield* Stream.runCollect(jobs.results(status.id)), 60)
          }).pipe(Effect.provide(onFile(`${directory}/jobs.db`, [])))
        })
      ),
    120_000
  )

  it.live("goes on with what an earlier one has left, wherever it stood", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const file = `${directory}/jobs.db`
        const first = squares((n) => n === 8 ? Effect.never : Effect.void)
        const id = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(first.job, { count: 20 })
          yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
          return id
        }).pipe(Effect.provide(onFile(file, [first.job])))
        const second = squares()
        const told: Array<unknown> = []
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 1, done: 20 })
        }).pipe(Effect.provide(
          onFile(file, [second.job]).pipe(
            Layer.provide(Logger.layer([Logger.make(({ message }) => void told.push(message))]))
          )
        ))
        assert.deepStrictEqual(second.calls, [8])
        assert.deepStrictEqual(told, [])
      })
    ))

  it.live("does not call a target again whose judge had not answered when the earlier one ended", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const file = `${directory}/jobs.db`
        const judged = (judge: (n: number) => Effect.Effect<boolean>) => {
          const { calls, plain } = squares((n) => n === 4 ? Effect.fail("no") : Effect.void)
          const judges: Array<number> = []
          const job = EvaluationJob.withOptions(plain, {
            evaluators: [
              Evaluator.make("slow", ({ inputs }) => {
                judges.push(inputs)
                return judge(inputs)
              }, { version: "1" })
            ],
            chunkSize: 5
          })
          return { calls, judges, job }
        }
        const first = judged((n) => n % 2 === 0 ? Effect.never : Effect.succeed(true))
        const id = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          const id = yield* jobs.submit(first.job, { count: 10 })
          const kept = sql<{ row_index: number }>`SELECT row_index FROM evals_job_runs ORDER BY row_index`
          while ((yield* kept).length < 4) yield* Effect.sleep(10)
          assert.deepStrictEqual((yield* kept).map(({ row_index }) => row_index), [0, 2, 6, 8])
          assert.deepInclude(yield* jobs.poll(id), { _tag: "Running", done: 6 })
          return id
        }).pipe(Effect.provide(onFile(file, [first.job])))
        const second = judged(() => Effect.succeed(true))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 1, done: 10, failures: 1 })
          const rows = yield* Stream.runCollect(jobs.results(id))
          assert.deepStrictEqual(rows.filter((row) => Row.score(row, "slow") === 1).length, 9)
          assert.deepStrictEqual(yield* sql`SELECT 1 FROM evals_job_runs`, [])
        }).pipe(Effect.provide(onFile(file, [second.job])))
        assert.deepStrictEqual(second.calls, [])
        assert.deepStrictEqual(second.judges.toSorted((a, b) => a - b), [0, 2, 6, 8])
      })
    ))

  it.live("does not go on with other code, unless asked to begin again", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const file = `${directory}/jobs.db`
        const old = squares((n) => n === 8 ? Effect.never : Effect.void)
        const id = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(old.job, { count: 20 })
          yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
          return id
        }).pipe(Effect.provide(onFile(file, [old.job])))
        const changed = squares(() => Effect.void, { version: "2" })
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const failed = yield* jobs.await(id)
          assert.instanceOf(failed, JobStatus.Failed)
          assert.match(failed.message, /The code of squares is not the one with which the job .* was begun/)
          assert.deepStrictEqual(changed.calls, [])
          yield* jobs.retry(id)
          assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 2, done: 20 })
          assert.strictEqual(changed.calls.length, 20)
        }).pipe(Effect.provide(onFile(file, [changed.job])))
      })
    ))

  it.live("waits for a database that is locked, and loses nothing", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const file = `${directory}/jobs.db`
        const other = new DatabaseSync(file)
        const { calls, job } = squares((n) =>
          n === 3
            ? Effect.andThen(
              Effect.sync(() => other.exec("BEGIN IMMEDIATE")),
              Effect.forkDetach(Effect.delay(Effect.sync(() => other.exec("COMMIT")), 400))
            )
            : Effect.void
        )
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(job, { count: 20 })
          const completed = (again: number): Effect.Effect<JobStatus.Ended, unknown> =>
            // Whoever asks is told that the database is locked.
            Effect.catch(
              jobs.await(id),
              (error) =>
                again === 0 ? Effect.fail(error) : Effect.delay(Effect.suspend(() => completed(again - 1)), 100)
            )
          assert.deepInclude(yield* completed(50), { _tag: "Completed", done: 20, failures: 0 })
          assert.strictEqual(calls.length, 20)
        }).pipe(Effect.provide(onFile(file, [job], { busyTimeoutMillis: 20 })))
        other.close()
      })
    ))

  it.live("waits while there is another one, and takes over when that ends", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const file = `${directory}/jobs.db`
        const gate = Deferred.makeUnsafe<void>()
        const first = squares((n) => n === 8 ? Effect.never : Effect.void)
        const working = yield* Effect.forkChild(
          Effect.gen(function*() {
            const jobs = yield* Jobs
            const id = yield* jobs.submit(first.job, { count: 20 }, { idempotencyKey: "handed over" })
            yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
            yield* Deferred.await(gate)
          }).pipe(Effect.provide(onFile(file, [first.job])))
        )
        while (first.calls.length < 20) yield* Effect.sleep(5)
        const second = squares()
        const waiting = yield* Effect.forkChild(
          Effect.gen(function*() {
            const jobs = yield* Jobs
            const id = yield* jobs.submit(second.job, { count: 20 }, { idempotencyKey: "handed over" })
            return yield* jobs.await(id)
          }).pipe(Effect.provide(onFile(file, [second.job])))
        )
        yield* Effect.sleep(300)
        assert.deepStrictEqual(second.calls, [])
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(working)
        assert.deepInclude(yield* Fiber.join(waiting), { _tag: "Completed", attempt: 1, done: 20 })
        assert.deepStrictEqual(second.calls, [8])
      })
    ))

  it.live("leaves nothing of what has ended in the engine's tables", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const { job } = squares()
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          const id = yield* jobs.submit(job, { count: 20 })
          yield* jobs.await(id)
          const messages = sql<{ count: number }>`SELECT COUNT(*) AS count FROM cluster_messages`
          assert.isAbove((yield* messages)[0]?.count ?? 0, 3)
          yield* sql`UPDATE evals_jobs SET finished_at = finished_at - 120000`
        }).pipe(Effect.provide(onFile(`${directory}/jobs.db`, [job])))
        // A worker cleans up when it starts, and now and then.
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          const left = sql<{ count: number }>`SELECT COUNT(*) AS count FROM cluster_messages`
          while (((yield* left)[0]?.count ?? 0) > 0) yield* Effect.sleep(10)
          assert.strictEqual((yield* Stream.runCollect(jobs.list())).length, 1)
        }).pipe(Effect.provide(onFile(`${directory}/jobs.db`, [job])))
      })
    ))

  it.live("removes what has ended once its time of retention is over, and nothing else", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const { job } = squares((n) => n === 25 ? Effect.never : Effect.void)
        const file = onFile(`${directory}/jobs.db`, [job])
        const ids = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          const submit = (count: number) => jobs.submit(job, { count })
          const [old, fresh, running] = yield* Effect.all([submit(20), submit(20), submit(30)])
          yield* Effect.all([jobs.await(old), jobs.await(fresh)])
          yield* jobs.results(running).pipe(Stream.take(1), Stream.runDrain)
          yield* sql`UPDATE evals_jobs SET finished_at = finished_at - 3600001 WHERE id = ${old}`
          return { old, fresh, running }
        }).pipe(Effect.provide(file))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          while ((yield* jobs.poll(ids.old))._tag !== "NotFound") yield* Effect.sleep(10)
          assert.strictEqual((yield* jobs.poll(ids.fresh))._tag, "Completed")
          assert.strictEqual((yield* Stream.runCollect(jobs.results(ids.fresh))).length, 20)
          assert.strictEqual((yield* jobs.poll(ids.running))._tag, "Running")
        }).pipe(Effect.provide(onFile(`${directory}/jobs.db`, [job], {}, { retention: "1 hour" })))
      })
    ))

  it.live("cleans up in the engine's tables before it removes a job, however short its retention", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const { job } = squares()
        const withRetention = onFile(`${directory}/jobs.db`, [job], {}, { retention: 0 })
        const count = (sql: SqlClient.SqlClient) =>
          Effect.map(sql<{ count: number }>`SELECT COUNT(*) AS count FROM cluster_messages`, ([row]) => row?.count ?? 0)
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          yield* jobs.await(yield* jobs.submit(job, { count: 20 }))
        }).pipe(Effect.provide(onFile(`${directory}/jobs.db`, [job])))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          // The first cleaning is over when this one is done.
          const id = yield* jobs.submit(job, { count: 1 })
          yield* jobs.await(id)
          yield* Effect.sleep(200)
          assert.strictEqual((yield* Stream.runCollect(jobs.list())).length, 2)
          yield* sql`UPDATE evals_jobs SET finished_at = finished_at - 120000`
        }).pipe(Effect.provide(withRetention))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          while ((yield* Stream.runCollect(jobs.list())).length > 0) yield* Effect.sleep(10)
          assert.strictEqual(yield* count(sql), 0)
        }).pipe(Effect.provide(withRetention))
      })
    ))
})
