/** Reading examples and versions. */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { AsOf, Difference, ExampleFilter, StoredExample, Version } from "../DatasetStore.ts"
import type { StoreError } from "../StoreError.ts"
import { noDataset } from "./datasetInfos.ts"
import { exampleFiles } from "./exampleFiles.ts"
import { isAskedFor } from "./exampleFilter.ts"
import { decodeExample, isColumnText, orStoreError, storeError } from "./exampleRecords.ts"
import { paged } from "./sql.ts"

interface ExampleRecord {
  readonly place: number
  readonly example_id: string
  readonly data: string
}

interface StateRecord extends ExampleRecord {
  readonly valid_from: number
  readonly valid_until: number | null
}

interface VersionRecord extends Omit<Version, "createdAt" | "note"> {
  readonly dataset_key: number
  readonly created_at: number
  readonly note: string | null
}

/** More ids than this are picked out of all examples. */
const idsInStatement = 500

export const toVersion = ({ added, created_at, deleted, note, size, updated, version }: VersionRecord): Version => ({
  version,
  createdAt: created_at,
  note: note ?? undefined,
  added,
  updated,
  deleted,
  size
})

export const makeDatasetReading = (sql: SqlClient.SqlClient) => {
  const keyOf = Effect.fnUntraced(function*(name: string): Effect.fn.Return<number, StoreError | SqlError> {
    const [found] = yield* sql<{ dataset_key: number }>`SELECT dataset_key FROM evals_datasets WHERE name = ${name}`
    return found === undefined ? yield* noDataset(name) : found.dataset_key
  })

  const findVersion = Effect.fnUntraced(function*(
    name: string,
    asOf: AsOf | undefined
  ): Effect.fn.Return<VersionRecord, StoreError | SqlError> {
    const dataset_key = yield* keyOf(name)
    const number = typeof asOf === "number"
      ? sql`${asOf}`
      : asOf === undefined
      ? sql`(SELECT version FROM evals_datasets WHERE dataset_key = ${dataset_key})`
      : sql`(SELECT version FROM evals_dataset_tags WHERE dataset_key = ${dataset_key} AND tag = ${asOf})`
    const [found] = typeof asOf === "number" && !Number.isSafeInteger(asOf) ? [] : yield* sql<VersionRecord>`
      SELECT dataset_key, version, created_at, note, added, updated, deleted, size
      FROM evals_dataset_versions WHERE dataset_key = ${dataset_key} AND version = ${number}`
    return found ?? (yield* storeError(
      "NotFound",
      `The dataset ${name} has no ${typeof asOf === "number" ? `version ${asOf}` : `tag ${JSON.stringify(asOf)}`}. ` +
        `DatasetStore.versions tells its versions, DatasetStore.get its tags.`
    ))
  })

  const version = (name: string, asOf?: AsOf) => orStoreError(Effect.map(findVersion(name, asOf), toVersion))

  const examples = (name: string, filter: ExampleFilter = {}): Stream.Stream<StoredExample, StoreError> =>
    Stream.unwrap(Effect.map(orStoreError(findVersion(name, filter.asOf)), ({ dataset_key, version }) => {
      const ids = filter.ids
      const conditions = [
        sql`dataset_key = ${dataset_key}`,
        sql`valid_from <= ${version}`,
        sql`(valid_until IS NULL OR valid_until > ${version})`,
        ...(ids === undefined || ids.length > idsInStatement ? [] : [sql.in("example_id", ids)])
      ]
      return paged((after: ExampleRecord | undefined, size) =>
        orStoreError(sql<ExampleRecord>`
          SELECT place, example_id, data FROM evals_examples
          WHERE ${sql.and(after === undefined ? conditions : [...conditions, sql`place > ${after.place}`])}
          ORDER BY place LIMIT ${size}`)
      ).pipe(Stream.mapEffect((record) => decodeExample(name, exampleFiles(sql, dataset_key), record)))
    })).pipe(
      Stream.filter(isAskedFor(filter)),
      Stream.drop(filter.offset ?? 0),
      Stream.take(filter.limit ?? Number.POSITIVE_INFINITY)
    )

  const versions = (name: string) =>
    Stream.unwrap(
      Effect.map(orStoreError(keyOf(name)), (key) =>
        paged((after: VersionRecord | undefined, size) =>
          orStoreError(sql<VersionRecord>`
          SELECT dataset_key, version, created_at, note, added, updated, deleted, size FROM evals_dataset_versions
          WHERE ${
            sql.and([
              sql`dataset_key = ${key}`,
              ...(after === undefined ? [] : [sql`version < ${after.version}`])
            ])
          } ORDER BY version DESC LIMIT ${size}`)
        ))
    ).pipe(Stream.map(toVersion))

  const tag = (name: string, tag: string, asOf?: AsOf) =>
    Effect.gen(function*() {
      if (tag === "" || !isColumnText(tag)) {
        return yield* storeError("Invalid", `${JSON.stringify(tag)} is no tag: tags are texts that are not empty.`)
      }
      const { dataset_key, version } = yield* findVersion(name, asOf)
      yield* sql`INSERT INTO evals_dataset_tags ${sql.insert({ dataset_key, tag, version })}
        ON CONFLICT (dataset_key, tag) DO UPDATE SET version = ${version}`
    }).pipe(sql.withTransaction, orStoreError)

  const removeTag = (name: string, tag: string) =>
    Effect.gen(function*() {
      const key = yield* keyOf(name)
      const deleted = yield* sql`
        DELETE FROM evals_dataset_tags WHERE dataset_key = ${key} AND tag = ${tag} RETURNING version`
      if (deleted.length === 0) {
        return yield* storeError("NotFound", `The dataset ${name} has no tag ${JSON.stringify(tag)}.`)
      }
    }).pipe(sql.withTransaction, orStoreError)

  const splits = (name: string, asOf?: AsOf) =>
    Effect.map(
      Stream.runFold(examples(name, { asOf }), () => new Map<string, number>(), (counts, example) => {
        for (const split of example.splits) counts.set(split, (counts.get(split) ?? 0) + 1)
        return counts
      }),
      (counts) => Object.fromEntries(counts)
    )

  const diff = (name: string, from: AsOf, to?: AsOf) =>
    Effect.gen(function*() {
      const { dataset_key, version: before } = yield* findVersion(name, from)
      const { version: after } = yield* findVersion(name, to)
      const first = Math.min(before, after)
      const last = Math.max(before, after)
      // Whatever began or ended on the way; the other examples are the same in both.
      const states = yield* sql<StateRecord>`
        SELECT place, example_id, data, valid_from, valid_until FROM evals_examples
        WHERE dataset_key = ${dataset_key} AND (
          (valid_from > ${first} AND valid_from <= ${last}) OR (valid_until > ${first} AND valid_until <= ${last}))
        ORDER BY place, valid_from`
      const difference = { added: [], deleted: [], updated: [] } as {
        -readonly [K in keyof Difference]: Array<Difference[K][number]>
      }
      for (const [, ofOne] of Map.groupBy(states, ({ example_id }) => example_id)) {
        const at = (version: number) =>
          ofOne.find((state) =>
            state.valid_from <= version && (state.valid_until === null || state.valid_until > version)
          )
        const was = at(before)
        const is = at(after)
        const decode = (state: StateRecord) => decodeExample(name, exampleFiles(sql, dataset_key), state)
        if (was === undefined && is !== undefined) difference.added.push(yield* decode(is))
        else if (was !== undefined && is === undefined) difference.deleted.push(yield* decode(was))
        else if (was !== undefined && is !== undefined && was.data !== is.data) {
          difference.updated.push({ before: yield* decode(was), after: yield* decode(is) })
        }
      }
      return difference as Difference
    }).pipe(orStoreError)

  return { examples, versions, version, tag, removeTag, splits, diff }
}
