/** Charts as SVG. Colours and fonts come from the classes of the page's style sheet; every chart says in words what it shows. */
import { bin, quantile } from "d3-array"
import { scaleLinear, scaleLog } from "d3-scale"
import { line } from "d3-shape"
import { formatCount, formatDuration, formatMean } from "../../../internal/values/numbers.ts"
import { html, type Markup, type Part } from "./markup.ts"

/** A column of a histogram: numbers from (and with) `from` to (without) `to`; the last one with `to`. */
export interface Column {
  readonly from: number
  readonly to: number
  readonly count: number
  /** The least number in it, where it also has those that are too small for the chart. */
  readonly least?: number | undefined
}

/** Columns of the same width between round numbers. Few different numbers have a column each. */
export const columnsOf = (values: ReadonlyArray<number>, about = 24): ReadonlyArray<Column> => {
  if (values.length === 0) return []
  const min = values.reduce((a, b) => Math.min(a, b))
  const max = values.reduce((a, b) => Math.max(a, b))
  if (min === max) return [{ from: min, to: max, count: values.length }]
  const within = min >= 0 && max <= 1 && max - min > 0.2
  const scale = scaleLinear().domain(within ? [0, 1] : [min, max]).nice(about)
  const [from = min, to = max] = scale.domain()
  const columns = bin().domain([from, to]).thresholds(scale.ticks(about).filter((tick) => tick > from && tick < to))(
    values
  )
  return columns.flatMap((column) =>
    column.x0 === undefined || column.x1 === undefined || column.x0 === column.x1
      ? column.length === 0 ? [] : [{ from: column.x0 ?? from, to: column.x1 ?? to, count: column.length }]
      : [{ from: column.x0, to: column.x1, count: column.length }]
  )
}

/** Columns that grow with the numbers, for times, which differ by factors. */
export const growingColumns = (values: ReadonlyArray<number>, count = 28): ReadonlyArray<Column> => {
  const positive = values.map((value) => Math.max(value, 0.001))
  if (positive.length === 0) return []
  const min = positive.reduce((a, b) => Math.min(a, b))
  const max = positive.reduce((a, b) => Math.max(a, b))
  const median = quantile(positive, 0.5) ?? min
  // A few that are very small, such as failures, are no reason for a chart that is empty for the most part.
  const low = Math.max(min, median / 30)
  if (max / low < 1.05) return [{ from: min, to: max, count: values.length }]
  const scale = scaleLog().domain([low, max * 1.000001]).range([0, count])
  const counts = new Array<number>(count).fill(0)
  for (const value of positive) {
    const place = Math.max(0, Math.min(count - 1, Math.floor(scale(value))))
    counts[place] = (counts[place] ?? 0) + 1
  }
  return counts.map((amount, i) => ({
    from: scale.invert(i),
    to: scale.invert(i + 1),
    count: amount,
    ...(i === 0 && low > min ? { least: 0 } : {})
  }))
}

interface HistogramOptions {
  readonly width: number
  readonly height: number
  /** What is counted, for the words: `rows by latency`. */
  readonly title: string
  readonly format: (value: number) => string
  readonly logarithmic?: boolean
  /** Lines at some values, with what they are. */
  readonly marks?: ReadonlyArray<{ readonly value: number; readonly text: string; readonly before?: boolean }>
  /** Where the column leads. */
  readonly link?: ((column: Column) => string) | undefined
}

export const histogram = (columns: ReadonlyArray<Column>, options: HistogramOptions): Markup | undefined => {
  const [first] = columns
  const last = columns.at(-1)
  if (first === undefined || last === undefined) return undefined
  const { format, height, link, marks = [], title, width } = options
  const top = marks.length > 0 ? 16 : 4
  const bottom = height - 18
  const single = columns.length === 1
  const scale = options.logarithmic === true && !single ? scaleLog() : scaleLinear()
  const x = scale.domain(single ? [first.from - 0.5, first.from + 0.5] : [first.from, last.to]).range([1, width - 1])
  const most = columns.reduce((most, { count }) => Math.max(most, count), 0)
  const y = scaleLinear().domain([0, most]).range([bottom, top])
  const bars = columns.map((column) => {
    if (column.count === 0) return undefined
    const left = single ? width / 2 - 14 : x(column.from)
    const right = single ? width / 2 + 14 : x(column.to)
    const barTop = Math.min(y(column.count), bottom - 1.5)
    const words = `${rangeText(column, format)}: ${formatCount(column.count)}`
    const bar = html`<rect class="bar" x="${px(left + 0.5)}" y="${px(barTop)}" width="${
      px(Math.max(1, right - left - 1))
    }" height="${px(bottom - barTop)}"><title>${words}</title></rect>`
    return link === undefined ? bar : html`<a href="${link(column)}" aria-label="${words}">${bar}</a>`
  })
  const ticks = single ? [first.from] : spreadTicks(options.logarithmic === true, [first.from, last.to], width)
  return svg(width, height, `${title}. ${wordsOf(columns, format)}`, [
    html`<line class="axis" x1="0" x2="${width}" y1="${bottom + 0.5}" y2="${bottom + 0.5}"/>`,
    bars,
    marks.map(({ before, text, value }) => {
      const at = Math.min(width - 1, Math.max(1, x(Math.max(first.from, Math.min(last.to, value)))))
      const anchor = before === true ? at > 100 ? "end" : "start" : at > width - 110 ? "end" : "start"
      return html`<line class="mark" x1="${px(at)}" x2="${px(at)}" y1="3" y2="${bottom}"/><text class="mark-text" x="${
        px(at + (anchor === "end" ? -4 : 4))
      }" y="11" text-anchor="${anchor}">${text}</text>`
    }),
    ticks.map((tick) => {
      const at = x(tick)
      const anchor = at < 14 ? "start" : at > width - 14 ? "end" : "middle"
      return html`<text class="tick" x="${px(at)}" y="${height - 5}" text-anchor="${anchor}">${format(tick)}</text>`
    })
  ])
}

const spreadTicks = (
  logarithmic: boolean,
  [from, to]: readonly [number, number],
  width: number
): ReadonlyArray<number> => {
  if (!logarithmic) return scaleLinear().domain([from, to]).ticks(Math.max(2, Math.floor(width / 90)))
  const ticks = [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]
    .flatMap((power) => [power, 2 * power, 5 * power]).filter((tick) => tick >= from && tick <= to)
  const step = Math.max(1, Math.ceil(ticks.length / Math.max(2, Math.floor(width / 80))))
  return ticks.length < 2 ? [from, to] : ticks.filter((_, i) => i % step === 0)
}

const rangeText = ({ from, least, to }: Column, format: (value: number) => string): string =>
  least !== undefined ? `up to ${format(to)}` : from === to ? format(from) : `${format(from)} to ${format(to)}`

const wordsOf = (columns: ReadonlyArray<Column>, format: (value: number) => string): string =>
  columns.filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count).slice(0, 3)
    .map((column) => `${rangeText(column, format)}: ${formatCount(column.count)}`).join("; ")

/** Amounts beside one another in one bar. */
export const strip = (
  parts: ReadonlyArray<
    { readonly name: string; readonly count: number; readonly tone: string; readonly link?: string }
  >,
  { height, title, width }: { readonly width: number; readonly height: number; readonly title: string }
): Markup => {
  const shown = parts.filter(({ count }) => count > 0)
  const total = shown.reduce((sum, { count }) => sum + count, 0)
  const x = scaleLinear().domain([0, Math.max(1, total)]).range([0, width])
  let before = 0
  return svg(width, height, `${title}: ${shown.map(({ count, name }) => `${formatCount(count)} ${name}`).join(", ")}`, [
    total === 0 ? html`<rect class="tone-none" width="${width}" height="${height}"/>` : undefined,
    shown.map(({ count, link, name, tone }) => {
      const left = x(before)
      before += count
      const words = `${formatCount(count)} ${name}`
      const part = html`<rect class="tone-${tone}" x="${px(left)}" width="${
        px(Math.max(1.5, x(count) - 1))
      }" height="${height}"><title>${words}</title></rect>`
      return link === undefined ? part : html`<a href="${link}" aria-label="${words}">${part}</a>`
    })
  ])
}

/** How often each label came, as bars with their names. */
export const labelBars = (
  labels: ReadonlyArray<{ readonly value: string; readonly count: number; readonly link?: string }>,
  { title, width }: { readonly title: string; readonly width: number }
): Markup => {
  const line = 18
  const most = labels.reduce((most, { count }) => Math.max(most, count), 1)
  const x = scaleLinear().domain([0, most]).range([0, width * 0.5])
  return svg(
    width,
    labels.length * line,
    `${title}: ${labels.map(({ count, value }) => `${value} ${formatCount(count)}`).join(", ")}`,
    labels.map(({ count, link, value }, i) => {
      const shown = value.length > 18 ? `${value.slice(0, 17)}…` : value
      const bar = html`<text class="label" x="${px(width * 0.4 - 8)}" y="${i * line + 13}" text-anchor="end">${shown}${
        shown === value ? undefined : html`<title>${value}</title>`
      }</text><rect class="bar" x="${px(width * 0.4)}" y="${i * line + 3}" width="${
        px(Math.max(1.5, x(count)))
      }" height="${line - 6}"/><text class="tick" x="${px(width * 0.4 + x(count) + 5)}" y="${i * line + 13}">${
        formatCount(count)
      }</text>`
      return link === undefined
        ? bar
        : html`<a href="${link}">${bar}</a>`
    })
  )
}

/** A point with the interval around it, on a scale that others share. */
export const pointInterval = (
  point: { readonly value: number; readonly lower?: number | undefined; readonly upper?: number | undefined },
  { domain, height = 16, mark, tone = "plain", width }: {
    readonly domain: readonly [number, number]
    readonly width: number
    readonly height?: number
    readonly tone?: string
    /** A place that is to be seen: where nothing is better or worse. */
    readonly mark?: number
  }
): Markup => {
  const x = scaleLinear().domain([...domain]).range([5, width - 5]).clamp(true)
  const middle = height / 2
  const { lower, upper, value } = point
  const words = lower === undefined || upper === undefined
    ? formatMean(value)
    : `${formatMean(value)}, between ${formatMean(lower)} and ${formatMean(upper)}`
  return svg(width, height, words, [
    html`<line class="track" x1="5" x2="${width - 5}" y1="${middle}" y2="${middle}"/>`,
    mark === undefined
      ? undefined
      : html`<line class="zero" x1="${px(x(mark))}" x2="${px(x(mark))}" y1="0" y2="${height}"/>`,
    lower === undefined || upper === undefined
      ? undefined
      : html`<line class="whisker tone-${tone}" x1="${px(x(lower))}" x2="${
        px(x(upper))
      }" y1="${middle}" y2="${middle}"/>`,
    html`<circle class="point tone-${tone}" cx="${px(x(value))}" cy="${middle}" r="3.5"/>`
  ])
}

/** Numbers over time with the intervals around them. */
export const trend = (
  points: ReadonlyArray<{
    readonly time: number
    readonly value: number
    readonly lower?: number | undefined
    readonly upper?: number | undefined
    readonly name: string
    readonly link: string
  }>,
  { height, title, width }: { readonly width: number; readonly height: number; readonly title: string }
): Markup | undefined => {
  const [first] = points
  if (first === undefined) return undefined
  const low = points.reduce((low, { lower, value }) => Math.min(low, lower ?? value), first.value)
  const high = points.reduce((high, { upper, value }) => Math.max(high, upper ?? value), first.value)
  // By order, not by date: runs come in bursts, and each is one step.
  const x = scaleLinear().domain([0, Math.max(1, points.length - 1)]).range([
    points.length === 1 ? width / 2 : 44,
    width - 10
  ])
  const y = scaleLinear().domain(low === high ? [low - 0.5, high + 0.5] : [low, high]).nice(4).range([height - 10, 8])
  const place = (i: number): number => points.length === 1 ? width / 2 : x(i)
  const path = line<(typeof points)[number]>().x((_, i) => place(i)).y(({ value }) => y(value))([...points])
  return svg(
    width,
    height,
    `${title}: from ${formatMean(first.value)} to ${
      formatMean(points.at(-1)?.value ?? first.value)
    } in ${points.length} experiments`,
    [
      y.ticks(4).map((tick) =>
        html`<line class="grid" x1="38" x2="${width}" y1="${px(y(tick))}" y2="${
          px(y(tick))
        }"/><text class="tick" x="32" y="${px(y(tick) + 3.5)}" text-anchor="end">${formatMean(tick)}</text>`
      ),
      points.map(({ lower, upper }, i) =>
        lower === undefined || upper === undefined
          ? undefined
          : html`<line class="band" x1="${px(place(i))}" x2="${px(place(i))}" y1="${px(y(lower))}" y2="${
            px(y(upper))
          }"/>`
      ),
      path === null ? undefined : html`<path class="trend" d="${path}"/>`,
      points.map(({ link, lower, name, upper, value }, i) => {
        const words = `${name}: ${formatMean(value)}${
          lower === undefined || upper === undefined ? "" : ` (${formatMean(lower)} to ${formatMean(upper)})`
        }`
        return html`<a href="${link}" aria-label="${words}"><circle class="point tone-plain" cx="${px(place(i))}" cy="${
          px(y(value))
        }" r="3.5"><title>${words}</title></circle></a>`
      })
    ]
  )
}

/** A duration as an axis has it. */
export const durationTick = (millis: number): string =>
  millis < 1000
    ? `${Number(millis.toPrecision(2))} ms`
    : millis < 60_000
    ? `${Number((millis / 1000).toPrecision(2))} s`
    : formatDuration(millis)

const px = (value: number): string => String(Math.round(value * 10) / 10)

const svg = (width: number, height: number, words: string, content: Part): Markup =>
  html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${words}">${content}</svg>`
