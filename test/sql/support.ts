/** Databases for tests. */
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { SqliteClient } from "effect-evals/sql"
import { spawnSync } from "node:child_process"

/** Nobody in particular. */
export const nobody = { uid: 65534, gid: 65534 }

/**
 * Whether other users get to what is installed here. Root cannot run a PostgreSQL server, nor be refused a file, so as root
 * some tests run programs as somebody else; below a directory that only root may enter, these do not start.
 */
export const canRunAsOthers = process.getuid?.() !== 0 ||
  spawnSync(process.execPath, ["--version"], nobody).status === 0

if (!canRunAsOthers) {
  console.warn("Skipped are tests that run as another user than root: this directory can be entered by root alone.")
}

/** Gives a path for a database file in a directory that is gone afterwards. */
export const withFile = <A, E, R>(f: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* f(`${yield* fileSystem.makeTempDirectoryScoped()}/evals.db`)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Provides a client on a file. */
export const onFile = (filename: string, options: Partial<SqliteClient.Options> = {}) =>
  Effect.provide(SqliteClient.layer({ filename, ...options }))
