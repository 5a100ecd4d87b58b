/**
 * Where experiments are written while they run. The engine hands rows over as they finish; writing happens in a fiber of
 * its own, in batches, behind a bounded buffer. A client that is slow slows the run down once its buffer is full; a client
 * that fails loses nothing but its own copy, and the experiment says so.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Experiment from "./Experiment.ts"
import { ExperimentSource } from "./ExperimentSource.ts"
import type { TracingError } from "./internal/engine/tracingError.ts"
import { journalClient } from "./internal/journal/journalClient.ts"
import { journalSource } from "./internal/journal/journalSource.ts"
import { memorySource } from "./internal/journal/memorySource.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import type * as Row from "./Row.ts"

export { TracingError } from "./internal/engine/tracingError.ts"

/**
 * One place to write to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  readonly name: string
  /** Begins an experiment. What it acquires is released when the scope closes. */
  readonly open: (header: Experiment.Header) => Effect.Effect<Session, TracingError, Scope.Scope>
  /** How many rows are written at once, at most. Default 100. */
  readonly batchSize?: number | undefined
  /**
   * How long after a write rows are gathered before fewer than `batchSize` of them are written, in real time. Default 0:
   * whatever is there is written as soon as the last write is done.
   */
  readonly batchDelay?: Duration.Input | undefined
  /** How many rows may wait to be written before the run waits for the client. Default 500. */
  readonly bufferSize?: number | undefined
  /**
   * How long one write may take before it counts as failed. Default 30 seconds. After two such writes in a row the client
   * is given up: the remaining rows count as not written, and the run waits for it no longer.
   */
  readonly writeTimeout?: Duration.Input | undefined
  /** How long it may take to write what is waiting when the run has ended. Default 60 seconds. */
  readonly flushTimeout?: Duration.Input | undefined
}

/**
 * One experiment being written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Session {
  /** Writes rows that have finished. Not called twice at the same time. */
  readonly record: (rows: ReadonlyArray<Row.Row>) => Effect.Effect<void, TracingError>
  /**
   * For clients that write less of a row than there is, such as its text: begins a batch, which is given rows as they
   * finish, so that what waits to be written is that, and not the rows with all that they refer to. `record` is not called
   * then.
   */
  readonly batch?: (() => Batch) | undefined
  /**
   * For clients whose `record` only takes rows on their way: ends when all of them are written, or fails with how many
   * are not (`rows` of the error). Called once, after the last row and before `end`, and given `flushTimeout`.
   */
  readonly flush?: Effect.Effect<void, TracingError> | undefined
  /**
   * Writes how the experiment ended, whether it completed or not. Called once, after the last row, also when the client was
   * given up: should it answer again, the experiment does not look as if it still ran, and the footer says what is missing.
   */
  readonly end: (footer: Experiment.Footer) => Effect.Effect<void, TracingError>
}

/**
 * Rows that a client is to write at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  /** Takes a row that has finished. If it throws, the row counts as not written. */
  readonly add: (row: Row.Row) => void
  /** Writes the rows that were added. Called once, after the last of them, and not while another batch is written. */
  readonly write: Effect.Effect<void, TracingError>
}

/**
 * The service: the clients that write, each on its own.
 *
 * @category services
 * @since 0.1.0
 */
export class TracingClient extends Context.Service<TracingClient, {
  readonly clients: ReadonlyArray<Client>
}>()("effect-evals/TracingClient") {}

/**
 * Writes nowhere.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNone: Layer.Layer<TracingClient> = Layer.succeed(TracingClient, { clients: [] })

/**
 * Writes to one client of yours.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = (client: Client): Layer.Layer<TracingClient> =>
  Layer.succeed(TracingClient, { clients: [client] })

/**
 * What `layerMemory` has been given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorded {
  readonly header: Experiment.Header
  /** In the order in which they finished. */
  readonly rows: ReadonlyArray<Row.Row>
  /** `undefined` while the experiment runs. */
  readonly footer: Experiment.Footer | undefined
}

/**
 * What `layerMemory` has been given, for tests and small tools.
 *
 * @category services
 * @since 0.1.0
 */
export class Memory extends Context.Service<Memory, {
  /** In the order in which they began. */
  readonly experiments: Effect.Effect<ReadonlyArray<Recorded>>
}>()("effect-evals/TracingClient/Memory") {}

/**
 * Keeps experiments in memory, where `Memory` shows them.
 *
 * **Example** (What was written?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }])
 *   yield* Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }), { evaluators: [] })
 *   const memory = yield* TracingClient.Memory
 *   return yield* memory.experiments
 * })
 * const [experiment] = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerMemory)))
 * console.log(experiment?.rows.map((row) => row.run.outputs)) // => [ 2, 4 ]
 * console.log(experiment?.footer?.status) // => completed
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<TracingClient | Memory | ExperimentSource> = Layer.effectContext(
  Effect.sync(() => {
    const experiments: Array<{ header: Experiment.Header; rows: Array<Row.Row>; footer: Recorded["footer"] }> = []
    const client: Client = {
      name: "memory",
      open: (header) =>
        Effect.sync((): Session => {
          const recorded: typeof experiments[number] = { header, rows: [], footer: undefined }
          experiments.push(recorded)
          return {
            record: (rows) => Effect.sync(() => void recorded.rows.push(...rows)),
            end: (footer) => Effect.sync(() => void (recorded.footer = footer))
          }
        })
    }
    return Context.make(TracingClient, TracingClient.of({ clients: [client] })).pipe(
      Context.add(Memory, { experiments: Effect.sync(() => [...experiments]) }),
      Context.add(ExperimentSource, memorySource(experiments))
    )
  })
)

/**
 * Writes a journal: a file for each experiment in a directory, one JSON event a line, appended as rows finish. A crash
 * loses at most the rows that were being written, and leaves a journal that `Journal` reads. As an `ExperimentSource` it
 * gives back what is in the directory.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerJournal = (options: {
  /** Made if it is not there. The files are named `<experiment name>-<experiment id>.jsonl`. */
  readonly directory: string
  /** Waits until the disk has each batch. Slower, and safe against power failure. Default `false`. */
  readonly sync?: boolean | undefined
}): Layer.Layer<TracingClient | ExperimentSource, never, FileSystem.FileSystem> => {
  refuseUnknown("TracingClient.layerJournal", options, ["directory", "sync"])
  return Layer.effectContext(Effect.gen(function*() {
    const client = yield* journalClient(options)
    return Context.make(TracingClient, { clients: [client] }).pipe(
      Context.add(ExperimentSource, yield* journalSource(options.directory))
    )
  }))
}

/**
 * Writes to several at once. Each has its own buffer; what one does, be it fail or hang, is nothing to the others. What
 * else the layers provide stays available.
 *
 * **Example** (A journal on disk, and memory for the test)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { TracingClient } from "effect-evals"
 *
 * const both = TracingClient.layerAll(TracingClient.layerJournal({ directory: "journals" }), TracingClient.layerMemory)
 * const names = TracingClient.TracingClient.useSync(({ clients }) => clients.map((client) => client.name))
 * console.log(await Effect.runPromise(names.pipe(Effect.provide(Layer.provide(both, NodeServices.layer))))) // => [ 'journal', 'memory' ]
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerAll = <const Layers extends ReadonlyArray<Layer.Layer<TracingClient, unknown, unknown>>>(
  ...layers: Layers
): Layer.Layer<Layer.Success<Layers[number]>, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>> => {
  const build: Effect.Effect<Context.Context<TracingClient>, unknown, unknown> = Effect.gen(function*() {
    const contexts = yield* Effect.forEach(layers, (layer) => Layer.build(layer))
    const clients = contexts.flatMap((context) => Context.get(context, TracingClient).clients)
    return Context.add(Context.mergeAll(...contexts), TracingClient, { clients })
  })
  // What the members of the list provide, fail with and need is read off their types, which a loop cannot follow.
  return Layer.effectContext(
    build as Effect.Effect<
      Context.Context<Layer.Success<Layers[number]>>,
      Layer.Error<Layers[number]>,
      Layer.Services<Layers[number]>
    >
  )
}
