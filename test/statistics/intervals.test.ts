import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { choose, close, closeRelative, Numbers } from "./support.ts"

const Trials = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 }))
const Level = Schema.Literals([0.5, 0.8, 0.95, 0.999])

describe("distributions", () => {
  it("normal quantiles and p-values, out to the tails", () => {
    // Tabulated: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions" (1964), tables 26.1 and 26.2.
    close(Statistics.normalQuantile(0.975), 1.959963984540054, 1e-14)
    close(Statistics.normalQuantile(0.5), 0)
    assert.isTrue(Object.is(Statistics.normalQuantile(0.5), 0))
    closeRelative(Statistics.normalQuantile(1e-10), -6.361340902404056, 1e-13)
    assert.deepStrictEqual([Statistics.normalQuantile(0), Statistics.normalQuantile(1)], [-Infinity, Infinity])
    closeRelative(Statistics.normalTwoSidedPValue(-3), 2.699796063260189e-3, 1e-13)
    // 2 Q(20), where the next digits of 1 - F(20) are long gone.
    closeRelative(Statistics.normalTwoSidedPValue(20), 5.507248237212467e-89, 1e-12)
    close(Statistics.normalCumulative(1.959963984540054), 0.975, 1e-14)
  })

  it("Student's t, against its closed forms for one and two degrees of freedom", () => {
    for (const p of [0.001, 0.025, 0.3, 0.5, 0.6, 0.95, 0.9999]) {
      close(Statistics.studentTQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-11)
      close(Statistics.studentTQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-11)
    }
    for (const t of [0.1, 1, 3, 50]) {
      closeRelative(Statistics.studentTTwoSidedPValue(t, 1), 2 * Math.atan(1 / t) / Math.PI, 1e-11)
      closeRelative(Statistics.studentTTwoSidedPValue(-t, 2), 1 - t / Math.sqrt(t * t + 2), 1e-9)
    }
    // 1 - 2 t / pi, where t^2 is too small to show.
    closeRelative(1 - Statistics.studentTTwoSidedPValue(1e-8, 1), 2e-8 / Math.PI, 1e-7)
    assert.strictEqual(Statistics.studentTTwoSidedPValue(0, 5), 1)
    assert.strictEqual(Statistics.studentTTwoSidedPValue(Infinity, 5), 0)
  })

  it("Student's t becomes the normal distribution", () => {
    assert.strictEqual(Statistics.studentTQuantile(0.975, Infinity), Statistics.normalQuantile(0.975))
    assert.strictEqual(Statistics.studentTTwoSidedPValue(2, Infinity), Statistics.normalTwoSidedPValue(2))
    close(Statistics.studentTQuantile(0.975, 1e8), Statistics.normalQuantile(0.975), 1e-7)
    assert.deepStrictEqual([0, 0.5, 1].map((p) => Statistics.studentTQuantile(p, 3)), [-Infinity, 0, Infinity])
  })

  it.prop("quantile and probability undo each other", {
    z: Schema.Finite.check(Schema.isBetween({ minimum: -6, maximum: 6 }))
  }, ({ z }) => {
    close(Statistics.normalQuantile(Statistics.normalCumulative(z)), z, z > 4 ? 1e-6 : 1e-11)
  })
})

describe("intervals of means", () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9]

  it("with the tabulated quantile of Student's t", () => {
    // t(0.975, 7) = 2.364624, W. S. Gosset's tables; the standard error is sqrt(32 / 7 / 8).
    const interval = Statistics.studentTInterval(values)
    const margin = 2.364624251592785 * Math.sqrt(4 / 7)
    assert.deepStrictEqual([interval.estimate, interval.level, interval.reason], [5, 0.95, undefined])
    close(interval.lower, 5 - margin)
    close(interval.upper, 5 + margin)
  })

  it("say why there is none", () => {
    for (const make of [Statistics.studentTInterval, Statistics.normalInterval]) {
      assert.deepStrictEqual(make([]), {
        estimate: undefined,
        lower: undefined,
        upper: undefined,
        level: 0.95,
        reason: "there are no values"
      })
      assert.deepStrictEqual(make([3], { level: 0.9 }), {
        estimate: 3,
        lower: undefined,
        upper: undefined,
        level: 0.9,
        reason: "one value has no standard error"
      })
    }
    assert.strictEqual(Statistics.estimateInterval(undefined, 1).reason, "there is no estimate")
    assert.strictEqual(Statistics.estimateInterval(1, undefined).reason, "the standard error is undefined")
    assert.strictEqual(
      Statistics.estimateInterval(1, 1, { degreesOfFreedom: 0 }).reason,
      "no degrees of freedom are left"
    )
  })

  it.prop("hold the mean, grow with the level, and Student's is the wider one", { xs: Numbers }, ({ xs }) => {
    if (xs.length < 2) return
    const normal = Statistics.normalInterval(xs)
    const student = Statistics.studentTInterval(xs)
    const surer = Statistics.studentTInterval(xs, { level: 0.99 })
    assert.isAtMost(student.lower!, normal.lower!)
    assert.isAtMost(normal.lower!, normal.estimate!)
    assert.isAtLeast(student.upper!, normal.upper!)
    assert.isAtMost(surer.lower!, student.lower!)
    assert.isAtLeast(surer.upper!, student.upper!)
  })
})

describe("intervals of shares", () => {
  it("as R. G. Newcombe tabulates them (1998, table I, methods 3 and 5)", () => {
    const wilson = [[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]]
    const exact = [[81, 263, 0.2527, 0.3676], [15, 148, 0.0578, 0.1617], [0, 20, 0, 0.1684], [1, 29, 0.0009, 0.1776]]
    for (const [make, table] of [[Statistics.wilson, wilson], [Statistics.clopperPearson, exact]] as const) {
      for (const [successes, trials, lower, upper] of table) {
        const interval = make(successes!, trials!)
        assert.strictEqual(interval.estimate, successes! / trials!)
        close(interval.lower, lower!, 5e-5)
        close(interval.upper, upper!, 5e-5)
      }
    }
  })

  it("meet 0 and 1 exactly", () => {
    for (const make of [Statistics.wilson, Statistics.clopperPearson]) {
      assert.strictEqual(make(0, 7).lower, 0)
      assert.strictEqual(make(7, 7).upper, 1)
      assert.isBelow(make(7, 7).lower!, 1)
    }
    // The beta quantiles have closed forms here.
    close(Statistics.clopperPearson(20, 20).lower, 0.025 ** (1 / 20))
    closeRelative(Statistics.clopperPearson(1, 1e6).lower, -Math.expm1(Math.log(0.975) / 1e6), 1e-9)
  })

  it("of no trials are undefined, and say so", () => {
    for (const make of [Statistics.wilson, Statistics.clopperPearson]) {
      const interval = make(0, 0)
      assert.deepStrictEqual([interval.estimate, interval.lower, interval.reason], [
        undefined,
        undefined,
        "there are no trials"
      ])
    }
  })

  it.prop("Wilson's ends are where the score test stands at its limit", { n: Trials, x: Trials, level: Level }, (
    { level, n, x }
  ) => {
    const successes = Math.min(n, x)
    const { estimate, lower, upper } = Statistics.wilson(successes, n, { level })
    const z = Statistics.normalQuantile((1 + level) / 2)
    for (const end of [lower!, upper!]) {
      if (end === 0 || end === 1) continue
      close(Math.abs(estimate! - end), z * Math.sqrt(end * (1 - end) / n), 1e-9)
    }
    assert.isAtMost(lower!, estimate!)
    assert.isAtLeast(upper!, estimate!)
  })

  it("Wilson's of a share is that of the successes, and narrows with the trials it is worth", () => {
    assert.deepStrictEqual(Statistics.wilsonFromShare(7 / 9, 9), Statistics.wilson(7, 9))
    const [fewer, more] = [Statistics.wilsonFromShare(0.8, 24.5), Statistics.wilsonFromShare(0.8, 25.5)]
    assert.isAbove(more.lower!, fewer.lower!)
    assert.isBelow(more.upper!, fewer.upper!)
    assert.strictEqual(Statistics.wilsonFromShare(1, 2.5).upper, 1)
    const none = Statistics.wilsonFromShare(0.5, 0)
    assert.deepStrictEqual([none.estimate, none.lower, none.reason], [0.5, undefined, "there are no trials"])
  })

  it.prop("Clopper and Pearson's ends leave half the error in each binomial tail", {
    n: Trials,
    x: Trials,
    level: Level
  }, ({ level, n, x }) => {
    const successes = Math.min(n, x)
    const { lower, upper } = Statistics.clopperPearson(successes, n, { level })
    const tail = (from: number, to: number, p: number): number => {
      let sum = 0
      for (let k = from; k <= to; k++) sum += choose(n, k) * p ** k * (1 - p) ** (n - k)
      return sum
    }
    close(tail(successes, n, lower!), (1 - level) / 2, 1e-9)
    if (successes < n) close(tail(0, successes, upper!), (1 - level) / 2, 1e-9)
  })

  it("Clopper and Pearson hold the true share at least as often as they say", () => {
    for (const p of [0.03, 0.2, 0.5, 0.77]) {
      let covered = 0
      for (let k = 0; k <= 25; k++) {
        const { lower, upper } = Statistics.clopperPearson(k, 25)
        if (lower! <= p && p <= upper!) covered += choose(25, k) * p ** k * (1 - p) ** (25 - k)
      }
      assert.isAtLeast(covered, 0.95)
    }
  })
})
