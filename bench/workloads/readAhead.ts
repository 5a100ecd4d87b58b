/** How far a generator of 100,000 rows of 4 KiB is pulled ahead of the rows that are done. Prints JSON. */
import { Effect, Stream } from "effect"
import { Dataset, Evaluation, TracingClient } from "../../src/index.ts"
import { makeTarget } from "./work.ts"

const count = 100_000
let pulled = 0
let done = 0
let furthest = 0

const rows = function*() {
  for (let i = 0; i < count; i++) {
    pulled++
    furthest = Math.max(furthest, pulled - done)
    yield { id: String(i), inputs: { x: i, question: String(i).padEnd(4096, "x") } }
  }
}

await Effect.runPromise(
  Evaluation.stream(
    Evaluation.make("bench", { data: Dataset.fromIterable("bench", rows()), target: makeTarget(0) }),
    { concurrency: 16, evaluators: [({ outputs }) => ({ key: "y", score: outputs.y })] }
  ).pipe(
    Stream.runForEachArray((batch) =>
      Effect.sync(() => {
        done += batch.length
      })
    ),
    Effect.provide(TracingClient.layerNone)
  )
)
process.stdout.write(JSON.stringify({ furthest, done }) + "\n")
process.exit(0)
