/** Reports as files, and where GitHub shows them. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { join, resolve } from "node:path"
import type * as Comparison from "../../Comparison.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Gate from "../../Gate.ts"
import * as PairwiseEvaluation from "../../PairwiseEvaluation.ts"
import type { ReportFormat } from "../Config.ts"
import type { Call } from "./command.ts"
import { type Failure, runFailed, usage } from "./failure.ts"
import { messageOf, shownPath } from "./sourcePosition.ts"
import type { Thresholds } from "./thresholdText.ts"

/** What a report is about. */
export interface Subject {
  readonly experiment: Experiment.Experiment
  /** The baseline first, where there is one. */
  readonly all: readonly [Experiment.Experiment, ...ReadonlyArray<Experiment.Experiment>]
  readonly comparison?: Comparison.Comparison | undefined
  readonly comparisonOptions?: Comparison.Options | undefined
  readonly verdict?: Gate.Verdict | undefined
  /** When a row passes, where rows are tests. */
  readonly thresholds?: Thresholds | undefined
}

export const defaultDirectory = "evals-reports"

const endings: { readonly [format in ReportFormat]: string } = {
  html: ".html",
  md: ".md",
  junit: ".junit.xml",
  json: ".json",
  jsonl: ".jsonl",
  csv: ".csv"
}

/** Writes the reports under a name into a directory, over those that are there. */
export const writeReports = Effect.fnUntraced(function*(
  subject: Subject,
  formats: ReadonlyArray<ReportFormat>,
  to: { readonly directory: string; readonly name: string },
  { project, screen }: Pick<Call, "project" | "screen">
): Effect.fn.Return<void, Failure, FileSystem.FileSystem> {
  const fileSystem = yield* FileSystem.FileSystem
  const directory = resolve(project.cwd, to.directory)
  const unknown = Object.keys(subject.thresholds ?? {}).filter((key) =>
    !Object.hasOwn(subject.experiment.summaries, key)
  )
  if (formats.includes("junit") && unknown.length > 0) {
    return yield* usage(
      `--threshold: ${subject.experiment.name} has no key ${unknown.join(", ")}. Its keys are: ${
        Object.keys(subject.experiment.summaries).join(", ") || "none"
      }.`
    )
  }
  const stem = to.name.replace(/[^\p{L}\p{N}._-]+/gu, "-")
  for (const format of new Set(formats)) {
    const file = join(directory, `${stem}${endings[format]}`)
    const shown = shownPath(file, project.cwd)
    yield* contentOf(subject, format).pipe(
      Effect.tap(() => fileSystem.makeDirectory(directory, { recursive: true })),
      Effect.flatMap((text) => fileSystem.writeFileString(file, text)),
      Effect.mapError((error) => runFailed(`The report ${shown} could not be written. ${messageOf(error)}`, error))
    )
    screen.machine({ event: "report", format, file: shown })
    screen.notice(`Written: ${shown}`)
  }
})

/** What an experiment is, if others were judged against one another in it; nothing if its rows were not kept. */
export const judgedOf = (
  experiment: Experiment.Experiment
): Effect.Effect<PairwiseEvaluation.Judged | undefined> =>
  PairwiseEvaluation.isPairwise(experiment)
    ? Effect.orElseSucceed(PairwiseEvaluation.fromExperiment(experiment), () => undefined)
    : Effect.undefined

/** Each format is loaded when it is wanted. */
const contentOf = (subject: Subject, format: ReportFormat): Effect.Effect<string, Comparison.ComparisonError> => {
  const { all, comparison, comparisonOptions, experiment, verdict } = subject
  const lowerIsBetter = comparisonOptions?.lowerIsBetter
  switch (format) {
    case "html":
      return Effect.flatMap(
        Effect.promise(() => import("../../reports/Html.ts")),
        (Html) => Html.report(all, { comparison: comparisonOptions })
      )
    case "md":
      return Effect.gen(function*() {
        const Markdown = yield* Effect.promise(() => import("../../reports/Markdown.ts"))
        const judged = all.length === 1 ? yield* judgedOf(experiment) : undefined
        return judged === undefined
          ? Markdown.report(experiment, { comparison, gate: verdict, lowerIsBetter })
          : Markdown.pairwise(judged, { gate: verdict })
      })
    case "junit":
      return Effect.flatMap(
        Effect.promise(() => import("../../reports/JUnit.ts")),
        (JUnit) => JUnit.report(experiment, { gate: verdict, thresholds: subject.thresholds })
      )
    case "json":
      return Effect.map(Effect.promise(() => import("../../reports/Json.ts")), (Json) => Json.report(experiment))
    case "jsonl":
      return Effect.map(Effect.promise(() => import("../../reports/Jsonl.ts")), (Jsonl) => Jsonl.report(experiment))
    case "csv":
      return Effect.flatMap(Effect.promise(() => import("../../reports/Csv.ts")), (Csv) => Csv.report(experiment))
  }
}

/** On GitHub Actions: the summary of the job and annotations. A summary that cannot be written is no reason to fail. */
export const tellGitHub = Effect.fnUntraced(function*(
  { comparison, experiment, verdict }: Subject,
  { screen }: Pick<Call, "screen">
): Effect.fn.Return<void, never, FileSystem.FileSystem> {
  const GitHub = yield* Effect.promise(() => import("../../reports/GitHub.ts"))
  if (!(yield* GitHub.isActions)) return
  yield* GitHub.writeStepSummary(experiment, { comparison, gate: verdict }).pipe(
    Effect.catch((error) =>
      Effect.sync(() => screen.notice(`The summary of the job could not be written. ${messageOf(error)}`))
    )
  )
  const annotations = GitHub.annotations(experiment, { gate: verdict })
  if (annotations !== "") screen.notice(annotations)
})
