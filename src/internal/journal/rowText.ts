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
import { encodeCause, isEmpty, isOneAttempt } from "./rowJson.ts"

/** The row as one line of JSON. */
export const rowText = ({ evaluations, example, index, run }: Row.Row): string => {
  let text = `{"index":${index},"example":{"id":${quoted(example.id)},"contentHash":${quoted(example.contentHash)},` +
    `"inputs":${jsonText(example.inputs)}`
  if (example.referenceOutputs !== undefined) text += `,"referenceOutputs":${jsonText(example.referenceOutputs)}`
  if (!isEmpty(example.metadata)) text += `,"metadata":${jsonText(example.metadata)}`
  if (example.splits.length > 0) text += `,"splits":${JSON.stringify(example.splits)}`
  if (!isEmpty(example.attachments)) text += `,"attachments":{${attachmentsText(example.attachments)}}`
  text += `},"run":{"id":${quoted(run.id)},"name":${quoted(run.name)},"repetition":${run.repetition},"outcome":` +
    (run.outcome._tag === "Succeeded" ? `{"_tag":"Succeeded"}` : unsuccessfulText(run.outcome))
  if (run.outputs !== undefined) text += `,"outputs":${jsonText(run.outputs)}`
  text += timesText(run)
  if (run.tags.length > 0) text += `,"tags":${JSON.stringify(run.tags)}`
  if (!isEmpty(run.metadata)) text += `,"metadata":${jsonText(run.metadata)}`
  text += `${traceText(run)}},"evaluations":[`
  for (let i = 0; i < evaluations.length; i++) {
    const evaluation = evaluations[i]
    if (evaluation === undefined) continue
    text += `${i === 0 ? "" : ","}{"evaluator":${quoted(evaluation.evaluator)},"outcome":` +
      `${outcomeText(evaluation.outcome)}${timesText(evaluation)}${traceText(evaluation)}}`
  }
  return `${text}]}`
}

/** A text as JSON; most have nothing to escape. */
const quoted = (text: string): string => JSON.stringify(text)

const timesText = ({ endTime, startTime }: { readonly startTime: number; readonly endTime: number }): string =>
  `,"startTime":${startTime},"endTime":${endTime}`

const attachmentsText = (attachments: Attachment.Attachments): string =>
  Object.entries(attachments).map(([name, { mimeType, source }]) =>
    `${quoted(name)}:${JSON.stringify({ mimeType, source })}`
  ).join(",")

const traceText = (self: Run.EvaluatorRun | Run.Run): string => {
  let text = isOneAttempt(self) ? "" : `,"attempts":${JSON.stringify(self.attempts)}`
  // Attributes are whatever the spans were given.
  if (self.childRuns.length > 0) text += `,"childRuns":${jsonText(self.childRuns)}`
  if (self.usage !== undefined) text += `,"usage":${JSON.stringify(self.usage)}`
  return text
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
