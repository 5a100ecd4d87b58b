/**
 * What has to hold before a change goes out: conditions on an experiment or a comparison, as data.
 *
 * @since 0.1.0
 */
import type * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Comparison from "./Comparison.ts"
import type * as Experiment from "./Experiment.ts"
import { GateError } from "./internal/gate/gateError.ts"
import { readGate } from "./internal/gate/gateText.ts"
import { judge } from "./internal/gate/judgeGate.ts"
import { refuseUnknown } from "./internal/values/options.ts"
import { formatProblems, problemsOf } from "./internal/values/schemaMessage.ts"
import { GroupBy } from "./Summary.ts"

export { GateError } from "./internal/gate/gateError.ts"

const Limits = {
  atLeast: Schema.optional(Schema.Finite),
  atMost: Schema.optional(Schema.Finite)
}

const hasLimit = Schema.makeFilter(
  (condition: { readonly atLeast?: number | undefined; readonly atMost?: number | undefined }) =>
    condition.atLeast !== undefined || condition.atMost !== undefined,
  { expected: "a condition with atLeast, atMost or both" }
)

const OfGroup = Schema.Struct({ by: GroupBy, value: Schema.String })

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Size = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

const Confidence = Schema.Finite.check(
  Schema.isBetween({ minimum: 0.5, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true })
).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0.95)))

const NoneByDefault = Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))

const Per = Schema.Literals(["experiment", "row"]).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed("experiment" as const))
)

/**
 * The mean of a key, as it was measured.
 *
 * @category models
 * @since 0.1.0
 */
export const Mean = Schema.TaggedStruct("Mean", {
  key: Schema.String,
  ...Limits,
  /** Of the rows of a group, which the experiment must have been told to sum up (`groupBy`). Default: of all rows. */
  group: Schema.optional(OfGroup)
}).check(hasLimit)

/**
 * The mean of a key, as far as it is sure: passes if the one-sided bound of the mean is within the limit, fails if the
 * bound of the other side is outside, and is inconclusive in between.
 *
 * @category models
 * @since 0.1.0
 */
export const ConfidentMean = Schema.TaggedStruct("ConfidentMean", {
  key: Schema.String,
  ...Limits,
  /** Of each bound; more than 0.5, less than 1. Default 0.95. */
  confidence: Confidence,
  group: Schema.optional(OfGroup)
}).check(hasLimit)

/**
 * How many rows fail, be it with an error or a timeout: those where the target or any evaluator does or, with a key, those
 * without a score under it because the target or its evaluator does.
 *
 * @category models
 * @since 0.1.0
 */
export const Failures = Schema.TaggedStruct("Failures", {
  key: Schema.optional(Schema.String),
  /** How many rows may. */
  atMost: Schema.optional(Count),
  /** Which share of the rows may; between 0 and 1. */
  atMostShare: Schema.optional(Share)
}).check(Schema.makeFilter(
  ({ atMost, atMostShare }: { readonly atMost?: number | undefined; readonly atMostShare?: number | undefined }) =>
    atMost !== undefined || atMostShare !== undefined,
  { expected: "a condition with atMost, atMostShare or both" }
))

/**
 * The candidate is not worse than the baseline by more than a margin. Which direction is worse is what the comparison was
 * told (`lowerIsBetter`).
 *
 * The bounds are those of the interval for paired differences. Where the differences of `n` examples are all the same, so
 * that there is no interval, they allow for as many others as may have been missed, a share `1 - (1 - confidence)^(1/n)`,
 * each as different as scores can be (the rule of three, J. A. Hanley and A. Lippman-Hand, "If Nothing Goes Wrong, Is
 * Everything All Right?", 1983).
 *
 * @category models
 * @since 0.1.0
 */
export const NotWorse = Schema.TaggedStruct("NotWorse", {
  key: Schema.String,
  /** How much worse it may be, in units of the score; at least 0. */
  margin: Size,
  confidence: Confidence,
  /**
   * How many examples of the baseline may have no score in the candidate, or not be in it at all; more make a pass
   * inconclusive. Default 0.
   */
  lostAtMost: NoneByDefault
})

/**
 * The candidate is better than the baseline by more than so much.
 *
 * @category models
 * @since 0.1.0
 */
export const Better = Schema.TaggedStruct("Better", {
  key: Schema.String,
  /** In units of the score; at least 0. Default 0. */
  by: Size.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  confidence: Confidence,
  /**
   * How many examples of the baseline may have no score in the candidate, or not be in it at all; more make a pass
   * inconclusive. Default 0.
   */
  lostAtMost: NoneByDefault
})

/**
 * How many examples fail in the candidate that did not in the baseline.
 *
 * @category models
 * @since 0.1.0
 */
export const NewlyFailing = Schema.TaggedStruct("NewlyFailing", {
  /** Default 0. */
  atMost: NoneByDefault
})

/**
 * How long runs take.
 *
 * @category models
 * @since 0.1.0
 */
export const Latency = Schema.TaggedStruct("Latency", {
  measure: Schema.Literals(["mean", "max", "p5", "p25", "p50", "p75", "p90", "p95", "p99"]),
  /** In milliseconds. */
  atMost: Size,
  /** The name of an evaluator. Default: the target. */
  evaluator: Schema.optional(Schema.String)
})

/**
 * What the target and the evaluators cost, in the currency of the prices.
 *
 * @category models
 * @since 0.1.0
 */
export const Cost = Schema.TaggedStruct("Cost", {
  atMost: Size,
  /** All in all (the default), or on average for a row. */
  per: Per
})

/**
 * How many tokens the target and the evaluators use, those they read and those they write.
 *
 * @category models
 * @since 0.1.0
 */
export const Tokens = Schema.TaggedStruct("Tokens", {
  atMost: Size,
  /** All in all (the default), or on average for a row. */
  per: Per
})

/**
 * One condition.
 *
 * @category models
 * @since 0.1.0
 */
export type Condition =
  | typeof Mean.Type
  | typeof ConfidentMean.Type
  | typeof Failures.Type
  | typeof NotWorse.Type
  | typeof Better.Type
  | typeof NewlyFailing.Type
  | typeof Latency.Type
  | typeof Cost.Type
  | typeof Tokens.Type

/**
 * A condition, or several put together. Plain data: it can stand in a file, and `Gate.Gate` decodes it.
 *
 * @category models
 * @since 0.1.0
 */
export type Gate =
  | Condition
  | { readonly _tag: "And"; readonly gates: Arr.NonEmptyReadonlyArray<Gate> }
  | { readonly _tag: "Or"; readonly gates: Arr.NonEmptyReadonlyArray<Gate> }
  | { readonly _tag: "Not"; readonly gate: Gate }

const Part = Schema.suspend((): Schema.Codec<Gate, unknown> => Gate)

/**
 * A condition, or several put together.
 *
 * @category models
 * @since 0.1.0
 */
export const Gate: Schema.Codec<Gate, unknown> = Schema.Union([
  Mean,
  ConfidentMean,
  Failures,
  NotWorse,
  Better,
  NewlyFailing,
  Latency,
  Cost,
  Tokens,
  Schema.TaggedStruct("And", { gates: Schema.NonEmptyArray(Part) }),
  Schema.TaggedStruct("Or", { gates: Schema.NonEmptyArray(Part) }),
  Schema.TaggedStruct("Not", { gate: Part })
]).annotate({
  expected:
    "a condition with a _tag of Mean, ConfidentMean, Failures, NotWorse, Better, NewlyFailing, Latency, Cost, " +
    "Tokens, And, Or or Not"
})

/**
 * What a gate says. `inconclusive`: the data do not decide, because there are too few of them or some are missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verdict {
  readonly outcome: "pass" | "fail" | "inconclusive"
  /** Why, with the figures. */
  readonly sentence: string
  /** What was looked at, by name. */
  readonly figures: { readonly [name: string]: number }
  /** The verdicts of the parts of `and`, `or` and `not`. */
  readonly parts: ReadonlyArray<Verdict>
}

/**
 * What a gate says.
 *
 * @category models
 * @since 0.1.0
 */
export const Verdict: Schema.Codec<Verdict> = Schema.Struct({
  outcome: Schema.Literals(["pass", "fail", "inconclusive"]),
  sentence: Schema.String,
  figures: Schema.Record(Schema.String, Schema.Finite),
  parts: Schema.Array(Schema.suspend((): Schema.Codec<Verdict> => Verdict))
})

/**
 * The gate does not pass.
 *
 * @category errors
 * @since 0.1.0
 */
export class GateNotPassed extends Schema.TaggedError<GateNotPassed>()("GateNotPassed", {
  verdict: Verdict,
  message: Schema.String
}) {}

/**
 * What a limit may be: `atLeast`, `atMost` or both.
 *
 * @category options
 * @since 0.1.0
 */
export type Limit =
  | { readonly atLeast: number; readonly atMost?: number | undefined }
  | { readonly atLeast?: number | undefined; readonly atMost: number }

/**
 * The mean of a key, as it was measured.
 *
 * @category constructors
 * @since 0.1.0
 */
export const mean = (
  key: string,
  options: Limit & { readonly group?: typeof OfGroup.Type | undefined }
): Gate => ({ _tag: "Mean", key, ...known("mean", options, "atLeast", "atMost", "group") })

/**
 * The mean of a key, as far as it is sure; with 95 % confidence unless said otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const confidentMean = (
  key: string,
  options: Limit & { readonly confidence?: number | undefined; readonly group?: typeof OfGroup.Type | undefined }
): Gate => ({
  _tag: "ConfidentMean",
  key,
  ...known("confidentMean", options, "atLeast", "atMost", "confidence", "group"),
  confidence: options.confidence ?? 0.95
})

/**
 * How many rows may fail.
 *
 * @category constructors
 * @since 0.1.0
 */
export const failures = (
  options:
    & { readonly key?: string | undefined }
    & (
      | { readonly atMost: number; readonly atMostShare?: number | undefined }
      | { readonly atMost?: number | undefined; readonly atMostShare: number }
    )
): Gate => ({ _tag: "Failures", ...known("failures", options, "key", "atMost", "atMostShare") })

/** The options, of which a misspelt one is none. */
const known = <Options extends object>(
  condition: string,
  options: Options,
  ...names: ReadonlyArray<keyof Options & string>
): Options => {
  refuseUnknown(`Gate.${condition}`, options, names)
  return options
}

/**
 * The candidate is not worse than the baseline by more than a margin; with 95 % confidence unless said otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const notWorse = (key: string, options: {
  readonly margin: number
  readonly confidence?: number | undefined
  readonly lostAtMost?: number | undefined
}): Gate => {
  const { confidence = 0.95, lostAtMost = 0, margin } = known(
    "notWorse",
    options,
    "margin",
    "confidence",
    "lostAtMost"
  )
  return { _tag: "NotWorse", key, margin, confidence, lostAtMost }
}

/**
 * The candidate is better than the baseline, by more than `by` (default 0); with 95 % confidence unless said otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const better = (key: string, options: {
  readonly by?: number | undefined
  readonly confidence?: number | undefined
  readonly lostAtMost?: number | undefined
} = {}): Gate => {
  const { by = 0, confidence = 0.95, lostAtMost = 0 } = known("better", options, "by", "confidence", "lostAtMost")
  return { _tag: "Better", key, by, confidence, lostAtMost }
}

/**
 * How many examples may fail in the candidate that did not in the baseline; none unless said otherwise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const newlyFailing = (options: { readonly atMost?: number | undefined } = {}): Gate => ({
  _tag: "NewlyFailing",
  atMost: known("newlyFailing", options, "atMost").atMost ?? 0
})

/**
 * How long runs of the target, or of an evaluator, may take.
 *
 * @category constructors
 * @since 0.1.0
 */
export const latency = (measure: (typeof Latency.Type)["measure"], options: {
  readonly atMost: Duration.Input
  readonly evaluator?: string | undefined
}): Gate => ({
  _tag: "Latency",
  measure,
  // What is no duration is refused where the gate is held against something.
  atMost: Option.match(Duration.fromInput(known("latency", options, "atMost", "evaluator").atMost), {
    onNone: () => Number.NaN,
    onSome: Duration.toMillis
  }),
  evaluator: options.evaluator
})

/**
 * What the target and the evaluators may cost.
 *
 * @category constructors
 * @since 0.1.0
 */
export const cost = (options: {
  readonly atMost: number
  readonly per?: "experiment" | "row" | undefined
}): Gate => ({
  _tag: "Cost",
  atMost: known("cost", options, "atMost", "per").atMost,
  per: options.per ?? "experiment"
})

/**
 * How many tokens the target and the evaluators may use.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tokens = (options: {
  readonly atMost: number
  readonly per?: "experiment" | "row" | undefined
}): Gate => ({
  _tag: "Tokens",
  atMost: known("tokens", options, "atMost", "per").atMost,
  per: options.per ?? "experiment"
})

/**
 * All pass. It fails if one fails, and is inconclusive if none fails and one is inconclusive.
 *
 * @category combinators
 * @since 0.1.0
 */
export const and = (...gates: Arr.NonEmptyReadonlyArray<Gate>): Gate => ({ _tag: "And", gates })

/**
 * One passes. It fails if all fail, and is inconclusive if none passes and one is inconclusive.
 *
 * @category combinators
 * @since 0.1.0
 */
export const or = (...gates: Arr.NonEmptyReadonlyArray<Gate>): Gate => ({ _tag: "Or", gates })

/**
 * The gate fails. What is inconclusive stays so.
 *
 * @category combinators
 * @since 0.1.0
 */
export const not = (gate: Gate): Gate => ({ _tag: "Not", gate })

/**
 * The gate that a text says, as it stands on a command line or in a configuration file.
 *
 * | text | gate |
 * |---|---|
 * | `correct >= 0.9`, `length <= 80`, `"hit (strict)" >= 90%` | `Gate.mean` |
 * | `correct[split=test] >= 0.9`, `correct[metadata.language=fr] >= 0.8` | `Gate.mean` of a group |
 * | `confident(correct) >= 0.9`, `confident(correct, 0.99) >= 0.9` | `Gate.confidentMean` |
 * | `failures <= 3`, `failures <= 2%`, `failures(correct) <= 0` | `Gate.failures` |
 * | `latency.p95 <= 2s`, `latency.mean(judge) <= 500ms` | `Gate.latency` |
 * | `cost <= 5`, `cost.row <= 0.01`, `tokens.row <= 4000` | `Gate.cost`, `Gate.tokens` |
 * | `better(correct)`, `better(correct, 0.02)`, `not-worse(correct, 0.01)` | `Gate.better`, `Gate.notWorse` |
 * | `newly-failing`, `newly-failing <= 1` | `Gate.newlyFailing` |
 *
 * They are put together by `and`, `or`, `not` and brackets. A text that says no gate is a `GateError`, which shows where.
 *
 * **Example** (A gate in words)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Gate } from "effect-evals"
 *
 * console.log(await Effect.runPromise(Gate.parse("correct >= 0.9")))
 * // => { _tag: 'Mean', key: 'correct', atLeast: 0.9 }
 * const error = await Effect.runPromise(Effect.flip(Gate.parse("correct => 0.9")))
 * for (const line of error.message.split("\n")) console.log(line)
 * // => This is no gate: expected ">=" or "<=" after correct, but there is "=>".
 * // =>   correct => 0.9
 * // =>           ^
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const parse = (text: string): Effect.Effect<Gate, GateError> =>
  Effect.flatMap(
    readGate(text),
    (gate) =>
      Effect.mapError(decode(gate), (error) =>
        new GateError({ message: `This is no gate: ${formatProblems(problemsOf(error, gate))}.\n  ${text}` }))
  )

/**
 * What a gate can be held against. On a comparison, conditions of an experiment are about the candidate.
 *
 * @category models
 * @since 0.1.0
 */
export type Subject = Experiment.Overview | Comparison.Comparison

/**
 * Holds a gate against an experiment or a comparison. An experiment that did not complete passes no gate: what would have
 * been a pass is inconclusive. The same goes for a comparison with one.
 *
 * **Example** (May it go out?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Gate, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("numbers", Array.from({ length: 50 }, (_, n) => ({ inputs: n })))
 * const program = Effect.gen(function*() {
 *   const experiment = yield* Evaluation.run(Evaluation.make("small", { data, target: (n) => n % 10 }), {
 *     evaluators: [function correct({ outputs }) {
 *       return outputs !== 7
 *     }]
 *   })
 *   return yield* Gate.evaluate(Gate.and(
 *     Gate.mean("correct", { atLeast: 0.85 }),
 *     Gate.confidentMean("correct", { atLeast: 0.85 }),
 *     Gate.failures({ atMost: 0 })
 *   ), experiment)
 * })
 * const verdict = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(verdict.outcome, verdict.parts.map(({ outcome }) => outcome)) // => inconclusive [ 'pass', 'inconclusive', 'pass' ]
 * console.log(verdict.parts[1]?.sentence)
 * // => the mean of correct is 0.900 over 50 rows, with 95 % confidence at least 0.808 and at most 0.950, which leaves open whether it is at least 0.85
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const evaluate = (gate: Gate, subject: Subject): Effect.Effect<Verdict, GateError> =>
  Effect.matchEffect(decode(gate), {
    onFailure: (error) =>
      Effect.fail(new GateError({ message: `This is no gate: ${formatProblems(problemsOf(error, gate))}.` })),
    onSuccess: (gate) => judge(gate, subject)
  })

const decode = Schema.decodeUnknownEffect(Gate, { onExcessProperty: "error", errors: "all" })

/**
 * Gives the verdict if the gate passes, and fails if it does not. An inconclusive verdict fails, too, unless
 * `inconclusive` is `"pass"`.
 *
 * @category running
 * @since 0.1.0
 */
export const check = (
  gate: Gate,
  subject: Subject,
  options: { readonly inconclusive?: "fail" | "pass" | undefined } = {}
): Effect.Effect<Verdict, GateError | GateNotPassed> =>
  Effect.flatMap(
    Effect.andThen(Effect.sync(() => known("check", options, "inconclusive")), evaluate(gate, subject)),
    (verdict) =>
      verdict.outcome === "pass" || (verdict.outcome === "inconclusive" && options.inconclusive === "pass")
        ? Effect.succeed(verdict)
        : Effect.fail(
          new GateNotPassed({ verdict, message: `The gate ${verdictWords[verdict.outcome]}.\n${explain(verdict)}` })
        )
  )

const verdictWords = { fail: "fails", inconclusive: "is inconclusive" } as const

/**
 * The verdict and those of its parts as lines of text, one each.
 *
 * @category getters
 * @since 0.1.0
 */
export const explain = (verdict: Verdict): string => linesOf(verdict, "").join("\n")

const linesOf = ({ outcome, parts, sentence }: Verdict, indentation: string): ReadonlyArray<string> => [
  `${indentation}${outcome}: ${sentence}`,
  ...parts.flatMap((part) => linesOf(part, `${indentation}  `))
]
