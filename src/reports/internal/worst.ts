/** The rows that one looks at first. */
import type * as Experiment from "../../Experiment.ts"
import { scoreReader } from "../../internal/summary/scores.ts"
import type * as Row from "../../Row.ts"

export interface Worst {
  readonly row: Row.Row
  readonly score: number
}

/**
 * The key's rows with the worst scores, those that came first before those after; none where all scores are the same,
 * or as good as they get (for shares, 1).
 */
export const worstRows = (
  experiment: Pick<Experiment.Experiment, "rows" | "summaries">,
  key: string,
  lowerIsBetter: ReadonlySet<string>,
  limit: number
): ReadonlyArray<Worst> => {
  const summary = experiment.summaries[key]
  if (summary?.score === undefined || summary.score.min === summary.score.max) return []
  const read = scoreReader(summary)
  const lower = lowerIsBetter.has(key)
  const best = lower ? summary.score.min : summary.score.max
  return experiment.rows
    .flatMap((row) => {
      const score = read(row)
      return typeof score === "number" && score !== best ? [{ row, score }] : []
    })
    .sort((a, b) => lower ? b.score - a.score : a.score - b.score)
    .slice(0, limit)
}
