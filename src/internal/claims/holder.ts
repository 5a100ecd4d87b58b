/** Who has a claim. */
import { readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** A process. */
export interface Holder {
  /** The machine, and on Linux the container: the numbers of processes say something within it alone. */
  readonly host: string
  readonly pid: number
  /** When it took the claim, in milliseconds since 1970. */
  readonly since: number
}

/** This process, now. */
export const thisProcess = (): Holder => ({ host: thisHost(), pid: process.pid, since: Date.now() })

const thisHost = (): string => {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`
  } catch {
    return hostname()
  }
}

/** Whether a process is known to have died. Of one on another machine nothing is known. */
export const isGone = ({ host, pid }: Pick<Holder, "host" | "pid">): boolean => {
  if (host !== thisHost()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    // Another user's process is there, but may not be sent anything.
    return !(error instanceof Error && "code" in error && error.code === "EPERM")
  }
}
