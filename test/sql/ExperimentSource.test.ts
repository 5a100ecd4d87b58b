import { NodeServices } from "@effect/platform-node"
import { describe } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { sourceSuite } from "../support/sourceSuite.ts"
import { layerPostgres } from "./postgres.ts"
import { canRunAsOthers } from "./support.ts"

const stored = <E>(client: Layer.Layer<SqlClient.SqlClient, E>) =>
  ExperimentStore.layerTracingClient.pipe(Layer.provide(ExperimentStore.layer), Layer.provideMerge(client))

const age = SqlClient.SqlClient.use((sql) => sql`UPDATE evals_claims SET expires_at = 0`).pipe(
  Effect.asVoid,
  Effect.orDie
)

sourceSuite(
  "in SQLite",
  stored(
    Layer.unwrap(Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      return SqliteClient.layer({ filename: `${yield* fileSystem.makeTempDirectoryScoped()}/evals.db` })
    })).pipe(Layer.provide(NodeServices.layer))
  ),
  age
)

describe.skipIf(!canRunAsOthers)("a real server", () => {
  sourceSuite("in PostgreSQL", stored(layerPostgres), age)
})
