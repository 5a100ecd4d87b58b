import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { JobMigrations } from "effect-evals/jobs"
import { SqliteClient } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { makePatience } from "../../src/jobs/internal/patience.ts"
import { makeSubmissions } from "../../src/jobs/internal/submissions.ts"
import { makeWork } from "../../src/jobs/internal/work.ts"

const tables = Layer.effectDiscard(JobMigrations.run).pipe(
  Layer.provideMerge(SqliteClient.layer({ filename: ":memory:" }))
)

describe("a chunk that two workers believe to have", () => {
  it.effect("is that of the one who took it last, as long as it answers", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const work = makeWork(sql, makePatience())
      yield* makeSubmissions(sql).submit([{ id: "job", evaluation: "squares", payload: "{}", settings: "{}" }])
      const { job_key = 0 } = (yield* work.begin("job", 1)) ?? {}
      yield* work.addChunks(job_key, [{ chunk: 0, first_row: 0, row_count: 2, examples: "[]" }])
      const standing = (worker: string) => work.standing(job_key, 1, 0, worker)
      const want = work.want(job_key, 1, 0, "suspended")
      const takeWanted = work.takeWanted(job_key, 1, 0, "suspended")

      assert.deepInclude(yield* work.claim(job_key, 1, 0, "suspended"), { chunk: 0, done: 0 })
      assert.strictEqual(yield* standing("suspended"), "own")
      // The same lane, on another machine.
      assert.deepInclude(yield* work.claim(job_key, 1, 0, "other"), { chunk: 0, done: 0 })
      assert.strictEqual(yield* standing("suspended"), "taken")
      assert.strictEqual(yield* standing("other"), "own")
      // Another lane finds nothing to do.
      assert.isUndefined(yield* work.claim(job_key, 1, 1, "third"))

      yield* want
      assert.strictEqual(yield* standing("other"), "own")
      assert.isUndefined(yield* takeWanted)
      assert.strictEqual(yield* standing("suspended"), "taken")

      yield* work.record(job_key, 0, [{ row_index: 0, failed: 0, data: "{}" }])
      yield* want
      assert.deepInclude(yield* takeWanted, { chunk: 0, done: 1 })
      assert.strictEqual(yield* standing("suspended"), "own")
      assert.strictEqual(yield* standing("other"), "taken")

      // What both have made is recorded, and counted, once.
      yield* work.record(job_key, 0, [{ row_index: 0, failed: 1, data: "[]" }, { row_index: 1, failed: 1, data: "{}" }])
      assert.deepStrictEqual(yield* work.counts(job_key), { done: 2, failed: 1, missing: 0 })
      assert.strictEqual(yield* standing("other"), "over")
      assert.isUndefined(yield* takeWanted)
    }).pipe(Effect.provide(tables)))
})
