import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger, Stream } from "effect"
import { Dataset, Evaluation, Evaluator, type Experiment } from "../../src/index.ts"
import { LangSmith } from "../../src/langsmith/index.ts"
import { exampleId, type Fault, type Stub } from "./stub.ts"
import { key, langsmith, startStub, temporaryDirectory } from "./support.ts"

const rows = 150

/** An experiment whose rows come over a while, so that things can go wrong in the middle of it. */
const evaluation = (count: number = rows, millis: number = 1) =>
  Evaluation.make("stub-dataset", {
    data: Dataset.fromIterable(
      "stub-dataset",
      Array.from({ length: count }, (_, i) => ({ id: exampleId(i), inputs: { x: i } }))
    ),
    target: ({ x }) => Effect.as(Effect.sleep(millis), { y: 2 * x })
  })

const options = {
  name: "faults",
  concurrency: 4,
  evaluators: [
    Evaluator.make("even", ({ outputs }: { readonly outputs: { readonly y: number } }) => outputs.y % 2 === 0)
  ]
}

/** Small requests, so that there are many, and none waits for long. */
const quick: LangSmith.Options = { batchRows: 10, flushInterval: 50, uploadConcurrency: 2 }

const quiet = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provide(effect, [NodeServices.layer, Logger.layer([])])

/** Nothing is missing on the server, and nothing is there under two ids. */
const assertComplete = (stub: Stub, experiment: Experiment.Experiment) => {
  const runs = stub.runsOf("faults")
  const ids = (of: ReadonlyArray<string>) => of.toSorted().join()
  assert.strictEqual(ids(runs.map(({ id }) => id)), ids(experiment.rows.map(({ run }) => run.id)))
  assert.strictEqual(
    ids(runs.map(({ reference_example_id }) => reference_example_id)),
    ids(experiment.rows.map(({ example }) => example.id))
  )
  assert.strictEqual(stub.runsOf("evaluators").length, experiment.rowCount)
  assert.strictEqual(stub.feedback.size, experiment.rowCount)
  assert.strictEqual(new Set(Array.from(stub.feedback.values(), ({ run_id }) => run_id)).size, experiment.rowCount)
  assert.isString(stub.sessions.get(experiment.id)?.end_time)
}

/** Every score is there, whatever became of the upload. */
const assertUntouched = (experiment: Experiment.Experiment, count: number = rows) => {
  assert.strictEqual(experiment.status, "completed")
  assert.strictEqual(experiment.rowCount, count)
  assert.strictEqual(experiment.summaries["even"]?.outcomes.scored, count)
  assert.strictEqual(experiment.summaries["even"]?.score?.mean, 1)
}

const isUpload = ({ path }: { readonly path: string }) => path === "/runs/multipart"

describe.concurrent("a server that fails for a while", () => {
  const every = (n: number, fault: Fault) => (asked: { readonly path: string }, i: number) =>
    isUpload(asked) && i % n === 0 ? fault : undefined
  const faults: ReadonlyArray<readonly [string, Stub["fault"]]> = [
    ["some answers are 503", every(5, { status: 503 })],
    ["some answers are 429 with Retry-After", every(6, { status: 429, headers: { "retry-after": "0.2" } })],
    ["some connections are cut while the body is sent", every(5, "cut")],
    ["some answers get lost", every(5, "lost answer")],
    ["some answers are garbage", every(5, "garbage")],
    [
      "everything fails now and then",
      (_, i) => i % 7 === 3 ? { status: 502 } : i % 11 === 5 ? "lost answer" : undefined
    ]
  ]
  it.live.each(faults)("loses nothing: %s", ([, fault]) =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      stub.fault = fault
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(langsmith(stub, quick)))
      assertUntouched(experiment)
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assertComplete(stub, experiment)
    }).pipe(quiet))

  const beginnings: ReadonlyArray<readonly [string, Fault]> = [
    ["a 503", { status: 503 }],
    ["a 429", { status: 429, headers: { "retry-after": "0.1" } }],
    ["a connection that breaks", "cut"],
    ["an answer that gets lost", "lost answer"],
    ["an answer of garbage", "garbage"]
  ]
  it.live.each(beginnings)(
    "begins and ends all the same: each request first meets %s",
    ([, fault]) =>
      Effect.gen(function*() {
        const stub = yield* startStub()
        const met = new Set<string>()
        stub.fault = ({ method, path }) => {
          const request = `${method} ${path}`
          if (met.has(request)) return undefined
          met.add(request)
          return fault
        }
        const experiment = yield* Evaluation.run(evaluation(20), options).pipe(Effect.provide(langsmith(stub, quick)))
        assertUntouched(experiment, 20)
        assert.deepStrictEqual(experiment.tracingFailures, [])
        assert.strictEqual(stub.sessions.size, 1)
        assertComplete(stub, experiment)
        assert.isTrue(met.has("POST /sessions"))
      }).pipe(quiet)
  )

  it.live("loses nothing when it is gone in the middle", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const fiber = yield* Evaluation.run(evaluation(rows, 5), options).pipe(
        Effect.provide(langsmith(stub, quick)),
        Effect.forkChild
      )
      yield* Effect.sleep(150)
      yield* Effect.promise(() => stub.stop())
      yield* Effect.sleep(600)
      yield* Effect.promise(() => stub.start())
      const experiment = yield* Fiber.join(fiber)
      assertUntouched(experiment)
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assertComplete(stub, experiment)
    }).pipe(quiet))

  it.live("takes requests apart that are too large for it", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ maxBytes: 8000 })
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(
        Effect.provide(langsmith(stub, { ...quick, batchRows: 40 }))
      )
      assertComplete(stub, experiment)
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assert.strictEqual(stub.repeated.size, 0)
    }).pipe(quiet))
})

describe.concurrent("a row that is not like the others", () => {
  it.live("is sent by itself if it is larger than a request should be", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ batchBytes: 4000 })
      const large = Evaluation.make("stub-dataset", {
        data: Dataset.fromIterable("stub-dataset", [
          { id: exampleId(0), inputs: { x: 0, text: "" } },
          { id: exampleId(1), inputs: { x: 1, text: "long ".repeat(4000) } },
          { id: exampleId(2), inputs: { x: 2, text: "" } }
        ]),
        target: ({ x }) => ({ y: 2 * x })
      })
      const experiment = yield* Evaluation.run(large, options).pipe(Effect.provide(langsmith(stub, quick)))
      assertComplete(stub, experiment)
      assert.deepStrictEqual(experiment.tracingFailures, [])
      const run = stub.runsOf("faults").find(({ reference_example_id }) => reference_example_id === exampleId(1))
      assert.lengthOf(run.inputs.text, 20_000)
    }).pipe(quiet))

  it.live("has its spans, whatever they hold: cycles, functions, symbols", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const cyclic: { self?: unknown } = {}
      cyclic.self = cyclic
      const odd = Evaluation.make("stub-dataset", {
        data: Dataset.fromIterable("stub-dataset", [{ id: exampleId(0), inputs: { x: 1 } }]),
        target: ({ x }) =>
          Effect.succeed({ y: 2 * x }).pipe(
            Effect.withSpan("step", { attributes: { cyclic, f: () => 1, symbol: Symbol("s"), big: 10n, plain: 7 } })
          )
      })
      const experiment = yield* Evaluation.run(odd, options).pipe(Effect.provide(langsmith(stub, quick)))
      assert.deepStrictEqual(experiment.tracingFailures, [])
      const step = Array.from(stub.runs.values()).find(({ name }) => name === "step")
      assert.strictEqual(step?.extra.metadata.plain, 7)
    }).pipe(quiet))
})

describe.concurrent("a server that does not take the rows", () => {
  it.live("costs no score, and the experiment says what is missing there", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      let refused = 0
      stub.fault = (asked) =>
        isUpload(asked) && ++refused === 2 ? { status: 422, body: { detail: "bad run" } } : undefined
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(langsmith(stub, quick)))
      assertUntouched(experiment)
      // It was asked once: the same request would be refused again.
      const missing = rows - stub.runsOf("faults").length
      assert.isAbove(missing, 0)
      const [failure] = experiment.tracingFailures
      assert.deepInclude(failure, { client: "LangSmith", rows: missing })
      assert.include(failure?.message, `${missing} rows were refused`)
      assert.include(failure?.message, "bad run")
    }).pipe(quiet))

  it.live("gets them from the spool when the key is right again, and no file holds the key", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      const live = langsmith(stub, { ...quick, spoolDirectory: spool.directory })
      stub.fault = (asked) => isUpload(asked) ? { status: 401, body: { detail: `Invalid token ${key}` } } : undefined
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(live))
      assertUntouched(experiment)
      assert.strictEqual(stub.runs.size, 0)
      const [failure] = experiment.tracingFailures
      assert.deepInclude(failure, { rows })
      assert.include(failure?.message, `${rows} rows wait in ${spool.directory}`)
      assert.include(failure?.message, "Check the key")
      assert.notInclude(JSON.stringify(experiment.tracingFailures), key)
      const files = yield* spool.files
      assert.isAbove(files.length, 5)
      for (const file of files) assert.notInclude(Buffer.from(yield* spool.read(file)).toString("latin1"), key)

      stub.fault = () => undefined
      // The next program with this directory sends them by itself; here it is waited for.
      const sent = yield* LangSmith.replay.pipe(
        Effect.flatMap((sent) => sent > 0 ? Effect.succeed(sent) : Effect.fail("not yet")),
        Effect.orElseSucceed(() => 0),
        Effect.andThen(Effect.gen(function*() {
          while ((yield* spool.files).length > 0) yield* Effect.sleep(20)
        })),
        Effect.provide(live),
        Effect.timeout("10 seconds"),
        Effect.as(true)
      )
      assert.isTrue(sent)
      assertComplete(stub, experiment)
      assert.strictEqual(stub.repeated.size, 0)
    }).pipe(quiet))

  it.live("gets the whole experiment from the spool if the key was wrong from the beginning", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      const live = langsmith(stub, { ...quick, spoolDirectory: spool.directory })
      stub.fault = () => ({ status: 401 })
      const experiment = yield* Evaluation.run(evaluation(30), options).pipe(Effect.provide(live))
      assertUntouched(experiment, 30)
      assert.strictEqual(experiment.tracingFailures.reduce((sum, { rows }) => sum + rows, 0), 30)
      stub.fault = () => undefined
      yield* Effect.gen(function*() {
        while ((yield* spool.files).length > 0) yield* Effect.sleep(20)
      }).pipe(Effect.provide(live), Effect.timeout("10 seconds"))
      assert.strictEqual(stub.runsOf("faults").length, 30)
      assert.strictEqual(stub.feedback.size, 30)
      assert.isString(stub.sessions.get(experiment.id).end_time)
    }).pipe(quiet))

  it.live("is asked again within the same run, once it answers", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      // Gives up at once, so that what fails goes to the spool.
      const live = langsmith(stub, { ...quick, retryFor: 0, spoolDirectory: spool.directory })
      let uploads = 0
      stub.fault = (asked) => isUpload(asked) && ++uploads <= 5 ? { status: 403 } : undefined
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(live))
      assert.isAbove(uploads, 10)
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assert.deepStrictEqual(yield* spool.files, [])
      assertComplete(stub, experiment)
    }).pipe(quiet))

  it.live("keeps what it refused apart, and does not send it again", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      const live = langsmith(stub, { ...quick, spoolDirectory: spool.directory })
      let uploads = 0
      stub.fault = (asked) => isUpload(asked) && uploads++ === 0 ? { status: 400 } : undefined
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(live))
      const missing = rows - stub.runsOf("faults").length
      assert.isAbove(missing, 0)
      assert.deepInclude(experiment.tracingFailures[0], { rows: missing })
      assert.match((yield* spool.files).join(), /^[^,]*\.rejected$/)
      assert.strictEqual(yield* Effect.provide(LangSmith.replay, live), 0)
    }).pipe(quiet))
})

describe.concurrent("a server that is not there", () => {
  it.live("costs no score, and all rows count as not written", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      yield* Effect.promise(() => stub.stop())
      const live = langsmith(stub, { retries: 0, retryFor: 0 })
      const experiment = yield* Evaluation.run(evaluation(), options).pipe(Effect.provide(live))
      assertUntouched(experiment)
      assert.deepInclude(experiment.tracingFailures[0], { client: "LangSmith", rows })
      assert.include(experiment.tracingFailures[0]?.message, "could not be reached")
      assert.include(experiment.tracingFailures[0]?.message, "ECONNREFUSED")
    }).pipe(quiet))

  it.live("gets the whole experiment from the spool, its session first", () =>
    Effect.gen(function*() {
      const spool = yield* temporaryDirectory
      const stub = yield* startStub()
      const { port } = stub
      yield* Effect.promise(() => stub.stop())
      const live = langsmith(stub, { ...quick, retries: 0, retryFor: 0, spoolDirectory: spool.directory })
      const experiment = yield* Evaluation.run(evaluation(40), options).pipe(Effect.provide(live))
      assertUntouched(experiment, 40)
      const rowFailures = experiment.tracingFailures.filter(({ rows }) => rows > 0)
      assert.deepStrictEqual(rowFailures.map(({ rows }) => rows), [40])
      assert.strictEqual(stub.port, port)
      yield* Effect.promise(() => stub.start())
      yield* Effect.gen(function*() {
        while ((yield* spool.files).length > 0) yield* Effect.sleep(20)
      }).pipe(Effect.provide(live), Effect.timeout("10 seconds"))
      assert.strictEqual(stub.asked.find(({ method }) => method === "POST")?.path, "/sessions")
      // Which dataset it is on could not be asked.
      assert.strictEqual(stub.runsOf("faults").length, 40)
      assert.strictEqual(stub.feedback.size, 40)
      assert.strictEqual(stub.sessions.get(experiment.id)?.extra.metadata.experiment_status, "completed")
    }).pipe(quiet))
})

describe.concurrent("a server that is slow", () => {
  it.live("makes the run wait, so that what is held stays bounded", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      stub.delay = 20
      let ahead = 0
      const live = langsmith(stub, { ...quick, batchRows: 25, uploadConcurrency: 1, bufferBytes: 100_000 })
      yield* Evaluation.stream(evaluation(1500, 0), { ...options, keepRows: false }).pipe(
        Stream.tap((row) =>
          Effect.sync(() => {
            ahead = Math.max(ahead, row.index - stub.runsOf("faults").length)
          })
        ),
        Stream.runDrain,
        Effect.provide(live)
      )
      assert.strictEqual(stub.runsOf("faults").length, 1500)
      // The engine's own buffer holds 500, a batch being written 100, the uploader's bytes a few dozen.
      assert.isBelow(ahead, 900)
    }).pipe(quiet))

  it.live("does not make the run wait where there is a spool, and gets everything in the end", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      stub.delay = 30
      const live = langsmith(stub, {
        ...quick,
        uploadConcurrency: 1,
        bufferBytes: 20_000,
        spoolDirectory: spool.directory
      })
      let most = 0
      const watching = yield* spool.files.pipe(
        Effect.tap((files) =>
          Effect.sync(() => {
            most = Math.max(most, files.length)
          })
        ),
        Effect.andThen(Effect.sleep(5)),
        Effect.forever,
        Effect.forkChild
      )
      const experiment = yield* Evaluation.run(evaluation(300, 0), options).pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            stub.delay = 0
          })
        ),
        Effect.provide(live)
      )
      yield* Fiber.interrupt(watching)
      assertUntouched(experiment, 300)
      // Most of it was there for a while.
      assert.isAbove(most, 10)
      assert.deepStrictEqual(yield* spool.files, [])
      assert.deepStrictEqual(experiment.tracingFailures, [])
      assertComplete(stub, experiment)
    }).pipe(quiet))

  it.live("is waited for no longer than it may at the end; the rest is kept", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const spool = yield* temporaryDirectory
      const live = langsmith(stub, { ...quick, flushTimeout: 300, spoolDirectory: spool.directory })
      stub.fault = (asked) => isUpload(asked) ? "hang" : undefined
      const experiment = yield* Evaluation.run(evaluation(50), options).pipe(Effect.provide(live))
      assertUntouched(experiment, 50)
      assert.isAbove(experiment.tracingFailures.length, 0)
      assert.include(experiment.tracingFailures[0]?.message, "50 rows are still on their way")
      assert.strictEqual(experiment.tracingFailures[0]?.rows, 50)
      // The layer has closed: nothing is held in memory that is not on the disk.
      assert.isAbove((yield* spool.files).length, 0)
      stub.fault = () => undefined
      yield* Effect.gen(function*() {
        while ((yield* spool.files).length > 0) yield* Effect.sleep(20)
      }).pipe(Effect.provide(live), Effect.timeout("10 seconds"))
      assertComplete(stub, experiment)
    }).pipe(quiet))
})
