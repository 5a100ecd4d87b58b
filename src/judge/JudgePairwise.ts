/**
 * Which output is better?
 *
 * @since 0.1.0
 */
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Skip } from "../EvaluationResult.ts"
import type * as Execution from "../Execution.ts"
import { limitNames } from "../internal/engine/optionNames.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import * as PairwiseEvaluator from "../PairwiseEvaluator.ts"
import { askAll, formOf, type Model } from "./internal/ask.ts"
import { checkJudge, limitsOf, present } from "./internal/judging.ts"
import { instructions, messages, promptVersion } from "./internal/prompt.ts"

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
  refuseUnknown(`Judge.pairwise(${JSON.stringify(feedbackKey)})`, options, [
    ...limitNames,
    "criteria",
    "variables",
    "show",
    "ties",
    "model",
    "version"
  ])
  const { criteria, show = (outputs) => outputs, ties = true, variables } = options
  checkJudge(feedbackKey, { criteria }, {})
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
      const form = formOf(Schema.Struct({ reasoning: Schema.String, verdict: Schema.Literals(verdicts) }))
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
        const answers = yield* askAll(
          {
            judge: feedbackKey,
            prompt: messages(system, [], data),
            form,
            version: options.version,
            repetition: args.runs[0]?.repetition ?? 0
          },
          [model],
          1
        )
        if (answers instanceof Skip) return answers
        const [first] = answers.answers
        if (first === undefined) return new Skip("nobody was asked")
        const { reasoning, verdict } = first.answer
        return {
          preferred: verdict === "tie" ? "tie" : names.indexOf(verdict),
          comment: reasoning,
          ...(answers.cache === undefined ? {} : { metadata: { cache: answers.cache } })
        }
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
