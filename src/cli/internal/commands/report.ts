/** `effect-evals report`: files from experiments that are there. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatProblems, problemsOf } from "../../../internal/values/schemaMessage.ts"
import { ReportFormat } from "../../Config.ts"
import { type Call, type CommandEffect, textOf, textsOf } from "../command.ts"
import { usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { compare } from "../judging.ts"
import { findExperiment, readExperiment } from "../references.ts"
import { defaultDirectory, writeReports } from "../reporting.ts"
import { readNames } from "../settings.ts"
import { readThresholds } from "../thresholdText.ts"

const decodeFormats = Schema.decodeUnknownResult(Schema.Array(ReportFormat), { errors: "all" })

export const report = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said } = call
    const asked = textsOf(said, "report").flatMap(readNames)
    const formats = decodeFormats(asked.length === 0 ? ["html"] : asked)
    if (Result.isFailure(formats)) {
      const problems = problemsOf(formats.failure, asked).map(({ expected }) => ({ path: "--report", expected }))
      return yield* usage(`${formatProblems(problems)}.`)
    }
    const given = textsOf(said, "thresholds")
    const thresholds = yield* readThresholds(given.length === 0 ? project.config.thresholds ?? [] : given)
    const names = textsOf(said, "experiments")
    const experiments = yield* Effect.forEach(
      Arr.isReadonlyArrayNonEmpty(names) ? names : Arr.of("latest"),
      (name) => Effect.flatMap(findExperiment(name, project), (reference) => readExperiment(reference, project))
    )
    const [baseline] = experiments
    const experiment = experiments[experiments.length - 1] ?? baseline
    const comparisonOptions = project.config.comparison
    const comparison = experiments.length === 2
      ? yield* compare(baseline, experiment, comparisonOptions ?? {})
      : undefined
    yield* writeReports(
      { experiment, all: experiments, comparison, comparisonOptions, thresholds },
      formats.success,
      { directory: textOf(said, "out") ?? project.config.out ?? defaultDirectory, name: experiment.name },
      call
    )
    return ExitCode.done
  })
