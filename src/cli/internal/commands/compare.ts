/** `effect-evals compare`: two experiments, or several with the first as the baseline. */
import * as Effect from "effect/Effect"
import * as Comparison from "../../../Comparison.ts"
import * as Gate from "../../../Gate.ts"
import * as Terminal from "../../../reports/Terminal.ts"
import { type Call, type CommandEffect, isSaid, numberOf, textOf, textsOf } from "../command.ts"
import { usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { compare as compareTwo, judge, showComparison } from "../judging.ts"
import { findExperiment, readExperiment, type Reference } from "../references.ts"
import { readGate } from "../settings.ts"

export const compare = ({ project, said, screen }: Call): CommandEffect =>
  Effect.gen(function*() {
    const [first, ...more] = yield* Effect.forEach(textsOf(said, "gate"), readGate)
    const gate = first === undefined || more.length === 0 ? first : Gate.and(first, ...more)
    const references = yield* referencesOf(textsOf(said, "experiments"), project)
    const [baseline, candidate, ...others] = yield* Effect.forEach(
      references,
      (reference) => readExperiment(reference, project)
    )
    if (baseline === undefined || candidate === undefined) return yield* usage("Two experiments make a comparison.")
    const options: Comparison.Options = {
      ...project.config.comparison,
      ...(textsOf(said, "lowerIsBetter").length === 0 ? {} : { lowerIsBetter: textsOf(said, "lowerIsBetter") })
    }
    const look = {
      gate,
      allowInconclusive: isSaid(said, "allowInconclusive"),
      limit: numberOf(said, "limit"),
      key: textOf(said, "key")
    }
    if (others.length === 0) {
      const compared = yield* compareTwo(baseline, candidate, options)
      showComparison(compared, look, screen)
      return (yield* judge(compared, look, screen)).code
    }
    if (gate !== undefined) return yield* usage("A gate is for two experiments; here are more.")
    const compared = yield* Effect.mapError(
      Comparison.makeAll([baseline, candidate, ...others], options),
      (error) => usage(error.message, error)
    )
    screen.human(
      Terminal.comparisons(compared, { color: screen.color, width: screen.width, limit: look.limit, key: look.key })
    )
    for (const comparison of compared.comparisons) {
      screen.machine({ event: "comparison", comparison: Comparison.toJson(comparison, { limit: look.limit ?? 10 }) })
    }
    return ExitCode.done
  })

/** What is not said is found: the latest, and the one of the same evaluation before it. */
const referencesOf = Effect.fnUntraced(function*(
  texts: ReadonlyArray<string>,
  project: Call["project"]
) {
  const [first, second] = texts
  if (first !== undefined && second !== undefined) {
    return yield* Effect.forEach(texts, (text) => findExperiment(text, project))
  }
  const latest = yield* findExperiment("latest", project)
  if (first !== undefined) return [yield* findExperiment(first, project), latest]
  const evaluation = latest._tag === "Stored" ? latest.entry.header.evaluation : undefined
  const before: Reference = yield* findExperiment("latest~1", project, { evaluation })
  return [before, latest]
})
