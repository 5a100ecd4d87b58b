/**
 * Which models judge.
 *
 * @since 0.1.0
 */
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { withIdentity } from "../internal/values/modelIdentity.ts"

/**
 * A role for a language model, so that judges and targets can use different ones.
 *
 * **Example** (A judge with a model of its own)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { LanguageModel } from "effect/ai"
 * import { Judge } from "effect-evals/judge"
 *
 * class JudgeModel extends Judge.Role<JudgeModel>()("support/JudgeModel") {}
 *
 * const polite = Judge.make("polite", { criteria: "The output is polite.", models: [JudgeModel] })
 * // The layer of the model that plays the role.
 * const withJudge = (model: Layer.Layer<LanguageModel.LanguageModel>) => Judge.layerRole(JudgeModel, model)
 * console.log(polite.feedbackKey, Layer.isLayer(withJudge(Layer.effect(LanguageModel.LanguageModel, Effect.never)))) // => polite true
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export const Role = <Self>() => <const Id extends string>(id: Id) =>
  Context.Service<Self, LanguageModel.LanguageModel>()(id)

/**
 * Has a language model play a role.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRole = <I, E, R>(
  role: Context.Key<I, LanguageModel.LanguageModel>,
  model: Layer.Layer<LanguageModel.LanguageModel, E, R>
): Layer.Layer<I, E, R> => Layer.provide(Layer.effect(role, Effect.service(LanguageModel.LanguageModel)), model)

/**
 * Says which model a layer gives, for the cache of judges: two that say the same are taken for the same. The models of
 * `effect-evals/openai` and `effect-evals/testing` say it themselves; those of other providers do not.
 *
 * **Example** (A model of another provider)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { LanguageModel } from "effect/ai"
 * import { Judge } from "effect-evals/judge"
 *
 * const claude = Judge.identified(
 *   // Stands for the layer of a provider.
 *   Layer.effect(LanguageModel.LanguageModel, Effect.never),
 *   { provider: "anthropic", model: "claude-sonnet-4-5", settings: { temperature: 0 } }
 * )
 * console.log(Layer.isLayer(claude)) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const identified = <E, R>(
  model: Layer.Layer<LanguageModel.LanguageModel, E, R>,
  identity: {
    /** Who runs it. */
    readonly provider: string
    readonly model: string
    /** Whatever changes its answers, such as the temperature. Default: nothing. */
    readonly settings?: unknown
  }
): Layer.Layer<LanguageModel.LanguageModel, E, R> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    Effect.map(LanguageModel.LanguageModel, (service) =>
      withIdentity(service, { ...identity, settings: identity.settings }))
  ).pipe(Layer.provide(model))
