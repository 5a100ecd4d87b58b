/** A job with its code: the evaluation that its payload stands for, and how it is to be run. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Settings } from "../../Evaluation.ts"
import type * as Experiment from "../../Experiment.ts"
import { toEvaluators } from "../../internal/engine/evaluators.ts"
import type { AnyEvaluation, AnyOptions } from "../../internal/engine/session.ts"
import { type Resolved, resolveSettings } from "../../internal/engine/settings.ts"
import { type Any, codeOf } from "../EvaluationJob.ts"
import { JobError } from "../JobError.ts"
import { type Codec, makeCodec } from "./rowCodec.ts"
import type { JobRecord } from "./work.ts"

export interface JobCode<out R> {
  readonly evaluation: AnyEvaluation<unknown, R>
  readonly options: AnyOptions<R, Experiment.Experiment>
  readonly resolved: Resolved
  readonly codec: Codec
  /** Examples of a chunk. */
  readonly chunkSize: number
  /** What target and evaluators are, as far as their fingerprints tell. */
  readonly components: Effect.Effect<string, never, R>
  /** What is never divided among more lanes than there are places. */
  readonly limits: ReadonlyArray<number>
}

const decodeSettings = Schema.decodeUnknownEffect(Schema.fromJsonString(Settings))

/** The code of a job. Whatever the user's code throws is a defect. */
export const jobCode = Effect.fnUntraced(function*<R>(
  registered: ReadonlyMap<string, Any<R>>,
  { evaluation: name, id, payload, settings }: JobRecord
): Effect.fn.Return<JobCode<R>, JobError> {
  const job = registered.get(name)
  if (job === undefined) return yield* unknownEvaluation(name, registered.keys(), id)
  const code = codeOf(job)
  const invalid = (what: "The payload" | "The settings") => (cause: Schema.SchemaError) =>
    new JobError({
      reason: "InvalidPayload",
      id,
      message: `${what} of the job ${id} ${what === "The settings" ? "do" : "does"} not fit the evaluation ${name}: ` +
        cause.message,
      cause
    })
  const decoded = yield* Schema.decodeEffect(Schema.fromJsonString(Schema.toCodecJson(job.payload)))(payload)
    .pipe(Effect.mapError(invalid("The payload")))
  const own = yield* Effect.mapError(decodeSettings(settings), invalid("The settings"))
  const evaluation = yield* Effect.sync(() => code.evaluation(decoded))
  const options: AnyOptions<R, Experiment.Experiment> = {
    ...code.options,
    ...own,
    metadata: { ...code.options.metadata, ...own.metadata, job: id },
    keepRows: false
  }
  const resolved = resolveSettings(options)
  const { members } = toEvaluators<R>(options.evaluators ?? [])
  return {
    evaluation,
    options,
    resolved,
    codec: makeCodec(job.data),
    chunkSize: Math.max(1, Math.floor(code.chunkSize / resolved.repetitions)),
    components: Effect.gen(function*() {
      const target = yield* evaluation.target.describe
      const evaluators = yield* Effect.forEach(members, ({ describe }) => describe)
      return JSON.stringify([target.fingerprint, ...evaluators.map(({ fingerprint, name }) => [name, fingerprint])])
    }),
    limits: [
      resolved.concurrency,
      resolved.evaluatorConcurrency,
      ...members.flatMap(({ options }) => options.concurrency ?? [])
    ]
  }
})

/** The error for a name under which nothing is registered. */
export const unknownEvaluation = (name: string, registered: Iterable<string>, id?: string): JobError => {
  const names = [...registered].sort()
  return new JobError({
    reason: "UnknownEvaluation",
    id,
    message: `No evaluation is registered under the name ${name} here. ` +
      (names.length === 0 ? "There is none at all." : `There are: ${names.join(", ")}.`)
  })
}
