/**
 * What changed from one experiment to the next, example by example, and whether it could be chance.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Experiment from "./Experiment.ts"
import { compareAll, compareTwo } from "./internal/comparison/compare.ts"
import { comparisonData } from "./internal/comparison/comparisonData.ts"
import type { ComparisonError, Options, Resolved } from "./internal/comparison/comparisonOptions.ts"
import type * as Row from "./Row.ts"
import * as Summary from "./Summary.ts"

export { Adjustment, ComparisonError, Options } from "./internal/comparison/comparisonOptions.ts"

/**
 * The numbers of a comparison under one key, over the examples that both experiments have a score for. Where examples were
 * repeated, the score of an example is the mean of its repetitions. What the scores do not determine is absent, and a
 * `reason` says why.
 *
 * @category models
 * @since 0.1.0
 */
export const KeyNumbers = Schema.Struct({
  key: Schema.String,
  /** What the scores are: all 0 or 1, any numbers, labels without an order, or nothing that both experiments have. */
  kind: Schema.Literals(["share", "number", "label", "none"]),
  lowerIsBetter: Schema.Boolean,
  /** The matched examples by which experiment has a score for them; they add up to all matched ones. */
  examples: Schema.Struct({
    both: Schema.Int,
    onlyBaseline: Schema.Int,
    onlyCandidate: Schema.Int,
    neither: Schema.Int
  }),
  /** The mean of the baseline's scores. */
  baseline: Schema.optional(Schema.Finite),
  /** The mean of the candidate's scores. */
  candidate: Schema.optional(Schema.Finite),
  /**
   * The mean of candidate less baseline with its interval, that of Student's t for the paired differences; with
   * `clusterBy` the standard error is the clustered one (CR1). That of shares ends at -1 and 1.
   */
  difference: Schema.Struct({
    level: Schema.Finite,
    estimate: Schema.optional(Schema.Finite),
    standardError: Schema.optional(Schema.Finite),
    degreesOfFreedom: Schema.optional(Schema.Finite),
    lower: Schema.optional(Schema.Finite),
    upper: Schema.optional(Schema.Finite),
    reason: Schema.optional(Schema.String)
  }),
  /**
   * How probable such a difference is by chance, two-sided. Shares: McNemar's mid-p test. Other scores: the paired t test
   * from 30 independent differences on, below that the paired permutation test.
   */
  test: Schema.Struct({
    name: Schema.Literals(["mcnemar-mid-p", "paired-t", "paired-permutation", "none"]),
    statistic: Schema.optional(Schema.Finite),
    pValue: Schema.optional(Schema.Finite),
    reason: Schema.optional(Schema.String)
  }),
  /** The p-value adjusted for the number of keys, and of comparisons where there are several. */
  adjustedPValue: Schema.optional(Schema.Finite),
  /**
   * How large the difference is apart from how sure: Cohen's d for pairs (the mean difference in standard deviations of
   * the differences) or, for shares, how often only the candidate was right for each time that only the baseline was.
   */
  effectSize: Schema.Struct({
    name: Schema.Literals(["cohens-dz", "matched-odds-ratio", "none"]),
    value: Schema.optional(Schema.Finite),
    reason: Schema.optional(Schema.String)
  }),
  /** The smallest difference that as many examples find with the given power. */
  minimumDetectableEffect: Schema.optional(Schema.Finite),
  /** How many examples got better, worse, and neither. */
  improved: Schema.Int,
  regressed: Schema.Int,
  unchanged: Schema.Int,
  /**
   * `better` or `worse` if the adjusted p-value is small (at most 1 less the level), `inconclusive` if it is not: the
   * difference may be chance, or too small for so few examples. `undecided` without a p-value.
   */
  verdict: Schema.Literals(["better", "worse", "inconclusive", "undecided"])
})

/**
 * The numbers of a comparison under one key.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyNumbers extends Schema.Schema.Type<typeof KeyNumbers> {}

/**
 * The rows of one example in both experiments: one for each repetition.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pair<out Baseline extends Row.Row = Row.Row, out Candidate extends Row.Row = Row.Row> {
  /** As the candidate has it. */
  readonly example: Candidate["example"]
  readonly baseline: ReadonlyArray<Baseline>
  readonly candidate: ReadonlyArray<Candidate>
}

/**
 * An example whose score changed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change<out Baseline extends Row.Row = Row.Row, out Candidate extends Row.Row = Row.Row>
  extends Pair<Baseline, Candidate>
{
  readonly baselineScore: number
  readonly candidateScore: number
}

/**
 * One key in both experiments.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeyComparison<out Baseline extends Row.Row = Row.Row, out Candidate extends Row.Row = Row.Row> {
  readonly numbers: KeyNumbers
  /** The examples that got better, those most first. */
  readonly improved: ReadonlyArray<Change<Baseline, Candidate>>
  /** The examples that got worse, those most first. */
  readonly regressed: ReadonlyArray<Change<Baseline, Candidate>>
  /** Examples that have a score in the baseline only: what the candidate lost. */
  readonly lost: ReadonlyArray<Pair<Baseline, Candidate>>
  /** Examples that have a score in the candidate only. */
  readonly gained: ReadonlyArray<Pair<Baseline, Candidate>>
}

/**
 * Two experiments held against each other. Every example of either is in exactly one of `matched`, `onlyBaseline`,
 * `onlyCandidate` and `changed`; a row that crashed in the candidate is matched like any other, and listed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Comparison<out Baseline extends Row.Row = Row.Row, out Candidate extends Row.Row = Row.Row> {
  readonly baseline: Experiment.Overview
  readonly candidate: Experiment.Overview
  readonly options: Resolved
  /** Examples of the same content, whatever their ids. */
  readonly matched: ReadonlyArray<Pair<Baseline, Candidate>>
  readonly onlyBaseline: ReadonlyArray<Baseline["example"]>
  readonly onlyCandidate: ReadonlyArray<Candidate["example"]>
  /** Examples with the same id but other content, which are not compared. */
  readonly changed: ReadonlyArray<{ readonly baseline: Baseline["example"]; readonly candidate: Candidate["example"] }>
  /** Matched examples that fail in the candidate, in any repetition, and did not in the baseline. */
  readonly newlyFailing: ReadonlyArray<Pair<Baseline, Candidate>>
  /** Matched examples that failed in the baseline and do not in the candidate. */
  readonly newlyPassing: ReadonlyArray<Pair<Baseline, Candidate>>
  /** Matched examples that fail in both. */
  readonly failingInBoth: ReadonlyArray<Pair<Baseline, Candidate>>
  /** By key. */
  readonly keys: { readonly [key: string]: KeyComparison<Baseline, Candidate> }
  /** How long the target took on the matched examples, in milliseconds; less is better. */
  readonly latency: KeyNumbers
  /** What speaks against a fair comparison, such as an evaluator that is another one in the candidate. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * An experiment with rows of a type.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExperimentOf<out R extends Row.Row> extends Experiment.Overview {
  readonly rows: ReadonlyArray<R>
}

/**
 * Compares two experiments, whose rows must have been kept.
 *
 * Examples are matched by content: those with the same id and content first, then others with the same content; the same
 * id with other content is a changed example, and is not compared.
 *
 * **Example** (Did it get better?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Comparison, Dataset, Evaluation, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("numbers", Array.from({ length: 40 }, (_, n) => ({ inputs: n, referenceOutputs: n * n })))
 * const run = (name: string, target: (n: number) => number) =>
 *   Evaluation.run(Evaluation.make("squares", { data, target }), {
 *     name,
 *     evaluators: [function correct({ outputs, referenceOutputs }) {
 *       return outputs === referenceOutputs
 *     }]
 *   })
 * const program = Effect.gen(function*() {
 *   const doubling = yield* run("doubling", (n) => n * 2)
 *   const squaring = yield* run("squaring", (n) => n * n)
 *   return yield* Comparison.make(doubling, squaring)
 * })
 * const comparison = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * const { difference, improved, regressed, verdict } = comparison.keys["correct"]!.numbers
 * console.log(verdict, difference.estimate, improved, regressed) // => better 0.95 38 0
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <B extends Row.Row, C extends Row.Row>(
  baseline: ExperimentOf<B>,
  candidate: ExperimentOf<C>,
  options: Options = {}
): Effect.Effect<Comparison<B, C>, ComparisonError> => compareTwo(baseline, candidate, options)

/**
 * Several experiments: each against the baseline, or all against one another, with p-values adjusted for all of it, and a
 * ranking.
 *
 * @category models
 * @since 0.1.0
 */
export interface Comparisons<out R extends Row.Row = Row.Row> {
  readonly experiments: ReadonlyArray<Experiment.Overview>
  readonly comparisons: ReadonlyArray<Comparison<R, R>>
  /** By key, the best experiment first. */
  readonly rankings: { readonly [key: string]: ReadonlyArray<Ranked> }
}

/**
 * An experiment in a ranking, over the examples for which all experiments have a score.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ranked {
  readonly experiment: Experiment.Overview
  /** From 1; experiments with the same mean share it. */
  readonly rank: number
  readonly examples: number
  readonly mean: number
  /**
   * Its difference from the best one, with a p-value adjusted for the number of experiments; absent for the best one
   * itself. A best one that was picked from several looks a little better than it is.
   */
  readonly behindBest?: Pick<KeyNumbers, "difference" | "test" | "adjustedPValue"> | undefined
}

/**
 * Compares several experiments: with the first as the baseline or, with `pairs: "all"`, each with each of those after it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeAll = <R extends Row.Row>(
  experiments: ReadonlyArray<ExperimentOf<R>>,
  options: Options & { readonly pairs?: "baseline" | "all" | undefined } = {}
): Effect.Effect<Comparisons<R>, ComparisonError> => compareAll(experiments, options)

const ChangeData = Schema.Struct({
  exampleId: Schema.String,
  inputs: Schema.Unknown,
  referenceOutputs: Schema.optional(Schema.Unknown),
  baselineScore: Schema.optional(Schema.Finite),
  candidateScore: Schema.optional(Schema.Finite),
  /** What the target gave in each repetition. */
  baseline: Schema.Array(Schema.Struct({
    outputs: Schema.optional(Schema.Unknown),
    errors: Schema.Array(Schema.String)
  })),
  candidate: Schema.Array(Schema.Struct({
    outputs: Schema.optional(Schema.Unknown),
    errors: Schema.Array(Schema.String)
  }))
})

/**
 * A comparison as plain data.
 *
 * @category codecs
 * @since 0.1.0
 */
export const Data = Schema.Struct({
  baseline: Schema.Struct({ id: Schema.String, name: Schema.String }),
  candidate: Schema.Struct({ id: Schema.String, name: Schema.String }),
  level: Schema.Finite,
  failures: Summary.FailurePolicy,
  examples: Schema.Struct({
    matched: Schema.Int,
    onlyBaseline: Schema.Int,
    onlyCandidate: Schema.Int,
    changed: Schema.Int
  }),
  onlyBaseline: Schema.Array(Schema.String),
  onlyCandidate: Schema.Array(Schema.String),
  changed: Schema.Array(Schema.String),
  failing: Schema.Struct({ newly: Schema.Int, noLonger: Schema.Int, inBoth: Schema.Int }),
  newlyFailing: Schema.Array(ChangeData),
  newlyPassing: Schema.Array(ChangeData),
  failingInBoth: Schema.Array(ChangeData),
  keys: Schema.Array(Schema.Struct({
    ...KeyNumbers.fields,
    improvedExamples: Schema.Array(ChangeData),
    regressedExamples: Schema.Array(ChangeData),
    /** Those with a score in the baseline only. */
    lostExamples: Schema.Array(ChangeData),
    /** Those with a score in the candidate only. */
    gainedExamples: Schema.Array(ChangeData)
  })),
  latency: KeyNumbers,
  warnings: Schema.Array(Schema.String)
})

/**
 * A comparison as plain data.
 *
 * @category codecs
 * @since 0.1.0
 */
export interface Data extends Schema.Schema.Type<typeof Data> {}

/**
 * A comparison as JSON, with at most `limit` examples in each list (the counts are of all).
 *
 * @category codecs
 * @since 0.1.0
 */
export const toJson = (self: Comparison, options: { readonly limit?: number | undefined } = {}): Data =>
  comparisonData(self, options.limit ?? Number.POSITIVE_INFINITY)
