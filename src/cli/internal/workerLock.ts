/** One worker at a time on a SQLite file: two would not know of one another, and do everything twice. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { type Failure, usage } from "./failure.ts"
import type { Project } from "./project.ts"
import { shownStore } from "./store.ts"

/** Takes the place of the worker until the scope closes. A worker that died leaves it free. */
export const lockWorker = (project: Project): Effect.Effect<void, Failure, Scope.Scope> => {
  // A database on a server is for several machines, whose processes are not seen from here.
  if (project.store.includes("://")) return Effect.void
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
