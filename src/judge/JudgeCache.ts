/**
 * What judges said before, so that a question is paid for once: in memory, in SQLite or another database, in a store of
 * keys and values, or in Redis, by the backing stores of `effect/persistence`.
 *
 * A question is the same if the model and its settings, the whole prompt, the version of the judge, the repetition of the
 * example and the number of the sample are. Of two that are asked at once, one is; the other waits for the answer. If the
 * store fails, the model is asked, and a warning says so.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as Persistence from "effect/persistence/Persistence"
import type * as Redis from "effect/persistence/Redis"
import * as Predicate from "effect/Predicate"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as Row from "../Row.ts"
import * as SummaryEvaluator from "../SummaryEvaluator.ts"

/**
 * An answer as it is kept: JSON.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly value: unknown
  /** The tokens of the question, where the model said so. */
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
}

/**
 * Where answers came from so far.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics {
  /** From the store. */
  readonly hits: number
  /** From a question that somebody else was just asking. */
  readonly shared: number
  /** From the model. */
  readonly misses: number
  /** Times that the store could not be read or written. */
  readonly storeErrors: number
  /** What the answers of hits and shared ones had taken. */
  readonly savedTokens: number
}

/**
 * The cache of judges. Whoever provides its layer has all judges use it.
 *
 * @category services
 * @since 0.1.0
 */
export class JudgeCache extends Context.Service<JudgeCache, {
  /** The answer that is there, or else what asking gives. `usable` says whether an answer can be read. */
  readonly through: <E, R>(
    key: string,
    usable: (answer: Answer) => boolean,
    ask: Effect.Effect<Answer, E, R>
  ) => Effect.Effect<{ readonly answer: Answer; readonly asked: boolean }, E, R>
  readonly statistics: Effect.Effect<Statistics>
}>()("effect-evals/judge/JudgeCache") {}

/**
 * How answers are kept.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** What sets them apart from others in the same store. Default: `effect_evals_judge`. */
  readonly storeId?: string | undefined
  /** How long an answer counts. Default: for ever. */
  readonly timeToLive?: Duration.Input | undefined
}

/**
 * A cache in the process: for judges that see the same thing several times in a run, and for tests.
 *
 * **Example** (The second time costs nothing)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Judge, JudgeCache } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const run = Evaluation.run(
 *   Evaluation.make("greetings", { data: Dataset.fromIterable("greetings", [{ inputs: "hello" }]), target: (text) => text }),
 *   { evaluators: [Judge.make("polite", { criteria: "The output is polite." })], summaryEvaluators: [JudgeCache.hitRate()] }
 * )
 * const program = Effect.gen(function*() {
 *   const model = yield* ScriptedLanguageModel.make(() => ({ json: { reasoning: "It greets.", verdict: true } }))
 *   const first = yield* Effect.provide(run, model.layer)
 *   const second = yield* Effect.provide(run, model.layer)
 *   console.log((yield* model.calls).length) // => 1
 *   console.log([first, second].map(({ summaryResults }) => summaryResults[0]?.results[0]?.comment))
 *   // => [ '0 of 1 answers from the cache', '1 of 1 answers from the cache' ]
 * })
 * await Effect.runPromise(program.pipe(Effect.provide([JudgeCache.layerMemory(), TracingClient.layerNone])))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (options?: Options): Layer.Layer<JudgeCache> =>
  withBacking(({ layerBackingMemory }) => layerBackingMemory, options, (store) => store)

/**
 * A cache in a database, in a table that is made when it is not there: with `effect-evals/sql`'s `SqliteClient.layer`, a
 * file.
 *
 * **Example** (A file that the next run finds)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { JudgeCache } from "effect-evals/judge"
 * import { SqliteClient } from "effect-evals/sql"
 *
 * const cache = JudgeCache.layerSql({ timeToLive: "30 days" }).pipe(
 *   Layer.provide(SqliteClient.layer({ filename: "verdicts.db" }))
 * )
 * console.log(Layer.isLayer(cache)) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql = (options?: Options): Layer.Layer<JudgeCache, never, SqlClient.SqlClient> =>
  withBacking(({ layerBackingSql }) => layerBackingSql, options)

/**
 * A cache in a `KeyValueStore`, such as a folder.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerKeyValueStore = (options?: Options): Layer.Layer<JudgeCache, never, KeyValueStore.KeyValueStore> =>
  withBacking(({ layerBackingKvs }) => layerBackingKvs, options)

/**
 * A cache in Redis, which machines can share: with `NodeRedis.layer` of `@effect/platform-node`, say.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRedis = (options?: Options): Layer.Layer<JudgeCache, never, Redis.Redis> =>
  withBacking(({ layerBackingRedis }) => layerBackingRedis, options)

/** The module brings clients for databases and Redis along, so it is loaded when somebody has a cache. */
const withBacking = <R>(
  choose: (module: typeof Persistence) => Layer.Layer<Persistence.BackingPersistence, never, R>,
  { storeId = "effect_evals_judge", timeToLive }: Options = {},
  guarding: typeof patient = patient
): Layer.Layer<JudgeCache, never, R> =>
  Layer.unwrap(Effect.map(Effect.promise(() => import("effect/persistence/Persistence")), (module) =>
    Layer.effect(
      JudgeCache,
      Effect.gen(function*() {
        const backing = yield* module.BackingPersistence
        const store = yield* backing.make(storeId)
        return make(
          guarding(store, module),
          timeToLive === undefined ? undefined : Duration.fromInputUnsafe(timeToLive)
        )
      })
    ).pipe(Layer.provide(choose(module)))))

type Through<Ask extends Effect.Effect<Answer, unknown, unknown>> = Effect.Effect<
  { readonly answer: Answer; readonly asked: boolean },
  Effect.Error<Ask>,
  Effect.Services<Ask>
>

type Store = Pick<Persistence.BackingPersistenceStore, "get" | "set">

/** How long a store may take, and how long it is left alone if it takes longer. */
const patience = Duration.seconds(2)
const rest = Duration.seconds(30)

/**
 * A store that is away may never answer: clients wait for it to come back. Judges wait for it once, and do without it for
 * a while then.
 */
const patient = (store: Store, { PersistenceError }: typeof Persistence): Store => {
  let restingUntil = -Infinity
  const bounded = <A>(
    ask: Effect.Effect<A, Persistence.PersistenceError>
  ): Effect.Effect<A | undefined, Persistence.PersistenceError> =>
    Effect.clockWith((clock) =>
      clock.currentTimeMillisUnsafe() < restingUntil ?
        Effect.undefined :
        Effect.timeoutOrElse(Effect.interruptible(ask), {
          duration: patience,
          orElse: () => {
            restingUntil = clock.currentTimeMillisUnsafe() + Duration.toMillis(rest)
            return Effect.fail(
              new PersistenceError({
                message: `it did not answer within ${Duration.format(patience)}, so it is left alone for ${
                  Duration.format(rest)
                }`
              })
            )
          }
        })
    )
  return {
    get: (key) => bounded(store.get(key)),
    set: (key, value, timeToLive) => Effect.asVoid(bounded(store.set(key, value, timeToLive)))
  }
}

const make = (
  store: Store,
  timeToLive: Duration.Duration | undefined
): JudgeCache["Service"] => {
  const flights = new Map<string, Deferred.Deferred<Exit.Exit<Answer, unknown>>>()
  const counts = { hits: 0, shared: 0, misses: 0, storeErrors: 0, savedTokens: 0 }
  const saved = ({ inputTokens = 0, outputTokens = 0 }: Answer): void => {
    counts.savedTokens += inputTokens + outputTokens
  }

  const warn = (doing: string) => (error: Persistence.PersistenceError) =>
    Effect.suspend(() =>
      // One warning says it; thousands would hide all else.
      counts.storeErrors++ === 0
        ? Effect.logWarning(`The cache of judges could not be ${doing}, and models are asked instead: ${error.message}`)
        : Effect.void
    )

  const look = (key: string, usable: (answer: Answer) => boolean): Effect.Effect<Answer | undefined> =>
    Effect.map(
      Effect.catch(store.get(key), (error) => Effect.as(warn("read")(error), undefined)),
      (found) => isAnswer(found) && usable(found) ? found : undefined
    )

  const lookOrAsk = <E, R>(key: string, usable: (answer: Answer) => boolean, ask: Effect.Effect<Answer, E, R>) =>
    Effect.flatMap(look(key, usable), (found) => {
      if (found !== undefined) {
        counts.hits++
        saved(found)
        return Effect.succeed({ answer: found, asked: false })
      }
      return Effect.flatMap(ask, (answer) => {
        counts.misses++
        return Effect.as(
          // What was paid for is kept, even if the row is interrupted now.
          Effect.uninterruptible(Effect.catch(store.set(key, answer, timeToLive), warn("written"))),
          { answer, asked: true }
        )
      })
    })

  const through: JudgeCache["Service"]["through"] = (key, usable, ask) =>
    Effect.suspend(() => {
      type Failure = Effect.Error<typeof ask>
      // Questions with one key are of one judge, so they fail alike.
      const flight = flights.get(key) as Deferred.Deferred<Exit.Exit<Answer, Failure>> | undefined
      if (flight !== undefined) {
        return Effect.flatMap(Deferred.await(flight), (exit): Through<typeof ask> => {
          // Whoever asked was interrupted, which is no answer to this row.
          if (Exit.isFailure(exit)) {
            return Exit.hasInterrupts(exit) ? through(key, usable, ask) : Effect.failCause(exit.cause)
          }
          counts.shared++
          saved(exit.value)
          return Effect.succeed({ answer: exit.value, asked: false })
        })
      }
      const own = Deferred.makeUnsafe<Exit.Exit<Answer, unknown>>()
      flights.set(key, own)
      return Effect.onExit(lookOrAsk(key, usable, ask), (exit) =>
        Effect.sync(() => {
          flights.delete(key)
          Deferred.doneUnsafe(own, Exit.succeed(Exit.map(exit, ({ answer }) => answer)))
        }))
    })

  return { through, statistics: Effect.sync(() => ({ ...counts })) }
}

const isAnswer = (u: unknown): u is Answer => Predicate.hasProperty(u, "value")

/**
 * A summary evaluator that shows which share of the judges' answers came from the cache, under the key
 * `judge_cache_hits`, or another. Without answers that were looked up, it is `Skipped`.
 *
 * @category summaries
 * @since 0.1.0
 */
export const hitRate = (
  feedbackKey = "judge_cache_hits"
): SummaryEvaluator.SummaryEvaluator<unknown, unknown, unknown, unknown> =>
  SummaryEvaluator.fold(feedbackKey, {
    initial: () => ({ answers: 0, fromCache: 0 }),
    step: (state, row: Row.Row) => {
      for (const { outcome } of row.evaluations) {
        const cache = outcome._tag === "Scored" ? outcome.results[0].metadata?.["cache"] : undefined
        if (Predicate.hasProperty(cache, "answers") && Predicate.hasProperty(cache, "fromCache")) {
          state.answers += Number(cache.answers)
          state.fromCache += Number(cache.fromCache)
        }
      }
      return state
    },
    result: ({ answers, fromCache }) => ({
      score: answers === 0 ? null : fromCache / answers,
      comment: answers === 0 ? "no judge looked into a cache" : `${fromCache} of ${answers} answers from the cache`
    })
  })
