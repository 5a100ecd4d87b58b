import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Comparison, Dataset, Evaluation, Evaluator, type Example, Experiment, type Row } from "../src/index.ts"
import * as Statistics from "../src/statistics/index.ts"
import { untraced } from "./support/run.ts"

type Score = number | boolean | string | null

interface Spec {
  readonly id?: string
  readonly inputs: string
  readonly metadata?: { readonly document: string }
  /** One for each repetition; `null` fails. */
  readonly scores: ReadonlyArray<Score>
}

/** An experiment whose target gives these scores, under the key `score`, and their doubles under `double`. */
const experiment = (name: string, specs: ReadonlyArray<Spec>, options: { readonly version?: string } = {}) => {
  const byInputs = new Map(specs.map(({ inputs, scores }) => [inputs, scores]))
  return untraced(Evaluation.run(
    Evaluation.make("compared", {
      data: Dataset.fromIterable(
        "data",
        specs.map(({ id, inputs, metadata }): Example.Input<string, undefined, { readonly document: string }> => ({
          id,
          inputs,
          metadata: metadata ?? { document: "" }
        }))
      ),
      target: (inputs, { repetition }): Effect.Effect<number | boolean | string, string> => {
        const score = byInputs.get(inputs)?.[repetition] ?? null
        return score === null ? Effect.fail(`no answer to ${inputs}`) : Effect.succeed(score)
      }
    }),
    {
      name,
      repetitions: Math.max(1, ...specs.map(({ scores }) => scores.length)),
      evaluators: [
        Evaluator.make("score", ({ outputs }) => outputs, options),
        Evaluator.make("size", ({ outputs }) => typeof outputs === "number" ? outputs * 2 : Evaluator.skip("no number"))
      ]
    }
  ))
}

/** One row an example, named after its place. */
const single = (name: string, scores: ReadonlyArray<Score>) =>
  experiment(name, scores.map((score, i) => ({ id: `e${i}`, inputs: `question ${i}`, scores: [score] })))

const numbersOf = (comparison: Comparison.Comparison, key = "score"): Comparison.KeyNumbers => {
  const numbers = comparison.keys[key]?.numbers
  assert.isDefined(numbers)
  return numbers
}

const ids = (pairs: ReadonlyArray<{ readonly example: { readonly id: string } }> | undefined) =>
  pairs?.map(({ example }) => example.id)

const random = (seed: number) => () => (seed = (seed * 48271) % 2147483647) / 2147483647

describe("matching", () => {
  it.effect("goes by content: ids may change, and changed content is no match", () =>
    Effect.gen(function*() {
      const before = yield* experiment("before", [
        { id: "same", inputs: "a", scores: [1] },
        { id: "renamed", inputs: "b", scores: [1] },
        { id: "edited", inputs: "c", scores: [1] },
        { id: "removed", inputs: "d", scores: [1] }
      ])
      const after = yield* experiment("after", [
        { id: "added", inputs: "e", scores: [0] },
        { id: "edited", inputs: "c, edited", scores: [0] },
        { id: "new name", inputs: "b", scores: [0] },
        { id: "same", inputs: "a", scores: [0] }
      ])
      const comparison = yield* Comparison.make(before, after)
      assert.deepStrictEqual(ids(comparison.matched), ["same", "new name"])
      assert.deepStrictEqual(comparison.changed.map(({ baseline, candidate }) => [baseline.inputs, candidate.inputs]), [
        ["c", "c, edited"]
      ])
      assert.deepStrictEqual(comparison.onlyBaseline.map(({ id }) => id), ["removed"])
      assert.deepStrictEqual(comparison.onlyCandidate.map(({ id }) => id), ["added"])
      assert.strictEqual(numbersOf(comparison).examples.both, 2)
      assert.match(comparison.warnings.join(), /1 example with the same id but other content is not compared/)
    }))

  it.effect("keeps an id to its content where two examples swapped ids", () =>
    Effect.gen(function*() {
      const before = yield* experiment("before", [
        { id: "x", inputs: "a", scores: [1] },
        { id: "y", inputs: "b", scores: [0] }
      ])
      const after = yield* experiment("after", [
        { id: "y", inputs: "a", scores: [1] },
        { id: "x", inputs: "b", scores: [0] }
      ])
      const comparison = yield* Comparison.make(before, after)
      assert.strictEqual(comparison.matched.length, 2)
      assert.strictEqual(numbersOf(comparison).unchanged, 2)
    }))

  const Specs = Schema.Array(Schema.Struct({
    id: Schema.Literals(["a", "b", "c", "d", "e"]),
    inputs: Schema.Literals(["1", "2", "3", "4"])
  }))
  const unique = (specs: typeof Specs.Type): ReadonlyArray<Spec> =>
    Array.from(new Map(specs.map((spec) => [spec.id, { ...spec, scores: [1] }])).values())

  it.effect.prop("puts every example of both sides in exactly one place, and only the same content together", {
    left: Specs,
    right: Specs
  }, ({ left, right }) =>
    Effect.gen(function*() {
      const before = yield* experiment("before", unique(left))
      const after = yield* experiment("after", unique(right))
      const comparison = yield* Comparison.make(before, after)
      const places = (side: "baseline" | "candidate") =>
        [
          ...comparison.matched.map((pair) => pair[side][0]?.example.id),
          ...comparison.changed.map((pair) => pair[side].id),
          ...(side === "baseline" ? comparison.onlyBaseline : comparison.onlyCandidate).map(({ id }) => id)
        ].sort()
      assert.deepStrictEqual(places("baseline"), unique(left).map(({ id }) => id).sort())
      assert.deepStrictEqual(places("candidate"), unique(right).map(({ id }) => id).sort())
      for (const { baseline, candidate } of comparison.matched) {
        assert.strictEqual(baseline[0]?.example.inputs, candidate[0]?.example.inputs)
      }
      for (const { baseline, candidate } of comparison.changed) {
        assert.strictEqual(baseline.id, candidate.id)
        assert.notStrictEqual(baseline.inputs, candidate.inputs)
      }
      // Nothing is left on both sides that could have been matched.
      const left_ = new Set(comparison.onlyBaseline.map(({ contentHash }) => contentHash))
      assert.isTrue(comparison.onlyCandidate.every(({ contentHash }) => !left_.has(contentHash)))
    }))

  it.effect("works on experiments that have been JSON", () =>
    Effect.gen(function*() {
      const codec = Schema.toCodecJson(Experiment.schema())
      const before = yield* single("before", [1, 0, 1])
      const after = yield* single("after", [1, 1, null])
      const read = (self: Experiment.Experiment) =>
        Effect.flatMap(Schema.encodeEffect(codec)(self), (json) =>
          Schema.decodeUnknownEffect(codec)(JSON.parse(JSON.stringify(json))))
      const comparison = yield* Comparison.make(yield* read(before), after)
      assert.strictEqual(comparison.matched.length, 3)
      assert.deepStrictEqual(comparison.keys, (yield* Comparison.make(before, after)).keys)
    }))
})

describe("a row that crashed in the candidate", () => {
  it.effect("is matched, listed, counted, and never just gone", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 1, 0, null, 1])
      const after = yield* single("after", [1, null, 1, 1, 0])
      const comparison = yield* Comparison.make(before, after)
      assert.strictEqual(comparison.matched.length, 5)
      assert.deepStrictEqual(ids(comparison.newlyFailing), ["e1"])
      assert.deepStrictEqual(ids(comparison.newlyPassing), ["e3"])
      const { gained, improved, lost, numbers, regressed } = comparison.keys["score"] ?? assert.fail()
      assert.deepStrictEqual(numbers.examples, { both: 3, onlyBaseline: 1, onlyCandidate: 1, neither: 0 })
      assert.deepStrictEqual(ids(lost), ["e1"])
      assert.deepStrictEqual(ids(gained), ["e3"])
      assert.deepStrictEqual(ids(improved), ["e2"])
      assert.deepStrictEqual(ids(regressed), ["e4"])
      assert.strictEqual(lost[0]?.candidate[0]?.run.error, "no answer to question 1")
      assert.strictEqual(lost[0]?.baseline[0]?.run.outputs, 1)
    }))

  it.effect("counts as a score if asked", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 1, 0, null, 1])
      const after = yield* single("after", [1, null, 1, 1, 0])
      const comparison = yield* Comparison.make(before, after, { failures: { countAs: 0 } })
      const { improved, numbers, regressed } = comparison.keys["score"] ?? assert.fail()
      assert.strictEqual(numbers.examples.both, 5)
      assert.deepStrictEqual(ids(improved), ["e2", "e3"])
      assert.deepStrictEqual(ids(regressed), ["e1", "e4"])
      assert.closeTo(numbers.baseline ?? NaN, 0.6, 1e-12)
    }))

  it.effect("is failing in both if it was before", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [null, 1])
      const comparison = yield* Comparison.make(before, yield* single("after", [null, 1]))
      assert.deepStrictEqual(ids(comparison.failingInBoth), ["e0"])
      assert.strictEqual(numbersOf(comparison).examples.neither, 1)
    }))
})

describe("the numbers of a key", () => {
  it.effect("are McNemar's for shares", () =>
    Effect.gen(function*() {
      const next = random(7)
      const scores = Array.from({ length: 200 }, () => [next() < 0.6, next() < 0.75])
      const before = scores.map(([score]) => Number(score))
      const after = scores.map(([, score]) => Number(score))
      const comparison = yield* Comparison.make(yield* single("before", before), yield* single("after", after))
      const numbers = numbersOf(comparison)
      const expected = Statistics.pairedDifference(after, before)
      const test = Statistics.mcnemarMidP(Statistics.pairedCounts(after, before))
      assert.strictEqual(numbers.kind, "share")
      assert.deepStrictEqual(numbers.test, {
        name: "mcnemar-mid-p",
        statistic: test.statistic ?? NaN,
        pValue: test.pValue ?? NaN
      })
      assert.strictEqual(numbers.difference.estimate, expected.estimate)
      assert.strictEqual(numbers.difference.lower, expected.lower)
      const { onlyFirst, onlySecond } = Statistics.pairedCounts(after, before)
      assert.deepStrictEqual(numbers.effectSize, { name: "matched-odds-ratio", value: onlyFirst / onlySecond })
      assert.strictEqual(numbers.improved, onlyFirst)
      assert.strictEqual(numbers.regressed, onlySecond)
      const differences = after.map((x, i) => x - (before[i] ?? 0))
      assert.closeTo(
        numbers.minimumDetectableEffect ?? NaN,
        Statistics.minimumDetectableEffect(200, { differenceVariance: Statistics.variance(differences) ?? NaN }),
        1e-12
      )
    }))

  it.effect("of shares have no interval that shares cannot have; numbers may", () =>
    Effect.gen(function*() {
      const shares = yield* Comparison.make(yield* single("a", [false, true]), yield* single("b", [true, true]))
      const { difference, kind } = numbersOf(shares)
      assert.deepInclude({ kind, ...difference }, { kind: "share", estimate: 0.5, lower: -1, upper: 1 })
      const numbers = yield* Comparison.make(yield* single("a", [1, 2]), yield* single("b", [2, 5]))
      assert.isAbove(numbersOf(numbers).difference.upper ?? 0, 10)
    }))

  it.effect("are those of the t test for many numbers, and of the permutation test for few", () =>
    Effect.gen(function*() {
      for (const [count, name] of [[40, "paired-t"], [12, "paired-permutation"]] as const) {
        const next = random(count)
        const before = Array.from({ length: count }, () => next())
        const after = before.map((score) => score + next() * 0.5 - 0.1)
        const comparison = yield* Comparison.make(yield* single("before", before), yield* single("after", after))
        const { effectSize, test, verdict } = numbersOf(comparison)
        assert.strictEqual(test.name, name)
        const expected = name === "paired-t"
          ? Statistics.pairedDifference(after, before)
          : Statistics.pairedPermutationTest(after, before)
        assert.strictEqual(test.pValue, expected.pValue)
        assert.strictEqual(verdict, "better")
        const differences = after.map((x, i) => x - (before[i] ?? 0))
        assert.closeTo(
          effectSize.value ?? NaN,
          (Statistics.mean(differences) ?? NaN) / (Statistics.standardDeviation(differences) ?? NaN),
          1e-12
        )
      }
    }))

  it.effect("know that examples of one document are not independent", () =>
    Effect.gen(function*() {
      const specs = (shift: number) =>
        Array.from({ length: 80 }, (_, i): Spec => ({
          id: `e${i}`,
          inputs: `q${i}`,
          metadata: { document: `d${Math.floor(i / 8)}` },
          scores: [(i % 7) / 7 + shift * Math.floor(i / 8) / 10]
        }))
      const before = yield* experiment("before", specs(0))
      const after = yield* experiment("after", specs(1))
      const plain = numbersOf(yield* Comparison.make(before, after))
      const clustered = numbersOf(yield* Comparison.make(before, after, { clusterBy: "metadata.document" }))
      assert.strictEqual(plain.difference.estimate, clustered.difference.estimate)
      assert.isAbove(clustered.difference.standardError ?? 0, 2 * (plain.difference.standardError ?? NaN))
      assert.strictEqual(plain.test.name, "paired-t")
      // Ten documents are too few for a t test.
      assert.strictEqual(clustered.test.name, "paired-permutation")
      assert.isAbove(clustered.minimumDetectableEffect ?? 0, plain.minimumDetectableEffect ?? NaN)
    }))

  it.effect("take the mean of repetitions, as many as there are", () =>
    Effect.gen(function*() {
      const before = yield* experiment("before", [
        { id: "a", inputs: "a", scores: [1, 0, 1, 0] },
        { id: "b", inputs: "b", scores: [0, 0, 0, null] }
      ])
      const after = yield* experiment("after", [
        { id: "a", inputs: "a", scores: [1] },
        { id: "b", inputs: "b", scores: [1] }
      ])
      const comparison = yield* Comparison.make(before, after)
      const numbers = numbersOf(comparison)
      assert.strictEqual(numbers.kind, "number")
      assert.strictEqual(numbers.baseline, 0.25)
      assert.strictEqual(numbers.difference.estimate, 0.75)
      assert.deepStrictEqual(comparison.keys["score"]?.improved.map((change) => change.baselineScore), [0, 0.5])
      assert.strictEqual(comparison.keys["score"]?.improved[0]?.baseline.length, 4)
      assert.match(comparison.warnings.join(), /run 4 times in before and once in after/)
    }))

  it.effect("know where less is better", () =>
    Effect.gen(function*() {
      const before = yield* single("before", Array.from({ length: 40 }, (_, i) => 5 + (i % 3)))
      const after = yield* single("after", Array.from({ length: 40 }, (_, i) => 3 + (i % 4)))
      const comparison = yield* Comparison.make(before, after, { lowerIsBetter: ["score"] })
      assert.strictEqual(numbersOf(comparison).verdict, "better")
      assert.isBelow(numbersOf(comparison).difference.estimate ?? NaN, 0)
      assert.strictEqual(numbersOf(comparison, "size").verdict, "worse")
      assert.isAbove(numbersOf(comparison).improved, numbersOf(comparison).regressed)
    }))

  it.effect("say of labels only whether they are the same", () =>
    Effect.gen(function*() {
      const before = yield* single("before", ["yes", "no", "maybe", null])
      const after = yield* single("after", ["yes", "yes", null, null])
      const comparison = yield* Comparison.make(before, after)
      const numbers = numbersOf(comparison)
      assert.strictEqual(numbers.kind, "label")
      assert.strictEqual(numbers.unchanged, 1)
      assert.deepStrictEqual(numbers.examples, { both: 2, onlyBaseline: 1, onlyCandidate: 0, neither: 1 })
      assert.strictEqual(numbers.verdict, "undecided")
      assert.match(numbers.test.reason ?? "", /no order/)
      assert.deepStrictEqual(ids(comparison.keys["score"]?.lost), ["e2"])
    }))

  it.effect("say why there is nothing to say", () =>
    Effect.gen(function*() {
      const nothing = numbersOf(yield* Comparison.make(yield* single("a", [null]), yield* single("b", [1])))
      assert.strictEqual(nothing.kind, "none")
      assert.strictEqual(nothing.verdict, "undecided")
      assert.isString(nothing.difference.reason)
      assert.isString(nothing.test.reason)
      const one = numbersOf(yield* Comparison.make(yield* single("a", [0.5]), yield* single("b", [1])))
      assert.strictEqual(one.difference.estimate, 0.5)
      assert.match(one.difference.reason ?? "", /two pairs/)
      assert.isUndefined(one.minimumDetectableEffect)
      const same = numbersOf(yield* Comparison.make(yield* single("a", [1, 0]), yield* single("b", [1, 0])))
      assert.strictEqual(same.test.pValue, 1)
      assert.strictEqual(same.verdict, "inconclusive")
      // All differences the same: no spread to compare with, but a sign is a sign.
      const shifted = numbersOf(
        yield* Comparison.make(
          yield* single("a", Array.from({ length: 40 }, () => 0.5)),
          yield* single("b", Array.from({ length: 40 }, () => 0.75))
        )
      )
      assert.strictEqual(shifted.test.name, "paired-permutation")
      assert.strictEqual(shifted.verdict, "better")
    }))

  it.effect("have p-values adjusted for the number of keys", () =>
    Effect.gen(function*() {
      const next = random(3)
      const scores = Array.from({ length: 60 }, () => next())
      const before = yield* single("before", scores)
      const after = yield* single("after", scores.map((score) => score + 0.2 * (next() - 0.4)))
      for (
        const [adjustment, adjust] of [["holm", Statistics.holm], ["none", (p: ReadonlyArray<number>) => p]] as const
      ) {
        const comparison = yield* Comparison.make(before, after, { adjustment })
        const all = Object.values(comparison.keys).map(({ numbers }) => numbers)
        assert.strictEqual(all.length, 2)
        assert.deepStrictEqual<unknown>(
          all.map(({ adjustedPValue }) => adjustedPValue),
          adjust(all.map(({ test }) => test.pValue ?? NaN))
        )
      }
    }))

  it.effect("are those of the keys that were asked for", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 2])
      const comparison = yield* Comparison.make(before, before, { keys: ["size"] })
      assert.deepStrictEqual(Object.keys(comparison.keys), ["size"])
    }))
})

describe("the warnings", () => {
  it.effect("say which key has labels in one experiment and numbers in the other", () =>
    Effect.gen(function*() {
      const run = (name: string, quality: () => number | { readonly value: string }) =>
        untraced(Evaluation.run(
          Evaluation.make("texts", {
            data: Dataset.fromIterable("texts", [{ inputs: 1 }, { inputs: 2 }]),
            target: (n) => n
          }),
          { name, evaluators: [Evaluator.make("quality", quality, { version: "1" })] }
        ))
      const comparison = yield* Comparison.make(
        yield* run("before", () => ({ value: "good" })),
        yield* run("after", () => 0.5)
      )
      assert.deepStrictEqual(comparison.warnings, [
        "quality is a label in before and a number in after: they cannot be compared."
      ])
    }))

  it.effect("name evaluators that are others now, and experiments that did not end", () =>
    Effect.gen(function*() {
      const specs: ReadonlyArray<Spec> = [{ id: "a", inputs: "a", scores: [1] }]
      const before = yield* experiment("before", specs, { version: "1" })
      const after = yield* experiment("after", specs, { version: "2" })
      const comparison = yield* Comparison.make(before, { ...after, status: "interrupted" })
      assert.deepStrictEqual(comparison.warnings, [
        "after did not come to its end: it was interrupted.",
        "The evaluator score is another one in after: a difference in its scores may be its own."
      ])
      assert.deepStrictEqual((yield* Comparison.make(before, before)).warnings, [])
      const other = yield* experiment("other", [{ id: "b", inputs: "b", scores: [1] }], { version: "1" })
      assert.deepStrictEqual((yield* Comparison.make(before, other)).warnings, [
        "before and other have no example in common."
      ])
    }))
})

describe("latency", () => {
  it.effect("is compared over runs that succeeded", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 1, null])
      const after = yield* single("after", [1, 1, 1])
      const slower = {
        ...after,
        rows: after.rows.map((row) => ({ ...row, run: { ...row.run, endTime: row.run.startTime + 500 } }))
      }
      const { latency } = yield* Comparison.make(before, slower)
      assert.strictEqual(latency.examples.both, 2)
      assert.strictEqual(latency.examples.onlyCandidate, 1)
      assert.strictEqual(latency.regressed, 2)
      assert.isTrue(latency.lowerIsBetter)
    }))
})

describe("several experiments", () => {
  const next = random(11)
  const scores = [0.3, 0.5, 0.55].map((share) => Array.from({ length: 120 }, () => Number(next() < share)))

  it.effect("are compared with the first, or each with each, all p-values adjusted together", () =>
    Effect.gen(function*() {
      const experiments = yield* Effect.forEach(scores, (scores, i) => single(`model ${i}`, scores))
      const { comparisons } = yield* Comparison.makeAll(experiments, { keys: ["score"] })
      assert.deepStrictEqual(comparisons.map(({ baseline, candidate }) => `${baseline.name}, ${candidate.name}`), [
        "model 0, model 1",
        "model 0, model 2"
      ])
      const all = yield* Comparison.makeAll(experiments, { keys: ["score"], pairs: "all" })
      assert.strictEqual(all.comparisons.length, 3)
      const numbers = all.comparisons.map((comparison) => numbersOf(comparison))
      assert.deepStrictEqual(
        numbers.map(({ adjustedPValue }) => adjustedPValue),
        Statistics.holm(numbers.map(({ test }) => test.pValue ?? NaN))
      )
    }))

  it.effect("are ranked over what all have a score for", () =>
    Effect.gen(function*() {
      const experiments = yield* Effect.forEach(
        scores,
        (scores, i) => single(`model ${i}`, scores.map((score, n) => n === i ? null : score))
      )
      const { experiments: overviews, rankings } = yield* Comparison.makeAll(experiments)
      assert.strictEqual(overviews.length, 3)
      const ranking = rankings["score"] ?? assert.fail()
      assert.deepStrictEqual(ranking.map(({ examples, rank }) => [examples, rank]), [[117, 1], [117, 2], [117, 3]])
      assert.strictEqual(ranking[2]?.experiment.name, "model 0")
      assert.isUndefined(ranking[0]?.behindBest)
      assert.isBelow(ranking[2]?.behindBest?.difference.estimate ?? NaN, 0)
      assert.isBelow(ranking[2]?.behindBest?.adjustedPValue ?? NaN, 0.05)
      const best = scores.map((scores) => Statistics.mean(scores.slice(3)) ?? NaN).sort((a, b) => b - a)
      ranking.forEach(({ mean }, i) => assert.closeTo(mean, best[i] ?? NaN, 1e-12))
      const lowest = yield* Comparison.makeAll(experiments, { lowerIsBetter: ["score"] })
      assert.strictEqual(lowest.rankings["score"]?.[0]?.experiment.name, "model 0")
    }))

  it.effect("share a rank when they are the same", () =>
    Effect.gen(function*() {
      const a = yield* single("a", [1, 0])
      const { rankings } = yield* Comparison.makeAll([a, { ...a, name: "b" }, yield* single("c", [0, 0])])
      assert.deepStrictEqual(rankings["score"]?.map(({ rank }) => rank), [1, 1, 3])
    }))
})

describe("what cannot be compared", () => {
  it.effect("is refused with what to do about it", () =>
    Effect.gen(function*() {
      const a = yield* single("a", [1])
      const message = (effect: Effect.Effect<unknown, Comparison.ComparisonError>) =>
        Effect.map(Effect.flip(effect), ({ message }) => message)
      assert.match(yield* message(Comparison.make(a, { ...a, name: "b", rows: [] })), /b has 1 rows.*keepRows: true/)
      assert.match(
        yield* message(Comparison.make(a, a, { keys: ["scores"] })),
        /has the key scores\. They have score, size\./
      )
      assert.match(yield* message(Comparison.make(a, a, { lowerIsBetter: ["cost"] })), /has the key cost/)
      assert.match(yield* message(Comparison.make(a, a, { level: 95 })), /level/)
      assert.match(
        yield* message(Comparison.make(a, a, { clusterBy: "metadata.nope" })),
        /No example of a, a has metadata\.nope, which clusterBy asks for/
      )
      assert.match(yield* message(Comparison.makeAll([a])), /at least two experiments; there is one/)
    }))
})

describe("what speaks against a comparison", () => {
  it.effect("is said: scores that the candidate lost", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 0, 1, 0])
      const after = yield* single("after", [1, 1, null, null])
      const { warnings } = yield* Comparison.make(before, after, { keys: ["score"] })
      assert.deepStrictEqual(warnings, [
        "2 examples that had a score in before have none in after (score); the differences are over the others."
      ])
    }))

  it.effect("is not metadata that was added or mended", () =>
    Effect.gen(function*() {
      const specs = (document: string, inputs = "q") => [{ id: "a", inputs, scores: [1], metadata: { document } }]
      const before = yield* experiment("before", specs("one"))
      const tagged = yield* Comparison.make(before, yield* experiment("after", specs("two")))
      assert.strictEqual(tagged.matched.length, 1)
      const other = yield* Comparison.make(before, yield* experiment("after", specs("one", "other")))
      assert.deepStrictEqual([other.matched.length, other.changed.length], [0, 1])
    }))
})

describe("a comparison as data", () => {
  it.effect("is JSON with as much of the lists as asked for", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1, 1, 0, 0, null, 1])
      const after = yield* single("after", [0, 0, 1, 1, 1, null])
      const comparison = yield* Comparison.make(before, after)
      const data = Comparison.toJson(comparison, { limit: 1 })
      assert.deepStrictEqual(data, JSON.parse(JSON.stringify(data)))
      assert.deepStrictEqual(Schema.decodeUnknownSync(Comparison.Data)(JSON.parse(JSON.stringify(data))), data)
      const [score] = data.keys
      assert.strictEqual(score?.improved, 2)
      assert.deepStrictEqual(score?.improvedExamples, [{
        exampleId: "e2",
        inputs: "question 2",
        baselineScore: 0,
        candidateScore: 1,
        baseline: [{ outputs: 0, errors: [] }],
        candidate: [{ outputs: 1, errors: [] }]
      }])
      assert.deepStrictEqual(data.failing, { newly: 1, noLonger: 1, inBoth: 0 })
      assert.deepStrictEqual(data.newlyFailing[0]?.candidate, [{ errors: ["no answer to question 5"] }])
      assert.deepStrictEqual(score?.lostExamples.map(({ exampleId }) => exampleId), ["e5"])
      assert.deepStrictEqual(score?.gainedExamples.map(({ exampleId }) => exampleId), ["e4"])
      assert.strictEqual(Comparison.toJson(comparison).keys[0]?.improvedExamples.length, 2)
    }))

  it.effect("keeps the types of the rows while it is a value", () =>
    Effect.gen(function*() {
      const before = yield* single("before", [1])
      const comparison = yield* Comparison.make(before, before)
      expectTypeOf(comparison.keys["score"]?.improved[0]?.candidate[0]?.run.outputs).toEqualTypeOf<
        number | boolean | string | undefined
      >()
      expectTypeOf(comparison.matched[0]?.example.inputs).toEqualTypeOf<string | undefined>()
      expectTypeOf(comparison).toExtend<Comparison.Comparison<Row.Row<string>, Row.Row<string>>>()
    }))
})
