/** What rows add up to, kept while they go by, in memory that does not grow with them. */
import type { EvaluationResult } from "../../EvaluationResult.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Outcome from "../../Outcome.ts"
import * as Row from "../../Row.ts"
import * as Run from "../../Run.ts"
import type * as Summary from "../../Summary.ts"
import { shorten } from "../values/describe.ts"
import { defaultReducers, reduceBy } from "./reduce.ts"
import { RepeatedLabels } from "./repeatedLabels.ts"
import { type NamedReduce, RepeatedScores } from "./repeatedScores.ts"
import { groupsOf, otherGroups } from "./rowGroups.ts"
import { ScoreNumbers } from "./scoreNumbers.ts"
import { isFailure } from "./scores.ts"
import { Spans } from "./spans.ts"
import { valueText } from "./valueText.ts"

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
const maxGroups = 1000

/** How to add up, ready for use. */
interface Plan {
  readonly repetitions: number
  readonly reducers: ReadonlyArray<NamedReduce>
  /** What a failure counts as, if it counts. */
  readonly countAs: number | undefined
}

/** The numbers of one key. */
export class KeyTally {
  scored = 0
  otherValues = 0
  readonly numbers = new ScoreNumbers()
  readonly repeated: RepeatedScores | undefined
  /** Of results that have no score. */
  readonly labels: RepeatedLabels | undefined
  readonly #values = new Map<string, number>()

  constructor({ reducers, repetitions }: Plan) {
    this.repeated = repetitions > 1 ? new RepeatedScores(reducers) : undefined
    this.labels = repetitions > 1 && reducers.some(({ reducer }) => reducer === "mode")
      ? new RepeatedLabels()
      : undefined
  }

  add(result: EvaluationResult, example: number): void {
    this.scored++
    if (result.score !== undefined) {
      this.numbers.add(result.score)
      this.repeated?.add(example, Number(result.score))
    }
    if (typeof result.score === "boolean") this.#addValue(String(result.score))
    if (result.value === undefined) return
    const value = shorten(valueText(result.value), maxValueLength)
    this.#addValue(value)
    if (result.score === undefined) this.labels?.add(example, value)
  }

  addFailure(score: number, example: number): void {
    this.numbers.addFailure(score)
    this.repeated?.add(example, score)
  }

  #addValue(value: string): void {
    const count = this.#values.get(value)
    if (count !== undefined) this.#values.set(value, count + 1)
    else if (this.#values.size < maxValues) this.#values.set(value, 1)
    else this.otherValues++
  }

  get values(): Summary.Summary["values"] {
    return Array.from(this.#values, ([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
  }
}

/** The outcomes of one evaluator and the numbers of its keys. */
export class EvaluatorTally {
  readonly name: string
  readonly counts: Counts = { scored: 0, skipped: 0, failed: 0, timedOut: 0, cancelled: 0 }
  readonly keys = new Map<string, KeyTally>()
  failures = 0
  readonly #plan: Plan
  /** Failures of examples that are complete: how many examples have so many. For keys that only show up later. */
  readonly #completed = new Map<number, number>()
  readonly #pending = new Map<number, number>()

  constructor(plan: Plan, { feedbackKeys, name }: Tallied) {
    this.name = name
    this.#plan = plan
    for (const key of feedbackKeys) this.keys.set(key, new KeyTally(plan))
  }

  add(outcome: Outcome.Outcome, isFailure: boolean, example: number): void {
    this.counts[countOf[outcome._tag]]++
    if (outcome._tag === "Scored") { for (const result of outcome.results) this.#key(result.key).add(result, example) }
    else if (isFailure) this.#addFailure(example)
  }

  #addFailure(example: number): void {
    this.failures++
    const { countAs, repetitions } = this.#plan
    if (countAs === undefined) return
    for (const key of this.keys.values()) key.addFailure(countAs, example)
    if (repetitions > 1) this.#pending.set(example, (this.#pending.get(example) ?? 0) + 1)
  }

  complete(example: number): void {
    for (const { labels, repeated } of this.keys.values()) {
      repeated?.complete(example)
      labels?.complete(example)
    }
    const failures = this.#pending.get(example)
    if (failures === undefined) return
    this.#pending.delete(example)
    this.#completed.set(failures, (this.#completed.get(failures) ?? 0) + 1)
  }

  #key(key: string): KeyTally {
    let tally = this.keys.get(key)
    if (tally === undefined) {
      tally = this.newKey()
      this.keys.set(key, tally)
    }
    return tally
  }

  /** The numbers of a key that nothing was scored under yet: the failures so far, where they count. */
  newKey(): KeyTally {
    const tally = new KeyTally(this.#plan)
    const { countAs } = this.#plan
    if (countAs === undefined) return tally
    for (let i = 0; i < this.failures; i++) tally.numbers.addFailure(countAs)
    for (const [failures, examples] of this.#completed) {
      const scores = new Array<number>(failures).fill(countAs)
      for (let i = 0; i < examples; i++) tally.repeated?.addExample(scores)
    }
    for (const [example, failures] of this.#pending) {
      for (let i = 0; i < failures; i++) tally.repeated?.add(example, countAs)
    }
    return tally
  }
}

/** An evaluator whose outcomes are to be added up. */
export interface Tallied {
  readonly name: string
  /** Keys that it is known to give, so that they are there even when every row failed. */
  readonly feedbackKeys: ReadonlyArray<string>
}

/** The rows of one group, or all of them. */
export class GroupTally {
  rowCount = 0
  readonly evaluators: Map<string, EvaluatorTally>
  readonly #plan: Plan
  /** How many repetitions are missing, for the examples that are not complete. */
  readonly #missing = new Map<number, number>()

  constructor(plan: Plan, evaluators: ReadonlyArray<Tallied>) {
    this.#plan = plan
    this.evaluators = new Map(evaluators.map((evaluator) => [evaluator.name, new EvaluatorTally(plan, evaluator)]))
  }

  add(row: Pick<Row.Row, "index" | "run" | "evaluations">): void {
    this.rowCount++
    const { repetitions } = this.#plan
    // The repetitions of an example follow one another.
    const example = repetitions > 1 ? Math.floor(row.index / repetitions) : row.index
    for (const { evaluator, outcome } of row.evaluations) {
      this.#evaluator(evaluator).add(outcome, isFailure(outcome, row), example)
    }
    if (repetitions > 1) this.#count(example)
  }

  #count(example: number): void {
    const missing = (this.#missing.get(example) ?? this.#plan.repetitions) - 1
    if (missing > 0) this.#missing.set(example, missing)
    else this.#complete(example)
  }

  #complete(example: number): void {
    this.#missing.delete(example)
    for (const evaluator of this.evaluators.values()) evaluator.complete(example)
  }

  /** There are no more rows: examples that lack repetitions are taken as they are. */
  end(): void {
    for (const example of this.#missing.keys()) this.#complete(example)
  }

  #evaluator(name: string): EvaluatorTally {
    let tally = this.evaluators.get(name)
    if (tally === undefined) {
      tally = new EvaluatorTally(this.#plan, { name, feedbackKeys: [] })
      this.evaluators.set(name, tally)
    }
    return tally
  }
}

type Runs = { -readonly [K in keyof Experiment.Footer["runs"]]: number }

const runCount = { Succeeded: "succeeded", Failed: "failed", TimedOut: "timedOut", Cancelled: "cancelled" } as const

/** Takes rows and knows, at any time, what they add up to so far. */
export class Tally {
  failedRows = 0
  readonly level: number
  readonly policy: Summary.FailurePolicy
  readonly whole: GroupTally
  readonly target = new Spans()
  readonly evaluators = new Map<string, Spans>()
  readonly groups = new Map<Summary.GroupBy, Map<string, GroupTally>>()
  readonly #tallied: ReadonlyArray<Tallied>
  readonly #plan: Plan
  readonly #runs: Runs = { succeeded: 0, failed: 0, timedOut: 0, cancelled: 0 }

  constructor(evaluators: ReadonlyArray<Tallied>, repetitions: number, options: Summary.Options) {
    const { failures = "exclude", groupBy = [], passingScore = 1, reducers = defaultReducers(repetitions) } = options
    this.level = options.level ?? 0.95
    this.policy = failures
    this.#tallied = evaluators
    this.#plan = {
      repetitions,
      reducers: reducers.map((reducer) => ({ reducer, reduce: reduceBy(reducer, passingScore) })),
      countAs: failures === "exclude" ? undefined : failures.countAs
    }
    this.whole = new GroupTally(this.#plan, evaluators)
    for (const by of groupBy) this.groups.set(by, new Map())
  }

  add(row: Pick<Row.Row, "index" | "example" | "run" | "evaluations">): void {
    this.whole.add(row)
    this.#runs[runCount[row.run.outcome._tag]]++
    if (Row.isFailure(row)) this.failedRows++
    // A run without attempts was not run here: its outputs were recorded, and its times may say nothing.
    if (row.run.attempts.length > 0) this.target.add(Run.latency(row.run), row.run.usage)
    for (const evaluation of row.evaluations) {
      if (evaluation.attempts.length > 0) {
        this.#spans(evaluation.evaluator).add(Run.latency(evaluation), evaluation.usage)
      }
    }
    for (const [by, groups] of this.groups) {
      for (const name of groupsOf(row.example, by)) this.#group(groups, name).add(row)
    }
  }

  #spans(evaluator: string): Spans {
    let spans = this.evaluators.get(evaluator)
    if (spans === undefined) {
      spans = new Spans()
      this.evaluators.set(evaluator, spans)
    }
    return spans
  }

  #group(groups: Map<string, GroupTally>, wanted: string): GroupTally {
    const name = groups.has(wanted) || groups.size < maxGroups ? wanted : otherGroups
    let group = groups.get(name)
    if (group === undefined) {
      group = new GroupTally(this.#plan, this.#tallied)
      groups.set(name, group)
    }
    return group
  }

  get rowCount(): number {
    return this.whole.rowCount
  }

  counts(): Pick<Experiment.Footer, "rowCount" | "failedRows" | "runs"> {
    return { rowCount: this.rowCount, failedRows: this.failedRows, runs: { ...this.#runs } }
  }

  /** The mean of every key that has scores, so far. */
  means(): Array<{ readonly key: string; readonly mean: number; readonly count: number }> {
    return Array.from(this.whole.evaluators.values()).flatMap(({ keys }) =>
      Array.from(keys).flatMap(([key, { numbers: { count, moments: { mean } } }]) =>
        mean === undefined ? [] : [{ key, mean, count }]
      )
    )
  }
}
