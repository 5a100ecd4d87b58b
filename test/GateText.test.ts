import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Gate from "../src/Gate.ts"

const refusal = (text: string) => Effect.map(Effect.flip(Gate.parse(text)), ({ message }) => message)

describe("gates in words", () => {
  const texts: ReadonlyArray<readonly [text: string, gate: Gate.Gate]> = [
    ["correct >= 0.9", Gate.mean("correct", { atLeast: 0.9 })],
    ["correct>=.9", Gate.mean("correct", { atLeast: 0.9 })],
    ["length <= 80", Gate.mean("length", { atMost: 80 })],
    ["hit@1 >= 85%", Gate.mean("hit@1", { atLeast: 0.85 })],
    ["reciprocal rank >= 5e-1", Gate.mean("reciprocal rank", { atLeast: 0.5 })],
    [`"a and (b)" >= -1`, Gate.mean("a and (b)", { atLeast: -1 })],
    [`'cost' <= 1`, Gate.mean("cost", { atMost: 1 })],
    ["correct[split=test] >= 0.9", Gate.mean("correct", { atLeast: 0.9, group: { by: "split", value: "test" } })],
    [
      "correct[metadata.language = 'fr'] >= 0.9",
      Gate.mean("correct", { atLeast: 0.9, group: { by: "metadata.language", value: "fr" } })
    ],
    ["confident(correct) >= 0.9", Gate.confidentMean("correct", { atLeast: 0.9 })],
    ["confident(correct, 0.99) <= 0.9", Gate.confidentMean("correct", { atMost: 0.9, confidence: 0.99 })],
    ["failures <= 3", Gate.failures({ atMost: 3 })],
    ["failures <= 2%", Gate.failures({ atMostShare: 0.02 })],
    ["failures(correct) <= 0", Gate.failures({ key: "correct", atMost: 0 })],
    ["latency.p95 <= 2s", Gate.latency("p95", { atMost: "2 seconds" })],
    ["latency.max <= 1.5 minutes", Gate.latency("max", { atMost: "90 seconds" })],
    ["latency.mean(judge) <= 500ms", Gate.latency("mean", { atMost: 500, evaluator: "judge" })],
    ["cost <= 5", Gate.cost({ atMost: 5 })],
    ["cost.row <= 0.01", Gate.cost({ atMost: 0.01, per: "row" })],
    ["tokens <= 10000", Gate.tokens({ atMost: 10_000 })],
    ["better(correct)", Gate.better("correct")],
    ["better(reciprocal rank, 0.02)", Gate.better("reciprocal rank", { by: 0.02 })],
    ["not-worse(correct, 1%)", Gate.notWorse("correct", { margin: 0.01 })],
    ["newly-failing", Gate.newlyFailing()],
    ["newly-failing <= 2", Gate.newlyFailing({ atMost: 2 })],
    [
      "a >= 1 and b >= 1 or not c >= 1",
      Gate.or(
        Gate.and(Gate.mean("a", { atLeast: 1 }), Gate.mean("b", { atLeast: 1 })),
        Gate.not(Gate.mean("c", { atLeast: 1 }))
      )
    ],
    [
      "a >= 1 and (b >= 1 or newly-failing)",
      Gate.and(Gate.mean("a", { atLeast: 1 }), Gate.or(Gate.mean("b", { atLeast: 1 }), Gate.newlyFailing()))
    ]
  ]
  it.effect.each(texts)("%s", ([text, gate]) =>
    Effect.gen(function*() {
      // As JSON, because a condition that is not given may be there as `undefined`.
      assert.deepStrictEqual(JSON.parse(JSON.stringify(yield* Gate.parse(text))), JSON.parse(JSON.stringify(gate)))
    }))

  const refused: ReadonlyArray<readonly [text: string, message: string]> = [
    [
      "",
      `This is no gate: expected a key such as correct, or one of failures, latency.p95, cost, tokens, better(...), but it ends there.\n  \n  ^`
    ],
    ["correct", `This is no gate: expected ">=" or "<=" after correct, but it ends there.\n  correct\n         ^`],
    [
      "correct > 0.9",
      `This is no gate: expected ">=" or "<=" after correct, but there is ">".\n  correct > 0.9\n          ^`
    ],
    [
      "correct >= high",
      `This is no gate: expected a number such as 0.9, or a percentage such as 90%, but there is "high".\n  correct >= high\n             ^`
    ],
    [
      "failures >= 3",
      `This is no gate: expected "<=" after failures, but there is ">=".\n  failures >= 3\n           ^`
    ],
    [
      "latency.p42 <= 2s",
      `This is no gate: expected latency.<measure> with one of mean, max, p5, p25, p50, p75, p90, p95, p99, but there is "latency.p42".\n  latency.p42 <= 2s\n  ^`
    ],
    [
      "latency.p95 <= 2",
      `This is no gate: expected a duration such as 500ms, 2s or 1.5 minutes, but there is "2".\n  latency.p95 <= 2\n                 ^`
    ],
    [
      "not-worse(correct)",
      `This is no gate: expected how much worse it may be, as in not-worse(correct, 0.01), but there is "not-worse".\n  not-worse(correct)\n  ^`
    ],
    [
      `"correct >= 1`,
      `This is no gate: this quote is not closed, but there is "\\"correct >= 1".\n  "correct >= 1\n  ^`
    ],
    [
      "a >= 1 b >= 1",
      `This is no gate: expected "and", "or" or the end, but there is "b".\n  a >= 1 b >= 1\n         ^`
    ],
    ["(a >= 1", `This is no gate: expected ")", but it ends there.\n  (a >= 1\n         ^`]
  ]
  it.effect.each(refused)("refuses %s", ([text, message]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* refusal(text), message)
    }))

  it.effect("says what is wrong with the numbers of a gate", () =>
    Effect.gen(function*() {
      assert.match(yield* refusal("failures <= 1.5"), /atMost: expected an integer.*got 1\.5/)
      assert.match(yield* refusal("confident(correct, 2) >= 1"), /confidence: .*got 2/)
    }))
})
