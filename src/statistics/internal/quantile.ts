/** The two neighbours between which the type 7 quantile of `count` sorted values lies, and how far it is to the second. */
export const position = (count: number, probability: number): { readonly index: number; readonly fraction: number } => {
  const exact = (count - 1) * probability
  const index = Math.floor(exact)
  return { index, fraction: exact - index }
}

/** Both ends are met exactly, and a difference that overflows does no harm. */
export const interpolate = (from: number, to: number, fraction: number): number => {
  const distance = to - from
  if (!Number.isFinite(distance)) return from * (1 - fraction) + to * fraction
  return fraction < 0.5 ? from + distance * fraction : to - distance * (1 - fraction)
}

/** The type 7 quantile; `undefined` for no values. */
export const quantileOfSorted = (sorted: Float64Array, probability: number): number | undefined => {
  if (sorted.length === 0) return undefined
  const { fraction, index } = position(sorted.length, probability)
  const from = sorted[index]!
  return interpolate(from, sorted[index + 1] ?? from, fraction)
}
