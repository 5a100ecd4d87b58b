/** `effect-evals export`: an experiment as a file that other tools, and `--baseline`, read. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Experiment from "../../../Experiment.ts"
import * as ExperimentStore from "../../../sql/ExperimentStore.ts"
import { type Call, type CommandEffect, textOf } from "../command.ts"
import { usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { findExperiment, readExperiment } from "../references.ts"
import { storeLayer } from "../store.ts"
import { writeData } from "../writing.ts"

const encode = Schema.encodeEffect(Schema.fromJsonString(Experiment.schema()))

export const exportExperiment = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said } = call
    const reference = yield* findExperiment(textOf(said, "experiment") ?? "latest", project)
    const out = textOf(said, "out")
    if (textOf(said, "format") === "json") {
      const experiment = yield* readExperiment(reference, project)
      // What was read as JSON can be written as JSON.
      yield* writeData(Stream.make(yield* Effect.orDie(encode(experiment)), "\n"), out, call)
      return ExitCode.done
    }
    if (reference._tag === "File") return yield* usage(`${textOf(said, "experiment")} is a file already.`)
    const { id } = reference.entry.header
    const lines = Stream.unwrap(
      ExperimentStore.ExperimentStore.useSync((store) => Stream.map(store.journalLines(id), (line) => `${line}\n`))
    )
    yield* Effect.provide(writeData(lines, out, call), storeLayer(project, { create: false }))
    return ExitCode.done
  })
