/**
 * Measures, and holds the figures against their limits.
 *
 *     npm run bench                     all, as a table
 *     npm run bench -- --json           a JSON object a line
 *     npm run bench -- --only engine.   those whose name begins so
 *
 * The exit status is 1 when a limit is missed. Everything is measured in one go on one machine: compare the ratios, not
 * the figures of different machines.
 */
import { parseArgs } from "node:util"
import { renderTable } from "../src/reports/table.ts"
import { behaviour } from "./behaviour.ts"
import type { Line } from "./bench.ts"
import { durable } from "./durable.ts"
import { engine } from "./engine.ts"
import { jobs } from "./jobs.ts"
import { judge } from "./judge.ts"
import { remote } from "./remote.ts"
import { scorers } from "./scorers.ts"
import { statistics } from "./statistics.ts"
import { surface } from "./surface.ts"

const { values: { json, only = "" } } = parseArgs({
  options: { json: { type: "boolean" }, only: { type: "string" } }
})

/** Whether any of a benchmark's lines can be wanted: a benchmark's name is the beginning of theirs. */
const wanted = (name: string): boolean => name.startsWith(only) || only.startsWith(name)

const lines: Array<Line> = []
const all = [
  ...engine,
  ...statistics,
  ...scorers,
  ...judge,
  ...behaviour,
  ...durable,
  ...jobs,
  ...remote,
  ...surface
]
for (const benchmark of all) {
  if (!wanted(benchmark.name)) continue
  for await (const line of benchmark.run()) {
    if (!line.name.startsWith(only)) continue
    lines.push(line)
    if (json === true) process.stdout.write(JSON.stringify(toJson(line)) + "\n")
    else process.stderr.write(`${line.ok ? "ok  " : "MISS"} ${line.name}: ${format(line.value)} ${line.unit}\n`)
  }
}

function toJson(line: Line) {
  const { baseline, limit = null, name, ok, ratio = null, unit, value } = line
  return {
    name,
    value,
    unit,
    baseline: baseline?.value ?? null,
    baselineName: baseline?.name ?? null,
    ratio,
    limit,
    ok
  }
}

function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

if (json !== true) {
  const columns = [
    { title: "benchmark" },
    { title: "value", align: "right" as const },
    { title: "unit" },
    { title: "baseline", align: "right" as const },
    { title: "which is" },
    { title: "ratio", align: "right" as const },
    { title: "limit" },
    { title: "" }
  ]
  process.stdout.write(
    renderTable(
      columns,
      lines.map(({ baseline, limit, name, ok, ratio, unit, value }) => [
        name,
        format(value),
        unit,
        baseline === undefined ? "" : format(baseline.value),
        baseline?.name ?? "",
        ratio === undefined ? "" : ratio.toPrecision(3),
        limit ?? "",
        limit === undefined ? "" : ok ? "ok" : "MISSED"
      ])
    ) + "\n"
  )
}
process.exitCode = lines.every(({ ok }) => ok) ? 0 : 1
