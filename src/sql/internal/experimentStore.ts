/** The experiment store over a SQL database. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { ExperimentStore } from "../ExperimentStore.ts"
import { run } from "../Migrations.ts"
import { makeClaims } from "./claims.ts"
import { makeReading } from "./experimentReading.ts"
import { orStoreError } from "./experimentRecords.ts"
import { makeWriting } from "./experimentWriting.ts"
import { makeFeedback } from "./feedback.ts"

export const makeExperimentStore = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* run
  const { beat, release, take } = makeClaims(sql)
  return {
    ...makeReading(sql),
    ...makeWriting(sql),
    ...makeFeedback(sql),
    claims: {
      take: (key, token, holder) => orStoreError(take(key, token, holder)),
      beat: (key, token) => orStoreError(beat(key, token)),
      release: (key, token) => orStoreError(release(key, token))
    }
  } satisfies ExperimentStore["Service"]
})
