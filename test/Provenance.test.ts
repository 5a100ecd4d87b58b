import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { systemError } from "effect/PlatformError"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Evaluation, Provenance } from "../src/index.ts"
import { numbers, untraced } from "./support/run.ts"

/** Runs in a folder of its own, which is where git looks. */
const inFolder = <A, E, R>(prepare: (folder: string) => void, effect: Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const before = process.cwd()
      const folder = mkdtempSync(join(tmpdir(), "provenance-"))
      prepare(folder)
      process.chdir(folder)
      return { before, folder }
    }),
    () => effect,
    ({ before, folder }) =>
      Effect.sync(() => {
        process.chdir(before)
        rmSync(folder, { recursive: true })
      })
  )

const git = (folder: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], {
    cwd: folder,
    encoding: "utf8"
  }).trim()

describe("git", () => {
  it.live("tells commit, branch and whether files differ", () => {
    let commit = ""
    const repository = (dirty: boolean) => (folder: string) => {
      git(folder, "init", "--quiet", "--initial-branch=trunk")
      writeFileSync(join(folder, "a.txt"), "a")
      git(folder, "add", "a.txt")
      git(folder, "commit", "--quiet", "--message=first")
      commit = git(folder, "rev-parse", "HEAD")
      if (dirty) writeFileSync(join(folder, "a.txt"), "b")
    }
    return Effect.gen(function*() {
      const clean = yield* inFolder(repository(false), Provenance.git)
      assert.deepStrictEqual(clean, { git: { commit, branch: "trunk", dirty: false } })
      const dirty = yield* inFolder(repository(true), Provenance.git)
      assert.deepStrictEqual(dirty, { git: { commit, branch: "trunk", dirty: true } })
    }).pipe(Effect.provide(NodeServices.layer))
  })

  it.live("says so where there is no repository", () =>
    inFolder(() => {}, Provenance.git).pipe(
      Effect.map((provenance) =>
        assert.deepStrictEqual(provenance, { git: { unavailable: "no git repository, or one without commits" } })
      ),
      Effect.provide(NodeServices.layer)
    ))

  it.effect("is never a reason to fail, and stands in the experiment beside the versions", () => {
    const missing = systemError({ _tag: "NotFound", module: "ChildProcess", method: "spawn", pathOrDescriptor: "git" })
    const noGit = Layer.succeed(
      ChildProcessSpawner.ChildProcessSpawner,
      ChildProcessSpawner.make(() => Effect.fail(missing))
    )
    return Effect.gen(function*() {
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("t", { data: numbers(1), target: (n) => n }), { provenance: Provenance.git })
      )
      assert.strictEqual(experiment.status, "completed")
      assert.containsAllKeys(experiment.provenance, ["effectEvals", "effect", "runtime", "git"])
      assert.property(experiment.provenance["git"], "unavailable")
    }).pipe(Effect.provide(noGit))
  })
})
