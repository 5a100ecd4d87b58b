import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer } from "effect"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { experimentSuite } from "./experimentSuite.ts"
import { scoresSuite } from "./scoresSuite.ts"

experimentSuite("in memory", ExperimentStore.layerMemory)

experimentSuite(
  "on a SQLite file",
  Layer.unwrap(Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const filename = `${yield* fileSystem.makeTempDirectoryScoped()}/evals.db`
    return Layer.provide(ExperimentStore.layer, SqliteClient.layer({ filename }))
  })).pipe(Layer.provide(NodeServices.layer))
)

scoresSuite("on SQLite", SqliteClient.layer({ filename: ":memory:" }))
