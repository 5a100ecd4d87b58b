/**
 * Two configurations of a full-text search over Effect's own documentation, evaluated on hand-written questions.
 *
 *     npm start
 *
 * The questions were written with the plain configuration at hand, so that it finds about half of the answers first.
 * The tuned one was tuned on the `tune` split; what is shown is the `test` split, which it has not seen.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Schema, Stdio } from "effect"
import {
  Comparison,
  Dataset,
  Evaluation,
  Evaluator,
  Gate,
  Progress,
  Row,
  Run,
  SummaryEvaluator,
  TracingClient
} from "effect-evals"
import { Terminal } from "effect-evals/reports"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { Corpus } from "./Corpus.ts"
import { Search } from "./Search.ts"

// Two rows of the file are broken on purpose: they are left out, counted, and named in the report.
const file = relative(process.cwd(), fileURLToPath(new URL("questions.jsonl", import.meta.url)))
const questions = Dataset.fromJsonl(file, {
  inputs: Search.inputs,
  referenceOutputs: Schema.Struct({ pages: Schema.NonEmptyArray(Schema.String) }),
  metadata: Schema.Struct({ style: Schema.String, topic: Schema.String }),
  onInvalid: "skip"
}).pipe(Dataset.split("test"))

const evaluation = Evaluation.make("docs-search", { data: questions, target: Search })

/** The place of the first right page, from 1, or `undefined` if it was not found. */
const rankOf = ({ outputs, referenceOutputs }: {
  readonly outputs: { readonly pages: ReadonlyArray<string> }
  readonly referenceOutputs: { readonly pages: ReadonlyArray<string> }
}): number | undefined => {
  const index = outputs.pages.findIndex((page) => referenceOutputs.pages.includes(page))
  return index === -1 ? undefined : index + 1
}

const evaluate = (configuration: string) =>
  Evaluation.run(evaluation, {
    name: configuration,
    evaluators: [
      Evaluator.make("hit@1", (args) => rankOf(args) === 1),
      Evaluator.make("hit@5", (args) => (rankOf(args) ?? Number.POSITIVE_INFINITY) <= 5),
      Evaluator.make("reciprocal rank", (args) => {
        const rank = rankOf(args)
        return { score: rank === undefined ? 0 : 1 / rank, comment: rank === undefined ? "not found" : `rank ${rank}` }
      }),
      Evaluator.make("latency (ms)", ({ run }) => Run.latency(run))
    ],
    summaryEvaluators: [
      SummaryEvaluator.fold("questions without an answer among the first ten", {
        initial: () => 0,
        step: (count, row) => count + (Row.score(row, "reciprocal rank") === 0 ? 1 : 0),
        result: (count) => count
      }),
      SummaryEvaluator.make("hardest style", ({ rows }) => {
        const byStyle = Map.groupBy(rows, ({ example }) => example.metadata.style)
        const [hardest] = Array.from(byStyle, ([style, group]) => ({
          style,
          share: group.filter((row) => Row.score(row, "hit@1") === 1).length / group.length,
          count: group.length
        })).sort((a, b) => a.share - b.share)
        return hardest === undefined
          ? Evaluator.skip("there are no rows")
          : { value: hardest.style, comment: `${Math.round(hardest.share * 100)} % of ${hardest.count} found first` }
      })
    ],
    concurrency: 4
  })

const program = Effect.gen(function*() {
  const plain = yield* Effect.provide(evaluate("plain"), Search.Plain)
  const tuned = yield* Effect.provide(evaluate("tuned"), Search.Tuned)
  const stdio = yield* Stdio.Stdio
  const comparison = yield* Comparison.make(plain, tuned, { lowerIsBetter: ["latency (ms)"] })
  const verdict = yield* Gate.evaluate(
    Gate.and(
      Gate.better("reciprocal rank"),
      Gate.notWorse("hit@5", { margin: 0.02 }),
      Gate.newlyFailing({ atMost: 0 }),
      Gate.latency("p95", { atMost: "100 millis" })
    ),
    comparison
  )
  const color = yield* stdio.stdoutIsTerminal
  yield* Console.log(Terminal.comparison(comparison, { color, limit: 8, key: "reciprocal rank" }))
  yield* Console.log(`Shall the tuned one replace the plain one?\n${Terminal.verdict(verdict, { color })}`)
})

program.pipe(
  Effect.provide([Corpus.layer, TracingClient.layerNone, Progress.layerTerminal()]),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
