import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Schema } from "effect"
import { JobMigrations } from "effect-evals/jobs"
import { SqliteClient } from "effect-evals/sql"
import { RateLimiter } from "effect/persistence"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { makePatience } from "../../src/jobs/internal/patience.ts"
import { forgetRates, makeStore } from "../../src/jobs/internal/rates.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const patiently = makePatience()
const refillRate = Duration.hours(1)

/** So much time goes by for the database: what it has noted is that much older. */
const later = (sql: SqlClient.SqlClient, millis: number) =>
  sql`UPDATE evals_job_rates SET counted_at = counted_at - ${millis}, expires_at = expires_at - ${millis}`

const tables = Layer.effectDiscard(JobMigrations.run).pipe(
  Layer.provideMerge(SqliteClient.layer({ filename: ":memory:" }))
)

describe("rates in the database", () => {
  it.effect.prop(
    "are counted as Effect counts them in memory",
    {
      limit: between(3, 6),
      steps: Schema.Array(Schema.Struct({
        halfHours: between(0, 5),
        tokens: between(1, 3),
        window: Schema.Boolean,
        allowed: Schema.Boolean
      })).check(Schema.isMaxLength(25))
    },
    ({ limit, steps }) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const database = makeStore(sql, patiently)
        const memory = Context.get(
          yield* Layer.build(Layer.fresh(RateLimiter.layerStoreMemory)),
          RateLimiter.RateLimiterStore
        )
        for (const { allowed, halfHours, tokens, window } of steps) {
          yield* later(sql, halfHours * 1_800_000)
          yield* TestClock.adjust(Duration.minutes(30 * halfHours))
          // Changes nothing.
          yield* forgetRates(sql, patiently)
          const count = (store: typeof database): Effect.Effect<readonly [number, number], unknown> =>
            window
              ? store.fixedWindow({
                key: "k",
                tokens,
                refillRate,
                limit: allowed ? undefined : limit
              })
              : store.tokenBucket({
                key: "k",
                tokens,
                limit: limit,
                refillRate,
                allowOverflow: allowed
              })
          const [expected, found] = [yield* count(memory), yield* count(database)]
          assert.strictEqual(found[0], expected[0])
          // The database goes by the time that it takes.
          assert.closeTo(found[1], expected[1], 60_000)
        }
        const [left] = yield* sql<{ count: number }>`SELECT COUNT(*) AS count FROM evals_job_rates`
        yield* later(sql, 1000 * 3_600_000)
        yield* forgetRates(sql, patiently)
        const [none] = yield* sql<{ count: number }>`SELECT COUNT(*) AS count FROM evals_job_rates`
        assert.strictEqual((left?.count ?? 0) > 0, steps.length > 0)
        assert.strictEqual(none?.count, 0)
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(tables)))
  )

  it.effect("give everyone who counts at once another place", () =>
    Effect.gen(function*() {
      const { tokenBucket } = makeStore(yield* SqlClient.SqlClient, patiently)
      const counted = yield* Effect.forEach(
        Array.from({ length: 30 }),
        () => tokenBucket({ key: "k", tokens: 1, limit: 10, refillRate, allowOverflow: true }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        counted.map(([remaining]) => remaining).toSorted((a, b) => b - a),
        Array.from({ length: 30 }, (_, n) => 9 - n)
      )
    }).pipe(Effect.provide(tables)))
})
