/** From a recorded experiment back to the entry that it came from. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type * as Experiment from "../../Experiment.ts"
import { loadEntries, type Located } from "./entries.ts"
import { CommandProvenance } from "./evaluating.ts"
import { type Failure, usage } from "./failure.ts"
import type { Project } from "./project.ts"

const decode = Schema.decodeUnknownOption(CommandProvenance)

/** The command that ran an experiment, where one did. */
export const commandOf = ({ provenance }: Pick<Experiment.Header, "provenance">) =>
  Option.getOrUndefined(decode(provenance["command"]))

/** The entry of an experiment: in the file that is given, else in the one that it was run from. */
export const entryOf = Effect.fnUntraced(function*(
  experiment: Pick<Experiment.Header, "name" | "evaluation" | "provenance">,
  given: string | undefined,
  project: Project
): Effect.fn.Return<Located, Failure> {
  const command = commandOf(experiment)
  const file = given === undefined
    ? command === undefined ? undefined : resolve(project.root, command.file)
    : resolve(project.cwd, given)
  if (file === undefined) {
    return yield* usage(`${experiment.name} was not run by this command line, so it does not say from which file.`)
  }
  if (!existsSync(file)) {
    return yield* usage(`The file ${given ?? command?.file}, from which ${experiment.name} comes, is not there.`)
  }
  const entries = yield* loadEntries([file], project)
  const entry = entries.find(({ exportName }) => given === undefined && exportName === command?.exportName) ??
    entries.find(({ name }) => name === experiment.evaluation) ??
    (entries.length === 1 ? entries[0] : undefined)
  return entry ?? (yield* usage(
    `${given ?? command?.file} has no evaluation ${experiment.evaluation}. It has: ${
      entries.map(({ name }) => name).join(", ")
    }.`
  ))
})
