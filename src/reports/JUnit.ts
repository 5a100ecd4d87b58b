/**
 * An experiment as test results in JUnit's XML, which every continuous integration service reads: a test for each row and
 * key.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Xml from "effect/encoding/Xml"
import * as Stream from "effect/Stream"
import type * as Experiment from "../Experiment.ts"
import type * as Gate from "../Gate.ts"
import { formatScore } from "../internal/values/numbers.ts"
import type * as Row from "../Row.ts"
import * as Run from "../Run.ts"
import { type Column, columnsOf, dataText } from "./internal/cells.ts"
import { oneLine } from "./text.ts"
import { inputText } from "./view.ts"

/**
 * When a score passes: at least so much, or between limits.
 *
 * @category options
 * @since 0.1.0
 */
export type Threshold = number | { readonly atLeast?: number | undefined; readonly atMost?: number | undefined }

/**
 * What is a test, and when it passes.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * By key. A key without one passes with `true` and with any number or label: only `false` fails. `true` counts as 1 and
   * `false` as 0 where there is a threshold.
   */
  readonly thresholds?: { readonly [key: string]: Threshold } | undefined
  /** The keys that are tests. Default: all. */
  readonly keys?: ReadonlyArray<string> | undefined
  /** What a gate said of the experiment: a test suite of its own, with a test for each of its conditions. */
  readonly gate?: Gate.Verdict | undefined
  /** How many characters of inputs, outputs and reference outputs a test that does not pass shows. Default 4,000. */
  readonly dataLength?: number | undefined
}

/**
 * The document. The suite has the name of the experiment; a test has the name of the example (with the repetition, where
 * there are several) as its class and the key as its name, so that it has the same name in every run. A score below its
 * threshold is a failure; an evaluator or a target that failed or timed out is an error; where there was nothing to score
 * the test is skipped. With no keys at all there is one test a row, of the target.
 *
 * **Example** (One test passes, one fails)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { JUnit } from "effect-evals/reports"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ id: "a", inputs: 3 }, { id: "b", inputs: 8 }])
 *   const experiment = yield* Evaluation.run(Evaluation.make("small", { data, target: (n) => n }), {
 *     evaluators: [function size({ outputs }) {
 *       return outputs
 *     }]
 *   })
 *   return yield* JUnit.report(experiment, { thresholds: { size: { atMost: 5 } } })
 * })
 * const xml = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(xml.match(/<failure .*message="([^"]*)"/)?.[1]) // => size is 8, and may be at most 5
 * ```
 *
 * @category reports
 * @since 0.1.0
 */
export const report = (experiment: Experiment.Experiment, options: Options = {}): Effect.Effect<string> => {
  const columns = columnsOf(experiment).filter(({ name }) => options.keys?.includes(name) ?? true)
  const read = columns.length === 0 ?
    [{ name: "target", test: targetTest }] :
    columns.map((column) => ({ name: column.name, test: keyTest(column, options.thresholds?.[column.name]) }))
  const dataLength = options.dataLength ?? 4000
  const tests = experiment.rows.flatMap((row) =>
    read.map(({ name, test }): Test => {
      const outcome = test(row)
      return {
        classname: `${experiment.name}.${row.example.id}` +
          (experiment.repetitions === 1 ? "" : ` #${row.run.repetition + 1}`),
        name,
        millis: timeOf(row, columns.find((column) => column.name === name)),
        outcome,
        out: outcome.kind === "passed" || outcome.kind === "skipped" ? undefined : dataOf(row, dataLength)
      }
    })
  )
  const millis = experiment.endTime - experiment.startTime
  const suites = [
    { name: experiment.name, tests, millis },
    ...(options.gate === undefined
      ? []
      : [{ name: `${experiment.name}: gate`, tests: gateTests(options.gate), millis: 0 }])
  ]
  return Stream.fromIterable(documentOf(experiment, suites)).pipe(
    Stream.pipeThroughChannel(Xml.encodeString()),
    Stream.mkString,
    // Names and characters are valid by construction, so an error is a mistake in here.
    Effect.orDie
  )
}

/** How a test came out, and why. */
interface Outcome {
  readonly kind: "passed" | "failure" | "error" | "skipped"
  readonly type?: string | undefined
  readonly message?: string | undefined
  readonly text?: string | undefined
}

interface Test {
  readonly classname: string
  readonly name: string
  readonly millis: number
  readonly outcome: Outcome
  readonly out: string | undefined
}

const targetTest = ({ run }: Row.Row): Outcome =>
  run.outcome._tag === "Succeeded"
    ? { kind: "passed" }
    : { kind: "error", type: `target.${run.outcome._tag}`, message: run.error }

const keyTest = ({ name, read }: Column, threshold: Threshold | undefined) => (row: Row.Row): Outcome => {
  const cell = read(row)
  if (cell.kind === "Scored") {
    const { comment, score, value } = cell.result
    const failure = failureOf(name, score, threshold) ?? (threshold !== undefined && score === undefined
      ? `${name} has no score, only the value ${oneLine(dataText(value), 200)}`
      : undefined)
    return failure === undefined ? { kind: "passed" } : { kind: "failure", type: name, message: failure, text: comment }
  }
  if (cell.kind !== "Skipped") return { kind: "error", type: `evaluator.${cell.kind}`, message: cell.reason }
  const target = targetTest(row)
  return target.kind === "error" ? target : { kind: "skipped", message: cell.reason }
}

const failureOf = (
  key: string,
  score: number | boolean | undefined,
  threshold: Threshold | undefined
): string | undefined => {
  if (score === undefined) return undefined
  if (threshold === undefined) return score === false ? `${key} is false` : undefined
  const { atLeast, atMost } = typeof threshold === "number" ? { atLeast: threshold, atMost: undefined } : threshold
  const shown = typeof score === "boolean" ? String(score) : formatScore(score)
  if (atLeast !== undefined && Number(score) < atLeast) return `${key} is ${shown}, and has to be at least ${atLeast}`
  return atMost !== undefined && Number(score) > atMost ? `${key} is ${shown}, and may be at most ${atMost}` : undefined
}

/** The time of the evaluator; of the target, where there is no evaluator. */
const timeOf = (row: Row.Row, column: Column | undefined): number => {
  if (column === undefined) return Run.latency(row.run)
  const evaluation = row.evaluations.find(({ evaluator }) => evaluator === column.summary.evaluator)
  return evaluation === undefined ? 0 : Run.latency(evaluation)
}

const dataOf = ({ example, run }: Row.Row, limit: number): string =>
  [["inputs", example.inputs], ["outputs", run.outputs], ["reference outputs", example.referenceOutputs]]
    .flatMap(([name, value]) => {
      if (value === undefined) return []
      const text = inputText(value)
      return [`${String(name)}: ${text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text}`]
    })
    .join("\n")

const gateTests = (verdict: Gate.Verdict): ReadonlyArray<Test> =>
  verdict.parts.length > 0 ? verdict.parts.flatMap(gateTests) : [{
    classname: "gate",
    name: verdict.sentence,
    millis: 0,
    outcome: verdict.outcome === "pass"
      ? { kind: "passed" }
      : { kind: "failure", type: verdict.outcome, message: verdict.sentence },
    out: undefined
  }]

interface Suite {
  readonly name: string
  readonly tests: ReadonlyArray<Test>
  readonly millis: number
}

const documentOf = function*(experiment: Experiment.Experiment, suites: ReadonlyArray<Suite>): Iterable<Xml.Event> {
  yield { _tag: "Declaration", version: "1.0", encoding: "UTF-8" }
  const all = suites.flatMap(({ tests }) => tests)
  yield* element(
    "testsuites",
    {
      name: experiment.evaluation,
      tests: String(all.length),
      failures: count(all, "failure"),
      errors: count(all, "error"),
      time: seconds(experiment.endTime - experiment.startTime)
    },
    suites.flatMap((suite) => Array.from(suiteOf(suite, experiment)))
  )
}

const suiteOf = function*(
  { millis, name, tests }: Suite,
  { id, startTime, status }: Experiment.Experiment
): Iterable<Xml.Event> {
  yield* element("testsuite", {
    name,
    tests: String(tests.length),
    failures: count(tests, "failure"),
    errors: count(tests, "error"),
    skipped: count(tests, "skipped"),
    time: seconds(millis),
    timestamp: new Date(startTime).toISOString()
  }, [
    ...element("properties", {}, [
      ...element("property", { name: "experiment", value: id }),
      ...element("property", { name: "status", value: status })
    ]),
    ...tests.flatMap((test) => Array.from(testOf(test)))
  ])
}

const testOf = ({ classname, millis, name, out, outcome }: Test): Iterable<Xml.Event> =>
  element("testcase", { name, classname, time: seconds(millis) }, [
    ...(outcome.kind === "passed" ? [] : element(
      outcome.kind,
      {
        ...(outcome.type === undefined ? {} : { type: outcome.type }),
        ...(outcome.message === undefined ? {} : { message: outcome.message })
      },
      outcome.text === undefined ? [] : [textOf(outcome.text)]
    )),
    ...(out === undefined ? [] : element("system-out", {}, [textOf(out)]))
  ])

const count = (tests: ReadonlyArray<Test>, kind: Outcome["kind"]): string =>
  String(tests.filter(({ outcome }) => outcome.kind === kind).length)

const seconds = (millis: number): string => Math.max(0, millis / 1000).toFixed(3)

const element = function*(
  name: string,
  attributes: { readonly [name: string]: string },
  content: Iterable<Xml.Event> = []
): Iterable<Xml.Event> {
  yield {
    _tag: "StartElement",
    name,
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, characters(value)]))
  }
  yield* content
  yield { _tag: "EndElement", name }
}

const textOf = (text: string): Xml.Event => ({ _tag: "Text", text: characters(text) })

/** XML has no place for most control characters, and none for half a surrogate pair. */
const characters = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, "\uFFFD")
