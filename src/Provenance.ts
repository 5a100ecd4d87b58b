/**
 * Where an experiment comes from, for the `provenance` option of a run.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { causeLine } from "./internal/values/causes.ts"

/**
 * The state of the git repository that the process runs in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Git {
  readonly commit: string
  readonly branch: string
  /** Whether files differ from the commit. */
  readonly dirty: boolean
}

/**
 * Asks git for commit, branch and whether there are uncommitted changes. Where there is no git or no repository, the
 * experiment says so; it is never a reason to fail.
 *
 * **Example** (An experiment that knows its commit)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Provenance, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("numbers", [{ inputs: 1 }])
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }), { provenance: Provenance.git }).pipe(
 *     Effect.provide([TracingClient.layerNone, NodeServices.layer])
 *   )
 * )
 * console.log("git" in experiment.provenance) // => true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const git: Effect.Effect<
  { readonly git: Git | { readonly unavailable: string } },
  never,
  ChildProcessSpawner.ChildProcessSpawner
> = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const ask = (...args: ReadonlyArray<string>) =>
    Effect.map(spawner.string(ChildProcess.make("git", args)), (text) => text.trim())
  const commit = yield* ask("rev-parse", "HEAD")
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return { git: { unavailable: "no git repository, or one without commits" } }
  const branch = yield* ask("rev-parse", "--abbrev-ref", "HEAD")
  const dirty = (yield* ask("status", "--porcelain")) !== ""
  return { git: { commit, branch, dirty } }
}).pipe(Effect.catchCause((cause) => Effect.succeed({ git: { unavailable: causeLine(cause) } })))
