/**
 * The interval to show next to a share of successes.
 *
 * @since 0.1.0
 */
import { requireAtMost, requireCount, requireLevel, requireNonNegative, requireProbability } from "./internal/checks.ts"
import { undefinedInterval } from "./internal/undefinedInterval.ts"
import type { DefinedInterval, Interval, LevelOptions } from "./Interval.ts"
import { normalQuantile } from "./Normal.ts"

/**
 * Wilson's score interval of a share of successes, as shares between 0 and 1: the shares `p` that a score test would
 * not reject,
 * `(p^ + z^2/2n -+ z sqrt(p^ (1 - p^)/n + z^2/4n^2)) / (1 + z^2/n)`.
 *
 * It behaves for few trials and for shares near 0 and 1, where it never leaves them: all successes give an upper end of
 * exactly 1. Undefined for no trials. Sources: E. B. Wilson, "Probable Inference, the Law of Succession, and
 * Statistical Inference" (1927); R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998),
 * method 3.
 *
 * **Example** (8 of 10)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.wilson(8, 10)
 * console.log(interval.lower?.toFixed(3), interval.estimate, interval.upper?.toFixed(3)) // => 0.490 0.8 0.943
 * console.log(Statistics.wilson(0, 0).reason) // => there are no trials
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const wilson = (successes: number, trials: number, options?: LevelOptions): Interval => {
  const level = options?.level ?? 0.95
  requireLevel(level)
  requireCount("trials", trials)
  requireCount("successes", successes)
  requireAtMost("successes", successes, "trials", trials)
  return trials === 0 ? undefinedInterval(level, "there are no trials") : around(successes / trials, trials, level)
}

/**
 * Wilson's interval of a share that comes from trials which are not independent of one another: `effectiveTrials` is the
 * number of independent ones that would be worth as much, such as `share (1 - share) / SE^2` with a clustered standard
 * error; it need not be whole.
 *
 * Undefined for no trials. Source: C. Franco, R. J. A. Little, T. A. Louis and E. V. Slud, "Comparative Study of
 * Confidence Intervals for Proportions in Complex Sample Surveys" (2019).
 *
 * **Example** (80 of 100 answers, but only to 25 questions)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const interval = Statistics.wilsonFromShare(0.8, 25)
 * console.log(interval.lower?.toFixed(3), interval.upper?.toFixed(3)) // => 0.609 0.911
 * ```
 *
 * @category intervals
 * @since 0.1.0
 */
export const wilsonFromShare = (share: number, effectiveTrials: number, options?: LevelOptions): Interval => {
  const level = options?.level ?? 0.95
  requireLevel(level)
  requireProbability("share", share)
  requireNonNegative("effectiveTrials", effectiveTrials)
  return effectiveTrials === 0
    ? undefinedInterval(level, "there are no trials", share)
    : around(share, effectiveTrials, level)
}

const around = (estimate: number, trials: number, level: number): DefinedInterval => {
  const z = normalQuantile((1 + level) / 2)
  const weight = z * z / trials
  const centre = estimate + weight / 2
  const margin = z * Math.sqrt((estimate * (1 - estimate) + weight / 4) / trials)
  return {
    estimate,
    lower: estimate === 0 ? 0 : Math.max(0, (centre - margin) / (1 + weight)),
    upper: estimate === 1 ? 1 : Math.min(1, (centre + margin) / (1 + weight)),
    level
  }
}
