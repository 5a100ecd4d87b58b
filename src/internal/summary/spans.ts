/** How long the runs of a target or of an evaluator took, and what they used. */
import type * as Run from "../../Run.ts"
import { RunningMoments } from "../../statistics/RunningMoments.ts"
import type * as Summary from "../../Summary.ts"
import { Quantiles } from "./quantiles.ts"

export class Spans {
  readonly #moments = new RunningMoments()
  readonly #quantiles = new Quantiles()
  #runs = 0
  #inputTokens = 0
  #outputTokens = 0
  #cost: number | undefined = 0

  add(millis: number, usage: Run.Usage | undefined): void {
    this.#moments.add(millis)
    this.#quantiles.add(millis)
    if (usage === undefined) return
    this.#runs++
    this.#inputTokens += usage.inputTokens
    this.#outputTokens += usage.outputTokens
    // A sum of some of the costs would look like all of them.
    this.#cost = this.#cost === undefined || usage.cost === undefined ? undefined : this.#cost + usage.cost
  }

  get latency(): Summary.Latency | undefined {
    const { count, max, mean, min } = this.#moments
    const { percentiles } = this.#quantiles
    return mean === undefined || min === undefined || max === undefined || percentiles === undefined
      ? undefined
      : { count, mean, min, max, percentiles }
  }

  get usage(): Summary.UsageTotal | undefined {
    return this.#runs === 0 ? undefined : {
      runs: this.#runs,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      ...(this.#cost === undefined ? {} : { cost: this.#cost })
    }
  }
}
