/**
 * The interval of a share of successes that never promises too much.
 *
 * @since 0.1.0
 */
import betaQuantile from "@stdlib/stats-base-dists-beta-quantile"
import { requireAtMost, requireCount, requireLevel } from "./internal/checks.ts"
import { undefinedInterval } from "./internal/undefinedInterval.ts"
import type { Interval, LevelOptions } from "./Interval.ts"

/**
 * The interval of Clopper and Pearson of a share of successes, as shares between 0 and 1: the shares that neither
 * one-sided exact binomial test at `(1 - level) / 2` would reject. The ends are the beta quantiles
 * `B(a/2; x, n - x + 1)` and `B(1 - a/2; x + 1, n - x)`.
 *
 * It holds the true share at least as often as `level` says, mostly more often, so it is wider than `wilson`. No
 * success gives a lower end of exactly 0, all successes an upper end of exactly 1. Undefined for no trials. Source:
 * C. J. Clopper and E. S. Pearson, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial"
 * (1934).
 *
 * **Example** (8 of 10)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.clopperPearson(8, 10)
 * console.log(interval.lower?.toFixed(3), interval.upper?.toFixed(3)) // => 0.444 0.975
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const clopperPearson = (successes: number, trials: number, options?: LevelOptions): Interval => {
  const level = options?.level ?? 0.95
  requireLevel(level)
  requireCount("trials", trials)
  requireCount("successes", successes)
  requireAtMost("successes", successes, "trials", trials)
  if (trials === 0) return undefinedInterval(level, "there are no trials")
  const tail = (1 - level) / 2
  const failures = trials - successes
  return {
    estimate: successes / trials,
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, failures + 1),
    upper: failures === 0 ? 1 : betaQuantile(1 - tail, successes + 1, failures),
    level
  }
}
