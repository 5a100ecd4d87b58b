/** Numbers as people read them. */

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 })

/** A count, such as `1,319`. */
export const formatCount = (count: number): string => grouped.format(count)

/** Such as `101 rows`. */
export const countOf = (count: number, what: string): string =>
  `${formatCount(count)} ${count === 1 ? what : `${what}s`}`

/** A score: a whole number as it is, else as a mean is written. */
export const formatScore = (score: number): string =>
  Number.isInteger(score) && Math.abs(score) < 1e9 ? grouped.format(score) : formatMean(score)

/** A mean: three decimals below ten, fewer above; no exponents for everyday numbers. */
export const formatMean = (score: number): string => {
  const size = Math.abs(score)
  if (size !== 0 && (size < 0.001 || size >= 1e9)) return score.toPrecision(3)
  if (size >= 1000) return grouped.format(score)
  return score.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3)
}

/** A difference with its sign. */
export const formatDifference = (difference: number): string =>
  `${difference < 0 ? "−" : "+"}${formatMean(Math.abs(difference))}`

/** A duration in milliseconds, such as `0.31 ms`, `12 ms`, `1.2 s`, `3 min 20 s`. */
export const formatDuration = (millis: number): string => {
  if (millis < 10) return `${millis.toFixed(2)} ms`
  if (millis < 1000) return `${Math.round(millis)} ms`
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`
  return `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1000)} s`
}

/** A share as a percentage, such as `95 %` or `2.3 %`. */
export const formatPercentage = (share: number): string => `${Number((share * 100).toPrecision(3))} %`

/** A number next to limits: with as many digits as it takes to see on which side of them it is. */
export const formatAgainst = (
  value: number,
  limits: ReadonlyArray<number | undefined>,
  format: (value: number) => string = formatMean
): string => {
  const texts = [format(value), value.toPrecision(6), value.toPrecision(12), String(value)]
  const side = (x: number, limit: number) => Math.sign(x - limit)
  return texts.find((text) => {
    const shown = Number(text.replace(/,/g, "").replace("\u2212", "-"))
    return limits.every((limit) => limit === undefined || side(shown, limit) === side(value, limit))
  }) ?? String(value)
}
