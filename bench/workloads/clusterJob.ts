/** The job of the cluster's benchmark: a target that waits, and who has run it. */
import { Effect, Schema } from "effect"
import { Dataset, Evaluation } from "../../src/index.ts"
import { EvaluationJob } from "../../src/jobs/index.ts"

/** A worker does so many rows at once; the job may have so many on all of them. */
export const capacity = 16
const concurrency = 64

export const clusterJob = (worker: string) =>
  EvaluationJob.withOptions(
    EvaluationJob.make("waiting", {
      payload: Schema.Struct({ rows: Schema.Int, millis: Schema.Finite }),
      evaluation: ({ millis, rows }) =>
        Evaluation.make("waiting", {
          data: Dataset.fromIterable("numbers", Array.from({ length: rows }, (_, n) => ({ id: `n${n}`, inputs: n }))),
          // Only one code may make the rows of a job: the worker is not part of it.
          target: () => Effect.as(Effect.sleep(millis), { worker })
        }),
      data: { outputs: Schema.Struct({ worker: Schema.String }) }
    }),
    { concurrency, chunkSize: 100 }
  )
