/**
 * Judges by criteria, by a prompt of your own, or ready-made.
 *
 * @since 0.1.0
 */
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as EvaluationResult from "../EvaluationResult.ts"
import { Skip } from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import type * as Execution from "../Execution.ts"
import { describe } from "../internal/values/describe.ts"
import { meantOf } from "../internal/values/meantOf.ts"
import { askAll, formOf, type Model } from "./internal/ask.ts"
import { type Combining, judgementResult, usualCombining } from "./internal/combine.ts"
import { checkJudge, commonConfig, limitsOf, modelsOf, neededOf, refuseOthers, shownOf } from "./internal/judging.ts"
import { filledIn, instructions, messages, placeholdersOf, promptVersion, type Variables } from "./internal/prompt.ts"
import { judgementSchema, verdictText } from "./internal/verdict.ts"
import { boolean, type Output } from "./JudgeOutput.ts"
import { aliases, type TemplateName, templateOf, templates } from "./templates.ts"

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
  /** How often each model is asked. Default 1. */
  readonly samples?: number | undefined
  /**
   * What several answers come to: the verdict that most give (`Skipped` if there is a tie), or the mean. Default: the mean
   * for numbers, else the majority.
   */
  readonly combine?: "majority" | "mean" | undefined
  /** Who is asked: the app's `LanguageModel` by default, or roles, one or a panel of several. */
  readonly models?: Models | undefined
  /** Change it when the judgement changes for a reason that the options do not show. */
  readonly version?: string | undefined
}

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
    /**
     * Variables that the judge cannot do without; one that is missing is a `JudgeError`. Default: `output`, if
     * `variables` does not say what is shown, else none.
     */
    readonly needs?: ReadonlyArray<string> | undefined
  }
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  refuseOthers("Judge.make", feedbackKey, options, "criteria", "output", "needs")
  const { criteria, needs = neededOf(options.variables), output = boolean } = options
  checkJudge(feedbackKey, { criteria }, options)
  return judging(feedbackKey, options, { criteria, show: undefined, needs, output, config: { criteria } })
}

/**
 * A judge by a prompt of your own, in which `{{name}}` stands for a variable. What stands there is fenced as with every
 * judge, so the prompt can say whatever it likes about it, and the data cannot answer back.
 *
 * **Example** (A prompt with two variables)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Judge } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const tone = Judge.fromPrompt("tone", {
 *   prompt: "A customer wrote: {{question}} Support answered: {{answer}} How would the customer feel about it?",
 *   output: Judge.choices({ glad: 1, neutral: 0.5, annoyed: 0 }),
 *   variables: ({ inputs, outputs }: { readonly inputs: string; readonly outputs: string }) => ({
 *     question: inputs,
 *     answer: outputs
 *   })
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("support", { data: Dataset.fromIterable("mails", [{ inputs: "Where is it?" }]), target: () => "No idea." }),
 *     { evaluators: [tone] }
 *   ).pipe(Effect.provide([
 *     ScriptedLanguageModel.layer([{ json: { reasoning: "It does not help.", verdict: "annoyed" } }]),
 *     TracingClient.layerNone
 *   ]))
 * )
 * console.log(experiment.summaries["tone"]?.score?.mean) // => 0
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromPrompt = <
  Prompt extends string,
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  const Models extends ReadonlyArray<Model> = readonly [typeof LanguageModel.LanguageModel]
>(
  feedbackKey: string,
  options: Omit<Options<Inputs, Outputs, ReferenceOutputs, Metadata, Models>, "variables"> & {
    /** What the model is asked, with `{{name}}` for variables. */
    readonly prompt: Prompt
    /** What stands for them; each that the prompt names must be there. */
    readonly variables: (args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>) => {
      readonly [Name in Placeholders<Prompt>]: unknown
    }
    /** What the verdict is. Default: `Judge.boolean`. */
    readonly output?: Output | undefined
  }
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  refuseOthers("Judge.fromPrompt", feedbackKey, options, "prompt", "output")
  const { output = boolean, prompt } = options
  checkJudge(feedbackKey, { prompt }, options)
  const needs = placeholdersOf(prompt)
  if (needs.length === 0) {
    const single = /\{\s*([A-Za-z_]\w*)\s*\}/.exec(prompt)?.[1]
    throw new RangeError(
      `the judge ${feedbackKey}: the prompt has no variable, so it would show the model nothing; ` +
        `write ${single === undefined ? "{{output}} where it shall stand" : `{{${single}}} in place of {${single}}`}`
    )
  }
  return judging(feedbackKey, options, {
    criteria: undefined,
    show: (variables) => filledIn(prompt, variables),
    needs,
    output,
    config: { prompt }
  })
}

/**
 * The names that stand in a prompt as `{{name}}`; any, if the prompt is not known to the compiler.
 *
 * @category type-level
 * @since 0.1.0
 */
export type Placeholders<Prompt extends string> = string extends Prompt ? string
  : Prompt extends `${string}{{${infer Name}}}${infer Rest}` ? Trimmed<Name> | Placeholders<Rest>
  : never

type Trimmed<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trimmed<Rest> : Text

const judging = <I, O, Ref, M, Models extends ReadonlyArray<Model>>(
  feedbackKey: string,
  options: Options<I, O, Ref, M, Models>,
  { config, criteria, needs, output, show }: {
    readonly criteria: string | undefined
    readonly show: ((variables: Variables) => string) | undefined
    readonly needs: ReadonlyArray<string>
    readonly output: Output
    readonly config: object
  }
): Evaluator.Evaluator<I, O, Ref, M, Models[number]["Identifier"]> => {
  const { examples = [], mayAbstain = false, samples = 1, variables, version } = options
  const by: Combining = options.combine ?? usualCombining(output)
  const models = modelsOf(options.models)
  const form = formOf(judgementSchema(output, mayAbstain))
  const system = instructions(criteria, verdictText(output, mayAbstain))
  const shown = examples.map(({ reasoning, variables, verdict }, i) => {
    const answer = { reasoning, verdict }
    const missing = needs.find((name) => variables[name] === undefined)
    if (missing !== undefined) {
      throw new RangeError(`the judge ${feedbackKey}: example ${i + 1} has no variable ${missing}`)
    }
    if (Option.isNone(form.decode(answer))) {
      throw new RangeError(`the judge ${feedbackKey}: example ${i + 1} gives ${describe(verdict)}, which is no verdict`)
    }
    return { variables, answer }
  })
  return Evaluator.make(
    feedbackKey,
    (args: Evaluator.EvaluatorArgs<I, O, Ref, M>): Effect.Effect<
      EvaluationResult.Returned,
      unknown,
      Models[number]["Identifier"]
    > =>
      Effect.flatMap(shownOf(feedbackKey, needs, variables, args), (data) =>
        Effect.map(
          askAll(
            {
              judge: feedbackKey,
              prompt: messages(system, shown, data, show),
              form,
              version,
              repetition: args.run.repetition
            },
            models,
            samples
          ),
          (answers) => answers instanceof Skip ? answers : judgementResult(answers, output, by)
        )),
    {
      ...limitsOf(options),
      version,
      config: { promptVersion, ...config, output, combine: by, ...commonConfig(options) }
    }
  )
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
    readonly key?: string | undefined
  } = {}
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  refuseOthers("Judge.template", name, options, "key")
  const found = templateOf(name)
  if (found === undefined) {
    const names = Object.keys({ ...templates, ...aliases })
    const meant = meantOf(name, names) ?? names.find((known) => known.startsWith(name))
    const hint = meant === undefined ? "" : `did you mean ${meant}? `
    throw new RangeError(`there is no judge ${describe(name)}; ${hint}Judge.templates has all`)
  }
  const { criteria, needs, output, version } = found
  const { key = name, ...rest } = options
  return make(key, {
    ...rest,
    criteria,
    needs,
    output,
    version: options.version === undefined ? version : `${version}/${options.version}`
  })
}
