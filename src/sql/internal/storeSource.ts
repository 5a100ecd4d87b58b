/** Experiments read back from an experiment store. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Experiment from "../../Experiment.ts"
import { ExperimentSource, ExperimentSourceError } from "../../ExperimentSource.ts"
import { eventsOf, type JournalError, readIfBegun } from "../../internal/journal/journalReading.ts"
import type { ExperimentStore } from "../ExperimentStore.ts"
import type { StoreError } from "../StoreError.ts"

const name = "the experiment store"

const sourceError = (error: StoreError | JournalError) =>
  new ExperimentSourceError({
    source: name,
    reason: error._tag === "StoreError" && error.reason === "NotFound" ? "NotFound" : "Unreadable",
    message: error.message,
    cause: error
  })

const orSourceError = <A>(effect: Effect.Effect<A, StoreError | JournalError>) => Effect.mapError(effect, sourceError)

export const storeSource = (store: ExperimentStore["Service"]): ExperimentSource["Service"] =>
  ExperimentSource.of({
    name,
    withId: (id) =>
      store.get(id).pipe(
        Effect.map(({ header }): Experiment.Header | undefined => header),
        Effect.catchIf(({ reason }) => reason === "NotFound", () => Effect.undefined),
        orSourceError
      ),
    named: (name) =>
      Stream.runCollect(store.list({ name })).pipe(
        Effect.map((entries) => entries.map(({ header }) => header).toReversed()),
        orSourceError
      ),
    read: <I, O, Ref, M>(id: string, data: Experiment.DataSchemas<I, O, Ref, M> = {}) =>
      readIfBegun(eventsOf(`The experiment ${id} in the store`, store.journalLines(id), data)).pipe(
        // The lines of an experiment that is there begin with its header.
        Effect.map((experiment) => experiment as Experiment.Experiment<I, O, Ref, M>),
        orSourceError
      ),
    claims: {
      take: (key, token, holder) => orSourceError(store.claims.take(key, token, holder)),
      beat: (key, token) => orSourceError(store.claims.beat(key, token)),
      release: (key, token) => orSourceError(store.claims.release(key, token))
    }
  })
