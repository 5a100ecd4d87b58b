/** What it costs that jobs are durable, and what a second machine is worth. */
import { atMost, type Benchmark, workload } from "./bench.ts"
import type { Clustered } from "./workloads/cluster.ts"
import { type Measured, median } from "./workloads/work.ts"

const rows = 5000

/** The first runs warm the code up. */
const warmMicrosPerRow = async (subject: "none" | "job"): Promise<number> => {
  const { runs } = await workload<{ readonly runs: ReadonlyArray<Measured> }>("jobs.ts", subject, rows, 9)
  return median(runs.slice(4).map(({ cpuMillis }) => cpuMillis)) / rows * 1000
}

const single: Benchmark = {
  name: "durable.jobs-",
  async *run() {
    const none = await warmMicrosPerRow("none")
    const job = await warmMicrosPerRow("job")
    yield {
      ...atMost(100, {
        name: "durable.jobs-cpu-per-row",
        value: job - none,
        unit: "µs",
        baseline: { name: "the same evaluation, nothing kept", value: none }
      }),
      ratio: job / none
    }
  }
}

const cluster: Benchmark = {
  name: "durable.cluster-",
  async *run() {
    const { one, two } = await workload<Clustered>("cluster.ts", 4000, 20, 3)
    const [alone, together] = [median(one), median(two)]
    const ratio = alone / together
    yield {
      name: "durable.cluster-two-workers",
      value: together,
      unit: "ms for 4000 rows of 20 ms, 16 at once on each",
      baseline: { name: "one worker", value: alone },
      ratio,
      limit: "at least 1.8 times as fast",
      ok: ratio >= 1.8
    }
  }
}

export const jobs: ReadonlyArray<Benchmark> = [single, cluster]
