/** What scores take, against the peers' scorers of the same kind. */
import { type Benchmark, ratioAtMost, workload } from "./bench.ts"

interface Micros {
  readonly measure: number
  readonly evaluator: number
  readonly theirs: number
  /** The least that has to be done, if it is known: `===`, say, and nothing else. */
  readonly floor?: number | undefined
}

interface Limits {
  readonly measure: number
  /** Without it, what the evaluator takes is only reported. */
  readonly evaluator?: number | undefined
}

/** A score per call, in the same process turn by turn; the evaluator gives a reason as well, which no peer does. */
const against = (name: string, theirName: string, limits: Limits): Benchmark => ({
  name: `scorers.${name}`,
  async *run() {
    const { evaluator, floor, measure, theirs } = await workload<Micros>("scorers.ts", name)
    const baseline = { name: theirName, value: theirs }
    const line = (suffix: string, value: number) => ({ name: `scorers.${name}${suffix}`, value, unit: "µs", baseline })
    yield ratioAtMost(limits.measure, line("", measure))
    const withReason = line(".with-reason", evaluator)
    yield limits.evaluator === undefined
      ? { ...withReason, ratio: evaluator / theirs, ok: true }
      : ratioAtMost(limits.evaluator, withReason)
    if (floor !== undefined) yield { ...line(".floor", floor), ratio: floor / theirs, ok: true }
  }
})

const tenth = { measure: 0.1, evaluator: 0.1 } as const
const atLeastAsFast = { measure: 1, evaluator: 1 } as const

export const scorers: ReadonlyArray<Benchmark> = [
  against("exact-match.openevals", "openevals exactMatch", tenth),
  against("levenshtein.openevals", "openevals levenshteinDistance", tenth),
  against("json-match.openevals", "openevals jsonMatch", tenth),
  // Both are `===` and next to nothing else. To write a reason takes several times as long, and theirs has none.
  against("exact-match.autoevals", "autoevals ExactMatch", { measure: 1 }),
  against("levenshtein.autoevals", "autoevals Levenshtein", atLeastAsFast),
  against("json-similarity.autoevals", "autoevals JSONDiff", atLeastAsFast),
  // Both are `JSON.parse` and next to nothing else; what is above 1 is room for the noise of measuring.
  against("valid-json.autoevals", "autoevals ValidJSON", { measure: 1.1 }),
  against("numbers.autoevals", "autoevals NumericDiff", { measure: 1 }),
  against("list.autoevals", "autoevals ListContains", atLeastAsFast),
  ...["strict", "unordered", "subset", "superset"].flatMap((mode) => [
    against(`trajectory-${mode}.agentevals`, `agentevals, ${mode}`, atLeastAsFast),
    against(`trajectory-${mode}.openevals`, `openevals, ${mode}`, atLeastAsFast)
  ])
]
