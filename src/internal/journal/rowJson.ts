/** Rows as JSON and back. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as Attachment from "../../Attachment.ts"
import { EvaluationResult } from "../../EvaluationResult.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import { restoreExample } from "../dataset/example.ts"
import { causeLine } from "../values/causes.ts"
import { toJson } from "../values/json.ts"

const Defect = Schema.Defect({ includeStack: true })
const CauseJson = Schema.toCodecJson(Schema.Cause(Defect, Defect))
const encodeCauseStrictly = Schema.encodeUnknownSync(CauseJson)

export const encodeCause = (cause: Cause.Cause<unknown>): unknown => encodeCauseStrictly(readableCause(cause))

/** The cause; if its errors cannot be read, the line that says so stands for them. */
export const readableCause = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> => {
  try {
    encodeCauseStrictly(cause)
    return cause
  } catch {
    return Cause.fail(causeLine(cause))
  }
}

const Attempt = Schema.Struct({
  startTime: Schema.Finite,
  endTime: Schema.Finite,
  error: Schema.optional(Schema.String)
})

const Usage = Schema.Struct({
  inputTokens: Schema.Finite,
  outputTokens: Schema.Finite,
  cost: Schema.optional(Schema.Finite)
})

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

export interface ChildRunJson {
  readonly id: string
  readonly name: string
  readonly runType: Run.ChildRun["runType"]
  readonly startTime: number
  readonly endTime?: number | undefined
  readonly error?: string | undefined
  readonly attributes: { readonly [key: string]: unknown }
  readonly events: ReadonlyArray<Run.RunEvent>
  readonly childRuns: ReadonlyArray<ChildRunJson>
  readonly usage?: Run.Usage | undefined
}

const ChildRun: Schema.Codec<ChildRunJson> = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  runType: Schema.Literals(["chain", "llm", "embedding", "tool", "retriever"]),
  startTime: Schema.Finite,
  endTime: Schema.optional(Schema.Finite),
  error: Schema.optional(Schema.String),
  attributes: JsonObject,
  events: Schema.Array(Schema.Struct({ name: Schema.String, time: Schema.Finite, attributes: JsonObject })),
  childRuns: Schema.Array(Schema.suspend((): Schema.Codec<ChildRunJson> => ChildRun)),
  usage: Schema.optional(Usage)
})

const Failed = Schema.Struct({ _tag: Schema.tag("Failed"), message: Schema.String, cause: CauseJson })
const TimedOut = Schema.Struct({ _tag: Schema.tag("TimedOut"), message: Schema.String, afterMillis: Schema.Finite })
const Cancelled = Schema.Struct({ _tag: Schema.tag("Cancelled"), message: Schema.String })

/** Data of which nothing is known: written as the JSON it comes closest to, read as that JSON. */
export const AnyData: Schema.Codec<unknown> = Schema.Unknown.pipe(
  Schema.decodeTo(Schema.Unknown, {
    decode: SchemaGetter.passthrough(),
    encode: SchemaGetter.transform((value: unknown): unknown => toJson(value))
  })
)

/** The schemas of the parts of a row that are the user's data. */
export interface Parts {
  readonly inputs: Schema.ConstraintCodec<unknown, unknown>
  readonly outputs: Schema.ConstraintCodec<unknown, unknown>
  readonly referenceOutputs: Schema.ConstraintCodec<unknown, unknown>
  readonly metadata: Schema.ConstraintCodec<unknown, unknown>
}

/** A row as it is written. */
export const rowSchema = ({ inputs, metadata, outputs, referenceOutputs }: Parts) =>
  Schema.Struct({
    index: Schema.Int,
    example: Schema.Struct({
      id: Schema.String,
      contentHash: Schema.String,
      inputs,
      referenceOutputs: Schema.optional(referenceOutputs),
      metadata: Schema.optional(metadata),
      splits: Schema.optional(Schema.Array(Schema.String)),
      attachments: Schema.optional(
        Schema.Record(Schema.String, Schema.Struct({ mimeType: Schema.String, source: Schema.String }))
      )
    }),
    run: Schema.Struct({
      id: Schema.String,
      name: Schema.String,
      repetition: Schema.Int,
      outcome: Schema.Union([Schema.Struct({ _tag: Schema.tag("Succeeded") }), Failed, TimedOut, Cancelled]),
      outputs: Schema.optional(outputs),
      startTime: Schema.Finite,
      endTime: Schema.Finite,
      tags: Schema.optional(Schema.Array(Schema.String)),
      metadata: Schema.optional(JsonObject),
      attempts: Schema.optional(Schema.Array(Attempt)),
      childRuns: Schema.optional(Schema.Array(ChildRun)),
      usage: Schema.optional(Usage)
    }),
    evaluations: Schema.Array(Schema.Struct({
      evaluator: Schema.String,
      outcome: Schema.Union([
        Schema.Struct({ _tag: Schema.tag("Scored"), results: Schema.NonEmptyArray(EvaluationResult) }),
        Schema.Struct({ _tag: Schema.tag("Skipped"), reason: Schema.String }),
        Failed,
        TimedOut,
        Cancelled
      ]),
      startTime: Schema.Finite,
      endTime: Schema.Finite,
      attempts: Schema.optional(Schema.Array(Attempt)),
      childRuns: Schema.optional(Schema.Array(ChildRun)),
      usage: Schema.optional(Usage)
    }))
  })

/** A row whose data is JSON. */
export const RowJson = rowSchema({
  inputs: Schema.Unknown,
  outputs: Schema.Unknown,
  referenceOutputs: Schema.Unknown,
  metadata: Schema.Unknown
})

/** A row that `rowSchema` has read, or is to write. */
export type RowStruct = ReturnType<typeof rowSchema>["Type"]

/** The parts of a row as the schema wants them. */
export const rowToStruct = (
  { evaluations, example, index, run }: Row.Row,
  data: (value: unknown) => unknown,
  cause: (cause: Cause.Cause<unknown>) => unknown
): unknown => ({
  index,
  example: {
    id: example.id,
    contentHash: example.contentHash,
    inputs: data(example.inputs),
    ...(example.referenceOutputs === undefined ? {} : { referenceOutputs: data(example.referenceOutputs) }),
    ...(isEmpty(example.metadata) ? {} : { metadata: data(example.metadata) }),
    ...(example.splits.length === 0 ? {} : { splits: example.splits }),
    ...(isEmpty(example.attachments) ? {} : {
      attachments: Object.fromEntries(
        Object.entries(example.attachments).map(([name, { mimeType, source }]) => [name, { mimeType, source }])
      )
    })
  },
  run: {
    id: run.id,
    name: run.name,
    repetition: run.repetition,
    outcome: run.outcome._tag === "Succeeded" ? { _tag: "Succeeded" } : unsuccessfulToStruct(run.outcome, cause),
    ...(run.outputs === undefined ? {} : { outputs: data(run.outputs) }),
    startTime: run.startTime,
    endTime: run.endTime,
    ...(run.tags.length === 0 ? {} : { tags: run.tags }),
    ...(isEmpty(run.metadata) ? {} : { metadata: toJson(run.metadata) }),
    ...traceToStruct(run)
  },
  evaluations: evaluations.map((evaluation) => ({
    evaluator: evaluation.evaluator,
    outcome: outcomeToStruct(evaluation.outcome, cause),
    startTime: evaluation.startTime,
    endTime: evaluation.endTime,
    ...traceToStruct(evaluation)
  }))
})

export const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)

/** What is known of a run and of an evaluator alike. */
type Trace = Pick<Run.EvaluatorRun, "attempts" | "childRuns" | "usage" | "startTime" | "endTime">

/** Nearly every run has one attempt, which takes as long as the run; it is left out, and understood. */
export const isOneAttempt = ({ attempts, endTime, startTime }: Trace): boolean => {
  const [only] = attempts
  return only !== undefined && attempts.length === 1 && only.error === undefined && only.startTime === startTime &&
    only.endTime === endTime
}

const traceToStruct = (self: Trace) => ({
  ...(isOneAttempt(self) ? {} : { attempts: self.attempts }),
  // Attributes are whatever the spans were given.
  ...(self.childRuns.length === 0 ? {} : { childRuns: toJson(self.childRuns) }),
  ...(self.usage === undefined ? {} : { usage: self.usage })
})

const outcomeToStruct = (outcome: Outcome.Outcome, cause: (cause: Cause.Cause<unknown>) => unknown) => {
  switch (outcome._tag) {
    case "Scored":
      return { _tag: "Scored", results: outcome.results.map(toJson) }
    case "Skipped":
      return outcome
    default:
      return unsuccessfulToStruct(outcome, cause)
  }
}

const unsuccessfulToStruct = (
  outcome: Outcome.TimedOut | Outcome.Cancelled | Outcome.Failed | Run.Failed<unknown>,
  cause: (cause: Cause.Cause<unknown>) => unknown
) => outcome._tag === "Failed" ? { _tag: "Failed", message: outcome.message, cause: cause(outcome.cause) } : outcome

/** The row again. Its data is what JSON holds of it. */
export const rowFromStruct = ({ evaluations, example, index, run }: RowStruct): Row.Row => ({
  index,
  example: restoreExample(example.id, example.contentHash, {
    inputs: example.inputs,
    referenceOutputs: example.referenceOutputs,
    metadata: example.metadata ?? {},
    splits: example.splits ?? [],
    attachments: attachmentsFromJson(example.attachments ?? {})
  }),
  run: {
    id: run.id,
    name: run.name,
    runType: "chain",
    exampleId: example.id,
    repetition: run.repetition,
    inputs: example.inputs,
    outputs: run.outputs,
    outcome: run.outcome._tag === "Succeeded" ? { _tag: "Succeeded", outputs: run.outputs } : run.outcome,
    error: run.outcome._tag === "Succeeded" ? undefined : run.outcome.message,
    startTime: run.startTime,
    endTime: run.endTime,
    tags: run.tags ?? [],
    metadata: run.metadata ?? {},
    ...traceFromJson(run)
  },
  evaluations: evaluations.map((evaluation) => ({
    evaluator: evaluation.evaluator,
    outcome: evaluation.outcome,
    startTime: evaluation.startTime,
    endTime: evaluation.endTime,
    ...traceFromJson(evaluation)
  }))
})

const traceFromJson = (self: {
  readonly startTime: number
  readonly endTime: number
  readonly attempts?: ReadonlyArray<typeof Attempt.Type> | undefined
  readonly childRuns?: ReadonlyArray<ChildRunJson> | undefined
  readonly usage?: Run.Usage | undefined
}) => ({
  attempts: (self.attempts ?? [self]).map((attempt: typeof Attempt.Type) => ({
    startTime: attempt.startTime,
    endTime: attempt.endTime,
    error: attempt.error
  })),
  childRuns: (self.childRuns ?? []).map(childRunFromJson),
  usage: self.usage
})

const childRunFromJson = (json: ChildRunJson): Run.ChildRun => ({
  ...json,
  endTime: json.endTime,
  error: json.error,
  usage: json.usage,
  childRuns: json.childRuns.map(childRunFromJson)
})

/** The bytes are not recorded, only where they came from. */
const attachmentsFromJson = (
  attachments: { readonly [name: string]: { readonly mimeType: string; readonly source: string } }
): Attachment.Attachments =>
  Object.fromEntries(
    Object.entries(attachments).map(([name, { mimeType, source }]) => [
      name,
      Attachment.fromEffect(
        Effect.fail(
          new Attachment.AttachmentError({
            source,
            message:
              `The bytes of the attachment ${name} are not recorded with the experiment; they came from ${source}.`
          })
        ),
        { mimeType, source }
      )
    ])
  )
