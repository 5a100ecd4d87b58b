/** What the type checker infers for scorers in a list. These tests are held by `tsc`; running them shows that they are there. */
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Schema } from "effect"
import { Dataset, Evaluation, Row, TracingClient } from "../../src/index.ts"
import { Json, Limits, Messages, Safety, Spans, ToolCalls, Trajectory } from "../../src/scorers/index.ts"

interface Answer {
  readonly text: string
  readonly calls: ReadonlyArray<{ readonly name: string }>
}

const data = Dataset.fromIterable("questions", [
  { inputs: { q: "x" }, referenceOutputs: { text: "{}", tools: ["search"] }, metadata: { strict: true } }
])

const evaluation = Evaluation.make("agent", {
  data,
  target: ({ q }): Answer => ({ text: `{"q": "${q}"}`, calls: [{ name: "search" }] })
})

describe("inference", () => {
  it("types what selectors are given, and fits without any", async () => {
    const program = Evaluation.run(evaluation, {
      evaluators: [
        Json.parses({
          actual: ({ outputs }) => {
            expectTypeOf(outputs).toEqualTypeOf<Answer>()
            return outputs.text
          }
        }),
        Json.equals({
          actual: ({ outputs }) => outputs.text,
          expected: ({ metadata, referenceOutputs }) => {
            expectTypeOf(referenceOutputs).toEqualTypeOf<{ text: string; tools: Array<string> }>()
            expectTypeOf(metadata).toEqualTypeOf<{ strict: boolean }>()
            return referenceOutputs.text
          },
          when: ({ inputs }) => inputs.q === "x"
        }),
        Json.matches(),
        Json.similar(),
        Json.covers({ expected: ["text"] }),
        Json.conforms(Schema.Struct({ text: Schema.String })),
        Json.conformsToJsonSchema({ type: "object" }),
        ToolCalls.accurate({
          actual: ({ outputs }) => outputs.calls,
          expected: ({ referenceOutputs }) => referenceOutputs.tools
        }),
        ToolCalls.f1({ actual: ({ run }) => Messages.callsOfRun(run), expected: ["search"] }),
        ToolCalls.uses({ search: 1 }, { actual: ({ outputs }) => outputs.calls }),
        Trajectory.matches({
          actual: ({ outputs }) => outputs.calls,
          expected: ({ referenceOutputs }) => referenceOutputs.tools
        }),
        Trajectory.follows({ actual: ({ outputs }) => outputs.calls, expected: ["search"] }),
        Spans.has({ atMost: 0 }, { when: ({ outputs }) => outputs.text !== "" }),
        Limits.latency({ atMost: "1 minute" }),
        Limits.steps({ atMost: 3 }, { key: "steps", actual: () => [] }),
        Safety.noSecrets({ actual: ({ outputs }) => outputs.text }),
        Safety.noInvisible()
      ]
    })
    type Needs = typeof program extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
    expectTypeOf<Needs>().toEqualTypeOf<TracingClient.TracingClient>()
    const experiment = await Effect.runPromise(Effect.provide(program, TracingClient.layerNone))
    const row = experiment.rows[0]!
    assert.deepStrictEqual(
      row.evaluations.filter(({ outcome }) => outcome._tag === "Failed").map(({ evaluator }) => evaluator),
      []
    )
    assert.strictEqual(Row.score(row, "tool_call_accuracy"), 1)
  })

  it("reads the services of a schema", () => {
    class Names extends Context.Service<Names, { readonly names: ReadonlyArray<string> }>()("test/Names") {}
    const needing = Schema.String as unknown as Schema.Codec<string, string, Names>
    const program = Evaluation.run(evaluation, { evaluators: [Json.conforms(needing)] })
    type Needs = typeof program extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
    expectTypeOf<Needs>().toEqualTypeOf<TracingClient.TracingClient | Names>()
  })

  it("refuses a field that outputs do not have", () => {
    const program = Evaluation.run(evaluation, {
      evaluators: [
        // @ts-expect-error -- there is no such field
        Json.equals({ actual: ({ outputs }) => outputs.nothing })
      ]
    })
    assert.isTrue(Effect.isEffect(program))
  })
})
