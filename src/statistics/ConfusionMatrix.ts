/**
 * What was predicted against what is true, class by class.
 *
 * @since 0.1.0
 */
import { requireLabels, requireSameLength } from "./internal/checks.ts"
import type { Label } from "./Values.ts"

/**
 * Options of `confusionMatrix`.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConfusionMatrixOptions<A extends Label> {
  /**
   * The classes, in the order of the rows. Default: those that occur, sorted: false before true, numbers by size, texts
   * by their characters.
   */
  readonly labels?: ReadonlyArray<A> | undefined
}

/**
 * How often which class was taken for which.
 *
 * @category models
 * @since 0.1.0
 */
export interface ConfusionMatrix<A extends Label = Label> {
  readonly labels: ReadonlyArray<A>
  /** `counts[i][j]` is how many items of class `i` were predicted to be of class `j`. */
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
}

/**
 * Counts how often which class was taken for which: rows are the truth, columns the predictions. Takes O(n) and a table
 * of the squared number of classes.
 *
 * A class that is NaN or not among the given `labels` throws a `RangeError`; a given label that never occurs has zeros.
 *
 * **Example** (Cats and dogs)
 *
 * ```ts
 * import * as Statistics from "effect-evals/statistics"
 *
 * const matrix = Statistics.confusionMatrix(["cat", "cat", "dog", "dog"], ["cat", "dog", "dog", "dog"])
 * console.log(matrix) // => { labels: [ 'cat', 'dog' ], counts: [ [ 1, 1 ], [ 0, 2 ] ] }
 * ```
 *
 * @category classification
 * @since 0.1.0
 */
export const confusionMatrix = <A extends Label>(
  truth: ReadonlyArray<A>,
  predicted: ReadonlyArray<A>,
  options?: ConfusionMatrixOptions<A>
): ConfusionMatrix<A> => {
  requireSameLength("truth", truth, "predicted", predicted)
  requireLabels("truth", truth)
  requireLabels("predicted", predicted)
  const labels = options?.labels ?? Array.from(new Set([...truth, ...predicted])).sort(compareLabels)
  const indexes = new Map(labels.map((label, index) => [label, index]))
  if (indexes.size < labels.length) throw new RangeError("labels holds a label twice")
  const indexOf = (name: string, i: number, label: A): number => {
    const index = indexes.get(label)
    if (index === undefined) {
      throw new RangeError(`${name}[${i}] is ${JSON.stringify(label)}, which is not among labels`)
    }
    return index
  }
  const counts = Array.from(labels, () => new Array<number>(labels.length).fill(0))
  for (let i = 0; i < truth.length; i++) {
    counts[indexOf("truth", i, truth[i]!)]![indexOf("predicted", i, predicted[i]!)]! += 1
  }
  return { labels, counts }
}

const compareLabels = (a: Label, b: Label): number => {
  // The names of the types happen to be in the order that is wanted.
  const [x, y] = typeof a === typeof b ? [a, b] : [typeof a, typeof b]
  return x < y ? -1 : x > y ? 1 : 0
}
