import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeElementLines } from "../../../src/internal/dataset/jsonLines.ts"

/** The text in chunks of so many characters. */
const linesOf = (text: string, pointer = "", size = 3) => {
  const found = makeElementLines(pointer)
  for (let at = 0; at < text.length; at += size) found.add(text.slice(at, at + size))
  return found.lines
}

describe("the lines of elements", () => {
  it("are those on which they begin", () => {
    assert.deepStrictEqual(linesOf("[]"), [])
    assert.deepStrictEqual(linesOf("[1, 2,\n3\n,\n\n-4e1,null,true]"), [1, 1, 2, 5, 5, 5])
    assert.deepStrictEqual(linesOf(`[{"a":\n[1,{"b":[2]}]},\n"a \\"text\\" [,{",\r\n {}, [\n]\n,[]]`), [1, 3, 4, 4, 6])
    assert.deepStrictEqual(linesOf(`{"a":[1]}`), [])
  })

  it("are found where a pointer leads", () => {
    const text = `{"x":[[9],\n[9]],"a/b":{"~":[\n1,\n[2]],"r":[0]},\n"list":[{"list":[5]},\n[7,\n8]]}`
    assert.deepStrictEqual(linesOf(text, "/a~1b/~0"), [3, 4])
    assert.deepStrictEqual(linesOf(text, "/list"), [5, 6])
    assert.deepStrictEqual(linesOf(text, "/list/1"), [6, 7])
    assert.deepStrictEqual(linesOf(text, "/x"), [1, 2])
    assert.deepStrictEqual(linesOf(text, "/nothing"), [])
    assert.deepStrictEqual(linesOf(`{"\\u0061":[1]}`, "/a"), [1])
  })

  it.prop("are as many as elements, in order, whatever the data and the chunks", [
    Schema.Array(Schema.Json),
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))
  ], ([elements, size]) => {
    const pretty = JSON.stringify(elements, undefined, 1)
    const lines = linesOf(pretty, "", size)
    assert.strictEqual(lines.length, elements.length)
    const begun = pretty.split("\n").flatMap((line, i) => /^ [^ \]}]/.test(line) ? [i + 1] : [])
    assert.deepStrictEqual(lines, begun)
  })
})
