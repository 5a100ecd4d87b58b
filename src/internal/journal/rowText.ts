/**
 * A row as JSON text. Rows are written by the ten thousand, so this does by hand, and in one go, what encoding with
 * `RowJson` does; a test holds the two together.
 */
import type * as Cause from "effect/Cause"
import type * as Attachment from "../../Attachment.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import { jsonText } from "../values/json.ts"
import { makeTimeText, type TimeText } from "../values/timeText.ts"
import { encodeCause, isEmpty, isOneAttempt } from "./rowJson.ts"

const deepestByHand = 100

/** The row as one line of JSON. */
export const rowText = ({ evaluations, example, index, run }: Row.Row): string => {
  const timeText = makeTimeText()
  let text = `{"index":${index},"example":{"id":${quoted(example.id)},"contentHash":${quoted(example.contentHash)},` +
    `"inputs":${jsonText(example.inputs)}`
  if (example.referenceOutputs !== undefined) text += `,"referenceOutputs":${jsonText(example.referenceOutputs)}`
  if (!isEmpty(example.metadata)) text += `,"metadata":${jsonText(example.metadata)}`
  if (example.splits.length > 0) text += `,"splits":${JSON.stringify(example.splits)}`
  if (!isEmpty(example.attachments)) text += `,"attachments":{${attachmentsText(example.attachments)}}`
  text += `},"run":{"id":${quoted(run.id)},"name":${quoted(run.name)},"repetition":${run.repetition},"outcome":` +
    (run.outcome._tag === "Succeeded" ? `{"_tag":"Succeeded"}` : unsuccessfulText(run.outcome))
  if (run.outputs !== undefined) text += `,"outputs":${jsonText(run.outputs)}`
  text += timesText(run, timeText)
  if (run.tags.length > 0) text += `,"tags":${JSON.stringify(run.tags)}`
  if (!isEmpty(run.metadata)) text += `,"metadata":${jsonText(run.metadata)}`
  text += `${traceText(run, timeText)}},"evaluations":[`
  for (let i = 0; i < evaluations.length; i++) {
    const evaluation = evaluations[i]
    if (evaluation === undefined) continue
    text += `${i === 0 ? "" : ","}{"evaluator":${quoted(evaluation.evaluator)},"outcome":` +
      `${outcomeText(evaluation.outcome)}${timesText(evaluation, timeText)}${traceText(evaluation, timeText)}}`
  }
  return `${text}]}`
}

/** A text as JSON; most have nothing to escape. */
const quoted = (text: string): string => JSON.stringify(text)

interface Times {
  readonly startTime: number
  readonly endTime: number
}

const timesText = ({ endTime, startTime }: Times, timeText: TimeText): string =>
  `,"startTime":${timeText(startTime)},"endTime":${timeText(endTime)}`

const attachmentsText = (attachments: Attachment.Attachments): string =>
  Object.entries(attachments).map(([name, { mimeType, source }]) =>
    `${quoted(name)}:${JSON.stringify({ mimeType, source })}`
  ).join(",")

const traceText = (self: Run.EvaluatorRun | Run.Run, timeText: TimeText): string => {
  let text = isOneAttempt(self) ? "" : `,"attempts":${JSON.stringify(self.attempts)}`
  if (self.childRuns.length > 0) text += `,"childRuns":${childRunsText(self.childRuns, timeText, 0)}`
  if (self.usage !== undefined) text += `,"usage":${JSON.stringify(self.usage)}`
  return text
}

const childRunsText = (childRuns: ReadonlyArray<Run.ChildRun>, timeText: TimeText, depth: number): string => {
  // Trees this deep are rare, and `jsonText` knows where to end.
  if (depth > deepestByHand) return jsonText(childRuns)
  let text = "["
  for (const child of childRuns) {
    text +=
      `${text === "[" ? "" : ","}{"id":${quoted(child.id)},"name":${quoted(child.name)},"runType":"${child.runType}"` +
      `,"startTime":${timeText(child.startTime)}`
    if (child.endTime !== undefined) text += `,"endTime":${timeText(child.endTime)}`
    if (child.error !== undefined) text += `,"error":${quoted(child.error)}`
    // Attributes are whatever the spans were given.
    text +=
      `,"attributes":${jsonText(child.attributes)},"events":${
        child.events.length === 0 ? "[]" : jsonText(child.events)
      }` +
      `,"childRuns":${child.childRuns.length === 0 ? "[]" : childRunsText(child.childRuns, timeText, depth + 1)}`
    if (child.usage !== undefined) text += `,"usage":${JSON.stringify(child.usage)}`
    text += "}"
  }
  return `${text}]`
}

const outcomeText = (outcome: Outcome.Outcome): string => {
  switch (outcome._tag) {
    case "Scored":
      return `{"_tag":"Scored","results":${jsonText(outcome.results)}}`
    case "Skipped":
      return JSON.stringify(outcome)
    default:
      return unsuccessfulText(outcome)
  }
}

const unsuccessfulText = (
  outcome: Outcome.TimedOut | Outcome.Cancelled | Outcome.Failed | Run.Failed<unknown>
): string =>
  outcome._tag === "Failed"
    ? `{"_tag":"Failed","message":${quoted(outcome.message)},"cause":${causeText(outcome.cause)}}`
    : JSON.stringify(outcome)

const causeText = (cause: Cause.Cause<unknown>): string => JSON.stringify(encodeCause(cause))
