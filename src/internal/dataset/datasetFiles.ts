/** Streams of records from files, each with its position. Nothing here knows what an example is. */
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as JsonArray from "effect/encoding/JsonArray"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import type * as Yaml from "yaml"
import { describe, shorten } from "../values/describe.ts"
import { meantOf } from "../values/meantOf.ts"
import { DatasetError, formatPosition, messageOf, type Position } from "./datasetError.ts"
import { makeElementLines } from "./jsonLines.ts"

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

/** The text of a file as it is read. */
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
    decodeUtf8(dataset, file)
  )

/** A byte order mark at the start is dropped by the decoder. Bytes that are not UTF-8 fail; they would become `\uFFFD`. */
const decodeUtf8 = (dataset: string, file: string) => <R>(bytes: Stream.Stream<Uint8Array, DatasetError, R>) =>
  Stream.suspend(() => {
    const decoder = new TextDecoder("utf-8", { fatal: true })
    let line = 1
    const decode = (chunk: Uint8Array | undefined) =>
      Effect.try({
        try: () => {
          const text = decoder.decode(chunk, { stream: chunk !== undefined })
          line += lineFeedsIn(text)
          return text
        },
        catch: (cause) => {
          line += chunk === undefined ? 0 : linesBeforeInvalid(chunk)
          return new DatasetError({
            dataset,
            reason: "Unreadable",
            message: `${file}:${line}: expected UTF-8 text, got other bytes. Convert the file, such as with ` +
              `iconv -f WINDOWS-1252 -t UTF-8.`,
            file,
            line,
            cause
          })
        }
      })
    return Stream.concat(Stream.mapEffect(bytes, decode), Stream.fromEffect(Effect.suspend(() => decode(undefined))))
  })

const lineFeedsIn = (text: string): number => {
  let count = 0
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++
  return count
}

/** The number of whole lines of a chunk before the one that is not UTF-8. */
const linesBeforeInvalid = (chunk: Uint8Array): number => {
  // The chunk may begin with the rest of a character.
  let start = Math.max(0, chunk.findIndex((byte) => (byte & 0xc0) !== 0x80))
  for (let lines = 0;; lines++) {
    const end = chunk.indexOf(10, start)
    try {
      // It may as well end in the middle of one.
      new TextDecoder("utf-8", { fatal: true })
        .decode(chunk.subarray(start, end === -1 ? chunk.length : end), { stream: end === -1 })
    } catch {
      return lines
    }
    // No line is wrong by itself, so it was the beginning.
    if (end === -1) return 0
    start = end + 1
  }
}

/** One JSON value a line. Blank lines are allowed and keep their line numbers. */
export const jsonlRows = (dataset: string, file: string): FileRows => {
  const parse = (text: string, position: Position): FileRow => {
    try {
      return row(JSON.parse(text), position)
    } catch (cause) {
      return broken({
        dataset,
        message: `${formatPosition(position)}: expected one JSON value on the line: ${jsonProblem(cause)}. ` +
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

/** What is wrong with a JSON text. The parser counts lines from the beginning of the text, which is not that of the file. */
const jsonProblem = (cause: unknown): string =>
  messageOf(cause).replace(
    / in JSON at position \d+(?: \(line (\d+) column (\d+)\))?$/,
    (_, line, column) => line === "1" ? ` in column ${column}` : ""
  )

/** The elements of one JSON array: the root, or the one that a JSON Pointer (RFC 6901) leads to. */
export const jsonRows = (dataset: string, file: string, pointer: string): FileRows => {
  const invalid = Effect.fnUntraced(function*(cause: JsonArray.JsonArrayError) {
    const line = yield* lineOf(dataset, file, cause.offset ?? 0)
    const where = line === undefined ? file : `${file}:${line}`
    const what = `a JSON array of examples${pointer === "" ? "" : ` at ${pointer}`}`
    const why = cause.cause === undefined ? cause.message : `${cause.message}: ${jsonProblem(cause.cause)}`
    const hint = ` If it stands elsewhere in the file, say where with { pointer: "/path" }.`
    return yield* new DatasetError({
      dataset,
      reason: "Syntax",
      message: `${where}: expected ${what}, at character ${cause.offset}: ${why}.${
        cause.kind === "Pointer" ? hint : ""
      }`,
      file,
      line,
      cause
    })
  })
  // Here, so that a pointer that is none is refused when the dataset is made.
  const elements = JsonArray.decodeString<DatasetError>({ pointer, maxElementSize: Number.POSITIVE_INFINITY })
  return Stream.unwrap(Effect.map(elementLines(dataset, file, pointer), (lineOf) =>
    textOf(dataset, file).pipe(
      Stream.pipeThroughChannel(elements),
      Stream.catchTag("JsonArrayError", (cause) => Stream.fromEffect(invalid(cause))),
      Stream.zipWithIndex,
      Stream.map(([record, index]) => row(record, { file, index, lineOf }))
    )))
}

/** Finds the lines of elements. Nothing but a row that is wrong asks for one, and then the file is read once more. */
const elementLines = Effect.fnUntraced(function*(dataset: string, file: string, pointer: string) {
  const fileSystem = yield* FileSystem.FileSystem
  const lines = yield* Effect.cached(
    Effect.gen(function*() {
      const { type } = yield* fileSystem.stat(file)
      if (type !== "File") return []
      const found = makeElementLines(pointer)
      yield* Stream.runForEach(textOf(dataset, file), (text) => Effect.sync(() => found.add(text)))
      return found.lines
    }).pipe(
      Effect.orElseSucceed((): ReadonlyArray<number> => []),
      Effect.provideService(FileSystem.FileSystem, fileSystem)
    )
  )
  return (index: number) => Effect.map(lines, (lines) => lines[index])
})

/** The line of a character. Nothing but an error asks for it, so the file is read once more; a pipe cannot be. */
const lineOf = (dataset: string, file: string, offset: number) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const { type } = yield* fileSystem.stat(file)
    if (type !== "File") return undefined
    return yield* textOf(dataset, file).pipe(
      Stream.mapAccum(() => offset, (left, text) => [left - text.length, [text.slice(0, Math.max(0, left))]]),
      Stream.takeWhile((text) => text !== ""),
      Stream.runFold(() => 1, (line, text) => line + lineFeedsIn(text))
    )
  }).pipe(Effect.orElseSucceed(() => undefined))

/** CSV records as objects by column name. The first record names the columns, which must be there. */
export const csvRows = (
  dataset: string,
  file: string,
  delimiter: string,
  columns: ReadonlyArray<string>
): FileRows => {
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
        message: `${file}:${cause.line}: expected CSV: ${cause.message}${
          cause.column === undefined ? "" : ` (cell ${cause.column})`
        }. A cell with a delimiter, a quote or a line break must be quoted, and its quotes doubled.`,
        file,
        line: cause.line,
        cause
      })
    ),
    Stream.mapAccumArrayEffect((): Seen => ({ header: undefined, line: 1, index: 0 }), (seen, records) => {
      let { header, index, line } = seen
      const rows: Array<FileRow> = []
      for (const cells of records) {
        const start = line
        line += 1 + lineBreaksIn(cells)
        if (cells.length === 1 && cells[0] === "") continue
        if (header === undefined) {
          const twice = firstRepeated(cells)
          if (twice !== undefined) return Effect.fail(repeatedColumn(dataset, file, start, twice))
          const missing = columns.find((name) => !cells.includes(name))
          if (missing !== undefined) return Effect.fail(missingColumn(dataset, file, start, missing, cells))
          header = cells
        } else rows.push(toRow(header, cells, { file, line: start, index: index++ }))
      }
      return Effect.succeed([{ header, line, index }, rows] as const)
    })
  )
}

/** Columns without a name may be many, since nobody can ask for them: spreadsheets leave such behind. */
const firstRepeated = (names: ReadonlyArray<string>): string | undefined =>
  names.find((name, i) => name !== "" && names.indexOf(name) !== i)

const repeatedColumn = (dataset: string, file: string, line: number, name: string): DatasetError =>
  new DatasetError({
    dataset,
    reason: "Syntax",
    message: `${file}:${line}: expected columns with different names, got ${describe(name)} twice. Rename one of them.`,
    file,
    line,
    field: name
  })

/** No row has the column then, so that leaving out rows would leave out all. */
const missingColumn = (
  dataset: string,
  file: string,
  line: number,
  name: string,
  columns: ReadonlyArray<string>
): DatasetError => {
  const meant = meantOf(name, columns)
  return new DatasetError({
    dataset,
    reason: "InvalidExample",
    message:
      `${file}:${line}: there is no column ${describe(name)}${
        meant === undefined ? "." : `; did you mean ${describe(meant)}?`
      } The columns are ${shorten(columns.map(describe).join(", "), 200)}. Mend { fields } or, if these are not the ` +
      `columns, { delimiter }.`,
    file,
    line,
    field: name
  })
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
    const documents = yaml.parseAllDocuments(text, { lineCounter: lines, merge: true })
    const rows: Array<FileRow> = []
    for (const document of documents) {
      const [problem] = document.errors
      if (problem !== undefined) {
        const line = problem.linePos?.[0].line
        const why = problem.message.replace(/ at line \d+, column \d+:.*$/s, "")
        return yield* new DatasetError({
          dataset,
          reason: "Syntax",
          message: `${file}:${line ?? 1}: expected YAML: ${why}.`,
          file,
          line,
          cause: problem
        })
      }
      for (const node of examplesOf(yaml, document)) {
        const position = { file, line: lines.linePos(node.range?.[0] ?? 0).line, index: rows.length }
        rows.push(yamlRow(dataset, document, node, position))
      }
    }
    return Stream.fromIterable(rows)
  }))

/** An alias is resolved when its value is asked for: it may have no anchor, or be one of too many. */
const yamlRow = (dataset: string, document: Yaml.Document.Parsed, node: Yaml.Node, position: Position): FileRow => {
  try {
    return row(node.toJS(document), position)
  } catch (cause) {
    return broken({
      dataset,
      message: `${formatPosition(position)}: expected YAML: ${messageOf(cause)}.`,
      ...position,
      cause
    })
  }
}

/** An empty document, as `---` at the end leaves it, has none. */
const examplesOf = (yaml: typeof Yaml, document: Yaml.Document.Parsed): ReadonlyArray<Yaml.Node> => {
  const root: unknown = document.contents
  if (yaml.isScalar(root) && root.value === null) return []
  const examples = yaml.isMap(root) ? root.get("examples", true) : undefined
  const sequence = yaml.isSeq(root) ? root : yaml.isSeq(examples) ? examples : undefined
  return (sequence === undefined ? [root] : sequence.items).filter(yaml.isNode)
}
