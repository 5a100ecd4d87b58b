/** The tracing client that writes to an experiment store. */
import * as Effect from "effect/Effect"
import { TracingError } from "../../internal/engine/tracingError.ts"
import type { Client } from "../../TracingClient.ts"
import type { ExperimentStore } from "../ExperimentStore.ts"
import type { StoreError } from "../StoreError.ts"

const name = "experiment store"

const batchSize = 250

const tracingError = (cause: StoreError) => new TracingError({ client: name, message: cause.message, cause })

export const storeClient = (store: ExperimentStore["Service"]): Client => ({
  name,
  batchSize,
  bufferSize: 2 * batchSize,
  // A transaction writes whole pages, so many small ones write, and cost, several times as much as a large one.
  batchDelay: "25 millis",
  open: (header) =>
    Effect.mapBoth(store.begin(header), {
      onFailure: tracingError,
      onSuccess: () => ({
        record: (rows) => Effect.mapError(store.record(header.id, rows), tracingError),
        end: (footer) => Effect.mapError(store.end(header.id, footer), tracingError)
      })
    })
})
