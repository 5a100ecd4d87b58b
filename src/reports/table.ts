/** Tables for terminals. */
import Table from "cli-table3"
import { stripVTControlCharacters } from "node:util"

export interface Column {
  readonly title: string
  readonly align?: "left" | "right" | undefined
  /** Left out where the terminal is too narrow: the highest number first. A column without one stays. */
  readonly spare?: number | undefined
}

/** A cell, or one that spans several rows. */
export type Cell = string | { readonly content: string; readonly rowSpan: number }

type Rows = ReadonlyArray<ReadonlyArray<Cell>>

/**
 * A table with thin borders. Cells may hold colours. Where it is wider than the terminal, columns that can be spared are left
 * out; if that is not enough, each row is a few lines instead.
 */
export const renderTable = (
  columns: ReadonlyArray<Column>,
  rows: Rows,
  width: number = Number.POSITIVE_INFINITY
): string => {
  const text = bordered(columns, rows)
  if (stripVTControlCharacters(text.slice(0, text.indexOf("\n"))).length <= width) return text
  const spare = columns.reduce((most, { spare = 0 }) => Math.max(most, spare), 0)
  return spare === 0
    ? stacked(columns, rows, width)
    : renderTable(...withColumns(columns, rows, (column) => column.spare !== spare), width)
}

const bordered = (columns: ReadonlyArray<Column>, rows: Rows): string => {
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

/** The table with some of its columns. A row whose first cell is spanned from above has one cell less. */
export const withColumns = <C extends Column>(
  columns: ReadonlyArray<C>,
  rows: Rows,
  isKept: (column: C, index: number) => boolean
): [Array<C>, Array<Array<Cell>>] => {
  const kept = columns.map(isKept)
  return [
    columns.filter((_, index) => kept[index]),
    rows.map((row) => row.filter((_, index) => kept[index + columns.length - row.length]))
  ]
}

/** What the row is about, and below it the cells with their titles. */
const stacked = (columns: ReadonlyArray<Column>, rows: Rows, width: number): string => {
  let name = ""
  return rows.map((row) => {
    const offset = columns.length - row.length
    const texts = row.map((cell) => typeof cell === "string" ? cell : cell.content)
    if (offset === 0) name = texts[0] ?? ""
    const facts = texts.slice(offset === 0 ? 1 : 0).flatMap((text, i) => {
      const title = columns[i + Math.max(1, offset)]?.title ?? ""
      return text === "" ? [] : [title === "" ? text : `${title} ${text}`]
    })
    return [name, ...wrapped(facts, width)].join("\n")
  }).join("\n")
}

/** The facts in lines, as many in each as there is room for. */
const wrapped = (facts: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const fact of facts) {
    const last = lines.at(-1)
    const longer = last === undefined ? undefined : `${last}, ${fact}`
    if (longer !== undefined && stripVTControlCharacters(longer).length <= width) lines[lines.length - 1] = longer
    else lines.push(`  ${fact}`)
  }
  return lines
}
