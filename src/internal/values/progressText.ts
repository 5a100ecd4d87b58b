/** Progress in words and bars. Pure: the reporters decide when and where. */
import type * as Progress from "../../Progress.ts"

/** How many rows a second, over the last looks: a moving window follows a rate that changes. */
export class PaceMeter {
  readonly #looks: Array<{ readonly millis: number; readonly done: number }> = []

  add({ done, elapsedMillis }: Progress.Snapshot): number | undefined {
    this.#looks.push({ millis: elapsedMillis, done })
    while (this.#looks.length > 2 && elapsedMillis - (this.#looks[0]?.millis ?? 0) > windowMillis) this.#looks.shift()
    const first = this.#looks[0]
    const millis = first === undefined || this.#looks.length === 1 ? elapsedMillis : elapsedMillis - first.millis
    const rows = first === undefined || this.#looks.length === 1 ? done : done - first.done
    return millis < 200 || rows === 0 ? undefined : rows / (millis / 1000)
  }
}

const windowMillis = 15_000

/** Rows that take longer than this are named. */
const slowMillis = 10_000

const number = new Intl.NumberFormat("en-US")

/** Such as `412 of 1,319 rows (31 %), 24.3 a second, 37 s left, 3 failed`. */
export const progressLine = (snapshot: Progress.Snapshot, rate: number | undefined): string => {
  const { done, failed, reused, status, total } = snapshot
  const parts = [
    total === undefined
      ? `${number.format(done)} rows`
      : `${number.format(done)} of ${number.format(total)} rows (${percent(done, total)})`
  ]
  if (status === "running") {
    if (rate !== undefined) parts.push(`${formatRate(rate)} a second`)
    if (rate !== undefined && total !== undefined) parts.push(`${formatMillis((total - done) / rate * 1000)} left`)
  } else parts.push(`${status} after ${formatMillis(snapshot.elapsedMillis)}`)
  if (reused > 0) parts.push(`${number.format(reused)} reused`)
  if (failed > 0) parts.push(`${number.format(failed)} failed`)
  return parts.join(", ")
}

const percent = (done: number, total: number): string => total === 0 ? "100 %" : `${Math.floor(done / total * 100)} %`

const formatRate = (rate: number): string => rate >= 100 ? number.format(Math.round(rate)) : rate.toPrecision(3)

/** Such as `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export const formatMillis = (millis: number): string => {
  if (millis < 1000) return `${Math.max(0, Math.round(millis))} ms`
  const seconds = Math.round(millis / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Such as `correct 0.71, length 23.1`. */
export const meansLine = ({ means }: Progress.Snapshot): string =>
  means.map(({ key, mean }) => `${key} ${formatMean(mean)}`).join(", ")

/** Three significant digits, and no exponent where one can do without. */
const formatMean = (mean: number): string =>
  Math.abs(mean) >= 1000 ? number.format(Math.round(mean)) : String(Number(mean.toPrecision(3)))

/** What has been in flight longest, if that is long: `q017 (target, 42 s), q101 #2 (evaluators, 12 s)`. */
export const slowLine = ({ inFlight, status }: Progress.Snapshot): string =>
  status !== "running" ? "" : inFlight.filter(({ millis }) => millis >= slowMillis).slice(0, 3).map((row) => {
    const repetition = row.repetition === 0 ? "" : ` #${row.repetition + 1}`
    return `${row.exampleId}${repetition} (${row.stage}, ${formatMillis(row.millis)})`
  }).join(", ")

/** The lines of a live display, no wider than the terminal. */
export const liveLines = (
  name: string,
  snapshot: Progress.Snapshot,
  rate: number | undefined,
  width: number
): ReadonlyArray<string> => {
  const text = progressLine(snapshot, rate)
  const barWidth = Math.min(30, width - name.length - text.length - 4)
  const bar = snapshot.total === undefined || barWidth < 8
    ? ""
    : `${barOf(snapshot.done / Math.max(1, snapshot.total), barWidth)} `
  const means = meansLine(snapshot)
  const slow = slowLine(snapshot)
  return [
    `${name}  ${bar}${text}`,
    ...(means === "" ? [] : [`  ${means}`]),
    ...(slow === "" ? [] : [`  longest: ${slow}`])
  ].map((line) => line.length > width ? `${line.slice(0, width - 1)}…` : line)
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

/** A bar of so many columns, exact to an eighth of one. */
export const barOf = (share: number, width: number): string => {
  const units = Math.round(Math.max(0, Math.min(1, share)) * width * 8)
  const full = Math.floor(units / 8)
  const rest = eighths[units % 8] ?? ""
  return ("█".repeat(full) + rest).padEnd(width, "░")
}
