/** Examples as records of the tables, and back. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { SqlError } from "effect/sql/SqlError"
import * as Crypto from "node:crypto"
import * as Attachment from "../../Attachment.ts"
import * as Example from "../../Example.ts"
import { toJson } from "../../internal/values/json.ts"
import type { ExampleUpdate, StoredExample } from "../DatasetStore.ts"
import { StoreError } from "../StoreError.ts"
import { storeErrors } from "./sql.ts"

export const orStoreError = storeErrors("datasets")

export const storeError = (reason: StoreError["reason"], message: string, cause?: unknown): StoreError =>
  new StoreError({ store: "datasets", reason, message, cause })

/** An example as it is written. */
export interface EncodedExample {
  readonly id: string
  readonly contentHash: string
  readonly data: string
}

type Given = Example.Input<unknown, unknown, unknown> | Example.Example

/** Where the files of a dataset are, by the hash of what is in them. */
export interface Files {
  readonly read: (sha256: string) => Effect.Effect<Uint8Array, Attachment.AttachmentError>
  readonly write: (sha256: string, bytes: Uint8Array) => Effect.Effect<void, SqlError>
}

/** A file of an example as its data has it. */
interface StoredFile {
  readonly mimeType: string
  readonly sha256: string
}

type StoredFiles = { readonly [name: string]: StoredFile }

/**
 * What is given for an example, as JSON that says everything about it but the id. Its files are read and written one at a
 * time, but for those that the store has: `there`, in place of what is given.
 */
export const encodeExample = Effect.fnUntraced(function*(
  dataset: string,
  files: Files,
  given: Given,
  there?: StoredFiles
): Effect.fn.Return<EncodedExample, StoreError | SqlError> {
  const invalid = (cause: unknown) =>
    storeError(
      "Invalid",
      `An example for the dataset ${dataset} cannot be stored: ` +
        `${cause instanceof Error ? cause.message : String(cause)}.`,
      cause
    )
  const example = yield* Effect.try({
    // What cannot be an example, such as inputs that refer to themselves, is refused here.
    try: () => Example.make({ ...given, split: splitsOf(given) }),
    catch: invalid
  })
  return yield* encodeParts(
    dataset,
    given.id,
    example,
    there ?? (yield* storeFiles(files, example.attachments, invalid))
  )
})

const storeFiles = Effect.fnUntraced(function*(
  files: Files,
  attachments: Attachment.Attachments,
  invalid: (cause: unknown) => StoreError
): Effect.fn.Return<StoredFiles, StoreError | SqlError> {
  const stored: Record<string, StoredFile> = {}
  for (const [name, { bytes, mimeType }] of Object.entries(attachments)) {
    const content = yield* Effect.mapError(bytes, invalid)
    const sha256 = Crypto.hash("sha256", content, "hex")
    yield* files.write(sha256, content)
    stored[name] = { mimeType, sha256 }
  }
  return stored
})

const toAttachments = (
  files: StoredFiles,
  read: Files["read"]
): Attachment.Attachments =>
  Object.fromEntries(
    Object.entries(files).map(([name, { mimeType, sha256 }]) => [
      name,
      Attachment.fromEffect(read(sha256), { mimeType, source: `sha256:${sha256}` })
    ])
  )

const splitsOf = (given: Given): string | ReadonlyArray<string> | undefined =>
  "splits" in given ? given.splits : given.split

/** The id and the hash are those of the JSON, so that whoever reads the example finds the same. */
const encodeParts = (
  dataset: string,
  id: string | undefined,
  { inputs, metadata, referenceOutputs, splits }: Omit<StoredExample, "id" | "attachments">,
  files: StoredFiles
): Effect.Effect<EncodedExample, StoreError> => {
  const parts = {
    inputs: toJson(inputs),
    ...(referenceOutputs === undefined ? {} : { referenceOutputs: toJson(referenceOutputs) }),
    ...(isEmpty(metadata) ? {} : { metadata: toJson(metadata) })
  }
  // Only where its files come from is asked of it.
  const example = Example.make({ id, ...parts, attachments: toAttachments(files, () => Effect.succeed(nothing)) })
  const encoded = {
    id: example.id,
    contentHash: example.contentHash,
    data: JSON.stringify({
      ...parts,
      ...(splits.length === 0 ? {} : { splits }),
      ...(isEmpty(files) ? {} : { attachments: files })
    })
  }
  return isColumnText(encoded.id)
    ? Effect.succeed(encoded)
    : Effect.fail(storeError(
      "Invalid",
      `The id ${
        JSON.stringify(encoded.id)
      } of an example for the dataset ${dataset} cannot be stored: ids have no NUL ` +
        `characters and no halves of surrogate pairs.`
    ))
}

const nothing = new Uint8Array()

const isEmpty = (metadata: unknown): boolean =>
  metadata === undefined || (typeof metadata === "object" && metadata !== null && Object.keys(metadata).length === 0)

/** Whether both databases give the text back as it is. */
export const isColumnText = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

const Data = Schema.Struct({
  inputs: Schema.Unknown,
  referenceOutputs: Schema.optional(Schema.Unknown),
  metadata: Schema.optional(Schema.Unknown),
  splits: Schema.optional(Schema.Array(Schema.String)),
  attachments: Schema.optional(
    Schema.Record(Schema.String, Schema.Struct({ mimeType: Schema.String, sha256: Schema.String }))
  )
})

const decodeData = Schema.decodeUnknownEffect(Schema.fromJsonString(Data))

export const decodeExample = (
  dataset: string,
  files: Files,
  record: ExampleRecord
): Effect.Effect<StoredExample, StoreError> =>
  Effect.map(decodeWithFiles(dataset, files, record), ({ example }) => example)

/** What an example is read from. */
export interface ExampleRecord {
  readonly data: string
  readonly example_id: string
}

/** The same, and its files as its data has them. */
export const decodeWithFiles = (
  dataset: string,
  files: Files,
  { data, example_id }: ExampleRecord
): Effect.Effect<{ readonly example: StoredExample; readonly stored: StoredFiles }, StoreError> =>
  Effect.mapBoth(decodeData(data), {
    onFailure: (cause) =>
      storeError(
        "Unreadable",
        `The example ${example_id} of the dataset ${dataset} is not what this version of effect-evals writes: ` +
          cause.message,
        cause
      ),
    onSuccess: ({ attachments = {}, inputs, metadata, referenceOutputs, splits }) => ({
      example: {
        id: example_id,
        inputs,
        referenceOutputs,
        metadata: metadata ?? {},
        splits: splits ?? [],
        attachments: toAttachments(attachments, files.read)
      },
      stored: attachments
    })
  })

/** The example as it is after the update. */
export const updated = (example: StoredExample, update: ExampleUpdate): Given => ({
  id: example.id,
  inputs: update.inputs === undefined ? example.inputs : update.inputs,
  referenceOutputs: changed(update.referenceOutputs, example.referenceOutputs),
  metadata: changed(update.metadata, example.metadata),
  split: changed(update.split, example.splits),
  attachments: changed(update.attachments, example.attachments)
})

const changed = <A, B>(update: A | null | undefined, now: B): A | B | undefined =>
  update === undefined ? now : update === null ? undefined : update
