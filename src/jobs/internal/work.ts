/** The side of the workers: what is to be done, who does it, and what is done. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { uuidV7 } from "../../internal/values/identity.ts"
import { skipLocked, untoldRows } from "./database.ts"
import type { Patiently } from "./patience.ts"

/** A job as a worker sees it. */
export interface JobRecord {
  readonly job_key: number
  readonly id: string
  readonly evaluation: string
  readonly payload: string
  readonly settings: string
  readonly state: string
  readonly attempt: number
  readonly started_at: number | null
  /** `null` until all examples are there. */
  readonly total: number | null
  readonly chunks: number
  readonly lanes: number
  readonly left_out: string | null
  readonly components: string | null
  readonly experiment_id: string | null
}

/** A job that was stopped, with rows that no experiment has yet. */
export interface StoppedRecord extends JobRecord {
  readonly cause: string | null
  readonly untold: number
  readonly told: number | null
}

/** A part of the examples. */
export interface ChunkRecord {
  readonly chunk: number
  readonly first_row: number
  readonly row_count: number
  readonly done: number
}

/** A chunk to be written. */
export interface NewChunk {
  readonly chunk: number
  readonly first_row: number
  readonly row_count: number
  readonly examples: string
}

/** A row to be written. */
export interface NewRow {
  readonly row_index: number
  readonly failed: number
  readonly data: string
}

/** Rows of a job. */
export interface Counts {
  readonly done: number
  readonly failed: number
  readonly missing: number
}

/** Jobs that were stopped that are looked at once. */
const stoppedPage = 20

export const makeWork = (sql: SqlClient.SqlClient, patiently: Patiently) => {
  const jobColumns = sql.literal(
    "job_key, id, evaluation, payload, settings, state, attempt, started_at, total, chunks, lanes, left_out, components, experiment_id"
  )
  /** Whether the attempt goes on. */
  const ongoing = (id: string, attempt: number) =>
    sql`id = ${id} AND attempt = ${attempt} AND ${sql.in("state", ["Pending", "Running"])}`
  /** The same for the parts of the job. */
  const ongoingKey = (job_key: number, attempt: number) =>
    sql`EXISTS (SELECT 1 FROM evals_jobs WHERE job_key = ${job_key} AND attempt = ${attempt} AND state = 'Running')`

  /** Begins an attempt, or goes on with it; nothing if it is over. */
  const begin = Effect.fnUntraced(function*(
    id: string,
    attempt: number
  ): Effect.fn.Return<JobRecord | undefined, SqlError> {
    const now = yield* Clock.currentTimeMillis
    const [job] = yield* sql<JobRecord>`
      UPDATE evals_jobs SET state = 'Running', started_at = COALESCE(started_at, ${now}),
        experiment_id = COALESCE(experiment_id, ${uuidV7(now)})
      WHERE ${ongoing(id, attempt)} RETURNING ${jobColumns}`
    return job
  })

  /** Forgets what an earlier reading of the dataset, which was cut short, has left. */
  const forgetPlan = (job_key: number) =>
    sql.withTransaction(Effect.gen(function*() {
      yield* sql`DELETE FROM evals_job_chunks WHERE job_key = ${job_key}`
      yield* sql`DELETE FROM evals_job_examples WHERE job_key = ${job_key}`
    }))

  const addChunks = (job_key: number, chunks: ReadonlyArray<NewChunk>) => {
    const [first, ...rest] = chunks.map(({ chunk, first_row, row_count }) => ({
      job_key,
      chunk,
      first_row,
      row_count,
      lane: null,
      done: 0,
      failed: 0
    }))
    const [data, ...more] = chunks.map(({ chunk, examples }) => ({ job_key, chunk, data: examples }))
    if (first === undefined || data === undefined) return Effect.void
    return sql.withTransaction(Effect.gen(function*() {
      yield* sql`INSERT INTO evals_job_chunks ${sql.insert([first, ...rest])}`
      yield* sql`INSERT INTO evals_job_examples ${sql.insert([data, ...more])}`
    }))
  }

  /** All examples are there, and what was found out about them. */
  const planned = (
    job: JobRecord,
    plan: Pick<JobRecord, "lanes" | "components"> & Partial<Pick<JobRecord, "total" | "chunks" | "left_out">>
  ): Effect.Effect<JobRecord, SqlError> =>
    Effect.as(sql`UPDATE evals_jobs SET ${sql.update(plan)} WHERE job_key = ${job.job_key}`, { ...job, ...plan })

  /** Forgets the rows that other code has made. */
  const forgetRows = (job_key: number) =>
    sql.withTransaction(Effect.gen(function*() {
      yield* sql`DELETE FROM evals_job_rows WHERE job_key = ${job_key}`
      yield* sql`DELETE FROM evals_job_runs WHERE job_key = ${job_key}`
      yield* sql`UPDATE evals_job_chunks SET done = 0, failed = 0, lane = NULL WHERE job_key = ${job_key}`
      yield* sql`UPDATE evals_jobs SET done_before = 0 WHERE job_key = ${job_key}`
    }))

  const chunkColumns = sql.literal("chunk, first_row, row_count, done")

  /** A chunk that is not done, of an attempt that goes on. */
  const isOpen = (job_key: number, attempt: number, chunk: number) =>
    sql`job_key = ${job_key} AND chunk = ${chunk} AND done < row_count AND ${ongoingKey(job_key, attempt)}`

  /** Takes a chunk, whoever works on it; nothing if it is done, or the attempt is over. */
  const take = (job_key: number, attempt: number, chunk: number, worker: string) =>
    Effect.map(
      sql<ChunkRecord>`
        UPDATE evals_job_chunks SET worker = ${worker}, wanted = NULL
        WHERE ${isOpen(job_key, attempt, chunk)} RETURNING ${chunkColumns}`,
      ([taken]) => taken
    )

  /** Asks whoever works on a chunk whether it is still there. */
  const want = (job_key: number, attempt: number, chunk: number, worker: string) =>
    sql`UPDATE evals_job_chunks SET wanted = ${worker} WHERE ${isOpen(job_key, attempt, chunk)}`

  /** Takes a chunk if nobody has answered the question. */
  const takeWanted = (job_key: number, attempt: number, chunk: number, worker: string) =>
    Effect.map(
      sql<ChunkRecord>`
        UPDATE evals_job_chunks SET worker = ${worker}, wanted = NULL
        WHERE ${isOpen(job_key, attempt, chunk)} AND wanted = ${worker} RETURNING ${chunkColumns}`,
      ([taken]) => taken
    )

  /** Whether a chunk is still the worker's; if so, and somebody asks, it says that it is there. Or else it is over. */
  const standing = Effect.fnUntraced(function*(
    job_key: number,
    attempt: number,
    chunk: number,
    worker: string
  ): Effect.fn.Return<"own" | "taken" | "over", SqlError> {
    const [found] = yield* sql<{ worker: string | null; wanted: string | null }>`
      SELECT worker, wanted FROM evals_job_chunks WHERE ${isOpen(job_key, attempt, chunk)}`
    if (found === undefined) return "over"
    if (found.worker !== worker) return "taken"
    if (found.wanted !== null) {
      yield* sql`
        UPDATE evals_job_chunks SET wanted = NULL
        WHERE job_key = ${job_key} AND chunk = ${chunk} AND worker = ${worker}`
    }
    return "own"
  })

  /** The chunk that a lane has begun, or else the next one that nobody has; nothing if there is none. */
  const claim = Effect.fnUntraced(function*(
    job_key: number,
    attempt: number,
    lane: number,
    worker: string
  ): Effect.fn.Return<ChunkRecord | undefined, SqlError> {
    const [own] = yield* sql<ChunkRecord>`
      SELECT ${chunkColumns} FROM evals_job_chunks
      WHERE job_key = ${job_key} AND lane = ${lane} AND done < row_count AND ${ongoingKey(job_key, attempt)}
      ORDER BY chunk LIMIT 1`
    if (own !== undefined) return yield* take(job_key, attempt, own.chunk, worker)
    const [next] = yield* sql<ChunkRecord>`
      UPDATE evals_job_chunks SET lane = ${lane}, worker = ${worker}, wanted = NULL
      WHERE job_key = ${job_key} AND lane IS NULL AND chunk = (
        SELECT chunk FROM evals_job_chunks WHERE job_key = ${job_key} AND lane IS NULL AND done < row_count
        ORDER BY chunk LIMIT 1 ${skipLocked(sql)}
      ) AND ${ongoingKey(job_key, attempt)} RETURNING ${chunkColumns}`
    return next
  })

  const chunk = (job_key: number, number: number) =>
    sql<ChunkRecord>`SELECT ${chunkColumns} FROM evals_job_chunks WHERE job_key = ${job_key} AND chunk = ${number}`

  const examplesOf = (job_key: number, { chunk }: Pick<ChunkRecord, "chunk">): Effect.Effect<string, SqlError> =>
    Effect.map(
      sql<{ data: string }>`SELECT data FROM evals_job_examples WHERE job_key = ${job_key} AND chunk = ${chunk}`,
      ([found]) => found?.data ?? "[]"
    )

  const rowsOf = (job_key: number, { first_row, row_count }: Pick<ChunkRecord, "first_row" | "row_count">) =>
    sql<{ row_index: number; data: string }>`
      SELECT row_index, data FROM evals_job_rows
      WHERE job_key = ${job_key} AND row_index >= ${first_row} AND row_index < ${first_row + row_count}
      ORDER BY row_index`

  /** Runs of a chunk that have ended; their judges had not when they were written. */
  const runsOf = (job_key: number, { first_row, row_count }: Pick<ChunkRecord, "first_row" | "row_count">) =>
    sql<{ row_index: number; data: string }>`
      SELECT row_index, data FROM evals_job_runs
      WHERE job_key = ${job_key} AND row_index >= ${first_row} AND row_index < ${first_row + row_count}`

  const keepRuns = (job_key: number, runs: ReadonlyArray<Pick<NewRow, "row_index" | "data">>) => {
    const [first, ...rest] = runs.map((run) => ({ job_key, ...run }))
    if (first === undefined) return Effect.void
    return sql`
      INSERT INTO evals_job_runs ${sql.insert([first, ...rest])} ON CONFLICT (job_key, row_index) DO NOTHING`.pipe(
      Effect.withTracerEnabled(false)
    )
  }

  const forgetRuns = (job_key: number, { first_row, row_count }: Pick<ChunkRecord, "first_row" | "row_count">) =>
    sql`
      DELETE FROM evals_job_runs
      WHERE job_key = ${job_key} AND row_index >= ${first_row} AND row_index < ${first_row + row_count}`

  /** Writes rows. One that is there stays what it is, and is not counted again. */
  const record = (job_key: number, chunk: number, rows: ReadonlyArray<NewRow>): Effect.Effect<void, SqlError> =>
    sql.withTransaction(Effect.gen(function*() {
      const [first, ...rest] = rows.map((row) => ({ job_key, ...row }))
      if (first === undefined) return
      const written = yield* sql<{ failed: number }>`
        INSERT INTO evals_job_rows ${sql.insert([first, ...rest])}
        ON CONFLICT (job_key, row_index) DO NOTHING RETURNING failed`
      const failed = written.reduce((sum, { failed }) => sum + failed, 0)
      yield* sql`
        UPDATE evals_job_chunks SET done = done + ${written.length}, failed = failed + ${failed}
        WHERE job_key = ${job_key} AND chunk = ${chunk}`
    })).pipe(
      // Whoever is stopped while writing has written.
      Effect.uninterruptible,
      // A span for each statement, with hundreds of placeholders in its text, is no help to anybody.
      Effect.withTracerEnabled(false)
    )

  const counts = Effect.fnUntraced(function*(job_key: number): Effect.fn.Return<Counts, SqlError> {
    const [counted] = yield* sql<Counts>`
      SELECT CAST(COALESCE(SUM(done), 0) AS INTEGER) AS done, CAST(COALESCE(SUM(failed), 0) AS INTEGER) AS failed,
        CAST(COALESCE(SUM(row_count - done), 0) AS INTEGER) AS missing
      FROM evals_job_chunks WHERE job_key = ${job_key}`
    return counted ?? { done: 0, failed: 0, missing: 0 }
  })

  /** Whether a lane is the one that sums up. */
  const claimEnd = (id: string, attempt: number, lane: number): Effect.Effect<boolean, SqlError> =>
    Effect.map(
      sql`
        UPDATE evals_jobs SET finisher = ${lane}
        WHERE ${ongoing(id, attempt)} AND (finisher IS NULL OR finisher = ${lane}) RETURNING id`,
      ({ length }) => length > 0
    )

  const complete = Effect.fnUntraced(function*(id: string, attempt: number, footer: string) {
    const finished_at = yield* Clock.currentTimeMillis
    yield* sql`
      UPDATE evals_jobs SET ${sql.update({ state: "Completed", finished_at, footer })} WHERE ${ongoing(id, attempt)}`
  })

  const fail = Effect.fnUntraced(function*(id: string, attempt: number, cause: string) {
    const finished_at = yield* Clock.currentTimeMillis
    yield* sql`
      UPDATE evals_jobs SET ${sql.update({ state: "Failed", finished_at, cause })}, untold = ${untoldRows(sql)}
      WHERE ${ongoing(id, attempt)}`
  })

  /** A lane has ended. If that was because the job was stopped, it may have written rows after that. */
  const laneEnded = (job_key: number, attempt: number) =>
    sql`
      UPDATE evals_jobs SET untold = ${untoldRows(sql)}
      WHERE job_key = ${job_key} AND attempt = ${attempt} AND ${sql.in("state", ["Cancelled", "Failed"])}`

  /** Jobs that were stopped before a time, with rows that no experiment has yet. */
  const stopped = (before: number) =>
    sql<StoppedRecord>`
      SELECT ${jobColumns}, cause, untold, told FROM evals_jobs
      WHERE untold > 0 AND finished_at <= ${before} ORDER BY finished_at LIMIT ${stoppedPage}`

  /** The rows that were there are an experiment now, or there is a reason why they are none. */
  const told = (
    { attempt, job_key, untold }: StoppedRecord,
    experiment: { readonly footer: string; readonly told: number } | undefined
  ) =>
    sql`
      UPDATE evals_jobs SET ${experiment === undefined ? sql.literal("") : sql`${sql.update(experiment)},`}
        untold = untold - ${untold}
      WHERE job_key = ${job_key} AND attempt = ${attempt} AND ${sql.in("state", ["Cancelled", "Failed"])}`

  // What follows waits for a database that is gone: see `Patiently`.
  return {
    begin: (id: string, attempt: number) => patiently(begin(id, attempt)),
    forgetPlan: (job_key: number) => patiently(forgetPlan(job_key)),
    addChunks: (...args: Parameters<typeof addChunks>) => patiently(addChunks(...args)),
    planned: (...args: Parameters<typeof planned>) => patiently(planned(...args)),
    forgetRows: (job_key: number) => patiently(forgetRows(job_key)),
    claim: (...args: Parameters<typeof claim>) => patiently(claim(...args)),
    take: (...args: Parameters<typeof take>) => patiently(take(...args)),
    want: (...args: Parameters<typeof want>) => patiently(want(...args)),
    takeWanted: (...args: Parameters<typeof takeWanted>) => patiently(takeWanted(...args)),
    standing: (...args: Parameters<typeof standing>) => patiently(standing(...args)),
    chunk: (job_key: number, number: number) => patiently(chunk(job_key, number)),
    examplesOf: (...args: Parameters<typeof examplesOf>) => patiently(examplesOf(...args)),
    rowsOf: (...args: Parameters<typeof rowsOf>) => patiently(rowsOf(...args)),
    runsOf: (...args: Parameters<typeof runsOf>) => patiently(runsOf(...args)),
    keepRuns: (...args: Parameters<typeof keepRuns>) => patiently(keepRuns(...args)),
    forgetRuns: (...args: Parameters<typeof forgetRuns>) => patiently(forgetRuns(...args)),
    record: (...args: Parameters<typeof record>) => patiently(record(...args)),
    counts: (job_key: number) => patiently(counts(job_key)),
    claimEnd: (id: string, attempt: number, lane: number) => patiently(claimEnd(id, attempt, lane)),
    complete: (id: string, attempt: number, footer: string) => patiently(complete(id, attempt, footer)),
    fail: (id: string, attempt: number, cause: string) => patiently(fail(id, attempt, cause)),
    laneEnded: (job_key: number, attempt: number) => patiently(laneEnded(job_key, attempt)),
    stopped: (before: number) => patiently(stopped(before)),
    told: (...args: Parameters<typeof told>) => patiently(told(...args))
  }
}

export type Work = ReturnType<typeof makeWork>
