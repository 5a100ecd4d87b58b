/** What a judge costs besides its model. */
import { atMost, type Benchmark, ratioAtMost, workload } from "./bench.ts"

const overhead: Benchmark = {
  name: "judge.overhead",
  async *run() {
    const { over, raw } = await workload<{ raw: number; over: number }>("judge.ts", "overhead")
    const baseline = { name: "the model called directly, which answers at once", value: raw }
    yield { ...atMost(150, { name: "judge.overhead", value: over, unit: "µs", baseline }), ratio: over / raw }
  }
}

const cached: Benchmark = {
  name: "judge.cached-verdict",
  async *run() {
    const { cached, fresh } = await workload<{ cached: number; fresh: number }>("judge.ts", "cached")
    const baseline = { name: "asked for the first time", value: fresh }
    yield {
      ...atMost(50, { name: "judge.cached-verdict", value: cached, unit: "µs", baseline }),
      ratio: cached / fresh
    }
  }
}

const against: Benchmark = {
  name: "judge.per-call",
  async *run() {
    const { ours, theirs } = await workload<{ ours: number; theirs: number }>("judge.ts", "openevals")
    const baseline = { name: "openevals createLLMAsJudge, a client that answers at once", value: theirs }
    yield ratioAtMost(1, { name: "judge.per-call.openevals", value: ours, unit: "µs", baseline })
  }
}

export const judge: ReadonlyArray<Benchmark> = [overhead, cached, against]
