/** What is left when something goes wrong, here and with the peers: the facts behind the table in the README. */
import { type Benchmark, type Line, workload } from "./bench.ts"
import type { Found } from "./workloads/behaviour.ts"

const facts: ReadonlyArray<readonly [keyof Found, string]> = [
  ["targetFailureShown", "failure of the target in the result"],
  ["evaluatorFailureShown", "failure of an evaluator in the result"],
  ["otherResultKept", "the row's other scores kept"],
  ["missingScoresCounted", "missing scores counted in the summary"]
]

const subjects = ["effect-evals", "langsmith", "braintrust"] as const

const behaviours: Benchmark = {
  name: "behaviour.",
  async *run() {
    for (const subject of subjects) {
      const found = await workload<Found>("behaviour.ts", subject)
      for (const [fact, unit] of facts) {
        const holds = found[fact] === true
        const line = { name: `behaviour.${subject}.${fact}`, value: holds ? 1 : 0, unit }
        // What the peers do is a finding, what we do has to hold.
        yield subject === "effect-evals" ? { ...line, limit: "must hold", ok: holds } : { ...line, ok: true }
      }
      if (found.pulledAhead !== undefined) {
        const line: Omit<Line, "ok"> = {
          name: `behaviour.${subject}.pulledAhead`,
          value: found.pulledAhead,
          unit: "rows of 10,000 pulled when the first was done"
        }
        yield subject === "effect-evals"
          ? { ...line, limit: "at most 256", ok: found.pulledAhead <= 256 }
          : { ...line, ok: true }
      }
    }
  }
}

export const behaviour: ReadonlyArray<Benchmark> = [behaviours]
