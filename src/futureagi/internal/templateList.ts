/** The list of templates: asked for once, kept, and asked for again where a template is not in it. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type * as FutureAgi from "../FutureAgi.ts"
import { type InvalidInputError, NotFoundError, type Reason, UnexpectedAnswerError } from "../FutureAgiError.ts"
import type { Connection } from "./connection.ts"
import { encodeInputs, mistakesOf } from "./inputs.ts"
import { templatesOf } from "./wire.ts"

/** A template that is not in the list may be new, but not newer than this. */
const freshFor = Duration.toMillis("30 seconds")

export interface TemplateList {
  /** Asks the server. */
  readonly load: Effect.Effect<ReadonlyArray<FutureAgi.Template>, Reason>
  /** What to send for a request, if its inputs are those of its template. */
  readonly inputsOf: (request: FutureAgi.Request) => Effect.Effect<{ readonly [key: string]: unknown }, Reason>
}

export const makeTemplateList = Effect.fnUntraced(function*(
  connection: Connection,
  checkInputs: boolean
): Effect.fn.Return<TemplateList> {
  const semaphore = yield* Semaphore.make(1)
  let known = new Map<string, FutureAgi.Template>()
  let loadedAt = Number.NEGATIVE_INFINITY

  const load = Effect.gen(function*() {
    const answer = yield* connection.get("/sdk/api/v1/get-evals/", { what: "address", name: "get-evals" })
    const templates = templatesOf(answer)
    if (templates === undefined) {
      return yield* new UnexpectedAnswerError({
        message: `the list of templates is not understood: ${JSON.stringify(answer).slice(0, 200)}`
      })
    }
    known = new Map(templates.map((template) => [template.name, template]))
    loadedAt = yield* Clock.currentTimeMillis
    return templates
  })

  const find = Effect.fnUntraced(function*(name: string) {
    const now = yield* Clock.currentTimeMillis
    // Another request may have loaded it while this one waited.
    if (!known.has(name) && now - loadedAt > freshFor) yield* load
    const template = known.get(name)
    if (template !== undefined) return template
    return yield* new NotFoundError({
      what: "template",
      name,
      message: `there is no template ${JSON.stringify(name)}. Nothing was sent. ${similarTo(name, known.keys())}`
    })
  }, semaphore.withPermits(1))

  return {
    load,
    inputsOf: Effect.fnUntraced(function*(request) {
      if (checkInputs) {
        const mistakes: InvalidInputError | undefined = mistakesOf(
          request,
          known.get(request.template) ?? (yield* find(request.template))
        )
        if (mistakes !== undefined) return yield* mistakes
      }
      return yield* encodeInputs(request)
    })
  }
})

/** The names that have a word in common, for whoever has misspelt one. */
const similarTo = (name: string, known: Iterable<string>): string => {
  const words = name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word.length > 2)
  const all = Array.from(known)
  const similar = all.filter((other) => words.some((word) => other.toLowerCase().includes(word))).slice(0, 5)
  return similar.length === 0 ? `The server has ${all.length} others.` : `Is it one of ${similar.join(", ")}?`
}
