/** Experiments and rows as records of the tables, and back. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Experiment from "../../Experiment.ts"
import { rowFromStruct, RowJson, rowToJson } from "../../internal/journal/rowJson.ts"
import { toJson } from "../../internal/values/json.ts"
import * as Outcome from "../../Outcome.ts"
import * as Row from "../../Row.ts"
import type { Entry, Status } from "../ExperimentStore.ts"
import { StoreError } from "../StoreError.ts"
import { columnText, storeErrors } from "./sql.ts"

/** Longer values are texts to be read, not labels to be counted. */
const longestLabel = 200

export const notFound = (what: string): StoreError =>
  new StoreError({
    store: "experiments",
    reason: "NotFound",
    message: `There is no ${what} in this store. ExperimentStore.list tells which experiments there are.`
  })

export const orStoreError = storeErrors("experiments")

/** The number that stands for an experiment in the other tables. */
export const keyOf = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  experimentId: string
): Effect.fn.Return<number, StoreError | SqlError> {
  const [found] = yield* sql<{ experiment_key: number }>`
    SELECT experiment_key FROM evals_experiments WHERE id = ${columnText(experimentId)}`
  return found === undefined ? yield* notFound(`experiment ${experimentId}`) : found.experiment_key
})

/** The columns of a header. */
export const headerRecord = (header: Experiment.Header) => ({
  name: columnText(header.name),
  evaluation: columnText(header.evaluation),
  dataset_name: columnText(header.dataset.name),
  dataset_version: header.dataset.version === undefined ? null : columnText(header.dataset.version),
  target_name: columnText(header.target.name),
  target_fingerprint: columnText(header.target.fingerprint),
  start_time: header.startTime,
  header: JSON.stringify(toJson(header))
})

/** A row and its scores, but for the number of the experiment, which only the transaction knows. */
export interface EncodedRow {
  readonly row: { readonly row_index: number } & Record<string, unknown>
  readonly scores: ReadonlyArray<Record<string, unknown>>
}

export const encodeRow = (row: Row.Row): EncodedRow => {
  const { evaluations, example, index, run } = row
  const scores: Array<Record<string, unknown>> = []
  for (const { evaluator, outcome } of evaluations) {
    for (const { key, score, value } of Outcome.results(outcome)) {
      scores.push({
        row_index: index,
        place: scores.length,
        evaluator: columnText(evaluator),
        feedback_key: columnText(key),
        score: score === undefined ? null : Number(score),
        label: typeof value === "string" && value.length <= longestLabel ? columnText(value) : null
      })
    }
  }
  return {
    row: {
      row_index: index,
      example_id: columnText(example.id),
      content_hash: example.contentHash,
      run_id: columnText(run.id),
      repetition: run.repetition,
      outcome: run.outcome._tag,
      failed: Row.isFailure(row) ? 1 : 0,
      error: run.error === undefined ? null : columnText(run.error),
      start_time: run.startTime,
      end_time: run.endTime,
      data: JSON.stringify(rowToJson(row))
    },
    scores
  }
}

const unreadable = (what: string) => (cause: Schema.SchemaError): StoreError =>
  new StoreError({
    store: "experiments",
    reason: "Unreadable",
    message: `${what} in the store is not what this version of effect-evals writes: ${cause.message}`,
    cause
  })

const decodeRowJson = Schema.decodeUnknownEffect(Schema.fromJsonString(RowJson))

/** The row again. Its data is what JSON holds of it. */
export const decodeRow = (experimentId: string, index: number, data: string): Effect.Effect<Row.Row, StoreError> =>
  Effect.mapBoth(decodeRowJson(data), {
    onFailure: unreadable(`Row ${index} of the experiment ${experimentId}`),
    onSuccess: rowFromStruct
  })

/** The columns of an experiment that an entry is made of. */
export interface EntryRecord {
  readonly experiment_key: number
  readonly id: string
  readonly status: Status
  readonly start_time: number
  readonly updated_at: number
  readonly header: string
  readonly footer: string | null
}

const decodeHeader = Schema.decodeUnknownEffect(Schema.fromJsonString(Experiment.Header))
const decodeFooter = Schema.decodeUnknownEffect(Schema.fromJsonString(Experiment.Footer))

export const decodeEntry = (record: EntryRecord): Effect.Effect<Entry, StoreError> =>
  Effect.gen(function*() {
    return {
      header: yield* decodeHeader(record.header),
      status: record.status,
      updatedAt: record.updated_at,
      footer: record.footer === null ? undefined : yield* decodeFooter(record.footer)
    }
  }).pipe(Effect.mapError(unreadable(`The experiment ${record.id}`)))
