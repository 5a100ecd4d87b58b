/**
 * Several criteria with weights, as one score.
 *
 * @since 0.1.0
 */
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as EvaluationResult from "../EvaluationResult.ts"
import { Skip } from "../EvaluationResult.ts"
import * as Evaluator from "../Evaluator.ts"
import { type Answers, type AnswerSchema, askAll, formOf, type Model } from "./internal/ask.ts"
import { combine, type Combined, usualCombining } from "./internal/combine.ts"
import { checkJudge, commonConfig, limitsOf, modelsOf, neededOf, refuseOthers, shownOf } from "./internal/judging.ts"
import { instructions, messages, promptVersion } from "./internal/prompt.ts"
import { boundsOf, type Judgement, judgementSchema, numberOf, resultOf, verdictText } from "./internal/verdict.ts"
import type { Options } from "./JudgeMake.ts"
import { number, type Output } from "./JudgeOutput.ts"

/**
 * One criterion of a rubric.
 *
 * @category models
 * @since 0.1.0
 */
export interface RubricItem {
  /** A part of the key of its results: `<key>.<name>`. */
  readonly name: string
  readonly criteria: string
  /** How much it counts, from 0; only in relation to the others. Default 1. */
  readonly weight?: number | undefined
  /** What the verdict is. Default: a number from 1 to 5. */
  readonly output?: Output | undefined
}

/**
 * A judge by several criteria, in the manner of G-Eval (Liu and others, 2023): steps that say how to go about it, a form
 * to fill in with reasoning and verdict for each criterion, and one score. Verdicts are brought to 0 to 1 by the ends of
 * their range; the score is their mean by weight, and there is a result for each criterion beside it. G-Eval weighs the
 * verdicts by how probable the model finds them; models do not tell here, so `samples` is the way to the same: the mean of
 * several answers.
 *
 * A criterion that the model cannot judge (with `mayAbstain`) is left out of the mean, and the comment says so.
 *
 * Names that come twice, and weights below 0 or all 0, throw a `RangeError`.
 *
 * **Example** (Accuracy counts three times as much)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Judge } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const quality = Judge.rubric("quality", {
 *   steps: "Find the claims of the output first, then check each.",
 *   items: [
 *     { name: "accuracy", criteria: "Every claim is true.", weight: 3 },
 *     { name: "brevity", criteria: "No word could go.", output: Judge.boolean }
 *   ]
 * })
 * const model = ScriptedLanguageModel.layer(() => ({
 *   json: { accuracy: { reasoning: "One is half true.", verdict: 4 }, brevity: { reasoning: "It rambles.", verdict: false } }
 * }))
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("essays", { data: Dataset.fromIterable("essays", [{ inputs: "Cats" }]), target: () => "Cats are dogs." }),
 *     { evaluators: [quality] }
 *   ).pipe(Effect.provide([model, TracingClient.layerNone]))
 * )
 * for (const { comment, key, score } of experiment.rows.flatMap(Row.results)) console.log(`${key} ${score}: ${comment}`)
 * // => quality 0.5625: (3 x accuracy 0.75 + 1 x brevity 0) / 4
 * // => quality.accuracy 4: One is half true.
 * // => quality.brevity false: It rambles.
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const rubric = <
  Inputs = unknown,
  Outputs = unknown,
  ReferenceOutputs = unknown,
  Metadata = unknown,
  const Models extends ReadonlyArray<Model> = readonly [typeof LanguageModel.LanguageModel]
>(
  feedbackKey: string,
  options: Omit<Options<Inputs, Outputs, ReferenceOutputs, Metadata, Models>, "examples"> & {
    readonly items: ReadonlyArray<RubricItem>
    /** How to go about it, step by step. Default: nothing is said. */
    readonly steps?: string | undefined
    /** Variables that the judge cannot do without. Default: `output`, if `variables` does not say what is shown. */
    readonly needs?: ReadonlyArray<string> | undefined
  }
): Evaluator.Evaluator<Inputs, Outputs, ReferenceOutputs, Metadata, Models[number]["Identifier"]> => {
  refuseOthers("Judge.rubric", feedbackKey, options, "items", "steps", "needs")
  const { mayAbstain = false, needs = neededOf(options.variables), samples = 1, steps, variables, version } = options
  const items = options.items.map(({ criteria, name, output = number({ min: 1, max: 5 }), weight = 1 }) => ({
    criteria,
    name,
    output,
    weight
  }))
  check(feedbackKey, items)
  checkJudge(
    feedbackKey,
    Object.fromEntries(items.map(({ criteria, name }) => [`criteria of ${name}`, criteria])),
    options
  )
  const models = modelsOf(options.models)
  // The compiler does not follow a struct whose fields are made by a program.
  const form = formOf(Schema.Struct(
    Object.fromEntries(items.map(({ name, output }) => [name, judgementSchema(output, mayAbstain)]))
  ) as unknown as AnswerSchema<{ readonly [name: string]: Judgement }>)
  const system = instructions(
    [
      ...items.map(({ criteria, name, output }) => `${name}: ${criteria.trim()} ${verdictText(output, mayAbstain)}`),
      ...(steps === undefined ? [] : [`How to go about it: ${steps.trim()}`])
    ].join("\n"),
    `There is one for each of ${items.map(({ name }) => name).join(", ")}; judge each by itself.`
  )
  return Evaluator.make(
    feedbackKey,
    (args: Evaluator.EvaluatorArgs<Inputs, Outputs, ReferenceOutputs, Metadata>): Effect.Effect<
      EvaluationResult.Returned,
      unknown,
      Models[number]["Identifier"]
    > =>
      Effect.flatMap(shownOf(feedbackKey, needs, variables, args), (data) =>
        Effect.map(
          askAll(
            {
              judge: feedbackKey,
              prompt: messages(system, [], data),
              form,
              version,
              repetition: args.run.repetition
            },
            models,
            samples
          ),
          (answers) => answers instanceof Skip ? answers : rubricResults(feedbackKey, items, answers, options.combine)
        )),
    {
      ...limitsOf(options),
      version,
      keys: [feedbackKey, ...items.map(({ name }) => `${feedbackKey}.${name}`)],
      config: { promptVersion, items, steps, combine: options.combine, ...commonConfig(options) }
    }
  )
}

type Item = Required<RubricItem> & { readonly output: Output; readonly weight: number }

const check = (feedbackKey: string, items: ReadonlyArray<Item>): void => {
  const refuse = (why: string) => new RangeError(`the rubric ${feedbackKey} ${why}`)
  if (items.length === 0) throw refuse("has no items")
  const twice = items.find(({ name }, i) => items.findIndex((other) => other.name === name) !== i)
  if (twice !== undefined) throw refuse(`has two items named ${twice.name}`)
  const wrong = items.find(({ weight }) => !(weight >= 0) || weight === Infinity)
  if (wrong !== undefined) throw refuse(`gives ${wrong.name} the weight ${wrong.weight}, not a number from 0`)
  if (items.every(({ weight }) => weight === 0)) throw refuse("gives every item the weight 0")
}

const rubricResults = (
  feedbackKey: string,
  items: ReadonlyArray<Item>,
  { answers, cache }: Answers<{ readonly [name: string]: Judgement }>,
  by: "majority" | "mean" | undefined
): EvaluationResult.Returned => {
  const judged = items.map((item) => {
    const judgements = answers.map(({ answer }) =>
      answer[item.name] ?? { reasoning: "nothing was said", verdict: null }
    )
    return { item, combined: combine(judgements, item.output, by ?? usualCombining(item.output)) }
  })
  const scored = judged.flatMap(({ combined, item }) =>
    combined._tag === "Undecided" ? [] : [{ item, combined, share: shareOf(combined, item.output) }]
  )
  const weight = scored.reduce((sum, { item }) => sum + item.weight, 0)
  if (weight === 0) {
    return new Skip(
      judged.map(({ combined, item }) =>
        `${item.name}: ${combined._tag === "Undecided" ? combined.reason : "weight 0"}`
      )
        .join("; ")
    )
  }
  const sum = scored.map(({ item, share }) => `${item.weight} x ${item.name} ${rounded(share)}`).join(" + ")
  const without = judged.filter(({ combined }) => combined._tag === "Undecided").map(({ item }) => item.name)
  return {
    results: [
      {
        key: feedbackKey,
        score: scored.reduce((sum, { item, share }) => sum + item.weight * share, 0) / weight,
        comment: `(${sum}) / ${weight}${without.length === 0 ? "" : `; not judged: ${without.join(", ")}`}`,
        feedbackConfig: { type: "continuous", min: 0, max: 1 },
        ...(cache === undefined ? {} : { metadata: { cache } })
      },
      ...scored.map(({ combined, item }) => ({
        ...(combined._tag === "Verdict" ? resultOf(combined.verdict, item.output) : { score: combined.mean }),
        key: `${feedbackKey}.${item.name}`,
        comment: combined.comment
      }))
    ]
  }
}

const shareOf = (combined: Exclude<Combined, { readonly _tag: "Undecided" }>, output: Output): number => {
  const { max, min } = boundsOf(output)
  const value = combined._tag === "Mean" ? combined.mean : numberOf(combined.verdict, output)
  return max === min ? 1 : (value - min) / (max - min)
}

const rounded = (value: number): string => String(Number(value.toFixed(4)))
