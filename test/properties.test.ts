import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Fiber, FileSystem, Schedule, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  Dataset,
  Evaluation,
  EvaluationResult,
  Evaluator,
  Experiment,
  Journal,
  Outcome,
  Row,
  SummaryEvaluator,
  TracingClient
} from "../src/index.ts"
import {
  behave,
  type Behaviour,
  GoodResult,
  outcomeOf,
  planWith,
  ResultLike,
  ReturnedJson,
  Score
} from "./support/arbitraries.ts"
import { settle, settled } from "./support/clock.ts"
import { makeMeter } from "./support/meter.ts"
import { assertAddsUp } from "./support/naive.ts"
import { kinds, numbers, untraced } from "./support/run.ts"

/** So many times as many runs as usual, for a thorough look. */
const effort = Number(process.env["PROPERTY_EFFORT"] ?? 1)

/** Longer than any delay that is drawn, in milliseconds. */
const timeout = 100

/** What JSON holds of a value. */
const throughJson = (value: unknown): unknown => value === undefined ? undefined : JSON.parse(JSON.stringify(value))

const at = <A>(list: ReadonlyArray<A>, index: number): A => list[index % list.length] as A

/** Holds two experiments together, of which one has been JSON. */
const assertSame = (again: Experiment.Experiment, original: Experiment.Experiment) => {
  assert.deepStrictEqual(again.rows.map(({ index }) => index), original.rows.map(({ index }) => index))
  for (const [place, row] of again.rows.entries()) {
    const other = original.rows[place]
    assert.isDefined(other)
    assert.deepStrictEqual(kinds(row), kinds(other))
    assert.deepStrictEqual(Row.results(row), throughJson(Row.results(other)))
    assert.deepStrictEqual(row.run.outputs, throughJson(other.run.outputs))
    assert.deepStrictEqual(row.run.inputs, throughJson(other.run.inputs))
    assert.strictEqual(row.run.outcome._tag, other.run.outcome._tag)
    assert.strictEqual(row.run.error, other.run.error)
    assert.strictEqual(row.run.id, other.run.id)
    assert.strictEqual(row.run.repetition, other.run.repetition)
    assert.deepStrictEqual(row.run.attempts, other.run.attempts)
    assert.strictEqual(row.example.id, other.example.id)
    assert.strictEqual(row.example.contentHash, other.example.contentHash)
    for (const [position, evaluation] of row.evaluations.entries()) {
      const { attempts, evaluator, outcome } = other.evaluations[position] ?? evaluation
      assert.strictEqual(evaluation.evaluator, evaluator)
      assert.deepStrictEqual(evaluation.attempts, attempts)
      if (outcome._tag !== "Scored" && outcome._tag !== "Failed") assert.deepStrictEqual(evaluation.outcome, outcome)
      if (outcome._tag === "Failed") assert.propertyVal(evaluation.outcome, "message", outcome.message)
    }
  }
}

describe("whatever JSON an evaluator returns", () => {
  it.effect.prop(
    "the run completes, nobody else's outcome changes, and every key counts every row",
    {
      returned: Arbitrary.array(Arbitrary.schema(ReturnedJson), { minLength: 1, maxLength: 6 }),
      way: Schema.Literals(["value", "promise", "effect"])
    },
    ({ returned, way }) =>
      Effect.gen(function*() {
        const before = structuredClone(returned)
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("t", { data: numbers(returned.length), target: (n) => n }),
          {
            evaluators: [
              Evaluator.make("before", ({ inputs }) => inputs),
              Evaluator.make("subject", ({ inputs }) => {
                const value = returned[inputs] as EvaluationResult.Returned
                return way === "value" ? value : way === "promise" ? Promise.resolve(value) : Effect.succeed(value)
              }),
              Evaluator.make("after", async ({ inputs }) => ({ key: "a", value: String(inputs) }))
            ],
            summaryEvaluators: [SummaryEvaluator.make("last", () => returned.at(-1) as EvaluationResult.Returned)]
          }
        ))
        assert.strictEqual(experiment.status, "completed")
        for (const [n, row] of experiment.rows.entries()) {
          const [first, second, third] = row.evaluations.map(({ outcome }) => outcome)
          assert.deepStrictEqual(first, Outcome.scored([{ key: "before", score: n }]))
          assert.deepStrictEqual(third, Outcome.scored([{ key: "a", value: String(n) }]))
          assert.isTrue(second !== undefined && ["Scored", "Skipped", "Failed"].includes(second._tag))
          if (second?._tag === "Failed") assert.match(second.message, /^InvalidResult: The evaluator subject returned /)
          for (const result of Outcome.results(second ?? Outcome.skipped(""))) {
            assert.isTrue(Schema.is(EvaluationResult.EvaluationResult)(result))
          }
        }
        for (const { outcomes } of Object.values(experiment.summaries)) {
          const { cancelled, failed, scored, skipped, timedOut } = outcomes
          assert.strictEqual(scored + skipped + failed + timedOut + cancelled, returned.length)
        }
        assert.strictEqual(experiment.summaryResults.length, 1)
        assert.deepStrictEqual(returned, before, "what is returned is not changed")
      }),
    { arbitrary: { runs: 150 * effort } }
  )

  it.effect.prop(
    "a result of few fields comes out as one of many does",
    { returned: Arbitrary.array(Arbitrary.schema(ResultLike), { minLength: 1, maxLength: 6 }) },
    ({ returned }) =>
      Effect.gen(function*() {
        const one = (inputs: number) => at(returned, inputs) as EvaluationResult.ReturnedResult
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("t", { data: numbers(returned.length), target: (n) => n }),
          {
            evaluators: [
              Evaluator.make("k", ({ inputs }) => one(inputs)),
              Evaluator.makeForAllRuns("all fields", ({ inputs }) => ({ key: "k", ...one(inputs), extra: null }))
            ]
          }
        ))
        for (const row of experiment.rows) {
          const [few, many] = row.evaluations.map(({ outcome }) => outcome)
          assert.strictEqual(few?._tag, many?._tag)
          if (few?._tag === "Scored") assert.deepStrictEqual(few, many)
        }
      }),
    { arbitrary: { runs: 150 * effort } }
  )

  it.effect.prop(
    "a result that is right is kept to the last bit",
    { results: Arbitrary.array(Arbitrary.schema(GoodResult), { minLength: 1, maxLength: 4 }) },
    ({ results }) =>
      Effect.gen(function*() {
        const distinct = results.filter(({ key }, index) => results.findIndex((other) => other.key === key) === index)
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("t", { data: numbers(1), target: (n) => n }),
          {
            evaluators: [
              Evaluator.make("list", () => distinct),
              Evaluator.make("batch", () => ({ results: distinct })),
              Evaluator.make("one", () => results[0] ?? 0)
            ]
          }
        ))
        const [list, batch, one] = (experiment.rows[0]?.evaluations ?? []).map(({ outcome }) =>
          Outcome.results(outcome)
        )
        assert.deepStrictEqual<unknown>(list, distinct)
        assert.deepStrictEqual<unknown>(batch, distinct)
        assert.deepStrictEqual<unknown>(one, distinct.slice(0, 1))
        assert.isTrue(list?.every(({ score }, index) => Object.is(score, distinct[index]?.score)))
      }),
    { arbitrary: { runs: 100 * effort } }
  )
})

// -----------------------------------------------------------------------------
// plans
// -----------------------------------------------------------------------------

type Plan = ReturnType<typeof planWith> extends Arbitrary.Arbitrary<infer A> ? A : never

/** The evaluation of a plan, with meters and a log of what ended by itself. */
const evaluationOf = (plan: Plan) => {
  const targets = makeMeter()
  const evaluators = makeMeter()
  const ended = new Set<string>()
  const begun = new Map<string, number>()
  const metered = (
    meter: typeof targets,
    behaviour: Behaviour,
    value: number,
    attempt: number,
    name: string
  ): number | Promise<number> | Effect.Effect<number, string> => {
    const end = () => ended.add(name)
    const returned = behave(behaviour, value, attempt, end)
    return Effect.isEffect(returned)
      ? meter.inside(Effect.andThen(Effect.clockWith((clock) => clock.currentTimeMillis), (now) => {
        begun.set(name, now)
        return returned
      }))
      : returned
  }
  return {
    targets,
    evaluators,
    /** Whether user code has ended by itself, or has been given up at a time. */
    hasEnded: (name: string, now: number) => ended.has(name) || now >= (begun.get(name) ?? Infinity) + timeout,
    targetName: (row: Row.Row) => `target ${row.example.id} ${row.run.repetition}`,
    evaluatorName: (position: number, row: Row.Row) => `evaluator ${position} ${row.run.id}`,
    begun,
    evaluation: Evaluation.make("plan", {
      data: numbers(plan.targets.length),
      target: (n, { attempt, repetition }) =>
        metered(targets, at(plan.targets, n), n, attempt, `target n${n} ${repetition}`)
    }),
    options: {
      concurrency: plan.concurrency,
      evaluatorConcurrency: plan.evaluatorConcurrency,
      repetitions: plan.repetitions,
      order: plan.order,
      runTrees: plan.runTrees,
      timeout,
      retry: Schedule.recurs(plan.retries),
      evaluatorLimits: { timeout, retry: Schedule.recurs(plan.retries) },
      evaluators: plan.evaluators.map((behaviours, position) => {
        const attempts = new Map<string, number>()
        return Evaluator.make(
          `e${position}`,
          ({ inputs, run }: Evaluator.EvaluatorArgs<number>) => {
            const attempt = (attempts.get(run.id) ?? 0) + 1
            attempts.set(run.id, attempt)
            return metered(evaluators, at(behaviours, inputs), inputs, attempt, `evaluator ${position} ${run.id}`)
          }
        )
      })
    }
  } as const
}

/** How the evaluators of a row are to come out. */
const expectedKinds = (plan: Plan, row: Row.Row): ReadonlyArray<Outcome.Kind> =>
  plan.evaluators.map((behaviours) => {
    if (row.run.outcome._tag !== "Succeeded") return "Skipped"
    const [kind] = outcomeOf(at(behaviours, Number(row.example.inputs)), plan.retries)
    return kind === "Succeeded" ? "Scored" : kind
  })

describe("whatever targets and evaluators do", () => {
  it.effect.prop(
    "each row is there once, with the outcomes that were to be, in order if asked, within the limits",
    { plan: planWith({ minTargets: 0 }) },
    ({ plan }) =>
      Effect.gen(function*() {
        const { evaluation, evaluators, options, targets } = evaluationOf(plan)
        let ended: Experiment.Experiment | undefined
        const rows = yield* settle(
          untraced(Stream.runCollect(Evaluation.stream(evaluation, {
            ...options,
            keepRows: true,
            onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
          }))),
          { step: 20, steps: 20_000 }
        )
        assert.isDefined(ended)
        assert.strictEqual(ended.status, "completed")

        const indices = rows.map(({ index }) => index)
        const all = Array.from({ length: plan.targets.length * plan.repetitions }, (_, index) => index)
        assert.deepStrictEqual(indices.toSorted((a, b) => a - b), all)
        if (plan.order === "input") assert.deepStrictEqual(indices, all)
        assert.deepStrictEqual(ended.rows, rows.toSorted((a, b) => a.index - b.index))
        for (const row of rows) {
          assert.strictEqual(row.example.inputs, Math.floor(row.index / plan.repetitions))
          assert.strictEqual(row.run.repetition, row.index % plan.repetitions)
        }

        for (const row of rows) {
          const behaviour = at(plan.targets, row.example.inputs)
          const [kind, attempts] = outcomeOf(behaviour, plan.retries)
          assert.strictEqual(row.run.outcome._tag, kind)
          assert.strictEqual(row.run.attempts.length, attempts)
          assert.strictEqual(row.run.outputs, kind === "Succeeded" ? row.example.inputs : undefined)
          assert.deepStrictEqual(kinds(row), expectedKinds(plan, row))
          for (const [position, evaluation] of row.evaluations.entries()) {
            const behaviours = plan.evaluators[position] ?? []
            const skipped = evaluation.outcome._tag === "Skipped"
            const expected = skipped ? 0 : outcomeOf(at(behaviours, row.example.inputs), plan.retries)[1]
            assert.strictEqual(evaluation.attempts.length, expected)
          }
        }
        assertAddsUp(ended, rows)

        assert.isAtMost(targets.max, plan.concurrency)
        assert.isAtMost(evaluators.max, plan.evaluatorConcurrency)
        assert.deepStrictEqual([targets.active, evaluators.active], [0, 0])
      }),
    { arbitrary: { runs: 100 * effort } }
  )

  it.effect.prop(
    "an interruption keeps the rows that were paid for, each once, and nothing goes on after it",
    { plan: planWith({ minTargets: 5 }), after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 120 })) },
    ({ after, plan: drawn }) =>
      Effect.gen(function*() {
        const plan = { ...drawn, retries: 0 }
        const { evaluation, evaluatorName, evaluators, hasEnded, options, targetName, targets, begun } = evaluationOf(
          plan
        )
        let ended: Experiment.Experiment | undefined
        const fiber = yield* Effect.forkChild(Evaluation.run(evaluation, {
          ...options,
          onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
        }))
        // Nothing happens at half a millisecond.
        for (let step = 0; step < 30; step++) {
          yield* TestClock.adjust(after / 30)
          yield* Effect.yieldNow
        }
        yield* TestClock.adjust(0.5)
        for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
        const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const completed = fiber.pollUnsafe() !== undefined
        yield* Effect.forkChild(Fiber.interrupt(fiber))
        yield* settled(fiber)

        assert.isDefined(ended)
        assert.strictEqual(ended.status, completed ? "completed" : "interrupted")
        const names = ended.rows.map(targetName)
        assert.strictEqual(new Set(names).size, names.length)
        const paid = Array.from({ length: plan.targets.length }, (_, n) => n).flatMap((n) =>
          Array.from({ length: plan.repetitions }, (_, repetition) => `target n${n} ${repetition}`)
        ).filter((name) => hasEnded(name, now))
        assert.sameMembers(names, paid)

        for (const row of ended.rows) {
          const expected = expectedKinds(plan, row).map((kind, position) =>
            kind === "Skipped" || hasEnded(evaluatorName(position, row), now) ? kind : "Cancelled"
          )
          assert.deepStrictEqual(kinds(row), expected)
        }
        assertAddsUp(ended, ended.rows)
        assert.deepStrictEqual([targets.active, evaluators.active], [0, 0])

        const recorded = (yield* (yield* TracingClient.Memory).experiments).at(-1)
        assert.strictEqual(recorded?.footer?.status, ended.status)
        assert.deepStrictEqual(recorded?.rows.toSorted((a, b) => a.index - b.index), ended.rows)

        const calls = begun.size
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(begun.size, calls)
      }).pipe(Effect.provide(TracingClient.layerMemory)),
    { arbitrary: { runs: 100 * effort } }
  )
})

describe("the summaries", () => {
  it.effect.prop(
    "are what one works out from the rows",
    {
      returned: Arbitrary.array(
        Arbitrary.schema(Schema.Union([
          Score,
          Schema.Struct({ key: Schema.Literals(["a", "b"]), score: Score }),
          Schema.Struct({ key: Schema.Literals(["a", "b"]), score: Score, value: Schema.NonEmptyString }),
          Schema.Struct({ key: Schema.Literals(["a", "b"]), value: Schema.Literals(["good", "bad"]) }),
          Schema.Struct({ score: Schema.Null }),
          Schema.Literals(["good", "bad", "true", "constructor", "__proto__"]),
          Schema.Tuple([
            Schema.Struct({ key: Schema.Literals(["a", "first.a"]), score: Score }),
            Schema.Struct({ key: Schema.Literals(["b", "second"]), score: Score })
          ])
        ])),
        { minLength: 1, maxLength: 40 }
      )
    },
    ({ returned }) =>
      Effect.gen(function*() {
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("t", {
            data: numbers(returned.length),
            target: (n) => n % 7 === 6 ? Effect.fail("no") : Effect.succeed(n)
          }),
          {
            evaluators: [
              Evaluator.make("first", ({ inputs }) => at(returned, inputs)),
              Evaluator.make("second", ({ inputs }) => at(returned, inputs * 3 + 1))
            ]
          }
        ))
        assertAddsUp(experiment, experiment.rows)
      }),
    { arbitrary: { runs: 150 * effort } }
  )
})

// -----------------------------------------------------------------------------
// JSON
// -----------------------------------------------------------------------------

/** An experiment of whatever JSON targets and evaluators give; some of them fail in all ways that there are. */
const Drawn = {
  outputs: Arbitrary.array(
    Arbitrary.schema(Schema.Union([Schema.Json, Schema.Literals(["fail", "die", "interrupt"])])),
    {
      maxLength: 5
    }
  ),
  returned: Arbitrary.array(Arbitrary.schema(ReturnedJson), { minLength: 1, maxLength: 5 }),
  texts: Arbitrary.array(Arbitrary.schema(Schema.String), { minLength: 1, maxLength: 3 })
}

class Refused extends Schema.TaggedError<Refused>()("Refused", { text: Schema.String }) {}

interface DrawnValues {
  readonly outputs: ReadonlyArray<Schema.Json>
  readonly returned: ReadonlyArray<unknown>
  readonly texts: ReadonlyArray<string>
}

const runOf = ({ outputs, returned, texts }: DrawnValues) =>
  Evaluation.run(
    Evaluation.make("json", {
      data: Dataset.fromIterable(
        "d",
        outputs.map((output, n) => ({
          id: `n${n}`,
          inputs: { n, output },
          metadata: { text: at(texts, n) }
        }))
      ),
      target: ({ n, output }) =>
        Effect.gen(function*() {
          yield* Effect.yieldNow
          if (output === "fail") return yield* new Refused({ text: at(texts, n) })
          if (output === "die") return yield* Effect.die(new RangeError(at(texts, n)))
          if (output === "interrupt") return yield* Effect.interrupt
          return output
        }).pipe(Effect.withSpan("child", { attributes: { text: at(texts, n) } }))
    }),
    {
      name: texts[0] === "" ? "empty" : texts[0],
      description: texts[0],
      metadata: { texts },
      evaluators: [
        Evaluator.make("returned", ({ inputs }) => at(returned, inputs.n) as EvaluationResult.Returned),
        Evaluator.make("fails", ({ inputs }) => Effect.fail(new Refused({ text: at(texts, inputs.n) }))),
        Evaluator.make("skips", ({ inputs }) => Evaluator.skip(at(texts, inputs.n)))
      ]
    }
  )

const codec = Schema.fromJsonString(Experiment.schema())

describe("an experiment that has been JSON", () => {
  it.effect.prop("has the outcomes, results and numbers it had", Drawn, (drawn) =>
    Effect.gen(function*() {
      const experiment = yield* untraced(runOf(drawn))
      const again = yield* Schema.decodeEffect(codec)(yield* Schema.encodeEffect(codec)(experiment))
      assertSame(again, experiment)
      assertAddsUp(again, again.rows)
      assert.deepStrictEqual(Schema.encodeSync(codec)(again), Schema.encodeSync(codec)(experiment))
    }), { arbitrary: { runs: 100 * effort } })
})

describe("a journal", () => {
  const inDirectory = <A, E, R>(f: (directory: string, fileSystem: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      return yield* f(yield* fileSystem.makeTempDirectoryScoped(), fileSystem)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

  /** Runs it with a journal; gives the experiment and the bytes of its journal. */
  const journaled = Effect.fnUntraced(
    function*(drawn: DrawnValues, directory: string, fileSystem: FileSystem.FileSystem) {
      const experiment = yield* runOf(drawn).pipe(Effect.provide(TracingClient.layerJournal({ directory })))
      assert.deepStrictEqual(experiment.tracingFailures, [])
      const files = yield* fileSystem.readDirectory(directory)
      assert.strictEqual(files.length, 1)
      const file = `${directory}/${files[0]}`
      return { experiment, file, bytes: yield* fileSystem.readFile(file) }
    }
  )

  const newline = "\n".charCodeAt(0)

  /** Reads the first bytes of a journal and holds what comes against what was written whole. */
  const assertCut = Effect.fnUntraced(
    function*(
      bytes: Uint8Array,
      length: number,
      experiment: Experiment.Experiment,
      torn: string,
      fileSystem: FileSystem.FileSystem
    ) {
      const kept = bytes.subarray(0, length)
      const lines = kept.reduce((count, byte) => byte === newline ? count + 1 : count, 0)
      yield* fileSystem.writeFile(torn, kept)
      if (lines === 0) {
        const error = yield* Effect.flip(Journal.read(torn))
        assert.instanceOf(error, Journal.JournalError, `cut at byte ${length}`)
        return
      }
      const again = yield* Journal.read(torn)
      const rows = Math.min(lines - 1, experiment.rowCount)
      assert.strictEqual(again.rows.length, rows, `cut at byte ${length}`)
      assert.strictEqual(again.status, lines - 1 > experiment.rowCount ? "completed" : "interrupted")
      const indices = new Set(again.rows.map(({ index }) => index))
      assertSame(again, { ...experiment, rows: experiment.rows.filter(({ index }) => indices.has(index)) })
      assertAddsUp(again, again.rows)
    }
  )

  it.effect.prop(
    "has the rows of its experiment, and those written whole wherever it is cut",
    {
      ...Drawn,
      cuts: Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999_999 }))), {
        minLength: 3,
        maxLength: 6
      })
    },
    ({ cuts, ...drawn }) =>
      inDirectory((directory, fileSystem) =>
        Effect.gen(function*() {
          const { bytes, experiment, file } = yield* journaled(drawn, `${directory}/journals`, fileSystem)
          const again = yield* Journal.read(file)
          assertSame(again, experiment)
          const { rows: _, ...overview } = again
          const { rows: __, ...original } = experiment
          assert.deepStrictEqual(overview, original)
          for (const cut of cuts) {
            yield* assertCut(bytes, cut % (bytes.length + 1), experiment, `${directory}/torn.jsonl`, fileSystem)
          }
        })
      ),
    { arbitrary: { runs: 50 * effort } }
  )

  it.effect("cut at any byte has the rows that were written whole", () =>
    inDirectory((directory, fileSystem) =>
      Effect.gen(function*() {
        const experiment = yield* Evaluation.run(
          Evaluation.make("é", {
            data: Dataset.fromIterable(
              "d",
              ["\u{1f600}", "\u2028", "no"].map((inputs, n) => ({ id: `n${n}`, inputs }))
            ),
            target: (text) => text === "no" ? Effect.fail("ß") : Effect.succeed(text)
          }),
          { evaluators: [Evaluator.make("日本", ({ outputs }) => outputs)] }
        ).pipe(Effect.provide(TracingClient.layerJournal({ directory })))
        const files = yield* fileSystem.readDirectory(directory)
        const bytes = yield* fileSystem.readFile(`${directory}/${files[0]}`)
        const ends = Array.from(bytes.entries()).flatMap(([index, byte]) => byte === newline ? [index + 1] : [])
        assert.strictEqual(ends.length, 5)
        for (let length = 0; length <= bytes.length; length++) {
          const memory = FileSystem.layerNoop({ stream: () => Stream.make(bytes.subarray(0, length)) })
          const lines = ends.filter((end) => end <= length).length
          const read = Journal.read("memory").pipe(Effect.provide(memory))
          if (lines === 0) assert.instanceOf(yield* Effect.flip(read), Journal.JournalError, `cut at byte ${length}`)
          else {
            const again = yield* read
            assert.strictEqual(again.rowCount, Math.min(lines - 1, 3), `cut at byte ${length}`)
            assert.strictEqual(again.status, lines === 5 ? "completed" : "interrupted", `cut at byte ${length}`)
            if (ends.includes(length)) {
              assertSame(again, { ...experiment, rows: experiment.rows.slice(0, again.rowCount) })
            }
          }
        }
      })
    ))
})
