/** Truths of two classes. */
import { isTrueAt, requireOrdered, requireSameLength } from "./checks.ts"

export interface SortedScores {
  /** The scores of the positive items, in ascending order; then those of the negative ones. */
  readonly positives: Float64Array
  readonly negatives: Float64Array
}

/** Two sorted arrays in place of one that would need a comparison function, which is many times slower. */
export const scoresByClass = (truth: ArrayLike<boolean | number>, scores: ArrayLike<number>): SortedScores => {
  requireSameLength("truth", truth, "scores", scores)
  requireOrdered("scores", scores)
  const positives = new Float64Array(truth.length)
  const negatives = new Float64Array(truth.length)
  let positive = 0
  for (let i = 0; i < truth.length; i++) {
    if (isTrueAt("truth", truth, i)) positives[positive++] = scores[i]!
    else negatives[i - positive] = scores[i]!
  }
  return {
    positives: positives.subarray(0, positive).sort(),
    negatives: negatives.subarray(0, truth.length - positive).sort()
  }
}
