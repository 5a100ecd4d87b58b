/** Experiments such as people have: questions to a support desk, answered by a chain of spans that is not always right. */
import { Effect, Fiber, Schedule } from "effect"
import { Dataset, Evaluation, Evaluator, type Experiment, SummaryEvaluator } from "../../src/index.ts"
import { advance, untraced } from "../support/run.ts"

const topics = ["billing", "delivery", "returns", "account", "warranty"]
const subjects = [
  "my invoice",
  "the parcel",
  "a refund",
  "my password",
  "the guarantee",
  "an order",
  "the discount code"
]
const verbs = ["find", "change", "cancel", "check", "understand", "get a copy of", "dispute"]
const sentences = [
  "You can do this in your account under Orders.",
  "It takes three to five working days.",
  "Please keep the original packaging.",
  "Our colleagues answer within one working day.",
  "The amount goes back to the card that was used.",
  "Without the number we cannot find it."
]

/** The same numbers each time: what a report shows must not change from one run to the next. */
const noise = (n: number, salt: number): number => {
  const x = Math.sin(n * 12.9898 + salt * 78.233) * 43_758.5453
  return x - Math.floor(x)
}

const pick = <A>(items: ReadonlyArray<A>, n: number): A => items[n % items.length] as A

const example = (n: number) => ({
  id: `ticket-${String(n + 1).padStart(3, "0")}`,
  inputs: {
    question: `How do I ${pick(verbs, n)} ${pick(subjects, n * 3)}?`,
    customer: { since: 2015 + n % 9, plan: pick(["free", "team"], n) }
  },
  referenceOutputs: {
    answer: `${pick(sentences, n)} ${pick(sentences, n + 2)}`,
    sources: [`help/${pick(topics, n)}.md`]
  },
  metadata: { topic: pick(topics, n), difficulty: 1 + n % 3 },
  split: n % 4 === 0 ? "hard" : "easy"
})

export interface Tickets {
  readonly name: string
  /** Between 0 and 1. */
  readonly quality: number
  readonly rows?: number
  readonly repetitions?: number
  /** Without anything that fails. */
  readonly flawless?: boolean
}

/** The experiment, on the test clock. */
export const tickets = ({ flawless = false, name, quality, repetitions = 1, rows = 60 }: Tickets) =>
  Effect.gen(function*() {
    const salt = name.length
    let calls = 0
    const data = Dataset.fromIterable("tickets", Array.from({ length: rows }, (_, n) => example(n)))
    const evaluation = Evaluation.make("support", {
      data,
      target: Effect.fnUntraced(function*({ question }, { example, repetition }) {
        const n = Number(example.id.slice(7)) - 1 + repetition * 1000
        const call = calls++
        if (!flawless && n % 29 === 11) return yield* Effect.fail(new Error("the help centre answered 503"))
        if (!flawless && n % 31 === 17 && call % 2 === 0) return yield* Effect.fail(new Error("too many requests"))
        if (!flawless && n === 23) return yield* Effect.never
        const found = yield* Effect.sleep(40 + 200 * noise(n, 1)).pipe(
          Effect.as([`help/${example.metadata.topic}.md`]),
          Effect.withSpan("search help centre", {
            attributes: { "gen_ai.operation.name": "execute_tool", query: question, top: 3 }
          })
        )
        const right = noise(n, salt) < quality
        const answer = right
          ? example.referenceOutputs?.answer ?? ""
          : `${pick(sentences, n + 1)} ${pick(sentences, n + 2)}`
        yield* Effect.sleep(300 + 1500 * noise(n, 2 + salt) ** 2).pipe(
          Effect.tap(Effect.logDebug("answered")),
          Effect.withSpan("chat small-model", {
            attributes: {
              "gen_ai.operation.name": "chat",
              "gen_ai.request.model": "small-model",
              "gen_ai.usage.input_tokens": 300 + Math.floor(500 * noise(n, 3)),
              "gen_ai.usage.output_tokens": 20 + Math.floor(90 * noise(n, 4))
            }
          })
        )
        return { answer, sources: found, confidence: Math.round(noise(n, 5) * 100) / 100 }
      }, Effect.withSpan("answer ticket"))
    })
    const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
      name,
      description: "The answers of the support desk, as they were last week.",
      tags: ["nightly"],
      repetitions,
      concurrency: 8,
      timeout: "20 seconds",
      retry: {
        schedule: Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 1 })),
        while: (error) => String(error).includes("too many")
      },
      prices: {
        "small-model": { inputTokens: 0.15, outputTokens: 0.6 },
        "judge-model": { inputTokens: 2, outputTokens: 8 }
      },
      summaries: { groupBy: ["split", "metadata.topic"] },
      evaluators: [
        Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs.answer === referenceOutputs.answer),
        Evaluator.make("helpfulness", ({ example, outputs }) =>
          Effect.gen(function*() {
            const n = Number(example.id.slice(7))
            if (!flawless && n % 23 === 5) return yield* Effect.fail(new Error("the judge gave no number"))
            if (n % 37 === 8) return Evaluator.skip("too short to judge")
            yield* Effect.sleep(150).pipe(Effect.withSpan("chat judge-model", {
              attributes: {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "judge-model",
                "gen_ai.usage.input_tokens": 500,
                "gen_ai.usage.output_tokens": 12
              }
            }))
            const score = Math.min(1, Math.max(0, quality * 0.5 + 0.5 * noise(n, salt + 7)))
            return {
              score: Math.round(score * 100) / 100,
              comment: score < 0.5
                ? `Leaves out what the customer asked about: "${outputs.answer.slice(0, 30)}..."`
                : "Answers what was asked."
            }
          })),
        Evaluator.make(
          "tone",
          ({ example }) => pick(["friendly", "neutral", "friendly", "curt", "friendly"], Number(example.id.slice(7)))
        ),
        Evaluator.make("characters", ({ outputs }) => outputs.answer.length)
      ],
      summaryEvaluators: [SummaryEvaluator.make("coverage", () => ({ score: 0.83, comment: "5 of 6 topics" }))]
    })))
    yield* advance(4_000_000)
    return (yield* Fiber.join(fiber)) as Experiment.Experiment
  })
