/** What the SQL of the jobs has in common. */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { messageOf, rollbackFailed } from "../../internal/values/databaseErrors.ts"
import { JobError } from "../JobError.ts"

/** The error of a database as that of the jobs; other errors stay what they are. */
export const jobErrors = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
): Effect.Effect<A, Exclude<E, SqlError> | JobError, R> =>
  Effect.mapError(Effect.catchCause(effect, rollbackFailed), (error) =>
    isSqlError(error)
      ? new JobError({
        reason: "Database",
        message: `The database of the jobs failed: ${messageOf(error)}`,
        cause: error
      })
      // What is left is not the database's, which the guard above cannot tell the compiler.
      : error as Exclude<E, SqlError>)

/** A text that stands in a column to be asked for. PostgreSQL takes no NUL in a text. */
export const columnText = (text: string): string => text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text

/** Locks the rows that a subquery finds, and leaves out those that somebody else has locked, where the dialect can. */
export const skipLocked = (sql: SqlClient.SqlClient) =>
  sql.literal(sql.onDialectOrElse({ pg: () => "FOR UPDATE SKIP LOCKED", orElse: () => "" }))

/** What `untold` of a job is when it is stopped: whether there are rows that no experiment has. */
export const untoldRows = (sql: SqlClient.SqlClient) =>
  sql.literal(
    "CASE WHEN EXISTS (SELECT 1 FROM evals_job_rows r WHERE r.job_key = evals_jobs.job_key) THEN untold + 1 ELSE 0 END"
  )
