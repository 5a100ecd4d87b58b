import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { Calibration } from "../../src/judge/index.ts"
import { untraced } from "../support/run.ts"

type Verdict = boolean | number | string | null

interface Labelled {
  readonly verdict: Verdict
  readonly label: boolean | string | undefined
}

/** An experiment whose judge says what it is told to; `null` is a judge that fails. */
const judged = (rows: ReadonlyArray<Labelled>) =>
  untraced(Evaluation.run(
    Evaluation.make("t", {
      data: Dataset.fromIterable("d", rows.map(({ label }, i) => ({ inputs: i, metadata: { label } }))),
      target: (i) => i
    }),
    {
      name: "judged",
      evaluators: [Evaluator.make("judge", ({ inputs }) => {
        const verdict = rows[inputs]?.verdict ?? null
        return verdict === null ? Effect.fail("no verdict") : Effect.succeed(verdict)
      })]
    }
  ))

const calibrate = (
  rows: ReadonlyArray<Labelled>,
  options: Omit<Calibration.Options, "key" | "label"> = {}
) =>
  Effect.flatMap(
    judged(rows),
    (experiment) =>
      Calibration.make(experiment, { key: "judge", label: (row) => row.example.metadata.label, ...options })
  )

const times = (count: number, verdict: Verdict, label: Labelled["label"]): ReadonlyArray<Labelled> =>
  Array.from({ length: count }, () => ({ verdict, label }))

describe("a judge held against people", () => {
  it.effect("that says yes or no: agreement, kappa, confusion, and where they differ", () =>
    Effect.gen(function*() {
      const calibration = yield* calibrate([
        ...times(20, true, true),
        ...times(5, false, true),
        ...times(10, true, false),
        ...times(15, false, false),
        ...times(3, true, undefined),
        ...times(2, null, true)
      ])
      assert.deepStrictEqual(calibration.labelled, { judged: 50, notJudged: 2 })
      assert.strictEqual(calibration.unlabelled, 3)
      assert.strictEqual(calibration.rows, 50)
      assert.strictEqual(calibration.agreement.estimate, 0.7)
      assert.closeTo(calibration.agreement.lower ?? 0, 0.5625, 1e-3)
      // By hand: agreement 0.7, by chance 0.6 * 0.5 + 0.4 * 0.5 = 0.5.
      assert.closeTo(calibration.kappa ?? 0, 0.4, 1e-12)
      assert.deepStrictEqual(calibration.confusion, { labels: [false, true], counts: [[15, 10], [5, 20]] })
      assert.strictEqual(calibration.disagreements.length, 15)
      assert.isUndefined(calibration.threshold)
    }))

  it.effect("that names choices is compared by name", () =>
    Effect.gen(function*() {
      const { agreement, confusion } = yield* calibrate([
        ...times(3, "same", "same"),
        ...times(1, "other", "same"),
        ...times(2, "other", "other")
      ])
      assert.closeTo(agreement.estimate ?? 0, 5 / 6, 1e-12)
      assert.deepStrictEqual(confusion.labels, ["other", "same"])
    }))

  it.effect("that gives numbers: the threshold is chosen on some rows, and reported on the others", () =>
    Effect.gen(function*() {
      // Good ones have 3, 4 and 5, bad ones 1, 2 and 3.
      const rows = Array.from({ length: 200 }, (_, i) => {
        const good = i % 2 === 0
        return { verdict: 1 + (i * 7 % 3) + (good ? 2 : 0), label: good }
      })
      const { agreement, rows: reported, threshold } = yield* calibrate(rows)
      assert.strictEqual(threshold?.chosenOn, 100)
      assert.strictEqual(reported, 100)
      assert.include([3, 4], threshold?.score)
      assert.isAbove(threshold?.balancedAccuracy ?? 0, 0.75)
      assert.isAbove(agreement.estimate ?? 0, 0.7)
      const again = yield* calibrate(rows)
      assert.deepStrictEqual([again.threshold, again.agreement], [threshold, agreement])
      const other = yield* calibrate(rows, { seed: 1, choosingShare: 0.2 })
      assert.strictEqual(other.threshold?.chosenOn, 40)
      assert.strictEqual(other.rows, 160)
    }))

  it.effect("that knows nothing looks no better for having its threshold chosen", () =>
    Effect.gen(function*() {
      let seed = 11
      const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
      const { agreement, kappa } = yield* calibrate(
        Array.from({ length: 600 }, () => ({ verdict: random(), label: random() < 0.5 })),
        { choosingShare: 0.1 }
      )
      assert.isBelow(Math.abs((agreement.estimate ?? 0) - 0.5), 0.08)
      assert.isBelow(Math.abs(kappa ?? 1), 0.15)
    }))

  it.effect("is refused where there is nothing to hold it against", () =>
    Effect.gen(function*() {
      const refusal = (rows: ReadonlyArray<Labelled>) =>
        Effect.map(Effect.flip(calibrate(rows)), ({ message }) => message)
      assert.match(
        yield* refusal(times(3, true, undefined)),
        /^The judge judge of judged cannot be held .*: no row has a label\.$/
      )
      assert.match(yield* refusal(times(3, null, true)), /none of the 3 rows with a label has a verdict/)
      assert.match(yield* refusal(times(3, 4, "good")), /labels must be true or false/)
      assert.match(yield* refusal(times(30, 4, true)), /a threshold cannot be chosen on 15 rows and reported on 15/)
      assert.match(yield* refusal([...times(1, 4, true), ...times(1, 1, false)]), /Label more rows/)
    }))
})
