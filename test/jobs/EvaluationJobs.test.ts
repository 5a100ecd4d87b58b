import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Schema, Stream } from "effect"
import {
  Attachment,
  Dataset,
  Evaluation,
  Evaluator,
  type Experiment,
  Row,
  SummaryEvaluator,
  TracingClient
} from "effect-evals"
import { EvaluationJob, EvaluationJobs, JobMigrations, JobStatus } from "effect-evals/jobs"
import { SqlClient } from "effect/sql"
import { inMemory, squares } from "./support.ts"

const { EvaluationJobs: Jobs } = EvaluationJobs

const indexes = (rows: ReadonlyArray<Row.Row>) => rows.map(({ index }) => index)
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

/** What is alike in two experiments of the same rows. */
const comparable = ({ failedRows, leftOut, rowCount, runs, summaries, summaryResults }: Experiment.Footer) => ({
  failedRows,
  leftOut,
  rowCount,
  runs,
  summaries,
  summaryResults
})

describe("a job", () => {
  it.live("comes to the experiment that a run comes to, recorded once", () => {
    const { job, plain } = squares((n) => n === 7 ? Effect.fail("seven") : Effect.void)
    const options = {
      evaluators: [
        Evaluator.make("even", ({ outputs }: { readonly outputs: number }) => outputs % 2 === 0, { version: "1" })
      ],
      summaryEvaluators: [
        SummaryEvaluator.make("rows", ({ rows }: { readonly rows: ReadonlyArray<Row.Row> }) => rows.length)
      ],
      repetitions: 2
    }
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 23 }, { settings: { name: "by a job", tags: ["nightly"] } })
      const status = yield* jobs.await(id)
      assert.instanceOf(status, JobStatus.Completed)
      const [recorded, ...others] = yield* (yield* TracingClient.Memory).experiments
      assert.deepStrictEqual(others, [])
      const undisturbed = yield* Evaluation.run(
        Evaluation.make("squares", {
          data: Dataset.fromIterable("numbers", upTo(23).map((n) => ({ id: `n${n}`, inputs: n }))),
          target: (n) => n === 7 ? Effect.fail("seven") : Effect.succeed(n * n)
        }),
        options
      ).pipe(Effect.provide(TracingClient.layerNone))
      assert.deepStrictEqual(comparable(status.summary), comparable(undisturbed))
      assert.deepInclude(status, { id, evaluation: "squares", attempt: 1, done: 46, total: 46, failures: 2 })
      assert.isUndefined(status.summary.reused)
      assert.strictEqual(recorded?.header.id, status.experimentId)
      assert.strictEqual(recorded?.header.name, "by a job")
      assert.deepStrictEqual(recorded?.header.tags, ["nightly"])
      assert.strictEqual(recorded?.header.startTime, status.startedAt)
      assert.strictEqual(recorded?.header.metadata["job"], id)
      assert.deepStrictEqual(recorded?.header.dataset, undisturbed.dataset)
      assert.deepStrictEqual(indexes(recorded?.rows ?? []).toSorted((a, b) => a - b), upTo(46))
      assert.deepStrictEqual(recorded?.footer?.summaries, status.summary.summaries)
      const rows = yield* Stream.runCollect(jobs.resultsOf(job, id))
      assert.deepStrictEqual(
        rows.map(({ example, run }) => [example.contentHash, run.repetition, run.error, run.outputs]),
        undisturbed.rows.map(({ example, run }) => [example.contentHash, run.repetition, run.error, run.outputs])
      )
    }).pipe(Effect.provide(inMemory([EvaluationJob.withOptions(plain, { ...options, chunkSize: 10 })])))
  })

  it.live("says where it stands, from submission to the end", () => {
    const gates = [Deferred.makeUnsafe<void>(), Deferred.makeUnsafe<void>()] as const
    const { job } = squares((n) =>
      n === 0 ? Deferred.await(gates[0]) : n === 6 ? Deferred.await(gates[1]) : Effect.void
    )
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      assert.deepStrictEqual(yield* jobs.poll("nobody"), new JobStatus.NotFound({ id: "nobody" }))
      const id = yield* jobs.submit(job, { count: 10 })
      const waiting = (done: number): Effect.Effect<JobStatus.JobStatus, unknown> =>
        Effect.flatMap(jobs.poll(id), (status) =>
          status._tag === "Running" && status.done >= done
            ? Effect.succeed(status)
            : Effect.andThen(Effect.sleep(5), Effect.suspend(() => waiting(done))))
      const running = yield* waiting(8)
      assert.deepInclude(running, { _tag: "Running", id, attempt: 1, done: 8, total: 10, failures: 0 })
      assert.isAbove(running._tag === "Running" ? running.rate ?? 0 : 0, 0)
      const late = yield* Effect.flip(jobs.await(id, { timeout: "30 millis" }))
      assert.strictEqual(late.reason, "TimedOut")
      assert.match(late.message, /did not end within 30ms; it is Running, with 8 of 10 rows done\. It goes on/)
      for (const gate of gates) yield* Deferred.succeed(gate, undefined)
      assert.strictEqual((yield* jobs.await(id))._tag, "Completed")
      assert.strictEqual((yield* Effect.flip(jobs.await("nobody"))).reason, "NotFound")
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("that is submitted twice with one key is one job, and with another payload a conflict", () => {
    const { calls, job } = squares()
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const submit = jobs.submit(job, { count: 8 }, { idempotencyKey: "monday" })
      const ids = yield* Effect.all([submit, submit, submit], { concurrency: "unbounded" })
      assert.strictEqual(new Set(ids).size, 1)
      yield* jobs.await(ids[0])
      assert.strictEqual(yield* submit, ids[0])
      assert.strictEqual((yield* jobs.await(ids[0]))._tag, "Completed")
      assert.deepStrictEqual(calls.toSorted((a, b) => a - b), upTo(8))
      const conflict = yield* Effect.flip(jobs.submit(job, { count: 9 }, { idempotencyKey: "monday" }))
      assert.deepInclude(conflict, { reason: "Conflict", id: ids[0] })
      assert.notStrictEqual(yield* jobs.submit(job, { count: 8 }), ids[0])
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("is refused with options that nobody reads, where no type check ran", () => {
    const { job } = squares()
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const misspelt: object = { idempotencykey: "monday", settings: { concurency: 4 } }
      const { message, reason } = yield* Effect.flip(jobs.submit(job, { count: 8 }, misspelt))
      assert.strictEqual(reason, "InvalidPayload")
      assert.include(message, "idempotencykey: no such option (did you mean idempotencyKey?)")
      assert.include(message, "settings.concurency: no such option (did you mean concurrency?)")
      const ordered: object = { order: "input", chunkSize: 5 }
      assert.throws(() => EvaluationJob.withOptions(job, ordered), TypeError, "does not know the option order")
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("that is cancelled stops, keeps its rows, and goes on where it was when it is retried", () => {
    const stuck = { is: true }
    const { calls, job } = squares((n) => n === 11 && stuck.is ? Effect.never : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 12 })
      yield* jobs.results(id).pipe(Stream.take(11), Stream.runDrain)
      const cancelled = yield* jobs.cancel(id)
      assert.deepInclude(cancelled, { _tag: "Cancelled", done: 11, total: 12 })
      assert.strictEqual((yield* jobs.await(id))._tag, "Cancelled")
      assert.deepStrictEqual(indexes(yield* Stream.runCollect(jobs.results(id))), upTo(11))
      stuck.is = false
      yield* jobs.retry(id)
      const completed = yield* jobs.await(id)
      assert.deepInclude(completed, { _tag: "Completed", attempt: 2, done: 12 })
      assert.deepStrictEqual(calls.toSorted((a, b) => a - b), [...upTo(11), 11, 11])
      // What has ended cannot be cancelled any more.
      assert.strictEqual((yield* jobs.cancel(id))._tag, "Completed")
      assert.strictEqual((yield* Effect.flip(jobs.cancel("nobody"))).reason, "NotFound")
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("that cannot go on has failed, says why, and can be retried", () => {
    const broken = { is: true }
    const lines = EvaluationJob.make("lines", {
      payload: Schema.Struct({}),
      evaluation: () =>
        Evaluation.make("lines", {
          data: Dataset.fromEffect(
            "lines",
            Effect.suspend(() => broken.is ? Effect.fail("the file is gone") : Effect.succeed([{ inputs: 1 }]))
          ),
          target: (n) => n
        })
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(lines, {})
      const failed = yield* jobs.await(id)
      assert.instanceOf(failed, JobStatus.Failed)
      assert.match(failed.message, /the file is gone/)
      assert.strictEqual(failed.total, undefined)
      broken.is = false
      yield* jobs.retry(id)
      assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 2, done: 1 })
    }).pipe(Effect.provide(inMemory([lines])))
  })

  it.live("with rows that failed makes them again when asked, and no others", () => {
    const down = { is: true }
    const { calls, job } = squares((n) => n % 5 === 0 && down.is ? Effect.fail("the model is down") : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 20 })
      assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", failures: 4 })
      down.is = false
      calls.length = 0
      yield* jobs.retry(id)
      assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 2, failures: 4 })
      assert.deepStrictEqual(calls, [])
      yield* jobs.retry(id, { failed: "rerun" })
      assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", attempt: 3, done: 20, failures: 0 })
      assert.deepStrictEqual(calls.toSorted((a, b) => a - b), [0, 5, 10, 15])
      const rows = yield* Stream.runCollect(jobs.resultsOf(job, id))
      assert.deepStrictEqual(rows.map(({ run }) => run.outputs), upTo(20).map((n) => n * n))
      const experiments = yield* (yield* TracingClient.Memory).experiments
      assert.strictEqual(new Set(experiments.map(({ header }) => header.id)).size, 3)
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("with more failures than it may have stops early, and keeps its rows", () => {
    const { calls, job } = squares((n) => n < 3 ? Effect.fail("no") : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 500 }, { settings: { maxFailures: 2, concurrency: 1 } })
      const failed = yield* jobs.await(id)
      assert.instanceOf(failed, JobStatus.Failed)
      assert.match(failed.message, /3 of \d+ rows failed in the job .*; at most 2 may/)
      assert.isBelow(calls.length, 100)
      assert.strictEqual((yield* Stream.runCollect(jobs.results(id))).length, failed.done)
      const share = yield* jobs.submit(job, { count: 10 }, {
        settings: { maxFailures: { share: 0.29, stop: "end" } }
      })
      assert.deepInclude(yield* jobs.await(share), { _tag: "Failed", done: 10, failures: 3 })
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("counts rows of the source that are no examples, and an empty dataset", () => {
    const records = EvaluationJob.make("records", {
      payload: Schema.Array(Schema.Unknown),
      evaluation: (records) =>
        Evaluation.make("records", {
          data: Dataset.fromRecords("records", Stream.fromIterable(records), {
            inputs: Schema.Int,
            onInvalid: "skip"
          }),
          target: (n) => n
        })
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const some = yield* jobs.await(
        yield* jobs.submit(records, [{ inputs: 1 }, { inputs: "two" }, { inputs: 3 }, { in: 4 }])
      )
      assert.instanceOf(some, JobStatus.Completed)
      assert.strictEqual(some.done, 2)
      assert.strictEqual(some.summary.leftOut.count, 2)
      assert.strictEqual(some.summary.leftOut.messages.length, 2)
      assert.deepInclude(yield* jobs.await(yield* jobs.submit(records, [])), { _tag: "Completed", done: 0, total: 0 })
    }).pipe(Effect.provide(inMemory([records])))
  })
})

describe("what goes through the database", () => {
  it.live("is what its schemas say, with attachments, splits and metadata", () => {
    const Day = Schema.Struct({ day: Schema.Date })
    const days = EvaluationJob.make("days", {
      payload: Schema.Array(Schema.DateFromString),
      evaluation: (days) =>
        Evaluation.make("days", {
          data: Dataset.fromIterable(
            "days",
            days.map((day, n) => ({
              inputs: { day },
              referenceOutputs: day.getTime(),
              metadata: { n },
              split: "test",
              attachments: {
                picture: Attachment.fromBytes(new Uint8Array([n, 255]), { mimeType: "image/png" })
              }
            }))
          ),
          target: ({ day }, { attachments }) =>
            Effect.gen(function*() {
              const bytes = yield* attachments["picture"]?.bytes ?? Effect.die("there is no picture")
              return { day: new Date(day.getTime() + (bytes[0] ?? 0)) }
            })
        }),
      data: { inputs: Day, outputs: Day, referenceOutputs: Schema.Number, metadata: Schema.Struct({ n: Schema.Int }) }
    })
    const judged = EvaluationJob.withOptions(days, {
      evaluators: [
        Evaluator.make("later", ({ metadata, outputs, referenceOutputs }) => {
          expectTypeOf(outputs.day).toEqualTypeOf<Date>()
          return outputs.day.getTime() - referenceOutputs === metadata.n
        })
      ],
      chunkSize: 1
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submitJson("days", ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"])
      const status = yield* jobs.await(id)
      assert.instanceOf(status, JobStatus.Completed)
      assert.strictEqual(status.summary.summaries["later"]?.score?.mean, 1)
      const rows = yield* Stream.runCollect(jobs.resultsOf(judged, id))
      const [first, second] = rows.toSorted((a, b) => a.index - b.index)
      assert.deepStrictEqual(first?.example.inputs.day, new Date("2026-01-01T00:00:00.000Z"))
      assert.deepStrictEqual(second?.run.outputs?.day, new Date("2026-01-02T00:00:00.001Z"))
      assert.deepStrictEqual(second?.example.splits, ["test"])
      expectTypeOf(second?.run.outputs?.day).toEqualTypeOf<Date | undefined>()
      expectTypeOf(second?.example.referenceOutputs).toEqualTypeOf<number | undefined>()
      const [plain] = yield* Stream.runCollect(jobs.results(id))
      assert.match(JSON.stringify(plain?.run.outputs), /^\{"day":"2026-01-0/)
    }).pipe(Effect.provide(inMemory([judged])))
  })

  it.live("fails the job where outputs do not fit their schema, and says which", () => {
    const job = EvaluationJob.make("strict", {
      payload: Schema.Struct({}),
      // The types say what the code does not do.
      evaluation: () =>
        Evaluation.make("strict", {
          data: Dataset.fromIterable("one", [{ inputs: 1 }]),
          target: (n: number) => String(n) as never
        }),
      data: { outputs: Schema.Int as Schema.Codec<never, unknown> }
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const failed = yield* jobs.await(yield* jobs.submit(job, {}))
      assert.instanceOf(failed, JobStatus.Failed)
      assert.match(failed.message, /Expected.*got "1"|number/)
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("is refused where it does not fit", () => {
    const { job } = squares()
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const wrong = yield* Effect.flip(jobs.submitJson("squares", { count: "many" }))
      assert.strictEqual(wrong.reason, "InvalidPayload")
      assert.match(wrong.message, /payload of this job does not fit the evaluation squares/)
      const unknown = yield* Effect.flip(jobs.submitJson("cubes", {}))
      assert.strictEqual(unknown.reason, "UnknownEvaluation")
      assert.match(unknown.message, /under the name cubes here\. There are: squares\./)
      const { job: cubes } = squares(undefined, { name: "cubes" })
      assert.strictEqual((yield* Effect.flip(jobs.submit(cubes, { count: 1 }))).message, unknown.message)
      const settings = { concurrency: 0 }
      const refused = yield* Effect.flip(jobs.submit(job, { count: 1 }, { settings }))
      assert.match(refused.message, /The settings of this job do not fit the evaluation squares: .*equal to 1/)
      assert.deepStrictEqual(yield* Stream.runCollect(jobs.list()), [])
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("is checked by the worker where the submitter does not know the evaluation", () => {
    const { job } = squares()
    return Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* Effect.gen(function*() {
        const jobs = yield* Jobs
        const wrong = yield* jobs.await(yield* jobs.submitJson("squares", { count: "many" }))
        assert.match(wrong._tag === "Failed" ? wrong.message : "", /does not fit the evaluation squares/)
        const unknown = yield* jobs.await(yield* jobs.submitJson("cubes", {}))
        assert.match(unknown._tag === "Failed" ? unknown.message : "", /There are: squares/)
        assert.deepInclude(yield* jobs.await(yield* jobs.submitJson("squares", { count: 2 })), { done: 2 })
      }).pipe(
        Effect.provide(Layer.provide(EvaluationJobs.layerClient(), Layer.succeed(SqlClient.SqlClient, sql)))
      )
    }).pipe(Effect.provide(inMemory([job])))
  })
})

describe("many jobs", () => {
  it.live("are submitted as a stream, asked for at once, and listed", () => {
    const { job } = squares()
    const other = squares(() => Effect.void, { name: "others" }).job
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const payloads = Stream.range(1, 250).pipe(
        Stream.map((n) => ({ payload: { count: 1 }, idempotencyKey: `k${n}` }))
      )
      const ids = yield* Stream.runCollect(jobs.submitMany(job, payloads))
      assert.strictEqual(new Set(ids).size, 250)
      assert.deepStrictEqual(yield* Stream.runCollect(jobs.submitMany(job, payloads)), ids)
      yield* Effect.forEach(ids, (id) => jobs.await(id), { concurrency: 50 })
      const asked = [...ids.toReversed(), "nobody"]
      const statuses = yield* Stream.runCollect(jobs.pollMany(asked))
      assert.deepStrictEqual(statuses.map(({ id }) => id), asked)
      assert.deepStrictEqual(statuses.map(({ _tag }) => _tag), [...ids.map(() => "Completed" as const), "NotFound"])
      const id = yield* jobs.submit(other, { count: 3 })
      yield* jobs.await(id)
      const list = (filter: EvaluationJobs.ListFilter) =>
        Effect.map(Stream.runCollect(jobs.list(filter)), (found) => found.map(({ id }) => id))
      assert.deepStrictEqual(yield* list({}), [id, ...ids.toReversed()])
      assert.deepStrictEqual(yield* list({ evaluation: "others" }), [id])
      assert.deepStrictEqual(yield* list({ limit: 2, offset: 1 }), ids.slice(-2).toReversed())
      assert.deepStrictEqual(yield* list({ state: "Running" }), [])
      assert.strictEqual((yield* list({ state: ["Completed", "Failed"] })).length, 251)
      const [first] = yield* Stream.runCollect(jobs.list({ evaluation: "others" }))
      assert.deepStrictEqual(yield* list({ submittedFrom: (first?.submittedAt ?? 0) + 1 }), [])
      assert.strictEqual((yield* list({ submittedBefore: (first?.submittedAt ?? 0) + 1 })).length, 251)
    }).pipe(Effect.provide(inMemory([job, other])))
  })

  it.live("that have ended are removed one by one, by age, or by themselves", () => {
    const { job } = squares((n) => n === 9 ? Effect.never : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      const [a, b] = [yield* jobs.submit(job, { count: 3 }), yield* jobs.submit(job, { count: 3 })]
      yield* Effect.all([jobs.await(a), jobs.await(b)])
      const running = yield* jobs.submit(job, { count: 10 })
      yield* jobs.results(running).pipe(Stream.take(1), Stream.runDrain)
      const refused = yield* Effect.flip(jobs.remove(running))
      assert.strictEqual(refused.reason, "Unfinished")
      assert.strictEqual((yield* Effect.flip(jobs.retry(running))).reason, "Unfinished")
      yield* jobs.remove(a)
      assert.strictEqual((yield* jobs.poll(a))._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(jobs.remove(a))).reason, "NotFound")
      assert.strictEqual((yield* Effect.flip(Stream.runCollect(jobs.results(a)))).reason, "NotFound")
      assert.strictEqual(yield* jobs.prune(0), 0)
      assert.strictEqual(yield* jobs.prune(Date.now() + 1000), 1)
      assert.strictEqual((yield* jobs.poll(running))._tag, "Running")
      const left = yield* sql<{ count: number }>`SELECT COUNT(DISTINCT job_key) AS count FROM evals_job_rows`
      assert.deepStrictEqual(left, [{ count: 1 }])
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("and are removed can be submitted again with the same key, and are done again", () => {
    const { calls, job } = squares()
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const done = jobs.submit(job, { count: 20 }, { idempotencyKey: "monday" }).pipe(
        Effect.tap((id) => jobs.await(id, { timeout: "20 seconds" }))
      )
      const id = yield* done
      yield* jobs.remove(id)
      assert.strictEqual(yield* done, id)
      assert.strictEqual(calls.length, 40)
    }).pipe(Effect.provide(inMemory([job])))
  }, 30_000)
})

describe("limits", () => {
  it.live("of concurrency hold for the job, with several lanes and several evaluators", () => {
    const { calls, peak, plain } = squares(() => Effect.sleep(1))
    const judges = { active: 0, peak: 0 }
    const job = EvaluationJob.withOptions(plain, {
      evaluators: [
        Evaluator.make("slow", () =>
          Effect.gen(function*() {
            judges.peak = Math.max(judges.peak, ++judges.active)
            yield* Effect.sleep(1)
            judges.active--
            return true
          }), { concurrency: 3 })
      ],
      concurrency: 5,
      chunkSize: 5
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const status = yield* jobs.await(yield* jobs.submit(job, { count: 60 }))
      assert.strictEqual(status._tag, "Completed")
      assert.strictEqual(calls.length, 60)
      assert.strictEqual(peak(), 5)
      assert.strictEqual(judges.peak, 3)
    }).pipe(Effect.provide(inMemory([job])))
  })

  it.live("of a worker hold for all its jobs", () => {
    const { calls, job, peak } = squares(() => Effect.sleep(1))
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const ids = yield* Effect.forEach([20, 20, 1, 1, 1], (count) => jobs.submit(job, { count }))
      yield* Effect.forEach(ids, (id) => jobs.await(id))
      assert.strictEqual(calls.length, 43)
      assert.isAtMost(peak(), 4)
    }).pipe(Effect.provide(inMemory([job], { capacity: 4 })))
  })

  it.live("of rates hold for the job: its lanes count together", () => {
    const begun: Array<number> = []
    const { plain } = squares(() => Effect.sync(() => void begun.push(performance.now())))
    const job = EvaluationJob.withOptions(plain, {
      chunkSize: 5,
      rateLimit: { limit: 10, window: "100 millis", algorithm: "fixed-window" }
    })
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      yield* jobs.await(yield* jobs.submit(job, { count: 40 }))
      // The fourth window begins 300 ms after the first, at the earliest.
      assert.isAbove((begun.at(-1) ?? 0) - (begun[0] ?? 0), 200)
    }).pipe(Effect.provide(inMemory([job])))
  })
})

describe("what a job needs", () => {
  class Base extends Context.Service<Base, { readonly of: (n: number) => number }>()("test/Base") {}

  it.live("is asked of the worker, not of whoever submits", () => {
    const { plain } = squares((n) => Base.use(({ of }) => of(n) === 1 ? Effect.fail("one") : Effect.void))
    const job = EvaluationJob.withOptions(plain, {
      evaluators: [Evaluator.make("base", ({ outputs }) => Base.useSync(({ of }) => of(outputs)))]
    })
    const layer = inMemory([job])
    expectTypeOf<Layer.Services<typeof layer>>().toEqualTypeOf<Base>()
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 4 })
      assert.deepInclude(yield* jobs.await(id), { _tag: "Completed", failures: 1 })
      const rows = yield* Stream.runCollect(jobs.results(id))
      assert.deepStrictEqual(rows.map((row) => Row.score(row, "base")), [0, undefined, 4, 9])
    }).pipe(Effect.provide(Layer.provide(layer, Layer.succeed(Base, { of: (n) => n }))))
  })
})

describe("rows", () => {
  it.live("can be read while the job runs, each once, and end with it", () => {
    const gate = Deferred.makeUnsafe<void>()
    const { job } = squares((n) => n === 17 ? Deferred.await(gate) : Effect.void)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const id = yield* jobs.submit(job, { count: 40 })
      const seen: Array<number> = []
      const reading = yield* jobs.results(id).pipe(
        Stream.runForEach(({ index }) => Effect.sync(() => void seen.push(index))),
        Effect.forkChild
      )
      while (seen.length < 39) yield* Effect.sleep(5)
      assert.notInclude(seen, 17)
      assert.strictEqual((yield* Stream.runCollect(jobs.results(id, { follow: false }))).length, 39)
      yield* Deferred.succeed(gate, undefined)
      yield* Fiber.join(reading)
      assert.deepStrictEqual(seen.toSorted((a, b) => a - b), upTo(40))
    }).pipe(Effect.provide(inMemory([job])))
  })
})

describe("statuses", () => {
  it.live("go through JSON as they are", () => {
    const { job } = squares((n) => n === 1 ? Effect.fail("no") : Effect.void)
    const codec = Schema.toCodecJson(JobStatus.JobStatus)
    return Effect.gen(function*() {
      const jobs = yield* Jobs
      const completed = yield* jobs.await(yield* jobs.submit(job, { count: 3 }))
      const failed = yield* jobs.await(yield* jobs.submit(job, { count: 3 }, { settings: { maxFailures: 0 } }))
      const statuses = [completed, failed, yield* jobs.poll("nobody")]
      assert.deepStrictEqual(statuses.map(({ _tag }) => _tag), ["Completed", "Failed", "NotFound"])
      for (const status of statuses) {
        const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(status)))
        const again = yield* Schema.decodeUnknownEffect(codec)(json)
        assert.deepStrictEqual(yield* Schema.encodeEffect(codec)(again), json)
        assert.strictEqual(again._tag, status._tag)
      }
    }).pipe(Effect.provide(inMemory([job])))
  })
})

describe("the tables", () => {
  it.live("of a newer version are refused", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const newer = JobMigrations.version + 1
      yield* sql`INSERT INTO evals_job_migrations ${sql.insert({ migration_id: newer, name: "from the future" })}`
      const error = yield* Effect.flip(
        Effect.scoped(Layer.build(Layer.fresh(EvaluationJobs.layerClient())))
      )
      assert.deepInclude(error, { _tag: "JobTablesTooNew", found: newer, known: JobMigrations.version })
    }).pipe(Effect.provide(inMemory([]))))
})
