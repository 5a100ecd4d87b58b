/** User code that does what no code should: the row says so, and the others go on. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Schema, Stream } from "effect"
import {
  Dataset,
  Evaluation,
  Evaluator,
  Experiment,
  Journal,
  type Row,
  SummaryEvaluator,
  type Target,
  TracingClient
} from "../src/index.ts"
import { counts, numbers, untraced } from "./support/run.ts"

const withGetter = () => ({
  get x(): number {
    throw new Error("getter")
  }
})

const deep = () => {
  let value: unknown = 1
  for (let i = 0; i < 100_000; i++) value = [value]
  return value
}

/** Errors that cannot be read. */
const unreadable: Record<string, () => unknown> = {
  "a symbol for a message": () => Object.assign(new Error(), { message: Symbol("x") }),
  "a message that throws": () =>
    Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error("no message")
      }
    }),
  "a tag that throws": () => ({
    get _tag(): string {
      throw new Error("no tag")
    }
  }),
  "a proxy": () =>
    new Proxy({}, {
      get: () => {
        throw new Error("no get")
      },
      has: () => {
        throw new Error("no has")
      },
      getPrototypeOf: () => {
        throw new Error("no prototype")
      },
      ownKeys: () => {
        throw new Error("no keys")
      }
    })
}

/** The run of `target` on three numbers, of which it is hostile to the second one. */
const hostileOn1 = (hostile: (n: number) => unknown) =>
  untraced(Evaluation.run(
    Evaluation.make("hostile", { data: numbers(3), target: (n) => n === 1 ? hostile(n) : n }),
    { evaluators: [Evaluator.make("seen", () => true)] }
  ))

const assertSecondFailed = (experiment: Experiment.Experiment, message: RegExp) => {
  assert.deepStrictEqual(experiment.runs, { succeeded: 2, failed: 1, timedOut: 0, cancelled: 0 })
  assert.match(experiment.rows[1]?.run.error ?? "", message)
  assert.deepStrictEqual(counts(experiment, "seen"), { scored: 2, skipped: 1 })
}

describe("a target whose outputs cannot be copied", () => {
  it.live("is a failed run, whether it gives them at once or later", () =>
    Effect.gen(function*() {
      assertSecondFailed(yield* hostileOn1(withGetter), /getter/)
      assertSecondFailed(yield* hostileOn1(async () => withGetter()), /getter/)
      assertSecondFailed(yield* hostileOn1(() => Effect.delay(Effect.sync(withGetter), 1)), /getter/)
      assertSecondFailed(yield* hostileOn1(deep), /nested|call stack/)
      assertSecondFailed(yield* hostileOn1(async () => deep()), /nested|call stack/)
    }))
})

describe("errors that cannot be read", () => {
  for (const [name, make] of Object.entries(unreadable)) {
    it.live(`${name}, from a target`, () =>
      Effect.gen(function*() {
        assertSecondFailed(
          yield* hostileOn1(() => {
            throw make()
          }),
          /cannot be read/
        )
        assertSecondFailed(yield* hostileOn1(() => Promise.reject(make())), /cannot be read/)
        assertSecondFailed(yield* hostileOn1(() => Effect.delay(Effect.fail(make()), 1)), /cannot be read/)
      }))

    it.live(`${name}, from evaluators of all kinds`, () =>
      Effect.gen(function*() {
        const experiment = yield* untraced(Evaluation.run(
          Evaluation.make("hostile", { data: numbers(2), target: (n) => n }),
          {
            evaluators: [
              Evaluator.make("throws", () => {
                throw make()
              }),
              Evaluator.make("rejects", () => Promise.reject(make())),
              Evaluator.make("fails", () => Effect.delay(Effect.fail(make()), 1)),
              Evaluator.make("when", () => true, {
                when: () => {
                  throw make()
                }
              }),
              Evaluator.make("fine", () => true)
            ],
            summaryEvaluators: [
              SummaryEvaluator.make("summary", () => {
                throw make()
              }),
              SummaryEvaluator.make("rows", ({ rows }) => rows.length)
            ]
          }
        ))
        for (const key of ["throws", "rejects", "fails", "when"]) {
          assert.deepStrictEqual(counts(experiment, key), { failed: 2 }, key)
        }
        assert.deepStrictEqual(counts(experiment, "fine"), { scored: 2 })
        assert.match(experiment.summaryResults[0]?.error ?? "", /cannot be read/)
        assert.deepStrictEqual(experiment.summaryResults[1]?.results, [{ key: "rows", score: 2 }])
      }))
  }
})

describe("a target that is not what it says", () => {
  it.live("fails its row when looking up a recorded run throws", () =>
    Effect.gen(function*() {
      const broken: Target.Target<number, number> = {
        ...Evaluation.make("inner", { data: numbers(1), target: (n) => n }).target,
        recordedRun: () => {
          throw new Error("no such recording")
        }
      }
      const experiment = yield* untraced(Evaluation.run(Evaluation.make("t", { data: numbers(2), target: broken })))
      assert.deepStrictEqual(experiment.rows.map(({ run }) => run.error), [
        "Error: no such recording",
        "Error: no such recording"
      ])
    }))

  it.effect("is refused when it is neither a target nor a function, as is data that is no dataset", () =>
    Effect.gen(function*() {
      // What a JavaScript user may pass.
      const named: Target.Target<number, number> = JSON.parse(`"gpt-4"`)
      const list: Dataset.Dataset<number> = JSON.parse(`[{ "inputs": 1 }]`)
      const noTarget = yield* Effect.flip(
        untraced(Evaluation.run(Evaluation.make("t", { data: numbers(1), target: named })))
      )
      assert.strictEqual(noTarget._tag, "InvalidOptions")
      assert.match(noTarget.message, /target: expected a function or a Target, got "gpt-4"/)
      const noData = yield* Effect.flip(
        untraced(Evaluation.run(Evaluation.make("t", { data: list, target: (n: number) => n })))
      )
      assert.strictEqual(noData._tag, "InvalidOptions")
      assert.match(noData.message, /data: expected a Dataset.*Dataset\.fromIterable/)
    }))
})

describe("a tracing client that throws", () => {
  const run = (client: TracingClient.Client, count: number) =>
    Evaluation.run(Evaluation.make("t", { data: numbers(count), target: (n) => n })).pipe(
      Effect.provide(TracingClient.layerClient(client))
    )
  const broken = () => {
    throw new Error("sync")
  }

  it.live("in record loses its rows and says so", () =>
    Effect.gen(function*() {
      const client: TracingClient.Client = {
        name: "c",
        open: () => Effect.succeed({ record: broken, end: () => Effect.void })
      }
      for (const count of [10, 2000]) {
        const experiment = yield* run(client, count)
        assert.strictEqual(experiment.rowCount, count)
        assert.deepStrictEqual(experiment.tracingFailures, [{ client: "c", rows: count, message: "Error: sync" }])
      }
    }))

  it.live("in open or end is a failure of the client, not of the run", () =>
    Effect.gen(function*() {
      const opened = yield* run({ name: "c", open: broken }, 3)
      assert.deepStrictEqual(opened.tracingFailures, [{ client: "c", rows: 3, message: "Error: sync" }])
      const ended = yield* run(
        { name: "c", open: () => Effect.succeed({ record: () => Effect.void, end: broken }) },
        3
      )
      assert.deepStrictEqual(ended.tracingFailures, [{ client: "c", rows: 0, message: "Error: sync" }])
    }))

  it.live("is given every row of an interrupted run, also those that waited for room", () =>
    Effect.gen(function*() {
      const written: Array<Row.Row> = []
      const client: TracingClient.Client = {
        name: "slow",
        bufferSize: 1,
        batchSize: 1,
        open: () =>
          Effect.succeed({
            record: (rows) => Effect.delay(Effect.sync(() => void written.push(...rows)), 20),
            end: () => Effect.void
          })
      }
      const ended: Array<Experiment.Experiment> = []
      const fiber = yield* Evaluation.run(Evaluation.make("t", { data: numbers(50), target: (n) => n }), {
        concurrency: 8,
        onEnd: (experiment) => Effect.sync(() => void ended.push(experiment))
      }).pipe(Effect.provide(TracingClient.layerClient(client)), Effect.forkChild)
      yield* Effect.sleep(50)
      yield* Fiber.interrupt(fiber)
      const [experiment] = ended
      assert.isDefined(experiment)
      assert.strictEqual(experiment.status, "interrupted")
      assert.isAbove(experiment.rowCount, 2)
      assert.deepStrictEqual(
        written.map(({ index }) => index).sort((a, b) => a - b),
        experiment.rows.map(({ index }) => index)
      )
    }))
})

describe("a journal", () => {
  it.live("has every row, also one whose error cannot be written", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const directory = yield* fileSystem.makeTempDirectoryScoped()
      const experiment = yield* Evaluation.run(Evaluation.make("t", {
        data: numbers(5),
        target: (n) =>
          n === 2
            ? Effect.fail(Object.defineProperty(new Error("x"), "stack", {
              get() {
                throw new Error("no stack")
              }
            }))
            : n
      })).pipe(Effect.provide(TracingClient.layerJournal({ directory })))
      assert.deepStrictEqual(experiment.tracingFailures, [])
      const [file = ""] = yield* fileSystem.readDirectory(directory)
      const events = yield* Stream.runCollect(Journal.events(`${directory}/${file}`))
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Row").length, 5)
      assert.doesNotThrow(() => Schema.encodeSync(Experiment.schema())(experiment))
      const read = yield* Journal.read(`${directory}/${file}`)
      assert.strictEqual(read.rows[2]?.run.error, "Error: x")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

it.live("instant rows leave the event loop its turns", () =>
  Effect.gen(function*() {
    let turns = 0
    let running = true
    const turn = () => {
      turns++
      if (running) setImmediate(turn)
    }
    setImmediate(turn)
    const rows = function*() {
      for (let n = 0; n < 20_000; n++) yield { id: `n${n}`, inputs: n }
    }
    yield* untraced(
      Stream.runDrain(
        Evaluation.stream(Evaluation.make("t", { data: Dataset.fromIterable("d", rows()), target: (n) => n }), {
          evaluators: [Evaluator.make("one", () => 1)]
        })
      )
    )
    running = false
    // Timers, signals and other fibers are served at least every thousand rows.
    assert.isAtLeast(turns, 20)
  }))
