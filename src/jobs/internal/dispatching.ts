/** Jobs that wait for a worker, and what is left of those that have ended. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { uuidV7 } from "../../internal/values/identity.ts"
import type { Patiently } from "./patience.ts"

/** Jobs that are given to workflows at once. */
const pendingPage = 320
/** A workflow begins no more jobs than this; fewer where there are few jobs, so that several machines begin some. */
const largestBatch = 20
const batchesOfPage = pendingPage / largestBatch

/** An attempt at a job whose workflows have done their part. */
export interface Finished {
  readonly id: string
  readonly attempt: number
  readonly lanes: number
  readonly batch: string | null
}

export const makeDispatching = (sql: SqlClient.SqlClient, patiently: Patiently) => {
  /**
   * Puts jobs that wait into batches, and gives the batches that are to be begun. A batch is written down before it is
   * begun, so that it is the same one should this be cut short.
   */
  const batches = Effect.gen(function*() {
    const pending = yield* sql<{ id: string; batch: string | null }>`
      SELECT id, batch FROM evals_jobs WHERE state = 'Pending' AND dispatched = 0 ORDER BY job_key LIMIT ${pendingPage}`
    const waiting = pending.filter(({ batch }) => batch === null).map(({ id }) => id)
    const size = Math.min(largestBatch, Math.ceil(waiting.length / batchesOfPage))
    for (let start = 0; start < waiting.length; start += size) {
      const batch = uuidV7(yield* Clock.currentTimeMillis)
      yield* sql`
        UPDATE evals_jobs SET batch = ${batch}
        WHERE batch IS NULL AND dispatched = 0 AND ${sql.in("id", waiting.slice(start, start + size))}`
    }
    if (pending.length === 0) return []
    const found = yield* sql<{ batch: string }>`
      SELECT DISTINCT batch FROM evals_jobs WHERE ${sql.in("id", pending.map(({ id }) => id))} AND batch IS NOT NULL`
    return found.map(({ batch }) => batch)
  })

  const dispatched = (batch: string) => sql`UPDATE evals_jobs SET dispatched = 1 WHERE batch = ${batch}`

  const jobsOf = (batch: string): Effect.Effect<ReadonlyArray<{ id: string; attempt: number }>, SqlError> =>
    sql<{ id: string; attempt: number }>`SELECT id, attempt FROM evals_jobs WHERE batch = ${batch} ORDER BY job_key`

  /** Jobs that ended before a time and whose workflows still stand in the engine's tables. */
  const remembered = (before: number) =>
    sql<Finished & { readonly job_key: number }>`
      SELECT job_key, id, attempt, lanes, batch FROM evals_jobs
      WHERE forgotten = 0 AND finished_at < ${before} AND state NOT IN ('Pending', 'Running')
      ORDER BY job_key LIMIT ${pendingPage}`

  /** The same for attempts at jobs that have been removed or retried since. */
  const leftovers = (before: number) =>
    sql<Finished & { readonly leftover_key: number }>`
      SELECT leftover_key, id, attempt, lanes, batch FROM evals_job_leftovers
      WHERE ended_at < ${before} ORDER BY leftover_key LIMIT ${pendingPage}`

  const cleared = (keys: ReadonlyArray<number>) =>
    sql`DELETE FROM evals_job_leftovers WHERE ${sql.in("leftover_key", keys)}`

  /** Whether all jobs of a batch ended before a time. */
  const isOver = (batch: string, before: number): Effect.Effect<boolean, SqlError> =>
    Effect.map(
      sql`
        SELECT 1 AS found FROM evals_jobs WHERE batch = ${batch} AND (finished_at IS NULL OR finished_at >= ${before})
        UNION ALL
        SELECT 1 AS found FROM evals_job_leftovers WHERE batch = ${batch} AND ended_at >= ${before}`,
      ({ length }) => length === 0
    )

  const forgotten = (jobs: ReadonlyArray<number>) =>
    sql`UPDATE evals_jobs SET forgotten = 1 WHERE ${sql.in("job_key", jobs)}`

  return {
    /** Whether there may be more. */
    isPage: ({ length }: ReadonlyArray<Finished>): boolean => length >= pendingPage,
    batches: patiently(batches),
    dispatched: (batch: string) => patiently(dispatched(batch)),
    jobsOf: (batch: string) => patiently(jobsOf(batch)),
    remembered: (before: number) => patiently(remembered(before)),
    leftovers: (before: number) => patiently(leftovers(before)),
    cleared: (keys: ReadonlyArray<number>) => patiently(cleared(keys)),
    isOver: (batch: string, before: number) => patiently(isOver(batch, before)),
    forgotten: (jobs: ReadonlyArray<number>) => patiently(forgotten(jobs))
  }
}
