/** How long statistics take the first time they are called. Prints what was measured as JSON. */
import { Effect } from "effect"
import { Comparison, Dataset, Evaluation, Evaluator, Row, TracingClient } from "../../src/index.ts"
import { summarize } from "../../src/internal/summary/summarize.ts"
import { Tally } from "../../src/internal/summary/tally.ts"
import * as Statistics from "../../src/statistics/index.ts"
import { measure } from "./work.ts"

/** Numbers that are the same in every run. */
const generator = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647

const experiment = (name: string, count: number, repetitions: number, seed: number) => {
  const random = generator(seed)
  return Effect.runPromise(
    Evaluation.run(
      Evaluation.make("bench", {
        data: Dataset.fromIterable(
          "bench",
          Array.from({ length: count }, (_, i) => ({
            id: `e${i}`,
            inputs: { question: `What is ${i} + ${i}?` },
            referenceOutputs: 2 * i
          }))
        ),
        target: () => random()
      }),
      {
        name,
        repetitions,
        evaluators: [
          Evaluator.make("correct", ({ outputs }) => outputs < 0.6),
          Evaluator.make("quality", ({ outputs }) => outputs),
          Evaluator.make("stars", ({ outputs }) => Math.ceil(outputs * 5))
        ]
      }
    ).pipe(Effect.provide(TracingClient.layerNone))
  )
}

const subjects: { readonly [name: string]: () => Promise<object> } = {
  async comparison() {
    const [before, after] = [await experiment("before", 100_000, 1, 1), await experiment("after", 100_000, 1, 2)]
    const { wallMillis } = await measure(() => Effect.runPromise(Comparison.make(before, after)))
    // What every comparison does at least: to look at all scores.
    const reading = await measure(async () => {
      let sum = 0
      for (const { rows } of [before, after]) {
        for (const row of rows) {
          for (const key of ["correct", "quality", "stars"]) sum += Row.score(row, key) ?? 0
        }
      }
      return sum
    })
    return { millis: wallMillis, baselineMillis: reading.wallMillis }
  },
  async bootstrap() {
    const random = generator(3)
    const values = Float64Array.from({ length: 10_000 }, random)
    const { wallMillis } = await measure(async () => Statistics.bootstrap(values, { resamples: 10_000, seed: 1 }))
    const naive = await measure(async () => {
      const means = new Float64Array(10_000)
      for (let i = 0; i < means.length; i++) {
        let sum = 0
        for (let j = 0; j < values.length; j++) sum += values[Math.floor(Math.random() * values.length)] ?? 0
        means[i] = sum / values.length
      }
      return means.sort()
    })
    return { millis: wallMillis, baselineMillis: naive.wallMillis }
  },
  async auroc() {
    const random = generator(4)
    const truth = Array.from({ length: 1_000_000 }, () => random() < 0.3)
    const scores = Float64Array.from(truth, (positive) => random() + (positive ? 0.2 : 0))
    const { wallMillis } = await measure(async () => Statistics.auroc(truth, scores))
    const sorting = await measure(async () => scores.toSorted())
    return { millis: wallMillis, baselineMillis: sorting.wallMillis }
  },
  summaries: () => summaries(1),
  "summaries-with-repetitions": () => summaries(4)
}

/** What the engine does for summaries at every row, measured warm, as rows come by the hundred thousand. */
async function summaries(repetitions: number): Promise<object> {
  const { rows } = await experiment("rows", 100_000 / repetitions, repetitions, 5)
  const evaluators = ["correct", "quality", "stars"].map((name) => ({ name, feedbackKeys: [] }))
  const runs: Array<number> = []
  for (let i = 0; i < 7; i++) {
    const tally = new Tally(evaluators, repetitions, {})
    const { cpuMillis } = await measure(async () => {
      for (const row of rows) tally.add(row)
      await Effect.runPromise(summarize(tally))
    })
    runs.push(cpuMillis)
  }
  const millis = runs.slice(2).sort((a, b) => a - b)[2] ?? Number.NaN
  return { microsPerRow: millis / rows.length * 1000 }
}

const subject = subjects[process.argv[2] ?? ""]
if (subject === undefined) throw new Error(`one of ${Object.keys(subjects).join(", ")} is wanted`)
process.stdout.write(JSON.stringify(await subject()) + "\n")
process.exit(0)
