/** The experiment store over a SQL database. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { ExperimentStore } from "../ExperimentStore.ts"
import { run } from "../Migrations.ts"
import { makeReading } from "./experimentReading.ts"
import { makeWriting } from "./experimentWriting.ts"
import { makeFeedback } from "./feedback.ts"

export const makeExperimentStore = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* run
  return {
    ...makeReading(sql),
    ...makeWriting(sql),
    ...makeFeedback(sql)
  } satisfies ExperimentStore["Service"]
})
