/**
 * A program that tests kill again and again: it resumes whatever its journals have of it. Each call of the target leaves
 * a line in `calls.log` when it begins, and another one when it has ended.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { Dataset, Evaluation, Evaluator, Journal, TracingClient } from "effect-evals"
import { appendFileSync } from "node:fs"

const [directory = "."] = process.argv.slice(2)

const rows = 150

const log = (line: string) => Effect.sync(() => appendFileSync(`${directory}/calls.log`, `${line}\n`))

const evaluation = Evaluation.make("resumed", {
  data: Dataset.fromIterable("numbers", Array.from({ length: rows }, (_, n) => ({ id: `n${n}`, inputs: n }))),
  target: (n, { repetition }) =>
    Effect.gen(function*() {
      yield* log(`begin ${n}/${repetition}`)
      yield* Effect.sleep(5)
      yield* log(`end ${n}/${repetition}`)
      return { square: n * n }
    })
})

const program = Effect.gen(function*() {
  const experiments = yield* Journal.named(`${directory}/journals`, "resumed", {
    outputs: Schema.Struct({ square: Schema.Number })
  })
  const experiment = yield* Evaluation.run(evaluation, {
    name: "resumed",
    resume: { experiments },
    repetitions: 2,
    concurrency: 4,
    evaluators: [
      Evaluator.make("even", ({ outputs }) => outputs.square % 2 === 0),
      Evaluator.make("size", ({ outputs }) => outputs.square)
    ]
  })
  console.log(JSON.stringify({ reused: experiment.reused, id: experiment.id }))
})

program.pipe(
  Effect.provide(
    TracingClient.layerJournal({ directory: `${directory}/journals` }).pipe(Layer.provide(NodeServices.layer))
  ),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
