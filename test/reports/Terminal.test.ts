import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import {
  Comparison,
  Dataset,
  Evaluation,
  Evaluator,
  Gate,
  PairwiseEvaluation,
  SummaryEvaluator
} from "../../src/index.ts"
import {
  formatCount,
  formatDifference,
  formatDuration,
  formatMean,
  formatScore
} from "../../src/internal/values/numbers.ts"
import { Terminal } from "../../src/reports/index.ts"
import { advance, numbers, untraced } from "../support/run.ts"

/** An experiment on the test clock, so that its times are known. */
const experiment = (name: string, answer: (n: number) => number | "fail" | "hang") =>
  Effect.gen(function*() {
    const evaluation = Evaluation.make("sums", {
      data: numbers(6),
      target: (n) => {
        const result = answer(n)
        if (result === "hang") return Effect.never
        return result === "fail"
          ? Effect.fail(new RangeError("no such sum"))
          : Effect.as(Effect.sleep(100 * (n + 1)), result)
      }
    })
    const fiber = yield* Effect.forkChild(untraced(Evaluation.run(evaluation, {
      name,
      timeout: "5 seconds",
      evaluators: [
        Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs),
        Evaluator.make("size", ({ outputs }) => outputs * 1.5),
        Evaluator.make("label", ({ outputs }) => outputs > 3 ? "large" : "small"),
        Evaluator.make("flaky", ({ inputs }) => inputs === 2 ? Effect.fail("judge is down") : Effect.succeed(1))
      ],
      summaryEvaluators: [
        SummaryEvaluator.make("rows", ({ rows }) => ({ score: rows.length, comment: "all of them" })),
        SummaryEvaluator.make("broken", () => Effect.fail("cannot"))
      ]
    })))
    yield* advance(60_000)
    return yield* Fiber.join(fiber)
  })

describe("the report of an experiment", () => {
  it.effect("shows counts, numbers, failures with reasons and the slowest rows", () =>
    Effect.gen(function*() {
      const report = Terminal.report(yield* experiment("first", (n) => n === 4 ? "fail" : n === 5 ? "hang" : n))
      assert.strictEqual(report, expectedReport)
    }))

  it.effect("uses colours only when asked", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n)
      assert.notInclude(Terminal.report(first), "\u001b[")
      assert.include(Terminal.report(first, { color: true }), "\u001b[1mfirst")
    }))

  it.effect("fits into narrow terminals: fewer columns, then lines", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n === 4 ? "fail" : n)
      const widest = (report: string) =>
        Math.max(...report.split("\n").filter((line) => /^[┌│├└]/.test(line)).map((line) => line.length))
      assert.isAbove(widest(Terminal.report(first)), 100)
      const narrow = Terminal.report(first, { width: 80 })
      assert.isAtMost(widest(narrow), 80)
      assert.match(narrow, /│ key +│ +mean │ +95 % interval │ scored │ skipped │ failed │/)
      assert.match(narrow, /│ correct │ 1\.000 │/)
      const narrowest = Terminal.report(first, { width: 40 })
      assert.notInclude(narrowest, "│")
      assert.include(
        narrowest,
        "\ncorrect\n  mean 1.000\n  95 % interval 0.566 to 1.000, scored 5\n  skipped 1, failed 0\nsize\n  mean"
      )
      assert.isAtMost(Math.max(...narrowest.split("\n").slice(2, 12).map((line) => line.length)), 40)
    }))

  it.effect("lists the rows that are worst under a key", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n)
      const report = Terminal.report(first, { key: "size", lowerIsBetter: ["size"], limit: 2 })
      assert.match(report, /Highest in first {2}by size\n +7\.500 {2}n5 {2}5\n +6 {2}n4 {2}4\n/)
    }))

  it.effect("says what was left out, what could not be written, and how it ended", () =>
    Effect.gen(function*() {
      const data = Dataset.fromRecords("records", numbers(0).items, {})
      const empty = yield* untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => n }), { name: "empty" }))
      assert.match(Terminal.report(empty), /^empty {2}0 rows of records/)
      const report = Terminal.report({
        ...empty,
        status: "failed",
        error: "TooManyFailures: 5 of 9",
        leftOut: { count: 2, messages: ["a.jsonl:3: bad"] },
        tracingFailures: [{ client: "journal", rows: 7, message: "the disk is full" }]
      })
      assert.match(report, /2 left out, failed: TooManyFailures: 5 of 9/)
      assert.match(report, /Left out of the dataset \(2\)\n {2}a\.jsonl:3: bad/)
      assert.match(report, /Not written \(empty\)\n {2}journal: 7 rows {2}the disk is full/)
    }))

  it.effect("takes hostile texts as texts", () =>
    Effect.gen(function*() {
      const evaluation = Evaluation.make("t", {
        data: Dataset.fromIterable("d", [{ id: "a\u001b[2Jb", inputs: "x\ny\u001b[31mz" }]),
        target: () => Effect.fail("\u001b]0;title\u0007boom")
      })
      const hostile = yield* untraced(Evaluation.run(evaluation, { name: "hostile" }))
      assert.notInclude(Terminal.report(hostile), "\u001b")
      assert.notInclude(Terminal.report(hostile), "\u0007")
    }))
})

describe("the comparison of experiments", () => {
  it.effect("shows them beside each other, the differences, and the examples that got better and worse", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n < 3 ? n : -n)
      const second = yield* experiment("second", (n) => n === 0 ? 7 : n === 5 ? "fail" : n)
      const report = Terminal.comparison(yield* Comparison.make(first, second), {
        output: (row) => String(row.run.outputs)
      })
      assert.strictEqual(report, expectedComparison)
    }))

  it.effect("says so when nothing changed", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n)
      const comparison = yield* Comparison.make(first, { ...first, name: "again" })
      assert.match(Terminal.comparison(comparison), /No example changed in correct\./)
    }))

  it.effect("works for keys that only one of them has", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n)
      const other = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(2), target: (n) => n }), {
          name: "other",
          evaluators: [Evaluator.make("new", () => 1)]
        })
      )
      const report = Terminal.comparison(yield* Comparison.make(first, other))
      assert.match(report, /│ new +│ first +│ +– │/)
      assert.match(report, /2 examples in both, 4 only in first/)
      assert.match(report, /│ new +│ +– │ +– │ +– │ undecided │/)
    }))

  it.effect("of several has a ranking", () =>
    Effect.gen(function*() {
      const experiments = [
        yield* experiment("first", (n) => n),
        yield* experiment("second", (n) => n < 3 ? n : -n),
        yield* experiment("third", (n) => -n)
      ]
      const report = Terminal.comparisons(yield* Comparison.makeAll(experiments, { keys: ["correct"] }))
      assert.match(report, /Each pair {2}6 examples in both, failures left out/)
      assert.match(report, /│ correct │ 1 │ first +│ 1\.000 │ +│ +│ +│ +6 │\n│ +│ 2 │ second +│ 0\.500 │ +−0\.500 │/)
      assert.match(report, /adjusted for 2 after Holm/)
    }))
})

describe("pairwise evaluations and gates", () => {
  it.effect("show who won, where, and what failed", () =>
    Effect.gen(function*() {
      const experiments = [
        yield* experiment("small", (n) => n),
        yield* experiment("large", (n) => n + 1),
        yield* experiment("largest", (n) => n === 0 ? -1 : n + 2)
      ]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        order: "both",
        evaluators: [
          function larger({ outputs }) {
            return outputs.map(Number)
          },
          function broken() {
            return Effect.fail("no judge")
          }
        ]
      }))
      const report = Terminal.pairwise(judged)
      assert.match(report, /^small vs\. large vs\. largest {2}6 rows of numbers/)
      assert.match(report, /6 examples in all; judged in an order drawn for each row \(seed 0\), and in its reverse/)
      assert.match(report, /│ larger │ large +│ small +│ +6 │ +0 │ +0 │ +1\.000 │/)
      assert.match(report, /│ +│ largest +│ small +│ +5 │ +1 │ +0 │ +0\.833 │/)
      assert.match(report, /Standings {2}ratings after Bradley and Terry/)
      assert.match(report, /of 18 judged twice 18 came out the same/)
      assert.match(report, /Judgements that failed \(12\)\n {2}broken: no judge {2}12×, such as n0/)
    }))

  it.effect("say what a gate says", () =>
    Effect.gen(function*() {
      const first = yield* experiment("first", (n) => n === 0 ? -1 : n)
      const verdict = yield* Gate.evaluate(
        Gate.and(Gate.mean("correct", { atLeast: 0.5 }), Gate.failures({ atMost: 0 })),
        first
      )
      assert.strictEqual(
        Terminal.verdict(verdict),
        `fail  of 2 conditions, all of which must hold, 1 holds, 1 does not
  pass  the mean of correct is 0.833 over 6 rows, which is at least 0.5
  fail  1 of 6 rows (16.7 %) failed; at most 0 may
`
      )
    }))
})

describe("numbers", () => {
  it("are written as people read them", () => {
    assert.deepStrictEqual([0, 1, 1319, 0.5, 12.345, 123.456, 12345.6, 0.00012, -3].map(formatScore), [
      "0",
      "1",
      "1,319",
      "0.500",
      "12.35",
      "123.5",
      "12,346",
      "0.000120",
      "-3"
    ])
    assert.deepStrictEqual([0, 1, 0.5].map(formatMean), ["0.000", "1.000", "0.500"])
    assert.deepStrictEqual([0.25, -0.25].map(formatDifference), ["+0.250", "−0.250"])
    assert.deepStrictEqual([0.314, 12.3, 1234, 200_000].map(formatDuration), [
      "0.31 ms",
      "12 ms",
      "1.2 s",
      "3 min 20 s"
    ])
    assert.strictEqual(formatCount(1234567), "1,234,567")
  })
})

const expectedReport = `first  6 rows of numbers, target sums, 5.0 s, 3 with failures

┌─────────┬───────┬─────────────────┬──────────────┬────────┬────────────┬────────┬─────────┬────────┬─────────┐
│ key     │  mean │   95 % interval │              │ median │      range │ scored │ skipped │ failed │ values  │
├─────────┼───────┼─────────────────┼──────────────┼────────┼────────────┼────────┼─────────┼────────┼─────────┤
│ correct │ 1.000 │  0.510 to 1.000 │ ████████████ │        │            │      4 │       2 │      0 │         │
│ size    │ 2.250 │ -0.831 to 5.331 │ █   █   █  █ │  2.250 │ 0 to 4.500 │      4 │       2 │      0 │         │
│ label   │     – │               – │              │        │            │      4 │       2 │      0 │ small 4 │
│ flaky   │ 1.000 │  0.439 to 1.000 │ ████████████ │        │            │      3 │       2 │      1 │         │
└─────────┴───────┴─────────────────┴──────────────┴────────┴────────────┴────────┴─────────┴────────┴─────────┘

up to 3 rows without a score because something failed are left out of the numbers

Of the whole
  rows  6  all of them
  broken  cannot

Failures in first (3)
  flaky: judge is down  1×, such as n2
  target: RangeError: no such sum  1×, such as n4
  target: took longer than 5s and was interrupted  1×, such as n5

Lowest in first  by size
          0  n0  0
      1.500  n1  1
          3  n2  2

Slowest in first  median 250 ms, 95 % below 3.9 s
      5.0 s  n5  5
     400 ms  n3  3
     300 ms  n2  2
`

const expectedComparison = `first  6 rows of numbers, target sums, 600 ms, 1 with failures
second  6 rows of numbers, target sums, 500 ms, 2 with failures

┌─────────┬────────────┬────────┬─────────────────┬──────────────┬────────┬────────────────┬────────┬─────────┬────────┬──────────────────┐
│ key     │ experiment │   mean │   95 % interval │              │ median │          range │ scored │ skipped │ failed │ values           │
├─────────┼────────────┼────────┼─────────────────┼──────────────┼────────┼────────────────┼────────┼─────────┼────────┼──────────────────┤
│ correct │ first      │  0.500 │  0.188 to 0.812 │ ██████░░░░░░ │        │                │      6 │       0 │      0 │                  │
│         │ second     │  0.800 │  0.376 to 0.964 │ █████████▋░░ │        │                │      5 │       1 │      0 │                  │
│ size    │ first      │ -2.250 │ -6.785 to 2.285 │              │ -2.250 │    -7.500 to 3 │      6 │       0 │      0 │                  │
│         │ second     │  5.100 │  0.812 to 9.388 │              │  4.500 │ 1.500 to 10.50 │      5 │       1 │      0 │                  │
│ label   │ first      │      – │               – │              │        │                │      6 │       0 │      0 │ small 6          │
│         │ second     │      – │               – │              │        │                │      5 │       1 │      0 │ small 3, large 2 │
│ flaky   │ first      │  1.000 │  0.566 to 1.000 │ ████████████ │        │                │      5 │       0 │      1 │                  │
│         │ second     │  1.000 │  0.510 to 1.000 │ ████████████ │        │                │      4 │       1 │      1 │                  │
└─────────┴────────────┴────────┴─────────────────┴──────────────┴────────┴────────────────┴────────┴─────────┴────────┴──────────────────┘

first: a row without a score because something failed is left out of the numbers
second: up to 2 rows without a score because something failed are left out of the numbers

Of the whole
  first  rows  6  all of them
  first  broken  cannot
  second  rows  6  all of them
  second  broken  cannot

first to second  6 examples in both, failures left out
1 example that had a score in first has none in second (correct, size, label, flaky); the differences are over the others.

┌─────────┬────────────┬──────────────────┬───────┬──────────────┬────────┬───────┬──────┬──────┐
│ key     │ difference │    95 % interval │     p │ verdict      │ better │ worse │ same │ lost │
├─────────┼────────────┼──────────────────┼───────┼──────────────┼────────┼───────┼──────┼──────┤
│ correct │     +0.200 │ −0.839 to +1.000 │ 1.000 │ inconclusive │      2 │     1 │    2 │    1 │
│ size    │     +6.300 │ −0.961 to +13.56 │ 0.750 │ inconclusive │      3 │     0 │    2 │    1 │
│ label   │          – │                – │     – │ undecided    │      0 │     0 │    3 │    1 │
│ flaky   │         ±0 │ +0.000 to +0.000 │ 1.000 │ inconclusive │      0 │     0 │    4 │    1 │
└─────────┴────────────┴──────────────────┴───────┴──────────────┴────────┴───────┴──────┴──────┘

p: McNemar's mid-p test, paired permutation test, adjusted for 4 after Holm
correct: there are too few examples to find any difference
size: so many examples find a difference of 7.327 with a probability of 80 %

Better (2)  correct, first to second
  0 to 1  n3  3
      -3  to  3
  0 to 1  n4  4
      -4  to  4

Worse (1)  correct, first to second
  1 to 0  n0  0
      0  to  7

Lost (1)  correct, first to second
  n5  5  RangeError: no such sum

Newly failing (1)
  n5  5  RangeError: no such sum

1 example fails in both.

Failures in first (1)
  flaky: judge is down  1×, such as n2

Failures in second (2)
  flaky: judge is down  1×, such as n2
  target: RangeError: no such sum  1×, such as n5

Slowest in first  median 350 ms, 95 % below 575 ms
     600 ms  n5  5
     500 ms  n4  4
     400 ms  n3  3

Slowest in second  median 250 ms, 95 % below 475 ms
     500 ms  n4  4
     400 ms  n3  3
     300 ms  n2  2
`
