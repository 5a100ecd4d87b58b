/**
 * The tables of the jobs, and how they come to be. The layers see to it by themselves; what is here is for those who want
 * to do it beforehand, such as at deployment.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { createTables } from "./internal/tables.ts"
import { createTablesAfterTheEnd } from "./internal/tablesAfterTheEnd.ts"

/**
 * The database was made by a newer version of effect-evals. Nothing in it was touched.
 *
 * @category errors
 * @since 0.1.0
 */
export class JobTablesTooNew extends Schema.TaggedError<JobTablesTooNew>()("JobTablesTooNew", {
  /** The version of the tables that are there. */
  found: Schema.Int,
  /** The newest version that this code knows. */
  known: Schema.Int,
  message: Schema.String
}) {}

/** The table in which the migrator keeps what was done: not that of the stores, which may share the database. */
const table = "evals_job_migrations"

/** In order. What has been released is never changed: a change is a new entry. */
const migrations = {
  "1_create_job_tables": createTables,
  "2_after_the_end": createTablesAfterTheEnd
}

/**
 * The version of the tables that this code knows.
 *
 * @category constants
 * @since 0.1.0
 */
export const version: number = Object.keys(migrations).length

/**
 * The version of the tables in the database; 0 if there are none.
 *
 * @category reading
 * @since 0.1.0
 */
export const versionInDatabase: Effect.Effect<number, SqlError, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql.onDialectOrElse({
    pg: () => sql`SELECT 1 AS found WHERE to_regclass(${table}) IS NOT NULL`,
    orElse: () => sql`SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ${table}`
  })
  if (tables.length === 0) return 0
  const [row] = yield* sql<{ version: number | null }>`SELECT MAX(migration_id) AS version FROM ${sql(table)}`
  return row?.version ?? 0
})

/**
 * Brings the tables to the version that this code knows; forward only. Processes that do so at once wait for one
 * another. A database that is up to date is only read.
 *
 * @category migrations
 * @since 0.1.0
 */
export const run: Effect.Effect<void, JobTablesTooNew | Migrator.MigrationError | SqlError, SqlClient.SqlClient> =
  Effect.gen(function*() {
    const found = yield* versionInDatabase
    if (found > version) {
      return yield* new JobTablesTooNew({
        found,
        known: version,
        message: `The tables of the jobs in the database are of version ${found}; this version of effect-evals knows ` +
          `them up to version ${version}. Use a newer version of effect-evals, or another database.`
      })
    }
    if (found < version) yield* migrate({ loader: Migrator.fromRecord(migrations), table })
  })

const migrate = Migrator.make({})
