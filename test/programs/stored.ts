/**
 * A program that tests run several times at once, and kill: `stored.ts <file> <name> <rows>`. It evaluates with a store
 * in a SQLite file, and writes a line for each batch that is committed and the name of the experiment when it is done.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"
import { Dataset, Evaluation, Evaluator } from "effect-evals"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"

const [filename = "", name = "", rows = "0"] = process.argv.slice(2)

const examples = function*() {
  for (let n = 0; n < Number(rows); n++) yield { id: `n${n}`, inputs: n }
}

// The store as it is, but for saying what is committed.
const told = Layer.effect(
  ExperimentStore.ExperimentStore,
  ExperimentStore.ExperimentStore.useSync((store) => ({
    ...store,
    batch: (id: string) => {
      const { add, write } = store.batch(id)
      let rows = 0
      return {
        add: (row: Parameters<typeof add>[0]) => {
          add(row)
          rows++
        },
        write: Effect.tap(write, () => Effect.sync(() => void process.stdout.write(`committed ${rows}\n`)))
      }
    }
  }))
)

const layer = ExperimentStore.layerTracingClient.pipe(
  Layer.provide(told),
  Layer.provide(ExperimentStore.layer),
  Layer.provide(SqliteClient.layer({ filename }))
)

Evaluation.stream(
  Evaluation.make(name, {
    data: Dataset.fromIterable("numbers", examples()),
    target: (n) => Effect.as(Effect.yieldNow, { n, text: `${name} ${n} `.repeat(20) }).pipe(Effect.withSpan("answer"))
  }),
  { name, evaluators: [Evaluator.make("n", ({ outputs }) => outputs.n)], concurrency: 4, keepRows: false }
).pipe(
  Stream.runDrain,
  Effect.provide(layer),
  Effect.tap(() => Effect.sync(() => process.stdout.write(`done ${name}\n`))),
  NodeRuntime.runMain
)
