/** A disk with little room, which only root can make. */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const mount = (directory: string, kilobytes: number) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", directory]).status === 0

const unmount = (directory: string) => {
  spawnSync("umount", ["-l", directory])
  rmSync(directory, { recursive: true, force: true })
}

/** Whether there can be one here. */
export const canMount = process.platform === "linux" && process.getuid?.() === 0 && (() => {
  const directory = mkdtempSync(join(tmpdir(), "effect-evals-disk-"))
  const mounted = mount(directory, 64)
  unmount(directory)
  return mounted
})()

if (!canMount) console.warn("Skipped are tests with a full disk: only root can mount one.")

/** A directory on such a disk, until the scope closes. */
export const tinyDisk = (kilobytes: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = mkdtempSync(join(tmpdir(), "effect-evals-disk-"))
      if (!mount(directory, kilobytes)) throw new Error(`${directory} could not be mounted`)
      return directory
    }),
    (directory) => Effect.sync(() => unmount(directory))
  )

const ballast = (directory: string) => join(directory, "ballast")

/** Fills the disk but for so many bytes. */
export const fill = (directory: string, free: number) =>
  Effect.sync(() => {
    const { bavail, bsize } = statfsSync(directory)
    writeFileSync(ballast(directory), Buffer.alloc(Math.max(0, bavail * bsize - free), 1))
  })

/** Makes the room again. */
export const empty = (directory: string) => Effect.sync(() => rmSync(ballast(directory)))
