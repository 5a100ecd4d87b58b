import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { mutableCopy, snapshot } from "../../../src/internal/values/clone.ts"

const copies = [["mutableCopy", mutableCopy], ["snapshot", snapshot]] as const

/** Every object that a value leads to, itself included. */
const objectsIn = (value: unknown, found = new Set<object>()): Set<object> => {
  if (typeof value !== "object" || value === null || found.has(value)) return found
  found.add(value)
  const members = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : Object.values(value)
  for (const member of members) objectsIn(member, found)
  return found
}

const sharesNothing = (a: unknown, b: unknown): boolean => {
  const objects = objectsIn(b)
  return [...objectsIn(a)].every((object) => !objects.has(object))
}

interface Node {
  readonly children: Array<Node>
  parent?: Node
}

/** A tree whose nodes know their parents, as a DOM's do: every node is on many cycles. */
const linkedTree = (depth: number, width: number): Node => {
  const node: Node = { children: [] }
  if (depth > 0) {
    for (let i = 0; i < width; i++) {
      const child = linkedTree(depth - 1, width)
      child.parent = node
      node.children.push(child)
    }
  }
  return node
}

const nested = (depth: number, innermost: unknown): unknown => {
  let value = innermost
  for (let i = 0; i < depth; i++) value = { inner: value }
  return value
}

describe.each(copies)("%s", (_, copy) => {
  it.prop("is deep-equal to any JSON value and shares no object with it", [Schema.Json], ([value]) => {
    const copied = copy(value)
    assert.deepStrictEqual(copied, value)
    assert.isTrue(sharesNothing(copied, value))
  })

  it("keeps `__proto__` as a property of its own and changes no prototype", () => {
    const value: unknown = JSON.parse(`{"__proto__":{"admin":true},"a":1}`)
    const copied = copy(value)
    assert.deepStrictEqual(Object.keys(Object(copied)), ["__proto__", "a"])
    assert.strictEqual(Object.getPrototypeOf(copied), Object.prototype)
    assert.strictEqual(JSON.stringify(copied), JSON.stringify(value))
    assert.notProperty({}, "admin")
  })

  it("keeps an object without a prototype as it is", () => {
    const value = Object.assign(Object.create(null), { a: [1] })
    const copied = copy(value)
    assert.isNull(Object.getPrototypeOf(copied))
    assert.deepStrictEqual(copied, value)
    assert.isTrue(sharesNothing(copied, value))
  })

  it("copies dates, maps and sets, and what is in them", () => {
    const value = { date: new Date(5), map: new Map([[{ key: 1 }, { value: 2 }]]), set: new Set([[1]]) }
    const copied = copy(value)
    assert.deepStrictEqual(copied, value)
    assert.isTrue(sharesNothing(copied, value))
  })

  it.each<readonly [string, ArrayBufferView]>([
    ["Uint8Array", new Uint8Array([1, 2])],
    ["Buffer", Buffer.from("abc")],
    ["Float64Array", new Float64Array([0.5, Number.NaN])],
    ["BigInt64Array", new BigInt64Array([1n])]
  ])("copies a %s, which stays one", (_, bytes) => {
    const copied = copy({ bytes }).bytes
    assert.deepStrictEqual(copied, bytes)
    assert.strictEqual(copied.constructor, bytes.constructor)
    assert.notStrictEqual(copied.buffer, bytes.buffer)
  })

  it("copies a DataView, which stays one", () => {
    const view = new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)
    const copied = copy({ view }).view
    assert.instanceOf(copied, DataView)
    assert.strictEqual(copied.byteLength, 2)
    assert.strictEqual(copied.getUint16(0), 0x0203)
    assert.notStrictEqual(copied.buffer, view.buffer)
  })

  it("copies the bytes in view, not the buffer around them", () => {
    const copied = copy(new Uint8Array(1_000_000).fill(7).subarray(10, 12))
    assert.deepStrictEqual(copied, new Uint8Array([7, 7]))
    assert.strictEqual(copied.buffer.byteLength, 2)
    assert.strictEqual(copy(new DataView(new ArrayBuffer(1_000_000), 10, 2)).buffer.byteLength, 2)
  })

  it("copies an array buffer", () => {
    const value = new Uint8Array([1, 2]).buffer
    const copied = copy(value)
    assert.deepStrictEqual(copied, value)
    assert.notStrictEqual(copied, value)
  })

  it("passes on what has a prototype of its own", () => {
    class Client {
      calls = 0
    }
    class Scores extends Map<string, number> {}
    class Tags extends Set<string> {}
    class Day extends Date {}
    for (const value of [new Client(), new Scores([["a", 1]]), new Tags(), new Day(), Option.some({ a: 1 }), /x/g]) {
      assert.strictEqual(copy({ value }).value, value)
    }
    const f = () => 1
    assert.strictEqual(copy({ f }).f, f)
  })

  it("gives what is no object as it is", () => {
    const symbol = Symbol("s")
    for (const value of [undefined, null, 0, -0, Number.NaN, "", true, 1n, symbol]) {
      assert.isTrue(Object.is(copy(value), value))
    }
  })

  it("copies an object that contains itself to one that contains itself", () => {
    const value: { self?: unknown; list: Array<unknown> } = { list: [] }
    value.self = value
    value.list.push(value, value.list)
    const copied = copy(value)
    assert.notStrictEqual(copied, value)
    assert.strictEqual(copied.self, copied)
    assert.strictEqual(copied.list[0], copied)
    assert.strictEqual(copied.list[1], copied.list)
    assert.strictEqual(objectsIn(copied).size, 2)
    assert.isTrue(sharesNothing(copied, value))
  })

  it("copies maps and sets that contain themselves", () => {
    const map = new Map<string, unknown>()
    const set = new Set<unknown>([map])
    map.set("set", set)
    const copied = copy(map)
    const copiedSet = copied.get("set")
    assert.instanceOf(copiedSet, Set)
    assert.isTrue(copiedSet.has(copied))
    assert.isTrue(sharesNothing(copied, map))
  })

  it("copies a cycle that begins deep below the root", () => {
    const loop: { next?: unknown } = {}
    loop.next = loop
    const copied = copy(nested(200, loop))
    assert.strictEqual(objectsIn(copied).size, 201)
  })

  it("copies densely linked data once", () => {
    const tree = linkedTree(3, 10)
    const copied = copy(tree)
    assert.strictEqual(objectsIn(copied).size, objectsIn(tree).size)
    assert.strictEqual(copied.children[9]?.children[4]?.parent, copied.children[9])
    assert.isTrue(sharesNothing(copied, tree))
  })

  it("copies data that is nested deep without a cycle", () => {
    const value = nested(1500, [1])
    const copied = copy(value)
    assert.strictEqual(JSON.stringify(copied), JSON.stringify(value))
    assert.isTrue(sharesNothing(copied, value))
  })
})

describe("snapshot", () => {
  it.prop("freezes every object of a JSON value, and nothing of the original", [Schema.MutableJson], ([value]) => {
    assert.isTrue([...objectsIn(snapshot(value))].every(Object.isFrozen))
    assert.isFalse([...objectsIn(value)].some(Object.isFrozen))
  })

  it("freezes data that contains itself", () => {
    assert.isTrue([...objectsIn(snapshot(linkedTree(2, 3)))].every(Object.isFrozen))
  })

  it("tells of data so deep that it may contain itself, before it is copied, and of no other", () => {
    const told: Array<unknown> = []
    const deep = nested(100, 1)
    snapshot({ a: [1, { b: 2 }] }, (value) => told.push(value))
    assert.deepStrictEqual(told, [])
    snapshot(deep, (value) => told.push(value))
    assert.strictEqual(told[0], deep)
    assert.throws(() =>
      snapshot(deep, () => {
        throw new Error("too deep")
      }), "too deep")
  })
})

describe("mutableCopy", () => {
  it.prop("can be changed everywhere, also when the original is frozen", [Schema.Json], ([value]) => {
    assert.isFalse([...objectsIn(mutableCopy(snapshot(value)))].some(Object.isFrozen))
  })

  it("does not change the original when it is changed", () => {
    const original = snapshot({ list: [{ n: 1 }], map: new Map([["a", { n: 1 }]]), bytes: new Uint8Array([1]) })
    const copied = mutableCopy(original)
    copied.list.push({ n: 2 })
    copied.list[0] = { n: 9 }
    copied.map.set("a", { n: 9 })
    copied.bytes[0] = 9
    assert.deepStrictEqual(original, {
      list: [{ n: 1 }],
      map: new Map([["a", { n: 1 }]]),
      bytes: new Uint8Array([1])
    })
  })
})

describe("instances of classes", () => {
  class Question extends Schema.Class<Question>("Question")({ words: Schema.Array(Schema.String) }) {
    get first(): string | undefined {
      return this.words[0]
    }
  }
  class Wrong extends Schema.TaggedError<Wrong>()("Wrong", { words: Schema.Array(Schema.String) }) {}
  class Client {
    readonly #secret = "key"
    readonly words = ["a"]
    reveal() {
      return this.#secret
    }
  }

  for (const [name, copyOf] of copies) {
    it(`of Schema.Class are copied by ${name}, and stay what they are`, () => {
      const question = new Question({ words: ["a", "b"] })
      const copied = copyOf({ question })
      assert.instanceOf(copied.question, Question)
      assert.deepStrictEqual(copied.question, question)
      assert.strictEqual(copied.question.first, "a")
      assert.isTrue(sharesNothing(copied, { question }))
    })

    it(`of other classes, and errors, are passed on by ${name}`, () => {
      const client = new Client()
      const wrong = new Wrong({ words: [] })
      const copied = copyOf({ client, wrong })
      assert.strictEqual(copied.client.reveal(), "key")
      assert.strictEqual(copied.wrong, wrong)
    })
  }
})
