/** Experiments as the data of a page: a small part that is read at once, and blocks of rows that are read when asked for. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import type * as Comparison from "../../../Comparison.ts"
import type * as Experiment from "../../../Experiment.ts"
import { shorten } from "../../../internal/values/describe.ts"
import { toJson } from "../../../internal/values/json.ts"
import * as Outcome from "../../../Outcome.ts"
import * as Row from "../../../Row.ts"
import * as Run from "../../../Run.ts"
import { columnsOf, dataText, leafText } from "../cells.ts"
import type {
  ComparisonData,
  EvaluationData,
  ExperimentData,
  KeyData,
  ResultData,
  RowData,
  SpanData,
  TraceData
} from "./pageData.ts"

/** So many rows are read together. */
const blockSize = 250

const previewLength = 160

export interface DataOptions {
  readonly label: ((row: Row.Row) => string) | undefined
  readonly lowerIsBetter: ReadonlySet<string>
  /** How many characters of each of a row's data are kept. */
  readonly dataLength: number
}

/** What the table of an experiment shows. */
export const experimentData = (
  experiment: Experiment.Experiment,
  { label, lowerIsBetter }: DataOptions
): ExperimentData => {
  const { id, name, repetitions, rows } = experiment
  return {
    id,
    name,
    repetitions,
    blockSize,
    keys: columnsOf(experiment).map(({ name, read, summary }): KeyData => {
      const cells = rows.map(read)
      return {
        name,
        evaluator: summary.evaluator,
        lowerIsBetter: lowerIsBetter.has(name),
        type: summary.score === undefined ? "label" : summary.score.type === "boolean" ? "boolean" : "number",
        score: cells.map((cell) =>
          cell.kind === "Scored" && cell.result.score !== undefined ? Number(cell.result.score) : null
        ),
        label: cells.map((cell) =>
          cell.kind === "Scored" && cell.result.value !== undefined ? shorten(dataText(cell.result.value), 80) : null
        ),
        outcome: cells.map(({ kind }) => kind)
      }
    }),
    index: rows.map(({ index }) => index),
    exampleId: rows.map(({ example }) => shorten(example.id, 300)),
    repetition: rows.map(({ run }) => run.repetition),
    inputs: rows.map((row) => leafText(label === undefined ? row.example.inputs : label(row), previewLength)),
    outputs: rows.map(({ run }) => leafText(run.error ?? run.outputs, previewLength)),
    outcome: rows.map(({ run }) => run.outcome._tag),
    failed: rows.map((row) => Row.isFailure(row) ? 1 : 0),
    latency: rows.map(({ run }) => run.attempts.length === 0 ? null : rounded(Run.latency(run))),
    tokens: rows.map(({ run }) => run.usage === undefined ? null : run.usage.inputTokens + run.usage.outputTokens)
  }
}

/** To a microsecond. */
const rounded = (millis: number): number => Math.round(millis * 1000) / 1000

/** Which rows of two experiments belong together. */
export const comparisonData = (
  candidate: number,
  { keys, matched, options }: Comparison.Comparison,
  [baselineRows, candidateRows]: readonly [ReadonlyArray<Row.Row>, ReadonlyArray<Row.Row>]
): ComparisonData => {
  const places = [baselineRows, candidateRows].map((rows) => new Map(rows.map((row, place) => [row.run.id, place])))
  const placesOf = (rows: ReadonlyArray<Row.Row>, side: number) =>
    rows.flatMap(({ run }) => places[side]?.get(run.id) ?? [])
  return {
    candidate,
    countAs: options.failures === "exclude" ? null : options.failures.countAs,
    keys: Object.keys(keys),
    lowerIsBetter: Object.values(keys).flatMap(({ numbers }) => numbers.lowerIsBetter ? [numbers.key] : []),
    pairs: matched.map((pair) => [placesOf(pair.baseline, 0), placesOf(pair.candidate, 1)])
  }
}

/** How many blocks of rows there are. */
export const blockCount = ({ rows }: Pick<Experiment.Experiment, "rows">): number => Math.ceil(rows.length / blockSize)

/** A block of rows with everything they have: a line of JSON for each. */
export const rowBlock = (
  { rows }: Pick<Experiment.Experiment, "rows">,
  block: number,
  options: DataOptions
): string =>
  rows.slice(block * blockSize, (block + 1) * blockSize)
    .map((row) => JSON.stringify(rowData(row, options.dataLength)))
    .join("\n")

const rowData = ({ evaluations, example, run }: Row.Row, limit: number): RowData => {
  const cut: Record<string, number> = {}
  const keep = (part: string, value: unknown): unknown => {
    const json = toJson(value)
    if (typeof json !== "object" && typeof json !== "string") return json
    const text = typeof json === "string" ? json : JSON.stringify(json)
    if (text.length <= limit) return json
    cut[part] = text.length
    return shorten(text, limit)
  }
  const data = {
    runId: run.id,
    inputs: keep("inputs", example.inputs),
    ...(run.outputs === undefined ? {} : { outputs: keep("outputs", run.outputs) }),
    ...(example.referenceOutputs === undefined ? {} : { reference: keep("reference", example.referenceOutputs) }),
    ...(isEmpty(example.metadata) ? {} : { metadata: keep("metadata", example.metadata) }),
    splits: example.splits,
    attachments: Object.entries(example.attachments).map(([name, { mimeType, source }]) => ({
      name,
      mimeType,
      source
    })),
    ...(run.error === undefined ? {} : { error: shorten(run.error, limit) }),
    ...(run.outcome._tag === "Failed" ? { cause: causeText(run.outcome.cause) } : {}),
    trace: traceData(run, run.startTime, limit),
    evaluations: evaluations.map((evaluation): EvaluationData => ({
      evaluator: evaluation.evaluator,
      outcome: evaluation.outcome._tag,
      ...reasonOf(evaluation.outcome, limit),
      results: Outcome.results(evaluation.outcome).map((result): ResultData => {
        const { comment, key, score, value, ...more } = result
        return {
          key,
          ...(score === undefined ? {} : { score }),
          ...(value === undefined ? {} : { value: keep(`${evaluation.evaluator} ${key}`, value) }),
          ...(comment === undefined ? {} : { comment: shorten(comment, limit) }),
          ...(isEmpty(more) ? {} : { more: keep(`${evaluation.evaluator} ${key} more`, more) })
        }
      }),
      trace: traceData(evaluation, run.startTime, limit)
    }))
  }
  return { ...data, cut }
}

const reasonOf = (outcome: Outcome.Outcome, limit: number): Pick<EvaluationData, "reason" | "cause"> => {
  switch (outcome._tag) {
    case "Scored":
      return {}
    case "Skipped":
      return { reason: shorten(outcome.reason, limit) }
    case "Failed":
      return { reason: shorten(outcome.message, limit), cause: causeText(outcome.cause) }
    default:
      return { reason: shorten(outcome.message, limit) }
  }
}

const causeLength = 4000

const causeText = (cause: Cause.Cause<unknown>): string => {
  try {
    return shorten(Cause.pretty(cause), causeLength)
  } catch {
    // Errors can be anything, also something that cannot be read; the line in the outcome says so.
    return ""
  }
}

const traceData = (
  { attempts, childRuns, endTime, startTime, usage }: Pick<
    Run.EvaluatorRun,
    "attempts" | "childRuns" | "endTime" | "startTime" | "usage"
  >,
  origin: number,
  limit: number
): TraceData => ({
  start: rounded(startTime - origin),
  end: rounded(endTime - origin),
  attempts: attempts.map(({ endTime, error, startTime }) => ({
    start: rounded(startTime - origin),
    end: rounded(endTime - origin),
    ...(error === undefined ? {} : { error: shorten(error, limit) })
  })),
  spans: spansOf(childRuns, 0, origin, limit),
  ...(usage === undefined ? {} : { usage })
})

const spansOf = (
  spans: ReadonlyArray<Run.ChildRun>,
  depth: number,
  origin: number,
  limit: number
): ReadonlyArray<SpanData> =>
  spans.flatMap((span) => [
    {
      name: shorten(span.name, 300),
      type: span.runType,
      depth,
      start: rounded(span.startTime - origin),
      end: span.endTime === undefined ? null : rounded(span.endTime - origin),
      ...(span.error === undefined ? {} : { error: shorten(span.error, limit) }),
      ...(span.usage === undefined ? {} : { usage: span.usage }),
      ...(isEmpty(span.attributes) ? {} : { attributes: fittingAttributes(span.attributes, limit) }),
      ...(span.events.length === 0 ? {} : {
        events: span.events.map(({ attributes, name, time }) => ({
          name: shorten(name, 1000),
          at: rounded(time - origin),
          ...(isEmpty(attributes) ? {} : { attributes: fittingAttributes(attributes, limit) })
        }))
      })
    },
    ...spansOf(span.childRuns, depth + 1, origin, limit)
  ])

const fittingAttributes = (attributes: { readonly [key: string]: unknown }, limit: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => {
      const json = toJson(value)
      const text = typeof json === "string" ? json : typeof json === "object" ? JSON.stringify(json) : ""
      return [shorten(key, 300), text.length > limit ? shorten(text, limit) : json]
    })
  )

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)

const gzipped = promisify(gzip)

/** The text, compressed, in letters and digits. A higher level takes twice as long for a twentieth less. */
export const compressed = (text: string): Effect.Effect<string> =>
  Effect.promise(async () => (await gzipped(text, { level: 4 })).toString("base64"))
