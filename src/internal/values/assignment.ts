/** Pairing the members of two lists so that the sum of what the pairs are worth is as great as it can be. */

/** Beyond this, the time (which grows with the cube) is more than anyone waits for. */
export const mostAssigned = 2000

/**
 * For each row the column it is paired with, or -1. `worth` is not negative. The Hungarian method in the form with
 * shortest augmenting paths (R. Jonker and A. Volgenant, 1987), which finds the best sum in `rows^2 * columns` steps.
 */
export const assign = (
  rows: number,
  columns: number,
  worth: (row: number, column: number) => number
): ReadonlyArray<number> => {
  if (rows > columns) {
    const partner = new Array<number>(rows).fill(-1)
    assign(columns, rows, (column, row) => worth(row, column)).forEach((row, column) => {
      partner[row] = column
    })
    return partner
  }
  const cost = Array.from(
    { length: rows },
    (_, row) => Float64Array.from({ length: columns }, (_, c) => -worth(row, c))
  )
  // One-based, with a row and a column 0 that stand for "not yet paired".
  const rowPotential = new Float64Array(rows + 1)
  const columnPotential = new Float64Array(columns + 1)
  const rowOf = new Int32Array(columns + 1)
  const before = new Int32Array(columns + 1)
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row
    let column = 0
    const shortest = new Float64Array(columns + 1).fill(Infinity)
    const visited = new Uint8Array(columns + 1)
    do {
      visited[column] = 1
      const current = rowOf[column]!
      let least = Infinity
      let next = 0
      for (let c = 1; c <= columns; c++) {
        if (visited[c] === 1) continue
        const reduced = cost[current - 1]![c - 1]! - rowPotential[current]! - columnPotential[c]!
        if (reduced < shortest[c]!) {
          shortest[c] = reduced
          before[c] = column
        }
        if (shortest[c]! < least) {
          least = shortest[c]!
          next = c
        }
      }
      for (let c = 0; c <= columns; c++) {
        if (visited[c] === 1) {
          rowPotential[rowOf[c]!]! += least
          columnPotential[c]! -= least
        } else shortest[c]! -= least
      }
      column = next
    } while (rowOf[column] !== 0)
    while (column !== 0) {
      const previous = before[column]!
      rowOf[column] = rowOf[previous]!
      column = previous
    }
  }
  const partner = new Array<number>(rows).fill(-1)
  for (let column = 1; column <= columns; column++) if (rowOf[column] !== 0) partner[rowOf[column]! - 1] = column - 1
  return partner
}
