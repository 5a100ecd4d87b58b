import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseBaggage, writeBaggage } from "../../src/traceable/internal/langsmithHeaders.ts"
import { chatOf } from "../../src/traceable/internal/openaiStreams.ts"

const Call = Schema.Struct({ name: Schema.NonEmptyString, arguments: Schema.String })
const Choice = Schema.Struct({ content: Schema.String, calls: Schema.Array(Call) })
const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })))

/** A text in pieces; the lengths come round again. */
const pieces = (text: string, cuts: ReadonlyArray<number>): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = cuts[turn % cuts.length] ?? text.length
    found.push(text.slice(at, at + length))
    at += length
  }
  return found
}

describe("a chat completion in chunks", () => {
  it.prop(
    "is the completion again, however it was cut and mixed",
    [Schema.Array(Choice), Cuts, Schema.Boolean],
    ([choices, cuts, mixed]) => {
      const streams = choices.map(({ calls, content }, index) => [
        { index, delta: { role: "assistant", content: "" } },
        ...pieces(content, cuts).map((content) => ({ index, delta: { content } })),
        ...calls.flatMap(({ arguments: text, name }, call) => [
          {
            index,
            delta: {
              tool_calls: [{
                index: call,
                id: `call-${index}-${call}`,
                type: "function",
                function: { name, arguments: "" }
              }]
            }
          },
          ...pieces(text, cuts).map((text) => ({
            index,
            delta: { tool_calls: [{ index: call, function: { arguments: text } }] }
          }))
        ]),
        { index, delta: {}, finish_reason: "stop" }
      ])
      const longest = Math.max(0, ...streams.map(({ length }) => length))
      const inOrder = mixed
        ? Array.from({ length: longest }, (_, at) => streams.flatMap((stream) => stream[at] ?? [])).flat()
        : streams.flat()
      const whole = chatOf(inOrder.map((choice) => ({ id: "1", model: "m", choices: [choice] })))
      const found = (whole["choices"] ?? []) as ReadonlyArray<{ readonly index: number }>
      assert.deepStrictEqual(
        found.toSorted((a, b) => a.index - b.index),
        choices.map(({ calls, content }, index) => ({
          index,
          finish_reason: "stop",
          message: {
            role: "assistant",
            content,
            ...(calls.length === 0 ? {} : {
              tool_calls: calls.map((call, n) => ({
                type: "function",
                id: `call-${index}-${n}`,
                function: { ...call }
              }))
            })
          }
        }))
      )
    }
  )
})

describe("baggage", () => {
  it.prop(
    "is read as it was written",
    [Schema.Record(Schema.NonEmptyString, Schema.Json), Schema.Array(Schema.NonEmptyString), Schema.NonEmptyString],
    ([metadata, tags, project]) => {
      const plainTags = tags.map((tag) => tag.replaceAll(",", ";"))
      const read = parseBaggage(`other=1, ${writeBaggage({ metadata, tags: plainTags, project })}`)
      assert.deepStrictEqual(read, {
        ...(Object.keys(metadata).length === 0 ? {} : { metadata: JSON.parse(JSON.stringify(metadata)) }),
        ...(plainTags.length === 0 ? {} : { tags: plainTags.map((tag) => tag.toWellFormed()) }),
        project: project.toWellFormed()
      })
    }
  )
})
