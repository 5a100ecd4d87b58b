import { assert, describe, layer } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Layer, Logger, Schedule, Scope, Stream } from "effect"
import { TracingClient } from "effect-evals"
import { EvaluationJobs } from "effect-evals/jobs"
import { SqlClient } from "effect/sql"
import { layerDatabase, layerServer, PostgresServer } from "../sql/postgres.ts"
import { canRunAsOthers } from "../sql/support.ts"
import { prompt, squares } from "./support.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

describe.skipIf(!canRunAsOthers)("a worker on PostgreSQL", () => {
  layer(layerServer, { excludeTestServices: true })("whose server goes away and comes back", (it) => {
    it.effect("loses nothing, does nothing twice, and begins what is submitted then", () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const half = yield* Deferred.make<void>()
        const gone = yield* Deferred.make<void>()
        const { calls, job } = squares((n) =>
          n === 40
            ? Effect.andThen(Deferred.succeed(half, undefined), Deferred.await(gone))
            : Effect.sleep(2)
        )
        const told: Array<string> = []
        const logger = Logger.make(({ cause, message }) => void told.push(`${String(message)} ${Cause.pretty(cause)}`))
        yield* Effect.gen(function*() {
          const jobs = yield* Jobs
          const id = yield* jobs.submit(job, { count: 200 })
          yield* Deferred.await(half)
          yield* server.stop
          yield* Deferred.succeed(gone, undefined)
          // Rows are made that find no server, and the engine asks it in vain.
          yield* Effect.sleep("1500 millis")
          const error = yield* Effect.flip(jobs.poll(id))
          assert.strictEqual(error.reason, "Database")
          assert.match(error.message, /The database of the jobs failed: .*onnect/)
          yield* server.start
          const done = (id: string) =>
            jobs.await(id, { timeout: "30 seconds" }).pipe(
              // Whoever asks too early is told that the server is not there yet.
              Effect.retry({ while: ({ reason }) => reason === "Database", schedule: Schedule.spaced(50) })
            )
          assert.deepInclude(yield* done(id), { _tag: "Completed", attempt: 1, done: 200, failures: 0 })
          assert.deepStrictEqual(calls.toSorted((a, b) => a - b), Array.from({ length: 200 }, (_, n) => n))
          const rows = yield* Stream.runCollect(jobs.results(id))
          assert.strictEqual(new Set(rows.map(({ index }) => index)).size, 200)
          const next = yield* jobs.submit(job, { count: 12 })
          assert.deepInclude(yield* done(next), { _tag: "Completed", done: 12 })
          // One line when it goes, and one when it is back.
          const [went, back, ...others] = told
          assert.match(
            went ?? "",
            /^The database of the jobs does not answer: .*onnect.*\. Waiting until it does; nothing is lost\./
          )
          assert.match(back ?? "", /^The database of the jobs answers again, after \d+s\./)
          assert.deepStrictEqual(others, [])
        }).pipe(
          Effect.provide(
            EvaluationJobs.layerSingleRunner([job], prompt).pipe(
              Layer.provide([layerDatabase("outage"), TracingClient.layerNone]),
              Layer.provide(Logger.layer([logger]))
            )
          )
        )
      }), 90_000)

    it.effect(
      "keeps its place: who waits for it does not begin meanwhile, and takes over later",
      () =>
        Effect.gen(function*() {
          const server = yield* PostgresServer
          const { calls, job } = squares()
          const database = yield* Layer.build(layerDatabase("kept"))
          const worker = Layer.fresh(
            EvaluationJobs.layerSingleRunner([job], prompt).pipe(Layer.provide(TracingClient.layerNone))
          ).pipe(Layer.provide(Layer.succeedContext(database)))
          const submitter = Context.get(
            yield* Layer.build(
              EvaluationJobs.layerClient().pipe(Layer.provide(Layer.succeedContext(database)))
            ),
            Jobs
          )
          const scope = yield* Scope.make()
          yield* Layer.buildWithScope(worker, scope)
          const waiting = yield* Effect.forkScoped(Effect.scoped(
            Effect.andThen(Layer.build(worker), Effect.never)
          ))
          yield* Effect.sleep("500 millis")
          yield* server.stop
          yield* server.start
          const sql = Context.get(database, SqlClient.SqlClient)
          const locks = sql<{ count: number }>`
          SELECT CAST(COUNT(*) AS INTEGER) AS count FROM pg_locks WHERE locktype = 'advisory' AND granted`.pipe(
            Effect.catch(() => Effect.succeed([])),
            Effect.map(([row]) => row?.count ?? 0)
          )
          // The first one has its lock again.
          while ((yield* locks) === 0) yield* Effect.sleep(20)
          const submit = submitter.submit(job, { count: 12 })
          yield* submitter.await(yield* submit)
          assert.strictEqual(calls.length, 12)
          assert.isUndefined(waiting.pollUnsafe())
          yield* Scope.close(scope, Exit.void)
          yield* submitter.await(yield* submit, { timeout: "40 seconds" })
          assert.strictEqual(calls.length, 24)
        }).pipe(Effect.scoped),
      90_000
    )
  })
})
