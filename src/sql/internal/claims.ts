/** Claims in the database, whose clock counts: those of the machines that use it may differ. */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type ClaimStore, type Held, leaseMillis } from "../../internal/claims/claim.ts"
import { isGone } from "../../internal/claims/holder.ts"
import { columnText } from "./sql.ts"

interface ClaimRecord {
  readonly token: string
  readonly host: string
  readonly pid: number
  readonly since: number
  readonly beat: number
}

export const makeClaims = (sql: SqlClient.SqlClient): ClaimStore<SqlError> => {
  const now = sql.literal(sql.onDialectOrElse({
    pg: () => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS DOUBLE PRECISION)",
    orElse: () => "(unixepoch('subsec') * 1000.0)"
  }))

  const holderOf = (key: string) =>
    Effect.map(
      sql<ClaimRecord>`SELECT token, host, pid, since, beat FROM evals_claims WHERE claim_key = ${key}`,
      ([found]) => found
    )

  return {
    take: Effect.fnUntraced(function*(claim, token, holder): Effect.fn.Return<Held | undefined, SqlError> {
      const key = columnText(claim)
      for (;;) {
        const there = yield* holderOf(key)
        const gone = there !== undefined && isGone(there) ? there.token : ""
        // One statement, so that of several who come at once one has it.
        const taken = yield* sql`
          INSERT INTO evals_claims (claim_key, token, host, pid, since, beat, expires_at)
          VALUES (${key}, ${token}, ${
          columnText(holder.host)
        }, ${holder.pid}, ${holder.since}, 0, ${now} + ${leaseMillis})
          ON CONFLICT (claim_key) DO UPDATE SET token = excluded.token, host = excluded.host, pid = excluded.pid,
            since = excluded.since, beat = excluded.beat, expires_at = excluded.expires_at
          WHERE evals_claims.expires_at < ${now} OR evals_claims.token = ${gone}
          RETURNING token`
        if (taken.length > 0) return undefined
        const held = yield* holderOf(key)
        // It may have been given back just now.
        if (held !== undefined) return held
      }
    }),
    beat: (claim, token) =>
      Effect.map(
        sql`
          UPDATE evals_claims SET beat = beat + 1, expires_at = ${now} + ${leaseMillis}
          WHERE claim_key = ${columnText(claim)} AND token = ${token} RETURNING beat`,
        (beaten) => beaten.length > 0
      ),
    release: (claim, token) =>
      Effect.asVoid(sql`DELETE FROM evals_claims WHERE claim_key = ${columnText(claim)} AND token = ${token}`)
  }
}
