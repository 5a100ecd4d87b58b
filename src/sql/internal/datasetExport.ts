/** Examples as files. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Csv from "effect/encoding/Csv"
import * as FileSystem from "effect/FileSystem"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type { StoredExample } from "../DatasetStore.ts"
import type { StoreError } from "../StoreError.ts"
import { storeError } from "./exampleRecords.ts"

type Examples = Stream.Stream<StoredExample, StoreError>

const write = (text: Stream.Stream<string, StoreError>, file: string) =>
  FileSystem.FileSystem.use((fileSystem) =>
    text.pipe(Stream.encodeText, Stream.run(fileSystem.sink(file, { flag: "wx" })))
  )

export const writeJsonl = (examples: Examples, file: string) =>
  write(
    Stream.mapEffect(examples, ({ attachments, splits, ...example }) =>
      Effect.map(filesAsText(example.id, attachments), (files) =>
        JSON.stringify({
          ...example,
          ...(splits.length === 0 ? {} : { split: splits }),
          ...(files.length === 0 ? {} : { attachments: Object.fromEntries(files) })
        }) + "\n")),
    file
  )

/** What `Dataset.fromJsonl` reads as files. */
const filesAsText = (id: string, attachments: StoredExample["attachments"]) =>
  Effect.forEach(Object.entries(attachments), ([name, { bytes, mimeType }]) =>
    Effect.mapBoth(bytes, {
      onFailure: (cause) => storeError("Unreadable", `The example ${id} cannot be exported: ${cause.message}`, cause),
      onSuccess: (bytes) => [name, { mimeType, data: Base64.encode(bytes) }] as const
    }))

export const writeCsv = (
  examples: Examples,
  file: string,
  { delimiter, fields }: { readonly fields: Dataset.Fields; readonly delimiter?: string | undefined }
) => {
  const columns = [fields.id, fields.inputs, fields.referenceOutputs, fields.metadata, fields.split].flat().filter(
    (name) => name !== undefined
  )
  return write(
    Stream.mapEffect(examples, (example) => {
      if (fields.split !== undefined && example.splits.length > 1) {
        return Effect.fail(storeError(
          "Invalid",
          `The example ${example.id} is in the splits ${example.splits.join(", ")}, and a CSV cell holds one. Export ` +
            `JSONL, or leave { fields: { split } } out.`
        ))
      }
      if (Object.keys(example.attachments).length > 0) {
        return Effect.fail(storeError(
          "Invalid",
          `The example ${example.id} has attachments (${
            Object.keys(example.attachments).join(", ")
          }), and CSV has no ` +
            `place for files. Export JSONL.`
        ))
      }
      return Effect.succeed({
        ...(fields.id === undefined ? {} : { [fields.id]: example.id }),
        ...cells(fields.inputs, example.inputs),
        ...cells(fields.referenceOutputs, example.referenceOutputs),
        ...cells(fields.metadata, example.metadata),
        ...(fields.split === undefined ? {} : { [fields.split]: example.splits[0] ?? "" })
      })
    }).pipe(Stream.pipeThroughChannel(Csv.encodeString({ columns, headers: true, delimiter }))),
    file
  )
}

/** One column takes the whole value, several take its members. */
const cells = (names: string | ReadonlyArray<string> | undefined, value: unknown): Record<string, string> => {
  if (names === undefined) return {}
  if (typeof names === "string") return { [names]: cell(value) }
  const members: Record<PropertyKey, unknown> = Predicate.isObject(value) ? value : {}
  return Object.fromEntries(names.map((name) => [name, cell(members[name])]))
}

const cell = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value)
