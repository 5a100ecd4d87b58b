/** What the SQL of both stores has in common. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { messageOf, rollbackFailed } from "../../internal/values/databaseErrors.ts"
import { StoreError } from "../StoreError.ts"

/** Rows read at once. A page is one statement, so nobody waits for whoever reads the next one late. */
export const pageSize = 100

/** The error of a database as that of a store; a store's own errors stay what they are. */
export const storeErrors =
  (store: StoreError["store"]) =>
  <A, E, R>(effect: Effect.Effect<A, E | SqlError, R>): Effect.Effect<
    A,
    Exclude<E, SqlError> | StoreError,
    R
  > =>
    Effect.mapError(Effect.catchCause(effect, rollbackFailed), (error) =>
      isSqlError(error)
        ? new StoreError({
          store,
          reason: "Database",
          message: `The database of the ${store} failed: ${messageOf(error)}`,
          cause: error
        })
        // What is left is not the database's, which the guard above cannot tell the compiler.
        : error as Exclude<E, SqlError>)

/** Whether a row with that key was there already: SQLite and PostgreSQL class it differently. */
export const isTaken = ({ reason }: SqlError): boolean =>
  reason._tag === "UniqueViolation" || reason._tag === "ConstraintError"

/**
 * A text that stands in a column to be asked for. PostgreSQL takes no NUL and no halves of surrogate pairs in a text; the
 * JSON beside it has them escaped.
 */
export const columnText = (text: string): string => {
  const wellFormed = text.toWellFormed()
  return wellFormed.includes("\0") ? wellFormed.replaceAll("\0", "\uFFFD") : wellFormed
}

/** How many records one statement inserts, at most. */
const largestInsert = 64

/**
 * Inserts records with as few different statements as there are powers of two, so that all of them stay prepared.
 */
export const insertAll = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  table: string,
  records: ReadonlyArray<Record<string, unknown>>
): Effect.fn.Return<void, SqlError> {
  for (let start = 0, size = largestInsert; start < records.length; start += size) {
    while (size > records.length - start) size /= 2
    const [first, ...rest] = records.slice(start, start + size)
    if (first !== undefined) yield* sql`INSERT INTO ${sql(table)} ${sql.insert([first, ...rest])}`
  }
})

/**
 * Inserts records given as values of the columns, within a transaction, which is what rows that come by the ten thousand
 * need: the texts of the statements are made once, and stay prepared. They are run on the connection itself, since the
 * client keeps what a statement was made of, and with it all values, until the next full collection of garbage.
 */
export const makeInsert = (sql: SqlClient.SqlClient, table: string, columns: ReadonlyArray<string>) => {
  const placeholder = sql.onDialectOrElse({ pg: () => (i: number) => `$${i + 1}`, orElse: () => () => "?" })
  const texts = new Map<number, string>()
  const textFor = (records: number): string => {
    const known = texts.get(records)
    if (known !== undefined) return known
    const values = Array.from(
      { length: records },
      (_, record) => `(${columns.map((_, column) => placeholder(record * columns.length + column)).join(",")})`
    )
    const text = `INSERT INTO ${table} (${columns.join(",")}) VALUES ${values.join(",")}`
    texts.set(records, text)
    return text
  }
  return Effect.fnUntraced(function*(
    records: ReadonlyArray<ReadonlyArray<unknown>>
  ): Effect.fn.Return<void, SqlError> {
    const transaction = yield* Effect.serviceOption(sql.transactionService)
    if (Option.isNone(transaction)) return yield* Effect.die(new Error("rows are inserted within a transaction"))
    const [connection] = transaction.value
    for (let start = 0, size = largestInsert; start < records.length; start += size) {
      while (size > records.length - start) size /= 2
      yield* connection.execute(textFor(size), records.slice(start, start + size).flat(), undefined)
    }
  })
}

/** All of these conditions; none is no condition. */
export const where = (sql: SqlClient.SqlClient, conditions: ReadonlyArray<Fragment>): Fragment =>
  conditions.length === 0 ? sql.literal("") : sql`WHERE ${sql.and(conditions)}`

/** Rows page by page: `fetch` gives up to so many rows that come after a row. */
export const paged = <A, E, R>(
  fetch: (after: A | undefined, size: number) => Effect.Effect<ReadonlyArray<A>, E, R>,
  limit = Number.POSITIVE_INFINITY
): Stream.Stream<A, E, R> =>
  Stream.paginate({ after: undefined as A | undefined, left: limit }, ({ after, left }) => {
    const size = Math.min(pageSize, left)
    if (size <= 0) return Effect.succeed([[], Option.none()] as const)
    return Effect.map(fetch(after, size), (rows) =>
      [
        rows,
        rows.length < size ? Option.none() : Option.some({ after: rows.at(-1), left: left - rows.length })
      ] as const)
  })
