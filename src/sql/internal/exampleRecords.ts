/** Examples as records of the tables, and back. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
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

/** What is given for an example, as JSON that says everything about it but the id. */
export const encodeExample = (dataset: string, given: Given): Effect.Effect<EncodedExample, StoreError> =>
  Effect.suspend(() => {
    if (Object.keys(given.attachments ?? {}).length > 0) {
      return Effect.fail(storeError(
        "Invalid",
        `An example for the dataset ${dataset} has attachments (${
          Object.keys(given.attachments ?? {}).join(", ")
        }). The ` +
          `store keeps data, not files: put where the file is into the inputs, and read it in the target.`
      ))
    }
    return Effect.flatMap(
      Effect.try({
        // What cannot be an example, such as inputs that refer to themselves, is refused here.
        try: () => Example.make({ ...given, split: splitsOf(given) }),
        catch: (cause) =>
          storeError(
            "Invalid",
            `An example for the dataset ${dataset} cannot be stored: ` +
              `${cause instanceof Error ? cause.message : String(cause)}.`,
            cause
          )
      }),
      (example) => encodeParts(dataset, given.id, example)
    )
  })

const splitsOf = (given: Given): string | ReadonlyArray<string> | undefined =>
  "splits" in given ? given.splits : given.split

/** The id and the hash are those of the JSON, so that whoever reads the example finds the same. */
const encodeParts = (
  dataset: string,
  id: string | undefined,
  { inputs, metadata, referenceOutputs, splits }: Omit<StoredExample, "id">
): Effect.Effect<EncodedExample, StoreError> => {
  const parts = {
    inputs: toJson(inputs),
    ...(referenceOutputs === undefined ? {} : { referenceOutputs: toJson(referenceOutputs) }),
    ...(isEmpty(metadata) ? {} : { metadata: toJson(metadata) })
  }
  const example = Example.make({ id, ...parts })
  const encoded = {
    id: example.id,
    contentHash: example.contentHash,
    data: JSON.stringify(splits.length === 0 ? parts : { ...parts, splits })
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

const isEmpty = (metadata: unknown): boolean =>
  metadata === undefined || (typeof metadata === "object" && metadata !== null && Object.keys(metadata).length === 0)

/** Whether both databases give the text back as it is. */
export const isColumnText = (text: string): boolean => !text.includes("\0") && text.isWellFormed()

const Data = Schema.Struct({
  inputs: Schema.Unknown,
  referenceOutputs: Schema.optional(Schema.Unknown),
  metadata: Schema.optional(Schema.Unknown),
  splits: Schema.optional(Schema.Array(Schema.String))
})

const decodeData = Schema.decodeUnknownEffect(Schema.fromJsonString(Data))

export const decodeExample = (
  dataset: string,
  { data, example_id }: { readonly data: string; readonly example_id: string }
): Effect.Effect<StoredExample, StoreError> =>
  Effect.mapBoth(decodeData(data), {
    onFailure: (cause) =>
      storeError(
        "Unreadable",
        `The example ${example_id} of the dataset ${dataset} is not what this version of effect-evals writes: ` +
          cause.message,
        cause
      ),
    onSuccess: ({ inputs, metadata, referenceOutputs, splits }) => ({
      id: example_id,
      inputs,
      referenceOutputs,
      metadata: metadata ?? {},
      splits: splits ?? []
    })
  })

/** The example as it is after the update. */
export const updated = (example: StoredExample, update: ExampleUpdate): Given => ({
  id: example.id,
  inputs: update.inputs === undefined ? example.inputs : update.inputs,
  referenceOutputs: changed(update.referenceOutputs, example.referenceOutputs),
  metadata: changed(update.metadata, example.metadata),
  split: changed(update.split, example.splits)
})

const changed = <A, B>(update: A | null | undefined, now: B): A | B | undefined =>
  update === undefined ? now : update === null ? undefined : update
