/**
 * Asking the tree of a run: which spans there are, how many, and what is above and below them.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Evaluator from "../Evaluator.ts"
import type * as Run from "../Run.ts"
import { ofRun, type RunOptions } from "./internal/scorer.ts"
import { counted, listOf } from "./internal/words.ts"
import { isEqual } from "./JsonEquality.ts"

/**
 * What a span has to be like. All that is given has to hold; an empty query is any span. Bounds count themselves, and a
 * bound of 0 is a bound.
 *
 * @category models
 * @since 0.1.0
 */
export interface Query {
  /** The name, or what says whether a name will do. */
  readonly name?: string | ((name: string) => boolean) | undefined
  readonly runType?: Run.ChildRun["runType"] | undefined
  /** How it ended; `"open"` is not at all. */
  readonly status?: "ok" | "error" | "open" | undefined
  /** Attributes with these values, or with values of which a function says that they will do. */
  readonly attributes?: { readonly [name: string]: unknown } | undefined
  /** How long it took, at least. A span that is open has no duration, and fits no bound. */
  readonly atLeast?: Duration.Input | undefined
  /** How long it took, at most. */
  readonly atMost?: Duration.Input | undefined
  /** Anything else. */
  readonly where?: ((span: Run.ChildRun) => boolean) | undefined
  /** The span right above it. A span that the target opened itself has none. */
  readonly parent?: Query | undefined
  /** Spans above it, at any distance. */
  readonly ancestors?: Count | undefined
  /** Spans right below it. */
  readonly children?: Count | undefined
  /** Spans below it, at any distance. */
  readonly descendants?: Count | undefined
  /** What it must not be like. */
  readonly not?: Query | undefined
  /** One of these will do. */
  readonly anyOf?: ReadonlyArray<Query> | undefined
}

/**
 * How many spans there have to be of a kind. Bounds count themselves.
 *
 * @category models
 * @since 0.1.0
 */
export interface Count {
  /** Default: any span. */
  readonly query?: Query | undefined
  /** Default: 1, or 0 where there is an `atMost` (which may be 0: none). */
  readonly atLeast?: number | undefined
  /** Default: no bound. */
  readonly atMost?: number | undefined
}

interface Place {
  readonly span: Run.ChildRun
  readonly above: Place | undefined
}

type Test = (place: Place) => boolean

/** What a query asks, made once for all spans. */
const testOf = (query: Query): Test => {
  const tests: Array<Test> = []
  const { name, runType, status, where } = query
  if (typeof name === "string") tests.push(({ span }) => span.name === name)
  else if (name !== undefined) tests.push(({ span }) => name(span.name))
  if (runType !== undefined) tests.push(({ span }) => span.runType === runType)
  if (status !== undefined) tests.push(({ span }) => statusOf(span) === status)
  for (const [key, wanted] of Object.entries(query.attributes ?? {})) {
    tests.push(({ span }) => {
      const value = Object.hasOwn(span.attributes, key) ? span.attributes[key] : undefined
      return typeof wanted === "function" ? wanted(value) === true : value !== undefined && isEqual(value, wanted)
    })
  }
  if (query.atLeast !== undefined) {
    const least = Duration.toMillis(query.atLeast)
    tests.push(({ span }) => durationOf(span) >= least)
  }
  if (query.atMost !== undefined) {
    const most = Duration.toMillis(query.atMost)
    tests.push(({ span }) => durationOf(span) <= most)
  }
  if (where !== undefined) tests.push(({ span }) => where(span))
  if (query.parent !== undefined) {
    const parent = testOf(query.parent)
    tests.push(({ above }) => above !== undefined && parent(above))
  }
  if (query.ancestors !== undefined) tests.push(countTest(query.ancestors, ancestors))
  if (query.children !== undefined) tests.push(countTest(query.children, children))
  if (query.descendants !== undefined) tests.push(countTest(query.descendants, descendants))
  if (query.not !== undefined) {
    const not = testOf(query.not)
    tests.push((place) => !not(place))
  }
  if (query.anyOf !== undefined) {
    const some = query.anyOf.map(testOf)
    tests.push((place) => some.some((test) => test(place)))
  }
  return (place) => tests.every((test) => test(place))
}

const statusOf = ({ endTime, error }: Run.ChildRun): Query["status"] =>
  error !== undefined ? "error" : endTime === undefined ? "open" : "ok"

/** `NaN` is on no side of a bound. */
const durationOf = ({ endTime, startTime }: Run.ChildRun): number => endTime === undefined ? NaN : endTime - startTime

const children = function*(place: Place): Iterable<Place> {
  for (const span of place.span.childRuns) yield { span, above: place }
}

/** With a stack of its own: a chain of calls may be as deep as a run has spans. */
const descendants = function*(place: Place): Iterable<Place> {
  const waiting = Array.from(children(place)).toReversed()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    waiting.push(...Array.from(children(next)).toReversed())
  }
}

const ancestors = function*({ above }: Place): Iterable<Place> {
  for (let place = above; place !== undefined; place = place.above) yield place
}

const boundsOf = ({ atLeast, atMost }: Pick<Count, "atLeast" | "atMost">) => {
  const bounds = { atLeast: atLeast ?? (atMost === undefined ? 1 : 0), atMost: atMost ?? Infinity }
  if (!(bounds.atLeast >= 0) || !(bounds.atMost >= bounds.atLeast)) {
    throw new RangeError(`the bounds of a count of spans are at least ${bounds.atLeast} and at most ${bounds.atMost}`)
  }
  return bounds
}

const countTest = (count: Count, placesOf: (place: Place) => Iterable<Place>): Test => {
  const test = testOf(count.query ?? {})
  const { atLeast, atMost } = boundsOf(count)
  return (place) => {
    let found = 0
    for (const other of placesOf(place)) if (test(other)) found++
    return found >= atLeast && found <= atMost
  }
}

type Tree = { readonly childRuns: ReadonlyArray<Run.ChildRun> }

/**
 * The spans of a run that a query fits, parents before children.
 *
 * **Example** (Searches below a plan that failed)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Spans } from "effect-evals/scorers"
 *
 * const search = Effect.void.pipe(Effect.withSpan("search", { attributes: { index: "docs" } }))
 * const evaluation = Evaluation.make("agent", {
 *   data: Dataset.fromIterable("tasks", [{ inputs: "x" }]),
 *   target: () => Effect.andThen(search, search).pipe(Effect.withSpan("plan"))
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [] }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const run = experiment.rows[0]?.run ?? { childRuns: [] }
 * console.log(Spans.find(run, { attributes: { index: "docs" }, parent: { name: "plan" } }).length) // => 2
 * console.log(Spans.find(run, { children: { atMost: 0 }, status: "error" }).length) // => 0
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const find = (run: Tree, query: Query): ReadonlyArray<Run.ChildRun> => findWith(run, testOf(query))

const findWith = (run: Tree, test: Test): ReadonlyArray<Run.ChildRun> => {
  const found: Array<Run.ChildRun> = []
  for (const span of run.childRuns) {
    const root: Place = { span, above: undefined }
    if (test(root)) found.push(span)
    for (const place of descendants(root)) if (test(place)) found.push(place.span)
  }
  return found
}

/**
 * Whether the run has as many spans of a kind as it should: `true` or `false`, under the key `spans`. `{ query: { name:
 * "search" } }` wants one or more, `{ query: { status: "error" }, atMost: 0 }` none. The comment names those it found.
 * Run trees have to be on, as they are by default: a run without spans is one whose target opened none.
 *
 * **Example** (A search, and nothing that failed)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Spans } from "effect-evals/scorers"
 *
 * const evaluation = Evaluation.make("agent", {
 *   data: Dataset.fromIterable("tasks", [{ inputs: "x" }]),
 *   target: () => Effect.void.pipe(Effect.withSpan("search"), Effect.withSpan("plan"))
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, {
 *     evaluators: [
 *       Spans.has({ query: { name: "search" } }, { key: "searched" }),
 *       Spans.has({ query: { status: "error" }, atMost: 0 }, { key: "no_errors" })
 *     ]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, key, score } of experiment.rows.flatMap(Row.results)) console.log(`${key} ${score}: ${comment}`)
 * // => searched true: 1 span found (at least 1): search
 * // => no_errors true: 0 spans found (exactly 0): none
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const has = <I, O, Ref, M>(
  count: Count,
  options: RunOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  const test = testOf(count.query ?? {})
  const { atLeast, atMost } = boundsOf(count)
  const wanted = atLeast === atMost
    ? `exactly ${atLeast}`
    : [...(atLeast > 0 ? [`at least ${atLeast}`] : []), ...(atMost < Infinity ? [`at most ${atMost}`] : [])].join(", ")
  return ofRun({ name: "spans", own: {}, config: { count } }, options, (run) => {
    const found = findWith(run, test)
    return {
      score: found.length >= atLeast && found.length <= atMost,
      comment: `${counted(found.length, "span")} found (${wanted === "" ? "any number" : wanted}): ${
        listOf(found.map(({ name }) => name))
      }`
    }
  })
}
