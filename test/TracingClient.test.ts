import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Latch, Layer, Ref } from "effect"
import { Evaluation, Evaluator, type Experiment, type Row, TracingClient } from "../src/index.ts"
import { advance, numbers } from "./support/run.ts"

const double = (count: number) => Evaluation.make("double", { data: numbers(count), target: (n) => n * 2 })

/** A client that remembers what it is told, with the parts replaced that a test is about. */
const recording = (overrides: Partial<TracingClient.Client> & Partial<TracingClient.Session> = {}) => {
  const batches: Array<ReadonlyArray<Row.Row>> = []
  const footers: Array<Experiment.Footer> = []
  const { end, record, ...client } = overrides
  const session: TracingClient.Session = {
    record: record ?? ((rows) => Effect.sync(() => void batches.push(rows))),
    end: end ?? ((footer) => Effect.sync(() => void footers.push(footer)))
  }
  return {
    batches,
    footers,
    rows: () => batches.flat().map(({ index }) => index).sort((a, b) => a - b),
    client: { name: "recording", open: () => Effect.succeed(session), ...client } satisfies TracingClient.Client
  }
}

const refused = new TracingClient.TracingError({ client: "recording", message: "the disk is full" })

describe("a tracing client", () => {
  it.effect("gets every row once, in batches, and the end", () =>
    Effect.gen(function*() {
      const { batches, client, footers, rows } = recording({ batchSize: 10 })
      const experiment = yield* Evaluation.run(double(95)).pipe(Effect.provide(TracingClient.layerClient(client)))
      assert.deepStrictEqual(rows(), Array.from({ length: 95 }, (_, i) => i))
      assert.isTrue(batches.every((batch) => batch.length <= 10))
      assert.deepStrictEqual(footers.map(({ rowCount, status }) => [rowCount, status]), [[95, "completed"]])
      assert.deepStrictEqual(experiment.tracingFailures, [])
    }))

  it.effect("that is slow slows the run down once its buffer is full, and loses nothing", () =>
    Effect.gen(function*() {
      let targets = 0
      const latch = yield* Latch.make()
      const { batches, client, rows } = recording({ batchSize: 5, bufferSize: 10 })
      const slow: TracingClient.Client = {
        ...client,
        open: () =>
          Effect.succeed({
            record: (rows) => Effect.andThen(latch.await, Effect.sync(() => void batches.push(rows))),
            end: () => Effect.void
          })
      }
      const evaluation = Evaluation.make("t", { data: numbers(1000), target: () => ++targets })
      const fiber = yield* Evaluation.run(evaluation, { concurrency: 4, evaluatorConcurrency: 4 }).pipe(
        Effect.provide(TracingClient.layerClient(slow)),
        Effect.forkChild
      )
      yield* advance(1000)
      assert.isAtMost(targets, 100, "the run waits for the client")
      assert.isUndefined(fiber.pollUnsafe())
      yield* latch.open
      const experiment = yield* Fiber.join(fiber)
      assert.strictEqual(experiment.rowCount, 1000)
      assert.strictEqual(rows().length, 1000)
    }))

  it.effect("that fails takes nothing from the experiment, which counts what it did not write", () =>
    Effect.gen(function*() {
      let writes = 0
      const { client } = recording({ batchSize: 10 })
      const failing: TracingClient.Client = {
        ...client,
        open: () =>
          Effect.succeed({
            record: () => ++writes % 2 === 0 ? Effect.fail(refused) : Effect.void,
            end: () => Effect.void
          })
      }
      const experiment = yield* Evaluation.run(double(100), {
        evaluators: [Evaluator.make("k", ({ outputs }) => outputs)]
      }).pipe(Effect.provide(TracingClient.layerClient(failing)))
      assert.strictEqual(experiment.status, "completed")
      assert.strictEqual(experiment.rows.length, 100)
      assert.strictEqual(experiment.summaries["k"]?.outcomes.scored, 100)
      const [failure, ...others] = experiment.tracingFailures
      assert.deepStrictEqual(others, [])
      assert.strictEqual(failure?.client, "recording")
      assert.match(failure?.message ?? "", /the disk is full/)
      assert.isAtLeast(failure?.rows ?? 0, 10)
      assert.isBelow(failure?.rows ?? 0, 100)
    }))

  it.effect("that takes rows as they finish gets each once, as soon as it is there, and writes them in batches", () =>
    Effect.gen(function*() {
      const latch = yield* Latch.make()
      const added: Array<number> = []
      const written: Array<ReadonlyArray<number>> = []
      const { client } = recording({ batchSize: 10, bufferSize: 1000 })
      const batching: TracingClient.Client = {
        ...client,
        open: () =>
          Effect.succeed({
            record: () => Effect.die(new Error("rows are given to the batches")),
            batch: () => {
              const batch: Array<number> = []
              return {
                add: ({ index }) => {
                  added.push(index)
                  batch.push(index)
                },
                write: Effect.andThen(latch.await, Effect.sync(() => void written.push(batch)))
              }
            },
            end: () => Effect.void
          })
      }
      const fiber = yield* Evaluation.run(double(95)).pipe(
        Effect.provide(TracingClient.layerClient(batching)),
        Effect.forkChild
      )
      const all = Array.from({ length: 95 }, (_, i) => i)
      yield* advance(1000)
      assert.deepStrictEqual([...added].sort((a, b) => a - b), all, "before anything is written")
      assert.deepStrictEqual(written, [])
      yield* latch.open
      const { tracingFailures } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(tracingFailures, [])
      assert.deepStrictEqual(written.flat(), added)
      assert.isTrue(written.every((batch) => batch.length > 0 && batch.length <= 10))
    }))

  it.effect("that cannot take a row loses that row alone, and says so", () =>
    Effect.gen(function*() {
      const written: Array<number> = []
      const { client } = recording({ batchSize: 4 })
      const picky: TracingClient.Client = {
        ...client,
        open: () =>
          Effect.succeed({
            record: () => Effect.void,
            batch: () => {
              const batch: Array<number> = []
              return {
                add: ({ index }) => {
                  if (index % 5 === 0) throw new RangeError("a number I do not like")
                  batch.push(index)
                },
                write: Effect.sync(() => void written.push(...batch))
              }
            },
            end: () => Effect.void
          })
      }
      const experiment = yield* Evaluation.run(double(20)).pipe(Effect.provide(TracingClient.layerClient(picky)))
      assert.strictEqual(experiment.rows.length, 20)
      assert.deepStrictEqual(experiment.tracingFailures, [
        { client: "recording", rows: 4, message: "RangeError: a number I do not like" }
      ])
      assert.deepStrictEqual(
        written.sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i).filter((i) => i % 5 !== 0)
      )
    }))

  it.effect("that dies counts as one that fails", () =>
    Effect.gen(function*() {
      const dying = recording({ record: () => Effect.die(new TypeError("a bug in the client")) })
      const experiment = yield* Evaluation.run(double(3)).pipe(Effect.provide(TracingClient.layerClient(dying.client)))
      assert.strictEqual(experiment.rows.length, 3)
      assert.deepStrictEqual(experiment.tracingFailures, [
        { client: "recording", rows: 3, message: "TypeError: a bug in the client" }
      ])
    }))

  it.effect("that hangs is given up after its time", () =>
    Effect.gen(function*() {
      const hanging = recording({ record: () => Effect.never, writeTimeout: "10 seconds", batchSize: 100 })
      const fiber = yield* Evaluation.run(double(3)).pipe(
        Effect.provide(TracingClient.layerClient(hanging.client)),
        Effect.forkChild
      )
      yield* advance(60_000)
      const experiment = yield* Fiber.join(fiber)
      assert.strictEqual(experiment.status, "completed")
      assert.deepStrictEqual(experiment.tracingFailures.map(({ rows }) => rows).reduce((a, b) => a + b, 0), 3)
      assert.match(experiment.tracingFailures[0]?.message ?? "", /no answer within 10s/)
    }))

  it.effect("that hangs at two writes in a row is given up: the run waits for it no longer", () =>
    Effect.gen(function*() {
      let writes = 0
      const hanging = recording({
        record: () => {
          writes++
          return Effect.never
        },
        writeTimeout: "10 seconds",
        batchSize: 10,
        bufferSize: 10
      })
      const fiber = yield* Evaluation.run(double(1000)).pipe(
        Effect.provide(TracingClient.layerClient(hanging.client)),
        Effect.forkChild
      )
      yield* advance(25_000)
      assert.isDefined(fiber.pollUnsafe(), "the run is done after two timeouts")
      const { rowCount, status, tracingFailures } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([status, rowCount, writes], ["completed", 1000, 2])
      assert.strictEqual(tracingFailures.reduce((sum, { rows }) => sum + rows, 0), 1000)
      assert.deepStrictEqual(tracingFailures.map(({ message }) => message), [
        "TimeoutError: no answer within 10s",
        "TimeoutError: given up after 2 writes in a row without an answer"
      ])
      assert.strictEqual(hanging.footers.length, 1, "the end is written all the same")
    }))

  it.effect("that answers between two timeouts, if only with a failure, is not given up", () =>
    Effect.gen(function*() {
      for (const answer of [Effect.void, Effect.fail(refused)]) {
        let writes = 0
        const flaky = recording({
          record: () => ++writes % 2 === 0 ? answer : Effect.never,
          writeTimeout: "1 second",
          batchSize: 10
        })
        const fiber = yield* Evaluation.run(double(100)).pipe(
          Effect.provide(TracingClient.layerClient(flaky.client)),
          Effect.forkChild
        )
        yield* advance(60_000)
        const { tracingFailures } = yield* Fiber.join(fiber)
        assert.isAtLeast(writes, 10)
        assert.isFalse(tracingFailures.some(({ message }) => message.includes("given up")))
      }
    }))

  it.effect("that is far behind when the run ends has so long to catch up, and no longer", () =>
    Effect.gen(function*() {
      const slow = recording({
        record: () => Effect.sleep("20 seconds"),
        batchSize: 1,
        flushTimeout: "50 seconds"
      })
      const fiber = yield* Evaluation.run(double(10)).pipe(
        Effect.provide(TracingClient.layerClient(slow.client)),
        Effect.forkChild
      )
      yield* advance(60_000)
      const experiment = yield* Fiber.join(fiber)
      assert.strictEqual(experiment.rows.length, 10)
      assert.deepStrictEqual(experiment.tracingFailures, [
        { client: "recording", rows: 8, message: "TimeoutError: not written within 50s of the end" }
      ])
    }))

  it.effect("that cannot be opened has failed to write every row", () =>
    Effect.gen(function*() {
      const closed = recording({ open: () => Effect.fail(refused) })
      const experiment = yield* Evaluation.run(double(7)).pipe(Effect.provide(TracingClient.layerClient(closed.client)))
      assert.strictEqual(experiment.rows.length, 7)
      assert.deepStrictEqual(experiment.tracingFailures, [
        { client: "recording", rows: 7, message: "TracingError: the disk is full" }
      ])
    }))

  it.effect("that fails at the very end is noticed, too", () =>
    Effect.gen(function*() {
      const { client } = recording({ end: () => Effect.fail(refused) })
      const experiment = yield* Evaluation.run(double(1)).pipe(Effect.provide(TracingClient.layerClient(client)))
      assert.deepStrictEqual(experiment.tracingFailures.map(({ message }) => message), [
        "TracingError: the disk is full"
      ])
    }))

  it.effect("gets the rows so far, and how it ended, when a run is interrupted", () =>
    Effect.gen(function*() {
      const { client, footers, rows } = recording()
      const evaluation = Evaluation.make("t", {
        data: numbers(10),
        target: (n) => n < 4 ? Effect.succeed(n) : Effect.never
      })
      const fiber = yield* Evaluation.run(evaluation).pipe(
        Effect.provide(TracingClient.layerClient(client)),
        Effect.forkChild
      )
      yield* advance(1000)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(rows(), [0, 1, 2, 3])
      assert.deepStrictEqual(footers.map(({ rowCount, status }) => [rowCount, status]), [[4, "interrupted"]])
    }))

  it.effect("releases what it acquired, after the end was written", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const { client } = recording()
      const scoped: TracingClient.Client = {
        ...client,
        open: () =>
          Effect.acquireRelease(
            Effect.succeed<TracingClient.Session>({
              record: () => Effect.void,
              end: () => Effect.sync(() => void events.push("end"))
            }),
            () => Effect.sync(() => void events.push("released"))
          )
      }
      yield* Evaluation.run(double(1)).pipe(Effect.provide(TracingClient.layerClient(scoped)))
      assert.deepStrictEqual(events, ["end", "released"])
    }))
})

describe("several tracing clients", () => {
  it.effect("are nothing to each other", () =>
    Effect.gen(function*() {
      const good = recording()
      const bad = recording({ name: "bad", record: () => Effect.fail(refused) })
      const experiment = yield* Evaluation.run(double(20)).pipe(
        Effect.provide(
          TracingClient.layerAll(TracingClient.layerClient(good.client), TracingClient.layerClient(bad.client))
        )
      )
      assert.strictEqual(good.rows().length, 20)
      assert.deepStrictEqual(experiment.tracingFailures.map(({ client }) => client), ["bad"])
    }))

  it.effect("keep what else their layers provide", () =>
    Effect.gen(function*() {
      const good = recording()
      yield* Effect.gen(function*() {
        yield* Evaluation.run(double(5))
        const memory = yield* TracingClient.Memory
        const [recorded] = yield* memory.experiments
        assert.strictEqual(recorded?.rows.length, 5)
        assert.strictEqual(recorded?.header.evaluation, "double")
        assert.strictEqual(recorded?.footer?.rowCount, 5)
      }).pipe(Effect.provide(TracingClient.layerAll(TracingClient.layerMemory, TracingClient.layerClient(good.client))))
      assert.strictEqual(good.rows().length, 5)
    }))
})

describe("layerMemory", () => {
  it.effect("shows an experiment while it runs", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const started = yield* Ref.make(0)
      const evaluation = Evaluation.make("t", {
        data: numbers(3),
        target: (n) => Effect.as(n === 2 ? Deferred.await(gate) : Ref.update(started, (count) => count + 1), n)
      })
      yield* Effect.gen(function*() {
        const memory = yield* TracingClient.Memory
        const fiber = yield* Effect.forkChild(Evaluation.run(evaluation))
        yield* advance(1000)
        const [during] = yield* memory.experiments
        assert.deepStrictEqual(during?.rows.map(({ index }) => index), [0, 1])
        assert.isUndefined(during?.footer)
        yield* Deferred.succeed(gate, void 0)
        yield* Fiber.join(fiber)
        const [after] = yield* memory.experiments
        assert.strictEqual(after?.footer?.status, "completed")
      }).pipe(Effect.provide(Layer.fresh(TracingClient.layerMemory)))
    }))
})
