/** Databases for tests. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { SqliteClient } from "effect-evals/sql"

/** Gives a path for a database file in a directory that is gone afterwards. */
export const withFile = <A, E, R>(f: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* f(`${yield* fileSystem.makeTempDirectoryScoped()}/evals.db`)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Provides a client on a file. */
export const onFile = (filename: string, options: Partial<SqliteClient.Options> = {}) =>
  Effect.provide(SqliteClient.layer({ filename, ...options }))
