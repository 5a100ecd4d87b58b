import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Target from "../../Target.ts"
import { hashOf, hashText } from "../values/identity.ts"
import { formatProblems, problemsOf } from "../values/schemaMessage.ts"
import { callUser } from "./userCode.ts"

export const TypeId = "~effect-evals/Target"

/**
 * The inputs or the outputs of a target do not fit its schema.
 *
 * @category errors
 * @since 0.1.0
 */
export class SchemaMismatch extends Schema.TaggedError<SchemaMismatch>()("SchemaMismatch", {
  target: Schema.String,
  part: Schema.Literals(["inputs", "outputs"]),
  message: Schema.String
}) {}

/**
 * There are no recorded outputs for an example.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecordedOutputMissing extends Schema.TaggedError<RecordedOutputMissing>()("RecordedOutputMissing", {
  exampleId: Schema.String,
  message: Schema.String
}) {}

/** A function, or several that do one thing. */
type Source = ((...args: never) => unknown) | ReadonlyArray<(...args: never) => unknown>

/** What identifies a target that is a function; where it has no version, the text of the function stands for it. */
export const describeFunction = (
  name: string,
  f: Source,
  options: { readonly version?: string | undefined; readonly config?: unknown }
): Target.Description => ({
  name,
  version: options.version,
  config: options.config,
  fingerprint: fingerprintOf("target", name, f, options)
})

/** A hash of name, version and configuration; where there is no version, of the function's text. */
export const fingerprintOf = (
  kind: "target" | "evaluator",
  name: string,
  f: Source,
  options: { readonly version?: string | undefined; readonly config?: unknown }
): string =>
  hashOf({
    kind,
    name,
    version: options.version,
    config: options.config,
    source: options.version === undefined ? hashText(String(f)) : undefined
  })

const calls = Symbol()

/** The run function of a target that is a function of the user, which may give a value, a promise or an effect. */
export const runFunction = <Inputs, Returned>(
  f: (inputs: Inputs, context: Target.TargetContext) => Returned
): RunFunction<Inputs, Target.Output<Returned>, Target.Failure<Returned>, Target.Services<Returned>> =>
  Object.assign((inputs: Inputs, context: Target.TargetContext) => callUser(() => f(inputs, context)), { [calls]: f })

/** The function of the user that a run function calls, if that is all it does: only an effect needs a fiber. */
export const functionOf = <I>(
  run: (inputs: I, context: Target.TargetContext) => unknown
): (inputs: I, context: Target.TargetContext) => unknown =>
  // Nothing else has the symbol.
  calls in run ? run[calls] as typeof run : run

type RunFunction<I, O, E, R> = (inputs: I, context: Target.TargetContext) => Effect.Effect<O, E, R>

/** The run function with inputs and outputs held against the schemas, where there are any. */
export const checked = <I, O, E, R>(
  target: string,
  run: RunFunction<I, O, E, R>,
  schemas: { readonly inputs?: Schema.Constraint | undefined; readonly outputs?: Schema.Constraint | undefined }
): RunFunction<I, O, E | SchemaMismatch, R> => {
  const checkInputs = checker(target, "inputs", schemas.inputs)
  const checkOutputs = checker(target, "outputs", schemas.outputs)
  if (checkInputs === undefined && checkOutputs === undefined) return run
  return (inputs, context) => {
    const outputs = checkInputs === undefined
      ? run(inputs, context)
      : Effect.andThen(checkInputs(inputs), run(inputs, context))
    return checkOutputs === undefined ? outputs : Effect.tap(outputs, checkOutputs)
  }
}

const checker = (target: string, part: "inputs" | "outputs", schema: Schema.Constraint | undefined) => {
  if (schema === undefined) return undefined
  const decode = Schema.decodeUnknownResult(Schema.toType(schema), { errors: "all" })
  return (value: unknown): Effect.Effect<void, SchemaMismatch> => {
    const decoded = decode(value)
    return Result.isSuccess(decoded) ? Effect.void : Effect.fail(
      new SchemaMismatch({
        target,
        part,
        message: `The ${part} of the target ${target} do not fit its schema: ` +
          `${formatProblems(problemsOf(decoded.failure, value, [part]))}.`
      })
    )
  }
}
