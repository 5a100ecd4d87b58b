import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Schema, Stream } from "effect"
import { Attachment, Dataset, Evaluation, Evaluator, Experiment } from "../../../src/index.ts"
import { rowText } from "../../../src/internal/journal/rowText.ts"
import { untraced } from "../../support/run.ts"

const encode = Schema.encodeSync(Experiment.schema())

/** Rows that have everything a row may have. */
const experiment = untraced(Effect.gen(function*() {
  const data = Dataset.fromIterable("all sorts", [
    { inputs: 0 },
    { id: "id \"with\" \u0000", inputs: 1, referenceOutputs: { day: new Date(0) }, metadata: { a: [1n, Number.NaN] } },
    { inputs: 2, split: ["a", "b"] },
    { inputs: 3, attachments: { file: Attachment.fromBytes(new Uint8Array([1]), { mimeType: "image/png" }) } },
    { inputs: 4 }
  ])
  let attempts = 0
  const target = (n: number) =>
    Effect.suspend(() => {
      if (n === 0) return Effect.fail(new Error("none", { cause: new Error("deep") }))
      if (n === 1 && attempts++ === 0) return Effect.fail(new Error("once"))
      return n === 2 ? Effect.never : Effect.succeed(n === 4 ? undefined : { n, text: "half \ud800" })
    }).pipe(
      Effect.tap(() => Effect.logInfo("an event")),
      Effect.withSpan("child", { attributes: { "gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4 } })
    )
  return yield* Evaluation.run(Evaluation.make("t", { data, target }), {
    tags: ["x"],
    timeout: "20 millis",
    retry: Schedule.recurs(1),
    evaluators: [
      Evaluator.make("plain", () => true),
      Evaluator.make("rich", () => ({
        score: 0.1,
        value: { a: new Date(0) },
        comment: "c\n",
        metadata: { set: new Set([1]) },
        feedbackConfig: { type: "continuous" as const, min: 0 }
      })),
      Evaluator.make("skipping", () => ({ score: null, comment: "nothing to say" })),
      Evaluator.make("broken", () => Effect.fail({ code: 7 })),
      Evaluator.make("slow", () => Effect.never, { timeout: "10 millis" })
    ]
  })
}))

describe("the text of a row", () => {
  it.live("is what the schema makes of it", () =>
    Effect.gen(function*() {
      const made = yield* experiment
      assert.deepStrictEqual(
        made.rows.map(({ run }) => [run.outcome._tag, run.attempts.length]),
        [["Failed", 2], ["Succeeded", 2], ["TimedOut", 2], ["Succeeded", 1], ["Succeeded", 1]]
      )
      const { rows } = JSON.parse(JSON.stringify(encode(made)))
      const texts = yield* Stream.runCollect(Stream.map(Stream.fromIterable(made.rows), rowText))
      assert.deepStrictEqual(texts.map((text) => JSON.parse(text)), rows)
    }))
})
