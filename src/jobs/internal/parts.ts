/** What working on the rows of a job and summing them up have in common. */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Latch from "effect/Latch"
import type * as Semaphore from "effect/Semaphore"
import type * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Example from "../../Example.ts"
import { makeDataset } from "../../internal/dataset/dataset.ts"
import { TooManyFailures } from "../../internal/engine/evaluationErrors.ts"
import { allowedFailures, type AnyEvaluation, type Begun } from "../../internal/engine/session.ts"
import type { TracingClient } from "../../TracingClient.ts"
import type { Any } from "../EvaluationJob.ts"
import { JobError } from "../JobError.ts"
import type { JobCode } from "./jobCode.ts"
import type { Counts, JobRecord, Work } from "./work.ts"

/** What a worker has to work with. */
export interface Worker<R> {
  /** What tells this worker from others. */
  readonly name: string
  readonly registered: ReadonlyMap<string, Any<R>>
  readonly context: Context.Context<R | TracingClient>
  readonly work: Work
  /** How many rows may be worked on at once here. */
  readonly capacity: { readonly size: number; readonly semaphore: Semaphore.Semaphore }
  /** How many lanes a job has, at most. */
  readonly lanes: number
  /** How often a worker looks whether what it does is still wanted. */
  readonly checkEvery: Duration.Duration
  /** Lets pass whoever waits for the next look when a job was cancelled in this process. */
  readonly cancelled: Latch.Latch
}

/** The rows of an experiment are the work of one code. */
export const checkComponents = Effect.fnUntraced(function*<R>(
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
export const checkFailures = Effect.fnUntraced(function*<R>(
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

/** What the engine is told of an experiment that it runs in parts. */
export const begunOf = (
  { experiment_id, id, left_out, started_at }: JobRecord,
  reuse: Begun["reuse"]
): Begun => ({
  id: experiment_id ?? id,
  startTime: started_at ?? 0,
  reuse,
  leftOut: left_out === null ? { count: 0, messages: [] } : JSON.parse(left_out) as Begun["leftOut"]
})

/** The dataset of the evaluation, but for its examples. */
export const datasetLike = <R, E2>(
  { data: { name, steps, version } }: AnyEvaluation<unknown, R>,
  size: number,
  items: Stream.Stream<Example.Example, E2>
): Dataset.Dataset<unknown, unknown, unknown, E2> => makeDataset({ name, version, steps, size, items })
