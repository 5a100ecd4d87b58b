/** The options of comparisons, checked. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Summary from "../../Summary.ts"
import { unknownOptions } from "../values/options.ts"
import { formatProblems, problemsOf } from "../values/schemaMessage.ts"

const Share = Schema.Finite.check(
  Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true })
)

/**
 * How p-values are adjusted for there being several: `holm` keeps the probability of any false alarm, the others the
 * expected share of false alarms among the alarms (`benjamini-yekutieli` whatever the keys have to do with one another).
 *
 * @category options
 * @since 0.1.0
 */
export const Adjustment = Schema.Literals(["holm", "benjamini-hochberg", "benjamini-yekutieli", "none"])

/**
 * How p-values are adjusted for there being several.
 *
 * @category options
 * @since 0.1.0
 */
export type Adjustment = typeof Adjustment.Type

/**
 * How experiments are compared.
 *
 * @category options
 * @since 0.1.0
 */
export const Options = Schema.Struct({
  /** The keys to compare. Default: all that one of the experiments has. */
  keys: Schema.optional(Schema.Array(Schema.String)),
  /** Keys for which less is better, such as a distance. */
  lowerIsBetter: Schema.optional(Schema.Array(Schema.String)),
  /** How sure intervals are to hold the true difference; 1 less this is when a p-value is small. Default 0.95. */
  level: Schema.optional(Share),
  /** How rows without a score count where something failed. Default `"exclude"`: listed, but not in the difference. */
  failures: Schema.optional(Summary.FailurePolicy),
  /** Examples that have this in common are not independent of one another: questions about one document, say. */
  clusterBy: Schema.optional(Summary.GroupBy),
  /** Default `"holm"`. */
  adjustment: Schema.optional(Adjustment),
  /** How probable it shall be to find the minimum detectable effect. Default 0.8. */
  power: Schema.optional(Share),
  /** Of tests that draw at random. Default 0. */
  seed: Schema.optional(Schema.Union([Schema.Finite, Schema.String]))
})

/**
 * How experiments are compared.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Schema.Schema.Type<typeof Options> {}

/** The options with their defaults. */
export interface Resolved {
  readonly keys: ReadonlyArray<string> | undefined
  readonly lowerIsBetter: ReadonlySet<string>
  readonly level: number
  readonly failures: Summary.FailurePolicy
  readonly clusterBy: Summary.GroupBy | undefined
  readonly adjustment: Adjustment
  readonly power: number
  readonly seed: number | string
}

/**
 * Experiments cannot be compared: because of the options, or because something is missing.
 *
 * @category errors
 * @since 0.1.0
 */
export class ComparisonError extends Schema.TaggedError<ComparisonError>()("ComparisonError", {
  message: Schema.String
}) {}

const decodeOptions = Schema.decodeUnknownResult(Options, { errors: "all" })

/** Checks the options and fills in the defaults. */
export const resolveOptions = (options: Options): Result.Result<Resolved, ComparisonError> => {
  const decoded = decodeOptions(options)
  const problems = [
    ...unknownOptions(options, Object.keys(Options.fields)),
    ...(Result.isFailure(decoded) ? problemsOf(decoded.failure, options) : [])
  ]
  if (problems.length > 0) {
    return Result.fail(
      new ComparisonError({
        message: `Experiments cannot be compared with these options. ${formatProblems(problems)}.`
      })
    )
  }
  return Result.succeed({
    keys: options.keys,
    lowerIsBetter: new Set(options.lowerIsBetter),
    level: options.level ?? 0.95,
    failures: options.failures ?? "exclude",
    clusterBy: options.clusterBy,
    adjustment: options.adjustment ?? "holm",
    power: options.power ?? 0.8,
    seed: options.seed ?? 0
  })
}
