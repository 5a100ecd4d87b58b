import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, FileSystem, Layer, Schema, Stream } from "effect"
import { Evaluation, Evaluator, ExperimentSource, TracingClient } from "effect-evals"
import { EvaluationJob, EvaluationJobs, JobStatus } from "effect-evals/jobs"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { inMemory, numbersTo, prompt, squares } from "./support.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

const onFile = (filename: string, jobs: Parameters<typeof EvaluationJobs.layerSingleRunner>[0]) =>
  EvaluationJobs.layerSingleRunner(jobs, prompt).pipe(
    Layer.provideMerge(ExperimentStore.layerTracingClient),
    Layer.provideMerge(ExperimentStore.layer),
    Layer.provideMerge(SqliteClient.layer({ filename }))
  ) as Layer.Layer<
    | EvaluationJobs.EvaluationJobs
    | SqlClient.SqlClient
    | ExperimentSource.ExperimentSource
    | TracingClient.TracingClient
  >

const onDisk = <A, E>(use: (file: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* use(`${yield* fileSystem.makeTempDirectoryScoped()}/jobs.db`)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("a job that was stopped", () => {
  it.live("by somebody leaves an experiment that was interrupted, which a run can go on from", () =>
    onDisk((file) => {
      const stuck = { is: true }
      const calls: Array<number> = []
      const evaluationOf = (count: number) =>
        Evaluation.make("squares", {
          data: numbersTo(count),
          target: (n) => {
            calls.push(n)
            return n % 4 === 3 && stuck.is ? Effect.never : Effect.succeed(n * n)
          }
        })
      const evaluators = [Evaluator.make("even", ({ outputs }: { readonly outputs: number }) => outputs % 2 === 0)]
      const job = EvaluationJob.withOptions(
        EvaluationJob.make("squares", {
          payload: Schema.Struct({ count: Schema.Int }),
          evaluation: ({ count }) => evaluationOf(count),
          data: { outputs: Schema.Int }
        }),
        { evaluators, chunkSize: 10, name: "stopped", concurrency: 32 }
      )
      return Effect.gen(function*() {
        const jobs = yield* Jobs
        const id = yield* jobs.submit(job, { count: 20 })
        yield* jobs.results(id).pipe(Stream.take(15), Stream.runDrain)
        yield* jobs.cancel(id)
        const cancelled = yield* jobs.await(id)
        assert.instanceOf(cancelled, JobStatus.Cancelled)
        assert.deepInclude(cancelled, { done: 15, total: 20 })
        assert.deepInclude(cancelled.summary, { status: "interrupted", rowCount: 15 })
        const source = yield* ExperimentSource.ExperimentSource
        const experiment = yield* source.read(cancelled.experimentId ?? "")
        assert.deepInclude(experiment, { name: "stopped", status: "interrupted", rowCount: 15 })
        assert.deepStrictEqual(experiment.rows.map(({ index }) => index), upTo(20).filter((n) => n % 4 !== 3))
        assert.deepStrictEqual(experiment.summaries, cancelled.summary?.summaries)
        assert.strictEqual(experiment.dataset.size, 20)

        stuck.is = false
        calls.length = 0
        const resumed = yield* Evaluation.resume(evaluationOf(20), "stopped", { outputs: Schema.Int, evaluators })
        assert.deepInclude(resumed, { status: "completed", rowCount: 20, reused: { runs: 15, evaluations: 15 } })
        assert.deepStrictEqual(calls.toSorted((a, b) => a - b), [3, 7, 11, 15, 19])

        // Another attempt is another experiment.
        yield* jobs.retry(id)
        const completed = yield* jobs.await(id)
        assert.instanceOf(completed, JobStatus.Completed)
        assert.notStrictEqual(completed.experimentId, cancelled.experimentId)
        assert.strictEqual((yield* source.read(cancelled.experimentId ?? "")).rowCount, 15)
      }).pipe(Effect.provide(onFile(file, [job])))
    }))

  it.live("in the process of its worker stops at once", () => {
    const stopped = Deferred.makeUnsafe<void>()
    const { job } = squares((n) =>
      n === 4 ? Effect.onInterrupt(Effect.never, () => Deferred.succeed(stopped, undefined)) : Effect.void
    )
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 20 })
      yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
      yield* jobs.cancel(id)
      yield* Deferred.await(stopped)
      assert.strictEqual((yield* jobs.poll(id))._tag, "Cancelled")
    }).pipe(Effect.provide(inMemory([job], { checkInterval: "1 hour" })))
  })

  it.live("by too many failures leaves an experiment that has failed", () => {
    const { job } = squares((n) => n % 3 === 0 ? Effect.fail("no") : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 60 }, { settings: { maxFailures: 2 } })
      const failed = yield* jobs.await(id)
      assert.instanceOf(failed, JobStatus.Failed)
      const [experiment, ...others] = yield* (yield* TracingClient.Memory).experiments
      assert.deepStrictEqual(others, [])
      assert.strictEqual(experiment?.header.id, failed.experimentId)
      assert.strictEqual(experiment?.footer?.status, "failed")
      assert.match(experiment?.footer?.error ?? "", /at most 2 may/)
      assert.strictEqual(experiment?.rows.length, failed.done)
      assert.strictEqual(failed.summary?.rowCount, failed.done)
      const json = Schema.toCodecJson(JobStatus.JobStatus)
      const again = yield* Schema.decodeUnknownEffect(json)(
        JSON.parse(JSON.stringify(yield* Schema.encodeEffect(json)(failed)))
      )
      assert.deepInclude(again, { _tag: "Failed", experimentId: failed.experimentId })
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("before it had rows, or whose dataset cannot be read, leaves none, and nobody waits for one", () => {
    const { job } = squares(() => Effect.never)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 5 })
      while ((yield* jobs.poll(id))._tag === "Pending") yield* Effect.sleep(5)
      yield* jobs.cancel(id)
      const cancelled = yield* jobs.await(id, { timeout: "5 seconds" })
      assert.deepInclude(cancelled, { _tag: "Cancelled", done: 0 })
      assert.notProperty(cancelled, "experimentId")
      assert.deepStrictEqual(yield* (yield* TracingClient.Memory).experiments, [])
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("while no worker was there is recorded by the next one", () =>
    onDisk((file) => {
      const first = squares((n) => n === 8 ? Effect.never : Effect.void)
      const second = squares()
      return Effect.gen(function*() {
        const id = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(first.job, { count: 20 })
          yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
          return id
        }).pipe(Effect.provide(onFile(file, [first.job])))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          assert.deepInclude(yield* jobs.cancel(id), { _tag: "Cancelled", done: 19 })
        }).pipe(
          Effect.provide(EvaluationJobs.layerClient().pipe(Layer.provide(SqliteClient.layer({ filename: file }))))
        )
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const cancelled = yield* jobs.await(id)
          assert.deepInclude(cancelled, { _tag: "Cancelled", done: 19 })
          assert.strictEqual(cancelled._tag === "Cancelled" ? cancelled.summary?.rowCount : 0, 19)
        }).pipe(Effect.provide(onFile(file, [second.job])))
        assert.deepStrictEqual(second.calls, [])
      })
    }))

  it.live("because its code is another one leaves none: the rows are not the work of the code that is there", () =>
    onDisk((file) => {
      const old = squares((n) => n === 8 ? Effect.never : Effect.void)
      const changed = squares(() => Effect.void, { version: "2" })
      return Effect.gen(function*() {
        const id = yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(old.job, { count: 20 })
          yield* jobs.results(id).pipe(Stream.take(19), Stream.runDrain)
          return id
        }).pipe(Effect.provide(onFile(file, [old.job])))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const failed = yield* jobs.await(id, { timeout: "9 seconds" })
          assert.deepInclude(failed, { _tag: "Failed", done: 19 })
          assert.notProperty(failed, "experimentId")
          assert.strictEqual((yield* Stream.runCollect(jobs.results(id))).length, 19)
        }).pipe(Effect.provide(onFile(file, [changed.job])))
      })
    }))
})

describe("what the engine keeps of a job", () => {
  it.live("is cleaned up though the job was retried, removed or pruned at once", () =>
    onDisk((file) => {
      const { calls, job } = squares()
      const count = (sql: SqlClient.SqlClient, table: string) =>
        Effect.map(sql<{ count: number }>`SELECT COUNT(*) AS count FROM ${sql(table)}`, ([row]) => row?.count ?? 0)
      return Effect.gen(function*() {
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const sql = yield* SqlClient.SqlClient
          const done = Effect.gen(function*() {
            const id = yield* jobs.submit(job, { count: 20 })
            yield* jobs.await(id)
            return id
          })
          const [retried, removed, pruned] = [yield* done, yield* done, yield* done]
          yield* jobs.remove(removed)
          yield* jobs.retry(retried, { failed: "rerun" })
          assert.deepInclude(yield* jobs.await(retried), { _tag: "Completed", attempt: 2, done: 20 })
          yield* jobs.retry(retried)
          assert.deepInclude(yield* jobs.await(retried), { _tag: "Completed", attempt: 3, done: 20 })
          yield* sql`UPDATE evals_jobs SET finished_at = finished_at - 5000 WHERE id = ${pruned}`
          assert.strictEqual(yield* jobs.prune(Date.now() - 3000), 1)
          assert.isAbove(yield* count(sql, "cluster_messages"), 10)
          assert.strictEqual(yield* count(sql, "evals_job_leftovers"), 4)
          // A minute later.
          yield* sql`UPDATE evals_jobs SET finished_at = finished_at - 120000`
          yield* sql`UPDATE evals_job_leftovers SET ended_at = ended_at - 120000`
        }).pipe(Effect.provide(onFile(file, [job])))
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          while ((yield* count(sql, "evals_job_leftovers")) > 0) yield* Effect.sleep(10)
          assert.strictEqual(yield* count(sql, "cluster_messages"), 0)
          assert.strictEqual(yield* count(sql, "cluster_replies"), 0)
        }).pipe(Effect.provide(onFile(file, [job])))
        assert.strictEqual(calls.length, 60)
      })
    }))
})
