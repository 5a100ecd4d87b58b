/** The one pass over numbers that means, variances and correlations start from. */
import { CompensatedSum } from "../Sums.ts"
import type { Values } from "../Values.ts"
import { requireFinite } from "./checks.ts"

export interface Spread {
  readonly count: number
  readonly smallest: number
  readonly largest: number
  /** The mean, times `scale`. */
  readonly mean: number
  /** The sum of the squared deviations from the mean, times `scale` squared. */
  readonly squares: number
  /** A power of two that keeps squares of very large and very small numbers representable; mostly 1. */
  readonly scale: number
}

/**
 * Two passes (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983, equation 1.7): first the
 * mean, then the squared deviations, less what the rounding of the mean put into them.
 */
export const spread = (name: string, values: Values): Spread => {
  requireFinite(name, values)
  const count = values.length
  let smallest = Infinity
  let largest = -Infinity
  for (let i = 0; i < count; i++) {
    const x = values[i]!
    if (x < smallest) smallest = x
    if (x > largest) largest = x
  }
  const scale = scaleFor(Math.max(Math.abs(smallest), Math.abs(largest)))
  // Equal values are their own mean, which a rounded sum need not give.
  if (!(smallest < largest)) return { count, smallest, largest, mean: smallest * scale, squares: 0, scale }
  const total = new CompensatedSum()
  for (let i = 0; i < count; i++) total.add(values[i]! * scale)
  const mean = total.value / count
  const squares = new CompensatedSum()
  const rest = new CompensatedSum()
  for (let i = 0; i < count; i++) {
    const deviation = values[i]! * scale - mean
    squares.add(deviation * deviation)
    rest.add(deviation)
  }
  return { count, smallest, largest, mean, squares: squares.value - rest.value ** 2 / count, scale }
}

/** Squares leave the range of numbers above 1e154, and lose digits below 1e-146. */
export const scaleFor = (magnitude: number): number => {
  if (magnitude > 1e140 && magnitude < Infinity) return 2 ** -550
  if (magnitude > 0 && magnitude < 1e-130) return magnitude < 1e-230 ? 2 ** 900 : 2 ** 500
  return 1
}
