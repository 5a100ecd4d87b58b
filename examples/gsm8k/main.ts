/**
 * Outputs that were made elsewhere, judged: the recorded solutions of four models to grade-school word problems.
 *
 *     npm run example examples/gsm8k/main.ts [folder]
 *
 * The folder holds `gsm8k_test.jsonl` (question, and answer ending in `#### n`) and `gsm8k_solutions.jsonl` (question, and
 * for each model a solution ending in `A: n`), as published with GSM8K (Cobbe et al., 2021). Without one, `../shared/data`
 * is looked at, and where there is nothing either, a dozen problems made for this example are used.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Path, Schema, Stdio, Stream } from "effect"
import { Comparison, Dataset, Evaluation, Evaluator, SummaryEvaluator, Target, TracingClient } from "effect-evals"
import { Terminal } from "effect-evals/reports"
import { majorityVote } from "effect-evals/statistics"
import { fileURLToPath } from "node:url"

const models = ["6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification"] as const

const Solution = Schema.Struct({ solution: Schema.String })
const Solutions = Schema.Struct({
  question: Schema.String,
  "6b_finetuning": Solution,
  "6b_verification": Solution,
  "175b_finetuning": Solution,
  "175b_verification": Solution
})

/** The number after a marker at the end of a text, or `undefined`. */
const numberAfter = (marker: string, text: string): number | undefined => {
  const at = text.lastIndexOf(marker)
  if (at === -1) return undefined
  const number = Number(text.slice(at + marker.length).replace(/[,$\s]/g, "").replace(/\.$/, ""))
  return Number.isNaN(number) ? undefined : number
}

/** Whether the number after `A:` is the one after `####`. */
const judge = ({ outputs, referenceOutputs }: { readonly outputs: string; readonly referenceOutputs: string }) => {
  const answer = numberAfter("A:", outputs)
  return answer === undefined
    ? { score: false, comment: "no number after A:" }
    : { score: answer === numberAfter("####", referenceOutputs), comment: `answered ${answer}` }
}

const folder = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const [given] = yield* stdio.args
  const candidates = given === undefined ? ["../shared/data"] : [given]
  for (const candidate of candidates) {
    if (yield* fileSystem.exists(`${candidate}/gsm8k_solutions.jsonl`)) return candidate
  }
  const sample = fileURLToPath(new URL("sample", import.meta.url))
  yield* Console.log(
    `There is no gsm8k_solutions.jsonl in ${candidates.join(" or ")}: using the dozen problems of this example.\n`
  )
  return sample
})

const program = Effect.gen(function*() {
  const path = yield* Path.Path
  const directory = yield* folder

  const problems = Dataset.fromJsonl(path.join(directory, "gsm8k_test.jsonl"), {
    // The question is the id, so that solutions are found by it.
    fields: { id: "question", inputs: ["question"], referenceOutputs: "answer" },
    inputs: Schema.Struct({ question: Schema.String }),
    referenceOutputs: Schema.String
  })

  // The solutions file is a dataset, too: it is read, checked and named in errors the same way.
  const solutions = yield* Dataset.fromJsonl(path.join(directory, "gsm8k_solutions.jsonl"), {
    toExample: (record) => ({ inputs: record }),
    inputs: Solutions
  }).pipe(Dataset.stream, Stream.map(({ inputs }) => inputs), Stream.runCollect)

  const evaluators = [Evaluator.make("correct", judge)] as const
  const experiments = yield* Effect.forEach(models, (model) =>
    Evaluation.run(
      Evaluation.make("gsm8k", {
        data: problems,
        target: Target.fromOutputs(model, solutions.map((row) => [row.question, row[model].solution] as const))
      }),
      { name: model, evaluators }
    ))
  const comparisons = yield* Comparison.makeAll(experiments, { pairs: "all" })

  // The four models once more, as four attempts at each problem: how often does one of them get it right, and what if
  // they vote?
  const byQuestion = new Map(solutions.map((row) => [row.question, models.map((model) => row[model].solution)]))
  const attempts = yield* Evaluation.run(
    Evaluation.make("gsm8k", {
      data: problems,
      target: Target.make(
        "one model after the other",
        ({ question }: { readonly question: string }, { repetition }) =>
          Effect.fromNullishOr(byQuestion.get(question)?.[repetition])
      )
    }),
    {
      name: "the models as attempts",
      repetitions: models.length,
      summaries: { reducers: models.map((_, i) => `pass@${i + 1}` as const) },
      evaluators,
      summaryEvaluators: [
        SummaryEvaluator.make("majority vote", ({ rows }) => {
          const shares = Array.from(Map.groupBy(rows, ({ example }) => example.id).values(), (group) => {
            const gold = numberAfter("####", group[0]?.example.referenceOutputs ?? "")
            const { leaders } = majorityVote(group.flatMap(({ run }) => numberAfter("A:", run.outputs ?? "") ?? []))
            return leaders.some((leader) => leader === gold) ? 1 / leaders.length : 0
          })
          const tied = shares.filter((share) => share > 0 && share < 1).length
          return {
            score: shares.reduce((sum, share) => sum + share, 0) / shares.length,
            comment: `${shares.filter((share) => share === 1).length} right, ${tied} tied, which count by chance`
          }
        })
      ]
    }
  )

  yield* Console.log(Terminal.comparisons(comparisons))
  yield* Console.log(Terminal.report(attempts, { limit: 3 }))
})

program.pipe(Effect.provide([NodeServices.layer, TracingClient.layerNone]), NodeRuntime.runMain)
