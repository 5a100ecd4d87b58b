/** A job whose target leaves a line when it is called, and another one when it has ended. */
import { Effect, Schema } from "effect"
import { Dataset, Evaluation, Evaluator } from "effect-evals"
import { EvaluationJob } from "effect-evals/jobs"
import { appendFileSync } from "node:fs"

/**
 * Rows that one death of all workers can cost, at most: each lane holds no more than four times as many as it works on,
 * which is its share of the targets and of the evaluators, whatever the number of lanes.
 */
export const inFlight = 4 * (4 + 4)

export const logged = (file: string, worker: string) => {
  const log = (line: string) => Effect.sync(() => appendFileSync(file, `${line}\n`))
  const squares = EvaluationJob.make("logged", {
    payload: Schema.Struct({ rows: Schema.Int, millis: Schema.Finite }),
    evaluation: ({ millis, rows }) =>
      Evaluation.make("logged", {
        data: Dataset.fromIterable("numbers", Array.from({ length: rows }, (_, n) => ({ id: `n${n}`, inputs: n }))),
        target: (n, { repetition }) =>
          Effect.gen(function*() {
            yield* log(`begin ${n}/${repetition} ${worker}`)
            yield* Effect.sleep(millis)
            yield* log(`end ${n}/${repetition} ${worker}`)
            return { square: n * n }
          })
      }),
    data: { inputs: Schema.Int, outputs: Schema.Struct({ square: Schema.Number }) }
  })
  return EvaluationJob.withOptions(squares, {
    evaluators: [
      Evaluator.make("even", ({ outputs }) => outputs.square % 2 === 0),
      Evaluator.make("size", ({ outputs }) => outputs.square)
    ],
    repetitions: 2,
    concurrency: 4,
    evaluatorConcurrency: 4,
    chunkSize: 10
  })
}
