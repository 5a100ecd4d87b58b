import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Schema, SchemaGetter } from "effect"
import { Dataset, Evaluation, Row } from "../../src/index.ts"
import { Json } from "../../src/scorers/index.ts"
import { untraced } from "../support/run.ts"
import { outcomeOf } from "./structureSupport.ts"

const Person = Schema.Struct({ name: Schema.String, age: Schema.Int })

describe("an Effect Schema", () => {
  it.effect("decodes data and JSON texts, and says what is wrong", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.conforms(Person), { name: "Ada", age: 36 }), "true: conforms")
      assert.strictEqual(yield* outcomeOf(Json.conforms(Person), "{\"name\":\"Ada\",\"age\":36}"), "true: conforms")
      assert.strictEqual(
        yield* outcomeOf(Json.conforms(Person), { name: 1 }),
        "false: 2 problems: name: expected string, got 1; age: missing"
      )
      assert.match(yield* outcomeOf(Json.conforms(Person), "name: Ada"), /^false: 1 problem: no JSON: /)
      assert.strictEqual(yield* outcomeOf(Json.conforms(Schema.String, { text: "keep" }), "hello"), "true: conforms")
      assert.match(
        yield* outcomeOf(Json.conforms(Person, { extras: "refuse" }), { name: "Ada", age: 36, x: 1 }),
        /^false: 1 problem: x: unknown field/
      )
    }))

  it.effect("may need services, which the evaluation then needs", () =>
    Effect.gen(function*() {
      class Names extends Context.Service<Names, { readonly known: ReadonlyArray<string> }>()("test/Names") {}
      const Known = Schema.String.pipe(
        Schema.decodeTo(Schema.String, {
          decode: SchemaGetter.checkEffect((name: string) =>
            Names.use(({ known }) => Effect.succeed(known.includes(name)))
          ),
          encode: SchemaGetter.passthrough()
        })
      )
      const evaluation = Evaluation.make("names", {
        data: Dataset.fromIterable("names", [{ inputs: "Ada" }, { inputs: "Bob" }]),
        target: (name) => name
      })
      const run: Effect.Effect<{ readonly rows: ReadonlyArray<Row.Row> }, unknown, Names> = untraced(
        Evaluation.run(evaluation, { evaluators: [Json.conforms(Known, { text: "keep" })] })
      )
      const { rows } = yield* Effect.provideService(run, Names, { known: ["Ada"] })
      assert.deepStrictEqual(rows.map((row) => Row.score(row, "schema")), [1, 0])
    }))
})

describe("a Standard Schema", () => {
  const even = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: async (value: unknown) =>
        typeof value === "number" && value % 2 === 0
          ? { value }
          : { issues: [{ message: "not even", path: ["a", { key: 0 }] }] }
    }
  } as const

  it.effect("is waited for", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.conforms(even), 2), "true: conforms")
      assert.strictEqual(yield* outcomeOf(Json.conforms(even), "3"), "false: 1 problem: a[0]: not even")
    }))
})

describe("a JSON Schema", () => {
  it("finds what is wrong, and where", () => {
    const check = Json.jsonSchemaCheck({
      type: "object",
      required: ["id"],
      properties: {
        id: { type: "integer", minimum: 1 },
        tags: { items: { $ref: "#/$defs/tag" } },
        at: { format: "date" }
      },
      additionalProperties: false,
      $defs: { tag: { type: "string", maxLength: 3 } }
    })
    assert.deepStrictEqual(check({ id: 1, tags: ["a"], at: "2024-02-29" }), [])
    const paths = (data: unknown) => check(data).map(({ path }) => path)
    assert.deepStrictEqual(paths({}), [""])
    assert.deepStrictEqual(paths({ id: 0 }), ["id"])
    assert.deepStrictEqual(paths({ id: 1, tags: ["a", "long"] }), ["tags[1]"])
    assert.deepStrictEqual(paths({ id: 1, at: "2023-02-29" }), ["at"])
    assert.include(paths({ id: 1, x: 1 }), "x")
    // What JSON cannot say is read as JSON writes it.
    assert.deepStrictEqual(
      Json.jsonSchemaCheck({ properties: { at: { type: "string" } } })({ at: new Date(0), u: undefined }),
      []
    )
  })

  it("knows the drafts apart", () => {
    const tuple = { items: [{ type: "string" }], additionalItems: false }
    assert.strictEqual(
      Json.jsonSchemaCheck({ $schema: "http://json-schema.org/draft-07/schema#", ...tuple })(["a", 1]).length,
      1
    )
    assert.strictEqual(Json.jsonSchemaCheck({ prefixItems: [{ type: "string" }] })([1]).length, 1)
    assert.deepStrictEqual(Json.jsonSchemaCheck(true)(1), [])
    assert.strictEqual(Json.jsonSchemaCheck(false)(1).length, 1)
  })

  it("refuses schemas with mistakes when the scorer is made", () => {
    const refused: ReadonlyArray<[Json.JsonSchema, RegExp]> = [
      [{ type: "bogus" }, /the type "bogus" at #\/type/],
      [{ properties: { a: { type: ["string", "text"] } } }, /"text" at #\/properties\/a\/type/],
      [{ anyOf: [{ pattern: "(" }] }, /pattern at #\/anyOf\/0\/pattern that is no regular expression/],
      [{ patternProperties: { "[": {} } }, /no regular expression/],
      [{ format: "url" }, /use "uri"/],
      [{ $ref: "other.json" }, /refers to "other.json"/],
      [{ items: { $ref: "#/$defs/none" } }, /refers to "#\/\$defs\/none" at #\/items\/\$ref/],
      [{ properties: { a: 5 } }, /has 5 at #\/properties\/a/]
    ]
    for (const [schema, message] of refused) assert.throws(() => Json.conformsToJsonSchema(schema), message)
    // Data in a schema is no schema.
    Json.conformsToJsonSchema({
      const: { type: "bogus" },
      properties: { type: { enum: ["bogus"] } },
      default: { $ref: "x" }
    })
  })

  it.effect("is a scorer; a pattern that an output drives into backtracking without end is stopped", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcomeOf(Json.conformsToJsonSchema({ type: "array" }), "[1]"), "true: conforms")
      assert.match(
        yield* outcomeOf(Json.conformsToJsonSchema({ properties: { a: { type: "string" } } }), { a: 1 }),
        /^false: 1 problem: a: Instance type "number" is invalid/
      )
      assert.match(yield* outcomeOf(Json.conformsToJsonSchema({}), "no"), /^false: 1 problem: no JSON/)
      const slow = Json.conformsToJsonSchema({ pattern: "^(a+)+$" }, { text: "keep" })
      assert.strictEqual(yield* outcomeOf(slow, "aaa"), "true: conforms")
      assert.match(
        yield* outcomeOf(slow, `${"a".repeat(60)}!`),
        /^Failed: UnusableValue: json_schema: holding the value against the JSON Schema failed: it took longer than 1000 ms/
      )
    }))

  it("checks a megabyte of every format", () => {
    const many = 1_000_000
    const texts = ["a", "@", "a.", "%20", "\"", "\"\\a", "http://a-", "{a}", "/", "0", ":", "P1", "{a,"].map((part) =>
      part.repeat(many / part.length)
    )
    const formats = [
      "date",
      "time",
      "date-time",
      "duration",
      "uri",
      "uri-reference",
      "uri-template",
      "email",
      "hostname",
      "ipv4",
      "ipv6",
      "uuid",
      "json-pointer",
      "regex"
    ]
    let checked = 0
    for (const format of formats) {
      const check = Json.jsonSchemaCheck({ format })
      for (const text of texts) checked += check(`${text} `).length >= 0 ? 1 : 0
    }
    assert.strictEqual(checked, formats.length * texts.length)
  })
})
