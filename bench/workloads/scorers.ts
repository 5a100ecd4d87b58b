/**
 * What a score takes per call, against the peer's of the same kind: the same pairs, in the same process, turn by turn. The
 * peers give a score alone, so the measure is what is held against them; what the evaluator takes, which says why as well,
 * is measured beside it.
 */
import { createTrajectoryMatchEvaluator as agentevalsTrajectory } from "agentevals"
import { ExactMatch, JSONDiff, Levenshtein, ListContains, NumericDiff, ValidJSON } from "autoevals"
import { Effect, Result } from "effect"
import { distance } from "fastest-levenshtein"
import {
  createJsonMatchEvaluator,
  createTrajectoryMatchEvaluator as openevalsTrajectory,
  exactMatch,
  levenshteinDistance
} from "openevals"
import type { Evaluator } from "../../src/index.ts"
import { Json, Messages, Numbers, Text, Trajectory } from "../../src/scorers/index.ts"
import { median } from "./work.ts"

interface Pair {
  readonly outputs: unknown
  readonly referenceOutputs: unknown
}

interface Subject {
  readonly pairs: ReadonlyArray<Pair>
  readonly measure: (outputs: never, referenceOutputs: never) => unknown
  readonly evaluator: Evaluator.Evaluator<unknown, unknown, unknown, unknown>
  readonly theirs: (pair: Pair) => unknown
  /** The least that has to be done for the score. */
  readonly floor?: ((pair: Pair) => unknown) | undefined
  /** What both say of the first pair has to be the same, or they did not do the same. */
  readonly scoreOf: (theirs: unknown) => unknown
}

const count = 10_000

/** Numbers that look drawn, and are the same in each run. */
const makeDraws = () => {
  let state = 1
  return (below: number): number => {
    state = Math.imul(state, 1103515245) + 12345 >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

const words = "the quick brown fox jumps over a lazy dog while seven wizards box and brew their tea in may".split(" ")

const pairs = (make: (draw: (below: number) => number) => Pair): ReadonlyArray<Pair> => {
  const draw = makeDraws()
  return Array.from({ length: count }, () => make(draw))
}

const text = (draw: (below: number) => number, length: number): string =>
  Array.from({ length }, () => words[draw(words.length)]).join(" ")

/** A text, and the same, or one in which about every third word is another. */
const texts = pairs((draw) => {
  const outputs = text(draw, 30)
  const other = () => outputs.split(" ").map((word) => draw(3) === 0 ? words[draw(words.length)] : word).join(" ")
  return { outputs, referenceOutputs: draw(4) === 0 ? outputs : other() }
})

const record = (draw: (below: number) => number) => ({
  id: draw(1000),
  name: text(draw, 2),
  city: words[draw(words.length)],
  active: draw(2) === 0,
  amount: draw(10_000) / 100,
  note: text(draw, 6)
})

const records = pairs((draw) => {
  const outputs = record(draw)
  return { outputs, referenceOutputs: draw(2) === 0 ? { ...outputs } : { ...outputs, city: "Oslo" } }
})

const nested = pairs((draw) => {
  const outputs = { order: record(draw), lines: [record(draw), record(draw)] }
  return { outputs, referenceOutputs: structuredClone(outputs) }
})

const numbers = pairs((draw) => ({ outputs: draw(1000) + 1, referenceOutputs: draw(1000) + 1 }))

const jsonTexts = pairs((draw) => ({ outputs: JSON.stringify(record(draw)), referenceOutputs: null }))

const lists = pairs((draw) => {
  const outputs = Array.from({ length: 5 }, () => text(draw, 2))
  return { outputs, referenceOutputs: outputs.toReversed() }
})

const conversation = (draw: (below: number) => number) => [
  { role: "user", content: text(draw, 8) },
  ...Array.from({ length: 3 }, (_, i) => [
    {
      role: "assistant",
      content: "",
      tool_calls: [{
        id: `c${i}`,
        type: "function",
        function: { name: words[i], arguments: JSON.stringify({ q: draw(9) }) }
      }]
    },
    { role: "tool", tool_call_id: `c${i}`, content: "done" }
  ]).flat(),
  { role: "assistant", content: text(draw, 8) }
]

const conversations = pairs((draw) => {
  const outputs = conversation(draw)
  return { outputs, referenceOutputs: structuredClone(outputs) }
})

/** What autoevals calls them. */
const named = ({ outputs, referenceOutputs }: Pair) => ({ output: outputs, expected: referenceOutputs })

const score = (theirs: unknown): unknown => (theirs as { readonly score: unknown }).score

const trajectory = (
  peer: typeof agentevalsTrajectory | typeof openevalsTrajectory,
  mode: "strict" | "unordered" | "subset" | "superset"
): Subject => {
  const evaluate = peer({ trajectoryMatchMode: mode }) as (pair: Pair) => unknown
  return {
    pairs: conversations,
    measure: (a, b) =>
      Trajectory.matchOf(Result.getOrThrow(Messages.read(a)), Result.getOrThrow(Messages.read(b)), { mode }).matches,
    evaluator: Trajectory.matches({ mode }),
    theirs: evaluate,
    scoreOf: score
  }
}

const jsonMatch = createJsonMatchEvaluator({ aggregator: "average" })

const subjects: { readonly [name: string]: () => Subject } = {
  "exact-match.autoevals": () => ({
    pairs: texts,
    measure: Text.isExactMatch,
    evaluator: Text.exactMatch(),
    theirs: (pair) => ExactMatch(named(pair) as never),
    floor: ({ outputs, referenceOutputs }) => outputs === referenceOutputs,
    scoreOf: (theirs) => score(theirs) === 1
  }),
  "exact-match.openevals": () => ({
    pairs: records,
    measure: Json.isEqual,
    evaluator: Json.equals(),
    theirs: (pair) => exactMatch(pair),
    scoreOf: score
  }),
  "levenshtein.autoevals": () => ({
    pairs: texts,
    measure: (a, b) => Text.levenshteinOf(a, b).similarity,
    evaluator: Text.levenshtein(),
    theirs: (pair) => Levenshtein(named(pair) as never),
    floor: ({ outputs, referenceOutputs }) => distance(outputs as string, referenceOutputs as string),
    scoreOf: score
  }),
  "levenshtein.openevals": () => ({
    pairs: texts,
    measure: (a, b) => Text.levenshteinOf(a, b).similarity,
    evaluator: Text.levenshtein(),
    theirs: (pair) => levenshteinDistance(pair as never),
    scoreOf: score
  }),
  "json-match.openevals": () => ({
    pairs: records,
    measure: (a, b) => Json.matchOf(a, b).score,
    evaluator: Json.matches(),
    theirs: (pair) => jsonMatch(pair as never),
    scoreOf: (theirs) => score(Array.isArray(theirs) ? theirs[0] : theirs)
  }),
  "json-similarity.autoevals": () => ({
    pairs: nested,
    measure: (a, b) => Json.similarityOf(a, b),
    evaluator: Json.similar(),
    theirs: (pair) => JSONDiff(named(pair) as never),
    scoreOf: score
  }),
  "valid-json.autoevals": () => ({
    pairs: jsonTexts,
    measure: (a) => Result.isSuccess(Json.parse(a)),
    evaluator: Json.parses(),
    theirs: ({ outputs }) => ValidJSON({ output: outputs as never }),
    floor: ({ outputs }) => JSON.parse(outputs as string),
    scoreOf: (theirs) => score(theirs) === 1
  }),
  "numbers.autoevals": () => ({
    pairs: numbers,
    measure: (a, b) => Numbers.closenessOf(a, b, "sum"),
    evaluator: Numbers.closeness({ scale: "sum" }),
    theirs: (pair) => NumericDiff(named(pair) as never),
    scoreOf: score
  }),
  "list.autoevals": () => ({
    pairs: lists,
    measure: (a, b) => Json.similarityOf(a, b, { lists: "best" }),
    evaluator: Json.similar({ lists: "best" }),
    theirs: (pair) => ListContains({ ...named(pair), pairwiseScorer: ExactMatch } as never),
    scoreOf: score
  }),
  ...Object.fromEntries(
    (["strict", "unordered", "subset", "superset"] as const).flatMap((mode) => [
      [`trajectory-${mode}.agentevals`, () => trajectory(agentevalsTrajectory, mode)],
      [`trajectory-${mode}.openevals`, () => trajectory(openevalsTrajectory, mode)]
    ])
  )
}

/** What the engine gives an evaluator, as far as these look at it. */
const argsOf = (pair: Pair): Evaluator.EvaluatorArgs =>
  // The rest of a run, which no scorer here touches.
  ({ ...pair, inputs: undefined, metadata: undefined }) as unknown as Evaluator.EvaluatorArgs

const context = { signal: new AbortController().signal }

const evaluate = (subject: Subject, args: Evaluator.EvaluatorArgs): unknown => {
  const returned = subject.evaluator.evaluate(args, context)
  return Effect.isEffect(returned) ? Effect.runPromise(returned) : returned
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise

/** Microseconds per call. What gives no promise is not waited for. */
const measured = async <A>(items: ReadonlyArray<A>, call: (item: A) => unknown): Promise<number> => {
  const begun = performance.now()
  for (const item of items) {
    const returned = call(item)
    if (isPromise(returned)) await returned
  }
  return (performance.now() - begun) * 1000 / items.length
}

const main = async (name: string): Promise<object> => {
  const subject = subjects[name]?.()
  if (subject === undefined) return Object.keys(subjects)
  const { floor, measure, pairs, theirs } = subject
  // The pairs are of the types that the measure takes.
  const call = ({ outputs, referenceOutputs }: Pair) => measure(outputs as never, referenceOutputs as never)
  for (const pair of pairs.slice(0, 100)) {
    const there = Number(subject.scoreOf(await theirs(pair)))
    const here = [Number(call(pair)), Number(score(await evaluate(subject, argsOf(pair))))]
    if (here.some((each) => Math.abs(each - there) > 1e-9)) {
      throw new Error(`${name}: ${JSON.stringify(pair)} is ${here.join(" and ")} here, ${there} there`)
    }
  }
  const args = pairs.map(argsOf)
  const rounds: Array<{ readonly [key in "measure" | "evaluator" | "theirs" | "floor"]: number }> = []
  // Short ones are taken more often, so that what else the machine does falls on few of them.
  const begun = performance.now()
  while (rounds.length < 6 || (performance.now() - begun < 1000 && rounds.length < 100)) {
    rounds.push({
      measure: await measured(pairs, call),
      evaluator: await measured(args, (each) => evaluate(subject, each)),
      theirs: await measured(pairs, theirs),
      floor: floor === undefined ? Number.NaN : await measured(pairs, floor)
    })
  }
  // The first one is for warming up.
  const middle = (key: keyof (typeof rounds)[number]) => median(rounds.slice(1).map((round) => round[key]))
  return {
    measure: middle("measure"),
    evaluator: middle("evaluator"),
    theirs: middle("theirs"),
    floor: floor === undefined ? undefined : middle("floor")
  }
}

process.stdout.write(JSON.stringify(await main(process.argv[2] ?? "")) + "\n")
process.exit(0)
