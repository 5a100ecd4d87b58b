/**
 * A program that tests kill again and again: it resumes whatever there is of it in the place that it is given, as
 * `resumed.ts <directory> <journal | sqlite | postgres> [url]`. Each call of the target leaves a line in `calls.log` when
 * it begins, and another one when it has ended.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { appendFileSync } from "node:fs"
import * as Dataset from "../../src/Dataset.ts"
import * as Evaluation from "../../src/Evaluation.ts"
import * as Evaluator from "../../src/Evaluator.ts"
import * as TracingClient from "../../src/TracingClient.ts"

const [directory = ".", place = "journal", url = ""] = process.argv.slice(2)

const rows = 150

const log = (line: string) => Effect.sync(() => appendFileSync(`${directory}/calls.log`, `${line}\n`))

const evaluation = Evaluation.make("resumed", {
  data: Dataset.fromIterable("numbers", Array.from({ length: rows }, (_, n) => ({ id: `n${n}`, inputs: n }))),
  target: (n, { repetition }) =>
    Effect.gen(function*() {
      yield* log(`begin ${n}/${repetition}`)
      yield* Effect.sleep(5)
      yield* log(`end ${n}/${repetition}`)
      return { square: n * n }
    })
})

const sqlite = Effect.gen(function*() {
  const ExperimentStore = yield* Effect.promise(() => import("../../src/sql/ExperimentStore.ts"))
  const SqliteClient = yield* Effect.promise(() => import("../../src/sql/SqliteClient.ts"))
  return ExperimentStore.layerTracingClient.pipe(
    Layer.provide(ExperimentStore.layer),
    Layer.provide(SqliteClient.layer({ filename: `${directory}/evals.db` }))
  )
})

const postgres = Effect.gen(function*() {
  const ExperimentStore = yield* Effect.promise(() => import("../../src/sql/ExperimentStore.ts"))
  const PgClient = yield* Effect.promise(() => import("@effect/sql-pg/PgClient"))
  return ExperimentStore.layerTracingClient.pipe(
    Layer.provide(ExperimentStore.layer),
    Layer.provide(PgClient.layer({ url: Redacted.make(url) }))
  )
})

const layer = place === "sqlite"
  ? Layer.unwrap(sqlite)
  : place === "postgres"
  ? Layer.unwrap(postgres)
  : Layer.provide(TracingClient.layerJournal({ directory: `${directory}/journals` }), NodeServices.layer)

Evaluation.resume(evaluation, "resumed", {
  outputs: Schema.Struct({ square: Schema.Number }),
  repetitions: 2,
  concurrency: 4,
  evaluators: [
    Evaluator.make("even", ({ outputs }) => outputs.square % 2 === 0),
    Evaluator.make("size", ({ outputs }) => outputs.square)
  ]
}).pipe(
  Effect.tap(({ id, reused, summaries }) => Effect.sync(() => console.log(JSON.stringify({ id, reused, summaries })))),
  Effect.provide(layer),
  NodeRuntime.runMain
)
