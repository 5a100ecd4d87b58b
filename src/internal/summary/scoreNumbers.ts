/** The numbers over scores, kept while they go by. */
import { RunningMoments } from "../../statistics/RunningMoments.ts"
import { Quantiles } from "./quantiles.ts"

/** Takes scores and knows, at any time, what their statistics are made of. */
export class ScoreNumbers {
  readonly moments = new RunningMoments()
  /** Only for scores that are not all 1 or 0, whose percentiles would say nothing. */
  quantiles: Quantiles | undefined
  booleans = 0
  countedFailures = 0
  /** How many scores are 1 or `true`. */
  ones = 0
  /** How many scores are 0 or `false`. */
  zeros = 0

  add(score: number | boolean): void {
    if (typeof score === "boolean") this.booleans++
    this.#addNumber(Number(score))
  }

  /** Adds a failure that counts as a score. */
  addFailure(score: number): void {
    this.countedFailures++
    this.#addNumber(score)
  }

  #addNumber(score: number): void {
    // Added to zero, a minus zero is a zero: numbers that are read, and are the same once they have been JSON.
    const x = score + 0
    this.moments.add(x)
    if (x === 1) this.ones++
    else if (x === 0) this.zeros++
    else if (this.quantiles === undefined) return this.#beginQuantiles(x)
    this.quantiles?.add(x)
  }

  #beginQuantiles(x: number): void {
    this.quantiles = new Quantiles()
    this.quantiles.add(0, this.zeros)
    this.quantiles.add(1, this.ones)
    this.quantiles.add(x)
  }

  get count(): number {
    return this.moments.count
  }

  /** Whether all scores are 1 or 0, so that their mean is a share. */
  get isShare(): boolean {
    return this.ones + this.zeros === this.count
  }

  /** Failures that count as a score say nothing about the type of the others. */
  get type(): "boolean" | "number" | "mixed" {
    return this.booleans + this.countedFailures === this.count && this.booleans > 0
      ? "boolean"
      : this.booleans === 0
      ? "number"
      : "mixed"
  }
}
