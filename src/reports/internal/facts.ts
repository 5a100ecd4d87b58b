/** What an experiment was, in a few words each. */
import type * as Experiment from "../../Experiment.ts"
import { countOf, formatCount, formatDuration, formatMean } from "../../internal/values/numbers.ts"
import type * as Summary from "../../Summary.ts"
import { code } from "./markdownText.ts"

export interface Fact {
  readonly text: string
  readonly tone?: "good" | "bad" | "warn" | undefined
}

/** The facts in Markdown. */
export const factsOf = (experiment: Experiment.Overview): ReadonlyArray<Fact> => {
  const { dataset, endTime, error, failedRows, leftOut, repetitions, rowCount, startTime, status, target } = experiment
  const usage = usageOf(experiment)
  const version = dataset.version === undefined ? "" : ` ${code(dataset.version, 40)}`
  return [
    { text: `${countOf(rowCount, "row")} of ${code(dataset.name, 80)}${version}` },
    ...(repetitions === 1 ? [] : [{ text: `${repetitions} repetitions` }]),
    { text: `target ${code(target.name, 80)}${target.version === undefined ? "" : ` ${code(target.version, 40)}`}` },
    { text: formatDuration(endTime - startTime) },
    ...(usage === undefined ? [] : [{
      text: `${formatCount(usage.inputTokens)} tokens in, ${formatCount(usage.outputTokens)} out${
        usage.cost === undefined ? "" : `, cost ${formatMean(usage.cost)}`
      }`
    }]),
    failedRows === 0
      ? { text: "no failures", tone: "good" }
      : { text: `**${countOf(failedRows, "row")} with failures**`, tone: "bad" },
    ...(leftOut.count === 0 ? [] : [{ text: `${formatCount(leftOut.count)} left out`, tone: "warn" as const }]),
    ...(status === "completed" || error === undefined ? [] : [{ text: code(error, 300), tone: "bad" as const }])
  ]
}

/** What the target and all evaluators used; `undefined` if nothing says so. */
export const usageOf = (
  { usage }: Pick<Experiment.Overview, "usage">
): { readonly inputTokens: number; readonly outputTokens: number; readonly cost: number | undefined } | undefined => {
  const totals = [...(usage.target === undefined ? [] : [usage.target]), ...Object.values(usage.evaluators)]
  if (totals.length === 0) return undefined
  const sum = (of: (total: Summary.UsageTotal) => number) => totals.reduce((sum, total) => sum + of(total), 0)
  return {
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    // What is known for some only is no sum.
    cost: totals.every(({ cost }) => cost !== undefined) ? sum(({ cost }) => cost ?? 0) : undefined
  }
}
