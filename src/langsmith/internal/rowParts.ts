/**
 * Rows as the parts of a multipart form: the run of the target with its tree, the runs of the evaluators, the feedback.
 *
 * This is done for every row, so it writes texts by hand, and writes each piece of data as JSON once.
 */
import type { EvaluationResult } from "../../EvaluationResult.ts"
import { type Json, toJson } from "../../internal/values/json.ts"
import { version } from "../../internal/values/version.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import { jsonPart } from "./multipart.ts"
import type { Privacy } from "./privacy.ts"
import { type Home, runId, spanRunId } from "./runIds.ts"
import { isRecord, spanData } from "./spans.ts"
import { dottedOrder, makeIsoMicros } from "./times.ts"

/** Something that is sent in one piece: the parts of one run, or one feedback. */
export interface Piece {
  readonly text: string
  readonly bytes: number
  /** 1 for a run, 0 for feedback. */
  readonly runs: number
}

/** The project that all runs of evaluators are in. */
export const evaluatorsProject = "evaluators"

/** What all rows of an experiment have in common. */
export interface Writing {
  readonly boundary: string
  readonly sessionName: string
  readonly sessionId: string
  /** The experiment that the runs belong to. */
  readonly home: Home
  /** Whether runs refer to their examples: only where the experiment is on a dataset that the server has. */
  readonly referenceExamples: boolean
  /** Whether the runs of the target are the server's own, so that only what evaluators made of them is sent. */
  readonly runsExist: boolean
  /** Outcomes that are on the server already. */
  readonly said: ReadonlySet<Outcome.Outcome>
  readonly metadata: { readonly [name: string]: Json }
  /** By evaluator, the keys that it gives: the feedback that is missing when it fails. */
  readonly feedbackKeys: ReadonlyMap<string, ReadonlyArray<string>>
  readonly privacy: Privacy
  readonly newId: (epochMillis: number) => string
  /** Of the evaluators of a comparative experiment, whose feedback is on the runs that they compare. */
  readonly comparative?: {
    readonly id: string
    readonly onEvaluatorRun: (row: Row.Row, evaluator: string, id: string) => void
  } | undefined
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => uuid.test(text)

const runtime = JSON.stringify({ library: "effect-evals", sdk: "effect-evals", sdk_version: version, runtime: "node" })

/** Where a run stands in its trace. */
interface Place {
  readonly traceId: string
  readonly parentId: string | undefined
  /** With the dot behind it. */
  readonly parentOrder: string
  readonly sessionName: string
}

/** Gives the pieces of a row. */
export const makeRowWriter = (writing: Writing): (row: Row.Row) => Array<Piece> => {
  const { boundary, home, newId, privacy } = writing
  const isoMicros = makeIsoMicros()
  const sessionId = JSON.stringify(writing.sessionId)

  const piece = (text: string, runs: number): Piece => ({ text, bytes: Buffer.byteLength(text), runs })

  /** The parts of one run. Its data is JSON text, or `undefined` where there is none. */
  const runPiece = (
    id: string,
    { parentId, parentOrder, sessionName, traceId }: Place,
    run: { readonly name: string; readonly runType: string; readonly start: string; readonly end: string | undefined },
    more: string,
    fields: {
      readonly inputs: string
      readonly outputs: string | undefined
      readonly error: string | undefined
      readonly metadata: string
      readonly events: string | undefined
    }
  ): Piece => {
    const name = `post.${id}`
    const end = run.end === undefined ? "" : `,"end_time":"${run.end}"`
    const parent = parentId === undefined ? "" : `,"parent_run_id":"${parentId}"`
    const main = `{"id":"${id}","trace_id":"${traceId}","dotted_order":"${parentOrder}${dottedOrder(run.start, id)}"` +
      `,"name":${JSON.stringify(run.name)},"run_type":"${run.runType}","start_time":"${run.start}"${end}${parent}` +
      `,"session_name":${JSON.stringify(sessionName)}${more}}`
    const { error, events, inputs, metadata, outputs } = fields
    return piece(
      jsonPart(boundary, name, main) +
        jsonPart(boundary, `${name}.inputs`, inputs) +
        (outputs === undefined ? "" : jsonPart(boundary, `${name}.outputs`, outputs)) +
        (error === undefined ? "" : jsonPart(boundary, `${name}.error`, JSON.stringify(privacy.text(error)))) +
        (events === undefined ? "" : jsonPart(boundary, `${name}.events`, events)) +
        jsonPart(boundary, `${name}.extra`, `{"metadata":${metadata},"runtime":${runtime}}`),
      1
    )
  }

  const metadataText = (metadata: Json): string => JSON.stringify(privacy.metadata(metadata))

  const eventsText = (events: ReadonlyArray<Run.RunEvent>): string | undefined =>
    events.length === 0 ? undefined : JSON.stringify(
      events.map(({ attributes, name, time }) => ({
        name: privacy.text(name),
        time: isoMicros(time),
        kwargs: privacy.metadata(toJson(attributes))
      }))
    )

  const writeChildren = (
    run: Run.Run,
    children: ReadonlyArray<Run.ChildRun>,
    place: Place,
    out: Array<Piece>,
    spanIds: Map<string, string>
  ): void => {
    for (const child of children) {
      const id = spanRunId(home, run, child)
      spanIds.set(child.id, id)
      const start = isoMicros(child.startTime)
      const { inputs, metadata, outputs } = spanData(child)
      out.push(
        runPiece(
          id,
          place,
          {
            name: child.name,
            runType: child.runType,
            start,
            end: child.endTime === undefined ? undefined : isoMicros(child.endTime)
          },
          "",
          {
            inputs: JSON.stringify(privacy.inputs(inputs)),
            outputs: Object.keys(outputs).length === 0 ? undefined : outputsWithUsage(privacy, outputs),
            error: child.error,
            metadata: metadataText(metadata),
            events: eventsText(child.events)
          }
        )
      )
      writeChildren(
        run,
        child.childRuns,
        { ...place, parentId: id, parentOrder: `${place.parentOrder}${dottedOrder(start, id)}.` },
        out,
        spanIds
      )
    }
  }

  const experimentMetadata = Object.keys(writing.metadata).length === 0 ? undefined : writing.metadata

  const rootMetadata = ({ example, run }: Row.Row): string =>
    metadataText({
      ...experimentMetadata,
      ...toRecord(run.metadata),
      repetition: run.repetition,
      ...(run.attempts.length > 1 ? { attempts: run.attempts.length } : {}),
      ...(writing.referenceExamples && isUuid(example.id) ? {} : { example_id: example.id })
    })

  const feedback = (
    traceId: string,
    result: Partial<EvaluationResult> & { readonly key: string },
    evaluatorRunId: string | undefined,
    runId: string,
    failed: boolean,
    time: { readonly millis: number; readonly text: string; readonly runStart: string }
  ): Piece => {
    const id = newId(time.millis)
    const { comment, correction, evaluatorInfo, extra, feedbackConfig, metadata, score, value } = result
    const source = result.sourceRunId ?? evaluatorRunId
    const more = extra === undefined && metadata === undefined && !failed ? null : {
      ...(extra === undefined || extra === null ? {} : toRecord(extra)),
      ...(metadata === undefined ? {} : { metadata: privacy.metadata(toJson(metadata)) }),
      ...(failed ? { error: true } : {})
    }
    const run = source === undefined ? "{}" : `{"__run":{"run_id":${JSON.stringify(source)}}}`
    const about = evaluatorInfo === undefined ? run : JSON.stringify({
      ...toRecord(privacy.metadata(toJson(evaluatorInfo))),
      ...(source === undefined ? {} : { __run: { run_id: source } })
    })
    return piece(
      jsonPart(
        boundary,
        `feedback.${id}`,
        `{"id":"${id}","created_at":"${time.text}","modified_at":"${time.text}","run_id":${JSON.stringify(runId)}` +
          `,"trace_id":"${traceId}","key":${JSON.stringify(result.key)},"score":${score ?? null}` +
          `,"value":${value === undefined ? null : JSON.stringify(privacy.data(toJson(value)))}` +
          `,"comment":${comment === undefined ? null : JSON.stringify(privacy.text(comment))},"correction":${
            correction === undefined || correction === null ? null : JSON.stringify(privacy.outputs(toJson(correction)))
          },"feedback_source":{"type":"model","metadata":${about}},"session_id":${sessionId}` +
          `,"start_time":"${time.runStart}","feedback_config":${JSON.stringify(feedbackConfig ?? null)}` +
          `,"extra":${JSON.stringify(more)},"error":${failed ? true : null}}`
      ),
      0
    )
  }

  return (row) => {
    const { evaluations, example, run } = row
    const out: Array<Piece> = []
    const id = runId(home, run)
    const whole = privacy.sampled(id)
    const spanIds = new Map<string, string>()
    // Shared by the run and by all its evaluators.
    const inputs = whole ? JSON.stringify(privacy.inputs(toJson(run.inputs))) : "{}"
    const outputs = !whole || run.outputs === undefined
      ? undefined
      : JSON.stringify(privacy.outputs(toJson(run.outputs)))

    const start = isoMicros(run.startTime)
    if (!writing.runsExist) {
      const reference = writing.referenceExamples && isUuid(example.id) ? `,"reference_example_id":"${example.id}"` : ""
      const tags = run.tags.length === 0 ? "" : `,"tags":${JSON.stringify(run.tags)}`
      const place: Place = {
        traceId: id,
        parentId: undefined,
        parentOrder: "",
        sessionName: writing.sessionName
      }
      out.push(
        runPiece(
          id,
          place,
          { name: run.name, runType: run.runType, start, end: isoMicros(run.endTime) },
          `${reference}${tags}`,
          {
            inputs: whole ? asObject(inputs, "input") : "{}",
            outputs: outputs === undefined ? undefined : asObject(outputs, "output"),
            error: run.error,
            metadata: whole ? rootMetadata(row) : metadataText({ ...experimentMetadata, repetition: run.repetition }),
            events: undefined
          }
        )
      )
      if (whole) {
        const below = { ...place, parentId: id, parentOrder: `${dottedOrder(start, id)}.` }
        writeChildren(run, run.childRuns, below, out, spanIds)
      }
    }

    let evaluatorInputs: string | undefined
    for (const evaluation of evaluations) {
      const { attempts, childRuns, endTime, evaluator, outcome, startTime } = evaluation
      if (writing.said.has(outcome)) continue
      let evaluatorRunId: string | undefined
      const time = { millis: endTime, text: isoMicros(endTime), runStart: start }
      // One that was skipped before it was called has done nothing.
      if (whole && attempts.length > 0) {
        evaluatorInputs ??= `{"inputs":${inputs}${outputs === undefined ? "" : `,"outputs":${outputs}`}${
          example.referenceOutputs === undefined
            ? ""
            : `,"reference_outputs":${JSON.stringify(privacy.outputs(toJson(example.referenceOutputs)))}`
        }}`
        evaluatorRunId = newId(startTime)
        const start = isoMicros(startTime)
        const place: Place = {
          traceId: evaluatorRunId,
          parentId: undefined,
          parentOrder: "",
          sessionName: evaluatorsProject
        }
        out.push(
          runPiece(
            evaluatorRunId,
            place,
            { name: evaluator, runType: "chain", start, end: time.text },
            "",
            {
              inputs: evaluatorInputs,
              outputs: outcomeText(outcome, privacy),
              error: errorOf(outcome),
              metadata: metadataText({
                ...(writing.comparative === undefined
                  ? { target_run_id: id, reference_run_id: id }
                  : { comparative_experiment_id: writing.comparative.id }),
                experiment: writing.sessionName,
                ...(isUuid(example.id) ? { reference_example_id: example.id } : { example_id: example.id }),
                ...(attempts.length > 1 ? { attempts: attempts.length } : {})
              }),
              events: undefined
            }
          )
        )
        writeChildren(
          run,
          childRuns,
          { ...place, parentId: evaluatorRunId, parentOrder: `${dottedOrder(start, evaluatorRunId)}.` },
          out,
          spanIds
        )
      }
      if (writing.comparative !== undefined) {
        if (evaluatorRunId !== undefined) writing.comparative.onEvaluatorRun(row, evaluator, evaluatorRunId)
      } else if (outcome._tag === "Scored") {
        for (const result of outcome.results) {
          const target = result.targetRunId
          const about = target === undefined ? id : spanIds.get(target) ?? target
          out.push(feedback(id, result, evaluatorRunId, about, false, time))
        }
      } else if (outcome._tag === "Failed" || outcome._tag === "TimedOut") {
        const keys = writing.feedbackKeys.get(evaluator) ?? []
        for (const key of keys.length === 0 ? [evaluator] : keys) {
          out.push(feedback(id, { key, comment: outcome.message }, evaluatorRunId, id, true, time))
        }
      }
    }
    return out
  }
}

/** The tokens are counts, which nobody hides: without them LangSmith shows no usage and no cost. */
const outputsWithUsage = (privacy: Privacy, outputs: { readonly [name: string]: Json }): string => {
  const { usage_metadata: usage, ...said } = outputs
  const shown = Object.keys(said).length === 0 ? {} : privacy.outputs(said)
  return JSON.stringify(
    usage === undefined
      ? shown
      : isRecord(shown)
      ? { ...shown, usage_metadata: usage }
      : { output: shown, usage_metadata: usage }
  )
}

/** LangSmith takes objects only; what is none is the one member of one. */
const asObject = (json: string, name: string): string => json.startsWith("{") ? json : `{"${name}":${json}}`

const toRecord = (value: unknown): { readonly [name: string]: Json } => {
  const json = toJson(value)
  return isRecord(json) ? json : { value: json }
}

const outcomeText = (outcome: Outcome.Outcome, privacy: Privacy): string | undefined => {
  switch (outcome._tag) {
    case "Scored": {
      const [first, ...rest] = outcome.results
      return JSON.stringify(privacy.outputs(toJson(rest.length === 0 ? first : { results: outcome.results })))
    }
    case "Skipped":
      return JSON.stringify(privacy.outputs({ skipped: outcome.reason }))
    default:
      return undefined
  }
}

const errorOf = (outcome: Outcome.Outcome): string | undefined =>
  outcome._tag === "Failed" || outcome._tag === "TimedOut" || outcome._tag === "Cancelled"
    ? outcome.message
    : undefined
