/** From a record (a JSON object, a CSV row) to an example: which fields are what, and whether they are as they should be. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as Attachment from "../../Attachment.ts"
import type * as Dataset from "../../Dataset.ts"
import type * as Example from "../../Example.ts"
import { describe } from "../values/describe.ts"
import { meantOf } from "../values/meantOf.ts"
import { formatProblems, pathsOf, type Problem, problemsOf } from "../values/schemaMessage.ts"
import { DatasetError, formatPosition, messageOf, type Position } from "./datasetError.ts"
import { makeExample } from "./example.ts"
import { misspelt, otherFields } from "./fieldNames.ts"

/** Turns one record into an example, or says what is wrong with it. */
export type RowDecoder<I, Ref, M, R> = (
  record: unknown,
  position: Position
) => Effect.Effect<Example.Example<I, Ref, M>, DatasetError, R>

type AnyInput = Example.Input<unknown, unknown, unknown>

/** The decoder for what the options say. Schemas are compiled here, once. */
export const makeRowDecoder = <I, Ref, M, R>(
  dataset: string,
  options: Dataset.RowOptions<I, Ref, M, R>
): RowDecoder<I, Ref, M, R> => rowDecoder(dataset, options, decodeValue)

/** The same for records of text, as CSV has them: the schemas read a number from `"5"`, a boolean from `"true"`. */
export const makeCellDecoder = <I, Ref, M, R>(
  dataset: string,
  options: Dataset.RowOptions<I, Ref, M, R>
): RowDecoder<I, Ref, M, R> => rowDecoder(dataset, options, decodeCells)

type Decode<R> = (value: unknown) => Effect.Effect<unknown, Schema.SchemaError, R>

const decodeValue = <R>(schema: Schema.ConstraintDecoder<unknown, R>): Decode<R> => {
  const decode = Schema.decodeUnknownEffect(schema, { errors: "all" })
  return (value) => value === null ? orNothing(decode, value) : decode(value)
}

const decodeCells = <R>(schema: Schema.ConstraintDecoder<unknown, R>): Decode<R> => {
  const codec = Schema.toCodecStringTree(schema)
  const decodeStrictly: Decode<R> = Schema.decodeUnknownEffect(codec, { errors: "all" })
  const decode: Decode<R> = (value) =>
    Effect.catch(decodeStrictly(value), (error) => {
      const lower = withLowerBooleans(value, pathsOf(error))
      return lower === value ? Effect.fail(error) : Effect.mapError(decodeStrictly(lower), () => error)
    })
  const optional = optionalKeys(SchemaAST.toEncoded(codec.ast))
  return (value) =>
    value === ""
      ? orNothing(decode, value)
      : decode(optional.size > 0 && Predicate.isObject(value) ? withoutEmpty(value, optional) : value)
}

/** Spreadsheets write `TRUE`, Python `True`; where a cell is wrong because of that, it is read as `true`. */
const withLowerBooleans = (value: unknown, paths: ReadonlyArray<ReadonlyArray<PropertyKey>>): unknown => {
  const lower = (cell: unknown): unknown =>
    typeof cell === "string" && /^(true|false)$/i.test(cell) ? cell.toLowerCase() : cell
  if (!Predicate.isObject(value)) return lower(value)
  const wrong = new Set(paths.map(([name]) => name))
  const changed = Object.entries(value).filter(([name, cell]) => wrong.has(name) && lower(cell) !== cell)
  return changed.length === 0
    ? value
    : { ...value, ...Object.fromEntries(changed.map(([name, cell]) => [name, lower(cell)])) }
}

/** `null` and empty cells stand for nothing wherever the schema does not take them for themselves. */
const orNothing = <R>(decode: Decode<R>, value: unknown): Effect.Effect<unknown, Schema.SchemaError, R> =>
  Effect.catch(decode(value), (error) => Effect.mapError(decode(undefined), () => error))

const optionalKeys = (ast: SchemaAST.AST): ReadonlySet<PropertyKey> =>
  new Set(
    SchemaAST.isObjects(ast)
      ? ast.propertySignatures.filter(({ type }) => SchemaAST.isOptional(type)).map(({ name }) => name)
      : []
  )

/** CSV cannot tell an empty cell from a missing one. */
const withoutEmpty = (cells: Record<string, unknown>, optional: ReadonlySet<PropertyKey>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(cells).filter(([name, cell]) => cell !== "" || !optional.has(name)))

const rowDecoder = <I, Ref, M, R>(
  dataset: string,
  options: Dataset.RowOptions<I, Ref, M, R>,
  decoderOf: (schema: Schema.ConstraintDecoder<unknown, R>) => Decode<R>
): RowDecoder<I, Ref, M, R> => {
  const toInput = inputReader(options)
  const parts = (["inputs", "referenceOutputs", "metadata"] as const).flatMap((part) => {
    const schema = options[part]
    return schema === undefined ? [] : [{ part, decode: decoderOf(schema) }]
  })

  const invalid = (position: Position, problems: readonly [Problem, ...Array<Problem>], cause?: unknown) =>
    new DatasetError({
      dataset,
      reason: "InvalidExample",
      message: `${formatPosition(position)}: ${formatProblems(problems)}.`,
      file: position.file,
      line: position.line,
      index: position.index,
      field: problems[0].path === "" ? undefined : problems[0].path,
      cause
    })

  return Effect.fnUntraced(function*(record, position) {
    const read = toInput(record)
    if (isProblem(read)) return yield* invalid(position, [read], read.cause)
    const decodedParts: { inputs?: unknown; referenceOutputs?: unknown; metadata?: unknown } = {}
    const problems: Array<Problem> = []
    for (const { part, decode } of parts) {
      const decoded = yield* Effect.result(decode(read[part]))
      if (decoded._tag === "Success") decodedParts[part] = decoded.success
      else problems.push(...problemsOf(decoded.failure, read[part], [part]))
    }
    const [first, ...rest] = problems
    if (first !== undefined) return yield* invalid(position, [first, ...rest])
    const example = yield* Effect.try({
      try: () =>
        makeExample({
          ...read,
          referenceOutputs: read.referenceOutputs ?? undefined,
          metadata: read.metadata ?? undefined,
          ...decodedParts
        }, position),
      catch: (cause) => invalid(position, [{ path: "", expected: messageOf(cause) }], cause)
    })
    // The schemas above made the parts what the type says; without a schema the types are `unknown` or `undefined`.
    return example as Example.Example<I, Ref, M>
  })
}

interface ReadProblem extends Problem {
  readonly problem: true
  readonly cause?: unknown
}

const isProblem = (read: AnyInput | ReadProblem): read is ReadProblem => "problem" in read

const problem = (path: string, expected: string, cause?: unknown): ReadProblem => ({
  problem: true,
  path,
  expected,
  cause
})

const inputReader = (options: Pick<Dataset.RowOptions<unknown, unknown, unknown>, "fields" | "toExample">) => {
  if (options.toExample !== undefined) return readWith(options.toExample)
  if (options.fields !== undefined) return readFields(options.fields)
  return readStandard
}

const didYouMean = (meant: string | undefined): string => meant === undefined ? "" : `; did you mean ${meant}?`

const readWith = (toExample: (record: unknown) => AnyInput) => (record: unknown): AnyInput | ReadProblem => {
  let made: unknown
  try {
    made = toExample(record)
  } catch (cause) {
    return problem("", `toExample failed: ${messageOf(cause)}`, cause)
  }
  // A record is of unknown shape, so what is made of it is checked as well.
  return Predicate.hasProperty(made, "inputs")
    ? readStandard(made)
    : problem("", `expected toExample to return { inputs, ... }, got ${describe(made)}`)
}

const readFields = (fields: Dataset.Fields) => (record: unknown): AnyInput | ReadProblem => {
  if (!Predicate.isObject(record)) return problem("", `expected an object, got ${describe(record)}`)
  const missing = Object.values(fields).flat().find((name) => name !== undefined && !Object.hasOwn(record, name))
  if (missing !== undefined) {
    return problem(
      missing,
      `missing; the row is ${describe(record)}${didYouMean(meantOf(missing, Object.keys(record)))}`
    )
  }
  return standardInput({
    id: fields.id === undefined ? undefined : record[fields.id],
    inputs: pick(record, fields.inputs),
    referenceOutputs: fields.referenceOutputs === undefined ? undefined : pick(record, fields.referenceOutputs),
    metadata: fields.metadata === undefined ? undefined : pick(record, fields.metadata),
    split: fields.split === undefined ? undefined : record[fields.split],
    attachments: undefined
  })
}

const pick = (record: Record<PropertyKey, unknown>, names: string | ReadonlyArray<string>): unknown =>
  typeof names === "string" ? record[names] : Object.fromEntries(names.map((name) => [name, record[name]]))

/** `{ id, inputs, referenceOutputs, metadata, split }`; LangSmith's `outputs` and `splits` are read as well. */
const readStandard = (record: unknown): AnyInput | ReadProblem => {
  if (!Predicate.isObject(record)) return problem("", `expected an object, got ${describe(record)}`)
  for (const name of otherFields(record)) {
    const meant = misspelt(record, name)
    if (meant !== undefined) {
      return problem(name, `no part of an example${didYouMean(meant)} If it is not, give it another name`)
    }
  }
  if (!Object.hasOwn(record, "inputs")) {
    return problem(
      "inputs",
      `missing; the row is ${describe(record)}. If its fields have other names, say which are what with ` +
        `{ fields: { inputs: [...], referenceOutputs: [...] } }`
    )
  }
  return standardInput({
    id: record["id"],
    inputs: record["inputs"],
    referenceOutputs: record["referenceOutputs"] ?? record["outputs"],
    metadata: record["metadata"],
    split: record["split"] ?? record["splits"],
    attachments: record["attachments"]
  })
}

const isAttachments = (value: unknown): value is Example.Example["attachments"] =>
  Predicate.isObject(value) &&
  Object.values(value).every((file) => Predicate.hasProperty(file, "bytes") && Effect.isEffect(file.bytes))

/** Files of the `Attachment` module, or as JSON has them: `{ "<name>": { "mimeType": "...", "data": "<Base64>" } }`. */
const filesOf = (value: unknown): { readonly attachments: Example.Example["attachments"] } | ReadProblem => {
  if (isAttachments(value)) return { attachments: value }
  if (!Predicate.isObject(value)) return problem("attachments", `expected files by name, got ${describe(value)}`)
  const attachments: Record<string, Attachment.Attachment> = {}
  for (const [name, file] of Object.entries(value)) {
    const bytes = Predicate.hasProperty(file, "data") && typeof file.data === "string" && isMimeType(file)
      ? Base64.decode(file.data)
      : undefined
    if (bytes === undefined || Result.isFailure(bytes) || !isMimeType(file)) {
      return problem(
        `attachments.${name}`,
        `expected { mimeType, data } with the bytes as Base64, got ${describe(file)}; files elsewhere are read with ` +
          `{ toExample } and the Attachment module`
      )
    }
    attachments[name] = Attachment.fromBytes(bytes.success, { mimeType: file.mimeType })
  }
  return { attachments }
}

const isMimeType = (file: unknown): file is { readonly mimeType: string } =>
  Predicate.hasProperty(file, "mimeType") && typeof file.mimeType === "string"

const standardInput = (fields: { readonly [K in keyof AnyInput]-?: unknown }): AnyInput | ReadProblem => {
  const { attachments, id, inputs, metadata, referenceOutputs, split } = fields
  const given = id === undefined || id === null || id === "" ? undefined : id
  if (given !== undefined && typeof given !== "string" && typeof given !== "number") {
    return problem("id", `expected a string or a number, got ${describe(given)}`)
  }
  const splits = split ?? undefined
  if (splits !== undefined && typeof splits !== "string" && !isStrings(splits)) {
    return problem("split", `expected a string or an array of strings, got ${describe(splits)}`)
  }
  const files = attachments === undefined || attachments === null ? undefined : filesOf(attachments)
  if (files !== undefined && "problem" in files) return files
  return {
    id: given === undefined ? undefined : String(given),
    inputs,
    referenceOutputs,
    metadata,
    split: splits === "" ? undefined : splits,
    attachments: files?.attachments
  }
}

const isStrings = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((member) => typeof member === "string")
