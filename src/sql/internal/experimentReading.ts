/** Reading experiments. */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import { assemble } from "../../internal/journal/assemble.ts"
import { endLine, rowLine, startLine } from "../../internal/journal/journalFormat.ts"
import type { Filter, RowFilter, RowSummary, Score } from "../ExperimentStore.ts"
import type { StoreError } from "../StoreError.ts"
import {
  decodeEntry,
  decodeRow,
  decodeScores,
  type EntryRecord,
  keyOf,
  notFound,
  orStoreError
} from "./experimentRecords.ts"
import { columnText, paged, where } from "./sql.ts"

interface SummaryRecord {
  readonly row_index: number
  readonly example_id: string
  readonly content_hash: string
  readonly run_id: string
  readonly repetition: number
  readonly outcome: RowSummary["outcome"]
  readonly failed: number
  readonly error: string | null
  readonly start_time: number
  readonly end_time: number
  readonly scores: string
}

interface DataRecord {
  readonly row_index: number
  readonly data: string
}

export const makeReading = (sql: SqlClient.SqlClient) => {
  const entryColumns = sql.literal("experiment_key, id, status, start_time, updated_at, header, footer")
  const summaryColumns = sql.literal(
    "row_index, example_id, content_hash, run_id, repetition, outcome, failed, error, start_time, end_time, scores"
  )

  const entryRecord = Effect.fnUntraced(function*(
    experimentId: string
  ): Effect.fn.Return<EntryRecord, StoreError | SqlError> {
    const [found] = yield* sql<EntryRecord>`
      SELECT ${entryColumns} FROM evals_experiments WHERE id = ${columnText(experimentId)}`
    return found === undefined ? yield* notFound(`experiment ${experimentId}`) : found
  })

  const get = (experimentId: string) => orStoreError(Effect.flatMap(entryRecord(experimentId), decodeEntry))

  const list = (filter: Filter = {}) => {
    const conditions = filterConditions(sql, filter)
    const page = (after: EntryRecord | undefined, size: number) => {
      const rest = after === undefined
        ? conditions
        : [...conditions, sql`(start_time, experiment_key) < (${after.start_time}, ${after.experiment_key})`]
      const offset = after === undefined ? filter.offset ?? 0 : 0
      return orStoreError(sql<EntryRecord>`
        SELECT ${entryColumns} FROM evals_experiments AS e ${where(sql, rest)}
        ORDER BY start_time DESC, experiment_key DESC LIMIT ${size} OFFSET ${offset}`)
    }
    return Stream.mapEffect(paged(page, filter.limit), decodeEntry)
  }

  /** Rows in input order, page by page, with some of their columns. */
  const rowRecords = <A extends { readonly row_index: number }>(
    experimentId: string,
    columns: Fragment,
    filter: RowFilter
  ): Stream.Stream<A, StoreError> =>
    Stream.unwrap(Effect.map(orStoreError(keyOf(sql, experimentId)), (key) => {
      const conditions = [sql`experiment_key = ${key}`, ...rowConditions(sql, filter)]
      return paged((after: A | undefined, size) => {
        const rest = after === undefined ? conditions : [...conditions, sql`row_index > ${after.row_index}`]
        const offset = after === undefined ? filter.offset ?? 0 : 0
        return orStoreError(sql<A>`
          SELECT ${columns} FROM evals_rows ${where(sql, rest)}
          ORDER BY row_index LIMIT ${size} OFFSET ${offset}`)
      }, filter.limit)
    }))

  const rowSummaries = (experimentId: string, filter: RowFilter = {}) =>
    Stream.mapEffect(
      rowRecords<SummaryRecord>(experimentId, summaryColumns, filter),
      (record) =>
        Effect.map(
          decodeScores(experimentId, record.row_index, record.scores),
          (scores) => toRowSummary(record, scores)
        )
    )

  const data = (experimentId: string, filter: RowFilter) =>
    rowRecords<DataRecord>(experimentId, sql.literal("row_index, data"), filter)

  const rows = (experimentId: string, filter: RowFilter = {}) =>
    Stream.mapEffect(data(experimentId, filter), (row) => decodeRow(experimentId, row.row_index, row.data))

  const read = Effect.fnUntraced(function*(experimentId: string) {
    const { footer, header } = yield* get(experimentId)
    return yield* assemble(header, yield* Stream.runCollect(rows(experimentId)), footer)
  })

  // What is in the tables is the JSON of the journal already.
  const journalLines = (experimentId: string): Stream.Stream<string, StoreError> =>
    Stream.unwrap(Effect.map(orStoreError(entryRecord(experimentId)), ({ footer, header, id }) => {
      return Stream.make(startLine(header)).pipe(
        Stream.concat(Stream.map(data(experimentId, {}), (row) => rowLine(id, row.data))),
        Stream.concat(footer === null ? Stream.empty : Stream.make(endLine(id, footer)))
      )
    }))

  return { get, list, rowSummaries, rows, read, journalLines }
}

const filterConditions = (sql: SqlClient.SqlClient, filter: Filter): ReadonlyArray<Fragment> => {
  const conditions: Array<Fragment> = []
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) conditions.push(sql`${sql(column)} = ${columnText(value)}`)
  }
  equal("name", filter.name)
  equal("evaluation", filter.evaluation)
  equal("dataset_name", filter.dataset)
  equal("dataset_version", filter.datasetVersion)
  equal("target_fingerprint", filter.targetFingerprint)
  for (const tag of filter.tags ?? []) {
    conditions.push(sql`EXISTS (
      SELECT 1 FROM evals_experiment_tags AS t WHERE t.experiment_key = e.experiment_key AND t.tag = ${
      columnText(tag)
    })`)
  }
  if (filter.status !== undefined) conditions.push(sql.in("status", [filter.status].flat()))
  if (filter.startedFrom !== undefined) conditions.push(sql`start_time >= ${filter.startedFrom}`)
  if (filter.startedBefore !== undefined) conditions.push(sql`start_time < ${filter.startedBefore}`)
  return conditions
}

const rowConditions = (sql: SqlClient.SqlClient, filter: RowFilter): ReadonlyArray<Fragment> => [
  ...(filter.failed === undefined ? [] : [sql`failed = ${filter.failed ? 1 : 0}`]),
  ...(filter.exampleId === undefined ? [] : [sql`example_id = ${columnText(filter.exampleId)}`]),
  ...(filter.contentHash === undefined ? [] : [sql`content_hash = ${filter.contentHash}`])
]

const toRowSummary = (record: SummaryRecord, scores: ReadonlyArray<Score>): RowSummary => ({
  index: record.row_index,
  exampleId: record.example_id,
  contentHash: record.content_hash,
  runId: record.run_id,
  repetition: record.repetition,
  outcome: record.outcome,
  error: record.error ?? undefined,
  failed: record.failed === 1,
  startTime: record.start_time,
  endTime: record.end_time,
  scores
})
