/**
 * The tables, in the SQL that SQLite and PostgreSQL share. What the user gave is JSON text, since PostgreSQL's JSON types
 * refuse texts that JavaScript has. Rows and examples are kept whole as JSON; the columns beside it are what is asked for.
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
  /** Many small records found by their key alone: SQLite then keeps no second tree. */
  const keyedOnly = sql.literal(sql.onDialectOrElse({ pg: () => "", orElse: () => "WITHOUT ROWID" }))

  yield* sql`
    CREATE TABLE evals_experiments (
      experiment_key ${generatedKey},
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      evaluation TEXT NOT NULL,
      dataset_name TEXT NOT NULL,
      dataset_version TEXT,
      target_name TEXT NOT NULL,
      target_fingerprint TEXT NOT NULL,
      status TEXT NOT NULL,
      start_time DOUBLE PRECISION NOT NULL,
      updated_at DOUBLE PRECISION NOT NULL,
      header TEXT NOT NULL,
      footer TEXT
    )`
  yield* sql`CREATE INDEX evals_experiments_start ON evals_experiments (start_time, experiment_key)`
  yield* sql`CREATE INDEX evals_experiments_name ON evals_experiments (name, start_time)`
  yield* sql`
    CREATE TABLE evals_experiment_tags (
      experiment_key INTEGER NOT NULL REFERENCES evals_experiments (experiment_key) ON DELETE CASCADE,
      tag TEXT NOT NULL,
      PRIMARY KEY (experiment_key, tag)
    ) ${keyedOnly}`
  yield* sql`
    CREATE TABLE evals_rows (
      experiment_key INTEGER NOT NULL REFERENCES evals_experiments (experiment_key) ON DELETE CASCADE,
      row_index INTEGER NOT NULL,
      example_id TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      run_id TEXT NOT NULL,
      repetition INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      failed INTEGER NOT NULL,
      error TEXT,
      start_time DOUBLE PRECISION NOT NULL,
      end_time DOUBLE PRECISION NOT NULL,
      scores TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (experiment_key, row_index)
    )`
  // Records of their own would cost more to write than the rows, and hardly anybody reads them.
  yield* sql.onDialectOrElse({
    pg: () =>
      sql`
        CREATE VIEW evals_scores AS
        SELECT r.experiment_key, r.row_index, s.place - 1 AS place, s.item ->> 0 AS evaluator,
          s.item ->> 1 AS feedback_key, CAST(s.item ->> 2 AS DOUBLE PRECISION) AS score, s.item ->> 3 AS label
        FROM evals_rows AS r, json_array_elements(CAST(r.scores AS json)) WITH ORDINALITY AS s (item, place)`,
    orElse: () =>
      sql`
        CREATE VIEW evals_scores AS
        SELECT r.experiment_key, r.row_index, s.key AS place, s.value ->> 0 AS evaluator,
          s.value ->> 1 AS feedback_key, CAST(s.value ->> 2 AS REAL) AS score, s.value ->> 3 AS label
        FROM evals_rows AS r, json_each(r.scores) AS s`
  })
  yield* sql`
    CREATE TABLE evals_feedback (
      feedback_id ${generatedKey},
      experiment_key INTEGER NOT NULL REFERENCES evals_experiments (experiment_key) ON DELETE CASCADE,
      row_index INTEGER NOT NULL,
      run_id TEXT NOT NULL,
      feedback_key TEXT NOT NULL,
      score DOUBLE PRECISION,
      author TEXT NOT NULL,
      reason TEXT,
      created_at DOUBLE PRECISION NOT NULL,
      result TEXT NOT NULL
    )`
  yield* sql`CREATE INDEX evals_feedback_row ON evals_feedback (experiment_key, row_index, feedback_id)`

  yield* sql`
    CREATE TABLE evals_datasets (
      dataset_key ${generatedKey},
      name TEXT NOT NULL UNIQUE,
      description TEXT,
      metadata TEXT NOT NULL,
      version INTEGER NOT NULL,
      next_place INTEGER NOT NULL,
      created_at DOUBLE PRECISION NOT NULL
    )`
  yield* sql`
    CREATE TABLE evals_dataset_versions (
      dataset_key INTEGER NOT NULL REFERENCES evals_datasets (dataset_key) ON DELETE CASCADE,
      version INTEGER NOT NULL,
      created_at DOUBLE PRECISION NOT NULL,
      note TEXT,
      added INTEGER NOT NULL,
      updated INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      size INTEGER NOT NULL,
      PRIMARY KEY (dataset_key, version)
    ) ${keyedOnly}`
  yield* sql`
    CREATE TABLE evals_dataset_tags (
      dataset_key INTEGER NOT NULL REFERENCES evals_datasets (dataset_key) ON DELETE CASCADE,
      tag TEXT NOT NULL,
      version INTEGER NOT NULL,
      PRIMARY KEY (dataset_key, tag)
    ) ${keyedOnly}`
  // A record for each state of an example: it holds from the version that made it until the one that ended it.
  yield* sql`
    CREATE TABLE evals_examples (
      dataset_key INTEGER NOT NULL REFERENCES evals_datasets (dataset_key) ON DELETE CASCADE,
      place INTEGER NOT NULL,
      valid_from INTEGER NOT NULL,
      valid_until INTEGER,
      example_id TEXT NOT NULL,
      content_hash TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (dataset_key, place, valid_from)
    )`
  yield* sql`CREATE UNIQUE INDEX evals_examples_id ON evals_examples (dataset_key, example_id, valid_from)`
})
