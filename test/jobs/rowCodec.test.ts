import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Schema } from "effect"
import { Attachment, Dataset, Evaluation, Evaluator } from "effect-evals"
import { rowFromStruct, RowJson } from "../../src/internal/journal/rowJson.ts"
import { makeCodec } from "../../src/jobs/internal/rowCodec.ts"
import { untraced } from "../support/run.ts"

/** Rows of all kinds: with everything and with next to nothing, that went well and that did not. */
const experiment = untraced(
  Evaluation.run(
    Evaluation.make("kinds", {
      data: Dataset.fromIterable("kinds", [
        { inputs: "plain" },
        { inputs: "fails" },
        { inputs: "dies" },
        { inputs: "waits" },
        {
          inputs: "full",
          referenceOutputs: { text: "full" },
          metadata: { n: 1 },
          split: ["a", "b"],
          attachments: { file: Attachment.fromBytes(new Uint8Array([1]), { mimeType: "text/plain" }) }
        }
      ]),
      target: (kind) =>
        kind === "fails"
          ? Effect.fail({ _tag: "Sorry", code: 7 })
          : kind === "dies"
          ? Effect.die(new Error("a bug"))
          : kind === "waits"
          ? Effect.never
          : Effect.succeed({ text: kind }).pipe(Effect.withSpan("inner", { attributes: { kind } }))
    }),
    {
      evaluators: [
        Evaluator.make("length", ({ outputs }) => ({ score: outputs.text.length, comment: "long" })),
        Evaluator.make(
          "broken",
          ({ inputs }) => inputs === "full" ? Effect.fail("judge is down") : Evaluator.skip("no")
        )
      ],
      repetitions: 2,
      timeout: "20 millis",
      tags: ["tag"]
    }
  )
)

describe("rows of a job", () => {
  it.live("are read as decoding would read them", () =>
    Effect.gen(function*() {
      const { decodeRow, encodeRow } = makeCodec({})
      const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(RowJson))
      const { rows } = yield* experiment
      for (const row of rows) {
        const text = encodeRow(row)
        const { example, ...rest } = yield* decodeRow("row", text)
        const { example: expected, ...others } = rowFromStruct(yield* decode(text))
        assert.deepStrictEqual(rest, others)
        assert.deepStrictEqual([example.id, example.contentHash, example.inputs, example.referenceOutputs], [
          expected.id,
          row.example.contentHash,
          row.example.inputs,
          row.example.referenceOutputs
        ])
        assert.strictEqual(encodeRow({ example, ...rest }), text)
      }
      const failed = yield* decodeRow("row", encodeRow(rows[2] ?? assert.fail("there is no row")))
      assert.isTrue(failed.run.outcome._tag === "Failed" && Cause.hasFails(failed.run.outcome.cause))
    }))

  it.live("and examples come back with their schemas, their hashes and their bytes", () =>
    Effect.gen(function*() {
      const { decodeExamples, encodeExample } = makeCodec({ inputs: Schema.Literals(["full"]) })
      const { rows } = yield* experiment
      const full = rows[8]?.example ?? assert.fail("there is no row")
      const text = JSON.stringify([yield* encodeExample(full)])
      const [again] = yield* decodeExamples("chunk", text)
      assert.deepStrictEqual(
        [again?.id, again?.contentHash, again?.inputs, again?.referenceOutputs, again?.metadata, again?.splits],
        [full.id, full.contentHash, "full", { text: "full" }, { n: 1 }, ["a", "b"]]
      )
      assert.deepStrictEqual(yield* again?.attachments["file"]?.bytes ?? Effect.die("no file"), new Uint8Array([1]))
      const unfit = yield* Effect.flip(decodeExamples("Chunk 3 of the job x", text.replaceAll("\"full\"", "\"empty\"")))
      assert.strictEqual(unfit.reason, "Unreadable")
      assert.match(unfit.message, /^Chunk 3 of the job x in the database is not what this version/)
      assert.strictEqual((yield* Effect.flip(decodeExamples("Chunk 3", text.slice(1)))).reason, "Unreadable")
    }))
})
