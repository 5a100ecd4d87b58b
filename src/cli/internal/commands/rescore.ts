/** `effect-evals rescore`: the runs of an experiment, judged by the evaluators as they are now. */
import * as Effect from "effect/Effect"
import { type Call, type CommandEffect, isSaid, textOf, textsOf } from "../command.ts"
import { evaluate } from "../evaluating.ts"
import { entryOf } from "../recorded.ts"
import { findExperiment, readExperiment } from "../references.ts"
import { gateOf, readSettings } from "../settings.ts"
import { conclude, reportsOf, tracingLayer } from "./run.ts"

export const rescore = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const reference = yield* findExperiment(textOf(said, "experiment") ?? "latest", project)
    const header = reference._tag === "Stored" ? reference.entry.header : yield* readExperiment(reference, project)
    const located = yield* entryOf(header, textOf(said, "file"), project)
    const settings = yield* readSettings({
      name: textOf(said, "name") ?? `${header.name}-rescored`,
      gate: textsOf(said, "gate")
    }, project)
    const gate = yield* gateOf(settings, located.entry.gate)
    const rescored = yield* evaluate({
      located,
      settings,
      resume: [],
      rescore: yield* readExperiment(reference, project, located.entry.dataSchemas),
      onInterrupt: ({ name }) => screen.notice(`Interrupted. What was judged is kept as ${name}.`)
    }, call).pipe(Effect.provide(tracingLayer(call)))
    return yield* conclude(rescored, {
      baseline: undefined,
      look: { gate, allowInconclusive: isSaid(said, "allowInconclusive") },
      reports: yield* reportsOf(settings)
    }, call)
  })
