/** Times as LangSmith writes them. */

/**
 * Milliseconds since 1970 to the microsecond, such as `2026-11-21T00:38:10.429906Z`. Many times lie within the same second,
 * whose text is kept.
 */
export const makeIsoMicros = (): (millis: number) => string => {
  let second = Number.NaN
  let text = ""
  return (millis) => {
    const seconds = Math.floor(millis / 1000)
    if (seconds !== second) {
      second = seconds
      text = new Date(seconds * 1000).toISOString().slice(0, 20)
    }
    const micros = Math.min(999_999, Math.floor((millis - seconds * 1000) * 1000))
    return `${text}${String(1_000_000 + micros).slice(1)}Z`
  }
}

/** The same for a single time. */
export const isoMicros = (millis: number): string => makeIsoMicros()(millis)

/**
 * The segment of a run in the order of its trace, such as `20261121T003810429906Z<id>`, from its start as `isoMicros`
 * writes it. The orders of parents come before, with dots between.
 */
export const dottedOrder = (isoStart: string, id: string): string =>
  `${isoStart.slice(0, 4)}${isoStart.slice(5, 7)}${isoStart.slice(8, 13)}${isoStart.slice(14, 16)}` +
  `${isoStart.slice(17, 19)}${isoStart.slice(20)}${id}`

/** What LangSmith writes, with or without a zone (it is UTC then), or a number, as milliseconds since 1970. */
export const millisOf = (time: unknown): number | undefined => {
  if (typeof time === "number") return time
  if (typeof time !== "string") return undefined
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`
  const millis = Date.parse(zoned)
  if (Number.isNaN(millis)) return undefined
  const micros = /\.\d{3}(\d{1,3})/.exec(time)?.[1]
  return micros === undefined ? millis : millis + Number(`0.${micros}`)
}
