import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Example, type Row } from "../../src/index.ts"
import { makeUuids } from "../../src/internal/values/identity.ts"
import { makePrivacy } from "../../src/langsmith/internal/privacy.ts"
import { makeRowWriter } from "../../src/langsmith/internal/rowParts.ts"
import { dottedOrder, isoMicros, millisOf } from "../../src/langsmith/internal/times.ts"
import { parseForm } from "./stub.ts"

const boundary = "----a-boundary"

const writer = makeRowWriter({
  boundary,
  sessionName: `a "name"\r\nwith ${boundary.slice(0, 5)}`,
  sessionId: "s",
  home: { id: "s", startTime: 0 },
  referenceExamples: true,
  runsExist: false,
  said: new Set(),
  metadata: { m: "é" },
  feedbackKeys: new Map(),
  privacy: makePrivacy({}),
  newId: makeUuids()
})

const rowOf = (inputs: unknown, outputs: unknown, text: string): Row.Row => ({
  index: 0,
  example: Example.make<unknown, unknown>({
    id: "11111111-1111-4111-8111-111111111111",
    inputs,
    referenceOutputs: outputs
  }),
  run: {
    id: "22222222-2222-7222-8222-222222222222",
    name: text,
    runType: "chain",
    exampleId: "11111111-1111-4111-8111-111111111111",
    repetition: 0,
    inputs,
    outputs,
    outcome: { _tag: "Succeeded", outputs },
    error: undefined,
    startTime: 1_795_219_901_320.4297,
    endTime: 1_795_219_901_362.5,
    tags: [text],
    metadata: {},
    attempts: [],
    childRuns: [{
      id: "0123456789abcdef",
      name: text,
      runType: "tool",
      startTime: 1_795_219_901_330,
      endTime: 1_795_219_901_340,
      error: text,
      attributes: { [text]: outputs, inputs: text },
      events: [{ name: text, time: 1_795_219_901_335, attributes: { text } }],
      childRuns: [],
      usage: undefined
    }],
    usage: undefined
  },
  evaluations: [{
    evaluator: text,
    outcome: { _tag: "Scored", results: [{ key: text, score: 0.1, comment: text, value: outputs }] },
    startTime: 1_795_219_901_363,
    endTime: 1_795_219_901_364,
    attempts: [{ startTime: 1_795_219_901_363, endTime: 1_795_219_901_364, error: undefined }],
    childRuns: [],
    usage: undefined
  }]
})

const parse = (row: Row.Row) => {
  const pieces = writer(row)
  const form = Buffer.from(`${pieces.map(({ text }) => text).join("")}--${boundary}--\r\n`)
  // The parser holds each part to the length that it states.
  return { pieces, parts: parseForm(form, `multipart/form-data; boundary=${boundary}`) }
}

describe("the parts of a row", () => {
  it.effect.prop(
    "hold any data and any text as they are",
    { data: Schema.Json, text: Schema.String },
    ({ data, text }) =>
      Effect.sync(() => {
        const { parts, pieces } = parse(rowOf({ data }, data, text))
        const valueOf = (end: (name: string) => boolean) => parts.find(({ name }) => end(name))?.value
        const run = "22222222-2222-7222-8222-222222222222"
        assert.strictEqual(valueOf((name) => name === `post.${run}`).name, text)
        assert.deepStrictEqual(valueOf((name) => name === `post.${run}`).tags, [text])
        assert.deepStrictEqual(valueOf((name) => name === `post.${run}.inputs`), JSON.parse(JSON.stringify({ data })))
        const outputs = valueOf((name) => name === `post.${run}.outputs`)
        const isObject = typeof data === "object" && data !== null && !Array.isArray(data)
        assert.deepStrictEqual(isObject ? outputs : outputs.output, JSON.parse(JSON.stringify(data)))
        const feedback = valueOf((name) => name.startsWith("feedback."))
        assert.deepStrictEqual([feedback.key, feedback.comment, feedback.score], [text, text, 0.1])
        assert.strictEqual(parts.find(({ name }) => name.endsWith(".error"))?.value, text)
        // What the limits of the server are held against.
        for (const { bytes, text } of pieces) assert.strictEqual(bytes, Buffer.byteLength(text))
        assert.strictEqual(pieces.reduce((sum, { runs }) => sum + runs, 0), 3)
      }),
    { arbitrary: { runs: 200 } }
  )

  it("are as many as the row has runs and results, each with an id of its own", () => {
    const { parts } = parse(rowOf({ x: 1 }, 2, "name"))
    const names = parts.map(({ name }) => name.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "id"))
    assert.deepStrictEqual(names, [
      "post.id",
      "post.id.inputs",
      "post.id.outputs",
      "post.id.extra",
      "post.id",
      "post.id.inputs",
      "post.id.error",
      "post.id.events",
      "post.id.extra",
      "post.id",
      "post.id.inputs",
      "post.id.outputs",
      "post.id.extra",
      "feedback.id"
    ])
  })
})

describe("times", () => {
  it("are written to the microsecond, and sort as they are", () => {
    assert.strictEqual(isoMicros(1_795_219_901_320.4297), "2026-11-21T00:11:41.320429Z")
    assert.strictEqual(isoMicros(1_795_219_901_000), "2026-11-21T00:11:41.000000Z")
    assert.strictEqual(
      dottedOrder(isoMicros(1_795_219_901_320.25), "id"),
      "20261121T001141320250Zid"
    )
  })

  it("are read with and without a zone, and as numbers", () => {
    assert.strictEqual(millisOf("2026-11-21T00:11:41.320429Z"), 1_795_219_901_320.429)
    assert.strictEqual(millisOf("2026-11-21T00:11:41.320429+00:00"), 1_795_219_901_320.429)
    assert.strictEqual(millisOf("2026-11-21T00:11:41.320429"), 1_795_219_901_320.429)
    assert.strictEqual(millisOf("2026-11-21T01:11:41+01:00"), 1_795_219_901_000)
    assert.strictEqual(millisOf(5), 5)
    assert.isUndefined(millisOf("yesterday"))
    assert.isUndefined(millisOf(null))
  })

  it.effect.prop(
    "come back to the microsecond",
    { millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4_000_000_000_000_000 })) },
    ({ millis: micros }) =>
      Effect.sync(() => {
        const millis = micros / 1000
        assert.closeTo(millisOf(isoMicros(millis)) ?? Number.NaN, millis, 0.0011)
      })
  )
})
