/** A worker: the workflows in which jobs are done, and the tasks that begin them and see to what is left of them. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import type { WorkflowEngine } from "effect/workflow/WorkflowEngine"
import { uuidV7 } from "../../internal/values/identity.ts"
import type { TracingClient } from "../../TracingClient.ts"
import type { Any } from "../EvaluationJob.ts"
import type { WorkerOptions } from "../EvaluationJobs.ts"
import { type Finished, makeDispatching } from "./dispatching.ts"
import { tellStopped } from "./ending.ts"
import type { Worker } from "./parts.ts"
import { makePatience } from "./patience.ts"
import { forgetRates, layerRates } from "./rates.ts"
import { beginJob, workLane } from "./runJob.ts"
import { makeSubmissions } from "./submissions.ts"
import { makeWork } from "./work.ts"

/** Begins the jobs of a batch, and does the small ones. */
const Batch = Workflow.make("effect-evals/jobs/Batch", {
  payload: { batch: Schema.String },
  idempotencyKey: ({ batch }) => batch
})

/**
 * Does chunks of a job, one after the other. Lanes are spread over the machines, each by its own id. The batch is part of
 * it: a job that was removed and is submitted again with its key has the id it had, and an engine does nothing twice.
 */
const Lane = Workflow.make("effect-evals/jobs/Lane", {
  payload: { batch: Schema.String, job: Schema.String, attempt: Schema.Int, lane: Schema.Int },
  idempotencyKey: ({ attempt, batch, job, lane }) => `${batch}/${job}/${attempt}/${lane}`
})

/** A workflow that has run, for engines that keep what they did. */
export interface Execution {
  readonly workflow: string
  readonly executionId: string
}

/** What differs between one process and many. */
export interface Place {
  /** Lanes of a job, at most. */
  readonly lanes: number
  /** Where rates are counted: what a machine has in memory is lost with it, and others do not know it. */
  readonly rates: "memory" | "database"
  /** Runs a task on one machine only. */
  readonly single: (
    name: string,
    task: Effect.Effect<never, never, WorkflowEngine>
  ) => Layer.Layer<never, never, WorkflowEngine>
  /** Deletes what the engine keeps of a workflow that has run. */
  readonly forget: (execution: Execution) => Effect.Effect<void>
}

/**
 * Told in the process in which a job is submitted or cancelled, so that a worker in it need not be waited for: the one is
 * opened, the other lets those pass who wait.
 */
export class Nudge extends Context.Service<Nudge, {
  readonly submitted: Latch.Latch
  readonly cancelled: Latch.Latch
}>()("effect-evals/jobs/Nudge") {}

const defaultCapacity = 64
const defaultPollInterval = Duration.millis(500)
const defaultCheckInterval = Duration.millis(500)
/** So long after its end, nobody asks the engine for a workflow any more. */
const engineMemory = Duration.minutes(1)
const sweepInterval = Duration.seconds(30)
/** So long after a job was stopped, its rows become an experiment; should more come after that, they do again. */
const longestSettleMillis = 2000

export const layerWorkflows = <R>(
  jobs: ReadonlyArray<Any<R>>,
  options: WorkerOptions,
  place: Place
): Layer.Layer<never, never, R | TracingClient | SqlClient.SqlClient | WorkflowEngine | Nudge> =>
  Layer.unwrap(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const patiently = makePatience()
    const { cancelled, submitted } = yield* Nudge
    const given = yield* Effect.context<R | TracingClient>()
    const shared = Context.getOption(given, RateLimiter.RateLimiter)
    const limiter = shared._tag === "Some" ? shared.value : Context.get(
      yield* Layer.build(
        place.rates === "database"
          ? layerRates(sql, patiently)
          : Layer.provide(RateLimiter.layer, RateLimiter.layerStoreMemory)
      ),
      RateLimiter.RateLimiter
    )
    const size = options.capacity ?? defaultCapacity
    const worker: Worker<R> = {
      name: uuidV7(yield* Clock.currentTimeMillis),
      registered: new Map(jobs.map((job) => [job.name, job])),
      context: Context.add(given, RateLimiter.RateLimiter, limiter),
      work: makeWork(sql, patiently),
      capacity: { size, semaphore: yield* Semaphore.make(size) },
      lanes: place.lanes,
      checkEvery: Duration.fromInputUnsafe(options.checkInterval ?? defaultCheckInterval),
      cancelled
    }
    // No more jobs are begun at once than could be worked on.
    const begun = yield* Semaphore.make(size)
    const dispatching = makeDispatching(sql, patiently)

    const batch = Batch.toLayer(({ batch }) =>
      Activity.make({
        name: "begin",
        execute: Effect.gen(function*() {
          const jobs = yield* dispatching.jobsOf(batch)
          yield* Effect.forEach(jobs, ({ attempt, id }) =>
            Effect.gen(function*() {
              const lanes = yield* Semaphore.withPermits(begun, 1)(beginJob(worker, id, attempt))
              for (let lane = 0; lane < lanes; lane++) {
                yield* Lane.execute({ batch, job: id, attempt, lane }, { discard: true, detached: true })
              }
            }), { concurrency: "unbounded", discard: true })
        })
      })
    )
    const lane = Lane.toLayer(({ attempt, job, lane }) =>
      workLane(worker, job, attempt, lane, (name, run) => Activity.make({ name, execute: run }))
    )

    const pollInterval = options.pollInterval ?? defaultPollInterval
    const dispatch = Effect.gen(function*() {
      yield* Latch.close(submitted)
      const batches = yield* dispatching.batches
      for (const batch of batches) {
        yield* Batch.execute({ batch }, { discard: true })
        yield* dispatching.dispatched(batch)
      }
      if (batches.length > 0) return
      yield* Latch.await(submitted).pipe(Effect.timeoutOrElse({ duration: pollInterval, orElse: () => Effect.void }))
    })

    const sweep = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const before = now - Duration.toMillis(engineMemory)
      const finished = yield* dispatching.remembered(before)
      const leftovers = yield* dispatching.leftovers(before)
      const all = [...finished, ...leftovers]
      for (const job of all) yield* forgetLanes(place, job)
      for (const batch of new Set(all.flatMap(({ batch }) => batch ?? []))) {
        if (!(yield* dispatching.isOver(batch, before))) continue
        yield* place.forget({ workflow: Batch._tag, executionId: yield* Batch.executionId({ batch }) })
      }
      if (finished.length > 0) yield* dispatching.forgotten(finished.map(({ job_key }) => job_key))
      if (leftovers.length > 0) yield* dispatching.cleared(leftovers.map(({ leftover_key }) => leftover_key))
      yield* forgetRates(sql, patiently)
      if (options.retention !== undefined) {
        const retention = Duration.toMillis(Duration.fromInputUnsafe(options.retention))
        yield* Effect.ignore(makeSubmissions(sql).prune(Math.min(now - retention, before)), { log: true })
      }
      if (!dispatching.isPage(finished) && !dispatching.isPage(leftovers)) yield* Effect.sleep(sweepInterval)
    })

    // Lanes look now and then whether their job was stopped, so there may be rows yet to come.
    const settleMillis = Math.min(2 * Duration.toMillis(worker.checkEvery), longestSettleMillis)
    const tell = Effect.gen(function*() {
      const stopped = yield* worker.work.stopped((yield* Clock.currentTimeMillis) - settleMillis)
      yield* Effect.forEach(stopped, (job) => tellStopped(worker, job), { discard: true })
      yield* Effect.sleep(pollInterval)
    })

    return Layer.mergeAll(
      place.single("effect-evals/jobs/dispatch", Effect.forever(dispatch)),
      place.single("effect-evals/jobs/sweep", Effect.forever(sweep)),
      place.single("effect-evals/jobs/tell", Effect.forever(tell))
      // The workflows are known before any is begun.
    ).pipe(Layer.provideMerge(Layer.merge(batch, lane)))
  }))

const forgetLanes = Effect.fnUntraced(function*(place: Place, { attempt, batch, id, lanes }: Finished) {
  // A job that was ended before it was begun.
  if (batch === null) return
  for (let lane = 0; lane < lanes; lane++) {
    const executionId = yield* Lane.executionId({ batch, job: id, attempt, lane })
    yield* place.forget({ workflow: Lane._tag, executionId })
  }
})
