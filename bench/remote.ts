/** What it costs to write experiments to LangSmith: everything is sent, to a stand-in in a process of its own. */
import { atMost, type Benchmark, type Line, ratioAtMost, workload } from "./bench.ts"
import type { Written } from "./workloads/remote.ts"
import { median } from "./workloads/work.ts"

const write = (
  subject: "effect-evals" | "langsmith" | "pool",
  how: "cold" | "warm",
  { concurrency = 16, millis = 0, rows }: {
    readonly rows: number
    readonly concurrency?: number
    readonly millis?: number
  }
) => workload<Written>("remote.ts", subject, rows, concurrency, millis, how)

const warm = ({ runs }: Written, of: "cpuMillis" | "wallMillis"): number => median(runs.slice(1).map((run) => run[of]))

const cold = ({ runs: [first] }: Written, of: "cpuMillis" | "wallMillis"): number => first?.[of] ?? Number.NaN

/** Three runs a row, that of the target and those of two evaluators, and their two scores. */
const arrived = (name: string, rows: number, { arrived }: Written): Line => ({
  name,
  value: arrived.runs + arrived.feedback,
  unit: "runs and scores arrived",
  limit: `must be ${5 * rows}`,
  ok: arrived.runs === 3 * rows && arrived.feedback === 2 * rows
})

const against: Benchmark = {
  name: "remote.langsmith-cpu",
  async *run() {
    const rows = 1000
    const ours = await write("effect-evals", "warm", { rows })
    const theirs = await write("langsmith", "warm", { rows })
    yield arrived("remote.langsmith-cpu-arrived", rows, ours)
    yield ratioAtMost(1 / 20, {
      name: "remote.langsmith-cpu",
      value: warm(ours, "cpuMillis"),
      unit: `ms for ${rows} rows`,
      baseline: { name: "langsmith evaluate, the same sent", value: warm(theirs, "cpuMillis") }
    })
    // In a process that has just begun: modules are loaded, nothing is compiled yet.
    const first = { name: "langsmith evaluate, the same sent", value: cold(theirs, "cpuMillis") }
    const value = cold(ours, "cpuMillis")
    yield {
      name: "remote.langsmith-cpu-first-run",
      value,
      unit: `ms for ${rows} rows`,
      baseline: first,
      ratio: value / first.value,
      ok: true
    }
  }
}

const large: Benchmark = {
  name: "remote.langsmith-50000-",
  async *run() {
    const rows = 50_000
    const ours = await write("effect-evals", "cold", { rows })
    yield arrived("remote.langsmith-50000-arrived", rows, ours)
    yield atMost(20, { name: "remote.langsmith-50000-time", value: cold(ours, "wallMillis") / 1000, unit: "s" })
    yield atMost(500, { name: "remote.langsmith-50000-memory", value: ours.peakMegabytes, unit: "MB" })
  }
}

const waiting: Benchmark = {
  name: "remote.langsmith-waiting-target",
  async *run() {
    const setting = { rows: 1000, concurrency: 32, millis: 20 }
    const ours = await write("effect-evals", "warm", setting)
    const pool = await write("pool", "warm", setting)
    yield ratioAtMost(1.15, {
      name: "remote.langsmith-waiting-target",
      value: warm(ours, "wallMillis"),
      unit: "ms",
      baseline: { name: "promise pool, nothing sent", value: warm(pool, "wallMillis") }
    })
  }
}

export const remote: ReadonlyArray<Benchmark> = [against, large, waiting]
