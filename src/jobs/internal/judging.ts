/**
 * Runs that wait for their judges. A row is written when it is judged, which may take a model minutes: until then, the run
 * alone is kept, so that nobody pays for it again.
 */
import * as Effect from "effect/Effect"
import { pause } from "../../internal/values/pause.ts"
import type * as Row from "../../Row.ts"
import type { Codec } from "./rowCodec.ts"
import type { ChunkRecord, Work } from "./work.ts"

/** How often runs are written that are still judged; a run whose judges take less than that costs nothing. */
const keepEvery = 250

export interface Judging {
  /** A run has ended and waits for its judges. */
  readonly begin: (row: Row.Row) => void
  /** It has its row. */
  readonly end: (index: number) => void
  /** Writes what is judged for a while already, again and again. */
  readonly keep: Effect.Effect<never>
  /** The chunk is done, and so are they. */
  readonly forget: Effect.Effect<void>
}

export const makeJudging = (
  work: Work,
  job_key: number,
  chunk: ChunkRecord,
  codec: Codec,
  /** Those that are kept already. */
  kept: Set<number>
): Judging => {
  const judged = new Map<number, Row.Row>()
  let waiting: ReadonlySet<number> = new Set()
  const keepOnce = Effect.gen(function*() {
    // Those that were there when this was done last.
    const rows = Array.from(judged.values()).filter(({ index }) => waiting.has(index) && !kept.has(index))
    waiting = new Set(judged.keys())
    if (rows.length === 0) return
    yield* work.keepRuns(
      job_key,
      rows.map((row) => {
        const row_index = chunk.first_row + row.index
        return { row_index, data: codec.encodeRow({ ...row, index: row_index }) }
      })
    )
    for (const { index } of rows) kept.add(index)
  })
  return {
    begin(row) {
      // A target that failed has cost little, and may be better off the next time.
      if (row.run.outcome._tag === "Succeeded") judged.set(row.index, row)
    },
    end: (index) => void judged.delete(index),
    keep: Effect.forever(Effect.andThen(pause(keepEvery), keepOnce)),
    forget: Effect.suspend(() => kept.size === 0 ? Effect.void : work.forgetRuns(job_key, chunk))
  }
}
