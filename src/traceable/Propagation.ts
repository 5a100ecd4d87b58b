/**
 * Traces across processes: headers that say below what a request is made, and functions that run below what headers say.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Headers from "effect/http/Headers"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { currentContext, enableTracing, within } from "../internal/engine/asyncScope.ts"
import { pathFromRun } from "../internal/engine/runTree.ts"
import { uuidOfSpan } from "../internal/values/identity.ts"
import { type Baggage, dottedOrderOf, parseBaggage, writeBaggage } from "./internal/langsmithHeaders.ts"

export type { Baggage } from "./internal/langsmithHeaders.ts"

/** What came in, for requests that go out below it. */
class LangSmithParent extends Context.Service<LangSmithParent, {
  readonly order: string
  readonly baggage: string | undefined
}>()("effect-evals/traceable/LangSmithParent") {}

/**
 * Headers for a request to a service that traces as well.
 *
 * - `traceparent`, by W3C, is the current span;
 * - `langsmith-trace` is its place below the run of an evaluation, as LangSmith's SDKs understand it; elsewhere it is what
 *   came in by `withHeaders`, given on;
 * - `baggage` says what LangSmith is to note about the runs of the other service.
 *
 * Without a current span there are none.
 *
 * **Example** (A request to a service of one's own)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { traceHeaders } from "effect-evals/traceable"
 *
 * const seen: Array<string> = []
 * // Stands for `fetch`.
 * const ask = async (url: string, init: { readonly headers: Record<string, string> }) => {
 *   seen.push(...Object.keys(init.headers))
 *   return `an answer from ${url}`
 * }
 * const evaluation = Evaluation.make("service", {
 *   data: Dataset.fromIterable("questions", [{ inputs: "why?" }]),
 *   target: () => ask("http://service", { headers: traceHeaders({ tags: ["evaluation"] }) })
 * })
 * await Effect.runPromise(Evaluation.run(evaluation).pipe(Effect.provide(TracingClient.layerNone)))
 * console.log(seen) // => [ 'traceparent', 'langsmith-trace', 'baggage' ]
 * ```
 *
 * @category propagation
 * @since 0.1.0
 */
export const traceHeaders = (baggage: Baggage = {}): Record<string, string> => {
  enableTracing()
  const context = currentContext()
  const parent = context === undefined ? undefined : Context.getOrUndefined(context, Tracer.ParentSpan)
  if (context === undefined || parent === undefined) return {}
  const path = pathFromRun(parent)
  const incoming = Context.getOrUndefined(context, LangSmithParent)
  const order = path === undefined ? incoming?.order : dottedOrderOf(
    path.map(({ id, isRun, startTime }) => ({ startTime, id: isRun ? id : uuidOfSpan(startTime, id) }))
  )
  const carried = [writeBaggage(baggage), path === undefined ? incoming?.baggage : undefined]
    .filter((text) => text !== undefined && text !== "").join(",")
  return {
    ...(parent._tag === "Span" ? { traceparent: HttpTraceContext.toHeaders(parent)["traceparent"] ?? "" } : {}),
    ...(order === undefined ? {} : { "langsmith-trace": order }),
    ...(carried === "" ? {} : { baggage: carried })
  }
}

/**
 * What headers of a request say about where it comes from.
 *
 * @category models
 * @since 0.1.0
 */
export interface TraceParent {
  /** By `traceparent`, or by B3 headers: a parent for the spans of effects, by `Effect.withParentSpan`. */
  readonly span: Tracer.ExternalSpan | undefined
  /** By `langsmith-trace`. */
  readonly langSmith: {
    readonly traceId: string
    readonly parentRunId: string
    readonly dottedOrder: string
    readonly baggage: Baggage
  } | undefined
}

/**
 * Reads the headers of a request, be they of `fetch`, of Node or of Effect. What is not as it should be is as good as not
 * there.
 *
 * **Example** (Where does this request come from?)
 *
 * ```ts
 * import { parseTraceHeaders } from "effect-evals/traceable"
 *
 * const parent = parseTraceHeaders({
 *   traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
 *   "langsmith-trace": "20261121T081500000000Z019aa5b2-0000-7000-8000-000000000001",
 *   baggage: "langsmith-tags=nightly"
 * })
 * console.log(parent.span?.traceId) // => 0af7651916cd43dd8448eb211c80319c
 * console.log(parent.langSmith?.parentRunId, parent.langSmith?.baggage.tags) // => 019aa5b2-0000-7000-8000-000000000001 [ 'nightly' ]
 * ```
 *
 * @category propagation
 * @since 0.1.0
 */
export const parseTraceHeaders = (headers: HeadersInput): TraceParent => {
  const read = reader(headers)
  const named = Headers.fromRecordUnsafe(
    Object.fromEntries(
      ["traceparent", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"]
        .flatMap((name) => {
          const value = read(name)
          return value === undefined ? [] : [[name, value]]
        })
    )
  )
  const dottedOrder = read("langsmith-trace")?.trim()
  const ids = dottedOrder?.split(".").map((step) => /Z([0-9a-f-]{36})$/i.exec(step)?.[1])
  const traceId = ids?.[0]
  const parentRunId = ids?.at(-1)
  return {
    span: Option.getOrUndefined(HttpTraceContext.fromHeaders(named)),
    langSmith: dottedOrder === undefined || traceId === undefined || parentRunId === undefined ? undefined : {
      dottedOrder,
      traceId,
      parentRunId,
      baggage: parseBaggage(read("baggage"))
    }
  }
}

/**
 * Headers of a request, in any of the usual forms.
 *
 * @category models
 * @since 0.1.0
 */
export type HeadersInput =
  | { get(name: string): string | null | undefined }
  | { readonly [name: string]: string | ReadonlyArray<string> | undefined }

/**
 * Runs a function below what the headers of a request say: traced functions and `traceHeaders` in it go on from there.
 * Effects take `parseTraceHeaders(headers).span` instead; Effect's own HTTP server does so by itself.
 *
 * @category propagation
 * @since 0.1.0
 */
export const withHeaders = <A>(headers: HeadersInput, f: () => A): A => {
  const { langSmith, span } = parseTraceHeaders(headers)
  let context = currentContext() ?? Context.empty()
  if (span !== undefined) context = Context.add(context, Tracer.ParentSpan, span)
  if (langSmith !== undefined) {
    const baggage = reader(headers)("baggage")
    context = Context.add(context, LangSmithParent, { order: langSmith.dottedOrder, baggage })
  }
  return within(context, f)
}

const reader = (headers: HeadersInput) => (name: string): string | undefined => {
  const value = "get" in headers && typeof headers.get === "function"
    ? headers.get(name)
    : (headers as { readonly [name: string]: string | ReadonlyArray<string> | undefined })[name]
  return typeof value === "string" ? value : Array.isArray(value) ? value.join(",") : undefined
}
