/** From the statistics of many samples to an interval. */
import type { BootstrapInterval, BootstrapMethod, BootstrapSettings } from "../Bootstrap.ts"
import { standardDeviation } from "../Moments.ts"
import { normalCumulative, normalQuantile } from "../Normal.ts"
import { CompensatedSum } from "../Sums.ts"
import { requireLevel, requirePositiveCount } from "./checks.ts"
import { quantileOfSorted } from "./quantile.ts"
import type { Resampler } from "./resampling.ts"
import { undefinedInterval } from "./undefinedInterval.ts"

export const settingsOf = (options: BootstrapSettings | undefined) => {
  const settings = {
    level: options?.level ?? 0.95,
    method: options?.method ?? "percentile",
    resamples: options?.resamples ?? 10_000,
    seed: options?.seed ?? 0
  }
  requireLevel(settings.level)
  requirePositiveCount("resamples", settings.resamples)
  return settings
}

export type Settings = ReturnType<typeof settingsOf>

export const noBootstrap = (settings: Settings, reason: string, estimate?: number): BootstrapInterval => ({
  ...undefinedInterval(settings.level, reason, estimate),
  ...details(settings, undefined, 0)
})

export const bootstrapInterval = (estimate: number, resampler: Resampler, settings: Settings): BootstrapInterval => {
  const replicates = new Float64Array(settings.resamples)
  let defined = 0
  for (let i = 0; i < settings.resamples; i++) {
    const replicate = resampler.draw()
    if (replicate !== undefined && Number.isFinite(replicate)) replicates[defined++] = replicate
  }
  const sorted = replicates.subarray(0, defined).sort()
  const more = details(settings, standardDeviation(sorted), settings.resamples - defined)
  const tail = (1 - settings.level) / 2
  const ends = defined === 0
    ? "the statistic is undefined in every resample"
    : settings.method === "percentile"
    ? [tail, 1 - tail] as const
    : correctedEnds(estimate, sorted, resampler, tail)
  if (typeof ends === "string") return { ...undefinedInterval(settings.level, ends, estimate), ...more }
  const lower = quantileOfSorted(sorted, ends[0])!
  const upper = quantileOfSorted(sorted, ends[1])!
  return { estimate, lower, upper, level: settings.level, ...more }
}

const details = (settings: Settings, standardError: number | undefined, undefinedResamples: number): {
  readonly method: BootstrapMethod
  readonly standardError: number | undefined
  readonly resamples: number
  readonly undefinedResamples: number
  readonly seed: number | string
} => ({
  method: settings.method,
  standardError,
  resamples: settings.resamples,
  undefinedResamples,
  seed: settings.seed
})

/** The probabilities at which BCa reads the interval off, or why it cannot. */
const correctedEnds = (
  estimate: number,
  sorted: Float64Array,
  resampler: Resampler,
  tail: number
): readonly [number, number] | string => {
  if (resampler.units < 2) return "BCa needs at least two values, or two clusters"
  const bias = normalQuantile(shareBelow(estimate, sorted))
  if (!Number.isFinite(bias)) return "BCa is undefined: all resamples are on one side of the estimate"
  const influences = resampler.influences()
  if (influences === undefined) return "BCa is undefined: the statistic is, without a part of the data"
  const acceleration = accelerationOf(influences)
  const end = (probability: number): number => {
    const z = bias + normalQuantile(probability)
    return normalCumulative(bias + z / (1 - acceleration * z))
  }
  const reach = acceleration * (bias + normalQuantile(acceleration > 0 ? 1 - tail : tail))
  return reach < 1 ? [end(tail), end(1 - tail)] : "BCa is undefined: the acceleration is too large for this level"
}

/** Replicates that equal the estimate but for rounding count half. Rounding goes by the largest: estimates may be near 0. */
const shareBelow = (estimate: number, sorted: Float64Array): number => {
  const magnitude = Math.max(Math.abs(estimate), Math.abs(sorted[0]!), Math.abs(sorted[sorted.length - 1]!))
  let below = 0
  let equal = 0
  for (const replicate of sorted) {
    if (Math.abs(replicate - estimate) <= 4 * Number.EPSILON * magnitude) equal++
    else if (replicate < estimate) below++
  }
  return (below + equal / 2) / sorted.length
}

const accelerationOf = (influences: Float64Array): number => {
  let largest = 0
  for (const influence of influences) largest = Math.max(largest, Math.abs(influence))
  // Nothing has any influence: there is nothing to correct.
  if (largest === 0) return 0
  const squares = new CompensatedSum()
  const cubes = new CompensatedSum()
  for (const influence of influences) {
    const share = influence / largest
    squares.add(share ** 2)
    cubes.add(share ** 3)
  }
  return cubes.value / (6 * squares.value ** 1.5)
}
