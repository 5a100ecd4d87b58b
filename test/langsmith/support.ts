/** Short ways to a stand-in for LangSmith, and to the layers that talk to it. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { LangSmith } from "../../src/langsmith/index.ts"
import { type Options, Stub } from "./stub.ts"

/** The key that all tests use. */
export const key = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"

/** A server for as long as the scope is open. */
export const startStub = (options: Options = {}) =>
  Effect.acquireRelease(Effect.promise(() => new Stub(options).start()), (stub) => Effect.promise(() => stub.stop()))

export const platform = Layer.merge(FetchHttpClient.layer, NodeServices.layer)

/** All that the wing has, on a stub. */
export const langsmith = (stub: Stub, options: LangSmith.Options = {}) =>
  LangSmith.layer({ apiUrl: stub.url, apiKey: Redacted.make(key), ...options }).pipe(Layer.provide(platform))

/** A directory for as long as the scope is open, and what is in it. */
export const temporaryDirectory = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const directory = yield* fileSystem.makeTempDirectoryScoped()
  return {
    directory: `${directory}/spool`,
    files: Effect.map(
      Effect.orElseSucceed(fileSystem.readDirectory(`${directory}/spool`), (): Array<string> => []),
      (files) => files.sort()
    ),
    read: (file: string) => fileSystem.readFile(`${directory}/spool/${file}`)
  }
})
