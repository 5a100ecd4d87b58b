/** Examples and datasets as the server gives them. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Schema from "effect/Schema"
import * as Attachment from "../../Attachment.ts"
import type { Info, StoredExample, Version } from "../DatasetStore.ts"
import type { LangSmithClient } from "../LangSmithClient.ts"
import type { LangSmithError } from "../LangSmithError.ts"
import { decodeAnswer } from "./projects.ts"
import { millisOf } from "./times.ts"

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const DatasetAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  tenant_id: nullish(Schema.String),
  description: nullish(Schema.String),
  data_type: nullish(Schema.String),
  example_count: nullish(Schema.Finite),
  created_at: nullish(Schema.String),
  modified_at: nullish(Schema.String),
  metadata: nullish(JsonObject),
  extra: nullish(JsonObject)
})

const ExampleAnswer = Schema.Struct({
  id: Schema.String,
  inputs: Schema.Unknown,
  outputs: Schema.optional(Schema.Unknown),
  metadata: nullish(JsonObject),
  created_at: nullish(Schema.String),
  modified_at: nullish(Schema.String),
  source_run_id: nullish(Schema.String),
  attachment_urls: nullish(
    Schema.Record(
      Schema.String,
      Schema.Struct({ presigned_url: Schema.String, mime_type: nullish(Schema.String) })
    )
  )
})

interface ExampleAnswer extends Schema.Schema.Type<typeof ExampleAnswer> {}

export const decodeDatasetAnswer = decodeAnswer(DatasetAnswer, "a request for a dataset")
export const decodeDatasetAnswers = decodeAnswer(Schema.Array(DatasetAnswer), "GET /datasets")
export const decodeExampleAnswer = decodeAnswer(ExampleAnswer, "a request for an example")
export const decodeExampleAnswers = decodeAnswer(Schema.Array(ExampleAnswer), "GET /examples")
export const decodeChange = decodeAnswer(
  Schema.Struct({ as_of: nullish(Schema.String) }),
  "a request that changes examples"
)
const VersionAnswer = Schema.Struct({ as_of: Schema.String, tags: nullish(Schema.Array(Schema.String)) })
export const decodeVersion = decodeAnswer(VersionAnswer, "a request for a version")
export const decodeVersions = decodeAnswer(Schema.Array(VersionAnswer), "a request for versions")
export const decodeSplits = decodeAnswer(Schema.Array(Schema.String), "a request for splits")
const Ids = nullish(Schema.Array(Schema.String))
export const decodeDiff = decodeAnswer(
  Schema.Struct({ examples_added: Ids, examples_removed: Ids, examples_modified: Ids }),
  "a request for a difference"
)

export const toVersion = ({ as_of, tags }: typeof VersionAnswer.Type): Version => ({ version: as_of, tags: tags ?? [] })

export const toInfo = (webUrl: string) => (answer: typeof DatasetAnswer.Type): Info => {
  const inExtra = answer.extra?.["metadata"]
  return {
    id: answer.id,
    name: answer.name,
    description: answer.description ?? undefined,
    dataType: answer.data_type ?? undefined,
    // Where it stands depends on the version of the server.
    metadata: answer.metadata ?? (isObject(inExtra) ? inExtra : {}),
    size: answer.example_count ?? undefined,
    createdAt: millisOf(answer.created_at),
    modifiedAt: millisOf(answer.modified_at),
    url: `${webUrl}${answer.tenant_id === null || answer.tenant_id === undefined ? "" : `/o/${answer.tenant_id}`}` +
      `/datasets/${answer.id}`
  }
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const attachmentPrefix = "attachment."

/** The splits stand in the metadata, under a name of the server's own. */
export const toStoredExample = (client: LangSmithClient["Service"]) => (answer: ExampleAnswer): StoredExample => {
  const { dataset_split: split, ...metadata } = answer.metadata ?? {}
  return {
    id: answer.id,
    inputs: answer.inputs,
    referenceOutputs: answer.outputs ?? undefined,
    metadata,
    splits: Array.isArray(split) ? split.filter((name) => typeof name === "string") : [],
    attachments: Object.fromEntries(
      Object.entries(answer.attachment_urls ?? {}).map(([key, { mime_type, presigned_url }]) => {
        const name = key.startsWith(attachmentPrefix) ? key.slice(attachmentPrefix.length) : key
        return [name, attachmentOf(client, answer.id, key, presigned_url, mime_type ?? undefined)]
      })
    ),
    createdAt: millisOf(answer.created_at),
    modifiedAt: millisOf(answer.modified_at),
    sourceRunId: answer.source_run_id ?? undefined
  }
}

/** The addresses are signed, and good for a while only: one that is refused is asked for anew, once. */
const attachmentOf = (
  client: LangSmithClient["Service"],
  exampleId: string,
  key: string,
  url: string,
  mimeType: string | undefined
): Attachment.Attachment => {
  const source = withoutSignature(url)
  const failed = (why: string, cause?: unknown) =>
    new Attachment.AttachmentError({
      source,
      message: `The attachment ${key} of the example ${exampleId} could not be read: ${why}`,
      ...(cause === undefined ? {} : { cause })
    })
  const download = (url: string) =>
    client.http.execute(HttpClientRequest.get(url.startsWith("/") ? `${client.apiUrl}${url}` : url)).pipe(
      Effect.flatMap((response): Effect.Effect<Uint8Array | number, HttpClientError> =>
        response.status >= 200 && response.status < 300
          ? Effect.map(response.arrayBuffer, (buffer) => new Uint8Array(buffer))
          : Effect.succeed(response.status)
      ),
      // Whose server it is, is not known.
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      // The error holds the address, and with it the signature.
      Effect.mapError(() => failed("its address did not answer."))
    )
  const fresh = client.request({ method: "GET", path: `/examples/${exampleId}` }).pipe(
    Effect.flatMap(decodeExampleAnswer),
    Effect.map(({ attachment_urls: urls }) => urls?.[key]?.presigned_url),
    // One that was deleted since has no attachments any more.
    Effect.catchIf((error) => error.reason === "NotFound", () => Effect.undefined),
    Effect.mapError((error: LangSmithError) => failed(error.message, error))
  )
  return Attachment.fromEffect(
    Effect.flatMap(
      download(url),
      (bytes) =>
        typeof bytes !== "number" ? Effect.succeed(bytes) : Effect.flatMap(fresh, (again) =>
          again === undefined
            ? Effect.fail(failed(`its address answered ${bytes}. It may have expired: read the example again.`))
            : Effect.flatMap(download(again), (bytes) =>
              typeof bytes !== "number"
                ? Effect.succeed(bytes)
                : Effect.fail(failed(`its address answered ${bytes}.`))))
    ),
    { mimeType: mimeType ?? "application/octet-stream", source }
  )
}

/** What stands behind the address changes with each reading. */
const withoutSignature = (url: string): string => url.replace(/[?#].*$/s, "")
