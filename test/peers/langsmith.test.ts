/**
 * The cases of LangSmith's own test suites that say something about an evaluation engine, and the weaknesses of its SDKs
 * the right way round. What an evaluator may return is in `EvaluationResult.test.ts`, line by line.
 *
 * Where this engine means to do something else:
 *
 * | There | Here | Because |
 * |---|---|---|
 * | a task that throws ends the iteration | it is an outcome of its row, and the others go on | one bad row is no reason to lose the rest |
 * | `maxConcurrency: 0` means one after the other | it is refused; 1 means that | 0 places can run nothing |
 * | feedback keys are read off the source text of the function | `keys` says them | text lies once code is minified or wrapped |
 * | parameter names choose what an evaluator or a target gets | one argument has it all, typed | names are gone after minification |
 * | an evaluator that throws leaves a feedback entry | the outcome `Failed`, with its cause | a failed judge is not a judgement |
 * | runs are zipped with examples by position | they are found by example id and repetition | positions shift |
 * | no examples is an error | it is a complete experiment of no rows | a filter may leave nothing, which is no fault |
 * | a summary evaluator that fails fails the iteration, or is dropped | it is an outcome with its message | the rows are paid for |
 * | an async target given to the sync entry point is refused | values, Promises and Effects are all taken | there is one entry point |
 * | a blocking call stores its error until somebody looks | the Effect fails with it | unseen errors are no errors |
 * | an existing experiment is named to be extended | its runs are judged again by `Target.fromRuns` | an experiment that has ended stays as it is |
 *
 * Elsewhere: the wire protocol, uploads and reading from a server in `test/langsmith`, the same by both clients in its
 * `parity.test.ts`; comparative experiments in `PairwiseEvaluation.test.ts`; test runners and matchers in `test/vitest`;
 * string distances in `test/scorers`; tracing decorators in `test/traceable`. There are no cassettes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Context, Effect, Exit, Fiber, Schedule, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  Attachment,
  Dataset,
  Evaluation,
  Evaluator,
  type Example,
  Experiment,
  Outcome,
  Row,
  type Run,
  SummaryEvaluator,
  Target,
  TracingClient
} from "../../src/index.ts"
import { settle } from "../support/clock.ts"
import { makeMeter } from "../support/meter.ts"
import { returning } from "../support/returning.ts"
import { counts, kinds, numbers, untraced } from "../support/run.ts"

/** Numbers from 1. */
const oneTo = (count: number) =>
  Dataset.fromIterable(
    "numbers",
    Array.from({ length: count }, (_, n): Example.Input<number, number> => ({
      id: `n${n + 1}`,
      inputs: n + 1,
      referenceOutputs: n + 1
    }))
  )

/** A target that takes so many milliseconds by its input. */
const taking = (millis: { readonly [n: number]: number }, otherwise = 0) => (n: number) =>
  Effect.as(Effect.sleep(millis[n] ?? otherwise), n)

const durationOf = ({ endTime, startTime }: { readonly startTime: number; readonly endTime: number }) =>
  endTime - startTime

const byIndex = (experiment: Experiment.Experiment) => experiment.rows.map(({ index }) => index)

describe("evaluate_runner.test.ts", () => {
  describe("mapping with bounded concurrency", () => {
    it.effect("runs five at once where there are places for five", () =>
      Effect.gen(function*() {
        const meter = makeMeter()
        const data = oneTo(5)
        const evaluation = Evaluation.make("t", { data, target: (n) => meter.inside(taking({}, 10)(n)) })
        yield* settle(untraced(Evaluation.run(evaluation)))
        assert.strictEqual(meter.max, 5)
      }))

    it.effect("runs one after the other, in order, where there is one place", () =>
      Effect.gen(function*() {
        const meter = makeMeter()
        const begun: Array<number> = []
        const evaluation = Evaluation.make("t", {
          data: oneTo(3),
          target: (n) =>
            meter.inside(Effect.andThen(Effect.sync(() => begun.push(n)), taking({ 1: 30, 2: 5, 3: 10 })(n)))
        })
        const rows = yield* settle(untraced(Stream.runCollect(Evaluation.stream(evaluation, { concurrency: 1 }))))
        assert.deepStrictEqual(rows.map(({ run }) => run.outputs), [1, 2, 3])
        assert.deepStrictEqual(begun, [1, 2, 3])
        assert.strictEqual(meter.max, 1)
      }))

    it.effect("gives what is done first first, two at once", () =>
      Effect.gen(function*() {
        const meter = makeMeter()
        const evaluation = Evaluation.make("t", {
          data: oneTo(3),
          target: (n) => meter.inside(taking({ 1: 30, 2: 5, 3: 10 })(n))
        })
        const rows = yield* settle(
          untraced(Stream.runCollect(Evaluation.stream(evaluation, { concurrency: 2 }))),
          { step: 1 }
        )
        assert.deepStrictEqual(rows.map(({ run }) => run.outputs), [2, 3, 1])
        assert.strictEqual(meter.max, 2)
      }))

    it.effect("keeps the rows beside one that fails", () =>
      Effect.gen(function*() {
        const evaluation = Evaluation.make("t", {
          data: oneTo(3),
          target: (n) => n === 2 ? Effect.fail(new Cause.IllegalArgumentError("mapper boom")) : Effect.succeed(n)
        })
        const experiment = yield* untraced(Evaluation.run(evaluation))
        assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [1, undefined, 3])
        assert.match(experiment.rows[1]?.run.error ?? "", /mapper boom/)
      }))

    it.effect("fails with the error of the source", () =>
      Effect.gen(function*() {
        class SourceBoom extends Schema.TaggedError<SourceBoom>()("SourceBoom", {}) {}
        const data = Dataset.fromStream("s", Stream.concat(Stream.make({ inputs: 1 }), Stream.fail(new SourceBoom())))
        const error = yield* Effect.flip(untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n }))))
        assert.instanceOf(error, SourceBoom)
      }))

    it.effect("gives fast ones before a slow one that began earlier", () =>
      Effect.gen(function*() {
        const arrived: Array<readonly [number, number]> = []
        const evaluation = Evaluation.make("t", { data: oneTo(4), target: taking({ 1: 100 }, 10) })
        const start = yield* Clock.currentTimeMillis
        yield* settle(
          untraced(Stream.runForEach(Evaluation.stream(evaluation, { concurrency: 3 }), ({ run }) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              arrived.push([run.inputs, now - start])
            }))),
          { step: 1 }
        )
        assert.deepStrictEqual(
          arrived.map(([n]) =>
            n
          ),
          [2, 3, 4, 1]
        )
        assert.isTrue(arrived.slice(0, 3).every(([, at]) => at < 100))
      }))
  })

  it.effect("hands each row over once, with its times, under the id of its experiment", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      const experiment = yield* Evaluation.run(Evaluation.make("t", { data: oneTo(1), target: (n) => n }), {
        evaluators: [Evaluator.make("k", () => 1)]
      })
      const [recorded, ...others] = yield* (yield* TracingClient.Memory).experiments
      assert.strictEqual(others.length, 0)
      assert.strictEqual(recorded?.header.id, experiment.id)
      assert.strictEqual(recorded?.rows.length, 1)
      assert.strictEqual(recorded?.rows[0]?.run.startTime, 1_000_000)
      assert.deepStrictEqual(recorded?.rows.flatMap(Row.results), [{ key: "k", score: 1 }])
    }).pipe(Effect.provide(TracingClient.layerMemory)))

  it.effect("judges runs that exist under their own times, whatever order they come in", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(5000)
      const first = yield* untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n * 10 })))
      yield* TestClock.adjust("1 day")
      const runs = first.rows.map(({ run }) => run).toReversed()
      const again = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: oneTo(3), target: Target.fromRuns("t", runs) }),
        { evaluators: [Evaluator.make("fits", ({ inputs, outputs }) => outputs === inputs * 10)] }
      ))
      assert.deepStrictEqual(again.rows.map(({ run }) => run.startTime), [5000, 5000, 5000])
      assert.strictEqual(again.summaries["fits"]?.score?.mean, 1)
    }))

  it.effect("brings rows back into input order, the repetitions of an example in theirs", () =>
    Effect.gen(function*() {
      const delays = [30, 20, 10, 25, 15, 5]
      let call = 0
      const experiment = yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", {
            data: oneTo(3),
            target: (n) => Effect.as(Effect.sleep(delays[call++] ?? 0), n)
          }),
          { repetitions: 2 }
        )),
        { step: 1 }
      )
      assert.deepStrictEqual(byIndex(experiment), [0, 1, 2, 3, 4, 5])
      assert.deepStrictEqual(
        experiment.rows.map(({ run }) => [run.inputs, run.repetition]),
        [[1, 0], [1, 1], [2, 0], [2, 1], [3, 0], [3, 1]]
      )
    }))

  it.effect("holds one target and two evaluators at once, when told so", () =>
    Effect.gen(function*() {
      const targets = makeMeter()
      const evaluators = makeMeter()
      yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", { data: oneTo(3), target: (n) => targets.inside(taking({}, 10)(n)) }),
          {
            concurrency: 1,
            evaluatorConcurrency: 2,
            evaluators: [
              Evaluator.make("k", () => evaluators.inside(Effect.as(Effect.sleep(40), 1)))
            ]
          }
        )),
        { step: 5 }
      )
      assert.strictEqual(targets.max, 1)
      assert.strictEqual(evaluators.max, 2)
    }))

  it.effect("judges fast rows before a slow prediction ends", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", {
            data: oneTo(3),
            target: (n) => Effect.tap(taking({ 1: 500 }, 5)(n), () => Effect.sync(() => log.push(`predicted ${n}`)))
          }),
          {
            concurrency: 3,
            evaluatorConcurrency: 3,
            evaluators: [Evaluator.make("k", ({ inputs }) => log.push(`judged ${inputs}`))]
          }
        )),
        { step: 5 }
      )
      assert.deepStrictEqual(log, ["predicted 2", "judged 2", "predicted 3", "judged 3", "predicted 1", "judged 1"])
    }))

  it.effect("says beforehand how many examples and repetitions there will be, where that is known", () =>
    Effect.gen(function*() {
      const counted = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n }), { repetitions: 4 })
      )
      assert.strictEqual(counted.dataset.size, 3)
      assert.strictEqual(counted.repetitions, 4)
      assert.strictEqual(counted.rowCount, 12)
      const examples = async function*() {
        yield { inputs: 1 }
        yield { inputs: 2 }
      }
      const streamed = yield* untraced(Evaluation.run(Evaluation.make("t", {
        data: Dataset.fromStream("s", Stream.fromAsyncIterable(examples(), (cause) => new Cause.UnknownError(cause))),
        target: (n) => n
      })))
      assert.notProperty(streamed.dataset, "size")
      assert.strictEqual(streamed.repetitions, 1)
      assert.strictEqual(streamed.rowCount, 2)
    }))
})

describe("evaluate.int.test.ts, evaluate_attachments.int.test.ts, experiment_manager.int.test.ts", () => {
  const examples = [{ id: "one", inputs: { input: 1 } }, { id: "two", inputs: { input: 2 } }]
  const listed = Dataset.fromIterable("listed", examples)
  const streamed = Dataset.fromStream(
    "streamed",
    Stream.fromAsyncIterable(
      (async function*() {
        yield* examples
      })(),
      (cause) => new Cause.UnknownError(cause)
    )
  )
  const increment = ({ input }: { readonly input: number }) => ({ foo: input + 1 })

  it.effect("has a row for each example and no results where there are no evaluators", () =>
    Effect.gen(function*() {
      for (const data of [listed, streamed]) {
        const { rows } = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: increment })))
        assert.deepStrictEqual(rows.map(({ run }) => run.outputs), [{ foo: 2 }, { foo: 3 }])
        assert.deepStrictEqual(rows.flatMap(Row.results), [])
      }
    }))

  it.effect("gives evaluator objects the run and the example", () =>
    Effect.gen(function*() {
      const { rows } = yield* untraced(Evaluation.run(Evaluation.make("t", { data: listed, target: increment }), {
        evaluators: [
          { evaluateRun: (run, example) => ({ key: "first", score: 1, comment: `${run.id} ${example.id}` }) },
          {
            evaluateRun: (run, example) =>
              Effect.succeed({ key: "second", score: 2, comment: `${run.id} ${example.id}` })
          }
        ]
      }))
      for (const row of rows) {
        const comment = `${row.run.id} ${row.example.id}`
        assert.deepStrictEqual(Row.results(row), [
          { key: "first", score: 1, comment },
          { key: "second", score: 2, comment }
        ])
      }
      assert.deepStrictEqual(rows.map(({ example }) => example.id), ["one", "two"])
    }))

  it.effect("runs each example so often as it is to be repeated", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: listed, target: increment }), { repetitions: 3 })
      )
      assert.strictEqual(experiment.rowCount, 6)
      assert.deepStrictEqual(
        Experiment.byExample(experiment).map(({ example, rows }) => [example.id, rows.length]),
        [["one", 3], ["two", 3]]
      )
    }))

  it.effect("gives summary evaluators inputs, outputs and references side by side", () =>
    Effect.gen(function*() {
      const aligned = (
        { examples, inputs, outputs, referenceOutputs, rows, runs }: SummaryEvaluator.SummaryArgs<
          number,
          number,
          number
        >
      ) =>
        rows.every((row, i) =>
          inputs[i] === i + 1 && outputs[i] === inputs[i] && referenceOutputs[i] === inputs[i] &&
          runs[i] === row.run && examples[i] === row.example
        )
      const evaluation = Evaluation.make("t", { data: oneTo(5), target: taking({ 1: 40, 2: 30, 3: 20, 4: 10 }) })
      const experiment = yield* settle(
        untraced(Evaluation.run(evaluation, {
          summaryEvaluators: [
            SummaryEvaluator.fromPositional("runs", (runs, examples) => runs.length * examples.length),
            SummaryEvaluator.fromPositional("again", (runs) => ({ key: "other", value: runs.length })),
            SummaryEvaluator.make("aligned", aligned)
          ]
        })),
        { step: 5 }
      )
      assert.deepStrictEqual(experiment.summaryResults.flatMap(({ results }) => results), [
        { key: "runs", score: 25 },
        { key: "other", value: 5 },
        { key: "aligned", score: true }
      ])
    }))

  it.effect("adds up one result, two results and that of an async evaluator, one place for all", () =>
    Effect.gen(function*() {
      const { rows } = yield* untraced(Evaluation.run(Evaluation.make("t", { data: listed, target: increment }), {
        concurrency: 1,
        evaluatorConcurrency: 1,
        evaluators: [
          Evaluator.make("single", () => ({ score: 1 })),
          Evaluator.make("batch", () => ({ results: [{ key: "a", score: 2 }, { key: "b", score: 3 }] })),
          { evaluateRun: async () => ({ key: "async", score: 4 }) }
        ]
      }))
      for (const row of rows) {
        assert.deepStrictEqual(Row.results(row).map(({ key, score }) => [key, score]), [
          ["single", 1],
          ["a", 2],
          ["b", 3],
          ["async", 4]
        ])
      }
    }))

  it.effect("keeps dataset order however targets and evaluators are delayed", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const experiment = yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", { data: oneTo(6), target: (n) => Effect.as(Effect.sleep(70 - n * 10), n) }),
          {
            concurrency: 2,
            evaluatorConcurrency: 2,
            evaluators: [
              Evaluator.make("k", ({ inputs }) => Effect.as(Effect.sleep(inputs % 2 === 0 ? 5 : 60), inputs))
            ],
            summaryEvaluators: [SummaryEvaluator.make("order", ({ inputs }) => seen.push(...inputs))]
          }
        )),
        { step: 5 }
      )
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [1, 2, 3, 4, 5, 6])
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "k")), [1, 2, 3, 4, 5, 6])
      assert.deepStrictEqual(seen, [1, 2, 3, 4, 5, 6])
    }))

  it.effect("does not wait for a child that outlives its run", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: oneTo(1),
        target: () =>
          Effect.sleep("1 hour").pipe(
            Effect.withSpan("slow child"),
            Effect.forkDetach({ startImmediately: true }),
            Effect.as({ foo: "foo" })
          )
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [Evaluator.make("foo", ({ outputs }) => outputs.foo)]
      }))
      const run = experiment.rows[0]?.run
      assert.deepStrictEqual(run?.outputs, { foo: "foo" })
      assert.deepStrictEqual(run?.childRuns.map(({ endTime, name }) => [name, endTime]), [["slow child", undefined]])
    }))

  it.effect("says which splits were used", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("d", [
        { inputs: 1, split: "train" },
        { inputs: 2, split: ["test", "hard"] },
        { inputs: 3 }
      ])
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: Dataset.split(data, ["test", "hard"]), target: (n) => n }))
      )
      assert.deepStrictEqual(experiment.rows.map(({ example }) => [example.inputs, example.splits]), [
        [2, ["test", "hard"]]
      ])
      assert.deepStrictEqual(experiment.dataset.steps, ["split(test, hard)"])
    }))

  it.effect("gives attachments to targets and evaluators, bytes and all", () =>
    Effect.gen(function*() {
      const picture = Attachment.fromBytes(new Uint8Array([1, 2, 3]), { mimeType: "image/png" })
      const data = Dataset.fromIterable("d", [{ inputs: 1, attachments: { picture } }, { inputs: 2 }])
      const sizeOf = (attachments: Attachment.Attachments) =>
        attachments["picture"] === undefined
          ? Effect.succeed(0)
          : Effect.map(attachments["picture"].bytes, (bytes) => bytes.length)
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data, target: (_, { attachments }) => sizeOf(attachments) }),
        {
          evaluators: [
            Evaluator.make("same", ({ attachments, outputs }) =>
              Effect.map(sizeOf(attachments), (size) => size === outputs)),
            Evaluator.make("type", ({ attachments }) =>
              attachments["picture"]?.mimeType ?? "none")
          ]
        }
      ))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [3, 0])
      assert.strictEqual(experiment.summaries["same"]?.score?.mean, 1)
      assert.deepStrictEqual(experiment.rows.map((row) => Row.result(row, "type")?.value), ["image/png", "none"])
    }))

  it.effect("gives every experiment a name of its own", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", { data: listed, target: increment })
      const names = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => Effect.map(untraced(Evaluation.run(evaluation)), ({ name }) => name)
      )
      assert.strictEqual(new Set(names).size, 20)
      assert.isTrue(names.every((name) => name.startsWith("t-")))
    }))
})

describe("test_evaluator.py", () => {
  const outcomeOf = (returned: () => unknown) =>
    Effect.map(
      untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(1), target: (n) => n }), {
        evaluators: [returning(returned)]
      })),
      ({ rows }) => rows[0]?.evaluations[0]?.outcome
    )

  const good: ReadonlyArray<readonly [string, unknown, ReadonlyArray<object>]> = [
    ["a result with a key", { key: "test", score: 1 }, [{ key: "test", score: 1 }]],
    ["a result that gets the name of the function", { score: 1 }, [{ key: "correct", score: 1 }]],
    ["a comment beside the score", { score: 1, comment: "so" }, [{ key: "correct", score: 1, comment: "so" }]],
    [
      "several results in results",
      { results: [{ key: "test", score: 1 }, { key: "test2", score: 2 }] },
      [{ key: "test", score: 1 }, { key: "test2", score: 2 }]
    ],
    ["a value beside a score", { score: 1, value: 5 }, [{ key: "correct", score: 1, value: 5 }]]
  ]
  for (const [what, returned, results] of good) {
    it.effect(`takes ${what}`, () =>
      Effect.gen(function*() {
        const outcome = yield* outcomeOf(() => returned)
        assert.deepStrictEqual<unknown>(outcome, { _tag: "Scored", results })
      }))
  }

  const bad: ReadonlyArray<readonly [string, unknown]> = [
    ["one of several results without key", { results: [{ score: 1 }, { key: "test2", score: 2 }] }],
    ["nothing", undefined],
    ["an empty object", {}],
    ["an empty list", []],
    ["a list of numbers", [5]],
    ["an object that is no result", { accuracy: 5 }]
  ]
  for (const [what, returned] of bad) {
    it.effect(`refuses ${what}`, () =>
      Effect.gen(function*() {
        const outcome = yield* outcomeOf(() => returned)
        assert.match(outcome?._tag === "Failed" ? outcome.message : "", /^InvalidResult: /)
      }))
  }
})

describe("test_key_extraction.py", () => {
  const failing = () => Effect.fail("no judge today")

  it.effect("knows a key before anything runs where it is the name, and all keys where they are declared", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(2), target: (n) => n }), {
        evaluators: [
          function correctness(): Effect.Effect<boolean, string> {
            return failing()
          },
          Evaluator.make("both", failing, { keys: ["relevance", "accuracy"] })
        ]
      }))
      assert.deepStrictEqual(Object.keys(experiment.summaries), ["correctness", "relevance", "accuracy"])
      for (const { outcomes, score } of Object.values(experiment.summaries)) {
        assert.strictEqual(outcomes.failed, 2)
        assert.isUndefined(score)
      }
    }))

  it.effect("takes keys as they come where nobody said which", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n }), {
        evaluators: [Evaluator.make("dynamic", ({ inputs }) => ({ key: `for_${inputs}`, score: inputs }))]
      }))
      assert.deepStrictEqual(
        Object.values(experiment.summaries).map(({ evaluator, key }) => [evaluator, key]),
        [["dynamic", "for_1"], ["dynamic", "for_2"], ["dynamic", "for_3"]]
      )
      assert.deepStrictEqual(counts(experiment, "for_2"), { scored: 1, skipped: 2 })
    }))
})

describe("test_runner.py", () => {
  const data = Dataset.fromIterable(
    "three",
    [1, 2, 3].map((n) => ({
      id: `e${n}`,
      inputs: { in: n },
      referenceOutputs: { answer: n + 1 },
      metadata: { difficulty: n }
    }))
  )
  let calls = 0
  const evaluation = Evaluation.make("t", {
    data,
    target: (inputs) => {
      calls++
      return { output: inputs.in + 1 }
    }
  })
  const evaluators = [
    Evaluator.make("dict", ({ example, run }) => ({ score: run.outputs.output - example.referenceOutputs.answer })),
    Evaluator.make("inputs and outputs", ({ inputs, outputs }) => ({ score: outputs.output - inputs.in })),
    Evaluator.make("reference", ({ outputs, referenceOutputs }) => outputs.output === referenceOutputs.answer),
    Evaluator.make("attachments", ({ attachments }) => Object.keys(attachments).length),
    Evaluator.make("outputs", ({ outputs }) => ({ value: outputs })),
    Evaluator.make("float", () => 0.2),
    Evaluator.make("str", () => "good"),
    Evaluator.make("list", () => [{ key: "list_0", score: 1 }, { key: "list_1", value: "a" }])
  ] satisfies ReadonlyArray<
    Evaluator.Evaluator<{ in: number }, { output: number }, { answer: number }, { difficulty: number }>
  >

  it.effect("evaluates three examples four times with evaluators of every kind", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        repetitions: 4,
        evaluators,
        summaryEvaluators: [
          SummaryEvaluator.make("runs", ({ runs }) => runs.length),
          SummaryEvaluator.make("outputs", ({ outputs, referenceOutputs }) =>
            outputs.every((output, i) =>
              output?.output === referenceOutputs[i]?.answer
            )),
          SummaryEvaluator.fromPositional("positional", (runs, examples) => ({ score: runs.length - examples.length }))
        ]
      }))
      assert.strictEqual(experiment.rows.length, 12)
      for (const row of experiment.rows) {
        const results = Row.results(row)
        assert.strictEqual(results.length, 9)
        assert.isTrue(results.every(({ score, value }) => score !== undefined || value !== undefined))
      }
      assert.deepStrictEqual(
        experiment.summaryResults.flatMap(({ results }) => results.map(({ score }) => score)),
        [12, true, 0]
      )
    }))

  it.effect("gives rows while it runs, predictions and judgements in turns", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const slow = Evaluation.make("t", {
        data: oneTo(6),
        target: (n) => Effect.tap(taking({}, 100)(n), () => Effect.sync(() => log.push("p")))
      })
      const arrivals: Array<number> = []
      const start = yield* Clock.currentTimeMillis
      yield* settle(
        untraced(Stream.runForEach(
          Evaluation.stream(slow, {
            concurrency: 1,
            evaluators: [
              Evaluator.make("k", () =>
                Effect.tap(Effect.as(Effect.sleep(50), 1), () => Effect.sync(() => log.push("j"))))
            ]
          }),
          () =>
            Effect.map(Clock.currentTimeMillis, (now) => arrivals.push(now - start))
        )),
        { step: 10 }
      )
      assert.strictEqual(log.join(""), "pjpjpjpjpjpj")
      assert.deepStrictEqual(arrivals, [150, 250, 350, 450, 550, 650])
    }))

  it.effect("judges an experiment that exists without running it again, and its rows can be read twice", () =>
    Effect.gen(function*() {
      const first = yield* untraced(Evaluation.run(evaluation, { repetitions: 4 }))
      const before = calls
      const again = yield* untraced(Evaluation.run(
        Evaluation.make("again", { data, target: Target.fromRuns("t", first.rows.map(({ run }) => run)) }),
        { repetitions: 4, evaluators }
      ))
      assert.strictEqual(calls, before)
      assert.strictEqual(again.rowCount, 12)
      assert.strictEqual(again.summaries["reference"]?.score?.mean, 1)
      assert.deepStrictEqual([...again.rows], [...again.rows])
      assert.deepStrictEqual(again.rows.map(({ run }) => run.id), first.rows.map(({ run }) => run.id))
    }))

  it.effect("writes nowhere when nothing is to be written", () =>
    Effect.gen(function*() {
      const experiment = yield* Evaluation.run(evaluation).pipe(
        Effect.provideService(TracingClient.TracingClient, { clients: [] })
      )
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assert.deepStrictEqual(yield* (yield* TracingClient.Memory).experiments, [])
    }).pipe(Effect.provide(TracingClient.layerMemory)))

  it.effect("marks the row of an evaluator that returned nonsense", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(evaluation, { evaluators: [returning(() => ["foo", 1])] }))
      assert.deepStrictEqual(experiment.rows.map(kinds), [["Failed"], ["Failed"], ["Failed"]])
      assert.strictEqual(experiment.failedRows, 3)
    }))

  it.effect("gives a target the metadata of its example", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data, target: (_, { example, metadata }) => [metadata, example.id] }))
      )
      assert.deepStrictEqual(experiment.rows[1]?.run.outputs, [{ difficulty: 2 }, "e2"])
    }))

  it.effect("gives evaluators inputs, outputs and references by name", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      yield* untraced(Evaluation.run(evaluation, {
        concurrency: 1,
        evaluators: [
          ({ inputs, metadata, outputs, referenceOutputs }) => {
            seen.push([inputs, outputs, referenceOutputs, metadata])
            return { key: "k", score: 1 }
          }
        ]
      }))
      assert.deepStrictEqual(seen[0], [{ in: 1 }, { output: 2 }, { answer: 2 }, { difficulty: 1 }])
    }))

  it.effect("names evaluators by what the user wrote", () =>
    Effect.gen(function*() {
      class Conciseness {
        evaluateRun() {
          return { score: 1 }
        }
      }
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [
          function wrapped() {
            return Effect.succeed(true)
          },
          new Conciseness()
        ]
      }))
      assert.deepStrictEqual(experiment.evaluators.map(({ name }) => name), ["wrapped", "Conciseness"])
      assert.deepStrictEqual(Object.keys(experiment.summaries), ["wrapped", "Conciseness"])
    }))

  it.effect("refuses options that make no sense, with a sentence, before anything runs", () =>
    Effect.gen(function*() {
      const before = calls
      const wrong: ReadonlyArray<readonly [object, RegExp]> = [
        [{ concurrency: 0 }, /concurrency: .*got 0/],
        [{ repetitions: 0 }, /repetitions: .*got 0/],
        [{ evaluatorConcurrency: 2.5 }, /evaluatorConcurrency: .*got 2\.5/],
        [{ evaluators: ["exact_match"] }, /evaluators\[0\]: .*got "exact_match"/],
        [{ summaryEvaluators: [{}] }, /summaryEvaluators\[0\]: .*got an empty object/],
        [{ maxFailures: { share: 2 } }, /maxFailures\.share: .*got 2/]
      ]
      for (const [options, message] of wrong) {
        const error = yield* Effect.flip(untraced(Evaluation.run(evaluation, options)))
        assert.strictEqual(error._tag, "InvalidOptions")
        assert.match(error.message, message)
      }
      assert.strictEqual(calls, before)
    }))
})

describe("test_sync_experiment_results.py, test_async_experiment_results.py", () => {
  it.effect("gives all rows in order, and none of none", () =>
    Effect.gen(function*() {
      for (const count of [5, 0]) {
        const evaluation = Evaluation.make("t", { data: oneTo(count), target: taking({ 1: 30, 2: 20 }, 10) })
        const rows = yield* settle(
          untraced(Stream.runCollect(Evaluation.stream(evaluation, { order: "input" }))),
          { step: 5 }
        )
        assert.deepStrictEqual(rows.map(({ index }) => index), Array.from({ length: count }, (_, n) => n))
      }
    }))

  it.effect("gives the rows before a failure of the data, then the failure", () =>
    Effect.gen(function*() {
      class ProducerBoom extends Schema.TaggedError<ProducerBoom>()("ProducerBoom", {}) {}
      const data = Dataset.fromStream(
        "s",
        Stream.concat(Stream.make({ inputs: 1 }, { inputs: 2 }, { inputs: 3 }), Stream.fail(new ProducerBoom()))
      )
      const seen: Array<number> = []
      const run = untraced(Stream.runForEach(
        Evaluation.stream(Evaluation.make("t", { data, target: (n) => n }), { order: "input" }),
        ({ index }) => Effect.sync(() => seen.push(index))
      ))
      for (const attempt of [1, 2]) {
        assert.instanceOf(yield* Effect.flip(run), ProducerBoom, `attempt ${attempt}`)
      }
      assert.deepStrictEqual(seen, [0, 1, 2, 0, 1, 2])
    }))

  it.effect("gives all rows when a summary evaluator fails, and says what failed", () =>
    Effect.gen(function*() {
      let ended: Experiment.Experiment | undefined
      const rows = yield* untraced(Stream.runCollect(
        Evaluation.stream(Evaluation.make("t", { data: oneTo(5), target: (n) => n }), {
          summaryEvaluators: [
            SummaryEvaluator.make("boom", () => {
              throw new RangeError("summary boom")
            }),
            SummaryEvaluator.make("rows", ({ rows }) => rows.length)
          ],
          onEnd: (experiment) => Effect.sync(() => void (ended = experiment))
        })
      ))
      assert.strictEqual(rows.length, 5)
      assert.strictEqual(ended?.status, "completed")
      assert.deepStrictEqual(ended?.summaryResults, [
        { evaluator: "boom", results: [], error: "RangeError: summary boom" },
        { evaluator: "rows", results: [{ key: "rows", score: 5 }] }
      ])
    }))
})

describe("tests/evaluation/test_evaluation.py", () => {
  it.effect("keeps the error of every evaluator that always raises, under every key that it declares", () =>
    Effect.gen(function*() {
      const raising = <const Keys extends ReadonlyArray<string>>(name: string, keys: Keys) => [
        Evaluator.make(name, (): number => {
          throw new RangeError(`${name} failed`)
        }, { keys }),
        Evaluator.make(`async ${name}`, async (): Promise<number> => {
          throw new RangeError(`async ${name} failed`)
        }, { keys: keys.map((key) => `async ${key}`) })
      ]
      const evaluators = [
        ...raising("dict", ["accuracy"]),
        ...raising("result", ["relevance"]),
        ...raising("results", ["first", "second"]),
        ...raising("no key", []),
        ...raising("mixed", ["a", "b", "c"])
      ]
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n }), { evaluators })
      )
      const keys = ["accuracy", "relevance", "first", "second", "no key", "a", "b", "c"]
      assert.sameMembers(Object.keys(experiment.summaries), keys.flatMap((key) => [key, `async ${key}`]))
      for (const key of Object.keys(experiment.summaries)) {
        assert.deepStrictEqual(counts(experiment, key), { failed: 3 })
      }
      for (const row of experiment.rows) {
        assert.deepStrictEqual(
          row.evaluations.map(({ evaluator, outcome }) => outcome._tag === "Failed" && [evaluator, outcome.message]),
          evaluators.map(({ feedbackKey }) => [feedbackKey, `RangeError: ${feedbackKey} failed`])
        )
      }
    }))

  it.effect("judges while it predicts, so that ten rows of one and two seconds take no thirty", () =>
    Effect.gen(function*() {
      const run = (evaluatorConcurrency: number) =>
        settle(
          untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(10), target: taking({}, 1000) }), {
            concurrency: 3,
            evaluatorConcurrency,
            evaluators: [Evaluator.make("k", () => Effect.as(Effect.sleep("2 seconds"), 1))]
          })),
          { step: 100 }
        )
      // Four rounds of predictions, and the last judgement.
      assert.strictEqual(durationOf(yield* run(6)), 6000)
      // One prediction, and four rounds of judgements.
      assert.strictEqual(durationOf(yield* run(3)), 9000)
    }))
})

// -----------------------------------------------------------------------------
// known weaknesses, the right way round
// -----------------------------------------------------------------------------

describe("a run", () => {
  it.effect("judges a row when its target ends, even where there is one place", () =>
    Effect.gen(function*() {
      let order = ""
      yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", {
            data: oneTo(20),
            target: (n) => Effect.tap(taking({}, 10)(n), () => Effect.sync(() => order += "t"))
          }),
          { concurrency: 1, evaluators: [Evaluator.make("k", () => (order += "e").length)] }
        )),
        { step: 10 }
      )
      assert.strictEqual(order, "te".repeat(20))
    }))

  it.effect("is not held up by one slow row", () =>
    Effect.gen(function*() {
      let judged = 0
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("t", { data: oneTo(40), target: taking({ 1: 1500 }, 10) }),
        { concurrency: 8, evaluators: [Evaluator.make("k", () => ++judged)] }
      )))
      for (let step = 0; step < 10; step++) yield* TestClock.adjust(10)
      assert.strictEqual(judged, 39)
      yield* TestClock.adjust(1500)
      yield* Fiber.join(fiber)
      assert.strictEqual(judged, 40)
    }))

  it.effect("has knobs that turn one thing each: evaluators do not become serial, nor targets", () =>
    Effect.gen(function*() {
      const measure = Effect.fnUntraced(function*(options: {
        readonly concurrency?: number
        readonly evaluatorConcurrency?: number
      }) {
        const targets = makeMeter()
        const evaluators = makeMeter()
        yield* settle(
          untraced(Evaluation.run(
            Evaluation.make("t", { data: oneTo(64), target: (n) => targets.inside(taking({}, 10)(n)) }),
            {
              ...options,
              evaluators: [
                Evaluator.make("a", () => evaluators.inside(Effect.as(Effect.sleep(10), 1))),
                Evaluator.make("b", () => evaluators.inside(Effect.as(Effect.sleep(10), 1)))
              ]
            }
          )),
          { step: 10 }
        )
        return [targets.max, evaluators.max] as const
      })
      assert.deepStrictEqual(yield* measure({}), [16, 16])
      assert.deepStrictEqual(yield* measure({ concurrency: 8 }), [8, 16])
      assert.deepStrictEqual(yield* measure({ evaluatorConcurrency: 4 }), [16, 4])
      assert.deepStrictEqual(yield* measure({ concurrency: 2, evaluatorConcurrency: 3 }), [2, 3])
      assert.deepStrictEqual(yield* measure({ concurrency: 1, evaluatorConcurrency: 1 }), [1, 1])
    }))

  it.effect("ends although a target and an evaluator hang for ever", () =>
    Effect.gen(function*() {
      const experiment = yield* settle(
        untraced(Evaluation.run(
          Evaluation.make("t", {
            data: oneTo(4),
            target: (n) => n === 2 ? new Promise<number>(() => {}) : n
          }),
          {
            evaluators: [
              Evaluator.make("hangs", ({ inputs }) => inputs === 3 ? new Promise<number>(() => {}) : 1),
              Evaluator.make("fine", () => 1)
            ]
          }
        )),
        { step: 60_000 }
      )
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outcome._tag), [
        "Succeeded",
        "TimedOut",
        "Succeeded",
        "Succeeded"
      ])
      assert.deepStrictEqual(counts(experiment, "hangs"), { scored: 2, skipped: 1, timedOut: 1 })
      assert.deepStrictEqual(counts(experiment, "fine"), { scored: 3, skipped: 1 })
    }))

  it.effect("can be cancelled, and tells what it was doing", () =>
    Effect.gen(function*() {
      let signalled = 0
      let ended: Experiment.Experiment | undefined
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("t", {
          data: oneTo(5),
          target: (_, { signal }) =>
            new Promise<number>(() => {
              signal.addEventListener("abort", () => signalled++)
            })
        }),
        { concurrency: 2, onEnd: (experiment) => Effect.sync(() => void (ended = experiment)) }
      )))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(signalled, 2)
      assert.strictEqual(ended?.status, "interrupted")
    }))

  it.effect("tries a judge once unless it is told to, and then no longer than told", () =>
    Effect.gen(function*() {
      let calls = 0
      const judge = () =>
        Effect.suspend(() => {
          calls++
          return Effect.fail("judge failed")
        })
      const evaluation = Evaluation.make("t", { data: oneTo(3), target: (n) => n })
      yield* settle(untraced(Evaluation.run(evaluation, { evaluators: [Evaluator.make("k", judge)] })))
      assert.strictEqual(calls, 3)
      const experiment = yield* settle(untraced(Evaluation.run(evaluation, {
        evaluators: [Evaluator.make("k", judge)],
        evaluatorLimits: { retry: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 2 })) }
      })))
      assert.strictEqual(calls, 3 + 9)
      assert.deepStrictEqual(
        experiment.rows[0]?.evaluations[0]?.attempts.map(({ error }) => error),
        ["judge failed", "judge failed", "judge failed"]
      )
      assert.deepStrictEqual(counts(experiment, "k"), { failed: 3 })
    }))

  it.effect("has means that say over how many of how many", () =>
    Effect.gen(function*() {
      const experiment = yield* settle(untraced(Evaluation.run(
        Evaluation.make("t", {
          data: oneTo(6),
          target: (n) => n === 1 ? Effect.fail("no outputs") : Effect.succeed(n)
        }),
        {
          evaluators: [
            Evaluator.make("k", ({ inputs }) => {
              switch (inputs) {
                case 2:
                  return Effect.fail("judge failed")
                case 3:
                  return Effect.never
                case 4:
                  return Evaluator.skip("no opinion")
                case 5:
                  return Effect.interrupt
                default:
                  return true
              }
            }, { timeout: "1 second" })
          ]
        }
      )))
      assert.deepStrictEqual(experiment.summaries["k"]?.outcomes, {
        scored: 1,
        skipped: 2,
        failed: 1,
        timedOut: 1,
        cancelled: 1
      })
      assert.strictEqual(experiment.summaries["k"]?.score?.count, 1)
      assert.strictEqual(experiment.failedRows, 3)
      assert.deepStrictEqual(experiment.runs, { succeeded: 5, failed: 1, timedOut: 0, cancelled: 0 })
    }))

  it.effect("gives each repetition its own inputs, and evaluators the original ones", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("d", [0, 1, 2].map((x) => ({ id: `x${x}`, inputs: { x } })))
      const evaluation = Evaluation.make("t", {
        data,
        target: (inputs) => {
          const y = inputs.x * 2
          inputs.x = 999
          return y
        }
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        repetitions: 2,
        evaluators: [Evaluator.make("x", ({ inputs, run }) => inputs.x + run.inputs.x)]
      }))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [0, 0, 2, 2, 4, 4])
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "x")), [0, 0, 2, 2, 4, 4])
    }))

  it.effect("gives a constant result object to every row as it is", () =>
    Effect.gen(function*() {
      const constant = { key: "k", score: 1 }
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n }), { evaluators: [() => constant] })
      )
      assert.deepStrictEqual(constant, { key: "k", score: 1 })
      assert.deepStrictEqual(experiment.rows.flatMap(Row.results), [constant, constant, constant])
    }))

  it.effect("does not round scores", () =>
    Effect.gen(function*() {
      const data = oneTo(3)
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n }), {
        evaluators: [Evaluator.make("k", ({ inputs }) => 0.00001 * inputs / 3)]
      }))
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "k")), [1, 2, 3].map((n) => 0.00001 * n / 3))
    }))

  it.effect("takes traced functions as targets, and has their spans as a tree", () =>
    Effect.gen(function*() {
      const child = Effect.fn("c")(function*(n: number) {
        yield* Effect.yieldNow
        return n * 2
      })
      const parent = Effect.fn("p")(function*(n: number) {
        return (yield* child(n)) + (yield* child(n))
      })
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: oneTo(1), target: parent })))
      const run = experiment.rows[0]?.run
      const shape = (runs: ReadonlyArray<Run.ChildRun>): unknown =>
        runs.map(({ childRuns, name }) => [name, shape(childRuns)])
      assert.strictEqual(run?.outputs, 4)
      assert.deepStrictEqual(shape(run?.childRuns ?? []), [["p", [["c", []], ["c", []]]]])
    }))

  it.effect("copies neither the run nor the example for its evaluators", () =>
    Effect.gen(function*() {
      const inputs = "an input that is found again easily"
      const outputs = "an output that is found again easily"
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: Dataset.fromIterable("d", [{ inputs }]), target: () => outputs }),
        { evaluators: ["a", "b", "c", "d"].map((name) => Evaluator.make(name, () => true)) }
      ))
      const text = Schema.encodeSync(Schema.fromJsonString(Experiment.schema()))(experiment)
      assert.strictEqual(text.split(inputs).length - 1, 1)
      assert.strictEqual(text.split(outputs).length - 1, 1)
    }))

  it.effect("runs its own experiments beside others without a global", () =>
    Effect.gen(function*() {
      class Model extends Context.Service<Model, string>()("test/peers/Model") {}
      const evaluation = Evaluation.make("t", { data: oneTo(20), target: (n) => Model.useSync((model) => model + n) })
      const [a, b] = yield* Effect.forEach(
        ["a", "b"],
        (model) => untraced(Evaluation.run(evaluation, { concurrency: 3 })).pipe(Effect.provideService(Model, model)),
        { concurrency: "unbounded" }
      )
      assert.isTrue(a?.rows.every(({ run }) => run.outputs?.startsWith("a")))
      assert.isTrue(b?.rows.every(({ run }) => run.outputs?.startsWith("b")))
    }))

  it.effect("stops a build when too much fails, and names the experiment and the count", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(10),
        target: (n) => n % 2 === 0 ? Effect.succeed(n) : Effect.fail("odd")
      })
      const exit = yield* Effect.exit(untraced(Evaluation.run(evaluation, {
        name: "nightly",
        concurrency: 1,
        maxFailures: { share: 0.4, stop: "end" }
      })))
      const error = Exit.isFailure(exit) ? exit.cause.reasons.find(Cause.isFailReason)?.error : undefined
      assert.instanceOf(error, Evaluation.TooManyFailures)
      assert.match(error.message, /5 of 10 rows failed in nightly; at most 4 \(40 % of 10\) may/)
    }))
})

describe("a tracing client", () => {
  const client = (record: TracingClient.Session["record"]): TracingClient.Client => ({
    name: "test",
    batchSize: 1,
    open: () => Effect.succeed({ record, end: () => Effect.void })
  })

  it.effect("that refuses a row does not take its scores away, and is reported", () =>
    Effect.gen(function*() {
      const refusing = client(([row]) =>
        row?.index === 1
          ? Effect.fail(new TracingClient.TracingError({ client: "test", message: "400 Bad Request" }))
          : Effect.void
      )
      const experiment = yield* Evaluation.run(Evaluation.make("t", { data: oneTo(3), target: (n) => n }), {
        evaluators: [Evaluator.make("k", ({ outputs }) => outputs)]
      }).pipe(Effect.provide(TracingClient.layerClient(refusing)))
      assert.deepStrictEqual(experiment.rows.map((row) => Row.score(row, "k")), [1, 2, 3])
      assert.strictEqual(experiment.status, "completed")
      assert.deepStrictEqual(experiment.tracingFailures.map(({ client, rows }) => [client, rows]), [["test", 1]])
      assert.match(experiment.tracingFailures[0]?.message ?? "", /400 Bad Request/)
    }))

  it.effect("that is slow takes no place from targets and evaluators", () =>
    Effect.gen(function*() {
      const scored: Array<number> = []
      const slow = client(() => Effect.sleep("4 seconds"))
      const experiment = yield* settle(
        Evaluation.run(Evaluation.make("t", { data: oneTo(10), target: taking({}, 10) }), {
          concurrency: 1,
          evaluators: [
            Evaluator.make("k", () => Effect.map(Clock.currentTimeMillis, (now) => scored.push(now)))
          ]
        }).pipe(Effect.provide(TracingClient.layerClient(slow))),
        { step: 10, steps: 10_000 }
      )
      assert.strictEqual(experiment.rowCount, 10)
      assert.strictEqual((scored.at(-1) ?? 0) - experiment.startTime, 100)
      assert.deepStrictEqual(experiment.tracingFailures, [])
    }))
})

describe("an outcome", () => {
  it.effect("is there for every evaluator and every row, whatever became of them", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("t", { data: oneTo(4), target: (n) => n % 2 === 0 ? Effect.succeed(n) : Effect.die("odd") }),
        {
          evaluators: [
            Evaluator.make("throws", (): number => {
              throw new RangeError("no")
            }),
            Evaluator.make("fine", () => 1),
            Evaluator.makeForAllRuns("all", ({ run }) => run.error === undefined)
          ]
        }
      ))
      assert.deepStrictEqual(experiment.rows.map(kinds), [
        ["Skipped", "Skipped", "Scored"],
        ["Failed", "Scored", "Scored"],
        ["Skipped", "Skipped", "Scored"],
        ["Failed", "Scored", "Scored"]
      ])
      for (const { evaluations } of experiment.rows) {
        for (const { outcome } of evaluations) assert.strictEqual(Outcome.isFailure(outcome), outcome._tag === "Failed")
      }
    }))
})
