/**
 * Scorers of dates, as values or within texts, and the measures behind them.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Evaluator from "../Evaluator.ts"
import { type DateFormat, readDates } from "./internal/dateReader.ts"
import { type Reader, reading } from "./internal/readers.ts"
import { pair } from "./internal/scorer.ts"
import type { Options } from "./Scorer.ts"

/**
 * In which order a date of three numbers has them.
 *
 * @category models
 * @since 0.1.0
 */
export type DateOrder = "day-month-year" | "month-day-year"

/**
 * A date that was found in a text.
 *
 * @category models
 * @since 0.1.0
 */
export interface FoundDate {
  /** Milliseconds since 1970; a date without a time is its midnight. */
  readonly millis: number
  /** What was read. */
  readonly text: string
  /** Where it starts, in UTF-16 units. */
  readonly index: number
}

/**
 * How dates are written.
 *
 * @category options
 * @since 0.1.0
 */
export interface DateOptions {
  /**
   * What `3/4/2024` is. Without it, such a date is read only if it cannot be anything else, as `13/4/2024`, and is no date
   * otherwise.
   */
  readonly order?: DateOrder | undefined
  /** The offset of dates and times that do not say theirs, in minutes east of UTC. Default: 0. */
  readonly offsetMinutes?: number | undefined
}

/**
 * All dates in a text, from left to right. Takes time in proportion to it.
 *
 * Read are ISO 8601 (`2024-03-05`, `2024-03-05T10:30:00Z`, also with a space, slashes or points), English names of months
 * (`March 5, 2024`, `5 Mar 2024`, `5th of March 2024`) and numbers (`5.3.2024`, `3/5/2024`; see `order`), each with a time
 * (`10:30`, `10:30 am`) and an offset (`Z`, `UTC`, `+02:00`) if there is one. Years have four digits. Days that there are
 * not, such as 30 February, are no dates. Not read are dates without a year, and relative ones such as "tomorrow".
 *
 * **Example** (Three spellings)
 *
 * ```ts
 * import { Dates } from "effect-evals/scorers"
 *
 * for (const { millis } of Dates.datesIn("From 2024-03-05 to March 7th, 2024 at 9:30 pm; paid on 13/03/2024.")) {
 *   console.log(new Date(millis).toISOString())
 * }
 * // => 2024-03-05T00:00:00.000Z
 * // => 2024-03-07T21:30:00.000Z
 * // => 2024-03-13T00:00:00.000Z
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const datesIn = (text: string, options?: DateOptions): Array<FoundDate> => readDates(text, formatOf(options))

const formatOf = (options: DateOptions | undefined): DateFormat => ({
  order: options?.order,
  offsetMinutes: options?.offsetMinutes ?? 0
})

/**
 * Whether the date in the outputs is the expected one, within a tolerance. Both may be a `Date`, a `DateTime`, or a text
 * with a date; of several dates in a text, `position` says which counts. A date without a time is its midnight, so give a
 * tolerance of a day where one side has a time and the other has none.
 *
 * Score: `true` or `false`.
 *
 * **Example** (A day late)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Dates } from "effect-evals/scorers"
 *
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("dates", {
 *       data: Dataset.fromIterable("dates", [{ inputs: "When was it?", referenceOutputs: "2024-03-05" }]),
 *       target: () => "It was on 6 March 2024."
 *     }),
 *     { evaluators: [Dates.equal(), Dates.equal({ key: "about", tolerance: "1 day" })] }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(Object.values(experiment.summaries).map(({ key, score }) => `${key} ${score?.mean}`))
 * // => [ 'datesEqual 0', 'about 1' ]
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const equal = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: Options<I, O, Ref, M> & DateOptions & {
    /** How far apart they may be, such as `"1 day"`. Default: not at all. */
    readonly tolerance?: Duration.Input | undefined
    /** Which date of a text counts; with `"only"`, it must have just one. Default: `"only"`. */
    readonly position?: "only" | "first" | "last" | undefined
  }
): Evaluator.Evaluator<I, O, Ref, M> => {
  const tolerance = Duration.toMillis(Duration.fromInputUnsafe(options?.tolerance ?? 0))
  const position = options?.position ?? "only"
  const reader = dateReader(options, position)
  const config = { position, tolerance, order: options?.order, offsetMinutes: options?.offsetMinutes }
  return pair(
    { name: "datesEqual", own: { offsetMinutes: true, order: true, position: true, tolerance: true }, config },
    options,
    { actual: reader, expected: reader },
    (actual, expected) => {
      const difference = Math.abs(actual - expected)
      return {
        score: difference <= tolerance,
        comment: `${shown(actual)} and ${shown(expected)} are ${apart(difference)} apart, at most ${
          apart(tolerance)
        } will do`
      }
    }
  )
}

const dateReader = (options: DateOptions | undefined, position: "only" | "first" | "last"): Reader<number> =>
  reading(position === "only" ? "a date, or a text with just one" : "a date, or a text with one", (value) => {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime()
    if (DateTime.isDateTime(value)) return DateTime.toEpochMillis(value)
    if (typeof value !== "string") return undefined
    const found = datesIn(value, options)
    if (position === "only" && found.length !== 1) return undefined
    return (position === "last" ? found.at(-1) : found[0])?.millis
  })

/** Without a time where it is midnight. */
const shown = (millis: number): string => new Date(millis).toISOString().replace("T00:00:00.000Z", "")

const apart = (millis: number): string => millis === 0 ? "0 s" : Duration.format(Duration.millis(millis))
