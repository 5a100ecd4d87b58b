/** A server on the loopback interface that speaks as much of Redis's protocol as a cache needs. */
import { Effect, type Scope } from "effect"
import { once } from "node:events"
import { createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"

export interface RedisServer {
  readonly url: string
  /** What is kept: values, and for how many milliseconds. */
  readonly values: Map<string, { readonly value: string; readonly millis: number | undefined }>
}

/** Starts a server for as long as the scope is open. */
export const redisServer: Effect.Effect<RedisServer, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    const values: RedisServer["values"] = new Map()
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
      socket.on("error", () => socket.destroy())
      let waiting = ""
      socket.setEncoding("latin1").on("data", (text) => {
        const { commands, rest } = commandsIn(waiting + text)
        waiting = rest
        socket.write(commands.map((command) => reply(values, command)).join(""), "latin1")
      })
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, values, server, sockets }
  }),
  ({ server, sockets }) =>
    Effect.promise(async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    })
)

/** Commands are lists of texts, each with its length before it: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`. */
const commandsIn = (
  text: string
): { readonly commands: ReadonlyArray<ReadonlyArray<string>>; readonly rest: string } => {
  const commands: Array<ReadonlyArray<string>> = []
  let at = 0
  let complete = 0
  const number = (): number | undefined => {
    const end = text.indexOf("\r\n", at)
    if (end === -1) return undefined
    const found = Number(text.slice(at + 1, end))
    at = end + 2
    return found
  }
  while (at < text.length) {
    const count = number()
    if (count === undefined) break
    const parts: Array<string> = []
    while (parts.length < count) {
      const length = number()
      if (length === undefined || at + length + 2 > text.length) return { commands, rest: text.slice(complete) }
      parts.push(text.slice(at, at + length))
      at += length + 2
    }
    commands.push(parts)
    complete = at
  }
  return { commands, rest: text.slice(complete) }
}

const reply = (values: RedisServer["values"], [command = "", ...args]: ReadonlyArray<string>): string => {
  switch (command.toUpperCase()) {
    case "GET": {
      const found = values.get(args[0] ?? "")
      return found === undefined ? "_\r\n" : `$${found.value.length}\r\n${found.value}\r\n`
    }
    case "SET": {
      const [key = "", value = "", option, millis] = args
      values.set(key, { value, millis: option?.toUpperCase() === "PX" ? Number(millis) : undefined })
      return "+OK\r\n"
    }
    case "HELLO":
      return "%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n"
    case "PING":
      return "+PONG\r\n"
    case "CLIENT":
    case "QUIT":
      return "+OK\r\n"
    default:
      return `-ERR unknown command '${command}'\r\n`
  }
}
