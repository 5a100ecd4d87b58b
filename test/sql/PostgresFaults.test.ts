import { PgClient } from "@effect/sql-pg"
import { assert, describe, layer } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { Evaluation } from "effect-evals"
import { ExperimentStore } from "effect-evals/sql"
import { killedAgainAndAgain } from "../support/killed.ts"
import { numbers } from "../support/run.ts"
import { layerDatabase, layerServer, PostgresServer } from "./postgres.ts"
import { canRunAsOthers } from "./support.ts"

const stored = ExperimentStore.layerTracingClient.pipe(Layer.provideMerge(ExperimentStore.layer))

describe.skipIf(!canRunAsOthers)("a real server", () => {
  layer(layerServer, { excludeTestServices: true })("that goes away", (it) => {
    it.effect("and comes back loses an experiment nothing", () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const half = yield* Deferred.make<void>()
        const back = yield* Deferred.make<void>()
        const running = yield* Evaluation.run(
          Evaluation.make("outage", {
            data: numbers(1500),
            target: (n) =>
              n < 500 ? n : Effect.as(Effect.andThen(Deferred.succeed(half, undefined), Deferred.await(back)), n)
          }),
          { concurrency: 4 }
        ).pipe(Effect.forkChild)
        yield* Deferred.await(half)
        yield* server.stop
        yield* Deferred.succeed(back, undefined)
        // Some batches find no server.
        yield* Effect.sleep("600 millis")
        yield* server.start
        const experiment = yield* Fiber.join(running)
        assert.deepStrictEqual(experiment.tracingFailures, [])
        const store = yield* ExperimentStore.ExperimentStore
        const rows = yield* Stream.runCollect(store.rows(experiment.id))
        assert.deepStrictEqual(rows.map(({ index }) => index), Array.from({ length: 1500 }, (_, n) => n))
        assert.strictEqual((yield* store.get(experiment.id)).status, "completed")
      }).pipe(Effect.provide(Layer.provide(stored, layerDatabase("outage")))), 60_000)

    it.effect("is missed by whoever asks meanwhile, with a clear error", () =>
      Effect.gen(function*() {
        const server = yield* PostgresServer
        const store = yield* ExperimentStore.ExperimentStore
        yield* server.stop
        const error = yield* Effect.flip(store.get("any"))
        assert.strictEqual(error.reason, "Database")
        assert.match(error.message, /The database of the experiments failed: .*onnect/)
        yield* server.start
        const again = yield* Effect.flip(store.get("any"))
        assert.strictEqual(again.reason, "NotFound")
      }).pipe(Effect.provide(Layer.provide(stored, layerDatabase("missed")))), 60_000)

    it.effect("has a program killed again and again do nothing twice that is recorded", () =>
      Effect.gen(function*() {
        const { url } = yield* PostgresServer
        yield* Layer.build(layerDatabase("killed"))
        const client = PgClient.layer({ url: Redacted.make(url("killed")), maxConnections: 1 })
        const recorded = ExperimentStore.ExperimentStore.use((store) =>
          store.list({ name: "resumed" }).pipe(
            Stream.mapEffect(({ header }) => store.read(header.id)),
            Stream.runCollect,
            Effect.map((experiments) => experiments.toReversed())
          )
        ).pipe(Effect.provide(Layer.provide(ExperimentStore.layer, client)))
        yield* killedAgainAndAgain(8, ["postgres", url("killed")], () => recorded)
      }).pipe(Effect.scoped), 240_000)
  })
})
