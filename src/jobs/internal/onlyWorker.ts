/**
 * Sees to it that a database has one worker where there may be only one: a second one would do, and pay for, everything
 * once more. The locks are those of the operating system and of the server, which let go when a process dies, however it
 * does.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { isDisconnected, messageOf } from "../../internal/values/databaseErrors.ts"
import { pause } from "../../internal/values/pause.ts"

/** How long to wait before the lock is tried again, in milliseconds. */
const retryMillis = 200
/** How often to look whether the connection with the lock is still there. */
const watchMillis = 500
/** How long a worker without the lock leaves a server alone that was gone. */
const handOverMillis = 5000

/** Becomes the only worker; until then, whoever is second waits. */
export const onlyWorker: Effect.Effect<void, SqlError, SqlClient.SqlClient | Scope.Scope> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.onDialectOrElse({
    pg: () => serverLock(sql),
    orElse: () => fileLock(sql)
  })
})

const waits = Effect.logWarning(
  "Another worker is at work on the database of the jobs; this one waits until it has ended. " +
    "On one machine there can be one; layerCluster is for several."
)

const overtaken = Effect.logError(
  "While this worker could not reach the database of the jobs, another one has begun on it. Both are at work now: no row " +
    "is recorded twice, but some may be made, and paid for, twice. Stop one of them."
)

/** Takes a lock as soon as nobody has it. */
const taken = Effect.fnUntraced(function*<E>(
  take: Effect.Effect<boolean, E>,
  somebodyHas: Effect.Effect<void>
): Effect.fn.Return<void, E> {
  if (yield* take) return
  yield* somebodyHas
  while (!(yield* take)) yield* pause(retryMillis)
})

const lockKey = "hashtext('effect-evals/jobs/worker')"

/**
 * A lock of the session, on a connection that is kept for it. When the server goes away, it has forgotten the lock when
 * it is back: whoever had it takes it again at once, and whoever waited for it leaves the time for that.
 */
const serverLock = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient
): Effect.fn.Return<void, SqlError, Scope.Scope> {
  const had = yield* Deferred.make<void, SqlError>()
  let told = false
  const session = Effect.gen(function*() {
    const connection = yield* sql.reserve
    told = false
    // The connection goes on to others when the worker has ended.
    yield* Effect.addFinalizer(() =>
      Effect.ignore(connection.executeValues(`SELECT pg_advisory_unlock(${lockKey})`, []))
    )
    const take = connection.executeValues(`SELECT pg_try_advisory_lock(${lockKey})`, [])
    yield* taken(Effect.map(take, ([row]) => row?.[0] === true), (yield* Deferred.isDone(had)) ? overtaken : waits)
    yield* Deferred.succeed(had, undefined)
    while (true) {
      yield* pause(watchMillis)
      yield* connection.executeValues("SELECT 1", [])
    }
  }).pipe(Effect.scoped)
  yield* session.pipe(
    Effect.catch((error) =>
      Effect.gen(function*() {
        // What will not pass is said to whoever wants to begin.
        if (!isDisconnected(error)) yield* Deferred.fail(had, error)
        // Whoever is at work says itself that the database is gone.
        if (!told && !(yield* Deferred.isDone(had))) {
          yield* Effect.logWarning(
            "The connection by which workers on the database of the jobs know of one another is gone; trying again " +
              `until there is another one: ${messageOf(error)}`
          )
        }
        told = true
        yield* pause((yield* Deferred.isDone(had)) ? retryMillis : handOverMillis)
      })
    ),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Deferred.await(had)
})

/** A lock on a file beside the database, which nobody else needs: not even those that only ask are held up by it. */
const fileLock = Effect.fnUntraced(function*(sql: SqlClient.SqlClient): Effect.fn.Return<void, SqlError, Scope.Scope> {
  const databases = yield* sql<{ name: string; file: string }>`PRAGMA database_list`
  const file = databases.find(({ name }) => name === "main")?.file ?? ""
  // A database in memory is nobody else's.
  if (file === "") return
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
  yield* taken(take, waits)
})

/** SQLite's SQLITE_BUSY. */
const busy = 5
