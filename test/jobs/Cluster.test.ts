import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { type Context, Effect, Exit, Fiber, FileSystem, Layer, Scope, Stream } from "effect"
import { TracingClient } from "effect-evals"
import { EvaluationJob, EvaluationJobs } from "effect-evals/jobs"
import * as NodeCluster from "effect-evals/jobs/NodeCluster"
import { SqlClient } from "effect/sql"
import { inFlight, logged } from "../programs/loggedJob.ts"
import { layerPostgres } from "../sql/postgres.ts"
import { canRunAsOthers } from "../sql/support.ts"
import { checkRows, ended, freePort, kill, lines, until, worker } from "./killing.ts"
import { prompt, squares } from "./support.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

const rows = 60

describe.skipIf(!canRunAsOthers)("workers on PostgreSQL", () => {
  layer(Layer.merge(layerPostgres, NodeServices.layer), { excludeTestServices: true })("with one server", (it) => {
    it.effect("are one at a time where they are not told of one another", () =>
      Effect.gen(function*() {
        const { calls, job } = squares()
        const worker = Layer.provide(EvaluationJobs.layerSingleRunner([job], prompt), TracingClient.layerNone)
        const done = (context: Context.Context<EvaluationJobs.EvaluationJobs>) =>
          Effect.gen(function*() {
            const jobs = yield* Jobs
            assert.deepInclude(yield* jobs.await(yield* jobs.submit(job, { count: 12 })), {
              _tag: "Completed",
              done: 12
            })
          }).pipe(Effect.provideContext(context))
        const scope = yield* Scope.make()
        yield* done(yield* Layer.buildWithScope(Layer.fresh(worker), scope))
        const second = yield* Effect.forkChild(Effect.scoped(Effect.flatMap(Layer.build(Layer.fresh(worker)), done)))
        yield* Effect.sleep(500)
        assert.strictEqual(calls.length, 12)
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.join(second)
        assert.strictEqual(calls.length, 24)
      }))

    it.effect(
      "share a job, and take over what others leave: one killed, one stopped, all killed",
      () =>
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const jobs = yield* Jobs
          const fileSystem = yield* FileSystem.FileSystem
          const directory = yield* fileSystem.makeTempDirectoryScoped()
          const [server] = yield* sql<{ port: number }>`SELECT inet_server_port() AS port`
          const url = `postgres://postgres:postgres@127.0.0.1:${server?.port}/evals`
          const job = logged(`${directory}/calls.log`, "")

          /** A worker; the name by which the log knows it is its port. */
          const start = Effect.fnUntraced(function*(transport = "socket") {
            const name = String(yield* freePort)
            const child = yield* Effect.acquireRelease(
              Effect.sync(() => worker(url, directory, name, transport)),
              (child) => Effect.asVoid(kill(child))
            )
            return { name, child }
          })
          const workersSince = (line: number) =>
            new Set(lines(directory).slice(line).map((line) => line.split(" ")[2] ?? ""))
          /** Small jobs until each of the workers has something to do. */
          const bothAtWork = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
            for (let seen = new Set<string>(); !names.every((name) => seen.has(name));) {
              const before = lines(directory).length
              yield* jobs.await(yield* jobs.submit(job, { rows: 40, millis: 1 }), { timeout: "1 minute" })
              seen = workersSince(before)
            }
          })
          /** A job to whose workers something happens in the middle. */
          const disturbed = Effect.fnUntraced(function*<A, E, R>(disturb: Effect.Effect<A, E, R>) {
            const linesBefore = lines(directory).length
            const endedBefore = ended(directory).length
            const id = yield* jobs.submit(job, { rows, millis: 60 })
            yield* until(() => lines(directory).length - linesBefore > rows)
            yield* disturb
            const status = yield* jobs.await(id, { timeout: "1 minute" })
            assert.deepInclude(status, { _tag: "Completed", attempt: 1, done: 2 * rows, total: 2 * rows, failures: 0 })
            checkRows(yield* Stream.runCollect(jobs.results(id)), rows)
            const calls = ended(directory).slice(endedBefore)
            assert.strictEqual(new Set(calls).size, 2 * rows)
            return calls.length - 2 * rows
          })

          const [first, second] = yield* Effect.all([start(), start()], { concurrency: "unbounded" })
          yield* bothAtWork([first.name, second.name])
          // What has ended is in flight until it is judged and written.
          assert.isAtMost(yield* disturbed(kill(first.child)), inFlight)
          const third = yield* start()
          yield* bothAtWork([second.name, third.name])
          assert.isAtMost(yield* disturbed(kill(second.child, "SIGTERM")), inFlight)
          assert.isAtMost(yield* disturbed(Effect.andThen(kill(third.child), start("http"))), inFlight)
        }).pipe(Effect.scoped, Effect.provide(Layer.fresh(EvaluationJobs.layerClient()))),
      180_000
    )

    it.effect("count the rates of a job together, and one alone loses nothing of them", () =>
      Effect.gen(function*() {
        const jobs = yield* Jobs
        const rateLimit = { limit: 30, window: "1 hour", algorithm: "token-bucket" } as const
        const start = Effect.gen(function*() {
          // Calls that take a while, so that one worker cannot make all of them before the other has looked.
          const { calls, plain } = squares(() => Effect.sleep(300))
          const { calls: freeCalls, job: free } = squares(undefined, { name: "free" })
          const limited = EvaluationJob.withOptions(plain, { chunkSize: 5, rateLimit })
          const scope = yield* Scope.fork(yield* Effect.scope)
          yield* EvaluationJobs.layerCluster([limited, free], prompt).pipe(
            Layer.provide(NodeCluster.layerSocket({ host: "127.0.0.1", port: yield* freePort })),
            Layer.provide(TracingClient.layerNone),
            Layer.fresh,
            Layer.buildWithScope(scope)
          )
          return { calls, freeCalls, limited, free, stop: Scope.close(scope, Exit.void) }
        })
        const workers = yield* Effect.all([start, start], { concurrency: "unbounded" })
        const [first, second] = workers
        // Until both have lanes.
        while (!workers.every(({ freeCalls }) => freeCalls.length > 0)) {
          yield* jobs.await(yield* jobs.submit(first.free, { count: 80 }), { timeout: "1 minute" })
        }
        const limited = Effect.fnUntraced(function*() {
          for (const { calls } of workers) calls.length = 0
          const id = yield* jobs.submit(first.limited, { count: 200 })
          const made = () => first.calls.length + second.calls.length
          while (made() < 30) yield* Effect.sleep(10)
          // All of them wait for their turn, which comes two minutes later.
          yield* Effect.sleep(1000)
          assert.strictEqual(made(), 30)
          yield* jobs.cancel(id)
        })
        yield* limited()
        assert.isAbove(first.calls.length, 0)
        assert.isAbove(second.calls.length, 0)
        yield* second.stop
        yield* limited()
        assert.strictEqual(first.calls.length, 30)
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(EvaluationJobs.layerClient()))), 120_000)
  })
})
