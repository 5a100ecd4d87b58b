/**
 * Datasets in a database: named, versioned, with their whole history. Every change makes a version, and any version can
 * be read as it was.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { PlatformError } from "effect/PlatformError"
import type { MigrationError } from "effect/sql/Migrator"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type * as Stream from "effect/Stream"
import type * as Attachment from "../Attachment.ts"
import * as Dataset from "../Dataset.ts"
import type * as Example from "../Example.ts"
import { makeDataset } from "../internal/dataset/dataset.ts"
import { writeCsv, writeJsonl } from "./internal/datasetExport.ts"
import { makeDatasetStore } from "./internal/datasetStore.ts"
import { describeFilter } from "./internal/exampleFilter.ts"
import type { SchemaTooNew } from "./Migrations.ts"
import * as SqliteClient from "./SqliteClient.ts"
import type { StoreError } from "./StoreError.ts"

/**
 * A dataset of the store, without its examples.
 *
 * @category models
 * @since 0.1.0
 */
export interface Info {
  readonly name: string
  readonly description: string | undefined
  readonly metadata: { readonly [key: string]: unknown }
  /** The newest version. A new dataset has version 0, without examples. */
  readonly version: number
  /** The number of examples in the newest version. */
  readonly size: number
  /** The versions that have a tag, by tag. */
  readonly tags: { readonly [tag: string]: number }
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/**
 * What a change did.
 *
 * @category models
 * @since 0.1.0
 */
export interface Version {
  readonly version: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Why, in the words of who made it. */
  readonly note: string | undefined
  readonly added: number
  readonly updated: number
  readonly deleted: number
  /** The number of examples in the version. */
  readonly size: number
}

/**
 * A state of a dataset: the number of a version, or a tag. Default: the newest version.
 *
 * @category models
 * @since 0.1.0
 */
export type AsOf = number | string

/**
 * How a change is made.
 *
 * @category options
 * @since 0.1.0
 */
export interface ChangeOptions {
  /** Why, for the list of versions. */
  readonly note?: string | undefined
  /** The version that the change is meant for. If there is a newer one, the change is refused (`Conflict`). */
  readonly expectedVersion?: number | undefined
}

/**
 * What is to be changed about an example. What is not given stays; `null` takes it away.
 *
 * @category options
 * @since 0.1.0
 */
export interface ExampleUpdate {
  readonly id: string
  readonly inputs?: unknown
  readonly referenceOutputs?: unknown
  readonly metadata?: unknown
  readonly split?: string | ReadonlyArray<string> | null | undefined
  /** All files of the example: those that are not among them are taken away. */
  readonly attachments?: Attachment.Attachments | null | undefined
}

/**
 * Which examples to read. What is not given does not matter.
 *
 * @category options
 * @since 0.1.0
 */
export interface ExampleFilter {
  readonly asOf?: AsOf | undefined
  readonly ids?: ReadonlyArray<string> | undefined
  /** Examples that are in one of these splits. */
  readonly split?: string | ReadonlyArray<string> | undefined
  /** Examples whose metadata has all of these members, with values that are equal. */
  readonly metadata?: { readonly [key: string]: unknown } | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/**
 * An example of a dataset in the store. Its data is what JSON holds of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoredExample {
  readonly id: string
  readonly inputs: unknown
  readonly referenceOutputs: unknown
  readonly metadata: unknown
  readonly splits: ReadonlyArray<string>
  /** Its files. Their bytes are read from the database when somebody asks for them. */
  readonly attachments: Attachment.Attachments
}

/**
 * How two versions differ.
 *
 * @category models
 * @since 0.1.0
 */
export interface Difference {
  readonly added: ReadonlyArray<StoredExample>
  readonly deleted: ReadonlyArray<StoredExample>
  readonly updated: ReadonlyArray<{ readonly before: StoredExample; readonly after: StoredExample }>
}

/** What examples are given as: data, in the same shape in which the core's datasets take it. */
type NewExample = Example.Input<unknown, unknown, unknown>

/**
 * The service.
 *
 * @category services
 * @since 0.1.0
 */
export class DatasetStore extends Context.Service<DatasetStore, {
  readonly create: (name: string, options?: {
    readonly description?: string | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
  }) => Effect.Effect<Info, StoreError>
  readonly get: (name: string) => Effect.Effect<Info, StoreError>
  /** By name. */
  readonly list: (filter?: {
    /** Datasets whose name has this text in it. */
    readonly nameContains?: string | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  }) => Stream.Stream<Info, StoreError>
  /** Changes what is known about a dataset; its examples, and so its version, stay. What is not given stays. */
  readonly update: (name: string, changes: {
    readonly name?: string | undefined
    readonly description?: string | null | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
  }) => Effect.Effect<Info, StoreError>
  /** Deletes a dataset with all its versions. */
  readonly remove: (name: string) => Effect.Effect<void, StoreError>

  /** Adds examples, all of them in one new version. An id that the dataset has already is an error. */
  readonly addExamples: (
    name: string,
    examples: Iterable<NewExample>,
    options?: ChangeOptions
  ) => Effect.Effect<Version, StoreError>
  /**
   * Adds the examples of a stream or a core `Dataset`'s `Dataset.stream`, all of them in one new version. They are
   * written as they come; if the stream fails, none is kept. Other writers of the dataset wait meanwhile.
   */
  readonly importExamples: <E, R>(
    name: string,
    examples: Stream.Stream<NewExample | Example.Example, E, R>,
    options?: ChangeOptions
  ) => Effect.Effect<Version, E | StoreError, R>
  /** Changes examples, all of them in one new version. They keep their place. */
  readonly updateExamples: (
    name: string,
    updates: Iterable<ExampleUpdate>,
    options?: ChangeOptions
  ) => Effect.Effect<Version, StoreError>
  /** Deletes examples, all of them in one new version. Older versions still have them. */
  readonly deleteExamples: (
    name: string,
    ids: Iterable<string>,
    options?: ChangeOptions
  ) => Effect.Effect<Version, StoreError>

  /** The examples in the order in which they were added. */
  readonly examples: (name: string, filter?: ExampleFilter) => Stream.Stream<StoredExample, StoreError>
  /** The versions, the newest first. */
  readonly versions: (name: string) => Stream.Stream<Version, StoreError>
  /** What a version number or a tag stands for. */
  readonly version: (name: string, asOf?: AsOf) => Effect.Effect<Version, StoreError>
  /** Gives a version (by default the newest) a tag; a tag that another version has moves. */
  readonly tag: (name: string, tag: string, asOf?: AsOf) => Effect.Effect<void, StoreError>
  readonly removeTag: (name: string, tag: string) => Effect.Effect<void, StoreError>
  /** The names of the splits, with how many examples are in each. */
  readonly splits: (name: string, asOf?: AsOf) => Effect.Effect<{ readonly [split: string]: number }, StoreError>
  readonly diff: (name: string, from: AsOf, to?: AsOf) => Effect.Effect<Difference, StoreError>
}>()("effect-evals/sql/DatasetStore") {}

/**
 * The store in the database of a `SqlClient`: SQLite (`SqliteClient`) or PostgreSQL (`@effect/sql-pg`). Makes its tables
 * if they are not there.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<DatasetStore, SchemaTooNew | MigrationError | SqlError, SqlClient.SqlClient> = Layer
  .effect(DatasetStore, makeDatasetStore)

/**
 * The store in memory, for tests: the same store on a SQLite database that is gone with the layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<DatasetStore> = Layer.orDie(
  Layer.provide(layer, SqliteClient.layer({ filename: ":memory:" }))
)

/**
 * A dataset of the store for evaluations. What `asOf` stands for is looked up now; the dataset then gives the examples of
 * that version, whatever happens to it, and experiments record the version's number.
 *
 * **Example** (An evaluation on a tagged version)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Evaluation, TracingClient } from "effect-evals"
 * import { DatasetStore } from "effect-evals/sql"
 *
 * const program = Effect.gen(function*() {
 *   const store = yield* DatasetStore.DatasetStore
 *   yield* store.create("sums")
 *   yield* store.addExamples("sums", [{ inputs: { a: 1, b: 2 } }, { inputs: { a: 2, b: 2 } }])
 *   yield* store.tag("sums", "reviewed")
 *   yield* store.addExamples("sums", [{ inputs: { a: 9, b: 9 } }])
 *   const data = yield* DatasetStore.dataset("sums", {
 *     asOf: "reviewed",
 *     inputs: Schema.Struct({ a: Schema.Number, b: Schema.Number })
 *   })
 *   return yield* Evaluation.run(Evaluation.make("add", { data, target: ({ a, b }) => a + b }))
 * })
 * const experiment = await Effect.runPromise(
 *   program.pipe(Effect.provide([DatasetStore.layerMemory, TracingClient.layerNone]))
 * )
 * console.log(experiment.dataset.version, experiment.rows.map(({ run }) => run.outputs)) // => 1 [ 3, 4 ]
 * ```
 *
 * @category datasets
 * @since 0.1.0
 */
export const dataset = Effect.fnUntraced(
  function*<Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, R = never>(
    name: string,
    options:
      & Omit<Dataset.RowOptions<Inputs, ReferenceOutputs, Metadata, R>, "version" | "metadata">
      & Omit<ExampleFilter, "metadata">
      & {
        /** Decodes the metadata. */
        readonly metadata?: Dataset.RowOptions<Inputs, ReferenceOutputs, Metadata, R>["metadata"]
        /** Examples whose metadata has all of these members. */
        readonly where?: ExampleFilter["metadata"]
      } = {}
  ): Effect.fn.Return<
    Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, StoreError | Dataset.DatasetError, R>,
    StoreError,
    DatasetStore
  > {
    const store = yield* DatasetStore
    const { asOf, ids, limit, offset, split, where, ...rowOptions } = options
    const { size, version } = yield* store.version(name, asOf)
    const filter: ExampleFilter = { ids, limit, metadata: where, offset, split }
    const read = Dataset.fromRecords(name, store.examples(name, { ...filter, asOf: version }), {
      ...rowOptions,
      version: String(version)
    })
    const step = describeFilter(filter)
    return step === undefined
      ? makeDataset({ ...read, size })
      : makeDataset({ ...read, steps: [step] })
  }
)

/**
 * Writes examples to a file, one JSON object a line, which `Dataset.fromJsonl` reads. Attachments are in it, as Base64. The
 * file must not be there.
 *
 * @category files
 * @since 0.1.0
 */
export const exportJsonl = (
  name: string,
  file: string,
  filter?: ExampleFilter
): Effect.Effect<void, StoreError | PlatformError, DatasetStore | FileSystem.FileSystem> =>
  DatasetStore.use((store) => writeJsonl(store.examples(name, filter), file))

/**
 * Writes examples to a CSV file. `fields` says which columns there are and what goes into them; `Dataset.fromCsv` reads
 * the file back with the same `fields`. What is not text is written as JSON. The file must not be there.
 *
 * @category files
 * @since 0.1.0
 */
export const exportCsv = (
  name: string,
  file: string,
  options: ExampleFilter & {
    readonly fields: Dataset.Fields
    /** Default `","`. */
    readonly delimiter?: string | undefined
  }
): Effect.Effect<void, StoreError | PlatformError, DatasetStore | FileSystem.FileSystem> =>
  DatasetStore.use((store) => writeCsv(store.examples(name, options), file, options))

/**
 * Adds the examples of a dataset of the core, from a file of any kind that `Dataset` reads, in one new version.
 *
 * @category files
 * @since 0.1.0
 */
export const importDataset = <Inputs, ReferenceOutputs, Metadata, E, R>(
  name: string,
  source: Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, E, R>,
  options?: ChangeOptions
): Effect.Effect<Version, E | StoreError | Dataset.DatasetError, R | DatasetStore> =>
  DatasetStore.use((store) => store.importExamples(name, Dataset.stream(source), options))
