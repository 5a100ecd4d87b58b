/** A worker: `clusterWorker.ts <postgres url> <port>`. */
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Layer, Redacted } from "effect"
import { TracingClient } from "../../src/index.ts"
import { EvaluationJobs } from "../../src/jobs/index.ts"
import * as NodeCluster from "../../src/jobs/NodeCluster.ts"
import { capacity, clusterJob } from "./clusterJob.ts"

const [url = "", port = ""] = process.argv.slice(2)

Layer.launch(
  EvaluationJobs.layerCluster([clusterJob(port)], { capacity, pollInterval: "50 millis" }).pipe(
    Layer.provide(NodeCluster.layerSocket({ host: "127.0.0.1", port: Number(port) })),
    Layer.provide([PgClient.layer({ url: Redacted.make(url), maxConnections: 8 }), TracingClient.layerNone])
  )
).pipe(NodeRuntime.runMain)
