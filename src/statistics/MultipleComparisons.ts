/**
 * P-values of several comparisons at once, adjusted so that some of them being small by chance misleads nobody.
 *
 * An adjusted p-value is compared with the level itself: those at most 0.05 are significant at 5 %.
 *
 * @since 0.1.0
 */
import { requireProbabilities } from "./internal/checks.ts"
import type { Values } from "./Values.ts"

/**
 * Bonferroni's adjusted p-values, in the order given: `min(1, m p)`. Keeps the probability of any false alarm at the
 * level, under any dependence. `holm` does the same and finds more. None for none. Source: O. J. Dunn, "Multiple
 * Comparisons Among Means" (1961).
 *
 * **Example** (Four comparisons)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.bonferroni([0.01, 0.04, 0.03, 0.005])) // => [ 0.04, 0.16, 0.12, 0.02 ]
 * ```
 *
 * @category multiple comparisons
 * @since 0.1.0
 */
export const bonferroni = (pValues: Values): Array<number> => {
  requireProbabilities("pValues", pValues)
  return Array.from(pValues, (pValue) => Math.min(1, pValue * pValues.length))
}

/**
 * Holm's adjusted p-values, in the order given: with the p-values sorted,
 * `max over j <= i of min(1, (m - j + 1) p_j)`. Keeps the probability of any false alarm at the level, under any
 * dependence. None for none. Source: S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure" (1979).
 *
 * **Example** (Four comparisons)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * console.log(Statistics.holm([0.01, 0.04, 0.03, 0.005])) // => [ 0.03, 0.06, 0.06, 0.02 ]
 * ```
 *
 * @category multiple comparisons
 * @since 0.1.0
 */
export const holm = (pValues: Values): Array<number> => {
  const order = ascending(pValues)
  const adjusted = new Array<number>(order.length).fill(0)
  let highest = 0
  for (let i = 0; i < order.length; i++) {
    const index = order[i]!
    highest = Math.max(highest, Math.min(1, (order.length - i) * pValues[index]!))
    adjusted[index] = highest
  }
  return adjusted
}

/**
 * The adjusted p-values of Benjamini and Hochberg, in the order given: with the p-values sorted,
 * `min over j >= i of min(1, m p_j / j)`. Keeps the expected share of false alarms among the alarms at the level, for
 * independent or positively dependent comparisons. None for none. Source: Y. Benjamini and Y. Hochberg, "Controlling the
 * False Discovery Rate" (1995).
 *
 * **Example** (Which of four comparisons are significant?)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const adjusted = Statistics.benjaminiHochberg([0.01, 0.04, 0.03, 0.005])
 * console.log(adjusted, adjusted.map((p) => p <= 0.03)) // => [ 0.02, 0.04, 0.04, 0.02 ] [ true, false, false, true ]
 * ```
 *
 * @category multiple comparisons
 * @since 0.1.0
 */
export const benjaminiHochberg = (pValues: Values): Array<number> => stepUp(pValues, 1)

/**
 * The adjusted p-values of Benjamini and Yekutieli, in the order given: those of `benjaminiHochberg` times
 * `1 + 1/2 + ... + 1/m`, at most 1. Keeps the expected share of false alarms among the alarms at the level, under any
 * dependence. None for none. Source: Y. Benjamini and D. Yekutieli, "The Control of the False Discovery Rate in Multiple
 * Testing under Dependency" (2001).
 *
 * **Example** (Four comparisons)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const adjusted = Statistics.benjaminiYekutieli([0.01, 0.04, 0.03, 0.005])
 * console.log(adjusted.map((p) => p.toFixed(4)).join(" ")) // => 0.0417 0.0833 0.0833 0.0417
 * ```
 *
 * @category multiple comparisons
 * @since 0.1.0
 */
export const benjaminiYekutieli = (pValues: Values): Array<number> => {
  let harmonic = 0
  for (let i = pValues.length; i > 0; i--) harmonic += 1 / i
  return stepUp(pValues, harmonic)
}

const stepUp = (pValues: Values, factor: number): Array<number> => {
  const order = ascending(pValues)
  const adjusted = new Array<number>(order.length).fill(0)
  let lowest = 1
  for (let i = order.length; i > 0; i--) {
    const index = order[i - 1]!
    lowest = Math.min(lowest, factor * order.length * pValues[index]! / i)
    adjusted[index] = lowest
  }
  return adjusted
}

/** The indexes of the p-values, from the smallest to the largest. */
const ascending = (pValues: Values): Uint32Array => {
  requireProbabilities("pValues", pValues)
  return Uint32Array.from(pValues, (_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!)
}
