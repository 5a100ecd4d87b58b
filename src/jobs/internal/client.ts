/** The service over the records of the jobs. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import { Settings } from "../../Evaluation.ts"
import { settingNames } from "../../internal/engine/optionNames.ts"
import { hashOf, uuidOfHash, uuidV7 } from "../../internal/values/identity.ts"
import { unknownOptions } from "../../internal/values/options.ts"
import { formatProblems } from "../../internal/values/schemaMessage.ts"
import type * as Row from "../../Row.ts"
import type { Any } from "../EvaluationJob.ts"
import type { EvaluationJobs, ResultsOptions, SubmitOptions } from "../EvaluationJobs.ts"
import { JobError } from "../JobError.ts"
import * as JobStatus from "../JobStatus.ts"
import { jobErrors } from "./database.ts"
import { unknownEvaluation } from "./jobCode.ts"
import { notFound } from "./jobRecords.ts"
import { type Codec, jsonCodec, makeCodec } from "./rowCodec.ts"
import { makeSubmissions, type Submission } from "./submissions.ts"
import { Nudge } from "./worker.ts"

/** Jobs that are written by one statement. */
const submitPage = 100
/** The first wait for a job, and the longest one, in milliseconds. */
const waits = { first: 20, longest: 1000 }
/** So long whoever waits for a job that was stopped waits for its experiment; there may be no worker to record it. */
const experimentMillis = 10_000

const encodeSettings = Schema.encodeUnknownEffect(Schema.fromJsonString(Settings))

export const makeClient = Effect.fnUntraced(function*(
  registered: ReadonlyMap<string, Any>
): Effect.fn.Return<EvaluationJobs["Service"], never, SqlClient.SqlClient | Nudge> {
  const sql = yield* SqlClient.SqlClient
  const { cancelled, submitted } = yield* Nudge
  const submissions = makeSubmissions(sql)
  const { poll } = submissions

  const invalid = (evaluation: string, what: "The payload" | "The settings") => (cause: Schema.SchemaError) =>
    new JobError({
      reason: "InvalidPayload",
      message: `${what} of this job ${what === "The settings" ? "do" : "does"} not fit the evaluation ${evaluation}: ` +
        cause.message,
      cause
    })

  /** Where evaluations are registered, one that is not would wait for nobody. */
  const known = (evaluation: string): Effect.Effect<void, JobError> =>
    registered.size === 0 || registered.has(evaluation)
      ? Effect.void
      : Effect.fail(unknownEvaluation(evaluation, registered.keys()))

  const submission = Effect.fnUntraced(function*(
    evaluation: string,
    json: unknown,
    options: SubmitOptions
  ): Effect.fn.Return<Submission, JobError> {
    const { idempotencyKey, settings = {} } = options
    const unknown = [
      ...unknownOptions(options, ["idempotencyKey", "settings", "payload"]),
      ...unknownOptions(settings, settingNames, "settings.")
    ]
    if (unknown.length > 0) {
      return yield* new JobError({
        reason: "InvalidPayload",
        message: `The evaluation ${evaluation} cannot be submitted with these options. ${formatProblems(unknown)}.`
      })
    }
    const id = idempotencyKey === undefined
      ? uuidV7(yield* Clock.currentTimeMillis)
      : uuidOfHash(hashOf({ evaluation, idempotencyKey }))
    return {
      id,
      evaluation,
      // What JSON cannot say at all is `undefined`, and read as `null`.
      payload: JSON.stringify(json) ?? "null",
      settings: yield* Effect.mapError(encodeSettings(settings), invalid(evaluation, "The settings"))
    }
  })

  const encoded = <Payload>(
    job: { readonly name: string; readonly payload: Schema.ConstraintCodec<Payload, unknown> },
    payload: Payload,
    options: SubmitOptions
  ): Effect.Effect<Submission, JobError> =>
    known(job.name).pipe(
      Effect.andThen(Schema.encodeEffect(Schema.toCodecJson(job.payload))(payload)),
      Effect.catchTag("SchemaError", (error) => Effect.fail(invalid(job.name, "The payload")(error))),
      Effect.flatMap((json) => submission(job.name, json, options))
    )

  const write = (all: ReadonlyArray<Submission>) =>
    Effect.andThen(submissions.submit(all), Effect.as(Latch.open(submitted), all.map(({ id }) => id)))

  const written = (one: Submission): Effect.Effect<string, JobError> => Effect.as(write([one]), one.id)

  /** Looks again and again, at first often, until something is found. */
  const waitFor = <A, E>(look: Effect.Effect<Option.Option<A>, E>, millis = waits.first): Effect.Effect<A, E> =>
    Effect.flatMap(look, (found) =>
      Option.isSome(found)
        ? Effect.succeed(found.value)
        : Effect.andThen(
          Effect.sleep(millis),
          Effect.suspend(() => waitFor(look, Math.min(millis * 1.2, waits.longest)))
        ))

  /** Looks whether a job has ended; one that was stopped may take a moment until its experiment is there. */
  const ended = (id: string) => {
    let since: number | undefined
    return Effect.gen(function*(): Effect.fn.Return<Option.Option<JobStatus.Ended>, JobError> {
      const { settled, status } = yield* submissions.standing(id)
      if (status._tag === "NotFound") return yield* notFound(id)
      if (!JobStatus.isEnded(status)) return Option.none()
      since ??= performance.now()
      return settled || performance.now() - since > experimentMillis ? Option.some(status) : Option.none()
    })
  }

  const timedOut = (id: string, timeout: Duration.Duration) =>
    Effect.flatMap(poll(id), (status) =>
      Effect.fail(
        new JobError({
          reason: "TimedOut",
          id,
          message: `The job ${id} did not end within ${Duration.format(timeout)}; it is ${status._tag}` +
            (status._tag === "Running" ? `, with ${status.done} of ${status.total ?? "?"} rows done.` : ".") +
            " It goes on: ask again later, or wait longer."
        })
      ))

  const read = (id: string, codec: Codec, { follow = true }: ResultsOptions): Stream.Stream<Row.Row, JobError> => {
    /** Which rows were given, of chunks that are not done. */
    const given = new Map<number, Set<number>>()
    const over = new Set<number>()
    const look = Effect.fnUntraced(function*() {
      // In this order, so that what was recorded last is not missed.
      const status = yield* poll(id)
      if (status._tag === "NotFound") return yield* notFound(id)
      const chunks = yield* sql<ChunkNews>`
        SELECT c.job_key, c.chunk, c.first_row, c.row_count, c.done FROM evals_job_chunks c
        JOIN evals_jobs j ON j.job_key = c.job_key WHERE j.id = ${id} AND c.done > 0 ORDER BY c.chunk`
      return {
        isOver: !follow || JobStatus.isEnded(status),
        news: chunks.filter(({ chunk, done }) => !over.has(chunk) && (given.get(chunk)?.size ?? 0) < done)
      }
    }, jobErrors)
    const rowsOf = Effect.fnUntraced(function*({ chunk, first_row, job_key, row_count }: ChunkNews) {
      const seen = given.get(chunk) ?? new Set<number>()
      const records = yield* sql<{ row_index: number; data: string }>`
        SELECT row_index, data FROM evals_job_rows
        WHERE job_key = ${job_key} AND row_index >= ${first_row} AND row_index < ${first_row + row_count}
        ORDER BY row_index`
      const rows = yield* Effect.forEach(
        records.filter(({ row_index }) => !seen.has(row_index)),
        ({ data, row_index }) => codec.decodeRow(`Row ${row_index} of the job ${id}`, data)
      )
      for (const { index } of rows) seen.add(index)
      given.set(chunk, seen)
      if (seen.size < row_count) return rows
      over.add(chunk)
      given.delete(chunk)
      return rows
    }, jobErrors)
    return Stream.paginate(waits.first, (millis) =>
      Effect.gen(function*() {
        const { isOver, news } = yield* look()
        if (isOver) return [[news], Option.none<number>()] as const
        if (news.length === 0) yield* Effect.sleep(millis)
        return [[news], Option.some(news.length > 0 ? waits.first : Math.min(millis * 1.2, waits.longest))] as const
      })).pipe(
        Stream.flatMap((news) => Stream.fromIterable(news)),
        Stream.mapEffect(rowsOf),
        Stream.flatMap((rows) => Stream.fromIterable(rows))
      )
  }

  return {
    submit: (job, payload, options = {}) => Effect.flatMap(encoded(job, payload, options), written),
    submitJson: Effect.fnUntraced(function*(evaluation, payload, options = {}) {
      const job = registered.get(evaluation)
      yield* known(evaluation)
      if (job !== undefined) {
        yield* Schema.decodeUnknownEffect(Schema.toCodecJson(job.payload))(payload).pipe(
          Effect.mapError(invalid(evaluation, "The payload"))
        )
      }
      return yield* written(yield* submission(evaluation, payload, options))
    }),
    submitMany: (job, payloads) =>
      payloads.pipe(
        Stream.mapEffect(({ payload, ...options }) => encoded(job, payload, options)),
        Stream.grouped(submitPage),
        Stream.mapEffect(write),
        Stream.flatMap((ids) => Stream.fromIterable(ids))
      ),
    poll,
    pollMany: submissions.pollMany,
    await: (id, { timeout } = {}) => {
      const waiting = Effect.suspend(() => waitFor(ended(id)))
      if (timeout === undefined) return waiting
      const duration = Duration.fromInputUnsafe(timeout)
      return Effect.timeoutOrElse(waiting, { duration, orElse: () => timedOut(id, duration) })
    },
    cancel: (id) => Effect.tap(submissions.cancel(id), () => Latch.release(cancelled)),
    retry: (id, { failed = "keep" } = {}) => Effect.tap(submissions.retry(id, failed), () => Latch.open(submitted)),
    list: submissions.list,
    results: (id, options = {}) => read(id, jsonCodec, options),
    resultsOf: (job, id, options = {}) =>
      // The schemas given for the data are what makes the types of the rows true.
      read(id, makeCodec(job.data), options) as ReturnType<EvaluationJobs["Service"]["resultsOf"]> as never,
    remove: submissions.remove,
    prune: (finishedBefore) => submissions.prune(finishedBefore)
  }
})

interface ChunkNews {
  readonly job_key: number
  readonly chunk: number
  readonly first_row: number
  readonly row_count: number
  readonly done: number
}
