/** What it costs to keep experiments in a database. */
import { Effect, ManagedRuntime } from "effect"
import { layerDatabase, layerServer, PostgresServer } from "../test/sql/postgres.ts"
import { atMost, type Benchmark, type Line, ratioAtMost, workload } from "./bench.ts"
import type { Recorded } from "./workloads/durable.ts"
import type { Resumed } from "./workloads/resume.ts"
import { median } from "./workloads/work.ts"

const rows = 50_000

const record = (subject: "none" | "sqlite", times: number, ...flags: ReadonlyArray<string>) =>
  workload<Recorded>(["durable.ts", ...flags], subject, rows, times)

/** The first runs warm the code up; what they take is what a run in a process of its own takes. */
const warmMicrosPerRow = ({ runs }: Recorded, time: "cpuMillis" | "mainThreadMillis" = "cpuMillis"): number =>
  median(runs.slice(2).map((run) => run[time])) / rows * 1000

/**
 * The peak of a process, as it is and in a small heap, which shows what is held. The median of five: in one process of
 * four V8 takes objects of the first rows for long-lived ones, and then lets garbage lie for 60 MB more.
 */
const memory = async function*(
  database: string,
  first: Recorded,
  again: (...flags: ReadonlyArray<string>) => Promise<Recorded>,
  bare: Recorded
): AsyncGenerator<Line> {
  const peaks = [first.peakMegabytes]
  while (peaks.length < 5) peaks.push((await again()).peakMegabytes)
  const value = median(peaks)
  const baseline = { name: "nothing written", value: bare.peakMegabytes }
  const peak = { name: `durable.${database}-memory`, value, unit: "MB", baseline }
  // What is promised of a server is the same order, which the small heap shows.
  yield { ...(database === "sqlite" ? atMost(300, peak) : { ...peak, ok: true }), ratio: value / baseline.value }
  const small = await again("--max-semi-space-size=2", "--max-old-space-size=64")
  yield atMost(300, { name: `durable.${database}-memory-in-a-heap-of-64-MB`, value: small.peakMegabytes, unit: "MB" })
}

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
    yield* memory("sqlite", cold, (...flags) => record("sqlite", 1, ...flags), await record("none", 1))
    const ours = await record("sqlite", 7)
    const none = await record("none", 7)
    yield ratioAtMost(1.35, {
      name: "durable.sqlite-cpu-per-row",
      value: warmMicrosPerRow(ours),
      unit: "µs",
      baseline: { name: "nothing written, the work costs nothing", value: warmMicrosPerRow(none) }
    })
    // Without what the runtime's own threads do, such as collecting garbage.
    const [main, bareMain] = [warmMicrosPerRow(ours, "mainThreadMillis"), warmMicrosPerRow(none, "mainThreadMillis")]
    yield {
      name: "durable.sqlite-main-thread-cpu-per-row",
      value: main,
      unit: "µs",
      baseline: { name: "nothing written, the work costs nothing", value: bareMain },
      ratio: main / bareMain,
      ok: true
    }
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

/** The client's part alone counts as CPU: the server is a process of its own. */
const postgres: Benchmark = {
  name: "durable.postgres-",
  async *run() {
    const onServer = (...flags: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        const { url } = yield* PostgresServer
        const database = `bench_${databases++}`
        yield* Effect.provide(Effect.void, layerDatabase(database))
        return yield* Effect.promise(() =>
          workload<Recorded>(["durable.ts", ...flags], "postgres", rows, 1, 0, url(database))
        )
      })
    let databases = 0
    const runtime = ManagedRuntime.make(layerServer)
    await using _ = { [Symbol.asyncDispose]: () => runtime.dispose() }
    const again = (...flags: ReadonlyArray<string>) => runtime.runPromise(onServer(...flags))
    const cold = await again()
    yield {
      name: "durable.postgres-rows",
      value: cold.rows,
      unit: "rows in the database",
      limit: `must be ${rows}`,
      ok: cold.rows === rows
    }
    yield atMost(20, {
      name: "durable.postgres-end-to-end",
      value: (cold.runs[0]?.wallMillis ?? Number.NaN) / 1000,
      unit: `s for ${rows} rows`
    })
    const bare = await record("none", 1)
    yield* memory("postgres", cold, again, bare)
    const [value, baseline] = [cold, bare].map(({ runs }) => (runs[0]?.cpuMillis ?? Number.NaN) / rows * 1000)
    yield {
      name: "durable.postgres-cpu-per-row",
      value: value ?? Number.NaN,
      unit: "µs, cold",
      baseline: { name: "nothing written, the work costs nothing", value: baseline ?? Number.NaN },
      ratio: (value ?? Number.NaN) / (baseline ?? Number.NaN),
      ok: true
    }
  }
}

const recordedRows = 20_000

/** By its name, in a process of its own: what somebody waits for after a crash until something new is done. */
const resume: Benchmark = {
  name: "durable.resume-",
  async *run() {
    for (const place of ["sqlite", "journal"]) {
      const { calls, reused, startMillis, wallMillis } = await workload<Resumed>("resume.ts", place, recordedRows)
      yield {
        name: `durable.resume-${place}-rows`,
        value: reused,
        unit: `rows taken over, ${calls} run`,
        limit: `must be ${recordedRows}`,
        ok: reused === recordedRows
      }
      yield atMost(2, {
        name: `durable.resume-${place}-start`,
        value: startMillis / 1000,
        unit: "s"
      })
      yield {
        name: `durable.resume-${place}-end`,
        value: wallMillis / 1000,
        unit: "s",
        ok: true
      }
    }
  }
}

export const durable: ReadonlyArray<Benchmark> = [sqlite, postgres, resume]
