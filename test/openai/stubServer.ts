/** A server on the loopback interface that plays what it is told, and keeps what it was asked. */
import { Effect, Layer, Redacted, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { once } from "node:events"
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { OpenAiClient } from "../../src/openai/index.ts"

/** What to play: a whole answer, or pieces of one; or nothing, for ever. */
export type Play =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | { readonly chunks: ReadonlyArray<string | Uint8Array>; readonly then: "end" | "hang" | "break" }
  | "hang"

export interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever was sent
  readonly body: any
}

export interface Stub {
  readonly url: string
  readonly asked: ReadonlyArray<Asked>
  /** Ends when a request has come in whose answer is not yet complete. */
  readonly waiting: Effect.Effect<void>
  /** Ends when a client has hung up before its answer was complete. */
  readonly hungUp: Effect.Effect<void>
}

/** The key that all tests use. */
export const key = "sk-test-0123456789abcdef"

/** Starts a server for as long as the scope is open. It plays in the order of requests, or as a function of them. */
export const stubServer = (
  plays: ReadonlyArray<Play> | ((asked: Asked, index: number) => Play)
): Effect.Effect<Stub, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const asked: Array<Asked> = []
      const waiting = Promise.withResolvers<void>()
      const hungUp = Promise.withResolvers<void>()
      const server = createServer(async (request, response) => {
        const pieces: Array<Buffer> = []
        for await (const piece of request) pieces.push(piece)
        const question: Asked = {
          path: request.url ?? "",
          headers: request.headers,
          body: JSON.parse(Buffer.concat(pieces).toString("utf8"))
        }
        asked.push(question)
        response.on("close", () => {
          if (!response.writableFinished) hungUp.resolve()
        })
        const index = asked.length - 1
        const play = typeof plays === "function" ? plays(question, index) : plays[index]
        await perform(play ?? { status: 500, body: "nothing to play" }, response, waiting.resolve)
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const { port } = server.address() as AddressInfo
      return {
        url: `http://127.0.0.1:${port}/v1`,
        asked,
        waiting: Effect.promise(() => waiting.promise),
        hungUp: Effect.promise(() => hungUp.promise),
        server
      }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, "close")
      })
  )

const perform = async (play: Play, response: ServerResponse, waiting: () => void) => {
  if (play === "hang") return waiting()
  if ("body" in play) {
    response.writeHead(play.status ?? 200, { "content-type": "application/json", ...play.headers })
    response.end(typeof play.body === "string" ? play.body : JSON.stringify(play.body))
    return
  }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const chunk of play.chunks) {
    await new Promise<void>((resolve) => response.write(chunk, () => resolve()))
    // A turn of the event loop, so that the pieces stay apart.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  if (play.then === "end") response.end()
  else if (play.then === "break") response.destroy()
  else waiting()
}

/** The client of a stub, with the key. */
export const clientOf = (stub: Stub, options: OpenAiClient.Options = {}) =>
  OpenAiClient.layer({ apiUrl: stub.url, apiKey: Redacted.make(key), ...options }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.orDie
  )

/** Server-sent events of JSON, as OpenAI sends them. */
export const events = (data: ReadonlyArray<unknown>): string =>
  data.map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`).join("")
