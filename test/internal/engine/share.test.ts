import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Evaluation, Evaluator } from "../../../src/index.ts"
import { resolveSettings } from "../../../src/internal/engine/settings.ts"
import { Share, shareOfLimits, shareOfSettings } from "../../../src/internal/engine/share.ts"
import { numbers, untraced } from "../../support/run.ts"

const part = (part: number, parts: number, rest: Partial<Share> = {}): Share => ({
  part,
  parts,
  room: Number.POSITIVE_INFINITY,
  rateKey: "whole",
  ...rest
})

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

describe("the shares of the parts", () => {
  it.prop(
    "add up to the limits of the whole, and are as even as they can be",
    { parts: between(1, 20), more: between(0, 100) },
    ({ more, parts }) => {
      const limit = parts + more
      const all = Array.from({ length: parts }, (_, n) => {
        const share = part(n, parts)
        const { concurrency, evaluatorConcurrency } = shareOfSettings(
          share,
          resolveSettings({ concurrency: limit, evaluatorConcurrency: limit + 1 })
        )
        const limits = shareOfLimits(share, "judge", { concurrency: limit })
        return [concurrency, evaluatorConcurrency, limits.concurrency ?? 0]
      })
      const sum = (place: number) => all.reduce((sum, shares) => sum + (shares[place] ?? 0), 0)
      assert.deepStrictEqual([0, 1, 2].map(sum), [limit, limit + 1, limit])
      const concurrencies = all.map(([concurrency = 0]) => concurrency)
      assert.isAtMost(Math.max(...concurrencies) - Math.min(...concurrencies), 1)
    }
  )

  it("leave no part without any, and fit into the room there is", () => {
    const settings = resolveSettings({ concurrency: 2 })
    assert.strictEqual(shareOfSettings(part(4, 5), settings).concurrency, 1)
    assert.strictEqual(shareOfSettings(part(0, 1, { room: 1 }), settings).concurrency, 1)
    assert.strictEqual(shareOfSettings(undefined, settings), settings)
  })

  it("count rates together, under a key of the whole or the user's", () => {
    const rateLimit = { limit: 7, window: "1 second" } as const
    const keyed = { ...rateLimit, key: "provider" }
    const of = (share: Share, limit: typeof keyed | typeof rateLimit) =>
      shareOfLimits(share, "judge", { rateLimit: limit }).rateLimit
    assert.deepInclude(of(part(1, 3), rateLimit), { key: "whole/judge", limit: 7 })
    assert.deepInclude(of(part(2, 3), rateLimit), { key: "whole/judge", limit: 7 })
    assert.deepInclude(of(part(1, 3), keyed), { key: "provider", limit: 7 })
    assert.deepStrictEqual(shareOfLimits(undefined, "judge", { rateLimit }), { rateLimit })
  })
})

describe("a run that is a part", () => {
  it.effect("has no more at work than its share, of targets and of evaluators", () =>
    Effect.gen(function*() {
      const meter = () => {
        const counts = { active: 0, peak: 0 }
        const use = Effect.gen(function*() {
          counts.peak = Math.max(counts.peak, ++counts.active)
          yield* Effect.yieldNow
          yield* Effect.yieldNow
          counts.active--
        })
        return { counts, use }
      }
      const [target, judge] = [meter(), meter()]
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("part", { data: numbers(30), target: () => target.use }), {
          evaluators: [Evaluator.make("judge", () => Effect.as(judge.use, true), { concurrency: 5 })],
          concurrency: 8
        })
      ).pipe(Effect.provideService(Share, part(2, 3)))
      assert.strictEqual(experiment.rowCount, 30)
      assert.strictEqual(target.counts.peak, 2)
      assert.strictEqual(judge.counts.peak, 1)
    }))
})
