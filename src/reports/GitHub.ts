/**
 * Reports where GitHub Actions shows them: the summary of a job, and annotations.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import type * as Experiment from "../Experiment.ts"
import type * as Gate from "../Gate.ts"
import { countOf } from "../internal/values/numbers.ts"
import { byReason, failuresOf } from "./internal/failures.ts"
import * as Markdown from "./Markdown.ts"
import { oneLine } from "./text.ts"

/**
 * Whether GitHub Actions runs this process, as the environment says.
 *
 * @category getters
 * @since 0.1.0
 */
export const isActions: Effect.Effect<boolean> = Effect.map(
  variable("GITHUB_ACTIONS"),
  (value) => value === "true"
)

/**
 * Adds the Markdown report to the summary of the job, and says whether there is one to add to. The size limit is that of
 * a step, 1 MiB, unless the options say less.
 *
 * @category reports
 * @since 0.1.0
 */
export const writeStepSummary = (
  experiment: Experiment.Experiment,
  options: Markdown.Options = {}
): Effect.Effect<boolean, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const path = yield* variable("GITHUB_STEP_SUMMARY")
    if (path === undefined || path === "") return false
    const fs = yield* FileSystem.FileSystem
    const report = Markdown.report(experiment, { maxLength: stepSummaryLength, ...options })
    yield* fs.writeFileString(path, `${report}\n`, { flag: "a" })
    return true
  })

/** The limit is 1 MiB of UTF-8, in which a character takes up to three bytes for each of its code units. */
const stepSummaryLength = Math.floor((1024 * 1024) / 3)

/**
 * The lines that make GitHub Actions show annotations: an error for each condition of a gate that does not pass, a
 * warning for each reason why rows failed (ten of each at most, which is what a step shows), and an error if the
 * experiment did not come to its end. Print them on the standard output, or on the standard error.
 *
 * **Example** (A gate that fails)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Gate, TracingClient } from "effect-evals"
 * import { GitHub } from "effect-evals/reports"
 *
 * const program = Effect.gen(function*() {
 *   const evaluation = Evaluation.make("small", { data: Dataset.fromIterable("numbers", [{ inputs: 3 }]), target: (n) => n })
 *   const experiment = yield* Evaluation.run(evaluation, { name: "first", evaluators: [() => ({ key: "low", score: 0 })] })
 *   return GitHub.annotations(experiment, { gate: yield* Gate.evaluate(Gate.mean("low", { atLeast: 0.5 }), experiment) })
 * })
 * const lines = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(lines.startsWith("::error title=first%3A gate failed::")) // => true
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const annotations = (
  experiment: Experiment.Experiment,
  options: { readonly gate?: Gate.Verdict | undefined } = {}
): string => {
  const { error, name, rows, status } = experiment
  const failures = byReason(failuresOf(rows))
  return [
    ...(status === "completed"
      ? []
      : [command("error", `${name}: ${status}`, error ?? `the experiment was ${status}`)]),
    ...(options.gate === undefined ? [] : notPassed(options.gate)).slice(0, shownAtMost).map((verdict) =>
      verdict.outcome === "fail"
        ? command("error", `${name}: gate failed`, verdict.sentence)
        : command("warning", `${name}: gate inconclusive`, verdict.sentence)
    ),
    ...failures.slice(0, shownAtMost).map(({ failures, message, of }) =>
      command(
        "warning",
        `${name}: ${countOf(failures.length, "failure")} of ${of}`,
        `${oneLine(message, 500)} (such as ${oneLine(failures[0]?.row.example.id ?? "", 60)})`
      )
    )
  ].map((line) => `${line}\n`).join("")
}

const shownAtMost = 10

const notPassed = (verdict: Gate.Verdict): ReadonlyArray<Gate.Verdict> =>
  verdict.outcome === "pass" ?
    [] :
    verdict.parts.some(({ outcome }) => outcome !== "pass")
    ? verdict.parts.flatMap(notPassed)
    : [verdict]

/** Percent signs and line breaks would end the command, or begin another one. */
const escapeData = (text: string): string => text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A")

const escapeProperty = (text: string): string => escapeData(text).replace(/:/g, "%3A").replace(/,/g, "%2C")

const command = (name: "error" | "warning", title: string, message: string): string =>
  `::${name} title=${escapeProperty(oneLine(title, 200))}::${escapeData(oneLine(message, 1000))}`

function variable(name: string): Effect.Effect<string | undefined> {
  return Config.String(name).pipe(
    Config.option,
    Effect.map(Option.getOrUndefined),
    // A variable that cannot be read is one that is not there.
    Effect.orElseSucceed(() => undefined)
  )
}
