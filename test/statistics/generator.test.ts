import { assert, describe, it } from "@effect/vitest"
import { Generator, seeded } from "../../src/statistics/internal/generator.ts"
import { close } from "./support.ts"

describe("Generator", () => {
  it("is xoshiro128**", () => {
    // From the reference implementation with the state 1, 2, 3, 4, as the tests of the Rust crate rand_xoshiro give it.
    const words = new Uint32Array(10)
    new Generator([1, 2, 3, 4]).draw(words, 2 ** 32)
    assert.deepStrictEqual(Array.from(words), [
      11520,
      0,
      5927040,
      70819200,
      2031721883,
      1637235492,
      1287239034,
      3734860849,
      3729100597,
      4258142804
    ])
  })

  it("draws every number below the bound equally often", () => {
    for (const bound of [1, 2, 3, 10, 1000]) {
      const drawn = new Uint32Array(1000 * bound)
      seeded("uniform").draw(drawn, bound)
      const counts = new Float64Array(bound)
      for (const index of drawn) counts[index]! += 1
      // Chi-square has the mean bound - 1 and the standard deviation sqrt(2 (bound - 1)).
      let chiSquare = 0
      for (const count of counts) chiSquare += (count - 1000) ** 2 / 1000
      assert.isAtMost(Math.abs(chiSquare - (bound - 1)), 4 * Math.sqrt(2 * bound))
    }
  })

  it("reaches both ends of a bound that does not divide 2^32", () => {
    const bound = 3_000_000_001
    const drawn = new Uint32Array(100_000)
    seeded(1).draw(drawn, bound)
    close(drawn.reduce((sum, x) => sum + x, 0) / drawn.length / bound, 0.5, 0.005)
    assert.isTrue(drawn.every((x) => x < bound))
    assert.isTrue(drawn.some((x) => x > 0.999 * bound))
  })

  it("goes on where it stopped", () => {
    const [whole, begin, rest] = [new Uint32Array(10), new Uint32Array(4), new Uint32Array(6)]
    seeded("on").draw(whole, 100)
    const generator = seeded("on")
    generator.draw(begin, 100)
    generator.draw(rest, 100)
    assert.deepStrictEqual(Array.from(whole), [...begin, ...rest])
  })
})
