/** Dates in texts, from left to right. What is tried at one place is bounded, so that time grows with the text alone. */
import type { DateOrder, FoundDate } from "../Dates.ts"

export interface DateFormat {
  readonly order: DateOrder | undefined
  /** Minutes to take off times that do not say their offset. */
  readonly offsetMinutes: number
}

export const readDates = (text: string, format: DateFormat): Array<FoundDate> =>
  Array.from(text.matchAll(pattern)).flatMap((match) => {
    const parts = partsOf(match.groups ?? {}, format)
    const millis = parts === undefined ? undefined : millisOf(parts, format)
    return millis === undefined ? [] : [{ millis, text: match[0], index: match.index }]
  })

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] as const
const monthName = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|" +
  "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
const time =
  "(?:(?:T|,?[ ]{1,2}(?:at )?)(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?)?" +
  "(?:[ ]?(?<half>[ap])\\.?m\\b\\.?)?(?:[ ]?(?<offset>Z|UTC|GMT|[+-]\\d{2}:?\\d{2})(?![\\d\\p{L}]))?(?!\\d|:\\d))?"
const pattern = new RegExp(
  `(?<![\\p{L}\\p{N}_.:/-])(?:` +
    `(?<year>\\d{4})(?<sign>[-/.])(?<month>\\d{1,2})\\k<sign>(?<day>\\d{1,2})` +
    `|(?<dayBefore>\\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]{1,2}(?<nameAfter>${monthName})\\.?,?[ -]{1,2}(?<yearOne>\\d{4})` +
    `|(?<nameBefore>${monthName})\\.?[ ]{1,2}(?<dayAfter>\\d{1,2})(?:st|nd|rd|th)?,?[ ]{1,2}(?<yearTwo>\\d{4})` +
    `|(?<first>\\d{1,2})(?<mark>[-/.])(?<second2>\\d{1,2})\\k<mark>(?<yearThree>\\d{4})` +
    `)(?!\\d|[-/]\\d)${time}(?![\\p{L}\\p{N}_])`,
  "giu"
)

interface Parts {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millis: number
  readonly offsetMinutes: number | undefined
}

type Groups = { readonly [name: string]: string | undefined }

const partsOf = (groups: Groups, { order }: DateFormat): Parts | undefined => {
  const date = dateOf(groups, order)
  const hour = hourOf(Number(groups["hour"] ?? 0), groups["half"]?.toLowerCase())
  return date === undefined || hour === undefined ? undefined : {
    ...date,
    hour,
    minute: Number(groups["minute"] ?? 0),
    second: Number(groups["second"] ?? 0),
    millis: Number(`0.${groups["fraction"] ?? 0}`) * 1000,
    offsetMinutes: offsetOf(groups["offset"])
  }
}

const dateOf = (groups: Groups, order: DateOrder | undefined) => {
  const name = groups["nameBefore"] ?? groups["nameAfter"]
  if (name !== undefined) {
    return {
      year: Number(groups["yearOne"] ?? groups["yearTwo"]),
      month: months.findIndex((month) => name.toLowerCase().startsWith(month)) + 1,
      day: Number(groups["dayBefore"] ?? groups["dayAfter"])
    }
  }
  if (groups["year"] !== undefined) {
    return { year: Number(groups["year"]), month: Number(groups["month"]), day: Number(groups["day"]) }
  }
  const [first, second] = [Number(groups["first"]), Number(groups["second2"])]
  const year = Number(groups["yearThree"])
  // A number above 12 is a day, and the same number twice is both; any other needs to be told.
  const dayFirst = order === undefined ? first > 12 || first === second : order === "day-month-year"
  if (!dayFirst && order === undefined && second <= 12) return undefined
  return dayFirst ? { year, month: second, day: first } : { year, month: first, day: second }
}

const hourOf = (hour: number, half: string | undefined): number | undefined => {
  if (half === undefined) return hour
  if (hour < 1 || hour > 12) return undefined
  return hour % 12 + (half === "p" ? 12 : 0)
}

const offsetOf = (offset: string | undefined): number | undefined => {
  if (offset === undefined) return undefined
  if (/[a-z]/i.test(offset)) return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))
  return offset.startsWith("-") ? -minutes : minutes
}

/** `undefined` for a day or a time that there is not, such as 30 February. */
const millisOf = (parts: Parts, { offsetMinutes }: DateFormat): number | undefined => {
  const { day, hour, millis, minute, month, second, year } = parts
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  // Not Date.UTC, which takes the years below 100 for those of the 20th century.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const offset = parts.offsetMinutes ?? offsetMinutes
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis
}
