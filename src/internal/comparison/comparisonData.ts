/** Comparisons as plain data. */
import type { Change, Comparison, Data, Pair } from "../../Comparison.ts"
import * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import { toJson } from "../values/json.ts"

type ChangeData = Data["newlyFailing"][number]

/** The comparison, with at most `limit` examples in each list. */
export const comparisonData = (self: Comparison, limit: number): Data => {
  const some = <A, B>(list: ReadonlyArray<A>, f: (element: A) => B): ReadonlyArray<B> =>
    list.slice(0, Number.isFinite(limit) ? limit : undefined).map(f)
  return {
    baseline: { id: self.baseline.id, name: self.baseline.name },
    candidate: { id: self.candidate.id, name: self.candidate.name },
    level: self.options.level,
    failures: self.options.failures,
    examples: {
      matched: self.matched.length,
      onlyBaseline: self.onlyBaseline.length,
      onlyCandidate: self.onlyCandidate.length,
      changed: self.changed.length
    },
    onlyBaseline: some(self.onlyBaseline, ({ id }) => id),
    onlyCandidate: some(self.onlyCandidate, ({ id }) => id),
    changed: some(self.changed, ({ candidate }) => candidate.id),
    failing: {
      newly: self.newlyFailing.length,
      noLonger: self.newlyPassing.length,
      inBoth: self.failingInBoth.length
    },
    newlyFailing: some(self.newlyFailing, pairData),
    newlyPassing: some(self.newlyPassing, pairData),
    failingInBoth: some(self.failingInBoth, pairData),
    keys: Object.values(self.keys).map(({ gained, improved, lost, numbers, regressed }) => ({
      ...numbers,
      improvedExamples: some(improved, changeData),
      regressedExamples: some(regressed, changeData),
      lostExamples: some(lost, pairData),
      gainedExamples: some(gained, pairData)
    })),
    latency: self.latency,
    warnings: self.warnings
  }
}

const pairData = ({ baseline, candidate, example }: Pair): ChangeData => ({
  exampleId: example.id,
  inputs: toJson(example.inputs),
  ...(example.referenceOutputs === undefined ? {} : { referenceOutputs: toJson(example.referenceOutputs) }),
  baseline: baseline.map(rowData),
  candidate: candidate.map(rowData)
})

const changeData = (change: Change): ChangeData => ({
  ...pairData(change),
  baselineScore: change.baselineScore,
  candidateScore: change.candidateScore
})

const rowData = ({ evaluations, run }: Row.Row) => ({
  ...(run.outputs === undefined ? {} : { outputs: toJson(run.outputs) }),
  errors: [
    ...(run.error === undefined ? [] : [run.error]),
    ...evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [`${evaluator}: ${outcome.message}`] : []
    )
  ]
})
