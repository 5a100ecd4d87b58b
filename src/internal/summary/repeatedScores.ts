/** The scores of one key where examples are repeated: what belongs to one example is reduced when all of it is there. */
import type * as Summary from "../../Summary.ts"
import { ClusterSums } from "./clusterSums.ts"
import type { Reduce } from "./reduce.ts"
import { ScoreNumbers } from "./scoreNumbers.ts"

/** A reducer, ready for use. */
export interface NamedReduce {
  readonly reducer: Summary.Reducer
  readonly reduce: Reduce
}

/** The scores of a key by example, of which those are held whose repetitions are not all there yet. */
export class RepeatedScores {
  readonly clusters = new ClusterSums()
  readonly reductions: ReadonlyArray<NamedReduce & { readonly numbers: ScoreNumbers }>
  readonly #pending = new Map<number, Array<number>>()

  constructor(reducers: ReadonlyArray<NamedReduce>) {
    this.reductions = reducers.map((reducer) => ({ ...reducer, numbers: new ScoreNumbers() }))
  }

  add(example: number, score: number): void {
    const scores = this.#pending.get(example)
    if (scores === undefined) this.#pending.set(example, [score])
    else scores.push(score)
  }

  /** No more scores of this example will come. */
  complete(example: number): void {
    const scores = this.#pending.get(example)
    if (scores === undefined) return
    this.#pending.delete(example)
    this.addExample(scores)
  }

  /** Adds all scores of an example at once. */
  addExample(scores: ReadonlyArray<number>): void {
    let sum = 0
    for (const score of scores) sum += score
    this.clusters.add(sum, scores.length)
    for (const { numbers, reduce } of this.reductions) {
      const score = reduce(scores)
      if (score !== undefined) numbers.add(score)
    }
  }
}
