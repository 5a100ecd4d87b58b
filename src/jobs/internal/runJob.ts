/** What a worker does with a job: it reads the dataset, makes the rows chunk by chunk, and sums up. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as Example from "../../Example.ts"
import { checkedItems, isLeftOut } from "../../internal/dataset/dataset.ts"
import { TooManyFailures } from "../../internal/engine/evaluationErrors.ts"
import { interpret } from "../../internal/engine/interpreter.ts"
import { Share } from "../../internal/engine/share.ts"
import { readableCause } from "../../internal/journal/rowJson.ts"
import { causeLine } from "../../internal/values/causes.ts"
import { pause } from "../../internal/values/pause.ts"
import * as Progress from "../../Progress.ts"
import * as Row from "../../Row.ts"
import { TracingClient } from "../../TracingClient.ts"
import { JobError } from "../JobError.ts"
import { sumUp } from "./ending.ts"
import { type JobCode, jobCode } from "./jobCode.ts"
import { encodeStopped } from "./jobRecords.ts"
import { makeJudging } from "./judging.ts"
import { begunOf, checkComponents, checkFailures, datasetLike, type Worker } from "./parts.ts"
import { makeRecordedRows } from "./recordedRows.ts"
import type { ChunkRecord, JobRecord, NewChunk } from "./work.ts"

const maxLeftOutMessages = 20
/**
 * Rows are written as soon as they are made, and those made meanwhile by the next transaction. Where they come faster than
 * one a millisecond, so that they are cheap to make again, they are gathered for so long: a transaction writes whole pages,
 * and costs more than they do.
 */
const gatherMillis = 4
const fastPace = 1
const slowPace = 2 * fastPace
/** So long a worker that has taken a chunk from another one may take to say that it is there. */
const answerMillis = 15_000
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
          worker.work.fail(id, attempt, encodeStopped({ message: lineOf(cause), cause: readableCause(cause) })),
          otherwise
        ))

/** The cause in a line. What the jobs themselves say is said in whole sentences. */
const lineOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof JobError || error instanceof TooManyFailures ? error.message : causeLine(cause)
}

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
const lanesOf = <R>(worker: Worker<R>, { limits }: JobCode<R>, chunks: number): number =>
  Math.max(1, Math.min(worker.lanes, chunks, ...limits))

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
      rateKey: id
    }
    const pace = { millis: slowPace }
    // A lane waits for its places before it takes a chunk: until then, another one may have it.
    const next = Effect.gen(function*() {
      const chunk = yield* work.claim(job_key, attempt, lane, worker.name)
      if (chunk === undefined) return false
      yield* step(`chunk ${chunk.chunk}`, runChunk(worker, job, code, chunk, share, pace))
      return true
    }).pipe(Semaphore.withPermits(capacity.semaphore, places))
    for (let done = 0; done < chunks && (yield* next); done++);
    const counts = yield* work.counts(job_key)
    if (counts.missing > 0) yield* work.laneEnded(job_key, attempt)
    else if (yield* work.claimEnd(id, attempt, lane)) yield* step("sum up", sumUp(worker, job, code, counts))
  })

/**
 * Makes the rows of a chunk, as long as it is this worker's. A worker that was suspended may find that another one has its
 * work: it leaves it alone then, and is interrupted as soon as the engine has noticed. Should that not happen, and the
 * other one not be there any more, it goes on. It must not come to an end before the chunk does, which the engine would
 * take for the end of the chunk.
 */
const runChunk = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  chunk: ChunkRecord,
  share: Share,
  pace: { millis: number }
): Effect.fn.Return<void, unknown, R> {
  const { name, work } = worker
  const which = [job.job_key, job.attempt, chunk.chunk, name] as const
  let own: ChunkRecord | undefined = chunk
  while (true) {
    if (own !== undefined) {
      const left: "over" | "taken" = yield* Effect.raceFirst(
        makeRows(worker, job, code, own, share, pace),
        untilLost(worker, job, own)
      )
      if (left === "over") return
    }
    yield* work.want(...which)
    yield* pause(answerMillis)
    own = yield* work.takeWanted(...which)
    if (own === undefined && (yield* work.standing(...which)) === "over") return
  }
})

/** Comes to an end when the attempt is over, because the job was cancelled or has failed elsewhere, or others have the chunk. */
const untilLost = <R>(worker: Worker<R>, job: JobRecord, chunk: ChunkRecord): Effect.Effect<"over" | "taken"> =>
  Effect.flatMap(
    Latch.await(worker.cancelled).pipe(
      Effect.timeoutOrElse({ duration: worker.checkEvery, orElse: () => Effect.void }),
      Effect.andThen(worker.work.standing(job.job_key, job.attempt, chunk.chunk, worker.name))
    ),
    (standing) => standing === "own" ? untilLost(worker, job, chunk) : Effect.succeed(standing)
  )

/** Makes the rows of a chunk that are not there yet, and writes them as they come. */
const makeRows = Effect.fnUntraced(function*<R>(
  worker: Worker<R>,
  job: JobRecord,
  code: JobCode<R>,
  chunk: ChunkRecord,
  share: Share,
  pace: { millis: number }
): Effect.fn.Return<"over", unknown, R> {
  const { id, job_key } = job
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
  const kept = new Set<number>()
  for (const { data, row_index } of yield* worker.work.runsOf(job_key, chunk)) {
    if (there.has(row_index)) continue
    recorded.add(yield* codec.decodeRow(`The run of row ${row_index} of the job ${id}`, data))
    kept.add(row_index - chunk.first_row)
  }
  const judging = makeJudging(worker.work, job_key, chunk, codec, kept)
  let begunAt = performance.now()
  const write = Effect.fnUntraced(function*(rows: ReadonlyArray<Row.Row>) {
    const now = performance.now()
    pace.millis += ((now - begunAt) / rows.length - pace.millis) / 4
    begunAt = now
    const made = rows.map((row) => ({ ...row, index: chunk.first_row + row.index })).filter(({ index }) =>
      !there.has(index)
    )
    yield* worker.work.record(
      job_key,
      chunk.chunk,
      made.map((row) => ({ row_index: row.index, failed: Row.isFailure(row) ? 1 : 0, data: codec.encodeRow(row) }))
    )
    for (const { index } of rows) judging.end(index)
    written += made.length
    if (code.resolved.threshold?.stop !== "end") {
      yield* checkFailures(job, code, () => worker.work.counts(job_key))
    }
    if (pace.millis < fastPace && written < chunk.row_count) yield* pause(gatherMillis)
  })
  const rows = interpret(
    { ...evaluation, data: datasetLike(evaluation, examples.length, Stream.fromIterable(examples)) },
    {
      ...options,
      summaryEvaluators: undefined,
      maxFailures: undefined,
      begun: { ...begunOf(job, recorded), onJudging: judging.begin }
    }
  )
  yield* rows.pipe(
    Stream.runForEachArray(write),
    // The rows are kept here; the experiment is told to tracing clients when it is whole.
    Effect.provideService(TracingClient, { clients: [] }),
    Effect.provideService(Progress.Progress, Progress.silent),
    Effect.provideService(Share, share),
    Effect.raceFirst(judging.keep)
  )
  yield* judging.forget
  return "over"
})
