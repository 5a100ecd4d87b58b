/** The experiment of a suite, put together from the parts that shards have run. */
import * as Effect from "effect/Effect"
import * as Experiment from "../../Experiment.ts"
import type * as Gate from "../../Gate.ts"
import type { RunMeta } from "../Meta.ts"
import { stepsOfWhole } from "./collect.ts"
import { evaluateGate } from "./evaluateGate.ts"

/** What is to be reported of one suite. */
export interface Merged {
  readonly experiment: Experiment.Experiment
  /** How many different examples were run, and how many there are. */
  readonly examples: number
  readonly size: number
  /** How many runs it is put together from. */
  readonly parts: number
  /** The gates that only the whole can be held against, which there is not. */
  readonly notJudged: ReadonlyArray<string>
  readonly verdicts: ReadonlyArray<{ readonly name: string; readonly verdict: Gate.Verdict; readonly failed: boolean }>
  /** Why parts of one suite cannot be put together. */
  readonly problem: string | undefined
}

/** Puts the parts together. Gates are judged here if only the whole can be judged: if no part was the whole. */
export const mergeRuns = Effect.fnUntraced(function*(
  parts: readonly [RunMeta, ...ReadonlyArray<RunMeta>]
): Effect.fn.Return<Merged, Experiment.RowsNotKept | Gate.GateError> {
  const [first] = parts
  const examples = new Set(parts.flatMap(({ positions }) => Object.keys(positions))).size
  const { size } = first
  const problem = problemOf(parts)
  const notJudged = examples === size ? [] : Object.keys(first.gates)
  if (parts.length === 1 || problem !== undefined) {
    return { experiment: first.experiment, examples, size, parts: parts.length, notJudged, verdicts: [], problem }
  }
  const experiment = yield* joined(parts)
  const verdicts: Array<Merged["verdicts"][number]> = []
  if (examples === size) {
    for (const [name, gate] of Object.entries(first.gates)) {
      const verdict = yield* evaluateGate(gate, experiment)
      const failed = verdict.outcome === "fail" ||
        (verdict.outcome === "inconclusive" && first.inconclusive === "fail")
      verdicts.push({ name, verdict, failed })
    }
  }
  return { experiment, examples, size, parts: parts.length, notJudged, verdicts, problem: undefined }
})

/** Parts belong together if the same was run on the same data, and no example twice. */
const problemOf = (parts: ReadonlyArray<RunMeta>): string | undefined => {
  const same = (what: string, of: (part: RunMeta) => unknown) =>
    new Set(parts.map((part) => JSON.stringify(of(part)))).size === 1 ? [] : [what]
  const different = [
    ...same("target", ({ experiment }) => experiment.target.fingerprint),
    ...same("evaluators", ({ experiment }) => experiment.evaluators.map(({ fingerprint }) => fingerprint)),
    ...same("dataset", ({ experiment, size }) => [
      experiment.dataset.name,
      experiment.dataset.version,
      stepsOfWhole(experiment.dataset.steps),
      size
    ]),
    ...same("repetitions", ({ experiment }) => experiment.repetitions)
  ]
  if (different.length > 0) return `they differ in ${different.join(", ")}`
  const ids = parts.flatMap(({ positions }) => Object.keys(positions))
  return new Set(ids).size === ids.length ? undefined : "they have examples in common"
}

const joined = (parts: readonly [RunMeta, ...ReadonlyArray<RunMeta>]) => {
  const [first] = parts
  const { experiment } = first
  const rows = parts.flatMap(({ experiment, positions }) =>
    experiment.rows.map((row) => ({
      ...row,
      index: (positions[row.example.id] ?? 0) * experiment.repetitions + row.run.repetition
    }))
  ).sort((a, b) => a.index - b.index)
  const experiments = parts.map(({ experiment }) => experiment)
  const unfinished = experiments.find(({ status }) => status !== "completed")
  const merged: Experiment.Experiment = {
    ...experiment,
    dataset: { ...experiment.dataset, steps: stepsOfWhole(experiment.dataset.steps), size: first.size },
    metadata: { ...experiment.metadata, mergedFrom: experiments.map(({ id }) => id) },
    startTime: Math.min(...experiments.map(({ startTime }) => startTime)),
    endTime: Math.max(...experiments.map(({ endTime }) => endTime)),
    status: unfinished?.status ?? "completed",
    ...(unfinished?.error === undefined ? {} : { error: unfinished.error }),
    rowCount: rows.length,
    rows,
    // What was said about parts does not add up.
    summaryResults: experiment.summaryResults.map(({ evaluator }) => ({
      evaluator,
      results: [],
      skipped: `it was asked about ${parts.length} parts, not about the whole`
    })),
    tracingFailures: experiments.flatMap(({ tracingFailures }) => tracingFailures),
    concurrencyChanges: experiments.flatMap(({ concurrencyChanges }) => concurrencyChanges)
  }
  return Experiment.summarize(merged, summaryOptions(experiment))
}

/** The options of the summaries, as the run had them; they were checked when it began. */
const summaryOptions = ({ options }: Experiment.Header): Parameters<typeof Experiment.summarize>[1] =>
  (options["summaries"] ?? {}) as Parameters<typeof Experiment.summarize>[1]
