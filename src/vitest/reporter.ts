/**
 * A reporter for Vitest that shows evaluations as tables, writes reports, and judges what shards have run.
 *
 * It stands in the configuration of Vitest, beside another one: `reporters: ["default", "effect-evals/vitest/reporter"]`,
 * or with options `reporters: ["default", ["effect-evals/vitest/reporter", { directory: "reports" }]]`.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Reporter, TestModule, TestSuite, Vitest } from "vitest/node"
import type * as Experiment from "../Experiment.ts"
import { errorLine } from "../internal/values/causes.ts"
import * as Terminal from "../reports/Terminal.ts"
import { formats } from "./internal/formats.ts"
import { type Merged, mergeRuns } from "./internal/mergeRuns.ts"
import { RunMeta } from "./Meta.ts"

/**
 * What the reporter does.
 *
 * @category options
 * @since 0.1.0
 */
export interface ReporterOptions {
  /** Whether to print a table for each evaluation. Default `true`. */
  readonly print?: boolean | undefined
  /** Whether to use colours. Default: if Vitest's standard output is a terminal and `NO_COLOR` is not set. */
  readonly color?: boolean | undefined
  /**
   * Where to write reports, a file for each evaluation and format, named after the evaluation. Relative to Vitest's root.
   * Default: nowhere.
   */
  readonly directory?: string | undefined
  /**
   * What to write: names of formats, or texts of yours by the ending of their file. Default: `["json"]`, which is the
   * experiment itself, as `Experiment.schema` reads it.
   */
  readonly formats?: ReadonlyArray<FormatName> | {
    readonly [ending: string]: (
      experiment: Experiment.Experiment
    ) => string | PromiseLike<string> | Effect.Effect<string, unknown>
  } | undefined
}

/**
 * The reports of `effect-evals/reports`, by name.
 *
 * @category options
 * @since 0.1.0
 */
export type FormatName = "csv" | "html" | "json" | "jsonl" | "junit" | "markdown" | "text"

/**
 * The reporter.
 *
 * With `--merge-reports` it puts the parts of an evaluation together that shards have run (`shard` of
 * `describeEvaluation`), and holds the gates against the whole, which no shard could: if one fails, so does the command.
 *
 * @category reporters
 * @since 0.1.0
 */
export class EvaluationReporter implements Reporter {
  readonly #options: ReporterOptions
  #vitest: Vitest | undefined

  constructor(options: ReporterOptions = {}) {
    this.#options = options
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
  }

  async onTestRunEnd(modules: ReadonlyArray<TestModule>): Promise<void> {
    const names = new Map<string, number>()
    for (const parts of runsOf(modules)) {
      const merged = await Effect.runPromiseExit(
        Effect.flatMap(
          Effect.forEach(parts, (part) => decodeRun(part)),
          ([first, ...rest]) =>
            first === undefined ? Effect.die(new Error("a run without parts")) : mergeRuns([first, ...rest])
        )
      )
      if (Exit.isFailure(merged)) this.#fail(`An evaluation cannot be reported: ${Cause.pretty(merged.cause)}`)
      else await this.#report(merged.value, names)
    }
  }

  async #report(merged: Merged, names: Map<string, number>): Promise<void> {
    const { experiment } = merged
    if (merged.problem !== undefined) {
      return this.#fail(
        `The ${merged.parts} runs of ${experiment.evaluation} cannot be merged: ${merged.problem}. Merge the reports of ` +
          "the shards of one run."
      )
    }
    if (this.#options.print ?? true) this.#print(textOf(merged, this.#color()))
    for (const { name, verdict, failed } of merged.verdicts) {
      if (failed) this.#fail(`${experiment.evaluation}: the gate "${name}" does not pass: ${verdict.sentence}`)
    }
    await this.#write(experiment, names)
  }

  async #write(experiment: Experiment.Experiment, names: Map<string, number>): Promise<void> {
    const { directory } = this.#options
    if (directory === undefined) return
    const folder = resolve(this.#vitest?.config.root ?? ".", directory)
    const name = experiment.evaluation.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "") || "evaluation"
    const count = (names.get(name) ?? 0) + 1
    names.set(name, count)
    for (const { ending, format } of formatsOf(this.#options)) {
      const file = join(folder, `${name}${count === 1 ? "" : `-${count}`}.${ending}`)
      try {
        const text = format(experiment)
        await mkdir(folder, { recursive: true })
        await writeFile(file, await (Effect.isEffect(text) ? Effect.runPromise(text) : text))
      } catch (error) {
        this.#fail(`The report ${file} was not written: ${errorLine(error)}`)
      }
    }
  }

  #color(): boolean {
    return this.#options.color ?? (process.stdout.isTTY && !process.env["NO_COLOR"])
  }

  #print(text: string): void {
    this.#vitest?.logger.log(text)
  }

  #fail(message: string): void {
    this.#vitest?.logger.error(message)
    process.exitCode = 1
  }
}

export default EvaluationReporter

const formatsOf = ({ formats: wanted = ["json"] }: ReporterOptions) =>
  isNames(wanted)
    ? wanted.map((name) => formats[name])
    : Object.entries(wanted).map(([ending, format]) => ({ ending, format }))

const isNames = (formats: NonNullable<ReporterOptions["formats"]>): formats is ReadonlyArray<FormatName> =>
  Array.isArray(formats)

const decodeRun = Schema.decodeUnknownEffect(RunMeta)

/** The runs that suites have left, those of one suite together: shards have run parts of it in several processes. */
const runsOf = (modules: ReadonlyArray<TestModule>): ReadonlyArray<ReadonlyArray<unknown>> => {
  const runs = new Map<string, Array<unknown>>()
  for (const module of modules) {
    for (const suite of module.children.allSuites()) {
      const run = suite.meta().evaluationRun
      if (run === undefined) continue
      const key = keyOf(suite, module)
      runs.set(key, [...(runs.get(key) ?? []), run])
    }
  }
  return [...runs.values()]
}

const keyOf = (suite: TestSuite, { project, relativeModuleId }: TestModule): string =>
  [project.name, relativeModuleId, suite.fullName].join("\n")

const textOf = ({ examples, experiment, notJudged, parts, size, verdicts }: Merged, color: boolean): string =>
  [
    "",
    Terminal.report(experiment, { color }).trimEnd(),
    ...(parts === 1 ? [] : [`merged from ${parts} runs`]),
    ...(examples === size ? [] : [
      `A part: ${examples} of ${size} examples were run.` +
      (notJudged.length === 0 ? "" : ` Not judged: ${notJudged.join(", ")}.`)
    ]),
    ...verdicts.map(({ name, verdict }) => `${name}: ${Terminal.verdict(verdict, { color }).trimEnd()}`),
    ""
  ].join("\n")
