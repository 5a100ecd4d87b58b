/** Feedback that people give to rows later on. It is only ever added. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import { EvaluationResult } from "../../EvaluationResult.ts"
import { toJson } from "../../internal/values/json.ts"
import type { Feedback, FeedbackFilter, NewFeedback } from "../ExperimentStore.ts"
import { StoreError } from "../StoreError.ts"
import { keyOf, notFound, orStoreError } from "./experimentRecords.ts"
import { columnText, paged, where } from "./sql.ts"

interface FeedbackRecord {
  readonly feedback_id: number
  readonly row_index: number
  readonly run_id: string
  readonly author: string
  readonly reason: string | null
  readonly created_at: number
  readonly result: string
}

const decodeResult = Schema.decodeUnknownEffect(EvaluationResult)
const decodeResultJson = Schema.decodeUnknownEffect(Schema.fromJsonString(EvaluationResult))

export const makeFeedback = (sql: SqlClient.SqlClient) => {
  const addFeedback = ({ author, experimentId, reason, result, row }: NewFeedback) =>
    Effect.gen(function*() {
      yield* Effect.mapError(decodeResult(result), (cause) =>
        new StoreError({
          store: "experiments",
          reason: "Invalid",
          message: `The feedback on row ${row} of the experiment ${experimentId} is no result: ${cause.message}`,
          cause
        }))
      const experiment_key = yield* keyOf(sql, experimentId)
      const [found] = yield* sql<{ run_id: string }>`
        SELECT run_id FROM evals_rows WHERE experiment_key = ${experiment_key} AND row_index = ${row}`
      if (found === undefined) return yield* notFound(`row ${row} of the experiment ${experimentId}`)
      const created_at = yield* Clock.currentTimeMillis
      const [added] = yield* sql<{ feedback_id: number }>`INSERT INTO evals_feedback ${
        sql.insert({
          experiment_key,
          row_index: row,
          run_id: found.run_id,
          feedback_key: columnText(result.key),
          score: result.score === undefined ? null : Number(result.score),
          author: columnText(author),
          reason: reason === undefined ? null : columnText(reason),
          created_at,
          result: JSON.stringify(toJson(result))
        })
      } RETURNING feedback_id`
      const feedback: Feedback = {
        id: added?.feedback_id ?? 0,
        experimentId,
        row,
        runId: found.run_id,
        result,
        author,
        reason,
        time: created_at
      }
      return feedback
    }).pipe(sql.withTransaction, orStoreError)

  const decode = (experimentId: string) => (record: FeedbackRecord): Effect.Effect<Feedback, StoreError> =>
    Effect.mapBoth(decodeResultJson(record.result), {
      onFailure: (cause) =>
        new StoreError({
          store: "experiments",
          reason: "Unreadable",
          message: `Feedback ${record.feedback_id} of the experiment ${experimentId} is not what this version of ` +
            `effect-evals writes: ${cause.message}`,
          cause
        }),
      onSuccess: (result) => ({
        id: record.feedback_id,
        experimentId,
        row: record.row_index,
        runId: record.run_id,
        result,
        author: record.author,
        reason: record.reason ?? undefined,
        time: record.created_at
      })
    })

  const feedback = (experimentId: string, filter: FeedbackFilter = {}) =>
    Stream.unwrap(Effect.map(orStoreError(keyOf(sql, experimentId)), (key) => {
      const conditions = [
        sql`experiment_key = ${key}`,
        ...(filter.row === undefined ? [] : [sql`row_index = ${filter.row}`]),
        ...(filter.key === undefined ? [] : [sql`feedback_key = ${columnText(filter.key)}`]),
        ...(filter.author === undefined ? [] : [sql`author = ${columnText(filter.author)}`]),
        ...(filter.latest === true
          ? [sql`NOT EXISTS (
              SELECT 1 FROM evals_feedback AS later
              WHERE later.experiment_key = f.experiment_key AND later.row_index = f.row_index
                AND later.feedback_key = f.feedback_key AND later.feedback_id > f.feedback_id)`]
          : [])
      ]
      return paged((after: FeedbackRecord | undefined, size) => {
        const rest = after === undefined ? conditions : [...conditions, sql`feedback_id > ${after.feedback_id}`]
        return orStoreError(sql<FeedbackRecord>`
          SELECT feedback_id, row_index, run_id, author, reason, created_at, result FROM evals_feedback AS f
          ${where(sql, rest)} ORDER BY feedback_id LIMIT ${size}`)
      })
    })).pipe(Stream.mapEffect(decode(experimentId)))

  return { addFeedback, feedback }
}
