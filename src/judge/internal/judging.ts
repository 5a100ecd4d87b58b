/** What all judges of a single output have in common: what they are shown, and their limits. */
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Effect from "effect/Effect"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Execution from "../../Execution.ts"
import { limitNames } from "../../internal/engine/optionNames.ts"
import { optionNames, refuseUnknown } from "../../internal/values/options.ts"
import { JudgeError } from "../JudgeError.ts"
import type { Options } from "../JudgeMake.ts"
import type { Model } from "./ask.ts"
import type { Variables } from "./prompt.ts"

export const limitsOf = ({
  adaptiveConcurrency,
  concurrency,
  gracePeriod,
  rateLimit,
  rateLimitError,
  retry,
  rowTimeout,
  timeout
}: Execution.Options): Execution.Options => ({
  adaptiveConcurrency,
  concurrency,
  gracePeriod,
  rateLimit,
  rateLimitError,
  retry,
  rowTimeout,
  timeout
})

/** The names of what is said about any judge of a single output. */
const judgeNames = [
  ...limitNames,
  ...optionNames<
    Omit<Options<unknown, unknown, unknown, unknown, ReadonlyArray<Model>>, keyof Execution.Options>
  >({
    variables: true,
    examples: true,
    mayAbstain: true,
    samples: true,
    combine: true,
    models: true,
    version: true
  })
]

/** Throws where a judge is given options that it does not know. */
export const refuseOthers = (of: string, key: string, options: object, ...own: ReadonlyArray<string>): void =>
  refuseUnknown(`${of}(${JSON.stringify(key)})`, options, [...judgeNames, ...own])

/** Who is asked: the app's model, unless something else was said. */
export const modelsOf = <Models extends ReadonlyArray<Model>>(
  models: Models | undefined
): ReadonlyArray<Model<Models[number]["Identifier"]>> => models ?? [LanguageModel.LanguageModel]

/** What is wrong with a judge whatever the row is, to be seen before anything is run. */
export const checkJudge = (
  judge: string,
  words: { readonly [what: string]: string },
  { models, samples = 1 }: { readonly models?: ReadonlyArray<Model> | undefined; readonly samples?: number | undefined }
): void => {
  for (const [what, text] of Object.entries(words)) {
    if (text.trim() === "") throw new RangeError(`the judge ${judge}: the option ${what} is empty`)
  }
  if (models?.length === 0) throw new RangeError(`the judge ${judge} asks nobody: the option models is an empty list`)
  if (!Number.isInteger(samples) || samples < 1) {
    throw new RangeError(`the judge ${judge}: the option samples is ${samples}, not a count from 1`)
  }
}

/** What stands in the fingerprint of every judge. */
export const commonConfig = <I, O, Ref, M>(
  { examples, mayAbstain, models, samples, variables }: Options<I, O, Ref, M, ReadonlyArray<Model>>
) => ({
  examples: examples ?? [],
  mayAbstain: mayAbstain ?? false,
  samples: samples ?? 1,
  models: modelsOf(models).map(({ key }) => key),
  // What they show is known by their text alone.
  variables: String(variables)
})

/** Without an output there is nothing to judge, unless the judge is shown something else. */
export const neededOf = (variables: unknown): ReadonlyArray<string> => variables === undefined ? ["output"] : []

/** The variables of a row that are there, if all that are needed are. */
export const shownOf = <I, O, Ref, M>(
  judge: string,
  needs: ReadonlyArray<string>,
  variables: Options<I, O, Ref, M, ReadonlyArray<Model>>["variables"],
  args: Evaluator.EvaluatorArgs<I, O, Ref, M>
): Effect.Effect<Variables, JudgeError> =>
  present(
    judge,
    needs,
    variables?.(args) ?? { input: args.inputs, output: args.outputs, reference: args.referenceOutputs }
  )

export const present = (
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
