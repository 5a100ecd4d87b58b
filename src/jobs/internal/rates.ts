/**
 * Rates that are counted in the database of the jobs: a store for Effect's `RateLimiter` that all workers have already. The
 * clock is that of the database, since those of the machines may differ.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"
import { columnText } from "./database.ts"
import type { Patiently } from "./patience.ts"

type Store = RateLimiter.RateLimiterStore["Service"]

/** Counts of which nothing is held back any more are deleted; they would begin again as they are. */
export const forgetRates = (sql: SqlClient.SqlClient, patiently: Patiently): Effect.Effect<void> =>
  Effect.asVoid(patiently(sql`DELETE FROM evals_job_rates WHERE expires_at < ${nowIn(sql)}`))

const nowIn = (sql: SqlClient.SqlClient) =>
  sql.literal(sql.onDialectOrElse({
    pg: () => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS DOUBLE PRECISION)",
    orElse: () => "(unixepoch('subsec') * 1000.0)"
  }))

interface RateRecord {
  readonly tokens: number
  readonly counted_at: number
  readonly expires_at: number
  readonly now: number
}

export const layerRates = (sql: SqlClient.SqlClient, patiently: Patiently): Layer.Layer<RateLimiter.RateLimiter> =>
  RateLimiter.layer.pipe(Layer.provide(Layer.effect(
    RateLimiter.RateLimiterStore,
    Effect.gen(function*() {
      // What a server says to one caller is no rate that was asked for, and nobody here passes it on.
      const memory = Context.get(yield* Layer.build(RateLimiter.layerStoreMemory), RateLimiter.RateLimiterStore)
      return { ...memory, ...makeStore(sql, patiently) }
    })
  )))

/** Each count is one statement, so that of several workers who count at once each gets another place. */
export const makeStore = (
  sql: SqlClient.SqlClient,
  patiently: Patiently
): Pick<Store, "fixedWindow" | "tokenBucket"> => {
  const now = nowIn(sql)
  const least = sql.literal(sql.onDialectOrElse({ pg: () => "LEAST", orElse: () => "MIN" }))
  const greatest = sql.literal(sql.onDialectOrElse({ pg: () => "GREATEST", orElse: () => "MAX" }))
  const floor = (number: Fragment) =>
    sql.onDialectOrElse({
      pg: () => sql`FLOOR(${number})`,
      // It is never below 0, and not every SQLite has FLOOR.
      orElse: () => sql`CAST(${number} AS INTEGER)`
    })
  const there = sql.literal("evals_job_rates")
  /** What was written, or what is there if nothing was because the limit does not allow it. */
  const counted = (key: string, write: Effect.Effect<ReadonlyArray<RateRecord>, SqlError>) =>
    patiently(Effect.gen(function*() {
      for (;;) {
        const [written] = yield* write
        if (written !== undefined) return { ...written, allowed: true }
        const [found] = yield* sql<RateRecord>`
          SELECT tokens, counted_at, expires_at, ${now} AS now FROM evals_job_rates WHERE rate_key = ${key}`
        // It may have been deleted just now.
        if (found !== undefined) return { ...found, allowed: false }
      }
    }))

  return {
    tokenBucket: Effect.fnUntraced(function*({ allowOverflow, key: name, limit, refillRate, tokens }) {
      const key = columnText(`bucket/${name}`)
      const refill = Duration.toMillis(refillRate)
      const added = floor(sql`${greatest}(0, excluded.counted_at - ${there}.counted_at) / ${refill}`)
      const refilled = sql`${least}(${limit}, ${there}.tokens + ${added})`
      const record = yield* counted(
        key,
        sql<RateRecord>`
          INSERT INTO evals_job_rates (rate_key, tokens, counted_at, expires_at)
          VALUES (${key}, ${limit - tokens}, ${now}, ${now} + ${tokens * refill})
          ON CONFLICT (rate_key) DO UPDATE SET
            tokens = ${refilled} - ${tokens},
            counted_at = CASE
              WHEN ${refilled} >= ${limit} THEN ${greatest}(excluded.counted_at, ${there}.counted_at)
              ELSE ${there}.counted_at + ${added} * ${refill} END,
            expires_at = excluded.counted_at + (${limit + tokens} - ${refilled}) * ${refill}
          ${allowOverflow ? sql.literal("") : sql`WHERE ${refilled} >= ${tokens}`}
          RETURNING tokens, counted_at, expires_at, ${now} AS now`
      )
      const elapsed = Math.max(0, record.now - record.counted_at)
      if (record.allowed) return [record.tokens, Math.min(elapsed, refill)]
      return [Math.min(limit, record.tokens + Math.floor(elapsed / refill)) - tokens, elapsed % refill]
    }),
    fixedWindow: Effect.fnUntraced(function*({ key: name, limit, refillRate, tokens }) {
      const key = columnText(`window/${name}`)
      const lasts = tokens * Duration.toMillis(refillRate)
      const isOver = sql`${there}.expires_at <= excluded.counted_at`
      const record = yield* counted(
        key,
        sql<RateRecord>`
          INSERT INTO evals_job_rates (rate_key, tokens, counted_at, expires_at)
          VALUES (${key}, ${tokens}, ${now}, ${now} + ${lasts})
          ON CONFLICT (rate_key) DO UPDATE SET
            tokens = CASE WHEN ${isOver} THEN ${tokens} ELSE ${there}.tokens + ${tokens} END,
            expires_at = CASE WHEN ${isOver} THEN excluded.counted_at ELSE ${there}.expires_at END + ${lasts},
            counted_at = excluded.counted_at
          ${limit === undefined ? sql.literal("") : sql`WHERE ${isOver} OR ${there}.tokens <= ${limit - tokens}`}
          RETURNING tokens, counted_at, expires_at, ${now} AS now`
      )
      const left = Math.max(0, record.expires_at - record.now)
      return [record.allowed ? record.tokens : record.tokens + tokens, left]
    })
  }
}
