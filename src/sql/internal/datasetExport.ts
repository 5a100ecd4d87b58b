/** Examples as files. */
import * as Effect from "effect/Effect"
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
    Stream.map(examples, ({ splits, ...example }) =>
      JSON.stringify(splits.length === 0 ? example : { ...example, split: splits }) +
      "\n"),
    file
  )

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
