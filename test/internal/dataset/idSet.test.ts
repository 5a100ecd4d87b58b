import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as IdSet from "../../../src/internal/dataset/idSet.ts"

/** What an `IdSet` has to say, by a `Map` of the ids themselves. */
const expected = (ids: ReadonlyArray<string>): ReadonlyArray<number | undefined> => {
  const first = new Map<string, number>()
  return ids.map((id, position) => {
    const known = first.get(id)
    if (known === undefined) first.set(id, position)
    return known
  })
}

const found = (ids: ReadonlyArray<string>): ReadonlyArray<number | undefined> => {
  const set = IdSet.make()
  return ids.map((id, position) => set.add(id, position))
}

/** Strings that are alike, so that many of an array are equal and the others nearly so. */
const Alike = Schema.Array(
  Schema.Union([Schema.String, Schema.Literals(["", "0", "00", "a", "b", "ab", "ba", "é", "e\u0301", "\ud83d\ude00"])])
)

describe("IdSet", () => {
  it.prop("finds exactly the strings that came before, and where", [Alike], ([ids]) => {
    assert.deepStrictEqual(found(ids), expected(ids))
  }, { arbitrary: { runs: 500 } })

  it.prop("finds all of them again after growing", [Schema.Array(Schema.String)], ([ids]) => {
    const many = [...ids, ...Array.from({ length: 500 }, (_, i) => `padding ${i}`), ...ids]
    assert.deepStrictEqual(found(many), expected(many))
  })

  it("takes a million sequential ids for different ones, and finds each again", () => {
    const set = IdSet.make()
    const count = 1_000_000
    for (let i = 0; i < count; i++) {
      const first = set.add(`example-${i}`, i)
      if (first !== undefined) assert.fail(`example-${i} was taken for example-${first}`)
    }
    for (let i = 0; i < count; i += 997) assert.strictEqual(set.add(`example-${i}`, count), i)
  })

  it.each([
    ["numbers", (i: number) => String(i)],
    ["numbers of one length", (i: number) => String(i).padStart(12, "0")],
    ["ids that differ in front", (i: number) => `${i}-of-the-same-dataset`],
    [
      "UUIDs that differ in the middle",
      (i: number) => `018f4e5c-${i.toString(16).padStart(4, "0")}-7000-8000-000000000000`
    ],
    ["runs of one character", (i: number) => "x".repeat(i % 5000) + String.fromCharCode(0x4e00 + Math.floor(i / 5000))]
  ])("takes %s for different ones", (_, id) => {
    const set = IdSet.make()
    for (let i = 0; i < 50_000; i++) assert.isUndefined(set.add(id(i), i))
  })
})
