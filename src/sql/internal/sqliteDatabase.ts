/** Opening a database file, what its errors mean, and waiting for a file that another process has locked. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import { DatabaseSync } from "node:sqlite"
import { pause } from "../../internal/values/pause.ts"
import type { Options } from "../SqliteClient.ts"

/** SQLite's result codes (sqlite.org/rescode.html) that need words of their own; the low byte is the primary code. */
const busy = 5
const readOnly = 8
const full = 13
const cannotOpen = 14
const notADatabase = 26

const defaultBusyTimeoutMillis = 10_000

/** Rows with run trees are a kilobyte or two; with SQLite's own 4 KiB a good part of each page would stay empty. */
const pageSize = 16_384
/** 4 MiB of log before it is copied into the file, as SQLite does with its own page size. */
const pagesBeforeCheckpoint = 256

const resultCode = (cause: unknown): number | undefined =>
  Predicate.hasProperty(cause, "errcode") && typeof cause.errcode === "number" ? cause.errcode : undefined

const primaryCode = (cause: unknown): number => (resultCode(cause) ?? 0) & 0xff

const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** The error of a statement, in effect/sql's classes, with what can be done about it. */
export const sqlError = (options: Options, operation: string, cause: unknown): SqlError => {
  const errno = resultCode(cause)
  return new SqlError({
    reason: classifySqliteError(
      // node:sqlite gives SQLite's number as `errcode`, where effect/sql looks for `errno`.
      errno === undefined ? cause : Object.assign(new Error(messageOf(cause), { cause }), { errno }),
      { message: explain(options, cause), operation }
    )
  })
}

const explain = (options: Options, cause: unknown): string => {
  const file = options.filename
  switch (primaryCode(cause)) {
    case busy:
      return `The database ${file} was locked by another process for more than ` +
        `${options.busyTimeoutMillis ?? defaultBusyTimeoutMillis} ms. Let that process end, or wait longer with ` +
        `{ busyTimeoutMillis }.`
    case readOnly:
      return options.readOnly === true
        ? `The database ${file} was opened with { readOnly: true }, so nothing can be written to it.`
        : `The database ${file} cannot be written: ${
          messageOf(cause)
        }. Give this user the right to write the file and ` +
          `its directory, or open it with { readOnly: true }.`
    case full:
      return `The disk that the database ${file} is on is full. What was committed is safe; make room and try again.`
    case cannotOpen:
      return `The database file ${file} cannot be opened: its directory is missing or this user may not use it` +
        (options.readOnly === true ? ", or the file is not there (it is not made with { readOnly: true })." : ".")
    case notADatabase:
      return `${file} is not a SQLite database. Give another file name, or move the file away to begin a new database.`
    default:
      return `SQLite on ${file}: ${messageOf(cause)}`
  }
}

/**
 * Does something with the database; while another process has it locked, only this fiber waits, where SQLite's own
 * waiting would stop the whole process. What is within a transaction is not done again: the transaction has the lock, or
 * cannot get it.
 */
export const whenUnlocked = <A>(
  options: Options,
  operation: string,
  f: () => A,
  inTransaction: () => boolean
): Effect.Effect<A, SqlError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(f())
    } catch (cause) {
      return primaryCode(cause) === busy && !inTransaction()
        ? waitAndRetry(options, operation, f, cause)
        : Effect.fail(sqlError(options, operation, cause))
    }
  })

const waitAndRetry = Effect.fnUntraced(function*<A>(
  options: Options,
  operation: string,
  f: () => A,
  first: unknown
): Effect.fn.Return<A, SqlError> {
  const deadline = performance.now() + (options.busyTimeoutMillis ?? defaultBusyTimeoutMillis)
  let cause = first
  for (let ceiling = 2; performance.now() < deadline; ceiling = Math.min(50, ceiling * 2)) {
    // Nothing has begun yet, so whoever waits can be interrupted, even inside of `withTransaction`.
    yield* Effect.interruptible(pause(ceiling * (0.5 + Math.random() / 2)))
    const again = yield* Effect.result(Effect.try({ try: f, catch: (cause) => ({ cause }) }))
    if (again._tag === "Success") return again.success
    cause = again.failure.cause
    if (primaryCode(cause) !== busy) break
  }
  return yield* sqlError(options, operation, cause)
})

/** The database, until the scope closes. */
export const openDatabase = (options: Options): Effect.Effect<DatabaseSync, SqlError, Scope.Scope> =>
  Effect.acquireRelease(
    whenUnlocked(options, "open", () => open(options), () => false),
    (database) => Effect.sync(() => database.close())
  )

const open = (options: Options): DatabaseSync => {
  const readOnly = options.readOnly === true
  // SQLite itself does not wait: `whenUnlocked` does.
  const database = new DatabaseSync(options.filename, { readOnly, timeout: 0, enableForeignKeyConstraints: true })
  try {
    if (readOnly) database.prepare("SELECT COUNT(*) FROM sqlite_master").get()
    else {
      // The page size is that of new files; a file that has one keeps it. What a statement that inserts many rows keeps to
      // take itself back is as much as the rows, and would go through a temporary file.
      database.exec(
        `PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; ` +
          `PRAGMA wal_autocheckpoint = ${pagesBeforeCheckpoint}; PRAGMA synchronous = ${
            options.synchronous ?? "NORMAL"
          }`
      )
    }
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}
