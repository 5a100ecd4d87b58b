/** The end of a job: what is recorded becomes one experiment. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Experiment from "../../Experiment.ts"
import type { InvalidOptions, TooManyFailures } from "../../internal/engine/evaluationErrors.ts"
import { openSession, type Session } from "../../internal/engine/session.ts"
import { causeLine } from "../../internal/values/causes.ts"
import { toJson } from "../../internal/values/json.ts"
import * as Progress from "../../Progress.ts"
import type * as Row from "../../Row.ts"
import type { TracingClient } from "../../TracingClient.ts"
import type { JobError } from "../JobError.ts"
import { type JobCode, jobCode } from "./jobCode.ts"
import { decodeStopped } from "./jobRecords.ts"
import { begunOf, checkComponents, checkFailures, datasetLike, type Worker } from "./parts.ts"
import { makeRecordedRows } from "./recordedRows.ts"
import type { Counts, JobRecord, StoppedRecord } from "./work.ts"

/** All rows are there: they become one experiment, summed up, judged as a whole and told to the tracing clients. */
export const sumUp = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  counts: Counts
): Effect.fn.Return<void, unknown, R | TracingClient> {
  yield* checkComponents(job, code)
  yield* checkFailures(job, code, () => Effect.succeed(counts))
  const { end, footer } = yield* tell(worker, job, code, ({ complete }) => complete)
  yield* end
  yield* worker.work.complete(job.id, job.attempt, footerJson(footer))
})

/**
 * Tells the rows of a job that was stopped as an experiment that was interrupted, or has failed. Whatever stands in the
 * way of that is said; the rows can be read without it.
 */
export const tellStopped = <R>(worker: Worker<R>, job: StoppedRecord): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { done } = yield* worker.work.counts(job.job_key)
    if (job.experiment_id === null || done === 0 || done === job.told) return undefined
    const code = yield* jobCode(worker.registered, job)
    // The header would speak of other code than that which made the rows.
    if (job.components !== (yield* code.components)) return undefined
    const end = job.state === "Failed"
      ? Effect.flatMap(decodeStopped(job.cause), ({ cause }) => Effect.failCause(cause))
      : Effect.void
    const { footer } = yield* tell(worker, job, code, () => end)
    return { footer: footerJson(footer), told: footer.rowCount }
  }).pipe(
    Effect.provideContext(worker.context),
    Effect.catchCause((cause): Effect.Effect<undefined> =>
      Cause.hasInterrupts(cause)
        ? Effect.failCause(cause as Cause.Cause<never>)
        : Effect.as(
          Effect.logWarning(
            `The rows of the job ${job.id}, which was stopped, could not be recorded as an experiment; results still ` +
              `gives them: ${causeLine(cause)}`
          ),
          undefined
        )
    ),
    Effect.flatMap((experiment) => worker.work.told(job, experiment))
  )

/**
 * Tells the rows that are there as one experiment. What becomes of it is how `end` ends: it has completed, if the session
 * has, was interrupted, if it has not, or has failed.
 */
const tell = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  end: (session: Session<R>) => Effect.Effect<void, unknown>
): Effect.fn.Return<
  { readonly footer: Experiment.Footer; readonly end: Exit.Exit<void, unknown> },
  InvalidOptions | TooManyFailures | JobError,
  R | TracingClient
> {
  const { evaluation, options, resolved: { repetitions } } = code
  const scope = yield* Scope.make()
  let footer: Experiment.Footer | undefined
  const session = yield* openSession(
    { ...evaluation, data: datasetLike(evaluation, (job.total ?? 0) / repetitions, Stream.empty) },
    {
      ...options,
      maxFailures: undefined,
      begun: begunOf(job, makeRecordedRows()),
      onEnd: (experiment: Experiment.Experiment) => Effect.sync(() => void (footer = experiment))
    }
  ).pipe(
    Effect.tap((session) =>
      Stream.runForEach(recordedRows(worker, job, code), (row) => session.finish(row) ?? Effect.void)
    ),
    Scope.provide(scope),
    Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))),
    Effect.provideService(Progress.Progress, Progress.silent)
  )
  const exit = yield* Effect.exit(end(session))
  yield* Scope.close(scope, exit)
  if (footer === undefined) throw new Error("the experiment of a job ended without a footer")
  return { footer, end: exit }
})

/** The part of an experiment that is its footer. */
const footerJson = (experiment: Experiment.Footer): string =>
  JSON.stringify(toJson(Object.fromEntries(
    Object.entries(experiment).filter(([name]) => Object.hasOwn(Experiment.Footer.fields, name))
  )))

/** The rows that are there, chunk by chunk. Their examples have their attachments, which tracing clients may want. */
const recordedRows = <R>(
  { work }: Worker<R>,
  { chunks, id, job_key }: JobRecord,
  { codec }: JobCode<R>
): Stream.Stream<Row.Row, JobError> =>
  Stream.paginate(0, (number) =>
    Effect.gen(function*() {
      const [chunk] = yield* work.chunk(job_key, number)
      if (chunk === undefined) return [[], Option.none<number>()] as const
      const next = number + 1 < chunks ? Option.some(number + 1) : Option.none()
      const rows = yield* Effect.forEach(
        yield* work.rowsOf(job_key, chunk),
        ({ data, row_index }) => codec.decodeRow(`Row ${row_index} of the job ${id}`, data)
      )
      // Rows that cost nothing to read leave the event loop no turn of its own.
      yield* Effect.yieldNow
      if (rows.every(({ example }) => Object.keys(example.attachments).length === 0)) return [rows, next] as const
      const examples = yield* codec.decodeExamples(
        `Chunk ${chunk.chunk} of the job ${id}`,
        yield* work.examplesOf(job_key, chunk)
      )
      const byId = new Map(examples.map((example) => [example.id, example]))
      return [rows.map((row) => ({ ...row, example: byId.get(row.example.id) ?? row.example })), next] as const
    }))
