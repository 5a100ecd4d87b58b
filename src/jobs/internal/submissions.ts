/** The side of those who submit: jobs as records, without a worker in sight. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { hashOf } from "../../internal/values/identity.ts"
import type { ListFilter } from "../EvaluationJobs.ts"
import { JobError } from "../JobError.ts"
import * as JobStatus from "../JobStatus.ts"
import { columnText, jobErrors, untoldRows } from "./database.ts"
import { notFound, statusOf, type StatusRecord } from "./jobRecords.ts"

/** Jobs read or written by one statement. */
const pageSize = 200

/** A job to be written. Payload and settings are JSON text. */
export interface Submission {
  readonly id: string
  readonly evaluation: string
  readonly payload: string
  readonly settings: string
}

export const makeSubmissions = (sql: SqlClient.SqlClient) => {
  const statusColumns = sql.literal(`
    j.job_key, j.id, j.evaluation, j.state, j.attempt, j.submitted_at, j.started_at, j.finished_at, j.done_before, j.total,
    j.experiment_id, j.footer, j.cause, j.untold,
    CAST((SELECT COALESCE(SUM(c.done), 0) FROM evals_job_chunks c WHERE c.job_key = j.job_key) AS INTEGER) AS done,
    CAST((SELECT COALESCE(SUM(c.failed), 0) FROM evals_job_chunks c WHERE c.job_key = j.job_key) AS INTEGER) AS failures`)

  const statuses = Effect.fnUntraced(function*(records: ReadonlyArray<StatusRecord>) {
    const now = yield* Clock.currentTimeMillis
    return yield* Effect.forEach(records, (record) => statusOf(record, now))
  })

  /** Writes jobs that are not there yet; those that are must be the same. */
  const insert = Effect.fnUntraced(function*(
    submissions: ReadonlyArray<Submission>
  ): Effect.fn.Return<void, JobError | SqlError> {
    const submitted_at = yield* Clock.currentTimeMillis
    const [first, ...rest] = submissions.map(({ evaluation, id, payload, settings }) => ({
      id,
      evaluation: columnText(evaluation),
      payload,
      settings,
      state: "Pending",
      attempt: 1,
      submitted_at,
      done_before: 0,
      chunks: 0,
      lanes: 0,
      dispatched: 0,
      forgotten: 0
    }))
    if (first === undefined) return
    const written = yield* sql<{ id: string }>`
      INSERT INTO evals_jobs ${sql.insert([first, ...rest])} ON CONFLICT (id) DO NOTHING RETURNING id`
    if (written.length === submissions.length) return
    const ids = new Set(written.map(({ id }) => id))
    yield* Effect.forEach(submissions.filter(({ id }) => !ids.has(id)), checkSame, { discard: true })
  })

  const checkSame = Effect.fnUntraced(function*(
    submission: Submission
  ): Effect.fn.Return<void, JobError | SqlError> {
    const [there] = yield* sql<{ payload: string; settings: string }>`
      SELECT payload, settings FROM evals_jobs WHERE id = ${submission.id}`
    if (there === undefined || contentOf(there) === contentOf(submission)) return
    return yield* new JobError({
      reason: "Conflict",
      id: submission.id,
      message: `The idempotency key of this job of ${submission.evaluation} was used before, for the job ` +
        `${submission.id}, with another payload or other settings. Submit with another key if it is another job.`
    })
  })

  const find = (ids: ReadonlyArray<string>) =>
    sql<StatusRecord>`SELECT ${statusColumns} FROM evals_jobs j WHERE ${sql.in("j.id", ids.map(columnText))}`

  const poll = (id: string): Effect.Effect<JobStatus.JobStatus, JobError> =>
    find([id]).pipe(
      Effect.flatMap(statuses),
      Effect.map(([status]) => status ?? new JobStatus.NotFound({ id })),
      jobErrors
    )

  /** Where a job stands, and whether that is how it stays: rows of a stopped one may yet become an experiment. */
  const standing = (id: string): Effect.Effect<{ status: JobStatus.JobStatus; settled: boolean }, JobError> =>
    Effect.gen(function*() {
      const records = yield* find([id])
      const [status = new JobStatus.NotFound({ id })] = yield* statuses(records)
      return { status, settled: records[0]?.untold === 0 }
    }).pipe(jobErrors)

  const pollMany = (ids: Iterable<string>): Stream.Stream<JobStatus.JobStatus, JobError> =>
    Stream.fromIterable(ids).pipe(
      Stream.grouped(pageSize),
      Stream.mapArrayEffect(Effect.fnUntraced(function*(pages) {
        const found: Array<JobStatus.JobStatus> = []
        for (const page of pages) {
          const byId = new Map((yield* Effect.flatMap(find(page), statuses)).map((status) => [status.id, status]))
          for (const id of page) found.push(byId.get(id) ?? new JobStatus.NotFound({ id }))
        }
        // A page of ids is never empty.
        return found as [JobStatus.JobStatus, ...Array<JobStatus.JobStatus>]
      }, jobErrors))
    )

  const list = (filter: ListFilter = {}): Stream.Stream<JobStatus.Known, JobError> => {
    const { evaluation, limit = Number.POSITIVE_INFINITY, offset, state, submittedBefore, submittedFrom } = filter
    const conditions = [
      ...(evaluation === undefined ? [] : [sql`j.evaluation = ${columnText(evaluation)}`]),
      ...(state === undefined ? [] : [sql.in("j.state", typeof state === "string" ? [state] : [...state])]),
      ...(submittedFrom === undefined ? [] : [sql`j.submitted_at >= ${submittedFrom}`]),
      ...(submittedBefore === undefined ? [] : [sql`j.submitted_at < ${submittedBefore}`])
    ]
    return Stream.paginate(
      { before: undefined as number | undefined, left: limit, skip: offset ?? 0 },
      Effect.fnUntraced(function*({ before, left, skip }) {
        const size = Math.min(pageSize, left)
        if (size <= 0) return [[], Option.none()] as const
        const after = before === undefined ? conditions : [...conditions, sql`j.job_key < ${before}`]
        const records = yield* sql<StatusRecord>`
          SELECT ${statusColumns} FROM evals_jobs j ${
          after.length === 0 ? sql.literal("") : sql`WHERE ${sql.and(after)}`
        }
          ORDER BY j.job_key DESC LIMIT ${size} OFFSET ${skip}`
        const last = records.at(-1)
        const next = last === undefined || records.length < size
          ? Option.none()
          : Option.some({ before: last.job_key, left: left - records.length, skip: 0 })
        return [yield* statuses(records), next] as const
      }, jobErrors)
    )
  }

  const cancel = (id: string): Effect.Effect<JobStatus.Known, JobError> =>
    Effect.gen(function*() {
      const finished_at = yield* Clock.currentTimeMillis
      yield* sql`
        UPDATE evals_jobs SET ${sql.update({ state: "Cancelled", finished_at })}, untold = ${untoldRows(sql)}
        WHERE id = ${columnText(id)} AND ${sql.in("state", ["Pending", "Running"])}`
      const status = yield* poll(id)
      return status._tag === "NotFound" ? yield* notFound(id) : status
    }).pipe(jobErrors)

  /** Keeps what finds the workflows of jobs that are to be removed or retried, for the engine to forget them later. */
  const leaveBehind = (which: Fragment) =>
    sql`
      INSERT INTO evals_job_leftovers (id, attempt, lanes, batch, ended_at)
      SELECT id, attempt, lanes, batch, finished_at FROM evals_jobs
      WHERE ${which} AND forgotten = 0 AND batch IS NOT NULL AND state NOT IN ('Pending', 'Running')`

  const retry = (id: string, failed: "keep" | "rerun"): Effect.Effect<void, JobError> =>
    Effect.gen(function*() {
      const status = yield* poll(id)
      if (status._tag === "NotFound") return yield* notFound(id)
      if (!JobStatus.isEnded(status)) {
        return yield* new JobError({
          reason: "Unfinished",
          id,
          message: `The job ${id} is ${status._tag}, and goes on by itself. Cancel it first to begin another attempt.`
        })
      }
      yield* leaveBehind(sql`id = ${columnText(id)} AND attempt = ${status.attempt}`)
      const [job] = yield* sql<{ job_key: number }>`
        UPDATE evals_jobs SET
          state = 'Pending', attempt = attempt + 1, dispatched = 0, forgotten = 0, batch = NULL, started_at = NULL,
          finished_at = NULL, finisher = NULL, experiment_id = NULL, footer = NULL, cause = NULL, untold = 0, told = NULL
        WHERE id = ${columnText(id)} AND attempt = ${status.attempt} AND state = ${status._tag} RETURNING job_key`
      // Somebody else was faster, and that is all that was wanted.
      if (job === undefined) return
      const { job_key } = job
      if (failed === "rerun") {
        yield* sql`DELETE FROM evals_job_rows WHERE job_key = ${job_key} AND failed = 1`
        yield* sql`
          UPDATE evals_job_chunks SET done = done - failed, failed = 0 WHERE job_key = ${job_key} AND failed > 0`
      }
      yield* sql`UPDATE evals_job_chunks SET lane = NULL WHERE job_key = ${job_key} AND done < row_count`
      yield* sql`
        UPDATE evals_jobs SET done_before =
          (SELECT COALESCE(SUM(done), 0) FROM evals_job_chunks WHERE job_key = ${job_key})
        WHERE job_key = ${job_key}`
    }).pipe(sql.withTransaction, jobErrors)

  const remove = (id: string): Effect.Effect<void, JobError> =>
    Effect.gen(function*() {
      yield* leaveBehind(sql`id = ${columnText(id)}`)
      const removed = yield* sql`
        DELETE FROM evals_jobs WHERE id = ${columnText(id)} AND state NOT IN ('Pending', 'Running') RETURNING job_key`
      if (removed.length > 0) return
      const status = yield* poll(id)
      return yield* (status._tag === "NotFound" ? notFound(id) : new JobError({
        reason: "Unfinished",
        id,
        message: `The job ${id} is ${status._tag}. Cancel it before you remove it.`
      }))
    }).pipe(sql.withTransaction, jobErrors)

  const prunePage = Effect.fnUntraced(function*(finishedBefore: number) {
    const found = yield* sql<{ job_key: number }>`
      SELECT job_key FROM evals_jobs WHERE finished_at < ${finishedBefore} AND state NOT IN ('Pending', 'Running')
      ORDER BY job_key LIMIT ${pageSize}`
    if (found.length === 0) return { found: 0, removed: 0 }
    const page = sql`${
      sql.in("job_key", found.map(({ job_key }) => job_key))
    } AND finished_at < ${finishedBefore} AND state NOT IN ('Pending', 'Running')`
    yield* leaveBehind(page)
    return { found: found.length, removed: (yield* sql`DELETE FROM evals_jobs WHERE ${page} RETURNING job_key`).length }
  })

  /** In pages, so that nobody waits long for the database. */
  const prune = (finishedBefore: number): Effect.Effect<number, JobError> =>
    Effect.gen(function*() {
      let removed = 0
      while (true) {
        const page = yield* sql.withTransaction(prunePage(finishedBefore))
        removed += page.removed
        if (page.found < pageSize) return removed
      }
    }).pipe(jobErrors)

  return {
    submit: (submissions: ReadonlyArray<Submission>) => jobErrors(insert(submissions)),
    poll,
    standing,
    pollMany,
    list,
    cancel,
    retry,
    remove,
    prune
  }
}

const contentOf = ({ payload, settings }: Pick<Submission, "payload" | "settings">): string =>
  hashOf([JSON.parse(payload), JSON.parse(settings)])
