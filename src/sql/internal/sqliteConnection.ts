/** A connection of effect/sql over a database of `node:sqlite`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import type { Options } from "../SqliteClient.ts"
import { sqlError, whenUnlocked } from "./sqliteDatabase.ts"

type Rows = ReadonlyArray<Record<string, unknown>>
type Values = ReadonlyArray<ReadonlyArray<unknown>>
type Transform = Parameters<Connection["execute"]>[2]

const defaultPreparedStatements = 100
/** Rows of a stream that are read at once. */
const chunkSize = 128

/** The connection. Whoever has it has it alone; the client sees to that. */
export const makeConnection = (database: DatabaseSync, options: Options): Connection => {
  const prepared = new Map<string, StatementSync>()
  const limit = options.preparedStatements ?? defaultPreparedStatements

  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) {
      // Used last, forgotten last.
      prepared.delete(sql)
      prepared.set(sql, known)
      return known
    }
    const statement = database.prepare(sql)
    const [oldest] = prepared.keys()
    if (prepared.size >= limit && oldest !== undefined) prepared.delete(oldest)
    prepared.set(sql, statement)
    return statement
  }

  const run = <A>(f: (safeIntegers: boolean) => A): Effect.Effect<A, SqlError> =>
    Effect.withFiber((fiber) => {
      const safeIntegers = Context.get(fiber.context, SqlClient.SafeIntegers)
      return whenUnlocked(options, "execute", () => f(safeIntegers), () => database.isTransaction)
    })

  const rows = (statement: StatementSync, params: ReadonlyArray<unknown>, safeIntegers: boolean): Rows => {
    statement.setReadBigInts(safeIntegers)
    statement.setReturnArrays(false)
    return statement.all(...toInputs(params))
  }
  const values = (statement: StatementSync, params: ReadonlyArray<unknown>, safeIntegers: boolean): Values => {
    statement.setReadBigInts(safeIntegers)
    statement.setReturnArrays(true)
    // `setReturnArrays` makes rows arrays, of which the types of node:sqlite know nothing.
    return statement.all(...toInputs(params)) as unknown as Values
  }
  const transformed = (effect: Effect.Effect<Rows, SqlError>, transform: Transform) =>
    transform === undefined ? effect : Effect.map(effect, transform)

  return {
    execute: (sql, params, transform) =>
      transformed(run((safeIntegers) => rows(prepare(sql), params, safeIntegers)), transform),
    executeUnprepared: (sql, params, transform) =>
      transformed(run((safeIntegers) => rows(database.prepare(sql), params, safeIntegers)), transform),
    executeValues: (sql, params) => run((safeIntegers) => values(prepare(sql), params, safeIntegers)),
    executeValuesUnprepared: (sql, params) =>
      run((safeIntegers) => values(database.prepare(sql), params, safeIntegers)),
    executeRaw: (sql, params) =>
      run((safeIntegers) => {
        const statement = prepare(sql)
        return statement.columns().length > 0
          ? rows(statement, params, safeIntegers)
          : statement.run(...toInputs(params))
      }),
    executeStream: (sql, params, transform) =>
      Stream.unwrap(Effect.map(
        Effect.acquireRelease(
          run((safeIntegers) => {
            // Not one of the prepared ones: another statement may run while this one is read.
            const statement = database.prepare(sql)
            statement.setReadBigInts(safeIntegers)
            return statement.iterate(...toInputs(params))
          }),
          (iterator) => Effect.sync(() => void iterator.return?.())
        ),
        (iterator) =>
          Stream.paginate(undefined, () =>
            Effect.try({
              try: () => nextChunk(iterator, transform),
              catch: (cause) => sqlError(options, "stream", cause)
            }))
      ))
  }
}

const nextChunk = (
  iterator: Iterator<Record<string, unknown>>,
  transform: Transform
): readonly [Rows, Option.Option<undefined>] => {
  const chunk: Array<Record<string, unknown>> = []
  while (chunk.length < chunkSize) {
    const next = iterator.next()
    if (next.done === true) return [transform === undefined ? chunk : transform(chunk), Option.none()]
    chunk.push(next.value)
  }
  return [transform === undefined ? chunk : transform(chunk), Option.some(undefined)]
}

/** Many rows are many values, nearly all of which are taken as they are. */
const toInputs = (values: ReadonlyArray<unknown>): ReadonlyArray<SQLInputValue> =>
  // The cast is what `toInput` does with all others.
  values.some(isOther) ? values.map(toInput) : values as ReadonlyArray<SQLInputValue>

const isOther = (value: unknown): boolean => value === undefined || typeof value === "boolean" || value instanceof Date

/** What `node:sqlite` can bind: it knows no booleans in all versions, no dates and no `undefined`. */
const toInput = (value: unknown): SQLInputValue => {
  if (value === undefined) return null
  if (typeof value === "boolean") return value ? 1 : 0
  if (value instanceof Date) return value.toISOString()
  // Anything else is a value that SQLite takes, or an error that says which parameter it does not.
  return value as SQLInputValue
}
