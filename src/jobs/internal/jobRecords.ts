/** The records of jobs, and what they say about where a job stands. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Footer } from "../../Experiment.ts"
import { JobError } from "../JobError.ts"
import * as JobStatus from "../JobStatus.ts"

/** The columns that a status is made of. */
export interface StatusRecord {
  readonly job_key: number
  readonly id: string
  readonly evaluation: string
  readonly state: JobStatus.State
  readonly attempt: number
  readonly submitted_at: number
  readonly started_at: number | null
  readonly finished_at: number | null
  readonly done_before: number
  readonly total: number | null
  readonly experiment_id: string | null
  readonly footer: string | null
  readonly cause: string | null
  readonly done: number
  readonly failures: number
  /** Above 0 while there are rows that the experiment of a stopped job does not have yet. */
  readonly untold: number
}

/** What stopped a job, as it is written. */
const Stopped = Schema.fromJsonString(Schema.toCodecJson(Schema.Struct({
  message: Schema.String,
  cause: Schema.Cause(Schema.Defect(), Schema.Defect())
})))

export const encodeStopped = Schema.encodeUnknownSync(Stopped)
export const decodeStopped = Schema.decodeUnknownEffect(Stopped)
const decodeFooter = Schema.decodeUnknownEffect(Schema.fromJsonString(Footer))

/** Where a job stands. */
export const statusOf = (
  record: StatusRecord,
  now: number
): Effect.Effect<JobStatus.Known, JobError> => {
  const common = {
    id: record.id,
    evaluation: record.evaluation,
    attempt: record.attempt,
    submittedAt: record.submitted_at
  }
  const begun = { done: record.done, total: record.total ?? undefined, failures: record.failures }
  const ended = {
    ...common,
    ...begun,
    startedAt: record.started_at ?? undefined,
    finishedAt: record.finished_at ?? record.submitted_at
  }
  switch (record.state) {
    case "Pending":
      return Effect.succeed(new JobStatus.Pending(common))
    case "Running": {
      const startedAt = record.started_at ?? record.submitted_at
      const seconds = (now - startedAt) / 1000
      const rows = record.done - record.done_before
      return Effect.succeed(
        new JobStatus.Running({
          ...common,
          ...begun,
          startedAt,
          rate: rows > 0 && seconds > 0 ? rows / seconds : undefined
        })
      )
    }
    case "Cancelled":
      return Effect.map(toldOf(record), (told) => new JobStatus.Cancelled({ ...ended, ...told }))
    case "Failed":
      return Effect.gen(function*() {
        const stopped = yield* decodeStopped(record.cause).pipe(
          Effect.mapError(unreadable(`What stopped the job ${record.id}`))
        )
        return new JobStatus.Failed({ ...ended, ...(yield* toldOf(record)), ...stopped })
      })
    case "Completed":
      return Effect.map(experimentOf(record), (experiment) => new JobStatus.Completed({ ...ended, ...experiment }))
  }
}

const experimentOf = ({ experiment_id, footer, id }: StatusRecord) =>
  Effect.mapBoth(decodeFooter(footer), {
    onFailure: unreadable(`The summary of the job ${id}`),
    onSuccess: (summary) => ({ experimentId: experiment_id ?? id, summary })
  })

/** The experiment that the rows of a stopped job became, if they did already. */
const toldOf = (record: StatusRecord) => record.footer === null ? Effect.succeed({}) : experimentOf(record)

/** The error for what cannot be decoded. */
export const unreadable = (what: string) => (cause: Schema.SchemaError): JobError =>
  new JobError({
    reason: "Unreadable",
    message: `${what} in the database is not what this version of effect-evals writes: ${cause.message}`,
    cause
  })

/** The error for a job that is not there. */
export const notFound = (id: string): JobError =>
  new JobError({
    reason: "NotFound",
    id,
    message: `There is no job ${id} in this database: there never was, or it has been removed.`
  })
