/** Where the examples of a stream stood in their files, so that two that clash can both be named. */
import * as Effect from "effect/Effect"
import type * as Example from "../../Example.ts"
import { formatPosition, type Position } from "./datasetError.ts"
import { positionOf } from "./example.ts"

export interface PositionLog {
  /** Notes the next example. */
  readonly add: (example: Example.Example) => void
  /** Such as `tickets.jsonl:9314`, if the example was read from a file. */
  readonly describe: (index: number) => Effect.Effect<string | undefined>
}

/** Holds 8 bytes for each example that comes from a file. */
export const make = (): PositionLog => {
  let rows = new Uint32Array(64)
  let lines = new Uint32Array(64)
  let count = 0
  /** Streams change from one file to another hardly ever: the first example of each, and one of its positions. */
  const files: Array<{ readonly from: number; readonly position: Position | undefined }> = []
  return {
    add(example) {
      const position = positionOf(example)
      if (files.at(-1)?.position?.file !== position?.file || count === 0) files.push({ from: count, position })
      if (position?.file !== undefined) {
        if (count >= lines.length) {
          rows = grown(rows, count)
          lines = grown(lines, count)
        }
        rows[count] = position.index
        lines[count] = position.line ?? 0
      }
      count++
    },
    describe: (index) =>
      Effect.suspend(() => {
        const known = files.findLast(({ from }) => from <= index)?.position
        if (known?.file === undefined) return Effect.undefined
        const line = lines[index] === 0 ? undefined : lines[index]
        const position = { file: known.file, line, index: rows[index] ?? index, lineOf: known.lineOf }
        return Effect.map(located(position), formatPosition)
      })
  }
}

const grown = (array: Uint32Array<ArrayBuffer>, count: number): Uint32Array<ArrayBuffer> => {
  const larger = new Uint32Array(2 * Math.max(array.length, count))
  larger.set(array)
  return larger
}

/** The position with its line, where finding it takes a look into the file. */
export const located = (position: Position): Effect.Effect<Position> =>
  position.line !== undefined || position.lineOf === undefined
    ? Effect.succeed(position)
    : Effect.map(position.lineOf(position.index), (line) => ({ ...position, line }))
