import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { DatasetStore, ExperimentStore, Migrations } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { datasetSuite } from "./datasetSuite.ts"
import { experimentSuite } from "./experimentSuite.ts"
import { layerPostgres } from "./postgres.ts"
import { scoresSuite } from "./scoresSuite.ts"
import { canRunAsOthers } from "./support.ts"

describe.skipIf(!canRunAsOthers)("a real server", () => {
  experimentSuite("on PostgreSQL", Layer.provide(ExperimentStore.layer, layerPostgres))

  datasetSuite("on PostgreSQL", Layer.provide(DatasetStore.layer, layerPostgres))

  scoresSuite("on PostgreSQL", layerPostgres)

  layer(layerPostgres)("migrations on PostgreSQL", (it) => {
    it.effect("run once, however many begin at once, and refuse what is newer", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        assert.strictEqual(yield* Migrations.versionInDatabase, 0)
        yield* Effect.all([Migrations.run, Migrations.run, Migrations.run], { concurrency: "unbounded" })
        assert.strictEqual(yield* Migrations.versionInDatabase, Migrations.version)
        assert.strictEqual((yield* sql`SELECT * FROM evals_migrations`).length, Migrations.version)
        const newer = Migrations.version + 2
        yield* sql`INSERT INTO evals_migrations ${sql.insert({ migration_id: newer, name: "from the future" })}`
        const error = yield* Effect.flip(Layer.build(DatasetStore.layer))
        assert.deepInclude(error, { _tag: "SchemaTooNew", found: newer, known: Migrations.version })
      }).pipe(Effect.scoped))
  })
})
