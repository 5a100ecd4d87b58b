/** What rows add up to, kept while they go by, in memory that does not grow with them. */
import type { EvaluationResult } from "../EvaluationResult.ts"
import type * as Experiment from "../Experiment.ts"
import type * as Outcome from "../Outcome.ts"
import * as Row from "../Row.ts"
import type * as Summary from "../Summary.ts"
import { canonicalJson } from "./canonicalJson.ts"
import { shorten } from "./describe.ts"
import { toJson } from "./json.ts"

type Counts = { -readonly [K in keyof Summary.OutcomeCounts]: number }

const countOf: { readonly [K in Outcome.Kind]: keyof Counts } = {
  Scored: "scored",
  Skipped: "skipped",
  Failed: "failed",
  TimedOut: "timedOut",
  Cancelled: "cancelled"
}

const maxValues = 1000
const maxValueLength = 200

/** The numbers of one key. */
class KeyAccumulator {
  scored = 0
  #count = 0
  #booleans = 0
  #mean = 0
  #squares = 0
  #sum = 0
  #lost = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  readonly #values = new Map<string, number>()
  #otherValues = 0

  add(result: EvaluationResult): void {
    this.scored++
    if (result.score !== undefined) this.#addScore(result.score)
    if (typeof result.score === "boolean") this.#addValue(String(result.score))
    if (result.value !== undefined) this.#addValue(valueText(result.value))
  }

  /**
   * The mean comes from a compensated sum (A. Neumaier, 1974), the variance from Welford's recurrence (1962), so
   * neither suffers from large scores that differ little.
   */
  #addScore(score: number | boolean): void {
    if (typeof score === "boolean") this.#booleans++
    // Added to zero, a minus zero is a zero: numbers that are read, and are the same once they have been JSON.
    const x = Number(score) + 0
    this.#count++
    const sum = this.#sum + x
    this.#lost += Math.abs(this.#sum) >= Math.abs(x) ? this.#sum - sum + x : x - sum + this.#sum
    this.#sum = sum
    const delta = x - this.#mean
    // Written so that the mean of the largest numbers there are does not overflow.
    this.#mean += x / this.#count - this.#mean / this.#count
    this.#squares += delta * (x - this.#mean)
    if (x < this.#min) this.#min = x
    if (x > this.#max) this.#max = x
  }

  #addValue(value: string): void {
    const count = this.#values.get(value)
    if (count !== undefined) this.#values.set(value, count + 1)
    else if (this.#values.size < maxValues) this.#values.set(value, 1)
    else this.#otherValues++
  }

  statistics(): Summary.ScoreStatistics | undefined {
    if (this.#count === 0) return undefined
    const mean = (this.#sum + this.#lost) / this.#count
    const standardDeviation = Math.sqrt(this.#squares / (this.#count - 1))
    return {
      count: this.#count,
      type: this.#booleans === this.#count ? "boolean" : this.#booleans === 0 ? "number" : "mixed",
      // Rounding must not carry it past the scores: a threshold that each of them passes is passed by their mean.
      mean: Math.min(Math.max(Number.isFinite(mean) ? mean : this.#mean, this.#min), this.#max) + 0,
      min: this.#min,
      max: this.#max,
      ...(Number.isFinite(standardDeviation) ? { standardDeviation } : {})
    }
  }

  get values(): Summary.Summary["values"] {
    return Array.from(this.#values, ([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
  }

  get otherValues(): number {
    return this.#otherValues
  }
}

const valueText = (value: unknown): string =>
  shorten(typeof value === "string" ? value : comparableText(value), maxValueLength)

/** Data that refers to itself, or throws when it is read, has no canonical text. It is counted nonetheless. */
const comparableText = (value: unknown): string => {
  try {
    return canonicalJson(value)
  } catch {
    return JSON.stringify(toJson(value))
  }
}

/** The outcomes of one evaluator and the numbers of its keys. */
class EvaluatorAccumulator {
  readonly counts: Counts = { scored: 0, skipped: 0, failed: 0, timedOut: 0, cancelled: 0 }
  readonly keys = new Map<string, KeyAccumulator>()

  constructor(expectedKeys: ReadonlyArray<string>) {
    for (const key of expectedKeys) this.keys.set(key, new KeyAccumulator())
  }

  add(outcome: Outcome.Outcome): void {
    this.counts[countOf[outcome._tag]]++
    if (outcome._tag === "Scored") { for (const result of outcome.results) this.#key(result.key).add(result) }
  }

  #key(key: string): KeyAccumulator {
    let accumulator = this.keys.get(key)
    if (accumulator === undefined) {
      accumulator = new KeyAccumulator()
      this.keys.set(key, accumulator)
    }
    return accumulator
  }
}

/** An evaluator whose outcomes are to be added up. */
export interface Tallied {
  readonly name: string
  /** Keys that it is known to give, so that they are there even when every row failed. */
  readonly feedbackKeys: ReadonlyArray<string>
}

type Runs = { -readonly [K in keyof Experiment.Footer["runs"]]: number }

const runCount = { Succeeded: "succeeded", Failed: "failed", TimedOut: "timedOut", Cancelled: "cancelled" } as const

/** Takes rows and gives, at any time, what they add up to so far. */
export class Tally {
  rowCount = 0
  failedRows = 0
  readonly #runs: Runs = { succeeded: 0, failed: 0, timedOut: 0, cancelled: 0 }
  readonly #evaluators: Map<string, EvaluatorAccumulator>

  constructor(evaluators: ReadonlyArray<Tallied>) {
    this.#evaluators = new Map(
      evaluators.map(({ feedbackKeys, name }) => [name, new EvaluatorAccumulator(feedbackKeys)])
    )
  }

  add(row: Pick<Row.Row, "run" | "evaluations">): void {
    this.rowCount++
    this.#runs[runCount[row.run.outcome._tag]]++
    if (Row.isFailure(row)) this.failedRows++
    for (const { evaluator, outcome } of row.evaluations) {
      let accumulator = this.#evaluators.get(evaluator)
      if (accumulator === undefined) {
        accumulator = new EvaluatorAccumulator([])
        this.#evaluators.set(evaluator, accumulator)
      }
      accumulator.add(outcome)
    }
  }

  counts(): Pick<Experiment.Footer, "rowCount" | "failedRows" | "runs"> {
    return { rowCount: this.rowCount, failedRows: this.failedRows, runs: { ...this.#runs } }
  }

  summaries(): Summary.Summaries {
    const summaries = new Map<string, Summary.Summary>()
    for (const [evaluator, { counts, keys }] of this.#evaluators) {
      const named: ReadonlyMap<string, KeyAccumulator> = keys.size > 0
        ? keys
        : new Map([[evaluator, new KeyAccumulator()]])
      for (const [key, accumulator] of named) {
        const score = accumulator.statistics()
        // A row that the evaluator scored without giving this key has nothing to score under it.
        const without = counts.scored - accumulator.scored
        let name = key
        while (summaries.has(name)) name = `${evaluator}.${name}`
        summaries.set(name, {
          key,
          evaluator,
          outcomes: { ...counts, scored: accumulator.scored, skipped: counts.skipped + without },
          ...(score === undefined ? {} : { score }),
          values: accumulator.values,
          otherValues: accumulator.otherValues
        })
      }
    }
    return Object.fromEntries(summaries)
  }
}
