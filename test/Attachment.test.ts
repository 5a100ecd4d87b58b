import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import * as Attachment from "../src/Attachment.ts"

const png = { mimeType: "image/png" }

describe("fromBytes", () => {
  it.effect("gives the bytes, and a source that names them", () =>
    Effect.gen(function*() {
      const attachment = Attachment.fromBytes(new TextEncoder().encode("abc"), png)
      assert.strictEqual(attachment.mimeType, "image/png")
      assert.strictEqual(
        attachment.source,
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      )
      assert.deepStrictEqual(yield* attachment.bytes, new TextEncoder().encode("abc"))
    }))

  it("has a source that depends on the bytes alone", () => {
    const sourceOf = (bytes: Uint8Array) => Attachment.fromBytes(bytes, png).source
    assert.strictEqual(sourceOf(new Uint8Array([1, 2])), sourceOf(Buffer.from([1, 2])))
    assert.notStrictEqual(sourceOf(new Uint8Array([1, 2])), sourceOf(new Uint8Array([1, 3])))
  })

  it.effect("does not show what happens to the bytes later", () =>
    Effect.gen(function*() {
      const data = new Uint8Array([1, 2, 3])
      const attachment = Attachment.fromBytes(data, png)
      data[0] = 9
      assert.deepStrictEqual(yield* attachment.bytes, new Uint8Array([1, 2, 3]))
    }))

  it.effect("gives every reader bytes of its own", () =>
    Effect.gen(function*() {
      const attachment = Attachment.fromBytes(Buffer.from([1, 2, 3]), png)
      const first = yield* attachment.bytes
      first.fill(0)
      assert.deepStrictEqual(yield* attachment.bytes, new Uint8Array([1, 2, 3]))
    }))
})

describe("fromEffect", () => {
  it.effect("reads when it is asked to, each time", () =>
    Effect.gen(function*() {
      let reads = 0
      const attachment = Attachment.fromEffect(Effect.sync(() => new Uint8Array([++reads])), {
        mimeType: "audio/wav",
        source: "https://example.com/a.wav"
      })
      assert.strictEqual(reads, 0)
      assert.strictEqual(attachment.source, "https://example.com/a.wav")
      assert.strictEqual(attachment.mimeType, "audio/wav")
      assert.deepStrictEqual(yield* attachment.bytes, new Uint8Array([1]))
      assert.deepStrictEqual(yield* attachment.bytes, new Uint8Array([2]))
    }))

  it.effect("gives every reader bytes of its own, also if the effect gives the same ones again", () =>
    Effect.gen(function*() {
      const attachment = Attachment.fromEffect(Effect.succeed(new Uint8Array([1])), { ...png, source: "cached" })
      const first = yield* attachment.bytes
      first[0] = 9
      assert.deepStrictEqual(yield* attachment.bytes, new Uint8Array([1]))
    }))

  it.effect("fails as the effect does", () =>
    Effect.gen(function*() {
      const error = new Attachment.AttachmentError({ source: "x", message: "gone" })
      const attachment = Attachment.fromEffect(Effect.fail(error), { ...png, source: "x" })
      assert.strictEqual(yield* Effect.flip(attachment.bytes), error)
    }))
})

layer(NodeServices.layer)("fromFile", (it) => {
  const inTemp = Effect.fnUntraced(function*(name: string) {
    const fileSystem = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    return path.join(yield* fileSystem.makeTempDirectoryScoped(), name)
  })

  it.effect("reads the file when it is asked to, not before", () =>
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const file = yield* inTemp("a.png")
      const attachment = yield* Attachment.fromFile(file, png)
      assert.strictEqual(attachment.source, file)
      assert.strictEqual(attachment.mimeType, "image/png")
      yield* fileSystem.writeFile(file, new Uint8Array([1, 2]))
      assert.deepStrictEqual(new Uint8Array(yield* attachment.bytes), new Uint8Array([1, 2]))
    }))

  it.effect("names a file that cannot be read", () =>
    Effect.gen(function*() {
      const file = yield* inTemp("missing.png")
      const attachment = yield* Attachment.fromFile(file, png)
      const error = yield* Effect.flip(attachment.bytes)
      assert.instanceOf(error, Attachment.AttachmentError)
      assert.strictEqual(error.source, file)
      assert.include(error.message, `The attachment ${file} could not be read: NotFound`)
      assert.isDefined(error.cause)
    }))
})
