import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { formatProblems, problemsOf } from "../../../src/internal/values/schemaMessage.ts"

const Answer = Schema.Struct({
  text: Schema.String,
  sources: Schema.Array(Schema.Struct({ page: Schema.Int.check(Schema.isGreaterThan(0)) })),
  score: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.Boolean]))
})

const failureOf = (schema: Schema.Codec<unknown, unknown>, value: unknown, onExcessProperty?: "error") =>
  Result.match(
    Schema.decodeUnknownResult(schema, { errors: "all", ...(onExcessProperty && { onExcessProperty }) })(value),
    { onFailure: (error) => error, onSuccess: () => assert.fail("expected the value not to fit") }
  )

const messageOf = (schema: Schema.Codec<unknown, unknown>, value: unknown, at?: ReadonlyArray<PropertyKey>) =>
  formatProblems(problemsOf(failureOf(schema, value), value, at))

describe("problemsOf", () => {
  it("says of every problem where it is, what was expected and what was there", () => {
    const value = { text: 5, sources: [{ page: 1 }, { page: "two" }] }
    assert.deepStrictEqual(problemsOf(failureOf(Answer, value), value, ["outputs"]), [
      { path: "outputs.text", expected: "expected string, got 5" },
      { path: "outputs.sources[1].page", expected: `expected number, got "two"` }
    ])
  })

  it("says what is missing", () => {
    assert.deepStrictEqual(problemsOf(failureOf(Answer, { sources: [] }), { sources: [] }), [
      { path: "text", expected: "missing" }
    ])
  })

  it("says what is unknown", () => {
    const value = { text: "a", sources: [], extra: 1 }
    assert.deepStrictEqual(problemsOf(failureOf(Answer, value, "error"), value), [
      { path: "extra", expected: "unknown field" }
    ])
  })

  it("says which check failed", () => {
    const value = { text: "a", sources: [{ page: 0 }] }
    assert.strictEqual(messageOf(Answer, value), "sources[0].page: expected a value greater than 0, got 0")
  })

  it("has an empty path for the value itself", () => {
    assert.deepStrictEqual(problemsOf(failureOf(Schema.String, 5), 5), [{
      path: "",
      expected: "expected string, got 5"
    }])
    assert.strictEqual(problemsOf(failureOf(Schema.String, 5), 5, ["inputs"])[0].path, "inputs")
  })
})

describe("formatProblems", () => {
  it("is one line of all problems", () => {
    assert.strictEqual(
      messageOf(Answer, { text: null, sources: 1 }),
      "text: expected string, got null; sources: expected array, got 1"
    )
  })

  it("stays short however many places there are, and says how many", () => {
    const problems = Array.from({ length: 1000 }, (_, i) => ({ path: `a[${i}]`, expected: "missing" }))
    assert.strictEqual(
      formatProblems(problems),
      "a[0]: missing; a[1]: missing; a[2]: missing; a[3]: missing; a[4]: missing; and 995 more"
    )
    assert.notInclude(formatProblems(problems.slice(0, 5)), "more")
  })

  it("joins what would have done in the same place", () => {
    assert.strictEqual(
      formatProblems([
        { path: "a", expected: "expected number, got \"x\"" },
        { path: "b", expected: "missing" },
        { path: "a", expected: "expected boolean, got \"x\"" }
      ]),
      "a: expected number or boolean, got \"x\"; b: missing"
    )
    assert.strictEqual(
      formatProblems([{ path: "a", expected: "missing" }, { path: "a", expected: "expected boolean, got 5" }]),
      "a: missing or expected boolean, got 5"
    )
    assert.strictEqual(
      formatProblems([{ path: "a", expected: "expected 1, got 5" }, { path: "a", expected: "expected 2, got 6" }]),
      "a: expected 1, got 5 or expected 2, got 6"
    )
  })
})
