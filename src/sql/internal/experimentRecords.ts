/** Experiments and rows as records of the tables, and back. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Experiment from "../../Experiment.ts"
import { rowFromStruct, RowJson } from "../../internal/journal/rowJson.ts"
import { rowText } from "../../internal/journal/rowText.ts"
import { jsonText } from "../../internal/values/json.ts"
import * as Outcome from "../../Outcome.ts"
import * as Row from "../../Row.ts"
import type { Entry, Score, Status } from "../ExperimentStore.ts"
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
  header: jsonText(only(Experiment.Header.fields, header))
})

/** A footer as it is written. */
export const footerText = (footer: Experiment.Footer): string => jsonText(only(Experiment.Footer.fields, footer))

/** A whole experiment may be given as its header or footer; its rows do not belong there. */
const only = (fields: object, value: object) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(fields, name)))

/** The columns of a row, in the order of `encodeRow`. */
export const rowColumns = [
  "experiment_key",
  "row_index",
  "example_id",
  "content_hash",
  "run_id",
  "repetition",
  "outcome",
  "failed",
  "error",
  "start_time",
  "end_time",
  "scores",
  "data"
] as const

/** A row as values of the columns, but for the number of the experiment, which only the transaction knows. */
export const encodeRow = (row: Row.Row): Array<string | number | null> => {
  const { example, index, run } = row
  return [
    0,
    index,
    columnText(example.id),
    example.contentHash,
    columnText(run.id),
    run.repetition,
    run.outcome._tag,
    Row.isFailure(row) ? 1 : 0,
    run.error === undefined ? null : columnText(run.error),
    run.startTime,
    run.endTime,
    scoresText(row.evaluations),
    rowText(row)
  ]
}

/** Evaluator, key, score and label of each result; a list of lists of scores is what the view `evals_scores` shows. */
const scoresText = (evaluations: Row.Row["evaluations"]): string => {
  let text = ""
  for (const { evaluator, outcome } of evaluations) {
    for (const { key, score, value } of Outcome.results(outcome)) {
      const label = typeof value === "string" && value.length <= longestLabel ? quoted(value) : "null"
      text += `${text === "" ? "" : ","}[${quoted(evaluator)},${quoted(key)},${
        score === undefined ? "null" : Number(score)
      },${label}]`
    }
  }
  return `[${text}]`
}

const quoted = (text: string): string => JSON.stringify(columnText(text))

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

const decodeScoresJson = Schema.decodeUnknownEffect(
  Schema.fromJsonString(
    Schema.Array(
      Schema.Tuple([Schema.String, Schema.String, Schema.NullOr(Schema.Finite), Schema.NullOr(Schema.String)])
    )
  )
)

/** The scores that stand beside a row. */
export const decodeScores = (
  experimentId: string,
  index: number,
  scores: string
): Effect.Effect<ReadonlyArray<Score>, StoreError> =>
  Effect.mapBoth(decodeScoresJson(scores), {
    onFailure: unreadable(`The scores of row ${index} of the experiment ${experimentId}`),
    onSuccess: (scores) =>
      scores.map(([evaluator, key, score, label]) => ({
        evaluator,
        key,
        score: score ?? undefined,
        label: label ?? undefined
      }))
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
