/** Streams of records from files, each with its position. Nothing here knows what an example is. */
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as JsonArray from "effect/encoding/JsonArray"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import type * as Yaml from "yaml"
import { DatasetError, formatPosition, type Position } from "./datasetError.ts"
import { describe, shorten } from "./describe.ts"

/** A record of a file, or what is wrong with the place where one should be. */
export type FileRow =
  | { readonly _tag: "Record"; readonly record: unknown; readonly position: Position }
  | { readonly _tag: "Broken"; readonly error: DatasetError }

type FileRows = Stream.Stream<FileRow, DatasetError, FileSystem.FileSystem>

const row = (record: unknown, position: Position): FileRow => ({ _tag: "Record", record, position })

const broken = (fields: Omit<ConstructorParameters<typeof DatasetError>[0], "reason">): FileRow => ({
  _tag: "Broken",
  error: new DatasetError({ ...fields, reason: "Syntax" })
})

const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** The text of a file as it is read; a byte order mark at its start is dropped by the decoder. */
const textOf = (dataset: string, file: string): Stream.Stream<string, DatasetError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (fileSystem) => fileSystem.stream(file))).pipe(
    Stream.mapError((cause) =>
      new DatasetError({
        dataset,
        reason: "Unreadable",
        message: `The dataset file ${file} could not be read: ${cause.message}`,
        file,
        cause
      })
    ),
    Stream.decodeText()
  )

/** One JSON value a line. Blank lines are allowed and keep their line numbers. */
export const jsonlRows = (dataset: string, file: string): FileRows => {
  const parse = (text: string, position: Position): FileRow => {
    try {
      return row(JSON.parse(text), position)
    } catch (cause) {
      return broken({
        dataset,
        message: `${formatPosition(position)}: expected one JSON value on the line: ${messageOf(cause)}. ` +
          `The line begins with ${describe(shorten(text, 40))}.`,
        ...position,
        cause
      })
    }
  }
  return textOf(dataset, file).pipe(
    Stream.splitLines,
    Stream.mapAccumArray(() => ({ line: 0, index: 0 }), (seen, lines) => {
      let { index, line } = seen
      const rows: Array<FileRow> = []
      for (const text of lines) {
        line++
        if (text.trim() !== "") rows.push(parse(text, { file, line, index: index++ }))
      }
      return [{ line, index }, rows]
    })
  )
}

/** The elements of one JSON array: the root, or the one that a JSON Pointer (RFC 6901) leads to. */
export const jsonRows = (dataset: string, file: string, pointer: string): FileRows =>
  textOf(dataset, file).pipe(
    Stream.pipeThroughChannel(JsonArray.decodeString({ pointer, maxElementSize: Number.POSITIVE_INFINITY })),
    Stream.mapError((cause) =>
      cause._tag === "DatasetError" ? cause : new DatasetError({
        dataset,
        reason: "Syntax",
        message: `${file}: ${cause.message}${cause.offset === undefined ? "" : ` (at character ${cause.offset})`}. ` +
          (cause.kind === "Pointer"
            ? `Expected a JSON array of examples${pointer === "" ? "" : ` at ${pointer}`}; if it stands elsewhere in ` +
              `the file, say where with { pointer: "/path" }.`
            : "Expected a JSON array of examples."),
        file,
        cause
      })
    ),
    Stream.zipWithIndex,
    Stream.map(([record, index]) => row(record, { file, index }))
  )

/** CSV records as objects by column name. The first record names the columns. */
export const csvRows = (dataset: string, file: string, delimiter: string): FileRows => {
  const toRow = (header: ReadonlyArray<string>, cells: ReadonlyArray<string>, position: Position): FileRow =>
    cells.length === header.length
      ? row(Object.fromEntries(header.map((name, i) => [name, cells[i]])), position)
      : broken({
        dataset,
        message: `${formatPosition(position)}: expected ${header.length} cells (${shorten(header.join(", "))}), ` +
          `got ${cells.length}. A cell with a delimiter, a quote or a line break must be quoted.`,
        ...position
      })
  interface Seen {
    readonly header: ReadonlyArray<string> | undefined
    readonly line: number
    readonly index: number
  }
  return textOf(dataset, file).pipe(
    Stream.pipeThroughChannel(Csv.decodeString({ delimiter, maxRecordSize: Number.POSITIVE_INFINITY })),
    Stream.mapError((cause) =>
      cause._tag === "DatasetError" ? cause : new DatasetError({
        dataset,
        reason: "Syntax",
        message: `${file}:${cause.line}: ${cause.message}${
          cause.column === undefined ? "" : ` (cell ${cause.column})`
        }.`,
        file,
        line: cause.line,
        cause
      })
    ),
    Stream.mapAccumArray((): Seen => ({ header: undefined, line: 1, index: 0 }), (seen, records) => {
      let { header, index, line } = seen
      const rows: Array<FileRow> = []
      for (const cells of records) {
        const start = line
        line += 1 + lineBreaksIn(cells)
        if (cells.length === 1 && cells[0] === "") continue
        if (header === undefined) header = cells
        else rows.push(toRow(header, cells, { file, line: start, index: index++ }))
      }
      return [{ header, line, index }, rows]
    })
  )
}

/** Line breaks inside quoted cells: LF, CRLF or CR, each once. */
const lineBreaksIn = (cells: ReadonlyArray<string>): number => {
  let count = 0
  for (const cell of cells) {
    if (cell.includes("\n") || cell.includes("\r")) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0
  }
  return count
}

/**
 * The documents of a YAML file. A document that is a sequence gives its members; one that is a mapping with `examples`
 * gives those; any other document is one record. The file is read whole.
 */
export const yamlRows = (dataset: string, file: string): FileRows =>
  Stream.unwrap(Effect.gen(function*() {
    const yaml = yield* Effect.promise(() => import("yaml"))
    const text = yield* Stream.mkString(textOf(dataset, file))
    const lines = new yaml.LineCounter()
    const documents = yaml.parseAllDocuments(text, { lineCounter: lines })
    const rows: Array<FileRow> = []
    for (const document of documents) {
      const [problem] = document.errors
      if (problem !== undefined) {
        const line = problem.linePos?.[0].line
        return yield* new DatasetError({
          dataset,
          reason: "Syntax",
          message: `${file}:${line ?? 1}: expected YAML: ${problem.message.split("\n")[0]}`,
          file,
          line,
          cause: problem
        })
      }
      for (const node of examplesOf(yaml, document)) {
        rows.push(row(node.toJS(document), {
          file,
          line: lines.linePos(node.range?.[0] ?? 0).line,
          index: rows.length
        }))
      }
    }
    return Stream.fromIterable(rows)
  }))

const examplesOf = (yaml: typeof Yaml, document: Yaml.Document.Parsed): ReadonlyArray<Yaml.Node> => {
  const root: unknown = document.contents
  const examples = yaml.isMap(root) ? root.get("examples", true) : undefined
  const sequence = yaml.isSeq(root) ? root : yaml.isSeq(examples) ? examples : undefined
  return (sequence === undefined ? [root] : sequence.items).filter(yaml.isNode)
}
