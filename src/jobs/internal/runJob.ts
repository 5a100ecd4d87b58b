/** What a worker does with a job: it reads the dataset, makes the rows chunk by chunk, and sums up. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Example from "../../Example.ts"
import * as Experiment from "../../Experiment.ts"
import { checkedItems, isLeftOut, makeDataset } from "../../internal/dataset/dataset.ts"
import { TooManyFailures } from "../../internal/engine/evaluationErrors.ts"
import { interpret } from "../../internal/engine/interpreter.ts"
import { allowedFailures, type AnyEvaluation, type Begun } from "../../internal/engine/session.ts"
import { Share } from "../../internal/engine/share.ts"
import { readableCause } from "../../internal/journal/rowJson.ts"
import { causeLine } from "../../internal/values/causes.ts"
import { toJson } from "../../internal/values/json.ts"
import { pause } from "../../internal/values/pause.ts"
import * as Progress from "../../Progress.ts"
import * as Row from "../../Row.ts"
import { TracingClient } from "../../TracingClient.ts"
import type { Any } from "../EvaluationJob.ts"
import { JobError } from "../JobError.ts"
import { type JobCode, jobCode } from "./jobCode.ts"
import { encodeStopped } from "./jobRecords.ts"
import { makeRecordedRows } from "./recordedRows.ts"
import type { ChunkRecord, Counts, JobRecord, NewChunk, Work } from "./work.ts"

/** What a worker has to work with. */
export interface Worker<R> {
  readonly registered: ReadonlyMap<string, Any<R>>
  readonly context: Context.Context<R | TracingClient>
  readonly work: Work
  /** How many rows may be worked on at once here. */
  readonly capacity: { readonly size: number; readonly semaphore: Semaphore.Semaphore }
  /** How many lanes a job has, at most. */
  readonly lanes: number
  /** Whether workers cannot count rates together, so that each lane gets a share of them. */
  readonly divideRates: boolean
  /** How often a worker looks whether what it does is still wanted. */
  readonly checkEvery: Duration.Duration
}

const maxLeftOutMessages = 20
/**
 * So long rows are gathered after some were written. Without it, rows that cost nothing would be written a few at a time,
 * and a transaction writes whole pages. What is not written counts as in flight, so it is not longer.
 */
const gatherMillis = 4
/** Chunks that are written at once. */
const chunkPage = 8

/**
 * Begins a job: reads the dataset, unless that was done. A job of one chunk is done here and now; of larger ones it gives
 * the number of lanes, else 0.
 */
export const beginJob = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  id: string,
  attempt: number
): Effect.fn.Return<number> {
  const job = yield* worker.work.begin(id, attempt)
  if (job === undefined) return 0
  return yield* Effect.gen(function*() {
    const code = yield* jobCode(worker.registered, job)
    const planned = yield* plan(worker, job, code)
    if (planned.lanes > 1 || planned.chunks > 1) return planned.lanes
    yield* runLane(worker, planned, code, 0, (_name, run) => run)
    return 0
  }).pipe(Effect.provideContext(worker.context), stopped(worker, job, 0))
})

/** Works on the chunks of a job, one after the other, until there are none for this lane; the last one sums up. */
export const workLane = <R, E2, R2>(
  worker: Worker<R>,
  id: string,
  attempt: number,
  lane: number,
  step: (name: string, run: Effect.Effect<void>) => Effect.Effect<void, E2, R2>
): Effect.Effect<void, E2, R2> =>
  Effect.gen(function*() {
    const job = yield* worker.work.begin(id, attempt)
    if (job === undefined) return
    const begun = yield* jobCode(worker.registered, job).pipe(
      Effect.provideContext(worker.context),
      stopped(worker, job, undefined)
    )
    if (begun === undefined) return
    yield* runLane(worker, job, begun, lane, (name, run) =>
      step(name, run.pipe(Effect.provideContext(worker.context), stopped(worker, job, undefined))))
  })

/** Whatever stops a job besides an interruption is written down, and the job has failed. */
const stopped =
  <R, B>(worker: Worker<R>, { attempt, id }: JobRecord, otherwise: B) =>
  <A, E, R2>(self: Effect.Effect<A, E, R2>): Effect.Effect<A | B, never, R2> =>
    Effect.catchCause(self, (cause): Effect.Effect<B> =>
      // A worker that is stopped leaves its work to another one.
      Cause.hasInterrupts(cause)
        ? Effect.failCause(cause as Cause.Cause<never>)
        : Effect.as(
          worker.work.fail(id, attempt, encodeStopped({ message: causeLine(cause), cause: readableCause(cause) })),
          otherwise
        ))

// -----------------------------------------------------------------------------
// the dataset
// -----------------------------------------------------------------------------

/** Reads the dataset into chunks, unless they are there, and gives the number of lanes. */
const plan = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>
): Effect.fn.Return<JobRecord, unknown, R> {
  const { work } = worker
  const components = yield* code.components
  if (job.total !== null) {
    const lanes = lanesOf(worker, code, job.chunks)
    // Another attempt with other code: what the old code made is not what is asked for.
    if (job.components !== components) yield* work.forgetRows(job.job_key)
    return yield* work.planned(job, { lanes, components })
  }
  yield* work.forgetPlan(job.job_key)
  const { chunkSize, codec, evaluation, resolved: { repetitions } } = code
  const leftOut = { count: 0, messages: new Array<string>() }
  let chunks = 0
  let total = 0
  yield* checkedItems(evaluation.data).pipe(
    Stream.filter((item): item is Example.Example => {
      if (!isLeftOut(item)) return true
      leftOut.count++
      if (leftOut.messages.length < maxLeftOutMessages) leftOut.messages.push(item.message)
      return false
    }),
    Stream.mapEffect(codec.encodeExample),
    Stream.grouped(chunkSize),
    Stream.map((examples): NewChunk => {
      const row_count = examples.length * repetitions
      const chunk = { chunk: chunks++, first_row: total, row_count, examples: JSON.stringify(examples) }
      total += row_count
      return chunk
    }),
    Stream.grouped(chunkPage),
    Stream.runForEach((chunks) => work.addChunks(job.job_key, chunks))
  )
  const lanes = lanesOf(worker, code, chunks)
  return yield* work.planned(job, { total, chunks, lanes, left_out: JSON.stringify(leftOut), components })
})

/** As many lanes as there is work for, and as the limits can be divided among. */
const lanesOf = <R>(worker: Worker<R>, { limits, rates }: JobCode<R>, chunks: number): number =>
  Math.max(1, Math.min(worker.lanes, chunks, ...limits, ...(worker.divideRates ? rates.map(Math.floor) : [])))

// -----------------------------------------------------------------------------
// the rows
// -----------------------------------------------------------------------------

const runLane = <R, E2, R2>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  lane: number,
  step: (name: string, run: Effect.Effect<void, unknown, R | TracingClient>) => Effect.Effect<void, E2, R2>
): Effect.Effect<void, E2, R2> =>
  Effect.gen(function*() {
    const { attempt, chunks, id, job_key, lanes } = job
    const { capacity, work } = worker
    const places = Math.min(capacity.size, Math.ceil(code.resolved.concurrency / lanes))
    const share: Share = {
      part: lane,
      parts: lanes,
      room: places,
      rates: { key: id, divided: worker.divideRates }
    }
    // A lane waits for its places before it takes a chunk: until then, another one may have it.
    const next = Effect.gen(function*() {
      const chunk = yield* work.claim(job_key, attempt, lane)
      if (chunk === undefined) return false
      yield* step(`chunk ${chunk.chunk}`, runChunk(worker, job, code, chunk, share))
      return true
    }).pipe(Semaphore.withPermits(capacity.semaphore, places))
    for (let done = 0; done < chunks && (yield* next); done++);
    const counts = yield* work.counts(job_key)
    if (counts.missing > 0 || !(yield* work.claimEnd(id, attempt, lane))) return
    yield* step("sum up", sumUp(worker, job, code, counts))
  })

/** Makes the rows of a chunk that are not there yet, and writes them as they come. */
const runChunk = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  chunk: ChunkRecord,
  share: Share
): Effect.fn.Return<void, unknown, R> {
  const { attempt, id, job_key } = job
  const { codec, evaluation, options } = code
  yield* checkComponents(job, code)
  const examples = yield* codec.decodeExamples(
    `Chunk ${chunk.chunk} of the job ${id}`,
    yield* worker.work.examplesOf(job_key, chunk)
  )
  const recorded = makeRecordedRows()
  let written = chunk.done
  const there = new Set<number>()
  for (const { data, row_index } of chunk.done === 0 ? [] : yield* worker.work.rowsOf(job_key, chunk)) {
    recorded.add(yield* codec.decodeRow(`Row ${row_index} of the job ${id}`, data))
    there.add(row_index)
  }
  const write = Effect.fnUntraced(function*(rows: ReadonlyArray<Row.Row>) {
    const made = rows.map((row) => ({ ...row, index: chunk.first_row + row.index })).filter(({ index }) =>
      !there.has(index)
    )
    yield* worker.work.record(
      job_key,
      chunk.chunk,
      made.map((row) => ({ row_index: row.index, failed: Row.isFailure(row) ? 1 : 0, data: codec.encodeRow(row) }))
    )
    written += made.length
    if (code.resolved.threshold?.stop !== "end") {
      yield* checkFailures(job, code, () => worker.work.counts(job_key))
    }
    if (written < chunk.row_count) yield* pause(gatherMillis)
  })
  const rows = interpret(
    { ...evaluation, data: datasetLike(evaluation, examples.length, Stream.fromIterable(examples)) },
    {
      ...options,
      summaryEvaluators: undefined,
      maxFailures: undefined,
      begun: begunOf(job, recorded)
    }
  )
  yield* rows.pipe(
    Stream.runForEachArray(write),
    // The rows are kept here; the experiment is told to tracing clients when it is whole.
    Effect.provideService(TracingClient, { clients: [] }),
    Effect.provideService(Progress.Progress, Progress.silent),
    Effect.provideService(Share, share),
    Effect.raceFirst(untilOver(worker, id, attempt))
  )
})

/** Comes to an end when the attempt is over, because somebody cancelled the job or it has failed elsewhere. */
const untilOver = <R>({ checkEvery, work }: Worker<R>, id: string, attempt: number): Effect.Effect<void> =>
  Effect.asVoid(Effect.repeat(Effect.delay(work.isOngoing(id, attempt), checkEvery), {
    while: (ongoing) => ongoing,
    schedule: Schedule.forever
  }))

/** The rows of an experiment are the work of one code. */
const checkComponents = Effect.fnUntraced(function*<R>(
  { components, evaluation, id }: JobRecord,
  code: JobCode<R>
): Effect.fn.Return<void, JobError, R> {
  if (components === null || components === (yield* code.components)) return
  return yield* new JobError({
    reason: "Conflict",
    id,
    message:
      `The code of ${evaluation} is not the one with which the job ${id} was begun: the fingerprint of its target ` +
      "or of an evaluator has changed. An experiment is the work of one code. Retry the job to make all its rows with the " +
      "code as it is now, or bring the old code back and retry it then."
  })
})

/** Holds the rows that failed against the threshold, if there is one. */
const checkFailures = Effect.fnUntraced(function*<R>(
  job: JobRecord,
  { evaluation, options, resolved: { threshold } }: JobCode<R>,
  counts: () => Effect.Effect<Counts>
): Effect.fn.Return<void, TooManyFailures> {
  if (threshold === undefined) return
  const { done, failed, missing } = yield* counts()
  const { limit, words } = allowedFailures(threshold, done + missing)
  if (failed <= limit) return
  return yield* new TooManyFailures({
    experiment: options.name ?? evaluation.name,
    experimentId: job.experiment_id ?? job.id,
    failedRows: failed,
    rowCount: done,
    message: `${failed} of ${done} rows failed in the job ${job.id}; at most ${words} may. ` +
      "The rows that are done are kept. Look at their errors, or allow more with maxFailures."
  })
})

// -----------------------------------------------------------------------------
// the end
// -----------------------------------------------------------------------------

/** All rows are there: they become one experiment, summed up, judged as a whole and told to the tracing clients. */
const sumUp = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  counts: Counts
): Effect.fn.Return<void, unknown, R | TracingClient> {
  const { attempt, id } = job
  const { evaluation, options } = code
  yield* checkComponents(job, code)
  yield* checkFailures(job, code, () => Effect.succeed(counts))
  const recorded = makeRecordedRows()
  let ended: Experiment.Footer | undefined
  const whole = interpret(
    {
      ...evaluation,
      data: datasetLike(
        evaluation,
        counts.done / code.resolved.repetitions,
        recordedExamples(worker, job, code, recorded.add)
      )
    },
    {
      ...options,
      maxFailures: undefined,
      begun: begunOf(job, recorded),
      onEnd: (experiment: Experiment.Experiment) => Effect.sync(() => void (ended = experiment))
    }
  )
  yield* whole.pipe(Stream.runDrain, Effect.provideService(Progress.Progress, Progress.silent))
  if (ended === undefined) throw new Error("the experiment of a job ended without a footer")
  yield* worker.work.complete(id, attempt, footerJson(ended))
})

/** The part of an experiment that is its footer. */
const footerJson = (experiment: Experiment.Footer): string =>
  JSON.stringify(toJson(Object.fromEntries(
    Object.entries(experiment).filter(([name]) => Object.hasOwn(Experiment.Footer.fields, name))
  )))

/** The examples of all chunks again; the rows of each are told before its examples come. */
const recordedExamples = <R>(
  { work }: Worker<R>,
  { chunks, id, job_key }: JobRecord,
  { codec }: JobCode<R>,
  add: (row: Row.Row) => void
): Stream.Stream<Example.Example, JobError> =>
  Stream.paginate(0, (number) =>
    Effect.gen(function*() {
      const [chunk] = yield* work.chunk(job_key, number)
      if (chunk === undefined) return [[], Option.none<number>()] as const
      const examples = yield* codec.decodeExamples(
        `Chunk ${chunk.chunk} of the job ${id}`,
        yield* work.examplesOf(job_key, chunk)
      )
      for (const { data, row_index } of yield* work.rowsOf(job_key, chunk)) {
        add(yield* codec.decodeRow(`Row ${row_index} of the job ${id}`, data))
      }
      return [examples, number + 1 < chunks ? Option.some(number + 1) : Option.none()] as const
    }))

const begunOf = (
  { experiment_id, id, left_out, started_at }: JobRecord,
  reuse: Begun["reuse"]
): Begun => ({
  id: experiment_id ?? id,
  startTime: started_at ?? 0,
  reuse,
  leftOut: left_out === null ? { count: 0, messages: [] } : JSON.parse(left_out) as Begun["leftOut"]
})

const datasetLike = <R, E2>(
  { data: { name, steps, version } }: AnyEvaluation<unknown, R>,
  size: number,
  items: Stream.Stream<Example.Example, E2>
): Dataset.Dataset<unknown, unknown, unknown, E2> => makeDataset({ name, version, steps, size, items })
