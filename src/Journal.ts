/**
 * Reads the journals that `TracingClient.layerJournal` writes. A journal that a crash cut short is read up to where it
 * was cut.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Experiment from "./Experiment.ts"
import { assemble } from "./internal/journal/assemble.ts"
import { journalName } from "./internal/journal/journalClient.ts"
import { journalFormat, journalLine } from "./internal/journal/journalFormat.ts"
import { rowFromStruct } from "./internal/journal/rowJson.ts"
import { shorten } from "./internal/values/describe.ts"
import type * as Row from "./Row.ts"

/**
 * A journal cannot be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class JournalError extends Schema.TaggedError<JournalError>()("JournalError", {
  file: Schema.String,
  /** The line, from 1. */
  line: Schema.optional(Schema.Int),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

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
export const events = <Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
  file: string,
  data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
): Stream.Stream<Event<Inputs, Outputs, ReferenceOutputs, Metadata>, JournalError, FileSystem.FileSystem> =>
  Stream.suspend(() => {
    const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(journalLine(data)))
    return Stream.unwrap(Effect.map(FileSystem.FileSystem, (fileSystem) => fileSystem.stream(file))).pipe(
      Stream.mapError((cause) =>
        new JournalError({ file, message: `The journal ${file} could not be read: ${cause.message}`, cause })
      ),
      Stream.decodeText(),
      terminatedLines,
      Stream.zipWithIndex,
      Stream.filter(([text]) => text.trim() !== ""),
      Stream.mapEffect(([text, index]) =>
        decode(text).pipe(
          Effect.mapError((cause) =>
            new JournalError({
              file,
              line: index + 1,
              message: `${file}:${index + 1} is no event of a journal: ${shorten(cause.message, 300)}`,
              cause
            })
          ),
          // The schemas given for the data are what makes the types of the rows true.
          Effect.flatMap((line) =>
            toEvent(file, line, index + 1) as Effect.Effect<
              Event<Inputs, Outputs, ReferenceOutputs, Metadata>,
              JournalError
            >
          )
        )
      )
    )
  })

/** The lines that end in a line break; what follows the last one is not a line yet. */
const terminatedLines = <E, R>(self: Stream.Stream<string, E, R>): Stream.Stream<string, E, R> =>
  Stream.mapAccumArray(self, () => "", (rest, chunks) => {
    const lines = (rest + chunks.join("")).split("\n")
    const last = lines.pop()
    return [last ?? "", lines]
  })

const toEvent = (
  file: string,
  line: ReturnType<typeof journalLine>["Type"],
  number: number
): Effect.Effect<Event, JournalError> => {
  switch (line.event) {
    case "start":
      return line.format <= journalFormat ? Effect.succeed({ _tag: "Start", header: line.header }) : Effect.fail(
        new JournalError({
          file,
          line: number,
          message: `${file} was written in format ${line.format}; this version of effect-evals reads up to ` +
            `${journalFormat}. Use a newer version.`
        })
      )
    case "row":
      return Effect.succeed({ _tag: "Row", row: rowFromStruct(line.row) })
    case "end":
      return Effect.succeed({ _tag: "End", footer: line.footer })
  }
}

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
    const experiment = yield* readIfBegun(file, data)
    if (experiment === undefined) {
      return yield* new JournalError({ file, message: `${file} holds no experiment: it has no start event.` })
    }
    return experiment
  }
)

/** A process that was killed at once leaves a journal without anything in it. */
const readIfBegun = Effect.fnUntraced(
  function*<Inputs, Outputs, ReferenceOutputs, Metadata>(
    file: string,
    data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
  ): Effect.fn.Return<
    Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata> | undefined,
    JournalError,
    FileSystem.FileSystem
  > {
    let header: Experiment.Header | undefined
    let footer: Experiment.Footer | undefined
    const rows = new Map<number, Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>>()
    yield* Stream.runForEach(events(file, data), (event) =>
      Effect.sync(() => {
        if (event._tag === "Start") header = event.header
        else if (event._tag === "End") footer = event.footer
        else rows.set(event.row.index, event.row)
      }))
    if (header === undefined) return undefined
    const experiment = yield* assemble(header, [...rows.values()], footer)
    // Its rows are those that were read.
    return experiment as Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>
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
    const fileSystem = yield* FileSystem.FileSystem
    const failed = Effect.mapError((cause: Error) =>
      new JournalError({ file: directory, message: `${directory} could not be read: ${cause.message}`, cause })
    )
    if (!(yield* failed(fileSystem.exists(directory)))) return []
    const files = yield* failed(fileSystem.readDirectory(directory))
    const prefix = journalName({ name, id: "" }).slice(0, -".jsonl".length)
    const candidates = files.filter((file) => file.startsWith(prefix) && file.endsWith(".jsonl"))
    const experiments = yield* Effect.forEach(candidates, (file) => readIfBegun(`${directory}/${file}`, data))
    return experiments
      .flatMap((experiment) => experiment?.name === name ? [experiment] : [])
      .sort((a, b) => a.startTime - b.startTime)
  }
)
