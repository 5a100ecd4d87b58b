/** What the endpoints of jobs do. */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Stream from "effect/Stream"
import type { EvaluationJobs } from "../../jobs/EvaluationJobs.ts"
import type { JobError } from "../../jobs/JobError.ts"
import type * as JobStatus from "../../jobs/JobStatus.ts"
import * as Jsonl from "../../reports/Jsonl.ts"
import { Api, Conflict, NotFound, Rejected, Unavailable } from "../Api.ts"

const listedByDefault = 50

export const jobHandlers = (service: EvaluationJobs["Service"] | undefined) =>
  HttpApiBuilder.group(Api, "jobs", (handlers) => {
    const jobs = service === undefined
      ? Effect.fail(
        new Unavailable({ message: "This server has no jobs. Give the view the service EvaluationJobs to offer them." })
      )
      : Effect.succeed(service)
    /** Does something with the jobs, if there are any. */
    const withJobs = <A>(use: (jobs: EvaluationJobs["Service"]) => Effect.Effect<A, JobError>) =>
      Effect.flatMap(jobs, (jobs) => Effect.mapError(use(jobs), httpError))
    const known = (
      id: string,
      use: (jobs: EvaluationJobs["Service"]) => Effect.Effect<JobStatus.JobStatus, JobError>
    ) =>
      Effect.flatMap(withJobs(use), (status) =>
        status._tag === "NotFound"
          ? Effect.fail(new NotFound({ message: `There is no job ${id}.` }))
          : Effect.succeed(status))
    return Effect.succeed(handlers.handleAll({
      submit: ({ payload: { evaluation, idempotencyKey, name, payload } }) =>
        Effect.map(
          withJobs((jobs) =>
            jobs.submitJson(evaluation, payload, {
              ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
              ...(name === undefined ? {} : { settings: { name } })
            })
          ),
          (id) => ({ id })
        ),
      list: ({ query }) =>
        withJobs((jobs) => Stream.runCollect(jobs.list({ ...query, limit: query.limit ?? listedByDefault }))),
      poll: ({ params }) => known(params.id, (jobs) => jobs.poll(params.id)),
      cancel: ({ params }) => known(params.id, (jobs) => jobs.cancel(params.id)),
      retry: ({ params, payload }) => withJobs((jobs) => jobs.retry(params.id, payload)),
      results: ({ params, query }) =>
        // Whether it is there is to be known before the answer begins.
        Effect.andThen(
          known(params.id, (jobs) => jobs.poll(params.id)),
          Effect.map(jobs, (jobs) =>
            Stream.encodeText(Jsonl.rows(jobs.results(params.id, { follow: query.follow !== "false" }))))
        )
    }))
  })

const httpError = ({ message, reason }: JobError): NotFound | Rejected | Conflict | Unavailable => {
  switch (reason) {
    case "NotFound":
      return new NotFound({ message })
    case "UnknownEvaluation":
    case "InvalidPayload":
      return new Rejected({ message })
    case "Conflict":
    case "Unfinished":
      return new Conflict({ message })
    default:
      return new Unavailable({ message })
  }
}
