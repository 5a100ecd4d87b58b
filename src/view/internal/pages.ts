/** The pages, each behind the token that stands first in its address. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Comparison from "../../Comparison.ts"
import { document, topBar } from "../../reports/internal/html/document.ts"
import { html } from "../../reports/internal/html/markup.ts"
import { makePage } from "../../reports/internal/html/page.ts"
import { ExperimentStore } from "../../sql/ExperimentStore.ts"
import { listEntries } from "./entries.ts"
import { isToken } from "./guard.ts"
import { listPage } from "./listPage.ts"
import { script } from "./listScript.ts"

/** So many are read for the charts. */
const listedAtMost = 500

const comparedAtMost = 8

export const layerPages = (
  token: Redacted.Redacted
): Layer.Layer<never, never, HttpRouter.HttpRouter | ExperimentStore> =>
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const store = yield* ExperimentStore
    const data = { label: undefined, lowerIsBetter: new Set<string>(), dataLength: 200_000 }
    const feedback = { url: "/api/experiments", token: Redacted.value(token) }
    const home = html`<a href="/${Redacted.value(token)}/">Experiments</a>`

    /** A page for those with the token; others are told as little as of a page that is not there. */
    const page = (
      answer: (
        parts: { readonly id: string; readonly query: URLSearchParams }
      ) => Effect.Effect<string, { readonly _tag: string; readonly message: string }>
    ) =>
      Effect.gen(function*() {
        const { id = "", token: given = "" } = yield* HttpRouter.params
        if (!isToken(token, given)) return HttpServerResponse.text("There is nothing here.\n", { status: 404 })
        const { url } = yield* HttpServerRequest.HttpServerRequest
        const { pathname, searchParams: query } = new URL(url, "http://localhost")
        // The router takes both; the links in the list are from below the slash.
        if (pathname === `/${given}`) return HttpServerResponse.redirect(`${pathname}/`, { status: 308 })
        return HttpServerResponse.text(yield* answer({ id: decodedId(id), query }), {
          contentType: "text/html; charset=utf-8"
        })
      }).pipe(
        Effect.catch((error) =>
          Effect.map(errorPage(error.message, home), (text) =>
            HttpServerResponse.text(text, {
              status: "reason" in error && error.reason === "NotFound" ? 404 : 500,
              contentType: "text/html; charset=utf-8"
            }))
        ),
        // What a meta element cannot say.
        Effect.map(HttpServerResponse.setHeader("content-security-policy", "frame-ancestors 'none'"))
      )

    yield* router.add(
      "GET",
      "/:token/",
      page(({ query }) =>
        Effect.flatMap(listEntries(store, { limit: listedAtMost + 1 }), (entries) =>
          listPage({
            entries: entries.slice(0, listedAtMost),
            isCut: entries.length > listedAtMost,
            token: Redacted.value(token),
            group: query.get("group") ?? undefined
          }))
      )
    )
    yield* router.add(
      "GET",
      "/:token/experiments/:id",
      page(({ id }) =>
        Effect.gen(function*() {
          const { status } = yield* store.get(id)
          const experiment = yield* store.read(id)
          return yield* makePage([experiment], { comparisons: [], rankings: {} }, {
            title: experiment.name,
            data,
            feedback,
            home,
            isRunning: status === "running"
          })
        })
      )
    )
    yield* router.add(
      "GET",
      "/:token/compare",
      page(Effect.fnUntraced(function*({ query }) {
        const ids = [...new Set(query.getAll("id"))].slice(0, comparedAtMost)
        const experiments = yield* Effect.forEach(ids, store.read)
        // What was first is what the others are held against.
        const [first, ...others] = experiments.toSorted((a, b) => a.startTime - b.startTime)
        if (first === undefined || others.length === 0) {
          return yield* new Comparison.ComparisonError({ message: "Choose two experiments or more to compare." })
        }
        const comparisons = yield* Comparison.makeAll([first, ...others])
        return yield* makePage([first, ...others], comparisons, {
          title: [first, ...others].map(({ name }) => name).join(", "),
          data,
          feedback,
          home
        })
      }))
    )
  }))

const decodedId = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const errorPage = (message: string, home: ReturnType<typeof html>) =>
  document({
    title: "effect-evals",
    script,
    body: [
      topBar("effect-evals", home),
      html`<main id="main"><p id="running" class="notice tone-bad">${message}</p></main>`
    ]
  })
