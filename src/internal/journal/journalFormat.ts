/** The journal's events, as lines of JSON. */
import * as Schema from "effect/Schema"
import { Footer, Header } from "../../Experiment.ts"
import { AnyData, type Parts, RowJson, rowSchema } from "./rowJson.ts"

/** Raised when lines mean something else than before; readers refuse what is newer than they are. */
export const journalFormat = 1

export const JournalLine = Schema.Union([
  Schema.Struct({ event: Schema.tag("start"), format: Schema.Int, header: Header }),
  Schema.Struct({ event: Schema.tag("row"), experiment: Schema.String, row: RowJson }),
  Schema.Struct({ event: Schema.tag("end"), experiment: Schema.String, footer: Footer })
])

export type JournalLine = typeof JournalLine.Type

/** The line that begins a journal, from the JSON of the header. */
export const startLine = (header: string): string => `{"event":"start","format":${journalFormat},"header":${header}}`

/** The line of a row, from its JSON. */
export const rowLine = (experimentId: string, row: string): string =>
  `{"event":"row","experiment":${JSON.stringify(experimentId)},"row":${row}}`

/** The line that ends a journal, from the JSON of the footer. */
export const endLine = (experimentId: string, footer: string): string =>
  `{"event":"end","experiment":${JSON.stringify(experimentId)},"footer":${footer}}`

/** The lines of a journal whose data has schemas. */
export const journalLine = (data: { readonly [K in keyof Parts]?: Parts[K] | undefined }) => {
  const part = (name: keyof Parts) => data[name] === undefined ? AnyData : Schema.toCodecJson(data[name])
  return Schema.Union([
    JournalLine.members[0],
    Schema.Struct({
      event: Schema.tag("row"),
      experiment: Schema.String,
      row: rowSchema({
        inputs: part("inputs"),
        outputs: part("outputs"),
        referenceOutputs: part("referenceOutputs"),
        metadata: part("metadata")
      })
    }),
    JournalLine.members[2]
  ])
}
