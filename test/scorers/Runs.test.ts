import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Dataset, Evaluation, Outcome, Target } from "../../src/index.ts"
import type { Evaluator } from "../../src/index.ts"
import { Limits, Spans } from "../../src/scorers/index.ts"
import { untraced } from "../support/run.ts"
import { outcomeOf } from "./structureSupport.ts"

const span = (name: string, attributes: Record<string, unknown> = {}) => Effect.withSpan(name, { attributes })

const model = Effect.void.pipe(
  span("LanguageModel.generateText", {
    "gen_ai.operation.name": "chat",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cost": 0.5
  })
)

/** plan > (model, search > model, broken); tidy. */
const target = () =>
  Effect.all([
    model,
    Effect.sleep("2 seconds").pipe(Effect.andThen(model), span("search", { "tool.name": "search", depth: { n: 1 } })),
    Effect.fail("no").pipe(span("broken"), Effect.ignore)
  ]).pipe(span("plan"), Effect.andThen(Effect.void.pipe(span("tidy"))))

const evaluation = Evaluation.make("agent", { data: Dataset.fromIterable("one", [{ inputs: 1 }]), target })

type Any = Evaluator.Evaluator<unknown, unknown, unknown, unknown>

const rowOf = (evaluators: ReadonlyArray<Any>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, { evaluators })))
    yield* TestClock.adjust("5 seconds")
    const experiment = yield* Fiber.join(fiber)
    return experiment.rows[0]!
  })

const run = Effect.map(rowOf([]), ({ run }) => run)

const scored = (evaluator: Any) =>
  Effect.map(rowOf([evaluator]), ({ evaluations }) => {
    const outcome = evaluations[0]!.outcome
    if (outcome._tag === "Skipped") return `Skipped: ${outcome.reason}`
    const [result] = Outcome.results(outcome)
    return `${result?.score}: ${result?.comment}`
  })

describe("queries", () => {
  it.effect("ask for names, attributes, status, duration and kind", () =>
    Effect.gen(function*() {
      const tree = yield* run
      const names = (query: Spans.Query) => Spans.find(tree, query).map(({ name }) => name)
      const llm = "LanguageModel.generateText"
      assert.deepStrictEqual(names({}), ["plan", llm, "search", llm, "broken", "tidy"])
      assert.deepStrictEqual(names({ name: "search" }), ["search"])
      assert.deepStrictEqual(names({ name: (name) => name.startsWith("ti") }), ["tidy"])
      assert.deepStrictEqual(names({ runType: "llm" }), [llm, llm])
      assert.deepStrictEqual(names({ status: "error" }), ["broken"])
      assert.deepStrictEqual(names({ status: "open" }), [])
      assert.deepStrictEqual(
        names({ attributes: { depth: { n: 1 }, "tool.name": (name: unknown) => name === "search" } }),
        ["search"]
      )
      assert.deepStrictEqual(names({ attributes: { depth: { n: 2 } } }), [])
      assert.deepStrictEqual(names({ attributes: { constructor: (value: unknown) => value !== undefined } }), [])
      assert.deepStrictEqual(names({ atLeast: "2 seconds" }), ["plan", "search"])
      assert.deepStrictEqual(names({ atMost: 0 }), [llm, llm, "broken", "tidy"])
      assert.deepStrictEqual(names({ where: ({ childRuns }) => childRuns.length === 1 }), ["search"])
      assert.deepStrictEqual(names({ not: { runType: "llm" }, anyOf: [{ name: "tidy" }, { runType: "llm" }] }), [
        "tidy"
      ])
    }))

  it.effect("ask for what is above and below, with bounds of 0", () =>
    Effect.gen(function*() {
      const tree = yield* run
      const names = (query: Spans.Query) => Spans.find(tree, query).map(({ name }) => name)
      const llm = "LanguageModel.generateText"
      assert.deepStrictEqual(names({ parent: { name: "plan" } }), [llm, "search", "broken"])
      assert.deepStrictEqual(names({ parent: { parent: {} } }), [llm])
      assert.deepStrictEqual(names({ ancestors: { query: { name: "search" } } }), [llm])
      assert.deepStrictEqual(names({ ancestors: { atMost: 0 } }), ["plan", "tidy"])
      assert.deepStrictEqual(names({ ancestors: { atLeast: 2 } }), [llm])
      assert.deepStrictEqual(names({ children: { query: { runType: "llm" } } }), ["plan", "search"])
      assert.deepStrictEqual(names({ children: { atMost: 0 }, not: { runType: "llm" } }), ["broken", "tidy"])
      assert.deepStrictEqual(names({ descendants: { query: { runType: "llm" }, atLeast: 2 } }), ["plan"])
      assert.deepStrictEqual(names({ descendants: { query: { runType: "llm" }, atMost: 0 } }), [
        llm,
        llm,
        "broken",
        "tidy"
      ])
      assert.deepStrictEqual(names({ descendants: { atLeast: 0 } }).length, 6)
    }))

  it.effect("are scored", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* scored(Spans.has({ query: { runType: "llm" }, atLeast: 2, atMost: 2 })),
        "true: 2 spans found (exactly 2): LanguageModel.generateText, LanguageModel.generateText"
      )
      assert.strictEqual(
        yield* scored(Spans.has({ query: { status: "error" }, atMost: 0 })),
        "false: 1 span found (exactly 0): broken"
      )
      assert.strictEqual(
        yield* scored(Spans.has({ query: { name: "none" } })),
        "false: 0 spans found (at least 1): none"
      )
      assert.throws(() => Spans.has({ atLeast: 2, atMost: 1 }), /bounds of a count/)
      assert.throws(() => Spans.has({ query: { children: { atLeast: NaN } } }), /bounds of a count/)
    }))

  it("go through a chain as deep as a run may be", () => {
    let childRuns: ReadonlyArray<Parameters<typeof Spans.find>[0]["childRuns"][number]> = []
    for (let i = 0; i < 10_000; i++) {
      childRuns = [{
        id: String(i),
        name: "s",
        runType: "chain",
        startTime: 0,
        endTime: 1,
        error: undefined,
        attributes: {},
        events: [],
        childRuns,
        usage: undefined
      }]
    }
    assert.strictEqual(Spans.find({ childRuns }, { children: { atMost: 0 } }).length, 1)
  })
})

describe("limits", () => {
  it.effect("count themselves", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* scored(Limits.latency({ atMost: "2 seconds" })), "true: 2.0 s of at most 2.0 s")
      assert.strictEqual(yield* scored(Limits.latency({ atMost: 1999 })), "false: 2.0 s of at most 2.0 s")
      assert.strictEqual(
        yield* scored(Limits.tokens({ total: 240, input: 200 })),
        "true: 240 total tokens of at most 240; 200 input tokens of at most 200"
      )
      assert.strictEqual(
        yield* scored(Limits.tokens({ total: 240, output: 39 })),
        "false: 240 total tokens of at most 240; 40 output tokens of at most 39"
      )
      assert.strictEqual(yield* scored(Limits.cost({ atMost: 1 })), "true: 1 of at most 1")
      assert.strictEqual(yield* scored(Limits.cost({ atMost: 0.99 })), "false: 1 of at most 0.99")
      assert.strictEqual(
        yield* scored(Limits.modelCalls({ atMost: 2, atLeast: 1 })),
        "true: 2 model calls of at least 1 and at most 2"
      )
      assert.strictEqual(yield* scored(Limits.modelCalls({ atMost: 0 })), "false: 2 model calls of at most 0")
      assert.strictEqual(yield* scored(Limits.toolCalls({ atMost: 1 })), "true: 1 tool calls of at most 1")
      assert.strictEqual(
        yield* scored(Limits.toolCalls({ atMost: 1 }, { call: ({ name }) => ({ name }) })),
        "false: 6 tool calls of at most 1"
      )
    }))

  it.effect("have the figures in their metadata", () =>
    Effect.gen(function*() {
      const { evaluations } = yield* rowOf([Limits.modelCalls({ atMost: 3 })])
      assert.deepStrictEqual(Outcome.results(evaluations[0]!.outcome)[0]?.metadata, { actual: 2, atMost: 3 })
    }))

  it.effect("skip what is not known", () =>
    Effect.gen(function*() {
      assert.match(yield* outcomeOf(Limits.tokens({ total: 1 }), 1), /^Skipped: no span of the run says/)
      assert.match(yield* outcomeOf(Limits.cost({ atMost: 1 }), 1), /^Skipped: the cost of the run is not known/)
      assert.strictEqual(yield* outcomeOf(Limits.toolCalls({ atMost: 0 }), 1), "true: 0 tool calls of at most 0")
      const recorded = yield* untraced(
        Evaluation.run(
          Evaluation.make("recorded", {
            data: Dataset.fromIterable("one", [{ id: "a", inputs: 1 }]),
            target: Target.fromOutputs("old", { a: 2 })
          }),
          { evaluators: [Limits.latency({ atMost: 1 })] }
        )
      )
      assert.strictEqual(recorded.rows[0]?.evaluations[0]?.outcome._tag, "Skipped")
    }))

  it.effect("count steps in messages", () =>
    Effect.gen(function*() {
      const messages = [{ role: "user", content: "x" }, { role: "assistant", content: "y" }]
      assert.strictEqual(yield* outcomeOf(Limits.steps({ atMost: 1 }), messages), "true: 1 steps of at most 1")
      assert.strictEqual(yield* outcomeOf(Limits.steps({ atMost: 0 }), messages), "false: 1 steps of at most 0")
      assert.match(
        yield* outcomeOf(Limits.steps({ atMost: 0 }), 5),
        /^Failed: UnusableValue: step_limit: outputs is 5, not messages/
      )
    }))

  it("refuse limits that are none", () => {
    assert.throws(() => Limits.tokens({}), /needs a limit/)
    assert.throws(() => Limits.cost({ atMost: -1 }), /in order/)
    assert.throws(() => Limits.modelCalls({ atLeast: 2, atMost: 1 }), /in order/)
  })
})
