/** What statistics cost. */
import { atMost, type Benchmark, workload } from "./bench.ts"

const timed = (name: string, limitSeconds: number, baselineName: string): Benchmark => ({
  name: `statistics.${name}`,
  async *run() {
    const runs: Array<{ readonly millis: number; readonly baselineMillis: number }> = []
    for (let i = 0; i < 3; i++) runs.push(await workload("statistics.ts", name))
    const [, middle] = runs.sort((a, b) => a.millis - b.millis)
    const { baselineMillis, millis } = middle ?? { millis: Number.NaN, baselineMillis: Number.NaN }
    const baseline = { name: baselineName, value: baselineMillis / 1000 }
    yield {
      ...atMost(limitSeconds, { name: `statistics.${name}`, value: millis / 1000, unit: "s", baseline }),
      ratio: millis / baselineMillis
    }
  }
})

const perRow = (name: string): Benchmark => ({
  name: `statistics.${name}`,
  async *run() {
    const { microsPerRow } = await workload<{ microsPerRow: number }>("statistics.ts", name)
    yield atMost(2, { name: `statistics.${name}-per-row`, value: microsPerRow, unit: "µs" })
  }
})

export const statistics: ReadonlyArray<Benchmark> = [
  timed("comparison", 2, "reading every score once"),
  timed("bootstrap", 5, "drawing with Math.random, adding up, sorting"),
  timed("auroc", 1.5, "sorting the scores"),
  perRow("summaries"),
  perRow("summaries-with-repetitions")
]
