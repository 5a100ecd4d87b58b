/** What the endpoints of experiments do. */
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Stream from "effect/Stream"
import * as Jsonl from "../../reports/Jsonl.ts"
import { ExperimentStore } from "../../sql/ExperimentStore.ts"
import type * as Store from "../../sql/ExperimentStore.ts"
import type { StoreError } from "../../sql/StoreError.ts"
import { Api, type Feedback, NotFound, Rejected, Unavailable } from "../Api.ts"
import { listEntries } from "./entries.ts"

const listedByDefault = 50

export const experimentHandlers = HttpApiBuilder.group(
  Api,
  "experiments",
  Effect.fnUntraced(function*(handlers) {
    const store = yield* ExperimentStore
    return handlers.handleAll({
      list: ({ query }) =>
        listEntries(store, { ...query, limit: query.limit ?? listedByDefault }).pipe(Effect.mapError(unavailable)),
      get: ({ params }) => Effect.mapError(store.get(params.id), readingError),
      rows: ({ params }) =>
        // Whether it is there is to be known before the answer begins.
        Effect.as(
          Effect.mapError(store.get(params.id), readingError),
          Stream.encodeText(Jsonl.rows(store.rows(params.id)))
        ),
      feedback: ({ params }) =>
        Effect.andThen(store.get(params.id), Stream.runCollect(store.feedback(params.id, { row: params.row }))).pipe(
          Effect.map((all) => all.map(toFeedback)),
          Effect.mapError(readingError)
        ),
      giveFeedback: ({ params, payload }) => {
        const { author, reason, ...result } = payload
        return store.addFeedback({
          experimentId: params.id,
          row: params.row,
          result,
          author,
          ...(reason === undefined ? {} : { reason })
        }).pipe(
          Effect.map(toFeedback),
          Effect.mapError((error) =>
            error.reason === "Invalid" ? new Rejected({ message: error.message }) : readingError(error)
          )
        )
      }
    })
  })
)

const toFeedback = ({ author, id, reason, result, time }: Store.Feedback): typeof Feedback.Type => {
  const { comment, correction, key, score, value } = result
  return {
    id,
    key,
    author,
    time,
    ...(score === undefined ? {} : { score }),
    ...(value === undefined ? {} : { value }),
    ...(comment === undefined ? {} : { comment }),
    ...(correction === undefined ? {} : { correction }),
    ...(reason === undefined ? {} : { reason })
  }
}

const unavailable = ({ message }: StoreError): Unavailable => new Unavailable({ message })

const readingError = (error: StoreError): NotFound | Unavailable =>
  error.reason === "NotFound" ? new NotFound({ message: error.message }) : unavailable(error)
