/** How reports look, and the small texts that they share. */
import { formatCount, formatMean, formatScore } from "../internal/values/numbers.ts"
import type * as Row from "../Row.ts"
import type * as Summary from "../Summary.ts"
import { makeStyle, type Style } from "./style.ts"
import { oneLine } from "./text.ts"

/**
 * How a report looks.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Whether to use colours. Default `false`. */
  readonly color?: boolean | undefined
  /** How many rows the lists show: better, worse, failures, slowest. Default 10. */
  readonly limit?: number | undefined
  /** How an example is shown in a list. Default: its inputs in a line. */
  readonly label?: ((row: Row.Row) => string) | undefined
  /** How the outputs of a run are shown where two are held against each other. Default: not at all. */
  readonly output?: ((row: Row.Row) => string) | undefined
  /**
   * How many columns the terminal has. Tables that are wider leave out columns, or become lines. Default: as wide as they
   * get.
   */
  readonly width?: number | undefined
  /** Keys for which less is better, such as a distance: it decides which rows are the worst. */
  readonly lowerIsBetter?: ReadonlyArray<string> | undefined
  /** The key by which examples are listed as better or worse, and rows as the worst. Default: the first one. */
  readonly key?: string | undefined
}

export interface View {
  readonly style: Style
  readonly limit: number
  /** Such as `q7  What is an effect?`. */
  readonly label: (row: Row.Row) => string
  readonly output: ((row: Row.Row) => string) | undefined
  readonly key: string | undefined
  readonly width: number
  readonly lowerIsBetter: ReadonlySet<string>
}

const idWidth = 24
const labelWidth = 70

export const viewOf = ({ color, key, label, limit, lowerIsBetter, output, width }: Options): View => ({
  style: makeStyle(color ?? false),
  limit: limit ?? 10,
  label: (row) => {
    const { id, inputs } = row.example
    const text = label === undefined ? inputText(inputs) : label(row)
    return text === id ? oneLine(id, labelWidth) : `${oneLine(id, idWidth)}  ${oneLine(text, labelWidth)}`
  },
  output: output === undefined ? undefined : (row) => oneLine(output(row), 60),
  key,
  width: width ?? Number.POSITIVE_INFINITY,
  lowerIsBetter: new Set(lowerIsBetter)
})

/** The inputs in a line; where they are an object with one field, that field. */
export const inputText = (inputs: unknown): string => {
  if (typeof inputs === "string") return inputs
  if (typeof inputs === "object" && inputs !== null) {
    const values: ReadonlyArray<unknown> = Object.values(inputs)
    if (values.length === 1) return inputText(values[0])
  }
  return JSON.stringify(inputs) ?? String(inputs)
}

/** The parts that there are, with an empty line between them. */
export const sections = (parts: ReadonlyArray<string | undefined>): string =>
  parts.filter((part) => part !== undefined && part !== "").join("\n\n") + "\n"

/** A list of lines under a title; nothing if there are none. Of more than the view shows, the rest is counted. */
export const listing = (
  { limit, style }: View,
  title: string,
  about: string,
  lines: ReadonlyArray<string>
): string | undefined =>
  lines.length === 0 ? undefined : [
    style.bold(title) + (about === "" ? "" : style.dim(`  ${about}`)),
    ...lines.slice(0, limit).map((line) => `  ${line}`),
    ...(lines.length > limit ? [style.dim(`  and ${formatCount(lines.length - limit)} more`)] : [])
  ].join("\n")

export const scoreText = (score: number | undefined): string => score === undefined ? "no score" : formatScore(score)

/** Such as `0.566 to 0.739`. */
export const intervalText = (
  style: Style,
  interval: Pick<Summary.Interval, "lower" | "upper"> | undefined,
  format: (bound: number) => string = formatMean
): string =>
  interval?.lower === undefined || interval.upper === undefined
    ? style.dim("–")
    : `${format(interval.lower)} to ${format(interval.upper)}`

/** A p-value, as small as it makes sense to say. */
export const pText = (style: Style, pValue: number | undefined): string =>
  pValue === undefined ? style.dim("–") : pValue < 0.0005 ? "< 0.001" : pValue.toFixed(3)

/** Why something failed: each reason once, the most frequent first, with how often and where. */
export const reasonList = (
  { style }: View,
  failures: ReadonlyArray<{ readonly exampleId: string; readonly reason: string }>
): ReadonlyArray<string> =>
  [...Map.groupBy(failures, ({ reason }) => reason)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, group]) =>
      `${style.bad(oneLine(reason, 160))}  ${formatCount(group.length)}×, such as ${
        oneLine(group[0]?.exampleId ?? "", 24)
      }`
    )
