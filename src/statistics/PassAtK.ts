/**
 * Several attempts per task: does one of them pass, do all of them?
 *
 * @since 0.1.0
 */
import { requireAtMost, requireCount, requirePositiveCount, requireSameLength } from "./internal/checks.ts"
import { mean } from "./Moments.ts"
import type { Values } from "./Values.ts"

const requireAttempts = (samples: number, correct: number, k: number): void => {
  requireCount("samples", samples)
  requireCount("correct", correct)
  requireAtMost("correct", correct, "samples", samples)
  requirePositiveCount("k", k)
}

/**
 * pass@k: the probability that at least one of `k` attempts at a task passes, estimated without bias from `samples`
 * attempts of which `correct` passed: `1 - C(n - c, k) / C(n, k)`, computed as
 * `1 - product over i = n - c + 1 .. n of (1 - k / i)`.
 *
 * `undefined` for `k` above `samples`: fewer attempts than `k` do not tell. (`1 - (1 - c/n)^k` would have an answer there,
 * and a biased one everywhere.) Source: M. Chen et al., "Evaluating Large Language Models Trained on Code" (2021).
 *
 * **Example** (3 of 10 attempts passed)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.passAtK(10, 3, 5)?.toFixed(4)) // => 0.9167
 * console.log(Statistics.passAtK(3, 1, 5)) // => undefined
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const passAtK = (samples: number, correct: number, k: number): number | undefined => {
  requireAttempts(samples, correct, k)
  if (k > samples) return undefined
  if (k > samples - correct) return 1
  let noneOf = 1
  for (let i = samples - correct + 1; i <= samples; i++) noneOf *= 1 - k / i
  return 1 - noneOf
}

/**
 * pass^k: the probability that all of `k` attempts at a task pass, estimated without bias from `samples` attempts of
 * which `correct` passed: `C(c, k) / C(n, k)`.
 *
 * `undefined` for `k` above `samples`: fewer attempts than `k` do not tell. Source: S. Yao et al., "tau-bench: A Benchmark
 * for Tool-Agent-User Interaction in Real-World Domains" (2024).
 *
 * **Example** (6 of 8 attempts passed)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.passHatK(8, 6, 1), Statistics.passHatK(8, 6, 4)?.toFixed(4)) // => 0.75 0.2143
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const passHatK = (samples: number, correct: number, k: number): number | undefined => {
  requireAttempts(samples, correct, k)
  if (k > samples) return undefined
  let allOf = 1
  for (let i = 0; i < k && allOf > 0; i++) allOf *= (correct - i) / (samples - i)
  return allOf
}

/**
 * pass@k of a benchmark: the mean over tasks of each task's `passAtK`. `samples` and `correct` have one number per task.
 *
 * `undefined` for no tasks, or if a task has fewer than `k` attempts. Source: M. Chen et al., "Evaluating Large Language
 * Models Trained on Code" (2021).
 *
 * **Example** (Three tasks)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.meanPassAtK([10, 20, 50], [2, 5, 10], 5)?.toFixed(4)) // => 0.7578
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const meanPassAtK = (samples: Values, correct: Values, k: number): number | undefined =>
  meanOver(samples, correct, k, passAtK)

/**
 * pass^k of a benchmark: the mean over tasks of each task's `passHatK`. `samples` and `correct` have one number per task.
 *
 * `undefined` for no tasks, or if a task has fewer than `k` attempts. Source: S. Yao et al., "tau-bench: A Benchmark for
 * Tool-Agent-User Interaction in Real-World Domains" (2024).
 *
 * **Example** (Two tasks)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.meanPassHatK([8, 8], [8, 4], 2)?.toFixed(4)) // => 0.6071
 * ```
 *
 * @category repeated samples
 * @since 0.1.0
 */
export const meanPassHatK = (samples: Values, correct: Values, k: number): number | undefined =>
  meanOver(samples, correct, k, passHatK)

const meanOver = (samples: Values, correct: Values, k: number, estimate: typeof passAtK): number | undefined => {
  requireSameLength("samples", samples, "correct", correct)
  const estimates: Array<number> = []
  for (let i = 0; i < samples.length; i++) {
    const passed = estimate(samples[i]!, correct[i]!, k)
    if (passed === undefined) return undefined
    estimates.push(passed)
  }
  return mean(estimates)
}
