/** What scores take, against the peers' scorers of the same kind. */
import { type Benchmark, ratioAtMost, workload } from "./bench.ts"

interface Micros {
  readonly measure: number
  readonly evaluator: number
  readonly theirs: number
}

/** A score per call, in the same process turn by turn; the evaluator gives a reason as well, which no peer does. */
const against = (name: string, theirName: string, limit: number): Benchmark => ({
  name: `scorers.${name}`,
  async *run() {
    const { evaluator, measure, theirs } = await workload<Micros>("scorers.ts", name)
    const baseline = { name: theirName, value: theirs }
    yield ratioAtMost(limit, { name: `scorers.${name}`, value: measure, unit: "µs", baseline })
    yield {
      name: `scorers.${name}.with-reason`,
      value: evaluator,
      unit: "µs",
      baseline,
      ratio: evaluator / theirs,
      ok: true
    }
  }
})

export const scorers: ReadonlyArray<Benchmark> = [
  against("exact-match.openevals", "openevals exactMatch", 0.1),
  against("levenshtein.openevals", "openevals levenshteinDistance", 0.1),
  against("json-match.openevals", "openevals jsonMatch", 0.1),
  // Both are `===` and next to nothing else, which alone takes a fifth of what theirs does and more.
  against("exact-match.autoevals", "autoevals ExactMatch", 1),
  against("levenshtein.autoevals", "autoevals Levenshtein", 1),
  against("json-similarity.autoevals", "autoevals JSONDiff", 1),
  // Both are `JSON.parse` and next to nothing else; what is above 1 is room for the noise of measuring.
  against("valid-json.autoevals", "autoevals ValidJSON", 1.1),
  against("numbers.autoevals", "autoevals NumericDiff", 1),
  against("list.autoevals", "autoevals ListContains", 1),
  ...["strict", "unordered", "subset", "superset"].flatMap((mode) => [
    against(`trajectory-${mode}.agentevals`, `agentevals, ${mode}`, 1),
    against(`trajectory-${mode}.openevals`, `openevals, ${mode}`, 1)
  ])
]
