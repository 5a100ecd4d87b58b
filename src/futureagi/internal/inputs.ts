/** The inputs of an evaluation: held against the template, and as the server wants them. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as FutureAgi from "../FutureAgi.ts"
import { InvalidInputError } from "../FutureAgiError.ts"

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every(Predicate.isString)

/** Finds keys that are missing and keys that the template does not take. Nothing is filled in from elsewhere. */
export const mistakesOf = (request: FutureAgi.Request, template: FutureAgi.Template): InvalidInputError | undefined => {
  const given = Object.keys(request.inputs).filter((key) => Predicate.isNotNullish(request.inputs[key]))
  const missing = template.requiredKeys.filter((key) => !given.includes(key))
  const unexpected = given.filter((key) => !template.keys.includes(key))
  const wrongModel = template.models !== undefined && template.models.length > 0 &&
    (request.model === undefined || !template.models.includes(request.model))
  if (missing.length === 0 && unexpected.length === 0 && !wrongModel) return undefined
  const sentences = [
    ...(missing.length === 0 ? [] : [`${missing.join(", ")} missing or undefined`]),
    ...(unexpected.length === 0 ? [] : [`it does not take ${unexpected.join(", ")}`]),
    ...(wrongModel ? [`the model must be one of ${template.models?.join(", ")}, not ${request.model ?? "none"}`] : [])
  ]
  return new InvalidInputError({
    template: template.name,
    missing,
    unexpected,
    message: `these are not the inputs of ${template.name}: ${sentences.join("; ")}. It takes ` +
      `${template.keys.join(", ") || "none"}${
        template.requiredKeys.length === template.keys.length ? "" : `, and needs ${template.requiredKeys.join(", ")}`
      }. Nothing was sent.`
  })
}

/**
 * What is sent: texts and lists of texts as they are, everything else as JSON. The server takes a list for one value for
 * each of several evaluations, so where there is a list, everything is wrapped once more: one evaluation, whose value is
 * the list.
 */
export const encodeInputs = (
  request: FutureAgi.Request
): Effect.Effect<{ readonly [key: string]: unknown }, InvalidInputError> =>
  Effect.suspend(() => {
    const encoded: Array<[key: string, value: string | ReadonlyArray<string>]> = []
    for (const [key, value] of Object.entries(request.inputs)) {
      if (value === undefined || value === null) continue
      const text = Predicate.isString(value) || isTexts(value) ? value : toJson(value)
      if (text === undefined) {
        return Effect.fail(
          new InvalidInputError({
            template: request.template,
            missing: [],
            unexpected: [],
            message: `the input ${key} of ${request.template} is neither a text nor JSON. Nothing was sent.`
          })
        )
      }
      encoded.push([key, text])
    }
    const hasList = encoded.some(([, value]) => !Predicate.isString(value))
    return Effect.succeed(Object.fromEntries(encoded.map(([key, value]) => [key, hasList ? [value] : value])))
  })

const toJson = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
