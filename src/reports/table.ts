/** Tables for terminals. */
import Table from "cli-table3"

export interface Column {
  readonly title: string
  readonly align?: "left" | "right" | undefined
}

/** A cell, or one that spans several rows. */
export type Cell = string | { readonly content: string; readonly rowSpan: number }

/** A table with thin borders. Cells may hold colours. */
export const renderTable = (columns: ReadonlyArray<Column>, rows: ReadonlyArray<ReadonlyArray<Cell>>): string => {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? "left"),
    // The head is styled by whoever knows whether there are colours.
    style: { head: [], border: [], compact: true }
  })
  for (const row of rows) {
    table.push(row.map((cell) => typeof cell === "string" ? cell : { ...cell, vAlign: "top" as const }))
  }
  return table.toString()
}
