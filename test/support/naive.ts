/** What rows add up to, worked out once more, in the plainest way. */
import { assert } from "@effect/vitest"
import { Struct } from "effect"
import { type Experiment, Outcome, type Row } from "../../src/index.ts"

/** The numbers of a list of scores, from their definitions; scaled, so that no sum or square overflows. */
const statisticsOf = (scores: ReadonlyArray<number | boolean>) => {
  // A minus zero counts as zero.
  const xs = scores.map((score) => Number(score) + 0)
  const min = Math.min(...xs)
  const max = Math.max(...xs)
  const scale = Math.max(Math.abs(min), Math.abs(max)) || 1
  const mean = xs.reduce((sum, x) => sum + x / scale, 0) / xs.length
  const squares = xs.reduce((sum, x) => sum + (x / scale - mean) ** 2, 0)
  const standardDeviation = Math.sqrt(squares / (xs.length - 1)) * scale
  const booleans = scores.filter((score) => typeof score === "boolean").length
  return {
    scale,
    mean: mean * scale,
    standardDeviation: Number.isFinite(standardDeviation) ? standardDeviation : undefined,
    exact: {
      count: xs.length,
      type: booleans === xs.length ? "boolean" : booleans === 0 ? "number" : "mixed",
      min,
      max
    }
  }
}

const tally = <K extends PropertyKey>(keys: ReadonlyArray<K>): Partial<Record<K, number>> =>
  Object.fromEntries(Array.from(Map.groupBy(keys, (key) => key), ([key, group]) => [key, group.length])) as Partial<
    Record<K, number>
  >

/** Whether two numbers are the same but for rounding, with scores of this size. */
const close = (actual: number | undefined, expected: number | undefined, scale: number, what: string) => {
  if (actual === undefined || expected === undefined) return assert.strictEqual(actual, expected, what)
  assert.isAtMost(
    Math.abs(actual - expected),
    1e-9 * scale + 100 * Number.MIN_VALUE,
    `${what}: ${actual}, ${expected}`
  )
}

/** Holds the counts and the summaries of an experiment against its rows. */
export const assertAddsUp = (experiment: Omit<Experiment.Experiment, "rows">, rows: ReadonlyArray<Row.Row>) => {
  const runs = tally(rows.map(({ run }) => run.outcome._tag))
  assert.strictEqual(experiment.rowCount, rows.length)
  assert.deepStrictEqual(experiment.runs, {
    succeeded: runs.Succeeded ?? 0,
    failed: runs.Failed ?? 0,
    timedOut: runs.TimedOut ?? 0,
    cancelled: runs.Cancelled ?? 0
  })
  const isBad = ({ evaluations, run }: Row.Row) =>
    run.outcome._tag !== "Succeeded" ||
    evaluations.some(({ outcome }) => outcome._tag === "Failed" || outcome._tag === "TimedOut")
  assert.strictEqual(experiment.failedRows, rows.filter(isBad).length)

  let summaries = 0
  for (const { name } of experiment.evaluators) {
    const outcomes = rows.flatMap(({ evaluations }) =>
      evaluations.flatMap((evaluation) => evaluation.evaluator === name ? [evaluation.outcome] : [])
    )
    const kinds = tally(outcomes.map(({ _tag }) => _tag))
    const given = new Set(outcomes.flatMap((outcome) => Outcome.results(outcome).map(({ key }) => key)))
    const keys = given.size === 0 ? [name] : [...given]
    summaries += keys.length
    for (const key of keys) {
      const found = Object.values(experiment.summaries).filter((summary) =>
        summary.key === key && summary.evaluator === name
      )
      assert.strictEqual(found.length, 1, `one summary for ${key} of ${name}`)
      const summary = found[0]
      const results = outcomes.flatMap(Outcome.results).filter((result) => result.key === key)
      assert.deepStrictEqual(summary?.outcomes, {
        scored: results.length,
        skipped: (kinds.Skipped ?? 0) + (kinds.Scored ?? 0) - results.length,
        failed: kinds.Failed ?? 0,
        timedOut: kinds.TimedOut ?? 0,
        cancelled: kinds.Cancelled ?? 0
      })
      const scores = results.flatMap(({ score }) => score === undefined ? [] : [score])
      if (scores.length === 0) assert.isUndefined(summary?.score)
      else {
        const { exact, mean, scale, standardDeviation } = statisticsOf(scores)
        assert.isDefined(summary?.score)
        const { mean: actualMean, standardDeviation: actualDeviation } = summary.score
        assert.deepStrictEqual<unknown>(Struct.pick(summary.score, ["count", "type", "min", "max"]), exact)
        const { lower, reason, upper } = summary.score.interval
        if (lower === undefined || upper === undefined) assert.isString(reason)
        else assert.isTrue(lower <= actualMean && actualMean <= upper, `${lower} to ${upper} around ${actualMean}`)
        const { p5, p50, p95 } = summary.score.percentiles ?? { p5: exact.min, p50: exact.min, p95: exact.max }
        assert.isTrue(exact.min <= p5 && p5 <= p50 && p50 <= p95 && p95 <= exact.max)
        assert.isTrue(actualMean >= exact.min && actualMean <= exact.max)
        close(actualMean, mean, scale, `the mean of ${key}`)
        // Beyond these sizes a square cannot be told from infinity or from zero.
        if (scale < 1e150 && scale > 1e-150) {
          close(actualDeviation, standardDeviation, scale, `the standard deviation of ${key}`)
        }
      }
      const labels = tally(results.flatMap(({ score, value }) => [
        ...(typeof score === "boolean" ? [String(score)] : []),
        ...(typeof value === "string" ? [value] : [])
      ]))
      const isShort = (text: string) => text.length < 200
      const counted = new Map(summary?.values.map(({ count, value }) => [value, count]))
      if (results.every(({ value }) => value === undefined || (typeof value === "string" && isShort(value)))) {
        assert.deepStrictEqual(counted, new Map(Object.entries<number | undefined>(labels)) as typeof counted)
      }
      assert.strictEqual(
        (summary?.values ?? []).reduce((sum, { count }) => sum + count, summary?.otherValues ?? 0),
        results.filter(({ value }) => value !== undefined).length +
          results.filter(({ score }) => typeof score === "boolean").length
      )
    }
  }
  assert.strictEqual(Object.keys(experiment.summaries).length, summaries)
}
