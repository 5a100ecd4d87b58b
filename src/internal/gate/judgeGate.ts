/** Gates held against experiments and comparisons. */
import * as Effect from "effect/Effect"
import type { Comparison, KeyNumbers } from "../../Comparison.ts"
import type * as Experiment from "../../Experiment.ts"
import type { Condition, Gate, Subject, Verdict } from "../../Gate.ts"
import * as Summary from "../../Summary.ts"
import { describe } from "../values/describe.ts"
import {
  countOf,
  formatAgainst,
  formatCount,
  formatDifference,
  formatDuration,
  formatMean,
  formatPercentage
} from "../values/numbers.ts"
import { GateError } from "./gateError.ts"

type Judged = Effect.Effect<Verdict, GateError>

/** The verdict on a gate that is one. */
export const judge = (gate: Gate, subject: Subject): Judged => {
  const experiments = "candidate" in subject ? [subject.baseline, subject.candidate] : [subject]
  const incomplete = experiments.find(({ status }) => status !== "completed")
  return Effect.map(
    verdictOf(gate, subject),
    (verdict) =>
      incomplete === undefined || verdict.outcome !== "pass" ? verdict : {
        ...verdict,
        outcome: "inconclusive",
        sentence: `${verdict.sentence}; but ${incomplete.name} ${
          incomplete.status === "failed" ? "failed" : "was interrupted"
        } after ${rows(incomplete.rowCount)}`
      }
  )
}

const verdictOf = (gate: Gate, subject: Subject): Judged => {
  switch (gate._tag) {
    case "And":
    case "Or": {
      return Effect.map(
        Effect.forEach(gate.gates, (part) => verdictOf(part, subject)),
        (parts) => combine(gate._tag, parts)
      )
    }
    case "Not": {
      return Effect.map(verdictOf(gate.gate, subject), (part): Verdict => ({
        outcome: inverse[part.outcome],
        sentence: part.outcome === "inconclusive"
          ? "whether the condition holds, which must not, is open"
          : `the condition must not hold, and ${part.outcome === "pass" ? "does" : "does not"}`,
        figures: {},
        parts: [part]
      }))
    }
    default: {
      return conditionVerdict(gate, subject)
    }
  }
}

const inverse = { pass: "fail", fail: "pass", inconclusive: "inconclusive" } as const

/** Kleene's logic: what is open decides only where the rest leaves it to it. */
const combine = (tag: "And" | "Or", parts: ReadonlyArray<Verdict>): Verdict => {
  const count = (outcome: Verdict["outcome"]) => parts.filter((part) => part.outcome === outcome).length
  const [passed, failed, open] = [count("pass"), count("fail"), count("inconclusive")]
  const [deciding, otherwise] = tag === "And" ? ["fail", "pass"] as const : ["pass", "fail"] as const
  return {
    outcome: count(deciding) > 0 ? deciding : open > 0 ? "inconclusive" : otherwise,
    sentence: `of ${parts.length} conditions, ${
      tag === "And" ? "all of which must hold" : "one of which must hold"
    }, ${passed} hold${passed === 1 ? "s" : ""}${
      failed === 0 ? "" : `, ${failed} ${failed === 1 ? "does" : "do"} not`
    }${open === 0 ? "" : `, ${open} ${open === 1 ? "is" : "are"} open`}`,
    figures: { passed, failed, inconclusive: open },
    parts
  }
}

const conditionVerdict = (condition: Condition, subject: Subject): Judged => {
  const experiment = "candidate" in subject ? subject.candidate : subject
  switch (condition._tag) {
    case "Mean":
      return Effect.map(summaryOf(experiment, condition), (summary) => meanVerdict(condition, summary))
    case "ConfidentMean":
      return Effect.flatMap(summaryOf(experiment, condition), (summary) => confidentMeanVerdict(condition, summary))
    case "Failures":
      return failuresVerdict(condition, experiment)
    case "NotWorse":
    case "Better":
      return Effect.flatMap(
        comparisonOf(condition._tag, subject),
        (comparison) => differenceVerdict(condition, comparison)
      )
    case "NewlyFailing":
      return Effect.map(
        comparisonOf(condition._tag, subject),
        (comparison) => newlyFailingVerdict(condition, comparison)
      )
    case "Latency":
      return latencyVerdict(condition, experiment)
    case "Cost":
    case "Tokens":
      return Effect.succeed(usageVerdict(condition, experiment))
  }
}

type ConditionOf<Tag extends Condition["_tag"]> = Extract<Condition, { readonly _tag: Tag }>

const verdict = (
  outcome: Verdict["outcome"],
  sentence: string,
  figures: { readonly [name: string]: number | undefined }
): Verdict => ({
  outcome,
  sentence,
  // An absent figure is no figure.
  figures: Object.fromEntries(
    Object.entries(figures).flatMap(([name, figure]) => figure === undefined ? [] : [[name, figure]])
  ),
  parts: []
})

const passIf = (condition: boolean): Verdict["outcome"] => condition ? "pass" : "fail"

// --- what a condition is about

const unknown = (what: string, name: string, known: ReadonlyArray<string>) =>
  new GateError({
    message: `The gate asks for ${what} ${describe(name)}, which the experiment does not have. ${
      known.length === 0 ? "It has none." : `It has ${known.map((name) => describe(name)).join(", ")}.`
    }`
  })

const summaryOf = (
  experiment: Experiment.Overview,
  { group, key }: ConditionOf<"Mean" | "ConfidentMean">
): Effect.Effect<Summary.Summary, GateError> => {
  const groups = experiment.groups.filter(({ by }) => by === group?.by)
  const summaries = group === undefined
    ? experiment.summaries
    : groups.find(({ value }) => value === group.value)?.summaries
  if (group !== undefined && summaries === undefined) {
    return Effect.fail(
      groups.length > 0
        ? unknown(`the group ${group.by}`, group.value, groups.map(({ value }) => value))
        : new GateError({
          message: `The gate asks for a group by ${group.by}, but the experiment was not summed up by it. ` +
            `Run it, or sum it up with Experiment.summarize, with groupBy: ["${group.by}"].`
        })
    )
  }
  const summary = summaries?.[key]
  return summary === undefined
    ? Effect.fail(unknown("the key", key, Object.keys(summaries ?? {})))
    : Effect.succeed(summary)
}

const comparisonOf = (tag: string, subject: Subject): Effect.Effect<Comparison, GateError> =>
  "candidate" in subject ? Effect.succeed(subject) : Effect.fail(
    new GateError({
      message: `The condition ${tag} is about two experiments, but the gate was given one. ` +
        `Give it what Comparison.make gives.`
    })
  )

// --- means

interface Limits {
  readonly atLeast?: number | undefined
  readonly atMost?: number | undefined
}

const limitText = ({ atLeast, atMost }: Limits): string =>
  [...(atLeast === undefined ? [] : [`at least ${atLeast}`]), ...(atMost === undefined ? [] : [`at most ${atMost}`])]
    .join(" and ")

const meanVerdict = (condition: ConditionOf<"Mean">, summary: Summary.Summary): Verdict => {
  const { score } = summary
  if (score === undefined) return verdict("inconclusive", `no row has a score for ${named(condition)}`, {})
  const holds = score.mean >= (condition.atLeast ?? Number.NEGATIVE_INFINITY) &&
    score.mean <= (condition.atMost ?? Number.POSITIVE_INFINITY)
  return verdict(
    passIf(holds),
    `the mean of ${named(condition)} is ${formatAgainst(score.mean, [condition.atLeast, condition.atMost])} over ${
      denominator(summary)
    }, which is ${holds ? "" : "not "}${limitText(condition)}`,
    { mean: score.mean, count: score.count, failures: summary.failures.rows }
  )
}

const confidentMeanVerdict = Effect.fnUntraced(
  function*(condition: ConditionOf<"ConfidentMean">, summary: Summary.Summary) {
    const { score } = summary
    if (score === undefined) return verdict("inconclusive", `no row has a score for ${named(condition)}`, {})
    // Each side of the two-sided interval of this level has the confidence asked for.
    const { lower, reason, upper } = yield* Summary.intervalAt(score, 2 * condition.confidence - 1)
    const begin = `the mean of ${named(condition)} is ${formatMean(score.mean)} over ${denominator(summary)}`
    const figures = { mean: score.mean, count: score.count, failures: summary.failures.rows }
    if (lower === undefined || upper === undefined) {
      return verdict(
        "inconclusive",
        `${begin}, without bounds: ${reason ?? "the scores do not determine them"}`,
        figures
      )
    }
    const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = condition
    const limits = [condition.atLeast, condition.atMost]
    const outcome = lower >= atLeast && upper <= atMost
      ? "pass"
      : upper < atLeast || lower > atMost
      ? "fail"
      : "inconclusive"
    return verdict(
      outcome,
      `${begin}, with ${formatPercentage(condition.confidence)} confidence at least ${
        formatAgainst(lower, limits)
      } and at most ${formatAgainst(upper, limits)}, which ${outcomeWords[outcome]} ${limitText(condition)}`,
      { ...figures, lower, upper }
    )
  }
)

const outcomeWords = { pass: "is", fail: "is not", inconclusive: "leaves open whether it is" } as const

const named = ({ group, key }: ConditionOf<"Mean" | "ConfidentMean">): string =>
  group === undefined ? key : `${key} (${group.by} ${group.value})`

const rows = (count: number): string => countOf(count, "row")

/** Over what a mean is, such as `97 of 100 rows (3 failed and are left out)`. */
const denominator = ({ failures, outcomes, score }: Summary.Summary): string => {
  const all = outcomes.scored + outcomes.skipped + outcomes.failed + outcomes.timedOut + outcomes.cancelled
  const counted = score?.count ?? 0
  // Where the target failed the evaluator was skipped, but the row is one of the failures.
  const skipped = all - outcomes.scored - failures.rows
  const withoutNumber = outcomes.scored - (counted - (score?.countedFailures ?? 0))
  const notes = [
    ...(failures.rows === 0
      ? []
      : [
        `${formatCount(failures.rows)} failed and ${
          failures.policy === "exclude"
            ? failures.rows === 1 ? "is left out" : "are left out"
            : `${failures.rows === 1 ? "counts" : "count"} as ${failures.policy.countAs}`
        }`
      ]),
    ...(skipped <= 0 ? [] : [`${formatCount(skipped)} skipped`]),
    ...(withoutNumber <= 0 ? [] : [`${formatCount(withoutNumber)} with a value only`])
  ]
  return `${counted === all ? rows(all) : `${formatCount(counted)} of ${rows(all)}`}${
    notes.length === 0 ? "" : ` (${notes.join(", ")})`
  }`
}

// --- failures

const failuresVerdict = (condition: ConditionOf<"Failures">, experiment: Experiment.Overview): Judged => {
  const { atMost, atMostShare, key } = condition
  const summary = key === undefined ? undefined : experiment.summaries[key]
  if (key !== undefined && summary === undefined) {
    return Effect.fail(unknown("the key", key, Object.keys(experiment.summaries)))
  }
  const { rowCount } = experiment
  if (rowCount === 0) return Effect.succeed(verdict("inconclusive", "there are no rows", { rows: 0 }))
  const failed = summary === undefined
    ? experiment.failedRows
    : summary.failures.rows
  const share = failed / rowCount
  const limits = [
    ...(atMost === undefined ? [] : [`at most ${formatCount(atMost)}`]),
    ...(atMostShare === undefined ? [] : [`at most ${formatPercentage(atMostShare)}`])
  ].join(" and ")
  return Effect.succeed(verdict(
    passIf(failed <= (atMost ?? Number.POSITIVE_INFINITY) && share <= (atMostShare ?? 1)),
    `${formatCount(failed)} of ${rows(rowCount)} (${formatPercentage(share)}) ${
      key === undefined ? "failed" : `failed without a score for ${key}`
    }; ${limits} may`,
    { failed, rows: rowCount, share }
  ))
}

// --- differences

const differenceVerdict = Effect.fnUntraced(function*(
  condition: ConditionOf<"NotWorse" | "Better">,
  comparison: Comparison
): Effect.fn.Return<Verdict, GateError> {
  const compared = comparison.keys[condition.key]
  if (compared === undefined) return yield* unknown("the key", condition.key, Object.keys(comparison.keys))
  const { difference, examples, lowerIsBetter } = compared.numbers
  const { differenceAt } = yield* Effect.promise(() => import("../comparison/decide.ts"))
  const interval = difference.standardError === 0
    ? boundsOfSame(condition, comparison, compared.numbers)
    : differenceAt(difference, 2 * condition.confidence - 1)
  const lost = examples.onlyBaseline + comparison.onlyBaseline.length
  const figures = { difference: difference.estimate, examples: examples.both, lost }
  const notes = [
    ...(examples.onlyBaseline === 0
      ? []
      : [`${formatCount(examples.onlyBaseline)} more lost ${examples.onlyBaseline === 1 ? "its" : "their"} score`]),
    ...(comparison.onlyBaseline.length === 0 ? [] : [`${formatCount(comparison.onlyBaseline.length)} more not run`])
  ]
  const begin = `${condition.key} differs from ${comparison.baseline.name} by ${
    difference.estimate === undefined ? "an unknown amount" : formatDifference(difference.estimate)
  } over ${countOf(examples.both, "example")}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`
  if (interval.lower === undefined || interval.upper === undefined) {
    return verdict(
      "inconclusive",
      `${begin}, without bounds: ${difference.reason ?? interval.reason ?? "the scores do not determine them"}`,
      figures
    )
  }
  const { lower, upper } = interval
  // Seen so that more is better.
  const [least, most] = lowerIsBetter ? [-upper, -lower] : [lower, upper]
  const [outcome, required] = condition._tag === "NotWorse"
    ? [
      least >= -condition.margin ? "pass" : most < -condition.margin ? "fail" : "inconclusive",
      `within the margin of ${condition.margin}`
    ] as const
    : [
      least > condition.by ? "pass" : most <= condition.by ? "fail" : "inconclusive",
      condition.by === 0 ? "better" : `better by more than ${condition.by}`
    ] as const
  const tooManyLost = outcome === "pass" && lost > condition.lostAtMost
  const limit = condition._tag === "NotWorse" ? condition.margin : condition.by
  const limits = [limit, -limit]
  return verdict(
    tooManyLost ? "inconclusive" : outcome,
    `${begin}, with ${formatPercentage(condition.confidence)} confidence at least ${
      formatAgainst(lower, limits, formatDifference)
    } and at most ${formatAgainst(upper, limits, formatDifference)}${
      lowerIsBetter ? ", less being better" : ""
    }, which ${outcomeWords[outcome]} ${required}${
      tooManyLost ? `; but only ${formatCount(condition.lostAtMost)} may be lost` : ""
    }`,
    { ...figures, lower, upper }
  )
})

/**
 * The bounds where all differences are the same. Of examples like those that were seen, a share may behave otherwise that
 * the confidence leaves room for, and be as different as scores can be.
 */
const boundsOfSame = (
  { confidence, key }: ConditionOf<"NotWorse" | "Better">,
  { baseline, candidate }: Comparison,
  { difference, examples, kind }: KeyNumbers
): { readonly lower?: number; readonly upper?: number; readonly reason?: string } => {
  const scores = [baseline, candidate].flatMap(({ summaries }) => summaries[key]?.score ?? [])
  const span = kind === "share"
    ? 1
    : Math.max(...scores.map(({ max }) => max)) - Math.min(...scores.map(({ min }) => min))
  const estimate = difference.estimate ?? 0
  // Of the clusters, where there are some, there is one more than degrees of freedom.
  const independent = Math.min(examples.both, (difference.degreesOfFreedom ?? examples.both - 1) + 1)
  const others = 1 - (1 - confidence) ** (1 / independent)
  return span > 0
    ? { lower: estimate - (estimate + span) * others, upper: estimate + (span - estimate) * others }
    : { reason: "the scores do not vary" }
}

const newlyFailingVerdict = ({ atMost }: ConditionOf<"NewlyFailing">, comparison: Comparison): Verdict => {
  const newlyFailing = comparison.newlyFailing.length
  const matched = comparison.matched.length
  if (matched === 0) return verdict("inconclusive", "no example is in both experiments", { matched })
  return verdict(
    passIf(newlyFailing <= atMost),
    `${formatCount(newlyFailing)} of ${countOf(matched, "matched example")} ${
      newlyFailing === 1 ? "fails" : "fail"
    } that did not in ${comparison.baseline.name}; at most ${formatCount(atMost)} may`,
    { newlyFailing, matched }
  )
}

// --- what it takes

const latencyVerdict = (condition: ConditionOf<"Latency">, { latencies }: Experiment.Overview): Judged => {
  const { atMost, evaluator, measure } = condition
  const latency = evaluator === undefined ? latencies.target : latencies.evaluators[evaluator]
  const of = evaluator === undefined ? "the target" : `the evaluator ${evaluator}`
  if (latency === undefined) {
    return evaluator === undefined
      ? Effect.succeed(verdict("inconclusive", "no run of the target says how long it took", {}))
      : Effect.fail(unknown("the latency of the evaluator", evaluator, Object.keys(latencies.evaluators)))
  }
  const isPercentile = measure !== "mean" && measure !== "max"
  const value = isPercentile ? latency.percentiles[measure] : latency[measure]
  const error = isPercentile ? latency.percentiles.relativeError : 0
  const holds = value <= atMost
  return Effect.succeed(verdict(
    passIf(holds),
    `the ${measureWords[measure] ?? measure} of the time that ${of} takes is ${formatDuration(value)}${
      error === 0 ? "" : ` (give or take ${formatPercentage(error)})`
    } over ${countOf(latency.count, "run")}, which is ${holds ? "" : "not "}at most ${formatDuration(atMost)}`,
    { [measure]: value, runs: latency.count }
  ))
}

const measureWords: { readonly [measure: string]: string } = { max: "maximum" }

const usageVerdict = (
  { _tag, atMost, per }: ConditionOf<"Cost" | "Tokens">,
  { rowCount, usage }: Experiment.Overview
): Verdict => {
  const totals = [...(usage.target === undefined ? [] : [usage.target]), ...Object.values(usage.evaluators)]
  if (totals.length === 0) return verdict("inconclusive", "no run says what it used", {})
  const runs = totals.reduce((sum, total) => sum + total.runs, 0)
  const amounts = totals.map((total) => _tag === "Cost" ? total.cost : total.inputTokens + total.outputTokens)
  const known = amounts.filter((amount) => amount !== undefined)
  const total = known.reduce((sum, amount) => sum + amount, 0)
  const value = per === "row" ? total / rowCount : total
  const what = _tag === "Cost" ? "the cost" : "the number of tokens"
  const format = _tag === "Cost" ? formatMean : formatCount
  const figures = { [_tag === "Cost" ? "cost" : "tokens"]: value, runs, rows: rowCount }
  const begin = `${what}${per === "row" ? " of a row" : ""} is ${formatAgainst(value, [atMost], format)}, from ${
    countOf(runs, "run")
  } that say what they used`
  // What is known is already too much.
  if (value > atMost) return verdict("fail", `${begin}, which is not at most ${format(atMost)}`, figures)
  if (known.length < amounts.length) {
    return verdict("inconclusive", `${begin}; but not all of them have a price`, figures)
  }
  return verdict("pass", `${begin}, which is at most ${format(atMost)}`, figures)
}
