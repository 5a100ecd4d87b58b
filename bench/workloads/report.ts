/** Writes the page of an experiment of so many rows, with texts that are not easy to compress, and prints what it took. */
import { Effect } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Dataset, Evaluation, Evaluator, TracingClient } from "../../src/index.ts"
import { Html } from "../../src/reports/index.ts"

const rows = Number(process.argv[2])

let state = 1
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}
// As many different words as there are in everyday texts.
const words = Array.from(
  { length: 8000 },
  () =>
    Array.from({ length: 2 + Math.floor(random() * 8) }, () => String.fromCharCode(97 + Math.floor(random() * 26)))
      .join("")
)
const text = (length: number): string =>
  Array.from({ length }, () => words[Math.floor(random() ** 3 * words.length)]).join(" ")

const data = Dataset.fromIterable(
  "questions",
  Array.from({ length: rows }, (_, n) => ({
    id: `question-${n}`,
    inputs: { question: text(25) },
    referenceOutputs: { answer: text(40) },
    metadata: { topic: `topic ${n % 12}` }
  }))
)

const experiment = await Effect.runPromise(
  Evaluation.run(
    Evaluation.make("answers", {
      data,
      target: ({ question }) =>
        Effect.sync(() => ({ answer: text(60), about: question.slice(0, 20) })).pipe(
          Effect.withSpan("chat", {
            attributes: {
              "gen_ai.operation.name": "chat",
              "gen_ai.usage.input_tokens": 400,
              "gen_ai.usage.output_tokens": 80
            }
          }),
          Effect.withSpan("answer")
        )
    }),
    {
      concurrency: 16,
      evaluators: [
        Evaluator.make("correct", () => random() < 0.7),
        Evaluator.make("helpfulness", () => ({ score: random(), comment: text(20) })),
        Evaluator.make("tone", () => random() < 0.5 ? "friendly" : "curt"),
        Evaluator.make("flaky", () => random() < 0.05 ? Effect.fail("the judge is down") : Effect.succeed(random()))
      ]
    }
  ).pipe(Effect.provide(TracingClient.layerNone))
)

const begun = performance.now()
const page = await Effect.runPromise(Html.report(experiment))
const path = join(mkdtempSync(join(tmpdir(), "effect-evals-bench-")), "report.html")
writeFileSync(path, page)
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, megabytes: page.length / 1e6, path }))
