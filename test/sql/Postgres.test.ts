import { Layer } from "effect"
import { ExperimentStore } from "effect-evals/sql"
import { experimentSuite } from "./experimentSuite.ts"
import { layerPostgres } from "./postgres.ts"

experimentSuite("on PostgreSQL", Layer.provide(ExperimentStore.layer, layerPostgres))
