import { NodeServices } from "@effect/platform-node"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import {
  Dataset,
  Evaluation,
  Evaluator,
  type Experiment,
  Journal,
  Progress,
  Row,
  SummaryEvaluator,
  Target,
  TracingClient
} from "../src/index.ts"
import { killedAgainAndAgain, startedTwice } from "./support/killed.ts"
import { untraced } from "./support/run.ts"

const inDirectory = <A, E>(use: (directory: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* use(yield* fileSystem.makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** A target and an evaluator that count how often they are called. */
const counted = () => {
  const calls = { target: new Array<string>(), judge: new Array<string>() }
  const target = (version = "1", failing: (n: number) => boolean = () => false) =>
    Target.make("square", (n: number, { repetition }) => {
      calls.target.push(`${n}/${repetition}`)
      return failing(n) ? Effect.fail("no square") : Effect.succeed(n * n)
    }, { version })
  const judge = (version = "1", failing: (n: number) => boolean = () => false) =>
    Evaluator.make("even", ({ inputs, outputs }: Evaluator.EvaluatorArgs<number, number>) => {
      calls.judge.push(String(inputs))
      return failing(inputs) ? Effect.fail("judge is down") : Effect.succeed(outputs % 2 === 0)
    }, { version })
  const forget = () => {
    calls.target.length = 0
    calls.judge.length = 0
  }
  return { calls, target, judge, forget }
}

const numbers = (count: number, id: (n: number) => string = (n) => `n${n}`) =>
  Dataset.fromIterable("numbers", Array.from({ length: count }, (_, n) => ({ id: id(n), inputs: n })))

const scores = (experiment: Pick<Experiment.Experiment, "rows">, key = "even") =>
  experiment.rows.map((row) => Row.score(row, key))

describe("a run that resumes others", () => {
  it.effect("does nothing twice, and is whole", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const evaluation = Evaluation.make("t", { data: numbers(10), target: target() })
      const options = { evaluators: [judge()], repetitions: 2 } as const
      const first = yield* untraced(Evaluation.run(evaluation, options))
      const cut = { ...first, rows: first.rows.slice(0, 7) }
      forget()
      const second = yield* untraced(Evaluation.run(evaluation, { ...options, resume: { experiments: [cut] } }))
      assert.strictEqual(calls.target.length, 13)
      assert.strictEqual(calls.judge.length, 13)
      assert.deepStrictEqual(second.reused, { runs: 7, evaluations: 7 })
      assert.deepStrictEqual(second.resumes, [first.id])
      assert.deepStrictEqual(second.summaries, first.summaries)
      assert.strictEqual(second.rowCount, 20)
      assert.deepStrictEqual(second.rows.slice(0, 7).map(({ run }) => run.id), cut.rows.map(({ run }) => run.id))
      assert.deepStrictEqual(second.rows.map(({ index }) => index), first.rows.map(({ index }) => index))
      assert.isUndefined(first.reused)
    }))

  it.effect("knows examples by content: other ids and orders do not matter, other content does", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const first = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(4), target: target() }), { evaluators: [judge()] })
      )
      forget()
      const changed = Dataset.fromIterable("numbers", [
        { id: "n3", inputs: 3 },
        { id: "renamed", inputs: 1 },
        { id: "n0", inputs: 100 },
        { id: "n2", inputs: 2 }
      ])
      const second = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: changed, target: target() }), {
          evaluators: [judge()],
          resume: { experiments: [first] }
        })
      )
      assert.deepStrictEqual(calls.target, ["100/0"])
      assert.deepStrictEqual(second.rows.map(({ example, run }) => [example.id, run.exampleId, run.outputs]), [
        ["n3", "n3", 9],
        ["renamed", "renamed", 1],
        ["n0", "n0", 10000],
        ["n2", "n2", 4]
      ])
    }))

  it.effect("gives each recorded run once, to the example of the same id first", () =>
    Effect.gen(function*() {
      const { calls, target } = counted()
      const twins = (ids: ReadonlyArray<string>) => Dataset.fromIterable("twins", ids.map((id) => ({ id, inputs: 1 })))
      const first = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: twins(["a", "b"]), target: target() }))
      )
      const second = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: twins(["b", "a", "c"]), target: target() }), {
          resume: { experiments: [first] }
        })
      )
      assert.strictEqual(calls.target.length, 3)
      assert.deepStrictEqual(
        second.rows.slice(0, 2).map(({ run }) => run.id),
        first.rows.map(({ run }) => run.id).toReversed()
      )
      assert.strictEqual(new Set(second.rows.map(({ run }) => run.id)).size, 3)
    }))

  it.effect("runs everything for a changed target, and asks a changed evaluator again", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const run = (
        version: string,
        evaluators: ReadonlyArray<ReturnType<typeof judge>>,
        resume?: Evaluation.Resume<number>
      ) =>
        untraced(
          Evaluation.run(Evaluation.make("t", { data: numbers(5), target: target(version) }), { evaluators, resume })
        )
      const first = yield* run("1", [judge("1")])
      forget()
      const other = yield* run("2", [judge("1")], { experiments: [first] })
      assert.deepStrictEqual([calls.target.length, calls.judge.length], [5, 5])
      assert.deepStrictEqual(other.reused, { runs: 0, evaluations: 0 })
      forget()
      const rejudged = yield* run("1", [judge("2")], { experiments: [first] })
      assert.deepStrictEqual([calls.target.length, calls.judge.length], [0, 5])
      assert.deepStrictEqual(rejudged.reused, { runs: 5, evaluations: 0 })
      forget()
      // What either of several has is taken over.
      const both = yield* run("1", [judge("2")], { experiments: [first, rejudged] })
      assert.deepStrictEqual([calls.target.length, calls.judge.length], [0, 0])
      assert.deepStrictEqual(both.reused, { runs: 5, evaluations: 5 })
      assert.deepStrictEqual(both.resumes, [first.id, rejudged.id])
    }))

  it.effect("extends: more examples, repetitions and evaluators", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const first = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(3), target: target() }), { evaluators: [judge()] })
      )
      forget()
      const second = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(4), target: target() }), {
          evaluators: [judge(), Evaluator.make("large", ({ outputs }) => outputs > 3)],
          repetitions: 2,
          resume: { experiments: [first] }
        })
      )
      assert.deepStrictEqual(calls.target.toSorted(), ["0/1", "1/1", "2/1", "3/0", "3/1"])
      assert.strictEqual(calls.judge.length, 5)
      assert.strictEqual(second.summaries["large"]?.outcomes.scored, 8)
    }))

  it.effect("keeps failures, or does them again when asked; what was cut short is never kept", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const failing = Evaluation.make("t", { data: numbers(6), target: target("1", (n) => n === 1) })
      const first = yield* untraced(Evaluation.run(failing, { evaluators: [judge("1", (n) => n === 2)] }))
      assert.deepStrictEqual(scores(first), [1, undefined, undefined, 0, 1, 0])
      const repaired = Evaluation.make("t", { data: numbers(6), target: target("1") })
      forget()
      const kept = yield* untraced(
        Evaluation.run(repaired, { evaluators: [judge()], resume: { experiments: [first] } })
      )
      assert.deepStrictEqual([calls.target, calls.judge], [[], []])
      assert.deepStrictEqual(scores(kept), scores(first))
      const again = yield* untraced(
        Evaluation.run(repaired, { evaluators: [judge()], resume: { experiments: [first], failed: "rerun" } })
      )
      assert.deepStrictEqual([calls.target, calls.judge], [["1/0"], ["1", "2"]])
      assert.deepStrictEqual(scores(again), [1, 0, 1, 0, 1, 0])
      forget()
      const cut = {
        ...first,
        rows: first.rows.map((row) =>
          row.index === 4
            ? {
              ...row,
              evaluations: row.evaluations.map((e) => ({ ...e, outcome: { _tag: "Cancelled" as const, message: "" } }))
            }
            : row.index === 5
            ? { ...row, run: { ...row.run, outcome: { _tag: "Cancelled" as const, message: "" } } }
            : row
        )
      }
      yield* untraced(Evaluation.run(repaired, { evaluators: [judge()], resume: { experiments: [cut] } }))
      assert.deepStrictEqual([calls.target, calls.judge], [["5/0"], ["4", "5"]])
    }))

  it.effect("records all rows, lets summary evaluators see them, and shows what was reused", () =>
    Effect.gen(function*() {
      const { judge, target } = counted()
      const evaluation = Evaluation.make("t", { data: numbers(5), target: target() })
      const first = yield* untraced(Evaluation.run(evaluation, { evaluators: [judge()] }))
      const snapshots: Array<Progress.Snapshot> = []
      const spy: Progress.Reporter = {
        start: (_header, look) => Effect.addFinalizer(() => Effect.sync(() => snapshots.push(look())))
      }
      const { recorded, second } = yield* Effect.gen(function*() {
        const second = yield* Evaluation.run(evaluation, {
          evaluators: [judge()],
          summaryEvaluators: [SummaryEvaluator.make("rows", ({ rows }) => rows.length)],
          resume: { experiments: [first] }
        })
        const [recorded] = yield* (yield* TracingClient.Memory).experiments
        return { recorded, second }
      }).pipe(Effect.provideService(Progress.Progress, spy), Effect.provide(TracingClient.layerMemory))
      assert.strictEqual(recorded?.rows.length, 5)
      assert.deepStrictEqual(recorded?.footer?.reused, { runs: 5, evaluations: 5 })
      assert.strictEqual(second.summaryResults[0]?.results[0]?.score, 5)
      assert.strictEqual(snapshots.at(-1)?.reused, 5)
    }))
})

describe("rescoring", () => {
  it.effect("asks new and changed evaluators, and the target never", () =>
    Effect.gen(function*() {
      const { calls, forget, judge, target } = counted()
      const first = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(4), target: target("1", (n) => n === 3) }), {
          evaluators: [judge()],
          repetitions: 2
        })
      )
      forget()
      const rescored = yield* untraced(Evaluation.rescore(first, {
        name: "rescored",
        evaluators: [
          judge(),
          Evaluator.make("size", ({ outputs }) => {
            expectTypeOf(outputs).toEqualTypeOf<number>()
            return outputs
          })
        ]
      }))
      assert.deepStrictEqual([calls.target, calls.judge], [[], []])
      assert.deepStrictEqual(scores(rescored), scores(first))
      assert.deepStrictEqual(scores(rescored, "size"), [0, 0, 1, 1, 4, 4, undefined, undefined])
      assert.deepStrictEqual(rescored.target, first.target)
      assert.deepStrictEqual(rescored.dataset, first.dataset)
      assert.strictEqual(rescored.runs.failed, 2)
      yield* untraced(Evaluation.rescore(first, { evaluators: [judge("2")] }))
      assert.deepStrictEqual([calls.target, calls.judge.length], [[], 6])
    }))

  it.effect("works on what a journal holds", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const evaluation = Evaluation.make("t", {
          data: Dataset.fromIterable("days", [{ inputs: new Date(0) }, { inputs: new Date(1e12) }]),
          target: (day) => ({ next: new Date(day.getTime() + 86_400_000) })
        })
        yield* Evaluation.run(evaluation, { name: "dated" }).pipe(
          Effect.provide(TracingClient.layerJournal({ directory }))
        )
        const schemas = { inputs: Schema.Date, outputs: Schema.Struct({ next: Schema.Date }) }
        const [recorded] = yield* Journal.named(directory, "dated", schemas)
        assert.isDefined(recorded)
        const rescored = yield* untraced(Evaluation.rescore(recorded, {
          evaluators: [
            Evaluator.make("year", ({ inputs, outputs }) => outputs.next.getUTCFullYear() - inputs.getUTCFullYear())
          ]
        }))
        assert.deepStrictEqual(scores(rescored, "year"), [0, 0])
        const resumed = yield* untraced(Evaluation.run(evaluation, { resume: { experiments: [recorded] } }))
        assert.strictEqual(resumed.reused?.runs, 2)
      })
    ))

  it.effect("needs the rows", () =>
    Effect.gen(function*() {
      const { target } = counted()
      const unkept = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(4), target: target() }), {
          name: "unkept",
          keepRows: false
        })
      )
      const error = yield* Effect.flip(untraced(Evaluation.rescore(unkept)))
      assert.strictEqual(error._tag, "RowsNotKept")
      assert.match(error.message, /unkept has 4 rows, but they were not kept, so there is nothing to judge/)
    }))
})

describe("journals of a name", () => {
  it.live("are found by the name itself, oldest first, whatever else is there", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const run = (name: string) =>
          Evaluation.run(Evaluation.make("t", { data: numbers(2), target: (n) => n }), { name }).pipe(
            Effect.provide(TracingClient.layerJournal({ directory }))
          )
        const first = yield* run("a b")
        yield* run("a/b")
        yield* run("a b, longer")
        const second = yield* run("a b")
        const fileSystem = yield* FileSystem.FileSystem
        yield* fileSystem.writeFileString(`${directory}/a-b-notes.txt`, "not a journal")
        yield* fileSystem.writeFileString(`${directory}/a-b-killed-at-once.jsonl`, "")
        const found = yield* Journal.named(directory, "a b")
        assert.deepStrictEqual(found.map(({ id }) => id), [first.id, second.id])
        assert.deepStrictEqual(yield* Journal.named(`${directory}/nowhere`, "a b"), [])
        yield* fileSystem.writeFileString(`${directory}/a-b-broken.jsonl`, "{\"event\":\"nonsense\"}\n")
        const error = yield* Effect.flip(Journal.named(directory, "a b"))
        assert.match(error.message, /a-b-broken\.jsonl:1 is no event of a journal/)
      })
    ))
})

describe("killed at twenty points and started again until it is done", () => {
  it.live(
    "repeats no call but those in flight, and comes to the same numbers",
    () => killedAgainAndAgain(20, ["journal"], (directory) => Journal.named(`${directory}/journals`, "resumed")),
    240_000
  )
})

describe("started twice at the same time", () => {
  it.live("does the work once", () => startedTwice(["journal"]), 60_000)
})
