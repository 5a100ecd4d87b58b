/** A server on the loopback interface that speaks enough of OpenAI's protocol for its client. */
import { Effect, type Scope } from "effect"
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Stub {
  readonly url: string
}

/** What to answer: a body, or events of a stream. */
export type Play =
  | { readonly status?: number; readonly body: unknown }
  | { readonly events: ReadonlyArray<unknown>; readonly then?: "done" | "break" }

export const openaiStub = (
  play: (path: string, body: { readonly [key: string]: unknown }) => Play
): Effect.Effect<Stub, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer(async (request, response) => {
        const pieces: Array<Buffer> = []
        for await (const piece of request) pieces.push(piece)
        const body = JSON.parse(Buffer.concat(pieces).toString("utf8") || "{}")
        const path = (request.url ?? "").replace("/v1", "")
        await perform(play(path, body), response)
      })
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const { port } = server.address() as AddressInfo
      return { url: `http://127.0.0.1:${port}/v1`, server }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, "close")
      })
  )

const perform = async (play: Play, response: ServerResponse) => {
  if ("body" in play) {
    response.writeHead(play.status ?? 200, { "content-type": "application/json" })
    return void response.end(JSON.stringify(play.body))
  }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const event of play.events) {
    response.write(`data: ${JSON.stringify(event)}\n\n`)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  if (play.then === "break") response.destroy()
  else response.end("data: [DONE]\n\n")
}

export const usage = {
  prompt_tokens: 10,
  completion_tokens: 4,
  total_tokens: 14,
  prompt_tokens_details: { cached_tokens: 3 }
}

export const completion = (content: string) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt-5-mini-2026",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content, refusal: null } }],
  usage
})

export const chunk = (delta: object, more: object = {}) => ({
  id: "chatcmpl-2",
  object: "chat.completion.chunk",
  created: 1,
  model: "gpt-5-mini-2026",
  choices: [{ index: 0, delta, finish_reason: null, ...more }]
})
