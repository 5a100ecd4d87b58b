/** `effect-evals list`: the experiments of the store. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { toJson } from "../../../internal/values/json.ts"
import { formatCount, formatDuration, formatMean } from "../../../internal/values/numbers.ts"
import { makeStyle } from "../../../reports/style.ts"
import { renderTable } from "../../../reports/table.ts"
import { oneLine } from "../../../reports/text.ts"
import * as ExperimentStore from "../../../sql/ExperimentStore.ts"
import { type Call, type CommandEffect, numberOf, textOf, textsOf } from "../command.ts"
import { usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import type { Screen } from "../screen.ts"
import { messageOf } from "../sourcePosition.ts"
import { shownStore, storeExists, storeLayer } from "../store.ts"
import { ago } from "../time.ts"

const shownKeys = 4

export const list = ({ project, said, screen }: Call): CommandEffect =>
  Effect.gen(function*() {
    if (!storeExists(project)) {
      screen.notice(`There are no experiments yet: ${shownStore(project)} is not there. Run some: effect-evals run`)
      return ExitCode.done
    }
    const tags = textsOf(said, "tag")
    const status = statuses.find((status) => status === textOf(said, "status"))
    const entries = yield* ExperimentStore.ExperimentStore.use((store) =>
      Stream.runCollect(store.list({
        evaluation: textOf(said, "evaluation"),
        dataset: textOf(said, "dataset"),
        tags: tags.length === 0 ? undefined : tags,
        status,
        limit: numberOf(said, "limit") ?? 20
      }))
    ).pipe(
      Effect.mapError((error) => usage(`The experiments cannot be listed. ${messageOf(error)}`, error)),
      Effect.provide(storeLayer(project, { create: false }))
    )
    for (const { footer, header, status, updatedAt } of entries) {
      screen.machine({ event: "experiment", status, updatedAt, header: toJson(header), footer: toJson(footer) ?? null })
    }
    if (screen.json) return ExitCode.done
    screen.human(
      entries.length === 0 ? `No experiment in ${shownStore(project)} is like that.` : table(entries, screen)
    )
    return ExitCode.done
  })

const statuses = ["completed", "interrupted", "failed", "running"] as const

/** One that still runs writes its rows as they come; one that was killed falls silent. */
const silentMillis = 60_000

const table = (entries: ReadonlyArray<ExperimentStore.Entry>, { color, width }: Screen): string => {
  const style = makeStyle(color)
  const colors = { completed: style.good, interrupted: style.warn, failed: style.bad, running: style.bold }
  const now = Date.now()
  return renderTable(
    [
      { title: style.dim("experiment") },
      { title: style.dim("id"), spare: 4 },
      { title: style.dim("status") },
      { title: style.dim("rows"), align: "right" },
      { title: style.dim("failed"), align: "right", spare: 1 },
      { title: style.dim("means"), spare: 2 },
      { title: style.dim("took"), align: "right", spare: 3 },
      { title: style.dim("began"), align: "right" }
    ],
    entries.map(({ footer, header, status, updatedAt }) => {
      const { id, name, startTime } = header
      const keys = Object.entries(footer?.summaries ?? {}).flatMap(([key, { score }]) =>
        score?.mean === undefined ? [] : [`${oneLine(key, 20)} ${formatMean(score.mean)}`]
      )
      return [
        style.bold(oneLine(name, 40)),
        style.dim(id.slice(-8)),
        colors[status](status) +
        (status === "running" && now - updatedAt > silentMillis
          ? style.dim(`, silent since ${ago(updatedAt, now)}`)
          : ""),
        footer === undefined ? "" : formatCount(footer.rowCount),
        footer === undefined ? "" : footer.failedRows === 0 ? "0" : style.bad(formatCount(footer.failedRows)),
        keys.slice(0, shownKeys).join("  ") +
        (keys.length > shownKeys ? style.dim(`  +${keys.length - shownKeys}`) : ""),
        footer === undefined ? "" : formatDuration(footer.endTime - startTime),
        ago(startTime, now)
      ]
    }),
    width
  )
}
