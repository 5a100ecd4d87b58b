/** Experiments held against each other, example by example. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Struct from "effect/Struct"
import type {
  Comparison,
  Comparisons,
  ExperimentOf,
  KeyComparison,
  KeyNumbers,
  Pair,
  Ranked
} from "../../Comparison.ts"
import * as Row from "../../Row.ts"
import { rowsNotKept } from "../summary/keptRows.ts"
import { groupsOf, noGroup } from "../summary/rowGroups.ts"
import { ComparisonError, type Options, type Resolved, resolveOptions } from "./comparisonOptions.ts"
import { comparisonWarnings } from "./comparisonWarnings.ts"
import type * as decideModule from "./decide.ts"
import { type ExampleRows, matchExamples, rowsByExample, sharedExamples } from "./matching.ts"
import { latencyMeasures, type Measures, measuresOf, unscored } from "./measures.ts"

/** What needs distribution functions, loaded when it is needed. */
type Decide = typeof decideModule

const loadDecide: Effect.Effect<Decide> = Effect.promise(() => import("./decide.ts"))

/** Compares two. */
export const compareTwo = Effect.fnUntraced(function*<B extends Row.Row, C extends Row.Row>(
  baseline: ExperimentOf<B>,
  candidate: ExperimentOf<C>,
  options: Options
): Effect.fn.Return<Comparison<B, C>, ComparisonError> {
  const resolved = yield* Effect.fromResult(resolveOptions(options))
  yield* requireRows([baseline, candidate])
  yield* requireClusters([baseline, candidate], resolved)
  const keys = yield* keysOf([baseline, candidate], resolved)
  const decide = yield* loadDecide
  const [comparison] = adjusted([compare(decide, byExample(baseline), byExample(candidate), keys, resolved)], decide)
  // One in, one out.
  return comparison as Comparison<B, C>
})

/** Compares several. */
export const compareAll = Effect.fnUntraced(function*<R extends Row.Row>(
  experiments: ReadonlyArray<ExperimentOf<R>>,
  options: Options & { readonly pairs?: "baseline" | "all" | undefined }
): Effect.fn.Return<Comparisons<R>, ComparisonError> {
  const { pairs, ...rest } = options
  const resolved = yield* Effect.fromResult(resolveOptions(rest))
  if (experiments.length < 2) {
    return yield* new ComparisonError({
      message: `A comparison needs at least two experiments; there ${experiments.length === 1 ? "is one" : "are none"}.`
    })
  }
  yield* requireRows(experiments)
  yield* requireClusters(experiments, resolved)
  const keys = yield* keysOf(experiments, resolved)
  const decide = yield* loadDecide
  const prepared = experiments.map(byExample)
  const comparisons = prepared.flatMap((first, i) =>
    i > 0 && pairs !== "all"
      ? []
      : prepared.slice(i + 1).map((second) => compare(decide, first, second, keys, resolved))
  )
  return {
    experiments: prepared.map(({ overview }) => overview),
    comparisons: adjusted(comparisons, decide),
    rankings: rankingsOf(decide, prepared, keys, resolved)
  }
})

/** An experiment with its rows by example. */
interface Prepared<R extends Row.Row> {
  readonly overview: Comparison["baseline"]
  readonly examples: ReadonlyArray<ExampleRows<R>>
}

const byExample = <R extends Row.Row>(experiment: ExperimentOf<R>): Prepared<R> => ({
  overview: Struct.omit(experiment, ["rows"]),
  examples: rowsByExample(experiment.rows)
})

const requireRows = (experiments: ReadonlyArray<ExperimentOf<Row.Row>>): Effect.Effect<void, ComparisonError> => {
  const message = experiments.map((experiment) => rowsNotKept(experiment, "compare")).find(Predicate.isNotUndefined)
  return message === undefined ? Effect.void : Effect.fail(new ComparisonError({ message }))
}

/** The keys to compare. */
const keysOf = (
  experiments: ReadonlyArray<ExperimentOf<Row.Row>>,
  { keys, lowerIsBetter }: Resolved
): Effect.Effect<ReadonlyArray<string>, ComparisonError> => {
  const known = new Set(experiments.flatMap(({ summaries }) => Object.keys(summaries)))
  const unknown = [...keys ?? [], ...lowerIsBetter].filter((key) => !known.has(key))
  return unknown.length === 0 ? Effect.succeed(keys ?? [...known]) : Effect.fail(
    new ComparisonError({
      message: `None of the experiments ${experiments.map(({ name }) => name).join(", ")} has the key ` +
        `${unknown.join(", ")}. They have ${known.size === 0 ? "none" : [...known].join(", ")}.`
    })
  )
}

const compare = <B extends Row.Row, C extends Row.Row>(
  decide: Decide,
  baseline: Prepared<B>,
  candidate: Prepared<C>,
  keys: ReadonlyArray<string>,
  options: Resolved
): Comparison<B, C> => {
  const matching = matchExamples(baseline.examples, candidate.examples)
  const matched = matching.matched.map(({ first, second }): Pair<B, C> => ({
    // Its rows are rows of the candidate, hence its example is one of the candidate's.
    example: second.example as C["example"],
    baseline: first.rows,
    candidate: second.rows
  }))
  const failing = { newly: new Array<Pair<B, C>>(), noLonger: new Array<Pair<B, C>>(), inBoth: new Array<Pair<B, C>>() }
  for (const pair of matched) {
    const before = pair.baseline.some(Row.isFailure)
    const after = pair.candidate.some(Row.isFailure)
    if (after) failing[before ? "inBoth" : "newly"].push(pair)
    else if (before) failing.noLonger.push(pair)
  }
  const compared = Object.fromEntries(
    keys.map((key) => [
      key,
      compareKey(decide, key, matched, measuresOf(key, [baseline.overview, candidate.overview], options), options)
    ])
  )
  return {
    baseline: baseline.overview,
    candidate: candidate.overview,
    options,
    matched,
    onlyBaseline: matching.onlyFirst.map(({ example }) => example as B["example"]),
    onlyCandidate: matching.onlySecond.map(({ example }) => example as C["example"]),
    changed: matching.changed.map(({ first, second }) => ({
      baseline: first.example as B["example"],
      candidate: second.example as C["example"]
    })),
    newlyFailing: failing.newly,
    newlyPassing: failing.noLonger,
    failingInBoth: failing.inBoth,
    keys: compared,
    latency: compareKey(decide, "latency", matched, latencyMeasures, options).numbers,
    warnings: comparisonWarnings(baseline.overview, candidate.overview, matching, compared)
  }
}

/** One key over the matched examples. */
const compareKey = <B extends Row.Row, C extends Row.Row>(
  decide: Decide,
  key: string,
  matched: ReadonlyArray<Pair<B, C>>,
  { label, lowerIsBetter, score }: Measures,
  options: Resolved
): KeyComparison<B, C> => {
  const [scoreBaseline = unscored, scoreCandidate = unscored] = score
  const both: Array<Pair<B, C>> = []
  const lost: Array<Pair<B, C>> = []
  const gained: Array<Pair<B, C>> = []
  const baseline = new Float64Array(matched.length)
  const candidate = new Float64Array(matched.length)
  let isShare = true
  for (const pair of matched) {
    const before = scoreBaseline(pair.baseline)
    const after = scoreCandidate(pair.candidate)
    if (before !== undefined && after !== undefined) {
      baseline[both.length] = before
      candidate[both.length] = after
      isShare &&= isBinary(before) && isBinary(after)
      both.push(pair)
    } else if (before !== undefined) lost.push(pair)
    else if (after !== undefined) gained.push(pair)
  }
  if (both.length === 0 && label !== undefined) return compareLabels(key, matched, label, options)

  const scores = {
    baseline: baseline.subarray(0, both.length),
    candidate: candidate.subarray(0, both.length),
    clusters: options.clusterBy === undefined ? undefined : both.map(({ example }) => clusterOf(example, options))
  }
  const change = (index: number) => ({
    example: both[index]!.example,
    baseline: both[index]!.baseline,
    candidate: both[index]!.candidate,
    baselineScore: baseline[index]!,
    candidateScore: candidate[index]!
  })
  const gains = Float64Array.from(both, (_, i) => (candidate[i]! - baseline[i]!) * (lowerIsBetter ? -1 : 1))
  const indexes = Uint32Array.from(both, (_, i) => i)
  const improved = indexes.filter((i) => gains[i]! > 0).sort((a, b) => gains[b]! - gains[a]!)
  const regressed = indexes.filter((i) => gains[i]! < 0).sort((a, b) => gains[a]! - gains[b]!)
  const decision = decide.decide(scores, isShare && both.length > 0, options)
  return {
    numbers: withVerdict({
      key,
      kind: both.length === 0 ? "none" : isShare ? "share" : "number",
      lowerIsBetter,
      examples: countsOf(matched, both, lost, gained),
      ...decision,
      improved: improved.length,
      regressed: regressed.length,
      unchanged: both.length - improved.length - regressed.length
    }, decision.test.pValue),
    improved: Array.from(improved, change),
    regressed: Array.from(regressed, change),
    lost,
    gained
  }
}

const isBinary = (score: number): boolean => score === 0 || score === 1

/** What the example belongs to; one that has nothing in common with others stands for itself. */
const clusterOf = (example: Row.Row["example"], { clusterBy }: Resolved): string => {
  const groups = clusterBy === undefined ? [noGroup] : Array.from(groupsOf(example, clusterBy))
  return groups[0] === noGroup ? `example ${example.id}` : `group ${JSON.stringify(groups)}`
}

/** A field that no example has is a mistake: all of them would seem independent. */
const requireClusters = (
  experiments: ReadonlyArray<ExperimentOf<Row.Row>>,
  { clusterBy }: Resolved
): Effect.Effect<void, ComparisonError> => {
  if (clusterBy === undefined) return Effect.void
  const rows = experiments.flatMap(({ rows }) => rows)
  const some = rows.length === 0 ||
    rows.some(({ example }) => Array.from(groupsOf(example, clusterBy)).some((group) => group !== noGroup))
  return some ? Effect.void : Effect.fail(
    new ComparisonError({
      message: `No example of ${
        experiments.map(({ name }) => name).join(", ")
      } has ${clusterBy}, which clusterBy asks for.`
    })
  )
}

const countsOf = (
  matched: ReadonlyArray<unknown>,
  both: ReadonlyArray<unknown>,
  lost: ReadonlyArray<unknown>,
  gained: ReadonlyArray<unknown>
): KeyNumbers["examples"] => ({
  both: both.length,
  onlyBaseline: lost.length,
  onlyCandidate: gained.length,
  neither: matched.length - both.length - lost.length - gained.length
})

/** Labels can be the same or not; there is no better among them. */
const compareLabels = <B extends Row.Row, C extends Row.Row>(
  key: string,
  matched: ReadonlyArray<Pair<B, C>>,
  [labelBaseline, labelCandidate]: NonNullable<Measures["label"]>,
  { level }: Resolved
): KeyComparison<B, C> => {
  const labels = matched.map((pair) => ({
    pair,
    before: labelBaseline(pair.baseline),
    after: labelCandidate(pair.candidate)
  }))
  const both = labels.filter(({ after, before }) => before !== undefined && after !== undefined)
  const lost = labels.filter(({ after, before }) => before !== undefined && after === undefined)
  const gained = labels.filter(({ after, before }) => before === undefined && after !== undefined)
  const reason = "labels have no order"
  return {
    numbers: {
      key,
      kind: both.length === 0 ? "none" : "label",
      lowerIsBetter: false,
      examples: countsOf(matched, both, lost, gained),
      difference: { level, reason },
      test: { name: "none", reason },
      effectSize: { name: "none", reason },
      improved: 0,
      regressed: 0,
      unchanged: both.filter(({ after, before }) => before === after).length,
      verdict: "undecided"
    },
    improved: [],
    regressed: [],
    lost: lost.map(({ pair }) => pair),
    gained: gained.map(({ pair }) => pair)
  }
}

/** The numbers with a verdict by this p-value. */
const withVerdict = (numbers: Omit<KeyNumbers, "verdict">, pValue: number | undefined): KeyNumbers => ({
  ...numbers,
  verdict: verdictOf(numbers, pValue)
})

const verdictOf = (
  { difference: { estimate, level }, lowerIsBetter }: Omit<KeyNumbers, "verdict">,
  pValue: number | undefined
): KeyNumbers["verdict"] => {
  if (pValue === undefined || estimate === undefined) return "undecided"
  if (pValue > 1 - level || estimate === 0) return "inconclusive"
  return estimate > 0 !== lowerIsBetter ? "better" : "worse"
}

/** The comparisons with the p-values of all their keys adjusted together. */
const adjusted = <B extends Row.Row, C extends Row.Row>(
  comparisons: ReadonlyArray<Comparison<B, C>>,
  { adjust }: Decide
): ReadonlyArray<Comparison<B, C>> => {
  const all = comparisons.flatMap(({ keys }) => Object.values(keys).map(({ numbers }) => numbers.test.pValue))
  const pValues = adjust(all, comparisons[0]?.options.adjustment ?? "none")
  let next = 0
  return comparisons.map((comparison) => ({
    ...comparison,
    keys: Object.fromEntries(
      Object.entries(comparison.keys).map(([key, compared]) => {
        const adjustedPValue = pValues[next++]
        return [key, {
          ...compared,
          numbers: withVerdict(
            { ...compared.numbers, ...(adjustedPValue === undefined ? {} : { adjustedPValue }) },
            adjustedPValue
          )
        }]
      })
    )
  }))
}

/** The experiments by key, best first, over the examples that all have a score for. */
const rankingsOf = <R extends Row.Row>(
  decide: Decide,
  experiments: ReadonlyArray<Prepared<R>>,
  keys: ReadonlyArray<string>,
  options: Resolved
): Comparisons<R>["rankings"] => {
  const shared = sharedExamples(experiments.map(({ examples }) => examples))
  return Object.fromEntries(keys.map((key) => {
    const { lowerIsBetter, score } = measuresOf(key, experiments.map(({ overview }) => overview), options)
    const scored = shared.flatMap((all) => {
      const { example } = all[0]
      const scores = all.map(({ rows }, i) => score[i]?.(rows))
      return scores.every((score) => score !== undefined) ? [{ example, scores }] : []
    })
    const clusters = options.clusterBy === undefined
      ? undefined
      : scored.map(({ example }) => clusterOf(example, options))
    const columns = experiments.map((_, i) => Float64Array.from(scored, ({ scores }) => scores[i]!))
    return [key, scored.length === 0 ? [] : rank(decide, experiments, columns, clusters, lowerIsBetter, options)]
  }))
}

const rank = (
  { adjust, decide, meanOf }: Decide,
  experiments: ReadonlyArray<Prepared<Row.Row>>,
  columns: ReadonlyArray<Float64Array>,
  clusters: ReadonlyArray<string> | undefined,
  lowerIsBetter: boolean,
  options: Resolved
): ReadonlyArray<Ranked> => {
  const ordered = experiments
    .map(({ overview }, i) => ({ experiment: overview, scores: columns[i]!, mean: meanOf(columns[i]!) }))
    .sort((a, b) => (b.mean - a.mean) * (lowerIsBetter ? -1 : 1))
  const best = ordered[0]!
  const isShare = columns.every((scores) => scores.every(isBinary))
  const behind = ordered.slice(1).map(({ scores }) =>
    decide({ baseline: best.scores, candidate: scores, clusters }, isShare, options)
  )
  const pValues = adjust(behind.map(({ test }) => test.pValue), options.adjustment)
  return ordered.map(({ experiment, mean, scores }, i) => {
    const decision = behind[i - 1]
    const adjustedPValue = pValues[i - 1]
    return {
      experiment,
      rank: 1 + ordered.findIndex((other) => other.mean === mean),
      examples: scores.length,
      mean,
      ...(decision === undefined ? {} : {
        behindBest: {
          difference: decision.difference,
          test: decision.test,
          ...(adjustedPValue === undefined ? {} : { adjustedPValue })
        }
      })
    }
  })
}
