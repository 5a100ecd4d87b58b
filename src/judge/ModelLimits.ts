/**
 * How much a provider of models is asked at once, and in how much time: for all judges that use it, and apart from what the
 * target does. The limits of an evaluator count rows; these count calls, those of panels and samples included.
 *
 * @since 0.1.0
 */
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Execution from "../Execution.ts"
import { makeController } from "../internal/engine/adaptive.ts"
import { makeLimiters } from "../internal/engine/lanes.ts"
import { Places } from "../internal/engine/places.ts"
import { rateLimitSignal } from "../internal/engine/rateLimits.ts"
import { refuseUnknown } from "../internal/values/options.ts"

/**
 * The limits of one provider.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Pick<Execution.Options, "rateLimit" | "adaptiveConcurrency" | "rateLimitError"> {
  /** How many calls there may be at once. Default 16. */
  readonly concurrency?: number | undefined
  /** What the provider is called in warnings, and limits of the same name count together. Default: `models`. */
  readonly name?: string | undefined
}

/**
 * How a provider is used at the moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  /** How many calls there may be at once; it changes with `adaptiveConcurrency`. */
  readonly limit: number
  readonly active: number
  readonly waiting: number
  /** The most there were at once; with `adaptiveConcurrency`, in the present round. */
  readonly peak: number
}

/**
 * The limits of a provider. A layer of it is built once, however many models are limited by it, so they share it.
 *
 * @category services
 * @since 0.1.0
 */
export class ModelLimits extends Context.Service<ModelLimits, {
  /** Waits until the limits allow a call. It is over when the scope closes, and how it ended is what the limits go by. */
  readonly enter: Effect.Effect<void, never, Scope.Scope>
  readonly usage: Effect.Effect<Usage>
}>()("effect-evals/judge/ModelLimits") {}

/**
 * The limits as a layer. Time spent waiting for them counts for the `timeout` of the judge.
 *
 * **Example** (Two judges, one provider)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { Judge, ModelLimits } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * class Strict extends Judge.Role<Strict>()("app/Strict") {}
 * class Kind extends Judge.Role<Kind>()("app/Kind") {}
 *
 * const provider = ModelLimits.layer({
 *   concurrency: 8,
 *   rateLimit: { limit: 500, window: "1 minute" },
 *   adaptiveConcurrency: true
 * })
 * // Stands for the layer of a provider's model.
 * const model = (name: string) => ScriptedLanguageModel.layer(() => "...", { name })
 * const judges = Layer.merge(
 *   Judge.layerRole(Strict, ModelLimits.limited(model("large"))),
 *   Judge.layerRole(Kind, ModelLimits.limited(model("small")))
 * ).pipe(Layer.provide(provider))
 * console.log(Layer.isLayer(judges)) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<ModelLimits> => {
  refuseUnknown("ModelLimits.layer", options, [
    "concurrency",
    "name",
    "rateLimit",
    "adaptiveConcurrency",
    "rateLimitError"
  ])
  const { concurrency = 16, name = "models" } = options
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`the limits of ${name}: concurrency is ${concurrency}, not a count from 1`)
  }
  return Layer.effect(ModelLimits, make({ ...options, concurrency, name }))
}

const make = Effect.fnUntraced(function*(
  { adaptiveConcurrency = false, concurrency, name, rateLimit, rateLimitError }: Options & {
    readonly concurrency: number
    readonly name: string
  }
) {
  const clock = yield* Clock.Clock
  const places = new Places(concurrency)
  const controller = adaptiveConcurrency === false
    ? undefined
    : makeController(
      places,
      adaptiveConcurrency === true ? {} : adaptiveConcurrency,
      () => clock.currentTimeMillisUnsafe()
    )
  const limiters = yield* makeLimiters
  const rate = rateLimit === undefined ? undefined : yield* limiters(name, rateLimit)
  const enter = rate === undefined ? places.enter : Effect.andThen(rate, places.enter)
  const signalOf = rateLimitError ?? rateLimitSignal

  return ModelLimits.of({
    enter: Effect.acquireRelease(
      enter,
      (_, exit) =>
        Effect.sync(() => {
          places.leave()
          if (Exit.isSuccess(exit)) return controller?.onSuccess()
          const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
          const signal = error === undefined ? undefined : signalOf(error, clock.currentTimeMillisUnsafe())
          if (signal !== undefined) controller?.onError(signal)
        }),
      { interruptible: true }
    ),
    usage: Effect.sync(() => ({
      limit: places.limit,
      active: places.active,
      waiting: places.waiting,
      peak: places.peak
    }))
  })
})

/**
 * A model that keeps to the limits.
 *
 * @category layers
 * @since 0.1.0
 */
export const limited = <E, R>(
  model: Layer.Layer<LanguageModel.LanguageModel, E, R>
): Layer.Layer<LanguageModel.LanguageModel, E, R | ModelLimits> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.gen(function*() {
      const self = yield* LanguageModel.LanguageModel
      const { enter } = yield* ModelLimits
      const later = (ask: (options: never) => Effect.Effect<unknown, unknown, unknown>) => (options: never) =>
        Effect.scoped(Effect.andThen(enter, Effect.suspend(() => ask(options))))
      const streamText = (options: never) =>
        Stream.unwrap(Effect.as(enter, Stream.suspend(() => self.streamText(options))))
      // Each method keeps its type: it gives the same, only later.
      return {
        ...self,
        generateText: later(self.generateText) as unknown as typeof self.generateText,
        generateObject: later(self.generateObject) as unknown as typeof self.generateObject,
        streamText: streamText as unknown as typeof self.streamText
      }
    })
  ).pipe(Layer.provide(model))
