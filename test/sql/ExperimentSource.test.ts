import { Effect, Layer } from "effect"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { sourceSuite } from "../support/sourceSuite.ts"

const directory = mkdtempSync(join(tmpdir(), "effect-evals-source-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const client = SqliteClient.layer({ filename: join(directory, "evals.db") })

sourceSuite(
  "in SQLite",
  ExperimentStore.layerTracingClient.pipe(Layer.provide(ExperimentStore.layer), Layer.provide(client)),
  SqlClient.SqlClient.use((sql) => sql`UPDATE evals_claims SET expires_at = 0`).pipe(
    Effect.provide(client),
    Effect.asVoid,
    Effect.orDie
  )
)
