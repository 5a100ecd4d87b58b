import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Evaluation } from "effect-evals"
import { ExperimentStore, Migrations, SqliteClient } from "effect-evals/sql"
import { Migrator, SqlClient } from "effect/sql"
import { createTables } from "../../src/sql/internal/tables.ts"
import { numbers } from "../support/run.ts"
import { canMount, empty, fill, tinyDisk } from "../support/tinyDisk.ts"
import { onFile, withFile } from "./support.ts"

const stored = (filename: string) =>
  Effect.provide(
    ExperimentStore.layerTracingClient.pipe(
      Layer.provideMerge(ExperimentStore.layer),
      Layer.provideMerge(SqliteClient.layer({ filename }))
    )
  )

describe("tables of an older version", () => {
  it.effect("are brought to the newest, with what is in them", () =>
    withFile((filename) =>
      Effect.gen(function*() {
        yield* Migrator.make({})({
          loader: Migrator.fromRecord({ "1_create_tables": createTables }),
          table: "evals_migrations"
        }).pipe(onFile(filename))
        yield* SqlClient.SqlClient.use((sql) =>
          sql`INSERT INTO evals_datasets ${
            sql.insert({ name: "old", metadata: "{}", version: 0, next_place: 0, created_at: 0 })
          }`
        ).pipe(onFile(filename))
        assert.strictEqual(yield* Migrations.versionInDatabase.pipe(onFile(filename)), 1)
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          assert.strictEqual(yield* Migrations.versionInDatabase, Migrations.version)
          assert.deepStrictEqual(yield* sql`SELECT name FROM evals_datasets`, [{ name: "old" }])
          const experiment = yield* Evaluation.run(Evaluation.make("t", { data: numbers(3), target: (n) => n }))
          const store = yield* ExperimentStore.ExperimentStore
          assert.strictEqual((yield* store.read(experiment.id)).rowCount, 3)
        }).pipe(stored(filename))
      })
    ))
})

describe.skipIf(!canMount)("a disk that is full", () => {
  it.live("costs the rows that found no room, and spoils none of the others", () =>
    Effect.gen(function*() {
      const directory = yield* tinyDisk(4096)
      const text = "x".repeat(1000)
      yield* Effect.gen(function*() {
        const experiment = yield* Evaluation.run(
          Evaluation.make("t", {
            data: numbers(900),
            target: (n) =>
              Effect.gen(function*() {
                if (n === 300) yield* fill(directory, 20_000)
                if (n === 600) yield* empty(directory)
                // What is done is written before the next one begins.
                if (n % 30 === 0) yield* Effect.sleep(60)
                return text
              })
          }),
          { concurrency: 1 }
        )
        const lost = experiment.tracingFailures.reduce((sum, { rows }) => sum + rows, 0)
        assert.isAbove(lost, 100)
        assert.isBelow(lost, 500)
        assert.match(experiment.tracingFailures[0]?.message ?? "", /disk that the database .* is on is full/)
        const store = yield* ExperimentStore.ExperimentStore
        assert.strictEqual((yield* Stream.runCollect(store.rows(experiment.id))).length, 900 - lost)
        assert.strictEqual((yield* store.get(experiment.id)).status, "completed")
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`PRAGMA integrity_check`.values, [["ok"]])
      }).pipe(stored(`${directory}/evals.db`))
    }).pipe(Effect.scoped), 30_000)
})
