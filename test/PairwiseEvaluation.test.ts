import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Schedule, Schema } from "effect"
import * as TestClock from "effect/testing/TestClock"
import {
  Dataset,
  Evaluation,
  Evaluator,
  type Experiment,
  Outcome,
  PairwiseEvaluation,
  PairwiseEvaluator,
  Row,
  Target,
  TracingClient
} from "../src/index.ts"
import { untraced } from "./support/run.ts"

/** An experiment whose target answers these; `null` fails. */
const experiment = (
  name: string,
  answers: ReadonlyArray<string | null>,
  options: { readonly repetitions?: number; readonly ids?: (i: number) => string; readonly keepRows?: boolean } = {}
) =>
  untraced(Evaluation.run(
    Evaluation.make("answers", {
      data: Dataset.fromIterable(
        "questions",
        answers.map((_, i) => ({ id: options.ids?.(i) ?? `q${i}`, inputs: i, referenceOutputs: "right" }))
      ),
      target: (i) => {
        const answer = answers[i] ?? null
        return answer === null ? Effect.fail("no answer") : Effect.succeed(answer)
      }
    }),
    { name, repetitions: options.repetitions ?? 1, keepRows: options.keepRows ?? true }
  ))

const repeat = <A>(count: number, value: A): ReadonlyArray<A> => Array.from({ length: count }, () => value)

const longer = PairwiseEvaluator.make(
  "longer",
  ({ outputs }: PairwiseEvaluator.PairwiseArgs<unknown, string>) => outputs.map((output) => output.length)
)

const pairOf = (judged: PairwiseEvaluation.PairwiseExperiment, key: string) => {
  const pair = judged.keys[key]?.pairs[0]
  assert.isDefined(pair)
  return pair
}

const failures = (judged: PairwiseEvaluation.PairwiseExperiment) =>
  judged.rows.flatMap(({ judgements }) =>
    judgements.flatMap(({ outcome }) => outcome._tag === "Failed" ? [outcome.message] : [])
  )

describe("what a pairwise evaluator is given and may return", () => {
  it.effect("runs, inputs and outputs of one example, in one order", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["a0", "a1", "a2", "a3"])
      const b = yield* experiment("b", ["b0", "b1", "b2", "b3"])
      const seen: Array<ReadonlyArray<unknown>> = []
      const judged = yield* untraced(PairwiseEvaluation.run([a, b], {
        evaluators: [function look({ example, inputs, outputs, referenceOutputs, runs }) {
          expectTypeOf(inputs).toEqualTypeOf<number>()
          expectTypeOf(outputs).toEqualTypeOf<ReadonlyArray<string>>()
          expectTypeOf(referenceOutputs).toEqualTypeOf<string>()
          seen.push([example.id, inputs, referenceOutputs])
          assert.deepStrictEqual(runs.map((run) => run.outputs), outputs)
          return "tie"
        }]
      }))
      assert.deepStrictEqual(seen.sort(), [["q0", 0, "right"], ["q1", 1, "right"], ["q2", 2, "right"], [
        "q3",
        3,
        "right"
      ]])
      assert.deepStrictEqual(judged.rows.map(({ runs }) => runs.map(({ outputs }) => outputs)), [
        ["a0", "b0"],
        ["a1", "b1"],
        ["a2", "b2"],
        ["a3", "b3"]
      ])
      assert.strictEqual(judged.name, "a vs. b")
      assert.strictEqual(pairOf(judged, "look").ties, 4)
    }))

  const shapes: ReadonlyArray<
    readonly [
      string,
      PairwiseEvaluator.Returned | ((ids: ReadonlyArray<string>) => PairwiseEvaluator.Returned),
      ReadonlyArray<number | boolean>
    ]
  > = [
    ["a place", 1, [0, 1]],
    ["tie", "tie", [0.5, 0.5]],
    ["scores in order", [0.25, 0.75], [0.25, 0.75]],
    ["booleans in order", [true, false], [true, false]],
    ["a preferred place", { preferred: 0 }, [1, 0]],
    ["a preferred tie", { preferred: "tie", comment: "both good" }, [0.5, 0.5]],
    ["a preferred run", (ids) => ({ preferred: ids[1] ?? "" }), [0, 1]],
    ["scores of an object", { scores: [3, 4], comment: null }, [3, 4]],
    ["scores by run", (ids) => ({ scores: { [ids[0] ?? ""]: 1, [ids[1] ?? ""]: 2 } }), [1, 2]],
    ["one of several", { results: [{ key: "shape", preferred: 1 }, { key: "other", preferred: 0 }] }, [0, 1]]
  ]
  for (const [name, returned, expected] of shapes) {
    for (const how of ["plain", "promise", "effect"] as const) {
      it.effect(`${name}, ${how}`, () =>
        Effect.gen(function*() {
          const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["y"])]
          const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
            order: "given",
            evaluators: [PairwiseEvaluator.make("shape", ({ runs }): PairwiseEvaluator.Return<never, never> => {
              const value = typeof returned === "function" ? returned(runs.map(({ id }) => id)) : returned
              return how === "plain" ? value : how === "promise" ? Promise.resolve(value) : Effect.succeed(value)
            })]
          }))
          const result = judged.rows[0]?.judgements[0]?.results[0]
          assert.strictEqual(result?.key, "shape")
          assert.deepStrictEqual(judged.rows[0]?.runs.map(({ id }) => result?.scores[id]), [...expected])
        }))
    }
  }

  it.effect("comments, one for all or one for each run, and the rest", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["y"])]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        evaluators: [
          PairwiseEvaluator.make("one", () => ({ preferred: 0, comment: "why", sourceRunId: "s", metadata: { a: 1 } })),
          PairwiseEvaluator.make("each", ({ runs }) => ({
            preferred: 0,
            comment: Object.fromEntries(runs.map(({ id }, i) => [id, `run ${i}`]))
          }))
        ]
      }))
      const [one, each] = judged.rows[0]?.judgements ?? []
      assert.strictEqual(one?.results[0]?.comment, "why")
      assert.strictEqual(one?.results[0]?.sourceRunId, "s")
      assert.deepStrictEqual(one?.results[0]?.metadata, { a: 1 })
      assert.sameMembers(Object.values(each?.results[0]?.comment ?? {}), ["run 0", "run 1"])
    }))

  const wrong: ReadonlyArray<readonly [string, unknown, RegExp]> = [
    ["nothing", undefined, /returned undefined: accepted are the place of the preferred run/],
    ["a place there is not", 2, /there are 2 runs, so the preferred one is 0 to 1/],
    ["half a place", 0.5, /preferred/],
    ["too many scores", [1, 2, 3], /there are 2 runs, but 3 scores/],
    ["a score that is none", [1, Number.NaN], /scores/],
    ["an unknown run", { scores: { nobody: 1 } }, /scores names the run "nobody", but the runs are [\w-]+, [\w-]+/],
    ["an unknown preferred run", { preferred: "nobody" }, /preferred names the run "nobody"/],
    ["a comment on an unknown run", { preferred: 0, comment: { nobody: "?" } }, /comment names the run "nobody"/],
    ["both", { preferred: 0, scores: [1, 0] }, /either scores or preferred/],
    ["neither", { comment: "hm" }, /either scores or preferred/],
    ["unknown fields", { preferred: 0, score: 1 }, /score: unknown field/],
    ["the result of an evaluator of rows", { key: "wrong", score: 1 }, /score: unknown field/],
    ["the same key twice", { results: [{ preferred: 0 }, { preferred: 1 }] }, /the key "wrong" is there twice/]
  ]
  for (const [name, returned, message] of wrong) {
    it.effect(`not ${name}: it fails, and the others go on`, () =>
      Effect.gen(function*() {
        const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["longest"])]
        const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
          evaluators: [
            PairwiseEvaluator.make("wrong", () => returned as PairwiseEvaluator.Returned),
            longer
          ]
        }))
        assert.match(failures(judged)[0] ?? "", message)
        assert.match(failures(judged)[0] ?? "", /The pairwise evaluator wrong returned /)
        assert.strictEqual(judged.keys["wrong"]?.outcomes.failed, 1)
        assert.strictEqual(pairOf(judged, "longer").wins, 1)
      }))
  }

  it.effect("anonymous functions must give a key", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["y"])]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        evaluators: [() => 0, () => ({ key: "mine", preferred: 0 })]
      }))
      assert.match(
        failures(judged)[0] ?? "",
        /Pairwise evaluator 1 \(anonymous\) returned .*an anonymous function must return its key/
      )
      assert.match(failures(judged)[0] ?? "", /as is needed for a function made by Effect\.fn/)
      assert.strictEqual(judged.keys["mine"]?.outcomes.scored, 1)
    }))

  it.effect("may skip", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["x", "same"]), yield* experiment("b", ["y", "same"])]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        evaluators: [function differing({ outputs: [first, second] }) {
          return first === second ? Evaluator.skip("the same") : 0
        }]
      }))
      assert.deepStrictEqual(judged.keys["differing"]?.outcomes, {
        scored: 1,
        skipped: 1,
        failed: 0,
        timedOut: 0,
        cancelled: 0
      })
    }))
})

describe("the order in which runs are presented", () => {
  const spy = (seen: Map<string, ReadonlyArray<string>>, key: string) =>
    PairwiseEvaluator.make(key, ({ example, outputs }: PairwiseEvaluator.PairwiseArgs<unknown, string>) => {
      seen.set(example.id, outputs)
      return "tie"
    })

  it.effect("is drawn for each row and evaluator from the seed, and recorded", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(200, "a")), yield* experiment("b", repeat(200, "b"))]
      const orders = (seed: number) =>
        Effect.gen(function*() {
          const seen = [new Map<string, ReadonlyArray<string>>(), new Map<string, ReadonlyArray<string>>()] as const
          const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
            seed,
            evaluators: [spy(seen[0], "one"), spy(seen[1], "two")]
          }))
          for (const row of judged.rows) {
            row.judgements.forEach(({ order }, i) =>
              assert.deepStrictEqual(seen[i]?.get(row.example.id), order.map((place) => place === 0 ? "a" : "b"))
            )
          }
          return judged.rows.map(({ judgements }) => judgements.map(({ order }) => order.join("")).join(" "))
        })
      const first = yield* orders(1)
      assert.deepStrictEqual(yield* orders(1), first)
      assert.notDeepEqual(yield* orders(2), first)
      const counts = Map.groupBy(first, (order) => order)
      // Four ways to draw two orders, 50 times each; six standard deviations are 37.
      for (const order of ["01 01", "01 10", "10 01", "10 10"]) {
        assert.closeTo(counts.get(order)?.length ?? 0, 50, 37)
      }
    }))

  it.effect("is that of the experiments if told so", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(20, "a")), yield* experiment("b", repeat(20, "b"))]
      const seen = new Map<string, ReadonlyArray<string>>()
      const judged = yield* untraced(
        PairwiseEvaluation.run(experiments, { order: "given", evaluators: [spy(seen, "s")] })
      )
      for (const outputs of seen.values()) assert.deepStrictEqual(outputs, ["a", "b"])
      assert.isUndefined(judged.keys["s"]?.positionBias)
    }))

  it.effect("shows the bias of a judge that prefers the first", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(40, "a")), yield* experiment("b", repeat(40, "b"))]
      const first = PairwiseEvaluator.make("first", () => 0)
      const random = yield* untraced(PairwiseEvaluation.run(experiments, { evaluators: [first] }))
      assert.deepInclude(random.keys["first"]?.positionBias, {
        earlierWins: 40,
        laterWins: 0,
        ties: 0,
        earlierShare: 1
      })
      assert.isBelow(random.keys["first"]?.positionBias?.pValue ?? 1, 1e-10)
      const both = yield* untraced(PairwiseEvaluation.run(experiments, { order: "both", evaluators: [first] }))
      // Judged from both sides, it says nothing about which is better.
      assert.deepInclude(pairOf(both, "first"), { wins: 0, losses: 0, ties: 40, winRate: 0.5 })
      assert.deepInclude(both.keys["first"]?.positionBias, {
        judgedTwice: 40,
        consistent: 0,
        firstBothTimes: 40,
        lastBothTimes: 0
      })
      for (const { judgements } of both.rows) {
        assert.deepStrictEqual(judgements[1]?.order, judgements[0]?.order.toReversed())
      }
      const fair = yield* untraced(PairwiseEvaluation.run(
        [yield* experiment("short", repeat(20, "x")), yield* experiment("long", repeat(20, "xxx"))],
        { order: "both", evaluators: [longer] }
      ))
      assert.deepInclude(fair.keys["longer"]?.positionBias, {
        judgedTwice: 20,
        consistent: 20,
        earlierWins: 20,
        laterWins: 20
      })
      assert.deepInclude(pairOf(fair, "longer"), { judged: 20, wins: 20 })
    }))

  it.effect("a row that was judged from one side only is not scored", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["a"]), yield* experiment("b", ["b"])]
      let calls = 0
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        order: "both",
        evaluators: [function flaky() {
          return calls++ === 0 ? Effect.succeed(0) : Effect.fail("down")
        }]
      }))
      assert.deepInclude(judged.keys["flaky"]?.outcomes, { scored: 0, failed: 1 })
      assert.strictEqual(pairOf(judged, "flaky").judged, 0)
    }))
})

describe("what judgements add up to", () => {
  it.effect("wins, losses, ties, the win rate with its interval and test", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", [...repeat(12, "x"), ...repeat(3, "xx"), ...repeat(5, "xx")])
      const b = yield* experiment("b", [...repeat(12, "xx"), ...repeat(3, "x"), ...repeat(5, "xx")])
      const judged = yield* untraced(PairwiseEvaluation.run([a, b], { evaluators: [longer] }))
      const pair = pairOf(judged, "longer")
      assert.deepInclude(pair, {
        baseline: "a",
        candidate: "b",
        judged: 20,
        wins: 12,
        losses: 3,
        ties: 5,
        winRate: 0.725
      })
      // By hand: 12 * 0.275^2 + 3 * 0.725^2 + 5 * 0.225^2 = 2.7375; / 19 / 20, the root of it.
      assert.closeTo(pair.standardError ?? 0, Math.sqrt(2.7375 / 19 / 20), 1e-12)
      // The sign test: 2 P(X <= 3) of 15 fair coins = 2 (1 + 15 + 105 + 455) / 32768.
      assert.closeTo(pair.pValue ?? 0, 1152 / 32768, 1e-12)
      assert.strictEqual(pair.adjustedPValue, pair.pValue)
      // Wilson's interval for 0.725 of 20.
      assert.closeTo(pair.interval?.lower ?? 0, 0.5059, 1e-4)
      assert.closeTo(pair.interval?.upper ?? 0, 0.8716, 1e-4)
      assert.deepStrictEqual(
        judged.keys["longer"]?.standings.map(({ experiment, losses, wins }) => [experiment, wins, losses]),
        [
          ["b", 12, 3],
          ["a", 3, 12]
        ]
      )
      // Two players: the difference of the ratings is 400 log10 of the odds.
      const [best, worst] = judged.keys["longer"]?.standings ?? []
      assert.closeTo(
        (best?.rating?.value ?? 0) - (worst?.rating?.value ?? 0),
        400 * Math.log10(14.5 / 5.5),
        1e-6
      )
    }))

  it.effect("several experiments have a ranking, or a reason why not", () =>
    Effect.gen(function*() {
      const noise = (i: number, k: number) => "x".repeat(5 + (i * 7 + k * 3) % 11 + k)
      const experiments = yield* Effect.forEach([0, 1, 2], (k) =>
        experiment(`m${k}`, Array.from({ length: 33 }, (_, i) => noise(i, k))))
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, { evaluators: [longer] }))
      const { pairs, ratingReason, standings } = judged.keys["longer"]!
      assert.isUndefined(ratingReason)
      assert.deepStrictEqual(
        pairs.map(({ baseline, candidate }) =>
          `${baseline} ${candidate}`
        ),
        ["m0 m1", "m0 m2", "m1 m2"]
      )
      assert.closeTo(
        standings.reduce((sum, { rating }) => sum + (rating?.value ?? 0), 0),
        3000,
        1e-6
      )
      const sums = standings.reduce((sum, { losses, wins }) => sum + wins - losses, 0)
      assert.strictEqual(sums, 0)
      const oneSided = yield* untraced(PairwiseEvaluation.run(
        [yield* experiment("a", ["x", "x"]), yield* experiment("b", ["xx", "xx"])],
        { evaluators: [longer] }
      ))
      assert.strictEqual(oneSided.keys["longer"]?.ratingReason, `none of "a" ever won against any of "b"`)
      assert.deepStrictEqual(oneSided.keys["longer"]?.standings.map(({ experiment }) => experiment), ["b", "a"])
    }))

  it.effect("repetitions are judged one by one, and clustered by example", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["x", "xx", "x"], { repetitions: 4 })
      const b = yield* experiment("b", ["xx", "x", "xx"], { repetitions: 4 })
      const judged = yield* untraced(PairwiseEvaluation.run([a, b], { evaluators: [longer] }))
      const pair = pairOf(judged, "longer")
      assert.deepInclude(pair, { judged: 12, wins: 8, losses: 4 })
      // CR1 of three clusters of four with means 1, 0, 1: sqrt(3 / 2 * (16/9 + 64/9 + 16/9)) / 12.
      assert.closeTo(pair.standardError ?? 0, Math.sqrt(1.5 * 96 / 9) / 12, 1e-12)
      // The test is over three examples: 2 P(X <= 1) = 1.
      assert.strictEqual(pair.pValue, 1)
    }))

  it.effect("failed runs are skipped with the reason, or lose", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["xxx", "xxx", null, null])
      const b = yield* experiment("b", ["x", null, "x", null])
      const skipped = yield* untraced(PairwiseEvaluation.run([a, b], { evaluators: [longer] }))
      assert.deepInclude(skipped.keys["longer"]?.outcomes, { scored: 1, skipped: 3 })
      assert.deepInclude(pairOf(skipped, "longer"), { judged: 1, losses: 1, byFailure: 0 })
      assert.deepStrictEqual(
        skipped.rows.map(({ judgements }) => judgements[0]?.outcome).map((outcome) =>
          outcome?._tag === "Skipped" ? outcome.reason : undefined
        ),
        [undefined, "the run of b failed", "the run of a failed", "the run of a, b failed"]
      )
      const lost = yield* untraced(PairwiseEvaluation.run([a, b], { failedRuns: "lose", evaluators: [longer] }))
      assert.deepInclude(pairOf(lost, "longer"), { judged: 3, wins: 1, losses: 2, byFailure: 2 })
      assert.deepInclude(lost.keys["longer"]?.outcomes, { scored: 1, skipped: 3 })
    }))

  it.effect("failed runs lose under every key of an evaluator, also where it says nothing about the others", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["xxx", "xxx", "x"])
      const b = yield* experiment("b", ["x", null, null])
      const judged = yield* untraced(PairwiseEvaluation.run([a, b], {
        failedRuns: "lose",
        order: "given",
        evaluators: [() => ({ results: [{ key: "style", preferred: 1 }, { key: "facts", preferred: 0 }] })]
      }))
      assert.deepStrictEqual(Object.keys(judged.keys), ["style", "facts"])
      assert.deepInclude(pairOf(judged, "style"), { judged: 3, wins: 1, losses: 2, byFailure: 2 })
      assert.deepInclude(pairOf(judged, "facts"), { judged: 3, wins: 0, losses: 3, byFailure: 2 })
      const c = yield* experiment("c", ["xx", "xx", "xx"])
      const silent = yield* untraced(PairwiseEvaluation.run([a, b, c], {
        failedRuns: "lose",
        evaluators: [function broken() {
          return Effect.fail("no judge")
        }]
      }))
      assert.deepStrictEqual(silent.keys["broken"]?.pairs.map(({ judged, losses, wins }) => [judged, wins, losses]), [
        [2, 0, 2],
        [0, 0, 0],
        [2, 2, 0]
      ])
    }))

  it.effect("of three, those that did not fail are judged, and the one that did loses", () =>
    Effect.gen(function*() {
      const experiments = [
        yield* experiment("a", ["x"]),
        yield* experiment("b", [null]),
        yield* experiment("c", ["xx"])
      ]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, { failedRuns: "lose", evaluators: [longer] }))
      assert.deepStrictEqual(
        judged.keys["longer"]?.standings.map(({ experiment, losses, wins }) => [experiment, wins, losses]),
        [["c", 2, 0], ["a", 1, 1], ["b", 0, 2]]
      )
    }))
})

describe("pairwise evaluation runs as evaluations do", () => {
  it.effect("examples are matched by content; the others are counted", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["x", "x", "x"], { ids: (i) => `old${i}` })
      const b = yield* experiment("b", ["xx", "xx"])
      const judged = yield* untraced(PairwiseEvaluation.run([a, b], { evaluators: [longer] }))
      assert.strictEqual(judged.matched, 2)
      assert.deepStrictEqual(judged.unmatched, [1, 0])
      assert.strictEqual(pairOf(judged, "longer").wins, 2)
    }))

  it.effect("with retries, timeouts and bounds", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(6, "x")), yield* experiment("b", repeat(6, "y"))]
      let attempts = 0
      let active = 0
      let most = 0
      const fiber = yield* Effect.forkChild(untraced(PairwiseEvaluation.run(experiments, {
        concurrency: 2,
        evaluators: [
          PairwiseEvaluator.make("retried", () => attempts++ % 2 === 0 ? Effect.fail("down") : Effect.succeed(0), {
            retry: Schedule.recurs(1)
          }),
          PairwiseEvaluator.make("hangs", () => Effect.never, { timeout: "1 second" }),
          PairwiseEvaluator.make("bounded", () =>
            Effect.acquireUseRelease(
              Effect.sync(() => {
                most = Math.max(most, ++active)
              }),
              () => Effect.as(Effect.sleep("1 second"), "tie" as const),
              () => Effect.sync(() => active--)
            ))
        ]
      })))
      yield* TestClock.adjust("1 minute")
      const judged = yield* Fiber.join(fiber)
      assert.strictEqual(judged.keys["retried"]?.outcomes.scored, 6)
      assert.strictEqual(judged.keys["hangs"]?.outcomes.timedOut, 6)
      assert.strictEqual(judged.keys["bounded"]?.outcomes.scored, 6)
      assert.isAtMost(most, 2)
      assert.isAtLeast(most, 1)
    }))

  it.effect("asks a judge that fails once, and keeps what the others said", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(3, "x")), yield* experiment("b", repeat(3, "longest"))]
      let asked = 0
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, {
        evaluators: [
          PairwiseEvaluator.make("down", () => {
            asked++
            return Effect.fail("the judge is down")
          }),
          longer
        ]
      }))
      assert.strictEqual(asked, 3)
      assert.strictEqual(judged.keys["down"]?.outcomes.failed, 3)
      assert.match(failures(judged)[0] ?? "", /the judge is down/)
      assert.strictEqual(pairOf(judged, "longer").wins, 3)
    }))

  it.effect("both looks at a row keep within the limits of their evaluator together", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", repeat(6, "x")), yield* experiment("b", repeat(6, "y"))]
      let active = 0
      let most = 0
      const fiber = yield* Effect.forkChild(untraced(PairwiseEvaluation.run(experiments, {
        order: "both",
        evaluators: [
          PairwiseEvaluator.make("alone", () =>
            Effect.acquireUseRelease(
              Effect.sync(() => {
                most = Math.max(most, ++active)
              }),
              () => Effect.as(Effect.sleep("1 second"), "tie" as const),
              () => Effect.sync(() => active--)
            ), { concurrency: 1 })
        ]
      })))
      yield* TestClock.adjust("1 minute")
      const judged = yield* Fiber.join(fiber)
      assert.strictEqual(judged.keys["alone"]?.outcomes.scored, 6)
      assert.strictEqual(most, 1)
    }))

  it.effect("into the tracing client, under the names of both", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["xx"])]
      const [recorded] = yield* Effect.gen(function*() {
        yield* PairwiseEvaluation.run(experiments, { evaluators: [longer] })
        return yield* (yield* TracingClient.Memory).experiments
      }).pipe(Effect.provide(Layer.fresh(TracingClient.layerMemory)))
      assert.strictEqual(recorded?.header.name, "a vs. b")
      assert.strictEqual(recorded?.rows[0] && Row.result(recorded.rows[0], "longer")?.value, "b")
    }))

  it.effect("evaluators say what they need", () =>
    Effect.gen(function*() {
      class Judge extends Context.Service<Judge, { readonly prefer: number }>()("Judge") {}
      const experiments = [yield* experiment("a", ["x"]), yield* experiment("b", ["y"])]
      const program = PairwiseEvaluation.run(experiments, {
        order: "given",
        evaluators: [function judged() {
          return Effect.map(Judge, ({ prefer }) => prefer)
        }]
      })
      expectTypeOf<Effect.Services<typeof program>>().toEqualTypeOf<Judge | TracingClient.TracingClient>()
      const judged = yield* untraced(program).pipe(Effect.provide(Layer.succeed(Judge, { prefer: 1 })))
      assert.strictEqual(pairOf(judged, "judged").wins, 1)
    }))

  it.effect("targets run side by side", () =>
    Effect.gen(function*() {
      const judged = yield* untraced(PairwiseEvaluation.runTargets("sides", {
        data: Dataset.fromIterable("words", ["a", "b"].map((inputs) => ({ inputs }))),
        targets: [
          Target.make("once", (word: string) => Effect.succeed(word)),
          Target.make("twice", (word: string) => Effect.succeed(word + word))
        ],
        options: { repetitions: 2 }
      }, { evaluators: [longer] }))
      assert.deepStrictEqual(judged.experiments.map(({ name }) => name), ["once", "twice"])
      assert.deepInclude(pairOf(judged, "longer"), { judged: 4, wins: 4 })
    }))

  it.effect("targets run side by side may be services of different kinds", () =>
    Effect.gen(function*() {
      const schemas = { inputs: Schema.String, outputs: Schema.String }
      class Small extends Target.Service<Small>()("Small", schemas) {}
      class Large extends Target.Service<Large>()("Large", schemas) {}
      const program = PairwiseEvaluation.runTargets("models", {
        data: Dataset.fromIterable("words", [{ inputs: "a" }]),
        targets: [Small, Large]
      }, {
        evaluators: [function larger({ outputs }) {
          expectTypeOf(outputs).toEqualTypeOf<ReadonlyArray<string>>()
          return outputs.map((output) => output.length)
        }]
      })
      expectTypeOf<Effect.Services<typeof program>>().toEqualTypeOf<Small | Large | TracingClient.TracingClient>()
      const judged = yield* untraced(program).pipe(
        Effect.provideService(Small, { run: Effect.succeed }),
        Effect.provideService(Large, { run: (word) => Effect.succeed(word.repeat(3)) })
      )
      assert.deepInclude(pairOf(judged, "larger"), { baseline: "Small", candidate: "Large", wins: 1 })
    }))

  it.effect("what cannot be judged is refused", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["x"])
      const refused = (
        experiments: ReadonlyArray<typeof a>,
        options: Partial<PairwiseEvaluation.Options<unknown>> = {}
      ) =>
        Effect.map(
          Effect.flip(untraced(PairwiseEvaluation.run(experiments, { ...options, evaluators: [longer] }))),
          String
        )
      assert.strictEqual(
        yield* refused([a]),
        "PairwiseError: A pairwise evaluation needs at least two experiments; there is one."
      )
      const other = yield* experiment("a", ["x", "y"].map(() => null), { ids: (i) => `other${i}` })
      const none = { ...other, rows: other.rows.slice(1) }
      assert.match(yield* refused([a, none]), /^PairwiseError: No example is in all of a, a \(2\)/)
      assert.match(yield* refused([a, a]), /^PairwiseError: The run [\w-]+ is in more than one of a, a \(2\), /)
      const unkept = yield* experiment("unkept", ["x"], { keepRows: false })
      assert.match(yield* refused([a, unkept]), /unkept has 1 rows, but they were not kept/)
      const wrongOrder = JSON.parse(`{ "order": "sideways" }`) as object
      assert.match(yield* refused([a, a], wrongOrder), /InvalidOptions: .*order: expected/)
      const single = Evaluator.make("single", () => true) as unknown as typeof longer
      const wrongKind = yield* Effect.flip(untraced(PairwiseEvaluation.run([a, a], { evaluators: [single] })))
      assert.match(wrongKind.message, /evaluators\[0\] is an evaluator of single runs/)
    }))

  it.effect("an experiment that was cut short fails the rows it lacks", () =>
    Effect.gen(function*() {
      const a = yield* experiment("a", ["x", "x"], { repetitions: 2 })
      const b = yield* experiment("b", ["xx", "xx"], { repetitions: 2 })
      const cut = { ...b, rows: b.rows.slice(0, 3) }
      const judged = yield* untraced(PairwiseEvaluation.run([a, cut], { evaluators: [longer] }))
      assert.strictEqual(judged.runs.failed, 1)
      assert.match(judged.rows[3]?.error ?? "", /has no run for repetition 1 in all of a, b/)
      assert.strictEqual(pairOf(judged, "longer").judged, 3)
    }))

  it.effect("the summaries are data", () =>
    Effect.gen(function*() {
      const experiments = [yield* experiment("a", ["x", "xx"]), yield* experiment("b", ["xx", "x"])]
      const judged = yield* untraced(PairwiseEvaluation.run(experiments, { order: "both", evaluators: [longer] }))
      const Json = Schema.fromJsonString(Schema.Record(Schema.String, PairwiseEvaluation.PairwiseSummary))
      assert.deepStrictEqual(
        yield* Schema.decodeEffect(Json)(yield* Schema.encodeEffect(Json)(judged.keys)),
        judged.keys
      )
      assert.isTrue(
        judged.rows.every(({ judgements }) => judgements.every(({ outcome }) => Outcome.results(outcome).length === 1))
      )
      expectTypeOf(judged).toExtend<Experiment.Overview>()
    }))
})
