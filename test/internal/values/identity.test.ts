import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { hashOf, hashText, makeUuids, uuidOfHash, uuidV7 } from "../../../src/internal/values/identity.ts"

describe("uuidV7", () => {
  it("is a UUID of version 7 and the RFC's variant", () => {
    for (let i = 0; i < 100; i++) {
      assert.match(
        uuidV7(1_700_000_000_000 + i),
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
      )
    }
  })

  it("begins with the milliseconds, so that ids sort by time", () => {
    // The time of the example in RFC 9562, appendix A.6.
    assert.strictEqual(uuidV7(0x017f22e279b0).slice(0, 15), "017f22e2-79b0-7")
    const times = [0, 1, 255, 1_700_000_000_000, 1_700_000_000_001, 2_000_000_000_000]
    const ids = times.map(uuidV7)
    assert.deepStrictEqual(ids.toSorted(), ids)
  })

  it("takes fractions of a millisecond", () => {
    assert.strictEqual(uuidV7(1.9).slice(0, 15), "00000000-0001-7")
  })

  it("is new each time", () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => uuidV7(0)))
    assert.strictEqual(ids.size, 10_000)
  })
})

describe("makeUuids", () => {
  it("makes UUIDs of version 7 and the RFC's variant, which begin with the milliseconds", () => {
    const uuid = makeUuids()
    assert.match(uuid(0x017f22e279b0), /^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it("makes each of them once, in the order in which they sort, also if the clock goes back", () => {
    const uuid = makeUuids()
    const ids = Array.from({ length: 10_000 }, (_, i) => uuid(1_700_000_000_000 + Math.floor(i / 100) - (i % 7)))
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.deepStrictEqual(ids.toSorted(), ids)
  })

  it("draws its random part anew for each maker", () => {
    assert.notStrictEqual(makeUuids()(0), makeUuids()(0))
  })
})

describe("hashText", () => {
  it("is the first half of SHA-256", () => {
    assert.strictEqual(hashText(""), "e3b0c44298fc1c149afbf4c8996fb924")
    assert.strictEqual(hashText("abc"), "ba7816bf8f01cfea414140de5dae2223")
  })
})

describe("hashOf", () => {
  it("does not depend on the order of keys", () => {
    assert.strictEqual(hashOf({ a: 1, b: { c: 2, d: 3 } }), hashOf({ b: { d: 3, c: 2 }, a: 1 }))
  })

  it.prop("tells values apart", [Schema.Json, Schema.Json], ([a, b]) => {
    assert.strictEqual(hashOf(a) === hashOf(b), Schema.toEquivalence(Schema.Json)(a, b))
  })

  it("is the same in every release: recorded experiments refer to it", () => {
    assert.strictEqual(hashOf({ question: "2 + 2?", n: [1, null] }), hashText(`{"n":[1,null],"question":"2 + 2?"}`))
  })
})

describe("uuidOfHash", () => {
  it("is a UUID of version 8 and the RFC's variant", () => {
    assert.strictEqual(uuidOfHash("0123456789abcdef0123456789abcdef"), "01234567-89ab-8def-a123-456789abcdef")
  })

  it("is different for different texts", () => {
    const ids = new Set(Array.from({ length: 10_000 }, (_, i) => uuidOfHash(hashText(String(i)))))
    assert.strictEqual(ids.size, 10_000)
  })
})
