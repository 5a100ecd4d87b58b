/**
 * Reports for the terminal: what an experiment says, what changed from one to the next, who won, and whether a gate
 * passes. They are texts; where they are printed is up to you. Texts from datasets, targets and evaluators are shown in
 * one line and without control characters.
 *
 * @since 0.1.0
 */
import type * as Comparison from "../Comparison.ts"
import type * as Experiment from "../Experiment.ts"
import type * as Gate from "../Gate.ts"
import type * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import type * as Row from "../Row.ts"
import {
  changesSection,
  differenceTable,
  failingSection,
  matchingSection,
  methodSection,
  rankingTable
} from "./comparisonSections.ts"
import {
  failureSection,
  groupSection,
  headline,
  keyTable,
  leftOutSection,
  policySection,
  repetitionSection,
  slowestSection,
  summarySection,
  tracingSection,
  worstSection
} from "./experimentSections.ts"
import { judgementFailures, positionSection, presentationSection, standingTable, winTable } from "./pairwiseSections.ts"
import { makeStyle } from "./style.ts"
import { oneLine } from "./text.ts"
import { type Options, sections, viewOf } from "./view.ts"

export type { Options } from "./view.ts"

/**
 * One experiment: its keys with their numbers, intervals and counts, groups and repetitions, what failed and why, and what
 * was slow.
 *
 * **Example** (A report)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { Terminal } from "effect-evals/reports"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("doubling", {
 *       data: Dataset.fromIterable("numbers", [{ inputs: 1, referenceOutputs: 2 }, { inputs: 2, referenceOutputs: 5 }]),
 *       target: (n) => n * 2
 *     }),
 *     { evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)] }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(Terminal.report(experiment).includes("correct")) // => true
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment, options: Options = {}): string => {
  const view = viewOf(options)
  return sections([
    headline(view, experiment),
    keyTable(view, [experiment]),
    policySection(view, [experiment]),
    groupSection(view, experiment),
    repetitionSection(view, [experiment]),
    summarySection(view, [experiment]),
    leftOutSection(view, experiment),
    failureSection(view, experiment.name, experiment.rows),
    worstSection(view, experiment),
    slowestSection(view, experiment, experiment.rows),
    tracingSection(view, experiment)
  ])
}

/**
 * Two experiments beside each other: their keys, the differences and whether they could be chance, the examples that got
 * better and worse, what fails that did not, and why.
 *
 * @category reports
 * @since 0.1.0
 */
export const comparison = (compared: Comparison.Comparison, options: Options = {}): string => {
  const view = viewOf(options)
  const { baseline, candidate, matched } = compared
  const both = [baseline, candidate]
  const rows: ReadonlyArray<ReadonlyArray<Row.Row>> = [
    matched.flatMap((pair) => pair.baseline),
    matched.flatMap((pair) => pair.candidate)
  ]
  return sections([
    both.map((experiment) => headline(view, experiment)).join("\n"),
    keyTable(view, both),
    policySection(view, both),
    repetitionSection(view, both),
    summarySection(view, both),
    matchingSection(view, [compared]),
    differenceTable(view, [compared]),
    methodSection(view, [compared]),
    changesSection(view, compared),
    failingSection(view, compared),
    leftOutSection(view, candidate),
    ...both.map((experiment, i) => failureSection(view, experiment.name, rows[i] ?? [])),
    ...both.map((experiment, i) => slowestSection(view, experiment, rows[i] ?? [])),
    ...both.map((experiment) => tracingSection(view, experiment))
  ])
}

/**
 * Several experiments beside each other: their keys, the differences with p-values adjusted for all of them, and a
 * ranking.
 *
 * @category reports
 * @since 0.1.0
 */
export const comparisons = (compared: Comparison.Comparisons, options: Options = {}): string => {
  const view = viewOf(options)
  return sections([
    compared.experiments.map((experiment) => headline(view, experiment)).join("\n"),
    keyTable(view, compared.experiments),
    policySection(view, compared.experiments),
    matchingSection(view, compared.comparisons),
    differenceTable(view, compared.comparisons),
    methodSection(view, compared.comparisons),
    rankingTable(view, compared)
  ])
}

/**
 * Runs judged against one another: who won how often, the standings, and how much the place decided.
 *
 * @category reports
 * @since 0.1.0
 */
export const pairwise = (judged: PairwiseEvaluation.Judged, options: Options = {}): string => {
  const view = viewOf(options)
  return sections([
    [headline(view, judged), presentationSection(judged)].join("\n"),
    winTable(view, judged),
    standingTable(view, judged),
    positionSection(view, judged),
    judgementFailures(view, judged),
    tracingSection(view, judged)
  ])
}

/**
 * What a gate says, with what its parts say.
 *
 * @category reports
 * @since 0.1.0
 */
export const verdict = (judged: Gate.Verdict, options: Pick<Options, "color"> = {}): string => {
  const style = makeStyle(options.color ?? false)
  const colors = { pass: style.good, fail: style.bad, inconclusive: style.warn }
  const lines = ({ outcome, parts, sentence }: Gate.Verdict, indentation: string): ReadonlyArray<string> => [
    `${indentation}${colors[outcome](outcome)}  ${oneLine(sentence)}`,
    ...parts.flatMap((part) => lines(part, `${indentation}  `))
  ]
  return `${lines(judged, "").join("\n")}\n`
}
