/** One run of one evaluation: what it was asked for, what it adds up to so far, and where it is written. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { getCurrentVersion } from "effect/Version"
import type * as Dataset from "../../Dataset.ts"
import type * as Evaluation from "../../Evaluation.ts"
import type * as Execution from "../../Execution.ts"
import type * as Experiment from "../../Experiment.ts"
import * as Progress from "../../Progress.ts"
import type * as Row from "../../Row.ts"
import type * as Target from "../../Target.ts"
import * as TracingClient from "../../TracingClient.ts"
import { summarize } from "../summary/summarize.ts"
import { Tally } from "../summary/tally.ts"
import { causeLine } from "../values/causes.ts"
import { makeUuids, uuidV7 } from "../values/identity.ts"
import { toJson } from "../values/json.ts"
import { formatPercentage } from "../values/numbers.ts"
import { version } from "../values/version.ts"
import { type InvalidOptions, TooManyFailures } from "./evaluationErrors.ts"
import { type AnyEvaluator, toEvaluators, toSummaryEvaluators } from "./evaluators.ts"
import { InFlight } from "./inFlight.ts"
import { type Lane, makeLane, makeLimiters } from "./lanes.ts"
import { limitsUnknown, runUnknown } from "./optionNames.ts"
import { Places } from "./places.ts"
import { makeRecorder } from "./recorder.ts"
import type { Source } from "./results.ts"
import { makeReuse, type Reuse } from "./reuse.ts"
import { makeRunTracer, type RunTracer } from "./runTree.ts"
import {
  type FailureThreshold,
  invalidOptions,
  limitProblems,
  partProblems,
  type Resolved,
  resolveSettings,
  settingProblems
} from "./settings.ts"
import { Share, shareOfLimits, shareOfSettings } from "./share.ts"
import { startSummary } from "./summaryEvaluation.ts"
import { make as makeTimer, type Timer } from "./timer.ts"

/** An evaluation whose types have done their work. */
export type AnyEvaluation<E, R> = Evaluation.Evaluation<unknown, unknown, unknown, unknown, unknown, E, R>

/** Options whose types have done their work. */
export interface AnyOptions<out R, in Ended> extends Evaluation.Settings, Execution.Options {
  readonly evaluators?: ReadonlyArray<unknown> | undefined
  readonly summaryEvaluators?: ReadonlyArray<unknown> | undefined
  readonly evaluatorLimits?: Execution.Options | undefined
  readonly resume?: Evaluation.Resume<unknown> | undefined
  readonly provenance?: Effect.Effect<{ readonly [key: string]: unknown }, never, R> | undefined
  readonly onEnd?: ((experiment: Ended) => Effect.Effect<void, never, R>) | undefined
  /** Where the experiment has begun before, elsewhere, and its rows are kept by somebody who runs it in parts. */
  readonly begun?: Begun | undefined
}

/** What an experiment that is run in parts is known by, and what there is of it. */
export interface Begun {
  readonly id: string
  readonly startTime: number
  readonly reuse: Reuse
  readonly leftOut: Experiment.Footer["leftOut"]
  /** Told of runs that have ended and wait for evaluators, as rows without evaluations. */
  readonly onJudging?: ((row: Row.Row) => void) | undefined
}

export interface Session<R> {
  readonly settings: Resolved
  readonly target: Target.Target<unknown, unknown, unknown, R>
  readonly targetName: string
  readonly targetLane: Lane
  readonly evaluators: ReadonlyArray<
    { readonly evaluator: AnyEvaluator<R>; readonly lane: Lane; readonly source: Source }
  >
  readonly context: Context.Context<R>
  readonly tracer: RunTracer<R> | undefined
  readonly timer: Timer
  readonly clock: Clock.Clock
  readonly inFlight: InFlight
  readonly tags: ReadonlyArray<string>
  /** What is there already, where the run resumes others. */
  readonly reuse: Reuse | undefined
  readonly runId: (epochMillis: number) => string
  /**
   * Takes a row that is done. Gives what there is to wait for, if anything: room in the buffer of a tracing client, or the
   * failure that too many rows have failed.
   */
  readonly finish: (row: Row.Row) => Effect.Effect<void, TooManyFailures> | undefined
  /** Told of a run that has ended and waits for evaluators. */
  readonly onJudging: ((row: Row.Row) => void) | undefined
  /** Counts a row of the source that is no example. */
  readonly leaveOut: (error: Dataset.DatasetError) => void
  /** All rows are done: runs the summary evaluators and holds the failures against the threshold. */
  readonly complete: Effect.Effect<void, TooManyFailures>
}

const maxLeftOutMessages = 20

const sourceOf = <R>({ feedbackConfig, key, name }: AnyEvaluator<R>): Source => ({
  kind: "evaluator",
  evaluator: name,
  key,
  feedbackConfig
})

/** Checks the options, opens the tracing clients and begins. When the scope closes, all is written and ended. */
export const openSession = Effect.fnUntraced(function*<E, R>(
  evaluation: AnyEvaluation<E, R>,
  options: AnyOptions<R, Experiment.Experiment>
): Effect.fn.Return<Session<R>, InvalidOptions, R | TracingClient.TracingClient | Scope.Scope> {
  const { members: evaluators, problems: ofEvaluators } = toEvaluators<R>(options.evaluators ?? [])
  const { members: summaryEvaluators, problems: ofSummaries } = toSummaryEvaluators<R>(options.summaryEvaluators ?? [])
  const problems = [
    ...partProblems(evaluation),
    ...runUnknown(options),
    ...settingProblems(options),
    ...ofEvaluators,
    ...ofSummaries,
    // The settings have looked at the concurrency.
    ...limitProblems("", { ...options, concurrency: undefined }),
    ...limitProblems("evaluatorLimits.", options.evaluatorLimits ?? {}),
    ...evaluators.flatMap(({ name, options }) => [
      ...limitsUnknown(options, `evaluators.${name}.`),
      ...limitProblems(`evaluators.${name}.`, options)
    ]),
    ...summaryEvaluators.flatMap(({ name, options }) => [
      ...limitsUnknown(options, `summaryEvaluators.${name}.`),
      ...limitProblems(`summaryEvaluators.${name}.`, options)
    ])
  ]
  if (problems.length > 0) return yield* invalidOptions(evaluation.name, problems)
  const share = yield* Share
  const settings = shareOfSettings(share, resolveSettings(options))

  const clock = yield* Clock.Clock
  const context = yield* Effect.context<R>()
  const timer = yield* makeTimer
  const limiters = yield* makeLimiters
  const target = yield* evaluation.target.describe
  const targetLane = yield* makeLane(
    target.name,
    { ...shareOfLimits(share, target.name, options), concurrency: settings.concurrency },
    {},
    undefined,
    timer,
    limiters
  )
  const evaluatorPlaces = new Places(settings.evaluatorConcurrency)
  const lanes = new Map<unknown, Lane>()
  const members = yield* Effect.forEach(evaluators, (evaluator) =>
    Effect.gen(function*() {
      const lane = lanes.get(evaluator.lane) ??
        (yield* makeLane(
          evaluator.name,
          shareOfLimits(share, evaluator.name, evaluator.options),
          options.evaluatorLimits ?? {},
          evaluatorPlaces,
          timer,
          limiters
        ))
      lanes.set(evaluator.lane, lane)
      return { evaluator, lane, source: sourceOf(evaluator) }
    }))

  const described = yield* Effect.forEach(
    evaluators,
    ({ describe, feedbackKeys }) =>
      Effect.map(describe, (description) => ({ ...componentOf(description), feedbackKeys }))
  )
  const reuse = options.begun?.reuse ?? (options.resume === undefined
    ? undefined
    : makeReuse(options.resume, { target: target.fingerprint, evaluators: described }))
  const startTime = options.begun?.startTime ?? timer.now()
  const id = options.begun?.id ?? uuidV7(startTime)
  const header: Experiment.Header = {
    id,
    name: options.name ?? `${evaluation.name}-${id.slice(-8)}`,
    evaluation: evaluation.name,
    ...(options.description === undefined ? {} : { description: options.description }),
    tags: options.tags ?? [],
    metadata: toJson(options.metadata ?? {}) as Experiment.Header["metadata"],
    dataset: datasetOf(evaluation.data),
    target: componentOf(target),
    evaluators: described,
    ...(summaryEvaluators.length === 0
      ? {}
      : { summaryEvaluators: summaryEvaluators.map(({ description }) => componentOf(description)) }),
    repetitions: settings.repetitions,
    ...(options.resume === undefined ? {} : { resumes: options.resume.experiments.map(({ id }) => id) }),
    options: optionsJson(settings, targetLane, options),
    provenance: {
      effectEvals: version,
      effect: getCurrentVersion(),
      runtime: runtimeName(),
      ...(options.provenance === undefined ? {} : yield* options.provenance)
    },
    startTime
  }

  const { clients } = yield* TracingClient.TracingClient
  const recorders = yield* Effect.forEach(clients, (client) => makeRecorder(client, header), {
    concurrency: "unbounded"
  })
  const tally = new Tally(evaluators, settings.repetitions, options.summaries ?? {})
  const summaries = summaryEvaluators.map((evaluator) => startSummary(evaluator, context, timer))
  const summaryResults: Array<Experiment.SummaryOutcome> = []
  const rows: Array<Row.Row> = []
  const inFlight = new InFlight()
  const leftOut = { count: options.begun?.leftOut.count ?? 0, messages: [...options.begun?.leftOut.messages ?? []] }
  let completed = false
  let status: Experiment.Status | undefined

  const total = evaluation.data.size === undefined ? undefined : evaluation.data.size * settings.repetitions
  const tooManyFailures = (final: boolean): TooManyFailures | undefined => {
    const { threshold } = settings
    if (threshold === undefined || tally.failedRows === 0 || (!final && threshold.stop === "end")) return undefined
    const { limit, words } = allowedFailures(threshold, final ? tally.rowCount : total)
    return tally.failedRows <= limit ? undefined : new TooManyFailures({
      experiment: header.name,
      experimentId: id,
      failedRows: tally.failedRows,
      rowCount: tally.rowCount,
      message: `${tally.failedRows} of ${tally.rowCount} rows failed in ${header.name}; ` +
        `at most ${words} may. ` +
        "The rows that are done are kept. Look at their errors, or allow more with maxFailures."
    })
  }

  const progressScope = yield* Scope.make()
  const reporter = yield* Progress.Progress
  yield* Scope.provide(
    reporter.start(header, () => {
      const now = timer.now()
      return {
        status: status ?? "running",
        done: tally.rowCount,
        total,
        failed: tally.failedRows,
        reused: reuse?.counts?.runs ?? 0,
        elapsedMillis: now - startTime,
        means: tally.means(),
        inFlight: inFlight.list(now)
      }
    }),
    progressScope
  )

  yield* Effect.addFinalizer((exit) =>
    Effect.gen(function*() {
      status = statusOf(exit, completed)
      const failures = (yield* Effect.forEach(recorders, ({ flush }) => flush, { concurrency: "unbounded" })).flat()
      const footer: Experiment.Footer = {
        status,
        ...(Exit.isFailure(exit) && status === "failed" ? { error: causeLine(exit.cause) } : {}),
        endTime: timer.now(),
        ...(yield* summarize(tally)),
        ...(reuse?.counts === undefined ? {} : { reused: { ...reuse.counts } }),
        leftOut,
        summaryResults,
        tracingFailures: failures,
        concurrencyChanges: [targetLane, ...lanes.values()].flatMap(({ controller, name }) =>
          controller?.changes.map((change) => ({ of: name, ...change })) ?? []
        )
      }
      const endFailures = yield* Effect.forEach(recorders, ({ end }) => end(footer), { concurrency: "unbounded" })
      yield* Scope.close(progressScope, exit)
      if (options.onEnd !== undefined) {
        yield* options.onEnd({
          ...header,
          ...footer,
          tracingFailures: [...failures, ...endFailures.flat()],
          rows: rows.sort((a, b) => a.index - b.index)
        })
      }
    }).pipe(Effect.provideContext(context))
  )

  return {
    settings,
    target: evaluation.target,
    targetName: target.name,
    targetLane,
    evaluators: members,
    context,
    tracer: yield* Effect.withFiber((fiber) =>
      Effect.succeed(makeRunTracer(fiber, context, settings.runTrees, options.prices ?? {}, header))
    ),
    timer,
    clock,
    inFlight,
    tags: header.tags,
    reuse,
    runId: makeUuids(),
    finish(row) {
      tally.add(row)
      if (settings.keepRows) rows.push(row)
      for (const summary of summaries) summary.add(row)
      let recorded: Effect.Effect<void> | undefined
      for (const recorder of recorders) {
        const room = recorder.add(row)
        if (room !== undefined) recorded = recorded === undefined ? room : Effect.andThen(recorded, room)
      }
      const failure = tooManyFailures(false)
      if (failure === undefined) return recorded
      return recorded === undefined ? Effect.fail(failure) : Effect.andThen(recorded, Effect.fail(failure))
    },
    onJudging: options.begun?.onJudging,
    leaveOut(error) {
      leftOut.count++
      if (leftOut.messages.length < maxLeftOutMessages) leftOut.messages.push(error.message)
    },
    complete: Effect.gen(function*() {
      for (const { result } of summaries) summaryResults.push(yield* result)
      completed = true
      const failure = tooManyFailures(true)
      if (failure !== undefined) return yield* failure
    })
  }
})

/** How many of so many rows may fail, also in words. A share says nothing while nobody knows how many there are. */
export const allowedFailures = ({ count = Infinity, share }: FailureThreshold, rows: number | undefined) => {
  const counted = { limit: count, words: `${count}` }
  if (share === undefined || rows === undefined) return counted
  const limit = rowsOfShare(share, rows)
  return count <= limit ? counted : { limit, words: `${limit} (${formatPercentage(share)} of ${rows})` }
}

/** The most rows that are no more than this share of all. */
const rowsOfShare = (share: number, rows: number): number => {
  const limit = Math.floor(share * rows)
  // 0.29 * 100 is a little less than 29, but 29 / 100 is 0.29.
  return (limit + 1) / rows <= share ? limit + 1 : limit
}

const statusOf = (exit: Exit.Exit<unknown, unknown>, completed: boolean): Experiment.Status => {
  if (Exit.isFailure(exit)) return Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "failed"
  // A consumer that took only some of the rows ends the stream without a failure.
  return completed ? "completed" : "interrupted"
}

const datasetOf = (data: AnyEvaluation<unknown, unknown>["data"]): Experiment.Header["dataset"] => ({
  name: data.name,
  ...(data.version === undefined ? {} : { version: data.version }),
  steps: data.steps,
  ...(data.size === undefined ? {} : { size: data.size })
})

const componentOf = ({ config, fingerprint, name, version }: Target.Description): Experiment.Header["target"] => ({
  name,
  ...(version === undefined ? {} : { version }),
  ...(config === undefined ? {} : { config: toJson(config) }),
  fingerprint
})

const optionsJson = (
  settings: Resolved,
  { limits }: Lane,
  { adaptiveConcurrency, prices, rateLimit, summaries }: Execution.Options & Evaluation.Settings
): Experiment.Header["options"] => ({
  concurrency: settings.concurrency,
  evaluatorConcurrency: settings.evaluatorConcurrency,
  repetitions: settings.repetitions,
  order: settings.ordered ? "input" : "completion",
  timeoutMillis: toJson(limits.timeoutMillis),
  rowTimeoutMillis: toJson(limits.rowTimeoutMillis),
  retry: limits.retry !== undefined,
  runTrees: settings.runTrees,
  ...(settings.threshold === undefined ? {} : { maxFailures: settings.threshold }),
  ...(summaries === undefined ? {} : { summaries }),
  ...(prices === undefined ? {} : { prices }),
  ...(rateLimit === undefined ? {} : { rateLimit: toJson(rateLimit) }),
  ...(adaptiveConcurrency === undefined ? {} : { adaptiveConcurrency })
})

/** Such as `node 24.9.0 linux`. */
const runtimeName = (): string => {
  const { platform, versions } = globalThis.process
  const name = versions["bun"] !== undefined ? "bun" : versions["deno"] !== undefined ? "deno" : "node"
  return `${name} ${versions[name] ?? ""} ${platform}`
}
