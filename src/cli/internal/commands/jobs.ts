/** `effect-evals jobs`: evaluations that are submitted, and done by a worker. */
import type { ConfigError } from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { readDuration } from "../../../internal/values/durationText.ts"
import { formatCount, formatDuration } from "../../../internal/values/numbers.ts"
import * as EvaluationJobs from "../../../jobs/EvaluationJobs.ts"
import type { JobError } from "../../../jobs/JobError.ts"
import * as JobStatus from "../../../jobs/JobStatus.ts"
import { makeStyle } from "../../../reports/style.ts"
import { renderTable } from "../../../reports/table.ts"
import { oneLine } from "../../../reports/text.ts"
import * as ExperimentStore from "../../../sql/ExperimentStore.ts"
import { type Call, type CommandEffect, isSaid, numberOf, textOf, textsOf } from "../command.ts"
import { findFiles, loadEntries, selectEntries } from "../entries.ts"
import { Failure, runFailed, usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { jobsOf } from "../jobs.ts"
import { engineSettings, readSettings } from "../settings.ts"
import { messageOf } from "../sourcePosition.ts"
import { shownStore, storeLayer } from "../store.ts"
import { ago } from "../time.ts"
import { lockWorker } from "../workerLock.ts"

const usageReasons: ReadonlyArray<JobError["reason"]> = ["NotFound", "UnknownEvaluation", "InvalidPayload", "Conflict"]

const told = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  const reason = typeof error === "object" && error !== null && "reason" in error ? error.reason : undefined
  return usageReasons.some((known) => known === reason)
    ? usage(messageOf(error), error)
    : runFailed(messageOf(error), error)
}

/** Asks the database; no worker needs to be there. */
const asking = <A, R>(
  { project }: Call,
  effect: Effect.Effect<A, unknown, R | EvaluationJobs.EvaluationJobs>,
  options: { readonly create: boolean } = { create: false }
): Effect.Effect<A, Failure, Exclude<R, EvaluationJobs.EvaluationJobs>> =>
  effect.pipe(
    Effect.provide(Layer.provide(EvaluationJobs.layerClient(), storeLayer(project, options))),
    Effect.mapError(told)
  )

export const submit = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const wanted = textOf(said, "evaluation") ?? ""
    const settings = yield* readSettings(said, project)
    const files = yield* findFiles(textsOf(said, "files"), project)
    // A name that no file has would wait for a worker for ever.
    const [located] = yield* selectEntries(yield* loadEntries(files, project), [wanted])
    if (located === undefined) return yield* usage(`There is no evaluation ${wanted}.`)
    const { filter, limit, sample, seed } = settings.said
    const id = yield* asking(
      call,
      EvaluationJobs.EvaluationJobs.use((jobs) =>
        jobs.submitJson(
          located.name,
          withoutUndefined({ filter, limit, sample, seed }),
          { idempotencyKey: textOf(said, "key"), settings: engineSettings(settings.said) }
        )
      ),
      { create: true }
    )
    screen.machine({ event: "submitted", job: id, evaluation: located.name })
    // The id alone, for `$(effect-evals jobs submit ...)`.
    if (!screen.json) screen.data(`${id}\n`)
    screen.notice(`See how it goes: effect-evals jobs await ${id}\nIt is done by: effect-evals jobs worker`)
    return ExitCode.done
  })

const withoutUndefined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))

export const status = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const ids = textsOf(call.said, "jobs")
    const found = yield* asking(
      call,
      EvaluationJobs.EvaluationJobs.use((jobs) => Stream.runCollect(jobs.pollMany(ids)))
    )
    tell(found, call)
    return found.some(({ _tag }) => _tag === "NotFound") ? ExitCode.usage : ExitCode.done
  })

export const list = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const state = JobStatus.State.literals.find((state) => state.toLowerCase() === textOf(said, "state"))
    const found = yield* asking(
      call,
      EvaluationJobs.EvaluationJobs.use((jobs) =>
        Stream.runCollect(jobs.list({
          evaluation: textOf(said, "evaluation"),
          state,
          limit: numberOf(said, "limit") ?? 20
        }))
      )
    )
    if (found.length === 0) screen.notice(`There are no such jobs in ${shownStore(project)}.`)
    else tell(found, call)
    return ExitCode.done
  })

export const wait = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { said, screen } = call
    const id = textOf(said, "job") ?? ""
    const text = textOf(said, "timeout")
    const timeout = text === undefined ? undefined : readDuration(text)
    if (text !== undefined && timeout === undefined) {
      return yield* usage(`--timeout: expected a duration such as 30s or 5 minutes, got ${JSON.stringify(text)}.`)
    }
    const ended = yield* asking(
      call,
      EvaluationJobs.EvaluationJobs.use((jobs) => jobs.await(id, { timeout }))
    )
    tell([ended], call)
    if (ended._tag === "Failed") screen.error(ended.message)
    // Rows of a job that was stopped are an experiment, too.
    if (ended.experimentId !== undefined) {
      screen.notice(`Look at it: effect-evals show ${ended.experimentId.slice(-8)}`)
    }
    return ended._tag === "Completed" ? ExitCode.done : ExitCode.runFailed
  })

export const cancel = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const known = yield* asking(
      call,
      EvaluationJobs.EvaluationJobs.use((jobs) => jobs.cancel(textOf(call.said, "job") ?? ""))
    )
    tell([known], call)
    return ExitCode.done
  })

export const worker = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const settings = yield* readSettings(said, project)
    const files = yield* findFiles(textsOf(said, "files"), project)
    const entries = yield* loadEntries(files, project)
    const stores = storeLayer(project, { create: true })
    const tracing = Layer.provideMerge(ExperimentStore.layerTracingClient, stores)
    const work = Effect.gen(function*() {
      yield* lockWorker(project)
      const { context, jobs } = yield* jobsOf(entries, settings, project.cwd)
      const capacity = numberOf(said, "capacity")
      const runner: Layer.Layer<EvaluationJobs.EvaluationJobs, unknown, never> = EvaluationJobs.layerSingleRunner(
        jobs,
        capacity === undefined ? {} : { capacity }
      ).pipe(
        Layer.provide(stores),
        Layer.provide(Layer.succeedContext(context)),
        // The context has what the entries need, and was made of what is there.
        (layer) => layer as Layer.Layer<EvaluationJobs.EvaluationJobs, ConfigError>
      )
      screen.machine({ event: "working", evaluations: entries.map(({ name }) => name) })
      screen.notice(
        `Working on ${entries.map(({ name }) => name).join(", ")}, as jobs come into ${
          shownStore(project)
        }. Ctrl-C ends.`
      )
      yield* (isSaid(said, "untilIdle") ? untilIdle(call) : following(call)).pipe(Effect.provide(runner))
    })
    yield* work.pipe(Effect.scoped, Effect.provide(tracing), Effect.mapError(told))
    return ExitCode.done
  }).pipe(Effect.scoped)

/** Tells what begins and ends. */
const following = (call: Call): Effect.Effect<void, JobError, EvaluationJobs.EvaluationJobs> =>
  Effect.gen(function*() {
    const jobs = yield* EvaluationJobs.EvaluationJobs
    const known = new Map<string, string>()
    let first = true
    while (true) {
      for (const job of (yield* Stream.runCollect(jobs.list({ limit: 100 }))).toReversed()) {
        const state = `${job._tag} ${job.attempt}`
        if (known.get(job.id) !== state && !(first && JobStatus.isEnded(job))) tell([job], call, "line")
        known.set(job.id, state)
      }
      first = false
      yield* Effect.sleep("500 millis")
    }
  })

/** Until nothing is left to do. */
const untilIdle = (call: Call): Effect.Effect<void, JobError, EvaluationJobs.EvaluationJobs> =>
  Effect.raceFirst(
    following(call),
    EvaluationJobs.EvaluationJobs.use((jobs) =>
      Effect.gen(function*() {
        while ((yield* Stream.runCollect(jobs.list({ state: ["Pending", "Running"], limit: 1 }))).length > 0) {
          yield* Effect.sleep("200 millis")
        }
        // What has ended is told, too.
        yield* Effect.sleep("600 millis")
      })
    )
  )

const encodeStatus = Schema.encodeSync(Schema.toCodecJson(JobStatus.JobStatus))

const tell = (
  found: ReadonlyArray<JobStatus.JobStatus>,
  { screen }: Call,
  form: "table" | "line" = "table"
): void => {
  for (const job of found) screen.machine({ event: "job", job: encodeStatus(job) })
  if (screen.json) return
  const style = makeStyle(screen.color)
  const colors = {
    Pending: style.dim,
    Running: style.bold,
    Completed: style.good,
    Failed: style.bad,
    Cancelled: style.warn,
    NotFound: style.bad
  }
  const now = Date.now()
  if (form === "line") {
    for (const job of found) {
      screen.human(
        `${job.id}  ${"evaluation" in job ? job.evaluation : ""}  ${colors[job._tag](job._tag.toLowerCase())}`
      )
    }
    return
  }
  screen.human(renderTable(
    [
      { title: style.dim("job") },
      { title: style.dim("evaluation") },
      { title: style.dim("state") },
      { title: style.dim("rows"), align: "right" },
      { title: style.dim("failed"), align: "right", spare: 2 },
      { title: style.dim("took"), align: "right", spare: 1 },
      { title: style.dim("submitted"), align: "right", spare: 3 }
    ],
    found.map((job) => [
      job.id,
      "evaluation" in job ? oneLine(job.evaluation, 40) : "",
      colors[job._tag](job._tag === "NotFound" ? "not there" : job._tag.toLowerCase()),
      "done" in job ? `${formatCount(job.done)}${job.total === undefined ? "" : ` of ${formatCount(job.total)}`}` : "",
      "failures" in job ? formatCount(job.failures) : "",
      "startedAt" in job && job.startedAt !== undefined
        ? formatDuration(("finishedAt" in job ? job.finishedAt : now) - job.startedAt)
        : "",
      "submittedAt" in job ? ago(job.submittedAt, now) : ""
    ]),
    screen.width
  ))
}
