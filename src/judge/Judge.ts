/**
 * Judges: evaluators that ask a language model. The model is any of Effect's; which one, the Layers say.
 *
 * A judge sees criteria, which are yours, and data, which cannot speak to it. It reasons first and gives its verdict
 * then, as an object of a schema. An answer that cannot be read is asked for once more, with what was wrong about it; if
 * that does not help, the outcome is `Failed`, never a score of 0.
 *
 * @since 0.1.0
 */
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Evaluator from "../Evaluator.ts"
import type * as Execution from "../Execution.ts"
import * as PairwiseEvaluator from "../PairwiseEvaluator.ts"
import { ask, type Model } from "./internal/ask.ts"
import { combine, type Judgement } from "./internal/combine.ts"
import { instructions, messages, promptVersion, type Variables } from "./internal/prompt.ts"
import { type TemplateName, templates } from "./templates.ts"

export { type Template, type TemplateName, templates } from "./templates.ts"

/**
 * What verdicts are: yes or no, a number in a range, or names with scores.
 *
 * @category models
 * @since 0.1.0
 */
export type Output =
  | { readonly _tag: "Boolean" }
  | { readonly _tag: "Number"; readonly min: number; readonly max: number }
  | { readonly _tag: "Choices"; readonly choices: { readonly [name: string]: number } }

/**
 * Verdicts are yes or no; the score is `true` or `false`.
 *
 * @category outputs
 * @since 0.1.0
 */
export const boolean: Output = { _tag: "Boolean" }

/**
 * Verdicts are numbers in a range, both ends included.
 *
 * @category outputs
 * @since 0.1.0
 */
export const number = (range: { readonly min: number; readonly max: number }): Output => ({ _tag: "Number", ...range })

/**
 * Verdicts are names, each with its score. The name is the `value` of the result.
 *
 * @category outputs
 * @since 0.1.0
 */
export const choices = (choices: { readonly [name: string]: number }): Output => ({ _tag: "Choices", choices })

/**
 * A judge has no data to judge: a variable that it needs is not there.
 *
 * @category errors
 * @since 0.1.0
 */
export class JudgeError extends Schema.TaggedError<JudgeError>()("JudgeError", {
  judge: Schema.String,
  message: Schema.String
}) {}

/**
 * A judgement that shows a judge what is meant.
 *
 * @category models
 * @since 0.1.0
 */
export interface Example {
  /** What was judged, by name. */
  readonly variables: { readonly [name: string]: unknown }
  readonly reasoning: string
  /** As the output has it: a boolean, a number, or one of the names. */
  readonly verdict: boolean | number | string
}

/**
 * How a judge is asked, besides its criteria.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<
  in Inputs,
  in Outputs,
  in ReferenceOutputs,
  in Metadata,
  out Models extends ReadonlyArray<Model>
> extends Execution.Options {
  /**
   * What the judge is shown, by name. What is `undefined` is left out. Default: `input`, `output` and, if there is one,
   * `reference`.
   */
  readonly variables?:
    | ((args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => {
      readonly [name: string]: unknown
    })
    | undefined
  readonly examples?: ReadonlyArray<Example> | undefined
  /** Whether the judge may say that it cannot tell; the outcome is `Skipped` then. Default `false`. */
  readonly mayAbstain?: boolean | undefined
  /** How often each model is asked. Default 1. Booleans and choices: the majority; numbers: the mean. */
  readonly samples?: number | undefined
  /** Who is asked: the app's `LanguageModel` by default, or roles, one or a panel of several. */
  readonly models?: Models | undefined
  /** Change it when the judgement changes for a reason that the options do not show. */
  readonly version?: string | undefined
}

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
 * A judge by criteria of your own. The result has the verdict as its score, the reasoning as its comment and, for
 * choices, the name as its value.
 *
 * **Example** (Is it polite?)
 *
 * ```ts
 * import { Effect, Layer, Stream } from "effect"
 * import { LanguageModel } from "effect/ai"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Judge } from "effect-evals/judge"
 *
 * // Stands for a real model.
 * const model = Layer.effect(LanguageModel.LanguageModel, LanguageModel.make({
 *   generateText: ({ prompt }) => {
 *     const asked = JSON.stringify(prompt.content.at(-1)?.content)
 *     const verdict = asked.includes("please")
 *     return Effect.succeed([{ type: "text", text: JSON.stringify({ reasoning: "It says please, or not.", verdict }) }])
 *   },
 *   streamText: () => Stream.empty
 * }))
 * const evaluation = Evaluation.make("requests", {
 *   data: Dataset.fromIterable("requests", ["Close the door, please", "Close the door"].map((inputs) => ({ inputs }))),
 *   target: (text) => text
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(evaluation, { evaluators: [Judge.make("polite", { criteria: "The output is polite." })] }).pipe(
 *     Effect.provide([model, TracingClient.layerNone])
 *   )
 * )
 * console.log(experiment.summaries["polite"]?.score?.mean) // => 0.5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  const Models extends ReadonlyArray<Model> = readonly [typeof LanguageModel.LanguageModel]
>(
  feedbackKey: string,
  options: Options<Inputs, Outputs, ReferenceOutputs, Metadata, Models> & {
    /** What to judge by. */
    readonly criteria: string
    /** What the verdict is. Default: `Judge.boolean`. */
    readonly output?: Output | undefined
    /** Variables that the judge cannot do without; one that is missing is a `JudgeError`. Default: none. */
    readonly needs?: ReadonlyArray<string> | undefined
  }
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  const { criteria, examples = [], mayAbstain = false, needs = [], output = boolean, samples = 1, variables } = options
  const models: ReadonlyArray<Model<Models[number]["Identifier"]>> = options.models ?? [LanguageModel.LanguageModel]
  const schema = judgementSchema(output, mayAbstain)
  const system = instructions(criteria, verdictText(output, mayAbstain))
  const shown = examples.map(({ reasoning, variables, verdict }) => ({ variables, answer: { reasoning, verdict } }))
  const asked = models.flatMap((model) => new Array<Model<Models[number]["Identifier"]>>(samples).fill(model))
  return Evaluator.make(
    feedbackKey,
    (args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) =>
      Effect.gen(function*() {
        const data = yield* present(
          feedbackKey,
          needs,
          variables?.(args) ?? {
            input: args.inputs,
            output: args.outputs,
            reference: args.referenceOutputs
          }
        )
        if (asked.length === 0) {
          return yield* new JudgeError({
            judge: feedbackKey,
            message: `The judge ${feedbackKey} asks nobody: give it at least one model, and one sample.`
          })
        }
        const prompt = messages(system, shown, data)
        const judgements = yield* Effect.forEach(
          asked,
          (model): Effect.Effect<Judgement, unknown, Models[number]["Identifier"]> => ask(model, prompt, schema),
          { concurrency: "unbounded" }
        )
        return combine(judgements, output)
      }),
    {
      ...limitsOf(options),
      version: options.version,
      config: {
        promptVersion,
        criteria,
        output,
        examples,
        mayAbstain,
        samples,
        models: models.map(({ key }) => key),
        // What they show is known by their text alone.
        variables: String(variables)
      }
    }
  )
}

const limitsOf = ({
  adaptiveConcurrency,
  concurrency,
  rateLimit,
  rateLimitError,
  retry,
  rowTimeout,
  timeout
}: Execution.Options): Execution.Options => ({
  adaptiveConcurrency,
  concurrency,
  rateLimit,
  rateLimitError,
  retry,
  rowTimeout,
  timeout
})

/** The variables that are there, if all that are needed are. */
const present = (
  judge: string,
  needs: ReadonlyArray<string>,
  variables: { readonly [name: string]: unknown }
): Effect.Effect<Variables, JudgeError> => {
  const there = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))
  const missing = needs.filter((name) => !Object.hasOwn(there, name))
  return missing.length === 0 ? Effect.succeed(there) : Effect.fail(
    new JudgeError({
      judge,
      message: `The judge ${judge} must be shown ${missing.join(" and ")}, but is shown ${
        Object.keys(there).join(", ") || "nothing"
      }. Say what it is shown with the option variables.`
    })
  )
}

const verdictText = (output: Output, mayAbstain: boolean): string => {
  const verdict = output._tag === "Boolean"
    ? "It is true if the criteria are met, else false."
    : output._tag === "Number"
    ? `It is a number from ${output.min} to ${output.max}.`
    : `It is one of: ${Object.keys(output.choices).join(", ")}.`
  return mayAbstain ? `${verdict} If the data does not allow a verdict, it is null.` : verdict
}

const judgementSchema = (output: Output, mayAbstain: boolean): Schema.Codec<Judgement, Record<string, unknown>> => {
  const verdict: Schema.Codec<boolean | number | string> = output._tag === "Boolean"
    ? Schema.Boolean
    : output._tag === "Number"
    ? Schema.Finite.check(Schema.isBetween({ minimum: output.min, maximum: output.max }))
    : Schema.Literals(Object.keys(output.choices))
  return Schema.Struct({
    reasoning: Schema.String,
    verdict: mayAbstain ? Schema.NullOr(verdict) : verdict
  })
}

/**
 * A ready-made judge by its name. See `templates` for what each judges by and must be shown.
 *
 * **Example** (Does the answer stay with its sources?)
 *
 * ```ts
 * import { Judge } from "effect-evals/judge"
 *
 * const grounded = Judge.template("groundedness", {
 *   variables: ({ outputs }: { readonly outputs: { readonly sources: string; readonly answer: string } }) => ({
 *     context: outputs.sources,
 *     output: outputs.answer
 *   })
 * })
 * console.log(grounded.feedbackKey, Judge.templates.groundedness.needs) // => groundedness [ 'context', 'output' ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const template = <
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  const Models extends ReadonlyArray<Model> = readonly [typeof LanguageModel.LanguageModel]
>(
  name: TemplateName,
  options: Options<Inputs, Outputs, ReferenceOutputs, Metadata, Models> & {
    /** The key of the results. Default: the name of the template. */
    readonly feedbackKey?: string | undefined
  } = {}
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  const { criteria, needs, output, version } = templates[name]
  return make(options.feedbackKey ?? name, {
    ...options,
    criteria,
    needs,
    output,
    version: options.version === undefined ? version : `${version}/${options.version}`
  })
}

/**
 * A judge for pairwise evaluations: which of the outputs meets the criteria better? Outputs are called A, B and so on in
 * the order in which they are presented; `order: "both"` of the evaluation shows what the place alone decides.
 *
 * @category constructors
 * @since 0.1.0
 */
export const pairwise = <
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  M extends Model = typeof LanguageModel.LanguageModel
>(
  feedbackKey: string,
  options: Execution.Options & {
    /** What makes one better than another. */
    readonly criteria: string
    /** What the judge is shown besides the outputs, by name. Default: `input` and, if there is one, `reference`. */
    readonly variables?:
      | ((args: PairwiseEvaluator.PairwiseArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => {
        readonly [name: string]: unknown
      })
      | undefined
    /** How an output is shown. Default: as it is. */
    readonly show?: ((outputs: Outputs) => unknown) | undefined
    /** Whether it may call a tie. Default `true`. */
    readonly ties?: boolean | undefined
    /** Who is asked: the app's `LanguageModel` by default, or a role. */
    readonly model?: M | undefined
    readonly version?: string | undefined
  }
): PairwiseEvaluator.PairwiseEvaluator<Inputs, Outputs, ReferenceOutputs, Metadata, M["Identifier"]> => {
  const { criteria, show = (outputs) => outputs, ties = true, variables } = options
  const model: Model<M["Identifier"]> = options.model ?? LanguageModel.LanguageModel
  return PairwiseEvaluator.make(
    feedbackKey,
    (args: PairwiseEvaluator.PairwiseArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => {
      const names = args.outputs.map((_, i) => String.fromCharCode("A".charCodeAt(0) + i))
      const verdicts = ties ? [...names, "tie"] : names
      const system = instructions(
        `Which of the outputs ${names.join(", ")} meets this better: ${criteria}\nTheir order means nothing.`,
        `It is one of: ${verdicts.join(", ")}.${ties ? " It is tie only if none is better." : ""}`
      )
      const schema = Schema.Struct({ reasoning: Schema.String, verdict: Schema.Literals(verdicts) })
      return Effect.gen(function*() {
        const shared = yield* present(
          feedbackKey,
          [],
          variables?.(args) ?? { input: args.inputs, reference: args.referenceOutputs }
        )
        const data = {
          ...shared,
          ...Object.fromEntries(args.outputs.map((outputs, i) => [`output ${names[i] ?? ""}`, show(outputs)]))
        }
        const { reasoning, verdict } = yield* ask(model, messages(system, [], data), schema)
        return { preferred: verdict === "tie" ? "tie" : names.indexOf(verdict), comment: reasoning }
      })
    },
    {
      ...limitsOf(options),
      version: options.version,
      config: {
        promptVersion,
        criteria,
        ties,
        model: model.key,
        variables: String(variables),
        show: String(options.show)
      }
    }
  )
}
