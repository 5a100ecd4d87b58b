/**
 * What an evaluator says about a run, with LangSmith's names, and the one schema for all the shapes in which evaluators
 * say it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * How a key's scores are to be read and shown.
 *
 * @category models
 * @since 0.1.0
 */
export const FeedbackConfig = Schema.Struct({
  type: Schema.Literals(["continuous", "categorical", "freeform"]),
  min: Schema.optional(Schema.NullOr(Schema.Finite)),
  max: Schema.optional(Schema.NullOr(Schema.Finite)),
  categories: Schema.optional(
    Schema.NullOr(Schema.Array(Schema.Struct({
      value: Schema.Finite,
      label: Schema.optional(Schema.NullOr(Schema.String))
    })))
  )
})

/**
 * How a key's scores are to be read and shown.
 *
 * @category models
 * @since 0.1.0
 */
export type FeedbackConfig = typeof FeedbackConfig.Type

/**
 * A score: a finite number, never rounded; or a boolean.
 *
 * @category models
 * @since 0.1.0
 */
export type Score = number | boolean

/**
 * Returned by an evaluator that has nothing to say about a run: the outcome is `Skipped` with the reason.
 *
 * @category models
 * @since 0.1.0
 */
export class Skip {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

const fields = {
  /** Why, for people. */
  comment: Schema.optional(Schema.String),
  /** What the outputs should have been. */
  correction: Schema.optional(Schema.NullOr(JsonObject)),
  /** Facts about the evaluator, such as the judge's model. */
  evaluatorInfo: Schema.optional(JsonObject),
  /** How the score is to be read. */
  feedbackConfig: Schema.optional(FeedbackConfig),
  /** The run of the evaluator itself. */
  sourceRunId: Schema.optional(Schema.String),
  /** The run that the result is about, where it is not the run that was evaluated: a child run, say. */
  targetRunId: Schema.optional(Schema.String),
  metadata: Schema.optional(JsonObject),
  /** Whatever else belongs to the result. */
  extra: Schema.optional(Schema.NullOr(JsonObject))
}

/**
 * One result: a `key` with a `score` (a number or a boolean) or a `value` (a label or any other data), or both.
 *
 * @category models
 * @since 0.1.0
 */
export const EvaluationResult = Schema.Struct({
  key: Schema.String,
  score: Schema.optional(Schema.Union([Schema.Finite, Schema.Boolean])),
  value: Schema.optional(Schema.Unknown),
  ...fields
})

/**
 * One result: a `key` with a `score` (a number or a boolean) or a `value` (a label or any other data), or both.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvaluationResult extends Schema.Schema.Type<typeof EvaluationResult> {}

/**
 * One result as an evaluator returns it. At least one of `score`, `value` and `comment` is there. Without a `key` it gets
 * the name of the evaluator. A `score` of `null` with nothing else but perhaps a comment says that there is nothing to
 * score: the outcome is then `Skipped`, with the comment as the reason, never a zero. With something else to record, such
 * as a correction, it is a result without a score.
 *
 * @category models
 * @since 0.1.0
 */
export const ReturnedResult = Schema.Struct({
  key: Schema.optional(Schema.NonEmptyString),
  score: Schema.optional(Schema.NullOr(Schema.Union([Schema.Finite, Schema.Boolean]))),
  value: Schema.optional(Schema.Unknown),
  ...fields,
  comment: Schema.optional(Schema.NullOr(Schema.String))
}).check(Schema.makeFilter(
  (result) =>
    result.score !== undefined || (result.value !== undefined && result.value !== null) ||
    (result.comment !== undefined && result.comment !== null),
  { expected: "at least one of score, value and comment" }
))

/**
 * One result as an evaluator returns it.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReturnedResult extends Schema.Schema.Type<typeof ReturnedResult> {}

/**
 * One of several results; it has a key of its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyedResult extends ReturnedResult {
  readonly key: string
}

/**
 * One of several results; it has a key of its own.
 *
 * @category models
 * @since 0.1.0
 */
export const KeyedResult: Schema.Codec<KeyedResult, unknown> = ReturnedResult.pipe(
  Schema.fieldsAssign({ key: Schema.NonEmptyString })
)

/**
 * Everything an evaluator may return: a boolean, a number, a text (a label), one result, a list of results with keys, or
 * `{ results: [...] }`. The function may also return a `Promise` or an `Effect` of one of these.
 *
 * @category models
 * @since 0.1.0
 */
export const Returned = Schema.Union([
  Schema.Boolean,
  Schema.Finite,
  Schema.NonEmptyString,
  Schema.NonEmptyArray(KeyedResult),
  Schema.Struct({ results: Schema.Array(KeyedResult) }),
  ReturnedResult,
  Schema.instanceOf(Skip)
])

/**
 * Everything an evaluator may return.
 *
 * @category models
 * @since 0.1.0
 */
export type Returned =
  | boolean
  | number
  | string
  | ReturnedResult
  | ReadonlyArray<KeyedResult>
  | { readonly results: ReadonlyArray<KeyedResult> }
  | Skip

/**
 * An evaluator returned something that is not a result. `message` says what came back, where it is wrong and what is
 * accepted.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidResult extends Schema.TaggedError<InvalidResult>()("InvalidResult", {
  /** The name of the evaluator. */
  evaluator: Schema.String,
  message: Schema.String
}) {}
