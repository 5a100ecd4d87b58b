/** The tracing client that writes to an experiment store. */
import * as Effect from "effect/Effect"
import { TracingError } from "../../internal/engine/tracingError.ts"
import type { Client } from "../../TracingClient.ts"
import type { ExperimentStore } from "../ExperimentStore.ts"
import type { StoreError } from "../StoreError.ts"
import { pause } from "./pause.ts"

const name = "experiment store"

const batchSize = 250
/**
 * How long rows are gathered after a transaction. The recorder takes whatever is there as soon as a write is done, and at
 * full speed that would be as few rows as run at once: a transaction writes whole pages, so many small ones write, and
 * cost, several times as much. Where rows come slowly, there is more time.
 */
const gatherMillis = (lastBatch: number): number => lastBatch < 50 ? 25 : 5

const tracingError = (cause: StoreError) => new TracingError({ client: name, message: cause.message, cause })

export const storeClient = (store: ExperimentStore["Service"]): Client => ({
  name,
  batchSize,
  bufferSize: 2 * batchSize,
  open: (header) =>
    Effect.mapBoth(store.begin(header), {
      onFailure: tracingError,
      onSuccess: () => ({
        record: (rows) =>
          Effect.andThen(
            Effect.mapError(store.record(header.id, rows), tracingError),
            rows.length < batchSize ? pause(gatherMillis(rows.length)) : Effect.void
          ),
        end: (footer) => Effect.mapError(store.end(header.id, footer), tracingError)
      })
    })
})
