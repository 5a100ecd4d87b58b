/**
 * Experiments in a database: written while they run, read back later, listed, corrected by people, taken to other places.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { PlatformError } from "effect/PlatformError"
import type { MigrationError } from "effect/sql/Migrator"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { EvaluationResult } from "../EvaluationResult.ts"
import type * as Experiment from "../Experiment.ts"
import { ExperimentSource } from "../ExperimentSource.ts"
import type { ClaimStore } from "../internal/claims/claim.ts"
import * as Journal from "../Journal.ts"
import type * as Row from "../Row.ts"
import type * as Run from "../Run.ts"
import * as TracingClient from "../TracingClient.ts"
import { makeExperimentStore } from "./internal/experimentStore.ts"
import { storeClient } from "./internal/storeClient.ts"
import { storeSource } from "./internal/storeSource.ts"
import type { SchemaTooNew } from "./Migrations.ts"
import * as SqliteClient from "./SqliteClient.ts"
import type { StoreError } from "./StoreError.ts"

/**
 * Where an experiment stands. `running` is one whose end was not written: it runs still, or its process died.
 * `updatedAt` says when it was last heard of.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = Experiment.Status | "running"

/**
 * An experiment without its rows.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly header: Experiment.Header
  readonly status: Status
  /** When something was last written to it, in milliseconds since 1970. */
  readonly updatedAt: number
  /** How it ended, with the summaries; `undefined` while `running`. */
  readonly footer: Experiment.Footer | undefined
}

/**
 * Which experiments to list. What is not given does not matter.
 *
 * @category options
 * @since 0.1.0
 */
export interface Filter {
  readonly name?: string | undefined
  readonly evaluation?: string | undefined
  /** The name of the dataset. */
  readonly dataset?: string | undefined
  readonly datasetVersion?: string | undefined
  readonly targetFingerprint?: string | undefined
  /** Experiments that have all of these. */
  readonly tags?: ReadonlyArray<string> | undefined
  readonly status?: Status | ReadonlyArray<Status> | undefined
  /** Those that began at this time or later, in milliseconds since 1970. */
  readonly startedFrom?: number | undefined
  /** Those that began before this time, in milliseconds since 1970. */
  readonly startedBefore?: number | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/**
 * Which rows to read. What is not given does not matter.
 *
 * @category options
 * @since 0.1.0
 */
export interface RowFilter {
  /** Rows in which something went wrong, or those in which nothing did. */
  readonly failed?: boolean | undefined
  readonly exampleId?: string | undefined
  readonly contentHash?: string | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/**
 * What is to be seen of a row without reading its data.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowSummary {
  readonly index: number
  readonly exampleId: string
  readonly contentHash: string
  readonly runId: string
  readonly repetition: number
  readonly outcome: Run.Run["outcome"]["_tag"]
  /** Why the target gave no outputs, in a line. */
  readonly error: string | undefined
  /** Whether the target or an evaluator failed or timed out. */
  readonly failed: boolean
  readonly startTime: number
  readonly endTime: number
  /** In the order of the evaluators. */
  readonly scores: ReadonlyArray<Score>
}

/**
 * One result as a column: what can be compared and counted.
 *
 * @category models
 * @since 0.1.0
 */
export interface Score {
  readonly evaluator: string
  readonly key: string
  /** `true` is 1, `false` is 0; `undefined` where the result has a value alone. */
  readonly score: number | undefined
  /** The value, where it is a text of up to 200 characters. */
  readonly label: string | undefined
}

/**
 * Rows that are written in one transaction.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowBatch {
  readonly add: (row: Row.Row) => void
  /** Writes the rows that were added. Run again after a failure, it writes them again: they take the place of themselves. */
  readonly write: Effect.Effect<void, StoreError>
}

/**
 * What somebody says about a row later on.
 *
 * @category models
 * @since 0.1.0
 */
export interface NewFeedback {
  readonly experimentId: string
  /** The index of the row. */
  readonly row: number
  /** The result as it should be: its `key` says which one is meant, or is a new one. */
  readonly result: EvaluationResult
  /** Who says so. */
  readonly author: string
  /** Why. */
  readonly reason?: string | undefined
}

/**
 * Feedback that was given. It is never changed: whoever thinks again gives new feedback, and both are kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface Feedback extends NewFeedback {
  readonly id: number
  /** The run that the row had when the feedback was given. */
  readonly runId: string
  readonly reason: string | undefined
  /** Milliseconds since 1970. */
  readonly time: number
}

/**
 * Which feedback to read. What is not given does not matter.
 *
 * @category options
 * @since 0.1.0
 */
export interface FeedbackFilter {
  readonly row?: number | undefined
  readonly key?: string | undefined
  readonly author?: string | undefined
  /** For each row and key, only what was said last. Default `false`: the whole history, oldest first. */
  readonly latest?: boolean | undefined
}

/**
 * The service. Streams read page by page; nothing is held between two pages, so whoever consumes one slowly, or writes
 * while reading, is in nobody's way.
 *
 * @category services
 * @since 0.1.0
 */
export class ExperimentStore extends Context.Service<ExperimentStore, {
  /** Begins an experiment. One that is there under the same id goes on: its rows stay, its end is taken back. */
  readonly begin: (header: Experiment.Header) => Effect.Effect<void, StoreError>
  /** Writes rows, in one transaction. A row with the index of one that is there takes its place. */
  readonly record: (experimentId: string, rows: ReadonlyArray<Row.Row>) => Effect.Effect<void, StoreError>
  /** The same for rows that come one by one: what is held until they are written is their text. */
  readonly batch: (experimentId: string) => RowBatch
  /** Writes how an experiment ended. */
  readonly end: (experimentId: string, footer: Experiment.Footer) => Effect.Effect<void, StoreError>
  /** Header, status and summaries. */
  readonly get: (experimentId: string) => Effect.Effect<Entry, StoreError>
  /** The experiments, the newest first. */
  readonly list: (filter?: Filter) => Stream.Stream<Entry, StoreError>
  /** The rows without their data, in input order. */
  readonly rowSummaries: (experimentId: string, filter?: RowFilter) => Stream.Stream<RowSummary, StoreError>
  /** The rows in input order. Their data is what JSON holds of it. */
  readonly rows: (experimentId: string, filter?: RowFilter) => Stream.Stream<Row.Row, StoreError>
  /** The whole experiment. If it has no end yet, its status is `interrupted`, its numbers are those of its rows. */
  readonly read: (experimentId: string) => Effect.Effect<Experiment.Experiment, StoreError>
  /** Deletes an experiment with its rows and feedback. */
  readonly remove: (experimentId: string) => Effect.Effect<void, StoreError>
  readonly addFeedback: (feedback: NewFeedback) => Effect.Effect<Feedback, StoreError>
  readonly feedback: (experimentId: string, filter?: FeedbackFilter) => Stream.Stream<Feedback, StoreError>
  /** The lines of a journal, without line breaks. Feedback is not in it: the format of journals has no place for it. */
  readonly journalLines: (experimentId: string) => Stream.Stream<string, StoreError>
  /**
   * Takes in an experiment from the events of a journal, and gives its id. One that is there already is an error. If the
   * events end with an error, nothing of the experiment is kept.
   */
  readonly importEvents: <E, R>(events: Stream.Stream<Journal.Event, E, R>) => Effect.Effect<string, E | StoreError, R>
  /** Where it is kept who is at work on what, for `ExperimentSource`. */
  readonly claims: ClaimStore<StoreError>
}>()("effect-evals/sql/ExperimentStore") {}

/**
 * The store in the database of a `SqlClient`: SQLite (`SqliteClient`) or PostgreSQL (`@effect/sql-pg`). Makes its tables
 * if they are not there.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  ExperimentStore,
  SchemaTooNew | MigrationError | SqlError,
  SqlClient.SqlClient
> = Layer.effect(ExperimentStore, makeExperimentStore)

/**
 * The store in memory, for tests: the same store on a SQLite database that is gone with the layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<ExperimentStore> = Layer.orDie(
  Layer.provide(layer, SqliteClient.layer({ filename: ":memory:" }))
)

/**
 * Writes experiments to the store while they run, and gives them back as an `ExperimentSource`: for `Evaluation.resume` and
 * `Evaluation.evaluateExisting`.
 *
 * **Example** (An experiment recorded and read back)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Dataset, Evaluation, Evaluator } from "effect-evals"
 * import { ExperimentStore } from "effect-evals/sql"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }])
 *   const { id } = yield* Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }), {
 *     evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)]
 *   })
 *   const store = yield* ExperimentStore.ExperimentStore
 *   return yield* store.read(id)
 * })
 * const layer = Layer.provideMerge(ExperimentStore.layerTracingClient, ExperimentStore.layerMemory)
 * const experiment = await Effect.runPromise(program.pipe(Effect.provide(layer)))
 * console.log(experiment.rows.map(({ run }) => run.outputs), experiment.summaries["even"]?.score?.mean) // => [ 2, 4 ] 1
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTracingClient: Layer.Layer<
  TracingClient.TracingClient | ExperimentSource,
  never,
  ExperimentStore
> = Layer.effectContext(
  ExperimentStore.useSync((store) =>
    Context.make(TracingClient.TracingClient, { clients: [storeClient(store)] }).pipe(
      Context.add(ExperimentSource, storeSource(store))
    )
  )
)

/**
 * Writes an experiment to a file as a journal, which `Journal` reads. The file must not be there.
 *
 * @category journals
 * @since 0.1.0
 */
export const exportJournal = Effect.fnUntraced(function*(
  experimentId: string,
  file: string
): Effect.fn.Return<void, StoreError | PlatformError, ExperimentStore | FileSystem.FileSystem> {
  const store = yield* ExperimentStore
  const fileSystem = yield* FileSystem.FileSystem
  yield* store.journalLines(experimentId).pipe(
    Stream.map((line) => `${line}\n`),
    Stream.encodeText,
    Stream.run(fileSystem.sink(file, { flag: "wx" }))
  )
})

/**
 * Takes in the experiment of a journal file, and gives its id.
 *
 * @category journals
 * @since 0.1.0
 */
export const importJournal = (
  file: string
): Effect.Effect<string, StoreError | Journal.JournalError, ExperimentStore | FileSystem.FileSystem> =>
  ExperimentStore.use((store) => store.importEvents(Journal.events(file)))
