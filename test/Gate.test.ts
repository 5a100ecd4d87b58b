import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Comparison, Dataset, Evaluation, Evaluator, Experiment, Gate } from "../src/index.ts"
import { untraced } from "./support/run.ts"

/** One row for each score; `null` fails, "hang" times out, "skip" has none. */
const experiment = (
  name: string,
  scores: ReadonlyArray<number | boolean | null | "skip">,
  options: {
    readonly usage?: { readonly input: number; readonly output: number; readonly cost?: number } | undefined
    readonly group?: ((i: number) => string) | undefined
    readonly maxFailures?: number | undefined
  } = {}
) =>
  untraced(Evaluation.run(
    Evaluation.make("gated", {
      data: Dataset.fromIterable(
        "data",
        scores.map((_, i) => ({ id: `e${i}`, inputs: i, metadata: { language: options.group?.(i) ?? "en" } }))
      ),
      target: (i) => {
        const score = scores[i]
        const { usage } = options
        const spend = usage === undefined
          ? Effect.void
          : Effect.void.pipe(Effect.withSpan("model", {
            attributes: {
              "gen_ai.usage.input_tokens": usage.input,
              "gen_ai.usage.output_tokens": usage.output,
              ...(usage.cost === undefined ? {} : { "gen_ai.usage.cost": usage.cost })
            }
          }))
        return Effect.andThen(
          spend,
          score === null || score === undefined ? Effect.fail("no answer") : Effect.succeed(score)
        )
      }
    }),
    {
      name,
      evaluators: [
        Evaluator.make("score", ({ outputs }) => outputs === "skip" ? Evaluator.skip("nothing to see") : outputs)
      ],
      summaries: { groupBy: ["metadata.language"] }
    }
  ))

const repeat = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

const outcome = (gate: Gate.Gate, subject: Gate.Subject) =>
  Effect.map(Gate.evaluate(gate, subject), ({ outcome }) => outcome)

const sentence = (gate: Gate.Gate, subject: Gate.Subject) =>
  Effect.map(Gate.evaluate(gate, subject), ({ outcome, sentence }) => `${outcome}: ${sentence}`)

const refusal = (gate: Gate.Gate, subject: Gate.Subject) =>
  Effect.map(Effect.flip(Gate.evaluate(gate, subject)), String)

describe("conditions on means", () => {
  it.effect("hold the mean as measured against limits, with its denominator", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 0.5, 0, null, "skip", 0.5])
      assert.strictEqual(
        yield* sentence(Gate.mean("score", { atLeast: 0.5 }), it),
        "pass: the mean of score is 0.500 over 4 of 6 rows (1 failed and is left out, 1 skipped), which is at least 0.5"
      )
      assert.strictEqual(
        yield* sentence(Gate.mean("score", { atLeast: 0.6, atMost: 0.9 }), it),
        "fail: the mean of score is 0.500 over 4 of 6 rows (1 failed and is left out, 1 skipped), " +
          "which is not at least 0.6 and at most 0.9"
      )
      const counted = yield* Experiment.summarize(it, { failures: { countAs: 0 } })
      assert.strictEqual(
        yield* sentence(Gate.mean("score", { atLeast: 0.5 }), counted),
        "fail: the mean of score is 0.400 over 5 of 6 rows (1 failed and counts as 0, 1 skipped), which is not at least 0.5"
      )
      const { figures } = yield* Gate.evaluate(Gate.mean("score", { atMost: 1 }), it)
      assert.deepStrictEqual(figures, { mean: 0.5, count: 4, failures: 1 })
    }))

  it.effect("show as many digits as it takes to tell a number from its limit", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [0.8496, 0.8496])
      assert.match(
        yield* sentence(Gate.mean("score", { atLeast: 0.85 }), it),
        /^fail: the mean of score is 0\.849600 over /
      )
      const cheap = yield* experiment("it", [1], { usage: { input: 1, output: 1, cost: 0.001003 } })
      assert.match(yield* sentence(Gate.cost({ atMost: 0.001 }), cheap), /^fail: the cost is 0\.00100300, /)
      const near = yield* experiment("it", [0.2, 0.30000000001])
      assert.match(
        yield* sentence(Gate.mean("score", { atMost: 0.25 }), near),
        /^fail: the mean of score is 0\.250000000005 /
      )
    }))

  it.effect("are inconclusive without scores", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [null, null])
      assert.strictEqual(
        yield* sentence(Gate.mean("score", { atLeast: 0 }), it),
        "inconclusive: no row has a score for score"
      )
      const one = yield* experiment("it", [0.3])
      assert.match(
        yield* sentence(Gate.confidentMean("score", { atLeast: 0 }), one),
        /^inconclusive: the mean of score is 0.300 over 1 row, without bounds: /
      )
    }))

  it.effect("are sure where the bounds are, each with the confidence asked for", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [...repeat(90, true), ...repeat(10, false)])
      // Wilson's interval at 0.9 for 90 of 100, by hand: from 0.8397 to 0.9394.
      const bounds = (yield* Gate.evaluate(Gate.confidentMean("score", { atLeast: 0.5 }), it)).figures
      assert.closeTo(bounds["lower"] ?? 0, 0.8397, 5e-4)
      assert.closeTo(bounds["upper"] ?? 0, 0.9394, 5e-4)
      assert.strictEqual(yield* outcome(Gate.confidentMean("score", { atLeast: 0.83 }), it), "pass")
      assert.strictEqual(yield* outcome(Gate.confidentMean("score", { atLeast: 0.9 }), it), "inconclusive")
      assert.strictEqual(yield* outcome(Gate.confidentMean("score", { atLeast: 0.95 }), it), "fail")
      assert.strictEqual(yield* outcome(Gate.confidentMean("score", { atMost: 0.95 }), it), "pass")
      assert.strictEqual(yield* outcome(Gate.confidentMean("score", { atMost: 0.8 }), it), "fail")
      assert.strictEqual(
        yield* outcome(Gate.confidentMean("score", { atLeast: 0.83, confidence: 0.999 }), it),
        "inconclusive"
      )
    }))

  it.effect("are about a group where one is named", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 1, 0, 1], { group: (i) => i < 2 ? "en" : "fr" })
      const group = { by: "metadata.language", value: "fr" } as const
      assert.strictEqual(
        yield* sentence(Gate.mean("score", { atLeast: 0.9, group }), it),
        "fail: the mean of score (metadata.language fr) is 0.500 over 2 rows, which is not at least 0.9"
      )
      assert.strictEqual(
        yield* refusal(Gate.mean("score", { atLeast: 0.9, group: { ...group, value: "de" } }), it),
        `GateError: The gate asks for the group metadata.language "de", which the experiment does not have. It has "en", "fr".`
      )
      assert.strictEqual(
        yield* refusal(Gate.mean("score", { atLeast: 0.9, group: { by: "split", value: "test" } }), it),
        "GateError: The gate asks for a group by split, but the experiment was not summed up by it. " +
          `Run it, or sum it up with Experiment.summarize, with groupBy: ["split"].`
      )
    }))

  it.effect("name the keys there are where theirs is none", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1])
      assert.strictEqual(
        yield* refusal(Gate.mean("scoer", { atLeast: 0.9 }), it),
        `GateError: The gate asks for the key "scoer", which the experiment does not have. It has "score".`
      )
    }))
})

describe("conditions on failures", () => {
  it.effect("count rows, or their share", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [...repeat(97, 1), null, null, "skip"])
      assert.strictEqual(
        yield* sentence(Gate.failures({ atMost: 1 }), it),
        "fail: 2 of 100 rows (2 %) failed; at most 1 may"
      )
      assert.strictEqual(
        yield* sentence(Gate.failures({ key: "score", atMost: 5, atMostShare: 0.02 }), it),
        "pass: 2 of 100 rows (2 %) failed without a score for score; at most 5 and at most 2 % may"
      )
      assert.strictEqual(yield* outcome(Gate.failures({ atMost: 5, atMostShare: 0.01 }), it), "fail")
    }))
})

describe("conditions on a comparison", () => {
  const noise = (i: number) => (i % 7) / 100
  const compare = (
    baseline: ReadonlyArray<number | null>,
    candidate: ReadonlyArray<number | null>,
    options: Comparison.Options = {}
  ) =>
    Effect.gen(function*() {
      return yield* Comparison.make(
        yield* experiment("old", baseline),
        yield* experiment("new", candidate),
        options
      )
    })
  const old = Array.from({ length: 60 }, (_, i) => 0.5 + noise(i))
  const shifted = (by: number) => old.map((score, i) => score + by + noise(i * 3 + 1) - noise(i * 5 + 2))

  it.effect("know better, not worse, and open", () =>
    Effect.gen(function*() {
      const up = yield* compare(old, shifted(0.1))
      assert.strictEqual(yield* outcome(Gate.better("score"), up), "pass")
      assert.strictEqual(yield* outcome(Gate.better("score", { by: 0.2 }), up), "fail")
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0 }), up), "pass")
      const down = yield* compare(old, shifted(-0.1))
      assert.strictEqual(yield* outcome(Gate.better("score"), down), "fail")
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.02 }), down), "fail")
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.2 }), down), "pass")
      const same = yield* compare(old, shifted(0))
      assert.strictEqual(yield* outcome(Gate.better("score"), same), "inconclusive")
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0 }), same), "inconclusive")
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.05 }), same), "pass")
      assert.match(
        yield* sentence(Gate.better("score"), up),
        /^pass: score differs from old by \+0\.1\d\d over 60 examples, with 95 % confidence at least \+0\.\d+ and at most \+0\.\d+, which is better$/
      )
    }))

  it.effect("know that less may be better", () =>
    Effect.gen(function*() {
      const down = yield* compare(old, shifted(-0.1), { lowerIsBetter: ["score"] })
      assert.strictEqual(yield* outcome(Gate.better("score"), down), "pass")
      assert.strictEqual(yield* outcome(Gate.better("score", { by: 0.05 }), down), "pass")
      assert.match(yield* sentence(Gate.better("score"), down), /less being better, which is better$/)
      const up = yield* compare(old, shifted(0.1), { lowerIsBetter: ["score"] })
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.02 }), up), "fail")
    }))

  it.effect("do not pass on the survivors of a candidate that lost scores", () =>
    Effect.gen(function*() {
      const lossy = yield* compare(old, shifted(0.1).map((score, i) => i < 3 ? null : score))
      assert.match(
        yield* sentence(Gate.better("score"), lossy),
        /^inconclusive: .* over 57 examples \(3 more lost their score\), .* which is better; but only 0 may be lost$/
      )
      assert.strictEqual(yield* outcome(Gate.better("score", { lostAtMost: 3 }), lossy), "pass")
      assert.strictEqual(
        yield* sentence(Gate.newlyFailing({ atMost: 2 }), lossy),
        "fail: 3 of 60 matched examples fail that did not in old; at most 2 may"
      )
      assert.strictEqual(yield* outcome(Gate.newlyFailing({ atMost: 3 }), lossy), "pass")
    }))

  it.effect("count examples that were not run as lost", () =>
    Effect.gen(function*() {
      const fewer = yield* compare(old, shifted(0.1).slice(0, 40))
      assert.match(
        yield* sentence(Gate.better("score"), fewer),
        /^inconclusive: .* over 40 examples \(20 more not run\), .*; but only 0 may be lost$/
      )
      assert.strictEqual(yield* outcome(Gate.better("score", { lostAtMost: 20 }), fewer), "pass")
    }))

  it.effect("are not sure of differences that are all the same unless there are many", () =>
    Effect.gen(function*() {
      const repaired = (count: number) => compare(repeat(count, 0), repeat(count, 1))
      // As the sign test has it: 0.5^4 is more than 0.05, 0.5^5 is less.
      assert.strictEqual(yield* outcome(Gate.better("score"), yield* repaired(4)), "inconclusive")
      assert.strictEqual(yield* outcome(Gate.better("score"), yield* repaired(5)), "pass")
      assert.strictEqual(yield* outcome(Gate.better("score"), yield* compare(repeat(5, 1), repeat(5, 0))), "fail")
      const unchanged = (count: number) => {
        const scores = Array.from({ length: count }, (_, i) => i % 2)
        return compare(scores, scores)
      }
      const few = yield* unchanged(10)
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.02 }), few), "inconclusive")
      assert.strictEqual(yield* outcome(Gate.better("score"), few), "inconclusive")
      const { figures } = yield* Gate.evaluate(Gate.notWorse("score", { margin: 0.02 }), few)
      assert.closeTo(figures["lower"] ?? 0, -(1 - 0.05 ** 0.1), 1e-12)
      assert.strictEqual(yield* outcome(Gate.notWorse("score", { margin: 0.02 }), yield* unchanged(200)), "pass")
      // Scores from 3 to 7 may differ by 4.
      const numbers = repeat(20, [3, 7]).flat()
      const same = yield* Gate.evaluate(Gate.notWorse("score", { margin: 0.1 }), yield* compare(numbers, numbers))
      assert.closeTo(same.figures["lower"] ?? 0, -4 * (1 - 0.05 ** (1 / 40)), 1e-12)
      const constant = yield* compare(repeat(20, 3), repeat(20, 3))
      assert.match(
        yield* sentence(Gate.notWorse("score", { margin: 0.1 }), constant),
        /^inconclusive: .*, without bounds: the scores do not vary$/
      )
    }))

  it.effect("need both experiments to have come to their end", () =>
    Effect.gen(function*() {
      const up = yield* compare(old, shifted(0.1))
      const cut = { ...up, baseline: { ...up.baseline, status: "interrupted" as const } }
      assert.match(
        yield* sentence(Gate.better("score"), cut),
        /^inconclusive: .*; but old was interrupted after 60 rows$/
      )
    }))

  it.effect("need a comparison, while conditions of an experiment are about the candidate", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1])
      assert.strictEqual(
        yield* refusal(Gate.better("score"), it),
        "GateError: The condition Better is about two experiments, but the gate was given one. " +
          "Give it what Comparison.make gives."
      )
      const up = yield* compare(old, shifted(0.1))
      const { figures } = yield* Gate.evaluate(Gate.mean("score", { atLeast: 0 }), up)
      assert.closeTo(figures["mean"] ?? 0, up.candidate.summaries["score"]?.score?.mean ?? 1, 1e-12)
    }))
})

describe("conditions on what it takes", () => {
  it.effect("know tokens and cost, and when they do not", () =>
    Effect.gen(function*() {
      const priced = yield* experiment("it", [1, 1], { usage: { input: 100, output: 50, cost: 0.25 } })
      assert.strictEqual(
        yield* sentence(Gate.tokens({ atMost: 300 }), priced),
        "pass: the number of tokens is 300, from 2 runs that say what they used, which is at most 300"
      )
      assert.strictEqual(yield* outcome(Gate.tokens({ atMost: 149, per: "row" }), priced), "fail")
      assert.strictEqual(yield* outcome(Gate.cost({ atMost: 0.5 }), priced), "pass")
      assert.strictEqual(yield* outcome(Gate.cost({ atMost: 0.2, per: "row" }), priced), "fail")
      const unpriced = yield* experiment("it", [1, 1], { usage: { input: 100, output: 50 } })
      assert.match(
        yield* sentence(Gate.cost({ atMost: 1 }), unpriced),
        /^inconclusive: .* not all of them have a price$/
      )
      const silent = yield* experiment("it", [1, 1])
      assert.strictEqual(
        yield* sentence(Gate.cost({ atMost: 1 }), silent),
        "inconclusive: no run says what it used"
      )
    }))

  it.effect("know how long runs take", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 1, 1])
      const slow: Experiment.Overview = {
        ...it,
        latencies: {
          ...it.latencies,
          target: {
            count: 3,
            mean: 1500,
            min: 10,
            max: 4000,
            percentiles: { p5: 10, p25: 20, p50: 30, p75: 1000, p90: 3000, p95: 3500, p99: 4000, relativeError: 0.01 }
          }
        }
      }
      assert.strictEqual(
        yield* sentence(Gate.latency("p95", { atMost: "3 seconds" }), slow),
        "fail: the p95 of the time that the target takes is 3.5 s (give or take 1 %) over 3 runs, which is not at most 3.0 s"
      )
      assert.strictEqual(
        yield* sentence(Gate.latency("mean", { atMost: "2 seconds" }), slow),
        "pass: the mean of the time that the target takes is 1.5 s over 3 runs, which is at most 2.0 s"
      )
      assert.strictEqual(yield* outcome(Gate.latency("max", { atMost: "1 minute", evaluator: "score" }), it), "pass")
      assert.match(yield* refusal(Gate.latency("max", { atMost: 1, evaluator: "other" }), it), /It has "score"\.$/)
    }))
})

describe("several conditions", () => {
  const pass = Gate.mean("score", { atLeast: 0.5 })
  const fail = Gate.mean("score", { atLeast: 0.99 })
  const open = Gate.cost({ atMost: 1 })

  it.effect("follow Kleene's logic", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 0.8])
      const cases: ReadonlyArray<readonly [Gate.Gate, Gate.Verdict["outcome"]]> = [
        [Gate.and(pass, pass), "pass"],
        [Gate.and(pass, open), "inconclusive"],
        [Gate.and(pass, open, fail), "fail"],
        [Gate.or(fail, fail), "fail"],
        [Gate.or(fail, open), "inconclusive"],
        [Gate.or(fail, open, pass), "pass"],
        [Gate.not(pass), "fail"],
        [Gate.not(fail), "pass"],
        [Gate.not(open), "inconclusive"],
        [Gate.not(Gate.or(fail, Gate.and(pass, fail))), "pass"]
      ]
      for (const [gate, expected] of cases) assert.strictEqual(yield* outcome(gate, it), expected)
    }))

  it.effect("fail a program with all their sentences", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 0.8])
      const error = yield* Effect.flip(Gate.check(Gate.and(pass, fail, open), it))
      assert.strictEqual(error._tag, "GateNotPassed")
      assert.strictEqual(
        error.message,
        `The gate fails.
fail: of 3 conditions, all of which must hold, 1 holds, 1 does not, 1 is open
  pass: the mean of score is 0.900 over 2 rows, which is at least 0.5
  fail: the mean of score is 0.900 over 2 rows, which is not at least 0.99
  inconclusive: no run says what it used`
      )
      assert.strictEqual((yield* Gate.check(pass, it)).outcome, "pass")
      const inconclusive = yield* Effect.flip(Gate.check(open, it))
      assert.strictEqual(inconclusive.message, "The gate is inconclusive.\ninconclusive: no run says what it used")
      assert.strictEqual((yield* Gate.check(open, it, { inconclusive: "pass" })).outcome, "inconclusive")
    }))

  it.effect("are data", () =>
    Effect.gen(function*() {
      const gate = Gate.and(
        pass,
        Gate.not(Gate.or(fail, Gate.latency("p95", { atMost: "2 seconds" }))),
        Gate.better("score")
      )
      const Json = Schema.fromJsonString(Gate.Gate)
      assert.deepStrictEqual(
        yield* Schema.decodeEffect(Json)(yield* Schema.encodeEffect(Json)(gate)),
        JSON.parse(JSON.stringify(gate))
      )
      const it = yield* experiment("it", [1, 0.8])
      const verdict = yield* Gate.evaluate(Gate.and(pass, open), it)
      const Verdict = Schema.fromJsonString(Gate.Verdict)
      assert.deepStrictEqual(yield* Schema.decodeEffect(Verdict)(yield* Schema.encodeEffect(Verdict)(verdict)), verdict)
    }))

  it.effect("have the same defaults in a file", () =>
    Effect.gen(function*() {
      const decode = Schema.decodeUnknownEffect(Gate.Gate)
      const cases: ReadonlyArray<readonly [unknown, Gate.Gate]> = [
        [{ _tag: "Better", key: "score" }, Gate.better("score")],
        [{ _tag: "NotWorse", key: "score", margin: 0.1 }, Gate.notWorse("score", { margin: 0.1 })],
        [{ _tag: "ConfidentMean", key: "score", atLeast: 1 }, Gate.confidentMean("score", { atLeast: 1 })],
        [{ _tag: "NewlyFailing" }, Gate.newlyFailing()],
        [{ _tag: "Cost", atMost: 1 }, Gate.cost({ atMost: 1 })],
        [{ _tag: "Tokens", atMost: 1 }, Gate.tokens({ atMost: 1 })]
      ]
      for (const [data, gate] of cases) assert.deepStrictEqual(yield* decode(data), gate)
    }))

  it.effect("are refused where they are none", () =>
    Effect.gen(function*() {
      const it = yield* experiment("it", [1, 0.8])
      const fromFile = JSON.parse(`{ "_tag": "And", "gates": [{ "_tag": "Mean", "key": "score" }] }`)
      assert.match(yield* refusal(fromFile, it), /gates\[0\].*expected a condition with atLeast, atMost or both/)
      assert.match(
        yield* refusal(JSON.parse(`{ "_tag": "Mode" }`), it),
        /^GateError: This is no gate: expected a condition with a _tag of Mean, .* or Not, got /
      )
      const misspelt = JSON.parse(`{ "_tag": "Mean", "key": "score", "atLeast": 0, "gruop": {} }`)
      assert.match(yield* refusal(misspelt, it), /gruop: unknown field/)
      const noDuration = Gate.latency("p95", { atMost: "soon" as "1 second" })
      assert.match(yield* refusal(noDuration, it), /atMost: expected a finite number/)
      assert.match(yield* refusal(Gate.confidentMean("score", { atLeast: 1, confidence: 95 }), it), /confidence: /)
    }))
})

it.effect("an experiment that did not complete passes no gate", () =>
  Effect.gen(function*() {
    const it = yield* experiment("it", [1, 0.8])
    const interrupted: Experiment.Overview = { ...it, status: "interrupted" }
    assert.strictEqual(
      yield* sentence(Gate.mean("score", { atLeast: 0.5 }), interrupted),
      "inconclusive: the mean of score is 0.900 over 2 rows, which is at least 0.5; but it was interrupted after 2 rows"
    )
    assert.strictEqual(yield* outcome(Gate.mean("score", { atLeast: 0.99 }), interrupted), "fail")
    assert.strictEqual(yield* outcome(Gate.not(Gate.mean("score", { atLeast: 0.99 })), interrupted), "inconclusive")
  }))
