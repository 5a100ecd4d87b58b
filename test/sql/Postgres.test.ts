import { Layer } from "effect"
import { DatasetStore, ExperimentStore } from "effect-evals/sql"
import { datasetSuite } from "./datasetSuite.ts"
import { experimentSuite } from "./experimentSuite.ts"
import { layerPostgres } from "./postgres.ts"

experimentSuite("on PostgreSQL", Layer.provide(ExperimentStore.layer, layerPostgres))

datasetSuite("on PostgreSQL", Layer.provide(DatasetStore.layer, layerPostgres))
