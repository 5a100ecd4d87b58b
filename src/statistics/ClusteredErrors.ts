/**
 * Standard errors of values that come in groups.
 *
 * @since 0.1.0
 */
import { groupSizes, groupsOf, groupSums } from "./internal/groups.ts"
import { spread } from "./internal/spread.ts"
import { CompensatedSum, sum } from "./Sums.ts"
import type { Clusters, Values } from "./Values.ts"

/**
 * How a clustered standard error is corrected for few clusters; `clusteredStandardError` has the formulas.
 *
 * @category options
 * @since 0.1.0
 */
export type ClusterCorrection = "CR0" | "CR1" | "Miller"

/**
 * Options of `clusteredStandardError`.
 *
 * @category options
 * @since 0.1.0
 */
export interface ClusteredStandardErrorOptions {
  /** Default: `"CR1"`. */
  readonly correction?: ClusterCorrection | undefined
}

/**
 * The standard error of the mean of values that come in groups and are alike within them, in the unit of the values.
 * `clusters` names the group of each value.
 *
 * With `n` values, `G` groups and the deviations `d` from the mean:
 * - `"CR0"`: `sqrt(sum over groups of (sum of d)^2) / n`. K.-Y. Liang and S. L. Zeger, "Longitudinal data analysis
 *   using generalized linear models" (1986).
 * - `"CR1"`, the default: `CR0 * sqrt(G / (G - 1))`. With one value per group it is `standardError`. A. C. Cameron and
 *   D. L. Miller, "A Practitioner's Guide to Cluster-Robust Inference" (2015), section II.C, for a mean.
 * - `"Miller"`: `sqrt(SE^2 + (1 / n^2) sum over groups, i != j, of d_i d_j)` with the ordinary standard error `SE`,
 *   which is `sqrt(CR0^2 + SE^2 / n)`. E. Miller, "Adding Error Bars to Evals" (2024), section 2.
 *
 * `undefined` for fewer than two groups: one group says nothing about how much groups differ. It may be 0 for values
 * that differ, where those of each group even out.
 *
 * **Example** (Questions about four texts)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const scores = [1, 1, 1, 0, 0, 0, 1, 0, 1, 1]
 * const texts = ["a", "a", "a", "b", "b", "b", "c", "c", "d", "d"]
 * console.log(Statistics.clusteredStandardError(scores, texts)?.toFixed(3)) // => 0.267
 * console.log(Statistics.standardError(scores)?.toFixed(3)) // => 0.163
 * ```
 *
 * @category moments
 * @since 0.1.0
 */
export const clusteredStandardError = (
  values: Values,
  clusters: Clusters,
  options?: ClusteredStandardErrorOptions
): number | undefined => {
  const groups = groupsOf("values", values, clusters)
  const { count, mean, scale, squares } = spread("values", values)
  if (groups.count < 2) return undefined
  const deviations = groupSums(groups, (i) => values[i]! * scale - mean)
  const sizes = groupSizes(groups)
  // All deviations add up to 0 but for the rounding of the mean, which would add up within a group.
  const rest = sum(deviations) / count
  const between = new CompensatedSum()
  for (let i = 0; i < groups.count; i++) between.add((deviations[i]! - rest * sizes[i]!) ** 2)
  const uncorrected = Math.sqrt(between.value) / count / scale
  switch (options?.correction ?? "CR1") {
    case "CR0": {
      return uncorrected
    }
    case "CR1": {
      return uncorrected * Math.sqrt(groups.count / (groups.count - 1))
    }
    case "Miller": {
      return Math.hypot(uncorrected, Math.sqrt(squares / (count - 1)) / count / scale)
    }
  }
}
