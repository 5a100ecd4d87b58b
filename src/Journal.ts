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
import { journalFormat, JournalLine } from "./internal/journal/journalFormat.ts"
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
export type Event =
  | { readonly _tag: "Start"; readonly header: Experiment.Header }
  | { readonly _tag: "Row"; readonly row: Row.Row }
  | { readonly _tag: "End"; readonly footer: Experiment.Footer }

/**
 * The events of a journal, as the file is read. A last line without its end is what a crash leaves; it is passed over.
 * Any other line that is no event is an error that names it.
 *
 * @category reading
 * @since 0.1.0
 */
export const events = (file: string): Stream.Stream<Event, JournalError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (fileSystem) => fileSystem.stream(file))).pipe(
    Stream.mapError((cause) =>
      new JournalError({ file, message: `The journal ${file} could not be read: ${cause.message}`, cause })
    ),
    Stream.decodeText(),
    terminatedLines,
    Stream.zipWithIndex,
    Stream.filter(([text]) => text.trim() !== ""),
    Stream.mapEffect(([text, index]) => decodeLine(file, text, index + 1))
  )

/** The lines that end in a line break; what follows the last one is not a line yet. */
const terminatedLines = <E, R>(self: Stream.Stream<string, E, R>): Stream.Stream<string, E, R> =>
  Stream.mapAccumArray(self, () => "", (rest, chunks) => {
    const lines = (rest + chunks.join("")).split("\n")
    const last = lines.pop()
    return [last ?? "", lines]
  })

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(JournalLine))

const decodeLine = Effect.fnUntraced(function*(file: string, text: string, line: number) {
  const decoded = yield* Effect.mapError(decode(text), (cause) =>
    new JournalError({
      file,
      line,
      message: `${file}:${line} is no event of a journal: ${shorten(cause.message, 300)}`,
      cause
    }))
  switch (decoded.event) {
    case "start":
      if (decoded.format > journalFormat) {
        return yield* new JournalError({
          file,
          line,
          message: `${file} was written in format ${decoded.format}; this version of effect-evals reads up to ` +
            `${journalFormat}. Use a newer version.`
        })
      }
      return { _tag: "Start", header: decoded.header } satisfies Event
    case "row":
      return { _tag: "Row", row: rowFromStruct(decoded.row) } satisfies Event
    case "end":
      return { _tag: "End", footer: decoded.footer } satisfies Event
  }
})

/**
 * The experiment in a journal. If it did not come to its end, its status is `interrupted` and its summaries are those of
 * the rows that are there. The data is what JSON holds of it.
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  file: string
): Effect.fn.Return<Experiment.Experiment, JournalError, FileSystem.FileSystem> {
  let header: Experiment.Header | undefined
  let footer: Experiment.Footer | undefined
  const rows = new Map<number, Row.Row>()
  yield* Stream.runForEach(events(file), (event) =>
    Effect.sync(() => {
      if (event._tag === "Start") header = event.header
      else if (event._tag === "End") footer = event.footer
      else rows.set(event.row.index, event.row)
    }))
  if (header === undefined) {
    return yield* new JournalError({ file, message: `${file} holds no experiment: it has no start event.` })
  }
  return yield* assemble(header, [...rows.values()], footer)
})
