/** Makes the suite of an evaluation: its tests, what they wait for, and what they leave behind. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Struct from "effect/Struct"
import { afterAll, describe, type RunnerTestSuite, test, type TestContext } from "vitest"
import * as Comparison from "../../Comparison.ts"
import type * as Example from "../../Example.ts"
import type * as Experiment from "../../Experiment.ts"
import * as Gate from "../../Gate.ts"
import { DatasetError } from "../../internal/dataset/datasetError.ts"
import { runNames } from "../../internal/engine/optionNames.ts"
import { errorLine, errorOf } from "../../internal/values/causes.ts"
import { describe as describeValue } from "../../internal/values/describe.ts"
import { countOf } from "../../internal/values/numbers.ts"
import { unknownOptions } from "../../internal/values/options.ts"
import { formatProblems } from "../../internal/values/schemaMessage.ts"
import { oneLine } from "../../reports/text.ts"
import { inputText } from "../../reports/view.ts"
import type * as Row from "../../Row.ts"
import { type RowMeta, RunMeta } from "../Meta.ts"
import type { DescribeEvaluation, EffectIt } from "../Suite.ts"
import { type Collected, collectExamples, parseShard, pickedDataset, type Placed } from "./collect.ts"
import { evaluateGate } from "./evaluateGate.ts"
import { failureMessage, judgeRow, type Limits, repetitionMeta } from "./rowVerdict.ts"
import { type AnyEvaluation, type AnyOptions, makeSuiteRun, type RunEnded, type SuiteRun } from "./suiteRun.ts"

type Mode = "run" | "only" | "skip"

/** The options whose types have done their work. */
interface SuiteOptions extends AnyOptions<unknown> {
  readonly rows?: Limits | undefined
  readonly passingRepetitions?: number | undefined
  readonly check?: ((row: Row.Row) => unknown) | undefined
  readonly gates?: { readonly [name: string]: Gate.Gate | string } | undefined
  readonly inconclusive?: "fail" | "pass" | undefined
  readonly baseline?: Effect.Effect<Experiment.Experiment, unknown, unknown> | undefined
  readonly title?: ((example: Example.Example) => string) | undefined
  readonly only?: ((example: Example.Example) => boolean) | undefined
  readonly skip?: ((example: Example.Example) => boolean) | undefined
  readonly shard?: string | undefined
  readonly layerTimeout?: Duration.Input | undefined
  readonly dataLayer?: Layer.Layer<unknown, unknown> | undefined
  readonly layer?: Layer.Layer<unknown, unknown> | undefined
  readonly it?: EffectIt<unknown> | undefined
}

/** What the suite reads itself, and the run does not know. */
const suiteNames = [
  "rows",
  "passingRepetitions",
  "check",
  "gates",
  "inconclusive",
  "baseline",
  "title",
  "only",
  "skip",
  "shard",
  "layerTimeout",
  "dataLayer",
  "layer",
  "it"
] as const

/** The run interrupts what takes too long. A test that waits behind others for its row is not slow. */
const noTimeout = { timeout: 0 }

export const registerSuite = (mode: Mode): DescribeEvaluation => {
  const register = (evaluation: AnyEvaluation<unknown>, options: SuiteOptions): void => {
    const callSite = new Error("describeEvaluation")
    Error.captureStackTrace(callSite, register)
    if (mode === "skip") {
      describe.skip(evaluation.name, () => test.skip("not even read", () => {}))
      return
    }
    const suite = mode === "only" ? describe.only : describe
    suite(evaluation.name, async () => {
      const problem = optionProblem(options)
      if (problem !== undefined) {
        test("the options can be used", () => {
          throw failureAt(callSite, problem, undefined)
        })
        return
      }
      const collected = await Effect.runPromiseExit(
        collectExamples(evaluation.data, options.dataLayer ?? options.layer, parseShard(options.shard))
      )
      if (Exit.isSuccess(collected)) return new Registration(evaluation, options, collected.value, callSite).register()
      // One broken dataset is no reason for the other suites of the file not to run.
      const error = errorOf(collected.cause)
      test("the dataset can be read", () => {
        throw error instanceof DatasetError ? failureAt(callSite, error.message, undefined) : error
      })
    })
  }
  // The types of the examples have done their work where the suite is declared.
  return register as DescribeEvaluation
}

class Registration {
  readonly evaluation: AnyEvaluation<unknown>
  readonly options: SuiteOptions
  readonly collected: Collected
  readonly callSite: Error
  readonly run: SuiteRun<unknown>
  readonly scope = Scope.makeUnsafe()
  picked: ReadonlyArray<Placed> = []

  constructor(evaluation: AnyEvaluation<unknown>, options: SuiteOptions, collected: Collected, callSite: Error) {
    this.evaluation = evaluation
    this.options = options
    this.collected = collected
    this.callSite = callSite
    this.run = makeSuiteRun(Struct.omit(options, suiteNames))
  }

  register(): void {
    const { gates = {}, only, skip } = this.options
    const titles = titlesOf(this.collected.examples, this.options.title)
    for (const [i, { example }] of this.collected.examples.entries()) {
      const mode: Mode = skip?.(example) ? "skip" : only?.(example) ? "only" : "run"
      this.registerTest(titles[i] ?? example.id, mode, (context) => this.testRow(example, context))
    }
    if (this.collected.examples.length === 0) {
      test("there are examples", () => {
        throw this.failure(`The dataset ${this.evaluation.data.name} has no examples${this.shardWords()}.`, undefined)
      })
    }
    this.registerTest("summary", "run", (context) => this.summary(context))
    for (const [name, gate] of Object.entries(gates)) {
      this.registerTest(name, "run", (context) => this.judge(gate, context))
    }
    // Vitest hands the suite over behind the fixtures.
    afterAll(({}, suite) => this.close(suite), 0) // oxlint-disable-line eslint/no-empty-pattern -- fixtures are read off this
  }

  /** Registers a test, of whichever kind. Whichever comes first, in the order that Vitest chooses, begins the run. */
  registerTest(title: string, mode: Mode, body: (context: TestContext) => Promise<void>): void {
    const { it } = this.options
    if (it !== undefined) {
      const register = mode === "run" ? it.effect : it.effect[mode]
      register(
        title,
        (context) =>
          Effect.flatMap(Effect.context(), (services) => {
            this.start(context.task.suite, Effect.succeed(services))
            // An effect that fails is logged by `@effect/vitest` as well; a test fails all the same if this does.
            return Effect.promise(() =>
              body(context).catch((error) => context.onTestFinished(() => Promise.reject(error)))
            )
          }),
        noTimeout
      )
      return
    }
    const register = mode === "run" ? test : test[mode]
    register(title, noTimeout, (context) => {
      this.start(context.task.suite, this.layerServices())
      return body(context)
    })
  }

  layerServices(): Effect.Effect<Context.Context<unknown>, unknown> {
    const { layer, layerTimeout = "1 minute" } = this.options
    if (layer === undefined) return Effect.succeed(Context.empty() as Context.Context<unknown>)
    return Layer.buildWithScope(layer, this.scope).pipe(
      Effect.timeoutOrElse({
        duration: layerTimeout,
        // The tests that wait for it have no time limit of their own.
        orElse: () => {
          const limit = Duration.format(Duration.fromInputUnsafe(layerTimeout))
          return Effect.fail(`The layer was not built within ${limit} (layerTimeout)`)
        }
      })
    )
  }

  /** Begins the run of all examples whose tests are to run, if there are any. */
  start(suite: RunnerTestSuite | undefined, services: Effect.Effect<Context.Context<unknown>, unknown>): void {
    if (this.run.begun()) return
    this.picked = this.collected.examples.filter((_, i) => {
      // The tests of the examples are the first ones of the suite, in this order.
      const mode = suite?.tasks[i]?.mode
      return mode === "run" || mode === "queued"
    })
    if (this.picked.length === 0) return
    const data = pickedDataset(this.evaluation.data, this.collected, this.picked)
    this.run.start(services, {
      evaluation: { ...this.evaluation, data },
      exampleIds: this.picked.map(({ example }) => example.id),
      metadata: {
        vitest: {
          file: suite?.file.name,
          examples: this.picked.length,
          of: this.collected.size,
          ...(this.options.shard ? { shard: this.options.shard } : {})
        }
      }
    })
  }

  async testRow(example: Example.Example, { signal, task }: TestContext): Promise<void> {
    const rows = await this.wait(this.run.rows(example.id), signal)
    const { check, passingRepetitions, rows: limits = {} } = this.options
    const judged = await Promise.all(rows.map((row) => judgeRow(row, limits, check)))
    const passing = judged.filter(({ problems }) => problems.length === 0).length
    const needed = passingRepetitions ?? rows.length
    const experimentId = this.run.experimentId()
    const meta: RowMeta = {
      evaluation: this.evaluation.name,
      dataset: this.evaluation.data.name,
      ...(experimentId === undefined ? {} : { experimentId }),
      exampleId: example.id,
      passing,
      needed,
      repetitions: judged.map(repetitionMeta)
    }
    task.meta.evaluation = meta
    if (passing < needed) {
      throw this.failure(
        failureMessage(example, judged, needed),
        judged.find(({ thrown }) => thrown instanceof Error)?.thrown
      )
    }
  }

  /** The experiment, if there is one to look at; else the test is skipped with a note. */
  async experiment({ signal, skip }: TestContext): Promise<Experiment.Experiment> {
    if (this.picked.length === 0) return skip(`no example of ${this.evaluation.data.name} is run here`)
    return this.wait(this.run.experiment, signal)
  }

  async summary(context: TestContext): Promise<void> {
    const experiment = await this.experiment(context)
    const keys = Object.keys(experiment.summaries)
    const unknown = experiment.runs.succeeded === 0
      ? []
      : Object.keys(this.options.rows ?? {}).filter((key) => !keys.includes(key))
    const problems = [
      ...(experiment.status === "completed"
        ? []
        : [`the run ${experiment.status}: ${experiment.error ?? "no reason"}`]),
      ...experiment.summaryResults.flatMap(({ error, evaluator }) =>
        error === undefined ? [] : [`the summary evaluator ${evaluator} gave nothing: ${error}`]
      ),
      ...experiment.tracingFailures.map(({ client, message, rows }) =>
        `${client} did not take ${countOf(rows, "row")}: ${message}`
      ),
      ...unknown.map((key) => `no row has ${key}, which has a limit; the keys are ${keys.join(", ") || "none"}`)
    ]
    if (problems.length > 0) throw this.failure(problems.join("\n"), undefined)
  }

  async judge(gate: Gate.Gate | string, context: TestContext): Promise<void> {
    const experiment = await this.experiment(context)
    if (this.picked.length < this.collected.size) {
      return context.skip(
        `not judged: ${this.picked.length} of ${
          countOf(this.collected.size, "example")
        } were run here${this.shardWords()}`
      )
    }
    const { baseline, inconclusive } = this.options
    const subject: Effect.Effect<Gate.Subject, unknown> = baseline === undefined
      ? Effect.succeed(experiment)
      : this.run.services.pipe(
        Effect.flatMap((services) => Effect.provideContext(baseline, services)),
        Effect.flatMap((before) => Comparison.make(before, experiment))
      )
    const judged = Effect.flatMap(subject, (subject) => evaluateGate(gate, subject))
    const verdict = await Effect.runPromise(judged, { signal: context.signal })
    if (verdict.outcome === "pass" || (verdict.outcome === "inconclusive" && inconclusive === "pass")) return
    throw this.failure(
      `The gate ${verdict.outcome === "fail" ? "fails" : "is inconclusive"}.\n${Gate.explain(verdict)}`,
      undefined
    )
  }

  /** The tests are done: whatever still runs is interrupted, and reporters get the experiment. */
  async close(suite: Readonly<RunnerTestSuite>): Promise<void> {
    const experiment = await Effect.runPromise(this.run.close)
    if (experiment !== undefined) {
      const meta: RunMeta = {
        experiment,
        size: this.collected.size,
        positions: Object.fromEntries(this.picked.map(({ example, position }) => [example.id, position])),
        ...(this.options.shard ? { shard: this.options.shard } : {}),
        // Who merges has no baseline.
        gates: this.options.baseline === undefined ? this.options.gates ?? {} : {},
        inconclusive: this.options.inconclusive ?? "fail"
      }
      suite.meta.evaluationRun = await Effect.runPromise(Schema.encodeEffect(RunMeta)(meta))
    }
    await Effect.runPromise(Scope.close(this.scope, Exit.void))
  }

  /** Waits for what the run gives. If it ended before that, the error points at the suite. */
  wait<A>(effect: Effect.Effect<A, RunEnded>, signal: AbortSignal): Promise<A> {
    return Effect.runPromise(
      Effect.mapError(effect, (error) => this.failure(error.message, error.cause)),
      { signal }
    )
  }

  shardWords(): string {
    return this.options.shard ? ` (shard ${this.options.shard})` : ""
  }

  failure(message: string, cause: unknown): Error {
    return failureAt(this.callSite, message, cause)
  }
}

/** An error that points at where the suite is declared. */
const failureAt = (callSite: Error, message: string, cause: unknown): Error => {
  const error = new Error(message, cause === undefined ? {} : { cause })
  error.name = "EvaluationFailed"
  error.stack = `${error.name}: ${message}\n${callSite.stack?.split("\n").slice(1).join("\n") ?? ""}`
  return error
}

/** What is wrong with the options of the tests; those of the run are checked when it begins. */
const optionProblem = (options: SuiteOptions): string | undefined => {
  const unknown = unknownOptions(options, [...runNames, ...suiteNames])
  if (unknown.length > 0) return `These options cannot be used. ${formatProblems(unknown)}.`
  const { layerTimeout = 0, passingRepetitions, repetitions = 1, shard } = options
  if (
    passingRepetitions !== undefined &&
    !(Number.isInteger(passingRepetitions) && passingRepetitions >= 1 && passingRepetitions <= repetitions)
  ) {
    return `passingRepetitions must be a whole number from 1 to the number of repetitions, ${repetitions}; it is ` +
      `${describeValue(passingRepetitions)}.`
  }
  if (Option.isNone(Duration.fromInput(layerTimeout))) {
    return `layerTimeout must be a duration such as "30 seconds"; it is ${describeValue(layerTimeout)}.`
  }
  return shard && parseShard(shard) === undefined
    ? `shard must be such as "2/3", the second of three parts; it is ${describeValue(shard)}.`
    : undefined
}

const maxTitle = 70

/** What tests are called; no two the same. */
const titlesOf = (
  examples: ReadonlyArray<Placed>,
  title: ((example: Example.Example) => string) | undefined
): ReadonlyArray<string> => {
  const titles = examples.map(({ example }) => {
    try {
      return title === undefined ? oneLine(inputText(example.inputs), maxTitle) : title(example)
    } catch (error) {
      return `${example.id} (it has no title: ${errorLine(error)})`
    }
  })
  const counts = new Map<string, number>()
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1)
  return titles.map((title, i) => counts.get(title) === 1 ? title : `${title} [${examples[i]?.example.id ?? i}]`)
}
