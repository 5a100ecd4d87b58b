/**
 * Datasets in LangSmith: found by name or id, read page by page at any version, changed, and evaluated. The methods are
 * those of the store of `effect-evals/sql`, where LangSmith has the same; its versions are times.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as Attachment from "../Attachment.ts"
import * as Dataset from "../Dataset.ts"
import type * as Example from "../Example.ts"
import { makeDataset } from "../internal/dataset/dataset.ts"
import { makeDatasetStore } from "./internal/datasetStore.ts"
import type { LangSmithClient } from "./LangSmithClient.ts"
import type { LangSmithError } from "./LangSmithError.ts"

/**
 * A dataset of LangSmith's, without its examples.
 *
 * @category models
 * @since 0.1.0
 */
export interface Info {
  readonly id: string
  readonly name: string
  readonly description: string | undefined
  readonly dataType: string | undefined
  readonly metadata: { readonly [key: string]: unknown }
  /** The number of examples in the newest version. */
  readonly size: number | undefined
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  readonly modifiedAt: number | undefined
  /** Where people look at it. */
  readonly url: string
}

/**
 * A version: the time since which the dataset is as it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Version {
  /** Such as `2026-01-02T00:00:00.100000+00:00`. */
  readonly version: string
  readonly tags: ReadonlyArray<string>
}

/**
 * A state of a dataset: a time (as a text or a `Date`) or a tag. Default: the newest.
 *
 * @category models
 * @since 0.1.0
 */
export type AsOf = string | Date

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
  /** Examples whose metadata has all of these members. */
  readonly metadata?: { readonly [key: string]: unknown } | undefined
  /** A filter in LangSmith's own language, such as `exists(metadata, "source")`. */
  readonly filter?: string | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  /** Whether to ask for attachments, whose bytes are then read on demand. Default `true`. */
  readonly attachments?: boolean | undefined
}

/**
 * An example of a dataset in LangSmith.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoredExample {
  readonly id: string
  readonly inputs: unknown
  readonly referenceOutputs: unknown
  readonly metadata: { readonly [key: string]: unknown }
  readonly splits: ReadonlyArray<string>
  /** The bytes are read when somebody asks for them. */
  readonly attachments: Attachment.Attachments
  /** Milliseconds since 1970. */
  readonly createdAt: number | undefined
  readonly modifiedAt: number | undefined
  readonly sourceRunId: string | undefined
}

/**
 * An example to add. Its id is kept if it is a UUID; from another one, a UUID is made that is the same whenever the
 * example is added to this dataset.
 *
 * @category models
 * @since 0.1.0
 */
export interface NewExample extends Example.Input<unknown, unknown, unknown> {
  /** The run that it comes from. */
  readonly sourceRunId?: string | undefined
}

/**
 * What is to be changed about an example. What is not given stays.
 *
 * @category options
 * @since 0.1.0
 */
export interface ExampleUpdate {
  readonly id: string
  readonly inputs?: unknown
  readonly referenceOutputs?: unknown
  readonly metadata?: { readonly [key: string]: unknown } | undefined
  readonly split?: string | ReadonlyArray<string> | undefined
  /** New attachments, or new bytes for those that are there. */
  readonly attachments?: Attachment.Attachments | undefined
  /** Attachments to keep, by name. If this or `renameAttachments` is given, the others are removed. */
  readonly retainAttachments?: ReadonlyArray<string> | undefined
  readonly renameAttachments?: { readonly [name: string]: string } | undefined
}

/**
 * What a change did.
 *
 * @category models
 * @since 0.1.0
 */
export interface Changed {
  readonly count: number
  /** In the order in which they were given. */
  readonly ids: ReadonlyArray<string>
  /** The version that the (last) change made, where the server says so. */
  readonly version: string | undefined
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

/**
 * The service. Datasets are named by their name or id.
 *
 * @category services
 * @since 0.1.0
 */
export class DatasetStore extends Context.Service<DatasetStore, {
  readonly create: (name: string, options?: {
    readonly description?: string | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
    readonly dataType?: "kv" | "llm" | "chat" | undefined
    /** JSON Schemas that LangSmith holds examples to. */
    readonly inputsSchema?: { readonly [key: string]: unknown } | undefined
    readonly outputsSchema?: { readonly [key: string]: unknown } | undefined
  }) => Effect.Effect<Info, LangSmithError>
  readonly get: (name: string) => Effect.Effect<Info, LangSmithError>
  readonly list: (filter?: {
    /** Datasets whose name has this text in it. */
    readonly nameContains?: string | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  }) => Stream.Stream<Info, LangSmithError>
  readonly update: (name: string, changes: {
    readonly name?: string | undefined
    readonly description?: string | null | undefined
    readonly metadata?: { readonly [key: string]: unknown } | undefined
  }) => Effect.Effect<Info, LangSmithError>
  /** Deletes a dataset with all its versions. */
  readonly remove: (name: string) => Effect.Effect<void, LangSmithError>
  /** Makes a dataset of a CSV file, which the server reads. */
  readonly uploadCsv: (name: string, options: {
    readonly csv: string | Uint8Array
    /** Columns that make up the inputs, and the outputs. */
    readonly inputKeys: ReadonlyArray<string>
    readonly outputKeys: ReadonlyArray<string>
    readonly description?: string | undefined
    readonly dataType?: "kv" | "llm" | "chat" | undefined
  }) => Effect.Effect<Info, LangSmithError>

  /**
   * Adds examples, in as few requests as the server's limits allow; each makes a version. If one fails, those before it
   * have been added.
   */
  readonly addExamples: (
    name: string,
    examples: Iterable<NewExample>
  ) => Effect.Effect<Changed, LangSmithError | Attachment.AttachmentError>
  /** Adds the examples of a stream as they come, such as those of a core `Dataset`'s `Dataset.stream`. */
  readonly importExamples: <E, R>(
    name: string,
    examples: Stream.Stream<NewExample | Example.Example, E, R>
  ) => Effect.Effect<Changed, E | LangSmithError | Attachment.AttachmentError, R>
  readonly updateExamples: (
    name: string,
    updates: Iterable<ExampleUpdate>
  ) => Effect.Effect<Changed, LangSmithError | Attachment.AttachmentError>
  /** Deletes examples; earlier versions still have them, unless `hard` says otherwise. */
  readonly deleteExamples: (ids: Iterable<string>, options?: {
    readonly hard?: boolean | undefined
  }) => Effect.Effect<void, LangSmithError>

  /** The examples, read page by page as they are taken. */
  readonly examples: (name: string, filter?: ExampleFilter) => Stream.Stream<StoredExample, LangSmithError>
  readonly example: (id: string) => Effect.Effect<StoredExample, LangSmithError>
  /** The versions, the newest first. */
  readonly versions: (name: string) => Stream.Stream<Version, LangSmithError>
  /** The version that a time or a tag stands for. */
  readonly version: (name: string, asOf?: AsOf) => Effect.Effect<Version, LangSmithError>
  /** Gives a version (by default the newest) a tag; a tag that another version has moves. */
  readonly tag: (name: string, tag: string, asOf?: AsOf) => Effect.Effect<void, LangSmithError>
  /** The names of the splits. */
  readonly splits: (name: string, asOf?: AsOf) => Effect.Effect<ReadonlyArray<string>, LangSmithError>
  /** Puts examples into a split, or takes them out of it. */
  readonly assignSplit: (name: string, split: string, ids: ReadonlyArray<string>, options?: {
    readonly remove?: boolean | undefined
  }) => Effect.Effect<void, LangSmithError>
  readonly diff: (name: string, from: AsOf, to?: AsOf) => Effect.Effect<Difference, LangSmithError>
}>()("effect-evals/langsmith/DatasetStore") {}

/**
 * The datasets of the LangSmith that the client reaches.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<DatasetStore, never, LangSmithClient> = Layer.effect(DatasetStore, makeDatasetStore)

/**
 * A dataset of LangSmith's for evaluations. What `asOf` stands for is looked up now; the dataset then gives the examples
 * of that version, whatever happens to it, and experiments record the version.
 *
 * **Example** (An evaluation on a dataset of LangSmith's)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Evaluation } from "effect-evals"
 * import { DatasetStore } from "effect-evals/langsmith"
 *
 * export const program = Effect.gen(function*() {
 *   const data = yield* DatasetStore.dataset("support questions", {
 *     asOf: "reviewed",
 *     split: "test",
 *     inputs: Schema.Struct({ question: Schema.String }),
 *     referenceOutputs: Schema.Struct({ answer: Schema.String })
 *   })
 *   return yield* Evaluation.run(Evaluation.make("support", { data, target: ({ question }) => ({ answer: question }) }), {
 *     evaluators: [function correct({ outputs, referenceOutputs }) {
 *       return outputs.answer === referenceOutputs.answer
 *     }]
 *   })
 * })
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
    Dataset.Dataset<Inputs, ReferenceOutputs, Metadata, LangSmithError | Dataset.DatasetError, R>,
    LangSmithError,
    DatasetStore
  > {
    const store = yield* DatasetStore
    const { asOf, attachments, filter, ids, limit, offset, split, where, ...rowOptions } = options
    const info = yield* store.get(name)
    const version = info.size === 0 ? undefined : (yield* store.version(info.id, asOf)).version
    const part = { filter, ids, limit, metadata: where, offset, split }
    const given = Object.entries(part).filter(([, value]) => value !== undefined)
    const records = store.examples(info.id, { ...part, attachments, asOf: version })
    // What the fields of `rowOptions` say is taken from the examples as they are.
    const read = Dataset.fromRecords(
      info.name,
      Stream.map(records, ({ attachments, id, inputs, metadata, referenceOutputs, splits }) => ({
        id,
        inputs,
        ...(referenceOutputs === undefined ? {} : { referenceOutputs }),
        metadata,
        split: splits,
        ...(Object.keys(attachments).length === 0 ? {} : { attachments })
      })),
      { ...rowOptions, version }
    )
    return given.length > 0
      ? makeDataset({ ...read, steps: [`only ${JSON.stringify(Object.fromEntries(given))}`] })
      : makeDataset({ ...read, size: asOf === undefined ? info.size : undefined })
  }
)
