/** What is said of an experiment when it is there: its report, the comparison with its baseline, the verdict. */
import * as Effect from "effect/Effect"
import * as Comparison from "../../Comparison.ts"
import type * as Experiment from "../../Experiment.ts"
import * as Gate from "../../Gate.ts"
import { toJson } from "../../internal/values/json.ts"
import * as Terminal from "../../reports/Terminal.ts"
import { type Failure, usage } from "./failure.ts"
import { ExitCode } from "./invocation.ts"
import type { Screen } from "./screen.ts"

/** How an experiment is looked at. */
export interface Look {
  readonly gate: Gate.Gate | undefined
  readonly allowInconclusive: boolean
  readonly comparison?: Comparison.Options | undefined
  readonly limit?: number | undefined
  readonly key?: string | undefined
}

/** Compares two experiments. */
export const compare = (
  baseline: Experiment.Experiment,
  candidate: Experiment.Experiment,
  options: Comparison.Options
): Effect.Effect<Comparison.Comparison, Failure> =>
  Effect.mapError(Comparison.make(baseline, candidate, options), (error) => usage(error.message, error))

/** Shows a comparison. */
export const showComparison = (compared: Comparison.Comparison, { key, limit }: Look, screen: Screen): void => {
  const { color, width } = screen
  const lowerIsBetter = [...compared.options.lowerIsBetter]
  screen.human(Terminal.comparison(compared, { color, width, limit, key, lowerIsBetter }))
  screen.machine({ event: "comparison", comparison: Comparison.toJson(compared, { limit: limit ?? 10 }) })
}

/** Shows an experiment. */
export const showExperiment = (
  experiment: Experiment.Experiment,
  { comparison, limit }: Look,
  { color, human, width }: Screen
): void => human(Terminal.report(experiment, { color, width, limit, lowerIsBetter: comparison?.lowerIsBetter }))

/** The line for machines that says how an experiment ended. */
export const endedLine = (experiment: Experiment.Experiment) => ({
  event: "ended",
  experiment: toJson({ ...experiment, rows: undefined })
})

/** Holds the gate against an experiment or a comparison, and gives the verdict and its exit code. */
export const judge = Effect.fnUntraced(function*(
  subject: Gate.Subject,
  { allowInconclusive, gate }: Look,
  screen: Screen
): Effect.fn.Return<{ readonly code: number; readonly verdict: Gate.Verdict | undefined }, Failure> {
  if (gate === undefined) return { code: ExitCode.done, verdict: undefined }
  const { id, name } = "candidate" in subject ? subject.candidate : subject
  const verdict = yield* Effect.mapError(
    Gate.evaluate(gate, subject),
    (error) => usage(`The gate of ${name} cannot be judged. ${error.message}`, error)
  )
  screen.machine({ event: "gate", experiment: id, verdict })
  const passes = verdict.outcome === "pass" || (verdict.outcome === "inconclusive" && allowInconclusive)
  const text = `\nGate\n${Terminal.verdict(verdict, { color: screen.color }).replace(/^(?=.)/gm, "  ")}`
  // What makes the exit code is said even when nothing else is.
  if (screen.quiet && !passes) screen.error(text)
  else screen.human(text)
  return { code: passes ? ExitCode.done : ExitCode.gateFailed, verdict }
})
