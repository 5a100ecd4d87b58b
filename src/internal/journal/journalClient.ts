/** The client that appends a journal file for each experiment. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type { Client, Session } from "../../TracingClient.ts"
import { TracingError } from "../engine/tracingError.ts"
import { toJson } from "../values/json.ts"
import { journalFormat, type JournalLine } from "./journalFormat.ts"
import { rowToJson } from "./rowJson.ts"

const encoder = new TextEncoder()

/** Line by line, so that a torn write can only spoil the last one. */
const toBytes = (lines: ReadonlyArray<(typeof JournalLine)["Encoded"]>): Uint8Array =>
  encoder.encode(lines.map((line) => JSON.stringify(line) + "\n").join(""))

export const journalClient = Effect.fnUntraced(function*(
  options: { readonly directory: string; readonly sync?: boolean | undefined }
) {
  const fileSystem = yield* FileSystem.FileSystem
  const client: Client = {
    name: "journal",
    open: Effect.fnUntraced(function*(header) {
      const path = `${options.directory}/${journalName(header)}`
      const failed = (what: string) =>
        Effect.mapError((cause: Error) =>
          new TracingError({
            client: "journal",
            message: `The journal ${path} could not be ${what}: ${cause.message}`,
            cause
          })
        )
      const file = yield* fileSystem.makeDirectory(options.directory, { recursive: true }).pipe(
        Effect.andThen(fileSystem.open(path, { flag: "a" })),
        failed("opened")
      )
      const append = (lines: ReadonlyArray<(typeof JournalLine)["Encoded"]>) =>
        file.writeAll(toBytes(lines)).pipe(
          Effect.andThen(options.sync === true ? file.sync : Effect.void),
          failed("written")
        )
      yield* append([{ event: "start", format: journalFormat, header: headerToJson(header) }])
      return {
        record: (rows: ReadonlyArray<Row.Row>) =>
          append(rows.map((row) => ({ event: "row" as const, experiment: header.id, row: rowToJson(row) }))),
        end: (footer) => append([{ event: "end", experiment: header.id, footer: footerToJson(footer) }])
      } satisfies Session
    })
  }
  return client
})

/** A file name that every system takes and that says what is in it. */
export const journalName = (header: Pick<Experiment.Header, "name" | "id">): string =>
  `${header.name.replace(/[^\w.-]+/g, "-").slice(0, 100)}-${header.id}.jsonl`

// Names and numbers are JSON already; configurations, metadata and values are whatever the user gave.
const headerToJson = (header: Experiment.Header) => toJson(header) as unknown as (typeof Experiment.Header)["Encoded"]
const footerToJson = (footer: Experiment.Footer) => toJson(footer) as unknown as (typeof Experiment.Footer)["Encoded"]
