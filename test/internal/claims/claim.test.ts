import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema } from "effect"
import { Dataset, Evaluation, ExperimentSource, TracingClient } from "../../../src/index.ts"
import { claim, type ClaimStore } from "../../../src/internal/claims/claim.ts"

const holder = { host: "elsewhere", pid: 7, since: 0, beat: 0 }

/** Keeps a claim until somebody takes it away, and counts what it is told. */
const store = () => {
  const counts = { beats: 0, released: 0 }
  const state = { held: true, reachable: true }
  const claims: ClaimStore<string> = {
    beatMillis: 5,
    take: () => Effect.undefined,
    beat: () =>
      Effect.suspend(() => {
        counts.beats++
        return state.reachable ? Effect.succeed(state.held) : Effect.fail("no connection")
      }),
    release: () => Effect.sync(() => void counts.released++)
  }
  return { claims, counts, state }
}

describe("a claim", () => {
  it.live("is kept up, also over a while in which its store is not there, and given back", () =>
    Effect.gen(function*() {
      const { claims, counts, state } = store()
      yield* Effect.scoped(Effect.gen(function*() {
        const { lost } = yield* claim(claims, "k", "fail")
        const losing = yield* Effect.forkChild(lost)
        while (counts.beats < 3) yield* Effect.sleep(2)
        state.reachable = false
        const before = counts.beats
        while (counts.beats < before + 3) yield* Effect.sleep(2)
        state.reachable = true
        while (counts.beats < before + 6) yield* Effect.sleep(2)
        assert.isUndefined(losing.pollUnsafe())
        assert.strictEqual(counts.released, 0)
        yield* Fiber.interrupt(losing)
      }))
      assert.strictEqual(counts.released, 1)
    }))

  it.live("that is lost stops the run, and what is done is kept", () =>
    Effect.gen(function*() {
      const { state } = store()
      let finalized = 0
      const run = Evaluation.resume(
        Evaluation.make("t", {
          data: Dataset.fromIterable("numbers", [0, 1, 2, 3].map((inputs) => ({ inputs }))),
          target: (n) =>
            n === 0 ? Effect.succeed(n) : Effect.suspend(() => {
              state.held = false
              return Effect.never
            }).pipe(Effect.onInterrupt(() => Effect.sync(() => void finalized++)))
        }),
        "suspended",
        { outputs: Schema.Number, concurrency: 2 }
      )
      const withClaims = Layer.effect(
        ExperimentSource.ExperimentSource,
        ExperimentSource.ExperimentSource.useSync((source) => ({
          ...source,
          claims: {
            beatMillis: 5,
            take: () => Effect.undefined,
            beat: () => Effect.sync(() => state.held),
            release: () => Effect.void
          }
        }))
      ).pipe(Layer.provideMerge(TracingClient.layerMemory))
      yield* Effect.gen(function*() {
        const error = yield* Effect.flip(run)
        assert.deepInclude(error, { _tag: "ExperimentInUse", experiment: "suspended" })
        assert.match(error.message, /Another process has taken over the work on suspended.* was it suspended\?/)
        assert.strictEqual(finalized, 2)
        const { experiments } = yield* TracingClient.Memory
        const [recorded] = yield* experiments
        assert.strictEqual(recorded?.footer?.status, "interrupted")
        assert.strictEqual(recorded?.rows.filter(({ run }) => run.outcome._tag === "Succeeded").length, 1)
      }).pipe(Effect.provide(withClaims), Effect.provide(NodeServices.layer))
    }))

  it.live("is waited for until it is free, and whoever waits can be interrupted", () =>
    Effect.gen(function*() {
      const { claims } = store()
      const waiting = yield* Effect.forkChild(
        Effect.scoped(claim({ ...claims, take: () => Effect.succeed(holder) }, "k", "wait"))
      )
      yield* Effect.sleep(20)
      yield* Fiber.interrupt(waiting)
      let asked = 0
      yield* Effect.scoped(
        claim({ ...claims, take: () => Effect.sync(() => asked++ === 0 ? holder : undefined) }, "k", "wait")
      )
      assert.strictEqual(asked, 2)
    }))
})
