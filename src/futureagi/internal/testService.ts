/** The service without a server. */
import * as Effect from "effect/Effect"
import type * as FutureAgi from "../FutureAgi.ts"
import { FutureAgiError, NotFoundError, type Reason } from "../FutureAgiError.ts"
import { encodeInputs, mistakesOf } from "./inputs.ts"

const emptyResult: FutureAgi.Result = {
  evalId: undefined,
  template: undefined,
  output: undefined,
  outputType: undefined,
  reason: undefined,
  runtimeMillis: undefined,
  model: undefined,
  errorLocalizer: undefined
}

export const makeTestService = (
  answer: (request: FutureAgi.Request) => Partial<FutureAgi.Result> | Reason,
  options: {
    readonly templates?: ReadonlyArray<Partial<FutureAgi.Template> & { readonly name: string }> | undefined
    readonly polls?: number | undefined
  }
): FutureAgi.FutureAgi["Service"] => {
  const templates = (options.templates ?? []).map((template): FutureAgi.Template => ({
    description: undefined,
    tags: [],
    keys: template.requiredKeys ?? [],
    requiredKeys: template.keys ?? [],
    models: undefined,
    output: undefined,
    isCustom: false,
    ...template
  }))
  const submitted: Array<{ readonly request: FutureAgi.Request; polls: number }> = []

  const check = (request: FutureAgi.Request) => {
    if (templates.length === 0) return Effect.asVoid(encodeInputs(request))
    const template = templates.find(({ name }) => name === request.template)
    if (template === undefined) {
      return Effect.fail(
        new NotFoundError({
          what: "template",
          name: request.template,
          message: `there is no template ${request.template}`
        })
      )
    }
    const mistakes = mistakesOf(request, template)
    return mistakes === undefined ? Effect.asVoid(encodeInputs(request)) : Effect.fail(mistakes)
  }
  const resultOf = (request: FutureAgi.Request, evalId: string | undefined): FutureAgi.Result | Reason => {
    const given = answer(request)
    return "_tag" in given
      ? given
      : { ...emptyResult, evalId, template: request.template, model: request.model, runtimeMillis: 0, ...given }
  }
  const failing = (operation: FutureAgiError["operation"]) =>
    Effect.mapError((reason: Reason) => new FutureAgiError({ operation, reason }))

  return {
    evaluate: Effect.fnUntraced(function*(request) {
      yield* check(request)
      const result = resultOf(request, undefined)
      return "_tag" in result ? yield* Effect.fail(result) : result
    }, failing("evaluate")),
    submit: Effect.fnUntraced(function*(request) {
      yield* check(request)
      submitted.push({ request, polls: 0 })
      return `evaluation-${submitted.length}`
    }, failing("submit")),
    getResult: Effect.fnUntraced(function*(evalId): Effect.fn.Return<FutureAgi.State, Reason> {
      const job = submitted[Number(evalId.replace("evaluation-", "")) - 1]
      if (job === undefined) {
        return yield* new NotFoundError({
          what: "evaluation",
          name: evalId,
          message: `there is no evaluation ${evalId}`
        })
      }
      if (job.polls++ < (options.polls ?? 0)) return { _tag: "Pending" }
      const result = resultOf(job.request, evalId)
      if (!("_tag" in result)) return { _tag: "Completed", result }
      if (result._tag === "EvaluationFailedError") return { _tag: "Failed", message: result.message, result: undefined }
      return yield* Effect.fail(result)
    }, failing("getResult")),
    templates: Effect.succeed(templates)
  }
}
