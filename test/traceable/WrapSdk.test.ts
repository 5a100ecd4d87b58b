import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { wrapSdk } from "../../src/traceable/index.ts"
import { names, runOf, turn } from "./support.ts"

class Part {
  readonly #secret = "part"
  calls = 0
  async create(input: { readonly text: string }) {
    this.calls++
    await turn()
    return `${input.text} by ${this.#secret}`
  }
  async *stream() {
    yield "a"
    await turn()
    yield "b"
  }
  /** Begins its work when it is awaited, as query builders do. */
  query() {
    let begun = 0
    return {
      begun: () => begun,
      then: (resolve: (value: number) => void) => {
        begun++
        resolve(begun)
      }
    }
  }
  _internal() {
    return "inside"
  }
}

class Client {
  readonly #key = "key"
  readonly messages = new Part()
  readonly settings = Object.freeze({ url: "http://x" })
  readonly tags = ["a"]
  get region() {
    return `region of ${this.#key}`
  }
  withOptions() {
    return new Client()
  }
  helper = Object.assign(() => "helped", { version: 3 })
}

describe("wrapSdk", () => {
  it.live("traces methods at any depth, and leaves everything else alone", () =>
    Effect.gen(function*() {
      const bare = new Client()
      const client = wrapSdk(bare)
      const run = yield* runOf(async () => {
        await turn()
        const text = await client.messages.create({ text: "x" })
        let streamed = ""
        for await (const piece of client.messages.stream()) streamed += piece
        const query = client.messages.query()
        const answer = await query
        const other = await client.withOptions().messages.create({ text: "y" })
        return [text, streamed, answer, query.begun(), other, client.helper(), client.messages._internal()]
      })
      assert.deepStrictEqual(run.outputs, ["x by part", "ab", 1, 1, "y by part", "helped", "inside"])
      assert.deepStrictEqual(names(run), [
        "Client.messages.create",
        "Client.messages.stream",
        "Client.messages.query",
        "Client.withOptions",
        "Client.messages.create",
        "Client.helper"
      ])
      assert.deepStrictEqual(run.childRuns[0]?.attributes, { inputs: { text: "x" }, outputs: "x by part" })
      assert.strictEqual(run.childRuns[1]?.attributes["outputs"], "ab")
      assert.strictEqual(run.childRuns[2]?.attributes["outputs"], 1)

      assert.strictEqual(client.messages, client.messages)
      assert.strictEqual(client.messages.create, client.messages.create)
      assert.strictEqual(client.region, "region of key")
      assert.strictEqual(client.helper.version, 3)
      assert.deepStrictEqual([client.tags, client.settings.url], [["a"], "http://x"])
      assert.instanceOf(client, Client)
      assert.strictEqual(bare.messages.calls, 1)
      client.messages.calls = 7
      assert.strictEqual(bare.messages.calls, 7)
      assert.isFalse(Object.hasOwn(bare.messages, "create"))
    }))

  it.live("does as it is told", () =>
    Effect.gen(function*() {
      const client = wrapSdk(new Client(), {
        name: "anthropic",
        runType: "tool",
        methods: ["messages.create", "messages.stream"],
        processInputs: ([input], path) => ({ path, input }),
        processOutputs: (output) => String(output).toUpperCase(),
        aggregator: (chunks) => chunks.join("+")
      })
      const run = yield* runOf(async () => {
        await client.messages.create({ text: "x" })
        for await (const _ of client.messages.stream()) await turn()
        return client.helper()
      })
      assert.deepStrictEqual(
        run.childRuns.map(({ attributes, name, runType }) => [name, runType, attributes["outputs"]]),
        [
          ["anthropic.messages.create", "tool", "X BY PART"],
          ["anthropic.messages.stream", "tool", "A+B"]
        ]
      )
      assert.deepStrictEqual(run.childRuns[0]?.attributes["inputs"], { path: "messages.create", input: { text: "x" } })
    }))
})
