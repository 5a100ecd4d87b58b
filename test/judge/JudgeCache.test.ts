import { NodeFileSystem, NodeRedis } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, FileSystem, Layer, Logger, Redacted } from "effect"
import { LanguageModel } from "effect/ai"
import { FetchHttpClient } from "effect/http"
import { KeyValueStore, Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import { Dataset, Evaluation, PairwiseEvaluation, Row } from "../../src/index.ts"
import { identityOf } from "../../src/internal/values/modelIdentity.ts"
import { Budget, Judge, JudgeCache } from "../../src/judge/index.ts"
import { OpenAiClient, OpenAiLanguageModel } from "../../src/openai/index.ts"
import { SqliteClient } from "../../src/sql/index.ts"
import { redisServer } from "../support/redisServer.ts"
import { untraced } from "../support/run.ts"
import { inShort, judged, scripted, yes } from "./judging.ts"

interface Options {
  readonly criteria?: string
  readonly output?: Judge.Output
  readonly examples?: ReadonlyArray<Judge.Example>
  readonly variables?: () => { readonly [name: string]: unknown }
  readonly samples?: number
  readonly version?: string
}

const polite = (options: Options = {}) => Judge.make("polite", { criteria: "The output is polite.", ...options })

const statistics = Effect.flatMap(JudgeCache.JudgeCache, ({ statistics }) => statistics)

/** Redis as far as the cache needs it, in a map. */
const redis = (values: Map<string, string>) =>
  Layer.effect(
    Redis.Redis,
    Redis.make({
      send: <A>(command: string, ...[key = "", value = ""]: ReadonlyArray<string>) =>
        Effect.sync(() => {
          if (command === "SET") values.set(key, value)
          // What Redis answers, which the type cannot know.
          return (command === "GET" ? values.get(key) ?? null : "OK") as A
        }),
      subscribe: () => Effect.never,
      connect: Effect.never
    })
  )

describe("a cache", () => {
  it.effect("asks each question once, and shows its hits", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const { counts, first, second } = yield* Effect.gen(function*() {
        const first = yield* judged(["a", "b"], [polite()])
        const second = yield* judged(["a", "b", "c"], [polite()])
        return { first, second, counts: yield* statistics }
      }).pipe(Effect.provide([model.layer, JudgeCache.layerMemory()]))
      assert.strictEqual((yield* model.calls).length, 3)
      assert.deepStrictEqual(first.rows.map((row) => Row.result(row, "polite")?.metadata), [
        { cache: { answers: 1, fromCache: 0 } },
        { cache: { answers: 1, fromCache: 0 } }
      ])
      assert.deepStrictEqual(second.rows.map((row) => Row.result(row, "polite")?.metadata?.["cache"]), [
        { answers: 1, fromCache: 1 },
        { answers: 1, fromCache: 1 },
        { answers: 1, fromCache: 0 }
      ])
      assert.deepStrictEqual(second.rows.map((row) => Row.result(row, "polite")?.comment), [
        "so it is",
        "so it is",
        "so it is"
      ])
      assert.deepInclude(counts, { hits: 2, misses: 3, shared: 0, storeErrors: 0 })
      assert.isAbove(counts.savedTokens, 0)
      // An answer that was not asked for costs nothing.
      assert.isUndefined(second.rows[0]?.evaluations[0]?.usage)
    }))

  const others: ReadonlyArray<readonly [string, Options]> = [
    ["criteria", { criteria: "The output is rude." }],
    ["the output", { output: Judge.choices({ good: 1, bad: 0 }) }],
    ["examples", { examples: [{ variables: { output: "x" }, reasoning: "r", verdict: true }] }],
    ["what is shown", { variables: () => ({ output: "something else" }) }],
    ["the version", { version: "2" }]
  ]
  for (const [what, options] of others) {
    it.effect(`knows another question by ${what}`, () =>
      Effect.gen(function*() {
        const model = yield* scripted(({ text }) =>
          text.includes("good, bad") ? { json: { ...yes.json, verdict: "good" } } : yes
        )
        yield* judged(["a"], [polite()]).pipe(
          Effect.andThen(judged(["a"], [polite(options)])),
          Effect.provide([model.layer, JudgeCache.layerMemory()])
        )
        assert.strictEqual((yield* model.calls).length, 2)
      }))
  }

  it.effect("knows another question by the model, its settings, the repetition and the sample", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const as = (name: string, settings?: object) =>
        Judge.identified(model.layer, { provider: "p", model: name, settings })
      const asked = (layer: Layer.Layer<LanguageModel.LanguageModel>, samples = 1, repetitions = 1) =>
        Effect.gen(function*() {
          const before = (yield* model.calls).length
          yield* judged(["a"], [polite({ samples })], { repetitions }).pipe(Effect.provide(layer))
          return (yield* model.calls).length - before
        })
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* asked(as("small")), 1)
        assert.strictEqual(yield* asked(as("small")), 0)
        assert.strictEqual(yield* asked(as("large")), 1)
        assert.strictEqual(yield* asked(as("small", { temperature: 1 })), 1)
        assert.strictEqual(yield* asked(as("small"), 3), 2)
        assert.strictEqual(yield* asked(as("small"), 3, 2), 3)
        assert.strictEqual(yield* asked(as("small"), 3, 2), 0)
      }).pipe(Effect.provide(JudgeCache.layerMemory()))
    }))

  it.effect("is told by models of OpenAI's protocol which they are, but not their key", () =>
    Effect.gen(function*() {
      const identity = (apiUrl: string, options: OpenAiLanguageModel.Options) =>
        Effect.map(LanguageModel.LanguageModel, identityOf).pipe(
          Effect.provide(
            OpenAiLanguageModel.layer(options).pipe(
              Layer.provide(OpenAiClient.layer({ apiUrl, apiKey: Redacted.make("sk-secret") })),
              Layer.provide(FetchHttpClient.layer)
            )
          )
        )
      const plain = yield* identity("http://localhost:1/v1", { model: "small" })
      assert.deepInclude(plain, { provider: "http://localhost:1/v1", model: "small" })
      const all = [
        plain,
        yield* identity("http://localhost:2/v1", { model: "small" }),
        yield* identity("http://localhost:1/v1", { model: "large" }),
        yield* identity("http://localhost:1/v1", { model: "small", config: { temperature: 1 } }),
        yield* identity("http://user:pass@localhost:1/v1?key=sk-secret", { model: "small" })
      ].map((each) => JSON.stringify(each))
      assert.strictEqual(new Set(all.slice(0, 4)).size, 4)
      assert.notInclude(all.join(), "secret")
      assert.notInclude(all.join(), "pass@")
      assert.strictEqual(JSON.stringify(yield* identity("http://localhost:1/v1", { model: "small" })), all[0])
    }))

  it.effect("and a budget hold for judges of pairs, too", () =>
    Effect.gen(function*() {
      const model = yield* scripted(() => ({ json: { reasoning: "longer", verdict: "A" } }))
      const data = Dataset.fromIterable("numbers", [1, 2, 3].map((inputs) => ({ inputs })))
      const run = (name: string) =>
        untraced(Evaluation.run(Evaluation.make("t", { data, target: (n) => `${name} ${n}` }), { name }))
      const runs = [yield* run("a"), yield* run("b")] as const
      const judge = untraced(
        PairwiseEvaluation.run(runs, { evaluators: [Judge.pairwise("better", { criteria: "It is longer." })] })
      )
      yield* Effect.gen(function*() {
        const first = yield* Effect.provide(judge, Budget.layer({ calls: 2 }))
        assert.deepInclude(first.keys["better"]?.outcomes, { scored: 2, skipped: 1 })
        const second = yield* judge
        assert.deepInclude(second.keys["better"]?.outcomes, { scored: 3, skipped: 0 })
      }).pipe(Effect.provide([model.layer, JudgeCache.layerMemory()]))
      assert.strictEqual((yield* model.calls).length, 3)
    }))

  it.effect("refuses a model of which it does not know which it is", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const anonymous = Layer.effect(
        LanguageModel.LanguageModel,
        Effect.map(LanguageModel.LanguageModel, ({ generateObject, generateText, streamText, ...self }) =>
          LanguageModel.LanguageModel.of({
            "~effect/ai/LanguageModel": self["~effect/ai/LanguageModel"],
            generateObject,
            generateText,
            streamText
          }))
      ).pipe(Layer.provide(model.layer))
      const experiment = yield* judged(["a"], [polite()]).pipe(Effect.provide([anonymous, JudgeCache.layerMemory()]))
      assert.match(inShort(experiment)[0] ?? "", /cannot tell which model answers. Say so with Judge.identified/)
      assert.strictEqual((yield* model.calls).length, 0)
    }))

  it.effect("has one question asked of several at once; who waits asks when the other is interrupted", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const model = yield* scripted(({ index }) => index === 0 ? Effect.never : Effect.as(Deferred.await(gate), yes))
      yield* Effect.gen(function*() {
        const first = yield* Effect.forkChild(judged(["a"], [polite()]))
        while ((yield* model.calls).length < 1) yield* Effect.yieldNow
        const others = yield* Effect.forkChild(
          Effect.all([judged(["a"], [polite()]), judged(["a"], [polite()])], { concurrency: 2 })
        )
        // Both have to be waiting by then: nothing else can be done without the first.
        for (let i = 0; i < 50; i++) yield* Effect.yieldNow
        yield* Fiber.interrupt(first)
        while ((yield* model.calls).length < 2) yield* Effect.yieldNow
        yield* Deferred.succeed(gate, undefined)
        const experiments = yield* Fiber.join(others)
        assert.deepStrictEqual(experiments.flatMap(inShort), ["true", "true"])
        assert.strictEqual((yield* model.calls).length, 2)
        assert.deepInclude(yield* statistics, { misses: 1, shared: 1 })
      }).pipe(Effect.provide([model.layer, JudgeCache.layerMemory()]))
    }))

  it.effect("keeps no failures", () =>
    Effect.gen(function*() {
      const model = yield* scripted(({ index }) => index < 2 ? "no JSON" : yes)
      const [first, second] = yield* Effect.all([judged(["a"], [polite()]), judged(["a"], [polite()])]).pipe(
        Effect.provide([model.layer, JudgeCache.layerMemory()])
      )
      assert.match(inShort(first)[0] ?? "", /^Failed/)
      assert.deepStrictEqual(inShort(second), ["true"])
    }))

  it.effect("forgets when it is told to", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      yield* Effect.gen(function*() {
        yield* judged(["a"], [polite()])
        yield* TestClock.adjust("59 minutes")
        yield* judged(["a"], [polite()])
        assert.strictEqual((yield* model.calls).length, 1)
        yield* TestClock.adjust("2 minutes")
        yield* judged(["a"], [polite()])
        assert.strictEqual((yield* model.calls).length, 2)
      }).pipe(Effect.provide([model.layer, JudgeCache.layerMemory({ timeToLive: "1 hour" })]))
    }))

  it.effect("is there for the next process: in a SQLite file, in a folder of values, in Redis", () =>
    Effect.gen(function*() {
      const directory = yield* Effect.flatMap(
        FileSystem.FileSystem,
        ({ makeTempDirectoryScoped }) => makeTempDirectoryScoped()
      )
      const values = new Map<string, string>()
      const store = KeyValueStore.makeStringOnly({
        get: (key) => Effect.sync(() => values.get(key)),
        set: (key, value) => Effect.sync(() => void values.set(key, value)),
        remove: (key) => Effect.sync(() => void values.delete(key)),
        clear: Effect.sync(() => values.clear()),
        keys: Effect.sync(() => Array.from(values.keys())),
        size: Effect.sync(() => values.size)
      })
      const inRedis = new Map<string, string>()
      const layers: ReadonlyArray<() => Layer.Layer<JudgeCache.JudgeCache, unknown>> = [
        () => JudgeCache.layerSql().pipe(Layer.provide(SqliteClient.layer({ filename: `${directory}/verdicts.db` }))),
        () => JudgeCache.layerKeyValueStore().pipe(Layer.provide(Layer.succeed(KeyValueStore.KeyValueStore, store))),
        () => JudgeCache.layerRedis().pipe(Layer.provide(redis(inRedis)))
      ]
      for (const layer of layers) {
        const model = yield* scripted()
        for (let process = 0; process < 2; process++) {
          const experiment = yield* judged(["a", "b"], [polite()]).pipe(Effect.provide([model.layer, layer()]))
          assert.deepStrictEqual(inShort(experiment), ["true", "true"])
        }
        assert.strictEqual((yield* model.calls).length, 2)
      }
      assert.deepStrictEqual(Array.from(inRedis.keys(), (key) => key.replace(/[0-9a-f]{32}/, "*")), [
        "effect_evals_judge:*",
        "effect_evals_judge:*"
      ])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.effect("that is broken costs money, not verdicts, and says so once", () =>
    Effect.gen(function*() {
      const model = yield* scripted()
      const logged: Array<string> = []
      const broken = KeyValueStore.makeStringOnly({
        get: () => Effect.fail(new KeyValueStore.KeyValueStoreError({ method: "get", message: "the disk is gone" })),
        set: () => Effect.fail(new KeyValueStore.KeyValueStoreError({ method: "set", message: "the disk is gone" })),
        remove: () => Effect.void,
        clear: Effect.void,
        keys: Effect.succeed([]),
        size: Effect.succeed(0)
      })
      const { counts, experiment } = yield* Effect.gen(function*() {
        return { experiment: yield* judged(["a", "b"], [polite()]), counts: yield* statistics }
      }).pipe(
        Effect.provide([
          model.layer,
          JudgeCache.layerKeyValueStore().pipe(Layer.provide(Layer.succeed(KeyValueStore.KeyValueStore, broken))),
          Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))])
        ])
      )
      assert.deepStrictEqual(inShort(experiment), ["true", "true"])
      assert.strictEqual(counts.storeErrors, 4)
      assert.strictEqual(logged.filter((line) => line.includes("The cache of judges could not be read")).length, 1)
    }))

  it.live("is kept in Redis by the client that apps have, for as long as it is to count", () =>
    Effect.gen(function*() {
      const server = yield* redisServer
      const model = yield* scripted(() => ({ json: { reasoning: "Höflich 👍", verdict: true } }))
      const cache = () =>
        JudgeCache.layerRedis({ timeToLive: "1 hour" }).pipe(Layer.provide(NodeRedis.layer({ url: server.url })))
      for (let process = 0; process < 2; process++) {
        const experiment = yield* judged(["a", "b"], [polite()]).pipe(Effect.provide([model.layer, cache()]))
        assert.deepStrictEqual(experiment.rows.map((row) => Row.result(row, "polite")?.comment), [
          "Höflich 👍",
          "Höflich 👍"
        ])
      }
      assert.strictEqual((yield* model.calls).length, 2)
      assert.deepStrictEqual(Array.from(server.values.values(), ({ millis }) => millis), [3_600_000, 3_600_000])
    }))

  it.effect("that never answers is asked again after a while, and keeps nobody from being interrupted", () =>
    Effect.gen(function*() {
      const values = new Map<string, string>()
      let away = true
      const stub = Layer.effect(
        Redis.Redis,
        Redis.make({
          send: <A>(command: string, ...[key = "", value = ""]: ReadonlyArray<string>) =>
            Effect.suspend(() => {
              if (away) return Effect.never
              if (command === "SET") values.set(key, value)
              return Effect.succeed((command === "GET" ? values.get(key) ?? null : "OK") as A)
            }),
          subscribe: () => Effect.never,
          connect: Effect.never
        })
      )
      yield* Effect.gen(function*() {
        const { through } = yield* JudgeCache.JudgeCache
        const ask = (key: string) => through(key, () => true, Effect.succeed({ value: key }))
        const first = yield* Effect.forkChild(ask("a"))
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(yield* Fiber.join(first), { answer: { value: "a" }, asked: true })
        // Left alone, so nothing waits.
        assert.strictEqual((yield* ask("b")).asked, true)
        yield* TestClock.adjust("30 seconds")
        const waiting = yield* Effect.forkChild(ask("c"))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(waiting)
        away = false
        assert.strictEqual((yield* ask("d")).asked, true)
        assert.strictEqual((yield* ask("d")).asked, false)
        assert.strictEqual((yield* statistics).storeErrors, 1)
      }).pipe(Effect.provide(JudgeCache.layerRedis().pipe(Layer.provide(stub))))
    }))

  it.effect("keeps what was paid for, even if the row is interrupted while it is written", () =>
    Effect.gen(function*() {
      const values = new Map<string, string>()
      const writing = yield* Deferred.make<void>()
      const slow = KeyValueStore.makeStringOnly({
        get: (key) => Effect.sync(() => values.get(key)),
        set: (key, value) =>
          Deferred.succeed(writing, undefined).pipe(
            Effect.andThen(Effect.sleep("1 second")),
            Effect.andThen(Effect.sync(() => void values.set(key, value)))
          ),
        remove: () => Effect.void,
        clear: Effect.void,
        keys: Effect.succeed([]),
        size: Effect.succeed(0)
      })
      yield* Effect.gen(function*() {
        const { through } = yield* JudgeCache.JudgeCache
        const asking = yield* Effect.forkChild(through("a", () => true, Effect.succeed({ value: "a" })))
        yield* Deferred.await(writing)
        const interrupting = yield* Effect.forkChild(Fiber.interrupt(asking))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(interrupting)
        assert.strictEqual(values.size, 1)
      }).pipe(Effect.provide(
        JudgeCache.layerKeyValueStore().pipe(
          Layer.provide(Layer.succeed(KeyValueStore.KeyValueStore, slow))
        )
      ))
    }))

  it.effect("does not take what it cannot read", () =>
    Effect.gen(function*() {
      const values = new Map<string, string>()
      const model = yield* scripted()
      const run = judged(["a"], [polite()]).pipe(
        Effect.provide([model.layer, JudgeCache.layerRedis().pipe(Layer.provide(redis(values)))])
      )
      yield* run
      for (const key of values.keys()) values.set(key, JSON.stringify({ value: { verdict: "perhaps" } }))
      assert.deepStrictEqual(inShort(yield* run), ["true"])
      assert.strictEqual((yield* model.calls).length, 2)
      assert.deepStrictEqual(inShort(yield* run), ["true"])
      assert.strictEqual((yield* model.calls).length, 2)
    }))
})

it.effect("the share of hits is a summary, and nothing where nobody looked", () =>
  Effect.gen(function*() {
    const { begin } = JudgeCache.hitRate()
    const result = yield* Effect.promise(async () => begin().result())
    assert.deepStrictEqual(result, { score: null, comment: "no judge looked into a cache" })
  }))
