/** Rows as JSON and back. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Attachment from "../Attachment.ts"
import { EvaluationResult } from "../EvaluationResult.ts"
import type * as Outcome from "../Outcome.ts"
import type * as Row from "../Row.ts"
import type * as Run from "../Run.ts"
import { restoreExample } from "./example.ts"
import { toJson } from "./json.ts"

const Defect = Schema.Defect({ includeStack: true })
const CauseJson = Schema.toCodecJson(Schema.Cause(Defect, Defect))
const encodeCause = Schema.encodeUnknownSync(CauseJson)

const Attempt = Schema.Struct({
  startTime: Schema.Finite,
  endTime: Schema.Finite,
  error: Schema.optional(Schema.String)
})

const Usage = Schema.Struct({ inputTokens: Schema.Finite, outputTokens: Schema.Finite })

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

interface ChildRunJson {
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

/** A row as it is written, with whatever the data is as JSON. */
export const RowJson = Schema.Struct({
  index: Schema.Int,
  example: Schema.Struct({
    id: Schema.String,
    contentHash: Schema.String,
    inputs: Schema.Unknown,
    referenceOutputs: Schema.optional(Schema.Unknown),
    metadata: Schema.optional(Schema.Unknown),
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
    outputs: Schema.optional(Schema.Unknown),
    startTime: Schema.Finite,
    endTime: Schema.Finite,
    tags: Schema.optional(Schema.Array(Schema.String)),
    metadata: Schema.optional(JsonObject),
    attempts: Schema.Array(Attempt),
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
    attempts: Schema.Array(Attempt),
    childRuns: Schema.optional(Schema.Array(ChildRun)),
    usage: Schema.optional(Usage)
  }))
})

/**
 * A row as JSON. Written by hand because rows are written by the ten thousand: the schema above reads them back, and a
 * test holds the two together.
 */
export const rowToJson = ({ evaluations, example, index, run }: Row.Row): typeof RowJson.Encoded => ({
  index,
  example: {
    id: example.id,
    contentHash: example.contentHash,
    inputs: toJson(example.inputs),
    ...(example.referenceOutputs === undefined ? {} : { referenceOutputs: toJson(example.referenceOutputs) }),
    ...(isEmpty(example.metadata) ? {} : { metadata: toJson(example.metadata) }),
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
    outcome: run.outcome._tag === "Succeeded" ? { _tag: "Succeeded" } : unsuccessfulToJson(run.outcome),
    ...(run.outputs === undefined ? {} : { outputs: toJson(run.outputs) }),
    startTime: run.startTime,
    endTime: run.endTime,
    ...(run.tags.length === 0 ? {} : { tags: run.tags }),
    ...(isEmpty(run.metadata) ? {} : { metadata: toJson(run.metadata) as Record<string, unknown> }),
    ...traceToJson(run)
  },
  evaluations: evaluations.map((evaluation) => ({
    evaluator: evaluation.evaluator,
    outcome: outcomeToJson(evaluation.outcome),
    startTime: evaluation.startTime,
    endTime: evaluation.endTime,
    ...traceToJson(evaluation)
  }))
})

const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)

const traceToJson = (self: Pick<Run.EvaluatorRun, "attempts" | "childRuns" | "usage">) => ({
  attempts: self.attempts,
  // Attributes are whatever the spans were given.
  ...(self.childRuns.length === 0
    ? {}
    : { childRuns: toJson(self.childRuns) as unknown as ReadonlyArray<ChildRunJson> }),
  ...(self.usage === undefined ? {} : { usage: self.usage })
})

const outcomeToJson = (outcome: Outcome.Outcome) => {
  switch (outcome._tag) {
    case "Scored":
      return { _tag: "Scored" as const, results: outcome.results.map(resultToJson) as unknown as ScoredJson["results"] }
    case "Skipped":
      return outcome
    default:
      return unsuccessfulToJson(outcome)
  }
}

type ScoredJson = Extract<typeof RowJson.Encoded["evaluations"][number]["outcome"], { readonly _tag: "Scored" }>

const resultToJson = (result: EvaluationResult) => toJson(result) as unknown as typeof EvaluationResult.Encoded

const unsuccessfulToJson = (
  outcome: Outcome.TimedOut | Outcome.Cancelled | { _tag: "Failed"; cause: Cause.Cause<unknown>; message: string }
) =>
  outcome._tag === "Failed"
    ? { _tag: "Failed" as const, message: outcome.message, cause: encodeCause(outcome.cause) }
    : outcome

/** The row again. Its data is what JSON holds of it. */
export const rowFromJson = ({ evaluations, example, index, run }: typeof RowJson.Type): Row.Row => ({
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
  readonly attempts: ReadonlyArray<typeof Attempt.Type>
  readonly childRuns?: ReadonlyArray<ChildRunJson> | undefined
  readonly usage?: Run.Usage | undefined
}) => ({
  attempts: self.attempts.map(({ endTime, error, startTime }) => ({ startTime, endTime, error })),
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
