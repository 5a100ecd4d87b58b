/**
 * Sees to it that a database has one worker where there may be only one: a second one would do, and pay for, everything
 * once more. The locks are those of the operating system and of the server, which let go when a process dies, however it
 * does.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { pause } from "../../internal/values/pause.ts"

/** How long to wait before the lock is tried again, in milliseconds. */
const retryMillis = 200

interface Lock {
  /** Takes it, if nobody has it. */
  readonly take: Effect.Effect<boolean, SqlError>
}

/** Becomes the only worker; until then, whoever is second waits. */
export const onlyWorker: Effect.Effect<void, SqlError, SqlClient.SqlClient | Scope.Scope> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { take } = yield* sql.onDialectOrElse({
    pg: () => serverLock(sql),
    orElse: () => fileLock(sql)
  })
  if (yield* take) return
  yield* Effect.logWarning(
    "Another worker is at work on the database of the jobs; this one waits until it has ended. " +
      "On one machine there can be one; layerCluster is for several."
  )
  while (!(yield* take)) yield* pause(retryMillis)
})

const lockKey = "hashtext('effect-evals/jobs/worker')"

/** A lock of the session, on a connection that is kept for it. */
const serverLock = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient
): Effect.fn.Return<Lock, SqlError, Scope.Scope> {
  const connection = yield* sql.reserve
  // The connection goes on to others when the worker has ended.
  yield* Effect.addFinalizer(() => Effect.ignore(connection.executeValues(`SELECT pg_advisory_unlock(${lockKey})`, [])))
  const take = connection.executeValues(`SELECT pg_try_advisory_lock(${lockKey})`, [])
  return { take: Effect.map(take, ([row]) => row?.[0] === true) }
})

/** A lock on a file beside the database, which nobody else needs: not even those that only ask are held up by it. */
const fileLock = Effect.fnUntraced(function*(sql: SqlClient.SqlClient): Effect.fn.Return<Lock, SqlError, Scope.Scope> {
  const databases = yield* sql<{ name: string; file: string }>`PRAGMA database_list`
  const file = databases.find(({ name }) => name === "main")?.file ?? ""
  // A database in memory is nobody else's.
  if (file === "") return { take: Effect.succeed(true) }
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  const lock = yield* Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(`${file}-worker`, { timeout: 0 })),
    (lock) => Effect.sync(() => lock.close())
  )
  const take = Effect.sync(() => {
    try {
      lock.exec("BEGIN EXCLUSIVE")
      return true
    } catch (error) {
      if (error instanceof Error && "errcode" in error && error.errcode === busy) return false
      throw error
    }
  })
  return { take }
})

/** SQLite's SQLITE_BUSY. */
const busy = 5
