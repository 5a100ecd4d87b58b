/**
 * Experiments recorded in a SQLite file or on a PostgreSQL server: `durable.ts <none|journal|sqlite|postgres> <rows>
 * <times> [milliseconds] [url]`. Every row has two scores and a run tree with one child. The experiment is run so many
 * times, each with a file of its own or, on a server, once. Prints what the runs took.
 */
import { NodeServices } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, Stream } from "effect"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dataset, Evaluation, TracingClient } from "../../src/index.ts"
import { ExperimentStore, SqliteClient } from "../../src/sql/index.ts"
import { correct, example, length, makeTarget, measure, type Measured } from "./work.ts"

export interface Recorded {
  /** In the order in which they were made. */
  readonly runs: ReadonlyArray<Measured & { readonly mainThreadMillis: number }>
  readonly peakMegabytes: number
  /** Rows in the last database. */
  readonly rows: number
  /** The size of the last database. */
  readonly fileBytes: number
  /** The size of its rows as JSON. */
  readonly jsonBytes: number
}

const [subject = "", ...numbers] = process.argv.slice(2)
const [count = 0, times = 1, millis = 0] = numbers.map(Number)
const url = numbers[3] ?? ""

const examples = function*() {
  for (let i = 0; i < count; i++) yield example(i)
}

const target = makeTarget(millis)

const evaluate = Effect.suspend(() =>
  Evaluation.stream(
    Evaluation.make("bench", {
      data: Dataset.fromIterable("bench", examples()),
      target: (inputs) =>
        Effect.promise(() => target(inputs)).pipe(Effect.withSpan("answer", { attributes: { x: inputs.x } }))
    }),
    { evaluators: [correct, length], concurrency: 16, keepRows: false }
  ).pipe(Stream.runDrain)
)

const directory = mkdtempSync(join(tmpdir(), "effect-evals-bench-"))
const database = (run: number) => join(directory, `${run}.db`)

const store = (run: number) =>
  Layer.provide(
    ExperimentStore.layer,
    subject === "postgres"
      ? PgClient.layer({ url: Redacted.make(url), maxConnections: 4 })
      : SqliteClient.layer({ filename: database(run) })
  )

const tracing = (run: number) => {
  switch (subject) {
    case "none":
      return TracingClient.layerNone
    case "journal":
      return Layer.provide(TracingClient.layerJournal({ directory }), NodeServices.layer)
    case "sqlite":
    case "postgres":
      return Layer.provide(ExperimentStore.layerTracingClient, store(run))
    default:
      throw new Error(`no subject ${subject}`)
  }
}

const runs: Array<Recorded["runs"][number]> = []
for (let run = 0; run < times; run++) {
  // Opening and closing the file are part of it.
  const mainThread = process.threadCpuUsage()
  const measured = await measure(() => Effect.runPromise(Effect.provide(evaluate, tracing(run))))
  const { system, user } = process.threadCpuUsage(mainThread)
  runs.push({ ...measured, mainThreadMillis: (system + user) / 1000 })
}
const peakMegabytes = process.resourceUsage().maxRSS / 1024

const recorded = await Effect.runPromise(
  ExperimentStore.ExperimentStore.use((store) =>
    store.list().pipe(
      Stream.flatMap(({ header }) => store.journalLines(header.id)),
      Stream.filter((line) => line.startsWith(`{"event":"row"`)),
      Stream.runFold(() => ({ rows: 0, jsonBytes: 0 }), ({ jsonBytes, rows }, line) => ({
        rows: rows + 1,
        // Without what the journal says around the row.
        jsonBytes: jsonBytes + Buffer.byteLength(line) - line.indexOf(`"row":{`) - `"row":}`.length
      }))
    )
  ).pipe(Effect.provide(store(times - 1)))
)
const fileBytes = subject === "postgres" ? 0 : statSync(database(times - 1)).size
rmSync(directory, { recursive: true, force: true })

process.stdout.write(JSON.stringify({ runs, peakMegabytes, ...recorded, fileBytes } satisfies Recorded) + "\n")
process.exit(0)
