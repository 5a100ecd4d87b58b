/** Runs one entry: as the entry, the call and the configuration want it, into the store and onto the screen. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Dataset from "../../Dataset.ts"
import * as Evaluation from "../../Evaluation.ts"
import type * as Experiment from "../../Experiment.ts"
import { ExperimentSource } from "../../ExperimentSource.ts"
import { claim as takeClaim } from "../../internal/claims/claim.ts"
import { makeDataset } from "../../internal/dataset/dataset.ts"
import { errorOf } from "../../internal/values/causes.ts"
import { toJson } from "../../internal/values/json.ts"
import * as Outcome from "../../Outcome.ts"
import * as Progress from "../../Progress.ts"
import * as Provenance from "../../Provenance.ts"
import * as Row from "../../Row.ts"
import * as TracingClient from "../../TracingClient.ts"
import type { Call, Platform } from "./command.ts"
import type { Located } from "./entries.ts"
import { Failure, runFailed, usage } from "./failure.ts"
import { readFilter } from "./filterText.ts"
import type { Screen } from "./screen.ts"
import { mergedOptions, type RunSettings } from "./settings.ts"
import { messageOf, positionOf } from "./sourcePosition.ts"

/** What the provenance of an experiment says about the command that ran it, so that `resume` and `rescore` find back. */
export const CommandProvenance = Schema.Struct({
  file: Schema.String,
  exportName: Schema.String,
  options: Schema.Record(Schema.String, Schema.Unknown)
})

/** What came of an entry: the experiment as far as it got, and why it got no further. */
export interface Evaluated {
  readonly experiment: Experiment.Experiment | undefined
  readonly failure: Failure | undefined
}

/** How to run an entry. */
export interface Plan {
  readonly located: Located
  readonly settings: RunSettings
  readonly resume: ReadonlyArray<Experiment.Experiment>
  /** What nobody else may go on from meanwhile. */
  readonly claim?: string | undefined
  /** Judges the runs of this experiment, instead of running the target. */
  readonly rescore?: Experiment.Experiment | undefined
  /** Told when the run is interrupted, with what there is. */
  readonly onInterrupt: (experiment: Experiment.Experiment) => void
}

export const evaluate = Effect.fnUntraced(function*(
  { claim, located, onInterrupt, rescore, resume, settings }: Plan,
  { project, screen }: Pick<Call, "project" | "screen">
): Effect.fn.Return<Evaluated, never, Platform | TracingClient.TracingClient | ExperimentSource> {
  const { entry, exportName, file } = located
  let ended: Experiment.Experiment | undefined
  const options = mergedOptions(entry, settings)
  const command = { file, exportName, options: toJson(settings.said) }
  const full: Evaluation.Entry["options"] = {
    ...options,
    provenance: Effect.map(
      Effect.all([Provenance.git, options.provenance ?? Effect.succeed({})]),
      ([git, own]) => ({ ...git, command, ...own })
    ),
    onEnd: (experiment) => {
      ended = experiment
      return options.onEnd?.(experiment) ?? Effect.void
    }
  }
  const run = Effect.gen(function*() {
    const { context, evaluation } = yield* made(located, project.cwd)
    const running = rescore === undefined
      ? Evaluation.run({ ...evaluation, data: selected(evaluation.data, settings) }, {
        ...full,
        ...(resume.length === 0
          ? {}
          : { resume: { experiments: resume, failed: settings.said.rerunFailed === true ? "rerun" : "keep" } })
      })
      : Evaluation.rescore(rescore, full)
    const { claims } = yield* ExperimentSource
    const lost = claim === undefined ? Effect.never : (yield* takeClaim(claims, claim, "fail")).lost
    yield* running.pipe(
      Effect.provideContext(context),
      Effect.raceFirst(lost),
      Effect.mapError((error) => failureOf(error, project.cwd))
    )
  }).pipe(
    Effect.scoped,
    Effect.provide(progressLayer(screen)),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.fail(failureOf(errorOf(cause), project.cwd))
    ),
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        screen.endLive()
        if (ended !== undefined) onInterrupt(ended)
      })
    )
  )
  const failure = yield* Effect.match(run, { onFailure: (failure) => failure, onSuccess: () => undefined })
  screen.endLive()
  return { experiment: ended, failure }
})

/** The evaluation of an entry, and what it needs. */
export const made = Effect.fnUntraced(function*(located: Located, cwd: string, memoMap?: Layer.MemoMap) {
  const { entry, file, name } = located
  const context = yield* provided(located, cwd, memoMap)
  const evaluation = yield* entry.evaluation.pipe(
    Effect.provideContext(context),
    Effect.mapError((error) => usage(`The evaluation ${name} of ${file} cannot be made. ${messageOf(error)}`, error))
  )
  return { context, evaluation }
})

/** What the entry's layer provides, with its tracing clients beside those of the command. */
const provided = Effect.fnUntraced(function*(
  { entry: { layer }, file, name }: Located,
  cwd: string,
  memoMap?: Layer.MemoMap
): Effect.fn.Return<
  Context.Context<never>,
  Failure,
  Scope.Scope | Platform | TracingClient.TracingClient
> {
  const ours = yield* TracingClient.TracingClient
  const context: Context.Context<never> = yield* Effect.context<Platform | TracingClient.TracingClient>()
  if (layer === undefined) return context
  const building = memoMap === undefined
    ? Layer.build(layer)
    : Layer.buildWithMemoMap(layer, memoMap, yield* Effect.scope)
  const built: Context.Context<never> = yield* building.pipe(
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const error = errorOf(cause)
      const place = positionOf(error, cwd)
      return Effect.fail(usage(
        `The layer of ${name} (${file}) cannot be built${place === undefined ? "" : `, at ${place}`}. ${
          messageOf(error)
        }`,
        error
      ))
    })
  )
  const merged = Context.merge(context, built)
  const theirs = Context.getOption(built, TracingClient.TracingClient)
  return theirs._tag === "None" || theirs.value === ours
    ? merged
    : Context.add(merged, TracingClient.TracingClient, { clients: [...ours.clients, ...theirs.value.clients] })
})

type AnyDataset = Dataset.Dataset<unknown, unknown, unknown, unknown, Evaluation.EntryServices>

/** The examples that are asked for. */
export const selected = (data: AnyDataset, { defaults, said }: RunSettings): AnyDataset => {
  const filters = (said.filter ?? defaults.filter ?? []).map((text) => readFilter(text)).filter((filter) =>
    filter !== undefined
  )
  const limit = said.limit ?? defaults.limit
  const sample = said.sample ?? defaults.sample
  const filtered = filters.length === 0
    ? data
    : makeDataset({
      ...Dataset.filter(data, (example) => filters.every(({ holds }) => holds(example))),
      // What the filter was is worth knowing, later on.
      steps: [...data.steps, `filter(${filters.map(({ text }) => text).join(", ")})`]
    })
  const drawn = sample === undefined
    ? filtered
    : Dataset.sample(filtered, sample, { seed: said.seed ?? defaults.seed ?? "1" })
  return limit === undefined ? drawn : Dataset.take(drawn, limit)
}

/** What stopped a run, with its exit code. */
const failureOf = (error: unknown, cwd: string): Failure => {
  if (error instanceof Failure) return error
  const tag = typeof error === "object" && error !== null && "_tag" in error ? error._tag : undefined
  if (tag === "InvalidOptions" || tag === "RowsNotKept" || tag === "ExperimentInUse") {
    return usage(messageOf(error), error)
  }
  const isOwn = tag === "DatasetError" || tag === "TooManyFailures"
  const place = isOwn ? undefined : positionOf(error, cwd)
  return runFailed(`${place === undefined ? "" : `${place}: `}${messageOf(error)}`, error)
}

const progressLayer = (screen: Screen): Layer.Layer<never, never, Stdio.Stdio> => {
  if (screen.quiet) return Layer.empty
  const live = Layer.effect(
    Stdio.Stdio,
    Effect.map(Stdio.Stdio, (stdio) => ({
      ...stdio,
      stderr: () =>
        Sink.forEach((text: string | Uint8Array) => Effect.sync(() => screen.live(Buffer.from(text).toString())))
    }))
  )
  return Layer.provide(process.env["TERM"] === "dumb" ? Progress.layerLines() : Progress.layerTerminal(), live)
}

/** Writes what happens as lines for machines. */
export const linesClient = (screen: Screen): TracingClient.Client => ({
  name: "lines",
  open: (header) =>
    Effect.sync(() => {
      screen.machine({ event: "started", experiment: toJson(header) })
      return {
        record: (rows) =>
          Effect.sync(() => {
            for (const row of rows) screen.machine({ event: "row", experiment: header.id, ...rowLine(row) })
          }),
        end: () => Effect.void
      }
    })
})

/** A row without its data. */
export const rowLine = (row: Row.Row) => ({
  row: row.index,
  example: row.example.id,
  repetition: row.run.repetition,
  outcome: row.run.outcome._tag,
  error: row.run.error,
  millis: row.run.endTime - row.run.startTime,
  failed: Row.isFailure(row),
  scores: Object.fromEntries(
    Row.results(row).map(({ key, score, value }) => [key, score ?? toJson(value) ?? null])
  ),
  evaluatorErrors: Object.fromEntries(
    row.evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [[evaluator, outcome.message]] : []
    )
  )
})
