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

/** Compares, if there is something to compare with. */
export const compare = (
  baseline: Experiment.Experiment,
  candidate: Experiment.Experiment,
  options: Comparison.Options
): Effect.Effect<Comparison.Comparison, Failure> =>
  Effect.mapError(Comparison.make(baseline, candidate, options), (error) => usage(error.message, error))

/** Reports a comparison, and gives the exit code of the verdict. */
export const judgeComparison = Effect.fnUntraced(function*(
  compared: Comparison.Comparison,
  look: Look,
  screen: Screen
): Effect.fn.Return<number, Failure> {
  const { color } = screen
  screen.human(Terminal.comparison(compared, { color, limit: look.limit, key: look.key }))
  screen.machine({ event: "comparison", comparison: Comparison.toJson(compared, { limit: look.limit ?? 10 }) })
  return yield* judge(compared, compared.candidate, look, screen)
})

/** Reports an experiment, and gives the exit code of the verdict. */
export const judgeExperiment = Effect.fnUntraced(function*(
  experiment: Experiment.Experiment,
  look: Look,
  screen: Screen
): Effect.fn.Return<number, Failure> {
  screen.human(Terminal.report(experiment, { color: screen.color, limit: look.limit }))
  return yield* judge(experiment, experiment, look, screen)
})

/** The line for machines that says how an experiment ended. */
export const endedLine = ({ rows: _, ...overview }: Experiment.Experiment) => ({
  event: "ended",
  experiment: toJson(overview)
})

const judge = Effect.fnUntraced(function*(
  subject: Gate.Subject,
  { id, name }: Pick<Experiment.Overview, "id" | "name">,
  { allowInconclusive, gate }: Look,
  screen: Screen
): Effect.fn.Return<number, Failure> {
  if (gate === undefined) return ExitCode.done
  const verdict = yield* Effect.mapError(
    Gate.evaluate(gate, subject),
    (error) => usage(`The gate of ${name} cannot be judged. ${error.message}`, error)
  )
  screen.machine({ event: "gate", experiment: id, verdict })
  const passes = verdict.outcome === "pass" || (verdict.outcome === "inconclusive" && allowInconclusive)
  const text = Terminal.verdict(verdict, { color: screen.color })
  // What makes the exit code is said even when nothing else is.
  if (passes) screen.human(`\nGate\n${indented(text)}`)
  else if (screen.quiet) screen.error(text)
  else screen.human(`\nGate\n${indented(text)}`)
  return passes ? ExitCode.done : ExitCode.gateFailed
})

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ")
