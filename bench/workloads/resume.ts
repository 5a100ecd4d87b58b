/**
 * An experiment that is gone on from: `resume.ts <journal|sqlite> <rows>`. Rows with two scores are recorded; then another
 * process, `resume.ts <journal|sqlite> <rows> <directory>`, finds them by the name, takes them over and runs some that are
 * new. Prints how long that took, from its start to the first call of the target and to its end.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dataset, Evaluation, TracingClient } from "../../src/index.ts"
import { ExperimentStore, SqliteClient } from "../../src/sql/index.ts"
import { correct, example, length, makeTarget } from "./work.ts"

export interface Resumed {
  /** From the start of the evaluation to the first row that is new. */
  readonly startMillis: number
  readonly wallMillis: number
  readonly peakMegabytes: number
  /** Runs that were taken over. */
  readonly reused: number
  /** Calls of the target. */
  readonly calls: number
}

const more = 100

const [subject = "", rows = "0", given = ""] = process.argv.slice(2)
const directory = given === "" ? mkdtempSync(join(tmpdir(), "effect-evals-bench-")) : given

const places = {
  journal: TracingClient.layerJournal({ directory }).pipe(Layer.provide(NodeServices.layer)),
  sqlite: ExperimentStore.layerTracingClient.pipe(
    Layer.provide(ExperimentStore.layer),
    Layer.provide(SqliteClient.layer({ filename: join(directory, "evals.db") }))
  )
}
if (subject !== "journal" && subject !== "sqlite") throw new Error(`no subject ${subject}`)

let calls = 0
let firstCall = Number.NaN
const target = makeTarget(0)
const evaluate = (count: number) =>
  Evaluation.resume(
    Evaluation.make("bench", {
      data: Dataset.fromIterable("bench", Array.from({ length: count }, (_, i) => example(i))),
      target: (inputs) => {
        if (calls++ === 0) firstCall = performance.now()
        return Effect.promise(() => target(inputs))
      }
    }),
    "nightly",
    {
      outputs: Schema.Struct({ y: Schema.Finite }),
      evaluators: [correct, length],
      concurrency: 16
    }
  ).pipe(Effect.provide(places[subject]))

if (given === "") {
  await Effect.runPromise(evaluate(Number(rows)))
  const args = ["--conditions=effect-evals-source", import.meta.filename, subject, rows, directory]
  const resumed = execFileSync(process.execPath, args, { encoding: "utf8" })
  rmSync(directory, { recursive: true, force: true })
  process.stdout.write(resumed)
} else {
  const start = performance.now()
  const { reused } = await Effect.runPromise(evaluate(Number(rows) + more))
  const wallMillis = performance.now() - start
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  process.stdout.write(
    JSON.stringify(
      {
        startMillis: firstCall - start,
        wallMillis,
        peakMegabytes,
        reused: reused?.runs ?? 0,
        calls
      } satisfies Resumed
    ) + "\n"
  )
}
