import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Execution from "../../Execution.ts"
import * as Summary from "../../Summary.ts"
import type * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import { TypeId as DatasetTypeId } from "../dataset/dataset.ts"
import { describe } from "../values/describe.ts"
import { formatProblems, type Problem, problemsOf } from "../values/schemaMessage.ts"
import { InvalidOptions } from "./evaluationErrors.ts"
import { TypeId as TargetTypeId } from "./target.ts"

const AtLeastOne = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/**
 * How many rows may fail: a row fails when its target or one of its evaluators fails or times out.
 *
 * @category options
 * @since 0.1.0
 */
export const FailureThreshold = Schema.Struct({
  /** So many rows may fail, and no more. */
  count: Schema.optional(Count),
  /** Such a share of all rows may fail, from 0 to 1, and no more. */
  share: Schema.optional(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  /**
   * `"early"` (the default) stops as soon as the threshold is passed; `"end"` runs all rows and judges then. A share is
   * judged early only where the dataset knows its size.
   */
  stop: Schema.optional(Schema.Literals(["early", "end"]))
})

/**
 * How many rows may fail.
 *
 * @category options
 * @since 0.1.0
 */
export interface FailureThreshold extends Schema.Schema.Type<typeof FailureThreshold> {}

/**
 * What the tokens of a model cost, per million, in a currency of your choice.
 *
 * @category options
 * @since 0.1.0
 */
export const ModelPrices = Schema.Struct({
  inputTokens: Schema.Finite,
  outputTokens: Schema.Finite
})

/**
 * What the tokens of a model cost.
 *
 * @category options
 * @since 0.1.0
 */
export interface ModelPrices extends Schema.Schema.Type<typeof ModelPrices> {}

/**
 * The options of a run that are plain data: what a configuration file or a command line can say.
 *
 * @category options
 * @since 0.1.0
 */
export const Settings = Schema.Struct({
  /** The name of the experiment. Default: the name of the evaluation and a part of the experiment's id. */
  name: Schema.optional(Schema.NonEmptyString),
  description: Schema.optional(Schema.String),
  tags: Schema.optional(Schema.Array(Schema.String)),
  /** Whatever is to be known about the experiment. */
  metadata: Schema.optional(Schema.Record(Schema.String, Schema.Unknown)),
  /** How often each example is run. Default 1. */
  repetitions: Schema.optional(AtLeastOne),
  /** How many targets may run at once. Default 16. */
  concurrency: Schema.optional(AtLeastOne),
  /** How many evaluators may run at once, over all rows. Default: as many as targets, but at least 16. */
  evaluatorConcurrency: Schema.optional(AtLeastOne),
  /** Whether rows are emitted as they finish (the default) or in input order. */
  order: Schema.optional(Schema.Literals(["completion", "input"])),
  /** How many rows may fail before the run does. Default: all. A number is a count. */
  maxFailures: Schema.optional(Schema.Union([Count, FailureThreshold])),
  /** Whether to collect the spans of the target and of evaluators as child runs. Default `true`. */
  runTrees: Schema.optional(Schema.Boolean),
  /** How the rows are summed up: intervals, groups, repetitions, and what failures count as. */
  summaries: Schema.optional(Summary.Options),
  /** What tokens cost, by the name of the model as spans give it. Where a span says what it cost, that counts. */
  prices: Schema.optional(Schema.Record(Schema.String, ModelPrices)),
  /** Whether to keep the rows for the experiment. Default: `true` for `run`, `false` for `stream`. */
  keepRows: Schema.optional(Schema.Boolean)
})

/**
 * The options of a run that are plain data.
 *
 * @category options
 * @since 0.1.0
 */
export interface Settings extends Schema.Schema.Type<typeof Settings> {}

/** The settings with their defaults. */
export interface Resolved {
  readonly repetitions: number
  readonly concurrency: number
  readonly evaluatorConcurrency: number
  readonly ordered: boolean
  readonly threshold: FailureThreshold | undefined
  readonly runTrees: boolean
  readonly keepRows: boolean
}

const defaultConcurrency = 16

const decodeSettings = Schema.decodeUnknownResult(Settings, { errors: "all" })

/** The settings with their defaults. */
export const resolveSettings = (settings: Settings): Resolved => {
  const { concurrency = defaultConcurrency, maxFailures } = settings
  return {
    repetitions: settings.repetitions ?? 1,
    concurrency,
    evaluatorConcurrency: settings.evaluatorConcurrency ?? Math.max(concurrency, defaultConcurrency),
    ordered: settings.order === "input",
    threshold: typeof maxFailures === "number" ? { count: maxFailures } : maxFailures,
    runTrees: settings.runTrees ?? true,
    keepRows: settings.keepRows ?? true
  }
}

/** What is wrong with the settings. */
export const settingProblems = (settings: Settings): ReadonlyArray<Problem> => {
  const decoded = decodeSettings(settings)
  return Result.isFailure(decoded) ? problemsOf(decoded.failure, settings) : []
}

/** What is wrong with the parts of an evaluation: JavaScript lets through what the types do not. */
export const partProblems = (
  { data, target }: { readonly data: unknown; readonly target: unknown }
): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  if (!Predicate.hasProperty(data, DatasetTypeId)) {
    problems.push({
      path: "data",
      expected: `expected a Dataset, got ${describe(data)}; a list becomes one with Dataset.fromIterable(name, list)`
    })
  }
  if (!Predicate.hasProperty(target, TargetTypeId)) {
    problems.push({ path: "target", expected: `expected a function or a Target, got ${describe(target)}` })
  }
  return problems
}

/** What is wrong with the limits that `of` has; the types check neither durations nor numbers. */
export const limitProblems = (
  of: string,
  limits: Execution.Options & Pick<SummaryEvaluator.Options, "totalTimeout">
): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  for (const name of ["timeout", "rowTimeout", "totalTimeout", "gracePeriod"] as const) {
    const input = limits[name]
    if (input !== undefined && !isPositive(input)) {
      problems.push({
        path: `${of}${name}`,
        expected: `expected a positive duration such as "30 seconds", got ${describe(input)}`
      })
    }
  }
  const { concurrency, rateLimit } = limits
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    problems.push({
      path: `${of}concurrency`,
      expected: `expected an integer of at least 1, got ${describe(concurrency)}`
    })
  }
  if (rateLimit !== undefined && !(rateLimit.limit > 0 && isPositive(rateLimit.window))) {
    problems.push({ path: `${of}rateLimit`, expected: "expected a positive limit and a positive window" })
  }
  return problems
}

const isPositive = (input: Duration.Input): boolean =>
  Option.exists(Duration.fromInput(input), (duration) => Duration.isGreaterThan(duration, Duration.zero))

/** The error that names the problems. */
export const invalidOptions = (evaluation: string, problems: ReadonlyArray<Problem>): InvalidOptions =>
  new InvalidOptions({
    evaluation,
    message: `The evaluation ${evaluation} cannot run with these options. ${formatProblems(problems)}.`
  })
