/** `effect-evals run`: all evaluations of the files, one after the other. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Experiment from "../../../Experiment.ts"
import type { ExperimentSource } from "../../../ExperimentSource.ts"
import { countOf } from "../../../internal/values/numbers.ts"
import * as ExperimentStore from "../../../sql/ExperimentStore.ts"
import * as TracingClient from "../../../TracingClient.ts"
import type { ReportFormat } from "../../Config.ts"
import { type Call, type CommandEffect, isSaid, type Platform, textsOf } from "../command.ts"
import { findFiles, loadEntries, type Located, selectEntries } from "../entries.ts"
import { evaluate, type Evaluated, linesClient, made } from "../evaluating.ts"
import { type Failure, usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { compare, endedLine, judge, type Look, showComparison, showExperiment } from "../judging.ts"
import { findExperiment, findLatest, lineage, readExperiment, type Reference } from "../references.ts"
import { defaultDirectory, tellGitHub, writeReports } from "../reporting.ts"
import { gateOf, readSettings, type RunSettings } from "../settings.ts"
import { shownStore, storeLayer } from "../store.ts"
import { readThresholds, type Thresholds } from "../thresholdText.ts"
import { watch } from "../watch.ts"
import { isWatched, layerTellingFiles, ranBefore, type Reading, reusable, tellModules, tellRan } from "../watched.ts"

export const run = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said } = call
    if (isSaid(said, "watch") && !isWatched()) return yield* watch(call)
    const reading = isWatched() ? tellModules() : undefined
    const settings = yield* readSettings(said, project)
    // Before modules are loaded, which may take a while.
    yield* gateOf(settings, undefined)
    const files = yield* findFiles(textsOf(said, "files"), project)
    const entries = yield* selectEntries(yield* loadEntries(files, project), settings.said.evaluations ?? [])
    if (settings.said.name !== undefined && entries.length > 1) {
      return yield* usage(
        `--name names one experiment, and there are ${entries.length} evaluations to run: ${
          entries.map(({ name }) => name).join(", ")
        }. Pick one with --evaluation.`
      )
    }
    const running = runEntries(entries, settings, call, reading)
    return yield* reading === undefined ? running : Effect.provide(running, layerTellingFiles)
  })

/** What is to be known of an entry before anything is run: mistakes are found before they cost anything. */
interface Prepared {
  readonly located: Located
  readonly resume: ReadonlyArray<Experiment.Experiment>
  /** What nobody else may go on from meanwhile. */
  readonly claim: string | undefined
  readonly baseline: Experiment.Experiment | undefined
  readonly look: Look
  readonly reports: {
    readonly formats: ReadonlyArray<ReportFormat>
    readonly directory: string
    readonly thresholds: Thresholds
  }
}

/** Runs entries one after the other, and gives the exit code of the worst. */
export const runEntries = Effect.fnUntraced(function*(
  entries: ReadonlyArray<Located>,
  settings: RunSettings,
  call: Call,
  reading?: Reading
): Effect.fn.Return<number, Failure, Platform> {
  const { screen } = call
  const prepared = yield* Effect.forEach(entries, (located) => prepare(located, settings, call, reading))
  const ended: Array<
    { readonly located: Located; readonly experiment: Experiment.Experiment | undefined; code: number }
  > = []
  for (const one of prepared) {
    const { claim, located, resume } = one
    const evaluated = yield* evaluate({
      located,
      settings,
      resume,
      claim,
      onInterrupt: (experiment) => {
        if (reading !== undefined) tellRan(located, experiment, reading)
        screen.machine(endedLine(experiment))
        screen.notice(
          `Interrupted after ${countOf(experiment.rowCount, "row")}${
            experiment.rowCount === 0 ? "." : `, which are kept in ${shownStore(call.project)}.`
          }\nGo on with: effect-evals resume ${experiment.name}`
        )
        const left = prepared.length - ended.length - 1
        if (left > 0) screen.notice(`${countOf(left, "evaluation")} not begun.`)
      }
    }, call).pipe(Effect.provide(tracingLayer(call)))
    if (reading !== undefined && evaluated.experiment !== undefined) tellRan(located, evaluated.experiment, reading)
    const code = yield* conclude(evaluated, one, call)
    ended.push({ located, experiment: evaluated.experiment, code })
  }
  if (ended.length > 1) {
    screen.human(
      `\n${
        ended.map(({ code, experiment, located }) =>
          `${codeWords[code] ?? "failed"}  ${experiment?.name ?? located.name}`
        )
          .join("\n")
      }\n`
    )
  }
  return Math.max(...ended.map(({ code }) => code))
})

const codeWords: { readonly [code: number]: string } = {
  [ExitCode.done]: "ok         ",
  [ExitCode.gateFailed]: "gate failed",
  [ExitCode.usage]: "not run    ",
  [ExitCode.runFailed]: "failed     "
}

/** Says what came of an entry, writes its reports, and gives its exit code. */
export const conclude = Effect.fnUntraced(function*(
  { experiment, failure }: Evaluated,
  { baseline, look, reports }: Pick<Prepared, "baseline" | "look" | "reports">,
  call: Call
): Effect.fn.Return<number, Failure, Platform> {
  const { project, screen } = call
  if (experiment !== undefined) screen.machine(endedLine(experiment))
  if (failure !== undefined) {
    const hasRows = experiment !== undefined && experiment.rowCount > 0
    if (hasRows) showExperiment(experiment, look, screen)
    screen.error(failure.message)
    screen.machine({ event: "error", exitCode: failure.exitCode, message: failure.message })
    if (hasRows) {
      screen.notice(
        `${countOf(experiment.rowCount, "row")} of ${experiment.name} are kept in ${shownStore(project)}.\n` +
          `Go on with: effect-evals resume ${experiment.name} --rerun-failed`
      )
      yield* tellGitHub({ experiment, all: [experiment] }, call)
    }
    return failure.exitCode
  }
  if (experiment === undefined) return ExitCode.runFailed
  for (const { client, message, rows } of experiment.tracingFailures) {
    // An experiment that is not kept cannot be resumed, compared or shown.
    screen.error(`${countOf(rows, "row")} of ${experiment.name} could not be written to ${client}. ${message}`)
  }
  const comparison = baseline === undefined
    ? undefined
    : yield* compare(baseline, experiment, look.comparison ?? {})
  if (comparison === undefined) showExperiment(experiment, look, screen)
  else showComparison(comparison, look, screen)
  const { code, verdict } = yield* judge(comparison ?? experiment, look, screen).pipe(
    // A gate that asks for what is not there is found out when everything is paid for: the rest is done all the same.
    Effect.catch((failure) => {
      screen.error(failure.message)
      screen.machine({ event: "error", exitCode: failure.exitCode, message: failure.message })
      return Effect.succeed({ code: failure.exitCode, verdict: undefined })
    })
  )
  const subject = {
    experiment,
    all: baseline === undefined ? [experiment] as const : [baseline, experiment] as const,
    comparison,
    comparisonOptions: look.comparison,
    verdict
  }
  const nothing = nothingSucceeded(experiment)
  if (nothing !== undefined) {
    screen.error(nothing)
    screen.machine({ event: "error", exitCode: ExitCode.runFailed, message: nothing })
  }
  yield* writeReports({ ...subject, thresholds: reports.thresholds }, reports.formats, {
    directory: reports.directory,
    name: experiment.evaluation
  }, call)
  yield* tellGitHub(subject, call)
  return nothing === undefined ? code : Math.max(code, ExitCode.runFailed)
})

/** A wrong key, say, makes all rows fail alike: without a gate that would pass for a run that went well. */
const nothingSucceeded = ({ name, rows, runs }: Experiment.Experiment): string | undefined => {
  const failed = runs.failed + runs.timedOut + runs.cancelled
  if (runs.succeeded > 0 || failed === 0) return undefined
  const error = rows.find(({ run }) => run.error !== undefined)?.run.error
  return `Of ${countOf(failed, "row")} of ${name}, none succeeded${error === undefined ? "." : `: ${error}`}`
}

/** Which reports of a run are wanted, and where. */
export const reportsOf = ({ defaults, said }: RunSettings): Effect.Effect<Prepared["reports"], Failure> =>
  Effect.map(readThresholds(said.thresholds ?? defaults.thresholds ?? []), (thresholds) => ({
    formats: said.report ?? defaults.report ?? [],
    directory: said.out ?? defaults.out ?? defaultDirectory,
    thresholds
  }))

const prepare = Effect.fnUntraced(function*(
  located: Located,
  settings: RunSettings,
  call: Call,
  reading: Reading | undefined
): Effect.fn.Return<Prepared, Failure, Platform> {
  const { project, screen } = call
  const { defaults, said } = settings
  const gate = yield* gateOf(settings, located.entry.gate)
  const find = Effect.fnUntraced(function*(
    reference: string,
    filter: ExperimentStore.Filter,
    what: string
  ): Effect.fn.Return<Reference | undefined, Failure, Platform> {
    const found = reference === "latest"
      ? yield* findLatest(project, { ...filter, evaluation: yield* nameOf(located, call) })
      : yield* findExperiment(reference, project)
    if (found === undefined) screen.notice(`There is no ${what} yet for ${located.name}.`)
    return found
  })
  const baselineName = said.baseline ?? defaults.baseline
  const baseline = baselineName === undefined
    ? undefined
    : yield* find(baselineName, { status: "completed" }, "experiment to compare with")
  const resumed = said.resume === undefined ? undefined : yield* find(said.resume, {}, "experiment to resume")
  const { dataSchemas } = located.entry
  const before = reading === undefined ? [] : yield* unchanged(located, reading, call)
  return {
    located,
    baseline: baseline === undefined ? undefined : yield* readExperiment(baseline, project),
    resume: [
      ...before,
      ...(resumed === undefined
        ? []
        : yield* Effect.forEach(
          yield* lineage(resumed, project),
          (reference) => readExperiment(reference, project, dataSchemas)
        ))
    ],
    claim: resumed?._tag === "Stored" ? resumed.entry.header.name : undefined,
    look: {
      gate,
      allowInconclusive: said.allowInconclusive ?? defaults.allowInconclusive ?? false,
      comparison: defaults.comparison
    },
    reports: yield* reportsOf(settings)
  }
})

/** The name of the evaluation, which has to be made where an effect makes it. */
const nameOf = (located: Located, call: Call): Effect.Effect<string, Failure, Platform> =>
  located.entry.name !== undefined
    ? Effect.succeed(located.entry.name)
    : Effect.map(made(located, call.project.cwd), ({ evaluation }) => evaluation.name).pipe(
      Effect.scoped,
      Effect.provide(tracingLayer(call))
    )

/** What the run before this one did, as far as it is sure to be the same now. */
const unchanged = Effect.fnUntraced(function*(
  located: Located,
  reading: Reading,
  { project, screen }: Call
): Effect.fn.Return<ReadonlyArray<Experiment.Experiment>, Failure, Platform> {
  const experiments: Array<Experiment.Experiment> = []
  for (const ran of ranBefore(located)) {
    const reference = yield* findExperiment(ran.experiment, project)
    const experiment = yield* readExperiment(reference, project, located.entry.dataSchemas)
    const kept = reusable(experiment, ran, reading)
    if (kept !== undefined) experiments.push(kept)
    else {
      screen.notice(
        `${located.name} is run anew: the code has changed, and its target has no version that would say whether it has, ` +
          `too (Target.make(name, run, { version })).`
      )
      return []
    }
  }
  return experiments
})

/** Experiments go into the store, which is made if it is not there, and onto the screen where machines look at it. */
export const tracingLayer = (
  { project, screen }: Call
): Layer.Layer<TracingClient.TracingClient | ExperimentSource, Failure> => {
  const store = Layer.provide(ExperimentStore.layerTracingClient, storeLayer(project, { create: true }))
  return screen.json ? TracingClient.layerAll(store, TracingClient.layerClient(linesClient(screen))) : store
}
