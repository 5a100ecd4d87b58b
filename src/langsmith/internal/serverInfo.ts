/** What a server says it can do. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { LangSmithError } from "../LangSmithError.ts"

/** What a server takes. */
export interface ServerInfo {
  readonly version: string | undefined
  /** How many runs it takes in one request. */
  readonly batchRuns: number
  /** How many bytes it takes in one request. */
  readonly batchBytes: number
  /** Whether it takes bodies that are compressed. */
  readonly gzip: boolean
  /** Whether it takes runs and feedback as multipart forms. */
  readonly multipart: boolean
  /** Whether runs are found by the second version of the query only. */
  readonly secondQueryOnly: boolean
}

const defaultBatchRuns = 100
const defaultBatchBytes = 20 * 1024 * 1024

const Info = Schema.Struct({
  version: Schema.optional(Schema.NullOr(Schema.String)),
  batch_ingest_config: Schema.optional(Schema.NullOr(Schema.Struct({
    use_multipart_endpoint: Schema.optional(Schema.NullOr(Schema.Boolean)),
    size_limit: Schema.optional(Schema.NullOr(Schema.Finite)),
    size_limit_bytes: Schema.optional(Schema.NullOr(Schema.Finite))
  }))),
  instance_flags: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)))
})

const decode = Schema.decodeUnknownEffect(Info)

/** What a server of which nothing is known takes. */
export const unknownServer: ServerInfo = {
  version: undefined,
  batchRuns: defaultBatchRuns,
  batchBytes: defaultBatchBytes,
  gzip: false,
  multipart: true,
  secondQueryOnly: false
}

/** Asks for it. */
export const serverInfo = (
  request: (request: { readonly method: "GET"; readonly path: string }) => Effect.Effect<unknown, LangSmithError>
): Effect.Effect<ServerInfo, LangSmithError> =>
  request({ method: "GET", path: "/info" }).pipe(
    Effect.flatMap(decode),
    Effect.map(({ batch_ingest_config: batch, instance_flags: flags, version }): ServerInfo => ({
      version: version ?? undefined,
      batchRuns: positive(batch?.size_limit) ?? defaultBatchRuns,
      batchBytes: positive(batch?.size_limit_bytes) ?? defaultBatchBytes,
      gzip: flags?.["gzip_body_enabled"] === true,
      multipart: batch?.use_multipart_endpoint !== false,
      secondQueryOnly: flags?.["ch_query_enabled"] === false && flags["sdb_query_enabled"] === true
    })),
    Effect.catchTag("SchemaError", ({ message }) =>
      Effect.fail(
        new LangSmithError({
          reason: "Unreadable",
          message: `What LangSmith answered to GET /info cannot be read: ${message}. Is that the address of its API?`
        })
      ))
  )

const positive = (value: number | null | undefined): number | undefined =>
  value !== null && value !== undefined && value > 0 ? value : undefined
