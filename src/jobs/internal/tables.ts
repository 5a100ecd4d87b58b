/**
 * The tables, in the SQL that SQLite and PostgreSQL share. What the user gave is JSON text, since PostgreSQL's JSON types
 * refuse texts that JavaScript has.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

export const createTables = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const generatedKey = sql.literal(sql.onDialectOrElse({
    pg: () => "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    // Keys of what was deleted are not given again.
    orElse: () => "INTEGER PRIMARY KEY AUTOINCREMENT"
  }))
  /** Small records found by their key alone: SQLite then keeps no second tree. */
  const keyedOnly = sql.literal(sql.onDialectOrElse({ pg: () => "", orElse: () => "WITHOUT ROWID" }))

  yield* sql`
    CREATE TABLE evals_jobs (
      job_key ${generatedKey},
      id TEXT NOT NULL UNIQUE,
      evaluation TEXT NOT NULL,
      payload TEXT NOT NULL,
      settings TEXT NOT NULL,
      state TEXT NOT NULL,
      attempt INTEGER NOT NULL,
      submitted_at DOUBLE PRECISION NOT NULL,
      started_at DOUBLE PRECISION,
      finished_at DOUBLE PRECISION,
      done_before INTEGER NOT NULL,
      total INTEGER,
      chunks INTEGER NOT NULL,
      lanes INTEGER NOT NULL,
      left_out TEXT,
      components TEXT,
      batch TEXT,
      dispatched INTEGER NOT NULL,
      forgotten INTEGER NOT NULL,
      finisher INTEGER,
      experiment_id TEXT,
      footer TEXT,
      cause TEXT
    )`
  yield* sql`CREATE INDEX evals_jobs_state ON evals_jobs (state, dispatched, job_key)`
  yield* sql`CREATE INDEX evals_jobs_batch ON evals_jobs (batch)`
  yield* sql`CREATE INDEX evals_jobs_finished ON evals_jobs (forgotten, finished_at)`
  // A part of the examples, with what is done of it. Who works on it is the lane; a lane is one workflow, of which there
  // is never more than one at work.
  yield* sql`
    CREATE TABLE evals_job_chunks (
      job_key INTEGER NOT NULL REFERENCES evals_jobs (job_key) ON DELETE CASCADE,
      chunk INTEGER NOT NULL,
      first_row INTEGER NOT NULL,
      row_count INTEGER NOT NULL,
      lane INTEGER,
      done INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      PRIMARY KEY (job_key, chunk)
    ) ${keyedOnly}`
  // Apart, because a record is written anew whenever a column of it changes.
  yield* sql`
    CREATE TABLE evals_job_examples (
      job_key INTEGER NOT NULL REFERENCES evals_jobs (job_key) ON DELETE CASCADE,
      chunk INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (job_key, chunk)
    )`
  // The key is what sees to it that no row is recorded twice.
  yield* sql`
    CREATE TABLE evals_job_rows (
      job_key INTEGER NOT NULL REFERENCES evals_jobs (job_key) ON DELETE CASCADE,
      row_index INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (job_key, row_index)
    )`
})
