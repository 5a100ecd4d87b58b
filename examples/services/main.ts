/**
 * A target and an evaluator as services: swap models, or judges, by swapping Layers. The evaluation itself does not
 * change.
 *
 *     npm run example examples/services/main.ts
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Dataset, Evaluation, Evaluator, Row, Target, TracingClient } from "effect-evals"

/** What is evaluated. Its Layers are the models. */
class Summarizer extends Target.Service<Summarizer>()("newsroom/Summarizer", {
  inputs: Schema.Struct({ article: Schema.String }),
  outputs: Schema.Struct({ summary: Schema.String })
}) {
  static readonly FirstSentence = Layer.succeed(Summarizer, {
    version: "first-sentence",
    run: ({ article }) => Effect.succeed({ summary: `${article.split(". ")[0] ?? ""}.` })
  })

  static readonly LongestSentence = Layer.succeed(Summarizer, {
    version: "longest-sentence",
    run: ({ article }) => {
      const sentences = article.split(". ").toSorted((a, b) => b.length - a.length)
      return Effect.succeed({ summary: `${sentences[0] ?? ""}.` })
    }
  })
}

/** Who judges. Its Layers are the judges; one of them could ask a model. */
class Coverage extends Evaluator.Service<Coverage>()("newsroom/Coverage", {
  outputs: Summarizer.outputs,
  referenceOutputs: Schema.Struct({ mentions: Schema.Array(Schema.String) }),
  key: "coverage"
}) {
  static readonly ExactWords = Layer.succeed(Coverage, {
    version: "exact-words",
    evaluate: ({ outputs, referenceOutputs: { mentions } }) => {
      const missing = mentions.filter((word) => !outputs.summary.includes(word))
      return {
        score: 1 - missing.length / mentions.length,
        comment: missing.length === 0 ? "all there" : `missing: ${missing.join(", ")}`
      }
    }
  })
}

const articles = Dataset.fromIterable("articles", [
  {
    id: "bridge",
    inputs: {
      article: "The old bridge reopens. After two years of repairs the city council opens the Mill Bridge on Friday. " +
        "Cyclists get a lane of their own"
    },
    referenceOutputs: { mentions: ["Mill Bridge", "Friday"] }
  },
  {
    id: "storm",
    inputs: {
      article: "A storm cut power to nine villages in the north. Crews work through the night. Schools stay closed"
    },
    referenceOutputs: { mentions: ["storm", "nine villages"] }
  }
])

const evaluation = Evaluation.make("summaries", { data: articles, target: Summarizer })

const evaluate = Evaluation.run(evaluation, {
  evaluators: [
    Coverage,
    Evaluator.make("short", ({ outputs }) => outputs.summary.length <= 60)
  ]
})

const program = Effect.gen(function*() {
  for (const layer of [Summarizer.FirstSentence, Summarizer.LongestSentence]) {
    const experiment = yield* Effect.provide(evaluate, layer)
    const means = Object.values(experiment.summaries).map(({ key, score }) => `${key} ${score?.mean.toFixed(2)}`)
    yield* Console.log(`${experiment.target.version}: ${means.join(", ")}`)
    for (const row of experiment.rows) {
      yield* Console.log(`  ${row.example.id}: ${Row.result(row, "coverage")?.comment}`)
    }
  }
})

program.pipe(Effect.provide([Coverage.ExactWords, TracingClient.layerNone]), NodeRuntime.runMain)
