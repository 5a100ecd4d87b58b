/**
 * Many evaluations at once, as streams: results come as they are there, each with what became of it and how far the whole
 * is. One that fails does not end the others.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as EffectResult from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as FutureAgi from "./FutureAgi.ts"
import type { FutureAgiError } from "./FutureAgiError.ts"

/**
 * What became of one of many.
 *
 * @category models
 * @since 0.1.0
 */
export interface Item<out Source, out Value> {
  /** Its place in the source, from 0. */
  readonly index: number
  /** What it was made of: a request, or the id of an evaluation. */
  readonly source: Source
  /** What it came to, or why it did not. */
  readonly outcome: EffectResult.Result<Value, FutureAgiError>
  readonly progress: Progress
}

/**
 * How far the whole is, this one included.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly done: number
  /** How many of them failed. */
  readonly failed: number
  /** How many there are; `undefined` where the source is a stream. */
  readonly total: number | undefined
}

/**
 * Where requests or ids come from.
 *
 * @category models
 * @since 0.1.0
 */
export type Source<A, E, R> = ReadonlyArray<A> | Stream.Stream<A, E, R>

/**
 * How much is done at once.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** How many requests may be at the server at once. Default 8. */
  readonly concurrency?: number | undefined
}

/**
 * How much is waited for at once, and how.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions extends Options, FutureAgi.AwaitOptions {
  /** How many evaluations are waited for at once: the source is read no further than that. Default 1,000. */
  readonly maxPending?: number | undefined
}

const defaultConcurrency = 8
const defaultMaxPending = 1000

/**
 * Carries out many evaluations, and waits for each as long as the server takes.
 *
 * **Example** (Fifty evaluations, eight at a time)
 *
 * ```ts
 * import { Effect, Result, Stream } from "effect"
 * import { FutureAgi, FutureAgiBatch, RejectedError } from "effect-evals/futureagi"
 *
 * const standIn = FutureAgi.layerTest(({ inputs }) =>
 *   inputs["output"] === "Response 7"
 *     ? new RejectedError({ status: 400, message: "not this one" })
 *     : { output: "Passed", outputType: "Pass/Fail" }
 * )
 * const requests = Array.from({ length: 50 }, (_, n) => ({
 *   template: "groundedness",
 *   inputs: { output: `Response ${n}`, context: "Responses." }
 * }))
 * const items = await Effect.runPromise(
 *   Stream.runCollect(FutureAgiBatch.evaluateAll(requests, { concurrency: 8 })).pipe(Effect.provide(standIn))
 * )
 * console.log(items.at(-1)?.progress) // => { done: 50, failed: 1, total: 50 }
 * for (const { index, outcome } of items) {
 *   if (Result.isFailure(outcome)) console.log(index, outcome.failure.message) // => 7 FutureAGI, evaluate: not this one
 * }
 * ```
 *
 * @category evaluations
 * @since 0.1.0
 */
export const evaluateAll = <A extends FutureAgi.Request, E = never, R = never>(
  requests: Source<A, E, R>,
  options: Options = {}
): Stream.Stream<Item<A, FutureAgi.Result>, E, R | FutureAgi.FutureAgi> =>
  each(requests, (request) => FutureAgi.evaluate(request), concurrencyOf(options))

/**
 * Has many evaluations carried out, and gives their ids. Keep them: `awaitAll` waits for them, also in another process.
 *
 * @category evaluations
 * @since 0.1.0
 */
export const submitAll = <A extends FutureAgi.Request, E = never, R = never>(
  requests: Source<A, E, R>,
  options: Options = {}
): Stream.Stream<Item<A, string>, E, R | FutureAgi.FutureAgi> =>
  each(requests, (request) => FutureAgi.submit(request), concurrencyOf(options))

/**
 * Waits for many submitted evaluations. All of them are asked about in turn, so the slow ones hold up nobody; the requests
 * at the server at once are bounded.
 *
 * **Example** (Submitted by one process, awaited by another)
 *
 * ```ts
 * import { Effect, Result, Stream } from "effect"
 * import { FutureAgi, FutureAgiBatch } from "effect-evals/futureagi"
 *
 * const standIn = FutureAgi.layerTest(({ inputs }) => ({ output: String(inputs["output"]).length }), { polls: 2 })
 * const program = Effect.gen(function*() {
 *   const requests = ["one", "three"].map((output) => ({ template: "length", inputs: { output } }))
 *   const submitted = yield* Stream.runCollect(FutureAgiBatch.submitAll(requests))
 *   const ids = submitted.flatMap(({ outcome }) => Result.isSuccess(outcome) ? [outcome.success] : [])
 *   const settled = yield* Stream.runCollect(FutureAgiBatch.awaitAll(ids, { interval: "1 millis" }))
 *   return settled.map(({ outcome }) => Result.isSuccess(outcome) ? outcome.success.output : undefined)
 * })
 * console.log(await Effect.runPromise(program.pipe(Effect.provide(standIn)))) // => [ 3, 5 ]
 * ```
 *
 * @category evaluations
 * @since 0.1.0
 */
export const awaitAll = <E = never, R = never>(
  evalIds: Source<string, E, R>,
  options: AwaitOptions = {}
): Stream.Stream<Item<string, FutureAgi.Result>, E, R | FutureAgi.FutureAgi> =>
  Stream.unwrap(Effect.map(makeLimited(options), (limited) =>
    each(
      evalIds,
      (evalId) => Effect.provideService(FutureAgi.await(evalId, options), FutureAgi.FutureAgi, limited),
      options.maxPending ?? defaultMaxPending
    )))

/**
 * Submits many evaluations and waits for them, both at once. Where it must survive the end of the process, use `submitAll`,
 * keep the ids, and use `awaitAll`.
 *
 * @category evaluations
 * @since 0.1.0
 */
export const submitAndAwaitAll = <A extends FutureAgi.Request, E = never, R = never>(
  requests: Source<A, E, R>,
  options: AwaitOptions = {}
): Stream.Stream<Item<A, FutureAgi.Result>, E, R | FutureAgi.FutureAgi> =>
  Stream.unwrap(Effect.map(makeLimited(options), (limited) =>
    each(
      requests,
      (request) =>
        Effect.flatMap(limited.submit(request), (evalId) =>
          Effect.provideService(FutureAgi.await(evalId, options), FutureAgi.FutureAgi, limited)),
      options.maxPending ?? defaultMaxPending
    )))

const concurrencyOf = (options: Options): number => options.concurrency ?? defaultConcurrency

/** The service with only so many requests at once: what waits between its requests takes no place. */
const makeLimited = Effect.fnUntraced(function*(options: Options) {
  const service = yield* FutureAgi.FutureAgi
  const semaphore = yield* Semaphore.make(concurrencyOf(options))
  return FutureAgi.FutureAgi.of({
    ...service,
    submit: (request) => semaphore.withPermits(1)(service.submit(request)),
    getResult: (evalId) => semaphore.withPermits(1)(service.getResult(evalId))
  })
})

const each = <A, B, E, R, R2>(
  source: Source<A, E, R>,
  run: (a: A) => Effect.Effect<B, FutureAgiError, R2>,
  concurrency: number
): Stream.Stream<Item<A, B>, E, R | R2> => {
  const total = Stream.isStream(source) ? undefined : source.length
  // A stream of a user's own may be costly to read, so it is read no further than there is room for.
  const stream: Stream.Stream<A, E, R> = Stream.isStream(source)
    ? source
    : Stream.fromIterable(source, { chunkSize: 1 })
  return stream.pipe(
    Stream.zipWithIndex,
    Stream.mapEffect(
      ([source, index]) => Effect.map(Effect.result(run(source)), (outcome) => ({ index, source, outcome })),
      { concurrency, unordered: true }
    ),
    Stream.mapAccum(() => ({ done: 0, failed: 0 }), (counts, item) => {
      const next = {
        done: counts.done + 1,
        failed: counts.failed + (item.outcome._tag === "Failure" ? 1 : 0)
      }
      return [next, [{ ...item, progress: { ...next, total } }]]
    })
  )
}
