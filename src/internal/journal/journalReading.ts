/** From the lines of a journal to what they say. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Experiment from "../../Experiment.ts"
import type { Event } from "../../Journal.ts"
import type * as Row from "../../Row.ts"
import { shorten } from "../values/describe.ts"
import { assemble } from "./assemble.ts"
import { journalFormat, journalLine } from "./journalFormat.ts"
import { rowFromStruct } from "./rowJson.ts"

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

/** The events that lines say; `file` is where they come from, for messages. */
export const eventsOf = <Inputs, Outputs, ReferenceOutputs, Metadata, E, R>(
  file: string,
  lines: Stream.Stream<string, E, R>,
  data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
): Stream.Stream<Event<Inputs, Outputs, ReferenceOutputs, Metadata>, E | JournalError, R> =>
  Stream.suspend(() => {
    const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(journalLine(data)))
    return lines.pipe(
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

/** The events of a file, as it is read. */
export const eventsOfFile = <Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
  file: string,
  data: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
): Stream.Stream<Event<Inputs, Outputs, ReferenceOutputs, Metadata>, JournalError, FileSystem.FileSystem> =>
  eventsOf(file, linesOfFile(file), data)

const linesOfFile = (file: string): Stream.Stream<string, JournalError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (fileSystem) => fileSystem.stream(file))).pipe(
    Stream.mapError((cause) =>
      new JournalError({ file, message: `The journal ${file} could not be read: ${cause.message}`, cause })
    ),
    Stream.decodeText(),
    terminatedLines
  )

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

/** The header of a journal, which is its first line; none if the process was killed before it was written. */
export const headerOfFile = (
  file: string
): Effect.Effect<Experiment.Header | undefined, JournalError, FileSystem.FileSystem> =>
  Effect.map(
    Stream.runCollect(Stream.take(eventsOfFile(file), 1)),
    ([event]) => event?._tag === "Start" ? event.header : undefined
  )

/** The experiment that events make. A process that was killed at once leaves none. */
export const readIfBegun = Effect.fnUntraced(
  function*<Inputs, Outputs, ReferenceOutputs, Metadata, E, R>(
    events: Stream.Stream<Event<Inputs, Outputs, ReferenceOutputs, Metadata>, E, R>
  ): Effect.fn.Return<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata> | undefined, E, R> {
    let header: Experiment.Header | undefined
    let footer: Experiment.Footer | undefined
    const rows = new Map<number, Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>>()
    yield* Stream.runForEach(events, (event) =>
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
