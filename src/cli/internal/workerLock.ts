/** One worker at a time on a store: two would not know of one another, and do everything twice. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { SqlClient } from "effect/sql/SqlClient"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { type Failure, usage } from "./failure.ts"
import type { Project } from "./project.ts"
import { shownStore } from "./store.ts"

/** Takes the place of the worker until the scope closes. A worker that died leaves it free. */
export const lockWorker = (project: Project): Effect.Effect<void, unknown, Scope.Scope | SqlClient> =>
  project.store.includes("://") ? lockDatabase(project) : lockFile(project)

/** Two numbers that stand for this lock among those of other programs. */
const advisoryLock = [4983, 1]

/** Processes on other machines are not seen from here, but the server sees their connections. */
const lockDatabase = Effect.fnUntraced(function*(project: Project) {
  const sql = yield* SqlClient
  // The lock is the connection's, so it is kept until the end.
  const connection = yield* sql.reserve
  const [row] = yield* connection.execute("SELECT pg_try_advisory_lock($1, $2) AS taken", advisoryLock, undefined)
  const isTaken = typeof row === "object" && row !== null && "taken" in row && row.taken === true
  if (!isTaken) {
    return yield* usage(`A worker is at work on ${shownStore(project)} already. One is enough; it takes on all jobs.`)
  }
})

const lockFile = (project: Project): Effect.Effect<void, Failure, Scope.Scope> => {
  const file = `${project.store}.worker`
  return Effect.asVoid(Effect.acquireRelease(
    Effect.suspend(() => {
      mkdirSync(dirname(file), { recursive: true })
      if (take(file)) return Effect.void
      const owner = ownerOf(file)
      if (owner !== undefined && isAlive(owner)) {
        return Effect.fail(usage(
          `A worker is at work on ${
            shownStore(project)
          } already: process ${owner}. One is enough; it takes on all jobs.`
        ))
      }
      rmSync(file, { force: true })
      return take(file)
        ? Effect.void
        : Effect.fail(usage(`Another worker was faster on ${shownStore(project)}.`))
    }),
    () => Effect.sync(() => rmSync(file, { force: true }))
  ))
}

const take = (file: string): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false
    throw error
  }
}

const ownerOf = (file: string): number | undefined => {
  try {
    const pid = Number(readFileSync(file, "utf8"))
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch (error) {
    // It has just ended.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}
