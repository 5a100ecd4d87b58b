/** What the engine costs: CPU per row, waiting, memory, start-up. */
import { execFileSync } from "node:child_process"
import { atMost, type Benchmark, type Line, ratioAtMost, workload } from "./bench.ts"
import type { Measured } from "./workloads/work.ts"

const microsPerRow = ({ cpuMillis }: Measured, rows: number): number => cpuMillis / rows * 1000

const perRow = async (subject: string, rows: number): Promise<number> =>
  microsPerRow(await workload<Measured>("overhead.ts", subject, rows, 16, 0), rows)

const cpu: Benchmark = {
  name: "engine.cpu",
  async *run() {
    const totals = new Map<number, number>()
    const pools = new Map<number, number>()
    for (const rows of [1000, 10_000, 100_000]) {
      const pool = { name: "promise pool", value: await perRow("pool", rows) }
      const value = await perRow("effect-evals", rows)
      totals.set(rows, value)
      pools.set(rows, pool.value)
      yield withRatio(atMost(30, { name: `engine.cpu-per-row.${rows}`, value, unit: "µs", baseline: pool }))
      const trees = await perRow("effect-evals-trees", rows)
      yield withRatio(
        atMost(50, { name: `engine.cpu-per-row-with-run-trees.${rows}`, value: trees, unit: "µs", baseline: pool })
      )
    }
    const [small = 0, , large = 0] = [...totals.values()]
    yield ratioAtMost(1.5, {
      name: "engine.cpu-flat",
      value: Math.max(small, large),
      unit: "µs",
      baseline: { name: "1,000 or 100,000 rows, whichever costs less", value: Math.min(small, large) }
    })
    // What an engine adds to the work itself: its CPU less that of the promise pool, which does the same work.
    const against = async function*(peer: string, what: string, rows: number, limit: number) {
      const ours = totals.get(rows) ?? Number.NaN
      const pool = pools.get(rows) ?? Number.NaN
      const theirs = await perRow(peer, rows)
      yield ratioAtMost(limit, {
        name: `engine.cpu-overhead-against-${peer}.${rows}`,
        value: ours - pool,
        unit: "µs",
        baseline: { name: `${what}, beyond the pool`, value: theirs - pool }
      })
      yield ratioAtMost(limit, {
        name: `engine.cpu-per-row-against-${peer}.${rows}`,
        value: ours,
        unit: "µs",
        baseline: { name: what, value: theirs }
      })
    }
    yield* against("langsmith", "langsmith evaluate, nothing uploaded", 1000, 0.01)
    yield* against("braintrust", "braintrust Eval, nothing sent", 10_000, 0.5)
  }
}

const withRatio = (line: Line): Line => ({ ...line, ratio: line.value / (line.baseline?.value ?? Number.NaN) })

const utilisation: Benchmark = {
  name: "engine.utilisation",
  async *run() {
    const pool = await workload<Measured>("overhead.ts", "pool", 1000, 32, 20)
    const ours = await workload<Measured>("overhead.ts", "effect-evals", 1000, 32, 20)
    yield ratioAtMost(1.05, {
      name: "engine.utilisation",
      value: ours.wallMillis,
      unit: "ms",
      baseline: { name: "promise pool", value: pool.wallMillis }
    })
  }
}

const readAhead: Benchmark = {
  name: "engine.read-ahead",
  async *run() {
    const { furthest } = await workload<{ furthest: number }>("readAhead.ts")
    yield atMost(256, { name: "engine.read-ahead", value: furthest, unit: "rows" })
  }
}

const memory: Benchmark = {
  name: "engine.memory",
  async *run() {
    const peak = async (rows: number, ...flags: ReadonlyArray<string>) => {
      const runs: Array<number> = []
      for (let i = 0; i < 3; i++) {
        const { peakMegabytes } = await workload<{ peakMegabytes: number }>(["memory.ts", ...flags], rows)
        runs.push(peakMegabytes)
      }
      return runs.sort((a, b) => a - b)[1] ?? Number.NaN
    }
    const growth = async (...flags: ReadonlyArray<string>) => {
      const small = await peak(10_000, ...flags)
      const large = await peak(1_000_000, ...flags)
      return { small, large, value: large - small }
    }
    // V8 lets its young generation grow to a hundred megabytes under any program that allocates for long. In a small
    // heap the peak shows what is held.
    const capped = await growth("--max-semi-space-size=2", "--max-old-space-size=48")
    yield {
      name: "engine.memory",
      value: capped.value,
      unit: "MB",
      baseline: { name: "peak for 10,000 rows", value: capped.small },
      ratio: capped.large / capped.small,
      limit: "at most 60 MB more for 1,000,000 rows than for 10,000, in a heap of 48 MB",
      ok: capped.value <= 60
    }
    const { large, small, value } = await growth()
    yield {
      name: "engine.memory-in-a-default-heap",
      value,
      unit: "MB",
      baseline: { name: "peak for 10,000 rows", value: small },
      ratio: large / small,
      limit: "at most 60 MB more for 1,000,000 rows than for 10,000",
      ok: value <= 60
    }
  }
}

const progress: Benchmark = {
  name: "engine.progress",
  async *run() {
    const { microsPerDrawing } = await workload<{ microsPerDrawing: number }>("progress.ts")
    // Ten drawings a second.
    yield atMost(2, { name: "engine.progress", value: microsPerDrawing * 10 / 1e6 * 100, unit: "% of the time" })
  }
}

const start: Benchmark = {
  name: "engine.import",
  async *run() {
    execFileSync("npm", ["run", "--silent", "build"], { stdio: "ignore" })
    const time = (specifier: string): number => {
      const code = `const c = process.cpuUsage(); await import(${JSON.stringify(specifier)}); ` +
        "const u = process.cpuUsage(c); console.log((u.user + u.system) / 1000)"
      const runs = Array.from(
        { length: 5 },
        () => Number(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" }))
      )
      return runs.sort((a, b) => a - b)[2] ?? Number.NaN
    }
    const effect = { name: "importing effect itself", value: time("effect") }
    const value = time("effect-evals")
    yield { name: "engine.import", value, unit: "ms of CPU", baseline: effect, ratio: value / effect.value, ok: true }
    const [pack] = JSON.parse(
      execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"]
      })
    ) as [{ size: number; unpackedSize: number }]
    yield { name: "engine.packed-size", value: Math.round(pack.size / 1024), unit: "KiB", ok: true }
  }
}

export const engine: ReadonlyArray<Benchmark> = [cpu, utilisation, readAhead, memory, progress, start]
