/** Examples as multipart forms, cut into requests that the server takes. */
import * as Effect from "effect/Effect"
import * as Crypto from "node:crypto"
import type * as Attachment from "../../Attachment.ts"
import { hashText, uuidOfHash } from "../../internal/values/identity.ts"
import { toJson } from "../../internal/values/json.ts"
import type { ExampleUpdate, NewExample } from "../DatasetStore.ts"
import { LangSmithError } from "../LangSmithError.ts"
import { bytesPartHead, formEnd, formType, jsonPart, newBoundary } from "./multipart.ts"
import { isUuid } from "./rowParts.ts"

/** The parts of one example. */
export interface ExampleForm {
  readonly id: string
  readonly chunks: ReadonlyArray<string | Uint8Array>
  readonly bytes: number
}

/** One request. */
export interface FormRequest {
  readonly ids: ReadonlyArray<string>
  readonly contentType: string
  readonly body: Uint8Array
}

/** Few enough for the server, which checks each example of a request before it answers. */
const maxExamples = 200

/**
 * The id under which an example is added. An id that comes from the content is made one of this dataset: the same content
 * may stand in several.
 */
export const newExampleId = (datasetId: string, id: string | undefined): string =>
  id === undefined
    ? Crypto.randomUUID()
    : isUuid(id) && id[14] !== "8"
    ? id
    : uuidOfHash(hashText(`${datasetId}/${id}`))

const textPart = (boundary: string, name: string, value: unknown): string =>
  jsonPart(boundary, name, JSON.stringify(value))

/** Inputs and outputs are objects in LangSmith; what is none is the one member of one. */
const record = (value: unknown, name: string): unknown => {
  const json = toJson(value)
  return typeof json === "object" && json !== null && !Array.isArray(json) ? json : { [name]: json }
}

const attachmentChunks = (boundary: string, id: string, attachments: Attachment.Attachments | undefined) =>
  Effect.map(
    Effect.forEach(Object.entries(attachments ?? {}), ([name, { bytes, mimeType }]) =>
      Effect.map(bytes, (data) => [
        bytesPartHead(boundary, `${id}.attachment.${name}`, mimeType, data.length),
        data,
        "\r\n"
      ])),
    (chunks) => chunks.flat()
  )

const sized = (id: string, chunks: ReadonlyArray<string | Uint8Array>): ExampleForm => ({
  id,
  chunks,
  bytes: chunks.reduce((sum, chunk) => sum + (typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length), 0)
})

const splitsOf = (split: string | ReadonlyArray<string>): ReadonlyArray<string> => [split].flat()

const isEmpty = (metadata: unknown): boolean =>
  metadata === undefined || (typeof metadata === "object" && metadata !== null && Object.keys(metadata).length === 0)

/** An example to add. */
export const newExampleForm = Effect.fnUntraced(function*(boundary: string, datasetId: string, example: NewExample) {
  const id = newExampleId(datasetId, example.id)
  const splits = example.split === undefined ? [] : splitsOf(example.split)
  const head = textPart(boundary, id, {
    ...(isEmpty(example.metadata) ? {} : { metadata: record(example.metadata, "metadata") }),
    ...(splits.length === 0 ? {} : { split: splits }),
    ...(example.sourceRunId === undefined ? {} : { source_run_id: example.sourceRunId })
  }) + textPart(boundary, `${id}.inputs`, record(example.inputs, "input")) +
    (example.referenceOutputs === undefined
      ? ""
      : textPart(boundary, `${id}.outputs`, record(example.referenceOutputs, "output")))
  return sized(id, [head, ...(yield* attachmentChunks(boundary, id, example.attachments))])
})

/** A change of an example. */
export const updateForm = Effect.fnUntraced(function*(boundary: string, update: ExampleUpdate) {
  const { id, renameAttachments, retainAttachments } = update
  const head = textPart(boundary, id, {
    ...(update.metadata === undefined ? {} : { metadata: toJson(update.metadata) }),
    ...(update.split === undefined ? {} : { split: splitsOf(update.split) })
  }) + (update.inputs === undefined ? "" : textPart(boundary, `${id}.inputs`, record(update.inputs, "input"))) +
    (update.referenceOutputs === undefined
      ? ""
      : textPart(boundary, `${id}.outputs`, record(update.referenceOutputs, "output"))) +
    (renameAttachments === undefined && retainAttachments === undefined
      ? ""
      : textPart(boundary, `${id}.attachments_operations`, {
        ...(renameAttachments === undefined ? {} : { rename: renameAttachments }),
        ...(retainAttachments === undefined ? {} : { retain: retainAttachments })
      }))
  return sized(id, [head, ...(yield* attachmentChunks(boundary, id, update.attachments))])
})

/** Gathers forms into requests. */
export class FormBatch {
  readonly boundary = newBoundary()
  readonly #maxBytes: number
  #forms: Array<ExampleForm> = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes a form; gives the request that is full because of it, without it. */
  add(form: ExampleForm): Effect.Effect<FormRequest | undefined, LangSmithError> {
    if (form.bytes > this.#maxBytes) {
      return Effect.fail(
        new LangSmithError({
          reason: "TooLarge",
          message: `The example ${form.id} has ${form.bytes} bytes with its attachments; LangSmith takes ` +
            `${this.#maxBytes} in one request. Make it smaller.`
        })
      )
    }
    const full = this.#forms.length > 0 &&
        (this.#bytes + form.bytes > this.#maxBytes || this.#forms.length >= maxExamples)
      ? this.take()
      : undefined
    this.#forms.push(form)
    this.#bytes += form.bytes
    return Effect.succeed(full)
  }

  /** The request of what is there, if there is anything. */
  take(): FormRequest | undefined {
    if (this.#forms.length === 0) return undefined
    const chunks = this.#forms.flatMap(({ chunks }) => chunks)
    const request: FormRequest = {
      ids: this.#forms.map(({ id }) => id),
      contentType: formType(this.boundary),
      body: Buffer.concat(
        [...chunks, formEnd(this.boundary)].map((chunk) => typeof chunk === "string" ? Buffer.from(chunk) : chunk)
      )
    }
    this.#forms = []
    this.#bytes = 0
    return request
  }
}
