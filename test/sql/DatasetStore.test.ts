import { DatasetStore } from "effect-evals/sql"
import { datasetSuite } from "./datasetSuite.ts"

datasetSuite("in memory", DatasetStore.layerMemory)
