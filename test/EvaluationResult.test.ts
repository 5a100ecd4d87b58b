import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
import { Evaluation, EvaluationResult, Evaluator, Experiment, Outcome, Row } from "../src/index.ts"
import { returning, returningAnonymously, ways } from "./support/returning.ts"
import { counts, kinds, numbers, untraced } from "./support/run.ts"

const identity = Evaluation.make("identity", { data: numbers(2), target: (n) => n })

type Judge = ReturnType<typeof ways>[keyof ReturnType<typeof ways>]

/** Runs the evaluator between two others, which must not notice; gives the experiment. */
const judged = Effect.fnUntraced(function*(evaluator: Judge) {
  const experiment = yield* untraced(Evaluation.run(identity, {
    evaluators: [
      Evaluator.make("before", () => 0.25),
      evaluator,
      Evaluator.make("after", () => Effect.succeed("fine"))
    ]
  }))
  assert.strictEqual(experiment.status, "completed")
  assert.strictEqual(experiment.rowCount, 2)
  for (const row of experiment.rows) {
    assert.deepStrictEqual(Row.result(row, "before"), { key: "before", score: 0.25 })
    assert.deepStrictEqual(Row.result(row, "after"), { key: "after", value: "fine" })
  }
  for (const { outcomes } of Object.values(experiment.summaries)) {
    assert.strictEqual(Object.values(outcomes).reduce((sum, count) => sum + count), experiment.rowCount)
  }
  return experiment
})

const outcomeOf = (experiment: Experiment.Experiment): Outcome.Outcome => {
  const outcome = experiment.rows[0]?.evaluations[1]?.outcome
  assert.isDefined(outcome)
  return outcome
}

const messageOf = (outcome: Outcome.Outcome): string => {
  assert.strictEqual(outcome._tag, "Failed")
  return outcome._tag === "Failed" ? outcome.message : ""
}

/** The error with its whole message, of which the outcome's is a line. */
const invalidResultOf = (outcome: Outcome.Outcome): EvaluationResult.InvalidResult => {
  const error = outcome._tag === "Failed" ? outcome.cause.reasons.find(Cause.isFailReason)?.error : undefined
  assert.instanceOf(error, EvaluationResult.InvalidResult)
  return error
}

// -----------------------------------------------------------------------------
// what may be returned
// -----------------------------------------------------------------------------

/** What becomes of what was returned: results, a skipped row with its reason, or a failure with its message. */
type Becomes =
  | { readonly results: ReadonlyArray<EvaluationResult.EvaluationResult> }
  | { readonly skipped: RegExp }
  | { readonly failed: RegExp }

interface Line {
  readonly returned: string
  readonly make: () => unknown
  readonly becomes: Becomes
  /** Why it is not what LangSmith's Python SDK makes of it, where it is not. */
  readonly reason?: string
}

const results = (...results: ReadonlyArray<EvaluationResult.EvaluationResult>): Becomes => ({ results })
const failed = (message: RegExp): Becomes => ({ failed: message })
const skipped = (reason: RegExp): Becomes => ({ skipped: reason })

/** The documented type, as an instance of a class. */
class TypedResult implements EvaluationResult.KeyedResult {
  readonly key: string
  readonly score: number
  constructor(key: string, score: number) {
    this.key = key
    this.score = score
  }
}

/** The shapes that LangSmith's two SDKs were seen to take or refuse. */
const shapes: ReadonlyArray<Line> = [
  {
    returned: "{ key, score }",
    make: () => ({ key: "accuracy", score: 0.5 }),
    becomes: results({ key: "accuracy", score: 0.5 })
  },
  {
    returned: "{ key, score } as an instance of a class",
    make: () => new TypedResult("accuracy", 0.5),
    becomes: results({ key: "accuracy", score: 0.5 })
  },
  { returned: "{ score }", make: () => ({ score: 0.5 }), becomes: results({ key: "correct", score: 0.5 }) },
  { returned: "true", make: () => true, becomes: results({ key: "correct", score: true }) },
  { returned: "false", make: () => false, becomes: results({ key: "correct", score: false }) },
  { returned: "0.2", make: () => 0.2, becomes: results({ key: "correct", score: 0.2 }) },
  { returned: "0", make: () => 0, becomes: results({ key: "correct", score: 0 }) },
  { returned: "\"good\"", make: () => "good", becomes: results({ key: "correct", value: "good" }) },
  { returned: "an empty text", make: () => "", becomes: failed(/returned "": an empty text is no label/) },
  { returned: "null", make: () => null, becomes: failed(/returned null: there is nothing to score in it/) },
  { returned: "undefined", make: () => undefined, becomes: failed(/returned undefined: there is nothing to score/) },
  {
    returned: "{}",
    make: () => ({}),
    becomes: failed(/returned an empty object: expected at least one of score, value and comment/)
  },
  {
    returned: "a list of keyed results",
    make: () => [{ key: "a", score: 1 }, { key: "b", value: "x" }],
    becomes: results({ key: "a", score: 1 }, { key: "b", value: "x" })
  },
  {
    returned: "a list with a result without key",
    make: () => [{ key: "a", score: 1 }, { score: 1 }],
    becomes: failed(/returned an array of 2: \[1\]\.key: missing/)
  },
  { returned: "[]", make: () => [], becomes: failed(/returned an empty array: a list needs at least one result/) },
  { returned: "a list of numbers", make: () => [1, 2], becomes: failed(/\[0\]: expected object, got 1; \[1\]: /) },
  { returned: "a pair", make: () => ["correct", 1], becomes: failed(/\[0\]: expected object, got "correct"/) },
  {
    returned: "a list of typed results",
    make: () => [new TypedResult("a", 1), new TypedResult("b", 0)],
    becomes: results({ key: "a", score: 1 }, { key: "b", score: 0 }),
    reason: "the type that is documented for one result is good for several, too"
  },
  {
    returned: "{ results: [keyed, ...] }",
    make: () => ({ results: [{ key: "a", score: 1 }, { key: "b", score: 2 }] }),
    becomes: results({ key: "a", score: 1 }, { key: "b", score: 2 })
  },
  {
    returned: "{ results: [one without key] }",
    make: () => ({ results: [{ score: 1 }] }),
    becomes: failed(/results\[0\]\.key: missing/)
  },
  {
    returned: "{ results: [] }",
    make: () => ({ results: [] }),
    becomes: skipped(/returned no results/),
    reason: "no result is what was meant, but the row is counted under the evaluator instead of leaving no trace"
  },
  { returned: "{ value }", make: () => ({ value: "x" }), becomes: results({ key: "correct", value: "x" }) },
  {
    returned: "{ value: a number }",
    make: () => ({ value: 5 }),
    becomes: results({ key: "correct", value: 5 }),
    reason: "no warning: a number that is a label is the author's choice, and no mean counts it"
  },
  {
    returned: "{ comment }",
    make: () => ({ comment: "nicely put" }),
    becomes: results({ key: "correct", comment: "nicely put" })
  },
  {
    returned: "{ key }",
    make: () => ({ key: "accuracy" }),
    becomes: failed(/expected at least one of score, value and comment/)
  },
  {
    returned: "an unknown field",
    make: () => ({ accuracy: 5 }),
    becomes: failed(/returned an object with key accuracy: accuracy: unknown field/)
  },
  {
    returned: "an unknown field beside a score",
    make: () => ({ score: 1, reasoning: "because" }),
    becomes: failed(/reasoning: unknown field/)
  }
]

/** What the peers' documents do not settle. */
const furtherShapes: ReadonlyArray<Line> = [
  { returned: "Evaluator.skip", make: () => Evaluator.skip("not mine"), becomes: skipped(/^not mine$/) },
  {
    returned: "Evaluator.skip without a reason",
    make: () => Reflect.construct(EvaluationResult.Skip, []),
    becomes: skipped(/no reason/)
  },
  {
    returned: "Evaluator.skip with a reason that is no text",
    make: () => Reflect.construct(EvaluationResult.Skip, [404]),
    becomes: skipped(/^404$/)
  },
  { returned: "{ score: null }", make: () => ({ score: null }), becomes: skipped(/score: null/) },
  {
    returned: "{ score: null, comment }",
    make: () => ({ score: null, comment: "cannot tell" }),
    becomes: skipped(/^cannot tell$/)
  },
  {
    returned: "{ score: null, correction, comment }",
    make: () => ({ score: null, correction: { a: 1 }, comment: "wrong" }),
    becomes: results({ key: "correct", correction: { a: 1 }, comment: "wrong" })
  },
  {
    returned: "{ score: null, metadata }",
    make: () => ({ score: null, metadata: { a: 1 } }),
    becomes: results({ key: "correct", metadata: { a: 1 } })
  },
  {
    returned: "{ score: null, value }",
    make: () => ({ score: null, value: "x" }),
    becomes: results({ key: "correct", value: "x" })
  },
  {
    returned: "{ score, comment: null, correction: null, extra: null }",
    make: () => ({ score: 1, comment: null, correction: null, extra: null }),
    becomes: results({ key: "correct", score: 1 })
  },
  {
    returned: "fields that are undefined",
    make: () => ({ key: undefined, score: 1, value: undefined, comment: undefined }),
    becomes: results({ key: "correct", score: 1 })
  },
  { returned: "{ value: null }", make: () => ({ value: null }), becomes: failed(/expected at least one of score/) },
  { returned: "{ score: text }", make: () => ({ score: "0.5" }), becomes: failed(/score: expected .*, got "0.5"/) },
  { returned: "{ key: \"\" }", make: () => ({ key: "", score: 1 }), becomes: failed(/key: expected .*, got ""/) },
  { returned: "{ key: number }", make: () => ({ key: 5, score: 1 }), becomes: failed(/key: expected string.*, got 5/) },
  {
    returned: "the same key twice",
    make: () => [{ key: "a", score: 1 }, { key: "a", score: 0 }],
    becomes: failed(/the key "a" is there twice/)
  },
  {
    returned: "{ results: no list }",
    make: () => ({ results: 5 }),
    becomes: failed(/results: expected array, got 5/)
  },
  {
    returned: "{ results: [...], key }",
    make: () => ({ results: [{ key: "a", score: 1 }], key: "b" }),
    becomes: failed(/key: unknown field/)
  },
  {
    returned: "a list of which one has nothing to score",
    make: () => [{ key: "a", score: 1 }, { key: "b", score: null }],
    becomes: results({ key: "a", score: 1 })
  },
  {
    returned: "a list of which one has a comment only",
    make: () => [{ key: "a", score: 1 }, { key: "b", score: null, comment: "cannot tell" }],
    becomes: results({ key: "a", score: 1 }, { key: "b", comment: "cannot tell" })
  },
  {
    returned: "a list of which none has anything to score",
    make: () => [{ key: "a", score: null }, { key: "b", score: null }],
    becomes: skipped(/no results/)
  },
  { returned: "NaN", make: () => Number.NaN, becomes: failed(/returned NaN: a score must be finite/) },
  { returned: "Infinity", make: () => -Infinity, becomes: failed(/returned -Infinity: a score must be finite/) },
  {
    returned: "{ score: NaN }",
    make: () => ({ score: Number.NaN }),
    becomes: failed(/score: expected a finite number, got NaN/)
  },
  {
    returned: "a value that is a function",
    make: () => ({ value: () => 1 }),
    becomes: failed(/value: expected data, got the function value/)
  },
  {
    returned: "a value that is a symbol, in a list",
    make: () => [{ key: "a", score: 1 }, { key: "b", value: Symbol("s") }],
    becomes: failed(/\[1\]\.value: expected data, got Symbol\(s\)/)
  }
]

const expectOutcome = (outcome: Outcome.Outcome, becomes: Becomes) => {
  if ("results" in becomes) {
    assert.strictEqual(outcome._tag, "Scored")
    assert.deepStrictEqual(Outcome.results(outcome), becomes.results)
  } else if ("skipped" in becomes) {
    assert.isString(outcome._tag === "Skipped" ? outcome.reason : outcome)
    assert.match(outcome._tag === "Skipped" ? outcome.reason : "", becomes.skipped)
  } else {
    assert.match(messageOf(outcome), becomes.failed)
    assert.strictEqual(invalidResultOf(outcome).evaluator, "correct")
  }
}

describe("what an evaluator may return", () => {
  for (const { becomes, make, reason, returned } of [...shapes, ...furtherShapes]) {
    const what = "results" in becomes ? "is taken" : "skipped" in becomes ? "is skipped" : "is refused"
    it.effect(`${returned} ${what}${reason === undefined ? "" : ` (unlike LangSmith: ${reason})`}`, () =>
      Effect.gen(function*() {
        for (const evaluator of Object.values(ways(make))) expectOutcome(outcomeOf(yield* judged(evaluator)), becomes)
      }))
  }

  it.effect("gets the name of its function, but an anonymous function has none to give (unlike LangSmith)", () =>
    Effect.gen(function*() {
      // Where all lambdas share one key, the scores of two of them are one mean.
      const { summaries } = yield* judged(returning(() => ({ score: 1 })))
      assert.strictEqual(summaries["correct"]?.score?.mean, 1)
      const keyed = outcomeOf(yield* judged(returningAnonymously(() => ({ key: "accuracy", score: 1 }))))
      assert.deepStrictEqual(Outcome.results(keyed), [{ key: "accuracy", score: 1 }])
      for (const returned of [true, 1, "good", { score: 1 }, { comment: "c" }]) {
        const outcome = outcomeOf(yield* judged(returningAnonymously(() => returned)))
        assert.match(messageOf(outcome), /^InvalidResult: Evaluator 2 \(anonymous\) returned/)
        assert.match(messageOf(outcome), /an anonymous function must return its key: \{ key: "\.\.\.", score: /)
      }
    }))

  it.effect("gets no name from Effect.fn, and the message says what to do", () =>
    Effect.gen(function*() {
      const bare = Effect.fn("correct")(function*() {
        return yield* Effect.succeed(true)
      })
      const experiment = yield* untraced(Evaluation.run(identity, {
        evaluators: [bare, Evaluator.make("correct", bare)],
        summaryEvaluators: [bare, function broken() {
          return JSON.parse("{}") as EvaluationResult.Returned
        }]
      }))
      const outcome = experiment.rows[0]?.evaluations[0]?.outcome
      assert.include(
        outcome?._tag === "Failed" ? outcome.message : "",
        "InvalidResult: Evaluator 1 (anonymous) returned true: an anonymous function must return its key: " +
          "{ key: \"...\", score: ... }. Or give the function a name, or wrap it in Evaluator.make(\"...\", ...), as is " +
          "needed for a function made by Effect.fn, which has no name. Accepted are"
      )
      assert.strictEqual(experiment.summaries["correct"]?.score?.mean, 1)
      const [anonymous, named] = experiment.summaryResults
      assert.match(anonymous?.error ?? "", /^InvalidResult: Summary evaluator 1 \(anonymous\) returned true: /)
      assert.match(anonymous?.error ?? "", /wrap it in SummaryEvaluator\.make\("\.\.\.", \.\.\.\)/)
      assert.match(named?.error ?? "", /^InvalidResult: The summary evaluator broken returned an empty object: /)
    }))

  it.effect("is nothing where it fails, and the failure is kept whole (unlike LangSmith: it is no feedback)", () =>
    Effect.gen(function*() {
      const error = new RangeError("out of range")
      const failures: Array<readonly [Judge, "Fail" | "Die"]> = [
        [
          returning(() => {
            throw error
          }),
          "Die"
        ],
        [() => Promise.reject(error), "Fail"],
        [() => Effect.fail(error) as Effect.Effect<never>, "Fail"],
        [() => Effect.die(error), "Die"]
      ]
      for (const [evaluator, kind] of failures) {
        const experiment = yield* judged(evaluator)
        const outcome = outcomeOf(experiment)
        assert.strictEqual(messageOf(outcome), "RangeError: out of range")
        const [reason] = outcome._tag === "Failed" ? outcome.cause.reasons : []
        assert.strictEqual(reason?._tag, kind)
        assert.strictEqual(
          reason !== undefined && Cause.isFailReason(reason)
            ? reason.error
            : reason !== undefined && Cause.isDieReason(reason)
            ? reason.defect
            : undefined,
          error
        )
        const name = experiment.evaluators[1]?.name ?? ""
        assert.deepStrictEqual(counts(experiment, name), { failed: 2 })
        assert.isUndefined(experiment.summaries[name]?.score)
      }
    }))

  it.effect("is not an Effect or a Promise inside another one, which nobody would run", () =>
    Effect.gen(function*() {
      const nested: ReadonlyArray<readonly [string, () => unknown]> = [
        ["an Effect", async () => Effect.succeed(1)],
        ["an Effect", () => Effect.succeed(Effect.succeed(1))],
        ["a Promise", () => Effect.succeed<unknown>(Promise.resolve(1))]
      ]
      for (const [what, returned] of nested) {
        const message = messageOf(outcomeOf(yield* judged(returning(returned))))
        assert.include(message, `returned ${what} inside another Effect or Promise: it has not been run`)
      }
    }))
})

// -----------------------------------------------------------------------------
// what is said about a wrong result
// -----------------------------------------------------------------------------

describe("the message for a wrong result", () => {
  const accepted =
    "Accepted are a boolean, a finite number, a text, { score | value | comment, key?, ... }, a list of " +
    "such results that each have a key, or { results: [...] }."

  const messages: ReadonlyArray<readonly [unknown, string]> = [
    [null, "null: there is nothing to score in it; to leave a run out, return Evaluator.skip(reason)"],
    [10n, "10n: there is nothing to score in it; to leave a run out, return Evaluator.skip(reason)"],
    [new Date(0), "a Date: expected at least one of score, value and comment, got a Date"],
    [
      { score: "high", comment: 5 },
      "an object with keys score, comment: score: expected number | boolean | null | undefined, got \"high\"; comment: " +
      "expected string | null | undefined, got 5"
    ],
    [
      [{ key: "a", score: 1 }, { key: "b", score: 1, scroe: 2 }],
      "an array of 2: [1].scroe: unknown field"
    ],
    [
      { results: [{ key: "a", score: 1 }, { key: "b", feedbackConfig: { type: "stars" }, score: 1 }] },
      "an object with key results: results[1].feedbackConfig.type: expected \"continuous\" | \"categorical\" | " +
      "\"freeform\", got \"stars\""
    ]
  ]

  for (const [returned, what] of messages) {
    it.effect(`says what came back, where it is wrong, and what is accepted: ${what}`, () =>
      Effect.gen(function*() {
        const error = invalidResultOf(outcomeOf(yield* judged(returning(() => returned))))
        assert.strictEqual(error.message, `The evaluator correct returned ${what}. ${accepted}`)
      }))
  }

  it.effect("stays short however much is wrong, and says how much that is", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<readonly [unknown, string]> = [
        [Array.from({ length: 5000 }, (_, n) => n), "and 4995 more"],
        [Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`field${n}`, n])), "and 2995 more"],
        [Object("x".repeat(2000)), "and 1995 more"]
      ]
      for (const [returned, more] of wrong) {
        const outcome = outcomeOf(yield* judged(returning(() => returned)))
        const { message } = invalidResultOf(outcome)
        assert.isBelow(message.length, 700)
        assert.include(message, more)
        assert.include(message, accepted)
      }
    }))
})

// -----------------------------------------------------------------------------
// what becomes of a good result
// -----------------------------------------------------------------------------

const everything = () => ({
  key: "accuracy",
  score: 0.123456789012345,
  value: { label: "good", parts: [1.00001, 0.99999] },
  comment: "a\n\tcomment, \u{1f600}",
  correction: { answer: "42", alternatives: ["42.0"] },
  evaluatorInfo: { model: "judge", tokens: { input: 12, output: 3 } },
  feedbackConfig: {
    type: "categorical" as const,
    min: null,
    max: null,
    categories: [{ value: 0, label: "bad" }, { value: 1, label: null }, { value: 2 }]
  },
  sourceRunId: "source",
  targetRunId: "target",
  metadata: { prompt: { version: 3 } },
  extra: { raw: { logprobs: [-0.1, -4.605170185988] } }
})

/** Every object in the value, the value itself included. */
const objectsIn = (value: unknown): ReadonlyArray<object> =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(objectsIn)] : []

describe("a result", () => {
  it.effect("keeps every field as it was returned", () =>
    Effect.gen(function*() {
      for (const evaluator of Object.values(ways(everything))) {
        assert.deepStrictEqual(Outcome.results(outcomeOf(yield* judged(evaluator))), [everything()])
      }
      const several = returning(() => ({ results: [everything(), { ...everything(), key: "second" }] }))
      assert.deepStrictEqual(
        Outcome.results(outcomeOf(yield* judged(several))),
        [everything(), { ...everything(), key: "second" }]
      )
    }))

  it.effect("is a copy: what the evaluator keeps is neither changed nor shared", () =>
    Effect.gen(function*() {
      const one = everything()
      const list = [everything(), { ...everything(), key: "second" }]
      const batch = { results: [everything()] }
      for (const kept of [one, list, batch]) {
        const before = structuredClone(kept)
        const outcome = outcomeOf(yield* judged(returning(() => kept)))
        assert.deepStrictEqual<unknown>(kept, before)
        assert.isTrue(objectsIn(kept).every((object) => Object.isExtensible(object)), "nothing of it is frozen")
        const owned = new Set(objectsIn(kept))
        assert.deepStrictEqual(objectsIn(Outcome.results(outcome)).filter((object) => owned.has(object)), [])
      }
      const outcome = outcomeOf(yield* judged(returning(() => one)))
      one.value.parts.push(5)
      one.metadata.prompt.version = 4
      one.extra.raw.logprobs.length = 0
      assert.deepStrictEqual(Outcome.results(outcome), [everything()])
    }))

  it.effect("may be one constant for all rows, frozen or not", () =>
    Effect.gen(function*() {
      const frozen = Object.freeze({ key: "k", score: 1, metadata: Object.freeze({ a: Object.freeze([1]) }) })
      const experiment = yield* judged(returning(() => frozen))
      assert.deepStrictEqual(counts(experiment, "k"), { scored: 2 })
      assert.notStrictEqual(Row.result(experiment.rows[0] ?? { evaluations: [] }, "k"), frozen)
    }))

  it.effect("has its score to the last bit, in the row, in the numbers, and in JSON", () =>
    Effect.gen(function*() {
      const codec = Schema.fromJsonString(Experiment.schema())
      for (
        const score of [
          0.1 + 0.2,
          1 / 3,
          0.00004,
          123456.78901234567,
          5e-324,
          1.7976931348623157e308,
          2 ** 53 - 1,
          -1e-7
        ]
      ) {
        const experiment = yield* judged(returning(() => ({ score })))
        const again = Schema.decodeSync(codec)(Schema.encodeSync(codec)(experiment))
        for (const { rows, summaries } of [experiment, again]) {
          assert.deepStrictEqual(rows.map((row) => Row.result(row, "correct")?.score), [score, score])
          const { max, mean, min } = summaries["correct"]?.score ?? {}
          assert.deepStrictEqual([min, mean, max], [score, score, score])
        }
      }
    }))

  it.effect("may have a score of minus zero, which is zero in the numbers", () =>
    Effect.gen(function*() {
      const experiment = yield* judged(returning(() => -0))
      assert.isTrue(Object.is(Row.result(experiment.rows[0] ?? { evaluations: [] }, "correct")?.score, -0))
      const { max, mean, min } = experiment.summaries["correct"]?.score ?? {}
      for (const number of [min, mean, max]) assert.isTrue(Object.is(number, 0))
    }))
})

// -----------------------------------------------------------------------------
// what hostile values do
// -----------------------------------------------------------------------------

const cyclic = (): unknown => {
  const value: { name: string; list: Array<unknown>; self?: unknown } = { name: "cyclic", list: [] }
  value.self = value
  value.list.push(value)
  return value
}

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

const throwing = (): never => {
  throw new Error("not to be read")
}

const trapped = (trap: keyof ProxyHandler<object>) => new Proxy({ key: "k", score: 1 }, { [trap]: throwing })

class WithGetter {
  readonly key = "k"
  get score(): number {
    return 1
  }
}

class Unwritable {
  toJSON(): never {
    return throwing()
  }
}

type Kind = "Scored" | "Skipped" | "Failed"

/** Values that are easy to return by mistake, or hard to return at all. */
const hostile: ReadonlyArray<readonly [string, Kind, () => unknown]> = [
  ["a key named __proto__", "Scored", () => ({ key: "__proto__", score: 1 })],
  ["keys named like Object's own", "Scored", () => [
    { key: "constructor", score: 1 },
    { key: "__proto__", value: "x" },
    { key: "toString", score: true },
    { key: "hasOwnProperty", comment: "c" }
  ]],
  ["an own __proto__ in the result", "Failed", () => JSON.parse("{\"score\":1,\"__proto__\":{\"key\":\"k\"}}")],
  [
    "an own __proto__ in the metadata",
    "Scored",
    () => JSON.parse("{\"score\":1,\"metadata\":{\"__proto__\":{\"a\":1}}}")
  ],
  ["an own __proto__ in the value", "Scored", () => JSON.parse("{\"value\":{\"__proto__\":{\"a\":1}}}")],
  ["a getter of the score that throws", "Failed", () => ({
    get score() {
      return throwing()
    }
  })],
  ["a getter in the value that throws", "Failed", () => ({
    value: {
      get a() {
        return throwing()
      }
    }
  })],
  ["a getter of the results that throws", "Failed", () => ({
    get results() {
      return throwing()
    }
  })],
  ["a getter of then that throws", "Failed", () => ({
    get then() {
      return throwing()
    }
  })],
  ["a thenable that throws", "Failed", () => ({ then: throwing })],
  ["a proxy", "Scored", () => new Proxy({ key: "k", score: 1 }, {})],
  ["a proxy whose get throws", "Failed", () => trapped("get")],
  ["a proxy whose ownKeys throws", "Failed", () => trapped("ownKeys")],
  ["a proxy whose getPrototypeOf throws", "Failed", () => trapped("getPrototypeOf")],
  ["a proxy whose getOwnPropertyDescriptor throws", "Failed", () => trapped("getOwnPropertyDescriptor")],
  ["a revoked proxy", "Failed", () => {
    const { proxy, revoke } = Proxy.revocable({ score: 1 }, {})
    revoke()
    return proxy
  }],
  ["a proxy in the value", "Failed", () => ({ value: trapped("ownKeys") })],
  ["a cyclic object", "Failed", cyclic],
  ["a cyclic value", "Scored", () => ({ value: cyclic() })],
  ["a cyclic metadata", "Scored", () => ({ score: 1, metadata: cyclic() })],
  ["a value that is nested deep", "Scored", () => ({ value: nested(1500) })],
  ["a value that is nested too deep to be copied", "Failed", () => ({ value: nested(200_000) })],
  ["a huge text", "Scored", () => "x".repeat(1_000_000)],
  ["a huge key", "Scored", () => ({ key: "k".repeat(100_000), score: 1 })],
  ["a huge comment", "Scored", () => ({ score: 1, comment: "c".repeat(1_000_000) })],
  ["half a character", "Scored", () => ({ value: "\ud800", comment: "\udc00" })],
  ["many results", "Scored", () => Array.from({ length: 2000 }, (_, n) => ({ key: `k${n}`, score: n }))],
  ["an instance of a class", "Scored", () => new WithGetter()],
  ["a value that is an instance of a class", "Scored", () => ({ value: new WithGetter() })],
  ["a value that cannot be written as JSON", "Scored", () => ({ value: new Unwritable() })],
  ["a value with a getter of its own that throws, on an instance of a class", "Scored", () => ({
    value: Object.defineProperty(new WithGetter(), "own", { enumerable: true, get: throwing })
  })],
  ["an object without prototype", "Scored", () => Object.assign(Object.create(null), { score: 1 })],
  ["a frozen list", "Scored", () => Object.freeze([Object.freeze({ key: "a", score: 1 })])],
  ["a list with holes", "Failed", () => new Array(3)],
  ["a symbol", "Failed", () => Symbol("s")],
  ["a symbol as key", "Failed", () => ({ key: Symbol("s"), score: 1 })],
  ["a function", "Failed", () => () => true],
  ["a class", "Failed", () => WithGetter],
  ["a generator", "Failed", () => [1].values()],
  ["a BigInt", "Failed", () => 1n],
  ["a BigInt as score", "Failed", () => ({ score: 1n })],
  ["a BigInt as value", "Scored", () => ({ value: 2n ** 70n })],
  ["a Date", "Failed", () => new Date()],
  ["a Date as value", "Scored", () => ({ value: new Date(0) })],
  ["an invalid Date as value", "Scored", () => ({ value: new Date(Number.NaN) })],
  ["a Map", "Failed", () => new Map([["score", 1]])],
  ["a Map as value", "Scored", () => ({ value: new Map([["a", new Set([1])]]) })],
  ["a boxed number", "Failed", () => Object(1)],
  ["a boxed text", "Failed", () => Object("good")],
  ["a typed array", "Failed", () => new Float64Array(2)],
  ["an Error", "Failed", () => new Error("returned")],
  ["NaN in the value", "Scored", () => ({ value: [Number.NaN, -Infinity, -0] })],
  [
    "a reason to skip that cannot be read",
    "Failed",
    () => Object.defineProperty(Evaluator.skip("x"), "reason", { get: throwing })
  ]
]

describe("whatever an evaluator returns", () => {
  const codec = Schema.fromJsonString(Experiment.schema())

  for (const [name, kind, make] of hostile) {
    it.effect(`${name}: the run completes, the row is ${kind}, and JSON holds it`, () =>
      Effect.gen(function*() {
        for (const evaluator of Object.values(ways(make))) {
          const experiment = yield* judged(evaluator)
          for (const row of experiment.rows) assert.strictEqual(row.evaluations[1]?.outcome._tag, kind)
          const outcome = outcomeOf(experiment)
          if (outcome._tag === "Failed") assert.isBelow(outcome.message.length, 501)
          const again = Schema.decodeSync(codec)(Schema.encodeSync(codec)(experiment))
          assert.deepStrictEqual(again.rows.map(kinds), experiment.rows.map(kinds))
          assert.deepStrictEqual(Object.keys(again.summaries), Object.keys(experiment.summaries))
        }
        assert.isUndefined(Reflect.get({}, "a"), "nobody's prototype is changed")
      }))
  }

  it.effect("is read as little as can be, and by whichever way it comes the run goes on", () =>
    Effect.gen(function*() {
      const answersTwice = returning(() => ({
        then(resolve: (value: unknown) => void) {
          resolve(true)
          resolve(false)
        }
      }))
      assert.deepStrictEqual(Outcome.results(outcomeOf(yield* judged(answersTwice))), [{ key: "correct", score: true }])
      for (const evaluator of Object.values(ways(() => trapped("has")))) yield* judged(evaluator)
    }))

  it.effect("is what it was when it was checked, whatever a getter gives the next time", () =>
    Effect.gen(function*() {
      for (const field of ["comment", "evaluatorInfo"]) {
        const fickle = returning(() => {
          let read = 0
          return Object.defineProperty({ [field]: field === "comment" ? "c" : {} }, "score", {
            enumerable: true,
            get: () => read++ === 0 ? 1 : Number.NaN
          })
        })
        const experiment = yield* judged(fickle)
        assert.deepStrictEqual(experiment.rows.map((row) => Row.result(row, "correct")?.score), [1, 1])
        assert.strictEqual(experiment.summaries["correct"]?.score?.mean, 1)
      }
    }))

  it.effect("says what went wrong where it could not be read", () =>
    Effect.gen(function*() {
      const getter = returning(() => ({
        get score() {
          return throwing()
        }
      }))
      assert.match(
        invalidResultOf(outcomeOf(yield* judged(getter))).message,
        /^The evaluator correct returned an object with key score: reading it failed with Error: not to be read\. Accepted/
      )
      const proxy = returning(() => trapped("ownKeys"))
      assert.match(
        invalidResultOf(outcomeOf(yield* judged(proxy))).message,
        /^The evaluator correct returned a value: reading it failed with Error: not to be read\. Accepted/
      )
    }))
})

describe("the numbers over extreme scores", () => {
  const scoresOf = (scores: ReadonlyArray<number>) =>
    Effect.map(
      untraced(Evaluation.run(
        Evaluation.make("extreme", { data: numbers(scores.length), target: (n) => scores[n] ?? 0 }),
        { evaluators: [Evaluator.make("k", ({ outputs }) => outputs)] }
      )),
      ({ summaries }) => summaries["k"]?.score
    )

  it.effect("do not overflow", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* scoresOf([1e308, 1e308, 1e308, 1e308]))?.mean, 1e308)
      assert.strictEqual((yield* scoresOf([1.7e308, -1.7e308]))?.mean, 0)
      const spread = yield* scoresOf([1.7e308, -1.7e308, 1.7e308])
      assert.isTrue(Number.isFinite(spread?.mean))
      assert.isFalse(Object.values(spread ?? {}).some(Number.isNaN))
      assert.notProperty(spread, "standardDeviation", "it is too large to be a number")
    }))

  it.effect("do not lose small differences between large scores", () =>
    Effect.gen(function*() {
      const statistics = yield* scoresOf([1e16, 1, -1e16, 1])
      assert.strictEqual(statistics?.mean, 0.5)
      const close = yield* scoresOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
      assert.strictEqual(close?.mean, 1e9 + 10)
      assert.approximately(close?.standardDeviation ?? 0, Math.sqrt(30), 1e-6)
    }))

  it.effect("have a mean between the least and the greatest, so that equal scores pass a threshold of themselves", () =>
    Effect.gen(function*() {
      for (const score of [0.1, 0.3, 0.7, 0.9, 1 / 3]) {
        for (const count of [3, 6, 7, 10, 49]) {
          const statistics = yield* scoresOf(new Array(count).fill(score))
          assert.strictEqual(statistics?.mean, score, `${count} times ${score}`)
          assert.strictEqual(statistics?.standardDeviation, 0)
        }
      }
    }))
})

describe("the summaries", () => {
  it.effect("keep keys apart that look like another evaluator's", () =>
    Effect.gen(function*() {
      const experiment = yield* untraced(Evaluation.run(identity, {
        evaluators: [
          Evaluator.make("a", () => [{ key: "k", score: 1 }, { key: "b.k", score: 2 }]),
          Evaluator.make("b", () => ({ key: "k", score: 3 })),
          Evaluator.make("c", () => ({ key: "b.k", score: 4 }))
        ]
      }))
      assert.deepStrictEqual(
        Object.values(experiment.summaries).map(({ evaluator, key, score }) => [evaluator, key, score?.mean]),
        [["a", "k", 1], ["a", "b.k", 2], ["b", "k", 3], ["c", "b.k", 4]]
      )
      assert.strictEqual(experiment.summaries["k"]?.score?.mean, 1)
      assert.strictEqual(experiment.summaries["b.k"]?.score?.mean, 2)
    }))

  it.effect("count values that cannot be compared or written", () =>
    Effect.gen(function*() {
      const experiment = yield* judged(returning(() => ({ value: cyclic() })))
      const { outcomes, values } = experiment.summaries["correct"] ?? {}
      assert.strictEqual(outcomes?.scored, 2)
      assert.deepStrictEqual(values?.map(({ count }) => count), [2])
      assert.include(values?.[0]?.value, "cyclic")
    }))
})

describe("an evaluator in LangSmith's object style", () => {
  it.effect("may have no prototype, and then no name", () =>
    Effect.gen(function*() {
      const evaluator: Evaluator.RunEvaluator<number, number, number, unknown> = Object.assign(Object.create(null), {
        evaluateRun: () => ({ key: "bare", score: 1 })
      })
      const experiment = yield* untraced(Evaluation.run(identity, { evaluators: [evaluator] }))
      assert.deepStrictEqual(counts(experiment, "bare"), { scored: 2 })
    }))

  it.effect("has no name if that of its class or function is no text", () =>
    Effect.gen(function*() {
      const misnamed = Object.defineProperty(() => ({ key: "misnamed", score: 1 }), "name", { value: 5 })
      const evaluator: Evaluator.RunEvaluator<number, number, number, unknown> = Object.assign(
        Object.create({ constructor: { name: 5 } }),
        { evaluateRun: () => ({ key: "object", score: 1 }) }
      )
      const experiment = yield* untraced(Evaluation.run(identity, { evaluators: [misnamed, evaluator] }))
      assert.deepStrictEqual(experiment.evaluators.map(({ name }) => name), [
        "evaluator 1 (anonymous)",
        "evaluator 2 (evaluateRun)"
      ])
      assert.deepStrictEqual(counts(experiment, "misnamed"), { scored: 2 })
      assert.deepStrictEqual(counts(experiment, "object"), { scored: 2 })
    }))
})
