/** Writing experiments. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type * as Experiment from "../../Experiment.ts"
import type * as Journal from "../../Journal.ts"
import type * as Row from "../../Row.ts"
import type { RowBatch, Status } from "../ExperimentStore.ts"
import { StoreError } from "../StoreError.ts"
import { encodeRow, footerText, headerRecord, notFound, orStoreError, rowColumns } from "./experimentRecords.ts"
import { columnText, insertAll, isTaken, makeInsert } from "./sql.ts"

/** Rows of a journal that are written in one transaction. */
const importBatch = 500

export const makeWriting = (sql: SqlClient.SqlClient) => {
  /** Says that the experiment was heard of, and gives the number that stands for it. */
  const touch = Effect.fnUntraced(function*(
    experimentId: string,
    changes: { readonly status?: Status; readonly footer?: string | null } = {}
  ): Effect.fn.Return<number, StoreError | SqlError> {
    const updated_at = yield* Clock.currentTimeMillis
    const [found] = yield* sql<{ experiment_key: number }>`
      UPDATE evals_experiments SET ${sql.update({ updated_at, ...changes })}
      WHERE id = ${columnText(experimentId)} RETURNING experiment_key`
    return found === undefined ? yield* notFound(`experiment ${experimentId}`) : found.experiment_key
  })

  const begin = (header: Experiment.Header) =>
    Effect.gen(function*() {
      const updated_at = yield* Clock.currentTimeMillis
      const record = { ...headerRecord(header), status: "running", updated_at, footer: null }
      const [made] = yield* sql<{ experiment_key: number }>`
        INSERT INTO evals_experiments ${sql.insert({ id: columnText(header.id), ...record })}
        ON CONFLICT (id) DO UPDATE SET ${sql.update(record)} RETURNING experiment_key`
      const experiment_key = made?.experiment_key ?? (yield* notFound(`experiment ${header.id}`))
      yield* sql`DELETE FROM evals_experiment_tags WHERE experiment_key = ${experiment_key}`
      const tags = Array.from(new Set(header.tags.map(columnText)), (tag) => ({ experiment_key, tag }))
      yield* insertAll(sql, "evals_experiment_tags", tags)
    }).pipe(sql.withTransaction, orStoreError)

  const insertRows = makeInsert(sql, "evals_rows", rowColumns)

  const insert = Effect.fnUntraced(function*(
    experimentId: string,
    rows: ReadonlyArray<ReturnType<typeof encodeRow>>,
    replace: boolean
  ): Effect.fn.Return<void, StoreError | SqlError> {
    const experimentKey = yield* touch(experimentId)
    if (replace) {
      const indexes = rows.map(([, index]) => index)
      yield* sql`DELETE FROM evals_rows WHERE experiment_key = ${experimentKey} AND ${sql.in("row_index", indexes)}`
    }
    for (const row of rows) row[0] = experimentKey
    yield* insertRows(rows)
  })

  const batch = (experimentId: string): RowBatch => {
    // Before the transaction, so that it holds the database no longer than it must.
    const encoded: Array<ReturnType<typeof encodeRow>> = []
    return {
      add: (row) => void encoded.push(encodeRow(row)),
      write: sql.withTransaction(Effect.suspend(() => insert(experimentId, encoded, false))).pipe(
        // Rows are written twice when an experiment goes on after a crash, and hardly ever else.
        Effect.catchTag("SqlError", (error) => {
          if (!isTaken(error)) return Effect.fail(error)
          const last = new Map(encoded.map((one) => [one[1], one]))
          return sql.withTransaction(insert(experimentId, [...last.values()], true))
        }),
        // A span for each statement, with thousands of placeholders in its text, is no help to anybody.
        Effect.withTracerEnabled(false),
        orStoreError
      )
    }
  }

  const record = (experimentId: string, rows: ReadonlyArray<Row.Row>) =>
    Effect.suspend(() => {
      const { add, write } = batch(experimentId)
      rows.forEach(add)
      return write
    })

  const end = (experimentId: string, footer: Experiment.Footer) =>
    touch(experimentId, { status: footer.status, footer: footerText(footer) }).pipe(
      Effect.asVoid,
      orStoreError
    )

  const remove = (experimentId: string) =>
    Effect.gen(function*() {
      const deleted = yield* sql`
        DELETE FROM evals_experiments WHERE id = ${columnText(experimentId)} RETURNING experiment_key`
      if (deleted.length === 0) return yield* notFound(`experiment ${experimentId}`)
    }).pipe(orStoreError)

  const beginImport = Effect.fnUntraced(function*(header: Experiment.Header) {
    const there = yield* sql`SELECT 1 AS found FROM evals_experiments WHERE id = ${columnText(header.id)}`
    if (there.length > 0) {
      return yield* new StoreError({
        store: "experiments",
        reason: "AlreadyExists",
        message: `The experiment ${header.id} (${header.name}) is in this store already. Remove it first if the ` +
          `journal is the better copy.`
      })
    }
    yield* begin(header)
  })

  const importEvents = <E, R>(events: Stream.Stream<Journal.Event, E, R>): Effect.Effect<string, E | StoreError, R> =>
    Effect.suspend(() => {
      let id: string | undefined
      let ended = false
      const write = Effect.fnUntraced(function*(batch: ReadonlyArray<Journal.Event>) {
        let rows: Array<Row.Row> = []
        for (const event of batch) {
          if (event._tag === "Start" && id === undefined) {
            yield* beginImport(event.header)
            id = event.header.id
          } else if (id === undefined || (event._tag === "Start" && event.header.id !== id)) {
            return yield* new StoreError({
              store: "experiments",
              reason: "Invalid",
              message: id === undefined
                ? "A journal begins with its start event; this one does not. Import a whole journal."
                : `The journal of the experiment ${id} goes on with another one. Import one journal at a time.`
            })
          } else if (event._tag === "Row") rows.push(event.row)
          else {
            yield* record(id, rows)
            rows = []
            if (event._tag === "End") yield* end(id, event.footer)
            else yield* begin(event.header)
            ended = event._tag === "End"
          }
        }
        if (id !== undefined && rows.length > 0) yield* record(id, rows)
      })
      return events.pipe(
        Stream.grouped(importBatch),
        Stream.runForEach(write),
        Effect.andThen(Effect.suspend((): Effect.Effect<string, StoreError | SqlError> => {
          if (id === undefined) {
            return Effect.fail(
              new StoreError({
                store: "experiments",
                reason: "Invalid",
                message: "The journal holds no experiment: it has no start event."
              })
            )
          }
          return Effect.as(ended ? Effect.void : touch(id, { status: "interrupted" }), id)
        })),
        Effect.onError(() => id === undefined ? Effect.void : Effect.ignore(remove(id))),
        orStoreError
      )
    })

  return { begin, batch, record, end, remove, importEvents }
}
