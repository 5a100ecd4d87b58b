import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Messages, ToolCalls, Trajectory } from "../../src/scorers/index.ts"
import { outcomeOf } from "./structureSupport.ts"

const call = (name: string, args: unknown = {}): Messages.ToolCall => ({ name, arguments: args })
const said = (...toolCalls: ReadonlyArray<Messages.ToolCall>): Messages.Message => ({
  role: "assistant",
  text: "",
  toolCalls
})

describe("accuracyOf", () => {
  it("counts what matched, and takes away for what was not asked for", () => {
    const found = ToolCalls.accuracyOf(
      [call("a", 1), call("b", 9), call("c"), call("c"), call("a", 1)],
      [call("a", 1), call("b", 2), call("d"), call("e")]
    )
    assert.deepStrictEqual(found, {
      // 1 matched, half of one, less a quarter for each of three, of four.
      score: (1 + 0.5 - 0.75) / 4,
      matched: [call("a", 1)],
      wrongArguments: [{ actual: call("b", 9), expected: call("b", 2) }],
      missing: [call("d"), call("e")],
      extra: [call("c")],
      duplicates: [call("c"), call("a", 1)]
    })
  })

  it("has weights of its own for each", () => {
    const made = [call("a"), call("a"), call("b")]
    assert.strictEqual(ToolCalls.accuracyOf(made, [call("a")], { extraPenalty: 0 }).score, 1)
    assert.strictEqual(ToolCalls.accuracyOf(made, [call("a")], { extraPenalty: 0, duplicatePenalty: 0.4 }).score, 0.6)
    assert.strictEqual(ToolCalls.accuracyOf(made, [call("a")], { extraPenalty: 5 }).score, 0)
    assert.strictEqual(ToolCalls.accuracyOf([call("a", 1)], [call("a", 2)], { wrongArguments: 0.2 }).score, 0.2)
    assert.throws(() => ToolCalls.accurate({ wrongArguments: 2 }), /wrongArguments is 2; it has to be from 0 to 1/)
    assert.throws(() => ToolCalls.accurate({ extraPenalty: -1 }), /at least 0/)
  })

  it("pairs each call once, in the best way", () => {
    assert.strictEqual(
      ToolCalls.accuracyOf([call("f"), call("x")], [call("f"), call("f")], { extraPenalty: 0 }).score,
      0.5
    )
    // The first call could take either; only one way gives both a partner.
    const made = [call("s", { a: 1, b: 2 }), call("s", { a: 1 })]
    assert.strictEqual(ToolCalls.accuracyOf(made, made.toReversed(), { arguments: "superset" }).score, 1)
  })

  it("may want the expected order", () => {
    const made = [call("b"), call("a")]
    const expected = [call("a"), call("b")]
    assert.strictEqual(ToolCalls.accuracyOf(made, expected).score, 1)
    assert.strictEqual(ToolCalls.accuracyOf(made, expected, { order: "same" }).score, (1 - 0.25) / 2)
  })

  it("has an answer where nothing is expected", () => {
    assert.strictEqual(ToolCalls.accuracyOf([], []).score, 1)
    assert.strictEqual(ToolCalls.accuracyOf([call("a")], []).score, 0)
  })
})

describe("arguments", () => {
  const matches = (options: ToolCalls.ArgumentOptions, actual: unknown, expected: unknown) =>
    ToolCalls.f1Of([call("f", actual)], [call("f", expected)], options).f1 === 1

  it("are compared in each of the ways", () => {
    const larger = { a: 1, o: { x: 1, y: 2 } }
    const smaller = { o: { x: 1 } }
    assert.isTrue(matches({}, { a: 1, b: [1] }, { b: [1], a: 1 }))
    assert.isFalse(matches({}, larger, smaller))
    assert.isTrue(matches({ arguments: "ignore" }, larger, 5))
    assert.isTrue(matches({ arguments: "superset" }, larger, smaller))
    assert.isFalse(matches({ arguments: "superset" }, smaller, larger))
    assert.isTrue(matches({ arguments: "subset" }, smaller, larger))
    assert.isFalse(matches({ arguments: "subset" }, larger, smaller))
    assert.isTrue(matches({ arguments: ["o.x"] }, larger, { o: { x: 1 }, z: 1 }))
    assert.isFalse(matches({ arguments: ["o.z"] }, larger, larger))
    assert.isTrue(matches({ arguments: (a, b) => a === b }, 1, 1))
    assert.isTrue(matches({ perTool: { f: "ignore" } }, 1, 2))
    assert.isFalse(matches({ perTool: { g: "ignore" } }, 1, 2))
    assert.isTrue(ToolCalls.f1Of([call("f", 1)], [{ name: "f" }]).f1 === 1)
  })
})

describe("the scorers of calls", () => {
  it.effect("show what they counted", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* outcomeOf(ToolCalls.accurate(), [call("a"), call("z")], [call("a"), call("b")]),
        "0.375: 1 of 2 calls matched; wrong arguments: none; missing: b; extra: z; repeated: none"
      )
      assert.strictEqual(
        yield* outcomeOf(ToolCalls.f1(), [call("a")], [call("a"), call("b")]),
        `${2 / 3}: 1 calls matched; precision 1, recall 0.5`
      )
      assert.strictEqual(
        yield* outcomeOf(ToolCalls.f1(), [], []),
        "Skipped: no calls were made and none expected, so there is no F1"
      )
      assert.strictEqual(
        yield* outcomeOf(ToolCalls.f1({ by: "tools" }), ["a", "a"], ["a"]),
        "1: 1 tools matched; precision 1, recall 1"
      )
      assert.strictEqual(
        yield* outcomeOf(ToolCalls.uses({ a: { atLeast: 1, atMost: 2 }, b: 0, c: {} }), ["a", "a", "a", "c"]),
        "false: a: 3 calls (at least 1, at most 2); b: 0 calls (exactly 0); c: 1 call"
      )
      assert.match(
        yield* outcomeOf(ToolCalls.accurate(), "Hello", []),
        /^Failed: UnusableValue: tool_call_accuracy: outputs is "Hello", not messages or calls/
      )
      assert.throws(() => ToolCalls.uses({ a: { atLeast: 2, atMost: 1 } }), /the bounds of a/)
    }))
})

describe("trajectories", () => {
  const a = call("a")
  const b = call("b")
  const c = call("c")
  const user: Messages.Message = { role: "user", text: "x", toolCalls: [] }

  it("match in each of the modes", () => {
    const is = (
      mode: Trajectory.Mode,
      made: ReadonlyArray<Messages.Message>,
      expected: ReadonlyArray<Messages.Message>
    ) => Trajectory.matchOf(made, expected, { mode }).matches
    const wanted = [user, said(a, b)]
    assert.isTrue(is("strict", [{ ...user, text: "y" }, said(b, a)], wanted))
    assert.isFalse(is("strict", [user, said(a), said(b)], wanted))
    assert.isFalse(is("strict", [said(), said(a, b)], wanted))
    assert.isFalse(is("strict", [user, said(a, a)], wanted))
    assert.isTrue(is("unordered", [said(b), said(a)], wanted))
    assert.isFalse(is("unordered", [said(b, a, a)], wanted))
    assert.isTrue(is("superset", [said(c, b), said(a)], wanted))
    assert.isFalse(is("superset", [said(a)], wanted))
    assert.isTrue(is("subset", [said(b)], wanted))
    assert.isFalse(is("subset", [said(b, c)], wanted))
    assert.isTrue(is("in order", [said(c), said(a, c), said(b)], wanted))
    assert.isFalse(is("in order", [said(b), said(a)], wanted))
    for (const mode of ["strict", "unordered", "superset", "subset", "in order"] as const) {
      assert.isTrue(is(mode, [], []))
    }
  })

  it("looks from the calls made to the expected ones, once", () => {
    const made = [said(call("s", { q: 1, extra: 2 }))]
    const expected = [said(call("s", { q: 1 }))]
    assert.isTrue(Trajectory.matchOf(made, expected, { mode: "unordered", arguments: "superset" }).matches)
    assert.isFalse(Trajectory.matchOf(made, expected, { mode: "unordered", arguments: "subset" }).matches)
  })

  const Names = Schema.Array(Schema.Literals(["a", "b", "c"])).check(Schema.isMaxLength(12))

  it.prop("finds the longest common subsequence", [Names, Names], ([left, right]) => {
    const lcs = (i: number, j: number): number =>
      i === left.length || j === right.length
        ? 0
        : left[i] === right[j]
        ? 1 + lcs(i + 1, j + 1)
        : Math.max(lcs(i + 1, j), lcs(i, j + 1))
    const { matched } = Trajectory.orderOf(left.map((name) => call(name)), right.map((name) => call(name)))
    assert.strictEqual(matched, lcs(0, 0))
  })

  it.effect("are scored, with the reason", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* outcomeOf(Trajectory.matches(), [user, said(a)], [user, said(b)]),
        "false: message 2: 0 of 1 expected call matched; missing: b; extra: a"
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.matches(), [user], [said()]),
        "false: message 1 is of the user, not of the assistant"
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.matches(), ["a", "b"], ["a", "b"]),
        "true: all of 2 messages and 2 calls matched"
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.matches(), ["a"], ["a", "b"]),
        "false: 1 message, and 2 were expected; calls: a; expected: a, b"
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.matches({ mode: "superset" }), ["a", "c"], ["a", "b"]),
        "false: 1 of 2 expected calls matched; missing: b; extra: c"
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.follows(), ["b", "c", "a"], ["a", "b", "c"]),
        `${2 / 3}: longest common subsequence 2 of 3 expected calls (0.6667), in 3 calls`
      )
      assert.strictEqual(
        yield* outcomeOf(Trajectory.follows(), ["a"], []),
        "Skipped: no calls are expected, so there is no order to follow"
      )
      assert.match(
        yield* outcomeOf(Trajectory.matches(), 5, []),
        /^Failed: UnusableValue: trajectory: outputs is 5, not messages or calls/
      )
      // A model that writes no JSON has made a call that matches nothing.
      const bad = [{ role: "assistant", tool_calls: [{ function: { name: "a", arguments: "{bad" } }] }]
      assert.match(yield* outcomeOf(Trajectory.matches(), bad, [said(a)]), /^false: message 1: 0 of 1/)
    }))
})
