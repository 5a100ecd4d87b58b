/**
 * A program that tests kill: it evaluates with a journal in the directory that it is given, and says so when the first
 * rows are done. The later rows never end.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"

const [directory = "."] = process.argv.slice(2)

const evaluation = Evaluation.make("killed", {
  data: Dataset.fromIterable("numbers", Array.from({ length: 40 }, (_, n) => ({ id: `n${n}`, inputs: n }))),
  target: (n) =>
    n < 30
      ? Effect.succeed({ n, text: "x".repeat(200) })
      : Effect.never.pipe(Effect.onInterrupt(() => Effect.sync(() => console.log("finalized"))))
})

Evaluation.run(evaluation, {
  name: "killed",
  evaluators: [Evaluator.make("n", ({ outputs }) => outputs.n)],
  concurrency: 4
}).pipe(
  Effect.provide(Layer.provide(TracingClient.layerJournal({ directory }), NodeServices.layer)),
  Effect.tap(() => Effect.sync(() => console.log("completed"))),
  NodeRuntime.runMain
)

// Everything that can be done is done in no time; then it waits to be killed.
setTimeout(() => console.log("ready"), 500)
