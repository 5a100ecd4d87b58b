/** Examples and rows of a job as JSON: what has a schema is what the schema makes of it, the rest what it comes closest to. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Attachment from "../../Attachment.ts"
import type * as Example from "../../Example.ts"
import { restoreExample } from "../../internal/dataset/example.ts"
import { AnyData, rowFromStruct, RowJson, rowSchema } from "../../internal/journal/rowJson.ts"
import { rowText } from "../../internal/journal/rowText.ts"
import { toJson } from "../../internal/values/json.ts"
import type * as Row from "../../Row.ts"
import type { Any } from "../EvaluationJob.ts"
import type { JobError } from "../JobError.ts"
import { unreadable } from "./jobRecords.ts"

type Schemas = Any["data"]
type Part = keyof Schemas

const ExampleJson = Schema.Struct({
  id: Schema.String,
  contentHash: Schema.String,
  inputs: Schema.Unknown,
  referenceOutputs: Schema.optional(Schema.Unknown),
  metadata: Schema.optional(Schema.Unknown),
  splits: Schema.optional(Schema.Array(Schema.String)),
  attachments: Schema.optional(Schema.Record(
    Schema.String,
    Schema.Struct({ mimeType: Schema.String, source: Schema.String, bytes: Schema.String })
  ))
})
type ExampleJson = typeof ExampleJson.Type

const decodeExamples = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(ExampleJson)))

/** What turns the data of one evaluation into JSON and back. */
export const makeCodec = (data: Schemas) => {
  const codec = (part: Part): Schema.ConstraintCodec<unknown, unknown> =>
    data[part] === undefined ? AnyData : Schema.toCodecJson(data[part])
  const encode = (part: Part) =>
    data[part] === undefined ? toJson : Schema.encodeUnknownSync(codec(part) as Schema.Codec<unknown>)
  const decode = (part: Part): (value: unknown) => Effect.Effect<unknown, Schema.SchemaError> =>
    data[part] === undefined
      ? Effect.succeed
      : Schema.decodeUnknownEffect(codec(part) as Schema.Codec<unknown>)
  const encoders = {
    inputs: encode("inputs"),
    outputs: encode("outputs"),
    referenceOutputs: encode("referenceOutputs"),
    metadata: encode("metadata")
  }
  const decoders = {
    inputs: decode("inputs"),
    referenceOutputs: decode("referenceOutputs"),
    metadata: decode("metadata")
  }
  const hasSchemas = Object.values(data).some((schema) => schema !== undefined)
  const decodeRowJson = Schema.decodeUnknownEffect(Schema.fromJsonString(
    hasSchemas
      ? rowSchema({
        inputs: codec("inputs"),
        outputs: codec("outputs"),
        referenceOutputs: codec("referenceOutputs"),
        metadata: codec("metadata")
      })
      : RowJson
  ))

  const encodeExample = Effect.fnUntraced(function*(
    example: Example.Example
  ): Effect.fn.Return<ExampleJson, Attachment.AttachmentError> {
    const attachments = yield* Effect.forEach(
      Object.entries(example.attachments),
      ([name, { bytes, mimeType, source }]) =>
        Effect.map(bytes, (bytes) => [name, { mimeType, source, bytes: Base64.encode(bytes) }] as const)
    )
    return {
      id: example.id,
      contentHash: example.contentHash,
      inputs: encoders.inputs(example.inputs),
      ...(example.referenceOutputs === undefined
        ? {}
        : { referenceOutputs: encoders.referenceOutputs(example.referenceOutputs) }),
      metadata: encoders.metadata(example.metadata),
      ...(example.splits.length === 0 ? {} : { splits: example.splits }),
      ...(attachments.length === 0 ? {} : { attachments: Object.fromEntries(attachments) })
    }
  })

  const decodeExample = Effect.fnUntraced(function*(
    { attachments, contentHash, id, inputs, metadata, referenceOutputs, splits }: ExampleJson
  ) {
    return restoreExample(id, contentHash, {
      inputs: yield* decoders.inputs(inputs),
      referenceOutputs: referenceOutputs === undefined ? undefined : yield* decoders.referenceOutputs(referenceOutputs),
      metadata: yield* decoders.metadata(metadata ?? {}),
      splits: splits ?? [],
      attachments: Object.fromEntries(
        Object.entries(attachments ?? {}).map(([name, { bytes, mimeType, source }]) => [
          name,
          Attachment.fromEffect(Effect.sync(() => Result.getOrThrow(Base64.decode(bytes))), { mimeType, source })
        ])
      )
    })
  })

  return {
    encodeExample,
    /** The examples of a chunk again. */
    decodeExamples: (what: string, json: string): Effect.Effect<Array<Example.Example>, JobError> =>
      decodeExamples(json).pipe(
        Effect.flatMap((examples) => Effect.forEach(examples, decodeExample)),
        Effect.mapError(unreadable(what))
      ),
    /** Throws where a part does not fit its schema. */
    encodeRow: (row: Row.Row): string => {
      if (!hasSchemas) return rowText(row)
      const { example, run } = row
      const inputs = encoders.inputs(example.inputs)
      return rowText({
        ...row,
        example: {
          id: example.id,
          contentHash: example.contentHash,
          splits: example.splits,
          attachments: example.attachments,
          inputs,
          referenceOutputs: example.referenceOutputs === undefined
            ? undefined
            : encoders.referenceOutputs(example.referenceOutputs),
          metadata: encoders.metadata(example.metadata)
        },
        run: { ...run, inputs, outputs: run.outputs === undefined ? undefined : encoders.outputs(run.outputs) }
      })
    },
    /** The row again. */
    decodeRow: (what: string, json: string): Effect.Effect<Row.Row, JobError> =>
      Effect.mapBoth(decodeRowJson(json), { onFailure: unreadable(what), onSuccess: rowFromStruct })
  }
}

export type Codec = ReturnType<typeof makeCodec>

/** The codec for those who do not know the schemas. */
export const jsonCodec: Codec = makeCodec({})
