/** Durations as people type them. */

const units: { readonly [unit: string]: number } = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000
}

/** The milliseconds of a duration such as `500ms`, `2s` or `1.5 minutes`; `undefined` for what is none. */
export const readDuration = (text: string): number | undefined => {
  const match = /^(\d+\.?\d*|\.\d+) *([a-z]+)$/i.exec(text.trim())
  const unit = units[match?.[2]?.toLowerCase() ?? ""]
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit
}
