/** What is known about datasets besides their examples. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { toJson } from "../../internal/values/json.ts"
import type { Info } from "../DatasetStore.ts"
import type { StoreError } from "../StoreError.ts"
import { isColumnText, orStoreError, storeError } from "./exampleRecords.ts"
import { isTaken, paged, where } from "./sql.ts"

interface InfoRecord {
  readonly dataset_key: number
  readonly name: string
  readonly description: string | null
  readonly metadata: string
  readonly version: number
  readonly size: number
  readonly created_at: number
}

export const noDataset = (name: string): StoreError =>
  storeError(
    "NotFound",
    `There is no dataset ${JSON.stringify(name)} in this store. DatasetStore.list tells which there are; ` +
      `DatasetStore.create makes one.`
  )

const decodeMetadata = Schema.decodeUnknownEffect(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
)

const checkName = (name: string): Effect.Effect<void, StoreError> =>
  name !== "" && isColumnText(name) ? Effect.void : Effect.fail(storeError(
    "Invalid",
    `A dataset cannot have the name ${JSON.stringify(name)}: names are not empty, have no NUL characters and no ` +
      `halves of surrogate pairs.`
  ))

export const makeDatasetInfos = (sql: SqlClient.SqlClient) => {
  const select = sql.literal(`
    SELECT d.dataset_key, d.name, d.description, d.metadata, d.version, v.size, d.created_at
    FROM evals_datasets AS d JOIN evals_dataset_versions AS v
      ON v.dataset_key = d.dataset_key AND v.version = d.version`)

  const toInfo = Effect.fnUntraced(function*(record: InfoRecord): Effect.fn.Return<Info, StoreError | SqlError> {
    const tags = yield* sql<{ tag: string; version: number }>`
      SELECT tag, version FROM evals_dataset_tags WHERE dataset_key = ${record.dataset_key} ORDER BY tag`
    return {
      name: record.name,
      description: record.description ?? undefined,
      metadata: yield* Effect.mapError(
        decodeMetadata(record.metadata),
        (cause) =>
          storeError("Unreadable", `The metadata of the dataset ${record.name} is no JSON: ${cause.message}`, cause)
      ),
      version: record.version,
      size: record.size,
      tags: Object.fromEntries(tags.map(({ tag, version }) => [tag, version])),
      createdAt: record.created_at
    }
  })

  const find = Effect.fnUntraced(function*(name: string): Effect.fn.Return<Info, StoreError | SqlError> {
    const [found] = yield* sql<InfoRecord>`${select} WHERE d.name = ${name}`
    return found === undefined ? yield* noDataset(name) : yield* toInfo(found)
  })

  const get = (name: string) => orStoreError(find(name))

  const orTaken = (name: string) => (error: SqlError | StoreError) =>
    error._tag === "SqlError" && isTaken(error)
      ? storeError("AlreadyExists", `There is a dataset ${JSON.stringify(name)} in this store already.`, error)
      : error

  const create = (name: string, options: {
    readonly description?: string | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
  } = {}) =>
    Effect.gen(function*() {
      yield* checkName(name)
      const created_at = yield* Clock.currentTimeMillis
      const [made] = yield* sql<{ dataset_key: number }>`INSERT INTO evals_datasets ${
        sql.insert({
          name,
          description: options.description ?? null,
          metadata: JSON.stringify(toJson(options.metadata ?? {})),
          version: 0,
          next_place: 0,
          created_at
        })
      } RETURNING dataset_key`
      yield* sql`INSERT INTO evals_dataset_versions ${
        sql.insert({
          dataset_key: made?.dataset_key ?? null,
          version: 0,
          created_at,
          note: null,
          added: 0,
          updated: 0,
          deleted: 0,
          size: 0
        })
      }`
      return yield* find(name)
    }).pipe(sql.withTransaction, Effect.mapError(orTaken(name)), orStoreError)

  const list = (
    filter: {
      readonly nameContains?: string | undefined
      readonly limit?: number | undefined
      readonly offset?: number | undefined
    } = {}
  ) => {
    const text = filter.nameContains
    const conditions = text === undefined ? [] : [sql.onDialectOrElse({
      pg: () => sql`STRPOS(d.name, ${text}) > 0`,
      orElse: () => sql`INSTR(d.name, ${text}) > 0`
    })]
    const page = (after: InfoRecord | undefined, size: number) => {
      const rest = after === undefined ? conditions : [...conditions, sql`d.name > ${after.name}`]
      const offset = after === undefined ? filter.offset ?? 0 : 0
      return orStoreError(sql<InfoRecord>`
        ${select} ${where(sql, rest)} ORDER BY d.name LIMIT ${size} OFFSET ${offset}`)
    }
    return Stream.mapEffect(paged(page, filter.limit), (record) => orStoreError(toInfo(record)))
  }

  const update = (name: string, changes: {
    readonly name?: string | undefined
    readonly description?: string | null | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
  }) =>
    Effect.gen(function*() {
      if (changes.name !== undefined) yield* checkName(changes.name)
      const now = yield* find(name)
      const next = {
        name: changes.name ?? name,
        description: changes.description === undefined ? now.description ?? null : changes.description,
        metadata: JSON.stringify(toJson(changes.metadata ?? now.metadata))
      }
      yield* sql`UPDATE evals_datasets SET ${sql.update(next)} WHERE name = ${name}`
      return yield* find(next.name)
    }).pipe(sql.withTransaction, Effect.mapError(orTaken(changes.name ?? name)), orStoreError)

  const remove = (name: string) =>
    Effect.gen(function*() {
      const deleted = yield* sql`DELETE FROM evals_datasets WHERE name = ${name} RETURNING dataset_key`
      if (deleted.length === 0) return yield* noDataset(name)
    }).pipe(orStoreError)

  return { create, get, list, update, remove }
}
