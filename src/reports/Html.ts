/**
 * Reports as a page: one file that opens without a network, shows the numbers of experiments as charts, lets one search,
 * filter and sort the rows and look into each, and compares experiments row by row.
 *
 * What is in the file is what was evaluated, and outputs may be hostile: everything is escaped, and the file says to the
 * browser that nothing but its own program may run and that nothing may be fetched or sent.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Comparison from "../Comparison.ts"
import type * as Experiment from "../Experiment.ts"
import type * as PairwiseEvaluation from "../PairwiseEvaluation.ts"
import type * as Row from "../Row.ts"
import { makePage } from "./internal/html/page.ts"

/**
 * What a report shows.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The title of the page. Default: the names of the experiments. */
  readonly title?: string | undefined
  /** How experiments are compared, where there are several. */
  readonly comparison?: Comparison.Options | undefined
  /** Keys for which less is better, such as a distance. Default: those of `comparison`. */
  readonly lowerIsBetter?: ReadonlyArray<string> | undefined
  /** How an example is shown in a list. Default: its inputs in a line. */
  readonly label?: ((row: Row.Row) => string) | undefined
  /**
   * How many characters of each part of a row (inputs, outputs, a comment, an attribute of a span) are in the file. What is
   * longer is cut, and the page says so. Default 100,000.
   */
  readonly dataLength?: number | undefined
}

/**
 * The page of an experiment, or of several: the first one is the baseline, and each of the others is compared with it.
 * Experiments whose rows were not kept have their numbers, but no rows to look into; they cannot be compared.
 *
 * **Example** (A file)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { Html } from "effect-evals/reports"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 1, referenceOutputs: 2 }])
 *   const experiment = yield* Evaluation.run(Evaluation.make("doubling", { data, target: (n) => n * 2 }), {
 *     evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)]
 *   })
 *   const fs = yield* FileSystem.FileSystem
 *   const path = `${yield* fs.makeTempDirectoryScoped()}/report.html`
 *   yield* fs.writeFileString(path, yield* Html.report(experiment))
 *   return (yield* fs.readFileString(path)).startsWith("<!doctype html>")
 * })
 * console.log(
 *   await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide([TracingClient.layerNone, NodeServices.layer])))
 * ) // => true
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (
  experiments: Experiment.Experiment | readonly [Experiment.Experiment, ...ReadonlyArray<Experiment.Experiment>],
  options: Options = {}
): Effect.Effect<string, Comparison.ComparisonError> =>
  Effect.gen(function*() {
    const all = "rows" in experiments ? [experiments] as const : experiments
    const [baseline, ...candidates] = all
    const comparisons = candidates.length === 0 ?
      { comparisons: [], rankings: {} } :
      yield* Comparison.makeAll([baseline, ...candidates], options.comparison)
    return yield* makePage(all, comparisons, {
      title: options.title ?? all.map(({ name }) => name).join(", "),
      data: {
        label: options.label,
        lowerIsBetter: new Set(options.lowerIsBetter ?? options.comparison?.lowerIsBetter),
        dataLength: options.dataLength ?? 100_000
      }
    })
  })

/**
 * The page of experiments that were judged against one another: who won how often, the standings, how much the place
 * decided, and every row with its runs, its winner and why. `report` shows the same for an experiment of a pairwise
 * evaluation that comes from a store.
 *
 * @category reports
 * @since 0.1.0
 */
export const pairwise = (
  judged: PairwiseEvaluation.Judged,
  options: Pick<Options, "title" | "label" | "dataLength"> = {}
): Effect.Effect<string> =>
  makePage([judged.recorded], { comparisons: [], rankings: {} }, {
    title: options.title ?? judged.name,
    data: { label: options.label, lowerIsBetter: new Set(), dataLength: options.dataLength ?? 100_000 }
  })
