import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Statistics from "../../src/statistics/index.ts"
import { close, closeAll, Number1000, Numbers, randomNumbers, Share } from "./support.ts"

describe("percentile", () => {
  it("is R's default, type 7", () => {
    // R: quantile(c(120, 80, 95, 300, 110, 2500, 130, 90, 105, 100), c(0, .5, .75, .95, 1)), worked out by hand:
    // positions 0, 4.5, 6.75, 8.55 and 9 of the sorted values.
    const latencies = [120, 80, 95, 300, 110, 2500, 130, 90, 105, 100]
    closeAll(Statistics.percentiles(latencies, [0, 0.5, 0.75, 0.95, 1]), [80, 107.5, 127.5, 1510, 2500])
    close(Statistics.percentile(latencies, 0.95), 1510)
  })

  it("of nothing is undefined, of one value that value", () => {
    assert.isUndefined(Statistics.percentile([], 0.5))
    assert.deepStrictEqual(Statistics.percentiles([], [0.1, 0.9]), [undefined, undefined])
    assert.strictEqual(Statistics.percentile([3], 0.3), 3)
  })

  it("does not overflow between the largest numbers", () => {
    assert.strictEqual(Statistics.percentile([-1.7e308, 1.7e308], 0.5), 0)
  })

  it("leaves the values as they are", () => {
    const values = [3, 1, 2]
    Statistics.percentile(values, 0.5)
    assert.deepStrictEqual(values, [3, 1, 2])
  })

  it.prop(
    "rises with the probability and stays among the values",
    { xs: Numbers, p: Share, q: Share },
    ({ p, q, xs }) => {
      if (xs.length === 0) return
      const [low, high] = Statistics.percentiles(xs, [Math.min(p, q), Math.max(p, q)])
      assert.isAtMost(low!, high!)
      assert.isAtLeast(low!, Math.min(...xs))
      assert.isAtMost(high!, Math.max(...xs))
      assert.strictEqual(Statistics.percentile(xs, 0), Math.min(...xs))
      assert.strictEqual(Statistics.percentile(xs, 1), Math.max(...xs))
    }
  )

  it.prop("mirrors: of the negated values it is the negated opposite one", { xs: Numbers, p: Share }, ({ p, xs }) => {
    if (xs.length === 0) return
    close(Statistics.percentile(xs.map((x) => -x), p), -Statistics.percentile(xs, 1 - p)!, 1e-9)
  })
})

describe("QuantileSketch", () => {
  const sketchOf = (
    values: Iterable<number>,
    options?: Statistics.QuantileSketchOptions
  ): Statistics.QuantileSketch => {
    const sketch = new Statistics.QuantileSketch(options)
    for (const value of values) sketch.add(value)
    return sketch
  }

  const probabilities = [0, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]

  /** The values on either side of a percentile. */
  const neighbours = (sorted: Float64Array, probability: number): readonly [number, number] => {
    const at = Math.floor((sorted.length - 1) * probability)
    return [sorted[at]!, sorted[Math.min(at + 1, sorted.length - 1)]!]
  }

  const check = (values: ReadonlyArray<number>, sketch: Statistics.QuantileSketch, all = probabilities): void => {
    const sorted = Float64Array.from(values).sort()
    for (const probability of all) {
      const exact = Statistics.percentile(values, probability)!
      const [a, b] = neighbours(sorted, probability)
      const error = Math.abs(sketch.quantile(probability)! - exact)
      const bound = Math.sign(a) === Math.sign(b) ? Math.abs(exact) : Math.max(Math.abs(a), Math.abs(b))
      // Numbers below 2.3e-308 count as 0.
      assert.isAtMost(error, sketch.relativeError * bound * (1 + 1e-9) + 2.3e-308, `at ${probability}: ${error}`)
    }
  }

  it("keeps its bound over seventeen orders of magnitude, with both signs and zeros", () => {
    const next = randomNumbers(11)
    const values = Array.from({ length: 20_000 }, (_, i) => {
      const magnitude = 10 ** (next() * 17 - 8)
      return i % 10 === 0 ? 0 : i % 3 === 0 ? -magnitude : magnitude
    })
    check(values, sketchOf(values))
    check(values, sketchOf(values, { relativeError: 0.001, buckets: 30_000 }))
  })

  it.prop(
    "keeps its bound",
    { xs: Numbers, p: Share, relativeError: Schema.Literals([0.001, 0.01, 0.2]) },
    ({ p, relativeError, xs }) => {
      if (xs.length === 0) return
      check(xs, sketchOf(xs, { relativeError, buckets: 1_000_000 }), [p])
    }
  )

  it.prop(
    "merged is that of everything, whatever the order and however few the buckets",
    { xs: Numbers, ys: Numbers, buckets: Schema.Literals([1, 5, 100, 2048]) },
    ({ buckets, xs, ys }) => {
      const whole = sketchOf([...xs, ...ys], { buckets })
      const forth = sketchOf(xs, { buckets })
      forth.merge(sketchOf(ys, { buckets }))
      const back = sketchOf(ys.toReversed(), { buckets })
      back.merge(sketchOf(xs, { buckets }))
      for (const sketch of [forth, back]) {
        assert.strictEqual(sketch.count, whole.count)
        assert.strictEqual(sketch.min, whole.min)
        assert.strictEqual(sketch.max, whole.max)
        assert.strictEqual(sketch.reliableAbove, whole.reliableAbove)
        for (const probability of probabilities) {
          assert.strictEqual(sketch.quantile(probability), whole.quantile(probability))
        }
      }
    }
  )

  it("merged with itself has everything twice", () => {
    const sketch = sketchOf([-5, 0, 1, 2, 1000])
    sketch.merge(sketch)
    assert.strictEqual(sketch.count, 10)
    close(sketch.quantile(0.5), 1, 0.011)
  })

  it("with too few buckets keeps its bound for the large numbers, and says from where on", () => {
    const values = Array.from({ length: 10_000 }, (_, i) => 1.01 ** (i / 4))
    const sketch = sketchOf(values, { buckets: 500 })
    assert.isAbove(sketch.reliableAbove, 0)
    const sorted = Float64Array.from(values)
    const share = sorted.findIndex((value) => value > sketch.reliableAbove) / values.length
    assert.isAbove(share, 0.2)
    check(values, sketch, [share + 0.01, 0.9, 0.99, 1])
    assert.isAbove(Math.abs(sketch.quantile(0.1)! / Statistics.percentile(values, 0.1)! - 1), 0.01)
  })

  it("gives the smallest and the largest value exactly, and nothing for nothing", () => {
    const sketch = sketchOf([])
    assert.deepStrictEqual([sketch.quantile(0.5), sketch.min, sketch.max, sketch.count], [
      undefined,
      undefined,
      undefined,
      0
    ])
    for (const value of [3.3, -7.7, 1.7e308, 5e-324]) sketch.add(value)
    assert.deepStrictEqual([sketch.quantile(0), sketch.quantile(1), sketch.min, sketch.max], [
      -7.7,
      1.7e308,
      -7.7,
      1.7e308
    ])
    assert.strictEqual(sketchOf([4.2]).quantile(0.7), 4.2)
  })

  it.prop("of one value many times is that value", { x: Number1000 }, ({ x }) => {
    assert.strictEqual(sketchOf([x, x, x, x]).quantile(0.4), x)
  })

  it("does not merge with one that counts differently", () => {
    const sketch = sketchOf([1])
    assert.throws(() => sketch.merge(sketchOf([1], { relativeError: 0.02 })), RangeError, /same relativeError/)
    assert.throws(() => sketch.merge(sketchOf([1], { buckets: 7 })), RangeError, /same relativeError/)
    assert.throws(() => sketchOf([Number.NaN]), RangeError, /NaN/)
    assert.throws(() => sketchOf([], { relativeError: 1 }), RangeError, /relativeError is 1/)
  })
})
