import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Option, Stream, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { Evaluation, Evaluator, Run } from "../src/index.ts"
import { numbers, untraced } from "./support/run.ts"

/** The tree as nested names. */
type Names = ReadonlyArray<string | readonly [string, Names]>
const names = (runs: ReadonlyArray<Run.ChildRun>): Names =>
  runs.map((run) => run.childRuns.length === 0 ? run.name : [run.name, names(run.childRuns)] as const)

/** A tracer as an app would have it: it keeps every span it makes. */
const appTracer = () => {
  const spans: Array<Tracer.NativeSpan> = []
  return {
    spans,
    tracer: Tracer.make({
      span(options) {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
  }
}

describe("run trees", () => {
  it.effect("hold the spans of the target, of forked fibers and of streams, each in its own run", () =>
    Effect.gen(function*() {
      const step = (name: string) => Effect.withSpan(Effect.yieldNow, name)
      const evaluation = Evaluation.make("t", {
        data: numbers(4),
        target: (n) =>
          Effect.gen(function*() {
            yield* Effect.forEach([1, 2], (i) => step(`search ${n}.${i}`), { concurrency: "unbounded" })
            const fiber = yield* Effect.forkChild(step(`forked ${n}`))
            yield* Stream.runDrain(Stream.mapEffect(Stream.make(1), () => step(`streamed ${n}`)))
            yield* Fiber.join(fiber)
            return n
          }).pipe(Effect.withSpan(`answer ${n}`))
      })
      const experiment = yield* untraced(Evaluation.run(evaluation))
      for (const { run } of experiment.rows) {
        const [root] = run.childRuns
        assert.strictEqual(run.childRuns.length, 1)
        assert.strictEqual(root?.name, `answer ${run.inputs}`)
        assert.sameMembers([...Run.descendants(run)].map(({ name }) => name), [
          `answer ${run.inputs}`,
          `search ${run.inputs}.1`,
          `search ${run.inputs}.2`,
          `forked ${run.inputs}`,
          `streamed ${run.inputs}`
        ])
      }
    }))

  it.effect("have times, attributes, events and errors", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () =>
          Effect.gen(function*() {
            yield* Effect.annotateCurrentSpan("model", "m")
            yield* Effect.sleep("2 seconds")
            yield* Effect.logInfo("half way")
            return yield* Effect.fail(new RangeError("too far"))
          }).pipe(Effect.withSpan("step", { attributes: { a: 1 } }))
      })
      const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation)))
      yield* TestClock.adjust("2 seconds")
      const run = (yield* Fiber.join(fiber)).rows[0]?.run
      const [child] = run?.childRuns ?? []
      assert.strictEqual(child?.name, "step")
      assert.deepStrictEqual(child?.attributes, { a: 1, model: "m" })
      assert.strictEqual((child?.endTime ?? 0) - (child?.startTime ?? 0), 2000)
      assert.strictEqual(child?.error, "RangeError: too far")
      assert.deepStrictEqual(child?.events.map(({ name }) => name), ["half way"])
      assert.isAtLeast(child?.startTime ?? 0, run?.startTime ?? Number.POSITIVE_INFINITY)
    }))

  it.effect("add up the tokens that spans report, a parent's own count standing for its children's", () =>
    Effect.gen(function*() {
      const call = (input: number, output: number, inner: Effect.Effect<unknown> = Effect.void) =>
        Effect.withSpan(inner, "LanguageModel.generateText", {
          attributes: { "gen_ai.usage.input_tokens": input, "gen_ai.usage.output_tokens": output }
        })
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () => Effect.withSpan(Effect.all([call(10, 1), call(20, 2, call(5, 5))]), "agent")
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [Evaluator.make("judge", () => Effect.as(call(7, 3), 1))]
      }))
      const run = experiment.rows[0]?.run
      assert.deepStrictEqual(run?.usage, { inputTokens: 30, outputTokens: 3 })
      assert.deepStrictEqual(run?.childRuns[0]?.childRuns.map(({ runType }) => runType), ["llm", "llm"])
      const evaluatorRun = experiment.rows[0]?.evaluations[0]
      assert.deepStrictEqual(evaluatorRun?.usage, { inputTokens: 7, outputTokens: 3 })
      assert.deepStrictEqual(names(evaluatorRun?.childRuns ?? []), ["LanguageModel.generateText"])
    }))

  it.effect("are beside the app's tracer, which sees every span below its own", () =>
    Effect.gen(function*() {
      const { spans, tracer } = appTracer()
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (n) => Effect.succeed(n).pipe(Effect.withSpan("inner"), Effect.withSpan("outer"))
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, {
        evaluators: [
          Evaluator.make("sync", () => 1),
          Evaluator.make("effect", () => Effect.withSpan(Effect.succeed(1), "judging"))
        ]
      })).pipe(Effect.withSpan("nightly"), Effect.withTracer(tracer))
      assert.deepStrictEqual(names(experiment.rows[0]?.run.childRuns ?? []), [["outer", ["inner"]]])
      const parentOf = (name: string) => {
        const span = spans.find((span) => span.name === name)
        const parent = Option.getOrUndefined(span?.parent ?? Option.none())
        return parent?._tag === "Span" ? parent.name : undefined
      }
      assert.sameMembers(spans.map(({ name }) => name), ["nightly", "t", "outer", "inner", "sync", "effect", "judging"])
      assert.deepStrictEqual(
        ["t", "outer", "inner", "sync", "effect", "judging"].map(parentOf),
        ["nightly", "t", "outer", "t", "t", "effect"]
      )
      assert.isTrue(spans.every(({ status }) => status._tag === "Ended"))
      assert.strictEqual(spans.find(({ name }) => name === "t")?.attributes.get("effect_evals.example_id"), "n0")
      assert.isTrue(spans.every(({ traceId }) => traceId === spans[0]?.traceId))
    }))

  it.effect("can be turned off, and the app's tracer still sees the spans", () =>
    Effect.gen(function*() {
      const { spans, tracer } = appTracer()
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (n) => Effect.withSpan(Effect.succeed(n), "inner")
      })
      const experiment = yield* untraced(Evaluation.run(evaluation, { runTrees: false })).pipe(
        Effect.withTracer(tracer)
      )
      assert.deepStrictEqual(experiment.rows[0]?.run.childRuns, [])
      assert.deepStrictEqual(spans.map(({ name }) => name), ["t", "inner"])
      const without = yield* untraced(Evaluation.run(evaluation, { runTrees: false }))
      assert.deepStrictEqual(without.rows[0]?.run.childRuns, [])
    }))

  it.effect("leave out spans that start a trace of their own", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (n) => Effect.withSpan(Effect.succeed(n), "elsewhere", { root: true })
      })
      const experiment = yield* untraced(Evaluation.run(evaluation))
      assert.deepStrictEqual(experiment.rows[0]?.run.childRuns, [])
    }))

  it.effect("are bounded, and say how much they leave out", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () =>
          Effect.forEach(Array.from({ length: 10_500 }), () => Effect.useSpan("s", () => Effect.void), {
            discard: true
          })
      })
      const experiment = yield* untraced(Evaluation.run(evaluation))
      const run = experiment.rows[0]?.run
      assert.strictEqual(run?.childRuns.length, 10_000)
      assert.deepStrictEqual(run?.metadata, { droppedChildRuns: 500 })
    }))

  it.effect("show what was open when the run ended", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: (n) =>
          Effect.as(Effect.forkDetach(Effect.withSpan(Effect.never, "background"), { startImmediately: true }), n)
      })
      const experiment = yield* untraced(Evaluation.run(evaluation))
      const [child] = experiment.rows[0]?.run.childRuns ?? []
      assert.strictEqual(child?.name, "background")
      assert.isUndefined(child?.endTime)
    }))

  it.effect("keep the services and references of the app available to user code", () =>
    Effect.gen(function*() {
      class Setting extends Context.Service<Setting, number>()("test/Setting") {}
      const Depth = Context.Reference<number>("test/Depth", { defaultValue: () => 0 })
      const evaluation = Evaluation.make("t", {
        data: numbers(1),
        target: () => Effect.all([Setting, Depth])
      })
      const experiment = yield* untraced(Evaluation.run(evaluation)).pipe(
        Effect.provideService(Depth, 5),
        Effect.provide(Layer.succeed(Setting, 7))
      )
      assert.deepStrictEqual(experiment.rows[0]?.run.outputs, [7, 5])
    }))
})
