/** Rows that a job has recorded already, for the engine to take over instead of making them again. */
import type { Reuse, Reused } from "../../internal/engine/reuse.ts"
import type * as Row from "../../Row.ts"

export interface RecordedRows extends Reuse {
  readonly add: (row: Row.Row) => void
}

/** Each row is given once, and forgotten then: no more is held than was added and not taken. */
export const makeRecordedRows = (): RecordedRows => {
  const byRun = new Map<string, Reused>()
  return {
    counts: undefined,
    add: ({ evaluations, example, run }) => void byRun.set(`${run.repetition}/${example.id}`, { run, evaluations }),
    take(example, repetition) {
      const key = `${repetition}/${example.id}`
      const reused = byRun.get(key)
      byRun.delete(key)
      return reused
    }
  }
}
