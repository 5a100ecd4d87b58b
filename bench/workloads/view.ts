/** Serves a store of so many experiments, and prints how long its list takes: as a page, and as JSON. */
import { Effect, Redacted } from "effect"
import { Dataset, Evaluation, Evaluator, TracingClient } from "../../src/index.ts"
import { ExperimentStore } from "../../src/sql/index.ts"
import { View } from "../../src/view/index.ts"

const experiments = Number(process.argv[2])

const program = Effect.gen(function*() {
  const store = yield* ExperimentStore.ExperimentStore
  for (let i = 0; i < experiments; i++) {
    const data = Dataset.fromIterable(
      `questions ${i % 5}`,
      Array.from({ length: 100 }, (_, n) => ({ inputs: n, split: n % 3 === 0 ? "hard" : "easy" }))
    )
    const experiment = yield* Evaluation.run(Evaluation.make("answers", { data, target: (n) => n * i }), {
      name: `nightly ${i}`,
      summaries: { groupBy: ["split"] },
      evaluators: [
        Evaluator.make("correct", ({ outputs }) => outputs % 3 === 0),
        Evaluator.make("size", ({ outputs }) => outputs),
        Evaluator.make("label", ({ outputs }) => outputs % 2 === 0 ? "even" : "odd"),
        Evaluator.make("share", ({ outputs }) => outputs % 10 / 10)
      ]
    })
    yield* store.begin(experiment)
    yield* store.record(experiment.id, experiment.rows)
    yield* store.end(experiment.id, experiment)
  }
  const { api, token, url } = yield* View.serve({ port: 0 })
  const time = (address: string) =>
    Effect.promise(async () => {
      const begun = performance.now()
      const response = await fetch(address, { headers: { authorization: `Bearer ${Redacted.value(token)}` } })
      if (!response.ok) throw new Error(`${address} answered ${response.status}`)
      await response.text()
      return performance.now() - begun
    })
  const median = (address: string) =>
    Effect.map(
      Effect.forEach(Array.from({ length: 21 }), () => time(address)),
      (times) => times.toSorted((a, b) => a - b)[10] ?? Number.NaN
    )
  const first = yield* time(url)
  return { first, page: yield* median(url), json: yield* median(`${api}/experiments?limit=${experiments}`) }
})

console.log(JSON.stringify(
  await Effect.runPromise(
    Effect.scoped(program).pipe(Effect.provide([ExperimentStore.layerMemory, TracingClient.layerNone]))
  )
))
