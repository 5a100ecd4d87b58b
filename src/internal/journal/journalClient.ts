/** The client that appends a journal file for each experiment. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Row from "../../Row.ts"
import type { Client, Session } from "../../TracingClient.ts"
import { TracingError } from "../engine/tracingError.ts"
import { ioProblem } from "../values/ioProblem.ts"
import { jsonText } from "../values/json.ts"
import { journalName } from "./journalFiles.ts"
import { endLine, rowLine, startLine } from "./journalFormat.ts"
import { rowText } from "./rowText.ts"

const encoder = new TextEncoder()

/** Line by line, so that a torn write can only spoil the last one. */
const toBytes = (lines: ReadonlyArray<string>): Uint8Array => encoder.encode(lines.join("\n") + "\n")

export const journalClient = Effect.fnUntraced(function*(
  options: { readonly directory: string; readonly sync?: boolean | undefined }
) {
  const fileSystem = yield* FileSystem.FileSystem
  const client: Client = {
    name: "journal",
    open: Effect.fnUntraced(function*(header) {
      const path = `${options.directory}/${journalName(header)}`
      const failed = (what: string) =>
        Effect.mapError((cause: PlatformError) =>
          new TracingError({
            client: "journal",
            message: `The journal ${path} could not be ${what}: ${ioProblem(cause)}`,
            cause
          })
        )
      const file = yield* fileSystem.makeDirectory(options.directory, { recursive: true }).pipe(
        Effect.andThen(fileSystem.open(path, { flag: "a" })),
        failed("opened")
      )
      let length = 0
      let torn = false
      // A write that a full disk cuts short leaves a part of a line, to which nothing may be appended.
      const cutBack = Effect.suspend(() => torn ? file.truncate(length) : Effect.void)
      const append = (lines: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const bytes = toBytes(lines)
          yield* cutBack
          torn = true
          yield* file.writeAll(bytes)
          torn = false
          length += bytes.length
          if (options.sync === true) yield* file.sync
        }).pipe(Effect.onError(() => Effect.ignore(cutBack)), failed("written"))
      yield* append([startLine(jsonText(header))])
      const lineOf = (row: Row.Row) => rowLine(header.id, rowText(row))
      return {
        record: (rows: ReadonlyArray<Row.Row>) => append(rows.map(lineOf)),
        batch: () => {
          const lines: Array<string> = []
          return { add: (row) => void lines.push(lineOf(row)), write: Effect.suspend(() => append(lines)) }
        },
        end: (footer) => append([endLine(header.id, jsonText(footer))])
      } satisfies Session
    })
  }
  return client
})
