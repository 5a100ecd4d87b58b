/** Experiments as they stand in lists. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ExperimentStore } from "../../sql/ExperimentStore.ts"
import type * as Store from "../../sql/ExperimentStore.ts"
import type { StoreError } from "../../sql/StoreError.ts"
import type * as Api from "../Api.ts"

/** The experiments of a filter, the newest first. Those that run say how far they are. */
export const listEntries = (
  store: ExperimentStore["Service"],
  filter: Store.Filter
): Effect.Effect<ReadonlyArray<Api.Listed>, StoreError> =>
  Effect.flatMap(
    Stream.runCollect(store.list(filter)),
    (entries) =>
      Effect.forEach(entries, (entry) =>
        entry.footer === undefined ? runningEntry(store, entry) : Effect.succeed(endedEntry(entry, entry.footer)))
  )

const common = ({ header, status, updatedAt }: Store.Entry) => ({
  id: header.id,
  name: header.name,
  evaluation: header.evaluation,
  dataset: header.dataset.name,
  target: header.target.name,
  status,
  startTime: header.startTime,
  updatedAt
})

const endedEntry = (entry: Store.Entry, footer: NonNullable<Store.Entry["footer"]>): Api.Listed => ({
  ...common(entry),
  done: footer.rowCount,
  total: footer.rowCount,
  failedRows: footer.failedRows,
  scores: Object.entries(footer.summaries).flatMap(([key, { score }]) =>
    score === undefined ? [] : [{
      key,
      mean: score.mean,
      ...(score.interval.lower === undefined ? {} : { lower: score.interval.lower }),
      ...(score.interval.upper === undefined ? {} : { upper: score.interval.upper })
    }]
  )
})

/** What is there so far, from the columns of its rows. */
const runningEntry = (store: ExperimentStore["Service"], entry: Store.Entry): Effect.Effect<Api.Listed, StoreError> =>
  Effect.map(
    Stream.runFold(
      store.rowSummaries(entry.header.id),
      () => ({ done: 0, failedRows: 0, sums: new Map<string, { sum: number; count: number }>() }),
      (soFar, row) => {
        soFar.done++
        if (row.failed) soFar.failedRows++
        for (const { key, score } of row.scores) {
          if (score === undefined) continue
          const { count, sum } = soFar.sums.get(key) ?? { sum: 0, count: 0 }
          soFar.sums.set(key, { sum: sum + score, count: count + 1 })
        }
        return soFar
      }
    ),
    ({ done, failedRows, sums }) => ({
      ...common(entry),
      done,
      ...(entry.header.dataset.size === undefined
        ? {}
        : { total: entry.header.dataset.size * entry.header.repetitions }),
      failedRows,
      scores: Array.from(sums, ([key, { count, sum }]) => ({ key, mean: sum / count }))
    })
  )
