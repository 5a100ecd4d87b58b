/** The reports that can be asked for by name. They are loaded when they are written: the HTML page brings its charts. */
import * as Effect from "effect/Effect"
import type * as Experiment from "../../Experiment.ts"

type Format = (experiment: Experiment.Experiment) => Effect.Effect<string, unknown>

const load = <Module>(
  module: () => Promise<Module>,
  format: (module: Module, experiment: Experiment.Experiment) => string | Effect.Effect<string, unknown>
): Format =>
(experiment) =>
  Effect.flatMap(Effect.promise(module), (module) => {
    const text = format(module, experiment)
    return typeof text === "string" ? Effect.succeed(text) : text
  })

/** By the name of the format: the ending of its file, and what makes it. */
export const formats = {
  csv: { ending: "csv", format: load(() => import("../../reports/Csv.ts"), ({ report }, of) => report(of)) },
  html: { ending: "html", format: load(() => import("../../reports/Html.ts"), ({ report }, of) => report(of)) },
  json: { ending: "json", format: load(() => import("../../reports/Json.ts"), ({ report }, of) => report(of)) },
  jsonl: { ending: "jsonl", format: load(() => import("../../reports/Jsonl.ts"), ({ report }, of) => report(of)) },
  junit: { ending: "xml", format: load(() => import("../../reports/JUnit.ts"), ({ report }, of) => report(of)) },
  markdown: { ending: "md", format: load(() => import("../../reports/Markdown.ts"), ({ report }, of) => report(of)) },
  text: { ending: "txt", format: load(() => import("../../reports/Terminal.ts"), ({ report }, of) => report(of)) }
} as const
