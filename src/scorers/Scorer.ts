/**
 * What all scorers have in common: how the values to compare are selected, and the error for values that cannot be
 * scored.
 *
 * A scorer is a function that gives an `Evaluator` of the core. Without options it compares `outputs` with
 * `referenceOutputs`, whatever their types are, so it fits every evaluation; a value of another type than it can score is
 * an `UnusableValue`, which makes the outcome `Failed`, never a score of 0. Where the measure is undefined, the outcome is
 * `Skipped` with the reason.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as Evaluator from "../Evaluator.ts"
import type * as Row from "../Row.ts"

/**
 * Takes what to score from what an evaluator is given.
 *
 * @category models
 * @since 0.1.0
 */
export type Select<in Inputs, in Outputs, in ReferenceOutputs, in Metadata> = (
  args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>
) => unknown

/**
 * Data that stands in the options itself, the same for all rows.
 *
 * @category models
 * @since 0.1.0
 */
export type Constant =
  | string
  | number
  | boolean
  | null
  | Date
  | ReadonlyArray<unknown>
  | { readonly [key: string]: unknown }

/**
 * Options of scorers that look at one value.
 *
 * @category options
 * @since 0.1.0
 */
export interface SingleOptions<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never
> {
  /** The key of the results. Two scorers in one list need two keys. Default: the name of the scorer. */
  readonly key?: string | undefined
  /** What is scored. Default: `outputs`. */
  readonly actual?: Select<Inputs, Outputs, ReferenceOutputs, Metadata> | undefined
  /** Which runs to score. The others are `Skipped`. */
  readonly when?: ((args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => boolean) | undefined
}

/**
 * Options of scorers that compare two values.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<in Inputs = never, in Outputs = never, in ReferenceOutputs = never, in Metadata = never>
  extends SingleOptions<Inputs, Outputs, ReferenceOutputs, Metadata>
{
  /** What it is held against: a function, or the value itself. Default: `referenceOutputs`. */
  readonly expected?: Select<Inputs, Outputs, ReferenceOutputs, Metadata> | Constant | undefined
}

/**
 * What a selector of a summary scorer is given, for each row whose run succeeded.
 *
 * @category models
 * @since 0.1.0
 */
export interface SummaryRow<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown
> {
  readonly inputs: Inputs
  readonly outputs: Outputs
  readonly referenceOutputs: ReferenceOutputs
  /** The metadata of the example. */
  readonly metadata: Metadata
  /** The row itself: `Row.score(row, "judge")` is what an evaluator made of it. */
  readonly row: Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>
}

/**
 * Options of scorers that judge all rows together. Each repetition of an example is a row of its own; rows whose run
 * failed are left out, and the comment counts them.
 *
 * @category options
 * @since 0.1.0
 */
export interface SummaryOptions<
  in Inputs = never,
  in Outputs = never,
  in ReferenceOutputs = never,
  in Metadata = never
> {
  /** The key of the results, or what their keys begin with where there are several. Default: the name of the scorer. */
  readonly key?: string | undefined
  /** What is scored. Default: `outputs`. */
  readonly actual?: ((row: SummaryRow<Inputs, Outputs, ReferenceOutputs, Metadata>) => unknown) | undefined
  /** What it is held against. Default: `referenceOutputs`. */
  readonly expected?: ((row: SummaryRow<Inputs, Outputs, ReferenceOutputs, Metadata>) => unknown) | undefined
  /** Which rows to look at. Default: all whose run succeeded. */
  readonly when?: ((row: SummaryRow<Inputs, Outputs, ReferenceOutputs, Metadata>) => boolean) | undefined
}

/**
 * A value is missing, or is not of a type that the scorer can score. `message` says which scorer, which value, what it is
 * and what is wanted.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnusableValue extends Schema.TaggedError<UnusableValue>()("UnusableValue", {
  /** The key of the scorer. */
  scorer: Schema.String,
  part: Schema.Literals(["actual", "expected"]),
  message: Schema.String
}) {}
