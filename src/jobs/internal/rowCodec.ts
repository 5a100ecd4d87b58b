/** Examples and rows of a job as JSON: what has a schema is what the schema makes of it, the rest what it comes closest to. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Attachment from "../../Attachment.ts"
import type * as Example from "../../Example.ts"
import { restoreExample } from "../../internal/dataset/example.ts"
import { AnyData, rowFromStruct, RowJson, rowSchema, type RowStruct } from "../../internal/journal/rowJson.ts"
import { rowText } from "../../internal/journal/rowText.ts"
import { errorLine } from "../../internal/values/causes.ts"
import { toJson } from "../../internal/values/json.ts"
import type * as Row from "../../Row.ts"
import type { Any } from "../EvaluationJob.ts"
import { JobError } from "../JobError.ts"
import { unreadable } from "./jobRecords.ts"

type Schemas = Any["data"]
type Part = keyof Schemas

/** An example as it is kept for the workers. */
interface ExampleJson {
  readonly id: string
  readonly contentHash: string
  readonly inputs: unknown
  readonly referenceOutputs?: unknown
  readonly metadata: unknown
  readonly splits?: ReadonlyArray<string>
  readonly attachments?: {
    readonly [name: string]: { readonly mimeType: string; readonly source: string; readonly bytes: string }
  }
}

/** Text that this module has written, in a table that nobody else writes. */
const parse = (what: string, json: string): Effect.Effect<unknown, JobError> =>
  Effect.try({
    try: () => JSON.parse(json) as unknown,
    catch: (cause) =>
      new JobError({
        reason: "Unreadable",
        message: `${what} in the database is no JSON: ${errorLine(cause)}`,
        cause
      })
  })

/** Whether a row is what it is as JSON, but for the user's data: causes alone are something else. */
const isPlain = (row: unknown): row is RowStruct => {
  if (!Predicate.hasProperty(row, "run") || !Predicate.hasProperty(row, "evaluations")) return false
  const { evaluations, run } = row as RowStruct
  return run.outcome._tag !== "Failed" && evaluations.every(({ outcome }) => outcome._tag !== "Failed")
}

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
    outputs: decode("outputs"),
    referenceOutputs: decode("referenceOutputs"),
    metadata: decode("metadata")
  }
  const hasSchemas = Object.values(data).some((schema) => schema !== undefined)
  const decodeStruct = Schema.decodeUnknownEffect(
    hasSchemas
      ? rowSchema({
        inputs: codec("inputs"),
        outputs: codec("outputs"),
        referenceOutputs: codec("referenceOutputs"),
        metadata: codec("metadata")
      })
      : RowJson
  )
  /** Rows are read by the ten thousand, so this does by hand what decoding does; a test holds the two together. */
  const decodePlain = Effect.fnUntraced(function*({ example, run, ...rest }: RowStruct) {
    return {
      ...rest,
      example: {
        ...example,
        inputs: yield* decoders.inputs(example.inputs),
        ...(example.referenceOutputs === undefined
          ? {}
          : { referenceOutputs: yield* decoders.referenceOutputs(example.referenceOutputs) }),
        ...(example.metadata === undefined ? {} : { metadata: yield* decoders.metadata(example.metadata) })
      },
      run: { ...run, ...(run.outputs === undefined ? {} : { outputs: yield* decoders.outputs(run.outputs) }) }
    }
  })

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

  const decodeExample: (
    json: ExampleJson
  ) => Effect.Effect<Example.Example, Schema.SchemaError> = Effect.fnUntraced(function*(
    { attachments, contentHash, id, inputs, metadata, referenceOutputs, splits }
  ) {
    return restoreExample(id, contentHash, {
      inputs: yield* decoders.inputs(inputs),
      referenceOutputs: referenceOutputs === undefined ? undefined : yield* decoders.referenceOutputs(referenceOutputs),
      metadata: yield* decoders.metadata(metadata),
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
      Effect.flatMap(
        parse(what, json),
        (examples) =>
          Effect.mapError(Effect.forEach(examples as ReadonlyArray<ExampleJson>, decodeExample), unreadable(what))
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
      Effect.flatMap(parse(what, json), (row) =>
        isPlain(row) && !hasSchemas
          ? Effect.succeed(rowFromStruct(row))
          : Effect.mapBoth(isPlain(row) ? decodePlain(row) : decodeStruct(row), {
            onFailure: unreadable(what),
            onSuccess: rowFromStruct
          }))
  }
}

export type Codec = ReturnType<typeof makeCodec>

/** The codec for those who do not know the schemas. */
export const jsonCodec: Codec = makeCodec({})
