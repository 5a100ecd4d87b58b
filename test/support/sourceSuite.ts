/** What every place that experiments are read back from must do. */
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, type Layer, Schedule, Schema } from "effect"
import {
  Dataset,
  Evaluation,
  Evaluator,
  type Experiment,
  ExperimentSource,
  Row,
  Target,
  type TracingClient
} from "effect-evals"
import { thisProcess } from "../../src/internal/claims/holder.ts"

const Outputs = Schema.Struct({ square: Schema.Number, day: Schema.Date })

/** A target and judges that count their calls, and stop the run after some of them. */
const counted = () => {
  const calls = { target: 0, judge: 0 }
  const target = (version: string, stopAt = Number.POSITIVE_INFINITY) =>
    Target.make("square", (n: number) =>
      Effect.suspend(() => {
        if (calls.target >= stopAt) return Effect.interrupt
        calls.target++
        return n === 3 && version === "failing"
          ? Effect.fail("no three")
          : Effect.succeed({ square: n * n, day: new Date(n) })
      }), { version })
  const judge = (version = "1") =>
    Evaluator.make("day", ({ outputs }: Evaluator.EvaluatorArgs<unknown, typeof Outputs.Type>) => {
      calls.judge++
      return outputs.day.getTime()
    }, { version })
  const forget = () => {
    calls.target = 0
    calls.judge = 0
  }
  return { calls, target, judge, forget }
}

const numbers = (count: number) =>
  Dataset.fromIterable("numbers", Array.from({ length: count }, (_, n) => ({ id: `n${n}`, inputs: n })))

/** Somebody on another machine. */
const elsewhere = { host: "elsewhere pid:[1]", pid: 7, since: 0 }

export const sourceSuite = <E, R>(
  name: string,
  place: Layer.Layer<TracingClient.TracingClient | ExperimentSource.ExperimentSource | R, E>,
  /** Makes it look as if nobody had been heard of for a long time. */
  age: Effect.Effect<void, never, R> | undefined
): void =>
  layer(place, { excludeTestServices: true })(`a source of experiments ${name}`, (it) => {
    it.effect("is gone on from by name", () =>
      Effect.gen(function*() {
        const { calls, forget, judge, target } = counted()
        const run = (count: number, version = "1", stopAt?: number) =>
          Evaluation.resume(
            Evaluation.make("t", { data: numbers(count), target: target(version, stopAt) }),
            "by name",
            {
              outputs: Outputs,
              evaluators: [judge()],
              concurrency: 1
            }
          )
        const first = yield* run(10, "1", 4)
        assert.deepStrictEqual([first.reused, first.runs.cancelled], [{ runs: 0, evaluations: 0 }, 6])
        const second = yield* run(10)
        assert.deepStrictEqual(second.reused, { runs: 4, evaluations: 4 })
        assert.deepStrictEqual(second.resumes, [first.id])
        assert.deepStrictEqual(second.rows.map((row) => Row.score(row, "day")), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        assert.deepStrictEqual([calls.target, calls.judge, second.name], [10, 10, "by name"])
        forget()
        const third = yield* run(12)
        assert.deepStrictEqual(third.reused, { runs: 10, evaluations: 10 })
        assert.deepStrictEqual([calls.target, calls.judge], [2, 2])
        forget()
        const changed = yield* run(3, "2")
        assert.deepStrictEqual(changed.reused, { runs: 0, evaluations: 0 })
        assert.strictEqual(calls.target, 3)
      }))

    it.effect("is gone on from by id, with all that went on from it", () =>
      Effect.gen(function*() {
        const { calls, forget, judge, target } = counted()
        const evaluation = (stopAt?: number) => Evaluation.make("t", { data: numbers(9), target: target("1", stopAt) })
        const options = { outputs: Outputs, evaluators: [judge()], concurrency: 1 } as const
        const first = yield* Evaluation.run(evaluation(3), { name: "by id", evaluators: [judge()], concurrency: 1 })
        yield* Evaluation.run(Evaluation.make("t", { data: numbers(9), target: target("1") }), { name: "by id" })
        forget()
        const second = yield* Evaluation.resume(evaluation(2), first.id, options)
        assert.deepStrictEqual([second.reused?.runs, second.name, calls.target], [3, "by id", 2])
        const third = yield* Evaluation.resume(evaluation(), first.id, options)
        assert.deepStrictEqual(third.reused, { runs: 5, evaluations: 5 })
        assert.deepStrictEqual(third.resumes, [first.id, second.id])
        const error = yield* Effect.flip(
          Evaluation.resume(evaluation(), "01a1fd1b-a002-7143-937a-000000000000", options)
        )
        assert.deepInclude(error, { _tag: "ExperimentSourceError", reason: "NotFound" })
        assert.match(error.message, /no experiment with the id or name 01a1fd1b-a002-7143-937a-000000000000 in /)
      }))

    it.effect("does failures again when asked", () =>
      Effect.gen(function*() {
        const { calls, forget, target } = counted()
        const resume = (failed?: Evaluation.Failed) =>
          Evaluation.resume(Evaluation.make("t", { data: numbers(5), target: target("failing") }), "failing", {
            outputs: Outputs,
            failed
          })
        assert.strictEqual((yield* resume()).runs.failed, 1)
        forget()
        assert.strictEqual((yield* resume()).reused?.runs, 5)
        assert.strictEqual(calls.target, 0)
        assert.strictEqual((yield* resume("rerun")).reused?.runs, 4)
        assert.strictEqual(calls.target, 1)
      }))

    it.effect("gives runs to judge, by name or id", () =>
      Effect.gen(function*() {
        const { calls, forget, judge, target } = counted()
        const evaluation = Evaluation.make("t", { data: numbers(6), target: target("1") })
        const first = yield* Evaluation.run(evaluation, { name: "judged", evaluators: [judge()], repetitions: 2 })
        forget()
        const schemas = { inputs: Schema.Number, outputs: Outputs }
        const twice = yield* Evaluation.evaluateExisting("judged", schemas, {
          evaluators: [judge(), Evaluator.make("twice", ({ inputs, outputs }) => inputs + outputs.day.getTime())]
        })
        assert.deepStrictEqual([calls.target, calls.judge], [0, 0])
        assert.deepStrictEqual(twice.reused, { runs: 12, evaluations: 12 })
        assert.deepStrictEqual(
          twice.rows.map((row) => Row.score(row, "twice")),
          first.rows.map(({ example }) => 2 * example.inputs)
        )
        // A judge that was cut short after four rows.
        const stopped = yield* Evaluation.evaluateExisting(first.id, schemas, {
          concurrency: 1,
          evaluatorConcurrency: 1,
          evaluators: [
            Evaluator.make(
              "day",
              ({ outputs }) =>
                Effect.suspend(() =>
                  calls.judge < 4 ? Effect.succeed(++calls.judge * outputs.square) : Effect.interrupt
                ),
              {
                version: "3"
              }
            )
          ]
        })
        assert.deepStrictEqual(stopped.summaries["day"]?.outcomes.scored, 4)
        const again = yield* Evaluation.evaluateExisting(first.id, schemas, { evaluators: [judge("3")] })
        assert.deepStrictEqual(again.reused, { runs: 12, evaluations: 4 })
        assert.strictEqual(calls.judge, 12)
        const error = yield* Effect.flip(Evaluation.evaluateExisting("never run", {}, {}))
        assert.deepInclude(error, { _tag: "ExperimentSourceError", reason: "NotFound" })
      }))

    it.effect("judges the rows of the run that an interrupted judge went on from", () =>
      Effect.gen(function*() {
        const { judge, target } = counted()
        const evaluation = Evaluation.make("t", { data: numbers(5), target: target("1") })
        yield* Evaluation.run(evaluation, { name: "cut judge" })
        yield* Effect.exit(
          Evaluation.evaluateExisting("cut judge", { outputs: Outputs }, {
            maxFailures: 0,
            concurrency: 1,
            evaluators: [Evaluator.make("broken", () => Effect.fail("down"))]
          })
        )
        const whole = yield* Evaluation.evaluateExisting("cut judge", { outputs: Outputs }, { evaluators: [judge()] })
        assert.strictEqual(whole.rowCount, 5)
      }))

    it.effect("judges the latest of a name as it is, also where it has fewer rows than what it went on from", () =>
      Effect.gen(function*() {
        const { judge, target } = counted()
        const resume = (examples: number, repetitions: number) =>
          Evaluation.resume(Evaluation.make("t", { data: numbers(examples), target: target("1") }), "fewer", {
            outputs: Outputs,
            repetitions
          })
        yield* resume(5, 2)
        yield* resume(3, 1)
        const judged = yield* Evaluation.evaluateExisting("fewer", { outputs: Outputs }, { evaluators: [judge()] })
        assert.strictEqual(judged.rowCount, 3)
      }))

    it.effect("lets one at a time go on", () =>
      Effect.gen(function*() {
        const { calls, target } = counted()
        let release: () => void = () => {}
        const released = new Promise<void>((resolve) => {
          release = resolve
        })
        const slow = Target.make("square", (n: number) =>
          Effect.andThen(
            Effect.promise(() => released),
            Effect.sync(() => {
              calls.target++
              return { square: n * n, day: new Date(n) }
            })
          ), { version: "1" })
        const resume = (target: Target.Target<number, typeof Outputs.Type, string>, whenInUse?: "wait") =>
          Evaluation.resume(Evaluation.make("t", { data: numbers(4), target }), "one at a time", {
            outputs: Outputs,
            whenInUse
          })
        const source = yield* ExperimentSource.ExperimentSource
        const first = yield* Effect.forkChild(resume(slow))
        // Until the first one has it.
        while ((yield* source.claims.take("one at a time", "probe", thisProcess())) === undefined) {
          yield* source.claims.release("one at a time", "probe")
          yield* Effect.sleep(5)
        }
        const error = yield* Effect.flip(resume(target("1")))
        assert.deepInclude(error, { _tag: "ExperimentInUse", pid: process.pid })
        assert.match(error.message, /has been at work on one at a time since .*whenInUse: "wait"/)
        const waiting = yield* Effect.forkChild(resume(slow, "wait"))
        release()
        assert.strictEqual((yield* Fiber.join(first)).rowCount, 4)
        assert.deepStrictEqual((yield* Fiber.join(waiting)).reused?.runs, 4)
        assert.strictEqual(calls.target, 4)
      }))

    if (age === undefined) return

    it.effect("gives the claim of the dead to the living, and stops who was taken for dead", () =>
      Effect.gen(function*() {
        const { claims } = yield* ExperimentSource.ExperimentSource
        const me = thisProcess()
        assert.isUndefined(yield* claims.take("k", "first", elsewhere))
        assert.deepInclude(yield* claims.take("k", "second", me), { ...elsewhere })
        assert.isTrue(yield* claims.beat("k", "first"))
        assert.deepInclude(yield* claims.take("k", "second", me), { ...elsewhere, beat: 1 })
        yield* age
        assert.isUndefined(yield* claims.take("k", "second", me))
        assert.isFalse(yield* claims.beat("k", "first"))
        assert.isTrue(yield* claims.beat("k", "second"))
        // Giving back what one has lost takes nothing from whoever has it now.
        yield* claims.release("k", "first")
        assert.deepInclude(yield* claims.take("k", "third", elsewhere), { pid: me.pid })
        yield* claims.release("k", "second")
        // A process of this machine that is not there.
        assert.isUndefined(yield* claims.take("k", "third", { ...me, pid: 2 ** 30 }))
        assert.isUndefined(yield* claims.take("k", "fourth", me))
        yield* claims.release("k", "fourth")
      }))

    it.effect("gives a claim to one of many who come at once", () =>
      Effect.gen(function*() {
        const { claims } = yield* ExperimentSource.ExperimentSource
        const me = thisProcess()
        const taken = yield* Effect.forEach(
          Array.from({ length: 8 }, (_, i) => `token ${i}`),
          (token) => claims.take("many", token, me),
          { concurrency: "unbounded" }
        )
        assert.isAtMost(taken.filter((held) => held === undefined).length, 1)
      }))

    it.effect("fails when somebody elsewhere shows that it is alive, and goes on when it does not", () =>
      Effect.gen(function*() {
        const { target } = counted()
        const { claims } = yield* ExperimentSource.ExperimentSource
        const resume = Evaluation.resume(
          Evaluation.make("t", { data: numbers(2), target: target("1") }),
          "elsewhere",
          { outputs: Outputs }
        )
        yield* claims.take("elsewhere", "other", elsewhere)
        const asking = yield* Effect.forkChild(Effect.exit(resume))
        const beating = yield* Effect.forkChild(
          Effect.repeat(claims.beat("elsewhere", "other"), Schedule.spaced("50 millis"))
        )
        const exit = yield* Fiber.join(asking)
        yield* Fiber.interrupt(beating)
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.deepInclude(error, { _tag: "ExperimentInUse", host: "elsewhere", pid: 7 })
        const again = yield* Effect.forkChild(resume)
        yield* Effect.sleep(50)
        yield* age
        const experiment: Experiment.Overview = yield* Fiber.join(again)
        assert.strictEqual(experiment.rowCount, 2)
      }))
  })
