/**
 * A `SqlClient` on `node:sqlite`: the database is one file, there is no server and nothing to install. Many processes may
 * read and write the same file at once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import { makeConnection } from "./internal/sqliteConnection.ts"
import { openDatabase } from "./internal/sqliteDatabase.ts"

/**
 * Options of the client.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The path of the file, which is made if it is not there, or `":memory:"`. Its directory must exist. */
  readonly filename: string
  /** Opens an existing file for reading only. Default `false`. */
  readonly readOnly?: boolean | undefined
  /**
   * How long to wait for another process that is writing before the statement fails with `LockTimeoutError`, in
   * milliseconds. Only the fiber waits, not the whole process. Default 10,000.
   */
  readonly busyTimeoutMillis?: number | undefined
  /**
   * `"NORMAL"` (the default) loses no committed data when the process dies, and may lose the last transactions when the
   * power fails; `"FULL"` waits for the disk at every commit.
   */
  readonly synchronous?: "NORMAL" | "FULL" | undefined
  /** How many prepared statements are kept. Default 100. */
  readonly preparedStatements?: number | undefined
}

/**
 * Opens a database. It is closed when the scope closes.
 *
 * The file is set to write-ahead logging, so readers and a writer do not wait for one another; foreign keys are enforced.
 * Transactions begin as writers (`BEGIN IMMEDIATE`), so that none fails half-way because another process was faster.
 *
 * All statements go through one connection, one after the other. A stream (`statement.stream`) has the connection until
 * it ends: whoever runs statements while consuming one should run them in the same transaction, or read in pages.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<SqlClient.SqlClient, SqlError, Scope.Scope | Reactivity.Reactivity> {
  const database = yield* openDatabase(options)
  const connection = makeConnection(database, options)
  const semaphore = yield* Semaphore.make(1)
  return yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore,
      isTransaction: () => database.isTransaction
    }),
    driver: "node-sqlite",
    compiler: Statement.makeCompilerSqlite(),
    spanAttributes: [["db.system.name", "sqlite"]],
    beginTransaction: options.readOnly === true ? "BEGIN" : "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  })
})

/**
 * The client as a layer.
 *
 * **Example** (A table)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { SqlClient } from "effect/sql"
 * import { SqliteClient } from "effect-evals/sql"
 *
 * const program = Effect.gen(function*() {
 *   const sql = yield* SqlClient.SqlClient
 *   yield* sql`CREATE TABLE answers (id INTEGER PRIMARY KEY, text TEXT NOT NULL)`
 *   yield* sql`INSERT INTO answers ${sql.insert([{ text: "yes" }, { text: "no" }])}`
 *   return yield* sql<{ id: number }>`SELECT id FROM answers WHERE text = ${"no"}`
 * })
 * const [answer] = await Effect.runPromise(
 *   program.pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:" })))
 * )
 * console.log(answer?.id) // => 2
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options)).pipe(Layer.provide(Reactivity.layer))
