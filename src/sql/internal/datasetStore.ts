/** The dataset store over a SQL database. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { DatasetStore } from "../DatasetStore.ts"
import { run } from "../Migrations.ts"
import { makeDatasetChanges } from "./datasetChanges.ts"
import { makeDatasetInfos } from "./datasetInfos.ts"
import { makeDatasetReading } from "./datasetReading.ts"

export const makeDatasetStore = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* run
  return {
    ...makeDatasetInfos(sql),
    ...makeDatasetReading(sql),
    ...makeDatasetChanges(sql)
  } satisfies DatasetStore["Service"]
})
