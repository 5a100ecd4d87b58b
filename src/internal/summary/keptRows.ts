/** Whether the rows of an experiment are there: what is said of single rows needs them. */
import type * as Experiment from "../../Experiment.ts"

/** What is wrong, and what to do, if the rows were not kept. `to` is what they are needed for, such as `compare`. */
export const rowsNotKept = (
  { name, rowCount, rows }: Pick<Experiment.Experiment, "name" | "rowCount" | "rows">,
  to: string
): string | undefined =>
  rows.length > 0 || rowCount === 0
    ? undefined
    : `The experiment ${name} has ${rowCount} rows, but they were not kept, so there is nothing to ${to}. ` +
      "Run it with keepRows: true, or read it back from its journal."
