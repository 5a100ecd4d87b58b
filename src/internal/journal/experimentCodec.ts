/** The codec between experiments and JSON. */
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import type { DataSchemas, Experiment, Footer, Header } from "../../Experiment.ts"
import { AnyData, type Parts, readableCause, rowFromStruct, rowSchema, type RowStruct, rowToStruct } from "./rowJson.ts"

const Any = Schema.declare((u: unknown): u is Experiment =>
  Predicate.hasProperty(u, "rows") && Array.isArray(u.rows) && Predicate.hasProperty(u, "summaries")
)

/** The parts of an experiment besides its rows. */
interface Overview {
  readonly Header: typeof Header
  readonly Footer: typeof Footer
}

/** The codec for data of these schemas. */
export const experimentCodec = (
  data: DataSchemas<unknown, unknown, unknown, unknown>,
  { Footer, Header }: Overview
): Schema.Codec<Experiment, unknown> => {
  const part = (name: keyof Parts) => data[name] === undefined ? AnyData : Schema.toCodecJson(data[name])
  const Struct = Schema.Struct({
    ...Header.fields,
    ...Footer.fields,
    rows: Schema.Array(rowSchema({
      inputs: part("inputs"),
      outputs: part("outputs"),
      referenceOutputs: part("referenceOutputs"),
      metadata: part("metadata")
    }))
  })
  return Struct.pipe(Schema.decodeTo(Any, {
    decode: SchemaGetter.transform(({ rows, ...overview }: typeof Struct.Type): Experiment => ({
      ...overview,
      rows: rows.map(rowFromStruct)
    })),
    encode: SchemaGetter.transform(({ rows, ...overview }: Experiment): typeof Struct.Type => ({
      ...overview,
      // The parts are what they were read as; the schema above turns them into JSON.
      rows: rows.map((row) => rowToStruct(row, identity, readableCause) as RowStruct)
    }))
  }))
}
