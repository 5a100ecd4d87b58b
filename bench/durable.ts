/** What it costs to keep experiments in a database. */
import { atMost, type Benchmark, ratioAtMost, workload } from "./bench.ts"
import type { Recorded } from "./workloads/durable.ts"
import { median } from "./workloads/work.ts"

const rows = 50_000

const record = (subject: "none" | "sqlite", times: number, ...flags: ReadonlyArray<string>) =>
  workload<Recorded>(["durable.ts", ...flags], subject, rows, times)

/** The first runs warm the code up; what they take is what a run in a process of its own takes. */
const warmMicrosPerRow = ({ runs }: Recorded): number =>
  median(runs.slice(2).map(({ cpuMillis }) => cpuMillis)) / rows * 1000

const sqlite: Benchmark = {
  name: "durable.sqlite-",
  async *run() {
    const cold = await record("sqlite", 1)
    yield {
      name: "durable.sqlite-rows",
      value: cold.rows,
      unit: "rows in the file",
      limit: `must be ${rows}`,
      ok: cold.rows === rows
    }
    yield atMost(10, {
      name: "durable.sqlite-end-to-end",
      value: (cold.runs[0]?.wallMillis ?? Number.NaN) / 1000,
      unit: `s for ${rows} rows`
    })
    yield ratioAtMost(1.5, {
      name: "durable.sqlite-bytes",
      value: cold.fileBytes / 1e6,
      unit: "MB",
      baseline: { name: "the rows as JSON", value: cold.jsonBytes / 1e6 }
    })
    // As in `engine.memory`: a small young generation, so that the peak shows what is held.
    const capped = await record("sqlite", 1, "--max-semi-space-size=2")
    yield atMost(300, { name: "durable.sqlite-memory", value: capped.peakMegabytes, unit: "MB" })
    const bare = await record("none", 1)
    yield {
      ...atMost(300, {
        name: "durable.sqlite-memory-in-a-default-heap",
        value: cold.peakMegabytes,
        unit: "MB",
        baseline: { name: "nothing written", value: bare.peakMegabytes }
      }),
      ratio: cold.peakMegabytes / bare.peakMegabytes
    }
    const ours = warmMicrosPerRow(await record("sqlite", 7))
    const none = warmMicrosPerRow(await record("none", 7))
    yield ratioAtMost(1.35, {
      name: "durable.sqlite-cpu-per-row",
      value: ours,
      unit: "µs",
      baseline: { name: "nothing written, the work costs nothing", value: none }
    })
    // A target that waits for a server, as a model's does.
    const waiting = (subject: "none" | "sqlite") => workload<Recorded>("durable.ts", subject, 5000, 2, 20)
    const lastWall = ({ runs }: Recorded) => runs.at(-1)?.wallMillis ?? Number.NaN
    yield ratioAtMost(1.1, {
      name: "durable.sqlite-waiting-target",
      value: lastWall(await waiting("sqlite")),
      unit: "ms",
      baseline: { name: "nothing written", value: lastWall(await waiting("none")) }
    })
  }
}

export const durable: ReadonlyArray<Benchmark> = [sqlite]
