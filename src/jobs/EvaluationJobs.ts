/**
 * Jobs: an evaluation is submitted, gets an id at once, and is done by workers, in this process, on this machine or on
 * many. What a job is and what is done of it stands in a database, so whoever asks need not be where it is done, and
 * nothing is lost or done twice when a worker dies.
 *
 * @since 0.1.0
 */
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as EntityAddress from "effect/cluster/EntityAddress"
import * as EntityId from "effect/cluster/EntityId"
import * as EntityType from "effect/cluster/EntityType"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Sharding from "effect/cluster/Sharding"
import type * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SingleRunner from "effect/cluster/SingleRunner"
import * as Singleton from "effect/cluster/Singleton"
import type { ConfigError } from "effect/Config"
import * as Context from "effect/Context"
import * as Digest from "effect/crypto/Digest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { MigrationError } from "effect/sql/Migrator"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type * as Stream from "effect/Stream"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type * as Evaluation from "../Evaluation.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import type * as Row from "../Row.ts"
import type { TracingClient } from "../TracingClient.ts"
import type * as EvaluationJob from "./EvaluationJob.ts"
import { makeClient } from "./internal/client.ts"
import { onlyWorker } from "./internal/onlyWorker.ts"
import { quietCluster } from "./internal/patience.ts"
import { layerWorkflows, Nudge, type Place } from "./internal/worker.ts"
import type { JobError } from "./JobError.ts"
import type * as JobStatus from "./JobStatus.ts"
import * as Migrations from "./Migrations.ts"

/**
 * How a job is submitted.
 *
 * @category options
 * @since 0.1.0
 */
export interface SubmitOptions {
  /**
   * What identifies the job to whoever submits it. The id of the job follows from it and the name of the evaluation, so
   * submitting again, after a timeout say, is the same job. With another payload it is a `Conflict`.
   */
  readonly idempotencyKey?: string | undefined
  /** What is to be different from the options with which the evaluation was registered, such as the experiment's name. */
  readonly settings?: Omit<Evaluation.Settings, "order" | "keepRows"> | undefined
}

/**
 * Which jobs to list. What is not given does not matter.
 *
 * @category options
 * @since 0.1.0
 */
export interface ListFilter {
  /** The name under which the evaluation is registered. */
  readonly evaluation?: string | undefined
  readonly state?: JobStatus.State | ReadonlyArray<JobStatus.State> | undefined
  /** Those submitted at this time or later, in milliseconds since 1970. */
  readonly submittedFrom?: number | undefined
  /** Those submitted before this time, in milliseconds since 1970. */
  readonly submittedBefore?: number | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/**
 * How rows are read.
 *
 * @category options
 * @since 0.1.0
 */
export interface ResultsOptions {
  /** Whether to go on while the job runs, until it has ended. Default `true`; else what is there now. */
  readonly follow?: boolean | undefined
}

/**
 * The service. It needs no worker in the process: what it says stands in the database.
 *
 * @category services
 * @since 0.1.0
 */
export class EvaluationJobs extends Context.Service<EvaluationJobs, {
  /** Submits a job and gives its id. Nothing is waited for. */
  readonly submit: <Payload>(
    job: { readonly name: string; readonly payload: Schema.ConstraintCodec<Payload, unknown> },
    payload: NoInfer<Payload>,
    options?: SubmitOptions
  ) => Effect.Effect<string, JobError>
  /** The same for a payload that is JSON, by the name of the evaluation. It is checked where the evaluation is registered. */
  readonly submitJson: (
    evaluation: string,
    payload: unknown,
    options?: SubmitOptions
  ) => Effect.Effect<string, JobError>
  /** Submits many jobs, in pages, as the stream is read; gives their ids in order. */
  readonly submitMany: <Payload, E, R>(
    job: { readonly name: string; readonly payload: Schema.ConstraintCodec<Payload, unknown> },
    payloads: Stream.Stream<SubmitOptions & { readonly payload: NoInfer<Payload> }, E, R>
  ) => Stream.Stream<string, E | JobError, R>
  /** Where a job stands. */
  readonly poll: (id: string) => Effect.Effect<JobStatus.JobStatus, JobError>
  /** Where many jobs stand, in the order of the ids, as the stream is read. */
  readonly pollMany: (ids: Iterable<string>) => Stream.Stream<JobStatus.JobStatus, JobError>
  /**
   * Waits until a job has ended and, for up to ten seconds, until the rows of one that was stopped are an experiment. Fails
   * with `TimedOut` if that takes longer than it may; the job goes on.
   */
  readonly await: (
    id: string,
    options?: { readonly timeout?: Duration.Input | undefined }
  ) => Effect.Effect<JobStatus.Ended, JobError>
  /**
   * Cancels a job. A worker in the process stops at once, others within their check interval; rows that are recorded stay,
   * can be read, and become an experiment that was interrupted. A job that has ended stays what it is.
   */
  readonly cancel: (id: string) => Effect.Effect<JobStatus.Known, JobError>
  /**
   * Begins another attempt at a job that has ended. Rows that are there are kept; with `failed: "rerun"`, those in which
   * something failed are made again. If the code has changed, all are.
   */
  readonly retry: (
    id: string,
    options?: { readonly failed?: "keep" | "rerun" | undefined }
  ) => Effect.Effect<void, JobError>
  /** The jobs, the newest first. */
  readonly list: (filter?: ListFilter) => Stream.Stream<JobStatus.Known, JobError>
  /** The rows of a job, each once, also while it runs: as they are recorded. Their data is what JSON holds of it. */
  readonly results: (id: string, options?: ResultsOptions) => Stream.Stream<Row.Row, JobError>
  /** The same, with the data read by the schemas of the evaluation. */
  readonly resultsOf: <Payload, Inputs, Outputs, ReferenceOutputs, Metadata, R>(
    job: EvaluationJob.EvaluationJob<Payload, Inputs, Outputs, ReferenceOutputs, Metadata, R>,
    id: string,
    options?: ResultsOptions
  ) => Stream.Stream<Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>, JobError>
  /** Removes a job that has ended, with its rows. */
  readonly remove: (id: string) => Effect.Effect<void, JobError>
  /** Removes the jobs that ended before a time, in milliseconds since 1970, and tells how many. */
  readonly prune: (finishedBefore: number) => Effect.Effect<number, JobError>
}>()("effect-evals/jobs/EvaluationJobs") {}

/**
 * How a worker works.
 *
 * @category options
 * @since 0.1.0
 */
export interface WorkerOptions {
  /** How many rows are worked on at once in this process, over all jobs. Default 64. */
  readonly capacity?: number | undefined
  /** How often to look for jobs that other processes have submitted. Default 500 milliseconds. */
  readonly pollInterval?: Duration.Input | undefined
  /** How often to look whether what is worked on was cancelled. Default 500 milliseconds. */
  readonly checkInterval?: Duration.Input | undefined
  /** How long jobs that have ended are kept, with their rows; a minute at least. Default: until they are removed. */
  readonly retention?: Duration.Input | undefined
}

/** What can go wrong with the tables. */
type TableErrors = Migrations.JobTablesTooNew | MigrationError | SqlError

const layerNudge = Layer.effect(Nudge, Effect.all({ submitted: Latch.make(), cancelled: Latch.make() }))

const layerService = (jobs: ReadonlyArray<EvaluationJob.Any>) =>
  Layer.effect(EvaluationJobs, makeClient(new Map(jobs.map((job) => [job.name, job]))))

const layerTables: Layer.Layer<never, TableErrors, SqlClient.SqlClient> = Layer.effectDiscard(Migrations.run)

/**
 * The service alone, for processes that submit, ask, cancel and read, while workers are elsewhere. Evaluations need not be
 * registered; for those that are, payloads given as JSON are checked at once.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = (
  jobs: ReadonlyArray<EvaluationJob.Any> = []
): Layer.Layer<EvaluationJobs, TableErrors, SqlClient.SqlClient> =>
  layerService(jobs).pipe(Layer.provide(layerNudge), Layer.provide(layerTables))

/** Cancels out: what runs in one process runs once. */
const here: Place["single"] = (_name, task) => Layer.effectDiscard(Effect.forkScoped(task))

/** The service and a worker, which share a nudge. */
const layerAt = <R, R2>(
  jobs: ReadonlyArray<EvaluationJob.Any<R>>,
  options: WorkerOptions,
  place: Effect.Effect<Place, never, R2>
): Layer.Layer<EvaluationJobs, TableErrors, Needs<R> | WorkflowEngine.WorkflowEngine | R2> => {
  refuseUnknown("The worker of EvaluationJobs", options, ["capacity", "pollInterval", "checkInterval", "retention"])
  return Layer.merge(
    layerService(jobs),
    Layer.unwrap(Effect.map(place, (place) => layerWorkflows(jobs, options, place)))
  ).pipe(
    Layer.provide(layerNudge),
    // Before the worker looks for jobs.
    Layer.provide(layerTables)
  )
}

/** What a worker needs besides an engine: what its evaluations need, where they are recorded, and the database. */
type Needs<R> = R | TracingClient | SqlClient.SqlClient

/**
 * The service with a worker in the same process, and an engine that lives in memory. Jobs stand in the database of the
 * `SqlClient`, which may be one in memory, too. In tests and small programs, that is all there is to it. A process that
 * dies leaves its jobs as they are; use `layerSingleRunner` for those that must go on.
 *
 * **Example** (Submit, wait, read)
 *
 * ```ts
 * import { Effect, Layer, Schema, Stream } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { EvaluationJob, EvaluationJobs } from "effect-evals/jobs"
 * import { SqliteClient } from "effect-evals/sql"
 *
 * const squares = EvaluationJob.make("squares", {
 *   payload: Schema.Struct({ upTo: Schema.Int }),
 *   evaluation: ({ upTo }) =>
 *     Evaluation.make("squares", {
 *       data: Dataset.fromIterable("numbers", Array.from({ length: upTo }, (_, n) => ({ inputs: n }))),
 *       target: (n) => n * n
 *     })
 * })
 * const judged = EvaluationJob.withOptions(squares, {
 *   evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)]
 * })
 *
 * const program = Effect.gen(function*() {
 *   const jobs = yield* EvaluationJobs.EvaluationJobs
 *   const id = yield* jobs.submit(judged, { upTo: 4 })
 *   const job = yield* jobs.await(id, { timeout: "1 minute" })
 *   if (job._tag === "Completed") console.log(job.done, job.summary.summaries["even"]?.score?.mean) // => 4 0.5
 *   const rows = yield* Stream.runCollect(jobs.resultsOf(judged, id))
 *   console.log(rows.map(({ run }) => run.outputs)) // => [ 0, 1, 4, 9 ]
 * })
 * const layer = EvaluationJobs.layerMemory([judged]).pipe(
 *   Layer.provide([SqliteClient.layer({ filename: ":memory:" }), TracingClient.layerNone])
 * )
 * await Effect.runPromise(program.pipe(Effect.provide(layer)))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = <const Jobs extends ReadonlyArray<EvaluationJob.Any>>(
  jobs: Jobs,
  options: WorkerOptions = {}
): Layer.Layer<EvaluationJobs, TableErrors, Needs<EvaluationJob.Services<Jobs[number]>>> =>
  layerAt(
    servedBy(jobs),
    options,
    Effect.succeed<Place>({ lanes: lanesHere, rates: "memory", single: here, forget: () => Effect.void })
  ).pipe(Layer.provide(WorkflowEngine.layerMemory))

/**
 * The service with a worker in the same process that is the only one on its database. It survives `kill -9`: the next
 * process with the same database goes on by itself, and repeats no more than the rows that were in flight.
 *
 * The database is SQLite (`SqliteClient`) or PostgreSQL. A second worker on it waits, and takes over when the first one
 * ends or dies. Any number of processes may have `layerClient`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSingleRunner = <const Jobs extends ReadonlyArray<EvaluationJob.Any>>(
  jobs: Jobs,
  options: WorkerOptions = {}
): Layer.Layer<
  EvaluationJobs,
  TableErrors | ConfigError,
  Needs<EvaluationJob.Services<Jobs[number]>>
> =>
  layerAt(
    servedBy(jobs),
    options,
    Effect.map(forgetful, (forget): Place => ({ lanes: lanesHere, rates: "database", single: here, forget }))
  ).pipe(
    Layer.provide(ClusterWorkflowEngine.layer),
    Layer.provide(quietCluster(SingleRunner.layer({ runnerStorage: "memory", shardingConfig }), "one")),
    Layer.provide(Digest.layerWebCrypto),
    // Before the engine goes on with what another one is perhaps still doing.
    Layer.provide(Layer.effectDiscard(onlyWorker))
  )

/**
 * The service with a worker that is one of several on a PostgreSQL database. The chunks of a job spread over all of them;
 * what a worker leaves, because it was stopped or died, others take over.
 *
 * How the machines find and reach one another is the layer of `effect/cluster` that provides `Sharding`:
 * `NodeCluster.layerSocket`, `NodeCluster.layerHttp`, or one of your own, to which `shardingConfig` should be given.
 *
 * Limits of concurrency hold for a job on all machines together: each of its lanes has its share of them. So do rate
 * limits: they are counted in the database, or by the app's `RateLimiter` if it has one, whose store the machines should
 * share then (`RateLimiter.layerStoreRedis`).
 *
 * @category layers
 * @since 0.1.0
 */
export const layerCluster = <const Jobs extends ReadonlyArray<EvaluationJob.Any>>(
  jobs: Jobs,
  options: WorkerOptions = {}
): Layer.Layer<
  EvaluationJobs,
  TableErrors,
  Needs<EvaluationJob.Services<Jobs[number]>> | Sharding.Sharding | MessageStorage.MessageStorage
> =>
  layerAt(
    servedBy(jobs),
    options,
    Effect.gen(function*() {
      const forget = yield* forgetful
      const sharding = yield* Sharding.Sharding
      return {
        lanes: lanesOfCluster,
        rates: "database",
        single: (name, task) => Layer.provide(Singleton.make(name, task), Layer.succeed(Sharding.Sharding, sharding)),
        forget
      } satisfies Place
    })
  ).pipe(Layer.provide(ClusterWorkflowEngine.layer))

/**
 * Two, so that one works while the other one begins or ends a chunk.
 */
const lanesHere = 2

/** Many, so that chance gives every machine enough of them to be busy. */
const lanesOfCluster = 16

/** What the members of a list need is read off their types. */
const servedBy = <Jobs extends ReadonlyArray<EvaluationJob.Any>>(
  jobs: Jobs
): ReadonlyArray<EvaluationJob.Any<EvaluationJob.Services<Jobs[number]>>> =>
  jobs as ReadonlyArray<EvaluationJob.Any<EvaluationJob.Services<Jobs[number]>>>

/** The engine on a database never deletes what it has kept of a workflow. */
const forgetful = Effect.gen(function*() {
  const sharding = yield* Sharding.Sharding
  const storage = yield* MessageStorage.MessageStorage
  const forget: Place["forget"] = ({ executionId, workflow }) => {
    const entityId = EntityId.make(executionId)
    return storage.clearAddress(EntityAddress.make({
      entityType: EntityType.make(`Workflow/${workflow}`),
      entityId,
      shardId: sharding.getShardId(entityId, "default")
    })).pipe(Effect.ignore({ log: "Warn" }))
  }
  return forget
})

/**
 * The settings of `effect/cluster` by which a machine that dies hands its work on within ten seconds (Effect's own take
 * half a minute and more). It notices what was submitted, and machines that join or leave, within a second.
 *
 * @category constants
 * @since 0.1.0
 */
export const shardingConfig: Partial<ShardingConfig.ShardingConfig["Service"]> = {
  shardLockRefreshInterval: Duration.millis(1500),
  shardLockExpiration: Duration.seconds(5),
  runnerHealthCheckInterval: Duration.seconds(2),
  refreshAssignmentsInterval: Duration.seconds(1),
  entityMessagePollInterval: Duration.seconds(1),
  entityTerminationTimeout: Duration.millis(500)
}
