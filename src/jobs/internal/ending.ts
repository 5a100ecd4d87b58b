/** The end of a job: what is recorded becomes one experiment. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Experiment from "../../Experiment.ts"
import type { InvalidOptions, TooManyFailures } from "../../internal/engine/evaluationErrors.ts"
import { openSession, type Session } from "../../internal/engine/session.ts"
import { toJson } from "../../internal/values/json.ts"
import * as Progress from "../../Progress.ts"
import type * as Row from "../../Row.ts"
import type { TracingClient } from "../../TracingClient.ts"
import type { JobError } from "../JobError.ts"
import type { JobCode } from "./jobCode.ts"
import { begunOf, checkComponents, checkFailures, datasetLike, type Worker } from "./parts.ts"
import { makeRecordedRows } from "./recordedRows.ts"
import type { Counts, JobRecord } from "./work.ts"

/** All rows are there: they become one experiment, summed up, judged as a whole and told to the tracing clients. */
export const sumUp = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  counts: Counts
): Effect.fn.Return<void, unknown, R | TracingClient> {
  yield* checkComponents(job, code)
  yield* checkFailures(job, code, () => Effect.succeed(counts))
  const ended = yield* tell(worker, job, code, ({ complete }) => complete)
  yield* worker.work.complete(job.id, job.attempt, footerJson(ended))
})

/** Tells the rows that are there as one experiment. How it ends is how its status comes to be. */
const tell = Effect.fnUntraced(function*<R, E>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  end: (session: Session<R>) => Effect.Effect<void, E>
): Effect.fn.Return<Experiment.Footer, E | InvalidOptions | TooManyFailures | JobError, R | TracingClient> {
  const { evaluation, options, resolved: { repetitions } } = code
  let ended: Experiment.Footer | undefined
  yield* Effect.gen(function*() {
    const session = yield* openSession(
      { ...evaluation, data: datasetLike(evaluation, (job.total ?? 0) / repetitions, Stream.empty) },
      {
        ...options,
        maxFailures: undefined,
        begun: begunOf(job, makeRecordedRows()),
        onEnd: (experiment: Experiment.Experiment) => Effect.sync(() => void (ended = experiment))
      }
    )
    yield* Stream.runForEach(recordedRows(worker, job, code), (row) => session.finish(row) ?? Effect.void)
    yield* end(session)
  }).pipe(Effect.scoped, Effect.provideService(Progress.Progress, Progress.silent))
  if (ended === undefined) throw new Error("the experiment of a job ended without a footer")
  return ended
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
