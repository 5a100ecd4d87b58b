/** What evaluators by vectors take from a row, and what identifies them. */
import * as Effect from "effect/Effect"
import type * as Evaluator from "../../Evaluator.ts"
import { mostAssigned } from "../../internal/values/assignment.ts"
import { describe } from "../../internal/values/describe.ts"
import { JudgeError } from "../JudgeError.ts"
import type { Options } from "../Semantic.ts"
import { limitsOf } from "./judging.ts"

export const selected = <I, O, Ref, M>(
  options: Pick<Options<I, O, Ref, M>, "actual" | "expected">,
  part: "actual" | "expected",
  args: Evaluator.EvaluatorArgs<I, O, Ref, M>
): unknown => (options[part] ?? (part === "actual" ? () => args.outputs : () => args.referenceOutputs))(args)

const unusable = (judge: string, part: string, value: unknown, wanted: string) =>
  new JudgeError({
    judge,
    message: `${judge}: the ${part} ${
      value === undefined ? "is missing" : `is ${describe(value)}, not ${wanted}`
    }. Say with the option ${part} where to find it.`
  })

export const textOf = (judge: string, part: string, value: unknown): Effect.Effect<string, JudgeError> =>
  typeof value === "string" ? Effect.succeed(value) : Effect.fail(unusable(judge, part, value, "a text"))

export const textsOf = (
  judge: string,
  part: string,
  value: unknown
): Effect.Effect<ReadonlyArray<string>, JudgeError> =>
  Array.isArray(value) && value.length <= mostAssigned && value.every((text) => typeof text === "string")
    ? Effect.succeed(value)
    : Effect.fail(unusable(judge, part, value, `a list of at most ${mostAssigned} texts`))

export const evaluatorOptions = <I, O, Ref, M>(
  options: Options<I, O, Ref, M>,
  config: object
): Evaluator.Options<I, O, Ref, M> => ({
  ...limitsOf(options),
  version: options.version,
  config: { ...config, actual: String(options.actual), expected: String(options.expected) }
})
