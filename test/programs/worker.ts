/**
 * A worker that tests kill again and again: `worker.ts <sqlite file> <directory>` submits a job, the same one whenever it
 * is started, waits for it and prints where it stands; `worker.ts <postgres url> <directory> <port> [http]` works until it
 * is stopped. Each call of the target leaves a line in `calls.log` when it begins, and another one when it has ended.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { TracingClient } from "effect-evals"
import { EvaluationJobs } from "effect-evals/jobs"
import * as NodeCluster from "effect-evals/jobs/NodeCluster"
import { SqliteClient } from "effect-evals/sql"
import { logged } from "./loggedJob.ts"

const [database = "", directory = ".", port = "", transport = "socket"] = process.argv.slice(2)

const job = logged(`${directory}/calls.log`, port)
const tracing = TracingClient.layerJournal({ directory: `${directory}/journals` }).pipe(
  Layer.provide(NodeServices.layer)
)

if (port === "") {
  Effect.gen(function*() {
    const jobs = yield* EvaluationJobs.EvaluationJobs
    const id = yield* jobs.submit(job, { rows: 60, millis: 5 }, { idempotencyKey: "the job" })
    console.log(JSON.stringify(yield* jobs.await(id)))
  }).pipe(
    Effect.provide(EvaluationJobs.layerSingleRunner([job])),
    Effect.provide([SqliteClient.layer({ filename: database }), tracing]),
    NodeRuntime.runMain
  )
} else {
  const address = { host: "127.0.0.1", port: Number(port) }
  const cluster = Layer.unwrap(Effect.sync((): Layer.Layer<
    Layer.Success<ReturnType<typeof NodeCluster.layerSocket>>,
    unknown,
    Layer.Services<ReturnType<typeof NodeCluster.layerSocket>>
  > => transport === "http" ? NodeCluster.layerHttp(address) : NodeCluster.layerSocket(address)))
  Layer.launch(
    EvaluationJobs.layerCluster([job], { capacity: 16 }).pipe(
      Layer.provide(cluster),
      Layer.provide([PgClient.layer({ url: Redacted.make(database), maxConnections: 6 }), tracing])
    )
  ).pipe(NodeRuntime.runMain)
}
