/** `effect-evals resume`: the run of an experiment again, with what it has done taken over. */
import * as Effect from "effect/Effect"
import { type Call, type CommandEffect, isSaid, textOf } from "../command.ts"
import { commandOf, entryOf } from "../recorded.ts"
import { findExperiment, readExperiment } from "../references.ts"
import { readSettings } from "../settings.ts"
import { runEntries } from "./run.ts"

export const resume = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said } = call
    const reference = yield* findExperiment(textOf(said, "experiment") ?? "latest", project)
    const experiment = reference._tag === "Stored"
      ? reference.entry.header
      : yield* readExperiment(reference, project)
    const located = yield* entryOf(experiment, undefined, project)
    // As it was run; what the environment says now counts where the command said nothing.
    const settings = yield* readSettings({
      ...saidBefore(commandOf(experiment)?.options ?? {}),
      // A name that was made from the id is not that of another experiment.
      name: experiment.name.endsWith(experiment.id.slice(-8)) ? undefined : experiment.name,
      resume: reference._tag === "Stored" ? experiment.id : reference.file,
      rerunFailed: isSaid(said, "rerunFailed")
    }, project)
    return yield* runEntries([located], settings, call)
  })

/** The options of the command, which are checked again. */
const saidBefore = (options: { readonly [name: string]: unknown }): Call["said"] => {
  const { evaluations: _evaluations, resume: _resume, rerunFailed: _rerunFailed, ...rest } = options
  // They come from flags, and go where flags go.
  return rest as Call["said"]
}
