/**
 * Questions about this project's documentation, answered from sections that are looked up, and judged: does the answer stay
 * with what was found (groundedness), does it answer what was asked (answer relevance), and was the right page found?
 *
 *     npm run example examples/rag-judge/main.ts
 *
 * With `OPENAI_API_KEY` (and `OPENAI_BASE_URL` for another server) it asks real models, as `OPENAI_MODEL`,
 * `OPENAI_JUDGE_MODEL` and `OPENAI_EMBEDDING_MODEL` say; without, scripted ones, and it says so.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Layer, Path, Schedule, Schema } from "effect"
import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
import { Budget, Judge, JudgeCache, ModelLimits, Semantic } from "effect-evals/judge"
import { Retrieval } from "effect-evals/scorers"
import { Answerer } from "./Answerer.ts"
import { Documents } from "./Documents.ts"
import { JudgeModel, models } from "./models.ts"

const program = Effect.gen(function*() {
  const path = yield* Path.Path
  const questions = Dataset.fromJsonl(path.join(import.meta.dirname, "questions.jsonl"), {
    inputs: Answerer.inputs,
    referenceOutputs: Schema.Struct({ files: Schema.Array(Schema.String) })
  })
  const experiment = yield* Evaluation.run(Evaluation.make("documentation", { data: questions, target: Answerer }), {
    evaluators: [
      Judge.template("groundedness", {
        models: [JudgeModel],
        variables: ({ outputs }) => ({ context: outputs.sections.map(({ text }) => text), output: outputs.answer })
      }),
      Semantic.answerRelevance({
        model: JudgeModel,
        actual: ({ outputs }) => outputs.answer,
        question: ({ inputs }) => inputs.question
      }),
      Retrieval.hit({
        k: 3,
        actual: ({ outputs }) => outputs.sections.map(({ id }) => id.split("#")[0]),
        expected: ({ referenceOutputs }) => referenceOutputs.files
      })
    ],
    retry: Schedule.exponential("1 second").pipe(Schedule.jittered, Schedule.upTo({ times: 4 })),
    concurrency: 4
  })

  const shown = (score: number | undefined) => score === undefined ? "-" : String(Number(score.toFixed(2)))
  for (const row of experiment.rows) {
    yield* Console.log(
      `\n${row.example.inputs.question}\n  ${row.run.outputs?.answer.replaceAll("\n", " ") ?? String(row.run.error)}`
    )
    for (const { evaluator, outcome } of row.evaluations) {
      const why = outcome._tag === "Scored"
        ? outcome.results[0].comment
        : outcome._tag === "Skipped"
        ? `skipped: ${outcome.reason}`
        : `${outcome._tag}: ${outcome.message}`
      yield* Console.log(`  ${evaluator} ${shown(Row.score(row, evaluator))}  ${why ?? ""}`)
    }
  }
  yield* Console.log("")
  for (const { key, outcomes, score } of Object.values(experiment.summaries)) {
    yield* Console.log(
      `${key}: mean ${
        shown(score?.mean)
      } of ${outcomes.scored} scored, ${outcomes.skipped} skipped, ${outcomes.failed} failed`
    )
  }
  const { all } = yield* Effect.flatMap(Budget.Budget, ({ spent }) => spent)
  const { hits } = yield* Effect.flatMap(JudgeCache.JudgeCache, ({ statistics }) => statistics)
  yield* Console.log(
    `The judges asked ${all.calls} questions, took ${all.tokens} tokens, and found ${hits} verdicts in the cache.`
  )
})

/** What judging may take: so much at once, so much in all, and nothing twice. */
const judging = Layer.mergeAll(
  Budget.layer({ calls: 100, tokens: 200_000 }),
  JudgeCache.layerMemory(),
  ModelLimits.layer({ concurrency: 4, adaptiveConcurrency: true, rateLimit: { limit: 60, window: "1 minute" } })
)

Effect.gen(function*() {
  const { models: layer, note } = yield* models
  yield* Console.log(note)
  yield* program.pipe(Effect.provide(Answerer.layer.pipe(Layer.provide(Documents.layer), Layer.provideMerge(layer))))
}).pipe(
  Effect.provide([judging, TracingClient.layerNone]),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
