import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * A dataset could not be read, or one of its rows is not an example.
 *
 * `message` says what is wrong, where, and what to do; the other fields say the same for programs.
 *
 * @category errors
 * @since 0.1.0
 */
export class DatasetError extends Schema.TaggedError<DatasetError>()("DatasetError", {
  /** The name of the dataset. */
  dataset: Schema.String,
  reason: Schema.Literals(["Unreadable", "Syntax", "InvalidExample", "DuplicateId"]),
  /** What is wrong, where, and what to do about it. */
  message: Schema.String,
  /** The file, where there is one. */
  file: Schema.optional(Schema.String),
  /** The line in the file, from 1. */
  line: Schema.optional(Schema.Int),
  /** The position of the row in the dataset, from 0. */
  index: Schema.optional(Schema.Int),
  /** The first field that is wrong, such as `inputs.question`. */
  field: Schema.optional(Schema.String),
  cause: Schema.optional(Schema.Defect())
}) {}

/** The error of a row that stops the dataset, with the way to go on without the row. */
export const withSkipHint = (error: DatasetError): DatasetError =>
  new DatasetError({
    ...error,
    // An error's own `cause` is not enumerable, so it is not among the above.
    cause: error.cause,
    message: `${error.message} Mend the row, or leave such rows out, counted, with { onInvalid: "skip" }.`
  })

/** The error of a row with the line where the row is, where finding it takes a look into the file. */
export const withLine = (error: DatasetError, position: Position): Effect.Effect<never, DatasetError> =>
  position.line !== undefined || position.lineOf === undefined
    ? Effect.fail(error)
    : Effect.flatMap(position.lineOf(position.index), (line) =>
      Effect.fail(
        line === undefined ? error : new DatasetError({
          ...error,
          cause: error.cause,
          line,
          message: error.message.replace(formatPosition(position), () => formatPosition({ ...position, line }))
        })
      ))

/** The message of whatever was thrown. */
export const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

/** Where a row stands. */
export interface Position {
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly index: number
  /** Finds the line of a row, where it is known only by looking into the file once more. */
  readonly lineOf?: ((index: number) => Effect.Effect<number | undefined>) | undefined
}

/** Such as `tickets.jsonl:9314` or `tickets.json[9313]` or `row 9313`. */
export const formatPosition = (position: Position): string => {
  if (position.file === undefined) return `row ${position.index} (from 0)`
  return position.line === undefined
    ? `${position.file}[${position.index}]`
    : `${position.file}:${position.line}`
}
