/** What speaks against a fair comparison. */
import type { KeyComparison } from "../../Comparison.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type * as Summary from "../../Summary.ts"
import type { Matching } from "./matching.ts"

/** The warnings, each a sentence. */
export const comparisonWarnings = (
  baseline: Experiment.Overview,
  candidate: Experiment.Overview,
  matching: Matching<Row.Row, Row.Row>,
  keys: { readonly [key: string]: Pick<KeyComparison, "numbers"> }
): ReadonlyArray<string> => [
  ...[baseline, candidate].flatMap(({ name, status }) =>
    status === "completed"
      ? []
      : [`${name} did not come to its end: it ${status === "failed" ? "failed" : "was interrupted"}.`]
  ),
  ...candidate.evaluators.flatMap(({ fingerprint, name }) => {
    const before = baseline.evaluators.find((evaluator) => evaluator.name === name)
    return before === undefined || before.fingerprint === fingerprint
      ? []
      : [`The evaluator ${name} is another one in ${candidate.name}: a difference in its scores may be its own.`]
  }),
  ...(baseline.repetitions === candidate.repetitions ? [] : [
    `Examples were run ${times(baseline.repetitions)} in ${baseline.name} and ${times(candidate.repetitions)} in ` +
    `${candidate.name}; their means are compared.`
  ]),
  ...(matching.matched.length > 0 || matching.changed.length > 0 ? [] : [
    `${baseline.name} and ${candidate.name} have no example in common.`
  ]),
  ...(matching.changed.length === 0 ? [] : [
    `${examples(matching.changed.length)} with the same id but other content ${
      matching.changed.length === 1 ? "is" : "are"
    } not compared.`
  ]),
  ...Object.keys(keys).flatMap((key) => {
    const [before, after] = [baseline, candidate].map(({ name, summaries }) => ({ name, kind: kindOf(summaries[key]) }))
    return before?.kind === undefined || after?.kind === undefined || before.kind === after.kind
      ? []
      : [`${key} is a ${before.kind} in ${before.name} and a ${after.kind} in ${after.name}: they cannot be compared.`]
  }),
  // Mostly the same examples lose all their scores.
  ...Map.groupBy(Object.entries(keys), ([, { numbers }]) => numbers.examples.onlyBaseline).entries().flatMap(
    ([lost, keys]) =>
      lost === 0 ? [] : [
        `${examples(lost)} that had a score in ${baseline.name} ${
          lost === 1 ? "has" : "have"
        } none in ${candidate.name} ` +
        `(${keys.map(([key]) => key).join(", ")}); the differences are over the others.`
      ]
  )
]

/** What the results under a key are; `undefined` where they are both, or there are none. */
const kindOf = (summary: Summary.Summary | undefined): "number" | "label" | undefined => {
  if (summary === undefined) return undefined
  const hasLabels = summary.values.length > 0 || summary.otherValues > 0
  return summary.score === undefined ? hasLabels ? "label" : undefined : hasLabels ? undefined : "number"
}

const times = (count: number): string => count === 1 ? "once" : `${count} times`

const examples = (count: number): string => count === 1 ? "1 example" : `${count} examples`
