import { assert, it } from "@effect/vitest"
import { Cause, Data, Schema } from "effect"
import { causeLine, errorLine } from "../../../src/internal/values/causes.ts"

class Refused extends Data.TaggedError("Refused")<{ readonly code: number; readonly id: string }> {}
class Told extends Schema.TaggedError<Told>()("Told", { message: Schema.String, code: Schema.Int }) {}

it("an error in a line has its message or, without one, its fields", () => {
  assert.strictEqual(errorLine(new TypeError("no  such\nthing")), "TypeError: no such thing")
  assert.strictEqual(errorLine(new Refused({ code: 7, id: "a" })), `Refused {"code":7,"id":"a"}`)
  assert.strictEqual(errorLine(new Told({ message: "told so", code: 7 })), "Told: told so")
  assert.strictEqual(errorLine({ _tag: "Plain", code: 7 }), `Plain {"code":7}`)
  assert.strictEqual(errorLine({ _tag: "Plain" }), "Plain")
  assert.strictEqual(
    errorLine({ status: 429, headers: { "retry-after": "1" } }),
    `{"status":429,"headers":{"retry-after":"1"}}`
  )
  assert.strictEqual(errorLine(new Error()), "Error")
  assert.strictEqual(errorLine(5), "5")
  assert.isAtMost(errorLine({ text: "x".repeat(10_000) }).length, 500)
  assert.strictEqual(causeLine(Cause.fail(new Refused({ code: 1, id: "b" }))), `Refused {"code":1,"id":"b"}`)
})

it("an error that cannot be read is one, too", () => {
  const hostile = Object.create(Error.prototype, {
    message: {
      get() {
        throw new Error("no")
      }
    }
  })
  assert.strictEqual(errorLine(hostile), "an error that cannot be read")
})
