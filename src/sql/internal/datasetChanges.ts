/** Changing the examples of a dataset: each change is one transaction and makes one version. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type * as Example from "../../Example.ts"
import type { ChangeOptions, ExampleUpdate, Version } from "../DatasetStore.ts"
import type { StoreError } from "../StoreError.ts"
import { noDataset } from "./datasetInfos.ts"
import { toVersion } from "./datasetReading.ts"
import { exampleFiles } from "./exampleFiles.ts"
import {
  decodeWithFiles,
  type EncodedExample,
  encodeExample,
  type ExampleRecord,
  type Files,
  orStoreError,
  storeError,
  updated
} from "./exampleRecords.ts"
import { insertAll } from "./sql.ts"

type Given = Example.Input<unknown, unknown, unknown> | Example.Example

/** A dataset that is being changed. */
interface Change {
  readonly name: string
  readonly dataset_key: number
  readonly files: Files
  /** The version that the change makes. */
  readonly version: number
  nextPlace: number
  added: number
  updated: number
  deleted: number
}

/** Examples that are written, or looked for, at once. */
const batchSize = 200

export const makeDatasetChanges = (sql: SqlClient.SqlClient) => {
  /** Makes a version of what `f` does. Where nothing is changed, there is none. */
  const change = <E, R>(
    name: string,
    options: ChangeOptions,
    f: (change: Change) => Effect.Effect<void, E, R>
  ): Effect.Effect<Version, Exclude<E, SqlError> | StoreError, R> =>
    Effect.gen(function*() {
      // The first statement, so that whoever else changes the dataset waits here.
      const [dataset] = yield* sql<{ dataset_key: number; version: number; next_place: number }>`
        UPDATE evals_datasets SET version = version + 1 WHERE name = ${name}
        RETURNING dataset_key, version, next_place`
      if (dataset === undefined) return yield* noDataset(name)
      const { dataset_key, next_place, version } = dataset
      const expected = options.expectedVersion
      if (expected !== undefined && expected !== version - 1) {
        return yield* storeError(
          "Conflict",
          `The dataset ${name} is at version ${
            version - 1
          }, and the change was meant for version ${expected}. Look at ` +
            `what is new (DatasetStore.diff), and try again.`
        )
      }
      const [previous] = yield* sql<Parameters<typeof toVersion>[0]>`
        SELECT dataset_key, version, created_at, note, added, updated, deleted, size
        FROM evals_dataset_versions WHERE dataset_key = ${dataset_key} AND version = ${version - 1}`
      if (previous === undefined) return yield* noDataset(name)
      const change: Change = {
        name,
        dataset_key,
        files: exampleFiles(sql, dataset_key),
        version,
        nextPlace: next_place,
        added: 0,
        updated: 0,
        deleted: 0
      }
      yield* f(change)
      if (change.added + change.updated + change.deleted === 0) {
        yield* sql`UPDATE evals_datasets SET version = ${version - 1} WHERE dataset_key = ${dataset_key}`
        return toVersion(previous)
      }
      const made = {
        dataset_key,
        version,
        created_at: yield* Clock.currentTimeMillis,
        note: options.note ?? null,
        added: change.added,
        updated: change.updated,
        deleted: change.deleted,
        size: previous.size + change.added - change.deleted
      }
      yield* sql`INSERT INTO evals_dataset_versions ${sql.insert(made)}`
      yield* sql`UPDATE evals_datasets SET next_place = ${change.nextPlace} WHERE dataset_key = ${dataset_key}`
      return toVersion(made)
    }).pipe(sql.withTransaction, orStoreError)

  /** The newest states of examples, by id. */
  const current = Effect.fnUntraced(function*(
    { dataset_key, name }: Change,
    ids: ReadonlyArray<string>
  ): Effect.fn.Return<ReadonlyMap<string, { place: number; example_id: string; data: string }>, StoreError | SqlError> {
    const found = yield* sql<{ place: number; example_id: string; data: string }>`
      SELECT place, example_id, data FROM evals_examples
      WHERE dataset_key = ${dataset_key} AND valid_until IS NULL AND ${sql.in("example_id", ids)}`
    const byId = new Map(found.map((record) => [record.example_id, record]))
    const missing = ids.filter((id) => !byId.has(id))
    return missing.length === 0
      ? byId
      : yield* storeError("NotFound", `The dataset ${name} has no ${examplesNamed(missing)}. Nothing was changed.`)
  })

  const add = Effect.fnUntraced(function*(
    change: Change,
    batch: ReadonlyArray<Given>
  ): Effect.fn.Return<void, StoreError | SqlError> {
    const { dataset_key, name, version } = change
    const encoded = yield* Effect.forEach(batch, (given) => encodeExample(name, change.files, given))
    const ids = encoded.map(({ id }) => id)
    const there = yield* sql<{ example_id: string }>`
      SELECT example_id FROM evals_examples
      WHERE dataset_key = ${dataset_key} AND valid_until IS NULL AND ${sql.in("example_id", ids)}`
    const taken = [...there.map(({ example_id }) => example_id), ...repeated(ids)]
    if (taken.length > 0) {
      return yield* storeError(
        "AlreadyExists",
        `The dataset ${name} has the ${
          examplesNamed(taken)
        } already, or is given it twice. An example without an id gets ` +
          `one from its content. Nothing was changed; use updateExamples for examples that are there.`
      )
    }
    yield* insertAll(
      sql,
      "evals_examples",
      encoded.map((example) => exampleRecord(example, dataset_key, version, change.nextPlace++))
    )
    change.added += encoded.length
  })

  const addExamples = (name: string, examples: Iterable<Given>, options: ChangeOptions = {}) =>
    importExamples(name, Stream.fromIterable(examples), options)

  const importExamples = <E, R>(name: string, examples: Stream.Stream<Given, E, R>, options: ChangeOptions = {}) =>
    change(name, options, (change) =>
      examples.pipe(
        Stream.grouped(batchSize),
        Stream.runForEach((batch) => add(change, batch))
      ) // The stream's errors are its own; what `change` takes out of them is the database's.
    ) as Effect.Effect<Version, E | StoreError, R>

  const end = ({ dataset_key, version }: Change, ids: ReadonlyArray<string>) =>
    sql`UPDATE evals_examples SET valid_until = ${version}
      WHERE dataset_key = ${dataset_key} AND valid_until IS NULL AND ${sql.in("example_id", ids)}`

  const updateExamples = (name: string, updates: Iterable<ExampleUpdate>, options: ChangeOptions = {}) =>
    change(name, options, (change) =>
      Effect.gen(function*() {
        const byId = Map.groupBy(updates, ({ id }) => id)
        for (const ids of batches([...byId.keys()])) {
          const records = yield* current(change, ids)
          const changes: Array<{ readonly place: number; readonly example: EncodedExample }> = []
          for (const record of records.values()) {
            const example = yield* applyUpdates(change, record, byId.get(record.example_id) ?? [])
            if (example.data !== record.data) changes.push({ place: record.place, example })
          }
          if (changes.length === 0) continue
          yield* end(change, changes.map(({ example }) => example.id))
          yield* insertAll(
            sql,
            "evals_examples",
            changes.map(({ example, place }) => exampleRecord(example, change.dataset_key, change.version, place))
          )
          change.updated += changes.length
        }
      }))

  const deleteExamples = (name: string, ids: Iterable<string>, options: ChangeOptions = {}) =>
    change(name, options, (change) =>
      Effect.gen(function*() {
        for (const batch of batches([...new Set(ids)])) {
          yield* current(change, batch)
          yield* end(change, batch)
          change.deleted += batch.length
        }
      }))

  return { addExamples, importExamples, updateExamples, deleteExamples }
}

const applyUpdates = Effect.fnUntraced(function*(
  { files, name }: Change,
  record: ExampleRecord,
  updates: ReadonlyArray<ExampleUpdate>
) {
  let encoded: EncodedExample = { id: record.example_id, contentHash: "", data: record.data }
  for (const update of updates) {
    const { example, stored } = yield* decodeWithFiles(name, files, { example_id: encoded.id, data: encoded.data })
    encoded = yield* encodeExample(
      name,
      files,
      updated(example, update),
      update.attachments === undefined ? stored : undefined
    )
  }
  return encoded
})

const exampleRecord = (
  { contentHash, data, id }: EncodedExample,
  dataset_key: number,
  valid_from: number,
  place: number
) => ({ dataset_key, place, valid_from, valid_until: null, example_id: id, content_hash: contentHash, data })

const batches = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) => all.slice(i * batchSize, (i + 1) * batchSize))

const repeated = (ids: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set<string>()
  return ids.filter((id) => seen.size === seen.add(id).size)
}

const examplesNamed = (ids: ReadonlyArray<string>): string =>
  `${ids.length === 1 ? "example" : "examples"} ${ids.slice(0, 5).map((id) => JSON.stringify(id)).join(", ")}` +
  (ids.length > 5 ? ` and ${ids.length - 5} more` : "")
