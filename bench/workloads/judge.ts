/** What a judge takes besides its model, which answers at once: fresh, from a cache, and against openevals' judge. */
import { Effect, Layer, Schema, Stream } from "effect"
import { LanguageModel } from "effect/ai"
import { createLLMAsJudge } from "openevals"
import type { Evaluator } from "../../src/index.ts"
import { Judge, JudgeCache } from "../../src/judge/index.ts"
import { median } from "./work.ts"

const answer = { reasoning: "It says what was asked for, and nothing that is not so.", verdict: true }
const text = JSON.stringify(answer)

const model = Judge.identified(
  Layer.effect(
    LanguageModel.LanguageModel,
    LanguageModel.make({ generateText: () => Effect.succeed([{ type: "text", text }]), streamText: () => Stream.empty })
  ),
  { provider: "bench", model: "instant" }
)

const count = 2000
const rows = Array.from({ length: count }, (_, i) => ({
  inputs: `What is ${i} + ${i}?`,
  outputs: `It is ${2 * i}, since adding a number to itself doubles it.`,
  referenceOutputs: String(2 * i)
}))

const judge = Judge.template("correctness")
const criteria = Judge.templates.correctness.criteria

const context = { signal: new AbortController().signal }
const judged = (row: (typeof rows)[number]) =>
  // What the engine gives, as far as a judge looks at it.
  judge.evaluate(
    { ...row, run: { repetition: 0 } } as unknown as Evaluator.EvaluatorArgs,
    context
  ) as Effect.Effect<unknown, unknown, LanguageModel.LanguageModel>

const Verdict = Schema.Struct({ reasoning: Schema.String, verdict: Schema.Boolean })
const raw = ({ inputs, outputs, referenceOutputs }: (typeof rows)[number]) =>
  LanguageModel.generateObject({
    prompt: `${criteria}\n${inputs}\n${outputs}\n${referenceOutputs}`,
    schema: Verdict,
    objectName: "judgement"
  })

/** Microseconds of CPU for each row, one after the other: nothing here waits for anything. */
const measured = <E, R>(
  each: (row: (typeof rows)[number]) => Effect.Effect<unknown, E, R>
): Effect.Effect<number, E, R> =>
  Effect.gen(function*() {
    const begun = process.cpuUsage()
    for (const row of rows) yield* each(row)
    const { system, user } = process.cpuUsage(begun)
    return (user + system) / count
  })

const turns = 7

/** The middle one of several turns, of which the first two are for warming up. */
const middle = <K extends string>(rounds: ReadonlyArray<{ readonly [Key in K]: number }>, key: K): number =>
  median(rounds.slice(2).map((round) => round[key]))

const overhead = Effect.gen(function*() {
  const rounds: Array<{ readonly raw: number; readonly judge: number; readonly over: number }> = []
  for (let i = 0; i < turns; i++) {
    const alone = yield* measured(raw)
    const withJudge = yield* measured(judged)
    rounds.push({ raw: alone, judge: withJudge, over: withJudge - alone })
  }
  return { raw: middle(rounds, "raw"), judge: middle(rounds, "judge"), over: middle(rounds, "over") }
}).pipe(Effect.provide(model))

const cached = Effect.gen(function*() {
  const fresh = yield* measured(judged)
  const rounds: Array<{ readonly cached: number }> = []
  for (let i = 0; i < turns; i++) rounds.push({ cached: yield* measured(judged) })
  const { hits } = yield* Effect.flatMap(JudgeCache.JudgeCache, ({ statistics }) => statistics)
  if (hits !== turns * count) return yield* Effect.die(`${hits} of ${turns * count} were hits`)
  return { cached: middle(rounds, "cached"), fresh }
}).pipe(Effect.provide([model, JudgeCache.layerMemory()]))

/** The same question to openevals' judge, by a client that answers at once. */
const openevals = Effect.gen(function*() {
  const evaluate = createLLMAsJudge({
    prompt: `${criteria}\n{inputs}\n{outputs}\n{reference_outputs}`,
    feedbackKey: "correctness",
    model: "instant",
    judge: {
      chat: {
        completions: {
          create: () =>
            Promise.resolve({
              choices: [{ message: { content: JSON.stringify({ reasoning: answer.reasoning, score: true }) } }]
            })
        }
      }
    } as never
  })
  const theirs = (row: (typeof rows)[number]) => Effect.promise(() => evaluate(row))
  const [first] = rows
  const said: unknown = first === undefined ? undefined : yield* theirs(first)
  if ((said as { readonly score?: unknown }).score !== true) return yield* Effect.die("openevals gave another verdict")
  const rounds: Array<{ readonly ours: number; readonly theirs: number }> = []
  for (let i = 0; i < turns; i++) rounds.push({ ours: yield* measured(judged), theirs: yield* measured(theirs) })
  return { ours: middle(rounds, "ours"), theirs: middle(rounds, "theirs") }
}).pipe(Effect.provide(model))

const subjects: { readonly [name: string]: Effect.Effect<object, unknown> } = { overhead, cached, openevals }
const subject = subjects[process.argv[2] ?? ""]
if (subject === undefined) throw new Error(`one of ${Object.keys(subjects).join(", ")} is wanted`)
process.stdout.write(JSON.stringify(await Effect.runPromise(subject)) + "\n")
process.exit(0)
