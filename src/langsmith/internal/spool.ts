/**
 * A directory for what could not be sent: one file a request, named so that they sort in the order in which they were
 * written. The first line says what to send, the rest is the body, byte by byte. No file holds the key.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Crypto from "node:crypto"

const Head = Schema.Struct({
  format: Schema.Literal(1),
  apiUrl: Schema.String,
  workspaceId: Schema.optional(Schema.String),
  method: Schema.Literals(["POST", "PATCH"]),
  path: Schema.String,
  contentType: Schema.String,
  contentEncoding: Schema.optional(Schema.Literal("gzip")),
  /** How many rows of an experiment are in it. */
  rows: Schema.Int
})

/** A request that waits. */
export interface Entry extends Omit<Schema.Schema.Type<typeof Head>, "format"> {
  readonly body: Uint8Array
}

export interface Spool {
  readonly directory: string
  /** Keeps a request, to be sent later or (`rejected`) to be looked at; gives the file. */
  readonly write: (entry: Entry, rejected?: boolean) => Effect.Effect<string, PlatformError | SpoolFull>
  /** The files that wait to be sent, the oldest first. */
  readonly waiting: Effect.Effect<ReadonlyArray<string>, PlatformError>
  /** `undefined` if it is no such file, or is gone. */
  readonly read: (file: string) => Effect.Effect<Entry | undefined, PlatformError>
  readonly remove: (file: string) => Effect.Effect<void, PlatformError>
  /** Keeps a file, not to be sent again. */
  readonly reject: (file: string) => Effect.Effect<void, PlatformError>
}

/** The directory holds as much as it may. */
export class SpoolFull extends Schema.TaggedError<SpoolFull>()("SpoolFull", { message: Schema.String }) {}

const waitingEnd = ".langsmith"
const rejectedEnd = ".rejected"

const decodeHead = Schema.decodeUnknownOption(Schema.fromJsonString(Head))
const encodeHead = Schema.encodeSync(Schema.fromJsonString(Head))
const lineBreak = 10
/** What was evaluated is nobody else's business. */
const ownerOnly = 0o600

export const makeSpool = Effect.fnUntraced(function*(directory: string, maxBytes: number) {
  const fileSystem = yield* FileSystem.FileSystem
  const place = (file: string) => `${directory}/${file}`
  let count = 0
  let written = 0
  const spool: Spool = {
    directory,
    write: Effect.fnUntraced(function*({ body, ...head }, rejected = false) {
      if (written + body.length > maxBytes) {
        return yield* new SpoolFull({
          message: `${directory} already holds ${Math.round(written / 1e6)} MB of this run`
        })
      }
      written += body.length
      const time = new Date(yield* Clock.currentTimeMillis).toISOString().replace(/[-:.]/g, "")
      const name = `${time}-${String(++count).padStart(6, "0")}-${Crypto.randomUUID().slice(0, 8)}`
      const file = `${name}${rejected ? rejectedEnd : waitingEnd}`
      const line = Buffer.from(`${encodeHead({ format: 1, ...head })}\n`)
      yield* fileSystem.makeDirectory(directory, { recursive: true })
      // Whoever looks into the directory meanwhile sees whole files only.
      yield* fileSystem.writeFile(place(`${name}.part`), Buffer.concat([line, body]), { mode: ownerOnly })
      yield* fileSystem.rename(place(`${name}.part`), place(file))
      return file
    }),
    waiting: Effect.gen(function*() {
      if (!(yield* fileSystem.exists(directory))) return []
      const files = yield* fileSystem.readDirectory(directory)
      return files.filter((file) => file.endsWith(waitingEnd)).sort()
    }),
    read: Effect.fnUntraced(function*(file) {
      // Another process may have sent it in the meantime.
      if (!(yield* fileSystem.exists(place(file)))) return undefined
      const bytes = yield* fileSystem.readFile(place(file))
      const end = bytes.indexOf(lineBreak)
      const head = decodeHead(Buffer.from(bytes.subarray(0, Math.max(0, end))).toString("utf8"))
      return head._tag === "None" ? undefined : { ...head.value, body: bytes.subarray(end + 1) }
    }),
    remove: (file) => fileSystem.remove(place(file), { force: true }),
    reject: (file) => fileSystem.rename(place(file), place(file.slice(0, -waitingEnd.length) + rejectedEnd))
  }
  return spool
})
