/** Data that was read as JSON, as the schemas of an entry want it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Experiment from "../../Experiment.ts"
import { type Failure, usage } from "./failure.ts"
import { messageOf } from "./sourcePosition.ts"

type Schemas = Experiment.DataSchemas<unknown, unknown, unknown, unknown>

/** The experiment with its data decoded. */
export const decodeData = (
  experiment: Experiment.Experiment,
  schemas: Schemas
): Effect.Effect<Experiment.Experiment, Failure> => {
  const decoder = (name: keyof Schemas) => {
    const schema = schemas[name]
    if (schema === undefined) return Effect.succeed<unknown>
    const decode = Schema.decodeUnknownEffect(Schema.toCodecJson(schema))
    return (value: unknown): Effect.Effect<unknown, Schema.SchemaError> =>
      value === undefined ? Effect.succeed(value) : decode(value)
  }
  if (Object.values(schemas).every((schema) => schema === undefined)) return Effect.succeed(experiment)
  const [inputs, outputs, referenceOutputs, metadata] = [
    decoder("inputs"),
    decoder("outputs"),
    decoder("referenceOutputs"),
    decoder("metadata")
  ]
  return Effect.forEach(experiment.rows, (row) =>
    Effect.gen(function*() {
      const input = yield* inputs(row.example.inputs)
      const { contentHash } = row.example
      return {
        ...row,
        example: {
          ...row.example,
          contentHash,
          inputs: input,
          referenceOutputs: yield* referenceOutputs(row.example.referenceOutputs),
          metadata: yield* metadata(row.example.metadata)
        },
        run: { ...row.run, inputs: input, outputs: yield* outputs(row.run.outputs) }
      }
    }).pipe(
      Effect.mapError((error) =>
        usage(
          `The data of ${experiment.name}, row ${row.index}, is not what the schemas of the entry say. ${
            messageOf(error)
          }`,
          error
        )
      )
    )).pipe(Effect.map((rows) => ({ ...experiment, rows })))
}
