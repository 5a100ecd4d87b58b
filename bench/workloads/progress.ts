/** What one look and one drawing of the live display cost. Prints microseconds as JSON. */
import { Effect, Layer, Sink, Stdio } from "effect"
import { Dataset, Evaluation, Progress, TracingClient } from "../../src/index.ts"
import { correct, example, length, makeTarget, measure } from "./work.ts"

const looks = 5000
let look: (() => Progress.Snapshot) | undefined

/** A terminal that swallows what it is shown. */
const terminal = Stdio.layerTest({ stderrIsTerminal: Effect.succeed(true), stderr: () => Sink.drain })

const spy: Progress.Reporter = {
  start: (_header, given) =>
    Effect.sync(() => {
      look = given
    })
}

await Effect.runPromise(
  Evaluation.run(
    Evaluation.make("bench", {
      data: Dataset.fromIterable("bench", Array.from({ length: 1000 }, (_, i) => example(i))),
      target: makeTarget(0)
    }),
    { evaluators: [correct, length] }
  ).pipe(Effect.provideService(Progress.Progress, spy), Effect.provide(TracingClient.layerNone))
)

// A whole run in which the display is drawn as fast as it can be, against one with the same work and no display.
const drawing = Effect.gen(function*() {
  const reporter = yield* Progress.Progress
  const snapshot = look
  if (snapshot === undefined) return
  yield* Effect.forEach(
    Array.from({ length: looks }),
    // Starting a reporter and closing its scope draws once.
    () => Effect.scoped(reporter.start(header, snapshot)),
    { discard: true }
  )
}).pipe(Effect.provide(Layer.provide(Progress.layerTerminal({ every: "1 hour", width: 120 }), terminal)))

const header = {
  id: "",
  name: "bench",
  evaluation: "bench",
  tags: [],
  metadata: {},
  dataset: { name: "bench", steps: [] },
  target: { name: "bench", fingerprint: "" },
  evaluators: [],
  repetitions: 1,
  options: {},
  provenance: {},
  startTime: 0
}

await Effect.runPromise(drawing)
const { cpuMillis } = await measure(() => Effect.runPromise(drawing))
process.stdout.write(JSON.stringify({ microsPerDrawing: cpuMillis / looks * 1000 }) + "\n")
process.exit(0)
