/**
 * A dataset is a named stream of examples. It is a description: nothing is read until an evaluation runs, and then only
 * as fast as the evaluation can use it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { Pipeable } from "effect/Pipeable"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Example from "./Example.ts"
import { checkedItems, exampleAt, isLeftOut, makeDataset, readAhead, type TypeId } from "./internal/dataset/dataset.ts"
import { DatasetError, messageOf, withLine, withSkipHint } from "./internal/dataset/datasetError.ts"
import * as Files from "./internal/dataset/datasetFiles.ts"
import { makeCellDecoder, makeRowDecoder, type RowDecoder } from "./internal/dataset/datasetRows.ts"
import { OtherFields } from "./internal/dataset/fieldNames.ts"
import { optionNames, refuseUnknown } from "./internal/values/options.ts"

export { isDataset } from "./internal/dataset/dataset.ts"
export {
  assignSplits,
  concat,
  filter,
  map,
  rename,
  sample,
  shuffle,
  split,
  take
} from "./internal/dataset/datasetCombinators.ts"
export { DatasetError } from "./internal/dataset/datasetError.ts"

/**
 * A named stream of examples.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dataset<
  out Inputs,
  out ReferenceOutputs = undefined,
  out Metadata = Record<string, never>,
  out E = never,
  out R = never
> extends Pipeable {
  readonly [TypeId]: typeof TypeId
  readonly name: string
  /** Whatever names the state of the data: a tag, a date, a commit. Recorded with every experiment. */
  readonly version: string | undefined
  /** What was done to the data since it was read, such as `shuffle(seed 7)`. Recorded with every experiment. */
  readonly steps: ReadonlyArray<string>
  /** The number of examples, where it is known before reading. Progress uses it. */
  readonly size: number | undefined
  /** The examples, and the rows that were left out, in order. */
  readonly items: Stream.Stream<Item<Inputs, ReferenceOutputs, Metadata>, E, R>
}

/**
 * What a dataset streams: an example, or the reason why a row was left out (only with `onInvalid: "skip"`).
 *
 * @category models
 * @since 0.1.0
 */
export type Item<Inputs, ReferenceOutputs, Metadata> =
  | Example.Example<Inputs, ReferenceOutputs, Metadata>
  | DatasetError

/**
 * Says which fields of a record are what. A string takes the field itself, an array makes an object of the fields. A row
 * without one of them is not an example.
 *
 * @category options
 * @since 0.1.0
 */
export interface Fields {
  readonly id?: string | undefined
  readonly inputs: string | ReadonlyArray<string>
  readonly referenceOutputs?: string | ReadonlyArray<string> | undefined
  readonly metadata?: string | ReadonlyArray<string> | undefined
  readonly split?: string | undefined
}

/**
 * How the records of a source become examples.
 *
 * @category options
 * @since 0.1.0
 */
export interface RowOptions<out Inputs, out ReferenceOutputs, out Metadata, out R = never> {
  /** Whatever names the state of the data. */
  readonly version?: string | undefined
  /** Decodes the inputs; without it they are taken as they come. */
  readonly inputs?: Schema.ConstraintDecoder<Inputs, R> | undefined
  /** Decodes the reference outputs. */
  readonly referenceOutputs?: Schema.ConstraintDecoder<ReferenceOutputs, R> | undefined
  /** Decodes the metadata. */
  readonly metadata?: Schema.ConstraintDecoder<Metadata, R> | undefined
  /**
   * Which fields are what. Without it (and without `toExample`) a record is
   * `{ id?, inputs, referenceOutputs?, metadata?, split?, attachments? }`; LangSmith's `outputs` is read as
   * `referenceOutputs`. Other fields are passed over and told in the log, but one that looks like a misspelt part is an
   * error.
   */
  readonly fields?: Fields | undefined
  /** Makes the parts of an example from a record, where `fields` cannot say it. What it throws names the row. */
  readonly toExample?: ((record: unknown) => Example.Input<unknown, unknown, unknown>) | undefined
  /**
   * What a row does that is not an example: `"fail"` (the default) fails the dataset, `"skip"` leaves the row out and
   * counts it in the experiment. A file in which no further rows can be told apart (a JSON syntax error, a quote that is
   * not closed in CSV, bytes that are not UTF-8) fails either way.
   */
  readonly onInvalid?: "fail" | "skip" | undefined
}

/**
 * Options of the file readers.
 *
 * @category options
 * @since 0.1.0
 */
export interface FileOptions<out Inputs, out ReferenceOutputs, out Metadata, out R = never>
  extends RowOptions<Inputs, ReferenceOutputs, Metadata, R>
{
  /** The name of the dataset. Default: the file's name without its ending. */
  readonly name?: string | undefined
}

// -----------------------------------------------------------------------------
// constructors
// -----------------------------------------------------------------------------

/**
 * The members of an iterable, pulled as they are needed; an iterator that can be closed is, as `for ... of` does. One that
 * throws is as an example that is none: a defect, which the reading of the dataset makes the failure that names it.
 */
const pulled = <A>(name: string, iterable: Iterable<A>): Stream.Stream<A> =>
  Stream.suspend(() => {
    let index = 0
    let broken: DatasetError | undefined
    const orEnd = <B>(f: () => B): B | undefined => {
      try {
        return f()
      } catch (cause) {
        broken = new DatasetError({
          dataset: name,
          reason: "Unreadable",
          message: `The dataset ${name} threw after ${index} ${index === 1 ? "example" : "examples"}: ${
            messageOf(cause)
          }.`,
          index,
          cause
        })
        return undefined
      }
    }
    const iterator = orEnd(() => iterable[Symbol.iterator]())
    const next = (): IteratorResult<A> => {
      const result = orEnd(() => iterator?.next())
      if (result === undefined) return { done: true, value: undefined }
      index++
      return result
    }
    return Stream.fromIterable({ [Symbol.iterator]: () => ({ next }) }, { chunkSize: readAhead }).pipe(
      // What came before it is there.
      Stream.concat(Stream.suspend(() => broken === undefined ? Stream.empty : Stream.die(broken))),
      Stream.ensuring(Effect.sync(() => broken === undefined ? iterator?.return?.() : undefined))
    )
  })

/**
 * A dataset of the examples of an array or any other iterable, read lazily: a generator is pulled no further ahead than
 * the evaluation can use. The iterable is asked for a new iterator whenever the dataset is read; a generator object has
 * only one, so it gives its examples to the first reader.
 *
 * **Example** (A dataset in the program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset } from "effect-evals"
 *
 * const sums = Dataset.fromIterable("sums", [
 *   { inputs: { a: 1, b: 2 }, referenceOutputs: 3 },
 *   { inputs: { a: 2, b: 2 }, referenceOutputs: 4, split: "test" }
 * ])
 * const examples = await Effect.runPromise(Dataset.collect(sums))
 * console.log(examples.map((example) => example.referenceOutputs)) // => [ 3, 4 ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromIterable = <Inputs, ReferenceOutputs = undefined, Metadata = Record<string, never>>(
  name: string,
  examples: Iterable<Example.Input<Inputs, ReferenceOutputs, Metadata>>,
  options?: { readonly version?: string | undefined }
): Dataset<Inputs, ReferenceOutputs, Metadata> => {
  refuseUnknown(`Dataset.fromIterable(${JSON.stringify(name)})`, options, ["version"])
  return makeDataset({
    name,
    version: options?.version,
    steps: [],
    size: Array.isArray(examples) ? examples.length : undefined,
    items: Stream.map(pulled(name, examples), exampleAt(name))
  })
}

/**
 * A dataset of the examples that a stream gives.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromStream = <Inputs, E, R, ReferenceOutputs = undefined, Metadata = Record<string, never>>(
  name: string,
  examples: Stream.Stream<Example.Input<Inputs, ReferenceOutputs, Metadata>, E, R>,
  options?: { readonly version?: string | undefined; readonly size?: number | undefined }
): Dataset<Inputs, ReferenceOutputs, Metadata, E, R> => {
  refuseUnknown(`Dataset.fromStream(${JSON.stringify(name)})`, options, ["version", "size"])
  return makeDataset({
    name,
    version: options?.version,
    steps: [],
    size: options?.size,
    items: Stream.map(examples, exampleAt(name))
  })
}

/**
 * A dataset of the examples that an effect fetches.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromEffect = <Inputs, E, R, ReferenceOutputs = undefined, Metadata = Record<string, never>>(
  name: string,
  examples: Effect.Effect<Iterable<Example.Input<Inputs, ReferenceOutputs, Metadata>>, E, R>,
  options?: { readonly version?: string | undefined }
): Dataset<Inputs, ReferenceOutputs, Metadata, E, R> =>
  fromStream(name, Stream.unwrap(Effect.map(examples, (examples) => pulled(name, examples))), options)

/**
 * A dataset of records of unknown shape: each is decoded as the options say.
 *
 * **Example** (Records decoded by a schema; a broken one is left out and counted)
 *
 * ```ts
 * import { Effect, Schema, Stream } from "effect"
 * import { Dataset } from "effect-evals"
 *
 * const records: ReadonlyArray<unknown> = [{ q: "2 + 2?", a: "4" }, { q: 5 }]
 * const dataset = Dataset.fromRecords("sums", Stream.fromIterable(records), {
 *   fields: { inputs: ["q"] },
 *   inputs: Schema.Struct({ q: Schema.String }),
 *   onInvalid: "skip"
 * })
 * const items = await Effect.runPromise(Stream.runCollect(dataset.items))
 * console.log(items.map((item) => item instanceof Dataset.DatasetError ? item.field : item.inputs.q))
 * // => [ '2 + 2?', 'inputs.q' ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRecords = <E, R, Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, RD = never>(
  name: string,
  records: Stream.Stream<unknown, E, R>,
  options?: RowOptions<Inputs, ReferenceOutputs, Metadata, RD>
): Dataset<Inputs, ReferenceOutputs, Metadata, E | DatasetError, R | RD> => {
  refuseUnknownRowOptions(`Dataset.fromRecords(${JSON.stringify(name)})`, options ?? {}, rowOptionNames)
  return fromRows(
    name,
    Stream.map(records, (record, index): Files.FileRow => ({ _tag: "Record", record, position: { index } })),
    options ?? {}
  )
}

const rowOptionNames = optionNames<RowOptions<unknown, unknown, unknown, unknown>>({
  version: true,
  inputs: true,
  referenceOutputs: true,
  metadata: true,
  fields: true,
  toExample: true,
  onInvalid: true
})

const fieldOptionNames = optionNames<Fields>({
  id: true,
  inputs: true,
  referenceOutputs: true,
  metadata: true,
  split: true
})

const refuseUnknownRowOptions = (
  of: string,
  options: RowOptions<unknown, unknown, unknown, unknown>,
  names: ReadonlyArray<string>
): void => {
  refuseUnknown(of, options, names)
  refuseUnknown(`${of}, in fields,`, options.fields, fieldOptionNames)
}

/**
 * A dataset from a file with one JSON value a line. The file is streamed: a file of any length needs the memory of a few
 * lines. A row that is not an example fails the dataset (or, with `onInvalid: "skip"`, is left out and counted), naming
 * file, line, field and what was expected.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromJsonl = <Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, RD = never>(
  file: string,
  options?: FileOptions<Inputs, ReferenceOutputs, Metadata, RD>
): FileDataset<Inputs, ReferenceOutputs, Metadata, RD> => fromFile("fromJsonl", file, options ?? {}, Files.jsonlRows)

/**
 * A dataset from a JSON file: an array of examples, or an array inside the document that `pointer` (a JSON Pointer,
 * RFC 6901, such as `/data`) leads to. The array is streamed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromJson = <Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, RD = never>(
  file: string,
  options?: FileOptions<Inputs, ReferenceOutputs, Metadata, RD> & { readonly pointer?: string | undefined }
): FileDataset<Inputs, ReferenceOutputs, Metadata, RD> =>
  fromFile("fromJson", file, options ?? {}, (name) => Files.jsonRows(name, file, options?.pointer ?? ""))

/**
 * A dataset from a CSV file (RFC 4180: quoted cells may hold delimiters, quotes and line breaks). The first record names
 * the columns; `fields` says which columns are what. Cells are text; with a schema they are read as what it asks for, so
 * `Schema.Number`, `Schema.Boolean` and `Schema.Date` work as they stand, and an empty cell of an optional property is
 * a missing one. The file is streamed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromCsv = <Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, RD = never>(
  file: string,
  options: FileOptions<Inputs, ReferenceOutputs, Metadata, RD> & {
    readonly fields: Fields
    /** Default `","`. */
    readonly delimiter?: string | undefined
  }
): FileDataset<Inputs, ReferenceOutputs, Metadata, RD> =>
  fromFile(
    "fromCsv",
    file,
    options,
    (name) => Files.csvRows(name, file, options.delimiter ?? ",", columnsOf(options)),
    makeCellDecoder
  )

/** The columns that must be there; what `toExample` looks for is its own matter. */
const columnsOf = (
  { fields, toExample }: RowOptions<unknown, unknown, unknown, unknown>
): ReadonlyArray<string> =>
  toExample !== undefined || fields === undefined
    ? []
    : Object.values(fields).flat().filter((name) => name !== undefined)

/**
 * A dataset from a YAML file: a sequence of examples, a mapping with `examples`, or one document (`---`) an example. The
 * file is read whole.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromYaml = <Inputs = unknown, ReferenceOutputs = unknown, Metadata = unknown, RD = never>(
  file: string,
  options?: FileOptions<Inputs, ReferenceOutputs, Metadata, RD>
): FileDataset<Inputs, ReferenceOutputs, Metadata, RD> => fromFile("fromYaml", file, options ?? {}, Files.yamlRows)

/**
 * A dataset that is read from a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface FileDataset<out Inputs, out ReferenceOutputs, out Metadata, out R>
  extends Dataset<Inputs, ReferenceOutputs, Metadata, DatasetError, R | FileSystem.FileSystem>
{}

/** What a reader has beside the options of all. */
const ownNames = { fromJsonl: [], fromJson: ["pointer"], fromCsv: ["delimiter"], fromYaml: [] } as const

const fromFile = <Inputs, ReferenceOutputs, Metadata, RD>(
  reader: keyof typeof ownNames,
  file: string,
  options: FileOptions<Inputs, ReferenceOutputs, Metadata, RD>,
  rows: (dataset: string, file: string) => ReturnType<typeof Files.jsonlRows>,
  makeDecoder: typeof makeRowDecoder = makeRowDecoder
): FileDataset<Inputs, ReferenceOutputs, Metadata, RD> => {
  refuseUnknownRowOptions(
    `Dataset.${reader}(${JSON.stringify(file)})`,
    options,
    [...rowOptionNames, "name", ...ownNames[reader]]
  )
  const name = options.name ?? file.replace(/^.*[\\/]/, "").replace(/\.[^.]+$/, "")
  return fromRows(name, rows(name, file), options, makeDecoder)
}

const fromRows = <Inputs, ReferenceOutputs, Metadata, E, R, RD>(
  name: string,
  rows: Stream.Stream<Files.FileRow, E, R>,
  options: RowOptions<Inputs, ReferenceOutputs, Metadata, RD>,
  makeDecoder: typeof makeRowDecoder = makeRowDecoder
): Dataset<Inputs, ReferenceOutputs, Metadata, E | DatasetError, R | RD> => {
  const skip = options.onInvalid === "skip"
  const toItem = (decode: RowDecoder<Inputs, ReferenceOutputs, Metadata, RD>) => (row: Files.FileRow) => {
    const example = row._tag === "Record"
      ? Effect.catch(decode(row.record, row.position), (error) => withLine(error, row.position))
      : Effect.fail(row.error)
    return skip
      ? Effect.catch(example, (error): Effect.Effect<Item<Inputs, ReferenceOutputs, Metadata>> => Effect.succeed(error))
      : Effect.mapError(example, withSkipHint)
  }
  return makeDataset({
    name,
    version: options.version,
    steps: [],
    size: undefined,
    items: Stream.suspend(() => {
      const item = toItem(makeDecoder(name, options))
      if (options.fields !== undefined || options.toExample !== undefined) return Stream.mapEffect(rows, item)
      const others = new OtherFields()
      return Stream.mapEffect(rows, (row) => {
        if (row._tag === "Record") others.add(row.record)
        return item(row)
      }).pipe(
        Stream.concat(Stream.drain(Stream.fromEffect(Effect.suspend(() => {
          const told = others.message(name)
          return told === undefined ? Effect.void : Effect.logWarning(told)
        }))))
      )
    })
  })
}

// -----------------------------------------------------------------------------
// reading
// -----------------------------------------------------------------------------

/**
 * The examples, checked for ids that come twice. Rows that were left out are logged as warnings.
 *
 * @category reading
 * @since 0.1.0
 */
export const stream = <I, Ref, M, E, R>(
  self: Dataset<I, Ref, M, E, R>
): Stream.Stream<Example.Example<I, Ref, M>, E | DatasetError, R> =>
  checkedItems(self).pipe(
    Stream.tap((item) => isLeftOut(item) ? Effect.logWarning(`Left out: ${item.message}`) : Effect.void),
    Stream.filter((item): item is Example.Example<I, Ref, M> => !isLeftOut(item))
  )

/**
 * All examples as an array.
 *
 * @category reading
 * @since 0.1.0
 */
export const collect = <I, Ref, M, E, R>(
  self: Dataset<I, Ref, M, E, R>
): Effect.Effect<Array<Example.Example<I, Ref, M>>, E | DatasetError, R> => Stream.runCollect(stream(self))
