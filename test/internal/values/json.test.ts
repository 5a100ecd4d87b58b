import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Option, Schema } from "effect"
import { jsonText, toJson } from "../../../src/internal/values/json.ts"

const thrower = () => {
  throw new Error("no")
}

const cyclic = () => {
  const value: { self?: unknown; list: Array<unknown> } = { list: [1] }
  value.self = value
  value.list.push(value)
  return value
}

/** `n` objects each of which knows all: the paths through them are more than could be written. */
const dense = (n: number) => {
  const nodes: Array<{ others: ReadonlyArray<unknown> }> = Array.from({ length: n }, () => ({ others: [] }))
  for (const node of nodes) node.others = nodes
  return nodes[0]
}

const nested = (depth: number, innermost: unknown): unknown => {
  let value = innermost
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const itself = { toJSON: (): unknown => itself }
class List extends Array<unknown> {
  toJSON() {
    return 1n
  }
}

/** What values can be that are no JSON. */
const odd: ReadonlyArray<() => unknown> = [
  () => undefined,
  () => Symbol("s"),
  () => thrower,
  () => 12n,
  () => Number.NaN,
  () => -0,
  () => Number.NEGATIVE_INFINITY,
  () => "\ud800",
  () => new Date(0),
  () => new Date(Number.NaN),
  () => new Uint8Array([1, 2]),
  () => new Float32Array([0.5, Number.NaN]),
  () => new BigInt64Array([1n]),
  () => new DataView(new ArrayBuffer(2)),
  () => new ArrayBuffer(2),
  () => /x/,
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => Object(1n),
  () => Object("text"),
  () => Object.create(null),
  () => Object.create(Object.create(null)),
  () => JSON.parse(`{"__proto__":{"a":1},"constructor":2,"toJSON":3}`),
  () => ({
    get broken() {
      return thrower()
    }
  }),
  () => ({ toJSON: thrower }),
  () => ({ toJSON: () => undefined }),
  () => ({ toJSON: () => 1n }),
  () => itself,
  () => Object.assign(new Date(0), { toISOString: thrower }),
  () => Object.assign(new Error("no"), { message: 1n }),
  () => Object.defineProperty(new Error("no"), "name", { get: thrower }),
  () => new Error("no", { cause: cyclic() }),
  () => revoked(),
  () => new Proxy({}, { ownKeys: thrower }),
  () => new Proxy([], { get: thrower }),
  () => new Proxy({}, { has: thrower }),
  () => new Proxy({}, { getPrototypeOf: thrower }),
  () => cyclic(),
  () => dense(12),
  () => Option.some(Option.none()),
  () => new Array(3),
  () => List.from([1, 2]),
  () => new URL("https://example.com"),
  () => new Map<unknown, unknown>([[cyclic(), thrower]]),
  () => new Set<unknown>([1n, new Set([Symbol("s")])]),
  () => nested(600, 1),
  () =>
    (function*() {
      yield 1
    })()
]

type Plan = number | { readonly array: ReadonlyArray<Plan> } | { readonly record: { readonly [key: string]: Plan } }

const Plan: Schema.Codec<Plan> = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: odd.length - 1 })),
  Schema.Struct({ array: Schema.Array(Schema.suspend(() => Plan)) }),
  Schema.Struct({ record: Schema.Record(Schema.String, Schema.suspend(() => Plan)) })
])

const build = (plan: Plan): unknown => {
  if (typeof plan === "number") return odd[plan]?.()
  if ("array" in plan) return plan.array.map(build)
  return Object.fromEntries(Object.entries(plan.record).map(([key, member]) => [key, build(member)]))
}

const roundTrip = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("toJson", () => {
  it.prop("gives a JSON value as it is", [Schema.Json], ([value]) => {
    assert.deepStrictEqual(toJson(value), value)
  })

  it.each(odd.map((make, i) => [i, make] as const))("makes JSON of odd value %i, whatever it is", (_, make) => {
    const json = toJson(make())
    assert.deepStrictEqual(roundTrip(json), roundTrip(toJson(make())))
    assert.strictEqual(typeof JSON.stringify(json), "string")
    assert.strictEqual(jsonText(make()), JSON.stringify(toJson(make())))
    assert.strictEqual(jsonText({ a: [make()] }), JSON.stringify(toJson({ a: [make()] })))
  })

  it.prop(
    "never throws, and gives what JSON.stringify writes without loss",
    { plan: Arbitrary.schema(Plan) },
    ({ plan }) => {
      const json = toJson(build(plan))
      // `-0` is the one number that JSON writes as another.
      assert.strictEqual(JSON.stringify(roundTrip(json)), JSON.stringify(json))
      assert.deepStrictEqual(toJson(json), json)
      assert.strictEqual(jsonText(build(plan)), JSON.stringify(toJson(build(plan))))
    },
    { arbitrary: { runs: 500 } }
  )

  it("writes what JSON cannot say as text or lists", () => {
    assert.deepStrictEqual(
      toJson({
        date: new Date(0),
        never: new Date(Number.NaN),
        big: 12n,
        nan: Number.NaN,
        map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1, "b"])]]),
        bytes: new Uint8Array([104, 105]),
        vector: new Float32Array([0.5, 2]),
        error: new TypeError("no"),
        url: new URL("https://example.com/a")
      }),
      {
        date: "1970-01-01T00:00:00.000Z",
        never: "Invalid Date",
        big: "12",
        nan: "NaN",
        map: [[{ a: 1 }, [1, "b"]]],
        bytes: "aGk=",
        vector: [0.5, 2],
        error: { name: "TypeError", message: "no" },
        url: "https://example.com/a"
      }
    )
  })

  it("leaves functions, symbols and undefined out of objects, and makes them null elsewhere", () => {
    assert.deepStrictEqual(toJson({ f: thrower, s: Symbol("s"), u: undefined, n: null }), { n: null })
    assert.deepStrictEqual(toJson([thrower, Symbol("s"), undefined]), [null, null, null])
    assert.isNull(toJson(undefined))
    assert.deepStrictEqual(toJson(new Array(2)), [null, null])
  })

  it("gives plain arrays, also for arrays that would write themselves differently", () => {
    const json = toJson({ list: List.from([1, 2]) })
    assert.strictEqual(JSON.stringify(json), `{"list":[1,2]}`)
  })

  it("keeps `__proto__` as a property of its own", () => {
    const value: unknown = JSON.parse(`{"__proto__":{"admin":true}}`)
    assert.strictEqual(JSON.stringify(toJson(value)), `{"__proto__":{"admin":true}}`)
    assert.notProperty({}, "admin")
  })

  it("loses no more than what cannot be read", () => {
    assert.deepStrictEqual(
      toJson({
        a: 1,
        b: {
          get c() {
            return thrower()
          }
        },
        d: [revoked()],
        e: { toJSON: thrower }
      }),
      {
        a: 1,
        b: "[Unreadable]",
        d: ["[Unreadable]"],
        e: "[Unreadable]"
      }
    )
  })

  it("says where a value contains itself", () => {
    assert.deepStrictEqual(toJson(cyclic()), { list: [1, "[Circular]"], self: "[Circular]" })
    assert.deepStrictEqual(toJson(itself), "[Circular]")
    const map = new Map<string, unknown>()
    map.set("map", map)
    assert.deepStrictEqual(toJson({ map }), { map: [["map", "[Circular]"]] })
  })

  it("writes each object of densely linked data once", () => {
    const text = JSON.stringify(toJson(dense(200)))
    assert.strictEqual(text.match(/"others"/g)?.length, 200)
  })

  it("finds a cycle that begins deep below the root", () => {
    assert.deepStrictEqual(toJson(nested(100, cyclic())), nested(100, { list: [1, "[Circular]"], self: "[Circular]" }))
  })

  it("writes an object in full wherever it is, as long as it does not contain itself", () => {
    const shared = { a: [1] }
    assert.deepStrictEqual(toJson([shared, shared, { shared }]), [shared, shared, { shared }])
    assert.deepStrictEqual(toJson(nested(100, [shared, shared])), nested(100, [shared, shared]))
  })

  it("writes data that is nested deep, up to a limit that it names", () => {
    assert.deepStrictEqual(toJson(nested(400, "x")), nested(400, "x"))
    assert.include(JSON.stringify(toJson(nested(600, "x"))), "[Nested too deep]")
  })
})
