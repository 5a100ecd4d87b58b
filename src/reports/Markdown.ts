/**
 * Reports in Markdown, for the comment of a pull request and the summary of a job: the numbers, what changed, and the
 * details folded. All that datasets, targets and evaluators say stands as code in it, so nothing of it is markup, a link or
 * a name that is notified.
 *
 * @since 0.1.0
 */
import type * as Comparison from "../Comparison.ts"
import type * as Experiment from "../Experiment.ts"
import type * as Gate from "../Gate.ts"
import type * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import type * as Row from "../Row.ts"
import { factsOf } from "./internal/facts.ts"
import { changeParts, differencePart } from "./internal/markdownComparison.ts"
import {
  failuresPart,
  groupsPart,
  keysPart,
  repetitionsPart,
  wholePart,
  worstPart
} from "./internal/markdownExperiment.ts"
import { lostPart, positionPart, standingsPart, winsPart } from "./internal/markdownPairwise.ts"
import { code, fitted } from "./internal/markdownText.ts"

/**
 * What a report says.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The comparison of a baseline with this experiment: the report begins with what changed. */
  readonly comparison?: Comparison.Comparison | undefined
  /** What a gate said. */
  readonly gate?: Gate.Verdict | undefined
  /** How many rows the lists show. Default 10. */
  readonly limit?: number | undefined
  /** How many characters the report may have. Default 65,000: GitHub takes 65,536 in a comment. */
  readonly maxLength?: number | undefined
  /** How an example is shown in a list. Default: its inputs in a line. */
  readonly label?: ((row: Row.Row) => string) | undefined
  /** Keys for which less is better, such as a distance: it decides which rows are the worst. */
  readonly lowerIsBetter?: ReadonlyArray<string> | undefined
  /** Where the whole report is, for a link at the end: the address of an artifact, say. */
  readonly link?: string | undefined
}

/**
 * One experiment and, with a comparison, what changed to it. What does not fit into `maxLength` is left out section by
 * section, and a line says so.
 *
 * **Example** (A comment)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Markdown } from "effect-evals/reports"
 *
 * const program = Evaluation.run(
 *   Evaluation.make("small", { data: Dataset.fromIterable("numbers", [{ inputs: 3 }]), target: (n) => n }),
 *   {
 *     name: "<b>first</b>",
 *     evaluators: [function size({ outputs }) {
 *       return outputs
 *     }]
 *   }
 * )
 * const experiment = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(Markdown.report(experiment).split("\n")[0]) // => ### `<b>first</b>`
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment, options: Options = {}): string => {
  const { comparison, gate, label, link, lowerIsBetter = [], limit = 10, maxLength = 65_000 } = options
  const view = { limit, label, lowerIsBetter: new Set(lowerIsBetter) }
  const parts = [
    [heading(experiment, gate), factsOf(experiment).map(({ text }) => text).join(" · ")].join("\n\n"),
    gate === undefined ? undefined : gatePart(gate),
    link === undefined ?
      undefined :
      `[The whole report](${
        link.replace(/[\s()<>\\]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`)
      })`,
    comparison === undefined ? undefined : differencePart(comparison),
    keysPart(experiment),
    ...(comparison === undefined ? [] : changeParts(comparison, view)),
    failuresPart(experiment, view),
    groupsPart(experiment),
    repetitionsPart(experiment),
    wholePart(experiment),
    worstPart(experiment, view)
  ]
  return fitted(parts.flatMap((part) => part === undefined || part === "" ? [] : [part]), maxLength)
}

/**
 * Experiments that were judged against one another: who won how often, the standings, how much the place decided, and what
 * the first experiment still does better.
 *
 * **Example** (Who won)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, PairwiseEvaluation, Target, TracingClient } from "effect-evals"
 * import { Markdown } from "effect-evals/reports"
 *
 * const judged = await Effect.runPromise(
 *   PairwiseEvaluation.runTargets("greetings", {
 *     data: Dataset.fromIterable("names", ["Ada", "Grace"].map((inputs) => ({ inputs }))),
 *     targets: [Target.make("cold", (name: string) => `${name}.`), Target.make("warm", (name: string) => `Hello, ${name}!`)]
 *   }, {
 *     evaluators: [function warmer({ outputs }) {
 *       return outputs.map((output) => output.startsWith("Hello"))
 *     }]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const row = Markdown.pairwise(judged).split("\n").find((line) => line.includes("warmer"))
 * console.log(row?.split("|").slice(1, 5).map((cell) => cell.trim()))
 * // => [ '`warmer`', '`warm`', '`cold`', '**1.000**' ]
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const pairwise = (
  judged: PairwiseEvaluation.Judged,
  options: Pick<Options, "gate" | "limit" | "maxLength" | "label"> = {}
): string => {
  const { gate, label, limit = 10, maxLength = 65_000 } = options
  const view = { limit, label, lowerIsBetter: new Set<string>() }
  const parts = [
    [heading(judged, gate), factsOf(judged).map(({ text }) => text).join(" · ")].join("\n\n"),
    gate === undefined ? "" : gatePart(gate),
    winsPart(judged),
    standingsPart(judged),
    positionPart(judged),
    lostPart(judged, view),
    failuresPart(judged.recorded, view)
  ]
  return fitted(parts.flatMap((part) => part === undefined || part === "" ? [] : [part]), maxLength)
}

const signs = { pass: "✅", fail: "❌", inconclusive: "⚠️" }

const heading = ({ name, status }: Experiment.Overview, gate: Gate.Verdict | undefined): string =>
  `### ${gate === undefined ? "" : `${signs[gate.outcome]} `}${code(name, 120)}${
    status === "completed" ? "" : ` (${status})`
  }`

const gatePart = (gate: Gate.Verdict): string => {
  const lines = ({ outcome, parts, sentence }: Gate.Verdict, indentation: string): ReadonlyArray<string> => [
    `${indentation}- ${signs[outcome]} ${outcome}: ${code(sentence, 300)}`,
    ...parts.flatMap((part) => lines(part, `${indentation}  `))
  ]
  return lines(gate, "").join("\n")
}
