/** Jobs in tests: a place for them, and targets that tell what they do. */
import { Effect, Layer, Schema, type Stream } from "effect"
import { Dataset, Evaluation, Evaluator, type Example, TracingClient } from "effect-evals"
import { EvaluationJob, EvaluationJobs } from "effect-evals/jobs"
import { SqliteClient } from "effect-evals/sql"

/** Looks often, so that tests do not wait. */
export const prompt: EvaluationJobs.WorkerOptions = { pollInterval: "10 millis", checkInterval: "10 millis" }

/** The service with a worker, all of it in memory. */
export const inMemory = <const Jobs extends ReadonlyArray<EvaluationJob.Any>>(
  jobs: Jobs,
  options: EvaluationJobs.WorkerOptions = {}
) =>
  EvaluationJobs.layerMemory(jobs, { ...prompt, ...options }).pipe(
    Layer.provideMerge(SqliteClient.layer({ filename: ":memory:" })),
    Layer.provideMerge(TracingClient.layerMemory)
  )

/** Numbers from 0. */
export const numbersTo = (count: number) =>
  Dataset.fromIterable(
    "numbers",
    Array.from({ length: count }, (_, n): Example.Input<number> => ({ id: `n${n}`, inputs: n }))
  )

/** Squares of numbers, by a target that counts its calls and may do something else first. */
export const squares = <R = never>(
  before: (n: number) => Effect.Effect<void, string, R> = () => Effect.void,
  options: { readonly name?: string; readonly version?: string } = {}
) => {
  const calls: Array<number> = []
  let active = 0
  let peak = 0
  const plain = EvaluationJob.make(options.name ?? "squares", {
    payload: Schema.Struct({ count: Schema.Int }),
    evaluation: ({ count }) =>
      Evaluation.make("squares", {
        data: numbersTo(count),
        target: (n) =>
          Effect.gen(function*() {
            calls.push(n)
            peak = Math.max(peak, ++active)
            yield* before(n)
            return n * n
          }).pipe(Effect.ensuring(Effect.sync(() => void active--)))
      }),
    data: { inputs: Schema.Int, outputs: Schema.Int }
  })
  const job = EvaluationJob.withOptions(plain, {
    evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0, { version: options.version ?? "1" })],
    chunkSize: 5
  })
  return { plain, job, calls, peak: () => peak }
}

export type Rows<S> = S extends Stream.Stream<infer A, infer _E, infer _R> ? A : never
