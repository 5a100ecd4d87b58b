/**
 * The same evaluation as a run of which nothing is kept, and as jobs on one machine: `jobs.ts <none|job> <rows> <times>`.
 * Prints what each time took. The database is a SQLite file.
 */
import { Effect, Layer, Schema, Stream } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dataset, Evaluation, TracingClient } from "../../src/index.ts"
import { EvaluationJob, EvaluationJobs } from "../../src/jobs/index.ts"
import { SqliteClient } from "../../src/sql/index.ts"
import { correct, example, length, makeTarget, measure, type Measured } from "./work.ts"

const [subject = "", ...numbers] = process.argv.slice(2)
const [rows = 0, times = 1] = numbers.map(Number)

const target = makeTarget(0)
const examples = function*() {
  for (let i = 0; i < rows; i++) yield example(i)
}
const evaluation = () =>
  Evaluation.make("bench", {
    data: Dataset.fromIterable("bench", examples()),
    target: (inputs) => Effect.promise(() => target(inputs))
  })
const options = { evaluators: [correct, length], concurrency: 16 } as const

const job = EvaluationJob.withOptions(
  EvaluationJob.make("bench", { payload: Schema.Struct({}), evaluation }),
  { ...options, chunkSize: 100 }
)

const runs: Array<Measured> = []
if (subject === "none") {
  for (let run = 0; run < times; run++) {
    runs.push(
      await measure(() =>
        Effect.runPromise(
          Stream.runDrain(Evaluation.stream(evaluation(), options)).pipe(Effect.provide(TracingClient.layerNone))
        )
      )
    )
  }
} else {
  const directory = mkdtempSync(join(tmpdir(), "effect-evals-bench-"))
  const layer = EvaluationJobs.layerSingleRunner([job]).pipe(
    Layer.provide([SqliteClient.layer({ filename: join(directory, "jobs.db") }), TracingClient.layerNone])
  )
  await Effect.runPromise(
    Effect.gen(function*() {
      const jobs = yield* EvaluationJobs.EvaluationJobs
      const run = Effect.runPromiseWith(yield* Effect.context())
      for (let i = 0; i < times; i++) {
        runs.push(
          yield* Effect.promise(() =>
            measure(() =>
              run(
                Effect.gen(function*() {
                  const status = yield* jobs.await(yield* jobs.submit(job, {}))
                  if (status._tag !== "Completed" || status.done !== rows) throw new Error(JSON.stringify(status))
                })
              )
            )
          )
        )
      }
    }).pipe(Effect.provide(layer))
  )
  rmSync(directory, { recursive: true, force: true })
}

process.stdout.write(JSON.stringify({ runs }) + "\n")
process.exit(0)
