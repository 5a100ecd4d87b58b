/**
 * Reads the journals that `TracingClient.layerJournal` writes. A journal that a crash cut short is read up to where it
 * was cut.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Stream from "effect/Stream"
import type * as Experiment from "./Experiment.ts"
import { journalsNamed } from "./internal/journal/journalFiles.ts"
import { eventsOfFile, JournalError, readIfBegun } from "./internal/journal/journalReading.ts"
import type * as Row from "./Row.ts"

export { JournalError } from "./internal/journal/journalReading.ts"

/**
 * What a line of a journal says.
 *
 * @category models
 * @since 0.1.0
 */
export type Event<Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown> =
  | { readonly _tag: "Start"; readonly header: Experiment.Header }
  | { readonly _tag: "Row"; readonly row: Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata> }
  | { readonly _tag: "End"; readonly footer: Experiment.Footer }

/**
 * The events of a journal, as the file is read. A last line without its end is what a crash leaves; it is passed over.
 * Any other line that is no event is an error that names it. Data is read by the schemas that are given for it, else as
 * JSON.
 *
 * @category reading
 * @since 0.1.0
 */
export const events: <Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
  file: string,
  data?: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
) => Stream.Stream<Event<Inputs, Outputs, ReferenceOutputs, Metadata>, JournalError, FileSystem.FileSystem> =
  eventsOfFile

/**
 * The experiment in a journal. If it did not come to its end, its status is `interrupted` and its summaries are those of
 * the rows that are there. Data is read by the schemas that are given for it, else as JSON.
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(
  function*<Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
    file: string,
    data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
  ): Effect.fn.Return<
    Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
    JournalError,
    FileSystem.FileSystem
  > {
    const experiment = yield* readIfBegun(eventsOfFile(file, data))
    if (experiment === undefined) {
      return yield* new JournalError({ file, message: `${file} holds no experiment: it has no start event.` })
    }
    return experiment
  }
)

/**
 * The experiments of a name that have journals in a directory, the latest one last: what a run that resumes them takes
 * over. A directory that is not there has none.
 *
 * **Example** (A run that goes on where the last one was cut short)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Schema } from "effect"
 * import { Dataset, Evaluation, Journal, TracingClient } from "effect-evals"
 *
 * const evaluation = Evaluation.make("squares", {
 *   data: Dataset.fromIterable("numbers", [1, 2, 3].map((inputs) => ({ inputs }))),
 *   target: (n) => n * n
 * })
 * const nightly = Effect.fnUntraced(function*(directory: string) {
 *   const experiments = yield* Journal.named(directory, "nightly", { outputs: Schema.Number })
 *   return yield* Evaluation.run(evaluation, { name: "nightly", resume: { experiments } }).pipe(
 *     Effect.provide(TracingClient.layerJournal({ directory }))
 *   )
 * })
 * const program = Effect.gen(function*() {
 *   const fileSystem = yield* FileSystem.FileSystem
 *   const directory = yield* fileSystem.makeTempDirectoryScoped()
 *   const first = yield* nightly(directory)
 *   const second = yield* nightly(directory)
 *   return [first.reused?.runs, second.reused?.runs]
 * })
 * console.log(await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))) // => [ 0, 3 ]
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const named = Effect.fnUntraced(
  function*<Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
    directory: string,
    name: string,
    data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
  ): Effect.fn.Return<
    Array<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>>,
    JournalError,
    FileSystem.FileSystem
  > {
    const files = yield* journalsNamed(directory, name)
    const experiments = yield* Effect.forEach(files, ({ file }) => readIfBegun(eventsOfFile(file, data)))
    return experiments.filter((experiment) => experiment !== undefined)
  }
)
