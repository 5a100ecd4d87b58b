/** Percentiles of numbers that go by: exact for few, from a sketch for many. */
import { percentiles } from "../../statistics/Percentiles.ts"
import { QuantileSketch } from "../../statistics/QuantileSketch.ts"
import type * as Summary from "../../Summary.ts"

const maxExact = 1000
const relativeError = 0.005

/** Takes numbers and gives their percentiles, in memory that does not grow with them. */
export class Quantiles {
  #exact: Array<number> = []
  #sketch: QuantileSketch | undefined

  /** Adds a number, or so many of the same. */
  add(value: number, count: number = 1): void {
    if (count === 0) return
    if (this.#sketch === undefined && this.#exact.length + count <= maxExact) {
      for (let i = 0; i < count; i++) this.#exact.push(value)
    } else this.#sketched().add(value, count)
  }

  /** From now on, and with what came so far, the sketch. */
  #sketched(): QuantileSketch {
    if (this.#sketch === undefined) {
      this.#sketch = new QuantileSketch({ relativeError })
      for (const value of this.#exact) this.#sketch.add(value)
      this.#exact = []
    }
    return this.#sketch
  }

  /** The percentiles; `undefined` without numbers. */
  get percentiles(): Summary.Percentiles | undefined {
    const sketch = this.#sketch
    const [p5, p25, p50, p75, p90, p95, p99] = sketch === undefined
      ? percentiles(this.#exact, probabilities)
      : probabilities.map((probability) => sketch.quantile(probability))
    if (
      p5 === undefined || p25 === undefined || p50 === undefined || p75 === undefined || p90 === undefined ||
      p95 === undefined || p99 === undefined
    ) return undefined
    return { p5, p25, p50, p75, p90, p95, p99, relativeError: sketch === undefined ? 0 : relativeError }
  }
}

const probabilities = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
