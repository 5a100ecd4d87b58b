/** The second version of the tables: who is at work on what, and files that belong to examples. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

export const createClaimsAndFiles = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const bytes = sql.literal(sql.onDialectOrElse({ pg: () => "BYTEA", orElse: () => "BLOB" }))
  yield* sql`
    CREATE TABLE evals_claims (
      claim_key TEXT PRIMARY KEY,
      token TEXT NOT NULL,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      since DOUBLE PRECISION NOT NULL,
      beat INTEGER NOT NULL,
      expires_at DOUBLE PRECISION NOT NULL
    )`
  // By content, so that a file that stays the same from version to version, or belongs to many examples, is there once.
  yield* sql`
    CREATE TABLE evals_files (
      dataset_key INTEGER NOT NULL REFERENCES evals_datasets (dataset_key) ON DELETE CASCADE,
      sha256 TEXT NOT NULL,
      bytes ${bytes} NOT NULL,
      PRIMARY KEY (dataset_key, sha256)
    )`
})
