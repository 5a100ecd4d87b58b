import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Attachment from "../src/Attachment.ts"
import * as Example from "../src/Example.ts"

const uuidV8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/

/** The same value with the keys of every object the other way round. */
const reversed = (value: Schema.Json): Schema.Json => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, member]) => [key, reversed(member)]))
}

const cyclic = () => {
  const value: { name: string; self?: unknown } = { name: "loop" }
  value.self = value
  return value
}

const image = (source: string, mimeType = "image/png") =>
  Attachment.fromEffect(Attachment.fromBytes(new Uint8Array([1]), { mimeType }).bytes, { mimeType, source })

describe("the parts of an example", () => {
  it("are those that were given", () => {
    const example = Example.make({
      id: "one",
      inputs: { q: "2 + 2?" },
      referenceOutputs: 4,
      metadata: { topic: "sums" },
      split: ["test", "hard"],
      attachments: { picture: image("a.png") }
    })
    assert.strictEqual(example.id, "one")
    assert.deepStrictEqual(example.inputs, { q: "2 + 2?" })
    assert.strictEqual(example.referenceOutputs, 4)
    assert.deepStrictEqual(example.metadata, { topic: "sums" })
    assert.deepStrictEqual(example.splits, ["test", "hard"])
    assert.strictEqual(example.attachments["picture"]?.source, "a.png")
  })

  it("are empty where nothing was given", () => {
    const example = Example.make({ inputs: "a" })
    assert.isUndefined(example.referenceOutputs)
    assert.deepStrictEqual(example.metadata, {})
    assert.deepStrictEqual(example.splits, [])
    assert.deepStrictEqual(example.attachments, {})
    assert.match(example.id, uuidV8)
  })

  it("have an id from the content where none was given, or an empty text", () => {
    const { id } = Example.make({ inputs: 1 })
    assert.notStrictEqual(id, "")
    assert.strictEqual(Example.make({ id: "", inputs: 1 }).id, id)
  })

  it("are one split when a text was given", () => {
    assert.deepStrictEqual(Example.make({ inputs: "a", split: "test" }).splits, ["test"])
  })
})

describe("the content hash", () => {
  const base = { inputs: { q: 1 }, referenceOutputs: { a: 2 }, metadata: { m: 3 }, attachments: { f: image("a.png") } }
  const hashOf = (change: Partial<Example.Input<unknown, unknown, unknown>>) =>
    Example.make<unknown, unknown, unknown>({ ...base, ...change }).contentHash

  it("is 32 hexadecimal digits", () => {
    assert.match(hashOf({}), /^[0-9a-f]{32}$/)
  })

  it("depends on all of the content", () => {
    const hashes = [
      hashOf({}),
      hashOf({ inputs: { q: 2 } }),
      hashOf({ referenceOutputs: { a: 3 } }),
      hashOf({ referenceOutputs: undefined }),
      hashOf({ metadata: { m: 4 } }),
      hashOf({ attachments: { f: image("b.png") } }),
      hashOf({ attachments: { g: image("a.png") } }),
      hashOf({ attachments: { f: image("a.png", "image/gif") } }),
      hashOf({ attachments: {} })
    ]
    assert.strictEqual(new Set(hashes).size, hashes.length)
  })

  it("tells inputs from reference outputs", () => {
    assert.notStrictEqual(
      Example.make<unknown, unknown>({ inputs: 1, referenceOutputs: 2 }).contentHash,
      Example.make<unknown, unknown>({ inputs: 2, referenceOutputs: 1 }).contentHash
    )
  })

  it("does not depend on the id and the splits", () => {
    assert.strictEqual(hashOf({ id: "one", split: "test" }), hashOf({ id: "two", split: ["train"] }))
  })

  it("does not depend on the order of the attachments", () => {
    assert.strictEqual(
      hashOf({ attachments: { a: image("a"), b: image("b") } }),
      hashOf({ attachments: { b: image("b"), a: image("a") } })
    )
  })

  it("is the same for empty metadata and for none, and for empty attachments and none", () => {
    assert.strictEqual(
      Example.make({ inputs: 1, metadata: {}, attachments: {} }).contentHash,
      Example.make({ inputs: 1 }).contentHash
    )
  })

  it("tells values that JSON does not have", () => {
    const values = [new Date(0), new Date(1), /a/, /b/, 1n, 2n, new Set([1]), new Set([2]), new Uint8Array([1])]
    assert.strictEqual(new Set(values.map((inputs) => Example.make({ inputs }).contentHash)).size, values.length)
  })
})

describe("the derived id", () => {
  it.prop("is the same for the same content, whatever the order of keys", [Schema.Json, Schema.Json], ([a, b]) => {
    const one = Example.make({ inputs: a, referenceOutputs: b })
    const other = Example.make({ referenceOutputs: reversed(b), inputs: reversed(a) })
    assert.strictEqual(other.id, one.id)
    assert.strictEqual(other.contentHash, one.contentHash)
  })

  it.prop("is different for different content", [Schema.Json, Schema.Json], ([a, b]) => {
    assert.strictEqual(
      Example.make({ inputs: a }).id === Example.make({ inputs: b }).id,
      Schema.toEquivalence(Schema.Json)(a, b)
    )
  })
})

describe("isolation", () => {
  it("does not show what happens to the data later", () => {
    const inputs = { list: [1], map: new Map([["a", 1]]), date: new Date(0), bytes: new Uint8Array([1]) }
    const splits = ["test"]
    const attachments: Record<string, Attachment.Attachment> = { a: image("a.png") }
    const example = Example.make({ inputs, split: splits, attachments })
    inputs.list.push(2)
    inputs.map.set("b", 2)
    inputs.date.setTime(5)
    inputs.bytes[0] = 9
    splits.push("train")
    attachments["b"] = image("b.png")
    assert.deepStrictEqual(example.inputs, {
      list: [1],
      map: new Map([["a", 1]]),
      date: new Date(0),
      bytes: new Uint8Array([1])
    })
    assert.deepStrictEqual(example.splits, ["test"])
    assert.deepStrictEqual(Object.keys(example.attachments), ["a"])
  })

  it("lets nobody change the example or what it holds", () => {
    const example = Example.make({
      inputs: { list: [{ n: 1 }] },
      referenceOutputs: { a: [1] },
      metadata: { m: {} },
      split: "test",
      attachments: { a: { ...image("a.png") } }
    })
    const { attachments, inputs, metadata, referenceOutputs, splits } = example
    for (
      const part of [
        example,
        inputs,
        inputs.list,
        inputs.list[0],
        referenceOutputs,
        referenceOutputs.a,
        metadata,
        metadata.m,
        splits,
        attachments,
        attachments["a"]
      ]
    ) assert.isFrozen(part)
    assert.throws(() => Object.assign(example, { id: "other" }), TypeError)
    assert.throws(() => inputs.list.push({ n: 2 }), TypeError)
  })

  it("does not freeze what was given", () => {
    const given = { inputs: { list: [1] }, split: ["test"], attachments: { a: { ...image("a.png") } } }
    Example.make(given)
    for (const part of [given, given.inputs, given.inputs.list, given.split, given.attachments, given.attachments.a]) {
      assert.isNotFrozen(part)
    }
  })
})

describe("content that refers to itself", () => {
  it("has no id, which is said at once", () => {
    assert.throws(() => Example.make({ inputs: cyclic() }), "the value refers to itself")
  })

  it("has no hash, so a given id does not help", () => {
    assert.throws(() => Example.make({ id: "one", inputs: cyclic() }), "the value refers to itself")
    assert.throws(
      () => Example.make({ id: "one", inputs: 1, referenceOutputs: cyclic() }),
      "the value refers to itself"
    )
    assert.throws(() => Example.make({ id: "one", inputs: 1, metadata: cyclic() }), "the value refers to itself")
  })
})
