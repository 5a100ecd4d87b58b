/**
 * The configuration of a project, which `effect-evals.config.ts` exports. Flags and variables of the environment
 * (`EFFECT_EVALS_CONCURRENCY=4`) say the same things. They count first, then what an entry says, then the configuration.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Comparison from "../Comparison.ts"
import * as Gate from "../Gate.ts"
import { FailureThreshold, Settings } from "../internal/engine/settings.ts"
import { readDuration } from "../internal/values/durationText.ts"
import { readFailures } from "./internal/failuresText.ts"
import { readFilter } from "./internal/filterText.ts"

const AtLeastOne = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** Milliseconds, or a text such as `30s` or `5 minutes`. */
const Duration = Schema.Union([
  Schema.Finite.check(Schema.isGreaterThan(0)),
  Schema.String.check(Schema.makeFilter((text: string) => (readDuration(text) ?? 0) > 0, {
    expected: "a duration such as 30s or 5 minutes"
  }))
])

const MaxFailures = Schema.Union([
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  FailureThreshold,
  Schema.String.check(Schema.makeFilter((text: string) => readFailures(text) !== undefined, {
    expected: "a count such as 10, or a share such as 5%"
  }))
])

const Filter = Schema.String.check(Schema.makeFilter((text: string) => readFilter(text) !== undefined, {
  expected: "a condition such as split=test, metadata.topic!=spam or inputs.question~refund"
}))

/**
 * The formats of reports: a page, Markdown for a pull request, JUnit XML, JSON, rows as JSON lines, rows as CSV.
 *
 * @category models
 * @since 0.1.0
 */
export const ReportFormat = Schema.Literals(["html", "md", "junit", "json", "jsonl", "csv"])

/**
 * The formats of reports.
 *
 * @category models
 * @since 0.1.0
 */
export type ReportFormat = typeof ReportFormat.Type

/**
 * What a run can be told by flags, the environment and the configuration. The options of `Evaluation.Settings` mean what
 * they mean there.
 *
 * @category models
 * @since 0.1.0
 */
export const RunOptions = Schema.Struct({
  ...Settings.fields,
  maxFailures: Schema.optional(MaxFailures),
  /** How long one attempt of the target may take. */
  timeout: Schema.optional(Duration),
  /** How long one row may take, all attempts included. */
  rowTimeout: Schema.optional(Duration),
  /** Only examples for which all of these hold, such as `split=test`. */
  filter: Schema.optional(Schema.Array(Filter)),
  /** Only so many examples, the first ones. */
  limit: Schema.optional(AtLeastOne),
  /** Only so many examples, drawn at random. */
  sample: Schema.optional(AtLeastOne),
  /** The seed of `sample`. Default `"1"`. */
  seed: Schema.optional(Schema.Union([Schema.String, Schema.Finite])),
  /** What has to hold: gates, or texts as `Gate.parse` reads them. */
  gate: Schema.optional(Schema.Array(Schema.Union([Schema.String, Gate.Gate]))),
  /** Whether a gate that the data do not decide is no failure. Default `false`. */
  allowInconclusive: Schema.optional(Schema.Boolean),
  /** The experiment to compare with: an id, a name, a file, or `latest`. */
  baseline: Schema.optional(Schema.NonEmptyString),
  /** How it is compared with the baseline. */
  comparison: Schema.optional(Comparison.Options),
  /** Which reports to write. Default: none. */
  report: Schema.optional(Schema.Array(ReportFormat)),
  /** When a row passes in JUnit reports, by key, such as `correct >= 0.5`. Default: unless its score is `false`. */
  thresholds: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /** The directory for reports. Default `evals-reports`. */
  out: Schema.optional(Schema.NonEmptyString)
})

/**
 * What a run can be told by flags, the environment and the configuration.
 *
 * @category models
 * @since 0.1.0
 */
export interface RunOptions extends Schema.Schema.Type<typeof RunOptions> {}

/**
 * The configuration of a project. Paths are relative to the file that it stands in.
 *
 * @category models
 * @since 0.1.0
 */
export const Config = Schema.Struct({
  ...RunOptions.fields,
  /** Which files hold evaluations, as globs. Default: every `*.eval.ts`, `.mts`, `.js` and `.mjs`. */
  files: Schema.optional(Schema.Array(Schema.NonEmptyString)),
  /**
   * Where experiments and datasets are kept: a SQLite file, or `postgres://...`, which needs `@effect/sql-pg`. Default:
   * `.effect-evals/evals.db` beside the configuration.
   */
  store: Schema.optional(Schema.NonEmptyString)
})

/**
 * The configuration of a project.
 *
 * @category models
 * @since 0.1.0
 */
export interface Config extends Schema.Schema.Type<typeof Config> {}
