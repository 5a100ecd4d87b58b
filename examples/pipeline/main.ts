/**
 * An evaluation as a step of a pipeline: rows are used as they finish, in bounded memory, and the pipeline ends as soon
 * as it knows enough. A journal on disk has every row that was done.
 *
 *     npm run example examples/pipeline/main.ts
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Path, Schedule, Stream } from "effect"
import { Dataset, Evaluation, Evaluator, Journal, Row, TracingClient } from "effect-evals"

/** A hundred thousand rows that nobody has to hold. */
const readings = function*() {
  for (let n = 0; n < 100_000; n++) yield { id: `reading-${n}`, inputs: { celsius: (n * 37) % 61 - 20 } }
}

const evaluation = Evaluation.make("thermometer", {
  data: Dataset.fromIterable("readings", readings()),
  // A device that fails now and then, and is wrong below zero.
  target: ({ celsius }, { attempt }) =>
    celsius % 5 === 0 && attempt === 1
      ? Effect.fail("no answer from the device")
      : Effect.succeed({ fahrenheit: celsius < 0 ? 32 : celsius * 1.8 + 32 })
})

const wrongRows = Evaluation.stream(evaluation, {
  name: "thermometer",
  concurrency: 8,
  retry: Schedule.recurs(2),
  evaluators: [
    Evaluator.make("right", ({ inputs, outputs }) => Math.abs(outputs.fahrenheit - (inputs.celsius * 1.8 + 32)) < 0.01)
  ]
}).pipe(Stream.filter((row) => Row.score(row, "right") === 0))

const program = Effect.gen(function*() {
  // Ten mistakes are enough to go and mend the device.
  yield* wrongRows.pipe(
    Stream.take(10),
    Stream.runForEach((row) =>
      Console.log(`${row.example.id}: ${row.example.inputs.celsius} °C came out as ${row.run.outputs?.fahrenheit} °F`)
    )
  )
})

/** The journal of the run that was cut short: the rows are there, and it says how it ended. */
const showJournal = Effect.fnUntraced(function*(directory: string) {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const file of yield* fileSystem.readDirectory(directory)) {
    const experiment = yield* Journal.read(path.join(directory, file))
    const retried = experiment.rows.filter(({ run }) => run.attempts.length > 1).length
    yield* Console.log(
      `The journal: ${experiment.status}, ${experiment.rowCount} rows recorded, ${retried} after a second attempt`
    )
  }
})

Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const directory = yield* fileSystem.makeTempDirectoryScoped()
  yield* Effect.provide(program, TracingClient.layerJournal({ directory }))
  yield* showJournal(directory)
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
