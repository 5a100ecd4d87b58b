/** A report's page, put together. */
import * as Effect from "effect/Effect"
import type * as Comparison from "../../../Comparison.ts"
import type * as Experiment from "../../../Experiment.ts"
import * as PairwiseEvaluation from "../../../PairwiseEvaluation.ts"
import { compared } from "./compared.ts"
import { blockCount, comparisonData, compressed, type DataOptions, experimentData, rowBlock } from "./data.ts"
import { blockElement, document, topBar } from "./document.ts"
import { linkTo } from "./links.ts"
import { html, Markup, type Part } from "./markup.ts"
import { overview } from "./overview.ts"
import type { PageData } from "./pageData.ts"
import { script } from "./pageScript.ts"

export interface PageOptions {
  readonly title: string
  readonly data: DataOptions
  /** Where feedback goes, in a page that is served. */
  readonly feedback?: PageData["feedback"]
  /** Whether the experiment is still running, and the page is what there is so far. */
  readonly isRunning?: boolean
  /** What stands before the views in the line at the top. */
  readonly home?: Part
}

/** The page of experiments, the comparisons being those of the first with each of the others. */
export const makePage = (
  experiments: ReadonlyArray<Experiment.Experiment>,
  { comparisons, rankings }: Pick<Comparison.Comparisons, "comparisons" | "rankings">,
  { data, feedback, home, isRunning = false, title }: PageOptions
): Effect.Effect<string> =>
  Effect.gen(function*() {
    const [baseline] = experiments
    // What the rows do not say any more is not shown.
    const judged = yield* Effect.forEach(experiments, (experiment) =>
      PairwiseEvaluation.isPairwise(experiment)
        ? Effect.orElseSucceed(PairwiseEvaluation.fromExperiment(experiment), () => undefined)
        : Effect.undefined)
    const pageData: PageData = {
      experiments: experiments.map((experiment) => experimentData(experiment, data)),
      comparisons: comparisons.map((comparison, i) =>
        comparisonData(i + 1, comparison, [baseline?.rows ?? [], experiments[i + 1]?.rows ?? []])
      ),
      ...(feedback === undefined ? {} : { feedback })
    }
    const blocks = experiments.flatMap((experiment, e) =>
      Array.from({ length: blockCount(experiment) }, (_, block) => ({
        id: `rows-${e}-${block}`,
        text: () => rowBlock(experiment, block, data)
      }))
    )
    // Blocks are compressed on other threads, while the next one is written; no more than a few are there at once.
    const compressedBlocks = yield* Effect.forEach(
      [{ id: "data", text: () => JSON.stringify(pageData) }, ...blocks],
      ({ id, text }) => Effect.map(compressed(text()), (text) => blockElement({ id, text })),
      { concurrency: 4 }
    )
    return yield* document({
      title,
      script,
      connect: feedback === undefined ? undefined : "'self'",
      body: [
        topBar(title, [home, ...viewLinks(comparisons.length > 0)], [
          experimentSelect(experiments),
          html`<button type="button" class="plain" id="keys" aria-label="Keys">?</button>`
        ]),
        html`<main id="main" tabindex="-1">`,
        comparisons.length === 0 ?
          undefined :
          html`<div data-view="compare-overview">${
            compared(comparisons.map((comparison, i) => ({ comparison, place: i + 1 })), rankings)
          }</div>`,
        experiments.map((experiment, place) =>
          html`<div data-view="overview" data-e="${place}"${
            place > 0 || comparisons.length > 0 ? new Markup(" hidden") : undefined
          }>${
            overview(experiment, {
              place,
              label: data.label,
              lowerIsBetter: data.lowerIsBetter,
              isRunning,
              judged: judged[place]
            })
          }</div>`
        ),
        html`<div data-view="rows" hidden></div><noscript><p class="notice">The rows need JavaScript, which is off in this browser.</p></noscript></main>`,
        new Markup(compressedBlocks.join("\n"))
      ]
    })
  })

const viewLinks = (compares: boolean): ReadonlyArray<Markup> => [
  ...(compares
    ? [
      html`<a href="#view=compare-overview" data-to="compare-overview">Comparison</a>`,
      html`<a href="${linkTo("compare")}" data-to="compare">Changes</a>`
    ]
    : []),
  html`<a href="${linkTo("overview")}" data-to="overview">Overview</a>`,
  html`<a href="${linkTo("rows")}" data-to="rows">Rows</a>`
]

const experimentSelect = (experiments: ReadonlyArray<Experiment.Experiment>): Markup | undefined =>
  experiments.length < 2
    ? undefined
    : html`<select id="experiment" aria-label="Experiment">${
      experiments.map(({ name }, place) => html`<option value="${place}">${name}</option>`)
    }</select>`
