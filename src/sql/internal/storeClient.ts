/** The tracing client that writes to an experiment store. */
import * as Effect from "effect/Effect"
import { isSqlError } from "effect/sql/SqlError"
import { TracingError } from "../../internal/engine/tracingError.ts"
import { isDisconnected } from "../../internal/values/databaseErrors.ts"
import { pause } from "../../internal/values/pause.ts"
import type { Client } from "../../TracingClient.ts"
import type { ExperimentStore } from "../ExperimentStore.ts"
import type { StoreError } from "../StoreError.ts"

const name = "experiment store"

const batchSize = 250

/** How long a database that is gone is waited for; a server that is started anew is back in a few seconds. */
const patienceMillis = 60_000
const askMillis = 250

const isGone = ({ cause }: StoreError): boolean => isSqlError(cause) && isDisconnected(cause)

/**
 * Does it again while there is no connection. What was written just before the connection broke is written once more:
 * rows take the place of what is there.
 */
const patiently = <A>(effect: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
  Effect.suspend(() => {
    const deadline = performance.now() + patienceMillis
    const attempt: Effect.Effect<A, StoreError> = Effect.catchIf(effect, isGone, (error) =>
      performance.now() < deadline ? Effect.andThen(pause(askMillis), attempt) : Effect.fail(error))
    return Effect.catchIf(effect, isGone, (error) =>
      Effect.logWarning(
        `${error.message.replace(/\.?$/, ".")} Waiting up to ${
          patienceMillis / 1000
        } seconds for the database to come back.`
      ).pipe(
        Effect.andThen(pause(askMillis)),
        Effect.andThen(attempt)
      ))
  })

const tracingError = (cause: StoreError) => new TracingError({ client: name, message: cause.message, cause })

export const storeClient = (store: ExperimentStore["Service"]): Client => ({
  name,
  batchSize,
  bufferSize: 2 * batchSize,
  // A transaction writes whole pages, so many small ones write, and cost, several times as much as a large one.
  batchDelay: "25 millis",
  // Longer than a database that is gone is waited for.
  writeTimeout: patienceMillis + 30_000,
  flushTimeout: patienceMillis + 60_000,
  open: (header) =>
    Effect.mapBoth(patiently(store.begin(header)), {
      onFailure: tracingError,
      onSuccess: () => ({
        record: (rows) => Effect.mapError(patiently(store.record(header.id, rows)), tracingError),
        batch: () => {
          const { add, write } = store.batch(header.id)
          return { add, write: Effect.mapError(patiently(write), tracingError) }
        },
        end: (footer) => Effect.mapError(patiently(store.end(header.id, footer)), tracingError)
      })
    })
})
