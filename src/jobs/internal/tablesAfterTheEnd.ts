/**
 * The second version of the tables: experiments of jobs that were stopped, what is left of jobs that are gone, who works
 * on what, runs that are judged, and rates that all workers count together.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

export const createTablesAfterTheEnd = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const generatedKey = sql.literal(sql.onDialectOrElse({
    pg: () => "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    orElse: () => "INTEGER PRIMARY KEY AUTOINCREMENT"
  }))
  // How often something was recorded that the experiment of a stopped job does not have yet, and how many rows it has.
  yield* sql`ALTER TABLE evals_jobs ADD COLUMN untold INTEGER NOT NULL DEFAULT 0`
  yield* sql`ALTER TABLE evals_jobs ADD COLUMN told INTEGER`
  yield* sql`CREATE INDEX evals_jobs_untold ON evals_jobs (finished_at) WHERE untold > 0`
  // Who works on it, of those that may believe that they have the lane: a worker that was suspended does, for a while.
  yield* sql`ALTER TABLE evals_job_chunks ADD COLUMN worker TEXT`
  // Who asks whether that worker is still there; whoever it is takes the question away.
  yield* sql`ALTER TABLE evals_job_chunks ADD COLUMN wanted TEXT`
  // Runs whose judges take their time: rows without evaluations, until there are those with.
  yield* sql`
    CREATE TABLE evals_job_runs (
      job_key INTEGER NOT NULL REFERENCES evals_jobs (job_key) ON DELETE CASCADE,
      row_index INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (job_key, row_index)
    )`
  // What finds the workflows of an attempt whose job was removed or retried before the engine had forgotten them.
  yield* sql`
    CREATE TABLE evals_job_leftovers (
      leftover_key ${generatedKey},
      id TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      lanes INTEGER NOT NULL,
      batch TEXT NOT NULL,
      ended_at DOUBLE PRECISION NOT NULL
    )`
  yield* sql`CREATE INDEX evals_job_leftovers_ended ON evals_job_leftovers (ended_at)`
  yield* sql`CREATE INDEX evals_job_leftovers_batch ON evals_job_leftovers (batch)`
  // Times are milliseconds since 1970 by the clock of the database.
  yield* sql`
    CREATE TABLE evals_job_rates (
      rate_key TEXT PRIMARY KEY,
      tokens DOUBLE PRECISION NOT NULL,
      counted_at DOUBLE PRECISION NOT NULL,
      expires_at DOUBLE PRECISION NOT NULL
    )`
  yield* sql`CREATE INDEX evals_job_rates_expires ON evals_job_rates (expires_at)`
})
